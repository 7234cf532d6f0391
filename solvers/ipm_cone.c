/* One semidefinite cone in Nesterov-Todd scaling (see ipm_cone.h). */
#include "solvers/ipm_cone.h"

#include "base/linalg.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Eigenvalues of Z in the frame of S below this times the largest are rounding errors. */
#define EIGENVALUE_FLOOR 1e-14
/* A negative one beyond this means that Z has truly left the cone. */
#define EIGENVALUE_LIMIT 1e-9

/* ---- memory ---------------------------------------------------------------------------------- */

zg_status zg_cone_scratch_create(size_t order, zg_cone_scratch *scratch)
{
    size_t block = order * order;
    int m = (int)order;
    *scratch = (zg_cone_scratch){.order = order,
                                 .work_size = 1 + 6 * m + 2 * m * m, /* dsyevd with vectors */
                                 .iwork_size = 3 + 5 * m};
    scratch->a = zg_doubles(block);
    scratch->b = zg_doubles(block);
    scratch->c = zg_doubles(block);
    scratch->values = zg_doubles(order);
    scratch->work = zg_doubles((size_t)scratch->work_size);
    scratch->iwork = calloc((size_t)scratch->iwork_size, sizeof *scratch->iwork);
    return scratch->a && scratch->b && scratch->c && scratch->values && scratch->work &&
                   scratch->iwork
               ? ZG_OK
               : ZG_NO_MEMORY;
}

void zg_cone_scratch_clear(zg_cone_scratch *scratch)
{
    free(scratch->a);
    free(scratch->b);
    free(scratch->c);
    free(scratch->values);
    free(scratch->work);
    free(scratch->iwork);
}

size_t zg_cone_storage(size_t order)
{
    return 7 * order * order + order;
}

void zg_cone_place(zg_cone *cone, size_t order, double *storage)
{
    size_t block = order * order;
    double **matrices[] = {&cone->z,      &cone->s,  &cone->u, &cone->w,
                           &cone->target, &cone->dz, &cone->ds};
    for (size_t k = 0; k < sizeof matrices / sizeof *matrices; k++)
        *matrices[k] = storage + k * block;
    cone->lambda = storage + 7 * block;
}

/* ---- small helpers --------------------------------------------------------------------------- */

static void mirror(size_t m, double *x)
{
    for (size_t j = 0; j < m; j++)
        for (size_t i = j + 1; i < m; i++)
            x[i * m + j] = x[j * m + i];
}

void zg_cone_add_e(size_t order, bool bordered, double alpha, double *x)
{
    for (size_t k = bordered ? order - 1 : 0; k < order; k++)
        x[k * order + k] += alpha;
}

/* Eigenvalues ascending in values; with job 'V' the vectors replace x. */
static zg_status eigen(char job, double *x, double *values, zg_cone_scratch *scratch)
{
    int m = (int)scratch->order;
    if (!zg_all_finite(scratch->order * scratch->order, x)) return ZG_FAILED;
    int info = LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, job, 'L', m, x, m, values, scratch->work,
                                   scratch->work_size, scratch->iwork, scratch->iwork_size);
    return info == 0 ? ZG_OK : ZG_FAILED;
}

/* ---- scaling --------------------------------------------------------------------------------- */

/* With S = L L' and L' Z L = Q diag(lambda^2) Q':  u = inv(L)' Q diag(lambda)^(1/2). */
zg_status zg_cone_scale(zg_cone *cone, zg_cone_scratch *scratch)
{
    size_t m = scratch->order, block = m * m;
    int order = (int)m;
    double *factor = scratch->a, *frame = cone->u, *values = scratch->values;
    memcpy(factor, cone->s, block * sizeof *factor);
    if (zg_cholesky(m, factor) != ZG_OK) return ZG_FAILED;
    memcpy(frame, cone->z, block * sizeof *frame);
    cblas_dtrmm(CblasColMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, order, order, 1.0,
                factor, order, frame, order);
    cblas_dtrmm(CblasColMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, order, order,
                1.0, factor, order, frame, order);
    if (eigen('V', frame, values, scratch) != ZG_OK) return ZG_FAILED;
    double largest = values[m - 1];
    if (!(largest > 0.0) || values[0] < -EIGENVALUE_LIMIT * largest) return ZG_FAILED;
    bool lifted = values[0] < EIGENVALUE_FLOOR * largest;
    for (size_t j = 0; j < m; j++) {
        cone->lambda[j] = sqrt(fmax(values[j], EIGENVALUE_FLOOR * largest));
        cblas_dscal(order, sqrt(cone->lambda[j]), frame + j * m, 1);
    }
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, order, order, 1.0,
                factor, order, frame, order);
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, order, order, 1.0, cone->u, order, 0.0,
                cone->w, order);
    mirror(m, cone->w);
    if (!lifted) return ZG_OK;
    /* Z moved to the nearest matrix that the scaling stands for: Z = u diag(lambda) u'. */
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < m; i++)
            scratch->a[j * m + i] = cone->u[j * m + i] * sqrt(cone->lambda[j]);
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, order, order, 1.0, scratch->a, order, 0.0,
                cone->z, order);
    mirror(m, cone->z);
    return ZG_OK;
}

