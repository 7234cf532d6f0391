/* Training on a stream, read once or again: the same optimum as from memory, a bound that holds. */
#include "base/linalg.h"
#include "core/certificate.h"
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

/* A text as a pipe gives it: it cannot be set back. */
typedef struct piped {
    const char *text;
    size_t left;
} piped;

static ssize_t read_piped(void *cookie, char *buffer, size_t size)
{
    piped *p = cookie;
    size_t count = size < p->left ? size : p->left;
    memcpy(buffer, p->text, count);
    p->text += count;
    p->left -= count;
    return (ssize_t)count;
}

static zg_status train_from(FILE *file, const char *target, const zg_model_options *model,
                            double tolerance, zg_sums_result *out, zg_error *error)
{
    assert_non_null(file);
    zg_data_options data = {.target = target};
    zg_control control = {.tolerance = tolerance};
    zg_status status = zg_stream_train(file, "memory", &data, model, &control, out, error);
    fclose(file);
    return status;
}

static zg_status train(const char *text, size_t size, const char *target,
                       const zg_model_options *model, double tolerance, zg_sums_result *out,
                       zg_error *error)
{
    piped pipe = {text, size};
    FILE *file = fopencookie(&pipe, "r", (cookie_io_functions_t){.read = read_piped});
    return train_from(file, target, model, tolerance, out, error);
}

