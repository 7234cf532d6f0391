/*
 * Backpropagation through several layers at once, to compare networks with that are trained layer
 * by layer: layer l has z_l = sigma(z_{l-1} U_l), divided by sqrt(m) where another layer stands on
 * it, columns of U_l of length 1, and the output z_L A is charged with the loss and beta sum |A|.
 * With one layer this is the training problem itself.  Nothing is proven of it: it is no network of
 * the library's.
 */
#ifndef ZG_BASELINES_DEEP_H
#define ZG_BASELINES_DEEP_H

#include "core/problem.h"

typedef struct zg_deep_options {
    size_t layers, neurons; /* of each hidden layer */
    long epochs;            /* full batches of Adam */
    double learning_rate;   /* at first; it falls to 0 in equal steps */
    uint32_t seed;
    double seconds; /* 0: no limit */
} zg_deep_options;

/* Rows whose outputs are asked for once it is trained: x (n x the problem's inputs, preprocessed,
 * row-major), f (outputs x n). */
typedef struct zg_deep_rows {
    size_t n;
    const double *x;
    double *f;
} zg_deep_rows;

/* Trains on the dense problem's rows and answers for count sets of rows, with the weights of the
 * least objective that was seen.  ZG_UNSUPPORTED for other architectures and for interpolation;
 * ZG_FAILED where no objective is a number. */
zg_status zg_deep_train(const zg_problem *problem, const zg_deep_options *options, size_t count,
                        const zg_deep_rows *rows, double *objective, zg_error *error);

#endif
