/* Order statistics, means, straight-line fits, profiles and steps; the tests are in ranks.c. */
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void zg_sort(size_t count, double *values)
{
    if (count > 1) qsort(values, count, sizeof *values, ascending);
}

double zg_quantile(size_t count, const double *sorted, double q)
{
    if (count == 0) return NAN;
    double place = q * (double)(count - 1);
    size_t below = (size_t)place;
    if (below + 1 >= count) return sorted[count - 1];
    double share = place - (double)below;
    return share == 0 ? sorted[below] : sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

bool zg_median(size_t count, const double *values, double *out)
{
    double *sorted = malloc((count + 1) * sizeof *sorted);
    if (!sorted) return false;
    if (count) memcpy(sorted, values, count * sizeof *sorted);
    zg_sort(count, sorted);
    *out = zg_quantile(count, sorted, 0.5);
    free(sorted);
    return true;
}

/* ---- many tests ----------------------------------------------------------------------------- */

typedef struct ranked {
    double p;
    size_t index;
} ranked;

static int by_p(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->p != y->p) return x->p > y->p ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

bool zg_benjamini_hochberg(size_t count, const double *p, double *adjusted)
{
    if (count == 0) return true;
    ranked *order = malloc(count * sizeof *order);
    if (!order) return false;
    for (size_t i = 0; i < count; i++)
        order[i] = (ranked){p[i], i};
    qsort(order, count, sizeof *order, by_p);
    double least = 1;
    for (size_t i = count; i-- > 0;) {
        least = fmin(least, order[i].p * (double)count / (double)(i + 1));
        adjusted[order[i].index] = least;
    }
    free(order);
    return true;
}

/* ---- means and fits ------------------------------------------------------------------------- */

double zg_shifted_geometric_mean(size_t count, const double *values, double shift)
{
    if (count == 0) return NAN;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += log(values[i] + shift);
    return exp(sum / (double)count) - shift;
}

/* Continued fraction of the incomplete beta function (modified Lentz). */
static double beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    if (fabs(d) < 1e-300) d = 1e-300;
    d = 1 / d;
    double value = d;
    for (int m = 1; m < 1000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 + even * d;
        c = 1 + even / c;
        d = 1 / (fabs(d) < 1e-300 ? 1e-300 : d);
        value *= d * c;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 + odd * d;
        c = 1 + odd / c;
        d = 1 / (fabs(d) < 1e-300 ? 1e-300 : d);
        value *= d * c;
        if (fabs(d * c - 1) < 1e-15) break;
    }
    return value;
}

static double incomplete_beta(double a, double b, double x)
{
    if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
    /* tgamma's neighbour lgamma writes a global; its re-entrant form does not. */
    int sign;
    double front = exp(lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign) +
                       a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/* P(T > t) for t >= 0. */
static double student_tail(double t, double degrees)
{
    return 0.5 * incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t));
}

