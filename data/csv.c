/*
 * The CSV reader row by row: opening, and the values of fields.
 *
 * Lines that are nothing but plain numbers, the bulk of any large file, are read directly from the
 * buffer; everything else, and every error, goes through libcsv, the only path that knows positions
 * for messages.
 */
#include "data/csv_reader.h"

#include "data/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

zg_status zg_csv_open(FILE *stream, const char *name, const zg_data_options *options,
                      zg_csv_reader **out, zg_error *error)
{
    *out = NULL;
    zg_csv_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return zg_no_memory(error);
    if (options) reader->options = *options;
    reader->notes = calloc(1, sizeof *reader->notes);
    zg_status status = reader->notes ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK)
        status =
            zg_csv_source_open(&reader->source, stream, name, reader->options.separator, error);
    if (status == ZG_OK) status = zg_csv_read_head(reader, error);
    if (status == ZG_OK) status = zg_csv_place_columns(reader, error);
    if (status != ZG_OK) {
        zg_csv_close(reader);
        return status;
    }
    for (size_t c = 0; c < reader->columns.count; c++)
        if (reader->words[c] || c == reader->empty_column) reader->plain = false;
    zg_csv_note_form(reader);
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
    for (size_t c = 0; reader->words && c < reader->columns.count; c++) {
        if (reader->words[c]) zg_words_clear(reader->words[c]);
        free(reader->words[c]);
    }
    free(reader->words);
    free(reader->known);
    free(reader->ignored);
    free(reader->own_target);
    zg_notation_clear(&reader->notation);
    zg_csv_source_clear(&reader->source);
    zg_texts_free(reader->input_names, reader->columns.inputs);
    zg_texts_free(reader->target_names, reader->columns.targets);
    zg_columns_clear(&reader->columns);
    zg_dataset_free(reader->notes);
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

zg_status zg_csv_target_columns(const zg_csv_reader *reader, size_t **out)
{
    return zg_columns_targets(&reader->columns, out);
}

/* The words of a single target column of texts, or NULL. */
static const zg_words *target_words(const zg_csv_reader *reader)
{
    size_t column = zg_columns_label(&reader->columns, reader->options.weighted);
    return column < reader->columns.count ? reader->words[column] : NULL;
}

const char *zg_csv_label(const zg_csv_reader *reader, size_t index)
{
    const zg_words *words = target_words(reader);
    return words && index < words->count ? words->texts[index] : NULL;
}

size_t zg_csv_label_count(const zg_csv_reader *reader)
{
    const zg_words *words = target_words(reader);
    return words ? words->count : 0;
}

/* ---- values -------------------------------------------------------------------------------- */

/* The index of a text of a column of words; new ones are added. */
static zg_status add_word(zg_csv_reader *reader, const zg_csv_record *row, size_t column,
                          const char *text, double *value, zg_error *error)
{
    size_t index;
    zg_status status = zg_words_add(reader->words[column], text, ZG_CSV_LABEL_LIMIT, &index);
    if (status != ZG_OK) return zg_no_memory(error);
    *value = (double)index;
    if (index < ZG_CSV_LABEL_LIMIT) return ZG_OK;
    return zg_csv_fail_field(&reader->source, row, column,
                             zg_columns_is_target(&reader->columns, column)
                                 ? "at most 1000 different class labels"
                                 : "at most 1000 different words in a column of --one-hot",
                             error);
}

/* The index of a text among the words that a model knows. */
static zg_status known_word(const zg_csv_reader *reader, const zg_csv_record *row, size_t column,
                            const char *text, double *value, zg_error *error)
{
    const zg_one_hot_column *known = reader->known[column];
    for (size_t k = 0; k < known->count; k++) {
        if (strcmp(known->words[k], text) != 0) continue;
        *value = (double)k;
        return ZG_OK;
    }
    *value = (double)known->count; /* none of them */
    if (reader->options.unknown_zero) return ZG_OK;
    char wanted[ZG_CSV_SHOWN + 160], name[ZG_CSV_SHOWN + 4];
    snprintf(wanted, sizeof wanted,
             "one of the %zu words that the model knows of \"%s\" (--one-hot-unknown zero takes "
             "others for none of them)",
             known->count, zg_csv_shown(known->name, name));
    return zg_csv_fail_field(&reader->source, row, column, wanted, error);
}

