/*
 * Branch and bound for weight decay against oracles that share nothing with it: enumeration of all
 * vertices, closed forms, an l1 solver; and against faults: corrupted answers of the linear
 * programming code, killed runs, damaged checkpoints.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "baselines/weight_decay/bound.h"
#include "baselines/weight_decay/checkpoint.h"
#include "baselines/weight_decay/descent.h"
#include "baselines/weight_decay/point.h"
#include "baselines/weight_decay/tree.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 64 /* numbers per array in the small problems here */

static size_t multiplier(void)
{
    const char *text = getenv("ZEROGAP_TEST_MULTIPLIER");
    long value = text ? strtol(text, NULL, 10) : 1;
    return value > 0 ? (size_t)value : 1;
}

typedef struct small_problem {
    zg_decay_problem problem;
    double phi[MOST * MOST], y[MOST], lower[MOST], upper[MOST];
} small_problem;

static void random_problem(small_problem *s, zg_random *random, size_t rows, size_t columns)
{
    double w[MOST];
    for (size_t e = 0; e < rows * columns; e++)
        s->phi[e] = zg_random_normal(random);
    for (size_t k = 0; k < columns; k++) {
        w[k] = zg_random_uniform(random) < 0.4 ? zg_random_normal(random) : 0.0;
        s->lower[k] = 0.0;
        s->upper[k] = INFINITY;
    }
    for (size_t i = 0; i < rows; i++) {
        s->y[i] = 0.0;
        for (size_t k = 0; k < columns; k++)
            s->y[i] += s->phi[i * columns + k] * w[k];
        s->y[i] += 0.3 * zg_random_normal(random);
    }
    s->problem = (zg_decay_problem){.rows = rows,
                                    .columns = columns,
                                    .phi = s->phi,
                                    .y = s->y,
                                    .loss = ZG_LOSS_INTERPOLATE,
                                    .lambda = 1.0,
                                    .power = 2.0 / 3.0};
}

static double objective_of(const zg_decay_problem *problem, const double *w)
{
    double total = 0.0;
    for (size_t k = 0; k < problem->columns; k++)
        total += problem->lambda * pow(fabs(w[k]), problem->power);
    for (size_t i = 0; i < problem->rows; i++) {
        double r = -problem->y[i];
        for (size_t k = 0; k < problem->columns; k++)
            r += problem->phi[i * problem->columns + k] * w[k];
        if (problem->loss == ZG_LOSS_SQUARED) total += 0.5 * r * r;
        if (problem->loss == ZG_LOSS_ABSOLUTE) total += fabs(r);
    }
    return total;
}

/* Solves the order x order system a x = b by Gaussian elimination; false when singular. */
static bool solve_square(size_t order, long double *a, long double *b)
{
    for (size_t c = 0; c < order; c++) {
        size_t best = c;
        for (size_t i = c; i < order; i++)
            if (fabsl(a[i * order + c]) > fabsl(a[best * order + c])) best = i;
        if (fabsl(a[best * order + c]) < 1e-12L) return false;
        for (size_t e = 0; e < order; e++) {
            long double held = a[best * order + e];
            a[best * order + e] = a[c * order + e];
            a[c * order + e] = held;
        }
        long double held = b[best];
        b[best] = b[c];
        b[c] = held;
        for (size_t i = 0; i < order; i++) {
            if (i == c) continue;
            long double factor = a[i * order + c] / a[c * order + c];
            for (size_t e = 0; e < order; e++)
                a[i * order + e] -= factor * a[c * order + e];
            b[i] -= factor * b[c];
        }
    }
    for (size_t c = 0; c < order; c++)
        b[c] /= a[c * order + c];
    return true;
}

/* Next subset of `count` out of `total` in lexicographic order. */
static bool next_subset(size_t *subset, size_t count, size_t total)
{
    for (size_t i = count; i-- > 0;) {
        if (subset[i] + (count - i) >= total) continue;
        subset[i]++;
        for (size_t j = i + 1; j < count; j++)
            subset[j] = subset[j - 1] + 1;
        return true;
    }
    return false;
}

/* Least objective over all points where `columns` independent ones among the given equations hold:
 * the rows of the problem (all of them when they are constraints) and w_k = 0. */
static double enumerate(const zg_decay_problem *problem, bool non_negative)
{
    size_t m = problem->rows, n = problem->columns;
    bool constrained = problem->loss == ZG_LOSS_INTERPOLATE;
    size_t pool = constrained ? n : n + m, count = constrained ? n - m : n;
    size_t subset[MOST];
    double best = INFINITY;
    long double *a = calloc(n * n, sizeof *a);
    assert_non_null(a);
    for (size_t i = 0; i < count; i++)
        subset[i] = i;
    do {
        long double b[MOST];
        double w[MOST];
        memset(a, 0, n * n * sizeof *a);
        for (size_t row = 0; row < n; row++) {
            size_t chosen = row < count ? subset[row] : n + row - count;
            b[row] = chosen < n ? 0.0L : problem->y[chosen - n];
            if (chosen < n) a[row * n + chosen] = 1.0L;
            for (size_t k = 0; chosen >= n && k < n; k++)
                a[row * n + k] = problem->phi[(chosen - n) * n + k];
        }
        if (!solve_square(n, a, b)) continue;
        bool feasible = true;
        for (size_t k = 0; k < n; k++) {
            w[k] = fabsl(b[k]) < 1e-13L ? 0.0 : (double)b[k];
            if (non_negative && w[k] < 0.0) feasible = false;
        }
        if (feasible) best = fmin(best, objective_of(problem, w));
    } while (next_subset(subset, count, pool));
    free(a);
    return best;
}

