/*
 * Target encoding: from labels to the numbers that a network is trained on, and back to a score.
 *
 * Labels are sorted (numbers by value, texts by bytes).  Binary: the first becomes -1, the second
 * +1.  Multiclass: one output per label, 1 for the sample's own label and 0 for the others.
 */
#include "base/linalg.h"
#include "data/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_LIMIT 1000 /* more distinct values than this are a regression target */

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The sorted distinct values of the single target column; values has room for rows numbers. */
static size_t distinct_values(const zg_dataset *dataset, double *values)
{
    memcpy(values, dataset->t, dataset->rows * sizeof(double));
    qsort(values, dataset->rows, sizeof(double), compare_doubles);
    size_t count = 0;
    for (size_t i = 0; i < dataset->rows; i++) {
        if (count == 0 || values[i] != values[count - 1]) values[count++] = values[i];
    }
    return count;
}

static zg_status check_label_count(zg_task task, size_t count, zg_error *error)
{
    if (task == ZG_BINARY && count != 2)
        return zg_fail(error, ZG_BAD_INPUT,
                       "a binary task needs exactly two different labels in the target column, "
                       "found %zu",
                       count);
    if (count < 2)
        return zg_fail(error, ZG_BAD_INPUT,
                       "a multiclass task needs at least two different labels in the target "
                       "column, found %zu",
                       count);
    if (count > LABEL_LIMIT)
        return zg_fail(error, ZG_BAD_INPUT,
                       "a multiclass task takes at most %d different labels, found %zu",
                       LABEL_LIMIT, count);
    return ZG_OK;
}

/* labels of a text column are indices into sorted texts, so the values are already in order. */
static zg_status take_labels(const zg_dataset *dataset, const double *values, size_t count,
                             zg_encoding *out)
{
    out->label_count = count;
    if (!dataset->labels) {
        out->values = malloc(count * sizeof(double));
        if (!out->values) return ZG_NO_MEMORY;
        memcpy(out->values, values, count * sizeof(double));
        return ZG_OK;
    }
    out->texts = calloc(count, sizeof *out->texts);
    if (!out->texts) return ZG_NO_MEMORY;
    for (size_t k = 0; k < count; k++) {
        out->texts[k] = strdup(dataset->labels[(size_t)values[k]]);
        if (!out->texts[k]) return ZG_NO_MEMORY;
    }
    return ZG_OK;
}

/* The first label that is no number, or NULL; *numbers tells whether there is one that is. */
static const char *first_word(const zg_dataset *dataset, bool *numbers)
{
    const char *word = NULL;
    double value;
    *numbers = false;
    for (size_t k = 0; k < dataset->label_count; k++) {
        bool number = zg_parse_double(dataset->labels[k], &value);
        *numbers = *numbers || number;
        if (!number && !word) word = dataset->labels[k];
    }
    return word;
}

static zg_status fit_regression(const zg_dataset *dataset, zg_encoding *out, zg_error *error)
{
    if (dataset->targets == 0)
        return zg_fail(error, ZG_BAD_INPUT, "the data set has no target column");
    bool numbers;
    const char *word = first_word(dataset, &numbers);
    if (dataset->labels)
        return zg_fail(error, ZG_BAD_INPUT,
                       "the target column holds texts like \"%.40s\"%s: a regression needs "
                       "numbers, or choose the task binary or multiclass",
                       word ? word : dataset->labels[0], word && numbers ? " among numbers" : "");
    out->outputs = dataset->targets;
    return ZG_OK;
}

static zg_status fit_classes(const zg_dataset *dataset, zg_task task, zg_encoding *out,
                             zg_error *error)
{
    if (dataset->targets != 1)
        return zg_fail(error, ZG_BAD_INPUT,
                       "a classification task needs exactly one target column, found %zu",
                       dataset->targets);
    double *values = malloc(dataset->rows * sizeof(double));
    if (!values) return zg_no_memory(error);
    size_t count = distinct_values(dataset, values);
    zg_status status = check_label_count(task, count, error);
    if (status == ZG_OK) {
        out->outputs = task == ZG_BINARY ? 1 : count;
        status = take_labels(dataset, values, count, out);
        if (status != ZG_OK) zg_no_memory(error);
    }
    free(values);
    return status;
}

