/* What the first records of a CSV file say: notation, header, the form of the table, what each
 * column is. */
#include "data/csv_detect.h"

#include "base/memory.h"
#include "data/csv_reader.h"
#include "data/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *text_at(const zg_csv_reader *reader, size_t record, size_t column)
{
    const zg_csv_record *row = &reader->head[record];
    return column < row->count ? zg_csv_record_text(row, column) : "";
}

zg_field_kind zg_csv_head_kind(const zg_csv_reader *reader, size_t record, size_t column)
{
    double value;
    return zg_notation_classify(&reader->notation, text_at(reader, record, column), &value);
}

static zg_status read_records(zg_csv_reader *reader, zg_error *error)
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

/* ---- notation ------------------------------------------------------------------------------ */

/* The one meaning that fits the commas in all fields together; a comma-separated file is never
 * taken to have decimal commas. */
static void tell_notation(const zg_csv_reader *reader, char *decimal, char *thousands)
{
    size_t seen[ZG_EVIDENCE_EITHER + 1] = {0};
    for (size_t i = 0; i < reader->head_count; i++)
        for (size_t c = 0; c < reader->head[i].count; c++)
            seen[zg_notation_evidence(text_at(reader, i, c))]++;
    bool decimals = seen[ZG_EVIDENCE_DECIMAL] + seen[ZG_EVIDENCE_GROUPED] > 0;
    if (seen[ZG_EVIDENCE_THOUSANDS] > 0) {
        if (!decimals && *thousands == 0 && *decimal != ',') *thousands = ',';
    } else if (decimals && reader->source.separator != ',' && *decimal == 0) {
        *decimal = ',';
        if (seen[ZG_EVIDENCE_GROUPED] > 0 && *thousands == 0) *thousands = '.';
    }
}

static zg_status settle_notation(zg_csv_reader *reader, zg_error *error)
{
    char decimal = reader->options.decimal, thousands = reader->options.thousands;
    tell_notation(reader, &decimal, &thousands);
    zg_status status = zg_notation_create(decimal, thousands, reader->options.missing_values,
                                          &reader->notation, error);
    reader->plain = status == ZG_OK && zg_notation_is_plain(&reader->notation);
    return status;
}

/* ---- forms of tables ----------------------------------------------------------------------- */

/* Puts an empty field in front of or behind those of a record. */
static zg_status insert_field(zg_csv_record *record, size_t at, zg_error *error)
{
    zg_csv_field *fields =
        zg_grow(record->fields, &record->capacity, record->count + 1, sizeof *fields);
    if (!fields) return zg_no_memory(error);
    record->fields = fields;
    memmove(fields + at + 1, fields + at, (record->count - at) * sizeof *fields);
    fields[at] = fields[at < record->count ? at + 1 : at - 1];
    fields[at].offset = record->used - 1; /* the NUL of the last text */
    record->count++;
    return ZG_OK;
}

/* Whether all records from the second on have that many fields. */
static bool others_have(const zg_csv_reader *reader, size_t count)
{
    for (size_t i = 1; i < reader->head_count; i++)
        if (reader->head[i].count != count) return false;
    return reader->head_count > 1;
}

static bool is_empty_from(const zg_csv_reader *reader, size_t column, size_t first)
{
    for (size_t i = first; i < reader->head_count; i++)
        if (*text_at(reader, i, column) != '\0') return false;
    return true;
}

static bool has_text(const zg_csv_reader *reader, size_t record)
{
    for (size_t c = 0; c < reader->head[record].count; c++)
        if (zg_csv_head_kind(reader, record, c) == ZG_FIELD_TEXT) return true;
    return false;
}

static bool all_texts(const zg_csv_reader *reader, size_t column, size_t first)
{
    for (size_t i = first; i < reader->head_count; i++)
        if (zg_csv_head_kind(reader, i, column) != ZG_FIELD_TEXT) return false;
    return true;
}

/* A header with one field fewer than every row: R writes no name over its row names, or all rows
 * end with a separator.  With commas the first column must be words, since a decimal comma looks
 * the same. */
static zg_status widen_header(zg_csv_reader *reader, zg_error *error)
{
    size_t count = reader->head[0].count + 1;
    if (reader->options.header == ZG_HEADER_NO || !others_have(reader, count) ||
        !has_text(reader, 0))
        return ZG_OK;
    if (is_empty_from(reader, count - 1, 1))
        return insert_field(&reader->head[0], count - 1, error);
    if (reader->source.separator == ',' && !all_texts(reader, 0, 1)) return ZG_OK;
    reader->row_names = 0;
    return insert_field(&reader->head[0], 0, error);
}

