/* Changing a data set in memory: missing values resolved, target columns chosen anew, weights
 * taken. */
#include "base/linalg.h"

#include "base/memory.h"
#include "data/columns.h"
#include "data/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- missing values ------------------------------------------------------------------------ */

static const char *name_of(const zg_dataset *dataset)
{
    return dataset->name ? dataset->name : "data set";
}

static bool row_is_whole(const zg_dataset *dataset, size_t row)
{
    for (size_t j = 0; j < dataset->inputs; j++) {
        if (isnan(dataset->x[row * dataset->inputs + j])) return false;
    }
    for (size_t c = 0; c < dataset->targets; c++) {
        if (isnan(dataset->t[row * dataset->targets + c])) return false;
    }
    return true;
}

static zg_status refuse_missing(const zg_dataset *dataset, zg_error *error)
{
    size_t incomplete = 0;
    for (size_t i = 0; i < dataset->rows; i++)
        incomplete += !row_is_whole(dataset, i);
    if (incomplete == 0) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.400s: %zu of %zu rows have missing values (--missing mean or drop accepts "
                   "them)",
                   name_of(dataset), incomplete, dataset->rows);
}

static zg_status drop_missing(zg_dataset *dataset, zg_error *error)
{
    size_t kept = 0, d = dataset->inputs, k = dataset->targets;
    for (size_t i = 0; i < dataset->rows; i++) {
        if (!row_is_whole(dataset, i)) continue;
        memmove(dataset->x + kept * d, dataset->x + i * d, d * sizeof(double));
        memmove(dataset->t + kept * k, dataset->t + i * k, k * sizeof(double));
        kept++;
    }
    if (kept == 0)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: no row is left after dropping those with missing values",
                       name_of(dataset));
    dataset->rows = kept;
    return ZG_OK;
}

static zg_status fill_column(zg_dataset *dataset, size_t column, zg_error *error)
{
    long double sum = 0;
    size_t count = 0, d = dataset->inputs;
    for (size_t i = 0; i < dataset->rows; i++) {
        double value = dataset->x[i * d + column];
        if (isnan(value)) continue;
        sum += value;
        count++;
    }
    if (count == dataset->rows) return ZG_OK;
    const char *name = dataset->input_names ? dataset->input_names[column] : NULL;
    if (count == 0)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: input %zu%s%.80s%s has no value at all, so there is no mean to "
                       "stand in",
                       name_of(dataset), column + 1, name ? " (" : "", name ? name : "",
                       name ? ")" : "");
    for (size_t i = 0; i < dataset->rows; i++) {
        double *value = &dataset->x[i * d + column];
        if (isnan(*value)) *value = (double)(sum / (long double)count);
    }
    return ZG_OK;
}

zg_status zg_dataset_resolve_missing(zg_dataset *dataset, zg_missing missing, zg_error *error)
{
    if (missing == ZG_MISSING_KEEP) return ZG_OK;
    if (missing == ZG_MISSING_DROP) return drop_missing(dataset, error);
    if (missing == ZG_MISSING_ERROR) return refuse_missing(dataset, error);
    for (size_t i = 0; i < dataset->rows * dataset->targets; i++) {
        if (isnan(dataset->t[i]))
            return zg_fail(error, ZG_BAD_INPUT,
                           "%.400s: the target of row %zu is missing; the mean stands in for "
                           "inputs only",
                           name_of(dataset), i / dataset->targets + 1);
    }
    zg_status status = ZG_OK;
    if (missing == ZG_MISSING_TRAINING_MEAN) return status;
    for (size_t j = 0; j < dataset->inputs && status == ZG_OK; j++)
        status = fill_column(dataset, j, error);
    return status;
}

/* ---- targets --------------------------------------------------------------------------------- */

/* Names of all columns, borrowed; "" where there is none. */
static const char **column_names(const zg_dataset *dataset)
{
    size_t d = dataset->inputs, k = dataset->targets;
    const char **names = calloc(d + k, sizeof *names);
    for (size_t c = 0; names && c < d + k; c++) {
        char *const *from = c < d ? dataset->input_names : dataset->target_names;
        names[c] = from ? from[c < d ? c : c - d] : "";
    }
    return names;
}

static void move_columns(const zg_dataset *from, const zg_columns *columns, zg_dataset *to)
{
    for (size_t i = 0; i < from->rows; i++) {
        for (size_t j = 0; j < from->inputs; j++)
            zg_columns_put(columns, i, j, from->x[i * from->inputs + j], to->x, to->t);
        for (size_t c = 0; c < from->targets; c++)
            zg_columns_put(columns, i, from->inputs + c, from->t[i * from->targets + c], to->x,
                           to->t);
    }
}

