/* What people do instead of solving the convex program. */
#ifndef ZG_BASELINES_BASELINE_H
#define ZG_BASELINES_BASELINE_H

#include "core/method.h"

extern const zg_method zg_method_sgd;
extern const zg_method zg_method_adam;
extern const zg_method zg_method_adversarial; /* robust problems, by attacks */
extern const zg_method zg_method_least_squares;
extern const zg_method zg_method_ridge;
extern const zg_method zg_method_linear;
extern const zg_method zg_method_persistence;      /* of a time series */
extern const zg_method zg_method_straight_through; /* few-bit weights */
extern const zg_method zg_method_factored;         /* of the quadratic form */
extern const zg_method zg_method_branch_and_bound; /* present when built with -Dglpk=enabled */

#endif
