/* Reading model files, format "zerogap-model/1" (see model_write.c): every member is checked, and
 * told by its place where it is not what it should be. */
#include "base/formats.h"
#include "base/linalg.h"
#include "core/network.h"
#include "core/network_levels.h"
#include "data/halfspaces.h"
#include "data/one_hot.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    const char *path;
    zg_error *error;
    zg_network *network;
} reader;

static zg_status bad(const reader *r, const char *where, const char *expected, const json_t *found)
{
    static const char *const kinds[] = {"an object", "an array", "a text", "a whole number",
                                        "a number",  "true",     "false",  "null"};
    return zg_fail(r->error, ZG_BAD_INPUT, "%s: %s: expected %s, found %s", r->path, where,
                   expected, found ? kinds[json_typeof(found)] : "nothing");
}

static zg_status read_number(const reader *r, const char *where, const json_t *value, double *out)
{
    if (!json_is_number(value)) return bad(r, where, "a number", value);
    *out = json_number_value(value);
    return ZG_OK;
}

static zg_status read_count(const reader *r, const char *where, const json_t *value, size_t most,
                            size_t *out)
{
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value)) return bad(r, where, "a whole number", value);
    if (number < 0 || (unsigned long long)number > most)
        return zg_fail(r->error, ZG_BAD_INPUT,
                       "%s: %s: expected a whole number from 0 to %zu, found %lld", r->path, where,
                       most, (long long)number);
    *out = (size_t)number;
    return ZG_OK;
}

static zg_status read_numbers(const reader *r, const char *where, const json_t *array, size_t count,
                              double *out)
{
    if (!json_is_array(array)) return bad(r, where, "an array", array);
    if (json_array_size(array) != count)
        return zg_fail(r->error, ZG_BAD_INPUT, "%s: %s: expected %zu numbers, found %zu", r->path,
                       where, count, json_array_size(array));
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(array, i);
        if (!json_is_number(value)) {
            char place[160];
            snprintf(place, sizeof place, "%s[%zu]", where, i);
            return bad(r, place, "a number", value);
        }
        out[i] = json_number_value(value);
    }
    return ZG_OK;
}

/* The same into memory that is taken once the numbers are known to be there: a file of some bytes
 * can name any count.  *out is NULL before. */
static zg_status read_new_numbers(const reader *r, const char *where, const json_t *array,
                                  size_t count, double **out)
{
    if (json_array_size(array) == count && !(*out = zg_doubles(count)))
        return zg_no_memory(r->error);
    return read_numbers(r, where, array, count, *out);
}

/* A whole number, or an array of two where two are allowed. */
static zg_status read_extent(const reader *r, const char *where, const json_t *value, bool two,
                             size_t out[2])
{
    const size_t most = 1U << 20;
    if (two && json_is_array(value) && json_array_size(value) == 2) {
        zg_status status = read_count(r, where, json_array_get(value, 0), most, &out[0]);
        return status ? status : read_count(r, where, json_array_get(value, 1), most, &out[1]);
    }
    if (two) return bad(r, where, "an array of two whole numbers", value);
    out[0] = 1;
    return read_count(r, where, value, most, &out[1]);
}

static zg_status read_pool(const reader *r, const json_t *pool, bool two, zg_architecture *a)
{
    const char *text = json_string_value(pool);
    a->pool = ZG_POOL_NONE;
    if (!pool || (text && strcmp(text, "none") == 0)) return ZG_OK;
    if (text && strcmp(text, "global") == 0) {
        a->pool = ZG_POOL_GLOBAL;
        return ZG_OK;
    }
    if (text) return bad(r, "architecture.pool", "none, global or a size", pool);
    a->pool = ZG_POOL_SIZE;
    return read_extent(r, "architecture.pool", pool, two, a->pool_size);
}

