/*
 * Networks trained layer by layer: what a trained layer says of a row stands behind the inputs of
 * the next one.
 *
 * Every layer is a training problem of its own, certified like any other; of the layers together
 * nothing is claimed.  Neurons of an optimum are not unique, its outputs on the training rows are
 * (for strictly convex losses): so it is the outputs that are handed on, each divided by its root
 * mean square over the training rows, beside the inputs themselves.
 */
#ifndef ZG_TRAIN_STACK_H
#define ZG_TRAIN_STACK_H

#include "solvers/solver.h"

typedef enum zg_stack_features {
    ZG_STACK_OUTPUTS,
    ZG_STACK_NEURONS /* the responses of its neurons, too: those of the decomposition that it has */
} zg_stack_features;

/* Widens the inputs of all rows (count data sets, NULL ones are left out) by what the network says
 * of them, scaled by what it says of rows[0], which trained it; layer is its number, for names.
 * ZG_UNSUPPORTED for time series, whose inputs are lags. */
zg_status zg_stack_append(const zg_network *network, zg_stack_features features, size_t layer,
                          size_t count, zg_dataset *const *rows, zg_error *error);

/* Trains a layer that others are to stand on with "auto", far below the tolerance; ZG_FAILED where
 * it is not certified to the tolerance.  The network is the caller's. */
zg_status zg_stack_train(const zg_problem *problem, double tolerance, zg_network **out,
                         zg_error *error);

#endif
