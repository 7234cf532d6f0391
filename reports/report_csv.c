/* A run log as CSV: one row per case, a column for every field that any event has. */
#include "reports/formats.h"

#include "base/memory.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Where a column's value stands. */
typedef struct column {
    char *name;
    bool started; /* in case_started, else in case_finished */
} column;

typedef void (*quoting)(zg_text *text, const char *string);

typedef struct column_list {
    column *items;
    size_t count, capacity;
    json_t *known;
    bool started, failed;
} column_list;

static void add_column(void *context, const char *name, const char *value)
{
    (void)value;
    column_list *in = context;
    static const char *const elsewhere[] = {"event", "crc", "t", "case", "key", "verdict", "suite"};
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (strcmp(name, elsewhere[i]) == 0) return;
    if (in->failed || json_object_get(in->known, name)) return;
    column *larger = zg_grow(in->items, &in->capacity, in->count + 1, sizeof *larger);
    if (!larger) {
        in->failed = true;
        return;
    }
    in->items = larger;
    char *copy = strdup(name);
    if (!copy || json_object_set_new(in->known, name, json_true()) != 0) {
        free(copy);
        in->failed = true;
        return;
    }
    in->items[in->count++] = (column){copy, in->started};
}

static int by_part_and_name(const void *a, const void *b)
{
    const column *x = a, *y = b;
    if (x->started != y->started) return x->started ? -1 : 1;
    return strcmp(x->name, y->name);
}

static void find_columns(const zg_log *log, column_list *out)
{
    out->known = json_object();
    out->failed = !out->known;
    for (int part = 0; part < 2 && !out->failed; part++) {
        out->started = part == 0;
        for (size_t i = 0; i < log->case_count && !out->failed; i++) {
            const json_t *event = part == 0 ? log->cases[i].started : log->cases[i].finished;
            if (event && !zg_study_leaves(event, add_column, out)) out->failed = true;
        }
    }
    if (out->count) qsort(out->items, out->count, sizeof *out->items, by_part_and_name);
    for (size_t i = 0; i < out->count && !out->failed; i++)
        if (json_object_set_new(out->known, out->items[i].name, json_integer((json_int_t)i)) != 0)
            out->failed = true;
}

/* The values of a row, at the places of their columns. */
typedef struct cells {
    const column_list *columns;
    char **values; /* owned; NULL: none */
    bool started, failed;
} cells;

static void take_value(void *context, const char *name, const char *value)
{
    cells *in = context;
    const json_t *place = json_object_get(in->columns->known, name);
    if (!place) return;
    size_t i = (size_t)json_integer_value(place);
    if (in->columns->items[i].started != in->started) return;
    free(in->values[i]);
    in->values[i] = strdup(value);
    if (!in->values[i]) in->failed = true;
}

static void write_row(const zg_log_case *row, const column_list *columns, char **values,
                      quoting quote, zg_text *out)
{
    const char *texts[] = {row->suite, row->name, row->key};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i]) quote(out, texts[i]);
        zg_text_add(out, ",");
    }
    zg_text_format(out, "%s,%zu", zg_verdict_name(row->result.verdict), row->finishes);
    cells in = {columns, values, true, false};
    if (row->started && !zg_study_leaves(row->started, take_value, &in)) in.failed = true;
    in.started = false;
    if (row->finished && !zg_study_leaves(row->finished, take_value, &in)) in.failed = true;
    for (size_t i = 0; i < columns->count; i++) {
        zg_text_add(out, ",");
        if (values[i]) quote(out, values[i]);
        free(values[i]);
        values[i] = NULL;
    }
    zg_text_add(out, "\r\n");
    if (in.failed) out->failed = true;
}

static void write_table(const zg_study *study, quoting quote, zg_text *out)
{
    column_list columns = {0};
    find_columns(study->log, &columns);
    char **values = calloc(columns.count + 1, sizeof *values);
    if (columns.failed || !values) out->failed = true;
    zg_text_add(out, "suite,case,key,verdict,finishes");
    for (size_t i = 0; i < columns.count; i++) {
        zg_text_add(out, ",");
        quote(out, columns.items[i].name);
    }
    zg_text_add(out, "\r\n");
    for (size_t i = 0; !out->failed && i < study->log->case_count; i++)
        write_row(&study->log->cases[i], &columns, values, quote, out);
    for (size_t i = 0; i < columns.count; i++)
        free(columns.items[i].name);
    free(columns.items);
    free(values);
    json_decref(columns.known);
}

/* A spreadsheet takes what begins like this for a formula. */
static void quote_for_spreadsheets(zg_text *text, const char *string)
{
    double number;
    bool formula = string[0] && strchr("=+-@\t\r", string[0]) && !zg_parse_double(string, &number);
    if (!formula) {
        zg_text_csv(text, string);
        return;
    }
    zg_text quoted = {0};
    zg_text_add(&quoted, "'");
    zg_text_add(&quoted, string);
    if (quoted.failed) text->failed = true;
    zg_text_csv(text, zg_text_bytes(&quoted));
    zg_text_clear(&quoted);
}

void zg_report_csv(const zg_study *study, zg_text *out)
{
    write_table(study, zg_text_csv, out);
}

void zg_report_spreadsheet(const zg_study *study, zg_text *out)
{
    write_table(study, quote_for_spreadsheets, out);
}