static zg_status move_names(const char *const *names, const zg_columns *columns, zg_dataset *to)
{
    to->input_names = calloc(to->inputs, sizeof *to->input_names);
    to->target_names = calloc(to->targets + 1, sizeof *to->target_names);
    if (!to->input_names || !to->target_names) return ZG_NO_MEMORY;
    for (size_t c = 0; c < columns->count; c++) {
        long place = columns->place[c];
        if (place == ZG_COLUMN_UNUSED) continue;
        char *name = strdup(names[c]);
        if (!name) return ZG_NO_MEMORY;
        if (place >= 0)
            to->input_names[place] = name;
        else
            to->target_names[~place] = name;
    }
    return ZG_OK;
}

static zg_status rebuild(zg_dataset *dataset, const zg_columns *columns, const char *const *names,
                         zg_error *error)
{
    zg_dataset *fresh;
    zg_status status =
        zg_dataset_alloc(dataset->rows, columns->inputs, columns->targets, &fresh, error);
    if (status != ZG_OK) return status;
    move_columns(dataset, columns, fresh);
    if ((dataset->input_names && move_names(names, columns, fresh) != ZG_OK) ||
        zg_columns_targets(columns, &fresh->target_columns) != ZG_OK) {
        zg_dataset_free(fresh);
        return zg_no_memory(error);
    }
    fresh->name = dataset->name;
    fresh->notes = dataset->notes;
    fresh->note_count = dataset->note_count;
    fresh->note_capacity = dataset->note_capacity;
    fresh->sparse = dataset->sparse;
    fresh->gaps = dataset->gaps;
    dataset->name = NULL;
    dataset->notes = NULL;
    if (dataset->labels &&
        columns->place[dataset->inputs] == ~0L) { /* its one target remains the one target */
        fresh->labels = dataset->labels;
        fresh->label_count = dataset->label_count;
        dataset->labels = NULL;
    }
    zg_dataset old = *dataset;
    *dataset = *fresh;
    *fresh = old;
    zg_dataset_free(fresh);
    return ZG_OK;
}

/* A column of class labels can be the one target or unused, but no input. */
static zg_status check_labels(const zg_dataset *dataset, const zg_columns *columns, bool weighted,
                              zg_error *error)
{
    if (!dataset->labels) return ZG_OK;
    long place = columns->place[dataset->inputs];
    if (place == ZG_COLUMN_UNUSED) return ZG_OK;
    if (zg_columns_label(columns, weighted) == dataset->inputs) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.400s: its target holds class labels that are texts; no other column can be "
                   "chosen",
                   name_of(dataset));
}

/* In a format that omits zeros a row is only as wide as its last nonzero number. */
static zg_status widen(zg_dataset *dataset, size_t inputs, zg_error *error)
{
    size_t old = dataset->inputs;
    if (!dataset->sparse || old >= inputs) return ZG_OK;
    if (inputs > SIZE_MAX / sizeof(double) / dataset->rows) return zg_no_memory(error);
    double *x = zg_doubles(dataset->rows * inputs);
    if (!x) return zg_no_memory(error);
    for (size_t i = 0; i < dataset->rows; i++)
        memcpy(x + i * inputs, dataset->x + i * old, old * sizeof *x);
    free(dataset->x);
    dataset->x = x;
    dataset->inputs = inputs;
    return ZG_OK;
}

/* Unless both sides have names, columns are taken by position and must be equal in number. */
static zg_status check_widths(const zg_dataset *dataset, const zg_schema *schema, zg_error *error)
{
    zg_columns columns = {.inputs = dataset->inputs, .targets = dataset->targets};
    if (schema->lenient && columns.targets != schema->targets) columns.targets = 0;
    return zg_schema_check(schema, name_of(dataset), &columns, error);
}

static zg_status place_anew(zg_dataset *dataset, const zg_data_options *options, zg_error *error)
{
    const char **names = column_names(dataset);
    if (!names) return zg_no_memory(error);
    zg_columns columns;
    zg_status status =
        zg_columns_choose(options, name_of(dataset), dataset->inputs + dataset->targets,
                          dataset->input_names ? names : NULL, NULL, &columns, error);
    if (status == ZG_OK) {
        status = check_labels(dataset, &columns, options && options->weighted, error);
        if (status == ZG_OK) status = rebuild(dataset, &columns, names, error);
        zg_columns_clear(&columns);
    }
    free(names);
    return status;
}

