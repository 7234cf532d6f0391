/* Method "columns" against complete dictionaries: what it returns is proven optimal by code that
 * knows every neuron of the set and nothing of the solver's. */
#include "base/linalg.h"
#include "core/certificate.h"
#include "core/network_levels.h"
#include "core/support.h"
#include "solvers/l1.h"
#include "solvers/relaxation.h"
#include "solvers/solver.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Largest |sum_i v_i sigma(x_i'u)| over the whole set, from the rows. */
static double largest_response(const zg_problem *p, const double *v)
{
    size_t d = p->inputs, w = zg_neuron_set_width(p->neuron_set, d);
    zg_levels levels = zg_neuron_set_levels(p->neuron_set);
    int *l = calloc(w, sizeof *l), last = levels.first + levels.step * (levels.count - 1);
    long double most = 0;
    for (size_t k = 0; k < w; k++)
        l[k] = levels.first;
    for (size_t k = 0; k < w;) {
        long double norm = 0, sum = 0;
        for (size_t j = 0; j < d; j++)
            norm += (long double)l[j] * l[j];
        for (size_t i = 0; i < p->samples && norm > 0; i++) {
            long double s = 0, t = 0;
            for (size_t j = 0; j < d; j++) {
                s += (long double)p->x[i * d + j] * l[j];
                t += (long double)p->x[i * d + j] * l[w > d ? d + j : j];
            }
            s /= sqrtl(norm);
            t /= sqrtl(norm);
            sum += v[i] * (p->activation.a * s * t + p->activation.b * s + p->activation.c);
        }
        most = fmaxl(most, fabsl(sum));
        for (k = 0; k < w && l[k] == last; k++)
            l[k] = levels.first;
        if (k < w) l[k] += levels.step;
    }
    free(l);
    return (double)most;
}

static zg_problem *draw_problem(zg_random *random, const char *set, size_t d, zg_loss_kind loss)
{
    zg_neuron_set neurons;
    assert_int_equal(zg_neuron_set_parse(set, &neurons, NULL), ZG_OK);
    bool pairs = neurons.kind == ZG_SET_BILINEAR;
    bool exact = loss == ZG_LOSS_INTERPOLATE;
    size_t n = exact ? 1 + d / 2 : 3 + (size_t)(20.0 * zg_random_uniform(random));
    double beta = pow(10.0, 2.0 * zg_random_uniform(random) - 1.5);
    zg_problem *p = test_random_problem(random, n, d, pairs ? TEST_QUADRATIC : TEST_RELU2, "dense",
                                        (zg_loss){loss, 1.0}, beta);
    p->neuron_set = neurons;
    return p;
}

/* Objective and bound of a solution, the latter scaled by what the complete set allows. */
static void check_solution(const zg_problem *p, const zg_solution *solution)
{
    double objective, *v = zg_doubles(p->samples);
    zg_bound bound;
    zg_program program = zg_problem_program(p, 0);
    assert_int_equal(zg_network_check(solution->network, p, NULL), ZG_OK);
    assert_int_equal(zg_network_objective(solution->network, p, &objective, NULL, NULL), ZG_OK);
    memcpy(v, solution->dual, p->samples * sizeof *v);
    zg_loss_project(p->loss, p->samples, v, p->y, NULL);
    double limit = p->beta / largest_response(p, v) * (1.0 - 1e-14);
    double s = zg_loss_best_scale(p->loss, p->samples, v, p->y, NULL, limit);
    for (size_t i = 0; i < p->samples; i++)
        v[i] *= s;
    double below = zg_loss_dual(p->loss, p->samples, v, p->y, NULL);
    assert_close(objective, below, 1e-6);
    assert_int_equal(zg_program_bound(&program, solution->dual, &bound, NULL), ZG_OK);
    /* A network that interpolates may miss its targets by 1e-7 of them, and cost less for it. */
    double spared = p->loss.kind == ZG_LOSS_INTERPOLATE ? 1e-6 : 1e-12;
    assert_true(bound.value <= objective * (1.0 + spared) + spared);
    assert_close(bound.value, below, 1e-6);
    assert_true(solution->network->count <= 2 * (p->samples + 1)); /* pairs are two neurons */
    free(v);
}

