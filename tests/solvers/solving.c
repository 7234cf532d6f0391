/* A run of a method, judged from the raw data. */
#include "tests/solvers/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void set_options(const zg_method *method, zg_value *values, const char *options)
{
    char *copy = strdup(options), *rest = copy, *item;
    zg_error error = {0};
    while ((item = strsep(&rest, ";")) != NULL) {
        item += strspn(item, " ");
        char *equals = strchr(item, '=');
        assert_non_null(equals);
        *equals = '\0';
        assert_ok(zg_values_set(method, values, item, equals + 1, &error), &error);
    }
    free(copy);
}

void test_solve(const zg_method *method, const zg_problem *problem, const char *options,
                const zg_control *control, test_run *out)
{
    static const zg_control standard = {.tolerance = 1e-6};
    zg_value *values;
    *out = (test_run){.objective = NAN, .bound = NAN, .gap = NAN};
    assert_ok(zg_values_create(method, &values, &out->error), &out->error);
    if (options) set_options(method, values, options);
    out->status =
        method->solve(problem, values, control ? control : &standard, &out->solution, &out->error);
    zg_values_free(method, values);
    zg_error error = {0};
    if (out->solution.network)
        assert_ok(zg_network_objective(out->solution.network, problem, &out->objective, NULL, NULL),
                  &error);
    if (out->solution.dual)
        assert_ok(zg_problem_bound(problem, out->solution.dual, &out->bound, &error), &error);
    out->gap = zg_gap(out->objective, out->bound);
}

void test_run_clear(test_run *run)
{
    zg_solution_clear(&run->solution);
}

void test_assert_optimal(const zg_method *method, const zg_problem *problem, const char *options,
                         double optimum, double tolerance)
{
    test_run run;
    test_solve(method, problem, options, NULL, &run);
    assert_ok(run.status, &run.error);
    assert_close(run.objective, optimum, tolerance);
    assert_close(run.bound, optimum, tolerance);
    assert_true(run.gap <= 1e-6);
    test_run_clear(&run);
}

zg_problem *test_planted(zg_features features, size_t n, size_t d, size_t neurons, uint32_t seed,
                         zg_activation activation, zg_loss loss, double beta)
{
    zg_planted planted = {n, d, neurons, 0.1, features, TEST_RELU2, seed, false};
    zg_dataset *dataset = NULL;
    zg_problem *problem = NULL;
    zg_error error = {0};
    assert_ok(zg_planted_create(&planted, &dataset, &error), &error);
    double *y = malloc(n * sizeof *y);
    for (size_t i = 0; i < n; i++)
        y[i] =
            zg_loss_has(loss.kind, ZG_LOSS_LABELLED) ? (dataset->t[i] < 0 ? -1 : 1) : dataset->t[i];
    zg_architecture dense = {0};
    assert_ok(zg_problem_from_arrays(n, d, dataset->x, 1, y, NULL, activation, &dense, loss,
                                     (zg_penalty){ZG_PENALTY_L1, 0}, beta, &problem, &error),
              &error);
    free(y);
    zg_dataset_free(dataset);
    return problem;
}
