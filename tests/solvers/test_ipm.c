/* The interior-point method as a whole: spaces, losses and symmetries that must agree. */
#include "base/linalg.h"
#include "solvers/ipm.h"
#include "tests/solvers/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const architectures[] = {"dense", "conv1d:filter=3,stride=1",
                                            "conv1d:filter=2,stride=2,pool=2",
                                            "conv1d:filter=3,stride=1,pool=global"};
static const zg_loss losses[] = {{ZG_LOSS_SQUARED, 1.0},       {ZG_LOSS_ABSOLUTE, 1.0},
                                 {ZG_LOSS_HUBER, 0.7},         {ZG_LOSS_HINGE, 1.0},
                                 {ZG_LOSS_SQUARED_HINGE, 1.0}, {ZG_LOSS_LOGISTIC, 1.0}};
enum { ARCHITECTURES = 4, LOSSES = 6 };
static const zg_control tight = {.tolerance = 1e-8};

static double solved(const zg_problem *problem, const char *options)
{
    test_run run;
    test_solve(&zg_method_ipm, problem, options, &tight, &run);
    assert_ok(run.status, &run.error);
    assert_true(run.gap <= 1e-8);
    double objective = run.objective;
    test_run_clear(&run);
    return objective;
}

/* A copy of a problem with its rows in another order and repeated weights. */
static zg_problem *rebuilt(const zg_problem *p, size_t n, const size_t *order,
                           const double *weights, double beta)
{
    double *x = malloc(n * p->inputs * sizeof *x), *y = malloc(n * sizeof *y);
    for (size_t i = 0; i < n; i++) {
        memcpy(x + i * p->inputs, p->x + order[i] * p->inputs, p->inputs * sizeof *x);
        y[i] = p->y[order[i]];
    }
    zg_problem *out = NULL;
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(n, p->inputs, x, 1, y, weights, p->activation,
                                     &p->architecture, p->loss, p->penalty, beta, &out, &error),
              &error);
    free(x);
    free(y);
    return out;
}

/* The same optimum with one unknown per sample and one per feature. */
static void both_spaces_agree(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 11);
    for (int round = 0; round < test_rounds(1); round++)
        for (int a = 0; a < ARCHITECTURES; a++)
            for (int l = 0; l < LOSSES; l++) {
                zg_problem *p = test_random_problem(&random, 60, 6, TEST_RELU2, architectures[a],
                                                    losses[l], 0.5 + round);
                double samples = solved(p, "space=samples"), features = solved(p, "space=features");
                assert_close(features, samples, 2e-8);
                zg_problem_free(p);
            }
}

static void order_of_samples_does_not_matter(void **state)
{
    (void)state;
    enum { N = 40 };
    zg_random random;
    zg_random_seed(&random, 12);
    for (int l = 0; l < LOSSES; l++) {
        zg_problem *p = test_random_problem(&random, N, 8, TEST_RELU2, "dense", losses[l], 0.3);
        size_t order[N];
        zg_random_permutation(&random, N, order);
        zg_problem *permuted = rebuilt(p, N, order, NULL, p->beta);
        assert_close(solved(permuted, NULL), solved(p, NULL), 2e-8);
        zg_problem_free(p);
        zg_problem_free(permuted);
    }
}

/* A sample of weight 2 is the same as the sample twice. */
static void weights_are_repetitions(void **state)
{
    (void)state;
    enum { N = 25 };
    zg_random random;
    zg_random_seed(&random, 13);
    for (int l = 0; l < LOSSES; l++) {
        zg_problem *p = test_random_problem(&random, N, 5, TEST_RELU2, "dense", losses[l], 0.4);
        size_t order[N + 10];
        double weights[N];
        for (size_t i = 0; i < N; i++)
            order[i] = i;
        for (size_t i = 0; i < 10; i++)
            order[N + i] = i;
        for (size_t i = 0; i < N; i++)
            weights[i] = i < 10 ? 2.0 : 1.0;
        zg_problem *twice = rebuilt(p, N + 10, order, NULL, p->beta);
        zg_problem *weighted = rebuilt(p, N, order, weights, p->beta);
        assert_close(solved(weighted, NULL), solved(twice, NULL), 2e-8);
        zg_problem_free(p);
        zg_problem_free(twice);
        zg_problem_free(weighted);
    }
}

