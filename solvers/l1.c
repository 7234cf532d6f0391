/* Regression with an l1 penalty by an interior-point method (see l1.h). */
#include "solvers/l1.h"

#include "base/linalg.h"
#include "core/safe.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ITERATIONS 200
#define TO_BOUNDARY 0.995
/* Iterations without a visibly smaller gap after which rounding has the last word. */
#define PATIENCE 12
/* Part of a warm start that is kept; the rest is the centre. */
#define WARM_SHARE 0.95
/* Regularisations of the diagonal, relative, tried in turn. */
static const double ladder[] = {1e-15, 1e-13, 1e-11, 1e-9};

/* One bounded quantity: slack and multiplier, their directions and the target of their product. */
typedef struct bound {
    double *slack, *multiplier, *change, *target;
    size_t count;
    double sign; /* d slack = sign d quantity */
} bound;

enum { ABOVE, BELOW, BOX_LOW, BOX_HIGH, BOUNDS }; /* F'v <= beta, F'v >= -beta, v >= low, ... */

typedef struct work {
    const zg_l1 *p;
    size_t n, k;
    bool entropy; /* D is one: the box needs no multipliers */
    double *v, *low, *high, *p_linear, *q_curve;
    double *product, *dproduct; /* k: F'v, F'dv */
    bound bound[BOUNDS];
    double *dv, *right, *residual, *gradient, *hessian, *fit; /* n */
    double *weight;                                           /* k */
    double *scaled;                                           /* n x k */
    double *matrix;                                           /* n x n */
    double *storage;
    double *best_v, *best_alpha, upper, lower;
} work;

/* ---- memory ---------------------------------------------------------------------------------- */

static zg_status work_create(const zg_l1 *p, work *w)
{
    size_t n = p->samples, k = p->columns;
    *w = (work){.p = p, .n = n, .k = k, .upper = INFINITY, .lower = -INFINITY};
    w->entropy = zg_loss_has(p->loss.kind, ZG_LOSS_ENTROPY);
    w->storage = zg_doubles(20 * n + 12 * k);
    w->scaled = zg_doubles(n * k);
    w->matrix = zg_doubles(n * n);
    if (!w->storage || !w->scaled || !w->matrix) return ZG_NO_MEMORY;
    double *next = w->storage;
    double **rows[] = {&w->v,        &w->low,     &w->high,  &w->p_linear,
                       &w->q_curve,  &w->dv,      &w->right, &w->residual,
                       &w->gradient, &w->hessian, &w->fit,   &w->best_v};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++, next += n)
        *rows[r] = next;
    double **columns[] = {&w->product, &w->dproduct, &w->weight, &w->best_alpha};
    for (size_t r = 0; r < sizeof columns / sizeof *columns; r++, next += k)
        *columns[r] = next;
    for (size_t b = 0; b < BOUNDS; b++) {
        size_t count = b < BOX_LOW ? k : n;
        w->bound[b] = (bound){next, next + count, NULL,
                              NULL, count,        b == ABOVE || b == BOX_HIGH ? -1.0 : 1.0};
        next += 2 * count;
    }
    double *more = zg_doubles(4 * n + 4 * k);
    if (!more) return ZG_NO_MEMORY;
    for (size_t b = 0; b < BOUNDS; b++) {
        w->bound[b].change = more;
        w->bound[b].target = more + w->bound[b].count;
        more += 2 * w->bound[b].count;
    }
    return ZG_OK;
}

static void work_clear(work *w)
{
    free(w->bound[0].change); /* the first of that block */
    free(w->storage);
    free(w->scaled);
    free(w->matrix);
}

/* ---- the loss -------------------------------------------------------------------------------- */

static double weight_of(const zg_l1 *p, size_t i)
{
    return p->weights ? p->weights[i] : 1.0;
}

static void read_loss(work *w)
{
    const zg_l1 *p = w->p;
    bool exact = zg_loss_has(p->loss.kind, ZG_LOSS_EXACT);
    for (size_t i = 0; i < w->n; i++) {
        zg_loss_domain(p->loss, p->y[i], weight_of(p, i), &w->low[i], &w->high[i]);
        (void)zg_loss_quadratic_dual(p->loss, p->y[i], weight_of(p, i), &w->p_linear[i],
                                     &w->q_curve[i]);
        if (!exact) continue;
        w->low[i] = -p->reach;
        w->high[i] = p->reach;
    }
}