static zg_status read_architecture(const reader *r, const json_t *object)
{
    zg_architecture *a = &r->network->architecture;
    const size_t most = 1U << 20;
    const char *kind = json_string_value(json_object_get(object, "kind"));
    if (!object || (kind && strcmp(kind, "dense") == 0)) return ZG_OK;
    bool two = kind && strcmp(kind, "conv2d") == 0;
    if (!two && !(kind && strcmp(kind, "conv1d") == 0))
        return bad(r, "architecture.kind", "dense, conv1d or conv2d",
                   json_object_get(object, "kind"));
    *a = (zg_architecture){.kind = two ? ZG_CONV2D : ZG_CONV1D, .height = 1, .channels = 1};
    json_t *channels = json_object_get(object, "channels");
    zg_status status = ZG_OK;
    if (two)
        status = read_count(r, "architecture.height", json_object_get(object, "height"), most,
                            &a->height);
    if (status == ZG_OK && channels)
        status = read_count(r, "architecture.channels", channels, most, &a->channels);
    json_t *width = json_object_get(object, "width");
    if (!two && !width)
        a->width = a->channels ? r->network->inputs / a->channels : 0;
    else if (status == ZG_OK)
        status = read_count(r, "architecture.width", width, most, &a->width);
    if (status == ZG_OK)
        status = read_extent(r, "architecture.filter", json_object_get(object, "filter"), two,
                             a->filter);
    a->stride[0] = a->stride[1] = 1;
    json_t *stride = json_object_get(object, "stride");
    if (status == ZG_OK && stride)
        status = read_extent(r, "architecture.stride", stride, two, a->stride);
    return status ? status : read_pool(r, json_object_get(object, "pool"), two, a);
}

/* count texts where there are any; the array is *out's from the first on. */
static zg_status read_texts(const reader *r, const char *where, const json_t *array, size_t count,
                            char ***out)
{
    if (!json_is_array(array)) return bad(r, where, "an array", array);
    if (json_array_size(array) != count)
        return zg_fail(r->error, ZG_BAD_INPUT, "%s: %s: expected %zu texts, found %zu", r->path,
                       where, count, json_array_size(array));
    *out = calloc(count ? count : 1, sizeof **out);
    if (!*out) return zg_no_memory(r->error);
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(array, i));
        if (!text) return bad(r, where, "texts only", json_array_get(array, i));
        (*out)[i] = strdup(text);
        if (!(*out)[i]) return zg_no_memory(r->error);
    }
    return ZG_OK;
}

/* One column of words, whose inputs lie behind those of the columns before it. */
static zg_status read_one_hot_column(const reader *r, const json_t *object, size_t behind,
                                     zg_one_hot_column *out)
{
    const char *name = json_string_value(json_object_get(object, "column"));
    const json_t *words = json_object_get(object, "words");
    const json_t *first = json_object_get(object, "first");
    size_t count = json_array_size(words);
    if (!name || !json_is_integer(first) || count == 0)
        return zg_fail(r->error, ZG_BAD_INPUT,
                       "%s: one_hot: expected objects of column, first and words", r->path);
    json_int_t at = json_integer_value(first);
    if (at < 1 || (size_t)at <= behind || count > r->network->preprocess.inputs ||
        (size_t)at - 1 > r->network->preprocess.inputs - count)
        return zg_fail(r->error, ZG_BAD_INPUT,
                       "%s: one_hot: expected inputs %zu to %zu for the words of \"%.80s\", found "
                       "%zu from %lld on",
                       r->path, behind + 1, r->network->preprocess.inputs, name, count,
                       (long long)at);
    out->first = (size_t)at - 1;
    out->count = count;
    out->name = strdup(name);
    return out->name ? read_texts(r, "one_hot.words", words, count, &out->words)
                     : zg_no_memory(r->error);
}

static zg_status read_one_hot(const reader *r, const json_t *array)
{
    if (!array) return ZG_OK;
    if (!json_is_array(array)) return bad(r, "one_hot", "an array", array);
    zg_one_hot *one_hot = calloc(1, sizeof *one_hot);
    if (!one_hot) return zg_no_memory(r->error);
    r->network->preprocess.one_hot = one_hot;
    one_hot->column = calloc(json_array_size(array) + 1, sizeof *one_hot->column);
    if (!one_hot->column) return zg_no_memory(r->error);
    size_t behind = 0;
    zg_status status = ZG_OK;
    for (size_t k = 0; k < json_array_size(array) && status == ZG_OK; k++) {
        zg_one_hot_column *column = &one_hot->column[one_hot->count++];
        status = read_one_hot_column(r, json_array_get(array, k), behind, column);
        behind = column->first + column->count;
    }
    return status;
}

