/* Solves with Cholesky factors: one right-hand side and several take different routines. */
#include "base/linalg.h"
#include "base/random.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const size_t orders[] = {1, 2, 3, 31, 64, 65, 200};
enum { ORDERS = 7, COLUMNS = 2 };

/* A lower factor whose upper triangle is not to be read. */
static double *random_factor(zg_random *random, size_t order)
{
    double *l = zg_doubles(order * order);
    for (size_t j = 0; j < order; j++)
        for (size_t i = 0; i < order; i++)
            l[j * order + i] = i < j    ? NAN
                               : i == j ? 1.0 + fabs(zg_random_normal(random))
                                        : zg_random_normal(random) / sqrt((double)order);
    return l;
}

/* b = L L' x, by the definition. */
static void multiply(size_t order, const double *l, const double *x, double *b)
{
    double *y = zg_doubles(order);
    for (size_t j = 0; j < order; j++)
        for (size_t i = j; i < order; i++)
            y[j] += l[j * order + i] * x[i];
    for (size_t i = 0; i < order; i++) {
        b[i] = 0.0;
        for (size_t j = 0; j <= i; j++)
            b[i] += l[j * order + i] * y[j];
    }
    free(y);
}

static double distance(size_t count, const double *x, const double *y)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += (x[i] - y[i]) * (x[i] - y[i]);
    return sqrt(sum);
}

/* What was multiplied comes back, column by column and all at once. */
static void one_column_is_solved_for_like_many(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 61);
    for (int k = 0; k < ORDERS; k++) {
        size_t n = orders[k];
        double *l = random_factor(&random, n), *x = zg_doubles(COLUMNS * n),
               *b = zg_doubles(COLUMNS * n), *both = zg_doubles(COLUMNS * n);
        for (size_t i = 0; i < COLUMNS * n; i++)
            x[i] = zg_random_normal(&random);
        for (size_t c = 0; c < COLUMNS; c++)
            multiply(n, l, x + c * n, b + c * n);
        for (size_t i = 0; i < COLUMNS * n; i++)
            both[i] = b[i];
        zg_cholesky_solve(n, l, COLUMNS, both);
        for (size_t c = 0; c < COLUMNS; c++)
            zg_cholesky_solve(n, l, 1, b + c * n);
        double size = zg_norm(COLUMNS * n, x);
        assert_true(distance(COLUMNS * n, both, x) <= 1e-9 * size);
        assert_true(distance(COLUMNS * n, b, x) <= 1e-9 * size);
        free(l);
        free(x);
        free(b);
        free(both);
    }
}

static void one_column_is_solved_for_like_many_in_single_precision(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 62);
    for (int k = 0; k < ORDERS; k++) {
        size_t n = orders[k];
        double *l = random_factor(&random, n), *x = zg_doubles(n), *b = zg_doubles(n),
               *back = zg_doubles(n);
        float *low = zg_floats(n * n), *both = zg_floats(COLUMNS * n), *one = zg_floats(n);
        for (size_t i = 0; i < n; i++)
            x[i] = zg_random_normal(&random);
        for (size_t i = 0; i < n * n; i++)
            low[i] = (float)l[i];
        multiply(n, l, x, b);
        for (size_t i = 0; i < n; i++)
            both[i] = both[n + i] = one[i] = (float)b[i];
        zg_cholesky_solve_single(n, low, COLUMNS, both);
        zg_cholesky_solve_single(n, low, 1, one);
        for (size_t c = 0; c <= COLUMNS; c++) {
            for (size_t i = 0; i < n; i++)
                back[i] = c < COLUMNS ? both[c * n + i] : one[i];
            assert_true(distance(n, back, x) <= 1e-3 * zg_norm(n, x));
        }
        free(l);
        free(x);
        free(b);
        free(back);
        free(low);
        free(both);
        free(one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_column_is_solved_for_like_many),
        cmocka_unit_test(one_column_is_solved_for_like_many_in_single_precision),
    };
    return cmocka_run_group_tests_name("linear algebra", tests, NULL, NULL);
}
