/*
 * The separable concave program behind weight decay, over a finite set of unit neurons:
 *
 *   min over w   lambda sum_k |w_k|^p + loss(Phi w, y),   lower <= w <= upper,   0 < p <= 1
 *
 * with Phi_ik the response of neuron k to sample i.  loss is `interpolate` (Phi w = y), `absolute`
 * or `squared`.  docs/weight-decay.md derives it and names every formula used here.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_PROBLEM_H
#define ZG_BASELINES_WEIGHT_DECAY_PROBLEM_H

#include "core/status.h"

typedef struct zg_decay_problem {
    size_t rows;         /* samples */
    size_t columns;      /* neurons */
    const double *phi;   /* rows x columns, row-major */
    const double *y;     /* rows */
    zg_loss_kind loss;   /* ZG_LOSS_INTERPOLATE, ZG_LOSS_ABSOLUTE or ZG_LOSS_SQUARED */
    double lambda;       /* > 0 */
    double power;        /* p, 0 < p <= 1 */
    const double *lower; /* columns, each <= 0 or finite; NULL: -infinity.  0 for w >= 0 */
    const double *upper; /* columns; NULL: +infinity */
} zg_decay_problem;

#endif
