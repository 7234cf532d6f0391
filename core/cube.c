/* The semidefinite relaxation of quadratics on the cube (see cube.h). */
#include "core/cube.h"

#include "base/linalg.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_STEPS 60
#define ACCURATE 1e-11 /* of the gap, relative to the size of C: the bound holds at any */
#define TO_BOUNDARY 0.95

typedef struct cube {
    size_t n;
    const double *c;
    double *y, *dy; /* n */
    double *x, *dx; /* n x n: the primal matrix, diag x = 1 */
    double *z;      /* Diag(y) - C, then its inverse */
    double *work, *trial, *matrix;
} cube;

static zg_status cube_create(size_t n, const double *c, cube *q, double **storage)
{
    size_t block = n * n;
    *storage = zg_doubles(2 * n + 6 * block);
    if (!*storage) return ZG_NO_MEMORY;
    double *s = *storage;
    *q = (cube){n,
                c,
                s,
                s + n,
                s + 2 * n,
                s + 2 * n + block,
                s + 2 * n + 2 * block,
                s + 2 * n + 3 * block,
                s + 2 * n + 4 * block,
                s + 2 * n + 5 * block};
    return ZG_OK;
}

/* X = I and y so large that Diag(y) - C is diagonally dominant. */
static void start(cube *q)
{
    for (size_t i = 0; i < q->n; i++) {
        double sum = DBL_MIN;
        for (size_t j = 0; j < q->n; j++)
            sum += fabs(q->c[i * q->n + j]);
        q->y[i] = 1.1 * sum;
        q->x[i * q->n + i] = 1.0;
    }
}

static void slack_of(const cube *q, const double *y, double *z)
{
    for (size_t k = 0; k < q->n * q->n; k++)
        z[k] = -q->c[k];
    for (size_t i = 0; i < q->n; i++)
        z[i * q->n + i] += y[i];
}

static zg_status invert(cube *q)
{
    size_t n = q->n;
    slack_of(q, q->y, q->trial);
    if (zg_cholesky(n, q->trial) != ZG_OK) return ZG_FAILED;
    memset(q->z, 0, n * n * sizeof *q->z);
    for (size_t i = 0; i < n; i++)
        q->z[i * n + i] = 1.0;
    zg_cholesky_solve(n, q->trial, n, q->z);
    return ZG_OK;
}

/* dy from (inv(Z) o X) dy = mu diag(inv(Z)) - 1, dX = mu inv(Z) - X - inv(Z) Diag(dy) X. */
static zg_status direction(cube *q, double mu)
{
    size_t n = q->n;
    for (size_t k = 0; k < n * n; k++)
        q->matrix[k] = q->z[k] * q->x[k];
    for (size_t i = 0; i < n; i++)
        q->dy[i] = mu * q->z[i * n + i] - 1.0;
    if (zg_cholesky(n, q->matrix) != ZG_OK) return ZG_FAILED;
    zg_cholesky_solve(n, q->matrix, 1, q->dy);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            q->work[j * n + i] = q->dy[i] * q->x[j * n + i];
    zg_gemm(false, false, n, n, n, -1.0, q->z, n, q->work, n, 0.0, q->matrix, n);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            q->dx[j * n + i] = mu * q->z[j * n + i] - q->x[j * n + i] +
                               0.5 * (q->matrix[j * n + i] + q->matrix[i * n + j]);
    return zg_all_finite(n * n, q->dx) ? ZG_OK : ZG_FAILED;
}

static bool positive_after(const cube *q, bool primal, double step)
{
    size_t n = q->n;
    if (primal) {
        for (size_t k = 0; k < n * n; k++)
            q->trial[k] = q->x[k] + step * q->dx[k];
    } else {
        slack_of(q, q->y, q->trial);
        for (size_t i = 0; i < n; i++)
            q->trial[i * n + i] += step * q->dy[i];
    }
    return zg_cholesky(n, q->trial) == ZG_OK;
}

static double step_of(const cube *q, bool primal)
{
    double step = 1.0;
    while (step > 1e-10 && !positive_after(q, primal, step))
        step *= 0.8;
    return step < 1.0 ? TO_BOUNDARY * step : step;
}

static double sum_of(const cube *q)
{
    double sum = 0.0;
    for (size_t i = 0; i < q->n; i++)
        sum += q->y[i];
    return sum;
}

/* Improves y while that is possible, and of use. */
static void search(cube *q, double target)
{
    size_t n = q->n;
    double gap = sum_of(q) - zg_inner(n, q->c, q->x), mu = gap / (2.0 * (double)n);
    double size = zg_norm(n * n, q->c);
    for (int k = 0; k < MOST_STEPS && gap > ACCURATE * size; k++) {
        double value = sum_of(q);
        bool above = isfinite(target) && value - gap > target + 1e-9 * fabs(target);
        if (value < target || above) return;
        if (invert(q) != ZG_OK || direction(q, mu) != ZG_OK) return;
        double primal = step_of(q, true), dual = step_of(q, false);
        if (!(dual > 1e-9)) return;
        zg_axpy(n * n, primal, q->dx, q->x);
        zg_axpy(n, dual, q->dy, q->y);
        gap = sum_of(q) - zg_inner(n, q->c, q->x);
        mu = gap / (2.0 * (double)n) * (primal + dual > 1.8 ? 0.5 : 1.0);
    }
}

/* sum y + n shift, with Diag(y) - C + shift I positive semidefinite, all rounding included:
 * LAPACK's eigenvalues are off by a modest multiple of the unit roundoff in norm, taken as 8 n u.
 */
static zg_status bound_of(cube *q, double *value)
{
    size_t n = q->n;
    double sum = 0.0, size = 0.0;
    slack_of(q, q->y, q->z);
    double norm = zg_norm(n * n, q->z);
    zg_status status = zg_eigenvalues(n, q->z, q->trial);
    if (status != ZG_OK) return status;
    for (size_t i = 0; i < n; i++) {
        sum += q->y[i];
        size += fabs(q->y[i]);
    }
    double shift = 16.0 * (double)n * DBL_EPSILON * norm + DBL_MIN - q->trial[0];
    if (!(shift <= 0.0)) {
        sum += (double)n * shift;
        for (size_t i = 0; i < n; i++)
            q->y[i] += shift;
    }
    *value = zg_upper(sum + 4.0 * (double)n * DBL_EPSILON * (size + fabs(sum)) + DBL_MIN);
    return ZG_OK;
}

zg_status zg_cube_bound(size_t order, const double *c, const zg_cube_search *wanted, double *value)
{
    cube q;
    double *storage;
    *value = INFINITY;
    if (!zg_all_finite(order * order, c)) return ZG_FAILED;
    zg_status status = cube_create(order, c, &q, &storage);
    if (status != ZG_OK) return status;
    start(&q);
    if (isfinite(sum_of(&q) * (double)order) && isfinite(zg_norm(order * order, c))) {
        search(&q, wanted ? wanted->target : -INFINITY);
        status = bound_of(&q, value);
        if (wanted && wanted->x) memcpy(wanted->x, q.x, order * order * sizeof *q.x);
        if (wanted && wanted->y) memcpy(wanted->y, q.y, order * sizeof *q.y);
    }
    free(storage);
    return status;
}