/* A column without name and values behind the last separator of every line. */
static void find_empty_column(zg_csv_reader *reader)
{
    size_t last = reader->head[0].count - 1;
    if (last == 0 || !others_have(reader, last + 1) || !is_empty_from(reader, last, 0)) return;
    reader->empty_column = last;
    reader->ignored[last] = true;
}

/* ---- Orange's headers ---------------------------------------------------------------------- */

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(text, words[i]) == 0) return true;
    return false;
}

/* Two more lines behind the names: a type and a role for each column. */
static bool has_orange_lines(const zg_csv_reader *reader)
{
    static const char *const types[] = {"c",           "continuous", "n", "numeric",
                                        "d",           "discrete",   "s", "string",
                                        "categorical", "text",       "t", "time"};
    static const char *const roles[] = {"", "class", "c", "meta", "m", "ignore", "i"};
    size_t count = reader->head[0].count;
    if (reader->head_count < 4 || reader->head[1].count != count ||
        reader->head[2].count != count || reader->options.header == ZG_HEADER_NO)
        return false;
    for (size_t c = 0; c < count; c++) {
        if (!is_one_of(text_at(reader, 1, c), types, sizeof types / sizeof *types)) return false;
        if (!is_one_of(text_at(reader, 2, c), roles, sizeof roles / sizeof *roles)) return false;
    }
    return true;
}

/* The length of "mS#" and the like in front of a name, which has a letter at least; 0: none. */
static size_t orange_prefix(const char *name)
{
    size_t role = strchr("cmiw", *name) && *name ? 1 : 0;
    size_t type = name[role] && strchr("CDST", name[role]) ? 1 : 0;
    return name[role + type] == '#' && role + type > 0 ? role + type + 1 : 0;
}

static bool has_orange_names(const zg_csv_reader *reader)
{
    if (reader->head_count < 2 || reader->options.header == ZG_HEADER_NO) return false;
    for (size_t c = 0; c < reader->head[0].count; c++)
        if (orange_prefix(text_at(reader, 0, c)) == 0) return false;
    return true;
}

/* What a column's role and type mean here: the class is the target, metas and texts are no
 * inputs. */
static zg_status take_role(zg_csv_reader *reader, size_t column, char role, char type,
                           zg_error *error)
{
    bool string = type == 's' || type == 'S';
    if (role == 'c' && !reader->own_target) {
        reader->own_target = strdup(text_at(reader, 0, column));
        return reader->own_target ? ZG_OK : zg_no_memory(error);
    }
    if (role == 'm' || role == 'i' || role == 'w' || string) reader->ignored[column] = true;
    return ZG_OK;
}

static zg_status read_orange(zg_csv_reader *reader, zg_error *error)
{
    zg_status status = ZG_OK;
    if (has_orange_lines(reader)) {
        for (size_t c = 0; c < reader->head[0].count && status == ZG_OK; c++) {
            const char *type = text_at(reader, 1, c), *role = text_at(reader, 2, c);
            status =
                take_role(reader, c, *role, strcasecmp(type, "text") == 0 ? 's' : *type, error);
        }
        reader->has_header = true;
        reader->head_next = 3;
    } else if (has_orange_names(reader)) {
        for (size_t c = 0; c < reader->head[0].count && status == ZG_OK; c++) {
            zg_csv_field *field = &reader->head[0].fields[c];
            const char *name = text_at(reader, 0, c);
            size_t length = orange_prefix(name);
            char role = strchr("cmiw", *name) ? *name : '\0', type = name[length - 2];
            field->offset += length;
            status = take_role(reader, c, role, type, error);
        }
        reader->has_header = true;
        reader->head_next = 1;
    }
    return status;
}

/* ---- headers ------------------------------------------------------------------------------- */

/* Whether the rows after the first have numbers and no text in this column. */
static bool rest_is_numeric(const zg_csv_reader *reader, size_t column)
{
    bool numbers = false;
    for (size_t i = 1; i < reader->head_count; i++) {
        if (column >= reader->head[i].count) continue;
        zg_field_kind kind = zg_csv_head_kind(reader, i, column);
        if (kind == ZG_FIELD_TEXT) return false;
        numbers = numbers || kind != ZG_FIELD_MISSING;
    }
    return numbers;
}

static bool detect_header(const zg_csv_reader *reader)
{
    size_t texts = 0, count = reader->head[0].count;
    for (size_t c = 0; c < count; c++) {
        if (zg_csv_head_kind(reader, 0, c) != ZG_FIELD_TEXT) continue;
        if (rest_is_numeric(reader, c)) return true;
        texts++;
    }
    return reader->head_count == 1 && texts == count;
}

static bool has_field(const zg_csv_reader *reader, const char *name)
{
    for (size_t c = 0; c < reader->head[0].count; c++)
        if (strcmp(text_at(reader, 0, c), name) == 0) return true;
    return false;
}

