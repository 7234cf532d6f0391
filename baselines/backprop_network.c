/* Parameters of backpropagation and the networks they stand for: forms, first values, export. */
#include "base/linalg.h"
#include "baselines/backprop.h"
#include "core/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEGLIGIBLE 1e-9 /* weights below this share of the largest are none, see weight_floor */
#define CALIBRATION_SAMPLES 512 /* enough to measure the first predictions' scale */

/* min over s of (s^2 + (w / s^2)^2) is kappa |w|^(2/3). */
static const double kappa = 1.8898815748423097; /* 3 * 2^(-2/3) */

void zg_backprop_choose_form(zg_backprop_model *model)
{
    const zg_problem *problem = model->problem;
    zg_activation activation = problem->activation;
    bool homogeneous = activation.b == 0.0 && activation.c == 0.0;
    model->decay = 0.0;
    if (problem->penalty.kind == ZG_PENALTY_L1) {
        model->form = ZG_FORM_L1;
    } else if (homogeneous && problem->outputs == 1 &&
               fabs(problem->penalty.power - 2.0 / 3.0) < 1e-12) {
        model->form = ZG_FORM_DECAY;
        model->decay = 2.0 * problem->beta / kappa;
    } else {
        model->form = ZG_FORM_POWER;
    }
}

size_t zg_backprop_weights_at(const zg_backprop_model *model)
{
    return model->problem->patches.groups * model->neurons * model->problem->patches.width;
}

size_t zg_backprop_parameters(const zg_backprop_model *model)
{
    return zg_backprop_weights_at(model) +
           model->problem->patches.groups * model->neurons * model->problem->outputs;
}

const zg_backprop_engine *zg_backprop_engine_of(zg_backprop_precision precision)
{
    return precision == ZG_BACKPROP_SINGLE ? &zg_backprop_single : &zg_backprop_double;
}

/* ---- export --------------------------------------------------------------------------------- */

/* The weight that s (with direction v of that length) stands for. */
static double weight_of(const zg_backprop_model *model, double s, double length)
{
    switch (model->form) {
    case ZG_FORM_DECAY:
        return s * length * length;
    case ZG_FORM_POWER:
        return copysign(pow(fabs(s), 2.0 / model->problem->penalty.power), s);
    case ZG_FORM_L1:
        break;
    }
    return s;
}

/* Where s of neuron j (counted over all groups) and output c is. */
static size_t weight_index(const zg_backprop_model *model, size_t j, size_t c)
{
    size_t group = j / model->neurons, outputs = model->problem->outputs;
    return zg_backprop_weights_at(model) + (group * outputs + c) * model->neurons +
           j % model->neurons;
}

/* Weights below this are left out.  The smooth forms only tend to zero; under their concave
 * penalty a tiny weight costs more than it can be worth. */
static double weight_floor(const zg_backprop_model *model, const double *parameters)
{
    if (model->form == ZG_FORM_L1) return 0.0;
    size_t width = model->problem->patches.width, outputs = model->problem->outputs;
    size_t neurons = model->problem->patches.groups * model->neurons;
    double largest = 0.0;
    for (size_t j = 0; j < neurons; j++) {
        double length = zg_norm(width, parameters + j * width);
        for (size_t c = 0; c < outputs; c++)
            largest = fmax(largest,
                           fabs(weight_of(model, parameters[weight_index(model, j, c)], length)));
    }
    return NEGLIGIBLE * largest;
}

/* Adds neuron j with all its weights above the floor. */
static zg_status add_neuron(const zg_backprop_model *model, const double *parameters, size_t j,
                            double least, double *u, zg_network *network)
{
    size_t width = model->problem->patches.width;
    const double *v = parameters + j * width;
    double length = zg_norm(width, v);
    if (length == 0.0) return ZG_OK; /* what is not a number stays, so that divergence shows */
    for (size_t k = 0; k < width; k++)
        u[k] = v[k] / length;
    bool present = false;
    for (size_t c = 0; c < model->problem->outputs; c++) {
        double weight = weight_of(model, parameters[weight_index(model, j, c)], length);
        if (fabs(weight) <= least) continue;
        if (present) {
            network->alpha[(network->count - 1) * network->outputs + c] = weight;
        } else {
            zg_status status = zg_network_add(network, j / model->neurons, u, c, weight);
            if (status) return status;
        }
        present = true;
    }
    return ZG_OK;
}

