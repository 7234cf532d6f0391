/* The method csdp: closed forms, the same problem posed in several ways, limits and refusals. */
#include "base/linalg.h"
#include "core/certificate.h"
#include "tests/solvers/solving.h"
#include "train/monitor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const zg_loss squared = {ZG_LOSS_SQUARED, 0};

static zg_problem *from_arrays(size_t n, size_t d, const double *x, size_t outputs, const double *y,
                               const double *weights, zg_activation activation, zg_loss loss,
                               double beta)
{
    zg_architecture dense = {0};
    zg_problem *problem = NULL;
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(n, d, x, outputs, y, weights, activation, &dense, loss,
                                     (zg_penalty){0}, beta, &problem, &error),
              &error);
    return problem;
}

static double solve_value(const zg_problem *problem, const char *options)
{
    test_run run;
    test_solve(&zg_method_csdp, problem, options, NULL, &run);
    assert_ok(run.status, &run.error);
    assert_true(run.gap <= 1e-6);
    double value = run.objective;
    test_run_clear(&run);
    return value;
}

/* ---- closed forms --------------------------------------------------------------------------- */

/* One input: min over (s, t) of loss(a s x^2 + b t x + c s, y) + beta max(|s|, |t|), by brute
 * refinement of a grid: convex, so that the best cell's surroundings hold the minimum. */
static double one_input_optimum(size_t n, const double *x, const double *y, zg_activation sigma,
                                zg_loss loss, double beta)
{
    double s0 = 0, t0 = 0, width = 8, best = INFINITY, *f = malloc(n * sizeof *f);
    for (int round = 0; round < 40; round++, width *= 0.5) {
        double s1 = s0, t1 = t0;
        for (int i = -10; i <= 10; i++)
            for (int j = -10; j <= 10; j++) {
                double s = s0 + width * i / 10, t = t0 + width * j / 10;
                for (size_t k = 0; k < n; k++)
                    f[k] = sigma.a * s * x[k] * x[k] + sigma.b * t * x[k] + sigma.c * s;
                double value = zg_loss_value(loss, n, f, y, NULL) + beta * fmax(fabs(s), fabs(t));
                if (value < best) {
                    best = value;
                    s1 = s;
                    t1 = t;
                }
            }
        s0 = s1;
        t0 = t1;
    }
    free(f);
    return best;
}

static void one_input(void **state)
{
    (void)state;
    static const char *const losses[] = {"squared", "absolute", "huber:0.3", "hinge",
                                         "squared-hinge"};
    zg_random random;
    zg_random_seed(&random, 31);
    for (int round = 0; round < test_rounds(10); round++) {
        zg_loss loss;
        assert_ok(zg_loss_parse(losses[round % 5], &loss, NULL), NULL);
        double x[9], y[9], beta = exp(zg_random_normal(&random) - 1);
        test_normals(&random, 9, x);
        test_normals(&random, 9, y);
        for (int i = 0; zg_loss_has(loss.kind, ZG_LOSS_LABELLED) && i < 9; i++)
            y[i] = y[i] < 0 ? -1 : 1;
        zg_problem *problem = from_arrays(9, 1, x, 1, y, NULL, TEST_RELU2, loss, beta);
        double optimum = one_input_optimum(9, x, y, TEST_RELU2, loss, beta);
        test_assert_optimal(&zg_method_csdp, problem, NULL, optimum, 1e-6);
        zg_problem_free(problem);
    }
}

/* Interpolating x'Sx on enough samples is the nuclear norm of S. */
static void nuclear_norm(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 32);
    zg_loss interpolate = {ZG_LOSS_INTERPOLATE, 0};
    for (int round = 0; round < test_rounds(3); round++) {
        double s[16], w[4], x[12 * 4], y[12], nuclear = 0;
        test_normals(&random, 16, s);
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < i; j++)
                s[4 * i + j] = s[4 * j + i];
        test_normals(&random, 48, x);
        for (int k = 0; k < 12; k++) {
            y[k] = 0;
            for (int i = 0; i < 4; i++)
                for (int j = 0; j < 4; j++)
                    y[k] += s[4 * i + j] * x[4 * k + i] * x[4 * k + j];
        }
        zg_problem *problem = from_arrays(12, 4, x, 1, y, NULL, TEST_QUADRATIC, interpolate, 2);
        assert_ok(zg_eigenvalues(4, s, w), NULL);
        for (int i = 0; i < 4; i++)
            nuclear += fabs(w[i]);
        test_assert_optimal(&zg_method_csdp, problem, NULL, 2 * nuclear, 1e-6);
        zg_problem_free(problem);
    }
}

