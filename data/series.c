/* Time series: lags, the rows they make of a table, and how such a table is read. */
#include "data/series.h"

#include "base/memory.h"
#include "data/columns.h"
#include "data/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- lags ----------------------------------------------------------------------------------- */

static zg_status lag_number(const char *key, const char *text, size_t *out, zg_error *error)
{
    if (zg_parse_size(text, out) && *out <= ZG_LAG_LIMIT) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "series: expected a whole number from 0 to %d for %s, found \"%.80s\"",
                   ZG_LAG_LIMIT, key, text);
}

/* seen: which of the keys have been given. */
static zg_status lag_item(char *item, bool seen[4], zg_lags *out, zg_error *error)
{
    static const char *const keys[] = {"outputs", "inputs", "delay", "experiment"};
    char *value = strchr(item, '=');
    size_t *const numbers[] = {&out->outputs, &out->inputs, &out->delay};
    if (value) *value++ = '\0';
    for (size_t k = 0; k < 4; k++) {
        if (strcmp(item, keys[k]) != 0) continue;
        if (!value || !*value || strlen(value) >= sizeof out->experiment)
            return zg_fail(error, ZG_BAD_INPUT, "series: expected %s=VALUE, found \"%.80s\"", item,
                           item);
        if (seen[k]) return zg_fail(error, ZG_BAD_INPUT, "series: %s is given twice", keys[k]);
        seen[k] = true;
        if (k < 3) return lag_number(item, value, numbers[k], error);
        memcpy(out->experiment, value, strlen(value) + 1);
        return ZG_OK;
    }
    return zg_fail_unknown(error, "series setting", item, keys, 4);
}

zg_status zg_lags_parse(const char *text, zg_lags *out, zg_error *error)
{
    *out = (zg_lags){.delay = SIZE_MAX};
    char *copy = strdup(text), *rest = copy;
    if (!copy) return zg_no_memory(error);
    bool seen[4] = {false};
    zg_status status = ZG_OK;
    for (char *item; status == ZG_OK && (item = strsep(&rest, ",")) != NULL;)
        status = lag_item(item, seen, out, error);
    free(copy);
    if (status != ZG_OK) return status;
    if (out->outputs + out->inputs == 0)
        return zg_fail(error, ZG_BAD_INPUT,
                       "series: expected lags of outputs, of inputs or of both, as in "
                       "outputs=2,inputs=2,delay=1; found none");
    if (out->inputs == 0 && out->delay != SIZE_MAX)
        return zg_fail(error, ZG_BAD_INPUT,
                       "series: the delay is that of inputs: expected inputs=NB beside delay=%zu, "
                       "found none",
                       out->delay);
    if (out->delay == SIZE_MAX) out->delay = 1;
    return ZG_OK;
}

zg_status zg_series_copy(const zg_time_series *from, zg_time_series **out)
{
    *out = NULL;
    if (!from) return ZG_OK;
    zg_time_series *series = calloc(1, sizeof *series);
    if (!series) return ZG_NO_MEMORY;
    series->lags = from->lags;
    series->channels = from->channels;
    if (zg_texts_copy(from->channel_names, from->channels, &series->channel_names) != ZG_OK) {
        free(series);
        return ZG_NO_MEMORY;
    }
    *out = series;
    return ZG_OK;
}

void zg_series_free(zg_time_series *series)
{
    if (!series) return;
    zg_texts_free(series->channel_names, series->channels);
    free(series->sample);
    free(series);
}

zg_status zg_series_select(const zg_time_series *from, size_t count, const size_t *order,
                           zg_time_series **out)
{
    zg_status status = zg_series_copy(from, out);
    if (status != ZG_OK || !from || !from->sample) return status;
    (*out)->samples = from->samples;
    (*out)->sample = malloc((count + 1) * sizeof *(*out)->sample);
    if (!(*out)->sample) {
        zg_series_free(*out);
        *out = NULL;
        return ZG_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++)
        (*out)->sample[i] = from->sample[order[i]];
    return ZG_OK;
}

size_t zg_lags_past(const zg_lags *lags)
{
    size_t inputs = lags->inputs ? lags->delay + lags->inputs - 1 : 0;
    return lags->outputs > inputs ? lags->outputs : inputs;
}

