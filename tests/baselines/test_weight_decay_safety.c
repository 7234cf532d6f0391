/*
 * No bound of branch and bound is above the truth: random instances over magnitudes, powers, shapes
 * and losses against arithmetic of 113 bits with exponents to 4932.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "baselines/weight_decay/arcs.h"
#include "baselines/weight_decay/bound.h"
#include "baselines/weight_decay/tree.h"

#include <float.h>
#include <glpk.h>
#include <math.h>
#include <quadmath.h>
#include <stdlib.h>
#include <string.h>

#define MOST 8
typedef __float128 quad;

static size_t multiplier(void)
{
    const char *text = getenv("ZEROGAP_TEST_MULTIPLIER");
    long value = text ? strtol(text, NULL, 10) : 1;
    return value > 0 ? (size_t)value : 1;
}

/* `few` cases in the default tier, `many` in the slow one. */
static size_t cases(size_t few, size_t many)
{
    return multiplier() >= 8 ? many : few * multiplier();
}

/* ---- instances ----------------------------------------------------------------------------- */

typedef struct instance {
    zg_decay_problem problem;
    double phi[MOST * MOST], y[MOST], v[MOST], lower[MOST], upper[MOST];
    zg_decay_pair pairs[MOST];
} instance;

/* 1 in half of all cases, else 10^-e to 10^e. */
static double magnitude(zg_random *random, double e)
{
    if (zg_random_uniform(random) < 0.5) return 1.0;
    return pow(10.0, e * (2.0 * zg_random_uniform(random) - 1.0));
}

static double random_power(zg_random *random)
{
    static const double powers[] = {5e-4,      9e-4, 0.01,  0.1,      0.3,       0.5,
                                    2.0 / 3.0, 0.9,  0.999, 1 - 1e-6, 1 - 1e-12, 1.0};
    return powers[zg_random_below_or_equal(random, sizeof powers / sizeof *powers - 1)];
}

/* Rows and columns of many magnitudes, zeros, rows twice, columns twice, two entries a row. */
static void draw(instance *s, zg_random *random, size_t m, size_t n)
{
    double rows = magnitude(random, 150), columns[MOST], targets = magnitude(random, 150);
    bool pairs = zg_random_uniform(random) < 0.3, whole = zg_random_uniform(random) < 0.3;
    for (size_t k = 0; k < n; k++)
        columns[k] = whole ? 1.0 : magnitude(random, zg_random_uniform(random) < 0.3 ? 150 : 3);
    for (size_t i = 0; i < m; i++) {
        bool copy = i > 0 && zg_random_uniform(random) < 0.2;
        for (size_t k = 0; k < n; k++) {
            double entry = zg_random_normal(random);
            if (whole) entry = rint(2.0 * entry);
            if (zg_random_uniform(random) < 0.1 || (pairs && k / 2 != i)) entry = 0.0;
            s->phi[i * n + k] = copy ? s->phi[(i - 1) * n + k] : entry * rows * columns[k];
        }
        s->y[i] = copy ? s->y[i - 1]
                       : targets * (whole ? rint(3.0 * zg_random_normal(random))
                                          : zg_random_normal(random));
        if (zg_random_uniform(random) < 0.1) s->y[i] = 0.0;
    }
    s->problem = (zg_decay_problem){.rows = m,
                                    .columns = n,
                                    .phi = s->phi,
                                    .y = s->y,
                                    .lambda = magnitude(random, 150),
                                    .power = random_power(random)};
    static const zg_loss_kind losses[] = {ZG_LOSS_INTERPOLATE, ZG_LOSS_ABSOLUTE, ZG_LOSS_SQUARED};
    s->problem.loss = losses[zg_random_below_or_equal(random, 2)];
}