static void official_interpolation(void **state)
{
    (void)state;
    zg_problem *problem = test_planted(ZG_FEATURES_GAUSSIAN4, 100, 20, 5, 0, TEST_RELU2,
                                       (zg_loss){ZG_LOSS_INTERPOLATE, 0}, 1);
    test_assert_optimal(&zg_method_csdp, problem, NULL, 55.0310125, 1e-7);
    zg_problem_free(problem);
}

/* Where beta >= beta_max the zero network is optimal, and no solver is started. */
static void zero_network(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 33);
    zg_problem *problem = test_random_problem(&random, 20, 3, TEST_RELU2, "dense", squared, 1);
    zg_program program = zg_problem_program(problem, 0);
    double limit;
    assert_ok(zg_program_beta_max(&program, &limit), NULL);
    test_run run;
    problem->beta = 1.0001 * limit;
    test_solve(&zg_method_csdp, problem, NULL, NULL, &run);
    assert_ok(run.status, &run.error);
    assert_int_equal(run.solution.network->count, 0);
    assert_int_equal(run.solution.iterations, 0);
    assert_true(run.gap <= 1e-9);
    test_run_clear(&run);
    problem->beta = 0.99 * limit;
    test_solve(&zg_method_csdp, problem, NULL, NULL, &run);
    assert_ok(run.status, &run.error);
    assert_true(run.solution.network->count > 0);
    assert_true(run.gap <= 1e-6);
    test_run_clear(&run);
    zg_problem_free(problem);
}

static void zero_samples(void **state)
{
    (void)state;
    double x[8] = {0}, y[4] = {1, 2, 3, 4};
    zg_problem *problem = from_arrays(4, 2, x, 1, y, NULL, TEST_QUADRATIC, squared, 1);
    test_assert_optimal(&zg_method_csdp, problem, NULL, 15, 1e-12);
    zg_problem_free(problem);
    double y0[4] = {0};
    zg_random random;
    zg_random_seed(&random, 40);
    test_normals(&random, 8, x);
    problem = from_arrays(4, 2, x, 1, y0, NULL, TEST_RELU2, (zg_loss){ZG_LOSS_ABSOLUTE, 0}, 1);
    test_assert_optimal(&zg_method_csdp, problem, NULL, 0, 1e-12);
    zg_problem_free(problem);
}

/* ---- the same thing two ways ---------------------------------------------------------------- */

static void compressed_or_not(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 34);
    zg_problem *problem = test_random_problem(&random, 40, 4, TEST_RELU2, "dense", squared, 0.7);
    assert_close(solve_value(problem, "compress=true"), solve_value(problem, "compress=false"),
                 1e-8);
    zg_problem_free(problem);
}

/* Weight two is the sample twice; weight w scales the loss. */
static void weights_are_copies(void **state)
{
    (void)state;
    static const char *const losses[] = {"squared", "absolute", "huber:0.5", "squared-hinge",
                                         "hinge"};
    zg_random random;
    zg_random_seed(&random, 35);
    for (int l = 0; l < 5; l++) {
        double x[30], y[15], weights[8];
        zg_loss loss;
        assert_ok(zg_loss_parse(losses[l], &loss, NULL), NULL);
        test_normals(&random, 16, x);
        test_normals(&random, 8, y);
        for (int i = 0; zg_loss_has(loss.kind, ZG_LOSS_LABELLED) && i < 8; i++)
            y[i] = y[i] < 0 ? -1 : 1;
        for (int i = 0; i < 8; i++)
            weights[i] = i < 7 ? 2 : 1;
        zg_problem *weighted = from_arrays(8, 2, x, 1, y, weights, TEST_RELU2, loss, 0.4);
        memcpy(x + 16, x, 14 * sizeof *x);
        memcpy(y + 8, y, 7 * sizeof *y);
        zg_problem *copied = from_arrays(15, 2, x, 1, y, NULL, TEST_RELU2, loss, 0.4);
        assert_close(solve_value(weighted, NULL), solve_value(copied, NULL), 1e-7);
        zg_problem_free(weighted);
        zg_problem_free(copied);
    }
}