static zg_status train_again(const char *text, size_t size, const zg_model_options *model,
                             double tolerance, zg_sums_result *out, zg_error *error)
{
    return train_from(fmemopen((void *)text, size, "r"), NULL, model, tolerance, out, error);
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

/* Dense, squared loss: x (n x d), y (outputs x n). */
static zg_problem *dense_problem(size_t n, size_t d, const double *x, size_t outputs,
                                 const double *y, double beta)
{
    zg_architecture dense = {0};
    zg_problem *p;
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(n, d, x, outputs, y, NULL, TEST_RELU2, &dense,
                                     (zg_loss){ZG_LOSS_SQUARED, 1.0}, (zg_penalty){0}, beta, &p,
                                     &error),
              &error);
    return p;
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
    zg_problem *p = dense_problem(N, D, x, 2, y, 1.0);
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
    zg_error error = {0};
    zg_problem *p = dense_problem(N, D, x, 1, y, 1e-3);
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

/* A problem whose inputs x are those of `from` as scale[k % 3] (x + shift) + offset. */
static zg_problem *moved_problem(const zg_problem *from, const double scale[3], double shift,
                                 double offset)
{
    size_t n = from->samples, d = from->inputs;
    double *x = malloc(n * d * sizeof *x);
    zg_problem *p;
    zg_error error = {0};
    for (size_t i = 0; i < n * d; i++)
        x[i] = (from->x[i] + shift) * scale[i % d % 3] + offset;
    assert_ok(zg_problem_from_arrays(n, d, x, 1, from->y, NULL, from->activation,
                                     &from->architecture, from->loss, (zg_penalty){0}, from->beta,
                                     &p, &error),
              &error);
    free(x);
    return p;
}

/* Holds a result against raw rows and the method of whole data, whose own gap is in the way where
 * rows are hard. */
static void check_result(const zg_problem *p, const zg_sums_result *streamed, double tolerance,
                         double gap)
{
    zg_control control = {.tolerance = 1e-8};
    zg_error error = {0};
    double objective, rounding, implied, *dual = malloc(p->samples * sizeof *dual);
    test_run run;
    test_solve(&zg_method_ipm, p, NULL, &control, &run);
    assert_int_equal(zg_network_objective(streamed->network, p, &objective, NULL, NULL), ZG_OK);
    assert_int_equal(zg_network_objective_error(streamed->network, p, NULL, &rounding), ZG_OK);
    assert_int_equal(zg_residual_dual(p, streamed->network, dual), ZG_OK);
    assert_ok(zg_problem_bound(p, dual, &implied, &error), &error);
    assert_true(streamed->bound <= fmin(objective + rounding, run.objective));
    assert_true(implied <= streamed->objective);
    assert_true(streamed->objective >= objective - rounding);
    assert_true(objective <= run.objective * (1.0 + tolerance));
    assert_true(streamed->objective <= objective + rounding + streamed->attainable * objective);
    assert_true(streamed->bound >= run.objective * (1.0 - gap));
    test_run_clear(&run);
    free(dual);
}

/* From sums alone, and with more passes, which must do better wherever one is not enough. */
static void check_moved(const zg_problem *p, double tolerance, double gap, double gap_again)
{
    size_t size;
    char *text = as_csv(p, &size);
    zg_sums_result once, again;
    zg_error error = {0};
    zg_model_options model = {
        .activation = p->activation, .architecture = p->architecture, .beta = p->beta};
    assert_ok(train(text, size, NULL, &model, 1e-8, &once, &error), &error);
    assert_ok(train_again(text, size, &model, 1e-8, &again, &error), &error);
    check_result(p, &once, tolerance, gap);
    check_result(p, &again, tolerance, 1.0);
    assert_int_equal(once.passes, 1);
    assert_true(again.passes <= ZG_STREAM_PASSES);
    assert_true(once.gap <= 1e-8 ? again.passes == 1 : again.passes > 1 && again.gap < once.gap);
    assert_true(again.gap <= gap_again);
    zg_network_free(once.network);
    zg_network_free(again.network);
    free(text);
}

static void columns_far_from_zero_and_one(void **state)
{
    (void)state;
    static const double one[] = {1.0, 1.0, 1.0}, several[] = {1e-2, 3.0, 1e2};
    zg_random random;
    zg_random_seed(&random, 34);
    zg_loss squared = {ZG_LOSS_SQUARED, 1.0};
    const struct {
        const char *architecture;
        zg_activation activation;
        const double *scale;
        double offset;
    } cases[] = {
        {"dense", TEST_RELU2, one, 1e3},
        {"dense", TEST_RELU2, several, 0.0},
        {"dense", TEST_RELU2, several, 1e2},
        {"dense", TEST_QUADRATIC, one, 3e2},
        {"dense", {0.3, 1.0, 0.0}, one, 1e2},
        {"conv1d:filter=2,stride=2,pool=global", TEST_RELU2, one, 1e2},
        {"conv1d:filter=3,stride=1", TEST_QUADRATIC, one, 1e2},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        zg_problem *unit = test_random_problem(&random, 1500, 6, cases[k].activation,
                                               cases[k].architecture, squared, 1.0);
        zg_problem *moved = moved_problem(unit, cases[k].scale, 0.0, cases[k].offset);
        check_moved(moved, 1e-5, 1e-3, 1e-6);
        zg_problem_free(moved);
        zg_problem_free(unit);
    }
}

/* The slack is found, but the blocks have lost all digits of what they predict. */
static void neurons_whose_blocks_predict_nothing(void **state)
{
    (void)state;
    static const double scale[] = {1e-3, 1.0, 1e4};
    zg_random random;
    zg_random_seed(&random, 37);
    for (int round = 0; round < 4; round++) {
        zg_problem *unit = test_random_problem(&random, 1500, 6, TEST_RELU2, "dense",
                                               (zg_loss){ZG_LOSS_SQUARED, 1.0}, 1.0);
        zg_problem *moved = moved_problem(unit, scale, 3.0, 0.0);
        check_moved(moved, 1e-4, 1.0, 1e-4);
        zg_problem_free(moved);
        zg_problem_free(unit);
    }
}

static void every_output_about_its_own_fit(void **state)
{
    (void)state;
    enum { N = 1500, D = 3 };
    zg_random random;
    zg_random_seed(&random, 38);
    double x[N * D], y[2 * N];
    test_normals(&random, N * D, x);
    test_normals(&random, 2 * N, y);
    for (size_t i = 0; i < N; i++) {
        y[i] = y[i] + x[i * D] * x[i * D + 1];
        y[N + i] = 1e3 * (1.0 + 0.1 * y[N + i] + x[i * D + 2]);
    }
    for (size_t k = 0; k < N * D; k++)
        x[k] += 500.0;
    zg_error error = {0};
    zg_problem *p = dense_problem(N, D, x, 2, y, 1.0);
    size_t size;
    char *text = as_csv(p, &size);
    zg_sums_result streamed;
    zg_data_options data = {.target = "4,5"};
    zg_control control = {.tolerance = 1e-8};
    zg_model_options model = {.activation = TEST_RELU2, .beta = 1.0};
    FILE *file = fmemopen(text, size, "r");
    assert_ok(zg_stream_train(file, "memory", &data, &model, &control, &streamed, &error), &error);
    fclose(file);
    double objective, rounding;
    assert_int_equal(zg_network_objective(streamed.network, p, &objective, NULL, NULL), ZG_OK);
    assert_int_equal(zg_network_objective_error(streamed.network, p, NULL, &rounding), ZG_OK);
    assert_true(streamed.passes > 1);
    assert_true(streamed.gap <= 1e-7);
    assert_true(streamed.bound <= objective + rounding);
    assert_true(fabs(streamed.objective - objective) <= rounding + streamed.attainable * objective);
    zg_network_free(streamed.network);
    zg_problem_free(p);
    free(text);
}

/* J of a basis: its image of N is M of the lift, its transpose belongs to it, and a neuron's
 * coefficients give what the neuron responds. */
static void check_basis(const zg_problem *p, const zg_basis *basis)
{
    size_t w = basis->width, order = w + 1, count = zg_basis_features(basis);
    size_t m = p->lift->order;
    zg_random random;
    zg_random_seed(&random, 36);
    double *x = calloc(w, sizeof *x), *n = calloc(order * order, sizeof *n);
    double *svec = calloc(4 * count, sizeof *svec), *image = svec + count, *t = image + count;
    double *lift = calloc(2 * order * order, sizeof *lift), *u = calloc(w, sizeof *u);
    long double *fit = calloc(2 * count, sizeof *fit);
    zg_lift_matrix(p->lift, 0, 7, lift);
    memcpy(x, p->x + 7 * w, w * sizeof *x);
    test_normals(&random, w, u);
    zg_basis_place(basis, 0, 1, x);
    for (size_t j = 0; j < order; j++)
        for (size_t i = 0; i < order; i++)
            n[j * order + i] = (i < w ? x[i] : 1.0) * (j < w ? x[j] : 1.0);
    zg_svec(order, n, svec);
    double *matrix = lift + order * order;
    zg_basis_adjoint(basis, 0, svec, false, matrix);
    for (size_t k = 0; k < m * m; k++)
        assert_close(matrix[k], lift[k], 1e-10 * zg_norm(m * m, lift));
    zg_svec(m, lift, t);
    memcpy(image, t, zg_svec_size(m) * sizeof *image);
    zg_basis_times(basis, 0, 1, image, 1);
    assert_close(zg_dot(count, image, svec), zg_inner(m, lift, lift),
                 1e-10 * zg_inner(m, lift, lift));
    zg_basis_add_neuron(basis, 0, u, 2.0, fit, fit + count);
    long double response = 0, z = 0;
    for (size_t k = 0; k < count; k++)
        response += fit[k] * svec[k];
    for (size_t k = 0; k < w; k++)
        z += (long double)u[k] * p->x[7 * w + k];
    long double expected = 2 * ((p->activation.a * z + p->activation.b) * z + p->activation.c);
    assert_close((double)response, (double)expected, 1e-10 * (1.0 + fabs((double)expected)));
    free(x);
    free(n);
    free(svec);
    free(lift);
    free(u);
    free(fit);
}

static void features_of_centred_inputs_lead_back(void **state)
{
    (void)state;
    const zg_activation activations[] = {
        TEST_RELU2, TEST_QUADRATIC, {0.3, 1.0, 0.0}, {0.0, 1.0, 0.5}};
    static const double scale[] = {1e-2, 3.0, 1e2};
    zg_random random;
    zg_random_seed(&random, 35);
    zg_loss squared = {ZG_LOSS_SQUARED, 1.0};
    for (size_t k = 0; k < sizeof activations / sizeof *activations; k++) {
        zg_problem *unit =
            test_random_problem(&random, 50, 5, activations[k], "dense", squared, 1.0);
        zg_problem *moved = moved_problem(unit, scale, 0.0, 40.0);
        zg_basis *basis;
        assert_int_equal(zg_basis_create(activations[k], &moved->patches, 50, moved->x, &basis),
                         ZG_OK);
        check_basis(moved, basis);
        zg_basis_free(basis);
        zg_problem_free(moved);
        zg_problem_free(unit);
    }
}

/* A file that holds one text until it is set back, and then another. */
typedef struct altered {
    const char *text[2];
    size_t at;
    int turn;
} altered;

static ssize_t read_altered(void *cookie, char *buffer, size_t size)
{
    altered *a = cookie;
    size_t left = strlen(a->text[a->turn]) - a->at, count = size < left ? size : left;
    memcpy(buffer, a->text[a->turn] + a->at, count);
    a->at += count;
    return (ssize_t)count;
}

static int seek_altered(void *cookie, off64_t *offset, int whence)
{
    altered *a = cookie;
    if (whence == SEEK_SET) {
        a->at = 0;
        a->turn = 1;
    }
    *offset = (off64_t)a->at;
    return 0;
}

static void rows_that_change_between_passes_are_refused(void **state)
{
    (void)state;
    static const char first[] = "1,2,1\n3,4,2\n5,7,4\n2,9,3\n",
                      longer[] = "1,2,1\n3,4,2\n5,7,4\n2,9,3\n8,1,3\n",
                      *const second[] = {"1,2,1\n3,4,2\n5,7,4\n2,9,3.5\n", "1,2,1\n3,4,2\n5,7,4\n",
                                         "1,2\n3,4\n", ""};
    zg_model_options model = {.activation = TEST_RELU2, .beta = 1.0};
    for (size_t k = 0; k < sizeof second / sizeof *second; k++) {
        altered file = {.text = {first, second[k]}};
        zg_sums_result result;
        zg_error error = {0};
        FILE *stream = fopencookie(
            &file, "r", (cookie_io_functions_t){.read = read_altered, .seek = seek_altered});
        zg_status status = train_from(stream, NULL, &model, 1e-30, &result, &error);
        assert_int_equal(status, ZG_BAD_INPUT);
        assert_null(result.network);
    }
    const char *const fine[] = {first, longer}; /* a log may grow */
    for (size_t k = 0; k < 2; k++) {
        altered file = {.text = {first, fine[k]}};
        zg_sums_result result;
        zg_error error = {0};
        FILE *stream = fopencookie(
            &file, "r", (cookie_io_functions_t){.read = read_altered, .seek = seek_altered});
        assert_ok(train_from(stream, NULL, &model, 1e-30, &result, &error), &error);
        assert_true(result.passes > 1);
        assert_int_equal(result.rows, 4);
        zg_network_free(result.network);
    }
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
        cmocka_unit_test(columns_far_from_zero_and_one),
        cmocka_unit_test(neurons_whose_blocks_predict_nothing),
        cmocka_unit_test(every_output_about_its_own_fit),
        cmocka_unit_test(rows_that_change_between_passes_are_refused),
        cmocka_unit_test(features_of_centred_inputs_lead_back),
        cmocka_unit_test(cancellation_is_admitted),
        cmocka_unit_test(what_one_pass_cannot_do_is_refused),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
