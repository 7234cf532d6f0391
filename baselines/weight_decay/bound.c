/* Safe Lagrangian bounds of the weight-decay program over boxes, and the ranges they exclude. */
#include "baselines/weight_decay/bound.h"

#include "core/safe.h"

#include <stdint.h>
#include <stdlib.h>

#define UNIT (0.5 * DBL_EPSILON) /* unit roundoff */

/* gamma_n of Higham, rounded up: bounds the relative error of n-term sums of products. */
static double gamma_of(size_t n)
{
    double nu = (double)(n + 4) * UNIT;
    return nu / (1.0 - nu) * (1.0 + 8.0 * UNIT);
}

/* pow is accurate to less than 1 ulp in the C library; 4 leaves room for lambda's product.  The
 * relative errors hold for normal numbers; DBL_MIN below them is more than what underflow takes,
 * DBL_TRUE_MIN more than what one rounding does. */
double zg_decay_penalty_below(const zg_decay_problem *problem, double t)
{
    double size = fabs(t);
    if (!(size > 0.0)) return 0.0; /* also what is not a number: no penalty is negative */
    double power = pow(size, problem->power) * (1.0 - 4.0 * UNIT) - DBL_TRUE_MIN;
    double value = problem->lambda * power * (1.0 - 4.0 * UNIT) - DBL_TRUE_MIN;
    if (!(value > 0.0)) return 0.0;
    return value < DBL_MAX ? value : DBL_MAX; /* what overflowed is at least that */
}

double zg_decay_penalty_above(const zg_decay_problem *problem, double t)
{
    double size = fabs(t);
    if (size == 0.0) return 0.0;
    double power = pow(size, problem->power) * (1.0 + 4.0 * UNIT) + DBL_TRUE_MIN;
    return zg_upper(problem->lambda * power * (1.0 + 4.0 * UNIT) + DBL_TRUE_MIN);
}

double zg_decay_branching_point(const zg_decay_problem *problem, double lower, double upper)
{
    double middle = 0.5 * lower + 0.5 * upper, p = problem->power;
    double low = pow(fabs(lower), p), high = pow(fabs(upper), p), at = pow(fabs(middle), p);
    bool flat = at - fmin(low, high) > 0.9 * fabs(high - low);
    if (!flat) return middle;
    if (lower < 0.0 && upper > 0.0) return 0.0;
    double halfway = copysign(pow(0.5 * (low + high), 1.0 / p), middle);
    return halfway > lower && halfway < upper ? halfway : middle;
}

