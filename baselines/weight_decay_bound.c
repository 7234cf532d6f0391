/* Safe Lagrangian bounds of the weight-decay program over boxes, and the ranges they exclude. */
#include "baselines/weight_decay_bound.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#define UNIT (0.5 * DBL_EPSILON) /* unit roundoff */

/* gamma_n of Higham, rounded up: bounds the relative error of n-term sums of products. */
static double gamma_of(size_t n)
{
    double nu = (double)(n + 4) * UNIT;
    return nu / (1.0 - nu) * (1.0 + 8.0 * UNIT);
}

/* pow is accurate to less than 1 ulp in the C library; 4 leaves room for lambda's product. */
double zg_decay_penalty_below(const zg_decay_problem *problem, double t)
{
    double size = fabs(t);
    if (size == 0.0) return 0.0;
    return problem->lambda * pow(size, problem->power) * (1.0 - 8.0 * UNIT);
}

double zg_decay_penalty_above(const zg_decay_problem *problem, double t)
{
    double size = fabs(t);
    if (size == 0.0) return 0.0;
    return problem->lambda * pow(size, problem->power) * (1.0 + 8.0 * UNIT);
}

zg_status zg_decay_bound_create(const zg_decay_problem *problem, zg_decay_bound *out)
{
    size_t n = problem->columns;
    *out = (zg_decay_bound){.value = -INFINITY};
    out->v = calloc(problem->rows + 1, sizeof *out->v);
    out->slope = calloc(n + 1, sizeof *out->slope);
    out->slope_error = calloc(n + 1, sizeof *out->slope_error);
    out->term = calloc(n + 1, sizeof *out->term);
    if (out->v && out->slope && out->slope_error && out->term) return ZG_OK;
    zg_decay_bound_clear(out);
    return ZG_NO_MEMORY;
}

void zg_decay_bound_clear(zg_decay_bound *bound)
{
    free(bound->v);
    free(bound->slope);
    free(bound->slope_error);
    free(bound->term);
    *bound = (zg_decay_bound){.value = -INFINITY};
}

/* A lower bound on lambda |w|^p - a w over all a that the error allows. */
static double reduced_below(const zg_decay_problem *problem, double slope, double slope_error,
                            double w)
{
    if (w == 0.0) return 0.0;
    double penalty = zg_decay_penalty_below(problem, w), product = slope * w;
    double error = 4.0 * UNIT * (penalty + fabs(product)) + slope_error * fabs(w);
    return penalty - product - error * (1.0 + 8.0 * UNIT) - DBL_MIN;
}

/* D(v), rounded down; squared loss has D_i = v_i y_i - v_i^2 / 2. */
static double loss_dual_below(const zg_decay_problem *problem, const double *v)
{
    double sum = 0.0, size = 0.0;
    for (size_t i = 0; i < problem->rows; i++) {
        double product = v[i] * problem->y[i];
        double square = problem->loss == ZG_LOSS_SQUARED ? 0.5 * v[i] * v[i] : 0.0;
        sum += product - square;
        size += fabs(product) + square;
    }
    return sum - gamma_of(problem->rows + 4) * size - (double)problem->rows * DBL_MIN;
}

void zg_decay_bound_evaluate(const zg_decay_problem *problem, const double *lower,
                             const double *upper, const double *v, zg_decay_bound *bound)
{
    size_t n = problem->columns;
    double *slope = bound->slope, *magnitude = bound->slope_error;
    for (size_t k = 0; k < n; k++)
        slope[k] = magnitude[k] = 0.0;
    for (size_t i = 0; i < problem->rows; i++) {
        double vi = isfinite(v[i]) ? v[i] : 0.0;
        if (problem->loss == ZG_LOSS_ABSOLUTE) vi = fmin(1.0, fmax(-1.0, vi));
        bound->v[i] = vi;
        if (vi == 0.0) continue;
        const double *row = problem->phi + i * n;
        for (size_t k = 0; k < n; k++) {
            double product = row[k] * vi;
            slope[k] += product;
            magnitude[k] += fabs(product);
        }
    }
    double gamma = gamma_of(problem->rows), total = loss_dual_below(problem, bound->v);
    double size = fabs(total);
    for (size_t k = 0; k < n; k++) {
        magnitude[k] = magnitude[k] * gamma + DBL_MIN; /* from here on the error bound */
        double term = fmin(reduced_below(problem, slope[k], magnitude[k], lower[k]),
                           reduced_below(problem, slope[k], magnitude[k], upper[k]));
        if (lower[k] < 0.0 && upper[k] > 0.0) term = fmin(term, 0.0);
        bound->term[k] = term;
        total += term;
        size += fabs(term);
    }
    total -= gamma_of(n) * size + DBL_MIN;
    bound->value = isnan(total) ? -INFINITY : total;
}

