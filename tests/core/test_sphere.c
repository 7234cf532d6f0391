/* The sphere oracle: never below the true maximum, and tight, the hard case included. */
#include "base/linalg.h"
#include "core/sphere.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The largest of u'Qu + 2 g'u over many unit vectors, each improved by power-like steps: a lower
 * bound on the maximum by code that shares nothing with the oracle. */
static double search(size_t m, const double *q, const double *g, zg_random *random)
{
    double best = -INFINITY, *u = zg_doubles(m), *w = zg_doubles(m);
    double shift = zg_norm(m * m, q); /* makes Q + shift I positive: the steps then only rise */
    for (int start = 0; start < 30; start++) {
        test_normals(random, m, u);
        for (int step = 0; step < 3000; step++) {
            memcpy(w, g, m * sizeof *g);
            zg_gemv(false, m, m, 1.0, q, m, u, 1.0, w);
            zg_axpy(m, shift, u, w);
            double length = zg_norm(m, w);
            if (length == 0.0) break;
            for (size_t i = 0; i < m; i++)
                u[i] = w[i] / length;
        }
        memset(w, 0, m * sizeof *w);
        zg_gemv(false, m, m, 1.0, q, m, u, 0.0, w);
        best = fmax(best, zg_dot(m, u, w) + 2.0 * zg_dot(m, g, u));
    }
    free(u);
    free(w);
    return best;
}

static void random_symmetric(zg_random *random, size_t m, double *q)
{
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i <= j; i++)
            q[i * m + j] = q[j * m + i] = zg_random_normal(random);
}

static void check(size_t m, const double *q, const double *g, double tight, zg_random *random)
{
    double *copy = zg_doubles(m * m), *minus = zg_doubles(m * m), *minus_g = zg_doubles(m);
    double value[2], rho[2];
    memcpy(copy, q, m * m * sizeof *q);
    for (size_t i = 0; i < m * m; i++)
        minus[i] = -q[i];
    for (size_t i = 0; i < m; i++)
        minus_g[i] = -g[i];
    assert_int_equal(zg_sphere_maxima(m, copy, g, value, rho), ZG_OK);
    double best[2] = {search(m, q, g, random), search(m, minus, minus_g, random)};
    for (int sign = 0; sign < 2; sign++) {
        assert_true(value[sign] >= best[sign]);
        assert_close(value[sign], best[sign], tight);
    }
    free(copy);
    free(minus);
    free(minus_g);
}

static void random_quadratics(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 11);
    for (int round = 0; round < test_rounds(40); round++) {
        size_t m = 1 + (size_t)round % 7;
        double q[49], g[7];
        random_symmetric(&random, m, q);
        test_normals(&random, m, g);
        check(m, q, g, 1e-6, &random);
    }
}

/* g orthogonal to the top eigenspace and small: the minimum over rho is at rho = w_max. */
static void hard_case(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 12);
    double q[16] = {0}, g[4] = {0.0, 0.0, 0.1, 0.2};
    q[0] = q[5] = 3.0;
    q[10] = 1.0;
    q[15] = -2.0;
    check(4, q, g, 1e-6, &random);
    /* Closed form: w_max + sum g_i^2 / (w_max - w_i) while that root is interior. */
    double value[2], rho[2];
    zg_sphere_maxima(4, q, g, value, rho);
    assert_close(value[0], 3.0 + 0.01 / 2.0 + 0.04 / 5.0, 1e-13);
    assert_close(rho[0], 3.0, 1e-13);
}

static void closed_forms(void **state)
{
    (void)state;
    double value[2], rho[2];
    double one[1] = {-2.5}, g1[1] = {0.75}; /* u = +-1 */
    zg_sphere_maxima(1, one, g1, value, rho);
    assert_close(value[0], -2.5 + 1.5, 1e-13);
    assert_close(value[1], 2.5 + 1.5, 1e-13);
    double zero[9] = {0}, g3[3] = {1.0, 2.0, 2.0}; /* max 2 g'u = 2 |g| */
    zg_sphere_maxima(3, zero, g3, value, rho);
    assert_close(value[0], 6.0, 1e-13);
    double nothing[9] = {0}, g0[3] = {0};
    zg_sphere_maxima(3, nothing, g0, value, rho);
    assert_true(value[0] >= 0.0 && value[0] < 1e-280);
}

static void refuses_nan(void **state)
{
    (void)state;
    double q[4] = {1.0, NAN, NAN, 1.0}, g[2] = {0}, value[2], rho[2];
    assert_int_equal(zg_sphere_maxima(2, q, g, value, rho), ZG_FAILED);
    double fine[4] = {1.0, 0.0, 0.0, 1.0}, bad[2] = {0.0, NAN}, large[2] = {INFINITY, 0.0};
    assert_int_equal(zg_sphere_maxima(2, fine, bad, value, rho), ZG_FAILED);
    assert_int_equal(zg_sphere_maxima(2, fine, large, value, rho), ZG_FAILED);
}

/* OpenBLAS's factorisation compares the diagonal with 0 and lets a NaN pass. */
static void cholesky_refuses_nan(void **state)
{
    (void)state;
    double one[1] = {NAN}, corner[4] = {1.0, NAN, NAN, 1.0}, large[4] = {INFINITY, 0.0, 0.0, 1.0};
    assert_int_equal(zg_cholesky(1, one), ZG_FAILED);
    assert_int_equal(zg_cholesky(2, corner), ZG_FAILED);
    assert_int_equal(zg_cholesky(2, large), ZG_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_quadratics),    cmocka_unit_test(hard_case),
        cmocka_unit_test(closed_forms),         cmocka_unit_test(refuses_nan),
        cmocka_unit_test(cholesky_refuses_nan),
    };
    return cmocka_run_group_tests_name("sphere", tests, NULL, NULL);
}