static zg_status read_word(zg_csv_reader *reader, const zg_csv_record *row, size_t column,
                           double *value, zg_error *error)
{
    char *text = zg_utf8_copy(zg_csv_record_text(row, column), &reader->foreign);
    if (!text) return zg_no_memory(error);
    zg_status status = reader->known[column] ? known_word(reader, row, column, text, value, error)
                                             : add_word(reader, row, column, text, value, error);
    free(text);
    return status;
}

/* Whether the first rows have more words than numbers in this column. */
static bool is_wordy(const zg_csv_reader *reader, size_t column)
{
    size_t words = 0, numbers = 0;
    for (size_t i = reader->head_start; i < reader->head_count; i++) {
        zg_field_kind kind = zg_csv_head_kind(reader, i, column);
        words += kind == ZG_FIELD_TEXT;
        numbers += kind == ZG_FIELD_NUMBER;
    }
    return words > numbers;
}

/* A text among numbers is a typing error, or a number or a missing value in a notation that can be
 * recognised; in a column of words it is one of the words. */
static zg_status text_among_numbers(const zg_csv_reader *reader, const zg_csv_record *row,
                                    size_t column, zg_error *error)
{
    bool target = zg_columns_is_target(&reader->columns, column);
    char name[ZG_CSV_SHOWN + 4], number[32], hint[160], wanted[3 * ZG_CSV_SHOWN + 240];
    zg_notation_hint(&reader->notation, zg_csv_record_text(row, column), hint, sizeof hint);
    bool wordy = !target && is_wordy(reader, column);
    if (*hint && !(wordy && strncmp(hint, "if", 2) == 0)) { /* a word among words is one of them */
        snprintf(wanted, sizeof wanted, "a number (%s)", hint);
    } else if (column == zg_columns_label(&reader->columns, reader->options.weighted)) {
        snprintf(wanted, sizeof wanted, "a number, as in the rows above");
    } else if (wordy) {
        bool named = reader->has_header;
        snprintf(number, sizeof number, "%zu", column + 1);
        const char *shown =
            named ? zg_csv_shown(zg_csv_column_name(reader, column, number), name) : number;
        snprintf(
            wanted, sizeof wanted,
            "a number (the input column %s%s%s holds words: --one-hot \"%s\" makes an input of "
            "each, --drop \"%s\" leaves the column out)",
            named ? "\"" : "", shown, named ? "\"" : "", shown, shown);
    } else {
        snprintf(wanted, sizeof wanted, "a number");
    }
    return zg_csv_fail_field(&reader->source, row, column, wanted, error);
}

static zg_status missing_value(const zg_csv_reader *reader, const zg_csv_record *row, size_t column,
                               double *value, bool *dropped, zg_error *error)
{
    const zg_csv_field *f = &row->fields[column];
    bool target = zg_columns_is_target(&reader->columns, column);
    char text[ZG_CSV_SHOWN + 4];
    if (!target && !reader->words[column] && is_wordy(reader, column))
        return text_among_numbers(reader, row, column, error);
    if (reader->options.missing == ZG_MISSING_DROP) {
        *dropped = true;
        return ZG_OK;
    }
    bool keep = reader->options.missing == ZG_MISSING_KEEP;
    bool mean = reader->options.missing == ZG_MISSING_MEAN ||
                reader->options.missing == ZG_MISSING_TRAINING_MEAN;
    if (keep || (mean && !target)) {
        *value = NAN;
        return ZG_OK;
    }
    return zg_csv_fail(
        &reader->source, f->line, f->column, error,
        "expected %s, found the missing value \"%s\" (%s)",
        !reader->words[column] ? "a number"
        : target               ? "a class label"
                               : "a word",
        zg_csv_shown(zg_csv_record_text(row, column), text),
        mean ? "the mean stands in for inputs only; --missing drop leaves such rows out"
             : "--missing mean or drop accepts missing values");
}

