/* Ridge regression and linear models: closed forms of one input, normal equations that the fit's
 * predictions must meet, and limits of lambda. */
#include "baselines/baseline.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static zg_problem *make(size_t n, size_t d, const double *x, const double *y, const double *weights,
                        zg_activation activation)
{
    const zg_architecture dense = {.kind = ZG_DENSE};
    zg_problem *problem = NULL;
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(n, d, x, 1, y, weights, activation, &dense,
                                     (zg_loss){ZG_LOSS_SQUARED, 0}, (zg_penalty){0}, 1, &problem,
                                     &error),
              &error);
    return problem;
}

/* The method's network on the problem's rows. */
static void predict(const zg_method *method, const zg_problem *problem, double lambda, double *f)
{
    const zg_control control = {.tolerance = 1e-6};
    zg_value *values = NULL;
    zg_solution solution = {0};
    zg_error error = {0};
    char text[32];
    snprintf(text, sizeof text, "%.17g", lambda);
    assert_ok(zg_values_create(method, &values, &error), &error);
    assert_ok(zg_values_set(method, values, "lambda", text, &error), &error);
    assert_ok(method->check(problem, values, &error), &error);
    assert_ok(method->solve(problem, values, &control, &solution, &error), &error);
    assert_int_equal(zg_network_evaluate(solution.network, problem->samples, problem->x, f), ZG_OK);
    zg_values_free(method, values);
    zg_solution_clear(&solution);
}

/* y = p x^2: minimise |y - p x^2|^2 / 2 + lambda p^2 / 2. */
static void ridge_of_one_input_is_a_quotient(void **state)
{
    (void)state;
    const double x[] = {1, 2, -1, 0.5}, y[] = {3, 11, 2, 1};
    double xx = 0, xy = 0, f[4];
    for (size_t i = 0; i < 4; i++) {
        xx += pow(x[i], 4);
        xy += x[i] * x[i] * y[i];
    }
    zg_problem *problem = make(4, 1, x, y, NULL, TEST_QUADRATIC);
    for (double lambda = 1e-6; lambda < 1e6; lambda *= 10) {
        predict(&zg_method_ridge, problem, lambda, f);
        for (size_t i = 0; i < 4; i++)
            assert_close(f[i], xy / (xx + lambda) * x[i] * x[i], 1e-12);
    }
    zg_problem_free(problem);
}

/* y = w x + 0: the linear part alone, lambda on w. */
static void a_line_is_a_quotient(void **state)
{
    (void)state;
    const double x[] = {1, 2, -1, 0.5}, y[] = {3, 5, -2, 1}, weights[] = {1, 2, 0.5, 4};
    double f[4];
    for (int weighted = 0; weighted < 2; weighted++) {
        double xx = 0, xy = 0;
        for (size_t i = 0; i < 4; i++) {
            double w = weighted ? weights[i] : 1;
            xx += w * x[i] * x[i];
            xy += w * x[i] * y[i];
        }
        zg_problem *problem = make(4, 1, x, y, weighted ? weights : NULL, TEST_RELU2);
        for (double lambda = 0; lambda < 100; lambda = 3 * lambda + 0.1) {
            predict(&zg_method_linear, problem, lambda, f);
            for (size_t i = 0; i < 4; i++)
                assert_close(f[i], xy / (xx + lambda) * x[i], 1e-12);
        }
        zg_problem_free(problem);
    }
}

/* Entry (i, j) of Phi Phi' in the coordinates of the lift, svec(xx'), is (x_i'x_j)^2: ridge
 * regression is K (K + lambda I)^-1 y, whatever the coordinates; here (K + lambda I) alpha = y and
 * f = y - lambda alpha. */
static void ridge_meets_its_kernel_equations(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 3);
    for (int round = 0; round < test_rounds(20); round++) {
        enum { N = 12, D = 3 };
        double x[N * D], y[N], f[N], lambda = pow(10, zg_random_uniform(&random) * 6 - 3);
        test_normals(&random, N * D, x);
        test_normals(&random, N, y);
        zg_problem *problem = make(N, D, x, y, NULL, TEST_QUADRATIC);
        predict(&zg_method_ridge, problem, lambda, f);
        double size = 0;
        for (size_t i = 0; i < N; i++)
            size += fabs(y[i]);
        for (size_t i = 0; i < N; i++) {
            double sum = 0, terms = size;
            for (size_t j = 0; j < N; j++) {
                double product = 0;
                for (size_t k = 0; k < D; k++)
                    product += x[i * D + k] * x[j * D + k];
                sum += product * product * (y[j] - f[j]) / lambda;
                terms += fabs(product * product * (y[j] - f[j]) / lambda);
            }
            assert_true(fabs(sum - f[i]) <= 1e-9 * terms);
        }
        zg_problem_free(problem);
    }
}

/* Of many inputs: residuals are orthogonal to the inputs, but for lambda w. */
static void a_linear_fit_meets_its_normal_equations(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 5);
    for (int round = 0; round < test_rounds(20); round++) {
        enum { N = 15, D = 4 };
        double x[N * D], y[N], f[N];
        test_normals(&random, N * D, x);
        test_normals(&random, N, y);
        zg_problem *problem = make(N, D, x, y, NULL, TEST_RELU2);
        predict(&zg_method_linear, problem, 0, f);
        for (size_t k = 0; k < D; k++) {
            double sum = 0;
            for (size_t i = 0; i < N; i++)
                sum += x[i * D + k] * (y[i] - f[i]);
            assert_true(fabs(sum) < 1e-11);
        }
        zg_problem_free(problem);
    }
}

static void no_linear_model_is_made_where_there_is_none(void **state)
{
    (void)state;
    const double x[] = {1, 2}, y[] = {1, 2};
    zg_problem *problem = make(2, 1, x, y, NULL, TEST_QUADRATIC);
    zg_error error = {0};
    assert_int_equal(zg_method_linear.check(problem, NULL, &error), ZG_UNSUPPORTED);
    assert_int_equal(zg_method_persistence.check(problem, NULL, &error), ZG_UNSUPPORTED);
    zg_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ridge_of_one_input_is_a_quotient),
        cmocka_unit_test(a_line_is_a_quotient),
        cmocka_unit_test(ridge_meets_its_kernel_equations),
        cmocka_unit_test(a_linear_fit_meets_its_normal_equations),
        cmocka_unit_test(no_linear_model_is_made_where_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