static void check_result(const zg_decay_problem *problem, const zg_decay_result *result,
                         double optimum)
{
    double scale = fmax(1.0, fabs(optimum));
    assert_true(result->complete);
    assert_true(fabs(result->objective - objective_of(problem, result->w)) <= 1e-12 * scale);
    if (fabs(result->objective - optimum) > 1e-9 * scale)
        print_message("# objective %.12g, oracle %.12g\n", result->objective, optimum);
    assert_true(fabs(result->objective - optimum) <= 1.001e-6 * scale);
    assert_true(result->bound <= optimum + 1e-12 * scale);
    assert_true(result->bound < result->objective);
    assert_true(result->objective - result->bound <= 1e-6 * scale);
}

static void solve_and_check(const zg_decay_problem *problem, double optimum)
{
    zg_decay_result result;
    zg_decay_options options = {.nodes = 20000}; /* a hundred times what these sizes take */
    zg_error error = {0};
    zg_status status = zg_decay_solve(problem, &options, &result, &error);
    if (status != ZG_OK) print_message("# %s\n", error.message);
    assert_int_equal(status, ZG_OK);
    check_result(problem, &result, optimum);
    zg_decay_result_clear(&result);
}

static const double powers[] = {2.0 / 3.0, 0.5, 0.3, 0.9};

/* With the pairs, bounds and absolute losses below 190 x multiplier instances in all. */
static void test_enumeration(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 1);
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (size_t trial = 0; trial < 60 * multiplier(); trial++) {
        size_t n = 3 + zg_random_below_or_equal(&random, 9);
        size_t m = 1 + zg_random_below_or_equal(&random, (n < 10 ? n : 9) - 2);
        random_problem(s, &random, m, n);
        s->problem.power = powers[trial % 4];
        s->problem.lambda = exp(zg_random_normal(&random));
        solve_and_check(&s->problem, enumerate(&s->problem, false));
    }
    free(s);
}

/* Rows with two entries make pairs, which are bounded together; kinks, signs and sizes at
 * random. */
static void test_enumeration_pairs(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 8);
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (size_t trial = 0; trial < 40 * multiplier(); trial++) {
        size_t n = 4 + zg_random_below_or_equal(&random, 6), pairs = 1 + trial % (n / 2);
        size_t m = pairs + (pairs < n / 2 + 1 ? 1 : 0);
        random_problem(s, &random, m, n);
        s->problem.power = powers[trial % 4];
        for (size_t i = 0; i < pairs; i++) {
            for (size_t k = 0; k < n; k++)
                if (k / 2 != i) s->phi[i * n + k] = 0.0;
            if (trial % 3 == 0) /* the pairs of PARTITION, and degenerate ones through 0 */
                s->phi[i * n + 2 * i] = s->phi[i * n + 2 * i + 1] = 1.0;
            if (trial % 3 == 0) s->y[i] = trial % 6 == 0 ? 0.0 : 1.0;
        }
        solve_and_check(&s->problem, enumerate(&s->problem, false));
    }
    free(s);
}

static void test_enumeration_non_negative(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 2);
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    size_t feasible = 0;
    for (size_t trial = 0; trial < 40 * multiplier(); trial++) {
        size_t n = 4 + zg_random_below_or_equal(&random, 7);
        size_t m = 1 + zg_random_below_or_equal(&random, n / 2 - 1);
        random_problem(s, &random, m, n);
        s->problem.lower = s->lower;
        s->problem.upper = s->upper;
        double optimum = enumerate(&s->problem, true);
        if (!isfinite(optimum)) continue; /* the random constraints exclude w >= 0 */
        feasible++;
        solve_and_check(&s->problem, optimum);
    }
    assert_true(feasible >= 10);
    free(s);
}

/* An optimum with absolute loss is where n of the equations "residual is 0", "weight is 0" hold.
 * Powers to 0.3 and weak penalties: root boxes are up to 1e6 wide. */
static void test_enumeration_absolute(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 3);
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (size_t trial = 0; trial < 50 * multiplier(); trial++) {
        bool large = trial % 15 == 14;
        size_t n = large ? 12 : 2 + zg_random_below_or_equal(&random, 7);
        size_t m = large ? 6 : 3 + zg_random_below_or_equal(&random, 4);
        random_problem(s, &random, m, n);
        s->problem.loss = ZG_LOSS_ABSOLUTE;
        s->problem.power = powers[trial % 4];
        s->problem.lambda = 0.3 * exp(zg_random_normal(&random));
        solve_and_check(&s->problem, enumerate(&s->problem, false));
    }
    free(s);
}

/* min over t of (t - z)^2 c / 2 + lambda |t|^p by a fine grid and golden sections. */
static double scalar_oracle(double c, double z, double lambda, double p)
{
    double best = 0.5 * c * z * z;
    for (int i = 1; i <= 20000; i++) {
        double t = fabs(z) * i / 20000.0, d = t - fabs(z);
        best = fmin(best, 0.5 * c * d * d + lambda * pow(t, p));
    }
    return best;
}

/* Orthogonal columns: the problem falls apart into closed-form scalar ones; with one column this is
 * the one-neuron problem. */