/* Separable losses: the outputs' values add up. */
static void outputs_add_up(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 36);
    double x[60], y[60], sum = 0;
    test_normals(&random, 60, x);
    test_normals(&random, 60, y);
    for (int c = 0; c < 3; c++) {
        zg_problem *one = from_arrays(20, 3, x, 1, y + 20 * c, NULL, TEST_RELU2, squared, 0.5);
        sum += solve_value(one, NULL);
        zg_problem_free(one);
    }
    zg_problem *all = from_arrays(20, 3, x, 3, y, NULL, TEST_RELU2, squared, 0.5);
    assert_close(solve_value(all, NULL), sum, 1e-8);
    zg_problem_free(all);
}

/* Scaling data and penalty alike scales the optimum: targets by k, beta by k, loss by k^2. */
static void wild_scales(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 37);
    double x[120], y[30], scaled[30];
    test_normals(&random, 120, x);
    test_normals(&random, 30, y);
    zg_problem *plain = from_arrays(30, 4, x, 1, y, NULL, TEST_RELU2, squared, 0.5);
    double value = solve_value(plain, NULL);
    static const double scales[] = {1e-8, 1e-3, 1e4, 1e9};
    for (int s = 0; s < 4; s++) {
        double k = scales[s];
        for (int i = 0; i < 30; i++)
            scaled[i] = k * y[i];
        zg_problem *problem = from_arrays(30, 4, x, 1, scaled, NULL, TEST_RELU2, squared, 0.5 * k);
        assert_close(solve_value(problem, NULL) / (k * k), value, 1e-6);
        zg_problem_free(problem);
    }
    /* One input in very different units: activation a t^2 needs unit neurons, so this is another
     * problem; what counts is that it is solved. */
    for (int i = 0; i < 30; i++)
        x[4 * i] *= 1e3;
    zg_problem *units = from_arrays(30, 4, x, 1, y, NULL, TEST_RELU2, squared, 0.5);
    solve_value(units, NULL);
    zg_problem_free(units);
    zg_problem_free(plain);
}

/* Permuting inputs and samples changes nothing. */
static void permutations(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 38);
    double x[36], y[12], px[36], py[12];
    test_normals(&random, 36, x);
    test_normals(&random, 12, y);
    for (int i = 0; i < 12; i++) {
        int to = (5 * i + 2) % 12;
        py[to] = y[i];
        for (int j = 0; j < 3; j++)
            px[3 * to + (j + 1) % 3] = x[3 * i + j];
    }
    static const zg_loss absolute = {ZG_LOSS_ABSOLUTE, 0};
    zg_problem *a = from_arrays(12, 3, x, 1, y, NULL, TEST_RELU2, absolute, 0.3);
    zg_problem *b = from_arrays(12, 3, px, 1, py, NULL, TEST_RELU2, absolute, 0.3);
    assert_close(solve_value(a, NULL), solve_value(b, NULL), 1e-7);
    zg_problem_free(a);
    zg_problem_free(b);
}

/* ---- progress and limits -------------------------------------------------------------------- */

typedef struct journal {
    long count;
    double objective, bound, seconds;
} journal;

static bool write_journal(void *context, const zg_progress *progress)
{
    journal *j = context;
    assert_true(progress->objective <= j->objective);
    assert_true(progress->bound >= j->bound);
    assert_true(progress->seconds >= j->seconds);
    assert_true(progress->objective >= progress->bound * (1 - 1e-12));
    *j = (journal){j->count + 1, progress->objective, progress->bound, progress->seconds};
    return true;
}

static void certified_progress(void **state)
{
    (void)state;
    zg_problem *problem = test_planted(ZG_FEATURES_GAUSSIAN, 200, 10, 5, 1, TEST_RELU2, squared, 1);
    journal j = {0, INFINITY, 0, 0};
    zg_monitor *monitor;
    zg_error error = {0};
    assert_ok(zg_monitor_create(problem, 0, 0, write_journal, &j, &monitor, &error), &error);
    zg_observer observer = zg_monitor_observer(monitor);
    zg_control control = {.tolerance = 1e-6, .observer = &observer};
    test_run run;
    test_solve(&zg_method_csdp, problem, NULL, &control, &run);
    assert_ok(run.status, &run.error);
    assert_int_equal(j.count, run.solution.iterations);
    assert_true(zg_gap(j.objective, j.bound) < 1e-6);
    assert_true(j.bound <= run.bound * (1 + 1e-12));
    test_run_clear(&run);
    zg_monitor_free(monitor);
    /* With a target the monitor ends the method as soon as it is reached. */
    j = (journal){0, INFINITY, 0, 0};
    assert_ok(zg_monitor_create(problem, 1e-2, 0, write_journal, &j, &monitor, &error), &error);
    observer = zg_monitor_observer(monitor);
    control.tolerance = 1e-2;
    control.observer = &observer;
    long full = run.solution.iterations;
    test_solve(&zg_method_csdp, problem, NULL, &control, &run);
    assert_ok(run.status, &run.error);
    assert_true(run.gap <= 1e-2);
    assert_true(full == 0 || run.solution.iterations < full);
    test_run_clear(&run);
    zg_monitor_free(monitor);
    zg_problem_free(problem);
}

