/* Branch and bound over arcs of directions, for two inputs. */
#include "baselines/weight_decay/arcs.h"

#include "base/linalg.h"
#include "baselines/limit.h"
#include "baselines/weight_decay/bound.h"
#include "baselines/weight_decay/heap.h"
#include "baselines/weight_decay/point.h"
#include "core/safe.h"

#include <stdlib.h>
#include <string.h>

#define QUARTER 1.5707963267948966192313L /* pi/2, and a little for its rounding below */
#define GRID 64                           /* angles from which the incumbent is searched */
#define ROUNDS 40           /* coordinate descents of a box's relaxation at one angle */
#define SECTIONS 12         /* golden sections for its angle */
#define FITTED 4            /* samples that incumbents are made to fit, two by two */
#define MOVES 300           /* of the angle, in one search: steps do not grow */
#define NARROW 0.1          /* power below which that is worth the time */
#define WIDEST 1e150        /* weights beyond are in no box: what they cost bounds them */
#define DEPTH_FIRST 1000000 /* open nodes from which node selection is depth first */
/* Share of all sizes involved that rounding may amount to: everything is in long double with unit
 * roundoff 2^-64, sums have at most ZG_ARCS_SAMPLE_LIMIT terms, (5e5 + 100) 2^-64 < 1e-13. */
#define ERROR_SHARE 1e-13L

typedef struct zg_arc_box {
    double bound;
    double angle[2];        /* radians, within [0, pi/2] */
    double low[2], high[2]; /* of the two weights */
} box;

typedef struct zg_arcs {
    const zg_problem *problem;
    const zg_decay_options *options;
    zg_arcs_result *result;
    zg_decay_problem penalty; /* lambda and power of it */
    long double gram[3][3], moment[3],
        half;           /* F'F, F'y, y'y/2 for columns a x1^2, 2a x1 x2, a x2^2 */
    double angle, w[2]; /* the incumbent */
    zg_heap open;       /* of boxes */
    double radius;      /* of the root box, in both weights */
    double pruned_bound, started, last_notice;
    zg_limit limit;
} arcs;

/* ---- the functions ------------------------------------------------------------------------- */

static double penalty_of(const arcs *a, double w)
{
    return w == 0.0 ? 0.0 : a->penalty.lambda * pow(fabs(w), a->penalty.power);
}

/* uu' of both directions at an angle, as (z11, z12, z22). */
static void directions(double angle, long double g[2][3])
{
    long double c = cosl(angle), s = sinl(angle);
    long double first[3] = {c * c, c * s, s * s}, second[3] = {s * s, -c * s, c * c};
    memcpy(g[0], first, sizeof first);
    memcpy(g[1], second, sizeof second);
}

/* The quadratic w'Aw/2 - r'w of the two weights at an angle. */
static void quadratic_at(const arcs *a, double angle, double matrix[2][2], double r[2])
{
    long double g[2][3];
    directions(angle, g);
    for (int i = 0; i < 2; i++) {
        long double right = 0;
        for (int e = 0; e < 3; e++)
            right += g[i][e] * a->moment[e];
        r[i] = (double)right;
        for (int j = 0; j < 2; j++) {
            long double sum = 0;
            for (int e = 0; e < 3; e++)
                for (int f = 0; f < 3; f++)
                    sum += g[i][e] * a->gram[e][f] * g[j][f];
            matrix[i][j] = (double)sum;
        }
    }
}

/* What the searches minimise: as exact as the Gram matrix is.  INFINITY where it overflows, also in
 * between. */
static double objective_at(const arcs *a, double angle, const double w[2])
{
    long double g[2][3], z[3], value = a->half;
    directions(angle, g);
    for (int e = 0; e < 3; e++)
        z[e] = w[0] * g[0][e] + w[1] * g[1][e];
    for (int e = 0; e < 3; e++) {
        long double sum = 0;
        for (int f = 0; f < 3; f++)
            sum += a->gram[e][f] * z[f];
        value += z[e] * (0.5L * sum - a->moment[e]);
    }
    double loss = value < 0.0L ? 0.0 : (double)value; /* not fmax, which takes NaN for 0 */
    return zg_upper(loss + penalty_of(a, w[0]) + penalty_of(a, w[1]));
}

