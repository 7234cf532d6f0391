/* Choosing target columns, and columns by position. */
#include "data/columns.h"

#include <stdlib.h>
#include <string.h>

typedef struct chooser {
    const char *file;
    const char *const *names;
    zg_columns *columns;
} chooser;

static zg_status find_column(const chooser *choice, const char *text, size_t *column,
                             zg_error *error)
{
    size_t count = choice->columns->count, index;
    for (*column = 0; choice->names && *column < count; ++*column) {
        if (strcmp(choice->names[*column], text) == 0) return ZG_OK;
    }
    if (strcmp(text, "last") == 0) {
        *column = count - 1;
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
                       "%.400s: target \"%.80s\": expected a column index or \"last\", because the "
                       "file has no column names",
                       choice->file, text);
    zg_error inner;
    zg_status status = zg_fail_unknown(&inner, "target column", text, choice->names, count);
    return zg_fail(error, status, "%.400s: %.600s", choice->file, inner.message);
}

static zg_status mark(const chooser *choice, const char *text, zg_error *error)
{
    size_t column;
    zg_status status = find_column(choice, text, &column, error);
    if (status != ZG_OK) return status;
    if (choice->columns->place[column] < 0)
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: target column %zu is named twice",
                       choice->file, column + 1);
    choice->columns->place[column] = ~(long)choice->columns->targets++;
    return ZG_OK;
}

zg_status zg_columns_mark(const char *list, const char *file, const char *const *names,
                          zg_columns *out, zg_error *error)
{
    const chooser choice = {file, names, out};
    size_t column;
    if (!strchr(list, ',') || find_column(&choice, list, &column, NULL) == ZG_OK)
        return mark(&choice, list, error);
    char *copy = strdup(list);
    if (!copy) return zg_no_memory(error);
    zg_status status = ZG_OK;
    char *rest = copy;
    while (rest && status == ZG_OK) {
        char *next = strchr(rest, ',');
        if (next) *next++ = '\0';
        while (*rest == ' ')
            rest++;
        status = mark(&choice, rest, error);
        rest = next;
    }
    free(copy);
    return status;
}

/* Rows to predict may lack the targets: then every column is an input. */
static bool lacks_targets(const char *list, const zg_schema *schema, size_t count)
{
    return schema && schema->lenient && !list && count == schema->inputs;
}

static zg_status place_by_position(const char *list, const zg_schema *schema, const char *file,
                                   const char *const *names, zg_columns *out, zg_error *error)
{
    zg_status status = ZG_OK;
    if (!lacks_targets(list, schema, out->count))
        status = zg_columns_mark(list ? list : "last", file, names, out, error);
    for (size_t c = 0; c < out->count && status == ZG_OK; c++) {
        if (out->place[c] >= 0) out->place[c] = (long)out->inputs++;
    }
    if (status == ZG_OK && out->inputs == 0)
        status = zg_fail(error, ZG_BAD_INPUT,
                         "%.400s: every column is a target, which leaves no input", file);
    return status;
}

zg_status zg_columns_place(const char *list, const zg_schema *schema, const char *file,
                           size_t count, const char *const *names, zg_columns *out, zg_error *error)
{
    *out = (zg_columns){.count = count};
    out->place = calloc(count ? count : 1, sizeof *out->place);
    if (!out->place) return zg_no_memory(error);
    bool by_name = schema && schema->input_names && names;
    zg_status status = by_name ? zg_schema_place(list, schema, file, names, out, error)
                               : place_by_position(list, schema, file, names, out, error);
    if (status == ZG_OK && schema) status = zg_schema_check(schema, file, out, error);
    if (status != ZG_OK) zg_columns_clear(out);
    return status;
}

void zg_columns_clear(zg_columns *columns)
{
    free(columns->place);
    *columns = (zg_columns){0};
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
