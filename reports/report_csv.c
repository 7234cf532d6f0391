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
}

typedef struct cell {
    const char *name;
    zg_text *out;
} cell;

static void write_if_wanted(void *context, const char *name, const char *value)
{
    cell *wanted = context;
    if (strcmp(name, wanted->name) == 0) zg_text_csv(wanted->out, value);
}

static void write_row(const zg_log_case *row, const column_list *columns, zg_text *out)
{
    const char *texts[] = {row->suite, row->name, row->key};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i]) zg_text_csv(out, texts[i]);
        zg_text_add(out, ",");
    }
    zg_text_format(out, "%s,%zu", zg_verdict_name(row->verdict), row->finishes);
    for (size_t i = 0; i < columns->count; i++) {
        const column *at = &columns->items[i];
        cell wanted = {at->name, out};
        zg_text_add(out, ",");
        const json_t *event = at->started ? row->started : row->finished;
        if (event && !zg_study_leaves(event, write_if_wanted, &wanted)) out->failed = true;
    }
    zg_text_add(out, "\r\n");
}

void zg_report_csv(const zg_study *study, zg_text *out)
{
    column_list columns = {0};
    find_columns(study->log, &columns);
    zg_text_add(out, "suite,case,key,verdict,finishes");
    for (size_t i = 0; i < columns.count; i++) {
        zg_text_add(out, ",");
        zg_text_csv(out, columns.items[i].name);
    }
    zg_text_add(out, "\r\n");
    for (size_t i = 0; i < study->log->case_count; i++)
        write_row(&study->log->cases[i], &columns, out);
    if (columns.failed) out->failed = true;
    for (size_t i = 0; i < columns.count; i++)
        free(columns.items[i].name);
    free(columns.items);
    json_decref(columns.known);
}
