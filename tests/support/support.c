/* What tests of several rooms share. */
#include "tests/support/support.h"

#include "base/linalg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void test_assert_close(double a, double b, double tolerance, const char *what, const char *file,
                       int line)
{
    if (fabs(a - b) <= tolerance * fmax(1.0, fabs(b))) return;
    print_error("%s is %.17g, expected %.17g within %g\n", what, a, b, tolerance);
    _fail(file, line);
}

void test_assert_ok(zg_status status, const zg_error *error, const char *file, int line)
{
    if (status == ZG_OK) return;
    print_error("status %s: %s\n", zg_status_message(status), error ? error->message : "");
    _fail(file, line);
}

int test_rounds(int count)
{
    const char *text = getenv("ZEROGAP_TEST_MULTIPLIER");
    int multiplier = text ? atoi(text) : 1;
    return count * (multiplier > 0 ? multiplier : 1);
}

void test_normals(zg_random *random, size_t count, double *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = zg_random_normal(random);
}

void test_random_feasible(zg_random *random, size_t order, size_t rank, double *z)
{
    double *v = zg_doubles(order * rank);
    double trace = 0.0, corner = 0.0;
    test_normals(random, order * rank, v);
    for (size_t k = 0; k < rank; k++) {
        double *column = v + k * order;
        trace += zg_dot(order - 1, column, column);
        corner += column[order - 1] * column[order - 1];
    }
    for (size_t k = 0; k < rank; k++)
        v[k * order + order - 1] *= sqrt(trace / corner);
    zg_gemm(false, true, order, order, rank, 1.0, v, order, v, order, 0.0, z, order);
    free(v);
}

zg_problem *test_random_problem(zg_random *random, size_t n, size_t d, zg_activation activation,
                                const char *architecture, zg_loss loss, double beta)
{
    double *x = zg_doubles(n * d), *y = zg_doubles(n);
    test_normals(random, n * d, x);
    test_normals(random, n, y);
    for (size_t i = 0; zg_loss_has(loss.kind, ZG_LOSS_LABELLED) && i < n; i++)
        y[i] = y[i] < 0.0 ? -1.0 : 1.0;
    zg_error error = {0};
    zg_architecture parsed;
    zg_problem *problem = NULL;
    assert_ok(zg_architecture_parse(architecture, d, &parsed, &error), &error);
    assert_ok(zg_problem_from_arrays(n, d, x, 1, y, NULL, activation, &parsed, loss,
                                     (zg_penalty){ZG_PENALTY_L1, 0.0}, beta, &problem, &error),
              &error);
    free(x);
    free(y);
    return problem;
}

const char *test_shared(const char *relative)
{
    static char path[4096];
    const char *root = getenv("ZEROGAP_SHARED");
    if (!root) return NULL;
    snprintf(path, sizeof path, "%s/%s", root, relative);
    return access(path, R_OK) == 0 ? path : NULL;
}
