/* Training in one pass over a stream: the same optimum as from memory, a bound that holds. */
#include "solvers/stream_train.h"
#include "tests/solvers/solving.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The rows of a problem as CSV text, shifted and scaled. */
static char *as_csv(const zg_problem *p, size_t *size)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, size);
    assert_non_null(file);
    for (size_t i = 0; i < p->samples; i++) {
        for (size_t k = 0; k < p->inputs; k++)
            fprintf(file, "%.17g,", p->x[i * p->inputs + k]);
        for (size_t c = 0; c < p->outputs; c++)
            fprintf(file, "%.17g%c", p->y[c * p->samples + i], c + 1 < p->outputs ? ',' : '\n');
    }
    fclose(file);
    return text;
}

static zg_status train(const char *text, size_t size, const char *target,
                       const zg_model_options *model, double tolerance, zg_sums_result *out,
                       zg_error *error)
{
    FILE *file = fmemopen((void *)text, size, "r");
    assert_non_null(file);
    zg_data_options data = {.target = target};
    zg_control control = {.tolerance = tolerance};
    zg_status status = zg_stream_train(file, "memory", &data, model, &control, out, error);
    fclose(file);
    return status;
}

/* Objective of the streamed network from the raw rows, and its bound, against the method. */
static void check_against_memory(const zg_problem *p, const char *target, double tolerance)
{
    size_t size;
    char *text = as_csv(p, &size);
    zg_sums_result streamed;
    zg_error error = {0};
    zg_model_options model = {.activation = p->activation,
                              .architecture = p->architecture,
                              .loss = p->loss,
                              .beta = p->beta};
    assert_ok(train(text, size, target, &model, tolerance, &streamed, &error), &error);
    zg_control control = {.tolerance = tolerance};
    test_run run;
    test_solve(&zg_method_ipm, p, NULL, &control, &run);
    assert_ok(run.status, &run.error);
    double objective;
    assert_int_equal(zg_network_objective(streamed.network, p, &objective, NULL, NULL), ZG_OK);
    assert_int_equal(streamed.rows, p->samples);
    assert_true(streamed.gap <= tolerance);
    assert_true(streamed.bound <= run.objective);
    assert_true(streamed.objective >= run.bound);
    assert_true(fabs(objective - streamed.objective) <=
                streamed.attainable * fmax(1.0, objective) + 1e-12 * objective);
    assert_close(streamed.objective, run.objective, 2.0 * tolerance);
    test_run_clear(&run);
    zg_network_free(streamed.network);
    free(text);
}

static void equals_training_from_memory(void **state)
{
    (void)state;
    static const char *const architectures[] = {"dense", "conv1d:filter=3,stride=1",
                                                "conv1d:filter=2,stride=2,pool=global"};
    zg_random random;
    zg_random_seed(&random, 31);
    zg_loss squared = {ZG_LOSS_SQUARED, 1.0};
    for (int a = 0; a < 3; a++)
        for (int s = 0; s < 2; s++) {
            zg_problem *p = test_random_problem(&random, 3000, 6, s ? TEST_QUADRATIC : TEST_RELU2,
                                                architectures[a], squared, s ? 5.0 : 0.5);
            check_against_memory(p, NULL, 1e-8);
            zg_problem_free(p);
        }
}

static void several_outputs(void **state)
{
    (void)state;
    enum { N = 1500, D = 4 };
    zg_random random;
    zg_random_seed(&random, 32);
    double *x = malloc(N * D * sizeof *x), *y = malloc(2 * N * sizeof *y);
    test_normals(&random, N * D, x);
    test_normals(&random, 2 * N, y);
    zg_architecture dense = {0};
    zg_problem *p;
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(N, D, x, 2, y, NULL, TEST_RELU2, &dense,
                                     (zg_loss){ZG_LOSS_SQUARED, 1.0}, (zg_penalty){0}, 1.0, &p,
                                     &error),
              &error);
    check_against_memory(p, "5,6", 1e-8);
    zg_problem_free(p);
    free(x);
    free(y);
}

/* Targets that the network fits almost exactly: the sums cancel, and the result says how far. */
static void cancellation_is_admitted(void **state)
{
    (void)state;
    enum { N = 1000, D = 3 };
    zg_random random;
    zg_random_seed(&random, 33);
    double x[N * D], y[N];
    test_normals(&random, N * D, x);
    for (size_t i = 0; i < N; i++)
        y[i] = 1e6 * (0.09 * x[i * D] * x[i * D] + 0.5 * x[i * D] + 0.47);
    zg_architecture dense = {0};
    zg_problem *p;
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(N, D, x, 1, y, NULL, TEST_RELU2, &dense,
                                     (zg_loss){ZG_LOSS_SQUARED, 1.0}, (zg_penalty){0}, 1e-3, &p,
                                     &error),
              &error);
    size_t size;
    char *text = as_csv(p, &size);
    zg_sums_result streamed;
    zg_model_options model = {.activation = TEST_RELU2, .beta = 1e-3};
    assert_ok(train(text, size, NULL, &model, 1e-8, &streamed, &error), &error);
    double objective;
    assert_int_equal(zg_network_objective(streamed.network, p, &objective, NULL, NULL), ZG_OK);
    assert_true(streamed.bound <= objective);
    assert_true(streamed.objective >= objective);
    assert_true(streamed.attainable > 1e-8);
    assert_true(streamed.gap > 1e-8);
    zg_network_free(streamed.network);
    zg_problem_free(p);
    free(text);
}

static void refuse(const char *text, const zg_model_options *model, zg_status expected,
                   const char *part)
{
    zg_sums_result result;
    zg_error error = {0};
    zg_status status = train(text, strlen(text), NULL, model, 1e-6, &result, &error);
    assert_int_equal(status, expected);
    if (!strstr(error.message, part)) fail_msg("\"%s\" lacks \"%s\"", error.message, part);
    assert_null(result.network);
}

static void what_one_pass_cannot_do_is_refused(void **state)
{
    (void)state;
    zg_model_options model = {.activation = TEST_RELU2, .beta = 1.0};
    refuse("a,b\n1,2\nx,3\n", &model, ZG_BAD_INPUT, "memory:3:");
    refuse("a,b\n", &model, ZG_BAD_INPUT, "row");
    model.standardize = true;
    refuse("1,2\n3,4\n", &model, ZG_UNSUPPORTED, "standardising");
    model.standardize = false;
    model.loss.kind = ZG_LOSS_HINGE;
    refuse("1,1\n3,-1\n", &model, ZG_UNSUPPORTED, "squared loss");
    model.loss.kind = ZG_LOSS_SQUARED;
    refuse("1,yes\n3,no\n", &model, ZG_UNSUPPORTED, "texts");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_training_from_memory),
        cmocka_unit_test(several_outputs),
        cmocka_unit_test(cancellation_is_admitted),
        cmocka_unit_test(what_one_pass_cannot_do_is_refused),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