/* Gradient and Hessian of -D. */
static void differentiate(work *w)
{
    for (size_t i = 0; i < w->n; i++) {
        w->gradient[i] = 2.0 * w->q_curve[i] * w->v[i] - w->p_linear[i];
        w->hessian[i] = 2.0 * w->q_curve[i];
        if (!w->entropy) continue;
        double weight = weight_of(w->p, i), y = w->p->y[i], t = y * w->v[i] / weight;
        w->gradient[i] = -y * (log1p(-t) - log(t));
        w->hessian[i] = 1.0 / (weight * t * (1.0 - t));
    }
}

/* The loss of predictions; what is missed of a constraint is paid at its price. */
static double loss_of(const work *w, const double *f)
{
    const zg_l1 *p = w->p;
    if (!zg_loss_has(p->loss.kind, ZG_LOSS_EXACT))
        return zg_loss_value(p->loss, w->n, f, p->y, p->weights);
    double sum = 0.0;
    for (size_t i = 0; i < w->n; i++)
        sum += p->reach * fabs(f[i] - p->y[i]);
    return sum;
}

static bool bounded(const work *w, size_t b, size_t i)
{
    if (b < BOX_LOW) return true;
    return !w->entropy && isfinite(b == BOX_LOW ? w->low[i] : w->high[i]);
}

/* ---- points ---------------------------------------------------------------------------------- */

static void multiply_transposed(const work *w, const double *v, double *out)
{
    if (w->k) zg_gemv(true, w->n, w->k, 1.0, w->p->f, w->n, v, 0.0, out);
}

static double largest(size_t count, const double *a)
{
    double most = 0.0;
    for (size_t j = 0; j < count; j++)
        most = fmax(most, fabs(a[j]));
    return most;
}

/* Slacks of v, whose product is known. */
static void set_slacks(work *w)
{
    for (size_t j = 0; j < w->k; j++) {
        w->bound[ABOVE].slack[j] = w->p->beta - w->product[j];
        w->bound[BELOW].slack[j] = w->p->beta + w->product[j];
    }
    for (size_t i = 0; i < w->n; i++) {
        w->bound[BOX_LOW].slack[i] = w->v[i] - w->low[i];
        w->bound[BOX_HIGH].slack[i] = w->high[i] - w->v[i];
    }
}

/* A point well inside: small for losses that allow 0, towards the label for the others. */
static void centre(const work *w, double *out, double *product)
{
    for (size_t i = 0; i < w->n; i++) {
        double low = w->low[i], high = w->high[i];
        out[i] = isfinite(low) && isfinite(high) ? 0.5 * (low + high) : 0.0;
        if (isfinite(low) != isfinite(high)) out[i] = isfinite(low) ? low + 1.0 : high - 1.0;
    }
    multiply_transposed(w, out, product);
    double most = largest(w->k, product), scale = most > 0.0 ? 0.5 * w->p->beta / most : 1.0;
    for (size_t i = 0; i < w->n; i++)
        out[i] *= fmin(1.0, scale);
}

/* v between a given point, brought inside, and the centre. */
static void place(work *w, const double *from)
{
    centre(w, w->v, w->product);
    if (from) {
        multiply_transposed(w, from, w->product);
        double most = largest(w->k, w->product);
        double keep = WARM_SHARE * fmin(1.0, most > 0.0 ? w->p->beta / most : 1.0);
        for (size_t i = 0; i < w->n; i++) {
            double kept = zg_clamp(from[i], w->low[i], w->high[i]);
            w->v[i] = keep * kept + (1.0 - WARM_SHARE) * w->v[i];
        }
    }
    multiply_transposed(w, w->v, w->product);
    set_slacks(w);
}

/* Multipliers that fit alpha (NULL: zero) and, where v is bounded, make the point stationary, all
 * of them away from 0 by what complementarity mu asks for. */
static void start(work *w, const zg_l1_answer *warm)
{
    place(w, warm ? warm->v : NULL);
    memset(w->fit, 0, w->n * sizeof *w->fit);
    if (warm && w->k) zg_gemv(false, w->n, w->k, 1.0, w->p->f, w->n, warm->alpha, 0.0, w->fit);
    double count = (double)(2 * w->k + 2 * w->n), penalty = 0.0;
    for (size_t j = 0; warm && j < w->k; j++)
        penalty += w->p->beta * fabs(warm->alpha[j]);
    double mu = (warm ? 0.02 : 0.1) * fmax(loss_of(w, w->fit) + penalty, 1e-8) / count;
    differentiate(w);
    for (size_t b = 0; b < BOUNDS; b++)
        for (size_t i = 0; i < w->bound[b].count; i++) {
            double own = b >= BOX_LOW ? w->gradient[i] + w->fit[i] : warm ? warm->alpha[i] : 0.0;
            if (b == BELOW || b == BOX_HIGH) own = -own;
            w->bound[b].multiplier[i] =
                bounded(w, b, i) ? fmax(own, 0.0) + mu / w->bound[b].slack[i] : 0.0;
        }
}

