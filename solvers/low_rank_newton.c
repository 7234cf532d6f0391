/*
 * Descent with an inverted curvature (see low_rank_newton.h).
 *
 * libLBFGS begins every matrix with a multiple of the identity, and a metric that is no product of
 * factors cannot be hidden in the variables; hence the two loops of J. Nocedal, "Updating
 * quasi-Newton matrices with limited storage", Math. Comp. 35, 1980, here.
 */
#include "solvers/low_rank_newton.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Share of the promised fall that a step must bring; how often it is halved for that. */
#define SUFFICIENT 1e-4
#define HALVINGS 30
#define HALVINGS_SINGLE 10
/* A step that promises less than this share of the value is the last: in single precision, and in
 * double, where the slopes still lead on when the values only show rounding. */
#define SMALL_SINGLE 1e-11
#define SMALL 1e-18
/* Where a value is no higher than by this share, which rounding explains, a slope along the step
 * that is this much flatter will do instead of a fall.  (W. Hager and H. Zhang, "A new conjugate
 * gradient method with guaranteed descent and an efficient line search", SIAM J. Optim. 16, 2005.)
 */
#define ROUNDING 1e-13
#define FLATTER 0.9
/* Pairs with less curvature than this, relative to their lengths, are not kept. */
#define FLAT 1e-10
/* The last so many pairs are kept: they cost memory and time, and what is older is of another
 * place. */
#define MOST_PAIRS 500

typedef struct pair {
    double *step, *change; /* of the variables, of the gradient */
    double along;          /* their product */
} pair;

typedef struct newton {
    zg_factor *factor;
    const zg_curvature *curvature;
    size_t size, count;
    pair *pairs; /* MOST_PAIRS */
    double *w, *gradient, *direction, *trial, *next, *share;
    double value, length; /* of F; that the next step tries first, 1 being Newton's */
} newton;

/* direction = - (the present approximation of H)^-1 gradient; returns the slope along it. */
static double find_direction(newton *s)
{
    double *q = s->next; /* scratch: holds the gradient of the next point only later */
    memcpy(q, s->gradient, s->size * sizeof *q);
    for (size_t k = s->count; k-- > 0;) {
        const pair *p = &s->pairs[k];
        s->share[k] = zg_dot(s->size, p->step, q) / p->along;
        zg_axpy(s->size, -s->share[k], p->change, q);
    }
    zg_curvature_solve(s->curvature, q, s->direction);
    for (size_t k = 0; k < s->count; k++) {
        const pair *p = &s->pairs[k];
        double back = zg_dot(s->size, p->change, s->direction) / p->along;
        zg_axpy(s->size, s->share[k] - back, p->step, s->direction);
    }
    for (size_t i = 0; i < s->size; i++)
        s->direction[i] = -s->direction[i];
    return zg_dot(s->size, s->gradient, s->direction);
}

/* Remembers the step from w to trial, in the oldest one's place if there is no other; false without
 * memory. */
static bool remember(newton *s)
{
    if (s->count == MOST_PAIRS) {
        pair oldest = s->pairs[0];
        memmove(s->pairs, s->pairs + 1, (MOST_PAIRS - 1) * sizeof *s->pairs);
        s->pairs[--s->count] = oldest;
    }
    pair *p = &s->pairs[s->count];
    if (!p->step) p->step = zg_doubles(s->size);
    if (!p->change) p->change = zg_doubles(s->size);
    if (!p->step || !p->change) return false;
    for (size_t i = 0; i < s->size; i++) {
        p->step[i] = s->trial[i] - s->w[i];
        p->change[i] = s->next[i] - s->gradient[i];
    }
    p->along = zg_dot(s->size, p->step, p->change);
    if (p->along > FLAT * zg_norm(s->size, p->step) * zg_norm(s->size, p->change)) s->count++;
    return true;
}

static void swap(double **a, double **b)
{
    double *c = *a;
    *a = *b;
    *b = c;
}

/* The point takes the multiples over that the last pass found, so that it stays one at which the
 * curvature was meant; the gradient by it follows. */