zg_status zg_backprop_network(const zg_backprop_model *model, const double *parameters,
                              zg_network **out, zg_error *error)
{
    zg_network *network = NULL;
    zg_status status = zg_network_create(model->problem, &network, error);
    if (status) return status;
    double *u = zg_doubles(model->problem->patches.width);
    double least = weight_floor(model, parameters);
    size_t neurons = model->problem->patches.groups * model->neurons;
    if (!u) status = zg_no_memory(error);
    for (size_t j = 0; status == ZG_OK && j < neurons; j++)
        if (add_neuron(model, parameters, j, least, u, network)) status = zg_no_memory(error);
    free(u);
    if (status)
        zg_network_free(network);
    else
        *out = network;
    return status;
}

/* ---- first values --------------------------------------------------------------------------- */

/* Stores weight w for output c of neuron j, whose v is a unit vector so far. */
static void put_weight(const zg_backprop_model *model, double w, size_t j, size_t c,
                       double *parameters)
{
    double *s = &parameters[weight_index(model, j, c)];
    size_t width = model->problem->patches.width;
    switch (model->form) {
    case ZG_FORM_POWER:
        *s = copysign(pow(fabs(w), 0.5 * model->problem->penalty.power), w);
        break;
    case ZG_FORM_DECAY: { /* the split that costs least: |v|^2 = 2 s^2 */
        double square = cbrt(2.0 * w * w);
        for (size_t k = 0; k < width; k++)
            parameters[j * width + k] *= sqrt(square);
        *s = square > 0.0 ? w / square : 0.0;
        break;
    }
    case ZG_FORM_L1:
        *s = w;
        break;
    }
}

static double mean_square(size_t count, const double *x)
{
    return count ? zg_dot(count, x, x) / (double)count : 0.0;
}

/* Factor per output by which normal weights have to be multiplied so that predictions get scale
 * times the targets' root mean square. */
static zg_status calibrate(const zg_backprop_model *model, zg_network *network, double scale,
                           double *factor)
{
    const zg_problem *p = model->problem;
    size_t n = p->samples < CALIBRATION_SAMPLES ? p->samples : CALIBRATION_SAMPLES;
    double *f = zg_doubles(n * p->outputs);
    if (!f || zg_network_evaluate(network, n, p->x, f)) {
        free(f);
        return ZG_NO_MEMORY;
    }
    for (size_t c = 0; c < p->outputs; c++) {
        double predicted = mean_square(n, f + c * n);
        double wanted = mean_square(p->samples, p->y + c * p->samples);
        factor[c] = scale * sqrt(wanted / predicted);
        if (!isfinite(factor[c])) factor[c] = scale;
    }
    free(f);
    return ZG_OK;
}

/* Uniform directions and normal weights, every weight in turn after its neuron's direction. */
static zg_status draw(const zg_backprop_model *model, uint32_t seed, zg_network *network)
{
    size_t width = model->problem->patches.width;
    zg_random random;
    zg_random_seed(&random, seed);
    double *u = zg_doubles(width);
    zg_status status = u ? ZG_OK : ZG_NO_MEMORY;
    for (size_t j = 0; status == ZG_OK && j < model->problem->patches.groups * model->neurons;
         j++) {
        double length;
        do {
            for (size_t k = 0; k < width; k++)
                u[k] = zg_random_normal(&random);
            length = zg_norm(width, u);
        } while (!(length > 0.0));
        for (size_t k = 0; k < width; k++)
            u[k] /= length;
        status = zg_network_add(network, j / model->neurons, u, 0, zg_random_normal(&random));
        for (size_t c = 1; status == ZG_OK && c < network->outputs; c++)
            network->alpha[j * network->outputs + c] = zg_random_normal(&random);
    }
    free(u);
    return status;
}

zg_status zg_backprop_initialise(const zg_backprop_model *model, uint32_t seed, double scale,
                                 double *parameters, zg_error *error)
{
    size_t outputs = model->problem->outputs;
    zg_network *network = NULL;
    zg_status status = zg_network_create(model->problem, &network, error);
    if (status) return status;
    double *factor = zg_doubles(outputs);
    if (!factor || draw(model, seed, network) || calibrate(model, network, scale, factor)) {
        status = zg_no_memory(error);
    } else {
        memcpy(parameters, network->u, zg_backprop_weights_at(model) * sizeof *parameters);
        for (size_t j = 0; j < network->count; j++)
            for (size_t c = 0; c < outputs; c++)
                put_weight(model, factor[c] * network->alpha[j * outputs + c], j, c, parameters);
    }
    free(factor);
    zg_network_free(network);
    return status;
}