static void test_orthogonal_squared(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 4);
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (size_t trial = 0; trial < 40 * multiplier(); trial++) {
        size_t n = 1 + trial % 4, m = n + 2;
        random_problem(s, &random, m, n);
        s->problem.loss = ZG_LOSS_SQUARED;
        s->problem.power = powers[trial % 4];
        s->problem.lambda = 0.3 * exp(zg_random_normal(&random));
        double optimum = 0.0, left = 0.0;
        for (size_t i = 0; i < m; i++)
            left += 0.5 * s->y[i] * s->y[i];
        for (size_t k = 0; k < n; k++) { /* Gram-Schmidt, twice */
            for (size_t j = 0; j < 2 * k; j++) {
                double inner = 0.0, norm = 0.0;
                for (size_t i = 0; i < m; i++) {
                    inner += s->phi[i * n + k] * s->phi[i * n + j % k];
                    norm += s->phi[i * n + j % k] * s->phi[i * n + j % k];
                }
                for (size_t i = 0; i < m; i++)
                    s->phi[i * n + k] -= inner / norm * s->phi[i * n + j % k];
            }
            double c = 0.0, g = 0.0;
            for (size_t i = 0; i < m; i++) {
                c += s->phi[i * n + k] * s->phi[i * n + k];
                g += s->phi[i * n + k] * s->y[i];
            }
            left -= 0.5 * g * g / c;
            optimum += scalar_oracle(c, g / c, s->problem.lambda, s->problem.power);
        }
        solve_and_check(&s->problem, optimum + left);
    }
    free(s);
}

/* The lasso by proximal gradient steps, its value certified by a feasible dual point. */
static double lasso_oracle(const zg_decay_problem *problem)
{
    size_t m = problem->rows, n = problem->columns;
    double w[MOST] = {0}, r[MOST], step = 0.0, value = 0.0, dual = -INFINITY;
    for (size_t e = 0; e < m * n; e++)
        step += problem->phi[e] * problem->phi[e];
    for (int iteration = 0; iteration < 400000; iteration++) {
        double steepest = 0.0;
        for (size_t i = 0; i < m; i++) {
            r[i] = problem->y[i];
            for (size_t k = 0; k < n; k++)
                r[i] -= problem->phi[i * n + k] * w[k];
        }
        for (size_t k = 0; k < n; k++) {
            double g = 0.0;
            for (size_t i = 0; i < m; i++)
                g += problem->phi[i * n + k] * r[i];
            steepest = fmax(steepest, fabs(g));
            double t = w[k] + g / step, size = fmax(0.0, fabs(t) - problem->lambda / step);
            w[k] = t < 0.0 ? -size : size;
        }
        if (iteration % 1000 != 999) continue;
        double scale = fmin(1.0, problem->lambda / steepest), d = 0.0;
        for (size_t i = 0; i < m; i++)
            d += scale * r[i] * problem->y[i] - 0.5 * scale * scale * r[i] * r[i];
        zg_decay_problem convex = *problem;
        convex.power = 1.0;
        value = objective_of(&convex, w);
        dual = fmax(dual, d);
        if (value - dual <= 1e-10 * fmax(1.0, value)) break;
    }
    assert_true(value - dual <= 1e-7 * fmax(1.0, value));
    return value;
}

/* As p -> 1 the problem becomes the convex one. */
static void test_power_near_one(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 5);
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (size_t trial = 0; trial < 12 * multiplier(); trial++) {
        random_problem(s, &random, 6, 2 + trial % 4);
        s->problem.loss = ZG_LOSS_SQUARED;
        s->problem.lambda = 0.5;
        double convex = lasso_oracle(&s->problem), last = INFINITY;
        s->problem.power = 1.0;
        solve_and_check(&s->problem, convex);
        for (double distance = 1e-2; distance > 1e-9; distance *= 1e-3) {
            zg_decay_result result;
            s->problem.power = 1.0 - distance;
            assert_int_equal(zg_decay_solve(&s->problem, NULL, &result, NULL), ZG_OK);
            double difference = fabs(result.objective - convex);
            assert_true(difference <= fmin(last, 10.0 * distance * fmax(1.0, convex)) + 1e-6);
            last = difference + 1e-6;
            zg_decay_result_clear(&result);
        }
    }
    free(s);
}

/* The safe bound at random multipliers and boxes is below every feasible point of the box, and what
 * range reduction and holes exclude really is excluded. */
static void test_bound_is_safe(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 6);
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (size_t trial = 0; trial < 300 * multiplier(); trial++) {
        double lower[MOST], upper[MOST], v[MOST], w[MOST];
        size_t m = 1 + trial % 5, n = 1 + trial % 7;
        random_problem(s, &random, m, n);
        s->problem.power = powers[trial % 4];
        s->problem.loss = trial % 3 == 0   ? ZG_LOSS_INTERPOLATE
                          : trial % 3 == 1 ? ZG_LOSS_ABSOLUTE
                                           : ZG_LOSS_SQUARED;
        zg_decay_bound bound;
        assert_int_equal(zg_decay_bound_create(&s->problem, NULL, &bound), ZG_OK);
        for (size_t k = 0; k < n; k++) {
            double a = 2.0 * zg_random_normal(&random), b = 2.0 * zg_random_normal(&random);
            lower[k] = fmin(a, b);
            upper[k] = fmax(a, b);
        }
        for (size_t i = 0; i < m; i++)
            v[i] = zg_random_normal(&random);
        zg_decay_bound_evaluate(&s->problem, lower, upper, v, &bound);
        double target = bound.value + fabs(zg_random_normal(&random));
        for (int sample = 0; sample < 50; sample++) {
            for (size_t k = 0; k < n; k++)
                w[k] = lower[k] + (upper[k] - lower[k]) * zg_random_uniform(&random);
            if (s->problem.loss == ZG_LOSS_INTERPOLATE) /* make the point feasible */
                for (size_t i = 0; i < m; i++) {
                    s->y[i] = 0.0;
                    for (size_t k = 0; k < n; k++)
                        s->y[i] += s->phi[i * n + k] * w[k];
                }
            zg_decay_bound_evaluate(&s->problem, lower, upper, v, &bound);
            double value = objective_of(&s->problem, w);
            assert_true(bound.value <= value + 1e-12);
            if (value >= target) continue;
            for (size_t k = 0; k < n; k++) {
                double l = lower[k], u = upper[k], low, high;
                assert_true(zg_decay_bound_tighten(&s->problem, &bound, k, target, &l, &u));
                assert_true(w[k] >= l && w[k] <= u);
                if (zg_decay_bound_hole(&s->problem, &bound, k, target, l, u, &low, &high))
                    assert_true(w[k] <= low || w[k] >= high);
            }
        }
        zg_decay_bound_clear(&bound);
    }
    free(s);
}

