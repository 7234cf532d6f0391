/*
 * Good points of the weight-decay program: local searches that give the tree its incumbents.
 *
 * Under equality constraints an optimum is at a basic solution (the objective is concave on every
 * orthant), and the search walks from basis to basis; the absolute loss is such a problem too, its
 * residuals being further columns.  With the squared loss it is a descent coordinate by coordinate,
 * each to its global minimum.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_POINT_H
#define ZG_BASELINES_WEIGHT_DECAY_POINT_H

#include "base/random.h"
#include "baselines/limit.h"
#include "baselines/weight_decay/problem.h"

/* lambda sum |w|^p + loss, evaluated afresh; infinite when w violates a bound, when an equation's
 * residual exceeds ZG_DECAY_FEASIBILITY max |y|, or when it exceeds that share of its own terms (a
 * row of small numbers is not left out).  Sizes of the terms excuse nothing beyond max |y|: with
 * tiny powers huge weights that cancel each other cost next to nothing. */
#define ZG_DECAY_FEASIBILITY 1e-12
double zg_decay_objective(const zg_decay_problem *problem, const double *w);
/* max |Phi w - y| / max |y|, in extended precision (the absolute value where y is 0). */
double zg_decay_residual(const zg_decay_problem *problem, const double *w);

/* The stationary point t > 0 of c t^2 / 2 - g t + lambda t^p, c and g > 0, that is a minimum; 0 if
 * there is none. */
double zg_decay_stationary(const zg_decay_problem *problem, double c, double g);

typedef struct zg_decay_search_point zg_decay_search_point;

/* Problem and limit (or NULL: none) are borrowed; the limit ends a search early. */
zg_status zg_decay_point_create(const zg_decay_problem *problem, zg_limit *limit,
                                zg_decay_search_point **out, zg_error *error);
void zg_decay_point_free(zg_decay_search_point *point);

/* The local optimum reached from w (columns) replaces it; returns its objective, infinite when
 * there is none that is feasible. */
double zg_decay_point_improve(zg_decay_search_point *point, double *w);
/* A random change of the last local optimum, improved again. */
double zg_decay_point_perturb(zg_decay_search_point *point, zg_random *random, size_t strength,
                              double *w);

#endif