/* Above beta_max the zero network is optimal and no iteration is needed; just below it is not. */
static void beta_max_separates_zero_from_the_rest(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 14);
    for (int l = 0; l < LOSSES; l++) {
        zg_problem *p = test_random_problem(&random, 30, 4, TEST_RELU2, "dense", losses[l], 1.0);
        zg_program program = zg_problem_program(p, 0);
        double beta_max;
        assert_int_equal(zg_program_beta_max(&program, &beta_max), ZG_OK);
        test_run above, below;
        p->beta = 1.0001 * beta_max;
        test_solve(&zg_method_ipm, p, NULL, &tight, &above);
        assert_ok(above.status, &above.error);
        assert_int_equal(above.solution.network->count, 0);
        assert_int_equal(above.solution.iterations, 0);
        p->beta = 0.9 * beta_max;
        test_solve(&zg_method_ipm, p, NULL, &tight, &below);
        assert_ok(below.status, &below.error);
        assert_true(below.gap <= 1e-8);
        assert_true(below.solution.network->count > 0);
        test_run_clear(&above);
        test_run_clear(&below);
        zg_problem_free(p);
    }
}

/* min beta max(|s|, |t|) + loss on one input (docs/mathematics.md, closed forms): by search. */
static double one_input_optimum(const zg_problem *p)
{
    double best = INFINITY, centre[2] = {0, 0}, width = 40.0;
    for (int level = 0; level < 60; level++, width *= 0.6) {
        double next[2] = {centre[0], centre[1]};
        for (int i = -8; i <= 8; i++)
            for (int j = -8; j <= 8; j++) {
                double s = centre[0] + width * i / 8, t = centre[1] + width * j / 8, sum = 0;
                for (size_t r = 0; r < p->samples; r++) {
                    double x = p->x[r], f = p->activation.a * s * x * x + p->activation.b * t * x +
                                            p->activation.c * s;
                    sum += 0.5 * (f - p->y[r]) * (f - p->y[r]);
                }
                sum += p->beta * fmax(fabs(s), fabs(t));
                if (sum < best) {
                    best = sum;
                    next[0] = s;
                    next[1] = t;
                }
            }
        centre[0] = next[0];
        centre[1] = next[1];
    }
    return best;
}

static void one_input_has_a_closed_form(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 15);
    for (int round = 0; round < test_rounds(5); round++) {
        zg_problem *p =
            test_random_problem(&random, 12, 1, TEST_RELU2, "dense", losses[0], 0.1 * (round + 1));
        assert_close(solved(p, NULL), one_input_optimum(p), 1e-7);
        zg_problem_free(p);
    }
}

/* As beta falls, optimum / beta tends to the penalty of the interpolating network from below. */
static void interpolation_is_the_limit_of_small_beta(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 16);
    zg_loss interpolate = {ZG_LOSS_INTERPOLATE, 1.0};
    zg_problem *p = test_random_problem(&random, 15, 12, TEST_RELU2, "dense", interpolate, 2.0);
    double limit = solved(p, NULL) / 2.0;
    p->loss = losses[0];
    p->beta = 1e-5;
    zg_control tighter = {.tolerance =
                              1e-10}; /* the optimum is small, and gaps are absolute then */
    test_run run;
    test_solve(&zg_method_ipm, p, NULL, &tighter, &run);
    assert_ok(run.status, &run.error);
    assert_close(run.objective / 1e-5, limit, 1e-3);
    test_run_clear(&run);
    zg_problem_free(p);
}

static void targets_out_of_reach_are_refused(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 17);
    zg_loss interpolate = {ZG_LOSS_INTERPOLATE, 1.0};
    zg_problem *p = test_random_problem(&random, 15, 2, TEST_RELU2, "dense", interpolate, 1.0);
    test_run run;
    test_solve(&zg_method_ipm, p, NULL, NULL, &run);
    assert_int_equal(run.status, ZG_INFEASIBLE);
    assert_non_null(strstr(run.error.message, "no network interpolates these targets"));
    test_run_clear(&run);
    zg_problem_free(p);
}

