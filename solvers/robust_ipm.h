/*
 * A primal-dual interior-point method for robust programs.
 *
 *   min  sum_i w_i psi_i(u_i) + beta (penalty of Z and Z')      over Z, Z' >= 0 with <R, .> = 0
 *
 * where u_i is at least what the sample can be made to cost in its ball: with labels psi(u) is the
 * loss at y f = -u, otherwise that at |f - y| = u.  Per sample there is one inequality with labels
 * (c = y_i), two without (c = +1, -1, o = c y_i):
 *   balls   T' [c M(Z - Z')] T + lambda diag(I, -r^2) + (u_i - o) E >= 0, lambda >= 0, of order d +
 * 1, T = [I x_i; 0 1] and M(Z) = [a Z1, (b/2) Z2; ., c Z4]: the S-procedure, which loses nothing;
 *   copies  c f(copy) + u_i - o >= 0 for given points only: the master problem of `exchange`,
 * which may have balls for some rows and copies for the others.
 * Directions are those of Helmberg, Kojima and Monteiro with Mehrotra's corrector; u and lambda are
 * eliminated, so that the system has twice the coordinates of Z as unknowns, and the balls enter it
 * by one product of matrices (order^2 / 2) x n by n x (order^2 / 2).  The primal start is strictly
 * feasible, the dual one is not.  docs/robust.md.
 */
#ifndef ZG_SOLVERS_ROBUST_IPM_H
#define ZG_SOLVERS_ROBUST_IPM_H

#include "core/method.h"

typedef struct zg_robust_ipm zg_robust_ipm;

/* copies NULL: balls of all rows (dense networks only).  Otherwise copies, and beside them, where
 * whole (samples) is not NULL, balls of the rows for which it is true, to which no copies belong;
 * rows without either are left out, as if they cost nothing.  The problem is borrowed. */
zg_status zg_robust_ipm_create(const zg_problem *problem, const zg_attacks *copies,
                               const bool *whole, zg_robust_ipm **out, zg_error *error);
void zg_robust_ipm_free(zg_robust_ipm *ipm);
/* Bytes that balls of so many rows would take. */
double zg_robust_ipm_bytes(const zg_problem *problem, size_t rows);

/* From now on a step is given up once the seconds (INFINITY: any) are over. */
void zg_robust_ipm_allow(zg_robust_ipm *ipm, double seconds);
/* One iteration.  ZG_FAILED where rounding leaves no direction, ZG_TIMEOUT where it was given up:
 * the point is then what it was. */
zg_status zg_robust_ipm_step(zg_robust_ipm *ipm);

/* Objective of the primal point; complementarity is its distance to the dual one where that is
 * feasible, and `infeasible` the share of the first dual residual that is left. */
double zg_robust_ipm_objective(const zg_robust_ipm *ipm);
double zg_robust_ipm_complementarity(const zg_robust_ipm *ipm);
double zg_robust_ipm_infeasible(const zg_robust_ipm *ipm);

/* Z (groups blocks) and Z' of the primal point. */
void zg_robust_ipm_blocks(zg_robust_ipm *ipm, double *const *z, double *const *zn);
/* The dual point as attacked copies: first the copies with their multipliers, all of them, in
 * order; then, since each ball's multiplier is decomposed into points of the ball, those of no less
 * weight than the given share of the largest. */
zg_status zg_robust_ipm_attacks(zg_robust_ipm *ipm, double share, zg_attacks *out);

#endif