/* ---- incumbents ---------------------------------------------------------------------------- */

/* Global minimum of c t^2 / 2 - g t + lambda |t|^p. */
static double best_weight(const arcs *a, double c, double g)
{
    double size = fabs(g);
    if (!(c > 0.0) || !(size > 0.0)) return 0.0;
    double t = zg_decay_stationary(&a->penalty, c, size);
    return 0.5 * c * t * t - size * t + penalty_of(a, t) < 0.0 ? copysign(t, g) : 0.0;
}

/* Coordinate descent in the weights at an angle, from w. */
static double descend(const arcs *a, double angle, double w[2])
{
    double matrix[2][2], r[2];
    quadratic_at(a, angle, matrix, r);
    for (int round = 0; round < 200; round++) {
        double moved = 0.0;
        for (int i = 0; i < 2; i++) {
            double t = best_weight(a, matrix[i][i], r[i] - matrix[i][1 - i] * w[1 - i]);
            moved = fmax(moved, fabs(t - w[i]));
            w[i] = t;
        }
        if (moved <= 1e-13 * (fabs(w[0]) + fabs(w[1]))) break;
    }
    return objective_at(a, angle, w);
}

/* From w, and from each weight alone. */
static double descend_all(const arcs *a, double angle, const double from[2], double best[2])
{
    double least = INFINITY;
    for (int start = 0; start < 3; start++) {
        double w[2] = {start == 1 ? 0.0 : from[0], start == 2 ? 0.0 : from[1]};
        double value = descend(a, angle, w);
        if (start > 0 && !(value < least)) continue;
        least = value;
        memcpy(best, w, sizeof w);
    }
    return least;
}

/* From the rows, rounded up: the Gram matrix squares what cancels.  The neurons are those of
 * build_network. */
static double objective_of_network(const arcs *a, double angle, const double w[2])
{
    const zg_problem *problem = a->problem;
    long double c = cos(angle), s = sin(angle), factor = problem->activation.a, total = 0.0L;
    for (size_t i = 0; i < problem->samples; i++) {
        long double x1 = problem->x[2 * i], x2 = problem->x[2 * i + 1];
        long double first = c * x1 + s * x2, second = c * x2 - s * x1;
        long double f = factor * (w[0] * first * first + w[1] * second * second);
        long double square = x1 * x1 + x2 * x2;
        long double size = fabsl(factor) * square * (fabs(w[0]) + fabs(w[1])) + fabs(problem->y[i]);
        long double residual = fabsl(f - problem->y[i]) + 0x1p-59L * size;
        total += 0.5L * residual * residual;
    }
    total += zg_decay_penalty_above(&a->penalty, w[0]);
    total += zg_decay_penalty_above(&a->penalty, w[1]);
    return zg_upper((double)total);
}

static void offer_incumbent(arcs *a, double angle, const double w[2])
{
    double value = objective_of_network(a, angle, w);
    if (!(value < a->result->objective)) return;
    a->result->objective = value;
    a->angle = angle;
    memcpy(a->w, w, sizeof a->w);
}

/* Improves the angle too, by steps that shrink from `step` to `least`. */
static void polish(arcs *a, double angle, const double from[2], double step, double least)
{
    double w[2], value = descend_all(a, angle, from, w);
    for (int move = 0; move < MOVES && step > least && !zg_limit_reached(&a->limit); move++) {
        bool better = false;
        for (int side = -1; side <= 1 && !better; side += 2) {
            double trial[2], there = descend_all(a, angle + side * step, w, trial);
            better = there < value;
            if (!better) continue;
            value = there;
            angle += side * step;
            memcpy(w, trial, sizeof w);
        }
        if (!better) step *= 0.5;
    }
    offer_incumbent(a, angle, w);
}