static void time_limit(void **state)
{
    (void)state;
    zg_problem *problem = test_planted(ZG_FEATURES_GAUSSIAN, 400, 40, 5, 1, TEST_RELU2, squared, 1);
    const double seconds[] = {0.5, 1e-9}; /* the second one is over before CSDP could begin */
    for (size_t i = 0; i < 2; i++) {
        zg_control control = {.tolerance = 1e-6, .seconds = seconds[i]};
        test_run run;
        double before = zg_monotonic();
        test_solve(&zg_method_csdp, problem, NULL, &control, &run);
        assert_true(zg_monotonic() - before < 30);
        assert_int_equal(run.status, ZG_TIMEOUT);
        assert_true(i == 0 || strstr(run.error.message, "over before the program was written"));
        assert_non_null(run.solution.network);
        assert_true(run.bound >= 0 && run.objective >= run.bound);
        test_run_clear(&run);
    }
    zg_problem_free(problem);
}

/* ---- refusals ------------------------------------------------------------------------------- */

static void refused(zg_problem *problem, const char *says)
{
    zg_error error = {0};
    test_run run;
    assert_int_equal(zg_method_csdp.check(problem, NULL, &error), ZG_UNSUPPORTED);
    assert_string_equal(error.message, says);
    test_solve(&zg_method_csdp, problem, NULL, NULL, &run);
    assert_int_equal(run.status, ZG_UNSUPPORTED);
    assert_string_equal(run.error.message, says);
    test_run_clear(&run);
    zg_problem_free(problem);
}

static void refusals(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 39);
    zg_loss logistic = {ZG_LOSS_LOGISTIC, 0};
    refused(test_random_problem(&random, 5, 2, TEST_RELU2, "dense", logistic, 1),
            "csdp cannot treat the logistic loss, which is no semidefinite program; use the method "
            "\"ipm\"");
    zg_problem *power = test_random_problem(&random, 5, 2, TEST_RELU2, "dense", squared, 1);
    power->penalty = (zg_penalty){ZG_PENALTY_POWER, 2.0 / 3};
    refused(power, "csdp solves the l1-penalised problem only; for weight decay use the method "
                   "\"branch-and-bound\"");
}

static void no_interpolation(void **state)
{
    (void)state;
    double x[] = {1, 1, 2}, y[] = {1, 2, 0};
    zg_problem *problem =
        from_arrays(3, 1, x, 1, y, NULL, TEST_RELU2, (zg_loss){ZG_LOSS_INTERPOLATE, 0}, 1);
    test_run run;
    test_solve(&zg_method_csdp, problem, NULL, NULL, &run);
    assert_int_equal(run.status, ZG_INFEASIBLE);
    assert_string_equal(run.error.message,
                        "no network interpolates these targets: the nearest predictions of any are "
                        "off by 0.25 of the largest target (1e-07 would do)");
    test_run_clear(&run);
    zg_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_input),
        cmocka_unit_test(nuclear_norm),
        cmocka_unit_test(official_interpolation),
        cmocka_unit_test(zero_network),
        cmocka_unit_test(zero_samples),
        cmocka_unit_test(compressed_or_not),
        cmocka_unit_test(weights_are_copies),
        cmocka_unit_test(outputs_add_up),
        cmocka_unit_test(wild_scales),
        cmocka_unit_test(permutations),
        cmocka_unit_test(certified_progress),
        cmocka_unit_test(time_limit),
        cmocka_unit_test(refusals),
        cmocka_unit_test(no_interpolation),
    };
    return cmocka_run_group_tests_name("csdp", tests, NULL, NULL);
}
