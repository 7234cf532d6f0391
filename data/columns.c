/* Choosing target columns. */
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

static zg_status mark_list(const chooser *choice, const char *list, zg_error *error)
{
    size_t column;
    if (!strchr(list, ',') || find_column(choice, list, &column, NULL) == ZG_OK)
        return mark(choice, list, error);
    char *copy = strdup(list);
    if (!copy) return zg_no_memory(error);
    zg_status status = ZG_OK;
    char *rest = copy;
    while (rest && status == ZG_OK) {
        char *next = strchr(rest, ',');
        if (next) *next++ = '\0';
        while (*rest == ' ')
            rest++;
        status = mark(choice, rest, error);
        rest = next;
    }
    free(copy);
    return status;
}

zg_status zg_columns_place(const char *list, const char *file, size_t count,
                           const char *const *names, zg_columns *out, zg_error *error)
{
    *out = (zg_columns){.count = count};
    out->place = calloc(count ? count : 1, sizeof *out->place);
    if (!out->place) return zg_no_memory(error);
    chooser choice = {file, names, out};
    zg_status status = mark_list(&choice, list ? list : "last", error);
    for (size_t c = 0; c < count && status == ZG_OK; c++) {
        if (out->place[c] >= 0) out->place[c] = (long)out->inputs++;
    }
    if (status == ZG_OK && out->inputs == 0)
        status = zg_fail(error, ZG_BAD_INPUT,
                         "%.400s: every column is a target, which leaves no input", file);
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
    if (place >= 0)
        x[row * columns->inputs + (size_t)place] = value;
    else
        t[row * columns->targets + (size_t)~place] = value;
}
