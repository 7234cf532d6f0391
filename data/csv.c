/*
 * The CSV reader: which columns are what, and the values in them.
 *
 * Lines that are nothing but plain numbers, the bulk of any large file, are read directly from the
 * buffer; everything else, and everything wrong, takes the way over libcsv, which alone gives
 * positions for messages.
 */
#include "data/csv.h"

#include "base/number.h"
#include "data/columns.h"
#include "data/csv_source.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct label {
    char *text;
    size_t index; /* order of first appearance */
} label;

struct zg_csv_reader {
    zg_csv_source source;
    zg_missing missing;
    zg_csv_record *head; /* the first records, kept for header detection */
    size_t head_count, head_next;
    zg_columns columns;
    bool has_header;
    size_t first_line; /* of the first record, for messages */
    char **names;      /* of all columns, or NULL without a header */
    char **input_names, **target_names;
    bool text_target;
    label *labels; /* sorted by text */
    const char **label_texts;
    size_t label_count;
};

/* ---- what the first records say ------------------------------------------------------------ */

static bool is_missing(const char *text)
{
    return *text == '\0' || strcmp(text, "NA") == 0 || strcmp(text, "?") == 0;
}

static bool is_text(const char *text)
{
    double value;
    return !is_missing(text) && zg_number_classify(text, &value) == ZG_NUMBER_TEXT;
}

/* Whether the rows after the first have numbers and no text in this column. */
static bool rest_is_numeric(const zg_csv_reader *reader, size_t column)
{
    bool numbers = false;
    for (size_t i = 1; i < reader->head_count; i++) {
        const zg_csv_record *row = &reader->head[i];
        if (column >= row->count) continue;
        const char *text = zg_csv_record_text(row, column);
        if (is_text(text)) return false;
        numbers = numbers || !is_missing(text);
    }
    return numbers;
}

static bool detect_header(const zg_csv_reader *reader)
{
    const zg_csv_record *first = &reader->head[0];
    size_t texts = 0;
    for (size_t c = 0; c < first->count; c++) {
        if (!is_text(zg_csv_record_text(first, c))) continue;
        if (rest_is_numeric(reader, c)) return true;
        texts++;
    }
    return reader->head_count == 1 && texts == first->count;
}