zg_task zg_task_of(const zg_dataset *dataset, zg_task task)
{
    if (task != ZG_TASK_AUTO) return task;
    bool numbers;
    if (!dataset->labels) return ZG_REGRESSION;
    if (first_word(dataset, &numbers) && numbers) return ZG_REGRESSION; /* a slip of the pen? */
    return dataset->label_count > 2 ? ZG_MULTICLASS : ZG_BINARY;
}

zg_status zg_encoding_fit(const zg_dataset *dataset, zg_task task, zg_encoding *out,
                          zg_error *error)
{
    task = zg_task_of(dataset, task);
    *out = (zg_encoding){.task = task};
    zg_status status = task == ZG_REGRESSION ? fit_regression(dataset, out, error)
                                             : fit_classes(dataset, task, out, error);
    if (status == ZG_OK &&
        (zg_texts_copy(dataset->target_names, dataset->targets, &out->names) != ZG_OK ||
         zg_target_columns_copy(dataset->target_columns, dataset->targets, &out->columns) != ZG_OK))
        status = zg_no_memory(error);
    if (status != ZG_OK) zg_encoding_clear(out);
    return status;
}

static zg_status scale_alloc(zg_encoding *encoding)
{
    encoding->mean = malloc(encoding->outputs * sizeof(double));
    encoding->scale = malloc(encoding->outputs * sizeof(double));
    return encoding->mean && encoding->scale ? ZG_OK : ZG_NO_MEMORY;
}

zg_status zg_encoding_standardize(zg_encoding *encoding, const zg_dataset *dataset, zg_error *error)
{
    if (encoding->task != ZG_REGRESSION)
        return zg_fail(error, ZG_BAD_INPUT,
                       "the targets are classes: only those of a regression can be standardised");
    if (scale_alloc(encoding) != ZG_OK) return zg_no_memory(error);
    for (size_t c = 0; c < encoding->outputs; c++) {
        zg_column_moments(dataset->rows, dataset->targets, dataset->t + c, &encoding->mean[c],
                          &encoding->scale[c]);
        if (!isfinite(encoding->mean[c]) || !isfinite(encoding->scale[c]))
            return zg_fail(error, ZG_BAD_INPUT,
                           "target %zu is too large to standardise: its standard deviation is not "
                           "a finite number",
                           c + 1);
    }
    return ZG_OK;
}

zg_status zg_encoding_copy(const zg_encoding *from, zg_encoding *out)
{
    *out = (zg_encoding){
        .task = from->task, .outputs = from->outputs, .label_count = from->label_count};
    if (from->values) {
        out->values = malloc(from->label_count * sizeof(double));
        if (!out->values) return ZG_NO_MEMORY;
        memcpy(out->values, from->values, from->label_count * sizeof(double));
    }
    zg_status status = zg_texts_copy(from->texts, from->label_count, &out->texts);
    if (status == ZG_OK)
        status = zg_texts_copy(from->names, zg_encoding_targets(from), &out->names);
    if (status == ZG_OK)
        status = zg_target_columns_copy(from->columns, zg_encoding_targets(from), &out->columns);
    if (status == ZG_OK && from->mean) {
        status = scale_alloc(out);
        if (status == ZG_OK) {
            memcpy(out->mean, from->mean, from->outputs * sizeof(double));
            memcpy(out->scale, from->scale, from->outputs * sizeof(double));
        }
    }
    if (status != ZG_OK) zg_encoding_clear(out);
    return status;
}

void zg_encoding_clear(zg_encoding *encoding)
{
    zg_texts_free(encoding->names, zg_encoding_targets(encoding));
    free(encoding->columns);
    free(encoding->mean);
    free(encoding->scale);
    free(encoding->values);
    zg_texts_free(encoding->texts, encoding->label_count);
    *encoding = (zg_encoding){0};
}

size_t zg_encoding_targets(const zg_encoding *encoding)
{
    return encoding->task == ZG_REGRESSION ? encoding->outputs : 1;
}

zg_schema zg_model_schema(const zg_preprocess *preprocess, const zg_encoding *encoding)
{
    return (zg_schema){.inputs = preprocess->inputs,
                       .targets = zg_encoding_targets(encoding),
                       .input_names = preprocess->names,
                       .target_names = encoding->names,
                       .target_columns = encoding->columns,
                       .one_hot = preprocess->one_hot,
                       .series = preprocess->series};
}