/* fit = F alpha, residual of stationarity, and the best point of each side. */
static void measure(work *w)
{
    double penalty = 0.0, *alpha = w->weight;
    for (size_t j = 0; j < w->k; j++) {
        alpha[j] = w->bound[ABOVE].multiplier[j] - w->bound[BELOW].multiplier[j];
        penalty += w->p->beta * fabs(alpha[j]);
    }
    memset(w->fit, 0, w->n * sizeof *w->fit);
    if (w->k) zg_gemv(false, w->n, w->k, 1.0, w->p->f, w->n, alpha, 0.0, w->fit);
    double upper = loss_of(w, w->fit) + penalty;
    if (upper < w->upper) {
        w->upper = upper;
        memcpy(w->best_alpha, alpha, w->k * sizeof *alpha);
    }
    double lower = 0.0;
    for (size_t i = 0; i < w->n; i++)
        lower += w->v[i] * (w->p_linear[i] - w->q_curve[i] * w->v[i]);
    if (w->entropy) lower = zg_loss_dual(w->p->loss, w->n, w->v, w->p->y, w->p->weights);
    if (lower > w->lower) {
        w->lower = lower;
        memcpy(w->best_v, w->v, w->n * sizeof *w->v);
    }
    differentiate(w);
    for (size_t i = 0; i < w->n; i++)
        w->residual[i] = -w->gradient[i] - w->fit[i] + w->bound[BOX_LOW].multiplier[i] -
                         w->bound[BOX_HIGH].multiplier[i];
}

/* ---- the Newton system ----------------------------------------------------------------------- */

static zg_status factor(work *w)
{
    size_t n = w->n, k = w->k;
    const bound *above = &w->bound[ABOVE], *below = &w->bound[BELOW];
    for (size_t j = 0; j < k; j++) {
        double root =
            sqrt(above->multiplier[j] / above->slack[j] + below->multiplier[j] / below->slack[j]);
        for (size_t i = 0; i < n; i++)
            w->scaled[j * n + i] = root * w->p->f[j * n + i];
    }
    for (size_t rung = 0; rung < sizeof ladder / sizeof *ladder; rung++) {
        cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, (int)n, (int)k, 1.0, w->scaled, (int)n,
                    0.0, w->matrix, (int)n);
        double most = 0.0;
        for (size_t i = 0; i < n; i++) {
            double *entry = &w->matrix[i * n + i];
            *entry += w->hessian[i];
            for (size_t b = BOX_LOW; b < BOUNDS; b++)
                if (bounded(w, b, i)) *entry += w->bound[b].multiplier[i] / w->bound[b].slack[i];
            most = fmax(most, *entry);
        }
        if (!isfinite(most)) return ZG_FAILED;
        for (size_t i = 0; i < n; i++)
            w->matrix[i * n + i] += ladder[rung] * w->matrix[i * n + i] + 1e-40 * most;
        if (zg_cholesky(n, w->matrix) == ZG_OK) return ZG_OK;
    }
    return ZG_FAILED;
}

/* The quantity that a bound is on, and its change. */
static const double *change_of(const work *w, size_t b)
{
    return b < BOX_LOW ? w->dproduct : w->dv;
}

/* dv and the changes of the multipliers, from the targets of slack times multiplier. */
static void direction(work *w)
{
    size_t n = w->n, k = w->k;
    memcpy(w->right, w->residual, n * sizeof *w->right);
    for (size_t j = 0; j < k; j++)
        w->dproduct[j] = w->bound[BELOW].target[j] / w->bound[BELOW].slack[j] -
                         w->bound[ABOVE].target[j] / w->bound[ABOVE].slack[j];
    if (k) zg_gemv(false, n, k, 1.0, w->p->f, n, w->dproduct, 1.0, w->right);
    for (size_t b = BOX_LOW; b < BOUNDS; b++)
        for (size_t i = 0; i < n; i++)
            if (bounded(w, b, i))
                w->right[i] += w->bound[b].sign * w->bound[b].target[i] / w->bound[b].slack[i];
    memcpy(w->dv, w->right, n * sizeof *w->dv);
    zg_cholesky_solve(n, w->matrix, 1, w->dv);
    multiply_transposed(w, w->dv, w->dproduct);
    for (size_t b = 0; b < BOUNDS; b++) {
        bound *x = &w->bound[b];
        const double *change = change_of(w, b);
        for (size_t i = 0; i < x->count; i++)
            x->change[i] =
                !bounded(w, b, i)
                    ? 0.0
                    : (x->target[i] - x->sign * x->multiplier[i] * change[i]) / x->slack[i];
    }
}