double zg_cone_complementarity(const zg_cone *cone, size_t order, double alpha)
{
    double sum = 0.0, linear = 0.0;
    for (size_t k = 0; k < order; k++) {
        sum += cone->lambda[k] * cone->lambda[k];
        linear += cone->lambda[k] * (cone->dz[k * order + k] + cone->ds[k * order + k]);
    }
    if (alpha == 0.0) return sum;
    return sum + alpha * linear + alpha * alpha * zg_inner(order, cone->dz, cone->ds);
}

/* ---- right-hand sides ------------------------------------------------------------------------ */

void zg_cone_predict(zg_cone *cone, size_t order)
{
    memset(cone->target, 0, order * order * sizeof *cone->target);
    for (size_t k = 0; k < order; k++)
        cone->target[k * order + k] = -cone->lambda[k];
}

void zg_cone_correct(zg_cone *cone, double sigma_mu, zg_cone_scratch *scratch)
{
    size_t m = scratch->order;
    const double *lambda = cone->lambda;
    double *product = scratch->a;
    zg_gemm(false, false, m, m, m, 1.0, cone->ds, m, cone->dz, m, 0.0, product, m);
    for (size_t j = 0; j < m; j++) {
        for (size_t i = 0; i < j; i++) {
            double second = 0.5 * (product[j * m + i] + product[i * m + j]);
            cone->target[j * m + i] = cone->target[i * m + j] =
                -2.0 * second / (lambda[i] + lambda[j]);
        }
        cone->target[j * m + j] =
            (sigma_mu - lambda[j] * lambda[j] - product[j * m + j]) / lambda[j];
    }
}

/* ---- directions and steps -------------------------------------------------------------------- */

/* out = op(f) x op(f)' for symmetric x. */
static void congruence(size_t m, bool transpose, const double *f, const double *x, double *out,
                       double *work)
{
    zg_gemm(transpose, false, m, m, m, 1.0, f, m, x, m, 0.0, work, m);
    zg_gemm(false, !transpose, m, m, m, 1.0, work, m, f, m, 0.0, out, m);
}

void zg_cone_unscale(const zg_cone *cone, const double *x, double *out, zg_cone_scratch *scratch)
{
    congruence(scratch->order, false, cone->u, x, out, scratch->b);
}

void zg_cone_sandwich(const zg_cone *cone, const double *x, double *out, zg_cone_scratch *scratch)
{
    congruence(scratch->order, false, cone->w, x, out, scratch->b);
}

void zg_cone_direction(zg_cone *cone, const double *slack_change, zg_cone_scratch *scratch)
{
    size_t m = scratch->order;
    congruence(m, true, cone->u, slack_change, cone->ds, scratch->b);
    for (size_t k = 0; k < m * m; k++)
        cone->dz[k] = cone->target[k] - cone->ds[k];
}

/* Largest step along x from diag(lambda): from the least eigenvalue of the whitened direction. */
static double step_along(const zg_cone *cone, const double *x, zg_cone_scratch *scratch)
{
    size_t m = scratch->order;
    for (size_t j = 0; j < m; j++)
        for (size_t i = j; i < m; i++)
            scratch->a[i * m + j] = scratch->a[j * m + i] =
                0.5 * (x[j * m + i] + x[i * m + j]) / sqrt(cone->lambda[i] * cone->lambda[j]);
    if (eigen('N', scratch->a, scratch->values, scratch) != ZG_OK) return 0.0;
    return scratch->values[0] < 0.0 ? -1.0 / scratch->values[0] : INFINITY;
}

double zg_cone_step(const zg_cone *cone, zg_cone_scratch *scratch)
{
    return fmin(step_along(cone, cone->ds, scratch), step_along(cone, cone->dz, scratch));
}

void zg_cone_advance(zg_cone *cone, double alpha, zg_cone_scratch *scratch)
{
    size_t m = scratch->order;
    zg_cone_unscale(cone, cone->dz, scratch->a, scratch);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i <= j; i++) {
            double change = 0.5 * alpha * (scratch->a[j * m + i] + scratch->a[i * m + j]);
            cone->z[j * m + i] += change;
            cone->z[i * m + j] = cone->z[j * m + i];
        }
}