/* Multipliers and a box of any size, now and then infinite or degenerate. */
static void draw_box(instance *s, zg_random *random)
{
    double size = magnitude(random, 300), multipliers = magnitude(random, 300);
    for (size_t k = 0; k < s->problem.columns; k++) {
        double a = size * magnitude(random, 5) * zg_random_normal(random);
        double b = size * magnitude(random, 5) * zg_random_normal(random);
        if (zg_random_uniform(random) < 0.1) a = b;
        if (zg_random_uniform(random) < 0.1) b = 0.0;
        if (zg_random_uniform(random) < 0.01) b = INFINITY;
        s->lower[k] = fmin(a, b);
        s->upper[k] = fmax(a, b);
    }
    for (size_t i = 0; i < s->problem.rows; i++) {
        s->v[i] = multipliers * zg_random_normal(random);
        if (zg_random_uniform(random) < 0.01) s->v[i] = NAN;
        if (zg_random_uniform(random) < 0.01) s->v[i] = INFINITY;
    }
    if (zg_random_uniform(random) < 0.7)
        zg_decay_find_pairs(&s->problem, s->pairs);
    else
        for (size_t k = 0; k < s->problem.columns; k++)
            s->pairs[k] = (zg_decay_pair){.role = ZG_DECAY_SINGLE, .partner = SIZE_MAX};
}

/* ---- the truth ----------------------------------------------------------------------------- */

static quad penalty(const zg_decay_problem *problem, quad w)
{
    return w == 0 ? 0 : (quad)problem->lambda * powq(fabsq(w), (quad)problem->power);
}

/* The loss's dual at v, and the sizes of its terms. */
static quad dual(const instance *s, const double *v, quad *size)
{
    quad total = 0;
    for (size_t i = 0; i < s->problem.rows; i++) {
        quad product = (quad)v[i] * s->y[i];
        quad square = s->problem.loss == ZG_LOSS_SQUARED ? (quad)v[i] * v[i] / 2 : 0;
        total += product - square;
        *size += fabsq(product) + square;
    }
    return total;
}

static quad slope(const instance *s, const double *v, size_t k, quad *size)
{
    quad total = 0;
    *size = 0;
    for (size_t i = 0; i < s->problem.rows; i++) {
        quad product = (quad)s->phi[i * s->problem.columns + k] * v[i];
        total += product;
        *size += fabsq(product);
    }
    return total;
}

/* lambda |w|^p - a w of column k, and of its follower where it leads a pair. */
static quad reduced(const instance *s, const double *v, size_t k, quad w, quad *size)
{
    quad terms, a = slope(s, v, k, &terms), value = penalty(&s->problem, w) - a * w;
    *size += penalty(&s->problem, w) + terms * fabsq(w);
    const zg_decay_pair *pair = s->pairs + k;
    if (pair->role != ZG_DECAY_LEADER) return value;
    quad other = ((quad)pair->rhs - (quad)pair->alpha * w) / (quad)pair->gamma;
    quad reach = (fabsq((quad)pair->rhs) + fabsq((quad)pair->alpha * w)) / fabsq((quad)pair->gamma);
    if (fabsq(other) < 1e-30Q * reach) other = 0; /* at the kink */
    a = slope(s, v, pair->partner, &terms);
    *size += penalty(&s->problem, other) + terms * (fabsq(other) + reach);
    return value + penalty(&s->problem, other) - a * other;
}

static quad least(const instance *s, const double *v, size_t k, quad *size)
{
    quad l = s->lower[k], u = s->upper[k], sizes = 0;
    quad best = fminq(reduced(s, v, k, l, &sizes), reduced(s, v, k, u, &sizes));
    quad kink[2] = {0, 0};
    if (s->pairs[k].role == ZG_DECAY_LEADER)
        kink[1] = (quad)s->pairs[k].rhs / (quad)s->pairs[k].alpha;
    for (int i = 0; i < 2; i++)
        if (kink[i] > l && kink[i] < u) best = fminq(best, reduced(s, v, k, kink[i], &sizes));
    *size += sizes;
    return best;
}

static bool is_box(const instance *s)
{
    for (size_t k = 0; k < s->problem.columns; k++)
        if (!isfinite(s->lower[k]) || !isfinite(s->upper[k])) return false;
    return true;
}

