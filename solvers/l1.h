/*
 * Regression with an l1 penalty on the columns of a matrix, to full accuracy: what is left of a
 * training problem once its neurons are chosen.
 *
 *   minimise over alpha   sum_i w_i loss((F alpha)_i, y_i) + beta |alpha|_1
 *   maximise over v       D(v)   subject to   |F'v| <= beta
 *
 * Mehrotra's predictor-corrector method on the dual, whose only constraints are bounds on v and on
 * F'v; alpha are the multipliers of the latter.  A Newton step costs n^2 k / 2 for the matrix and
 * n^3 / 6 for its factor, n samples, k columns.  (S. Mehrotra, SIAM J. Optim. 2, 1992.)
 */
#ifndef ZG_SOLVERS_L1_H
#define ZG_SOLVERS_L1_H

#include "core/loss.h"

typedef struct zg_l1 {
    size_t samples, columns;
    const double *f; /* samples x columns, column-major */
    zg_loss loss;
    const double *y, *weights; /* samples; weights or NULL */
    double beta;
    double reach; /* of |v_i| where the loss is a constraint (interpolate): its price per unit */
} zg_l1;

typedef struct zg_l1_answer {
    double *v;     /* samples: strictly inside the domain, |F'v| < beta; the start when warm */
    double *alpha; /* columns */
    double upper, lower; /* objectives of both, as far as rounding lets them be known */
    long iterations;
} zg_l1_answer;

/* Iterates until upper - lower <= tolerance max(1, |upper|), or no further; answer->v and ->alpha
 * are the caller's arrays.  warm: they hold a point to start from, feasible or not.  ZG_FAILED
 * where not even a first step could be made. */
zg_status zg_l1_solve(const zg_l1 *problem, double tolerance, bool warm, zg_l1_answer *answer);

/* Fewer columns with the same predictions and the same penalty: alpha becomes a vertex, with at
 * most samples + 1 numbers that are not 0. */
zg_status zg_l1_vertex(const zg_l1 *problem, double *alpha);

#endif