/* No vector proves more than the optimum. */
static void check_bounds(zg_random *random, const zg_problem *p, double optimum)
{
    zg_program program = zg_problem_program(p, 0);
    double *v = zg_doubles(p->samples);
    for (int draw = 0; draw < 5; draw++) {
        zg_bound bound;
        test_normals(random, p->samples, v);
        assert_int_equal(zg_program_bound(&program, v, &bound, NULL), ZG_OK);
        double spared = p->loss.kind == ZG_LOSS_INTERPOLATE ? 1e-6 : 1e-9;
        assert_true(bound.value <= optimum * (1.0 + spared) + spared);
    }
    free(v);
}

static void optima_are_those_of_complete_dictionaries(void **state)
{
    static const struct {
        const char *set;
        size_t widest;
    } sets[] = {{"binary", 12}, {"ternary", 7}, {"bits:2", 5}, {"bilinear", 5}};
    zg_random random;
    (void)state;
    zg_random_seed(&random, 11);
    for (int round = 0; round < test_rounds(72); round++)
        for (int loss = 0; loss < ZG_LOSS_COUNT; loss++) {
            size_t k = (size_t)(round + loss) % (sizeof sets / sizeof *sets);
            size_t least = loss == ZG_LOSS_INTERPOLATE ? 3 : 1;
            size_t d =
                least + (size_t)(zg_random_uniform(&random) * (double)(sets[k].widest - least + 1));
            zg_problem *p = draw_problem(&random, sets[k].set, d, (zg_loss_kind)loss);
            zg_value *values;
            zg_solution solution = {.bound = -INFINITY};
            zg_error error = {0};
            assert_ok(zg_values_create(&zg_method_columns, &values, &error), &error);
            const zg_control control = {.tolerance = 1e-7};
            assert_ok(zg_method_columns.solve(p, values, &control, &solution, &error), &error);
            check_solution(p, &solution);
            double optimum;
            zg_network_objective(solution.network, p, &optimum, NULL, NULL);
            check_bounds(&random, p, optimum);
            zg_solution_clear(&solution);
            zg_values_free(&zg_method_columns, values);
            zg_problem_free(p);
        }
}

static void a_vertex_has_the_same_predictions_and_the_same_penalty(void **state)
{
    zg_random random;
    (void)state;
    zg_random_seed(&random, 4);
    for (int round = 0; round < test_rounds(20); round++) {
        size_t n = 6, k = 40;
        double f[6 * 40], alpha[40], before[7] = {0}, after[7] = {0};
        test_normals(&random, n * k, f);
        if (round % 2) memcpy(f + n, f, n * sizeof *f); /* twice the same column */
        test_normals(&random, k, alpha);
        const zg_l1 l1 = {.samples = n, .columns = k, .f = f};
        double *sums[] = {before, after};
        for (int turn = 0; turn < 2; turn++) {
            for (size_t j = 0; j < k; j++) {
                zg_axpy(n, alpha[j], f + j * n, sums[turn]);
                sums[turn][n] += fabs(alpha[j]);
            }
            if (turn == 0) assert_int_equal(zg_l1_vertex(&l1, alpha), ZG_OK);
        }
        size_t used = 0;
        for (size_t j = 0; j < k; j++)
            used += alpha[j] != 0.0;
        assert_true(used <= n + 1);
        for (size_t i = 0; i <= n; i++)
            assert_close(after[i], before[i], 1e-10);
    }
}