static zg_status read_preprocess(const reader *r, const json_t *object, const json_t *names)
{
    zg_preprocess *p = &r->network->preprocess;
    if (names) {
        zg_status status = read_texts(r, "input_names", names, p->inputs, &p->names);
        if (status) return status;
    }
    if (!object) return ZG_OK;
    zg_status status = read_new_numbers(r, "preprocess.mean", json_object_get(object, "mean"),
                                        p->inputs, &p->mean);
    if (status == ZG_OK)
        status = read_new_numbers(r, "preprocess.scale", json_object_get(object, "scale"),
                                  p->inputs, &p->scale);
    for (size_t i = 0; status == ZG_OK && i < p->inputs; i++)
        if (!(p->scale[i] > 0.0))
            status = zg_fail(r->error, ZG_BAD_INPUT,
                             "%s: preprocess.scale[%zu]: expected a number > 0, found %g", r->path,
                             i, p->scale[i]);
    return status;
}

static zg_status read_fill(const reader *r, const json_t *array)
{
    zg_preprocess *p = &r->network->preprocess;
    if (!array) return ZG_OK;
    p->fill = zg_doubles(p->inputs);
    return p->fill ? read_numbers(r, "fill", array, p->inputs, p->fill) : zg_no_memory(r->error);
}

static zg_status read_lags(const reader *r, const json_t *lags, zg_lags *out)
{
    zg_status status = read_count(r, "series.lags.outputs", json_object_get(lags, "outputs"),
                                  ZG_LAG_LIMIT, &out->outputs);
    if (status == ZG_OK)
        status = read_count(r, "series.lags.inputs", json_object_get(lags, "inputs"), ZG_LAG_LIMIT,
                            &out->inputs);
    if (status == ZG_OK)
        status = read_count(r, "series.lags.delay", json_object_get(lags, "delay"), ZG_LAG_LIMIT,
                            &out->delay);
    return status;
}

/* The inputs are lags: as many as there are channels, each as often as it is looked back on. */
static zg_status read_series(const reader *r, const json_t *object)
{
    zg_preprocess *p = &r->network->preprocess;
    if (!object) return ZG_OK;
    zg_time_series *series = p->series = calloc(1, sizeof *series);
    if (!series) return zg_no_memory(r->error);
    const char *experiment = json_string_value(json_object_get(object, "experiment"));
    if (experiment)
        snprintf(series->lags.experiment, sizeof series->lags.experiment, "%s", experiment);
    zg_status status = read_lags(r, json_object_get(object, "lags"), &series->lags);
    size_t channels = 0;
    if (status == ZG_OK)
        status = read_count(r, "series.channels", json_object_get(object, "channels"), 1U << 20,
                            &channels);
    const json_t *names = json_object_get(object, "inputs");
    if (status == ZG_OK && names)
        status = read_texts(r, "series.inputs", names, channels, &series->channel_names);
    series->channels = channels;
    if (status != ZG_OK) return status;
    size_t used = channels - (experiment && channels > 0);
    size_t expected = series->lags.outputs * r->network->outputs + series->lags.inputs * used;
    if (expected == p->inputs) return ZG_OK;
    return zg_fail(r->error, ZG_BAD_INPUT,
                   "%s: series: these lags make %zu inputs, but the model has %zu", r->path,
                   expected, p->inputs);
}

static zg_status read_labels(const reader *r, const json_t *labels, zg_encoding *e)
{
    size_t count = json_array_size(labels), expected = e->task == ZG_BINARY ? 2 : e->outputs;
    if (!json_is_array(labels) || count != expected)
        return zg_fail(r->error, ZG_BAD_INPUT, "%s: target.labels: expected %zu labels, found %zu",
                       r->path, expected, count);
    bool texts = json_is_string(json_array_get(labels, 0));
    e->label_count = count;
    if (!texts) {
        e->values = zg_doubles(count);
        if (!e->values) return zg_no_memory(r->error);
        return read_numbers(r, "target.labels", labels, count, e->values);
    }
    return read_texts(r, "target.labels", labels, count, &e->texts);
}