/* ---- bounds of boxes ----------------------------------------------------------------------- */

/* The Lagrangian at the multipliers that were used; *rest is it without column k. */
static quad lagrangian(const instance *s, const double *v, quad *size)
{
    quad total = dual(s, v, size);
    for (size_t k = 0; k < s->problem.columns; k++)
        if (s->pairs[k].role != ZG_DECAY_FOLLOWER) total += least(s, v, k, size);
    return total;
}

/* What is cut off column k really is at or above target, at its ends and in between. */
static void check_excluded(const instance *s, const double *v, size_t k, quad rest, quad from,
                           quad to, double target, quad size)
{
    if (!(to > from)) return;
    for (int step = 0; step <= 4; step++) {
        quad w = step == 4 ? to : from + (to - from) * step / 4, sizes = size;
        quad value = rest + reduced(s, v, k, w, &sizes);
        assert_true(value >= target - 1e-27Q * (sizes + fabsq((quad)target)));
    }
}

static void check_exclusions(const instance *s, const zg_decay_bound *bound, quad truth, quad size,
                             zg_random *random)
{
    double scale = fabs(bound->value) + fabs(bound->term[0]) + 1e-300;
    double target = bound->value + scale * magnitude(random, 3) * zg_random_normal(random);
    for (size_t k = 0; k < s->problem.columns; k++) {
        if (s->pairs[k].role == ZG_DECAY_FOLLOWER) continue;
        double l = s->lower[k], u = s->upper[k], low, high;
        quad rest = truth - least(s, bound->v, k, &size);
        bool left = zg_decay_bound_tighten(&s->problem, bound, k, target, &l, &u);
        if (!left) l = u = s->upper[k];
        check_excluded(s, bound->v, k, rest, s->lower[k], l, target, size);
        check_excluded(s, bound->v, k, rest, u, s->upper[k], target, size);
        if (!left) continue;
        if (!zg_decay_bound_hole(&s->problem, bound, k, target, l, u, &low, &high)) continue;
        assert_true(l <= low && low < high && high <= u);
        check_excluded(s, bound->v, k, rest, low, high, target, size);
    }
}

static void no_box_bound_is_above_the_lagrangian(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 1);
    instance *s = calloc(1, sizeof *s);
    assert_non_null(s);
    size_t count = cases(1800, 100000), finite = 0, tight = 0;
    for (size_t round = 0; round < count; round++) {
        size_t m = 1 + round % 5, n = 1 + zg_random_below_or_equal(&random, 5);
        draw(s, &random, m, n);
        draw_box(s, &random);
        zg_decay_bound bound;
        assert_int_equal(zg_decay_bound_create(&s->problem, s->pairs, &bound), ZG_OK);
        zg_decay_bound_evaluate(&s->problem, s->lower, s->upper, s->v, &bound);
        assert_true(isfinite(bound.value) || bound.value == -INFINITY);
        if (is_box(s) && isfinite(bound.value)) {
            quad size = 0, truth = lagrangian(s, bound.v, &size);
            finite++;
            tight += truth - bound.value <= 1e-10Q * size + 1e-290Q;
            assert_true(bound.value <= truth + 1e-28Q * size);
            check_exclusions(s, &bound, truth, size, &random);
        }
        if (!is_box(
                s)) { /* an end at infinity may be excluded from the minimum by its slope only */
            zg_decay_bound_evaluate(&s->problem, s->lower, s->upper, s->v, &bound);
            assert_true(bound.value == -INFINITY || bound.value < DBL_MAX);
        }
        zg_decay_bound_clear(&bound);
    }
    print_message("# %zu boxes, %zu with a finite bound, %zu of them within 1e-10\n", count, finite,
                  tight);
    assert_true(finite > count / 3 && tight > finite / 2); /* the bounds say something */
    free(s);
}