static double ratio(double value, double change, double limit)
{
    return change < 0.0 ? fmin(limit, -value / change) : limit;
}

static double largest_step(const work *w)
{
    double step = INFINITY;
    for (size_t b = 0; b < BOUNDS; b++) {
        const bound *x = &w->bound[b];
        const double *change = change_of(w, b);
        for (size_t i = 0; i < x->count; i++) {
            if (bounded(w, b, i)) step = ratio(x->multiplier[i], x->change[i], step);
            if (isfinite(x->slack[i])) step = ratio(x->slack[i], x->sign * change[i], step);
        }
    }
    return step;
}

/* Sum of slack times multiplier after a step. */
static double complementarity(const work *w, double step)
{
    double sum = 0.0;
    for (size_t b = 0; b < BOUNDS; b++) {
        const bound *x = &w->bound[b];
        const double *change = change_of(w, b);
        for (size_t i = 0; i < x->count; i++)
            if (bounded(w, b, i))
                sum += (x->slack[i] + step * x->sign * change[i]) *
                       (x->multiplier[i] + step * x->change[i]);
    }
    return sum;
}

/* target = aim - slack multiplier, less what the predictor's step left out. */
static void set_targets(work *w, double aim, bool second_order)
{
    for (size_t b = 0; b < BOUNDS; b++) {
        bound *x = &w->bound[b];
        const double *change = change_of(w, b);
        for (size_t i = 0; i < x->count; i++) {
            if (!bounded(w, b, i)) continue;
            double left_out = second_order ? x->sign * change[i] * x->change[i] : 0.0;
            x->target[i] = aim - x->slack[i] * x->multiplier[i] - left_out;
        }
    }
}

static double degree_of(const work *w)
{
    double degree = 0.0;
    for (size_t b = 0; b < BOUNDS; b++)
        for (size_t i = 0; i < w->bound[b].count; i++)
            degree += bounded(w, b, i);
    return degree > 0.0 ? degree : 1.0;
}

static zg_status step_once(work *w)
{
    if (factor(w) != ZG_OK) return ZG_FAILED;
    memset(w->dv, 0, w->n * sizeof *w->dv);
    memset(w->dproduct, 0, w->k * sizeof *w->dproduct);
    double degree = degree_of(w), now = complementarity(w, 0.0);
    set_targets(w, 0.0, false);
    direction(w);
    double after = complementarity(w, fmin(1.0, largest_step(w)));
    double part = fmax(0.0, fmin(1.0, after / fmax(now, 1e-300)));
    set_targets(w, fmax(1e-6, part * part * part) * now / degree, true);
    direction(w);
    double step = fmin(1.0, TO_BOUNDARY * largest_step(w));
    if (!(step > 0.0) || !zg_all_finite(w->n, w->dv)) return ZG_FAILED;
    zg_axpy(w->n, step, w->dv, w->v);
    for (size_t b = 0; b < BOUNDS; b++)
        zg_axpy(w->bound[b].count, step, w->bound[b].change, w->bound[b].multiplier);
    multiply_transposed(w, w->v, w->product);
    set_slacks(w);
    return ZG_OK;
}

static bool inside(const work *w)
{
    for (size_t b = 0; b < BOUNDS; b++)
        for (size_t i = 0; i < w->bound[b].count; i++)
            if (!(w->bound[b].slack[i] > 0.0)) return false;
    return true;
}

static double gap_of(const work *w)
{
    return (w->upper - w->lower) / fmax(1.0, fabs(w->upper));
}

zg_status zg_l1_solve(const zg_l1 *problem, double tolerance, bool warm, zg_l1_answer *answer)
{
    work w;
    zg_status status = work_create(problem, &w);
    double best = INFINITY;
    long waited = 0;
    if (status == ZG_OK) {
        read_loss(&w);
        start(&w, warm ? answer : NULL);
        measure(&w);
    }
    answer->iterations = 0;
    while (status == ZG_OK && gap_of(&w) > tolerance && answer->iterations < MOST_ITERATIONS) {
        if (step_once(&w) != ZG_OK || !inside(&w)) break;
        measure(&w);
        answer->iterations++;
        if (gap_of(&w) < 0.9 * best) {
            best = gap_of(&w);
            waited = 0;
        } else if (++waited > PATIENCE) {
            break;
        }
    }
    if (status == ZG_OK && !(isfinite(w.upper) && isfinite(w.lower))) status = ZG_FAILED;
    if (status == ZG_OK) {
        memcpy(answer->v, w.best_v, w.n * sizeof *answer->v);
        memcpy(answer->alpha, w.best_alpha, w.k * sizeof *answer->alpha);
        answer->upper = w.upper;
        answer->lower = w.lower;
    }
    work_clear(&w);
    return status;
}
