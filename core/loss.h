/*
 * Convex losses and their duals: one row of functions per loss.
 *
 * With the convention of the training dual, v = -grad loss(f), the dual objective is
 * D(v) = -loss*(-v), and any v in the domain gives D(v) + (feasibility of the cones) <= p*.
 * weights w_i > 0 multiply sample i's loss; NULL means all one.  Then D_i(v) = w_i D_i(v / w_i).
 */
#ifndef ZG_CORE_LOSS_H
#define ZG_CORE_LOSS_H

#include "zerogap.h"

/* What "fits exactly" means, everywhere: max |f - y| is at most this share of max |y|, over the
 * samples of one output, and of nothing else.  Targets that are all zero are met by zeros only. */
#define ZG_INTERPOLATION_TOLERANCE 1e-7
/* That share: 0 where f = y, infinity where it is not a number. */
double zg_loss_miss(size_t n, const double *f, const double *y);

/* sum_i w_i loss(f_i, y_i).  For interpolate: 0 where f fits exactly, else infinity. */
double zg_loss_value(zg_loss loss, size_t n, const double *f, const double *y,
                     const double *weights);

/* g_i = d/df_i of the above (a subgradient at kinks; for interpolate f - y, a useful direction). */
void zg_loss_gradient(zg_loss loss, size_t n, const double *f, const double *y,
                      const double *weights, double *g);

/* D(v) = -loss*(-v); -infinity outside the domain. */
double zg_loss_dual(zg_loss loss, size_t n, const double *v, const double *y,
                    const double *weights);

/* A safe lower bound on D(s v), s v being the vector of real numbers: rounding, underflow and
 * overflow are accounted for; -infinity where s v leaves the domain or nothing can be said. */
double zg_loss_dual_below(zg_loss loss, size_t n, double s, const double *v, const double *y,
                          const double *weights);

/* Clips v into the domain of D, coordinate by coordinate (all domains are boxes that hold 0); a
 * NaN becomes 0. */
void zg_loss_project(zg_loss loss, size_t n, double *v, const double *y, const double *weights);

/* The s that maximises D(s v), where v is in the domain: |s| <= limit, s v in the domain, and s >=
 * 0 where the domain is one-sided.  Closed form but for logistic. */
double zg_loss_best_scale(zg_loss loss, size_t n, const double *v, const double *y,
                          const double *weights, double limit);

/* The interval [*low, *high] of v_i, infinite where free; its ends are not rounded outwards. */
void zg_loss_domain(zg_loss loss, double y, double weight, double *low, double *high);

/* Whether D has curvature: D_i(v) = p_i v_i - q_i v_i^2 with q_i > 0 (squared, huber, squared
 * hinge), and the p_i and q_i: the quadratic model that conic solvers pose.  False for logistic,
 * whose D is neither; *q = 0 for absolute, hinge and interpolate. */
bool zg_loss_quadratic_dual(zg_loss loss, double y, double weight, double *p, double *q);

/* True for losses that need y = -1 or +1. */
bool zg_loss_needs_labels(zg_loss loss);

const char *const *zg_loss_names(size_t *count);

#endif