static void powers_are_enclosed_from_subnormal_to_overflow(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 2);
    for (size_t round = 0; round < cases(2000, 100000); round++) {
        zg_decay_problem problem = {.lambda =
                                        ldexp(1.0 + zg_random_uniform(&random),
                                              (int)(2096 * zg_random_uniform(&random)) - 1073),
                                    .power = random_power(&random)};
        double t = ldexp(1.0 + zg_random_uniform(&random),
                         (int)(2096 * zg_random_uniform(&random)) - 1073);
        quad truth = penalty(&problem, t);
        double below = zg_decay_penalty_below(&problem, t);
        assert_true(below >= 0.0 && below <= DBL_MAX && below <= truth);
        assert_true(zg_decay_penalty_above(&problem, t) >= truth);
        bool ordinary = truth < DBL_MAX && truth > 1e-290Q && pow(t, problem.power) > 1e-290;
        if (ordinary) assert_true(below >= truth * (1 - 1e-14Q));
    }
}

/* ---- whole searches ------------------------------------------------------------------------ */

/* A clock that goes on by a second whenever it is read. */
static double ticks;
static double ticking(void)
{
    return ticks += 1.0;
}

/* The objective of w; infinite unless the equations hold to 1e-25 of their terms. */
static quad objective(const instance *s, const quad *w)
{
    quad total = 0;
    size_t n = s->problem.columns;
    for (size_t k = 0; k < n; k++)
        total += penalty(&s->problem, w[k]);
    for (size_t i = 0; i < s->problem.rows; i++) {
        quad r = -(quad)s->y[i], size = fabsq(r);
        for (size_t k = 0; k < n; k++) {
            r += s->phi[i * n + k] * w[k];
            size += fabsq(s->phi[i * n + k] * w[k]);
        }
        if (s->problem.loss == ZG_LOSS_SQUARED) total += r * r / 2;
        if (s->problem.loss == ZG_LOSS_ABSOLUTE) total += fabsq(r);
        if (s->problem.loss == ZG_LOSS_INTERPOLATE && fabsq(r) > 1e-25Q * size) return HUGE_VALQ;
    }
    return total;
}

/* Solves the count equations of a (count x (columns + 1), last the right side) for the columns
 * chosen; false where they are dependent. */
static bool solve_for(quad *a, size_t count, size_t width)
{
    for (size_t c = 0; c < count; c++) {
        size_t best = c;
        for (size_t i = c + 1; i < count; i++)
            if (fabsq(a[i * width + c]) > fabsq(a[best * width + c])) best = i;
        if (fabsq(a[best * width + c]) < 1e-20Q) return false;
        for (size_t e = 0; e < width; e++) {
            quad held = a[best * width + e];
            a[best * width + e] = a[c * width + e];
            a[c * width + e] = held;
        }
        for (size_t i = 0; i < count; i++) {
            quad factor = a[i * width + c] / a[c * width + c];
            for (size_t e = 0; i != c && e < width; e++)
                a[i * width + e] -= factor * a[c * width + e];
        }
    }
    return true;
}

/* The point where the rows in `rows` hold and the weights outside `columns` are 0. */
static quad vertex(const instance *s, unsigned rows, unsigned columns, quad *w)
{
    size_t n = s->problem.columns, count = 0, used[MOST], width;
    quad a[MOST * (MOST + 1)];
    for (size_t k = 0; k < n; k++)
        if (columns >> k & 1) used[count++] = k;
    width = count + 1;
    size_t row = 0;
    for (size_t i = 0; i < s->problem.rows; i++) {
        if (!(rows >> i & 1)) continue;
        quad largest = 0;
        for (size_t c = 0; c < count; c++)
            largest = fmaxq(largest, fabsq((quad)s->phi[i * n + used[c]]));
        if (largest == 0) return HUGE_VALQ;
        for (size_t c = 0; c < count; c++)
            a[row * width + c] = s->phi[i * n + used[c]] / largest;
        a[row++ * width + count] = s->y[i] / largest;
    }
    if (!solve_for(a, count, width)) return HUGE_VALQ;
    for (size_t k = 0; k < n; k++)
        w[k] = 0;
    quad most = 0;
    for (size_t c = 0; c < count; c++) {
        w[used[c]] = a[c * width + count] / a[c * width + c];
        most = fmaxq(most, fabsq(w[used[c]]));
    }
    for (size_t k = 0; k < n; k++) /* what is 0 but for rounding */
        if (fabsq(w[k]) < 1e-28Q * most) w[k] = 0;
    return objective(s, w);
}