static zg_status read_task(const reader *r, const json_t *object)
{
    zg_encoding *e = &r->network->encoding;
    const json_t *kind_json = json_object_get(object, "kind");
    const char *kind = json_string_value(kind_json);
    if (!object || (kind && strcmp(kind, "regression") == 0)) return ZG_OK;
    if (kind && strcmp(kind, "binary") == 0)
        e->task = ZG_BINARY;
    else if (kind && strcmp(kind, "multiclass") == 0)
        e->task = ZG_MULTICLASS;
    else
        return bad(r, "target.kind", "regression, binary or multiclass", kind_json);
    if (e->task == ZG_BINARY && e->outputs != 1)
        return zg_fail(r->error, ZG_BAD_INPUT,
                       "%s: outputs: a binary model has 1 output, found %zu", r->path, e->outputs);
    return read_labels(r, json_object_get(object, "labels"), e);
}

static zg_status read_target_scale(const reader *r, const json_t *object)
{
    zg_encoding *e = &r->network->encoding;
    if (e->task == ZG_MULTICLASS) /* of two classes: less the threshold */
        return zg_fail(r->error, ZG_BAD_INPUT, "%s: target.mean: classes have none", r->path);
    zg_status status =
        read_new_numbers(r, "target.mean", json_object_get(object, "mean"), e->outputs, &e->mean);
    if (status == ZG_OK)
        status = read_new_numbers(r, "target.scale", json_object_get(object, "scale"), e->outputs,
                                  &e->scale);
    for (size_t c = 0; status == ZG_OK && c < e->outputs; c++)
        if (!(e->scale[c] > 0.0))
            status = zg_fail(r->error, ZG_BAD_INPUT,
                             "%s: target.scale[%zu]: expected a number > 0, found %g", r->path, c,
                             e->scale[c]);
    return status;
}

/* Numbers of columns, each once. */
static zg_status read_target_columns(const reader *r, const json_t *array)
{
    zg_encoding *e = &r->network->encoding;
    const zg_time_series *series = r->network->preprocess.series;
    size_t targets = zg_encoding_targets(e);
    size_t all = (series ? series->channels : r->network->preprocess.inputs) + targets;
    if (!json_is_array(array)) return bad(r, "target.columns", "an array", array);
    if (json_array_size(array) != targets)
        return zg_fail(r->error, ZG_BAD_INPUT,
                       "%s: target.columns: expected %zu numbers, found %zu", r->path, targets,
                       json_array_size(array));
    e->columns = calloc(targets, sizeof *e->columns);
    if (!e->columns) return zg_no_memory(r->error);
    for (size_t k = 0; k < targets; k++) {
        zg_status status =
            read_count(r, "target.columns", json_array_get(array, k), all, &e->columns[k]);
        if (status) return status;
        bool taken = e->columns[k] == 0;
        for (size_t j = 0; j < k; j++)
            taken = taken || e->columns[j] == e->columns[k];
        if (taken)
            return zg_fail(r->error, ZG_BAD_INPUT,
                           "%s: target.columns[%zu]: expected another column from 1, found %zu",
                           r->path, k, e->columns[k]);
    }
    return ZG_OK;
}

static zg_status read_target(const reader *r, const json_t *object)
{
    zg_encoding *e = &r->network->encoding;
    e->outputs = r->network->outputs;
    const json_t *names = json_object_get(object, "names");
    zg_status status = read_task(r, object);
    if (status == ZG_OK && json_object_get(object, "mean")) status = read_target_scale(r, object);
    const json_t *columns = json_object_get(object, "columns");
    if (status == ZG_OK && columns) status = read_target_columns(r, columns);
    if (status || !names) return status;
    return read_texts(r, "target.names", names, zg_encoding_targets(e), &e->names);
}

