/*
 * Descent with an inverted curvature (see low_rank_newton.h).
 *
 * libLBFGS begins every matrix with a multiple of the identity, and a metric that is no product of
 * factors cannot be hidden in the variables; hence the two loops of J. Nocedal, "Updating
 * quasi-Newton matrices with limited storage", Math. Comp. 35, 1980, here.
 */
#include "solvers/low_rank_newton.h"

#include "base/linalg.h"
#include "solvers/low_rank_line.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A step ends where the slope is this share of what it begins with; at most so many values are
 * looked at for that, at lengths up to the longest, Newton's being 1. */
#define FLAT_ENOUGH 0.1
#define TRIALS 20
#define LONGEST 8.0
/* A bracket is not cut closer to its ends than by this share. */
#define EDGE 0.1
/* Shorter steps than this say that the curvature promises too much. */
#define SHORT 0.7
/* A step that promises less than this share of the value is the last: the slopes still lead on when
 * the values only show rounding. */
#define SMALL 1e-18
/* Below this promise the noise of single precision begins to lead astray. */
#define SINGLE_PROMISE 1e-10
/* Values that are no higher than by this share are no higher but for rounding, and the slope
 * decides alone.  (W. Hager and H. Zhang, "A new conjugate gradient method with guaranteed descent
 * and an efficient line search", SIAM J. Optim. 16, 2005.)
 */
#define ROUNDING 1e-13
/* Pairs with less curvature than this, relative to their lengths, are not kept. */
#define FLAT 1e-10
/* So much of the steps allowed is taken beyond them where double precision has been taken up: the
 * end is near, and another curvature costs as much as some twenty steps. */
#define LAST_STEPS 0.5
/* Every so many steps the curvature is made anew where it can be. */
#define STEPS_OF_CURVATURE 8
/* The last so many pairs are kept: they cost memory and time, and what is older is of another
 * place. */
#define MOST_PAIRS 500

/* In single precision: they are read twice a step, and describe a curvature. */
typedef struct pair {
    float *step, *change; /* of the variables, of the gradient */
    float along;          /* their product */
} pair;

typedef struct newton {
    zg_factor *factor;
    zg_curvature *curvature;
    size_t size, count;
    pair *pairs; /* MOST_PAIRS */
    double *w, *gradient, *direction, *trial, *next;
    float *single, *share; /* scratch: variables, MOST_PAIRS */
    zg_line *line;
    double value, length; /* of F; that the next step tries first, 1 being Newton's */
    double promise;       /* of the last step: minus the slope that it began with */
} newton;

/* direction = - (the present approximation of H)^-1 gradient; returns the slope along it. */
static double find_direction(newton *s)
{
    int size = (int)s->size;
    float *q = s->single;
    double length = zg_norm(s->size, s->gradient);
    if (!(length > 0.0) || !isfinite(length)) return 0.0;
    for (size_t i = 0; i < s->size; i++)
        q[i] = (float)(s->gradient[i] / length);
    for (size_t k = s->count; k-- > 0;) {
        const pair *p = &s->pairs[k];
        s->share[k] = cblas_sdot(size, p->step, 1, q, 1) / p->along;
        cblas_saxpy(size, -s->share[k], p->change, 1, q, 1);
    }
    for (size_t i = 0; i < s->size; i++)
        s->next[i] = q[i]; /* scratch: holds the gradient of the next point only later */
    zg_curvature_solve(s->curvature, s->next, s->direction);
    for (size_t i = 0; i < s->size; i++)
        q[i] = (float)s->direction[i];
    for (size_t k = 0; k < s->count; k++) {
        const pair *p = &s->pairs[k];
        float back = cblas_sdot(size, p->change, 1, q, 1) / p->along;
        cblas_saxpy(size, s->share[k] - back, p->step, 1, q, 1);
    }
    for (size_t i = 0; i < s->size; i++)
        s->direction[i] = -length * (double)q[i];
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
    if (!p->step) p->step = zg_floats(s->size);
    if (!p->change) p->change = zg_floats(s->size);
    if (!p->step || !p->change) return false;
    double square = 0.0;
    for (size_t i = 0; i < s->size; i++)
        square += (s->trial[i] - s->w[i]) * (s->trial[i] - s->w[i]);
    if (!(square > 0.0)) return true;
    double along = 0.0, changes = 0.0, length = sqrt(square);
    for (size_t i = 0; i < s->size; i++) { /* of a step of length 1 */
        double step = (s->trial[i] - s->w[i]) / length,
               change = (s->next[i] - s->gradient[i]) / length;
        along += step * change;
        changes += change * change;
        p->step[i] = (float)step;
        p->change[i] = (float)change;
    }
    p->along = (float)along;
    if (along > FLAT * sqrt(changes) && isfinite(p->along) && p->along > 0.0F) s->count++;
    return true;
}

static void swap(double **a, double **b)
{
    double *c = *a;
    *a = *b;
    *b = c;
}

/* What of a value rounding explains; nothing in single precision, whose noise has slopes too. */
static double rounding(const zg_factor *factor, double value)
{
    return factor->products->single ? 0.0 : ROUNDING * fabs(value);
}

/* The length at which F's slope along the direction vanishes, nearly, F being no higher than where
 * the step of this slope begins; else the one of those looked at where F is least, or 0 where it
 * is higher at all of them.  The line is left there. */
