/* Dense linear algebra over BLAS and LAPACK, with the types of this project. */
#include "base/linalg.h"

#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *zeros(size_t count, size_t size)
{
    if (count > (SIZE_MAX - 128) / size) return NULL;
    size_t bytes = (count * size + 127) / 64 * 64; /* never zero */
    void *block = aligned_alloc(64, bytes);
    if (block) memset(block, 0, bytes);
    return block;
}

double *zg_doubles(size_t count)
{
    return zeros(count, sizeof(double));
}

float *zg_floats(size_t count)
{
    return zeros(count, sizeof(float));
}

double zg_dot(size_t n, const double *x, const double *y)
{
    return cblas_ddot((blasint)n, x, 1, y, 1);
}

double zg_norm(size_t n, const double *x)
{
    return cblas_dnrm2((blasint)n, x, 1);
}

void zg_axpy(size_t n, double alpha, const double *x, double *y)
{
    cblas_daxpy((blasint)n, alpha, x, 1, y, 1);
}

double zg_inner(size_t order, const double *a, const double *b)
{
    return zg_dot(order * order, a, b);
}

void zg_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, double alpha,
             const double *a, size_t lda, const double *b, size_t ldb, double beta, double *c,
             size_t ldc)
{
    cblas_dgemm(CblasColMajor, transpose_a ? CblasTrans : CblasNoTrans,
                transpose_b ? CblasTrans : CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, alpha,
                a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}

void zg_gemm_single(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, float alpha,
                    const float *a, size_t lda, const float *b, size_t ldb, float beta, float *c,
                    size_t ldc)
{
    cblas_sgemm(CblasColMajor, transpose_a ? CblasTrans : CblasNoTrans,
                transpose_b ? CblasTrans : CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, alpha,
                a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}

void zg_gemv(bool transpose, size_t m, size_t n, double alpha, const double *a, size_t lda,
             const double *x, double beta, double *y)
{
    cblas_dgemv(CblasColMajor, transpose ? CblasTrans : CblasNoTrans, (blasint)m, (blasint)n, alpha,
                a, (blasint)lda, x, 1, beta, y, 1);
}

bool zg_all_finite(size_t count, const double *a)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(a[i])) return false;
    return true;
}

static zg_status eigen(char job, size_t order, double *a, double *w)
{
    if (order == 0) return ZG_OK;
    if (!zg_all_finite(order * order, a)) return ZG_FAILED;
    lapack_int info =
        LAPACKE_dsyevd(LAPACK_COL_MAJOR, job, 'L', (lapack_int)order, a, (lapack_int)order, w);
    if (info == LAPACK_WORK_MEMORY_ERROR) return ZG_NO_MEMORY;
    return info == 0 ? ZG_OK : ZG_FAILED;
}

zg_status zg_eigen(size_t order, double *a, double *w)
{
    return eigen('V', order, a, w);
}

zg_status zg_eigenvalues(size_t order, double *a, double *w)
{
    return eigen('N', order, a, w);
}

zg_status zg_cholesky(size_t order, double *a)
{
    lapack_int info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', (lapack_int)order, a,
                                          (lapack_int)(order ? order : 1));
    /* OpenBLAS compares with 0 and lets a NaN pass; it ends up in the diagonal. */
    for (size_t k = 0; info == 0 && k < order; k++)
        if (!(a[k * order + k] > 0.0 && a[k * order + k] <= DBL_MAX)) return ZG_FAILED;
    return info == 0 ? ZG_OK : ZG_FAILED;
}

void zg_cholesky_solve(size_t order, const double *l, size_t count, double *b)
{
    int n = (int)order;
    if (count == 1) { /* xPOTRS packs the factor for each product, several times its cost here */
        cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, n, l, n, b, 1);
        cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, n, l, n, b, 1);
        return;
    }
    LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'L', (lapack_int)order, (lapack_int)count, l,
                        (lapack_int)order, b, (lapack_int)order);
}

zg_status zg_cholesky_single(size_t order, float *a)
{
    lapack_int info = LAPACKE_spotrf_work(LAPACK_COL_MAJOR, 'L', (lapack_int)order, a,
                                          (lapack_int)(order ? order : 1));
    for (size_t k = 0; info == 0 && k < order; k++)
        if (!(a[k * order + k] > 0.0F && a[k * order + k] <= FLT_MAX)) return ZG_FAILED;
    return info == 0 ? ZG_OK : ZG_FAILED;
}

void zg_cholesky_solve_single(size_t order, const float *l, size_t count, float *b)
{
    int n = (int)order;
    if (count == 1) { /* xPOTRS packs the factor for each product, several times its cost here */
        cblas_strsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, n, l, n, b, 1);
        cblas_strsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, n, l, n, b, 1);
        return;
    }
    LAPACKE_spotrs_work(LAPACK_COL_MAJOR, 'L', (lapack_int)order, (lapack_int)count, l,
                        (lapack_int)order, b, (lapack_int)order);
}

void zg_svec(size_t order, const double *a, double *s)
{
    for (size_t j = 0; j < order; j++) {
        for (size_t i = 0; i < j; i++)
            *s++ = M_SQRT2 * a[j * order + i];
        *s++ = a[j * order + j];
    }
}

void zg_smat(size_t order, const double *s, double *a)
{
    for (size_t j = 0; j < order; j++) {
        for (size_t i = 0; i < j; i++)
            a[j * order + i] = a[i * order + j] = M_SQRT1_2 * *s++;
        a[j * order + j] = *s++;
    }
}
