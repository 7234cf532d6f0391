/* Whether targets can be interpolated: contradictions are found exactly, a proof holds in every
 * digit, and feasible data are never called impossible. */
#include "core/interpolation.h"

#include "base/linalg.h"
#include "solvers/compress.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const zg_loss interpolate = {ZG_LOSS_INTERPOLATE, 0.0};

static zg_problem *problem_of(size_t n, size_t d, const double *x, size_t outputs, const double *y,
                              zg_activation activation)
{
    zg_problem *problem;
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(n, d, x, outputs, y, NULL, activation, NULL, interpolate,
                                     (zg_penalty){ZG_PENALTY_L1, 0.0}, 1.0, &problem, &error),
              &error);
    return problem;
}

static void rows_that_contradict_each_other(void **state)
{
    (void)state;
    double x[] = {1.0, -0.0, 2.0, 1.0, 1.0, 0.0, 2.0, 1.0}, unit[] = {1e-200, 1.0, 1e200};
    for (size_t k = 0; k < 3; k++) {
        double y[] = {unit[k], 3.0 * unit[k], unit[k], 3.0 * unit[k], /* the second output: */
                      unit[k], 2.0 * unit[k], unit[k], -2.0 * unit[k]};
        zg_error error = {0};
        zg_problem *problem = problem_of(4, 2, x, 1, y, TEST_RELU2);
        assert_int_equal(zg_interpolation_conflict(problem, &error), ZG_OK);
        zg_problem_free(problem);
        problem = problem_of(4, 2, x, 2, y, TEST_RELU2);
        assert_int_equal(zg_interpolation_conflict(problem, &error), ZG_INFEASIBLE);
        assert_non_null(strstr(error.message, "rows 2 and 4 have the same inputs"));
        zg_problem_free(problem);
    }
}

/* Targets within the tolerance of one number are met by it. */
static void targets_that_nearly_agree(void **state)
{
    (void)state;
    double x[] = {1.0, 1.0, 3.0}, near[] = {1.0, 1.0 + 1.9e-6, 10.0};
    double far[] = {1.0, 1.0 + 2.1e-6, 10.0};
    zg_problem *problem = problem_of(3, 1, x, 1, near, TEST_RELU2);
    assert_int_equal(zg_interpolation_conflict(problem, NULL), ZG_OK);
    zg_problem_free(problem);
    problem = problem_of(3, 1, x, 1, far, TEST_RELU2);
    assert_int_equal(zg_interpolation_conflict(problem, NULL), ZG_INFEASIBLE);
    zg_problem_free(problem);
}

/* y = s x^2 for the quadratic activation and one input has p* = beta |s|; any other is out of
 * reach, and the residual of the projection proves it. */
static void one_input_and_a_square(void **state)
{
    (void)state;
    double x[] = {1.0, 2.0, -3.0}, right[] = {2.5, 10.0, 22.5}, wrong[] = {2.5, 10.0, 22.6};
    double out[3], square = 0.0, product = 0.0, least;
    zg_problem *problem = problem_of(3, 1, x, 1, right, TEST_QUADRATIC);
    zg_program program = zg_problem_program(problem, 0);
    assert_int_equal(zg_interpolation_reach(&program, right, &least), ZG_REACH_OPEN);
    assert_true(least <= 2.5 && least > 2.5 * (1.0 - 1e-5));
    zg_problem_free(problem);
    problem = problem_of(3, 1, x, 1, wrong, TEST_QUADRATIC);
    program = zg_problem_program(problem, 0);
    for (size_t i = 0; i < 3; i++) {
        square += pow(x[i], 4);
        product += x[i] * x[i] * wrong[i];
    }
    for (size_t i = 0; i < 3; i++)
        out[i] = wrong[i] - product / square * x[i] * x[i];
    assert_int_equal(zg_interpolation_reach(&program, out, &least), ZG_REACH_IMPOSSIBLE);
    assert_true(least > 1e6);
    zg_problem_free(problem);
}

/* Targets made by a network are never impossible, and what any vector proves is at most that
 * network's penalty; shifted out of the features' range they always are. */
static void targets_of_networks(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 71);
    for (int round = 0; round < test_rounds(300); round++) {
        double x[24], y[12] = {0}, unit = pow(10.0, 16.0 * zg_random_uniform(&random) - 8.0);
        double penalty = 0.0, v[12], least;
        test_normals(&random, 24, x);
        for (int j = 0; j < 3; j++) {
            double u[2], alpha = unit * zg_random_normal(&random);
            test_normals(&random, 2, u);
            double length = zg_norm(2, u);
            penalty += fabs(alpha);
            for (size_t i = 0; i < 12; i++) {
                double t = (x[2 * i] * u[0] + x[2 * i + 1] * u[1]) / length;
                y[i] += alpha * ((0.09 * t + 0.5) * t + 0.47);
            }
        }
        zg_problem *problem = problem_of(12, 2, x, 1, y, TEST_RELU2);
        zg_program program = zg_problem_program(problem, 0);
        zg_compression *compression = NULL;
        zg_error error = {0};
        assert_ok(zg_compress(&program, &compression, &error), &error);
        zg_compression_free(compression);
        test_normals(&random, 12, v);
        assert_int_equal(zg_interpolation_reach(&program, v, &least), ZG_REACH_OPEN);
        assert_true(least <= penalty * (1.0 + 1e-12));
        assert_int_equal(zg_interpolation_reach(&program, y, &least), ZG_REACH_OPEN);
        assert_true(least <= penalty * (1.0 + 1e-12));
        problem->y[round % 12] += unit * (round % 2 ? 1.0 : 1e-3); /* 12 rows, 6 features */
        assert_int_equal(zg_compress(&program, &compression, &error), ZG_INFEASIBLE);
        zg_problem_free(problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_that_contradict_each_other),
        cmocka_unit_test(targets_that_nearly_agree),
        cmocka_unit_test(one_input_and_a_square),
        cmocka_unit_test(targets_of_networks),
    };
    return cmocka_run_group_tests_name("interpolation", tests, NULL, NULL);
}
