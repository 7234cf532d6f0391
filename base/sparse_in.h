/*
 * Products of a sparse matrix (see sparse.h) in the precision of the file that includes this: it
 * defines the type real, VALUES(from) as a list's or a palette's numbers in it, and the names TILE,
 * PROJECT and ADD_BACK.  There is no include guard for that reason.
 */
#include "base/sparse_parts.h"
#include "base/vectorised.h"

#define LANES (32 / sizeof(real))
#define WIDTH (2 * LANES) /* of a tile: a cache line */

typedef real lanes __attribute__((vector_size(32), may_alias));

/* sum (WIDTH) = what the numbers from begin to end of a list add up to, each times the tile's row
 * that it names.  Four sums of two vectors each: one waits for no other.  palette: of a list of
 * colours, else NULL; where this is inlined it is known which. */
static inline __attribute__((always_inline)) void add_up(const zg_sparse_list *list,
                                                         const real *palette, size_t begin,
                                                         size_t end, const real *tile, real *sum)
{
    const uint16_t *index = list->index;
    const uint8_t *colour = list->colour;
    const real *value = VALUES(list);
    lanes s[8] = {{0}};
    size_t k = begin;
    for (; k + 4 <= end; k += 4) {
        for (size_t j = 0; j < 4; j++) {
            const lanes *row = (const lanes *)(const void *)(tile + WIDTH * index[k + j]);
            real number = palette ? palette[colour[k + j]] : value[k + j];
            s[2 * j] += number * row[0];
            s[2 * j + 1] += number * row[1];
        }
    }
    for (; k < end; k++) {
        const lanes *row = (const lanes *)(const void *)(tile + WIDTH * index[k]);
        real number = palette ? palette[colour[k]] : value[k];
        s[0] += number * row[0];
        s[1] += number * row[1];
    }
    s[0] = (s[0] + s[2]) + (s[4] + s[6]);
    s[1] = (s[1] + s[3]) + (s[5] + s[7]);
    memcpy(sum, s, WIDTH * sizeof *sum);
}

static size_t tile_columns(size_t m, size_t at)
{
    return m - at < WIDTH ? m - at : WIDTH;
}

void TILE(const zg_sparse *x, size_t m, const double *w, real *tiles)
{
    size_t d = x->columns;
    for (size_t at = 0; at < m; at += WIDTH, tiles += d * WIDTH) {
        size_t own = tile_columns(m, at);
        memset(tiles, 0, d * WIDTH * sizeof *tiles);
        for (size_t j = 0; j < own; j++)
            for (size_t i = 0; i < d; i++)
                tiles[i * WIDTH + j] = (real)w[(at + j) * d + i];
    }
}

static inline __attribute__((always_inline)) void project(const zg_sparse *x, const real *palette,
                                                          size_t first, size_t count, size_t m,
                                                          const real *tiles, double *p)
{
    const size_t *begin = x->by_row.begin + first;
    real sum[WIDTH];
    for (size_t at = 0; at < m; at += WIDTH, tiles += x->columns * WIDTH) {
        size_t own = tile_columns(m, at);
        for (size_t i = 0; i < count; i++) {
            add_up(&x->by_row, palette, begin[i], begin[i + 1], tiles, sum);
            for (size_t j = 0; j < own; j++)
                p[i * m + at + j] = sum[j];
        }
    }
}

VECTORISED
void PROJECT(const zg_sparse *x, size_t first, size_t count, size_t m, const real *tiles, double *p)
{
    if (x->palette)
        project(x, VALUES(x->palette), first, count, m, tiles, p);
    else
        project(x, NULL, first, count, m, tiles, p);
}

/* tile (count x WIDTH) = the numbers of own columns of p from at on. */
static void tile_projections(size_t count, size_t m, size_t at, size_t own, const double *p,
                             real *tile)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < own; j++)
            tile[i * WIDTH + j] = (real)p[i * m + at + j];
}

static inline __attribute__((always_inline)) void add_back(const zg_sparse *x, const real *palette,
                                                           size_t block, size_t m, const double *p,
                                                           real *tiles, double *to)
{
    size_t d = x->columns, count = x->start[block + 1] - x->start[block];
    const size_t *begin = x->by_column.begin + block * d;
    real sum[WIDTH];
    memset(tiles, 0, count * WIDTH * sizeof *tiles);
    for (size_t at = 0; at < m; at += WIDTH) {
        size_t own = tile_columns(m, at);
        tile_projections(count, m, at, own, p, tiles);
        for (size_t i = 0; i < d; i++) {
            add_up(&x->by_column, palette, begin[i], begin[i + 1], tiles, sum);
            for (size_t j = 0; j < own; j++)
                to[(at + j) * d + i] += sum[j];
        }
    }
}

VECTORISED
void ADD_BACK(const zg_sparse *x, size_t block, size_t m, const double *p, real *tiles, double *to)
{
    if (x->palette)
        add_back(x, VALUES(x->palette), block, m, p, tiles, to);
    else
        add_back(x, NULL, block, m, p, tiles, to);
}
