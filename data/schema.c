/* Columns of a table matched by name with those that a model, or its training rows, have. */
#include "data/columns.h"
#include "data/one_hot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    const char *name;
    size_t index;
} entry;

static int compare_entries(const void *a, const void *b)
{
    const entry *p = a, *q = b;
    int order = strcmp(p->name, q->name);
    return order ? order : (p->index > q->index) - (p->index < q->index);
}

/* The names in sorted order, to be found by bisection: tables may have a million columns. */
static entry *sort_names(const char *const *names, size_t count)
{
    entry *sorted = malloc((count ? count : 1) * sizeof *sorted);
    for (size_t c = 0; sorted && c < count; c++)
        sorted[c] = (entry){names[c], c};
    if (sorted) qsort(sorted, count, sizeof *sorted, compare_entries);
    return sorted;
}

static int compare_name(const void *name, const void *element)
{
    return strcmp(name, ((const entry *)element)->name);
}

static const entry *find_name(const entry *sorted, size_t count, const char *name)
{
    return bsearch(name, sorted, count, sizeof *sorted, compare_name);
}

/* The column of that name, or NULL; columns that are left out count only where there is no other.
 * *second: another one that counts, or NULL. */
static const entry *find_column(const entry *sorted, size_t count, const char *name,
                                const bool *spare, const entry **second)
{
    const entry *first = find_name(sorted, count, name), *found = NULL;
    *second = NULL;
    while (first && first > sorted && strcmp(first[-1].name, name) == 0)
        first--;
    for (const entry *at = first; at && at < sorted + count && strcmp(at->name, name) == 0; at++) {
        if (spare[at->index]) continue;
        if (found && !*second) *second = at;
        if (!found) found = at;
    }
    return found ? found : first;
}

static zg_status doubled_column(const char *file, const entry *second, zg_error *error)
{
    return zg_fail(
        error, ZG_BAD_INPUT,
        "%.400s: expected distinct column names, found \"%.80s\" twice (--drop %zu leaves "
        "the second one out)",
        file, second->name, second->index + 1);
}

static zg_status counts(const zg_schema *schema, const char *file, const char *what,
                        const char *name, const char *nearest, const char *found, zg_error *error)
{
    return zg_fail(
        error, ZG_BAD_INPUT,
        "%.400s: %s \"%.80s\"%s%.80s%s; expected %zu input%s and %zu target%s as trained "
        "on, found %s",
        file, what, name, nearest ? " (did you mean \"" : "", nearest ? nearest : "",
        nearest ? "\"?)" : "", schema->inputs, schema->inputs == 1 ? "" : "s", schema->targets,
        schema->targets == 1 ? "" : "s", found);
}

/* The name in the table that may have been meant: one that has no role yet. */
static zg_status missing_column(const zg_schema *schema, const char *file, const char *what,
                                const char *name, const char *const *names, const zg_columns *table,
                                zg_error *error)
{
    char found[32];
    size_t count = 0;
    const char **left = malloc((table->count + 1) * sizeof *left);
    if (!left) return zg_no_memory(error);
    entry *known = sort_names((const char *const *)schema->input_names, schema->inputs);
    for (size_t c = 0; known && c < table->count; c++)
        if (!zg_columns_is_target(table, c) && !find_name(known, schema->inputs, names[c]))
            left[count++] = names[c];
    snprintf(found, sizeof found, "%zu columns", table->count);
    zg_status status =
        counts(schema, file, what, name, zg_nearest(name, left, count), found, error);
    free(known);
    free(left);
    return status;
}