/* The squared loss's relaxation is convex: at its minimiser the residual's Lagrangian bound equals
 * its value.  Columns that nearly agree, more of them than samples, intervals of all kinds. */
static void test_descent_meets_its_dual(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 10);
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    double worst = 0.0;
    for (size_t trial = 0; trial < 60 * multiplier(); trial++) {
        size_t m = 4 + trial % 12, n = 2 + trial % 23;
        double lower[MOST], upper[MOST], w[MOST] = {0}, v[MOST];
        random_problem(s, &random, m, n);
        s->problem.loss = ZG_LOSS_SQUARED;
        s->problem.power = powers[trial % 4];
        s->problem.lambda = 0.3 * exp(zg_random_normal(&random));
        for (size_t k = 0; k < n; k++) {
            for (size_t i = 0; k % 3 && i < m; i++) /* near the column to the left */
                s->phi[i * n + k] = s->phi[i * n + k - 1] + 0.02 * s->phi[i * n + k];
            double a = 2.0 * zg_random_normal(&random), b = 2.0 * zg_random_normal(&random);
            lower[k] = k % 5 == 0 ? 0.0 : fmin(a, b);
            upper[k] = k % 7 == 0 ? lower[k] : fmax(fmax(a, b), lower[k]);
        }
        zg_decay_descent *descent;
        zg_decay_bound bound;
        assert_int_equal(zg_decay_descent_create(&s->problem, NULL, &descent, NULL), ZG_OK);
        assert_int_equal(zg_decay_bound_create(&s->problem, NULL, &bound), ZG_OK);
        double value = zg_decay_descent_minimise(descent, lower, upper, NULL, w, v);
        zg_decay_bound_evaluate(&s->problem, lower, upper, v, &bound);
        assert_true(bound.value <= value + 1e-12 * fmax(1.0, value));
        worst = fmax(worst, (value - bound.value) / fmax(1.0, value));
        zg_decay_bound_clear(&bound);
        zg_decay_descent_free(descent);
    }
    if (worst > 1e-7) print_message("# gap %g\n", worst);
    assert_true(worst <= 1e-7);
    free(s);
}

/* ---- faults -------------------------------------------------------------------------------- */

typedef struct strike_plan {
    zg_random random;
    double share;
    long struck;
} strike_plan;

/* Lies about the status, the multipliers or the point. */
static void strike(void *context, zg_decay_lp_status *status, size_t rows, double *v,
                   size_t columns, double *w)
{
    strike_plan *plan = context;
    if (zg_random_uniform(&plan->random) >= plan->share) return;
    plan->struck++;
    switch (zg_random_below_or_equal(&plan->random, 5)) {
    case 0:
        *status = ZG_DECAY_LP_INFEASIBLE;
        break;
    case 1:
        *status = ZG_DECAY_LP_CUTOFF;
        break;
    case 2:
        *status = ZG_DECAY_LP_OPTIMAL;
        break;
    case 3:
        v[zg_random_below_or_equal(&plan->random, rows - 1)] = NAN;
        break;
    case 4:
        v[zg_random_below_or_equal(&plan->random, rows - 1)] *= -1e9;
        break;
    default:
        w[zg_random_below_or_equal(&plan->random, columns - 1)] = INFINITY;
        break;
    }
}

/* Now and then GLPK reports an error, which ends its environment and all programs in it. */
static bool break_down(void *context)
{
    strike_plan *plan = context;
    return zg_random_uniform(&plan->random) < 0.02;
}

static void test_faults(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 7);
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    long struck = 0;
    for (size_t trial = 0; trial < 60 * multiplier(); trial++) {
        size_t n = 5 + trial % 5, m = 2 + trial % 3;
        random_problem(s, &random, m, n);
        s->problem.power = powers[trial % 4];
        if (trial % 3 == 2) s->problem.loss = ZG_LOSS_ABSOLUTE;
        double optimum = enumerate(&s->problem, false);
        strike_plan plan = {.share = trial % 2 == 0 ? 0.2 : 1.0};
        zg_random_seed(&plan.random, (uint32_t)trial);
        /* In every second pair of trials the tree never learns of the optimum: boxes that hold it
         * would then be pruned on a false word alone. */
        bool blind = trial % 4 >= 2;
        zg_decay_fault fault = {.strike = strike,
                                .context = &plan,
                                .breaks = trial % 5 == 0 ? break_down : NULL,
                                .least_objective = blind ? 1.02 * optimum : 0.0};
        zg_decay_options options = {.seconds = 2.0, .nodes = blind ? 200 : 3000, .fault = &fault};
        zg_decay_result result;
        zg_status status = zg_decay_solve(&s->problem, &options, &result, NULL);
        struck += plan.struck;
        /* GLPK may break down while the first relaxation is built: then there is no search. */
        if (status == ZG_FAILED && fault.breaks) {
            zg_decay_result_clear(&result);
            continue;
        }
        assert_true(status == ZG_OK || status == ZG_TIMEOUT);
        assert_true(result.bound <= optimum * (1.0 + 1e-12));
        assert_true(result.objective >= optimum * (1.0 - 1e-12));
        if (result.complete)
            assert_true(result.objective - result.bound <= 1e-6 * fmax(1.0, optimum));
        zg_decay_result_clear(&result);
    }
    assert_true(struck > 100);
    free(s);
}

