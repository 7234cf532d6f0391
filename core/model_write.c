/* Writing model files, format "zerogap-model/1": networks as JSON, every number with 17 digits. */
#include "base/formats.h"
#include "base/replace.h"
#include "core/network.h"
#include "core/neuron_set.h"
#include "core/problem_rows.h"
#include "data/one_hot.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *numbers(size_t count, const double *values)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_real(values[i]));
    return array;
}

static json_t *pair(const size_t values[2])
{
    return json_pack("[I,I]", (json_int_t)values[0], (json_int_t)values[1]);
}

static json_t *architecture_json(const zg_architecture *a)
{
    if (a->kind == ZG_DENSE) return json_pack("{s:s}", "kind", "dense");
    bool two = a->kind == ZG_CONV2D;
    json_t *object = json_object();
    json_object_set_new(object, "kind", json_string(two ? "conv2d" : "conv1d"));
    if (two) json_object_set_new(object, "height", json_integer((json_int_t)a->height));
    json_object_set_new(object, "width", json_integer((json_int_t)a->width));
    if (a->channels > 1)
        json_object_set_new(object, "channels", json_integer((json_int_t)a->channels));
    json_object_set_new(object, "filter",
                        two ? pair(a->filter) : json_integer((json_int_t)a->filter[1]));
    json_object_set_new(object, "stride",
                        two ? pair(a->stride) : json_integer((json_int_t)a->stride[1]));
    json_t *pool = a->pool == ZG_POOL_NONE     ? json_string("none")
                   : a->pool == ZG_POOL_GLOBAL ? json_string("global")
                   : two                       ? pair(a->pool_size)
                                               : json_integer((json_int_t)a->pool_size[1]);
    json_object_set_new(object, "pool", pool);
    return object;
}

static json_t *texts_json(size_t count, char *const *texts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(texts[i]));
    return array;
}

static json_t *one_hot_json(const zg_one_hot *one_hot)
{
    json_t *array = json_array();
    for (size_t k = 0; k < one_hot->count; k++) {
        const zg_one_hot_column *column = &one_hot->column[k];
        json_array_append_new(array, json_pack("{s:s, s:I, s:o}", "column", column->name, "first",
                                               (json_int_t)column->first + 1, "words",
                                               texts_json(column->count, column->words)));
    }
    return array;
}

static json_t *target_json(const zg_encoding *e)
{
    static const char *const kinds[] = {"regression", "binary", "multiclass"};
    json_t *object = json_pack("{s:s}", "kind", kinds[e->task]);
    if (e->mean) {
        json_object_set_new(object, "mean", numbers(e->outputs, e->mean));
        json_object_set_new(object, "scale", numbers(e->outputs, e->scale));
    }
    if (e->names)
        json_object_set_new(object, "names", texts_json(zg_encoding_targets(e), e->names));
    if (e->columns) {
        json_t *columns = json_array();
        for (size_t k = 0; k < zg_encoding_targets(e); k++)
            json_array_append_new(columns, json_integer((json_int_t)e->columns[k]));
        json_object_set_new(object, "columns", columns);
    }
    if (e->task == ZG_REGRESSION) return object;
    json_t *labels = json_array();
    for (size_t i = 0; i < e->label_count; i++)
        json_array_append_new(labels,
                              e->texts ? json_string(e->texts[i]) : json_real(e->values[i]));
    json_object_set_new(object, "labels", labels);
    return object;
}

/* "levels" and "scale": the whole numbers that the weights are, and what they are multiplied by;
 * halves of pairs are ternary. */
static void set_levels(json_t *neuron, const zg_network *network, size_t j)
{
    size_t width = network->patches.width;
    zg_neuron_set set = network->neuron_set;
    if (set.kind == ZG_SET_BILINEAR) set = (zg_neuron_set){.kind = ZG_SET_TERNARY};
    int *levels = zg_neuron_set_finite(set) ? calloc(width, sizeof *levels) : NULL;
    if (levels && zg_neuron_set_find(set, width, network->u + j * width, levels)) {
        json_t *array = json_array();
        double square = 0.0;
        for (size_t k = 0; k < width; k++) {
            json_array_append_new(array, json_integer(levels[k]));
            square += (double)levels[k] * levels[k];
        }
        json_object_set_new(neuron, "levels", array);
        json_object_set_new(neuron, "scale", json_real(1.0 / sqrt(square)));
    }
    free(levels);
}

static json_t *neuron_set_json(zg_neuron_set set)
{
    char text[ZG_NEURON_SET_SIZE];
    if (set.kind == ZG_SET_BITS) return json_pack("{s:i}", "bits", (int)set.bits);
    zg_neuron_set_format(set, text);
    return json_string(text);
}

