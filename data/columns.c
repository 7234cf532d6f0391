/* Choosing columns: lists to marks, marks to places. */
#include "data/columns.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct chooser {
    const char *file, *what; /* what the list is of: "target column", "column of --drop" */
    const char *const *names;
    size_t count;
    zg_columns *columns; /* of targets, or NULL */
} chooser;

/* The last one that is not unused. */
static size_t last_column(const chooser *choice)
{
    size_t last = choice->count;
    while (last > 1 && choice->columns && choice->columns->place[last - 1] == ZG_COLUMN_UNUSED)
        last--;
    return last - 1;
}

static zg_status find_column(const chooser *choice, const char *text, size_t *column,
                             zg_error *error)
{
    size_t count = choice->count, index;
    for (*column = 0; choice->names && *column < count; ++*column) {
        if (strcmp(choice->names[*column], text) == 0) return ZG_OK;
    }
    if (strcmp(text, "last") == 0) {
        *column = last_column(choice);
        return ZG_OK;
    }
    if (zg_parse_size(text, &index)) {
        *column = index - 1;
        if (index >= 1 && index <= count) return ZG_OK;
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: there is no column %zu; there are %zu",
                       choice->file, index, count);
    }
    if (!choice->names)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: %s \"%.80s\": expected a column index or \"last\", because the "
                       "file has no column names",
                       choice->file, choice->what, text);
    zg_error inner;
    zg_status status = zg_fail_unknown(&inner, choice->what, text, choice->names, count);
    return zg_fail(error, status, "%.400s: %.600s", choice->file, inner.message);
}

/* ---- lists --------------------------------------------------------------------------------- */

typedef zg_status (*list_visitor)(const chooser *choice, const char *text, void *context,
                                  zg_error *error);

/* Visits the items of a list, or the whole list where that is one column's name. */
static zg_status visit_list(const chooser *choice, const char *list, list_visitor visit,
                            void *context, zg_error *error)
{
    size_t column;
    if (!strchr(list, ',') || find_column(choice, list, &column, NULL) == ZG_OK)
        return visit(choice, list, context, error);
    char *copy = strdup(list);
    if (!copy) return zg_no_memory(error);
    zg_status status = ZG_OK;
    char *rest = copy;
    while (rest && status == ZG_OK) {
        char *next = strchr(rest, ',');
        if (next) *next++ = '\0';
        rest += strspn(rest, " ");
        status = visit(choice, rest, context, error);
        rest = next;
    }
    free(copy);
    return status;
}

/* Marks every column that a glob matches; false when it matches none or is none. */
static bool mark_glob(const chooser *choice, const char *text, bool *marks)
{
    bool any = false;
    if (!choice->names || !strpbrk(text, "*?[")) return false;
    for (size_t c = 0; c < choice->count; c++) {
        if (fnmatch(text, choice->names[c], 0) != 0) continue;
        marks[c] = any = true;
    }
    return any;
}

static zg_status mark_item(const chooser *choice, const char *text, void *context, zg_error *error)
{
    bool *marks = context;
    size_t column;
    if (find_column(choice, text, &column, NULL) == ZG_OK) {
        marks[column] = true;
        return ZG_OK;
    }
    if (mark_glob(choice, text, marks)) return ZG_OK;
    if (choice->names && strpbrk(text, "*?["))
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: no name of a column matches \"%.80s\" of %s",
                       choice->file, text, choice->what + strlen("column of "));
    return find_column(choice, text, &column, error);
}

zg_status zg_columns_match(const char *option, const char *list, const char *file, size_t count,
                           const char *const *names, bool *marks, zg_error *error)
{
    char what[64];
    snprintf(what, sizeof what, "column of %.40s", option);
    const chooser choice = {file, what, names, count, NULL};
    return visit_list(&choice, list, mark_item, marks, error);
}

/* ---- places -------------------------------------------------------------------------------- */

static zg_status mark_target(const chooser *choice, const char *text, void *context,
                             zg_error *error)
{
    zg_columns *columns = context;
    size_t column;
    zg_status status = find_column(choice, text, &column, error);
    if (status != ZG_OK) return status;
    if (columns->place[column] == ZG_COLUMN_UNUSED)
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: target column %zu is left out as well",
                       choice->file, column + 1);
    if (columns->place[column] < 0)
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: target column %zu is named twice",
                       choice->file, column + 1);
    columns->place[column] = ~(long)columns->targets++;
    return ZG_OK;
}

zg_status zg_columns_mark(const char *list, const char *file, const char *const *names,
                          zg_columns *out, zg_error *error)
{
    const chooser choice = {file, "target column", names, out->count, out};
    return visit_list(&choice, list, mark_target, out, error);
}

/* Rows to predict may lack the targets: then every column is an input. */
static bool lacks_targets(const char *list, const zg_schema *schema, const bool *spare,
                          size_t count)
{
    size_t kept = 0;
    for (size_t c = 0; c < count; c++)
        kept += !spare[c];
    return schema && schema->lenient && !list && kept == schema->inputs;
}

/* The targets stand where they stood in training, if there are as many columns. */
static bool mark_as_trained(const zg_schema *schema, const bool *spare, zg_columns *out)
{
    size_t kept = 0;
    if (!schema || !schema->target_columns) return false;
    for (size_t c = 0; c < out->count; c++)
        kept += !spare[c];
    if (kept != schema->inputs + schema->targets) return false;
    for (size_t c = 0, number = 0; c < out->count; c++) {
        if (spare[c]) continue;
        number++;
        for (size_t k = 0; k < schema->targets; k++)
            if (schema->target_columns[k] == number) out->place[c] = ~(long)k;
    }
    out->targets = schema->targets;
    return true;
}