/* The two weights that fit best without a penalty, or nearly so. */
static void fit(const arcs *a, double angle, double w[2])
{
    double m[2][2], r[2];
    quadratic_at(a, angle, m, r);
    double ridge = 1e-9 * (m[0][0] + m[1][1]) + 1e-300;
    double det = (m[0][0] + ridge) * (m[1][1] + ridge) - m[0][1] * m[1][0];
    w[0] = (r[0] * (m[1][1] + ridge) - m[0][1] * r[1]) / det;
    w[1] = (r[1] * (m[0][0] + ridge) - m[1][0] * r[0]) / det;
}

/* From the directions u at which one neuron fits two samples, (x_i u)^2 : (x_j u)^2 = y_i : y_j.
 * With tiny powers these valleys are too narrow for a grid. */
static void search_fitting(arcs *a)
{
    const double *x = a->problem->x, *y = a->problem->y;
    size_t count = a->problem->samples < FITTED ? a->problem->samples : FITTED;
    for (size_t pair = 0; pair < count * count && !zg_limit_reached(&a->limit); pair++) {
        size_t i = pair / count, j = pair % count;
        double ratio = sqrt(y[i] / y[j]), start[2];
        if (i == j || !isfinite(ratio)) continue; /* signs differ, or nothing to fit */
        double side = i < j ? ratio : -ratio;
        double d1 = x[2 * i] - side * x[2 * j], d2 = x[2 * i + 1] - side * x[2 * j + 1];
        double angle = fmod(atan2(d1, -d2) + 4.0 * (double)QUARTER, (double)QUARTER);
        fit(a, angle, start);
        polish(a, angle, start, 1e-9, 1e-14);
    }
}

static void search(arcs *a)
{
    double none[2] = {0.0, 0.0}, values[GRID], weights[GRID][2];
    offer_incumbent(a, 0.0, none);
    for (int i = 0; i < GRID; i++) {
        double angle = (double)QUARTER * i / GRID, start[2];
        if (zg_limit_reached(&a->limit)) return;
        fit(a, angle, start);
        values[i] = descend_all(a, angle, start, weights[i]);
    }
    for (int i = 0; i < GRID && !zg_limit_reached(&a->limit); i++) {
        bool valley =
            values[i] <= values[(i + 1) % GRID] && values[i] <= values[(i + GRID - 1) % GRID];
        if (valley) polish(a, (double)QUARTER * i / GRID, weights[i], (double)QUARTER / GRID, 1e-9);
    }
    if (a->penalty.power < NARROW) search_fitting(a);
}

/* ---- bounding ------------------------------------------------------------------------------ */

/* The envelope of lambda |w|^p over [low, high]: one chord, or a V through 0. */
typedef struct zg_envelope {
    double low, high;
    double left, right; /* slopes below and above 0; equal for a chord */
    double base;        /* value at 0 of the line right of 0 */
} envelope;

static envelope envelope_of(const arcs *a, double low, double high)
{
    double at_low = penalty_of(a, low), at_high = penalty_of(a, high);
    envelope e = {.low = low, .high = high};
    if (low < 0.0 && high > 0.0) {
        e.left = at_low / low;
        e.right = at_high / high;
    } else {
        e.left = e.right = high > low ? (at_high - at_low) / (high - low) : 0.0;
        e.base = at_low - e.right * low;
    }
    return e;
}

static double envelope_at(const envelope *e, double w)
{
    return e->base + (w > 0.0 ? e->right : e->left) * w;
}

/* Minimises c t^2 / 2 - g t + envelope. */
static double relaxed_weight(const envelope *e, double c, double g)
{
    double t = 0.0;
    if (!(c > 0.0))
        t = g > e->right ? e->high : g < e->left ? e->low : 0.0;
    else if (g > e->right)
        t = (g - e->right) / c;
    else if (g < e->left)
        t = (g - e->left) / c;
    return fmin(e->high, fmax(e->low, t));
}

typedef struct zg_arc_bound {
    double value;
    double constant; /* safe y'y/2 - z'Gz/2; value = constant + least term */
    double middle;   /* s_1 = middle + swing(theta), s_2 = middle - swing(theta) */
    double swing[2]; /* range over the arc */
    double error;    /* of middle and swing together */
    double w[2];     /* the relaxation's point */
} arc_bound;

