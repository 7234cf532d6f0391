/* R data frames as data sets. */
#include "base/number.h"
#include "data/rdata.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const zg_r_value *zg_r_find(const zg_r_value *list, const char *tag)
{
    if (!list || list->type != ZG_R_LIST) return NULL;
    if (list->tags) {
        for (size_t i = 0; i < list->length; i++) {
            if (strcmp(list->tags[i], tag) == 0) return list->items[i];
        }
        return NULL;
    }
    const zg_r_value *names = list->attributes ? zg_r_find(list->attributes, "names") : NULL;
    if (!names || names->type != ZG_R_STRINGS) return NULL;
    for (size_t i = 0; i < names->length && i < list->length; i++) {
        if (names->strings[i] && strcmp(names->strings[i], tag) == 0) return list->items[i];
    }
    return NULL;
}

static const zg_r_value *levels_of(const zg_r_value *column)
{
    const zg_r_value *levels = column->attributes ? zg_r_find(column->attributes, "levels") : NULL;
    return levels && levels->type == ZG_R_STRINGS ? levels : NULL;
}

/* Whether every level reads as a number; values (one per level) gets them. */
static bool numeric_levels(const zg_r_value *levels, double *values)
{
    for (size_t k = 0; k < levels->length; k++) {
        if (!levels->strings[k] ||
            zg_number_classify(levels->strings[k], &values[k]) != ZG_NUMBER_FINITE)
            return false;
    }
    return true;
}

/* Puts a factor's values, `step` apart. */
static zg_status put_factor(const zg_r_value *column, const zg_r_value *levels, bool codes,
                            double *out, size_t step, zg_error *error)
{
    double *values = malloc((levels->length + 1) * sizeof *values);
    if (!values) return zg_no_memory(error);
    if (codes || !numeric_levels(levels, values)) {
        for (size_t k = 0; k < levels->length; k++)
            values[k] = (double)k;
    }
    zg_status status = ZG_OK;
    for (size_t i = 0; i < column->length && status == ZG_OK; i++) {
        int32_t code = column->integers[i];
        if (code == ZG_R_MISSING)
            out[i * step] = NAN;
        else if (code >= 1 && (size_t)code <= levels->length)
            out[i * step] = values[code - 1];
        else
            status = zg_fail(error, ZG_BAD_INPUT, "a factor has a code without a level");
    }
    free(values);
    return status;
}

static zg_status put_column(const zg_r_value *column, bool codes, double *out, size_t step,
                            zg_error *error)
{
    const zg_r_value *levels = levels_of(column);
    if (column->type == ZG_R_INTEGERS && levels)
        return put_factor(column, levels, codes, out, step, error);
    for (size_t i = 0; i < column->length; i++) {
        if (column->type == ZG_R_NUMBERS)
            out[i * step] = column->numbers[i];
        else
            out[i * step] = column->integers[i] == ZG_R_MISSING ? NAN : (double)column->integers[i];
    }
    return ZG_OK;
}

static zg_status check_frame(const zg_r_value *frame, const zg_r_value *names, const char *unused,
                             const char *name, zg_error *error)
{
    if (!frame || frame->type != ZG_R_LIST || frame->length == 0 || !frame->items[0] || !names ||
        names->type != ZG_R_STRINGS || names->length != frame->length)
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected a data frame", name);
    for (size_t c = 0; c < frame->length; c++) {
        const zg_r_value *column = frame->items[c];
        bool numbers = column && (column->type == ZG_R_NUMBERS || column->type == ZG_R_INTEGERS);
        if (unused && names->strings[c] && strcmp(names->strings[c], unused) == 0) continue;
        if (!numbers || !names->strings[c] || column->length != frame->items[0]->length)
            return zg_fail(error, ZG_BAD_INPUT,
                           "%.400s: expected columns of numbers or factors, all of one length",
                           name);
    }
    size_t twice;
    if (zg_texts_repeated((const char *const *)names->strings, names->length, &twice) != ZG_OK)
        return zg_no_memory(error);
    if (twice == SIZE_MAX) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.400s: expected distinct column names, found \"%.80s\" twice", name,
                   names->strings[twice]);
}

static zg_status fill(const zg_r_value *frame, const zg_r_value *names, const char *target,
                      const char *unused, zg_dataset *dataset, zg_error *error)
{
    size_t input = 0;
    for (size_t c = 0; c < frame->length; c++) {
        const char *column = names->strings[c];
        zg_status status;
        if (unused && strcmp(column, unused) == 0) continue;
        bool is_target = strcmp(column, target) == 0;
        char **name = is_target ? dataset->target_names : dataset->input_names + input;
        if (is_target)
            status = put_column(frame->items[c], true, dataset->t, 1, error);
        else
            status = put_column(frame->items[c], false, dataset->x + input, dataset->inputs, error);
        if (status != ZG_OK) return status;
        *name = strdup(column);
        if (!*name) return zg_no_memory(error);
        input += !is_target;
    }
    return ZG_OK;
}

zg_status zg_r_dataset(const zg_r_value *frame, const char *target, const char *unused,
                       const char *name, zg_dataset **out, zg_error *error)
{
    *out = NULL;
    const zg_r_value *names =
        frame && frame->attributes ? zg_r_find(frame->attributes, "names") : NULL;
    zg_status status = check_frame(frame, names, unused, name, error);
    if (status != ZG_OK) return status;
    size_t inputs = frame->length, targets = 0;
    for (size_t c = 0; c < frame->length; c++) {
        bool is_target = strcmp(names->strings[c], target) == 0;
        targets += is_target;
        inputs -= is_target || (unused && strcmp(names->strings[c], unused) == 0);
    }
    if (targets != 1)
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected one column called %.100s", name,
                       target);
    zg_dataset *dataset;
    status = zg_dataset_alloc(frame->items[0]->length, inputs, 1, &dataset, error);
    if (status != ZG_OK) return status;
    assert(inputs > 0);
    dataset->input_names = calloc(inputs, sizeof *dataset->input_names);
    dataset->target_names = calloc(1, sizeof *dataset->target_names);
    status = dataset->input_names && dataset->target_names
                 ? fill(frame, names, target, unused, dataset, error)
                 : zg_no_memory(error);
    if (status != ZG_OK)
        zg_dataset_free(dataset);
    else
        *out = dataset;
    return status;
}