zg_status zg_dataset_retarget(zg_dataset *dataset, const char *target, const zg_schema *schema,
                              zg_error *error)
{
    zg_data_options options = {.target = target};
    if (!schema) return target ? place_anew(dataset, &options, error) : ZG_OK;
    zg_status status = widen(dataset, schema->inputs, error);
    if (status != ZG_OK) return status;
    zg_schema own = *schema;
    own.one_hot = NULL; /* words are inputs here already, on both sides */
    if (!target && !own.target_names) own.target_names = dataset->target_names;
    if (schema->input_names && dataset->input_names) {
        options.schema = &own;
        return place_anew(dataset, &options, error);
    }
    if (target) status = place_anew(dataset, &options, error);
    return status == ZG_OK ? check_widths(dataset, schema, error) : status;
}

/* The targets there are, as a list of indices (malloc); NULL without memory. */
static char *present_targets(const zg_dataset *dataset)
{
    char *list = calloc(dataset->targets + 1, 24), *end = list;
    for (size_t c = 0; list && c < dataset->targets; c++)
        end += sprintf(end, "%s%zu", c ? "," : "", dataset->inputs + c + 1);
    return list;
}

zg_status zg_dataset_rechoose(zg_dataset *dataset, const zg_data_options *options, zg_error *error)
{
    if (!options) return ZG_OK;
    if (!options->columns && !options->drop)
        return zg_dataset_retarget(dataset, options->target, options->schema, error);
    char *targets = present_targets(dataset);
    if (!targets) return zg_no_memory(error);
    zg_data_options own = *options;
    own.schema = NULL;
    if (!own.target && dataset->targets > 0) own.target = targets;
    zg_status status = place_anew(dataset, &own, error);
    free(targets);
    if (status != ZG_OK || !options->schema) return status;
    return zg_dataset_retarget(dataset, NULL, options->schema, error);
}

/* ---- a constant input ---------------------------------------------------------------------- */

/* "1", or as many as it takes to be no other name. */
static char *constant_name(const zg_dataset *dataset)
{
    char *name = strdup("1");
    for (size_t j = 0; name && j < dataset->inputs; j++) {
        if (strcmp(name, dataset->input_names[j]) != 0) continue;
        char *longer = zg_format("%s1", name);
        free(name);
        name = longer;
        j = (size_t)-1; /* from the beginning */
    }
    return name;
}

zg_status zg_dataset_with_constant(const zg_dataset *dataset, zg_dataset **out, zg_error *error)
{
    size_t d = dataset->inputs, k = dataset->targets;
    zg_status status = zg_dataset_alloc(dataset->rows, d + 1, k, out, error);
    if (status != ZG_OK) return status;
    zg_dataset *wide = *out;
    for (size_t i = 0; i < dataset->rows; i++) {
        memcpy(wide->x + i * (d + 1), dataset->x + i * d, d * sizeof *wide->x);
        wide->x[i * (d + 1) + d] = 1;
    }
    memcpy(wide->t, dataset->t, dataset->rows * k * sizeof *wide->t);
    wide->label_count = dataset->label_count;
    wide->gaps = dataset->gaps;
    status = zg_texts_copy(dataset->labels, dataset->label_count, &wide->labels);
    if (status == ZG_OK) status = zg_texts_copy(dataset->target_names, k, &wide->target_names);
    if (status == ZG_OK && dataset->input_names) {
        wide->input_names = calloc(d + 1, sizeof *wide->input_names);
        for (size_t j = 0; wide->input_names && j < d; j++)
            if (!(wide->input_names[j] = strdup(dataset->input_names[j]))) status = ZG_NO_MEMORY;
        if (!wide->input_names || !(wide->input_names[d] = constant_name(dataset)))
            status = ZG_NO_MEMORY;
    }
    if (status == ZG_OK) return ZG_OK;
    zg_dataset_free(wide);
    *out = NULL;
    return zg_no_memory(error);
}

/* ---- sample weights ------------------------------------------------------------------------ */

zg_status zg_dataset_take_weights(zg_dataset *dataset, double **weights, zg_error *error)
{
    size_t wide = dataset->targets, narrow = wide - 1;
    *weights = NULL;
    if (wide < 2)
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected a target beside the weights",
                       name_of(dataset));
    double *own = zg_doubles(dataset->rows), *t = zg_doubles(dataset->rows * narrow);
    if (!own || !t) {
        free(own);
        free(t);
        return zg_no_memory(error);
    }
    for (size_t i = 0; i < dataset->rows; i++) {
        own[i] = dataset->t[i * wide + narrow];
        memcpy(t + i * narrow, dataset->t + i * wide, narrow * sizeof *t);
    }
    free(dataset->t);
    dataset->t = t;
    if (dataset->target_names) {
        free(dataset->target_names[narrow]);
        dataset->target_names[narrow] = NULL;
    }
    for (size_t k = 0; dataset->target_columns && k < narrow; k++)
        dataset->target_columns[k] -= dataset->target_columns[k] > dataset->target_columns[narrow];
    dataset->targets = narrow;
    *weights = own;
    return ZG_OK;
}