/* Targets as the list says, else as the schema names them; rows to predict may have none. */
static zg_status mark_targets(const char *list, const zg_schema *schema, const char *file,
                              const char *const *names, const entry *sorted, const bool *spare,
                              zg_columns *out, zg_error *error)
{
    bool named = !list && schema->target_names;
    if (!named && !list && schema->lenient && out->count == schema->inputs) return ZG_OK;
    if (!named) return zg_columns_mark(list ? list : "last", file, names, out, error);
    for (size_t k = 0; k < schema->targets; k++) {
        const char *name = schema->target_names[k];
        const entry *second, *found = find_column(sorted, out->count, name, spare, &second);
        if (second) return doubled_column(file, second, error);
        if (found && out->place[found->index] >= 0) {
            out->place[found->index] = ~(long)k;
            out->targets++;
        } else if (!schema->lenient) {
            return missing_column(schema, file, "there is no target column", name, names, out,
                                  error);
        }
    }
    /* Some of the targets without the others are of no use. */
    for (size_t c = 0; c < out->count && out->targets < schema->targets; c++)
        if (zg_columns_is_target(out, c)) out->place[c] = 0;
    if (out->targets < schema->targets) out->targets = 0;
    return ZG_OK;
}

static zg_status further_column(const zg_schema *schema, const char *file, const char *name,
                                size_t count, zg_error *error)
{
    return zg_fail(
        error, ZG_BAD_INPUT,
        "%.400s: nothing was trained on the column \"%.80s\" (--drop \"%.80s\" leaves it "
        "out); expected %zu input%s and %zu target%s as trained on, found %zu columns",
        file, name, name, schema->inputs, schema->inputs == 1 ? "" : "s", schema->targets,
        schema->targets == 1 ? "" : "s", count);
}

static zg_status place_inputs(const zg_schema *schema, const char *file, const char *const *names,
                              const entry *sorted, const bool *spare, zg_columns *out,
                              zg_error *error)
{
    for (size_t c = 0; c < out->count; c++)
        if (out->place[c] >= 0) out->place[c] = ZG_COLUMN_UNUSED;
    for (size_t j = 0; j < schema->inputs; j++) {
        const char *name = schema->input_names[j];
        const entry *second, *found = find_column(sorted, out->count, name, spare, &second);
        if (second) return doubled_column(file, second, error);
        if (!found || out->place[found->index] != ZG_COLUMN_UNUSED)
            return missing_column(schema, file, "there is no input column", name, names, out,
                                  error);
        out->place[found->index] = (long)j;
    }
    out->inputs = schema->inputs;
    for (size_t c = 0; c < out->count && !schema->lenient; c++)
        if (out->place[c] == ZG_COLUMN_UNUSED && !spare[c])
            return further_column(schema, file, names[c], out->count, error);
    return ZG_OK;
}

zg_status zg_schema_place(const char *list, const zg_schema *schema, const char *file,
                          const char *const *names, const bool *spare, zg_columns *out,
                          zg_error *error)
{
    entry *sorted = sort_names(names, out->count);
    if (!sorted) return zg_no_memory(error);
    zg_status status = mark_targets(list, schema, file, names, sorted, spare, out, error);
    if (status == ZG_OK) status = place_inputs(schema, file, names, sorted, spare, out, error);
    free(sorted);
    return status;
}

zg_status zg_schema_check(const zg_schema *schema, const char *file, const zg_columns *columns,
                          zg_error *error)
{
    bool unlabelled = schema->lenient && columns->targets == 0;
    if (columns->inputs == schema->inputs && (unlabelled || columns->targets == schema->targets))
        return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.400s: expected %zu input%s and %zu target%s as trained on, found %zu and %zu",
                   file, schema->inputs, schema->inputs == 1 ? "" : "s", schema->targets,
                   schema->targets == 1 ? "" : "s", columns->inputs, columns->targets);
}

zg_status zg_schema_unencode(const zg_schema *schema, zg_schema *out)
{
    const zg_one_hot *encoded = schema->one_hot;
    *out = *schema;
    out->one_hot = NULL;
    out->inputs = 0;
    char **names = malloc((schema->inputs + 1) * sizeof *names);
    if (!names) return ZG_NO_MEMORY;
    size_t k = 0;
    for (size_t j = 0; j < schema->inputs;) {
        bool words = k < encoded->count && encoded->column[k].first == j;
        names[out->inputs++] = words                 ? encoded->column[k].name
                               : schema->input_names ? schema->input_names[j]
                                                     : NULL;
        j += words ? encoded->column[k++].count : 1;
    }
    out->input_names = names;
    if (schema->input_names) return ZG_OK;
    free(names);
    out->input_names = NULL;
    return ZG_OK;
}
