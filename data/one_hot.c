/* One-hot encoding of a data set's inputs. */
#include "data/one_hot.h"

#include "base/memory.h"

#include "data/size_limit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void zg_one_hot_free(zg_one_hot *one_hot)
{
    if (!one_hot) return;
    for (size_t k = 0; k < one_hot->count; k++) {
        free(one_hot->column[k].name);
        zg_texts_free(one_hot->column[k].words, one_hot->column[k].count);
    }
    free(one_hot->column);
    free(one_hot);
}

zg_status zg_one_hot_copy(const zg_one_hot *from, zg_one_hot **out)
{
    *out = NULL;
    if (!from) return ZG_OK;
    zg_one_hot *copy = calloc(1, sizeof *copy);
    if (!copy) return ZG_NO_MEMORY;
    copy->column = calloc(from->count ? from->count : 1, sizeof *copy->column);
    zg_status status = copy->column ? ZG_OK : ZG_NO_MEMORY;
    for (size_t k = 0; status == ZG_OK && k < from->count; k++) {
        zg_one_hot_column *c = &copy->column[copy->count++];
        *c = (zg_one_hot_column){.first = from->column[k].first, .count = from->column[k].count};
        c->name = strdup(from->column[k].name);
        status = c->name ? zg_texts_copy(from->column[k].words, c->count, &c->words) : ZG_NO_MEMORY;
    }
    if (status == ZG_OK)
        *out = copy;
    else
        zg_one_hot_free(copy);
    return status;
}

const zg_one_hot_column *zg_one_hot_find(const zg_one_hot *one_hot, const char *name)
{
    for (size_t k = 0; one_hot && k < one_hot->count; k++)
        if (strcmp(one_hot->column[k].name, name) == 0) return &one_hot->column[k];
    return NULL;
}

/* ---- expansion ----------------------------------------------------------------------------- */

static size_t width_of(const zg_word_inputs *inputs, size_t j)
{
    return inputs->words[j] ? inputs->counts[j] : 1;
}

static void expand_row(const zg_word_inputs *inputs, size_t d, const double *from, double *to)
{
    for (size_t j = 0; j < d; j++) {
        size_t width = width_of(inputs, j);
        if (!inputs->words[j]) *to = from[j];
        for (size_t k = 0; inputs->words[j] && k < width; k++)
            to[k] = isnan(from[j]) ? NAN : from[j] == (double)k ? 1 : 0;
        to += width;
    }
}

/* Names of the new inputs, and the record of what was encoded; takes names and words over. */
static zg_status rename_inputs(zg_dataset *dataset, zg_word_inputs *inputs, char **names,
                               zg_one_hot *record)
{
    size_t at = 0;
    for (size_t j = 0; j < dataset->inputs; j++) {
        if (!inputs->words[j]) {
            names[at++] = dataset->input_names[j];
            dataset->input_names[j] = NULL;
            continue;
        }
        zg_one_hot_column *column = &record->column[record->count++];
        *column =
            (zg_one_hot_column){dataset->input_names[j], at, inputs->counts[j], inputs->words[j]};
        dataset->input_names[j] = NULL;
        inputs->words[j] = NULL;
        for (size_t k = 0; k < column->count; k++)
            if (!(names[at++] = zg_format("%s=%s", column->name, column->words[k])))
                return ZG_NO_MEMORY;
    }
    return ZG_OK;
}

zg_status zg_one_hot_expand(zg_dataset *dataset, zg_word_inputs *inputs, size_t size_limit,
                            zg_error *error)
{
    size_t d = dataset->inputs, wide = 0, encoded = 0;
    for (size_t j = 0; j < d; j++) {
        wide += width_of(inputs, j);
        encoded += inputs->words[j] != NULL;
    }
    zg_status status =
        zg_size_check(dataset->name, dataset->rows, wide + dataset->targets, size_limit, error);
    if (status != ZG_OK) return status;
    double *x = malloc(dataset->rows * wide * sizeof *x);
    char **names = calloc(wide, sizeof *names);
    zg_one_hot *record = calloc(1, sizeof *record);
    if (record) record->column = calloc(encoded, sizeof *record->column);
    if (!x || !names || !record || !record->column) {
        free(x);
        free(names);
        zg_one_hot_free(record);
        return zg_no_memory(error);
    }
    for (size_t i = 0; i < dataset->rows; i++)
        expand_row(inputs, d, dataset->x + i * d, x + i * wide);
    status = rename_inputs(dataset, inputs, names, record);
    free(dataset->x);
    zg_texts_free(dataset->input_names, d);
    dataset->x = x;
    dataset->inputs = wide;
    dataset->input_names = names;
    dataset->one_hot = record;
    return status == ZG_OK ? ZG_OK : zg_no_memory(error);
}