/* ---- resuming ------------------------------------------------------------------------------ */

static void checkpoint_path(char *path, size_t size)
{
    snprintf(path, size, "/tmp/zerogap-boxes-XXXXXX");
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    assert_int_equal(unlink(path), 0);
}

static void hard_problem(small_problem *s, uint32_t seed)
{
    zg_random random;
    zg_random_seed(&random, seed);
    random_problem(s, &random, 10, 20);
    double w[MOST];
    for (size_t k = 0; k < 20; k++)
        w[k] = zg_random_normal(&random);
    for (size_t i = 0; i < 10; i++) {
        s->y[i] = 0.0;
        for (size_t k = 0; k < 20; k++)
            s->y[i] += s->phi[i * 20 + k] * w[k];
    }
}

/* Three nodes at a time, through the file. */
static void test_resume_in_steps(void **state)
{
    (void)state;
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (uint32_t seed = 0; seed < 3; seed++) {
        char path[64];
        checkpoint_path(path, sizeof path);
        hard_problem(s, seed);
        zg_decay_result whole, part;
        assert_int_equal(zg_decay_solve(&s->problem, NULL, &whole, NULL), ZG_OK);
        zg_status status = ZG_TIMEOUT;
        int steps = 0;
        double last = -INFINITY;
        while (status == ZG_TIMEOUT) {
            zg_decay_options options = {.nodes = 3 * (++steps), .checkpoint = path, .resume = true};
            status = zg_decay_solve(&s->problem, &options, &part, NULL);
            assert_true(part.bound >= last && part.bound <= whole.objective * (1 + 1e-9));
            last = part.bound;
            if (status == ZG_TIMEOUT) zg_decay_result_clear(&part);
            assert_true(steps < 10000);
        }
        assert_int_equal(status, ZG_OK);
        assert_true(part.complete && (whole.nodes < 3 || steps > 1));
        assert_true(fabs(part.objective - whole.objective) <= 1e-6 * whole.objective);
        zg_decay_result_clear(&part);
        zg_decay_result_clear(&whole);
        unlink(path);
    }
    free(s);
}

/* A child is killed at a random moment while it writes checkpoints all the time. */
static void test_resume_after_kill(void **state)
{
    (void)state;
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    hard_problem(s, 12);
    zg_decay_result whole, resumed;
    assert_int_equal(zg_decay_solve(&s->problem, NULL, &whole, NULL), ZG_OK);
    char path[64];
    checkpoint_path(path, sizeof path);
    for (int kill_at = 0; kill_at < 8; kill_at++) {
        pid_t child = fork();
        assert_true(child >= 0);
        zg_decay_options options = {.checkpoint = path, .checkpoint_seconds = 1e-6, .resume = true};
        if (child == 0) {
            zg_decay_result result;
            zg_decay_solve(&s->problem, &options, &result, NULL);
            _exit(0);
        }
        usleep((useconds_t)(whole.seconds * 1e6 * (0.2 + 0.1 * kill_at)));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    zg_decay_options options = {.checkpoint = path, .resume = true};
    assert_int_equal(zg_decay_solve(&s->problem, &options, &resumed, NULL), ZG_OK);
    assert_true(resumed.complete);
    assert_true(fabs(resumed.objective - whole.objective) <= 1e-6 * whole.objective);
    assert_true(resumed.bound <= whole.objective);
    zg_decay_result_clear(&resumed);
    zg_decay_result_clear(&whole);
    unlink(path);
    free(s);
}

static void write_text(const char *path, const char *text, size_t size)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    fclose(file);
}

/* Numbers that are not numbers, or cannot be bounds of a search, are refused although the file's
 * digest is right. */
static void test_checkpoint_of_no_search(void **state)
{
    (void)state;
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    char path[64];
    checkpoint_path(path, sizeof path);
    hard_problem(s, 1);
    double w[MOST] = {0}, lower[MOST], upper[MOST];
    for (size_t k = 0; k < s->problem.columns; k++) {
        lower[k] = -1.0;
        upper[k] = 1.0;
    }
    const double wrong[] = {NAN, INFINITY, -INFINITY, -1.0};
    for (size_t field = 0; field < 5; field++) {
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            zg_decay_state saved = {.objective = 30.0,
                                    .w = w,
                                    .pruned_bound = 20.0,
                                    .radius = 1e3,
                                    .seconds = 1.0,
                                    .nodes = 7};
            double *numbers[] = {&saved.objective, &saved.pruned_bound, &saved.radius,
                                 &saved.seconds};
            if (field < 4) *numbers[field] = wrong[i];
            if (field == 1 && wrong[i] == INFINITY) continue; /* nothing pruned: that may be */
            zg_heap heap = {0};
            zg_decay_node *node = zg_decay_node_create(s->problem.columns, 0, lower, upper);
            assert_non_null(node);
            node->bound = field == 4 ? wrong[i] : 10.0;
            assert_int_equal(zg_decay_node_open(node, &heap), ZG_OK);
            assert_int_equal(zg_decay_checkpoint_write(path, &s->problem, &saved, &heap, NULL),
                             ZG_OK);
            zg_heap_clear(&heap, zg_decay_node_free);
            zg_decay_options options = {.nodes = 5, .checkpoint = path, .resume = true};
            zg_decay_result result;
            zg_error error = {0};
            zg_status status = zg_decay_solve(&s->problem, &options, &result, &error);
            assert_int_equal(status, ZG_BAD_INPUT);
            assert_false(result.complete);
            zg_decay_result_clear(&result);
        }
    }
    unlink(path);
    free(s);
}