static zg_status read_head(zg_csv_reader *reader, zg_error *error)
{
    reader->head = calloc(ZG_CSV_LOOKAHEAD, sizeof *reader->head);
    if (!reader->head) return zg_no_memory(error);
    zg_status status = ZG_OK;
    while (status == ZG_OK && reader->head_count < ZG_CSV_LOOKAHEAD) {
        status = zg_csv_source_record(&reader->source, error);
        if (status != ZG_OK || reader->source.current.count == 0) break;
        reader->head[reader->head_count++] = reader->source.current;
        reader->source.current = (zg_csv_record){0};
    }
    if (status == ZG_OK && reader->head_count == 0)
        return zg_csv_fail(&reader->source, 1, 1, error,
                           "expected a header or a row of numbers, found an empty file");
    return status;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Refuses a header that has the same name twice. */
static zg_status check_names(const zg_csv_reader *reader, zg_error *error)
{
    const zg_csv_record *first = &reader->head[0];
    const char **names = malloc(first->count * sizeof *names);
    if (!names) return zg_no_memory(error);
    for (size_t c = 0; c < first->count; c++)
        names[c] = zg_csv_record_text(first, c);
    qsort(names, first->count, sizeof *names, compare_texts);
    const char *twice = NULL;
    for (size_t c = 1; c < first->count && !twice; c++) {
        if (*names[c] && strcmp(names[c - 1], names[c]) == 0) twice = names[c];
    }
    free(names);
    if (!twice) return ZG_OK;
    size_t seen = 0, c = 0;
    for (;; c++) {
        seen += strcmp(zg_csv_record_text(first, c), twice) == 0;
        if (seen == 2) break;
    }
    char text[ZG_CSV_SHOWN + 4];
    return zg_csv_fail(&reader->source, first->fields[c].line, first->fields[c].column, error,
                       "expected distinct column names, found \"%s\" twice",
                       zg_csv_shown(twice, text));
}

/* What can be said about the table as a whole before any value is read; least is the number of
 * columns that it must have. */
static zg_status check_shape(const zg_csv_reader *reader, size_t least, zg_error *error)
{
    const zg_csv_record *first = &reader->head[0];
    if (reader->has_header && reader->head_count == 1)
        return zg_csv_fail(&reader->source, reader->source.line, reader->source.column, error,
                           "expected a row of data after the header, found the end of the file");
    if (first->count >= least) return ZG_OK;
    assert(first->fields);
    const char *text = zg_csv_record_text(first, 0);
    size_t column = first->fields[0].column;
    size_t offset = strcspn(text, ";\t ");
    if (text[offset] == '\0')
        return zg_csv_fail(&reader->source, first->fields[0].line, column, error,
                           "expected at least two columns (an input and a target), found one");
    return zg_csv_fail(&reader->source, first->fields[0].line, column + offset, error,
                       "expected fields separated by commas, found a single field with a %s in it",
                       text[offset] == ';'    ? "semicolon"
                       : text[offset] == '\t' ? "tab"
                                              : "blank");
}

/* ---- columns ------------------------------------------------------------------------------- */

/* The header's names; a column without one is called by its number. */
static zg_status read_names(zg_csv_reader *reader, zg_error *error)
{
    const zg_csv_record *first = &reader->head[0];
    if (!reader->has_header) return ZG_OK;
    reader->names = calloc(first->count, sizeof *reader->names);
    if (!reader->names) return zg_no_memory(error);
    for (size_t c = 0; c < first->count; c++) {
        const char *text = zg_csv_record_text(first, c);
        if (*text)
            reader->names[c] = strdup(text);
        else if (asprintf(&reader->names[c], "column%zu", c + 1) < 0)
            reader->names[c] = NULL;
        if (!reader->names[c]) return zg_no_memory(error);
    }
    return ZG_OK;
}

/* Gives every column its place among inputs or targets. */
static zg_status place_columns(zg_csv_reader *reader, const zg_data_options *options,
                               zg_error *error)
{
    return zg_columns_place(options ? options->target : NULL, options ? options->schema : NULL,
                            reader->source.name, reader->head[0].count,
                            (const char *const *)reader->names, &reader->columns, error);
}

static zg_status keep_names(zg_csv_reader *reader, zg_error *error)
{
    const zg_columns *columns = &reader->columns;
    if (!reader->has_header) return ZG_OK;
    reader->input_names = calloc(columns->inputs, sizeof *reader->input_names);
    reader->target_names = calloc(columns->targets + 1, sizeof *reader->target_names);
    if (!reader->input_names || !reader->target_names) return zg_no_memory(error);
    for (size_t c = 0; c < columns->count; c++) {
        if (columns->place[c] == ZG_COLUMN_UNUSED) continue;
        char *name = strdup(reader->names[c]);
        if (!name) return zg_no_memory(error);
        if (columns->place[c] >= 0)
            reader->input_names[columns->place[c]] = name;
        else
            reader->target_names[~columns->place[c]] = name;
    }
    return ZG_OK;
}

static bool is_target(const zg_csv_reader *reader, size_t column)
{
    long place = reader->columns.place[column];
    return place < 0 && place != ZG_COLUMN_UNUSED;
}

/* Whether the single target column has texts among the first rows. */
static bool detect_text_target(const zg_csv_reader *reader)
{
    if (reader->columns.targets != 1) return false;
    size_t column = 0;
    while (!is_target(reader, column))
        column++;
    for (size_t i = reader->has_header; i < reader->head_count; i++) {
        const zg_csv_record *row = &reader->head[i];
        if (column < row->count && is_text(zg_csv_record_text(row, column))) return true;
    }
    return false;
}

zg_status zg_csv_open(FILE *stream, const char *name, const zg_data_options *options,
                      zg_csv_reader **out, zg_error *error)
{
    *out = NULL;
    zg_csv_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return zg_no_memory(error);
    reader->missing = options ? options->missing : ZG_MISSING_ERROR;
    zg_status status = zg_csv_source_open(&reader->source, stream, name, error);
    if (status == ZG_OK) status = read_head(reader, error);
    if (status == ZG_OK) {
        zg_header header = options ? options->header : ZG_HEADER_DETECT;
        reader->has_header =
            header == ZG_HEADER_YES || (header == ZG_HEADER_DETECT && detect_header(reader));
        reader->head_next = reader->has_header;
        reader->first_line = reader->head[0].end_line;
        bool unlabelled = options && options->schema && options->schema->lenient;
        status = check_shape(reader, unlabelled ? 1 : 2, error);
    }
    if (status == ZG_OK && reader->has_header) status = check_names(reader, error);
    if (status == ZG_OK) status = read_names(reader, error);
    if (status == ZG_OK) status = place_columns(reader, options, error);
    if (status == ZG_OK) status = keep_names(reader, error);
    if (status != ZG_OK) {
        zg_csv_close(reader);
        return status;
    }
    reader->text_target = detect_text_target(reader);
    *out = reader;
    return ZG_OK;
}

void zg_csv_close(zg_csv_reader *reader)
{
    if (!reader) return;
    zg_texts_free(reader->names, reader->head_count ? reader->head[0].count : 0);
    for (size_t i = 0; i < reader->head_count; i++)
        zg_csv_record_clear(&reader->head[i]);
    free(reader->head);
    zg_csv_source_clear(&reader->source);
    zg_texts_free(reader->input_names, reader->columns.inputs);
    zg_texts_free(reader->target_names, reader->columns.targets);
    for (size_t k = 0; k < reader->label_count; k++)
        free(reader->labels[k].text);
    free(reader->labels);
    free(reader->label_texts);
    zg_columns_clear(&reader->columns);
    free(reader);
}

size_t zg_csv_inputs(const zg_csv_reader *reader)
{
    return reader->columns.inputs;
}

size_t zg_csv_targets(const zg_csv_reader *reader)
{
    return reader->columns.targets;
}

char *const *zg_csv_input_names(const zg_csv_reader *reader)
{
    return reader->input_names;
}

char *const *zg_csv_target_names(const zg_csv_reader *reader)
{
    return reader->target_names;
}

const char *zg_csv_label(const zg_csv_reader *reader, size_t index)
{
    return index < reader->label_count ? reader->label_texts[index] : NULL;
}

size_t zg_csv_label_count(const zg_csv_reader *reader)
{
    return reader->label_count;
}

/* ---- values -------------------------------------------------------------------------------- */

/* The index of a class label, by first appearance; new ones are added in sorted position. */
static zg_status label_index(zg_csv_reader *reader, const zg_csv_record *row, size_t column,
                             double *value, zg_error *error)
{
    const char *text = zg_csv_record_text(row, column);
    size_t low = 0, high = reader->label_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(text, reader->labels[middle].text);
        if (order == 0) {
            *value = (double)reader->labels[middle].index;
            return ZG_OK;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    size_t count = reader->label_count;
    if (count == ZG_CSV_LABEL_LIMIT)
        return zg_csv_fail_field(&reader->source, row, column,
                                 "at most 1000 different class labels", error);
    label *labels = realloc(reader->labels, (count + 1) * sizeof *labels);
    if (labels) reader->labels = labels;
    const char **texts = realloc(reader->label_texts, (count + 1) * sizeof *texts);
    if (texts) reader->label_texts = texts;
    char *copy = strdup(text);
    if (!labels || !texts || !copy) {
        free(copy);
        return zg_no_memory(error);
    }
    memmove(labels + low + 1, labels + low, (count - low) * sizeof *labels);
    labels[low] = (label){copy, count};
    texts[count] = copy;
    reader->label_count++;
    *value = (double)count;
    return ZG_OK;
}

static zg_status missing_value(const zg_csv_reader *reader, const zg_csv_record *row, size_t column,
                               double *value, bool *dropped, zg_error *error)
{
    const zg_csv_field *f = &row->fields[column];
    bool target = is_target(reader, column);
    if (reader->missing == ZG_MISSING_DROP) {
        *dropped = true;
        return ZG_OK;
    }
    if (reader->missing == ZG_MISSING_MEAN && !target) {
        *value = NAN;
        return ZG_OK;
    }
    return zg_csv_fail(
        &reader->source, f->line, f->column, error,
        "expected %s, found the missing value \"%s\" (%s)",
        target && reader->text_target ? "a class label" : "a number",
        zg_csv_record_text(row, column),
        reader->missing == ZG_MISSING_MEAN
            ? "the mean stands in for inputs only; --missing drop leaves such rows out"
            : "--missing mean or drop accepts missing values");
}

/* A text among numbers is a slip of the pen; one in the first row is a column that holds none. */
static zg_status text_input(const zg_csv_reader *reader, const zg_csv_record *row, size_t column,
                            zg_error *error)
{
    long place = reader->columns.place[column];
    bool first = row == &reader->head[reader->has_header];
    char name[ZG_CSV_SHOWN + 4], wanted[ZG_CSV_SHOWN + 160];
    if (place < 0 || !first || !reader->input_names)
        return zg_csv_fail_field(&reader->source, row, column, "a number", error);
    snprintf(
        wanted, sizeof wanted,
        "a number (the input column \"%s\" holds texts: code them as numbers, leave the column "
        "out, or make it the target)",
        zg_csv_shown(reader->input_names[place], name));
    return zg_csv_fail_field(&reader->source, row, column, wanted, error);
}

static zg_status read_value(zg_csv_reader *reader, const zg_csv_record *row, size_t column,
                            double *value, bool *dropped, zg_error *error)
{
    const char *text = zg_csv_record_text(row, column);
    bool target = is_target(reader, column);
    if (is_missing(text)) return missing_value(reader, row, column, value, dropped, error);
    if (target && reader->text_target) return label_index(reader, row, column, value, error);
    switch (zg_number_classify(text, value)) {
    case ZG_NUMBER_FINITE:
        return ZG_OK;
    case ZG_NUMBER_NOT_FINITE:
        return zg_csv_fail_field(&reader->source, row, column, "a finite number", error);
    case ZG_NUMBER_TEXT:
        break;
    }
    if (target && reader->columns.targets == 1)
        return zg_csv_fail_field(&reader->source, row, column, "a number, as in the rows above",
                                 error);
    return text_input(reader, row, column, error);
}

static zg_status check_width(const zg_csv_reader *reader, const zg_csv_record *row, zg_error *error)
{
    if (row->count == reader->columns.count) return ZG_OK;
    if (row->count < reader->columns.count)
        return zg_csv_fail(&reader->source, row->end_line, row->end_column, error,
                           "expected %zu fields as in line %zu, found %zu", reader->columns.count,
                           reader->first_line, row->count);
    const zg_csv_field *extra = &row->fields[reader->columns.count];
    return zg_csv_fail(&reader->source, extra->line, extra->column, error,
                       "expected %zu fields as in line %zu, found %zu", reader->columns.count,
                       reader->first_line, row->count);
}

static double *place_of(const zg_csv_reader *reader, size_t column, double *x, double *t)
{
    long place = reader->columns.place[column];
    return place >= 0 ? x + place : t + ~place;
}

static zg_status read_values(zg_csv_reader *reader, const zg_csv_record *row, double *x, double *t,
                             bool *dropped, zg_error *error)
{
    zg_status status = check_width(reader, row, error);
    for (size_t c = 0; c < reader->columns.count && status == ZG_OK; c++)
        if (reader->columns.place[c] != ZG_COLUMN_UNUSED)
            status = read_value(reader, row, c, place_of(reader, c, x, t), dropped, error);
    return status;
}

/* One row of data; *found is false at the end of the file. */
static zg_status next_row(zg_csv_reader *reader, double *x, double *t, bool *found, bool *dropped,
                          zg_error *error)
{
    *found = true;
    *dropped = false;
    if (reader->head_next < reader->head_count)
        return read_values(reader, &reader->head[reader->head_next++], x, t, dropped, error);
    zg_status status = zg_csv_source_line(&reader->source, error);
    if (status != ZG_OK) return status;
    if (!reader->text_target &&
        zg_csv_source_numbers(&reader->source, reader->columns.count, reader->columns.place, x, t))
        return ZG_OK;
    status = zg_csv_source_record(&reader->source, error);
    if (status != ZG_OK) return status;
    *found = reader->source.current.count > 0;
    return *found ? read_values(reader, &reader->source.current, x, t, dropped, error) : ZG_OK;
}

zg_status zg_csv_next(zg_csv_reader *reader, size_t capacity, double *x, double *t, size_t *rows,
                      zg_error *error)
{
    *rows = 0;
    while (*rows < capacity) {
        bool found, dropped;
        zg_status status = next_row(reader, x + *rows * reader->columns.inputs,
                                    t + *rows * reader->columns.targets, &found, &dropped, error);
        if (status != ZG_OK) return status;
        if (!found) break;
        *rows += !dropped;
    }
    return ZG_OK;
}

/* ---- whole files --------------------------------------------------------------------------- */

typedef struct table {
    double *x, *t;
    size_t rows, capacity;
} table;

static zg_status table_grow(table *all, const zg_csv_reader *reader, zg_error *error)
{
    size_t width = reader->columns.inputs > reader->columns.targets ? reader->columns.inputs
                                                                    : reader->columns.targets;
    if (all->capacity > SIZE_MAX / 2 / sizeof(double) / width) return zg_no_memory(error);
    size_t capacity = all->capacity ? 2 * all->capacity : 256;
    double *x = realloc(all->x, capacity * reader->columns.inputs * sizeof(double));
    if (x) all->x = x;
    double *t = realloc(all->t, (capacity * reader->columns.targets + 1) * sizeof(double));
    if (t) all->t = t;
    if (!x || !t) return zg_no_memory(error);
    all->capacity = capacity;
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

/* From order of first appearance to sorted order. */
static zg_status sort_labels(zg_csv_reader *reader, zg_dataset *dataset, zg_error *error)
{
    size_t count = reader->label_count;
    if (!reader->text_target) return ZG_OK;
    size_t *rank = malloc(count * sizeof *rank);
    char **texts = calloc(count, sizeof *texts);
    if (!rank || !texts) {
        free(rank);
        free(texts);
        return zg_no_memory(error);
    }
    for (size_t k = 0; k < count; k++) {
        rank[reader->labels[k].index] = k;
        texts[k] = reader->labels[k].text;
    }
    for (size_t i = 0; i < dataset->rows; i++)
        dataset->t[i] = (double)rank[(size_t)dataset->t[i]];
    free(rank);
    dataset->labels = texts;
    dataset->label_count = count;
    reader->label_count = 0; /* the texts have a new owner */
    return ZG_OK;
}

static zg_status make_dataset(zg_csv_reader *reader, table *all, zg_dataset **out, zg_error *error)
{
    zg_dataset *dataset = calloc(1, sizeof *dataset);
    if (!dataset) return zg_no_memory(error);
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
    zg_status status = sort_labels(reader, dataset, error);
    if (status == ZG_OK && reader->missing == ZG_MISSING_MEAN)
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
