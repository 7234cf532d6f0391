/*
 * Projected gradient descent: an attack on a network, as others make them.
 *
 * It looks for a point near a row at which a combination of the outputs is small, by steps along
 * the gradient that are projected into the ball (or the box) round the row, from random starts.
 * What it finds is attained; what it does not find proves nothing. Evaluated from neurons and
 * patches, so that it shares nothing with the forms that core/margins.h bounds.
 */
#ifndef ZG_BASELINES_PGD_H
#define ZG_BASELINES_PGD_H

#include "core/network.h"

typedef struct zg_pgd_options {
    double radius;
    bool box; /* |p_j - x_j| <= radius instead of |p - x| <= radius */
    size_t restarts, steps;
    uint32_t seed;
} zg_pgd_options;

/* The least  sum_c weight_c f_c(p)  found for p near the preprocessed row x (inputs; a constant
 * input behind the others does not move); point (inputs) is where.  The row itself is tried, too.
 */
zg_status zg_pgd_attack(const zg_network *network, const double *weight, const double *x,
                        const zg_pgd_options *options, double *point, double *value);

#endif