/* Its vectors are the caller's to free. */
static zg_status read_neuron(const reader *r, size_t j, const json_t *object, double **vector,
                             double **weights)
{
    zg_network *network = r->network;
    char where[64];
    size_t group = 0, width = network->patches.width;
    json_t *group_json = json_object_get(object, "group");
    snprintf(where, sizeof where, "neurons[%zu].group", j);
    zg_status status = ZG_OK;
    if (group_json) status = read_count(r, where, group_json, network->patches.groups - 1, &group);
    snprintf(where, sizeof where, "neurons[%zu].u", j);
    if (status == ZG_OK)
        status = read_new_numbers(r, where, json_object_get(object, "u"), width, vector);
    double *u = *vector;
    if (status == ZG_OK && fabs(zg_norm(width, u) - 1.0) > ZG_UNIT_TOLERANCE)
        status = zg_fail(r->error, ZG_BAD_INPUT,
                         "%s: %s: expected a vector of norm 1 (within %g), found norm %.12g",
                         r->path, where, ZG_UNIT_TOLERANCE, zg_norm(width, u));
    if (status == ZG_OK) zg_unit_neuron(width, u);
    snprintf(where, sizeof where, "neurons[%zu].alpha", j);
    if (status == ZG_OK)
        status =
            read_new_numbers(r, where, json_object_get(object, "alpha"), network->outputs, weights);
    if (status) return status;
    status = zg_network_add(network, group, u, 0, 0.0);
    if (status) return zg_no_memory(r->error);
    memcpy(network->alpha + j * network->outputs, *weights, network->outputs * sizeof **weights);
    return ZG_OK;
}

static zg_status read_neurons(const reader *r, const json_t *array)
{
    if (!json_is_array(array)) return bad(r, "neurons", "an array", array);
    zg_status status = ZG_OK;
    for (size_t j = 0; status == ZG_OK && j < json_array_size(array); j++) {
        double *u = NULL, *alpha = NULL;
        status = read_neuron(r, j, json_array_get(array, j), &u, &alpha);
        free(u);
        free(alpha);
    }
    return status;
}

/* "binary", "ternary", "bilinear" or {"bits": K}; nothing: the sphere. */
static zg_status read_neuron_set(const reader *r, const json_t *value)
{
    zg_neuron_set *set = &r->network->neuron_set;
    const char *text = json_string_value(value);
    const json_t *bits = json_object_get(value, "bits");
    char name[40];
    zg_error inner;
    if (!value) return ZG_OK;
    if (json_is_integer(bits)) {
        snprintf(name, sizeof name, "bits:%lld", (long long)json_integer_value(bits));
        text = name;
    }
    if (!text) return bad(r, "neuron_set", "a text, or an object of bits", value);
    if (zg_neuron_set_parse(text, set, &inner))
        return zg_fail(r->error, ZG_BAD_INPUT, "%s: neuron_set: %.512s", r->path, inner.message);
    return ZG_OK;
}

/* What a file says of its neurons in whole numbers must be what it says of them in reals; they are
 * then placed to the last digit. */
static zg_status check_levels(const reader *r, const json_t *neurons)
{
    zg_network *network = r->network;
    size_t width = network->patches.width;
    zg_network_levels found;
    zg_error inner;
    if (!zg_neuron_set_finite(network->neuron_set)) return ZG_OK;
    if (zg_network_levels_find(network, network->neuron_set, &found, &inner))
        return zg_fail(r->error, inner.status, "%s: neurons: %.512s", r->path, inner.message);
    zg_network_levels_clear(&found);
    for (size_t j = 0; j < network->count; j++) {
        const json_t *levels = json_object_get(json_array_get(neurons, j), "levels");
        const json_t *scale = json_object_get(json_array_get(neurons, j), "scale");
        bool right = !levels || (json_array_size(levels) == width && json_is_number(scale));
        for (size_t k = 0; levels && right && k < width; k++) {
            double said = json_number_value(json_array_get(levels, k)) * json_number_value(scale);
            right = fabs(said - network->u[j * width + k]) <= ZG_UNIT_TOLERANCE;
        }
        if (!right)
            return zg_fail(r->error, ZG_BAD_INPUT,
                           "%s: neurons[%zu].levels: expected %zu whole numbers that are u over "
                           "the scale",
                           r->path, j, width);
    }
    return ZG_OK;
}

static zg_status read_dual(const reader *r, const json_t *dual)
{
    size_t count = json_array_size(dual), outputs = r->network->outputs;
    if (!dual) return ZG_OK;
    if (!json_is_array(dual) || count % outputs != 0)
        return zg_fail(r->error, ZG_BAD_INPUT,
                       "%s: training.dual: expected an array whose length is a multiple of the %zu "
                       "outputs",
                       r->path, outputs);
    r->network->training.dual = zg_doubles(count);
    if (!r->network->training.dual) return zg_no_memory(r->error);
    r->network->training.samples = count / outputs;
    return read_numbers(r, "training.dual", dual, count, r->network->training.dual);
}