/* Too many neurons to count: the bound holds for any that are drawn, and the gap closes. */
static void wide_neurons_are_searched(void **state)
{
    zg_random random;
    (void)state;
    zg_random_seed(&random, 8);
    for (int round = 0; round < test_rounds(3); round++) {
        size_t n = 8, d = 31 + 4 * (size_t)round % 12;
        zg_problem *p = test_random_problem(&random, n, d, TEST_RELU2, "dense",
                                            (zg_loss){ZG_LOSS_SQUARED, 1.0}, 0.5);
        p->neuron_set = (zg_neuron_set){ZG_SET_BINARY, 0};
        zg_program program = zg_problem_program(p, 0);
        zg_value *values;
        zg_solution solution = {.bound = -INFINITY};
        zg_error error = {0};
        zg_bound bound;
        double objective, u[44], f[8];
        const zg_control control = {.tolerance = 1e-6};
        assert_ok(zg_values_create(&zg_method_columns, &values, &error), &error);
        assert_ok(zg_method_columns.solve(p, values, &control, &solution, &error), &error);
        zg_network_objective(solution.network, p, &objective, NULL, NULL);
        assert_int_equal(zg_program_bound(&program, solution.dual, &bound, NULL), ZG_OK);
        assert_true(bound.value <= objective * (1.0 + 1e-12));
        assert_close(bound.value, objective, 1.1e-6);
        for (int draw = 0; draw < 1000; draw++) {
            double sum = 0.0;
            for (size_t k = 0; k < d; k++)
                u[k] = (zg_random_uniform(&random) < 0.5 ? -1.0 : 1.0) / sqrt((double)d);
            for (size_t i = 0; i < n; i++) {
                double t = zg_dot(d, p->x + i * d, u);
                f[i] = (p->activation.a * t + p->activation.b) * t + p->activation.c;
                sum += solution.dual[i] * f[i];
            }
            assert_true(fabs(sum) <= bound.lambda * (1.0 + 1e-12));
        }
        zg_solution_clear(&solution);
        zg_values_free(&zg_method_columns, values);
        zg_problem_free(p);
    }
}

/* ---- the relaxation -------------------------------------------------------------------------- */

/* NumPy's draws (docs/mathematics.md): planted rows, or those of the bilinear rows. */
static zg_problem *reference_problem(const char *set, size_t n, size_t d, size_t m, uint32_t seed,
                                     double beta)
{
    bool pairs = strcmp(set, "bilinear") == 0;
    zg_activation activation = pairs ? TEST_QUADRATIC : TEST_RELU2;
    size_t columns = pairs ? 2 * m : m;
    double *x = zg_doubles(n * d), *u = zg_doubles(d * columns), *alpha = zg_doubles(m),
           *y = zg_doubles(n);
    zg_random random;
    zg_random_seed(&random, seed);
    test_normals(&random, n * d, x);
    test_normals(&random, d * columns, u);
    test_normals(&random, m, alpha);
    test_normals(&random, n, y);
    for (size_t i = 0; i < n; i++) {
        double *t = zg_doubles(columns);
        for (size_t j = 0; j < columns; j++)
            for (size_t k = 0; k < d; k++) {
                double weight = u[k * columns + j];
                t[j] += x[i * d + k] * (!pairs ? weight : weight >= 0 ? 1.0 : -1.0);
            }
        y[i] *= 0.1;
        for (size_t j = 0; j < m; j++)
            y[i] += alpha[j] * (pairs ? t[j] * t[j + m] / (double)d
                                      : (activation.a * t[j] + activation.b) * t[j] + activation.c);
        free(t);
    }
    zg_problem *p;
    zg_architecture dense = {.kind = ZG_DENSE};
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(n, d, x, 1, y, NULL, activation, &dense,
                                     (zg_loss){ZG_LOSS_SQUARED, 1.0},
                                     (zg_penalty){ZG_PENALTY_L1, 0.0}, beta, &p, &error),
              &error);
    assert_int_equal(zg_neuron_set_parse(set, &p->neuron_set, NULL), ZG_OK);
    free(x);
    free(u);
    free(alpha);
    free(y);
    return p;
}

static zg_relaxation relaxed(const zg_problem *p, double times)
{
    zg_program program = zg_problem_program(p, 0);
    const zg_control control = {.tolerance = 1e-9};
    zg_stopwatch watch = {.started = -1.0};
    zg_relaxation relaxation;
    program.beta *= times;
    assert_int_equal(zg_relaxation_solve(&program, 0, &control, &watch, &relaxation), ZG_OK);
    return relaxation;
}

