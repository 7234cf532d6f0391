/* Coordinate descent for the convex relaxation with squared loss, hastened by Newton steps. */
#include "baselines/weight_decay/descent.h"

#include "base/linalg.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SWEEPS 2000
#define ACTIVE_SWEEPS 5 /* between two rounds of Newton steps */
#define RIDGE 1e-12     /* of the diagonal: as many columns as samples, or more, may be free */
#define STILL                                                                                      \
    1e-10 /* largest change of a prediction, relative, at which a sweep ends the descent */

struct zg_decay_descent {
    const zg_decay_problem *problem;
    zg_limit *limit;
    double *gram;         /* columns x columns: Phi'Phi */
    double *linear;       /* columns: Phi'y */
    double *rest;         /* columns: Phi'(y - Phi w) */
    double *left, *right; /* columns: slopes of the envelope below and above 0 */
    double scale;         /* |y| */
    size_t *free;         /* columns: those between their bounds and kinks */
    double *hessian;      /* columns x columns: scratch */
    double *step;         /* columns: scratch */
};

zg_status zg_decay_descent_create(const zg_decay_problem *problem, zg_limit *limit,
                                  zg_decay_descent **out, zg_error *error)
{
    size_t n = problem->columns;
    zg_decay_descent *d = calloc(1, sizeof *d);
    if (!d) return zg_no_memory(error);
    d->problem = problem;
    d->limit = limit;
    d->gram = calloc(n * n + 1, sizeof *d->gram);
    d->linear = calloc(n + 1, sizeof *d->linear);
    d->rest = calloc(n + 1, sizeof *d->rest);
    d->left = calloc(n + 1, sizeof *d->left);
    d->right = calloc(n + 1, sizeof *d->right);
    d->free = calloc(n + 1, sizeof *d->free);
    d->hessian = calloc(n * n + 1, sizeof *d->hessian);
    d->step = calloc(n + 1, sizeof *d->step);
    if (!d->gram || !d->linear || !d->rest || !d->left || !d->right || !d->free || !d->hessian ||
        !d->step) {
        zg_decay_descent_free(d);
        return zg_no_memory(error);
    }
    double square = 0.0;
    for (size_t i = 0; i < problem->rows; i++) {
        const double *row = problem->phi + i * n;
        square += problem->y[i] * problem->y[i];
        for (size_t k = 0; k < n; k++) {
            d->linear[k] += row[k] * problem->y[i];
            for (size_t l = 0; l < n; l++)
                d->gram[k * n + l] += row[k] * row[l];
        }
    }
    d->scale = sqrt(square);
    *out = d;
    return ZG_OK;
}

void zg_decay_descent_free(zg_decay_descent *descent)
{
    if (!descent) return;
    free(descent->gram);
    free(descent->linear);
    free(descent->rest);
    free(descent->left);
    free(descent->right);
    free(descent->free);
    free(descent->hessian);
    free(descent->step);
    free(descent);
}

static double penalty(const zg_decay_problem *problem, double t)
{
    return t == 0.0 ? 0.0 : problem->lambda * pow(fabs(t), problem->power);
}

static void set_slopes(zg_decay_descent *d, const double *lower, const double *upper,
                       const double *weight)
{
    const zg_decay_problem *problem = d->problem;
    for (size_t k = 0; k < problem->columns; k++) {
        double l = lower[k], u = upper[k];
        if (weight) {
            d->left[k] = -weight[k];
            d->right[k] = weight[k];
        } else if (l < 0.0 && u > 0.0) {
            d->left[k] = penalty(problem, l) / l;
            d->right[k] = penalty(problem, u) / u;
        } else {
            d->left[k] = d->right[k] =
                u > l ? (penalty(problem, u) - penalty(problem, l)) / (u - l) : 0.0;
        }
    }
}

/* Minimiser of c t^2 / 2 - g t + envelope within the interval. */
static double best_weight(const zg_decay_descent *d, size_t k, double l, double u, double g)
{
    double c = d->gram[k * d->problem->columns + k], t = 0.0;
    double left = d->left[k], right = d->right[k];
    if (l >= 0.0) left = right;
    if (u <= 0.0) right = left;
    if (!(c > 0.0)) /* a neuron that no sample excites */
        t = right < 0.0 ? u : left > 0.0 ? l : 0.0;
    else if (g > right)
        t = (g - right) / c;
    else if (g < left)
        t = (g - left) / c;
    else if (left == right)
        t = 0.0;
    return fmin(u, fmax(l, t));
}

/* One pass over the columns (the non-zero ones only when `active`): the largest change of a
 * prediction's norm. */
static double sweep(zg_decay_descent *d, const double *lower, const double *upper, bool active,
                    double *w)
{
    size_t n = d->problem->columns;
    double most = 0.0;
    for (size_t k = 0; k < n; k++) {
        if (active && w[k] == 0.0) continue;
        double c = d->gram[k * n + k];
        double t = best_weight(d, k, lower[k], upper[k], d->rest[k] + c * w[k]);
        double step = t - w[k];
        if (step == 0.0) continue;
        const double *row = d->gram + k * n;
        for (size_t l = 0; l < n; l++)
            d->rest[l] -= step * row[l];
        w[k] = t;
        most = fmax(most, fabs(step) * sqrt(c));
    }
    return most;
}