/* Least objective over all vertices: the optimum for equations and the absolute loss, an upper
 * bound of it for the squared one. */
static quad enumerated(const instance *s)
{
    size_t n = s->problem.columns, m = s->problem.rows;
    quad w[MOST] = {0}, best = objective(s, w);
    for (unsigned columns = 1; columns < 1u << n; columns++)
        for (unsigned rows = 1; rows < 1u << m; rows++)
            if (__builtin_popcount(rows) == __builtin_popcount(columns))
                best = fminq(best, vertex(s, rows, columns, w));
    return best;
}

static quad objective_of_doubles(const instance *s, const double *w)
{
    quad wide[MOST];
    for (size_t k = 0; k < s->problem.columns; k++)
        wide[k] = w[k];
    return objective(s, wide);
}

static void no_tree_bound_is_above_the_optimum(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 3);
    instance *s = calloc(1, sizeof *s);
    assert_non_null(s);
    size_t count = cases(100, 3000), complete = 0, useful = 0;
    for (size_t round = 0; round < count; round++) {
        size_t m = 1 + round % 3, n = 1 + zg_random_below_or_equal(&random, 3);
        draw(s, &random, m, n);
        zg_decay_options options = {.nodes = 200, .seconds = 30000, .clock = ticking};
        zg_decay_result result;
        zg_error error = {0};
        zg_status status = zg_decay_solve(&s->problem, &options, &result, &error);
        assert_true(status == ZG_OK || status == ZG_TIMEOUT || status == ZG_FAILED ||
                    status == ZG_BAD_INPUT);
        quad optimum = enumerated(s);
        if (status == ZG_OK || status == ZG_TIMEOUT) {
            assert_true(isfinite(result.bound) || result.bound == -INFINITY);
            if (!(result.bound <= optimum * (1 + 1e-25Q)))
                print_message("# %zu: bound %.17g optimum %.17g\n", round, result.bound,
                              (double)optimum);
            assert_true(result.bound <= optimum * (1 + 1e-25Q));
            assert_true(!(result.bound > result.objective));
            complete += result.complete;
            useful += result.bound > 0.0;
        }
        if (result.w && isfinite(result.objective) && s->problem.loss != ZG_LOSS_INTERPOLATE) {
            quad own = objective_of_doubles(s, result.w);
            assert_true(result.bound <= own);
            assert_true(own <= result.objective * (1 + 1e-15Q) + 1e-300Q);
        }
        zg_decay_result_clear(&result);
    }
    print_message("# %zu trees, %zu complete, %zu bounds above 0\n", count, complete, useful);
    assert_true(complete > count / 4);
    free(s);
}

/* Two weights of 2 and 3 cost about 2, and 2^2000 is no double: boxes end at 10^150, and what is
 * beyond costs 10^(150/2000) at least.  No network but 0 costs less than 1/2, and 2^-2000 is no
 * double either: the box is as small as doubles are, and what is beyond costs more than 1/2. */