/* The class of one target value, or label_count when there is none.  A text label equals a numeric
 * one when it reads as the same number. */
static size_t find_label(const zg_encoding *encoding, const zg_dataset *dataset, double value)
{
    const char *text = dataset->labels ? dataset->labels[(size_t)value] : NULL;
    for (size_t k = 0; k < encoding->label_count; k++) {
        double number;
        if (encoding->texts && text) {
            if (strcmp(encoding->texts[k], text) == 0) return k;
        } else if (encoding->texts) {
            if (zg_parse_double(encoding->texts[k], &number) && number == value) return k;
        } else if (text) {
            if (zg_parse_double(text, &number) && number == encoding->values[k]) return k;
        } else if (encoding->values[k] == value) {
            return k;
        }
    }
    return encoding->label_count;
}

static zg_status unseen_label(const zg_dataset *dataset, size_t row, zg_error *error)
{
    if (dataset->labels)
        return zg_fail(error, ZG_BAD_INPUT,
                       "the label \"%.80s\" of row %zu is not one of the labels trained on",
                       dataset->labels[(size_t)dataset->t[row]], row + 1);
    return zg_fail(error, ZG_BAD_INPUT,
                   "the label %.17g of row %zu is not one of the labels trained on",
                   dataset->t[row], row + 1);
}

static zg_status apply_regression(const zg_encoding *encoding, const zg_dataset *dataset, double *y,
                                  zg_error *error)
{
    if (dataset->labels)
        return zg_fail(error, ZG_BAD_INPUT, "the target column holds texts, not numbers");
    if (dataset->targets != encoding->outputs)
        return zg_fail(error, ZG_BAD_INPUT, "expected %zu target columns, found %zu",
                       encoding->outputs, dataset->targets);
    for (size_t i = 0; i < dataset->rows; i++) {
        for (size_t c = 0; c < encoding->outputs; c++)
            y[c * dataset->rows + i] = dataset->t[i * encoding->outputs + c];
    }
    for (size_t k = 0; encoding->mean && k < encoding->outputs * dataset->rows; k++)
        y[k] = (y[k] - encoding->mean[k / dataset->rows]) / encoding->scale[k / dataset->rows];
    return ZG_OK;
}

/* ---- weights of classes -------------------------------------------------------------------- */

/* Weights as a list gives them, into w (label_count), which holds 1 each. */
static zg_status read_class_weights(const zg_encoding *encoding, const char *text, double *w,
                                    zg_error *error)
{
    char *copy = strdup(text), *rest = copy;
    bool *seen = calloc(encoding->label_count + 1, sizeof *seen);
    zg_status status = copy && seen ? ZG_OK : zg_no_memory(error);
    for (char *item; status == ZG_OK && (item = strsep(&rest, ","));) {
        char *equals = strrchr(item, '=');
        double weight, number;
        if (!equals || !zg_parse_double(equals + 1, &weight) || !(weight > 0)) {
            status = zg_fail(error, ZG_BAD_INPUT,
                             "class weights: expected balanced or LABEL=W with W > 0, found "
                             "\"%.80s\"",
                             item);
            break;
        }
        *equals = '\0';
        size_t k = 0;
        for (; k < encoding->label_count; k++)
            if (encoding->texts ? strcmp(encoding->texts[k], item) == 0
                                : zg_parse_double(item, &number) && number == encoding->values[k])
                break;
        if (k == encoding->label_count)
            status = zg_fail(error, ZG_BAD_INPUT,
                             "class weights: no training row has the label "
                             "\"%.80s\"",
                             item);
        else if (seen[k])
            status = zg_fail(error, ZG_BAD_INPUT,
                             "class weights: the label \"%.80s\" is given twice", item);
        else
            w[k] = weight;
        seen[k] = true; /* one more than there are labels stands for an unknown one */
    }
    free(seen);
    free(copy);
    return status;
}

static zg_status weigh_classes(const zg_encoding *encoding, const zg_dataset *dataset,
                               const char *text, double *w, size_t *counts, zg_error *error)
{
    for (size_t i = 0; i < dataset->rows; i++) {
        size_t k = find_label(encoding, dataset, dataset->t[i]);
        if (k == encoding->label_count) return unseen_label(dataset, i, error);
        counts[k]++;
    }
    for (size_t k = 0; k < encoding->label_count; k++)
        w[k] = 1;
    if (strcmp(text, "balanced") != 0) return read_class_weights(encoding, text, w, error);
    for (size_t k = 0; k < encoding->label_count; k++)
        if (counts[k] > 0)
            w[k] = (double)dataset->rows / ((double)encoding->label_count * (double)counts[k]);
    return ZG_OK;
}

