/*
 * Linear systems with quadratic costs, whose optimal control is known: what networks that learn a
 * value or a Q-function are held against.
 *
 *   x+ = A x + B u,  cost  sum_t discount^t (x'Qx + u'Ru),  policy u = -K x
 *   P = Q + K'RK + discount (A - BK)'P(A - BK)        value of the policy: x'Px
 *   H = [Q + g A'PA, g A'PB; g B'PA, R + g B'PB]      its Q-function: z'Hz, z = (x, u), g =
 * discount K+ = H_uu^-1 H_ux                                 the better policy (Hewer 1971) The
 * fixed point is that of the Riccati equation.
 *
 * The state may be known through a window h of measured numbers, x = M h: then z = (h, u), the
 * Q-function's matrix is diag(M, I)' H diag(M, I), and policies act on h by K M.
 *
 * Matrices are row-major.
 */
#ifndef ZG_CORE_LINEAR_QUADRATIC_H
#define ZG_CORE_LINEAR_QUADRATIC_H

#include "data/dataset.h"

#define ZG_LQ_ORDER 64 /* largest number of states, inputs and window */

typedef struct zg_lq {
    size_t states, inputs, window; /* window = states where the state itself is known */
    double *a, *b;                 /* states x states, states x inputs */
    double *q, *r;                 /* states x states, inputs x inputs; symmetric, R definite */
    double *k;                     /* inputs x states: the policy at hand, which stabilises */
    double *map;                   /* states x window, or NULL: the identity */
    double discount;               /* above 0, at most 1 */
} zg_lq;

/* "double-integrator", "random" (4 states, 2 inputs), "quadrotor" (planar, 6 and 2) and "observer"
 * (of a pendulum, by windows of 4), with their first policies. */
const char *const *zg_lq_names(size_t *count);
zg_status zg_lq_create(const char *name, double discount, zg_lq **out, zg_error *error);
/* A system of one's own: matrices as texts, "1, 0.1; 0, 1", rows separated by semicolons; k NULL
 * is zero. */
zg_status zg_lq_parse(const char *a, const char *b, const char *q, const char *r, const char *k,
                      double discount, zg_lq **out, zg_error *error);
void zg_lq_free(zg_lq *lq);

/* p (states x states): the value of policy k.  ZG_BAD_INPUT: it does not stabilise. */
zg_status zg_lq_value(const zg_lq *lq, const double *k, double *p, zg_error *error);
/* h (order x order, order = window + inputs): the Q-function of policy k. */
zg_status zg_lq_q_function(const zg_lq *lq, const double *k, double *h, zg_error *error);
/* gain (inputs x window): K+ of a Q-function's matrix h (order x order). */
zg_status zg_lq_gain(const zg_lq *lq, const double *h, double *gain, zg_error *error);
/* Replaces the policy at hand by the count-th of Hewer's sequence that begins with it. */
zg_status zg_lq_improve(zg_lq *lq, size_t count, zg_error *error);
/* The policy at hand (k NULL), or k, as a gain on windows (inputs x window). */
zg_status zg_lq_window_gain(const zg_lq *lq, const double *k, double *gain, zg_error *error);
/* k (inputs x states): the optimal policy; p (states x states, or NULL): its value. */
zg_status zg_lq_optimum(const zg_lq *lq, double *k, double *p, zg_error *error);

/* How costs are measured. */
typedef struct zg_lq_sampling {
    size_t rows;
    uint32_t seed;
    double discount; /* of the measured costs; right is that of the problem */
    size_t steps;    /* of a roll-out; 0: until what follows is negligible */
    bool explore;    /* the first input is drawn; else it is the policy's, and nothing is learnt */
} zg_lq_sampling;

/* Rows (z, cost of beginning with u and going on by the policy): z drawn as RandomState(seed).randn
 * row by row, for a window by way of the state and the input before. */
zg_status zg_lq_rows(const zg_lq *lq, const zg_lq_sampling *sampling, zg_dataset **out,
                     zg_error *error);

/* ---- closed form ----------------------------------------------------------------------------- */

/* Optimum of quadratic networks (sigma(t) = t^2) with penalty beta where the best fit is definite:
 * with G = Phi'Phi nonsingular, P the least-squares matrix and rss its residual,
 *   squared loss: p* = rss/2 + beta tr P - beta^2/2 svec(I)'G^-1 svec(I)
 *                 if P - beta smat(G^-1 svec(I)) is positive semidefinite,
 *   interpolation (rss 0): p* = beta tr P if P is.
 * x (n x d, row-major), y (n).  *optimum is NAN where the condition fails or G is singular.
 * Proof: v = y - Phi z has Phi'v = beta svec(I): S1 = 0 and S2 = 2 beta I are feasible. */
zg_status zg_definite_optimum(size_t n, size_t d, const double *x, const double *y, double beta,
                              bool interpolate, double *optimum, zg_error *error);

#endif