/* The range of p cos 2t + q sin 2t over an arc of length at most pi/2. */
static void range_of(long double p, long double q, const double angle[2], long double *low,
                     long double *high)
{
    long double first = p * cosl(2.0L * angle[0]) + q * sinl(2.0L * angle[0]);
    long double last = p * cosl(2.0L * angle[1]) + q * sinl(2.0L * angle[1]);
    long double radius = hypotl(p, q), top = atan2l(q, p) / 2.0L;
    *low = !(first >= last) ? first : last; /* NaN of either stays: it is no range */
    *high = !(first <= last) ? first : last;
    if (isnan(first) || isnan(last)) *low = *high = NAN;
    const long double slack = 1e-15L; /* radians: reach the extremum rather too often */
    for (int turn = -2; turn <= 2; turn++) {
        long double crest = top + 2.0L * QUARTER * turn, trough = crest + QUARTER;
        if (crest >= angle[0] - slack && crest <= angle[1] + slack) *high = radius;
        if (trough >= angle[0] - slack && trough <= angle[1] + slack) *low = -radius;
    }
}

/* min over the arc of lambda |w_1|^p + lambda |w_2|^p - w_1 s_1 - w_2 s_2, rounded down: linear in
 * the swing, so that an end of its range decides. */
static double pair_term(const arcs *a, const arc_bound *bound, double first, double second)
{
    double penalty =
        zg_decay_penalty_below(&a->penalty, first) + zg_decay_penalty_below(&a->penalty, second);
    double difference = first - second;
    double even = (first + second) * bound->middle;
    double odd = zg_upper_max(difference * bound->swing[0], difference * bound->swing[1]);
    double slopes = fabs(bound->middle) + fabs(bound->swing[0]) + fabs(bound->swing[1]);
    double reach = fabs(first) + fabs(second), size = penalty + reach * slopes;
    return zg_lower_final(penalty - even - odd - bound->error * reach - 1e-14 * size - DBL_MIN);
}

/* The ends of [low, high], and 0 where it is inside: for a fixed angle and partner the term is
 * concave on either side of 0. */
static int corners(double low, double high, double *point)
{
    int count = 0;
    point[count++] = low;
    if (high > low) point[count++] = high;
    if (low < 0.0 && high > 0.0) point[count++] = 0.0;
    return count;
}

/* The least term with weight j in [low, high], the other anywhere in its interval of b. */
static double least_term(const arcs *a, const box *b, const arc_bound *bound, int j, double low,
                         double high)
{
    double mine[3], other[3], least = INFINITY;
    int count = corners(low, high, mine);
    int others = corners(b->low[1 - j], b->high[1 - j], other);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < others; k++)
            least = zg_lower_min(least, j == 0 ? pair_term(a, bound, mine[i], other[k])
                                               : pair_term(a, bound, other[k], mine[i]));
    return least;
}

/* The sum of the sizes of the terms behind an entry of the Gram matrix is at most this. */
static long double gram_size(const arcs *a, int e, int f)
{
    return sqrtl(a->gram[e][e] * a->gram[f][f]);
}

/* Slopes of both weights over the arc at v = y - F z, widened by their rounding errors. */
static void slopes_at(const arcs *a, const box *b, const long double z[3], arc_bound *out)
{
    long double dual[3], size = 0;
    for (int e = 0; e < 3; e++) {
        long double reach = sqrtl(a->gram[e][e] * 2.0L * a->half); /* >= |F'y| entry by entry */
        dual[e] = a->moment[e];
        for (int f = 0; f < 3; f++) {
            dual[e] -= a->gram[e][f] * z[f];
            reach += fabsl(z[f]) * gram_size(a, e, f);
        }
        size += reach;
    }
    long double middle = 0.5L * (dual[0] + dual[2]), low, high;
    range_of(0.5L * (dual[0] - dual[2]), 0.5L * dual[1], b->angle, &low, &high);
    out->middle = (double)middle;
    out->swing[0] = (double)low;
    out->swing[1] = (double)high;
    out->error = (double)(ERROR_SHARE * size) +
                 1e-15 * (fabs(out->middle) + fabs(out->swing[0]) + fabs(out->swing[1])) + DBL_MIN;
}