zg_status zg_class_weights(const zg_encoding *encoding, const zg_dataset *dataset, const char *text,
                           double **weights, zg_error *error)
{
    if (encoding->task == ZG_REGRESSION || dataset->targets != 1)
        return zg_fail(error, ZG_BAD_INPUT, "class weights need classes: the task is a regression");
    double *w = malloc(encoding->label_count * sizeof *w);
    size_t *counts = calloc(encoding->label_count, sizeof *counts);
    zg_status status = w && counts ? weigh_classes(encoding, dataset, text, w, counts, error)
                                   : zg_no_memory(error);
    if (status == ZG_OK && !*weights) {
        *weights = malloc(dataset->rows * sizeof **weights);
        for (size_t i = 0; *weights && i < dataset->rows; i++)
            (*weights)[i] = 1;
        if (!*weights) status = zg_no_memory(error);
    }
    for (size_t i = 0; status == ZG_OK && i < dataset->rows; i++)
        (*weights)[i] *= w[find_label(encoding, dataset, dataset->t[i])];
    free(w);
    free(counts);
    return status;
}

zg_status zg_encoding_targets_of(const zg_encoding *encoding, const zg_dataset *dataset, double *y,
                                 zg_error *error)
{
    zg_encoding own = *encoding;
    own.mean = own.scale = NULL;
    return zg_encoding_apply(&own, dataset, y, error);
}

void zg_encoding_decode(const zg_encoding *encoding, size_t n, double *f)
{
    for (size_t k = 0; encoding->mean && k < encoding->outputs * n; k++)
        f[k] = f[k] * encoding->scale[k / n] + encoding->mean[k / n];
}

zg_status zg_encoding_apply(const zg_encoding *encoding, const zg_dataset *dataset, double *y,
                            zg_error *error)
{
    if (encoding->task == ZG_REGRESSION) return apply_regression(encoding, dataset, y, error);
    if (dataset->targets != 1)
        return zg_fail(error, ZG_BAD_INPUT,
                       "a classification task needs exactly one target column, found %zu",
                       dataset->targets);
    size_t n = dataset->rows;
    for (size_t i = 0; i < n; i++) {
        size_t k = find_label(encoding, dataset, dataset->t[i]);
        if (k == encoding->label_count) return unseen_label(dataset, i, error);
        if (encoding->task == ZG_BINARY) {
            y[i] = k == 0 ? -1 : 1;
            continue;
        }
        for (size_t c = 0; c < encoding->outputs; c++)
            y[c * n + i] = c == k ? 1 : 0;
    }
    return ZG_OK;
}

size_t zg_predicted_class(const zg_encoding *encoding, size_t n, const double *f, size_t i)
{
    if (encoding->task == ZG_BINARY) return f[i] >= 0;
    size_t best = 0;
    for (size_t c = 1; c < encoding->outputs; c++)
        if (f[c * n + i] > f[best * n + i]) best = c;
    return best;
}

double zg_accuracy(const zg_encoding *encoding, size_t n, const double *f, const double *y)
{
    if (n == 0 || encoding->task == ZG_REGRESSION) return NAN;
    if (!zg_all_finite(n * encoding->outputs, f)) return NAN;
    size_t right = 0;
    for (size_t i = 0; i < n; i++)
        right += zg_predicted_class(encoding, n, f, i) == zg_predicted_class(encoding, n, y, i);
    return (double)right / (double)n;
}

double zg_rmse(size_t count, const double *f, const double *y)
{
    if (count == 0 || !zg_all_finite(count, f)) return NAN;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (f[i] - y[i]) * (f[i] - y[i]);
    if (isnan(sum) || (sum > 1e-280 && isfinite(sum))) return sqrt(sum / (double)count);
    double length = 0; /* squares that overflow, or are lost below the normal numbers */
    for (size_t i = 0; i < count; i++)
        length = hypot(length, f[i] - y[i]);
    return length / sqrt((double)count);
}
