/* Problems with fewer samples than inputs: solved in the span of their rows, judged on the rows. */
#include "base/linalg.h"
#include "core/span.h"
#include "solvers/solver.h"
#include "tests/support/support.h"
#include "train/registry.h"
#include "train/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const zg_loss losses[] = {{ZG_LOSS_SQUARED, 0},
                                 {ZG_LOSS_ABSOLUTE, 0},
                                 {ZG_LOSS_HUBER, 0.5},
                                 {ZG_LOSS_HINGE, 0},
                                 {ZG_LOSS_LOGISTIC, 0}};
static const zg_activation activations[] = {{0.09, 0.5, 0.47}, {1, 0, 0}, {0, 1, 0}, {1, -0.5, 0}};

/* ---- the basis -------------------------------------------------------------------------------- */

static void assert_orthonormal(const zg_span *span)
{
    size_t d = span->full->inputs, k = span->problem->inputs;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j <= i; j++)
            assert_close(zg_dot(d, span->basis + i * d, span->basis + j * d), i == j, 1e-13);
}

/* Row i is Q times its part in the basis, and has no part in the last direction. */
static void assert_rows(const zg_span *span)
{
    size_t n = span->full->samples, d = span->full->inputs, k = span->problem->inputs;
    double *row = zg_doubles(d);
    for (size_t i = 0; i < n; i++) {
        const double *x = span->full->x + i * d, *part = span->problem->x + i * k;
        assert_true(part[k - 1] == 0.0);
        zg_gemv(false, d, k, 1.0, span->basis, d, part, 0.0, row);
        zg_axpy(d, -1.0, x, row);
        assert_true(zg_norm(d, row) <= 1e-13 * zg_norm(d, x));
    }
    free(row);
}

static void the_basis_is_orthonormal_whatever_the_rows(void **state)
{
    (void)state;
    zg_random random;
    zg_error error = {0};
    zg_random_seed(&random, 5);
    for (int round = 0; round < test_rounds(40); round++) {
        size_t n = 1 + zg_random_below_or_equal(&random, 8), d = n + 2 + (size_t)round % 9;
        zg_problem *p = test_random_problem(&random, n, d, TEST_RELU2, "dense", losses[0], 0.1);
        if (n > 1 && round % 4 == 1) memcpy(p->x + d, p->x, d * sizeof *p->x); /* twice */
        if (round % 4 == 2) memset(p->x, 0, d * sizeof *p->x);
        for (size_t i = 0; round % 4 == 3 && i < n * d; i++)
            p->x[i] *= round % 8 == 3 ? 1e-150 : 1e120;
        zg_span span;
        assert_ok(zg_span_create(p, &span, &error), &error);
        assert_non_null(span.problem);
        assert_int_equal(span.problem->inputs, n + 1);
        assert_orthonormal(&span);
        assert_rows(&span);
        zg_span_clear(&span);
        zg_problem_free(p);
    }
}

static void nothing_is_reduced_where_rows_span_everything(void **state)
{
    (void)state;
    static const struct {
        size_t n, d;
        const char *architecture;
    } cases[] = {{3, 4, "dense"}, {5, 3, "dense"}, {2, 9, "conv1d:filter=3"}};
    zg_random random;
    zg_random_seed(&random, 6);
    for (size_t i = 0; i < 3; i++) {
        zg_problem *p = test_random_problem(&random, cases[i].n, cases[i].d, TEST_RELU2,
                                            cases[i].architecture, losses[0], 0.1);
        zg_span span;
        assert_ok(zg_span_create(p, &span, NULL), NULL);
        assert_null(span.problem);
        zg_span_clear(&span);
        zg_problem_free(p);
    }
}

/* ---- optima ----------------------------------------------------------------------------------- */

static double full_optimum(const zg_problem *p, const zg_method *method)
{
    zg_value *values;
    zg_solution solution = {.bound = -INFINITY};
    zg_control control = {.tolerance = 1e-7};
    zg_error error = {0};
    double objective;
    assert_ok(zg_values_create(method, &values, &error), &error);
    assert_ok(method->solve(p, values, &control, &solution, &error), &error);
    assert_ok(zg_network_objective(solution.network, p, &objective, NULL, NULL), NULL);
    zg_solution_clear(&solution);
    zg_values_free(method, values);
    return objective;
}

static void assert_same_optimum(const zg_problem *p, const zg_method *method)
{
    zg_value *values;
    zg_training training;
    zg_control control = {.tolerance = 1e-7};
    zg_error error = {0};
    assert_ok(zg_values_create(method, &values, &error), &error);
    assert_ok(
        zg_training_run(p, method, values, &control, 0, INFINITY, NULL, NULL, &training, &error),
        &error);
    assert_int_equal(training.assessment.decision, ZG_DECISION_CERTIFIED);
    assert_int_equal(training.solution.network->inputs, p->inputs);
    assert_close(training.certificate.objective, full_optimum(p, method), 1e-6);
    zg_training_clear(&training);
    zg_values_free(method, values);
}

