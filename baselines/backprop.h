/*
 * Backpropagation: stochastic gradient descent with momentum and Adam, on the problem as it is.
 *
 * What is descended is the objective of the training problem divided by the number of samples, so
 * that a learning rate means the same for every data size and every batch size.  The methods
 * themselves are zg_method_sgd and zg_method_adam of baseline.h; docs/backprop.md explains them.
 */
#ifndef ZG_BASELINES_BACKPROP_H
#define ZG_BASELINES_BACKPROP_H

#include "baselines/backprop_engine.h"
#include "core/method.h"

typedef enum zg_backprop_schedule {
    ZG_SCHEDULE_CONSTANT,
    ZG_SCHEDULE_STEP,  /* times step_factor every step_every epochs */
    ZG_SCHEDULE_COSINE /* half a cosine from learning_rate to final_rate * learning_rate */
} zg_backprop_schedule;

/* Everything that determines a run, beside the problem. */
typedef struct zg_backprop_options {
    zg_backprop_rule rule;
    zg_backprop_precision precision;
    size_t neurons; /* per group */
    long epochs;    /* per restart */
    size_t batch;   /* samples per step; 0: all */
    uint32_t seed;
    size_t restarts; /* independent runs; the best network of all counts */
    double learning_rate;
    zg_backprop_schedule schedule;
    double step_every;  /* epochs */
    double step_factor; /* 0 .. 1 */
    double final_rate;  /* fraction of learning_rate at the last epoch of cosine */
    double warmup;      /* epochs of linearly growing rate at the start */
    double scale;       /* root mean square of the first predictions over that of the targets */
    double target;      /* stop at this objective; 0: never */
    double seconds;     /* stop after this much time; 0: never */
} zg_backprop_options;

/* The learning rate at a time in epochs (a fraction inside an epoch), schedule applied. */
double zg_backprop_rate(const zg_backprop_options *options, double epoch);

/* The network that parameters in an engine's layout stand for: unit neurons, zero weights left
 * out.  parameters: zg_backprop_parameters(&model) numbers. */
zg_status zg_backprop_network(const zg_backprop_model *model, const double *parameters,
                              zg_network **out, zg_error *error);

/* Draws first parameters: uniform directions, weights scaled so that the predictions have `scale`
 * times the root mean square of the targets.  parameters as above. */
zg_status zg_backprop_initialise(const zg_backprop_model *model, uint32_t seed, double scale,
                                 double *parameters, zg_error *error);

/* Seconds of processor time per epoch on Gaussian data of the given shape (dense, squared loss,
 * beta 0.1), after one epoch of warming up: what benchmarks call.  Negative: out of memory. */
double zg_backprop_benchmark(zg_backprop_rule rule, zg_backprop_precision precision, size_t n,
                             size_t d, size_t neurons, size_t batch, long epochs);

#endif