static void root_boxes_are_of_doubles_and_their_outside_is_bounded(void **state)
{
    (void)state;
    double phi[4] = {1.0, 0.0, 0.0, 1.0}, y[2] = {2.0, 3.0};
    zg_decay_problem problem = {.rows = 2,
                                .columns = 2,
                                .phi = phi,
                                .y = y,
                                .loss = ZG_LOSS_INTERPOLATE,
                                .lambda = 1.0,
                                .power = 5e-4};
    zg_decay_result result;
    assert_int_equal(zg_decay_solve(&problem, NULL, &result, NULL), ZG_OK);
    for (size_t k = 0; k < 2; k++)
        assert_true(result.root_lower[k] >= -1e151 && result.root_upper[k] <= 1e151);
    quad outside = powq(10, 150 * (quad)5e-4);
    assert_true(result.bound <= outside && result.bound >= outside - 1e-3Q);
    assert_false(result.complete);
    zg_decay_result_clear(&result);
    problem.rows = problem.columns = 1;
    problem.loss = ZG_LOSS_SQUARED;
    y[0] = 1.0;
    assert_int_equal(zg_decay_solve(&problem, NULL, &result, NULL), ZG_OK);
    assert_true(result.root_upper[0] > 0.0);
    assert_true(result.complete && result.bound <= 0.5 && result.bound >= 0.5 - 1e-5);
    zg_decay_result_clear(&result);
}

/* The only solution is (1, 5e-13), whose second weight costs nearly as much as its first.  Without
 * it the equations hold to 10^-12, but not as well as with it. */
static void small_weights_are_not_rounded_away(void **state)
{
    (void)state;
    double phi[4] = {1.0, 0.0, 1.0, 1.0}, y[2] = {1.0, 1.0 + 5e-13};
    zg_decay_problem problem = {.rows = 2,
                                .columns = 2,
                                .phi = phi,
                                .y = y,
                                .loss = ZG_LOSS_INTERPOLATE,
                                .lambda = 1.0,
                                .power = 5e-4};
    zg_decay_result result;
    assert_int_equal(zg_decay_solve(&problem, NULL, &result, NULL), ZG_OK);
    quad optimum = 1 + powq((quad)y[1] - 1, (quad)5e-4);
    assert_true(fabsq(result.objective - optimum) < 1e-12Q && result.bound <= optimum);
    zg_decay_result_clear(&result);
}

/* ---- GLPK's errors ------------------------------------------------------------------------- */

/* An error of GLPK, now and then: it takes the programs of every relaxation in the thread along. */
static bool break_down(void *context)
{
    return zg_random_uniform(context) < 0.05;
}

/* GLPK's rational simplex method fails on numbers that are not finite, or so small that reduced
 * costs underflow, and what it has allocated by then is lost. */
static size_t hopeless;

int __real_glp_exact(glp_prob *prob, const glp_smcp *parameters);
int __wrap_glp_exact(glp_prob *prob, const glp_smcp *parameters);
int __wrap_glp_exact(glp_prob *prob, const glp_smcp *parameters)
{
    for (int j = 0; j <= glp_get_num_cols(prob); j++) {
        double cost = fabs(glp_get_obj_coef(prob, j));
        hopeless += cost != 0.0 && !(cost >= 1e-100 && cost <= 1e100);
    }
    return __real_glp_exact(prob, parameters);
}

/* Under the address sanitizer this is the proof that nobody keeps what an error has freed. */
static void glpk_errors_with_tiny_powers_leave_every_relaxation_whole(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 5);
    instance *s = calloc(1, sizeof *s);
    assert_non_null(s);
    size_t count = cases(60, 2000), complete = 0;
    for (size_t round = 0; round < count; round++) {
        size_t m = 1 + round % 3, n = m + zg_random_below_or_equal(&random, 2);
        draw(s, &random, m, n);
        if (s->problem.loss == ZG_LOSS_SQUARED) s->problem.loss = ZG_LOSS_INTERPOLATE;
        s->problem.power = pow(10.0, -2.0 - 1.3 * zg_random_uniform(&random));
        zg_decay_fault fault = {.breaks = round % 2 ? break_down : NULL, .context = &random};
        zg_decay_options options = {
            .nodes = 50, .seconds = 4000, .clock = ticking, .fault = &fault};
        zg_decay_result result;
        zg_status status = zg_decay_solve(&s->problem, &options, &result, NULL);
        assert_true(status == ZG_OK || status == ZG_TIMEOUT || status == ZG_FAILED);
        if (status != ZG_FAILED) assert_true(result.bound <= enumerated(s) * (1 + 1e-25Q));
        complete += result.complete;
        zg_decay_result_clear(&result);
    }
    print_message("# %zu problems with powers to 5e-4, %zu complete\n", count, complete);
    assert_int_equal(hopeless, 0);
    assert_true(complete > count / 8);
    free(s);
}