/* The relaxation's weights at an angle of the arc, from w, and its value without y'y/2. */
static double relax_at(const arcs *a, const envelope shape[2], double angle, double w[2])
{
    double matrix[2][2], r[2], value = 0.0;
    quadratic_at(a, angle, matrix, r);
    for (int round = 0; round < ROUNDS; round++) {
        double moved = 0.0;
        for (int i = 0; i < 2; i++) {
            double g = r[i] - matrix[i][1 - i] * w[1 - i];
            double t = relaxed_weight(shape + i, matrix[i][i], g);
            moved = fmax(moved, fabs(t - w[i]));
            w[i] = t;
        }
        if (moved <= 1e-10 * (fabs(w[0]) + fabs(w[1]))) break;
    }
    for (int i = 0; i < 2; i++) {
        value += envelope_at(shape + i, w[i]) - r[i] * w[i];
        for (int j = 0; j < 2; j++)
            value += 0.5 * w[i] * matrix[i][j] * w[j];
    }
    return value;
}

typedef struct zg_section {
    double angle, value, w[2];
} section;

static section section_at(const arcs *a, const envelope shape[2], double angle,
                          const double from[2])
{
    section s = {.angle = angle, .w = {from[0], from[1]}};
    s.value = relax_at(a, shape, angle, s.w);
    return s;
}

/* Where on the arc the relaxation is least, by golden sections: the multipliers there make the
 * Lagrangian stationary in the angle, so that its variation over the arc is of second order. */
static double relaxed_angle(const arcs *a, const box *b, double w[2])
{
    const double ratio = 0.6180339887498949, zero[2] = {0.0, 0.0};
    double length = b->angle[1] - b->angle[0];
    envelope shape[2] = {envelope_of(a, b->low[0], b->high[0]),
                         envelope_of(a, b->low[1], b->high[1])};
    section s[4], best;
    s[0] = section_at(a, shape, b->angle[0], zero);
    s[1] = section_at(a, shape, b->angle[1] - ratio * length, s[0].w);
    s[2] = section_at(a, shape, b->angle[0] + ratio * length, s[1].w);
    s[3] = section_at(a, shape, b->angle[1], s[2].w);
    for (int step = 0; step < SECTIONS; step++) {
        if (s[1].value < s[2].value) {
            s[3] = s[2];
            s[2] = s[1];
            s[1] = section_at(a, shape, s[3].angle - ratio * (s[3].angle - s[0].angle), s[2].w);
        } else {
            s[0] = s[1];
            s[1] = s[2];
            s[2] = section_at(a, shape, s[0].angle + ratio * (s[3].angle - s[0].angle), s[1].w);
        }
    }
    best = s[0];
    for (int i = 1; i < 4; i++)
        if (s[i].value < best.value) best = s[i];
    memcpy(w, best.w, sizeof best.w);
    return best.angle;
}

static void bound_box(const arcs *a, const box *b, arc_bound *out)
{
    long double g[2][3], z[3], value = a->half, size = a->half;
    directions(relaxed_angle(a, b, out->w), g);
    for (int e = 0; e < 3; e++)
        z[e] = out->w[0] * g[0][e] + out->w[1] * g[1][e];
    for (int e = 0; e < 3; e++)
        for (int f = 0; f < 3; f++) {
            value -= 0.5L * z[e] * a->gram[e][f] * z[f];
            size += 0.5L * fabsl(z[e] * z[f]) * gram_size(a, e, f);
        }
    slopes_at(a, b, z, out);
    out->constant = (double)(value - ERROR_SHARE * size);
    out->constant = zg_lower_final(out->constant - 1e-15 * fabs(out->constant) - DBL_MIN);
    double term = least_term(a, b, out, 0, b->low[0], b->high[0]);
    out->value = zg_lower_final(out->constant + term - 1e-15 * (fabs(out->constant) + fabs(term)));
}

static double cutoff_of(const arcs *a)
{
    double objective = a->result->objective;
    return objective - 0.9 * a->options->tolerance * fmax(1.0, fabs(objective));
}

/* Cuts off the far end of [near, far], both on one side of 0, what cannot beat the cutoff:
 * the least term is a concave function of the weight there. */