static double search(newton *s, double slope, double *f, double *value)
{
    double low = 0.0, high = INFINITY, at_low = slope, at_high = INFINITY, t = s->length, here;
    double best = 0.0, least = s->value + rounding(s->factor, s->value), most = least;
    for (int k = 0; k < TRIALS; k++) {
        *value = zg_line_value(s->line, t, f, &here);
        bool lower = *value <= most && isfinite(here);
        if (lower && fabs(here) <= FLAT_ENOUGH * fabs(slope)) return t;
        if (lower && *value < least) {
            least = *value;
            best = t;
        }
        if (lower && here < 0.0) {
            low = t;
            at_low = here;
            if (t >= LONGEST) break;
        } else {
            high = t;
            at_high = here > 0.0 ? here : INFINITY; /* slopes say nothing: to the edge */
        }
        double zero = low + (high - low) * at_low / (at_low - at_high), edge = EDGE * (high - low);
        if (isinf(high))
            t = fmin(2.0 * t, LONGEST);
        else
            t = fmin(fmax(isfinite(zero) ? zero : low, low + edge), high - edge);
    }
    if (best > 0.0) *value = zg_line_value(s->line, best, f, &here);
    return best;
}

/* One step; false where none is left to take. */
static bool advance(newton *s, double *f, zg_newton_end *end)
{
    double slope = find_direction(s), value;
    s->promise = -slope;
    if (!(s->promise > SMALL * fabs(s->value)) || !isfinite(slope)) return false;
    zg_line_aim(s->line, s->w, s->direction);
    double t = search(s, slope, f, &value);
    if (!(t > 0.0)) return false;
    memcpy(s->trial, s->w, s->size * sizeof *s->w);
    if (zg_line_go(s->line, s->trial, s->next) != ZG_OK || !remember(s)) return false;
    end->overlong += t < SHORT;
    s->value = value;
    s->length = fmin(t, 1.0);
    swap(&s->w, &s->trial);
    swap(&s->gradient, &s->next);
    return true;
}

/* The line at the present point and the gradient there, in the precision that the factor has. */
static zg_status start(newton *s, double *f)
{
    double slope;
    zg_line_free(s->line);
    zg_status status = zg_line_create(s->factor, s->w, &s->line);
    if (status != ZG_OK) return status;
    s->value = zg_line_value(s->line, 0.0, f, &slope);
    return zg_line_go(s->line, s->w, s->gradient);
}

/* Goes on in double precision. */
static zg_status refine(newton *s, double *f)
{
    zg_status status = zg_factor_use(s->factor, s->factor->products->store, false);
    return status == ZG_OK ? start(s, f) : status;
}

/* The curvature is that of the present point, where it is due before step k. */
static zg_status move_curvature(newton *s, long k, const double *f)
{
    if (k == 0 || k % STEPS_OF_CURVATURE != 0 || !zg_curvature_moves(s->curvature)) return ZG_OK;
    s->length = 1.0;
    return zg_curvature_move(s->curvature, s->factor, s->w, zg_line_projections(s->line), f);
}

/* How many steps may be taken, as things are. */
static long most_steps(const newton *s, const zg_descent *how)
{
    bool refined = how->single && !s->factor->products->single;
    return how->steps + (refined ? (long)(LAST_STEPS * (double)how->steps) : 0);
}

static zg_status run(newton *s, const zg_descent *how, const double *w, double *f,
                     zg_newton_end *end)
{
    memcpy(s->w, w, s->size * sizeof *w);
    zg_status status = start(s, f);
    s->length = 1.0;
    for (long k = 0; status == ZG_OK && k < most_steps(s, how) && how->go_on(how->context); k++) {
        status = move_curvature(s, k, f);
        if (status != ZG_OK) break;
        bool moved = advance(s, f, end);
        bool enough =
            how->enough > 0.0 && s->promise < how->enough * fabs(s->value) && 3 * end->overlong > k;
        if (enough || (!moved && !s->factor->products->single)) break;
        if (s->factor->products->single && (!moved || s->promise < SINGLE_PROMISE * fabs(s->value)))
            status = refine(s, f);
    }
    end->promise = s->promise;
    zg_line_free(s->line);
    end->lost = status == ZG_FAILED; /* without a curvature the descent ends where it is */
    return end->lost ? ZG_OK : status;
}

zg_status zg_factor_newton(zg_factor *factor, const zg_descent *how, zg_curvature *curvature,
                           double *w, double *f, zg_newton_end *end)
{
    *end = (zg_newton_end){.before = NAN, .value = NAN, .promise = NAN};
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
                .single = zg_floats(size),
                .share = zg_floats(most)};
    bool complete =
        s.pairs && s.w && s.gradient && s.direction && s.trial && s.next && s.single && s.share;
    zg_status status = complete ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) { /* both values that are compared are of double precision */
        factor->balanced = true;
        end->before = zg_factor_value(factor, w, NULL, f);
        status = zg_factor_use(factor, how->store, how->single);
    }
    if (status == ZG_OK) status = run(&s, how, w, f, end);
    if (status == ZG_OK) {
        (void)zg_factor_use(factor, how->store, false);
        end->value = zg_factor_value(factor, s.w, NULL, f);
        if (end->value <= end->before + rounding(factor, end->before)) {
            zg_factor_take_multiples(factor, s.w);
            memcpy(w, s.w, size * sizeof *w);
        } else {
            end->value = zg_factor_value(factor, w, NULL, f);
            zg_factor_take_multiples(factor, w);
        }
        factor->balanced = false;
    }
    for (size_t k = 0; s.pairs && k < most; k++) {
        free(s.pairs[k].step);
        free(s.pairs[k].change);
    }
    double *all[] = {s.w, s.gradient, s.direction, s.trial, s.next};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    free(s.single);
    free(s.share);
    free(s.pairs);
    return status;
}