/* What column k may contribute at most in a point below target; rounded up. */
static double allowance_of(const zg_decay_bound *bound, size_t k, double target)
{
    double rest = bound->value - bound->term[k];
    double error = 4.0 * UNIT * (fabs(bound->value) + fabs(bound->term[k]) + fabs(target));
    double allowance = target - rest + error;
    return isnan(allowance) ? INFINITY : allowance;
}

typedef struct zg_reduced {
    const zg_decay_problem *problem;
    double slope, error, allowance;
} reduced_cost;

static double excess_at(const reduced_cost *r, double w)
{
    return reduced_below(r->problem, r->slope, r->error, w) - r->allowance;
}

/* Both on one side of 0, excess(outside) < 0 <= excess(inside): a point nearer to outside that
 * still has excess >= 0.  The function is concave there, so that secants stay on the safe side;
 * what is returned has been evaluated. */
static double crossing(const reduced_cost *r, double outside, double inside)
{
    double low = excess_at(r, outside), high = excess_at(r, inside);
    for (int step = 0; step < 24; step++) {
        double next = inside + (outside - inside) * (high / (high - low)) * (1.0 - 1e-9);
        if (step % 4 == 3) next = 0.5 * (inside + outside);
        double value = excess_at(r, next);
        if (value >= 0.0) {
            if (fabs(next - inside) <= 1e-7 * fabs(inside)) return next;
            inside = next;
            high = value;
        } else {
            outside = next;
            low = value;
        }
    }
    return inside;
}

/* Largest part of [near, far] next to far that is excluded, near and far on one side of 0: returns
 * the new far end; near itself when all is excluded (*all = true). */
static double pull(const reduced_cost *r, double near, double far, bool *all)
{
    *all = false;
    if (excess_at(r, far) < 0.0) return far;
    if (excess_at(r, near) >= 0.0) {
        *all = true;
        return near;
    }
    return crossing(r, near, far);
}

/* The new upper end of [lower, upper]; *all when everything is excluded. */
static double pull_upper(const reduced_cost *r, double lower, double upper, bool *all)
{
    if (upper > 0.0) {
        double far = pull(r, fmax(lower, 0.0), upper, all);
        if (!*all || lower >= 0.0) return far;
        upper = 0.0;
    }
    return pull(r, lower, upper, all);
}

bool zg_decay_bound_shrink(const zg_decay_problem *problem, const zg_decay_bound *bound, size_t k,
                           double target, double *lower, double *upper)
{
    reduced_cost r = {problem, bound->slope[k], bound->slope_error[k],
                      allowance_of(bound, k, target)};
    bool all;
    double high = pull_upper(&r, *lower, *upper, &all);
    if (all) return false;
    *upper = high;
    reduced_cost mirrored = r;
    mirrored.slope = -r.slope;
    double low = -pull_upper(&mirrored, -*upper, -*lower, &all);
    if (all) return false;
    *lower = low;
    return true;
}

/* A hole of the positive part [near, far], 0 <= near < far. */
static bool positive_hole(const reduced_cost *r, double near, double far, double *low, double *high)
{
    if (r->slope <= 0.0 || far <= near) return false;
    double p = r->problem->power;
    if (p >= 1.0) return false;
    /* The top of the concave function: lambda p w^(p-1) = slope. */
    double top = pow(r->problem->lambda * p / r->slope, 1.0 / (1.0 - p));
    if (!(top > near && top < far) || excess_at(r, top) < 0.0) return false;
    if (excess_at(r, near) >= 0.0 || excess_at(r, far) >= 0.0) return false;
    *low = crossing(r, near, top);
    *high = crossing(r, far, top);
    return *low > near && *high < far && *low < *high;
}

bool zg_decay_bound_hole(const zg_decay_problem *problem, const zg_decay_bound *bound, size_t k,
                         double target, double lower, double upper, double *low, double *high)
{
    reduced_cost r = {problem, bound->slope[k], bound->slope_error[k],
                      allowance_of(bound, k, target)};
    if (r.slope > 0.0 && upper > 0.0) return positive_hole(&r, fmax(lower, 0.0), upper, low, high);
    if (r.slope < 0.0 && lower < 0.0) {
        double near, far;
        reduced_cost mirrored = r;
        mirrored.slope = -r.slope;
        if (!positive_hole(&mirrored, fmax(-upper, 0.0), -lower, &near, &far)) return false;
        *low = -far;
        *high = -near;
        return true;
    }
    return false;
}
