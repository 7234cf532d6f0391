/*
 * Inputs centred and scaled for the sums over samples, while the program stays that of the inputs
 * as they are.
 *
 * With x' = (x - c) / s and N = [x';1][x';1]', the matrix of a sample is
 *     M = K o (L N L'),   L = [diag(s), c; 0, 1],   K = [a, b/2; b/2, c]  (of the activation),
 * o entry by entry; without border M is the leading block.  So the features svec(M) = J svec(N) of
 * the program follow from those of x', whose sums are far from singular where columns have means
 * and sizes of their own, and no row of J has more than four elements.  Pooled patches of a group
 * have one c and one s.
 */
#ifndef ZG_SOLVERS_STREAM_BASIS_H
#define ZG_SOLVERS_STREAM_BASIS_H

#include "core/lift.h"

typedef struct zg_basis {
    zg_activation activation;
    size_t groups, width;
    bool bordered;  /* whether M is; N always is */
    double *scale;  /* groups x (width + 1): powers of two, then 1 */
    double *centre; /* groups x (width + 1): means, then 0 */
    double size;    /* typical norm of M */
} zg_basis;

/* What the first rows (count x patches->inputs) show.  ZG_NO_MEMORY. */
zg_status zg_basis_create(zg_activation activation, const zg_patches *patches, size_t count,
                          const double *x, zg_basis **out);
void zg_basis_free(zg_basis *basis);

/* Features of a group, svec(N). */
size_t zg_basis_features(const zg_basis *basis);

/* rows (count x width) of a group become x': every element within a rounding of its own. */
void zg_basis_place(const zg_basis *basis, size_t group, size_t count, double *rows);

/* t (of M's order) = smat(J x), x of a group's features; with absolute values of J's elements if so
 * asked: what the terms of an element add up to at most, where x holds sizes. */
void zg_basis_adjoint(const zg_basis *basis, size_t group, const double *x, bool absolute,
                      double *t);

/* a (rows x features, column-major, leading dimension ld) becomes a J. */
void zg_basis_times(const zg_basis *basis, size_t group, size_t rows, double *a, size_t ld);

/* fit += alpha J'svec(M of a neuron u), the coefficients of alpha sigma(u'x) over the features; the
 * sizes of its terms are added to sizes. */
void zg_basis_add_neuron(const zg_basis *basis, size_t group, const double *u, double alpha,
                         long double *fit, long double *sizes);

#endif