/* By CVXOPT, on the dual program in its standard form. */
static void relaxations_have_the_optima_of_another_solver(void **state)
{
    static const struct {
        const char *set;
        size_t n, d, m;
        uint32_t seed;
        double beta, optimum, wider; /* at beta, and at K beta */
    } rows[] = {
        {"binary", 40, 4, 3, 7, 0.1, 2.837436205, 0},
        {"binary", 40, 4, 3, 7, 1, 6.829041689, 0},
        {"binary", 40, 4, 3, 7, 10, 26.75296893, 0},
        {"binary", 100, 8, 5, 8, 0.1, 101.3212166, 0},
        {"binary", 100, 8, 5, 8, 1, 161.1845361, 0},
        {"binary", 100, 8, 5, 8, 10, 545.9682197, 0},
        {"binary", 200, 10, 5, 1, 0.1, 83.47769791, 0},
        {"binary", 200, 10, 5, 1, 1, 130.6863914, 0},
        {"binary", 200, 10, 5, 1, 10, 417.0447374, 0},
        {"binary", 100, 14, 4, 17, 1, 64.21509996, 0},
        {"binary", 100, 14, 4, 17, 10, 323.3981766, 0},
        {"bilinear", 50, 5, 3, 11, 0.1, 0.3107304638, 0.4086777169},
        {"bilinear", 50, 5, 3, 11, 1, 1.355726792, 2.179918923},
        {"bilinear", 50, 5, 3, 11, 5, 5.096072632, 8.090815552},
        {"bilinear", 80, 10, 3, 12, 0.1, 0.4505897681, 0.7243561398},
        {"bilinear", 80, 10, 3, 12, 1, 3.486329793, 6.007788725},
        {"bilinear", 80, 10, 3, 12, 5, 15.9080863, 27.1648946},
    };
    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        zg_problem *p = reference_problem(rows[k].set, rows[k].n, rows[k].d, rows[k].m,
                                          rows[k].seed, rows[k].beta);
        zg_relaxation relaxation = relaxed(p, 1.0);
        assert_close(relaxation.lower, rows[k].optimum, 1e-8);
        assert_close(relaxation.upper, rows[k].optimum, 1e-8);
        zg_relaxation_clear(&relaxation);
        if (rows[k].wider > 0.0) {
            relaxation = relaxed(p, ZG_KRIVINE);
            assert_close(relaxation.upper, rows[k].wider, 1e-8);
            zg_relaxation_clear(&relaxation);
        }
        zg_problem_free(p);
    }
}

/* sphere <= relaxation <= set <= network, for all losses; and its word is not that of an optimum.
 */
static void the_relaxation_is_between_the_sphere_and_the_set(void **state)
{
    zg_random random;
    (void)state;
    zg_random_seed(&random, 21);
    for (int round = 0; round < test_rounds(2); round++)
        for (int loss = 0; loss < ZG_LOSS_COUNT; loss++) {
            if (loss == ZG_LOSS_INTERPOLATE) continue; /* no network of few neurons meets it */
            const char *set = round % 2 ? "bilinear" : "binary";
            zg_problem *p = draw_problem(&random, set, 5, (zg_loss_kind)loss);
            zg_error error = {0};
            zg_value *values;
            double optimum, objective;
            zg_solution solution = {.bound = -INFINITY}, rounded = {.bound = -INFINITY};
            const zg_control control = {.tolerance = 1e-8};
            assert_ok(zg_values_create(&zg_method_columns, &values, &error), &error);
            assert_ok(zg_values_set(&zg_method_columns, values, "samples", "50", &error), &error);
            assert_ok(zg_method_columns.solve(p, values, &control, &solution, &error), &error);
            zg_network_objective(solution.network, p, &optimum, NULL, NULL);
            zg_relaxation relaxation = relaxed(p, 1.0);
            assert_true(relaxation.lower <= optimum * (1.0 + 1e-9));
            assert_close(relaxation.upper, relaxation.lower, 1e-6);
            zg_values_free(&zg_method_columns, values);
            assert_ok(zg_values_create(&zg_method_relaxation, &values, &error), &error);
            assert_ok(zg_method_relaxation.solve(p, values, &control, &rounded, &error), &error);
            assert_int_equal(zg_network_check(rounded.network, p, NULL), ZG_OK);
            zg_network_objective(rounded.network, p, &objective, NULL, NULL);
            assert_true(objective >= optimum * (1.0 - 1e-7));
            assert_true(isinf(rounded.bound) && !zg_method_relaxation.convex);
            assert_non_null(strstr(rounded.message, "not that optimum"));
            if (round % 2) {
                zg_relaxation wider = relaxed(p, ZG_KRIVINE);
                assert_true(optimum <= wider.upper * (1.0 + 1e-7));
                zg_relaxation_clear(&wider);
            }
            zg_values_free(&zg_method_relaxation, values);
            zg_relaxation_clear(&relaxation);
            zg_solution_clear(&solution);
            zg_solution_clear(&rounded);
            zg_problem_free(p);
        }
}