/* Experiments are at least one lost sample apart, unless no row has a past at all. */
bool zg_series_begins(const zg_time_series *series, size_t i)
{
    return i == 0 || series->sample[i] != series->sample[i - 1] + 1;
}

/* ---- a table to rows ------------------------------------------------------------------------ */

/* The work of zg_series_apply. */
typedef struct table {
    const zg_dataset *from;
    zg_lags lags;
    size_t past, outputs, inputs; /* channels of y and u; an experiments' column is none */
    size_t experiment;            /* its column among the inputs; SIZE_MAX: none */
} table;

static zg_status find_experiment(table *t, zg_error *error)
{
    const zg_dataset *from = t->from;
    t->experiment = SIZE_MAX;
    t->inputs = from->inputs;
    if (!t->lags.experiment[0]) return ZG_OK;
    for (size_t j = 0; from->input_names && j < from->inputs; j++)
        if (strcmp(from->input_names[j], t->lags.experiment) == 0) t->experiment = j;
    size_t index;
    if (!from->input_names && zg_parse_size(t->lags.experiment, &index) && index >= 1 &&
        index <= from->inputs)
        t->experiment = index - 1;
    if (t->experiment == SIZE_MAX)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.300s: series: there is no input column \"%.80s\" that tells experiments "
                       "apart",
                       from->name ? from->name : "data set", t->lags.experiment);
    t->inputs--;
    return ZG_OK;
}

/* Whether sample i belongs to another experiment than the one before it. */
static bool begins(const table *t, size_t i)
{
    size_t d = t->from->inputs;
    if (i == 0) return true;
    if (t->experiment == SIZE_MAX) return false;
    return t->from->x[i * d + t->experiment] != t->from->x[(i - 1) * d + t->experiment];
}

/* Numbers of the samples that have a past: their count, and where out is not NULL themselves. */
static size_t samples_with_past(const table *t, size_t *out)
{
    size_t count = 0, age = 0;
    for (size_t i = 0; i < t->from->rows; i++) {
        age = begins(t, i) ? 0 : age + 1;
        if (age < t->past) continue;
        if (out) out[count] = i;
        count++;
    }
    return count;
}

static void fill_row(const table *t, size_t sample, double *x)
{
    const zg_dataset *from = t->from;
    for (size_t k = 1; k <= t->lags.outputs; k++)
        for (size_t c = 0; c < t->outputs; c++)
            *x++ = from->t[(sample - k) * t->outputs + c];
    for (size_t k = 0; k < t->lags.inputs; k++)
        for (size_t j = 0; j < from->inputs; j++)
            if (j != t->experiment) *x++ = from->x[(sample - t->lags.delay - k) * from->inputs + j];
}

/* "y(t-1)"; the letter and a number where the column has no name. */
static char *lag_name(char *const *names, const char *letter, size_t column, size_t count,
                      size_t age)
{
    char plain[32], shift[32] = "";
    if (count > 1)
        snprintf(plain, sizeof plain, "%s%zu", letter, column + 1);
    else
        snprintf(plain, sizeof plain, "%s", letter);
    if (age > 0) snprintf(shift, sizeof shift, "-%zu", age);
    return zg_format("%s(t%s)", names ? names[column] : plain, shift);
}

static zg_status name_rows(const table *t, zg_dataset *rows)
{
    size_t at = 0;
    rows->input_names = calloc(rows->inputs, sizeof *rows->input_names);
    if (!rows->input_names) return ZG_NO_MEMORY;
    for (size_t k = 1; k <= t->lags.outputs; k++)
        for (size_t c = 0; c < t->outputs; c++)
            rows->input_names[at++] = lag_name(t->from->target_names, "y", c, t->outputs, k);
    for (size_t k = 0; k < t->lags.inputs; k++)
        for (size_t j = 0; j < t->from->inputs; j++)
            if (j != t->experiment)
                rows->input_names[at++] =
                    lag_name(t->from->input_names, "u", j, t->from->inputs, t->lags.delay + k);
    for (size_t j = 0; j < rows->inputs; j++)
        if (!rows->input_names[j]) return ZG_NO_MEMORY;
    return ZG_OK;
}

