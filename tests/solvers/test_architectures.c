/* Architectures two ways: programs that must have the same optimum, and symmetries, by two solvers
 * that share no code. */
#include "solvers/solver.h"
#include "tests/support/support.h"
#include "train/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 30, D = 12 };

static const zg_method *const methods[] = {&zg_method_ipm, &zg_method_csdp};
enum { METHODS = 2 };

static double x[N * D], y[2 * N];

static int make_data(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 91);
    test_normals(&random, N * D, x);
    test_normals(&random, 2 * N, y);
    return 0;
}

static zg_problem *make_problem(const double *inputs, size_t outputs, const double *targets,
                                zg_activation activation, const char *architecture)
{
    zg_problem *problem;
    zg_architecture parsed;
    zg_error error = {0};
    assert_ok(zg_architecture_parse(architecture, D, &parsed, &error), &error);
    assert_ok(zg_problem_from_arrays(N, D, inputs, outputs, targets, NULL, activation, &parsed,
                                     (zg_loss){0}, (zg_penalty){ZG_PENALTY_L1, 0.0}, 0.7, &problem,
                                     &error),
              &error);
    return problem;
}

/* Trains to a certified gap of 1e-8; group_weight (or NULL) gets sum |alpha| per group. */
static double optimum(const zg_method *method, zg_problem *problem, double *group_weight,
                      double *output_weight)
{
    zg_value *values;
    zg_training training;
    zg_control control = {.tolerance = 1e-9};
    zg_error error = {0};
    assert_ok(zg_values_create(method, &values, &error), &error);
    assert_ok(
        zg_training_run(problem, method, values, &control, 0.0, 0.0, NULL, NULL, &training, &error),
        &error);
    assert_true(training.certificate.gap <= 1e-8);
    const zg_network *network = training.solution.network;
    for (size_t j = 0; j < network->count; j++)
        for (size_t c = 0; c < network->outputs; c++) {
            double weight = fabs(network->alpha[j * network->outputs + c]);
            if (group_weight) group_weight[network->group[j]] += weight;
            if (output_weight) output_weight[c] += weight;
        }
    double value = training.certificate.objective;
    zg_training_clear(&training);
    zg_values_free(method, values);
    return value;
}

static void same_optimum(const char *one, const char *other)
{
    for (size_t m = 0; m < METHODS; m++) {
        zg_problem *a = make_problem(x, 1, y, TEST_RELU2, one);
        zg_problem *b = make_problem(x, 1, y, TEST_RELU2, other);
        assert_close(optimum(methods[m], a, NULL, NULL), optimum(methods[m], b, NULL, NULL), 2e-8);
        zg_problem_free(a);
        zg_problem_free(b);
    }
}

static void whole_filter_is_dense(void **state)
{
    (void)state;
    same_optimum("dense", "conv2d:height=3,width=4,filter=3x4");
    same_optimum("dense", "conv1d:filter=12,pool=global");
}

static void pool_of_one_is_no_pool(void **state)
{
    (void)state;
    same_optimum("conv1d:filter=4,stride=4", "conv1d:filter=4,stride=4,pool=1");
    same_optimum("conv2d:height=3,width=4,filter=2x2,pool=global",
                 "conv2d:height=3,width=4,filter=2x2,pool=2x3");
}

/* b = c = 0: the program with the border and <R, Z> = 0 has the optimum of the nuclear-norm one. */
static void border_or_nuclear_norm(void **state)
{
    (void)state;
    static const char *const architectures[] = {"dense", "conv1d:filter=4,stride=4,pool=3"};
    for (size_t m = 0; m < METHODS; m++)
        for (size_t a = 0; a < 2; a++) {
            zg_problem *plain = make_problem(x, 1, y, TEST_QUADRATIC, architectures[a]);
            zg_problem *bordered = make_problem(x, 1, y, TEST_QUADRATIC, architectures[a]);
            assert_false(plain->lift->bordered);
            zg_lift_free(bordered->lift);
            assert_int_equal(zg_lift_create_bordered(TEST_QUADRATIC, &bordered->patches, N,
                                                     bordered->x, &bordered->lift, NULL),
                             ZG_OK);
            assert_close(optimum(methods[m], plain, NULL, NULL),
                         optimum(methods[m], bordered, NULL, NULL), 2e-8);
            zg_problem_free(plain);
            zg_problem_free(bordered);
        }
}

/* Exchanging the inputs of two groups exchanges the groups of the answer. */
static void groups_permute(void **state)
{
    (void)state;
    double exchanged[N * D];
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < D; k++)
            exchanged[i * D + (k + 4) % D] = x[i * D + k]; /* group g becomes g + 1 */
    for (size_t m = 0; m < METHODS; m++) {
        double before[3] = {0}, after[3] = {0};
        zg_problem *a = make_problem(x, 1, y, TEST_RELU2, "conv1d:filter=4,stride=4");
        zg_problem *b = make_problem(exchanged, 1, y, TEST_RELU2, "conv1d:filter=4,stride=4");
        assert_close(optimum(methods[m], a, before, NULL), optimum(methods[m], b, after, NULL),
                     2e-8);
        for (size_t g = 0; g < 3; g++)
            assert_close(after[(g + 1) % 3], before[g], 1e-3);
        assert_true(fabs(before[0] - before[1]) > 1e-2); /* else nothing was seen */
        zg_problem_free(a);
        zg_problem_free(b);
    }
}

/* Vector outputs are the sum of their scalar programs, and exchange with them. */
static void outputs_add_up_and_permute(void **state)
{
    (void)state;
    static const char *const architectures[] = {"dense", "conv1d:filter=4,stride=4,pool=3"};
    double exchanged[2 * N];
    memcpy(exchanged, y + N, N * sizeof *y);
    memcpy(exchanged + N, y, N * sizeof *y);
    for (size_t m = 0; m < METHODS; m++)
        for (size_t a = 0; a < 2; a++) {
            zg_problem *both = make_problem(x, 2, y, TEST_RELU2, architectures[a]);
            zg_problem *other = make_problem(x, 2, exchanged, TEST_RELU2, architectures[a]);
            zg_problem *first = make_problem(x, 1, y, TEST_RELU2, architectures[a]);
            zg_problem *second = make_problem(x, 1, y + N, TEST_RELU2, architectures[a]);
            double weight[2] = {0}, swapped[2] = {0};
            double sum =
                optimum(methods[m], first, NULL, NULL) + optimum(methods[m], second, NULL, NULL);
            assert_close(optimum(methods[m], both, NULL, weight), sum, 1e-8);
            assert_close(optimum(methods[m], other, NULL, swapped), sum, 1e-8);
            assert_close(swapped[0], weight[1], 1e-3);
            assert_close(swapped[1], weight[0], 1e-3);
            zg_problem_free(both);
            zg_problem_free(other);
            zg_problem_free(first);
            zg_problem_free(second);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_filter_is_dense),      cmocka_unit_test(pool_of_one_is_no_pool),
        cmocka_unit_test(border_or_nuclear_norm),     cmocka_unit_test(groups_permute),
        cmocka_unit_test(outputs_add_up_and_permute),
    };
    return cmocka_run_group_tests_name("architectures", tests, make_data, NULL);
}