static json_t *neurons_json(const zg_network *network)
{
    json_t *array = json_array();
    for (size_t j = 0; j < network->count; j++) {
        json_t *neuron = json_object();
        json_object_set_new(neuron, "group", json_integer((json_int_t)network->group[j]));
        json_object_set_new(
            neuron, "u", numbers(network->patches.width, network->u + j * network->patches.width));
        json_object_set_new(neuron, "alpha",
                            numbers(network->outputs, network->alpha + j * network->outputs));
        set_levels(neuron, network, j);
        json_array_append_new(array, neuron);
    }
    return array;
}

static void set_finite(json_t *object, const char *key, double value)
{
    if (isfinite(value)) json_object_set_new(object, key, json_real(value));
}

static json_t *training_json(const zg_network *network)
{
    json_t *object = json_object();
    char loss[64];
    zg_loss_format(network->training.loss, loss, sizeof loss);
    json_object_set_new(object, "loss", json_string(loss));
    set_finite(object, "beta", network->training.beta);
    set_finite(object, "objective", network->training.objective);
    set_finite(object, "bound", network->training.bound);
    set_finite(object, "gap", network->training.gap);
    if (network->training.penalty.kind == ZG_PENALTY_POWER)
        set_finite(object, "penalty_power", network->training.penalty.power);
    if (network->training.robust > 0.0)
        json_object_set_new(
            object, "robust",
            json_pack("{s:s, s:f}", "norm", "l2", "radius", network->training.robust));
    if (network->training.rows != ZG_ROWS_VALUES)
        json_object_set_new(object, "rows", json_string(zg_row_kind_name(network->training.rows)));
    json_object_set_new(object, "solver", json_string(network->training.solver));
    if (network->training.dual)
        json_object_set_new(
            object, "dual",
            numbers(network->outputs * network->training.samples, network->training.dual));
    return object;
}

static json_t *series_json(const zg_time_series *series)
{
    json_t *object =
        json_pack("{s:{s:I, s:I, s:I}, s:I}", "lags", "outputs", (json_int_t)series->lags.outputs,
                  "inputs", (json_int_t)series->lags.inputs, "delay",
                  (json_int_t)series->lags.delay, "channels", (json_int_t)series->channels);
    if (series->channel_names)
        json_object_set_new(object, "inputs", texts_json(series->channels, series->channel_names));
    if (series->lags.experiment[0])
        json_object_set_new(object, "experiment", json_string(series->lags.experiment));
    return object;
}

/* A direction in each row: high parts, then low parts. */
static json_t *halfspaces_json(const zg_preprocess *own)
{
    size_t width = 2 * (own->inputs + own->bias);
    json_t *rows = json_array();
    for (size_t k = 0; k < own->halfspaces; k++)
        json_array_append_new(rows, numbers(width, own->directions + k * width));
    return rows;
}

static json_t *network_json(const zg_network *network)
{
    zg_activation s = network->activation;
    json_t *root = json_object();
    json_object_set_new(root, "format", json_string(ZG_MODEL_FORMAT));
    json_object_set_new(root, "activation", json_pack("[f,f,f]", s.a, s.b, s.c));
    json_object_set_new(root, "architecture", architecture_json(&network->architecture));
    const zg_preprocess *own = &network->preprocess;
    json_object_set_new(root, "inputs", json_integer((json_int_t)own->inputs));
    if (own->bias) json_object_set_new(root, "bias", json_true());
    if (own->halfspaces > 0) json_object_set_new(root, "halfspaces", halfspaces_json(own));
    json_object_set_new(root, "outputs", json_integer((json_int_t)network->outputs));
    if (network->preprocess.names)
        json_object_set_new(root, "input_names", texts_json(own->inputs, own->names));
    if (network->preprocess.one_hot)
        json_object_set_new(root, "one_hot", one_hot_json(network->preprocess.one_hot));
    if (own->series) json_object_set_new(root, "series", series_json(own->series));
    if (own->fill) json_object_set_new(root, "fill", numbers(own->inputs, own->fill));
    if (network->preprocess.mean) {
        json_t *preprocess = json_object();
        json_object_set_new(preprocess, "mean", numbers(own->inputs, own->mean));
        json_object_set_new(preprocess, "scale", numbers(own->inputs, own->scale));
        json_object_set_new(root, "preprocess", preprocess);
    }
    json_object_set_new(root, "target", target_json(&network->encoding));
    if (zg_neuron_set_finite(network->neuron_set))
        json_object_set_new(root, "neuron_set", neuron_set_json(network->neuron_set));
    json_object_set_new(root, "neurons", neurons_json(network));
    json_object_set_new(root, "training", training_json(network));
    return root;
}

zg_status zg_network_save(const zg_network *network, const char *path, zg_error *error)
{
    zg_replacement replacement;
    zg_status status = zg_replace_begin(&replacement, path, error);
    if (status != ZG_OK) return status;
    FILE *file = replacement.file;
    json_t *root = network_json(network);
    if (!root || json_dumpf(root, file, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) != 0 ||
        fputc('\n', file) == EOF)
        status = zg_fail(error, ZG_IO, "%.400s: cannot write", path);
    json_decref(root);
    return zg_replace_end(&replacement, status, error);
}
