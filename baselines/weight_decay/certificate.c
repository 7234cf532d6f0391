/* Proof trees as certificate files. */
#include "baselines/weight_decay/certificate.h"

#include "base/formats.h"
#include "base/replace.h"
#include "baselines/weight_decay/bound.h"
#include "core/proof.h"
#include "core/proof_text.h"
#include "core/safe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the tree in preorder ------------------------------------------------------------------ */

/* Either visits a node of the record, or sets the interval of a column. */
typedef struct zg_step {
    size_t node; /* SIZE_MAX: set */
    size_t column;
    double low, high;
} step;

typedef struct zg_flat {
    const zg_decay_proof *proof;
    zg_decay_pair *pairs;
    zg_decay_bound bound;
    double *low, *high; /* columns */
    size_t count;
    size_t *node;  /* record->count: column, or columns + index of the multipliers */
    double *value; /* record->count */
    step *stack;
    double lower; /* least leaf bound */
} flat;

/* What the responses and slopes of neurons that are no axes may be off against exact ones, as a
 * share of the sizes involved. */
static double response_error(const flat *f)
{
    const zg_dictionary *dictionary = f->proof->dictionary;
    for (size_t e = 0; e < dictionary->count * dictionary->width; e++)
        if (dictionary->u[e] != 0.0 && dictionary->u[e] != 1.0)
            return 8.0 * ((double)dictionary->width + 8.0) * DBL_EPSILON;
    return 0.0;
}

/* margin[k] = sum_i |v_i| (|a| |x_i|^2 + |b| |x_i| + |c|): the size of column k's slope; the same
 * for all columns. */
static double slope_size(const zg_decay_proof *proof, const double *v)
{
    const zg_problem *training = proof->training;
    double total = 0.0;
    for (size_t i = 0; i < proof->decay->rows; i++) {
        const double *x = training->x + (proof->origin ? proof->origin[i] : i) * training->inputs;
        double square = 0.0;
        for (size_t k = 0; k < training->inputs; k++)
            square += x[k] * x[k];
        total += fabs(v[i]) *
                 (fabs(training->activation.a) * square +
                  fabs(training->activation.b) * sqrt(square) + fabs(training->activation.c));
    }
    return total;
}

static double leaf_bound(flat *f, const double *v, double error)
{
    const zg_decay_problem *decay = f->proof->decay;
    zg_decay_bound_evaluate(decay, f->low, f->high, v, &f->bound);
    double value = f->bound.value;
    if (error == 0.0) return value;
    double reach = 0.0;
    for (size_t k = 0; k < decay->columns; k++)
        reach += fmax(fabs(f->low[k]), fabs(f->high[k]));
    return value - error * slope_size(f->proof, v) * reach - 1e-15 * fabs(value);
}

static zg_status flatten(flat *f, zg_error *error)
{
    const zg_decay_record *record = f->proof->record;
    size_t columns = f->proof->decay->columns, top = 1;
    memcpy(f->low, f->proof->result->root_lower, columns * sizeof *f->low);
    memcpy(f->high, f->proof->result->root_upper, columns * sizeof *f->high);
    double off = response_error(f);
    f->stack[0] = (step){.node = 0};
    f->lower = f->proof->result->outside;
    while (top > 0) {
        step now = f->stack[--top];
        if (now.node == SIZE_MAX) {
            f->low[now.column] = now.low;
            f->high[now.column] = now.high;
            continue;
        }
        const zg_decay_split *split = record->splits + now.node;
        size_t k = split->column;
        if (k == SIZE_MAX) {
            if (split->v == SIZE_MAX)
                return zg_fail(error, ZG_FAILED, "the proof tree has open boxes");
            double value = leaf_bound(f, record->pool + split->v, off);
            f->lower = zg_lower_min(f->lower, value);
            f->value[f->count] = value;
            f->node[f->count++] = columns + split->v / record->rows;
            continue;
        }
        double low = f->low[k], high = f->high[k], at = split->at;
        f->node[f->count] = k;
        f->value[f->count++] = at;
        /* On a stack the last comes first. */
        f->stack[top++] = (step){.node = SIZE_MAX, .column = k, .low = low, .high = high};
        f->stack[top++] = (step){.node = split->left + 1};
        f->stack[top++] = (step){.node = SIZE_MAX, .column = k, .low = at, .high = high};
        f->stack[top++] = (step){.node = split->left};
        f->stack[top++] = (step){.node = SIZE_MAX, .column = k, .low = low, .high = at};
    }
    return ZG_OK;
}

