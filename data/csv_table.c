/* Whole CSV files as data sets. */
#include "data/csv_reader.h"

#include "base/memory.h"
#include "base/size_limit.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_ROWS 8 /* where words that do not repeat are worth a note */

typedef struct table {
    double *x, *t;
    size_t rows, capacity;
} table;

static zg_status table_grow(table *all, const zg_csv_reader *reader, zg_error *error)
{
    size_t inputs = reader->columns.inputs, targets = reader->columns.targets;
    zg_status status = zg_size_check(reader->source.name, all->rows, inputs + targets,
                                     reader->options.size_limit, error);
    if (status != ZG_OK) return status;
    /* Two arrays of one capacity: each grows from it by the same rule. */
    size_t capacity[2] = {all->capacity, all->capacity}, needed = all->rows + 1;
    double *x = zg_grow(all->x, &capacity[0], needed, inputs * sizeof *x);
    if (x) all->x = x;
    double *t = zg_grow(all->t, &capacity[1], needed, targets * sizeof *t);
    if (t) all->t = t;
    if (!x || !t) return zg_no_memory(error);
    all->capacity = capacity[0];
    return ZG_OK;
}

static zg_status read_table(zg_csv_reader *reader, table *all, zg_error *error)
{
    size_t got;
    do {
        zg_status status = ZG_OK;
        if (all->rows == all->capacity) status = table_grow(all, reader, error);
        if (status == ZG_OK)
            status = zg_csv_next(reader, all->capacity - all->rows,
                                 all->x + all->rows * reader->columns.inputs,
                                 all->t + all->rows * reader->columns.targets, &got, error);
        if (status != ZG_OK) return status;
        all->rows += got;
    } while (got > 0);
    if (all->rows > 0) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.400s: no row is left after dropping those with missing values",
                   reader->source.name);
}

/* ---- words --------------------------------------------------------------------------------- */

/* Column `column` of rows x width numbers from order of first appearance to sorted order. */
static void apply_rank(const size_t *rank, size_t rows, size_t width, size_t column, double *values)
{
    for (size_t i = 0; i < rows; i++) {
        double *value = &values[i * width + column];
        if (!isnan(*value)) *value = (double)rank[(size_t)*value];
    }
}

/* The labels of a target column of texts. */
static zg_status sort_labels(zg_words *words, zg_dataset *dataset, zg_error *error)
{
    size_t *rank, count = words->count;
    if (zg_words_take_sorted(words, &rank, &dataset->labels) != ZG_OK) return zg_no_memory(error);
    dataset->label_count = count;
    apply_rank(rank, dataset->rows, dataset->targets, 0, dataset->t);
    free(rank);
    return ZG_OK;
}

/* The sorted words of input column j, of this file or of the model that brings them along. */
static zg_status sort_words(zg_csv_reader *reader, size_t column, size_t j, zg_dataset *dataset,
                            zg_word_inputs *out, zg_error *error)
{
    const zg_one_hot_column *known = reader->known[column];
    if (known) {
        out->counts[j] = known->count;
        return zg_texts_copy(known->words, known->count, &out->words[j]) == ZG_OK
                   ? ZG_OK
                   : zg_no_memory(error);
    }
    size_t *rank;
    out->counts[j] = reader->words[column]->count;
    if (zg_words_take_sorted(reader->words[column], &rank, &out->words[j]) != ZG_OK)
        return zg_no_memory(error);
    apply_rank(rank, dataset->rows, dataset->inputs, j, dataset->x);
    free(rank);
    if (dataset->rows >= LEAST_ROWS && out->counts[j] > dataset->rows / 2) /* names, dates */
        zg_dataset_note(dataset,
                        "%s: column \"%s\" has %zu different words in %zu rows, each an input of "
                        "its own: --drop \"%s\" leaves it out",
                        dataset->name, dataset->input_names[j], out->counts[j], dataset->rows,
                        dataset->input_names[j]);
    return ZG_OK;
}

static zg_status encode_words(zg_csv_reader *reader, zg_dataset *dataset, zg_error *error)
{
    size_t d = dataset->inputs, encoded = 0;
    zg_word_inputs inputs = {calloc(d, sizeof *inputs.words), calloc(d, sizeof *inputs.counts)};
    zg_status status = inputs.words && inputs.counts ? ZG_OK : zg_no_memory(error);
    for (size_t c = 0; c < reader->columns.count && status == ZG_OK; c++) {
        long place = reader->columns.place[c];
        if (!reader->words[c] || place == ZG_COLUMN_UNUSED) continue;
        if (zg_columns_is_target(&reader->columns, c)) {
            status = sort_labels(reader->words[c], dataset, error);
            continue;
        }
        status = sort_words(reader, c, (size_t)place, dataset, &inputs, error);
        encoded++;
    }
    if (status == ZG_OK && encoded > 0)
        status = zg_one_hot_expand(dataset, &inputs, reader->options.size_limit, error);
    for (size_t j = 0; inputs.words && inputs.counts && j < d; j++)
        zg_texts_free(inputs.words[j], inputs.counts[j]);
    free(inputs.words);
    free(inputs.counts);
    return status;
}

/* ---- data sets ----------------------------------------------------------------------------- */

static void note_rest(const zg_csv_reader *reader, zg_dataset *dataset)
{
    if (reader->foreign)
        zg_dataset_note(dataset, "%s: texts that are not in UTF-8 are read as Windows-1252",
                        dataset->name);
    if (reader->empty_rows > 0)
        zg_dataset_note(dataset, "%s: %zu rows without any value are left out", dataset->name,
                        reader->empty_rows);
}

static zg_status make_dataset(zg_csv_reader *reader, table *all, zg_dataset **out, zg_error *error)
{
    zg_dataset *dataset = reader->notes;
    reader->notes = NULL;
    dataset->rows = all->rows;
    dataset->inputs = reader->columns.inputs;
    dataset->targets = reader->columns.targets;
    dataset->name = reader->source.name;
    dataset->x = all->x;
    dataset->t = all->t;
    dataset->input_names = reader->input_names;
    dataset->target_names = reader->target_names;
    reader->source.name = NULL; /* all these have a new owner */
    reader->input_names = reader->target_names = NULL;
    all->x = all->t = NULL;
    note_rest(reader, dataset);
    zg_status status = zg_columns_targets(&reader->columns, &dataset->target_columns) == ZG_OK
                           ? encode_words(reader, dataset, error)
                           : zg_no_memory(error);
    if (status == ZG_OK && reader->options.missing == ZG_MISSING_MEAN)
        status = zg_dataset_resolve_missing(dataset, ZG_MISSING_MEAN, error);
    if (status != ZG_OK) {
        zg_dataset_free(dataset);
        return status;
    }
    *out = dataset;
    return ZG_OK;
}

zg_status zg_csv_read(FILE *stream, const char *name, const zg_data_options *options,
                      zg_dataset **out, zg_error *error)
{
    *out = NULL;
    zg_csv_reader *reader;
    zg_status status = zg_csv_open(stream, name, options, &reader, error);
    if (status != ZG_OK) return status;
    table all = {0};
    status = read_table(reader, &all, error);
    if (status == ZG_OK) status = make_dataset(reader, &all, out, error);
    free(all.x);
    free(all.t);
    zg_csv_close(reader);
    return status;
}