static bool broken(void *context)
{
    return *(bool *)context;
}

/* An error in one relaxation takes the program of another one along, at any point of its use. */
static void programs_that_went_with_another_ones_error_are_forgotten(void **state)
{
    (void)state;
    const double phi[2] = {1.0, 2.0}, y[1] = {1.0};
    const double lower[2] = {-1.0, -1.0}, upper[2] = {1.0, 1.0};
    zg_decay_problem problem = {.rows = 1,
                                .columns = 2,
                                .phi = phi,
                                .y = y,
                                .loss = ZG_LOSS_INTERPOLATE,
                                .lambda = 1.0,
                                .power = 0.5};
    bool breaks = false;
    zg_decay_fault fault = {.breaks = broken, .context = &breaks};
    zg_decay_lp *lp, *other;
    unsigned char basis[16] = {1};
    assert_int_equal(zg_decay_lp_create(&problem, NULL, NULL, NULL, &lp, NULL), ZG_OK);
    assert_int_equal(zg_decay_lp_create(&problem, NULL, &fault, NULL, &other, NULL), ZG_OK);
    for (int use = 0; use < 2; use++) {
        assert_int_equal(zg_decay_lp_solve(lp, lower, upper, INFINITY), ZG_DECAY_LP_OPTIMAL);
        if (use == 0) assert_true(zg_decay_lp_range_begin(lp, 10.0));
        breaks = true;
        assert_int_equal(zg_decay_lp_solve(other, lower, upper, INFINITY), ZG_DECAY_LP_DOUBTFUL);
        breaks = false;
        assert_int_equal(zg_decay_lp_solve(other, lower, upper, INFINITY), ZG_DECAY_LP_OPTIMAL);
        if (use == 0) {
            zg_decay_lp_range_end(lp);
        } else {
            assert_true(zg_decay_lp_basis_size(lp) <= sizeof basis);
            zg_decay_lp_basis_save(lp, basis);
            assert_int_equal(basis[0], 0); /* there is none */
        }
    }
    zg_decay_lp_free(lp);
    zg_decay_lp_free(other);
}

/* ---- all networks of two inputs ------------------------------------------------------------ */

#define SAMPLES 6

typedef struct plane {
    size_t count;
    double x[2 * SAMPLES], y[SAMPLES], a, lambda, power;
} plane;

static quad network_objective(const plane *p, size_t count, const quad (*u)[2], const quad *w)
{
    quad total = 0;
    for (size_t j = 0; j < count; j++)
        if (w[j] != 0) total += p->lambda * powq(fabsq(w[j]), (quad)p->power);
    for (size_t i = 0; i < p->count; i++) {
        quad r = -(quad)p->y[i];
        for (size_t j = 0; j < count; j++) {
            quad t = (p->x[2 * i] * u[j][0] + p->x[2 * i + 1] * u[j][1]);
            r += p->a * w[j] * t * t;
        }
        total += r * r / 2;
    }
    return total;
}