static double tighten_end(const arcs *a, const box *b, const arc_bound *bound, int j, double near,
                          double far, double allowance)
{
    if (!(least_term(a, b, bound, j, far, far) >= allowance)) return far;
    for (int step = 0; step < 30; step++) {
        double middle = 0.5 * (near + far);
        if (least_term(a, b, bound, j, middle, middle) >= allowance)
            far = middle;
        else
            near = middle;
    }
    return far;
}

/* Range reduction of both weights. */
static void tighten(const arcs *a, box *b, const arc_bound *bound)
{
    double cutoff = cutoff_of(a), allowance = cutoff - bound->constant;
    allowance += 1e-14 * (fabs(cutoff) + fabs(bound->constant));
    for (int j = 0; j < 2; j++) {
        if (b->high[j] > 0.0)
            b->high[j] = tighten_end(a, b, bound, j, fmax(0.0, b->low[j]), b->high[j], allowance);
        if (b->low[j] < 0.0)
            b->low[j] = tighten_end(a, b, bound, j, fmin(0.0, b->high[j]), b->low[j], allowance);
    }
}

/* ---- open boxes ---------------------------------------------------------------------------- */

static zg_status push(arcs *a, const box *b)
{
    box *own = malloc(sizeof *own);
    if (!own) return ZG_NO_MEMORY;
    *own = *b;
    zg_status status = zg_heap_push(&a->open, own->bound, own);
    if (status != ZG_OK) free(own);
    return status;
}

static box pop(arcs *a)
{
    box *top = zg_heap_pop(&a->open, DEPTH_FIRST), b = *top;
    free(top);
    return b;
}

/* ---- the loop ------------------------------------------------------------------------------ */

static double dual_bound(const arcs *a)
{
    return zg_lower_min(a->pruned_bound, zg_heap_bound(&a->open));
}

static void notify(arcs *a, bool always)
{
    double now = zg_monotonic();
    if (!a->options->notify || (!always && now - a->last_notice < 0.1)) return;
    a->last_notice = now;
    zg_decay_progress progress = {.nodes = a->result->nodes,
                                  .bound = zg_lower_min(dual_bound(a), cutoff_of(a)),
                                  .objective = a->result->objective};
    if (!a->options->notify(a->options->context, &progress)) a->limit.stopped = true;
}

/* Whether the middle of an interval is inside it, and the interval not a point for this purpose. */
static bool can_halve(double low, double high, double least)
{
    double middle = 0.5 * low + 0.5 * high;
    return high - low > least && middle > low && middle < high;
}

/* The branching variable: the angle (0) or a weight (1, 2), whichever contributes most to the gap
 * of the relaxation among those that can be split; -1 when none can. */
static int choose_branching(const arcs *a, const box *b, const arc_bound *bound)
{
    double gap[3] = {0.0, 0.0, 0.0}, reach = 0.0;
    bool can[3] = {can_halve(b->angle[0], b->angle[1], 1e-14)};
    for (int j = 0; j < 2; j++) {
        double l = b->low[j], u = b->high[j], w = bound->w[j], half = 0.5 * l + 0.5 * u;
        reach += fmax(fabs(l), fabs(u));
        can[1 + j] = can_halve(l, u, 1e-14 * a->radius);
        if (!(u > l)) continue;
        envelope shape = envelope_of(a, l, u);
        gap[1 + j] = penalty_of(a, w) - envelope_at(&shape, w);
        /* The middle of the interval counts as well: multipliers move. */
        gap[1 + j] += 0.2 * (penalty_of(a, half) - envelope_at(&shape, half));
    }
    gap[0] = 0.5 * reach * (bound->swing[1] - bound->swing[0]);
    int best = -1;
    for (int i = 0; i < 3; i++)
        if (can[i] && (best < 0 || gap[i] > gap[best])) best = i;
    return best;
}

