/*
 * Training without a penalty: at beta = 0 the cones of the convex program drop out, and squared
 * loss is a linear least-squares problem in (Z1, Z2) with Z4 = tr Z1.
 *
 * A baseline: the fit knows nothing of beta; the network's objective is evaluated with the
 * problem's own loss and beta.  For other losses the same fit to the targets is made.
 */
#ifndef ZG_BASELINES_LEAST_SQUARES_H
#define ZG_BASELINES_LEAST_SQUARES_H

#include "core/problem.h"

/* w: outputs x groups x order x order symmetric matrices W with <R, W> = 0 (bordered), such that
 * the predictions sum_g <M_ig, W_g> are the weighted least-squares fit to the targets.  Among all
 * such W the one of least Frobenius norm of (W1, W2); singular values below cutoff times the
 * largest count as zero.  *rank of the *columns coefficients are determined by the data. */
zg_status zg_least_squares_fit(const zg_problem *problem, double cutoff, double *w, size_t *rank,
                               size_t *columns, zg_error *error);

/* The same with lambda / 2 times the squared coefficients, svec(W1) and W2, added to half the
 * squared error: always determined. */
zg_status zg_ridge_fit(const zg_problem *problem, double lambda, double *w, zg_error *error);

/* z - zn = w (order x order each) with z, zn >= 0 and <R, z> = <R, zn> = 0, of penalty
 * |W1|_* + |e|, where e is the part of W2 that the eigenvalues of W1 do not cover: along each
 * eigenvector q of W1 with eigenvalue s, |s| pays for a share t of W2 with |t| <= |s|, because
 * rho(s qq', t q) = max(|s|, |t|).  Unbordered: the positive and negative parts of w. */
zg_status zg_least_squares_split(const zg_lift *lift, const double *w, double *z, double *zn);

#endif
