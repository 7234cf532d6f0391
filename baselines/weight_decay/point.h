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
#include "baselines/weight_decay/problem.h"

/* lambda sum |w|^p + loss, evaluated afresh; infinite when w violates a bound, or an equality by
 * more than ZG_DECAY_FEASIBILITY relative to the terms of its row. */
#define ZG_DECAY_FEASIBILITY 1e-12
double zg_decay_objective(const zg_decay_problem *problem, const double *w);

typedef struct zg_decay_search_point zg_decay_search_point;

zg_status zg_decay_point_create(const zg_decay_problem *problem, zg_decay_search_point **out,
                                zg_error *error);
void zg_decay_point_free(zg_decay_search_point *point);

/* The local optimum reached from w (columns) replaces it; returns its objective, infinite when
 * there is none that is feasible. */
double zg_decay_point_improve(zg_decay_search_point *point, double *w);
/* A random change of the last local optimum, improved again. */
double zg_decay_point_kick(zg_decay_search_point *point, zg_random *random, size_t strength,
                           double *w);

#endif