/* Rows of any size, now and then twice; targets of a planted network, or any. */
static void draw_plane(plane *p, zg_random *random, quad (*u)[2], quad *w)
{
    bool ordinary = zg_random_uniform(random) < 0.6;
    double size = ordinary ? 1.0 : magnitude(random, 150);
    double weight = ordinary ? 1.0 : magnitude(random, 100);
    p->count = 1 + zg_random_below_or_equal(random, SAMPLES - 1);
    p->a = zg_random_uniform(random) < 0.5 ? 1.0 : zg_random_normal(random);
    p->power = random_power(random);
    if (p->power == 1.0) p->power = 0.75; /* l1 is another program */
    for (int j = 0; j < 2; j++) {
        quad angle = 6 * zg_random_uniform(random);
        u[j][0] = cosq(angle);
        u[j][1] = sinq(angle);
        w[j] = zg_random_uniform(random) < 0.4 ? 0 : weight * zg_random_normal(random);
    }
    quad squares = 0;
    for (size_t i = 0; i < p->count; i++) {
        quad target = 0;
        for (size_t e = 0; e < 2; e++)
            p->x[2 * i + e] = size * zg_random_normal(random);
        if (i > 0 && zg_random_uniform(random) < 0.2) memcpy(p->x + 2 * i, p->x, 2 * sizeof *p->x);
        for (int j = 0; j < 2; j++) {
            quad t = p->x[2 * i] * u[j][0] + p->x[2 * i + 1] * u[j][1];
            target += p->a * w[j] * t * t;
        }
        p->y[i] = (double)target;
        squares += target * target;
    }
    /* A penalty that matters. */
    p->lambda = (double)(squares + 1e-290Q) * magnitude(random, 3) * 0.01;
    if (zg_random_uniform(random) < 0.1) p->lambda = magnitude(random, 100);
    p->lambda = fmin(1e300, fmax(1e-300, p->lambda));
}

static void no_arc_bound_is_above_a_network(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 4);
    size_t count = cases(40, 2000), complete = 0, useful = 0, refused = 0;
    for (size_t round = 0; round < count; round++) {
        plane p;
        quad u[2][2], w[2], none[2] = {0, 0};
        draw_plane(&p, &random, u, w);
        bool finite = true;
        for (size_t i = 0; i < p.count; i++)
            finite = finite && isfinite(p.y[i]);
        if (!finite) continue;
        zg_problem *problem = NULL;
        zg_error error = {0};
        zg_status status = zg_problem_from_arrays(
            p.count, 2, p.x, 1, p.y, NULL, (zg_activation){p.a, 0.0, 0.0}, NULL,
            (zg_loss){ZG_LOSS_SQUARED, 1.0}, (zg_penalty){ZG_PENALTY_POWER, p.power}, p.lambda,
            &problem, &error);
        if (status != ZG_OK) { /* numbers that are refused by name */
            refused++;
            continue;
        }
        zg_decay_options options = {.seconds = 6000, .clock = ticking};
        zg_arcs_result result;
        status = zg_arcs_solve(problem, &options, &result, &error);
        if (status == ZG_BAD_INPUT) {
            refused++;
        } else {
            assert_true(status == ZG_OK || status == ZG_TIMEOUT);
            assert_true(isfinite(result.bound) && isfinite(result.objective));
            quad planted = network_objective(&p, 2, u, w), zero = network_objective(&p, 0, u, none);
            if (!(result.bound <= fminq(planted, zero)))
                print_message("# %zu: bound %.17g planted %.17g zero %.17g power %g\n", round,
                              result.bound, (double)planted, (double)zero, p.power);
            assert_true(result.bound <= planted);
            assert_true(result.bound <= zero);
            complete += result.complete;
            useful += result.bound > 0.0;
            zg_network_free(result.network);
        }
        zg_problem_free(problem);
    }
    print_message("# %zu planes, %zu complete, %zu bounds above 0, %zu refused\n", count, complete,
                  useful, refused);
    assert_true(complete > count / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_are_enclosed_from_subnormal_to_overflow),
        cmocka_unit_test(no_box_bound_is_above_the_lagrangian),
        cmocka_unit_test(no_tree_bound_is_above_the_optimum),
        cmocka_unit_test(root_boxes_are_of_doubles_and_their_outside_is_bounded),
        cmocka_unit_test(small_weights_are_not_rounded_away),
        cmocka_unit_test(glpk_errors_with_tiny_powers_leave_every_relaxation_whole),
        cmocka_unit_test(programs_that_went_with_another_ones_error_are_forgotten),
        cmocka_unit_test(no_arc_bound_is_above_a_network),
    };
    return cmocka_run_group_tests_name("safety", tests, NULL, NULL);
}
