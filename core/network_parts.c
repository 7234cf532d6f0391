/* Networks for the public interface: their parts, and making them from some. */
#include "base/linalg.h"
#include "base/sized.h"
#include "core/quadratic_form.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* C does not turn char ** into const char *const * by itself. */
static const char *const *texts(char **from)
{
    return (const char *const *)from;
}

void zg_network_describe(const zg_network *network, zg_network_parts *out)
{
    const zg_preprocess *inputs = &network->preprocess;
    const zg_encoding *target = &network->encoding;
    zg_network_parts parts = {
        .activation = network->activation,
        .architecture = network->architecture,
        .task = target->task,
        .bias = inputs->bias,
        .inputs = inputs->inputs,
        .outputs = network->outputs,
        .neurons = network->count,
        .width = network->patches.width,
        .group = network->group,
        .u = network->u,
        .alpha = network->alpha,
        .mean = inputs->mean,
        .scale = inputs->scale,
        .target_mean = target->mean,
        .target_scale = target->scale,
        .input_names = texts(inputs->names),
        .labels = target->label_count,
        .label_values = target->values,
        .label_texts = texts(target->texts),
        .targets = zg_encoding_targets(target),
        .target_names = texts(target->names),
        .loss = network->training.loss,
        .beta = network->training.beta,
        .objective = network->training.objective,
        .bound = network->training.bound,
        .gap = network->training.gap,
        .method = network->training.solver,
        .samples = network->training.dual ? network->training.samples : 0,
        .dual = network->training.dual,
        .halfspaces = inputs->halfspaces,
        .directions = inputs->directions,
    };
    zg_sized_write(&parts, sizeof parts, out);
}

zg_status zg_network_classify(const zg_network *network, size_t n, const double *f, size_t *classes,
                              zg_error *error)
{
    if (network->encoding.task == ZG_REGRESSION)
        return zg_fail(error, ZG_BAD_INPUT, "the network is a regression: it has no classes");
    for (size_t i = 0; i < n; i++) {
        for (size_t c = 0; c < network->outputs; c++)
            if (!isfinite(f[c * n + i]))
                return zg_fail(error, ZG_BAD_INPUT,
                               "output %zu of sample %zu is not a finite number: it has no class",
                               c + 1, i + 1);
        classes[i] = zg_predicted_class(&network->encoding, n, f, i);
    }
    return ZG_OK;
}

/* Hands a form's numbers over to the caller's arrays. */
static void give(const zg_quadratic_form *form, double *p, double *q, double *r)
{
    memcpy(p, form->p, form->inputs * form->inputs * sizeof *p);
    memcpy(q, form->q, form->inputs * sizeof *q);
    *r = form->r;
}

zg_status zg_network_form(const zg_network *network, size_t output, bool raw, double *p, double *q,
                          double *r, zg_error *error)
{
    zg_quadratic_form form, unscaled;
    if (output >= network->outputs)
        return zg_fail(error, ZG_BAD_INPUT, "output %zu: the network has outputs 0 to %zu", output,
                       network->outputs - 1);
    zg_status status = zg_quadratic_form_create(network, output, &form, error);
    if (status != ZG_OK) return status;
    if (raw)
        status = zg_quadratic_form_raw(&form, &network->preprocess, &unscaled, error);
    else
        give(&form, p, q, r);
    if (raw && status == ZG_OK) {
        give(&unscaled, p, q, r);
        zg_quadratic_form_clear(&unscaled);
    }
    zg_quadratic_form_clear(&form);
    return status;
}

static zg_status check_neuron(const zg_network *network, size_t j, size_t group, const double *u,
                              const double *alpha, zg_error *error)
{
    size_t width = network->patches.width;
    if (group >= network->patches.groups)
        return zg_fail(error, ZG_BAD_INPUT, "neuron %zu belongs to group %zu, expected 0 to %zu", j,
                       group, network->patches.groups - 1);
    double length = zg_norm(width, u);
    if (!(fabs(length - 1.0) <= ZG_UNIT_TOLERANCE))
        return zg_fail(error, ZG_BAD_INPUT,
                       "neuron %zu: expected a vector of norm 1 (within %g), found norm %.12g", j,
                       ZG_UNIT_TOLERANCE, length);
    if (!zg_all_finite(network->outputs, alpha))
        return zg_fail(error, ZG_BAD_INPUT, "neuron %zu: alpha is not a finite number", j);
    return ZG_OK;
}

zg_status zg_network_from_neurons(const zg_problem *problem, size_t count, const size_t *group,
                                  const double *u, const double *alpha, zg_network **out,
                                  zg_error *error)
{
    zg_network *network;
    *out = NULL;
    zg_status status = zg_network_create(problem, &network, error);
    if (status != ZG_OK) return status;
    size_t width = network->patches.width, outputs = network->outputs;
    for (size_t j = 0; j < count && status == ZG_OK; j++) {
        size_t g = group ? group[j] : 0;
        status = check_neuron(network, j, g, u + j * width, alpha + j * outputs, error);
        if (status == ZG_OK && zg_network_add(network, g, u + j * width, 0, 0.0) != ZG_OK)
            status = zg_no_memory(error);
        if (status != ZG_OK) break;
        zg_unit_neuron(width, network->u + j * width);
        memcpy(network->alpha + j * outputs, alpha + j * outputs, outputs * sizeof *alpha);
    }
    if (status == ZG_OK)
        *out = network;
    else
        zg_network_free(network);
    return status;
}
