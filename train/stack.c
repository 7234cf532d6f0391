/* Networks trained layer by layer (see stack.h). */
#include "train/stack.h"

#include "base/linalg.h"
#include "train/registry.h"
#include "train/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHARPENED 1e-3 /* of the tolerance: what a layer is off by, the next one builds on */

/* ---- what a layer says ----------------------------------------------------------------------- */

static size_t feature_count(const zg_network *network, zg_stack_features features)
{
    return network->outputs + (features == ZG_STACK_NEURONS ? network->count : 0);
}

/* The response of neuron j alone, in f (outputs x n), which it fills with the same for all. */
static zg_status respond(const zg_network *network, size_t j, const zg_dataset *rows, double *f,
                         zg_error *error)
{
    zg_network *one;
    zg_status status = zg_network_copy(network, &one, error);
    if (status != ZG_OK) return status;
    zg_network_clear_neurons(one);
    free(one->encoding.mean); /* in units of its own */
    free(one->encoding.scale);
    one->encoding.mean = one->encoding.scale = NULL;
    status = zg_network_add(one, network->group[j], network->u + j * network->patches.width, 0, 1);
    if (status == ZG_OK) status = zg_network_predict(one, rows->rows, rows->x, f, error);
    zg_network_free(one);
    return status;
}

/* out (features x rows): the outputs, then the neurons. */
static zg_status speak(const zg_network *network, zg_stack_features features,
                       const zg_dataset *rows, double **out, zg_error *error)
{
    size_t n = rows->rows, count = feature_count(network, features), outputs = network->outputs;
    *out = zg_doubles((count + outputs) * n);
    if (!*out) return zg_no_memory(error);
    zg_status status = zg_network_predict(network, n, rows->x, *out, error);
    double *one = *out + count * n;
    for (size_t j = outputs; j < count && status == ZG_OK; j++) {
        status = respond(network, j - outputs, rows, one, error);
        memcpy(*out + j * n, one, n * sizeof *one);
    }
    return status;
}

/* ---- wider rows ------------------------------------------------------------------------------ */

static bool is_taken(const zg_dataset *rows, size_t inputs, const char *name)
{
    for (size_t j = 0; j < inputs; j++)
        if (strcmp(rows->input_names[j], name) == 0) return true;
    return false;
}

/* "layer1", "layer1.2" for several; longer where that is the name of another input. */
static zg_status widen_names(zg_dataset *rows, size_t layer, size_t count)
{
    size_t before = rows->inputs;
    if (!rows->input_names) return ZG_OK;
    char **names = calloc(before + count, sizeof *names);
    if (!names) return ZG_NO_MEMORY;
    memcpy(names, rows->input_names, before * sizeof *names);
    free(rows->input_names);
    rows->input_names = names;
    for (size_t k = 0; k < count; k++) {
        char name[96];
        int length = count == 1 ? snprintf(name, sizeof name, "layer%zu", layer)
                                : snprintf(name, sizeof name, "layer%zu.%zu", layer, k + 1);
        while (is_taken(rows, before + k, name) && (size_t)length + 1 < sizeof name) {
            name[length++] = '_';
            name[length] = '\0';
        }
        names[before + k] = strdup(name);
        if (!names[before + k]) return ZG_NO_MEMORY;
    }
    return ZG_OK;
}

static zg_status widen(zg_dataset *rows, size_t layer, size_t count, const double *f,
                       const double *scale)
{
    size_t n = rows->rows, d = rows->inputs;
    double *x = zg_doubles(n * (d + count));
    if (!x) return ZG_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        memcpy(x + i * (d + count), rows->x + i * d, d * sizeof *x);
        for (size_t k = 0; k < count; k++)
            x[i * (d + count) + d + k] = f[k * n + i] / scale[k];
    }
    zg_status status = widen_names(rows, layer, count);
    if (status != ZG_OK) {
        free(x);
        return status;
    }
    if (!rows->borrows_x) free(rows->x);
    rows->x = x;
    rows->borrows_x = false;
    rows->inputs = d + count;
    return ZG_OK;
}

/* Root mean squares; 1 for what is always 0. */
static zg_status find_scales(size_t n, size_t count, const double *f, double *scale,
                             zg_error *error)
{
    for (size_t k = 0; k < count; k++) {
        scale[k] = zg_norm(n, f + k * n) / sqrt((double)n);
        if (scale[k] == 0) scale[k] = 1;
        if (!isfinite(scale[k]))
            return zg_fail(error, ZG_FAILED, "a layer's outputs are too large for the next one");
    }
    return ZG_OK;
}

zg_status zg_stack_append(const zg_network *network, zg_stack_features features, size_t layer,
                          size_t count, zg_dataset *const *rows, zg_error *error)
{
    size_t more = feature_count(network, features);
    double *scale = zg_doubles(more);
    zg_status status = scale ? ZG_OK : zg_no_memory(error);
    for (size_t k = 0; k < count && status == ZG_OK; k++) {
        double *f = NULL;
        if (!rows[k]) continue;
        if (rows[k]->series)
            status = zg_fail(error, ZG_UNSUPPORTED,
                             "the inputs of a time series are lags: layers are for other rows");
        if (status == ZG_OK) status = speak(network, features, rows[k], &f, error);
        if (status == ZG_OK && k == 0) status = find_scales(rows[k]->rows, more, f, scale, error);
        if (status == ZG_OK && widen(rows[k], layer, more, f, scale) != ZG_OK)
            status = zg_no_memory(error);
        free(f);
    }
    free(scale);
    return status;
}

/* ---- a layer --------------------------------------------------------------------------------- */

zg_status zg_stack_train(const zg_problem *problem, double tolerance, zg_network **out,
                         zg_error *error)
{
    const zg_method *method;
    zg_value *values;
    zg_training training = {0};
    zg_error inner = {0};
    *out = NULL;
    zg_status status = zg_method_find("auto", problem, &method, error);
    if (status == ZG_OK) status = zg_values_create(method, &values, error);
    if (status != ZG_OK) return status;
    const zg_control control = {.tolerance = fmax(SHARPENED * tolerance, 1e-12), .jobs = 1};
    status =
        zg_training_run(problem, method, values, &control, 0.0, 0.0, NULL, NULL, &training, &inner);
    zg_values_free(method, values);
    zg_assessment found;
    if (status == ZG_NO_MEMORY || !training.solution.network ||
        zg_certificate_judge(&training.certificate, tolerance, &found) != ZG_DECISION_CERTIFIED) {
        zg_training_clear(&training);
        return zg_fail(error, status == ZG_NO_MEMORY ? status : ZG_FAILED,
                       "not certified to %.0e%s%.800s", tolerance, inner.message[0] ? ": " : "",
                       inner.message);
    }
    *out = training.solution.network;
    training.solution.network = NULL;
    zg_training_clear(&training);
    return ZG_OK;
}
