/*
 * What a solve costs, in multiply-adds: what `auto` and the interior-point method choose by.  The
 * counts leave out what grows more slowly; their constants are measured (docs/low-rank.md).
 */
#ifndef ZG_SOLVERS_WORK_H
#define ZG_SOLVERS_WORK_H

#include "core/problem.h"

/* The size of one output's program. */
typedef struct zg_shape {
    double samples, patches, groups;
    double order;    /* of a cone */
    double features; /* of all groups together */
    bool sums;       /* a quadratic loss: the rows are needed for one pass only */
} zg_shape;

zg_shape zg_shape_of(const zg_lift *lift, zg_loss loss);

/* The interior-point method with an unknown per sample, or per feature. */
double zg_samples_work(const zg_shape *shape, double iterations);
double zg_features_work(const zg_shape *shape, double iterations);

/* All outputs of a problem. */
double zg_ipm_work(const zg_problem *problem);
double zg_low_rank_work(const zg_problem *problem);

#endif
