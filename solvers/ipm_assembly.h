/*
 * Filling the Newton matrix of the interior-point method.
 *
 * Entry (i, j) of its leading block is sum over cones of <M_i, W M_j W>.
 *
 * Gram form.  For one bordered patch x with border 1 and M = [a x x', b/2 x; b/2 x', c], write
 * W = [A w; w' o], P_ij = x_i'A x_j and g_i = x_i'w.  Then
 *   <M_i, W M_j W> = a^2 P^2 + P (s_i + s_j) + t_i + t_j + b^2/2 g_i g_j,
 *   s_i = a b g_i + b^2 o / 4,   t_i = a c g_i^2 + b c o g_i + c^2 o^2 / 2,
 * so one Gram matrix P of n x n and one fused pass replace n^2 products of matrices.  A pool is the
 * mean over pairs of its patches.
 *
 * Kronecker form.  In feature space the same block is the symmetrised Kronecker square of W,
 * K = W (x)_s W with svec(W T W) = K svec(T), filled in O(p^2).
 */
#ifndef ZG_SOLVERS_IPM_ASSEMBLY_H
#define ZG_SOLVERS_IPM_ASSEMBLY_H

#include "solvers/ipm_cone.h"
#include "solvers/ipm_space.h"

typedef struct zg_gram_work {
    size_t tile;       /* samples per tile */
    size_t patch_rows; /* n P */
    size_t cones;      /* 2 groups */
    double **images;   /* 2 groups: order x n P, columns u_top' x of every patch row */
    double *slopes;    /* 2 groups x n P: s */
    double *borders;   /* 2 groups x n P: g */
    double *ends;      /* n: sum over cones of the mean t */
    double *products;  /* (tile P)^2 */
} zg_gram_work;

zg_status zg_gram_work_create(const zg_space *space, zg_gram_work *work);
void zg_gram_work_clear(zg_gram_work *work);

/* The lower triangle of the leading n x n block of matrix (leading dimension ld) becomes the sum
 * over all cones, from the patches of the space's lift. */
void zg_gram_fill(const zg_space *space, const zg_cone *cones, zg_gram_work *work, double *matrix,
                  size_t ld);

/* matrix (svec_size x svec_size block at its start, leading dimension ld, lower triangle; also the
 * upper one when both) += K of the two cones. */
void zg_kronecker_add(size_t order, const double *w, const double *other, bool both, double *matrix,
                      size_t ld);

#endif