static zg_status flat_create(const zg_decay_proof *proof, flat *f, zg_error *error)
{
    size_t n = proof->decay->columns, nodes = proof->record->count;
    *f = (flat){.proof = proof};
    double **arrays[] = {&f->low, &f->high, &f->value};
    size_t lengths[] = {n, n, nodes};
    for (size_t i = 0; i < 3; i++) {
        *arrays[i] = calloc(lengths[i] + 1, sizeof(double));
        if (!*arrays[i]) return zg_no_memory(error);
    }
    f->node = calloc(nodes + 1, sizeof *f->node);
    /* A split takes one step off and puts five on; half of all nodes are splits. */
    f->stack = calloc(2 * nodes + 8, sizeof *f->stack);
    f->pairs = calloc(n + 1, sizeof *f->pairs);
    if (!f->node || !f->stack || !f->pairs) return zg_no_memory(error);
    zg_decay_find_pairs(proof->decay, f->pairs);
    return zg_decay_bound_create(proof->decay, f->pairs, &f->bound) ? zg_no_memory(error) : ZG_OK;
}

static void flat_clear(flat *f)
{
    zg_decay_bound_clear(&f->bound);
    free(f->pairs);
    free(f->low);
    free(f->high);
    free(f->node);
    free(f->value);
    free(f->stack);
}

/* ---- the file ------------------------------------------------------------------------------ */

static void put_digest(FILE *file, const zg_problem *training)
{
    char hex[ZG_PROOF_DIGEST_SIZE];
    zg_proof_digest(training->samples, training->inputs, 1, training->x, training->y, hex);
    zg_put_word(file, "digest", hex);
}

/* Numerator and denominator. */
static bool fraction_of(double power, size_t fraction[2])
{
    for (size_t s = 2; s <= 64; s++)
        for (size_t r = 1; r < s; r++)
            if ((double)r / (double)s == power) {
                fraction[0] = r;
                fraction[1] = s;
                return true;
            }
    return false;
}

/* Whether Phi w = y holds exactly: whole weights, whole responses, and sums in the range where
 * doubles hold whole numbers. */
static bool fits_exactly(const zg_decay_problem *decay, const double *w)
{
    for (size_t k = 0; k < decay->columns; k++)
        if (w[k] != rint(w[k])) return false;
    for (size_t i = 0; i < decay->rows; i++) {
        double sum = 0.0, size = 0.0;
        for (size_t k = 0; k < decay->columns; k++) {
            double phi = decay->phi[i * decay->columns + k];
            if (phi != rint(phi)) return false;
            sum += phi * w[k];
            size += fabs(phi * w[k]);
        }
        if (sum != decay->y[i] || size > 0x1p50) return false;
    }
    return true;
}

static void put_claim(FILE *file, const flat *f)
{
    const zg_decay_proof *proof = f->proof;
    const zg_decay_problem *decay = proof->decay;
    double objective = proof->result->objective;
    double upper = objective + 1e-10 * fmax(1.0, fabs(objective));
    zg_put_real(file, "lower", f->lower);
    if (!zg_loss_has(decay->loss, ZG_LOSS_EXACT) || fits_exactly(decay, proof->result->w)) {
        double gap = (upper - f->lower) / fmax(1.0, fabs(upper)) * (1.0 + 1e-12);
        zg_put_real(file, "upper", upper);
        zg_put_real(file, "gap", fmax(0.0, gap) + DBL_MIN);
    }
    fputs(",\n \"groups\": [", file);
    for (size_t k = 0; k < decay->columns; k++)
        fputs(k ? ", 0" : "0", file);
    fputc(']', file);
    zg_put_reals(file, "neurons", decay->columns * proof->dictionary->width, proof->dictionary->u);
    zg_put_reals(file, "alpha", decay->columns, proof->result->w);
}

static size_t sample_of(const zg_decay_proof *proof, size_t row)
{
    return proof->origin ? proof->origin[row] : row;
}

/* The row behind a pair. */
static size_t pair_row(const zg_decay_problem *decay, size_t k, size_t l)
{
    for (size_t i = 0; i < decay->rows; i++) {
        const double *row = decay->phi + i * decay->columns;
        size_t nonzeros = 0;
        for (size_t j = 0; j < decay->columns; j++)
            nonzeros += row[j] != 0.0;
        if (nonzeros == 2 && row[k] != 0.0 && row[l] != 0.0) return i;
    }
    return 0;
}