static zg_status place_by_position(const zg_data_options *options, const zg_schema *schema,
                                   const char *file, const char *const *names, const bool *spare,
                                   zg_columns *out, zg_error *error)
{
    zg_status status = ZG_OK;
    bool placed = options->no_target || lacks_targets(options->target, schema, spare, out->count) ||
                  (!options->target && mark_as_trained(schema, spare, out));
    if (!placed)
        status =
            zg_columns_mark(options->target ? options->target : "last", file, names, out, error);
    for (size_t c = 0; c < out->count && status == ZG_OK; c++) {
        if (out->place[c] < 0) continue;
        out->place[c] = spare[c] ? ZG_COLUMN_UNUSED : (long)out->inputs++;
    }
    if (status == ZG_OK && out->inputs == 0)
        status = zg_fail(error, ZG_BAD_INPUT,
                         "%.400s: every column is a target%s, which leaves no input", file,
                         out->count > out->targets ? " or left out" : "");
    return status;
}

/* Columns that are dropped become unused at once; those that --columns does not name are spare:
 * they may still be targets. */
static zg_status mark_spare(const zg_data_options *options, const char *file,
                            const char *const *names, const bool *ignored, bool *spare,
                            zg_columns *out, zg_error *error)
{
    size_t count = out->count;
    if (ignored) memcpy(spare, ignored, count * sizeof *spare);
    zg_status status = ZG_OK;
    if (options->drop)
        status = zg_columns_match("--drop", options->drop, file, count, names, spare, error);
    for (size_t c = 0; c < count; c++)
        if (spare[c]) out->place[c] = ZG_COLUMN_UNUSED;
    if (status != ZG_OK || !options->columns) return status;
    bool *wanted = calloc(count, sizeof *wanted);
    if (!wanted) return zg_no_memory(error);
    status = zg_columns_match("--columns", options->columns, file, count, names, wanted, error);
    for (size_t c = 0; c < count; c++)
        spare[c] = spare[c] || !wanted[c];
    free(wanted);
    return status;
}

static zg_status place_all(const zg_data_options *options, const zg_schema *schema,
                           const char *file, const char *const *names, const bool *ignored,
                           zg_columns *out, zg_error *error)
{
    bool *spare = calloc(out->count + 1, sizeof *spare);
    if (!spare) return zg_no_memory(error);
    zg_status status = mark_spare(options, file, names, ignored, spare, out, error);
    bool by_name = schema && schema->input_names && names;
    if (status == ZG_OK)
        status = by_name ? zg_schema_place(options->target, schema, file, names, spare, out, error)
                         : place_by_position(options, schema, file, names, spare, out, error);
    if (status == ZG_OK && schema) status = zg_schema_check(schema, file, out, error);
    free(spare);
    return status;
}

zg_status zg_columns_choose(const zg_data_options *options, const char *file, size_t count,
                            const char *const *names, const bool *ignored, zg_columns *out,
                            zg_error *error)
{
    static const zg_data_options defaults = {0};
    if (!options) options = &defaults;
    *out = (zg_columns){.count = count, .place = calloc(count + 1, sizeof *out->place)};
    if (!out->place) return zg_no_memory(error);
    zg_schema plain = {0};
    const zg_schema *schema = options->schema;
    zg_status status = ZG_OK;
    if (schema && schema->one_hot) {
        if (zg_schema_unencode(schema, &plain) != ZG_OK) status = zg_no_memory(error);
        schema = &plain;
    }
    if (status == ZG_OK) status = place_all(options, schema, file, names, ignored, out, error);
    if (schema == &plain) free((void *)plain.input_names);
    if (status != ZG_OK) zg_columns_clear(out);
    return status;
}

size_t zg_columns_label(const zg_columns *columns, bool weighted)
{
    size_t column = 0;
    if (columns->targets != (weighted ? 2 : 1)) return columns->count;
    while (column < columns->count && columns->place[column] != ~0L)
        column++;
    return column;
}

void zg_columns_clear(zg_columns *columns)
{
    free(columns->place);
    *columns = (zg_columns){0};
}

zg_status zg_columns_targets(const zg_columns *columns, size_t **out)
{
    size_t number = 0, kept = columns->inputs + columns->targets;
    bool last = true;
    *out = NULL;
    size_t *numbers = malloc((columns->targets + 1) * sizeof *numbers);
    if (!numbers) return ZG_NO_MEMORY;
    for (size_t c = 0; c < columns->count; c++) {
        if (columns->place[c] == ZG_COLUMN_UNUSED) continue;
        number++;
        if (columns->place[c] < 0) numbers[~columns->place[c]] = number;
    }
    for (size_t k = 0; k < columns->targets; k++)
        last = last && numbers[k] == kept - columns->targets + k + 1;
    if (last)
        free(numbers);
    else
        *out = numbers;
    return ZG_OK;
}

zg_status zg_target_columns_copy(const size_t *from, size_t targets, size_t **out)
{
    *out = NULL;
    if (!from) return ZG_OK;
    *out = malloc((targets + 1) * sizeof **out);
    if (!*out) return ZG_NO_MEMORY;
    memcpy(*out, from, targets * sizeof **out);
    return ZG_OK;
}

void zg_columns_put(const zg_columns *columns, size_t row, size_t column, double value, double *x,
                    double *t)
{
    long place = columns->place[column];
    if (place == ZG_COLUMN_UNUSED) return;
    if (place >= 0)
        x[row * columns->inputs + (size_t)place] = value;
    else
        t[row * columns->targets + (size_t)~place] = value;
}
