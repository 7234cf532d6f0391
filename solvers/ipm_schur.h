/*
 * The Newton system of the interior-point method: assembly, Cholesky, refined solves.
 *
 * Unknowns are dx and a drho per equality (ipm_space.h):
 *   phi'' dx + sum_g A_g( sum_k sign_k W_k dS_k W_k ) = right,
 *   <R_j, W_k dS_k W_k> = right_rho_kj,       dS_k = sum_j drho_kj R_j + sign_k T_g(dx),
 * the second ones added up over cones that share their rho.
 * Samples: the matrix is diag + Gram form (or Phi K Phi' where features are explicit or pools are
 * large).  Sums: phi'' = inv(G), so the matrix is inv(G) + K.  Woodbury: the rho are eliminated,
 * which leaves D + Phi K~ Phi' with phi'' = D and K~ = K - B inv(C) B' (B, C: the borders); with
 * K~ = L L' its inverse is inv(D) - inv(D) Phi L inv(I + L' Phi' inv(D) Phi L) L' Phi' inv(D),
 * where nothing is inverted that may be singular.  D of samples between the ends of their boxes
 * goes to 0, and their rows of that inverse are differences of ever larger numbers; so the inverse
 * is that of D with a floor, and refinement with the true D takes the floor back.
 */
#ifndef ZG_SOLVERS_IPM_SCHUR_H
#define ZG_SOLVERS_IPM_SCHUR_H

#include "solvers/ipm_assembly.h"

typedef struct zg_schur {
    const zg_space *space;
    const zg_cone *cones;     /* 2 groups */
    zg_cone_scratch *scratch; /* shared with the iteration */
    const double *diagonal;   /* phi'' and boxes, of the last factorisation (not for sums) */
    size_t leading, borders;  /* n or p; zg_space_multipliers */
    double *matrix;           /* (leading + borders)^2: the factor; woodbury: leading^2, L */
    zg_gram_work gram;        /* samples with patches */
    double **phi;             /* samples with explicit features: per group, n x svec_size */
    double *kernel, *image;   /* the same: K of a group (sums in a basis: J'K J); n x svec_size */
    double *damped;          /* woodbury: unknowns, D with a floor: what is factored in its place */
    double *inner;           /* woodbury: the factor of I + L' Phi' inv(D) Phi L */
    double *border, *corner; /* woodbury, of one equality per cone: B, p numbers for each, and the
                              * diagonal C */
    double *block, *columns; /* woodbury: features of a block of samples, scratch */
    double *right;           /* leading + borders: solves */
    double *residual, *correction, *extra; /* refinement: unknowns + borders each */
    double *scaled;                        /* unknowns: scratch */
    double *t, *sum;                       /* order x order: scratch */
} zg_schur;

zg_status zg_schur_create(const zg_space *space, const zg_cone *cones, zg_cone_scratch *scratch,
                          zg_schur **out);
void zg_schur_free(zg_schur *schur);

/* For the cones' present scaling; ZG_FAILED when no regularisation makes the matrix positive. */
zg_status zg_schur_factor(zg_schur *schur, const double *diagonal);

/* Solves with at most the given number of refinements.  right: unknowns, right_rho: multipliers.
 * For sums, change_fit (unknowns) gets inv(G) dx; it may be NULL otherwise. */
void zg_schur_solve(zg_schur *schur, const double *right, const double *right_rho, int refinements,
                    double *dx, double *drho, double *change_fit);

#endif
