/*
 * The convex relaxation of the squared-loss program over a box, by coordinate descent:
 *
 *   min over l <= w <= u of  |Phi w - y|^2 / 2 + sum_k envelope_k(w_k),
 *
 * envelope_k the chord of lambda |w|^p, or the V through 0 where the interval has both signs.  Its
 * residual v = y - Phi w is the vector of multipliers; hundreds of times faster than tangents in a
 * linear program, and as safe: bounds are computed from v alone (bound.h).
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_DESCENT_H
#define ZG_BASELINES_WEIGHT_DECAY_DESCENT_H

#include "baselines/limit.h"
#include "baselines/weight_decay/problem.h"

typedef struct zg_decay_descent zg_decay_descent;

/* Squared loss; the problem is borrowed, and so is the limit (or NULL) that ends a descent
 * early. */
zg_status zg_decay_descent_create(const zg_decay_problem *problem, zg_limit *limit,
                                  zg_decay_descent **out, zg_error *error);
void zg_decay_descent_free(zg_decay_descent *descent);

/* From w (columns; clipped into the box first) to the minimiser; v (rows) gets the multipliers.
 * weight, when not NULL, replaces the envelopes by weight_k |w_k|.  Returns the value reached. */
double zg_decay_descent_minimise(zg_decay_descent *descent, const double *lower,
                                 const double *upper, const double *weight, double *w, double *v);

#endif