/* Every damaged or foreign checkpoint is refused with its line. */
static void test_bad_checkpoint(void **state)
{
    (void)state;
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    char path[64];
    checkpoint_path(path, sizeof path);
    hard_problem(s, 1);
    zg_decay_options options = {.nodes = 5, .checkpoint = path, .resume = true};
    zg_decay_result result;
    assert_int_equal(zg_decay_solve(&s->problem, &options, &result, NULL), ZG_TIMEOUT);
    zg_decay_result_clear(&result);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = calloc(1, 1000000);
    assert_non_null(text);
    size_t size = fread(text, 1, 999999, file);
    fclose(file);
    for (size_t cut = 0; cut < size; cut += size / 40 + 1) {
        zg_error error = {0};
        write_text(path, text, cut);
        assert_int_equal(zg_decay_solve(&s->problem, &options, &result, &error), ZG_BAD_INPUT);
        assert_non_null(strstr(error.message, path));
        zg_decay_result_clear(&result);
    }
    for (size_t at = 0; at < size; at += size / 97 + 1) { /* any byte changed */
        char held = text[at];
        text[at] = held == '1' ? '2' : '1';
        write_text(path, text, size);
        text[at] = held;
        assert_int_equal(zg_decay_solve(&s->problem, &options, &result, NULL), ZG_BAD_INPUT);
        zg_decay_result_clear(&result);
    }
    write_text(path, text, size);
    s->y[0] += 1.0;
    assert_int_equal(zg_decay_solve(&s->problem, &options, &result, NULL), ZG_BAD_INPUT);
    zg_decay_result_clear(&result);
    unlink(path);
    free(text);
    free(s);
}

/* ---- the rest ------------------------------------------------------------------------------ */

/* Contradicting constraints, wrong arguments and other losses are refused. */
static void test_bad_input(void **state)
{
    (void)state;
    double phi[4] = {1.0, 1.0, 1.0, 1.0}, y[2] = {1.0, 2.0}, zero[2] = {0.0, 0.0};
    zg_decay_problem problem = {.rows = 2,
                                .columns = 2,
                                .phi = phi,
                                .y = y,
                                .loss = ZG_LOSS_INTERPOLATE,
                                .lambda = 1.0,
                                .power = 0.5};
    zg_decay_result result;
    assert_int_equal(zg_decay_solve(&problem, NULL, &result, NULL), ZG_FAILED);
    zg_decay_result_clear(&result);
    y[0] = y[1] = -1.0;
    problem.lower = zero;
    assert_int_equal(zg_decay_solve(&problem, NULL, &result, NULL), ZG_FAILED);
    zg_decay_result_clear(&result);
    problem.power = 1.5;
    assert_int_equal(zg_decay_solve(&problem, NULL, &result, NULL), ZG_BAD_INPUT);
    problem.power = 0.5;
    problem.loss = ZG_LOSS_LOGISTIC;
    assert_int_equal(zg_decay_solve(&problem, NULL, &result, NULL), ZG_UNSUPPORTED);
    problem.loss = ZG_LOSS_SQUARED;
    y[0] = NAN;
    assert_int_equal(zg_decay_solve(&problem, NULL, &result, NULL), ZG_BAD_INPUT);
}

static bool always_stop(void *context, const zg_decay_progress *progress)
{
    size_t *calls = context;
    assert_true(progress->bound <= progress->objective);
    return ++*calls < 2;
}

static void test_stop(void **state)
{
    (void)state;
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    hard_problem(s, 12);
    size_t calls = 0;
    zg_decay_options options = {.notify = always_stop, .context = &calls, .tolerance = 1e-12};
    zg_decay_result result;
    zg_status status = zg_decay_solve(&s->problem, &options, &result, NULL);
    assert_true(status == ZG_STOPPED || status == ZG_OK);
    assert_true(calls >= 1 && result.bound <= result.objective);
    zg_decay_result_clear(&result);
    free(s);
}

/* max |Phi w - y| / max |y|, with products that are exact in extended precision. */
static double residual_of(const zg_decay_problem *problem, const double *w)
{
    long double most = 0.0L, largest = 0.0L;
    for (size_t i = 0; i < problem->rows; i++) {
        long double r = -problem->y[i];
        for (size_t k = 0; k < problem->columns; k++)
            r += (long double)problem->phi[i * problem->columns + k] * w[k];
        most = fmaxl(most, fabsl(r));
        largest = fmaxl(largest, fabsl(problem->y[i]));
    }
    return (double)(most / largest);
}

/* Whole numbers with planted weights, powers to 5e-4: the value belongs to a point that satisfies
 * the equations, and is the least over all vertices. */
static void test_tiny_powers_planted(void **state)
{
    (void)state;
    static const double tiny[] = {5e-4, 0.01, 0.1};
    zg_random random;
    zg_random_seed(&random, 21);
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (size_t trial = 0; trial < 30 * multiplier(); trial++) {
        size_t n = 3 + trial % 5, m = 1 + trial % 2;
        random_problem(s, &random, m, n);
        s->problem.power = tiny[trial % 3];
        for (size_t e = 0; e < m * n; e++)
            s->phi[e] = rint(2.0 * s->phi[e]) + (e % n == 0); /* no row of zeros */
        double planted = 0.0;
        for (size_t i = 0; i < m; i++)
            s->y[i] = 0.0;
        for (size_t k = 0; k < n; k += 2) {
            double w = rint(3.0 * zg_random_normal(&random));
            planted += w != 0.0 ? pow(fabs(w), s->problem.power) : 0.0;
            for (size_t i = 0; i < m; i++)
                s->y[i] += s->phi[i * n + k] * w;
        }
        zg_decay_options options = {.nodes = 500};
        zg_decay_result result;
        zg_status status = zg_decay_solve(&s->problem, &options, &result, NULL);
        assert_true(status == ZG_OK || status == ZG_TIMEOUT);
        if (s->y[0] != 0.0 || (m > 1 && s->y[1] != 0.0))
            assert_true(residual_of(&s->problem, result.w) <= 1e-12);
        assert_true(result.objective <= planted * (1.0 + 1e-9));
        assert_true(result.bound <= planted);
        zg_decay_result_clear(&result);
    }
    free(s);
}