static zg_status read_value(zg_csv_reader *reader, const zg_csv_record *row, size_t column,
                            double *value, bool *dropped, zg_error *error)
{
    zg_field_kind kind =
        zg_notation_classify(&reader->notation, zg_csv_record_text(row, column), value);
    if (kind == ZG_FIELD_MISSING) return missing_value(reader, row, column, value, dropped, error);
    if (reader->words[column]) return read_word(reader, row, column, value, error);
    if (kind == ZG_FIELD_NUMBER) return ZG_OK;
    if (kind == ZG_FIELD_NOT_FINITE)
        return zg_csv_fail_field(&reader->source, row, column, "a finite number", error);
    return text_among_numbers(reader, row, column, error);
}

/* ---- rows ---------------------------------------------------------------------------------- */

static zg_status check_width(const zg_csv_reader *reader, const zg_csv_record *row, zg_error *error)
{
    size_t count = reader->columns.count, empty = reader->empty_column;
    if (row->count != count) {
        const zg_csv_field *extra = row->count > count ? &row->fields[count] : NULL;
        return zg_csv_fail(&reader->source, extra ? extra->line : row->end_line,
                           extra ? extra->column : row->end_column, error,
                           "expected %zu fields as in line %zu, found %zu", count,
                           reader->first_line, row->count);
    }
    if (empty == ZG_NO_COLUMN || *zg_csv_record_text(row, empty) == '\0') return ZG_OK;
    return zg_csv_fail_field(&reader->source, row, empty,
                             "nothing behind the last separator, as in the rows above", error);
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
    for (size_t c = 0; c < reader->columns.count && status == ZG_OK; c++) {
        if (reader->columns.place[c] == ZG_COLUMN_UNUSED) continue;
        status = read_value(reader, row, c, place_of(reader, c, x, t), dropped, error);
    }
    return status;
}

/* Nothing but separators: what spreadsheets write behind the last row of a table. */
static bool is_empty_row(const zg_csv_reader *reader, const zg_csv_record *row)
{
    if (row->count != reader->columns.count) return false;
    for (size_t c = 0; c < row->count; c++)
        if (*zg_csv_record_text(row, c) != '\0') return false;
    return true;
}

/* The next record of data, read over libcsv; NULL at the end of the file. */
static zg_status next_record(zg_csv_reader *reader, const zg_csv_record **row, zg_error *error)
{
    zg_status status = ZG_OK;
    do {
        *row = &reader->source.current;
        if (reader->head_next < reader->head_count)
            *row = &reader->head[reader->head_next++];
        else
            status = zg_csv_source_record(&reader->source, error);
        if (status != ZG_OK || (*row)->count == 0) *row = NULL;
    } while (*row && is_empty_row(reader, *row) && ++reader->empty_rows);
    return status;
}

/* One row of data; *found is false at the end of the file. */
static zg_status next_row(zg_csv_reader *reader, double *x, double *t, bool *found, bool *dropped,
                          zg_error *error)
{
    *found = true;
    *dropped = false;
    if (reader->head_next == reader->head_count && reader->plain) {
        zg_status status = zg_csv_source_line(&reader->source, error);
        if (status != ZG_OK) return status;
        if (zg_csv_source_numbers(&reader->source, reader->columns.count, reader->columns.place, x,
                                  t))
            return ZG_OK;
    }
    const zg_csv_record *row;
    zg_status status = next_record(reader, &row, error);
    *found = row != NULL;
    return status == ZG_OK && row ? read_values(reader, row, x, t, dropped, error) : status;
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
