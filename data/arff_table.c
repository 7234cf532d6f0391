/* ARFF files as data sets: declared words are class labels in the target and need --one-hot in
 * inputs, as in CSV files. */
#include "base/size_limit.h"
#include "data/arff.h"
#include "data/columns.h"
#include "data/one_hot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct table {
    const zg_arff *arff;
    const char *name;
    const zg_data_options *options;
    const char **names;
    bool *encoded; /* columns whose words become inputs */
    zg_columns columns;
} table;

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A column's words sorted (malloc, texts too), and the rank of each. */
static zg_status sort_words(const zg_arff_column *column, char ***sorted, size_t **rank)
{
    size_t count = column->word_count;
    *sorted = NULL;
    *rank = malloc(count * sizeof **rank);
    const char **order = malloc(count * sizeof *order);
    zg_status status = *rank && order ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        memcpy(order, column->words, count * sizeof *order);
        qsort(order, count, sizeof *order, compare_words);
        status = zg_texts_copy((char *const *)order, count, sorted);
    }
    for (size_t k = 0; status == ZG_OK && k < count; k++)
        (*rank)[k] = (size_t)((const char *const *)bsearch(&column->words[k], order, count,
                                                           sizeof *order, compare_words) -
                              (const char *const *)order);
    free(order);
    return status;
}

static void apply_rank(const size_t *rank, size_t rows, size_t width, size_t j, double *values)
{
    for (size_t i = 0; i < rows; i++)
        if (!isnan(values[i * width + j]))
            values[i * width + j] = (double)rank[(size_t)values[i * width + j]];
}

/* Which input columns of words become inputs; others are refused. */
static zg_status choose_words(table *t, zg_error *error)
{
    const zg_data_options *o = t->options;
    const zg_one_hot *known = o && o->schema ? o->schema->one_hot : NULL;
    bool all = o && o->one_hot && strcmp(o->one_hot, "words") == 0;
    zg_status status = ZG_OK;
    if (o && o->one_hot && !all)
        status = zg_columns_match("--one-hot", o->one_hot, t->name, t->arff->columns, t->names,
                                  t->encoded, error);
    for (size_t c = 0; c < t->arff->columns && status == ZG_OK; c++) {
        bool words = t->arff->column[c].word_count > 0;
        if (words && (all || zg_one_hot_find(known, t->names[c]))) t->encoded[c] = true;
        if (!words) t->encoded[c] = false;
        if (words && !t->encoded[c] && t->columns.place[c] >= 0)
            status = zg_fail(error, ZG_BAD_INPUT,
                             "%.400s: the input attribute \"%.80s\" holds words: --one-hot "
                             "\"%.80s\" makes an input of each, --drop \"%.80s\" leaves it out",
                             t->name, t->names[c], t->names[c], t->names[c]);
    }
    return status;
}

/* The words of a model in place of the file's: index in values becomes index in known. */
static zg_status adopt_known(const table *t, const zg_one_hot_column *known, size_t c, size_t j,
                             zg_dataset *data, zg_error *error)
{
    const zg_arff_column *column = &t->arff->column[c];
    for (size_t i = 0; i < data->rows; i++) {
        double *value = &data->x[i * data->inputs + j];
        size_t k = 0;
        if (isnan(*value)) continue;
        const char *word = column->words[(size_t)*value];
        while (k < known->count && strcmp(known->words[k], word) != 0)
            k++;
        if (k == known->count && !t->options->unknown_zero)
            return zg_fail(error, ZG_BAD_INPUT,
                           "%.400s: row %zu: the model does not know the word \"%.80s\" of "
                           "\"%.80s\" (--one-hot-unknown zero takes it for none that it knows)",
                           t->name, i + 1, word, known->name);
        *value = (double)k;
    }
    return ZG_OK;
}

static zg_status encode(const table *t, zg_dataset *data, zg_error *error)
{
    size_t d = data->inputs, any = 0;
    const zg_data_options *o = t->options;
    zg_word_inputs inputs = {calloc(d, sizeof *inputs.words), calloc(d, sizeof *inputs.counts)};
    bool full = inputs.words && inputs.counts;
    zg_status status = full ? ZG_OK : zg_no_memory(error);
    for (size_t c = 0; c < t->arff->columns && status == ZG_OK; c++) {
        const zg_arff_column *column = &t->arff->column[c];
        size_t *rank = NULL, j = (size_t)t->columns.place[c];
        if (t->columns.place[c] < 0 || !t->encoded[c]) continue;
        const zg_one_hot_column *known =
            o && o->schema ? zg_one_hot_find(o->schema->one_hot, column->name) : NULL;
        inputs.counts[j] = known ? known->count : column->word_count;
        if (known) {
            status = adopt_known(t, known, c, j, data, error);
            if (status == ZG_OK &&
                zg_texts_copy(known->words, known->count, &inputs.words[j]) != ZG_OK)
                status = zg_no_memory(error);
        } else if (sort_words(column, &inputs.words[j], &rank) == ZG_OK) {
            apply_rank(rank, data->rows, d, j, data->x);
        } else {
            status = zg_no_memory(error);
        }
        free(rank);
        any++;
    }
    if (status == ZG_OK && any > 0)
        status = zg_one_hot_expand(data, &inputs, o ? o->size_limit : 0, error);
    for (size_t j = 0; full && j < d; j++)
        zg_texts_free(inputs.words[j], inputs.counts[j]);
    free(inputs.words);
    free(inputs.counts);
    return status;
}

