/* Certificates of PARTITION instances, made without the library: a plain branch and bound. */
#include "partition.h"

#include <math.h>
#include <sha2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODE_LIMIT 200000

/* Coefficients must be squares of doubles for exact responses: with m = (a + 1)^2 and k = (a -
 * 1)^2, m x + k y = 4 a x + k where x + y = 1. */
typedef struct tree {
    size_t count, neurons;
    const long *numbers;
    double target, lower;
    size_t nodes, leaves;
    size_t *node;
    double *value, *dual; /* per node; per leaf: the multiplier of the last row */
} tree;

static double term(const tree *t, size_t j, double x, double v)
{
    double a = (double)t->numbers[j], m = (a + 1) * (a + 1), k = (a - 1) * (a - 1);
    return cbrt(x * x) + cbrt((1 - x) * (1 - x)) - v * (m * x + k * (1 - x));
}

/* D(v) + sum of the least terms; the rows x_j + y_j = 1 need no multiplier, as pairs obey them. */
static double bound(const tree *t, const double *low, const double *high, double v)
{
    double sum = v * t->target;
    for (size_t j = 0; j < t->count; j++)
        sum += fmin(term(t, j, low[j], v), term(t, j, high[j], v));
    return sum;
}

/* The bound is concave in v: ternary search over a wide interval. */
static double best_multiplier(const tree *t, const double *low, const double *high)
{
    double a = -1e3, b = 1e3;
    for (int i = 0; i < 200; i++) {
        double p = a + (b - a) / 3, q = b - (b - a) / 3;
        if (bound(t, low, high, p) < bound(t, low, high, q))
            a = p;
        else
            b = q;
    }
    double v = (a + b) / 2;
    return bound(t, low, high, v) > bound(t, low, high, 0) ? v : 0;
}

/* Preorder: this node, then its first child's tree, then its second's. */
static bool grow(tree *t, double *low, double *high)
{
    if (t->nodes >= NODE_LIMIT) return false;
    double v = best_multiplier(t, low, high), b = bound(t, low, high, v);
    size_t self = t->nodes++, widest = 0;
    if (b >= t->lower + 1e-11) {
        t->node[self] = t->neurons + t->leaves;
        t->value[self] = b - 1e-12;
        t->dual[t->leaves++] = v;
        return true;
    }
    double gain = -1;
    for (size_t j = 0; j < t->count; j++) {
        double g = (high[j] - low[j]) * (double)t->numbers[j];
        if (g > gain) widest = j, gain = g;
    }
    double at = (low[widest] + high[widest]) / 2, saved;
    if (high[widest] - low[widest] < 1e-6) return false;
    t->node[self] = widest;
    t->value[self] = at;
    saved = high[widest];
    high[widest] = at;
    bool fine = grow(t, low, high);
    high[widest] = saved;
    saved = low[widest];
    low[widest] = at;
    fine = fine && grow(t, low, high);
    low[widest] = saved;
    return fine;
}

static void reals(FILE *file, const char *name, size_t count, const double *values)
{
    fprintf(file, ",\n \"%s\": [", name);
    for (size_t k = 0; k < count; k++)
        fprintf(file, "%s\"%a\"", k ? ", " : "", values[k]);
    fputs("]", file);
}

static void wholes(FILE *file, const char *name, size_t count, const size_t *values)
{
    fprintf(file, ",\n \"%s\": [", name);
    for (size_t k = 0; k < count; k++)
        fprintf(file, "%s%zu", k ? ", " : "", values[k]);
    fputs("]", file);
}

static void hash(SHA2_CTX *context, double x)
{
    uint64_t bits;
    unsigned char bytes[8];
    memcpy(&bits, &x, sizeof bits);
    for (int b = 0; b < 8; b++)
        bytes[b] = (unsigned char)(bits >> 8 * b);
    SHA256Update(context, bytes, sizeof bytes);
}

/* Rows: one per pair, then the balance. */
static void write_data(const tree *t, const char *path, char digest[SHA256_DIGEST_STRING_LENGTH])
{
    SHA2_CTX context;
    FILE *file = fopen(path, "w");
    if (!file) return;
    SHA256Init(&context);
    for (size_t i = 0; i <= t->count; i++) {
        for (size_t k = 0; k < t->neurons; k++) {
            size_t j = k < t->count ? k : k - t->count;
            long balance = k < t->count ? t->numbers[j] + 1 : t->numbers[j] - 1;
            long x = i == t->count ? balance : (long)(i == j);
            fprintf(file, "%ld,", x);
            hash(&context, (double)x);
        }
        fprintf(file, "%.0f\n", i == t->count ? t->target : 1.0);
    }
    for (size_t i = 0; i <= t->count; i++)
        hash(&context, i == t->count ? t->target : 1.0);
    SHA256End(&context, digest);
    fclose(file);
}