/* Krivine: the mean of u w' over samples is 2 ln(1 + sqrt 2) / pi times the blocks' difference, of
 * unit diagonal. */
static void rounded_pairs_have_the_relaxation_as_their_mean(void **state)
{
    enum { D = 5, SAMPLES = 40000 };
    zg_problem *p = reference_problem("bilinear", 50, D, 3, 11, 1.0);
    zg_program program = zg_problem_program(p, 0);
    zg_relaxation r = relaxed(p, 1.0);
    int *levels = calloc(SAMPLES * 2 * D, sizeof *levels);
    size_t *group = calloc(SAMPLES, sizeof *group), made;
    (void)state;
    assert_int_equal(zg_relaxation_round(&r, &program, SAMPLES, 3, &made, group, levels), ZG_OK);
    assert_int_equal(made, SAMPLES);
    double kappa = 2.0 * log(1.0 + sqrt(2.0)) / acos(-1.0), side = r.blocks[0] + r.blocks[D * D];
    for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j < D; j++) {
            double mean = 0.0;
            for (size_t k = 0; k < SAMPLES; k++)
                mean += levels[k * 2 * D + i] * levels[k * 2 * D + D + j] / (double)SAMPLES;
            double expected = kappa * (r.blocks[j * D + i] - r.blocks[D * D + j * D + i]) / side;
            assert_true(fabs(mean - expected) < 5.0 / sqrt(SAMPLES));
        }
    free(levels);
    free(group);
    zg_relaxation_clear(&r);
    zg_problem_free(p);
}

static void methods_that_leave_the_set_are_refused(void **state)
{
    zg_random random;
    zg_error error;
    zg_value *values;
    (void)state;
    zg_random_seed(&random, 2);
    zg_problem *p = draw_problem(&random, "binary", 3, ZG_LOSS_SQUARED);
    assert_ok(zg_values_create(&zg_method_ipm, &values, &error), &error);
    p->neuron_set.kind = ZG_SET_SPHERE;
    assert_int_equal(zg_method_columns.check(p, values, &error), ZG_UNSUPPORTED);
    assert_int_equal(zg_method_relaxation.check(p, values, &error), ZG_UNSUPPORTED);
    p->neuron_set.kind = ZG_SET_TERNARY;
    assert_int_equal(zg_method_relaxation.check(p, values, &error), ZG_UNSUPPORTED);
    p->neuron_set.kind = ZG_SET_BINARY;
    assert_int_equal(zg_method_accepts(&zg_method_low_rank, p, values, &error), ZG_UNSUPPORTED);
    zg_values_free(&zg_method_ipm, values);
    zg_problem_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optima_are_those_of_complete_dictionaries),
        cmocka_unit_test(a_vertex_has_the_same_predictions_and_the_same_penalty),
        cmocka_unit_test(wide_neurons_are_searched),
        cmocka_unit_test(relaxations_have_the_optima_of_another_solver),
        cmocka_unit_test(the_relaxation_is_between_the_sphere_and_the_set),
        cmocka_unit_test(rounded_pairs_have_the_relaxation_as_their_mean),
        cmocka_unit_test(methods_that_leave_the_set_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