/* A small row is not left out, and weights of 1e15 that cancel each other do not pass. */
static void test_tolerance_of_equations(void **state)
{
    (void)state;
    double diagonal[4] = {1.0, 0.0, 0.0, 1.0}, small[2] = {1.0, 1e-13};
    zg_decay_problem problem = {.rows = 2,
                                .columns = 2,
                                .phi = diagonal,
                                .y = small,
                                .loss = ZG_LOSS_INTERPOLATE,
                                .lambda = 1.0,
                                .power = 0.0005};
    double one[2] = {1.0, 0.0}, both[2] = {1.0, 1e-13};
    assert_true(isinf(zg_decay_objective(&problem, one)));
    assert_true(zg_decay_objective(&problem, both) > 1.98);
    zg_decay_result result;
    zg_decay_options options = {.nodes = 100};
    zg_status status = zg_decay_solve(&problem, &options, &result, NULL);
    assert_true(status == ZG_OK || status == ZG_TIMEOUT);
    assert_true(result.objective > 1.98 && result.w[1] == 1e-13);
    zg_decay_result_clear(&result);
    double parallel[2] = {1.0, 1.0 + 1e-15}, y = 1.0;
    problem.rows = 1;
    problem.phi = parallel;
    problem.y = &y;
    double huge[2] = {-1e15, 1e15}; /* off by about a tenth */
    assert_true(isinf(zg_decay_objective(&problem, huge)));
    assert_true(zg_decay_residual(&problem, huge) > 0.01);
}

/* A clock that goes on by a second whenever it is read: limits are tested by how often they are
 * asked for, not by the machine's time. */
static double ticks;
static double ticking(void)
{
    return ticks += 1.0;
}

/* The search for a first network asks for the time in its loops, and ends there. */
static void test_limit_within_the_first_search(void **state)
{
    (void)state;
    static const zg_loss_kind losses[] = {ZG_LOSS_INTERPOLATE, ZG_LOSS_ABSOLUTE, ZG_LOSS_SQUARED};
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (size_t i = 0; i < 3; i++) {
        hard_problem(s, 5);
        s->problem.loss = losses[i];
        zg_decay_options options = {.nodes = 1, .seconds = 1e9, .clock = ticking};
        zg_decay_result result;
        double before = ticks;
        zg_status status = zg_decay_solve(&s->problem, &options, &result, NULL);
        assert_true(status == ZG_OK || status == ZG_TIMEOUT);
        zg_decay_result_clear(&result);
        double asked = ticks - before;
        print_message("# the clock was read %.0f times before the first box was done\n", asked);
        assert_true(asked > 300.0);
        for (double share = 0.0; share < 0.8; share += 0.2) {
            options.seconds = 1.0 + share * asked;
            zg_error error = {0};
            status = zg_decay_solve(&s->problem, &options, &result, &error);
            assert_int_equal(status, ZG_TIMEOUT);
            assert_true(error.message[0] && !result.complete);
            if (share < 0.3) assert_int_equal(result.nodes, 0);
            if (isfinite(result.objective)) assert_true(result.bound <= result.objective);
            zg_decay_result_clear(&result);
        }
    }
    free(s);
}

/* Reads a file of the shared power-sum instances. */
static bool read_instance(const char *name, small_problem *s)
{
    const char *shared = getenv("ZEROGAP_SHARED");
    char path[512], line[4096];
    if (!shared) return false;
    snprintf(path, sizeof path, "%s/reference/power_sum/%s.csv", shared, name);
    FILE *file = fopen(path, "r");
    if (!file) return false;
    size_t n = 0, m = 0;
    if (!fgets(line, sizeof line, file)) n = 0;
    for (const char *c = line; *c; c++)
        n += *c == ',';
    while (fgets(line, sizeof line, file)) {
        char *at = line;
        for (size_t k = 0; k < n; k++, at++)
            s->phi[m * n + k] = strtod(at, &at);
        s->y[m++] = strtod(at, NULL);
    }
    fclose(file);
    s->problem = (zg_decay_problem){.rows = m,
                                    .columns = n,
                                    .phi = s->phi,
                                    .y = s->y,
                                    .loss = ZG_LOSS_INTERPOLATE,
                                    .lambda = 1.0,
                                    .power = 2.0 / 3.0};
    return n > 0 && m > 0;
}

/* The shared instances; their optima are given to six digits (n24_s1: the best known, which a
 * relative 1.4e-6 was left open below). */