/* What the rows keep of the table: its name, targets, notes and the series. */
static zg_status keep(const table *t, size_t count, zg_dataset *rows)
{
    const zg_dataset *from = t->from;
    zg_time_series *series = calloc(1, sizeof *series);
    if (!series) return ZG_NO_MEMORY;
    rows->series = series;
    series->lags = t->lags;
    series->samples = from->rows;
    series->channels = from->inputs;
    series->sample = malloc(count * sizeof *series->sample);
    if (!series->sample) return ZG_NO_MEMORY;
    samples_with_past(t, series->sample);
    for (size_t i = 0; i < from->note_count; i++)
        zg_dataset_note(rows, "%s", from->notes[i]);
    if (from->name && !(rows->name = strdup(from->name))) return ZG_NO_MEMORY;
    zg_status status = zg_texts_copy(from->input_names, from->inputs, &series->channel_names);
    if (status == ZG_OK)
        status = zg_texts_copy(from->target_names, from->targets, &rows->target_names);
    if (status == ZG_OK)
        status = zg_target_columns_copy(from->target_columns, from->targets, &rows->target_columns);
    return status == ZG_OK ? name_rows(t, rows) : status;
}

static zg_status check_table(const zg_dataset *from, zg_error *error)
{
    const char *name = from->name ? from->name : "data set";
    if (from->labels)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.300s: the outputs of a series are numbers; this target holds words",
                       name);
    if (from->targets == 0)
        return zg_fail(error, ZG_BAD_INPUT, "%.300s: a series needs its measured outputs", name);
    for (size_t i = 0; i < from->rows; i++) {
        bool whole = true;
        for (size_t j = 0; j < from->inputs; j++)
            whole = whole && isfinite(from->x[i * from->inputs + j]);
        for (size_t c = 0; c < from->targets; c++)
            whole = whole && isfinite(from->t[i * from->targets + c]);
        if (!whole)
            return zg_fail(error, ZG_BAD_INPUT,
                           "%.300s: sample %zu of the series has a missing value; a series has "
                           "none, or is given as several experiments",
                           name, i + 1);
    }
    return ZG_OK;
}

static zg_status make_rows(table *t, zg_dataset **out, zg_error *error)
{
    const zg_dataset *from = t->from;
    t->past = zg_lags_past(&t->lags);
    size_t count = samples_with_past(t, NULL);
    size_t width = t->lags.outputs * t->outputs + t->lags.inputs * t->inputs;
    if (t->lags.inputs > 0 && t->inputs == 0)
        return zg_fail(error, ZG_BAD_INPUT, "%.300s: series: there are no inputs for inputs=%zu",
                       from->name ? from->name : "data set", t->lags.inputs);
    if (width == 0)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.300s: the series has no inputs, and its lags name no outputs",
                       from->name ? from->name : "data set");
    if (count == 0)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.300s: %zu samples are too few for lags that reach %zu back",
                       from->name ? from->name : "data set", from->rows, t->past);
    zg_status status = zg_dataset_alloc(count, width, t->outputs, out, error);
    if (status != ZG_OK) return status;
    if (keep(t, count, *out) != ZG_OK) return zg_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        size_t sample = (*out)->series->sample[i];
        fill_row(t, sample, (*out)->x + i * width);
        memcpy((*out)->t + i * t->outputs, from->t + sample * t->outputs,
               t->outputs * sizeof(double));
    }
    return ZG_OK;
}

zg_status zg_series_apply(const zg_lags *lags, zg_dataset **dataset, zg_error *error)
{
    zg_dataset *rows = NULL;
    table t = {.from = *dataset, .lags = *lags, .outputs = (*dataset)->targets};
    zg_status status = check_table(*dataset, error);
    if (status == ZG_OK) status = find_experiment(&t, error);
    if (status == ZG_OK) status = make_rows(&t, &rows, error);
    if (status != ZG_OK) {
        zg_dataset_free(rows);
        return status;
    }
    zg_dataset_free(*dataset);
    *dataset = rows;
    return ZG_OK;
}

/* ---- reading -------------------------------------------------------------------------------- */

bool zg_series_wanted(const zg_data_options *options)
{
    return options && (options->lags || (options->schema && options->schema->series));
}

