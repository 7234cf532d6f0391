/* What all linear fits share: matrices of coefficients become a network, and that a solution. */
#ifndef ZG_BASELINES_FIT_H
#define ZG_BASELINES_FIT_H

#include "core/method.h"

/* Fills w (outputs x groups x order x order, symmetric, <R, W> = 0 where bordered) and a message on
 * what was fitted; seconds 0: no limit. */
typedef zg_status (*zg_fit)(const zg_problem *problem, const zg_value *values, double seconds,
                            double *w, char *message, size_t size, zg_error *error);

/* zg_method.solve by a fit: the network is evaluated with the problem's own loss and beta. */
zg_status zg_fit_solve(const zg_problem *problem, const zg_value *values, zg_fit fit,
                       const zg_control *control, zg_solution *solution, zg_error *error);

#endif
