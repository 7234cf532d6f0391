/* Mann-Whitney's test with its exact distribution, ties included, and Hodges-Lehmann intervals. */
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_LIMIT 80 /* n + m; above it the normal approximation is good to 1e-4 */

typedef struct observation {
    double value;
    bool first; /* of the first sample */
} observation;

static int by_value(const void *a, const void *b)
{
    double x = ((const observation *)a)->value, y = ((const observation *)b)->value;
    return (x > y) - (x < y);
}

/* Doubled midranks (whole numbers) of the pooled sample; returns twice the first sample's rank sum
 * and in *ties the sum of t^3 - t over groups of t equal values. */
static size_t pooled_ranks(size_t total, observation *pool, size_t *doubled, double *ties)
{
    qsort(pool, total, sizeof *pool, by_value);
    size_t sum = 0;
    *ties = 0;
    for (size_t from = 0, to; from < total; from = to) {
        to = from + 1;
        while (to < total && pool[to].value == pool[from].value)
            to++;
        double t = (double)(to - from);
        *ties += t * t * t - t;
        for (size_t i = from; i < to; i++) {
            doubled[i] = from + to + 1; /* twice the mean of the ranks from + 1 .. to */
            if (pool[i].first) sum += doubled[i];
        }
    }
    return sum;
}

/* Both tails of the permutation distribution: the shares of the choices of n out of `total` ranks
 * whose sum is <= sum, and >= sum.  ways[k][s] counts choices of k ranks with sum s. */
static bool exact_tails(size_t total, const size_t *doubled, size_t n, size_t sum, double *lower,
                        double *upper)
{
    size_t width = total * (total + 1) + 1;
    double *ways = calloc((n + 1) * width, sizeof *ways);
    if (!ways) return false;
    ways[0] = 1;
    for (size_t i = 0; i < total; i++) {
        size_t rank = doubled[i];
        for (size_t k = i + 1 < n ? i + 1 : n; k > 0; k--) {
            double *to = ways + k * width;
            const double *from = ways + (k - 1) * width;
            for (size_t s = width - 1; s >= rank; s--)
                to[s] += from[s - rank];
        }
    }
    double below = 0, above = 0, all = 0;
    for (size_t s = 0; s < width; s++) {
        double w = ways[n * width + s];
        all += w;
        if (s <= sum) below += w;
        if (s >= sum) above += w;
    }
    free(ways);
    *lower = below / all;
    *upper = above / all;
    return true;
}

/* Two-sided p from the normal approximation, with tie and continuity corrections. */
static double normal_p(double n, double m, double u, double ties)
{
    double total = n + m;
    double variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)));
    if (variance <= 0) return 1;
    double z = (fabs(u - n * m / 2) - 0.5) / sqrt(variance);
    return fmin(1, erfc(z / sqrt(2)));
}

bool zg_mann_whitney(size_t n, const double *x, size_t m, const double *y, zg_rank_test *out)
{
    size_t total = n + m;
    observation *pool = malloc(total * sizeof *pool);
    size_t *doubled = malloc(total * sizeof *doubled);
    bool done = pool && doubled;
    if (done) {
        for (size_t i = 0; i < total; i++)
            pool[i] = i < n ? (observation){x[i], true} : (observation){y[i - n], false};
        double ties, lower = 1, upper = 1;
        size_t sum = pooled_ranks(total, pool, doubled, &ties);
        out->u = 0.5 * ((double)sum - (double)n * (double)(n + 1));
        out->exact = total <= EXACT_LIMIT;
        if (out->exact) {
            done = exact_tails(total, doubled, n, sum, &lower, &upper);
            out->p = fmin(1, 2 * fmin(lower, upper));
        } else {
            out->p = normal_p((double)n, (double)m, out->u, ties);
        }
    }
    free(pool);
    free(doubled);
    return done;
}

double zg_mann_whitney_least_p(size_t n, size_t m)
{
    double choices = 1;
    for (size_t i = 1; i <= n; i++)
        choices *= (double)(m + i) / (double)i;
    return fmin(1, 2 / choices);
}

/* ---- Hodges-Lehmann ------------------------------------------------------------------------- */

/* The smallest q with P(U <= q) >= p, without ties, from counts of the choices of n out of
 * n + m ranks by their U. */
static bool exact_quantile(size_t n, size_t m, double p, size_t *q)
{
    size_t width = n * m + 1;
    double *ways = calloc((n + 1) * width, sizeof *ways);
    if (!ways) return false;
    ways[0] = 1;
    for (size_t i = 0; i < n + m; i++) {
        for (size_t k = i + 1 < n ? i + 1 : n; k > 0; k--) {
            /* As the k-th smallest of the first sample, rank i + 1 exceeds i + 1 - k others. */
            size_t exceeds = i + 1 - k;
            if (exceeds > m) continue;
            double *to = ways + k * width;
            const double *from = ways + (k - 1) * width;
            for (size_t s = width; s-- > exceeds;)
                to[s] += from[s - exceeds];
        }
    }
    const double *count = ways + n * width;
    double all = 0, below = 0;
    for (size_t s = 0; s < width; s++)
        all += count[s];
    *q = width - 1;
    for (size_t s = 0; s < width; s++) {
        below += count[s];
        if (below / all >= p) {
            *q = s;
            break;
        }
    }
    free(ways);
    return true;
}

/* Normal quantile by bisection of erfc: exact enough, and no table. */
static double normal_quantile(double p)
{
    double low = -40, high = 40;
    for (int i = 0; i < 200; i++) {
        double middle = 0.5 * (low + high);
        if (0.5 * erfc(-middle / sqrt(2)) < p)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

bool zg_hodges_lehmann(size_t n, const double *x, size_t m, const double *y, double confidence,
                       zg_shift *out)
{
    size_t count = n * m, q = 0;
    double *difference = malloc(count * sizeof *difference);
    if (!difference) return false;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            difference[i * m + j] = x[i] - y[j];
    zg_sort(count, difference);
    out->estimate = zg_quantile(count, difference, 0.5);
    double tail = (1 - confidence) / 2;
    bool done = true;
    if (n + m <= EXACT_LIMIT) {
        done = exact_quantile(n, m, tail, &q);
    } else {
        double middle = (double)count / 2;
        double deviation = sqrt((double)count * (double)(n + m + 1) / 12);
        q = (size_t)fmax(0, floor(middle + normal_quantile(tail) * deviation));
    }
    if (q == 0) q = 1;
    if (done) {
        out->low = difference[q - 1];
        out->high = difference[count - q];
    }
    free(difference);
    return done;
}