/* The balls that it was trained against. */
static zg_status read_robust(const reader *r, const json_t *object)
{
    if (!object) return ZG_OK;
    const json_t *norm = json_object_get(object, "norm");
    const json_t *radius = json_object_get(object, "radius");
    if (!norm || !json_is_string(norm) || strcmp(json_string_value(norm), "l2") != 0)
        return bad(r, "training.robust.norm", "\"l2\"", norm);
    zg_status status =
        read_number(r, "training.robust.radius", radius, &r->network->training.robust);
    if (status == ZG_OK && !(r->network->training.robust >= 0.0))
        return bad(r, "training.robust.radius", "a number >= 0", radius);
    return status;
}

/* What the rows that trained it said of it. */
static zg_status read_rows(const reader *r, const json_t *rows)
{
    zg_error inner;
    if (!rows) return ZG_OK;
    if (!json_is_string(rows)) return bad(r, "training.rows", "a text, as --rows takes it", rows);
    if (zg_row_kind_parse(json_string_value(rows), &r->network->training.rows, &inner) == ZG_OK)
        return ZG_OK;
    return zg_fail(r->error, ZG_BAD_INPUT, "%s: training.rows: %.512s", r->path, inner.message);
}

static zg_status read_training(const reader *r, const json_t *object)
{
    zg_network *network = r->network;
    network->training.beta = network->training.objective = NAN;
    network->training.bound = network->training.gap = NAN;
    if (!object) return ZG_OK;
    struct {
        const char *key;
        double *out;
    } fields[] = {{"beta", &network->training.beta},
                  {"objective", &network->training.objective},
                  {"bound", &network->training.bound},
                  {"gap", &network->training.gap},
                  {"penalty_power", &network->training.penalty.power}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const json_t *value = json_object_get(object, fields[i].key);
        char where[64];
        snprintf(where, sizeof where, "training.%s", fields[i].key);
        zg_status status = value ? read_number(r, where, value, fields[i].out) : ZG_OK;
        if (status) return status;
    }
    if (json_object_get(object, "penalty_power")) network->training.penalty.kind = ZG_PENALTY_POWER;
    const char *loss = json_string_value(json_object_get(object, "loss"));
    zg_error inner;
    if (loss && zg_loss_parse(loss, &network->training.loss, &inner))
        return zg_fail(r->error, ZG_BAD_INPUT, "%s: training.loss: %.512s", r->path, inner.message);
    zg_status status = read_robust(r, json_object_get(object, "robust"));
    if (status == ZG_OK) status = read_rows(r, json_object_get(object, "rows"));
    if (status != ZG_OK) return status;
    const char *solver = json_string_value(json_object_get(object, "solver"));
    if (solver) snprintf(network->training.solver, sizeof network->training.solver, "%s", solver);
    return read_dual(r, json_object_get(object, "dual"));
}

/* The input 1 behind the others, which "inputs" does not count. */
static zg_status read_bias(const reader *r, const json_t *bias)
{
    zg_network *network = r->network;
    if (!bias || json_is_false(bias)) return ZG_OK;
    if (!json_is_true(bias)) return bad(r, "bias", "true or false", bias);
    network->preprocess.bias = true;
    network->inputs++;
    return ZG_OK;
}

/* Directions, by which the network sees inputs and bias: high parts, then low parts. */
static zg_status read_halfspaces(const reader *r, const json_t *rows)
{
    zg_network *network = r->network;
    zg_preprocess *p = &network->preprocess;
    if (!rows && p->bias && network->architecture.kind != ZG_DENSE)
        return zg_fail(r->error, ZG_BAD_INPUT, "%s: bias: only dense networks can have one",
                       r->path);
    if (!rows) return ZG_OK;
    size_t count = json_array_size(rows), width = 2 * network->inputs;
    if (count == 0 || network->inputs > ZG_HALFSPACE_DIMENSIONS)
        return zg_fail(r->error, ZG_BAD_INPUT,
                       "%s: halfspaces: expected an array of directions in at most %d dimensions",
                       r->path, ZG_HALFSPACE_DIMENSIONS);
    p->directions = zg_doubles(count * width);
    if (!p->directions) return zg_no_memory(r->error);
    p->halfspaces = network->inputs = count;
    zg_status status = ZG_OK;
    for (size_t k = 0; k < count && status == ZG_OK; k++)
        status = read_numbers(r, "halfspaces", json_array_get(rows, k), width,
                              p->directions + k * width);
    zg_architecture *a = &network->architecture;
    if (a->kind == ZG_CONV1D) a->width = a->channels ? count / a->channels : 0;
    return status;
}

