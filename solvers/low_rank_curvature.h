/*
 * The curvature of the factored program at a point, from a sample of the rows, inverted.
 *
 * With p = W'x of one sign, g = +1 or -1, and r = g (2 a p + b t e_1), a prediction's derivative by
 * W is x r' + c W, c = g (b p_1 + 2 c t) / t being what goes through t = |W|_F.  Where J has these
 * as rows, the curvature of F is J' diag(h) J, h the loss's, and what the residual adds:
 * 2 (beta I - g Q) on every column of W, Q = sum_i v_i a x_i x_i' being of v, minus the loss's
 * derivative, but for what goes through t.  At an optimum that is twice the dual slack; elsewhere
 * it is indefinite.  The multiplier rho at which v's slack is positive semidefinite takes the place
 * of beta:
 *   H = D + J' diag(h) J,     D = 2 (rho I - g Q) + damping I   on each column of sign g.
 * Q = V diag(e) V' makes D diagonal, and with m rows of the data in the place of all n
 *   H^-1 = D^-1 - D^-1 J' K^-1 J D^-1,     K = diag(m / (n h)) + J D^-1 J',
 * where K, of order m, is mostly  (X D^-1 X') o (R R')  of both signs: m^2 (d + m / 6)
 * multiply-adds.  X D^-1 X' may be kept: at another point R alone is another, and K takes
 * m^2 (m / 6) and little more.
 * All in single precision: it is used as a metric, which need not be exact.  But for the envelope
 * of a loss with kinks: h, the inverse of its width, is so large on the rows at the kink that
 * single precision loses diag(1 / h) in K.  (Sampled Newton methods: R. Bollapragada, R. Byrd and
 * J. Nocedal, "Exact and inexact subsampled Newton methods for optimization", IMA J. Numer. Anal.
 * 39, 2019.)
 */
#ifndef ZG_SOLVERS_LOW_RANK_CURVATURE_H
#define ZG_SOLVERS_LOW_RANK_CURVATURE_H

#include "solvers/low_rank_axes.h"
#include "solvers/low_rank_factor.h"

typedef struct zg_curvature zg_curvature;
/* What the two precisions, whose own structures begin with it, have in common. */
struct zg_curvature {
    void (*release)(zg_curvature *curvature);
    void (*solve)(const zg_curvature *curvature, const double *gradient, double *step);
    zg_status (*move)(zg_curvature *curvature, const zg_factor *factor, const double *w,
                      const double *projections, const double *f); /* or NULL */
    bool whole;
};

/* Whether there is such a curvature: dense, all samples in this process, a != 0. */
bool zg_curvature_applies(const zg_lift *lift);

/* At w, with multiples of 1; at most rows rows of the sample, evenly spaced among those at which
 * the loss is curved.  damping > 0.  axes: those of v's slacks, or NULL where they are to be found
 * here.  Costs a pass, an eigenvalue problem of order d, and the above.
 * ZG_FAILED where rounding leaves no inverse.  Free with zg_curvature_free. */
zg_status zg_curvature_create(zg_factor *factor, const double *w, size_t rows, double damping,
                              const zg_axes *axes, zg_curvature **out);
/* The same in a precision of the caller's. */
zg_status zg_curvature_create_single(zg_factor *factor, const double *w, size_t rows,
                                     double damping, const zg_axes *axes, zg_curvature **out);
zg_status zg_curvature_create_double(zg_factor *factor, const double *w, size_t rows,
                                     double damping, const zg_axes *axes, zg_curvature **out);
void zg_curvature_free(zg_curvature *curvature);

/* Whether all rows at which the loss is curved are in the sample. */
bool zg_curvature_is_whole(const zg_curvature *curvature);
/* Whether it can be moved: what that takes is kept for small samples only. */
bool zg_curvature_moves(const zg_curvature *curvature);
/* At another point w, with multiples of 1, which all samples' projections (columns x samples),
 * predictions f and the factor's slopes are of.  The sample and D stay; K is made anew.  ZG_FAILED
 * where rounding leaves no inverse: it is none then. */
zg_status zg_curvature_move(zg_curvature *curvature, const zg_factor *factor, const double *w,
                            const double *projections, const double *f);

/* step = H^-1 gradient, both of the factor's size. */
void zg_curvature_solve(const zg_curvature *curvature, const double *gradient, double *step);

#endif
