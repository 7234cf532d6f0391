/*
 * The engine of backpropagation: gradients and steps in single or double precision.
 *
 * Both precisions are one source, backprop_kernel.h, compiled twice.  Parameters are one vector:
 * first the directions v (groups x neurons x width), then the weights s (groups x neurons x
 * outputs, output-major within a group: neuron j's weight for output c is s[g][c][j]).  What they
 * stand for is the form: neuron j has the response alpha_j mean_p sigma(patch . u_j).
 */
#ifndef ZG_BASELINES_BACKPROP_ENGINE_H
#define ZG_BASELINES_BACKPROP_ENGINE_H

#include "core/problem.h"

typedef enum zg_backprop_rule { ZG_BACKPROP_SGD, ZG_BACKPROP_ADAM } zg_backprop_rule;

typedef enum zg_backprop_precision { ZG_BACKPROP_SINGLE, ZG_BACKPROP_DOUBLE } zg_backprop_precision;

typedef enum zg_backprop_form {
    ZG_FORM_L1,    /* u = v / |v|, alpha = s, penalty beta |s| */
    ZG_FORM_POWER, /* u = v / |v|, alpha = sign(s) |s|^(2/power), penalty beta s^2 */
    ZG_FORM_DECAY  /* u = v, alpha = s, penalty (decay/2) (|v|^2 + s^2) */
} zg_backprop_form;

/* What is trained, and how a step is made from a gradient. */
typedef struct zg_backprop_model {
    const zg_problem *problem; /* borrowed */
    zg_backprop_form form;
    double decay;   /* ZG_FORM_DECAY */
    size_t neurons; /* per group */
    zg_backprop_rule rule;
    double momentum; /* SGD */
    bool nesterov;
    double beta1, beta2, epsilon; /* Adam */
    bool proximal;                /* the penalty as a proximal step, else as a subgradient */
} zg_backprop_model;

/* Chooses the form that the problem's penalty asks for. */
void zg_backprop_choose_form(zg_backprop_model *model);

/* Length of the parameter vector, and where in it the weights begin. */
size_t zg_backprop_parameters(const zg_backprop_model *model);
size_t zg_backprop_weights_at(const zg_backprop_model *model);

/* One row per precision.  Rows of the data are named by rows[0..count), or are count consecutive
 * ones from start when rows is NULL; an engine whose batch is all samples takes no names.  Nothing
 * but create allocates. */
typedef struct zg_backprop_engine {
    /* Copies the problem's patches, targets and weights; batch: samples per step at most. */
    zg_status (*create)(const zg_backprop_model *model, size_t batch, void **out, zg_error *error);
    void (*destroy)(void *state);
    /* Sets the parameters and forgets all momentum. */
    void (*set)(void *state, const double *parameters);
    /* The current iterate. */
    void (*get)(const void *state, double *parameters);
    /* Gradient of (1 / count) sum_i w_i loss_i, without the penalty. */
    void (*gradient)(void *state, const size_t *rows, size_t start, size_t count);
    void (*get_gradient)(const void *state, double *gradient);
    /* One step on the gradient of these rows. */
    void (*step)(void *state, const size_t *rows, size_t start, size_t count, double rate);
} zg_backprop_engine;

extern const zg_backprop_engine zg_backprop_single, zg_backprop_double;

const zg_backprop_engine *zg_backprop_engine_of(zg_backprop_precision precision);

#endif