static void clear_plan(zg_series_plan *plan)
{
    free(plan->schema);
    free(plan->columns);
    *plan = (zg_series_plan){0};
}

/* Names of targets as a list. */
static char *join_names(char *const *names, size_t count)
{
    char *list = strdup(names[0]);
    for (size_t k = 1; list && k < count; k++) {
        char *longer = zg_format("%s,%s", list, names[k]);
        free(list);
        list = longer;
    }
    return list;
}

/* A file whose columns are all outputs has no input, which every other table must have: they are
 * read as inputs of a schema without targets. */
static zg_status plan_outputs(zg_series_plan *plan, zg_error *error)
{
    const zg_schema *given = plan->options.schema;
    const char *target = plan->options.target;
    size_t count = 1;
    if (!target && given && given->target_names)
        plan->columns = join_names(given->target_names, given->targets);
    else
        plan->columns = strdup(target ? target : "last");
    if (!plan->columns) return zg_no_memory(error);
    for (const char *at = plan->columns; *at; at++)
        count += *at == ',';
    if (given && count != given->targets)
        return zg_fail(error, ZG_BAD_INPUT,
                       "the model's series has %zu outputs: --target names them, as the model does "
                       "not",
                       given->targets);
    *plan->schema = (zg_schema){.inputs = count, .lenient = true};
    plan->options.schema = plan->schema;
    plan->options.columns = plan->columns;
    plan->options.target = NULL;
    plan->outputs_only = true;
    return ZG_OK;
}

zg_status zg_series_plan_make(const zg_data_options *options, bool file, zg_series_plan *out,
                              zg_error *error)
{
    const zg_schema *given = options->schema;
    const zg_time_series *series = given ? given->series : NULL;
    *out = (zg_series_plan){.options = *options, .schema = calloc(1, sizeof *out->schema)};
    if (!out->schema) return zg_no_memory(error);
    out->lags = series ? series->lags : *options->lags;
    out->options.lags = NULL;
    zg_status status = ZG_OK;
    if (options->missing != ZG_MISSING_ERROR && options->missing != ZG_MISSING_KEEP)
        status = zg_fail(error, ZG_BAD_INPUT,
                         "a series takes no --missing: samples that are left out or made up would "
                         "be its past");
    if (status == ZG_OK && file && out->lags.inputs == 0 && !out->lags.experiment[0])
        status = plan_outputs(out, error);
    else if (status == ZG_OK && series) {
        *out->schema = *given;
        out->schema->series = NULL;
        out->schema->inputs = series->channels;
        out->schema->input_names = series->channel_names;
        out->schema->lenient = false; /* measured outputs are a row's past */
        out->options.schema = out->schema;
        if (given->lenient && series->channel_names && given->target_names && !options->columns) {
            /* further columns are left out, as they are of all rows to predict */
            out->columns = join_names(series->channel_names, series->channels);
            if (!out->columns) status = zg_no_memory(error);
            out->options.columns = out->columns;
        }
    }
    if (status != ZG_OK) clear_plan(out);
    return status;
}

/* Inputs become targets. */
static void exchange(zg_dataset *dataset)
{
    free(dataset->t);
    dataset->t = dataset->x;
    zg_texts_free(dataset->target_names, dataset->targets);
    dataset->targets = dataset->inputs;
    dataset->target_names = dataset->input_names;
    dataset->x = NULL;
    dataset->inputs = 0;
    dataset->input_names = NULL;
    free(dataset->target_columns);
    dataset->target_columns = NULL;
}

/* The reader of tables offers what a series does not take. */
static void correct_advice(zg_error *error)
{
    char *advice = error ? strstr(error->message, " (--missing mean or drop") : NULL;
    if (advice)
        snprintf(advice, sizeof error->message - (size_t)(advice - error->message),
                 "; a series needs every sample");
}

zg_status zg_series_plan_finish(zg_series_plan *plan, zg_status status, zg_dataset **dataset,
                                zg_error *error)
{
    if (status == ZG_OK && plan->outputs_only) exchange(*dataset);
    if (status == ZG_OK) status = zg_series_apply(&plan->lags, dataset, error);
    if (status != ZG_OK) {
        correct_advice(error);
        zg_dataset_free(*dataset);
        *dataset = NULL;
    }
    clear_plan(plan);
    return status;
}