static void test_reference(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double optimum;
    } table[] = {{"n12_s0", 2.148159}, {"n12_s1", 3.476384}, {"n16_s0", 5.062184},
                 {"n16_s1", 4.629772}, {"n20_s0", 5.907126}, {"n20_s1", 6.945530},
                 {"n24_s0", 7.591609}, {"n24_s1", 8.371317}, {"n30_s0", 7.249944}};
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!read_instance(table[i].name, s)) {
            print_message("# no shared reference data\n");
            free(s);
            skip();
        }
        zg_decay_result result;
        assert_int_equal(zg_decay_solve(&s->problem, NULL, &result, NULL), ZG_OK);
        print_message("# %s optimum %.7f bound %.7f nodes %ld pivots %ld seconds %.3f\n",
                      table[i].name, result.objective, result.bound, result.nodes, result.pivots,
                      result.seconds);
        assert_true(result.complete);
        assert_true(fabs(result.objective - table[i].optimum) <= 2e-6 * table[i].optimum);
        zg_decay_result_clear(&result);
    }
    free(s);
}

/* A and w0 standard normal, A being n/2 x n, b = A w0: as the shared instances are made. */
static void power_sum(small_problem *s, size_t n, uint32_t seed)
{
    zg_random random;
    zg_random_seed(&random, seed);
    size_t m = n / 2;
    double w[MOST];
    for (size_t e = 0; e < m * n; e++)
        s->phi[e] = zg_random_normal(&random);
    for (size_t k = 0; k < n; k++)
        w[k] = zg_random_normal(&random);
    for (size_t i = 0; i < m; i++) {
        s->y[i] = 0.0;
        for (size_t k = 0; k < n; k++)
            s->y[i] += s->phi[i * n + k] * w[k];
    }
    s->problem = (zg_decay_problem){.rows = m,
                                    .columns = n,
                                    .phi = s->phi,
                                    .y = s->y,
                                    .loss = ZG_LOSS_INTERPOLATE,
                                    .lambda = 1.0,
                                    .power = 2.0 / 3.0};
}

/* All sizes to a relative gap of 1e-6 within a bound on the nodes: ten seeds a size in the slow
 * tier, one of the smaller sizes else. */
static void test_power_sums(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        long most_nodes; /* three times the most that was seen */
    } sizes[] = {{12, 30}, {16, 150}, {20, 400}, {24, 1200}, {30, 5000}};
    bool slow = multiplier() >= 8;
    size_t seeds = slow ? 10 : 1, count = slow ? 5 : 3;
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (size_t i = 0; i < count; i++) {
        double seconds = 0.0, longest = 0.0;
        long nodes = 0, most = 0, pivots = 0;
        for (uint32_t seed = 100; seed < 100 + seeds; seed++) {
            zg_decay_options options = {.nodes = sizes[i].most_nodes};
            zg_decay_result result;
            power_sum(s, sizes[i].n, seed);
            assert_int_equal(zg_decay_solve(&s->problem, &options, &result, NULL), ZG_OK);
            assert_true(result.complete);
            assert_true(result.objective - result.bound <= 1e-6 * result.objective);
            assert_true(fabs(objective_of(&s->problem, result.w) - result.objective) <= 1e-12);
            seconds += result.seconds;
            longest = fmax(longest, result.seconds);
            nodes += result.nodes;
            pivots += result.pivots;
            if (result.nodes > most) most = result.nodes;
            zg_decay_result_clear(&result);
        }
        double share = 1.0 / (double)seeds;
        print_message("# n = %zu: mean nodes %.0f, most %ld, mean pivots %.0f, mean seconds %.3f, "
                      "most %.3f\n",
                      sizes[i].n, (double)nodes * share, most, (double)pivots * share,
                      seconds * share, longest);
    }
    free(s);
}

/* Dense noise, absolute loss: the sizes that only exact vertices as incumbents bring to an end. */
static void test_absolute_dense(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 9);
    small_problem *s = calloc(1, sizeof *s);
    assert_non_null(s);
    static const size_t sizes[][2] = {{20, 15}, {30, 20}, {40, 25}};
    for (size_t i = 0; i < (multiplier() >= 8 ? 3 : 1); i++) {
        size_t m = sizes[i][0], n = sizes[i][1];
        double seconds = 0.0, longest = 0.0;
        long nodes = 0, most = 0;
        for (size_t trial = 0; trial < 12; trial++) {
            zg_decay_options options = {.nodes = 5000};
            zg_decay_result result;
            random_problem(s, &random, m, n);
            s->problem.loss = ZG_LOSS_ABSOLUTE;
            s->problem.power = powers[trial % 4];
            s->problem.lambda = 0.3 * exp(zg_random_normal(&random));
            assert_int_equal(zg_decay_solve(&s->problem, &options, &result, NULL), ZG_OK);
            check_result(&s->problem, &result, result.objective);
            seconds += result.seconds;
            longest = fmax(longest, result.seconds);
            nodes += result.nodes;
            if (result.nodes > most) most = result.nodes;
            zg_decay_result_clear(&result);
        }
        print_message("# absolute loss, %zu x %zu: mean nodes %.0f, most %ld, mean seconds %.3f, "
                      "most %.3f\n",
                      m, n, (double)nodes / 12.0, most, seconds / 12.0, longest);
    }
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bound_is_safe),
        cmocka_unit_test(test_descent_meets_its_dual),
        cmocka_unit_test(test_enumeration),
        cmocka_unit_test(test_enumeration_pairs),
        cmocka_unit_test(test_enumeration_non_negative),
        cmocka_unit_test(test_enumeration_absolute),
        cmocka_unit_test(test_orthogonal_squared),
        cmocka_unit_test(test_power_near_one),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_resume_in_steps),
        cmocka_unit_test(test_resume_after_kill),
        cmocka_unit_test(test_bad_checkpoint),
        cmocka_unit_test(test_checkpoint_of_no_search),
        cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_tiny_powers_planted),
        cmocka_unit_test(test_tolerance_of_equations),
        cmocka_unit_test(test_limit_within_the_first_search),
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_power_sums),
        cmocka_unit_test(test_absolute_dense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