static void put_pairs(FILE *file, const flat *f)
{
    bool first = true;
    for (size_t k = 0; k < f->proof->decay->columns; k++) {
        if (f->pairs[k].role != ZG_DECAY_LEADER) continue;
        size_t l = f->pairs[k].partner;
        fprintf(file, "%s%zu, %zu, %zu", first ? ",\n \"pairs\": [" : ", ", k, l,
                sample_of(f->proof, pair_row(f->proof->decay, k, l)));
        first = false;
    }
    if (!first) fputc(']', file);
}

static void put_duals(FILE *file, const flat *f)
{
    const zg_decay_proof *proof = f->proof;
    const zg_decay_record *record = proof->record;
    size_t samples = proof->training->samples, vectors = record->pool_used / record->rows;
    fputs(",\n \"duals\": [", file);
    for (size_t q = 0; q < vectors; q++) {
        const double *v = record->pool + q * record->rows;
        size_t row = 0; /* origins ascend */
        for (size_t i = 0; i < samples; i++) {
            bool mine = row < record->rows && sample_of(proof, row) == i;
            fprintf(file, "%s\"%a\"", q || i ? i ? ", " : ",\n  " : "", mine ? v[row] : 0.0);
            row += mine;
        }
    }
    fputc(']', file);
}

static void put_tree(FILE *file, const flat *f)
{
    size_t n = f->proof->decay->columns;
    put_pairs(file, f);
    zg_put_reals(file, "low", n, f->proof->result->root_lower);
    zg_put_reals(file, "high", n, f->proof->result->root_upper);
    put_duals(file, f);
    zg_put_sizes(file, "nodes", f->count, f->node);
    zg_put_reals(file, "node_values", f->count, f->value);
    fputs("}\n", file);
}

static void put_all(FILE *file, const flat *f, const size_t *power)
{
    const zg_problem *training = f->proof->training;
    fputs("{\"format\": \"" ZG_CERTIFICATE_FORMAT "\"", file);
    zg_put_word(file, "generator", "zerogap branch-and-bound");
    zg_put_flag(file, "header", true);
    zg_put_size(file, "columns", training->inputs + 1);
    zg_put_sizes(file, "targets", 1, &training->inputs);
    zg_put_size(file, "samples", training->samples);
    put_digest(file, training);
    zg_put_word(file, "task", "regression");
    zg_activation a = training->activation;
    zg_put_reals(file, "activation", 3, (const double[]){a.a, a.b, a.c});
    zg_put_word(file, "architecture", "dense");
    zg_put_word(file, "loss", zg_loss_name(f->proof->decay->loss));
    zg_put_real(file, "beta", f->proof->decay->lambda);
    zg_put_sizes(file, "power", 2, power);
    zg_put_flag(file, "nonnegative", false);
    put_claim(file, f);
    put_tree(file, f);
}

static zg_status write_data(const char *path, const zg_problem *training, zg_error *error)
{
    zg_dataset *dataset = NULL;
    zg_status status = zg_dataset_create(training->samples, training->inputs, training->x, 1,
                                         training->y, &dataset, error);
    if (status != ZG_OK) return status;
    size_t size = strlen(path) + 5;
    char *name = malloc(size);
    if (name) {
        snprintf(name, size, "%s.csv", path);
        status = zg_proof_write_data(name, dataset, error);
    } else {
        status = zg_no_memory(error);
    }
    free(name);
    zg_dataset_free(dataset);
    return status;
}

zg_status zg_decay_certificate_write(const char *path, const zg_decay_proof *proof, zg_error *error)
{
    size_t power[2];
    if (proof->record->failed) return zg_no_memory(error);
    if (!fraction_of(proof->decay->power, power))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "the power %g is no fraction with a denominator of at most 64, which a "
                       "certificate needs",
                       proof->decay->power);
    flat f;
    zg_status status = flat_create(proof, &f, error);
    if (status == ZG_OK) status = flatten(&f, error);
    if (status == ZG_OK) status = write_data(path, proof->training, error);
    if (status == ZG_OK) {
        zg_replacement replacement;
        status = zg_replace_begin(&replacement, path, error);
        if (status == ZG_OK) {
            put_all(replacement.file, &f, power);
            status = zg_replace_end(&replacement, ZG_OK, error);
        }
    }
    flat_clear(&f);
    return status;
}
