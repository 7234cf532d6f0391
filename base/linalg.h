/* Dense linear algebra over BLAS and LAPACK, with the types of this project: size_t sizes, full
 * symmetric storage, no layout arguments.  Matrices are column-major unless a name says otherwise;
 * for a symmetric matrix the two agree. */
#ifndef ZG_BASE_LINALG_H
#define ZG_BASE_LINALG_H

#include "base/blas.h"

#include "zerogap.h"

double zg_dot(size_t n, const double *x, const double *y);
double zg_norm(size_t n, const double *x);
/* y += alpha x */
void zg_axpy(size_t n, double alpha, const double *x, double *y);
/* <A, B> of two order x order matrices. */
double zg_inner(size_t order, const double *a, const double *b);

/* C = alpha op(A) op(B) + beta C, column-major; op(A) is m x k, op(B) k x n. */
void zg_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, double alpha,
             const double *a, size_t lda, const double *b, size_t ldb, double beta, double *c,
             size_t ldc);
/* The same in single precision. */
void zg_gemm_single(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, float alpha,
                    const float *a, size_t lda, const float *b, size_t ldb, float beta, float *c,
                    size_t ldc);
/* y = alpha op(A) x + beta y, A m x n column-major. */
void zg_gemv(bool transpose, size_t m, size_t n, double alpha, const double *a, size_t lda,
             const double *x, double beta, double *y);

/* Given a NaN, LAPACK may return anything; given some infinite matrices it never returns (dgelsd).
 * Callers check first. */
bool zg_all_finite(size_t count, const double *a);

/* Eigenvalues ascending in w (order); eigenvectors replace a, column j belongs to w[j]. */
zg_status zg_eigen(size_t order, double *a, double *w);
/* Eigenvalues only; a is destroyed. */
zg_status zg_eigenvalues(size_t order, double *a, double *w);
/* Lower Cholesky factor in place (strict upper triangle untouched); ZG_FAILED if not positive. */
zg_status zg_cholesky(size_t order, double *a);
/* Solves with the factor of zg_cholesky, columns of b (order x count) in place. */
void zg_cholesky_solve(size_t order, const double *l, size_t count, double *b);
/* The same in single precision. */
zg_status zg_cholesky_single(size_t order, float *a);
void zg_cholesky_solve_single(size_t order, const float *l, size_t count, float *b);

/* Packs the symmetric matrix a into order (order + 1) / 2 numbers so that inner products carry
 * over: off-diagonal entries are multiplied by sqrt 2.  Column by column of the upper triangle:
 * (0,0), (0,1), (1,1), (0,2), ... */
void zg_svec(size_t order, const double *a, double *s);
void zg_smat(size_t order, const double *s, double *a);
static inline size_t zg_svec_size(size_t order)
{
    return order * (order + 1) / 2;
}

/* malloc of count doubles, zeroed, 64-byte aligned, overflow-checked; free with free(). */
double *zg_doubles(size_t count);
/* The same for single precision. */
float *zg_floats(size_t count);

#endif