/* ---- being interrupted ----------------------------------------------------------------------- */

typedef struct witness {
    long calls, stop_at;
    double last_seconds, worst_bound;
} witness;

static bool notify(void *context, const zg_iterate *iterate, double seconds)
{
    witness *w = context;
    assert_int_equal(iterate->number, w->calls);
    assert_non_null(iterate->dual);
    assert_non_null(iterate->z);
    assert_non_null(iterate->zn);
    assert_true(seconds >= w->last_seconds);
    w->last_seconds = seconds;
    w->calls++;
    return w->calls < w->stop_at;
}

static void stops_on_request_with_a_network(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 18);
    for (int kind = 0; kind < 2; kind++) {
        zg_problem *p = test_random_problem(&random, 80, 4, TEST_RELU2, "dense", losses[0], 0.1);
        witness w = {.stop_at = 4};
        zg_observer observer = {notify, &w};
        zg_control control = {.tolerance = 1e-12, .observer = &observer};
        test_run run;
        test_solve(&zg_method_ipm, p, kind ? "space=features" : "space=samples", &control, &run);
        assert_int_equal(run.status, ZG_STOPPED);
        assert_int_equal(w.calls, 4);
        assert_true(isfinite(run.objective));
        assert_true(run.bound > 0.0 && run.bound <= run.objective);
        test_run_clear(&run);
        zg_problem_free(p);
    }
}

static void keeps_the_time_limit(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 19);
    zg_problem *p = test_random_problem(&random, 300, 20, TEST_RELU2, "dense", losses[0], 0.1);
    zg_control control = {.tolerance = 1e-12, .seconds = 1e-6};
    test_run run;
    test_solve(&zg_method_ipm, p, NULL, &control, &run);
    assert_int_equal(run.status, ZG_TIMEOUT);
    assert_true(isfinite(run.objective));
    test_run_clear(&run);
    zg_problem_free(p);
}

static void other_penalties_are_refused(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 20);
    zg_problem *p = test_random_problem(&random, 10, 2, TEST_QUADRATIC, "dense", losses[0], 0.1);
    p->penalty = (zg_penalty){ZG_PENALTY_POWER, 0.5};
    zg_error error = {0};
    assert_int_equal(zg_method_ipm.check(p, NULL, &error), ZG_UNSUPPORTED);
    assert_non_null(strstr(error.message, "branch-and-bound"));
    zg_problem_free(p);
}

/* Few samples keep a residual inside the box when the fit is good: what feature space inverts must
 * bear that, without a second attempt among the samples. */
static void feature_space_does_not_stall(void **state)
{
    static const struct {
        zg_loss loss;
        size_t samples; /* of absolute, too many for another attempt */
    } programs[] = {{{ZG_LOSS_HUBER, 1.0}, 3000}, {{ZG_LOSS_ABSOLUTE, 1.0}, 7000}};
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        zg_problem *p = test_planted(ZG_FEATURES_GAUSSIAN, programs[k].samples, 20, 5, 1,
                                     TEST_RELU2, programs[k].loss, 1.0);
        test_run run;
        test_solve(&zg_method_ipm, p, "space=features", NULL, &run);
        assert_ok(run.status, &run.error);
        assert_true(run.gap <= 1e-6);
        if (run.solution.iterations > 25) fail_msg("%ld iterations", run.solution.iterations);
        test_run_clear(&run);
        zg_problem_free(p);
    }
}

/* Same threads, same bits, in matrices that are large enough for two threads. */
static void results_repeat_exactly(void **state)
{
    static const char *const spaces[] = {"space=samples", "space=features"};
    enum { N = 700 };
    (void)state;
    zg_problem *p = test_planted(ZG_FEATURES_GAUSSIAN, N, 20, 3, 5, TEST_RELU2, losses[0], 1.0);
    for (int k = 0; k < 4; k++) {
        zg_control control = {.tolerance = 1e-8, .threads = 1 + k / 2};
        test_run first, second;
        test_solve(&zg_method_ipm, p, spaces[k % 2], &control, &first);
        test_solve(&zg_method_ipm, p, spaces[k % 2], &control, &second);
        assert_memory_equal(first.solution.dual, second.solution.dual, N * sizeof(double));
        assert_true(first.objective == second.objective);
        test_run_clear(&first);
        test_run_clear(&second);
    }
    zg_blas_set_threads(1);
    zg_problem_free(p);
}