static void the_optimum_is_that_of_all_inputs(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 7);
    for (size_t a = 0; a < 4; a++)
        for (size_t l = 0; l < 5; l++) {
            size_t n = 1 + (a + l) % 5, d = n + 2 + (a * l) % 4;
            zg_problem *p = test_random_problem(&random, n, d, activations[a], "dense", losses[l],
                                                l % 2 ? 0.05 : 0.5);
            assert_same_optimum(p, &zg_method_ipm);
            if (l == 0) assert_same_optimum(p, &zg_method_low_rank);
            zg_problem_free(p);
        }
}

/* sigma(t) = 1 - t^2 and one row e_1: neurons in the span of the row answer 0, those orthogonal to
 * it answer 1, and fit the target 1 with a weight of 1. */
static void a_neuron_may_leave_the_span(void **state)
{
    (void)state;
    const double x[] = {1, 0, 0}, y[] = {1};
    const zg_architecture dense = {0};
    zg_problem *p;
    zg_training training;
    zg_value *values;
    zg_control control = {.tolerance = 1e-9};
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(1, 3, x, 1, y, NULL, (zg_activation){-1, 0, 1}, &dense,
                                     (zg_loss){ZG_LOSS_ABSOLUTE, 0}, (zg_penalty){0}, 0.01, &p,
                                     &error),
              &error);
    assert_ok(zg_values_create(&zg_method_ipm, &values, &error), &error);
    assert_ok(zg_training_run(p, &zg_method_ipm, values, &control, 0, INFINITY, NULL, NULL,
                              &training, &error),
              &error);
    assert_close(training.certificate.objective, 0.01, 1e-8);
    zg_training_clear(&training);
    zg_values_free(&zg_method_ipm, values);
    zg_problem_free(p);
}

/* ---- iterates ---------------------------------------------------------------------------------- */

static zg_status report_blocks(const zg_problem *p, const zg_value *values,
                               const zg_control *control, zg_solution *solution, zg_error *error)
{
    (void)values;
    size_t m = p->lift->order;
    double *z = zg_doubles(m * m), *zn = zg_doubles(m * m);
    zg_stopwatch watch = {0};
    zg_stopwatch_start(&watch);
    assert_int_equal(p->inputs, p->samples + 1);
    for (size_t k = 0; k + 1 < m; k++) /* <R, Z> = 0 */
        z[k * m + k] = 1.0 / (double)(m - 1);
    z[m * m - 1] = 1;
    const zg_iterate iterate = {
        .unit = "iteration", .number = 1, .objective = NAN, .bound = -INFINITY, .z = &z, .zn = &zn};
    bool go_on = zg_report(control, &watch, &iterate);
    free(z);
    free(zn);
    zg_status status = zg_network_create(p, &solution->network, error);
    return status == ZG_OK && !go_on ? ZG_STOPPED : status;
}

static bool look(void *context, const zg_progress *progress)
{
    *(double *)context = progress->objective;
    return true;
}

/* Blocks of the small problem reach the monitor as a network of the full one. */
static void iterates_are_judged_on_the_rows(void **state)
{
    (void)state;
    static const zg_method method = {
        .name = "blocks", .summary = "reports blocks", .convex = true, .solve = report_blocks};
    zg_random random;
    zg_training training;
    zg_error error = {0};
    double seen = NAN;
    zg_random_seed(&random, 8);
    zg_problem *p = test_random_problem(&random, 4, 9, TEST_RELU2, "dense", losses[0], 0.5);
    for (size_t i = 0; i < 4; i++) { /* exactly what the blocks predict: a |x|^2 / (m - 1) + c */
        double *x = p->x + 9 * i;
        for (size_t k = 0; k < 9; k++)
            x[k] *= 10;
        p->y[i] = 0.09 * zg_dot(9, x, x) / 5 + 0.47;
    }
    zg_control control = {.tolerance = 1e-6};
    (void)zg_training_run(p, &method, NULL, &control, 0, 0, look, &seen, &training, &error);
    assert_close(seen, 0.5, 1e-9); /* the penalty: beta Z_mm */
    zg_training_clear(&training);
    zg_problem_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_basis_is_orthonormal_whatever_the_rows),
        cmocka_unit_test(nothing_is_reduced_where_rows_span_everything),
        cmocka_unit_test(the_optimum_is_that_of_all_inputs),
        cmocka_unit_test(a_neuron_may_leave_the_span),
        cmocka_unit_test(iterates_are_judged_on_the_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
