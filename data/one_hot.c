/* One-hot encoding of a data set's inputs. */
#include "data/one_hot.h"

#include "base/memory.h"

#include "base/size_limit.h"

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

/* ---- words that no row has ----------------------------------------------------------------- */

static bool has_word(const zg_dataset *rows, size_t input)
{
    for (size_t i = 0; i < rows->rows; i++)
        if (rows->x[i * rows->inputs + input] == 1) return true;
    return false;
}

/* keep[j] of every input; returns how many are not.  A column without a single word stays. */
static size_t find_unused(const zg_dataset *train, bool *keep)
{
    size_t unused = 0;
    for (size_t j = 0; j < train->inputs; j++)
        keep[j] = true;
    for (size_t k = 0; k < train->one_hot->count; k++) {
        const zg_one_hot_column *c = &train->one_hot->column[k];
        size_t used = 0;
        for (size_t j = c->first; j < c->first + c->count; j++)
            used += keep[j] = has_word(train, j);
        for (size_t j = c->first; used == 0 && j < c->first + c->count; j++)
            keep[j] = true;
        if (used > 0) unused += c->count - used;
    }
    return unused;
}

static zg_status refuse_unused(const zg_dataset *rows, const bool *keep, zg_error *error)
{
    for (size_t k = 0; k < rows->one_hot->count; k++) {
        const zg_one_hot_column *c = &rows->one_hot->column[k];
        for (size_t w = 0; w < c->count; w++) {
            if (keep[c->first + w] || !has_word(rows, c->first + w)) continue;
            return zg_fail(error, ZG_BAD_INPUT,
                           "%.400s: a row that does not train has the word \"%.80s\" in the column "
                           "\"%.80s\", which no training row has (--one-hot-unknown zero accepts "
                           "it)",
                           rows->name ? rows->name : "data set", c->words[w], c->name);
        }
    }
    return ZG_OK;
}

static void keep_words(zg_one_hot_column *c, const bool *keep)
{
    size_t left = 0;
    for (size_t w = 0; w < c->count; w++) {
        if (keep[c->first + w])
            c->words[left++] = c->words[w];
        else
            free(c->words[w]);
    }
    c->count = left;
}

static void keep_inputs(zg_dataset *rows, const bool *keep)
{
    size_t d = rows->inputs, at = 0, left = 0, first = 0;
    for (size_t i = 0; i < rows->rows; i++)
        for (size_t j = 0; j < d; j++)
            if (keep[j]) rows->x[at++] = rows->x[i * d + j];
    for (size_t j = 0; j < d; j++) {
        if (keep[j])
            rows->input_names[left++] = rows->input_names[j];
        else
            free(rows->input_names[j]);
    }
    for (size_t k = 0, j = 0; k < rows->one_hot->count; k++) {
        zg_one_hot_column *c = &rows->one_hot->column[k];
        size_t old = c->first;
        for (; j < old; j++)
            first += keep[j];
        keep_words(c, keep);
        c->first = first;
    }
    rows->inputs = left;
}

zg_status zg_one_hot_trim(zg_dataset *train, zg_dataset *const *others, size_t count, bool zero,
                          zg_error *error)
{
    if (!train->one_hot) return ZG_OK;
    bool *keep = malloc(train->inputs * sizeof *keep);
    if (!keep) return zg_no_memory(error);
    zg_status status = ZG_OK;
    size_t unused = find_unused(train, keep);
    for (size_t k = 0; unused && !zero && k < count && status == ZG_OK; k++)
        if (others[k]) status = refuse_unused(others[k], keep, error);
    for (size_t k = 0; unused && status == ZG_OK && k < count; k++)
        if (others[k]) keep_inputs(others[k], keep);
    if (unused && status == ZG_OK) keep_inputs(train, keep);
    free(keep);
    return status;
}