/* Where w_k may go before its slope changes. */
static void piece_of(const zg_decay_descent *d, size_t k, double l, double u, double w, double *low,
                     double *high)
{
    bool bent = l < 0.0 && u > 0.0 && d->left[k] != d->right[k];
    *low = bent && w > 0.0 ? 0.0 : l;
    *high = bent && w < 0.0 ? 0.0 : u;
}

/* The columns inside their pieces, and Newton's step in them; false when there is none. */
static bool newton_direction(zg_decay_descent *d, const double *lower, const double *upper,
                             const double *w, size_t *count)
{
    size_t n = d->problem->columns, free = 0;
    for (size_t k = 0; k < n; k++) {
        double low, high;
        piece_of(d, k, lower[k], upper[k], w[k], &low, &high);
        bool at_kink = w[k] == 0.0 && d->left[k] != d->right[k];
        if (w[k] > low && w[k] < high && !at_kink) d->free[free++] = k;
    }
    for (size_t a = 0; a < free; a++) {
        size_t k = d->free[a];
        for (size_t b = 0; b < free; b++)
            d->hessian[a * free + b] = d->gram[k * n + d->free[b]];
        d->hessian[a * free + a] *= 1.0 + RIDGE;
        d->step[a] = d->rest[k] - (w[k] < 0.0 ? d->left[k] : d->right[k]);
    }
    *count = free;
    if (free == 0 || zg_cholesky(free, d->hessian) != ZG_OK) return false;
    zg_cholesky_solve(free, d->hessian, 1, d->step);
    return true;
}

/* Goes Newton's step, or as far as the first bound or kink; true when one was met. */
static bool newton_step(zg_decay_descent *d, const double *lower, const double *upper, double *w)
{
    size_t n = d->problem->columns, count, first = SIZE_MAX;
    double share = 1.0, end = 0.0;
    if (!newton_direction(d, lower, upper, w, &count)) return false;
    for (size_t a = 0; a < count; a++) {
        double low, high, step = d->step[a];
        size_t k = d->free[a];
        piece_of(d, k, lower[k], upper[k], w[k], &low, &high);
        double limit = step < 0.0 ? low : high;
        if (step == 0.0 || !((limit - w[k]) / step < share)) continue;
        share = (limit - w[k]) / step;
        first = k;
        end = limit;
    }
    for (size_t a = 0; a < count; a++) {
        size_t k = d->free[a];
        double to = k == first ? end : w[k] + share * d->step[a], moved = to - w[k];
        for (size_t l = 0; l < n; l++)
            d->rest[l] -= moved * d->gram[k * n + l];
        w[k] = to;
    }
    return first != SIZE_MAX;
}

static void refresh(zg_decay_descent *d, const double *w)
{
    size_t n = d->problem->columns;
    memcpy(d->rest, d->linear, n * sizeof *d->rest);
    for (size_t k = 0; k < n; k++)
        for (size_t l = 0; l < n && w[k] != 0.0; l++)
            d->rest[l] -= w[k] * d->gram[k * n + l];
}

double zg_decay_descent_minimise(zg_decay_descent *d, const double *lower, const double *upper,
                                 const double *weight, double *w, double *v)
{
    const zg_decay_problem *problem = d->problem;
    size_t n = problem->columns;
    set_slopes(d, lower, upper, weight);
    for (size_t k = 0; k < n; k++)
        w[k] = isfinite(w[k]) ? fmin(upper[k], fmax(lower[k], w[k])) : 0.5 * (lower[k] + upper[k]);
    refresh(d, w);
    double still = STILL * (d->scale + 1e-300);
    for (int done = 0; done < SWEEPS && !zg_limit_reached(d->limit); done++) {
        double moved = sweep(d, lower, upper, false, w);
        if (moved <= still) break;
        for (int inner = 0; inner < ACTIVE_SWEEPS && moved > still; inner++, done++)
            moved = sweep(d, lower, upper, true, w);
        /* Every bound or kink that is met leaves one column less to move. */
        for (size_t k = 0; k < n && newton_step(d, lower, upper, w); k++)
            if (zg_limit_reached(d->limit)) break;
    }
    double value = 0.0;
    for (size_t i = 0; i < problem->rows; i++) {
        double r = problem->y[i];
        for (size_t k = 0; k < n; k++)
            r -= problem->phi[i * n + k] * w[k];
        v[i] = r;
        value += 0.5 * r * r;
    }
    for (size_t k = 0; k < n; k++) {
        double l = lower[k];
        bool bent = weight || (l < 0.0 && upper[k] > 0.0);
        if (bent)
            value += w[k] > 0.0 ? d->right[k] * w[k] : d->left[k] * w[k];
        else
            value += penalty(problem, l) + d->right[k] * (w[k] - l);
    }
    return value;
}
