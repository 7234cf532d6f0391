/*
 * Safe lower bounds over a box, from any multipliers, and what they exclude.
 *
 * For every v and every box l <= w <= u the Lagrangian bound
 *   D(v) + sum_k min over w_k in [l_k, u_k] of  lambda |w_k|^p - a_k w_k,      a = Phi' v,
 * holds, D being the dual of the loss (core/loss.h).  The inner function is concave on either side
 * of 0, so that its minimum is at l_k, at u_k or at 0: no relaxation enters, and the multipliers
 * may come from anywhere.  All rounding errors are bounded and subtracted (Neumaier and Shcherbina,
 * "Safe bounds in linear and mixed-integer linear programming", 2004, with a priori error bounds in
 * the place of rounding modes): the computed value never exceeds the exact one.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_BOUND_H
#define ZG_BASELINES_WEIGHT_DECAY_BOUND_H

#include "baselines/weight_decay/problem.h"

/* A pair (problem.h) is bounded as one variable, its leader's; the follower's term is then 0. The
 * parts of one evaluation are kept for the range reduction.  All arrays have `columns` entries but
 * v, which has `rows`. */
typedef struct zg_decay_bound {
    double value;               /* safe; finite, or -INFINITY where there is no bound */
    double *v;                  /* the multipliers used: clipped into the loss's domain */
    double *slope;              /* a_k as computed */
    double *slope_error;        /* |computed - exact| <= this */
    double *term;               /* safe value of the minimum of column k */
    const zg_decay_pair *pairs; /* columns, borrowed; NULL: all single */
} zg_decay_bound;

zg_status zg_decay_bound_create(const zg_decay_problem *problem, const zg_decay_pair *pairs,
                                zg_decay_bound *out);
void zg_decay_bound_clear(zg_decay_bound *bound);

/* Evaluates at v (rows) over the box; entries that are not finite count as zero. */
void zg_decay_bound_evaluate(const zg_decay_problem *problem, const double *lower,
                             const double *upper, const double *v, zg_decay_bound *bound);

/* A value that lambda |t|^p is never below (finite) / never above. */
double zg_decay_penalty_below(const zg_decay_problem *problem, double t);
double zg_decay_penalty_above(const zg_decay_problem *problem, double t);

/* Where to split [lower, upper]: in the middle, unless nearly all of the penalty's rise lies on one
 * side of it (tiny powers, intervals over many magnitudes); then at 0, or where the penalty is
 * halfway between those of the ends. */
double zg_decay_branching_point(const zg_decay_problem *problem, double lower, double upper);

/* Shrinks [*lower, *upper] of column k (not a follower) to what can hold a point with objective
 * below target, as proven by the last evaluation (over a box that contains this one).  Returns
 * false when nothing is left. */
bool zg_decay_bound_tighten(const zg_decay_problem *problem, const zg_decay_bound *bound, size_t k,
                            double target, double *lower, double *upper);

/* The widest open interval (*low, *high) strictly inside [lower, upper] whose closure holds no
 * point with objective below target; false when there is none. */
bool zg_decay_bound_hole(const zg_decay_problem *problem, const zg_decay_bound *bound, size_t k,
                         double target, double lower, double upper, double *low, double *high);

#endif