static zg_status read_shape(const reader *r, const json_t *root)
{
    zg_network *network = r->network;
    double s[3];
    const json_t *format = json_object_get(root, "format");
    if (!json_is_string(format) || strcmp(json_string_value(format), ZG_MODEL_FORMAT) != 0)
        return zg_fail(r->error, ZG_BAD_INPUT,
                       "%s: format: expected \"" ZG_MODEL_FORMAT "\", found %s", r->path,
                       json_is_string(format) ? json_string_value(format) : "none");
    zg_status status = read_numbers(r, "activation", json_object_get(root, "activation"), 3, s);
    network->activation = (zg_activation){s[0], s[1], s[2]};
    if (status == ZG_OK)
        status =
            read_count(r, "inputs", json_object_get(root, "inputs"), 1U << 26, &network->inputs);
    if (status == ZG_OK)
        status =
            read_count(r, "outputs", json_object_get(root, "outputs"), 1U << 20, &network->outputs);
    if (status == ZG_OK && network->outputs == 0)
        status =
            zg_fail(r->error, ZG_BAD_INPUT, "%s: outputs: expected at least 1, found 0", r->path);
    if (status == ZG_OK) status = read_architecture(r, json_object_get(root, "architecture"));
    network->preprocess.inputs = network->inputs;
    if (status == ZG_OK) status = read_bias(r, json_object_get(root, "bias"));
    if (status == ZG_OK) status = read_halfspaces(r, json_object_get(root, "halfspaces"));
    zg_error inner;
    if (status == ZG_OK &&
        zg_patches_create(&network->architecture, network->inputs, &network->patches, &inner))
        status = zg_fail(r->error, inner.status, "%s: %.512s", r->path, inner.message);
    return status;
}

static zg_status read_network(const reader *r, const json_t *root)
{
    if (!json_is_object(root)) return bad(r, "the file", "an object", root);
    zg_status status = read_shape(r, root);
    if (status == ZG_OK)
        status = read_preprocess(r, json_object_get(root, "preprocess"),
                                 json_object_get(root, "input_names"));
    if (status == ZG_OK) status = read_fill(r, json_object_get(root, "fill"));
    if (status == ZG_OK) status = read_series(r, json_object_get(root, "series"));
    if (status == ZG_OK) status = read_one_hot(r, json_object_get(root, "one_hot"));
    if (status == ZG_OK) status = read_target(r, json_object_get(root, "target"));
    if (status == ZG_OK) status = read_neurons(r, json_object_get(root, "neurons"));
    if (status == ZG_OK) status = read_neuron_set(r, json_object_get(root, "neuron_set"));
    if (status == ZG_OK) status = check_levels(r, json_object_get(root, "neurons"));
    if (status == ZG_OK) status = read_training(r, json_object_get(root, "training"));
    return status;
}

zg_status zg_network_load(const char *path, zg_network **out, zg_error *error)
{
    FILE *file = fopen(path, "r");
    if (!file) return zg_fail(error, ZG_BAD_INPUT, "%s: cannot read: %s", path, strerror(errno));
    json_error_t at;
    json_t *root = json_loadf(file, JSON_REJECT_DUPLICATES, &at);
    fclose(file);
    if (!root)
        return zg_fail(error, ZG_BAD_INPUT, "%s:%d:%d: not valid JSON: %s", path, at.line,
                       at.column, at.text);
    reader r = {path, error, calloc(1, sizeof(zg_network))};
    zg_status status = r.network ? read_network(&r, root) : zg_no_memory(error);
    json_decref(root);
    if (status) {
        zg_network_free(r.network);
        return status;
    }
    *out = r.network;
    return ZG_OK;
}
