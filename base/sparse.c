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
        free(lists[k]->colour);
        free(lists[k]->value);
        free(lists[k]->single);
    }
    free(x->start);
    free(x->palette);
    free(x);
}

/* ---- the palette ------------------------------------------------------------------------------- */

/* A number is looked up by its bits: slots hold a colour's number from 1 on, 0 where there is none.
 */
#define SLOT_BITS 10
#define SLOTS ((size_t)1 << SLOT_BITS)

typedef struct colours {
    zg_sparse_palette *palette;
    size_t count;
    uint16_t slot[SLOTS];
} colours;

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The slot of a number, or an empty one; there are more slots than colours.  Bits are compared:
 * what is not a number equals itself. */
static size_t slot_of(const colours *c, double value)
{
    uint64_t bits = bits_of(value);
    size_t at = (size_t)(bits * 0x9E3779B97F4A7C15U >> (64 - SLOT_BITS));
    while (c->slot[at] != 0 && bits_of(c->palette->value[c->slot[at] - 1]) != bits)
        at = (at + 1) % SLOTS;
    return at;
}

/* Whether the numbers that are not 0 fit into a palette; c then has them all. */
static bool choose_colours(colours *c, size_t count, const double *x)
{
    for (size_t k = 0; k < count; k++) {
        if (x[k] == 0.0) continue;
        size_t at = slot_of(c, x[k]);
        if (c->slot[at] != 0) continue;
        if (c->count == ZG_SPARSE_COLOURS) return false;
        c->palette->value[c->count] = x[k];
        c->palette->single[c->count] = (float)x[k];
        c->slot[at] = (uint16_t)++c->count;
    }
    return true;
}

/* ---- the lists --------------------------------------------------------------------------------- */

static bool allocate(zg_sparse_list *list, size_t lists, size_t count, bool coloured)
{
    list->begin = calloc(lists + 1, sizeof *list->begin);
    list->index = calloc(count + 1, sizeof *list->index);
    if (coloured) {
        list->colour = calloc(count + 1, sizeof *list->colour);
        return list->begin && list->index && list->colour;
    }
    list->value = zg_doubles(count);
    list->single = zg_floats(count);
    return list->begin && list->index && list->value && list->single;
}

static void fill_by_row(zg_sparse *x, const colours *c, const double *from)
{
    zg_sparse_list *list = &x->by_row;
    size_t rows = x->start[x->blocks], count = 0;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < x->columns; j++) {
            double value = from[i * x->columns + j];
            if (value == 0.0) continue;
            list->index[count] = (uint16_t)j;
            if (x->palette) {
                list->colour[count] = (uint8_t)(c->slot[slot_of(c, value)] - 1);
            } else {
                list->value[count] = value;
                list->single[count] = (float)value;
            }
            count++;
        }
        list->begin[i + 1] = count;
    }
}

/* The number at k of the one list, which a block's row i has, is put at *to of the other. */
static void move(const zg_sparse_list *from, size_t k, size_t i, zg_sparse_list *list, size_t *to)
{
    list->index[*to] = (uint16_t)i;
    if (from->colour) {
        list->colour[*to] = from->colour[k];
    } else {
        list->value[*to] = from->value[k];
        list->single[*to] = from->single[k];
    }
    ++*to;
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
            move(rows, k, i - first, &x->by_column, &begin[rows->index[k] + 1]);
}

/* Room for count numbers, and the palette where they fit into one. */
static zg_status make_room(zg_sparse *s, size_t count, const double *x, colours *c)
{
    size_t rows = s->start[s->blocks];
    c->palette = s->palette = calloc(1, sizeof *s->palette);
    if (!s->palette) return ZG_NO_MEMORY;
    if (!choose_colours(c, rows * s->columns, x)) {
        free(s->palette);
        s->palette = NULL;
    }
    bool complete = allocate(&s->by_row, rows, count, s->palette) &&
                    allocate(&s->by_column, s->blocks * s->columns, count, s->palette);
    return complete ? ZG_OK : ZG_NO_MEMORY;
}

zg_status zg_sparse_create(size_t columns, size_t blocks, const size_t *start, const double *x,
                           zg_sparse **out)
{
    size_t rows = start[blocks], count = 0, longest = 0;
    colours c = {0};
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
    if (s->start) memcpy(s->start, start, (blocks + 1) * sizeof *start);
    if (!s->start || make_room(s, count, x, &c) != ZG_OK) {
        zg_sparse_free(s);
        return ZG_NO_MEMORY;
    }
    fill_by_row(s, &c, x);
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