/* Whether the first line has the name of every input that the rows must have: rows with gaps or
 * words may not look different from it. */
static bool names_inputs(const zg_csv_reader *reader)
{
    zg_schema plain;
    const zg_schema *schema = reader->options.schema;
    if (!schema || !schema->input_names) return false;
    if (!schema->one_hot) {
        plain = *schema;
    } else if (zg_schema_unencode(schema, &plain) != ZG_OK) {
        return false;
    }
    bool all = plain.inputs > 0 && plain.inputs <= reader->head[0].count;
    for (size_t j = 0; j < plain.inputs && all; j++)
        all = has_field(reader, plain.input_names[j]);
    if (schema->one_hot) free((void *)(uintptr_t)plain.input_names);
    return all;
}

/* What can be said about the table as a whole before any value is read. */
static zg_status check_shape(const zg_csv_reader *reader, zg_error *error)
{
    const zg_csv_record *first = &reader->head[0];
    const zg_schema *schema = reader->options.schema;
    /* One column may be all there is. */
    bool unlabelled = (schema && schema->lenient) || reader->options.no_target;
    if (reader->has_header && reader->head_count == reader->head_next)
        return zg_csv_fail(&reader->source, reader->source.line, reader->source.column, error,
                           "expected a row of data after the header, found the end of the file");
    if (first->count > 1 || unlabelled) return ZG_OK;
    const char *text = zg_csv_record_text(first, 0);
    size_t column = first->fields[0].column, offset = strcspn(text, ",;\t| ");
    if (text[offset] == '\0')
        return zg_csv_fail(&reader->source, first->fields[0].line, column, error,
                           "expected at least two columns (an input and a target), found one");
    return zg_csv_fail(
        &reader->source, first->fields[0].line, column + offset, error,
        "expected fields separated by a %s, found a single field with a %s in it (--separator "
        "says what separates)",
        zg_csv_separator_name(reader->source.separator), zg_csv_separator_name(text[offset]));
}

zg_status zg_csv_read_head(zg_csv_reader *reader, zg_error *error)
{
    reader->empty_column = reader->row_names = ZG_NO_COLUMN;
    zg_status status = read_records(reader, error);
    if (status == ZG_OK) status = settle_notation(reader, error);
    if (status == ZG_OK) status = widen_header(reader, error);
    if (status != ZG_OK) return status;
    reader->first_line = reader->head[0].end_line;
    reader->ignored = calloc(reader->head[0].count, sizeof *reader->ignored);
    if (!reader->ignored) return zg_no_memory(error);
    if (reader->row_names != ZG_NO_COLUMN) reader->ignored[reader->row_names] = true;
    find_empty_column(reader);
    status = read_orange(reader, error);
    if (status == ZG_OK && !reader->has_header) {
        zg_header header = reader->options.header;
        reader->has_header =
            header == ZG_HEADER_YES || reader->row_names != ZG_NO_COLUMN ||
            (header == ZG_HEADER_DETECT && (detect_header(reader) || names_inputs(reader)));
        reader->head_next = reader->has_header;
    }
    reader->head_start = reader->head_next;
    return status == ZG_OK ? check_shape(reader, error) : status;
}

/* ---- columns ------------------------------------------------------------------------------- */

const char *zg_csv_column_name(const zg_csv_reader *reader, size_t column, char *buffer)
{
    if (reader->names) return reader->names[column];
    snprintf(buffer, 32, "column%zu", column + 1);
    return buffer;
}

/* The header's names; a column without one is called by its number. */
static zg_status read_names(zg_csv_reader *reader, zg_error *error)
{
    size_t count = reader->head[0].count;
    if (!reader->has_header) return ZG_OK;
    reader->names = calloc(count, sizeof *reader->names);
    if (!reader->names) return zg_no_memory(error);
    for (size_t c = 0; c < count; c++) {
        const char *text = text_at(reader, 0, c);
        reader->names[c] =
            *text ? zg_utf8_copy(text, &reader->foreign) : zg_format("column%zu", c + 1);
        if (!reader->names[c]) return zg_no_memory(error);
    }
    return ZG_OK;
}

/* Refuses a header that has the same name twice among the columns that count. */
static zg_status check_names(const zg_csv_reader *reader, zg_error *error)
{
    const zg_csv_record *first = &reader->head[0];
    const char **names = calloc(first->count, sizeof *names);
    size_t twice = SIZE_MAX;
    for (size_t c = 0; names && c < first->count; c++)
        if (reader->columns.place[c] != ZG_COLUMN_UNUSED) names[c] = reader->names[c];
    zg_status status = names ? zg_texts_repeated(names, first->count, &twice) : ZG_NO_MEMORY;
    free(names);
    if (status != ZG_OK) return zg_no_memory(error);
    if (twice == SIZE_MAX) return ZG_OK;
    char text[ZG_CSV_SHOWN + 4], hint[64] = "";
    if (reader->columns.place[twice] >= 0)
        snprintf(hint, sizeof hint, " (--drop %zu leaves this one out)", twice + 1);
    return zg_csv_fail(&reader->source, first->fields[twice].line, first->fields[twice].column,
                       error, "expected distinct column names, found \"%s\" twice%s",
                       zg_csv_shown(reader->names[twice], text), hint);
}