static void take_multiples(const zg_factor *factor, double *w, double *gradient)
{
    for (size_t k = 0; k < factor->cones; k++) {
        double root = sqrt(factor->multiple[k % 2]);
        for (size_t i = factor->offset[k]; i < factor->offset[k + 1]; i++) {
            w[i] *= root;
            gradient[i] /= root;
        }
    }
}

/* What of a value rounding explains; nothing in single precision, whose noise has slopes too. */
static double rounding(const zg_factor *factor, double value)
{
    return factor->single ? 0.0 : ROUNDING * fabs(value);
}

/* Whether the trial is worth taking: slope is that where the step of this length begins. */
static bool good(const newton *s, double value, double length, double slope)
{
    if (value <= s->value + SUFFICIENT * length * slope) return true;
    return value <= s->value + rounding(s->factor, s->value) &&
           fabs(zg_dot(s->size, s->next, s->direction)) <= FLATTER * fabs(slope);
}

/* One step; false where none is left to take. */
static bool advance(newton *s, double *f, long *halvings)
{
    double slope = find_direction(s), length = s->length;
    double small = s->factor->single ? SMALL_SINGLE : SMALL;
    if (!(-slope > small * fabs(s->value)) || !isfinite(slope)) return false;
    int most = s->factor->single ? HALVINGS_SINGLE : HALVINGS;
    for (int k = 0; k < most; k++, length *= 0.5, ++*halvings) {
        for (size_t i = 0; i < s->size; i++)
            s->trial[i] = s->w[i] + length * s->direction[i];
        double value = zg_factor_value(s->factor, s->trial, s->next, f);
        if (!good(s, value, length, slope)) continue;
        take_multiples(s->factor, s->trial, s->next);
        if (!remember(s)) return false;
        s->value = value;
        s->length = k == 0 ? fmin(1.0, 2.0 * length) : length;
        swap(&s->w, &s->trial);
        swap(&s->gradient, &s->next);
        return true;
    }
    return false;
}

static void run(newton *s, const zg_descent *how, const double *w, double *f, bool *ended,
                long *halvings)
{
    memcpy(s->w, w, s->size * sizeof *w);
    s->value = zg_factor_value(s->factor, s->w, s->gradient, f);
    take_multiples(s->factor, s->w, s->gradient);
    s->length = 1.0;
    for (long k = 0; k < how->steps && how->go_on(how->context); k++)
        if (!advance(s, f, halvings)) {
            *ended = true;
            return;
        }
}

zg_status zg_factor_newton(zg_factor *factor, const zg_descent *how, const zg_curvature *curvature,
                           double *w, double *before, double *value, double *f, bool *ended,
                           long *halvings)
{
    size_t size = zg_factor_size(factor), most = MOST_PAIRS;
    newton s = {.factor = factor,
                .curvature = curvature,
                .size = size,
                .pairs = calloc(most, sizeof *s.pairs),
                .w = zg_doubles(size),
                .gradient = zg_doubles(size),
                .direction = zg_doubles(size),
                .trial = zg_doubles(size),
                .next = zg_doubles(size),
                .share = zg_doubles(most)};
    bool complete = s.pairs && s.w && s.gradient && s.direction && s.trial && s.next && s.share;
    zg_status status = complete ? zg_factor_use_single(factor, how->single) : ZG_NO_MEMORY;
    *ended = false;
    if (status == ZG_OK) {
        factor->balanced = true;
        *before = zg_factor_value(factor, w, NULL, f);
        run(&s, how, w, f, ended, halvings);
        (void)zg_factor_use_single(factor, NULL);
        *value = zg_factor_value(factor, s.w, NULL, f);
        *ended = *ended || !(*value < *before);
        if (*value <= *before + rounding(factor, *before)) {
            zg_factor_take_multiples(factor, s.w);
            memcpy(w, s.w, size * sizeof *w);
        } else {
            *value = zg_factor_value(factor, w, NULL, f);
            zg_factor_take_multiples(factor, w);
        }
        factor->balanced = false;
    }
    for (size_t k = 0; s.pairs && k < most; k++) {
        free(s.pairs[k].step);
        free(s.pairs[k].change);
    }
    double *all[] = {s.w, s.gradient, s.direction, s.trial, s.next, s.share};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    free(s.pairs);
    return status;
}