static void write_network(FILE *file, const tree *t, const bool *side, double gap)
{
    size_t m = t->neurons, zero[2 * PARTITION_LIMIT] = {0};
    double *unit = calloc(m * m + 1, sizeof *unit), alpha[2 * PARTITION_LIMIT] = {0};
    for (size_t k = 0; k < m && unit; k++) {
        unit[k * m + k] = 1;
        if (side) alpha[k] = k < t->count ? side[k] : !side[k - t->count];
    }
    if (side) fprintf(file, ",\n \"upper\": \"%a\",\n \"gap\": \"%a\"", (double)t->count, gap);
    wholes(file, "groups", m, zero);
    if (unit) reals(file, "neurons", m * m, unit);
    reals(file, "alpha", m, alpha);
    free(unit);
}

static void write_tree(FILE *file, const tree *t, bool drop, double lift)
{
    size_t pairs[3 * PARTITION_LIMIT], n = t->count + 1;
    double low[2 * PARTITION_LIMIT] = {0}, high[2 * PARTITION_LIMIT];
    double *duals = calloc(t->leaves * n + 1, sizeof *duals);
    if (!duals) return;
    for (size_t j = 0; j < t->count; j++) {
        pairs[3 * j] = j;
        pairs[3 * j + 1] = t->count + j;
        pairs[3 * j + 2] = j;
        high[j] = high[t->count + j] = 1;
    }
    for (size_t l = 0; l < t->leaves; l++)
        duals[l * n + t->count] = t->dual[l];
    for (size_t k = 0; k < t->nodes && lift != 0; k++) {
        if (t->node[k] < t->neurons) continue;
        t->value[k] += lift;
        break;
    }
    wholes(file, "pairs", 3 * t->count, pairs);
    reals(file, "low", t->neurons, low);
    reals(file, "high", t->neurons, high);
    reals(file, "duals", t->leaves * n, duals);
    wholes(file, "nodes", t->nodes - drop, t->node);
    reals(file, "node_values", t->nodes - drop, t->value);
    free(duals);
}

size_t partition_write(const char *data, const char *certificate, size_t count, const long *numbers,
                       const bool *side, double lower, bool drop, double lift)
{
    double low[PARTITION_LIMIT] = {0}, high[PARTITION_LIMIT] = {0}, sum = 0;
    if (count < 1 || count > PARTITION_LIMIT) return 0;
    tree t = {.count = count, .neurons = 2 * count, .numbers = numbers, .lower = lower};
    for (size_t j = 0; j < count; j++) {
        double a = (double)numbers[j];
        high[j] = 1;
        sum += a;
        t.target += (a - 1) * (a - 1);
    }
    t.target += 2 * sum; /* sum 4 a x = 2 sum a */
    t.node = malloc(NODE_LIMIT * sizeof *t.node);
    t.value = malloc(NODE_LIMIT * sizeof *t.value);
    t.dual = malloc(NODE_LIMIT * sizeof *t.dual);
    FILE *file = fopen(certificate, "w");
    bool fine = t.node && t.value && t.dual && file && grow(&t, low, high);
    if (fine) {
        char digest[SHA256_DIGEST_STRING_LENGTH] = "";
        write_data(&t, data, digest);
        fprintf(
            file,
            "{\"format\": \"zerogap-certificate/1\",\n \"header\": false,\n \"columns\": %zu,\n"
            " \"targets\": [%zu],\n \"samples\": %zu,\n"
            " \"digest\": \"%s\",\n"
            " \"task\": \"regression\",\n \"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"],\n"
            " \"architecture\": \"dense\",\n \"loss\": \"interpolate\",\n \"beta\": \"0x1p+0\",\n"
            " \"power\": [2, 3],\n \"nonnegative\": true,\n \"lower\": \"%a\"",
            t.neurons + 1, t.neurons, count + 1, digest, lower);
        write_network(file, &t, side, 1e-6);
        write_tree(file, &t, drop, lift);
        fputs("}\n", file);
    }
    if (file) fclose(file);
    free(t.node);
    free(t.value);
    free(t.dual);
    return fine ? t.leaves : 0;
}

long partition_decide(size_t count, const long *numbers, bool *side)
{
    long best = -1;
    for (unsigned long mask = 0; mask < 1UL << count; mask++) {
        long sum = 0;
        for (size_t j = 0; j < count; j++)
            sum += mask >> j & 1 ? numbers[j] : -numbers[j];
        if (best >= 0 && labs(sum) >= best) continue;
        best = labs(sum);
        for (size_t j = 0; j < count && side; j++)
            side[j] = mask >> j & 1;
    }
    return best;
}