zg_status zg_decay_bound_create(const zg_decay_problem *problem, const zg_decay_pair *pairs,
                                zg_decay_bound *out)
{
    size_t n = problem->columns;
    *out = (zg_decay_bound){.value = -INFINITY, .pairs = pairs};
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

/* The reduced cost of one variable, w_k or the pair it leads, as a function of w_k. */
typedef struct zg_reduced {
    const zg_decay_problem *problem;
    const zg_decay_pair *pair; /* NULL for a single column */
    double slope, error;       /* a_k and its error */
    double follower_slope, follower_error;
    double allowance; /* points where the function reaches this are excluded */
} reduced_cost;

static reduced_cost reduced_of(const zg_decay_problem *problem, const zg_decay_bound *bound,
                               size_t k)
{
    reduced_cost r = {.problem = problem,
                      .slope = bound->slope[k],
                      .error = bound->slope_error[k],
                      .allowance = INFINITY};
    if (bound->pairs && bound->pairs[k].role == ZG_DECAY_LEADER) {
        r.pair = bound->pairs + k;
        r.follower_slope = bound->slope[r.pair->partner];
        r.follower_error = bound->slope_error[r.pair->partner];
    }
    return r;
}

/* A lower bound on lambda |w|^p - a w over all a that the error allows, w being known to within
 * `blur`; -infinity where something overflows. */
static double one_below(const zg_decay_problem *problem, double slope, double slope_error, double w,
                        double blur)
{
    if (w == 0.0 && blur == 0.0) return 0.0;
    double nearest = fabs(w) - blur;
    double penalty = nearest > 0.0 ? zg_decay_penalty_below(problem, nearest) : 0.0;
    double product = slope * w;
    double error = 4.0 * UNIT * (penalty + fabs(product)) + slope_error * (fabs(w) + blur) +
                   fabs(slope) * blur;
    return zg_lower_final(penalty - product - error * (1.0 + 8.0 * UNIT) - DBL_MIN);
}

static double reduced_below(const reduced_cost *r, double w)
{
    double value = one_below(r->problem, r->slope, r->error, w, 0.0);
    if (!r->pair) return value;
    double product = r->pair->alpha * w, other = (r->pair->rhs - product) / r->pair->gamma;
    double size = (fabs(r->pair->rhs) + fabs(product)) / fabs(r->pair->gamma) + fabs(other);
    double blur = 4.0 * UNIT * size + DBL_MIN;
    double second = one_below(r->problem, r->follower_slope, r->follower_error, other, blur);
    double sum = value + second;
    return zg_lower_final(sum - 2.0 * UNIT * fabs(sum));
}

#define MOST_KINKS 2

/* The kinks strictly inside (lower, upper), ascending. */
static size_t kinks_of(const reduced_cost *r, double lower, double upper, double *kink)
{
    size_t count = 0;
    double second = r->pair ? r->pair->rhs / r->pair->alpha : 0.0;
    double sorted[MOST_KINKS] = {fmin(0.0, second), fmax(0.0, second)};
    for (size_t i = 0; i < MOST_KINKS; i++) {
        bool again = i > 0 && sorted[i] == sorted[0];
        if (sorted[i] > lower && sorted[i] < upper && !again) kink[count++] = sorted[i];
    }
    return count;
}

static double least_reduced(const reduced_cost *r, double lower, double upper)
{
    double kink[MOST_KINKS];
    size_t count = kinks_of(r, lower, upper, kink);
    double least = zg_lower_min(reduced_below(r, lower), reduced_below(r, upper));
    for (size_t i = 0; i < count; i++)
        least = zg_lower_min(least, reduced_below(r, kink[i]));
    return least;
}

/* D(v), rounded down; squared loss has D_i = v_i y_i - v_i^2 / 2. */
static double loss_dual_below(const zg_decay_problem *problem, const double *v)
{
    double sum = 0.0, size = 0.0;
    bool quadratic = zg_loss_has(problem->loss, ZG_LOSS_QUADRATIC);
    for (size_t i = 0; i < problem->rows; i++) {
        double product = v[i] * problem->y[i];
        double square = quadratic ? 0.5 * v[i] * v[i] : 0.0;
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
        if (zg_loss_has(problem->loss, ZG_LOSS_DISTANCE)) vi = fmin(1.0, fmax(-1.0, vi));
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
    for (size_t k = 0; k < n; k++)
        magnitude[k] = magnitude[k] * gamma + DBL_MIN; /* from here on the error bound */
    for (size_t k = 0; k < n; k++) {
        bound->term[k] = 0.0;
        if (bound->pairs && bound->pairs[k].role == ZG_DECAY_FOLLOWER) continue;
        reduced_cost r = reduced_of(problem, bound, k);
        bound->term[k] = least_reduced(&r, lower[k], upper[k]);
        total += bound->term[k];
        size += fabs(bound->term[k]);
    }
    total -= gamma_of(n) * size + DBL_MIN;
    bound->value = zg_lower_final(total);
}

/* What column k may contribute at most in a point below target; rounded up. */
static double allowance_of(const zg_decay_bound *bound, size_t k, double target)
{
    double rest = bound->value - bound->term[k];
    double error = 4.0 * UNIT * (fabs(bound->value) + fabs(bound->term[k]) + fabs(target));
    return zg_upper(target - rest + error);
}

/* What is not a number excludes nothing: every test below asks whether the excess is >= 0. */
static double excess_at(const reduced_cost *r, double w)
{
    return reduced_below(r, w) - r->allowance;
}

/* Both on one side of 0, excess(inside) >= 0, not so at outside: a point nearer to outside that
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
static double tighten_end(const reduced_cost *r, double near, double far, bool *all)
{
    *all = false;
    if (!(excess_at(r, far) >= 0.0)) return far;
    if (excess_at(r, near) >= 0.0) {
        *all = true;
        return near;
    }
    return crossing(r, near, far);
}

bool zg_decay_bound_tighten(const zg_decay_problem *problem, const zg_decay_bound *bound, size_t k,
                            double target, double *lower, double *upper)
{
    reduced_cost r = reduced_of(problem, bound, k);
    r.allowance = allowance_of(bound, k, target);
    double kink[MOST_KINKS];
    size_t count = kinks_of(&r, *lower, *upper, kink);
    bool all = true;
    for (size_t piece = count + 1; piece-- > 0 && all;) /* from the right */
        *upper = tighten_end(&r, piece > 0 ? kink[piece - 1] : *lower, *upper, &all);
    if (all) return false;
    all = true;
    for (size_t piece = 0; piece <= count && all; piece++) {
        double near = piece < count ? fmin(kink[piece], *upper) : *upper;
        *lower = tighten_end(&r, near, *lower, &all);
        if (near >= *upper) break;
    }
    return !all;
}

/* Where the concave function is greatest on [a, b], by golden sections. */
static double top_of(const reduced_cost *r, double a, double b)
{
    const double ratio = 0.6180339887498949;
    double c = b - ratio * (b - a), d = a + ratio * (b - a);
    double at_c = excess_at(r, c), at_d = excess_at(r, d);
    for (int step = 0; step < 24 && !(at_c >= 0.0) && !(at_d >= 0.0); step++) {
        if (at_c > at_d) {
            b = d;
            d = c;
            at_d = at_c;
            c = b - ratio * (b - a);
            at_c = excess_at(r, c);
        } else {
            a = c;
            c = d;
            at_c = at_d;
            d = a + ratio * (b - a);
            at_d = excess_at(r, d);
        }
    }
    return at_c > at_d || isnan(at_d) ? c : d;
}

bool zg_decay_bound_hole(const zg_decay_problem *problem, const zg_decay_bound *bound, size_t k,
                         double target, double lower, double upper, double *low, double *high)
{
    reduced_cost r = reduced_of(problem, bound, k);
    r.allowance = allowance_of(bound, k, target);
    double kink[MOST_KINKS], left = lower;
    size_t count = kinks_of(&r, lower, upper, kink);
    bool found = false;
    for (size_t piece = 0; piece <= count; piece++) {
        double right = piece < count ? kink[piece] : upper;
        double a = left, b = right;
        left = right;
        if (problem->power >= 1.0 || excess_at(&r, a) >= 0.0 || excess_at(&r, b) >= 0.0) continue;
        double top = top_of(&r, a, b);
        if (!(excess_at(&r, top) >= 0.0)) continue;
        double from = crossing(&r, a, top), to = crossing(&r, b, top);
        if (!(from > a && to < b && from < to)) continue;
        if (found && to - from <= *high - *low) continue;
        *low = from;
        *high = to;
        found = true;
    }
    return found;
}

/* ---- pairs --------------------------------------------------------------------------------- */

/* Numbers whose products and quotients neither overflow nor underflow. */
static bool is_moderate(double x)
{
    return fabs(x) >= 1e-100 && fabs(x) <= 1e100;
}

static size_t nonzeros_of(const zg_decay_problem *problem, size_t i, size_t *column)
{
    size_t count = 0;
    for (size_t k = 0; k < problem->columns; k++) {
        if (problem->phi[i * problem->columns + k] == 0.0) continue;
        if (count < 2) column[count] = k;
        count++;
    }
    return count;
}

void zg_decay_find_pairs(const zg_decay_problem *problem, zg_decay_pair *pairs)
{
    size_t n = problem->columns, column[2];
    for (size_t k = 0; k < n; k++)
        pairs[k] = (zg_decay_pair){.role = ZG_DECAY_SINGLE, .partner = SIZE_MAX};
    for (size_t i = 0; zg_loss_has(problem->loss, ZG_LOSS_EXACT) && i < problem->rows; i++) {
        if (nonzeros_of(problem, i, column) != 2) continue;
        size_t k = column[0], l = column[1];
        double alpha = problem->phi[i * n + k], gamma = problem->phi[i * n + l];
        if (!is_moderate(alpha) || !is_moderate(gamma)) continue;
        if (problem->y[i] != 0.0 && !is_moderate(problem->y[i])) continue;
        if (pairs[k].role != ZG_DECAY_SINGLE || pairs[l].role != ZG_DECAY_SINGLE) continue;
        pairs[k] = (zg_decay_pair){ZG_DECAY_LEADER, l, alpha, gamma, problem->y[i]};
        pairs[l] = (zg_decay_pair){ZG_DECAY_FOLLOWER, k, gamma, alpha, problem->y[i]};
    }
}

void zg_decay_pair_image(const zg_decay_pair *pair, double l, double u, double *lower,
                         double *upper)
{
    double at_l = (pair->rhs - pair->alpha * l) / pair->gamma;
    double at_u = (pair->rhs - pair->alpha * u) / pair->gamma;
    double size = fabs(pair->rhs) + fabs(pair->alpha) * zg_upper_max(fabs(l), fabs(u));
    double blur = 8.0 * UNIT * size / fabs(pair->gamma) + DBL_MIN;
    *lower = zg_lower(zg_lower_min(at_l, at_u) - blur);
    *upper = zg_upper(zg_upper_max(at_l, at_u) + blur);
}