/* Vector outputs share the sums and equal their scalar programs. */
static void outputs_equal_their_scalar_programs(void **state)
{
    (void)state;
    enum { N = 90, D = 3, OUTPUTS = 3 };
    zg_random random;
    zg_random_seed(&random, 21);
    double x[N * D], y[OUTPUTS * N], sum = 0.0;
    test_normals(&random, N * D, x);
    test_normals(&random, OUTPUTS * N, y);
    zg_architecture dense = {0};
    zg_error error = {0};
    zg_problem *p;
    for (size_t c = 0; c <= OUTPUTS; c++) {
        bool whole = c == OUTPUTS;
        assert_ok(zg_problem_from_arrays(N, D, x, whole ? OUTPUTS : 1, whole ? y : y + c * N, NULL,
                                         TEST_RELU2, &dense, losses[0], (zg_penalty){0}, 0.5, &p,
                                         &error),
                  &error);
        double value = solved(p, NULL);
        if (whole)
            assert_close(value, sum, 2e-8);
        else
            sum += value;
        zg_problem_free(p);
    }
}

/* Warm starts lead to the optima of cold ones in every space, and cost no more. */
static void paths_equal_single_solves(void **state)
{
    (void)state;
    enum { BETAS = 6 };
    static const double betas[BETAS] = {3.0, 1.0, 0.3, 0.1, 0.03, 1.0};
    zg_random random;
    zg_random_seed(&random, 22);
    long warm = 0, cold = 0;
    for (int l = 0; l < LOSSES; l++)
        for (int kind = 0; kind < 2; kind++) {
            zg_problem *p =
                test_random_problem(&random, 70, 6, TEST_RELU2, "dense", losses[l], betas[0]);
            const char *options = kind ? "space=features" : "space=samples";
            zg_value *values;
            zg_error error = {0};
            zg_solution solutions[BETAS] = {0};
            assert_ok(zg_values_create(&zg_method_ipm, &values, &error), &error);
            assert_ok(zg_values_set(&zg_method_ipm, values, "space", options + 6, &error), &error);
            assert_ok(zg_ipm_path(p, values, BETAS, betas, &tight, solutions, &error), &error);
            for (int b = 0; b < BETAS; b++) {
                double objective;
                test_run run;
                p->beta = betas[b];
                test_solve(&zg_method_ipm, p, options, &tight, &run);
                assert_int_equal(
                    zg_network_objective(solutions[b].network, p, &objective, NULL, NULL), ZG_OK);
                assert_close(objective, run.objective, 2e-8);
                cold += run.solution.iterations;
                warm += solutions[b].iterations;
                test_run_clear(&run);
                zg_solution_clear(&solutions[b]);
            }
            zg_values_free(&zg_method_ipm, values);
            zg_problem_free(p);
        }
    print_message("# %ld iterations warm, %ld cold\n", warm, cold);
    assert_true(10 * warm <= 11 * cold);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_spaces_agree),
        cmocka_unit_test(order_of_samples_does_not_matter),
        cmocka_unit_test(weights_are_repetitions),
        cmocka_unit_test(beta_max_separates_zero_from_the_rest),
        cmocka_unit_test(one_input_has_a_closed_form),
        cmocka_unit_test(interpolation_is_the_limit_of_small_beta),
        cmocka_unit_test(targets_out_of_reach_are_refused),
        cmocka_unit_test(stops_on_request_with_a_network),
        cmocka_unit_test(keeps_the_time_limit),
        cmocka_unit_test(other_penalties_are_refused),
        cmocka_unit_test(feature_space_does_not_stall),
        cmocka_unit_test(results_repeat_exactly),
        cmocka_unit_test(outputs_equal_their_scalar_programs),
        cmocka_unit_test(paths_equal_single_solves),
    };
    return cmocka_run_group_tests_name("ipm", tests, NULL, NULL);
}