static bool has_words(const zg_csv_reader *reader, size_t column)
{
    for (size_t i = reader->head_start; i < reader->head_count; i++)
        if (zg_csv_head_kind(reader, i, column) == ZG_FIELD_TEXT) return true;
    return false;
}

static zg_status add_words(zg_csv_reader *reader, size_t column, zg_error *error)
{
    if (reader->words[column]) return ZG_OK;
    reader->words[column] = calloc(1, sizeof *reader->words[column]);
    return reader->words[column] ? ZG_OK : zg_no_memory(error);
}

/* Input columns that --one-hot names, or whose words a model brings along. */
static zg_status choose_words(zg_csv_reader *reader, bool *marks, zg_error *error)
{
    const char *list = reader->options.one_hot;
    const zg_schema *schema = reader->options.schema;
    const char *const *names = (const char *const *)reader->names;
    size_t count = reader->columns.count;
    bool all = list && strcmp(list, "words") == 0;
    char buffer[32];
    zg_status status = ZG_OK;
    if (list && !all)
        status =
            zg_columns_match("--one-hot", list, reader->source.name, count, names, marks, error);
    for (size_t c = 0; c < count && status == ZG_OK; c++) {
        if (reader->columns.place[c] < 0) continue;
        if (schema)
            reader->known[c] =
                zg_one_hot_find(schema->one_hot, zg_csv_column_name(reader, c, buffer));
        if (reader->known[c] || marks[c] || (all && has_words(reader, c)))
            status = add_words(reader, c, error);
    }
    return status;
}

/* Whether the column of class labels has texts among the first rows. */
static zg_status find_text_target(zg_csv_reader *reader, zg_error *error)
{
    size_t column = zg_columns_label(&reader->columns, reader->options.weighted);
    if (column == reader->columns.count) return ZG_OK;
    return has_words(reader, column) ? add_words(reader, column, error) : ZG_OK;
}

static zg_status keep_name(zg_csv_reader *reader, size_t column, zg_error *error)
{
    char buffer[32];
    long place = reader->columns.place[column];
    if (place == ZG_COLUMN_UNUSED) return ZG_OK;
    char *name = strdup(zg_csv_column_name(reader, column, buffer));
    if (!name) return zg_no_memory(error);
    if (place >= 0)
        reader->input_names[place] = name;
    else
        reader->target_names[~place] = name;
    return ZG_OK;
}

/* Tables without a header have names where the words of a column need one. */
static zg_status keep_names(zg_csv_reader *reader, zg_error *error)
{
    bool needed = reader->has_header;
    for (size_t c = 0; c < reader->columns.count; c++)
        needed = needed || (reader->words[c] && reader->columns.place[c] >= 0);
    if (!needed) return ZG_OK;
    reader->input_names = calloc(reader->columns.inputs, sizeof *reader->input_names);
    reader->target_names = calloc(reader->columns.targets + 1, sizeof *reader->target_names);
    if (!reader->input_names || !reader->target_names) return zg_no_memory(error);
    zg_status status = ZG_OK;
    for (size_t c = 0; c < reader->columns.count && status == ZG_OK; c++)
        status = keep_name(reader, c, error);
    return status;
}

zg_status zg_csv_place_columns(zg_csv_reader *reader, zg_error *error)
{
    size_t count = reader->head[0].count;
    zg_data_options options = reader->options;
    if (!options.target && !options.schema) options.target = reader->own_target;
    bool *marks = calloc(count, sizeof *marks);
    reader->words = calloc(count, sizeof *reader->words);
    reader->known = calloc(count, sizeof *reader->known);
    bool full = marks && reader->words && reader->known;
    zg_status status = full ? read_names(reader, error) : zg_no_memory(error);
    if (status == ZG_OK)
        status = zg_columns_choose(&options, reader->source.name, count,
                                   (const char *const *)reader->names, reader->ignored,
                                   &reader->columns, error);
    if (status == ZG_OK && reader->has_header) status = check_names(reader, error);
    if (status == ZG_OK) status = choose_words(reader, marks, error);
    if (status == ZG_OK) status = find_text_target(reader, error);
    if (status == ZG_OK) status = keep_names(reader, error);
    free(marks);
    return status;
}