static zg_status split(arcs *a, const box *b, int which)
{
    box child[2] = {*b, *b};
    if (which == 0) {
        child[0].angle[1] = child[1].angle[0] = 0.5 * (b->angle[0] + b->angle[1]);
    } else {
        int j = which - 1;
        double l = b->low[j], u = b->high[j];
        double at = zg_decay_branching_point(&a->penalty, l, u);
        if (l < 0.0 && u > 0.0 && fabs(at) < 0.1 * (u - l)) at = 0.0;
        child[0].high[j] = child[1].low[j] = at;
    }
    for (int side = 0; side < 2; side++) {
        arc_bound own;
        bound_box(a, child + side, &own);
        child[side].bound = zg_lower_better(b->bound, own.value);
        if (child[side].bound >= cutoff_of(a)) {
            a->pruned_bound = zg_lower_min(a->pruned_bound, child[side].bound);
            continue;
        }
        tighten(a, child + side, &own);
        a->pruned_bound =
            zg_lower_min(a->pruned_bound, cutoff_of(a)); /* what was cut off is at least that */
        zg_status status = push(a, child + side);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}

/* The least eigenvalue of the Gram matrix in the coordinates of the Frobenius norm (sqrt 2 z_12),
 * rounded down; 0 where nothing above is proven.  Scaled by the trace: LAPACK sees ordinary numbers
 * only. */
static long double least_eigenvalue(const arcs *a)
{
    double gram[9], values[3];
    long double trace = a->gram[0][0] + 0.5L * a->gram[1][1] + a->gram[2][2];
    if (!(trace > 0.0L) || !isfinite(trace)) return 0.0L;
    for (int e = 0; e < 3; e++)
        for (int f = 0; f < 3; f++)
            gram[3 * e + f] = (double)(a->gram[e][f] / trace) * (e == 1 ? sqrt(0.5) : 1.0) *
                              (f == 1 ? sqrt(0.5) : 1.0);
    if (zg_eigenvalues(3, gram, values) != ZG_OK || !(values[0] > 1e-10)) return 0.0L;
    return (values[0] - 1e-10L) * trace;
}

/* |w_j| in a point at least as good as the incumbent: lambda |w_j|^p <= objective, and |w_j| is at
 * most the norm of Z, with |F z| <= |y| + |F z - y| <= |y| + sqrt(2 objective).  Where neither
 * keeps the box within WIDEST, what is outside costs at least the penalty there. */
static double root_radius(arcs *a)
{
    double objective = a->result->objective, power = a->penalty.power;
    double ratio = objective / a->penalty.lambda * (1.0 + 1e-12);
    double radius = zg_upper(pow(ratio, 1.0 / power) * (1.0 + 1e-12));
    long double floor = least_eigenvalue(a);
    if (floor > 0.0L) {
        long double reach = sqrtl(2.0L * a->half) + sqrtl(2.0L * objective);
        radius = zg_upper_better(radius, (double)(reach / sqrtl(floor) * (1.0L + 1e-9L)));
    }
    a->result->outside = objective;
    if (radius > WIDEST) {
        radius = WIDEST;
        a->result->outside = zg_decay_penalty_below(&a->penalty, radius);
    }
    return fmax(radius, DBL_MIN);
}

/* Bounds, prunes or branches on one box. */
static zg_status process_box(arcs *a, const box *b)
{
    a->result->nodes++;
    if (b->bound >= cutoff_of(a)) {
        a->pruned_bound = zg_lower_min(a->pruned_bound, b->bound);
        return ZG_OK;
    }
    arc_bound bound;
    bound_box(a, b, &bound);
    if (a->result->nodes % 256 == 0) {
        double middle = 0.5 * (b->angle[0] + b->angle[1]);
        polish(a, middle, bound.w, b->angle[1] - b->angle[0], 1e-9);
    }
    int which = choose_branching(a, b, &bound);
    if (which >= 0) return split(a, b, which);
    a->pruned_bound = zg_lower_min(a->pruned_bound, b->bound);
    return ZG_OK;
}

static zg_status run(arcs *a)
{
    a->radius = root_radius(a);
    box root = {.angle = {0.0, nextafter((double)QUARTER, 2.0)},
                .low = {-a->radius, -a->radius},
                .high = {a->radius, a->radius}};
    zg_status status = push(a, &root);
    notify(a, true);
    while (status == ZG_OK && a->open.count > 0 && !zg_limit_reached(&a->limit)) {
        box b = pop(a);
        status = process_box(a, &b);
        notify(a, false);
    }
    return status;
}

/* ---- life ---------------------------------------------------------------------------------- */

static zg_status check(const zg_problem *problem, zg_error *error)
{
    zg_activation s = problem->activation;
    bool fits = problem->inputs == 2 && problem->outputs == 1 && problem->patches.identity &&
                !problem->weights && s.b == 0.0 && s.c == 0.0 && s.a != 0.0 &&
                zg_loss_has(problem->loss.kind, ZG_LOSS_QUADRATIC) &&
                problem->penalty.kind == ZG_PENALTY_POWER &&
                problem->samples <= ZG_ARCS_SAMPLE_LIMIT;
    if (fits) return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "the continuous problem is solved for two inputs, one output, the activation "
                   "a t^2, squared loss, a power penalty and at most %d samples",
                   ZG_ARCS_SAMPLE_LIMIT);
}

