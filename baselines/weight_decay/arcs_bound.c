/* Lower bounds of boxes of the branch and bound over arcs, and range reduction by them. */
#include "baselines/weight_decay/arcs_parts.h"

#include "core/safe.h"

#include <string.h>

#define ROUNDS 40   /* coordinate descents of a box's relaxation at one angle */
#define SECTIONS 12 /* golden sections for its angle */
/* Share of all sizes involved that rounding may amount to: everything is in long double with unit
 * roundoff 2^-64, sums have at most ZG_ARCS_SAMPLE_LIMIT terms, (5e5 + 100) 2^-64 < 1e-13. */
#define ERROR_SHARE 1e-13L

double zg_arcs_penalty(const zg_arcs *a, double w)
{
    return w == 0.0 ? 0.0 : a->penalty.lambda * pow(fabs(w), a->penalty.power);
}

/* uu' of both directions at an angle, as (z11, z12, z22). */
void zg_arcs_directions(double angle, long double g[2][3])
{
    long double c = cosl(angle), s = sinl(angle);
    long double first[3] = {c * c, c * s, s * s}, second[3] = {s * s, -c * s, c * c};
    memcpy(g[0], first, sizeof first);
    memcpy(g[1], second, sizeof second);
}

/* The quadratic w'Aw/2 - r'w of the two weights at an angle. */
void zg_arcs_quadratic(const zg_arcs *a, double angle, double matrix[2][2], double r[2])
{
    long double g[2][3];
    zg_arcs_directions(angle, g);
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

zg_envelope zg_envelope_of(const zg_arcs *a, double low, double high)
{
    double at_low = zg_arcs_penalty(a, low), at_high = zg_arcs_penalty(a, high);
    zg_envelope e = {.low = low, .high = high};
    if (low < 0.0 && high > 0.0) {
        e.left = at_low / low;
        e.right = at_high / high;
    } else {
        e.left = e.right = high > low ? (at_high - at_low) / (high - low) : 0.0;
        e.base = at_low - e.right * low;
    }
    return e;
}

double zg_envelope_at(const zg_envelope *e, double w)
{
    return e->base + (w > 0.0 ? e->right : e->left) * w;
}

/* Minimises c t^2 / 2 - g t + envelope. */
static double relaxed_weight(const zg_envelope *e, double c, double g)
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
        long double crest = top + 2.0L * ZG_QUARTER * turn, trough = crest + ZG_QUARTER;
        if (crest >= angle[0] - slack && crest <= angle[1] + slack) *high = radius;
        if (trough >= angle[0] - slack && trough <= angle[1] + slack) *low = -radius;
    }
}

/* min over the arc of lambda |w_1|^p + lambda |w_2|^p - w_1 s_1 - w_2 s_2, rounded down: linear in
 * the swing, so that an end of its range decides. */
static double pair_term(const zg_arcs *a, const zg_arc_bound *bound, double first, double second)
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
static double least_term(const zg_arcs *a, const zg_arc_box *b, const zg_arc_bound *bound, int j,
                         double low, double high)
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
static long double gram_size(const zg_arcs *a, int e, int f)
{
    return sqrtl(a->gram[e][e] * a->gram[f][f]);
}

/* Slopes of both weights over the arc at v = y - F z, widened by their rounding errors. */
static void slopes_at(const zg_arcs *a, const zg_arc_box *b, const long double z[3],
                      zg_arc_bound *out)
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
static double relax_at(const zg_arcs *a, const zg_envelope shape[2], double angle, double w[2])
{
    double matrix[2][2], r[2], value = 0.0;
    zg_arcs_quadratic(a, angle, matrix, r);
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
        value += zg_envelope_at(shape + i, w[i]) - r[i] * w[i];
        for (int j = 0; j < 2; j++)
            value += 0.5 * w[i] * matrix[i][j] * w[j];
    }
    return value;
}

typedef struct zg_section {
    double angle, value, w[2];
} section;

static section section_at(const zg_arcs *a, const zg_envelope shape[2], double angle,
                          const double from[2])
{
    section s = {.angle = angle, .w = {from[0], from[1]}};
    s.value = relax_at(a, shape, angle, s.w);
    return s;
}

/* Where on the arc the relaxation is least, by golden sections: the multipliers there make the
 * Lagrangian stationary in the angle, so that its variation over the arc is of second order. */
static double relaxed_angle(const zg_arcs *a, const zg_arc_box *b, double w[2])
{
    const double ratio = 0.6180339887498949, zero[2] = {0.0, 0.0};
    double length = b->angle[1] - b->angle[0];
    zg_envelope shape[2] = {zg_envelope_of(a, b->low[0], b->high[0]),
                            zg_envelope_of(a, b->low[1], b->high[1])};
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

void zg_arcs_bound(const zg_arcs *a, const zg_arc_box *b, zg_arc_bound *out)
{
    long double g[2][3], z[3], value = a->half, size = a->half;
    zg_arcs_directions(relaxed_angle(a, b, out->w), g);
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

double zg_arcs_cutoff(const zg_arcs *a)
{
    double objective = a->result->objective;
    return objective - 0.9 * a->options->tolerance * fmax(1.0, fabs(objective));
}

/* Cuts off the far end of [near, far], both on one side of 0, what cannot beat the cutoff:
 * the least term is a concave function of the weight there. */
static double tighten_end(const zg_arcs *a, const zg_arc_box *b, const zg_arc_bound *bound, int j,
                          double near, double far, double allowance)
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
void zg_arcs_tighten(const zg_arcs *a, zg_arc_box *b, const zg_arc_bound *bound)
{
    double cutoff = zg_arcs_cutoff(a), allowance = cutoff - bound->constant;
    allowance += 1e-14 * (fabs(cutoff) + fabs(bound->constant));
    for (int j = 0; j < 2; j++) {
        if (b->high[j] > 0.0)
            b->high[j] = tighten_end(a, b, bound, j, fmax(0.0, b->low[j]), b->high[j], allowance);
        if (b->low[j] < 0.0)
            b->low[j] = tighten_end(a, b, bound, j, fmin(0.0, b->high[j]), b->low[j], allowance);
    }
}