/* Class labels: the words that occur, sorted. */
static zg_status label(const table *t, zg_dataset *data, zg_error *error)
{
    for (size_t c = 0; c < t->arff->columns; c++) {
        const zg_arff_column *column = &t->arff->column[c];
        if (!zg_columns_is_target(&t->columns, c) || column->word_count == 0) continue;
        if (c != zg_columns_label(&t->columns, t->options && t->options->weighted))
            return zg_fail(error, ZG_BAD_INPUT,
                           "%.400s: the target \"%.80s\" holds words, which one target alone may",
                           t->name, column->name);
        size_t *rank = NULL;
        zg_status status = sort_words(column, &data->labels, &rank);
        if (status == ZG_OK) {
            data->label_count = column->word_count;
            apply_rank(rank, data->rows, data->targets, 0, data->t);
        }
        free(rank);
        return status == ZG_OK ? ZG_OK : zg_no_memory(error);
    }
    return ZG_OK;
}

/* Refuses a name that two of the columns that count have. */
static zg_status check_names(const table *t, zg_error *error)
{
    size_t columns = t->arff->columns, twice = SIZE_MAX;
    const char **names = calloc(columns, sizeof *names);
    for (size_t c = 0; names && c < columns; c++)
        if (t->columns.place[c] != ZG_COLUMN_UNUSED) names[c] = t->names[c];
    zg_status status = names ? zg_texts_repeated(names, columns, &twice) : ZG_NO_MEMORY;
    free(names);
    if (status != ZG_OK) return zg_no_memory(error);
    if (twice == SIZE_MAX) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.400s:%zu:%zu: expected distinct attribute names, found \"%.80s\" twice "
                   "(--drop %zu leaves this one out)",
                   t->name, t->arff->column[twice].line, t->arff->column[twice].place,
                   t->names[twice], twice + 1);
}

static zg_status copy_names(const table *t, zg_dataset *data)
{
    data->name = strdup(t->name);
    data->input_names = calloc(data->inputs, sizeof *data->input_names);
    data->target_names = calloc(data->targets + 1, sizeof *data->target_names);
    if (!data->name || !data->input_names || !data->target_names) return ZG_NO_MEMORY;
    if (zg_columns_targets(&t->columns, &data->target_columns) != ZG_OK) return ZG_NO_MEMORY;
    for (size_t c = 0; c < t->arff->columns; c++) {
        long place = t->columns.place[c];
        if (place == ZG_COLUMN_UNUSED) continue;
        char *copy = strdup(t->names[c]);
        if (!copy) return ZG_NO_MEMORY;
        if (place >= 0)
            data->input_names[place] = copy;
        else
            data->target_names[~place] = copy;
    }
    return ZG_OK;
}

static zg_status fill(table *t, zg_dataset **out, zg_error *error)
{
    const zg_arff *arff = t->arff;
    zg_status status =
        zg_columns_choose(t->options, t->name, arff->columns, t->names, NULL, &t->columns, error);
    if (status == ZG_OK) status = check_names(t, error);
    if (status == ZG_OK) status = choose_words(t, error);
    if (status == ZG_OK)
        status = zg_dataset_alloc(arff->rows, t->columns.inputs, t->columns.targets, out, error);
    if (status == ZG_OK && copy_names(t, *out) != ZG_OK) status = zg_no_memory(error);
    if (status != ZG_OK) return status;
    for (size_t i = 0; i < arff->rows; i++)
        for (size_t c = 0; c < arff->columns; c++)
            zg_columns_put(&t->columns, i, c, arff->values[i * arff->columns + c], (*out)->x,
                           (*out)->t);
    status = label(t, *out, error);
    if (status == ZG_OK) status = encode(t, *out, error);
    if (status == ZG_OK)
        status = zg_dataset_resolve_missing(
            *out, t->options ? t->options->missing : ZG_MISSING_ERROR, error);
    return status;
}

zg_status zg_arff_load(const zg_bytes *bytes, const char *name, const zg_data_options *options,
                       zg_dataset **out, zg_error *error)
{
    zg_arena arena = {0};
    zg_arff arff;
    *out = NULL;
    zg_status status =
        zg_arff_read(bytes, name, options ? options->size_limit : 0, &arena, &arff, error);
    table t = {.arff = &arff, .name = name, .options = options};
    if (status == ZG_OK) {
        t.names = calloc(arff.columns, sizeof *t.names);
        t.encoded = calloc(arff.columns, sizeof *t.encoded);
        for (size_t c = 0; t.names && c < arff.columns; c++)
            t.names[c] = arff.column[c].name;
        status = t.names && t.encoded ? fill(&t, out, error) : zg_no_memory(error);
    }
    if (status != ZG_OK) {
        zg_dataset_free(*out);
        *out = NULL;
    }
    free(t.names);
    free(t.encoded);
    zg_columns_clear(&t.columns);
    zg_arff_clear(&arff);
    zg_arena_clear(&arena);
    return status;
}