double zg_student_quantile(double p, double degrees)
{
    if (p < 0.5) return -zg_student_quantile(1 - p, degrees);
    double tail = 1 - p, low = 0, high = 1;
    while (student_tail(high, degrees) > tail)
        high *= 2;
    for (int i = 0; i < 200 && low < high; i++) {
        double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high) break;
        if (student_tail(middle, degrees) > tail)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

bool zg_fit_line(size_t count, const double *x, const double *y, zg_line *out)
{
    if (count < 2) return false;
    double mean_x = 0, mean_y = 0;
    for (size_t i = 0; i < count; i++) {
        mean_x += x[i] / (double)count;
        mean_y += y[i] / (double)count;
    }
    double xx = 0, xy = 0, yy = 0;
    for (size_t i = 0; i < count; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
    }
    if (!(xx > 1e-24 * (1 + mean_x * mean_x) * (double)count)) return false;
    out->count = count;
    out->slope = xy / xx;
    out->intercept = mean_y - out->slope * mean_x;
    out->residual = 0;
    for (size_t i = 0; i < count; i++) {
        double r = y[i] - out->intercept - out->slope * x[i];
        out->residual += r * r;
    }
    out->r2 = yy > 0 ? fmax(0, 1 - out->residual / yy) : 1; /* below 0 by rounding only */
    double half = INFINITY;
    if (count > 2) {
        double degrees = (double)(count - 2);
        half = zg_student_quantile(0.975, degrees) * sqrt(out->residual / degrees / xx);
    }
    out->slope_low = out->slope - half;
    out->slope_high = out->slope + half;
    return true;
}

/* ---- performance profiles ------------------------------------------------------------------- */

void zg_profile_ratios(size_t problems, size_t solvers, const double *times, double *ratios)
{
    for (size_t i = 0; i < problems; i++) {
        const double *row = times + i * solvers;
        double best = INFINITY;
        for (size_t j = 0; j < solvers; j++)
            if (row[j] < best) best = row[j];
        for (size_t j = 0; j < solvers; j++)
            ratios[i * solvers + j] = isfinite(row[j]) && isfinite(best)
                                          ? (row[j] == best ? 1 : row[j] / best)
                                          : INFINITY;
    }
}

double zg_profile_value(size_t problems, size_t solvers, const double *ratios, size_t solver,
                        double tau)
{
    size_t within = 0;
    for (size_t i = 0; i < problems; i++)
        if (ratios[i * solvers + solver] <= tau) within++;
    return problems ? (double)within / (double)problems : NAN;
}

double zg_profile_score(size_t problems, size_t solvers, const double *ratios, size_t solver,
                        double limit)
{
    /* A problem with ratio r lifts the profile by 1 / problems from log2 r on. */
    double area = 0;
    for (size_t i = 0; i < problems; i++) {
        double r = ratios[i * solvers + solver];
        if (r < limit) area += 1 - log2(r) / log2(limit);
    }
    return problems ? area / (double)problems : NAN;
}

/* ---- steps in a series ---------------------------------------------------------------------- */

/* Squared error of values[from..to) around their mean, from running sums. */
static double segment_error(const double *sum, const double *square, size_t from, size_t to)
{
    double total = sum[to] - sum[from];
    return fmax(0, square[to] - square[from] - total * total / (double)(to - from));
}

bool zg_find_steps(size_t count, const double *values, double penalty, size_t shortest,
                   size_t *starts, size_t *segments)
{
    *segments = 0;
    if (count == 0) return true;
    double *sum = calloc(3 * (count + 1), sizeof *sum);
    size_t *last = calloc(count + 1, sizeof *last);
    if (!sum || !last) {
        free(sum);
        free(last);
        return false;
    }
    double *square = sum + count + 1, *cost = square + count + 1;
    for (size_t i = 0; i < count; i++) { /* centred on the first value: no cancellation */
        double value = values[i] - values[0];
        sum[i + 1] = sum[i] + value;
        square[i + 1] = square[i] + value * value;
    }
    cost[0] = -penalty;
    for (size_t end = 1; end <= count; end++) {
        cost[end] = INFINITY;
        for (size_t from = 0; from < end; from++) {
            if (from > 0 && (end - from < shortest || from < shortest)) continue;
            double c = cost[from] + penalty + segment_error(sum, square, from, end);
            if (c < cost[end]) {
                cost[end] = c;
                last[end] = from;
            }
        }
    }
    for (size_t end = count; end > 0; end = last[end])
        starts[(*segments)++] = last[end];
    for (size_t i = 0; i < *segments / 2; i++) {
        size_t swap = starts[i];
        starts[i] = starts[*segments - 1 - i];
        starts[*segments - 1 - i] = swap;
    }
    free(sum);
    free(last);
    return true;
}

bool zg_difference_variance(size_t count, const double *values, double *out)
{
    *out = 0;
    if (count < 2) return true;
    double *difference = malloc((count - 1) * sizeof *difference), middle, deviation;
    if (!difference) return false;
    for (size_t i = 0; i + 1 < count; i++)
        difference[i] = values[i + 1] - values[i];
    bool done = zg_median(count - 1, difference, &middle);
    for (size_t i = 0; done && i + 1 < count; i++)
        difference[i] = fabs(difference[i] - middle);
    done = done && zg_median(count - 1, difference, &deviation);
    free(difference);
    if (!done) return false;
    *out = 1.4826 * deviation * 1.4826 * deviation / 2;
    return true;
}