static void gather(arcs *a)
{
    const zg_problem *problem = a->problem;
    for (size_t i = 0; i < problem->samples; i++) {
        long double x1 = problem->x[2 * i], x2 = problem->x[2 * i + 1], y = problem->y[i];
        long double factor = problem->activation.a;
        long double f[3] = {factor * x1 * x1, 2.0L * factor * x1 * x2, factor * x2 * x2};
        for (int e = 0; e < 3; e++) {
            a->moment[e] += f[e] * y;
            for (int g = 0; g < 3; g++)
                a->gram[e][g] += f[e] * f[g];
        }
        a->half += 0.5L * y * y;
    }
}

static zg_status build_network(const arcs *a, zg_network **out, zg_error *error)
{
    double u[2][2] = {{cos(a->angle), sin(a->angle)}, {-sin(a->angle), cos(a->angle)}};
    zg_status status = zg_network_create(a->problem, out, error);
    for (int j = 0; status == ZG_OK && j < 2; j++)
        if (a->w[j] != 0.0) status = zg_network_add(*out, 0, u[j], 0, a->w[j]);
    return status;
}

/* The outside of the root box: where the box is what the incumbent implies, it costs more than the
 * incumbent does; where it had to be cut off, as much as its penalty. */
static void conclude(const arcs *a)
{
    zg_arcs_result *result = a->result;
    double objective = result->objective, cutoff = cutoff_of(a);
    double proven = zg_lower_min(dual_bound(a), result->outside);
    result->bound = zg_lower_better(0.0, zg_lower_min(proven, cutoff));
    bool within = objective - result->bound <= a->options->tolerance * fmax(1.0, fabs(objective));
    result->complete = a->open.count == 0 && within;
}

zg_status zg_arcs_solve(const zg_problem *problem, const zg_decay_options *options,
                        zg_arcs_result *result, zg_error *error)
{
    zg_decay_options local = options ? *options : (zg_decay_options){0};
    if (!(local.tolerance > 0.0)) local.tolerance = 1e-6;
    *result = (zg_arcs_result){.objective = INFINITY, .bound = 0.0};
    zg_status status = check(problem, error);
    if (status != ZG_OK) return status;
    arcs a = {.problem = problem,
              .options = &local,
              .result = result,
              .penalty = {.lambda = problem->beta, .power = problem->penalty.power},
              .pruned_bound = INFINITY,
              .started = zg_monotonic(),
              .limit = zg_limit_start(local.seconds, local.clock)};
    gather(&a);
    search(&a);
    if (!isfinite(result->objective))
        return zg_fail(error, ZG_BAD_INPUT,
                       "the sum of the squared targets overflows; scale them (--standardize)");
    status = run(&a);
    if (status == ZG_NO_MEMORY) zg_no_memory(error);
    conclude(&a);
    if (status == ZG_OK) status = build_network(&a, &result->network, error);
    if (status == ZG_OK) status = zg_decay_search_end(&a.limit, a.open.count, error);
    result->seconds = zg_monotonic() - a.started;
    zg_heap_clear(&a.open, free);
    return status;
}
