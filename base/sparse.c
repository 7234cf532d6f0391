/* Storage of a sparse matrix (see sparse.h). */
#include "base/sparse_parts.h"

#include "base/linalg.h"

#include <stdlib.h>

/* Numbers of a cache line, and so of a tile's row, in single precision. */
#define MOST_LANES 16

void zg_sparse_free(zg_sparse *x)
{
    if (!x) return;
    zg_sparse_list *lists[] = {&x->by_row, &x->by_column};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        free(lists[k]->begin);
        free(lists[k]->index);
        free(lists[k]->value);
        free(lists[k]->single);
    }
    free(x->start);
    free(x);
}

static bool allocate(zg_sparse_list *list, size_t lists, size_t count)
{
    list->begin = calloc(lists + 1, sizeof *list->begin);
    list->index = calloc(count + 1, sizeof *list->index);
    list->value = zg_doubles(count);
    list->single = zg_floats(count);
    return list->begin && list->index && list->value && list->single;
}

static void append(zg_sparse_list *list, size_t *count, size_t index, double value)
{
    list->index[*count] = (uint16_t)index;
    list->value[*count] = value;
    list->single[*count] = (float)value;
    ++*count;
}

static void fill_by_row(zg_sparse *x, const double *from)
{
    size_t rows = x->start[x->blocks], count = 0;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < x->columns; j++)
            if (from[i * x->columns + j] != 0.0)
                append(&x->by_row, &count, j, from[i * x->columns + j]);
        x->by_row.begin[i + 1] = count;
    }
}

/* The lists of a block's columns: how long each is, then where it begins, then its numbers. */
static void fill_by_column(zg_sparse *x, size_t block)
{
    const zg_sparse_list *rows = &x->by_row;
    size_t *begin = x->by_column.begin + block * x->columns;
    size_t first = x->start[block], last = x->start[block + 1];
    for (size_t k = rows->begin[first]; k < rows->begin[last]; k++)
        begin[rows->index[k] + 1]++;
    for (size_t j = 0; j < x->columns; j++)
        begin[j + 1] += begin[j];
    for (size_t j = x->columns; j > 0; j--) /* a column behind: where its next number goes */
        begin[j] = begin[j - 1];
    for (size_t i = first; i < last; i++)
        for (size_t k = rows->begin[i]; k < rows->begin[i + 1]; k++)
            append(&x->by_column, &begin[rows->index[k] + 1], i - first, rows->value[k]);
}

zg_status zg_sparse_create(size_t columns, size_t blocks, const size_t *start, const double *x,
                           zg_sparse **out)
{
    size_t rows = start[blocks], count = 0, longest = 0;
    *out = NULL;
    for (size_t b = 0; b < blocks; b++)
        if (start[b + 1] - start[b] > longest) longest = start[b + 1] - start[b];
    if (columns > ZG_SPARSE_MOST || longest > ZG_SPARSE_MOST) return ZG_UNSUPPORTED;
    for (size_t k = 0; k < rows * columns; k++)
        count += x[k] != 0.0;
    zg_sparse *s = calloc(1, sizeof *s);
    if (!s) return ZG_NO_MEMORY;
    *s = (zg_sparse){.columns = columns, .blocks = blocks, .longest = longest};
    s->start = calloc(blocks + 1, sizeof *s->start);
    if (!s->start || !allocate(&s->by_row, rows, count) ||
        !allocate(&s->by_column, blocks * columns, count)) {
        zg_sparse_free(s);
        return ZG_NO_MEMORY;
    }
    memcpy(s->start, start, (blocks + 1) * sizeof *start);
    fill_by_row(s, x);
    for (size_t b = 0; b < blocks; b++)
        fill_by_column(s, b);
    *out = s;
    return ZG_OK;
}

size_t zg_sparse_block(const zg_sparse *x, size_t row)
{
    size_t low = 0, high = x->blocks;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (x->start[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    return low;
}

size_t zg_sparse_tiles(const zg_sparse *x, size_t m)
{
    size_t whole = (m + MOST_LANES - 1) / MOST_LANES * MOST_LANES;
    return (x->columns * whole > x->longest * MOST_LANES) ? x->columns * whole
                                                          : x->longest * MOST_LANES;
}
