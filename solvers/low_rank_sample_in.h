/*
 * The sampled rows of an inverted curvature and their products, in the precision of the file that
 * includes this: it defines the type real, reals(), gemm(), and tile(), project() and add_back() of
 * base/sparse.h.  There is no include guard for that reason.
 */
#include "base/linalg.h"
#include "base/sparse.h"
#include "solvers/low_rank_store.h"

#include <stdlib.h>
#include <string.h>

typedef struct sample {
    size_t width, rows, columns; /* columns: of what they are multiplied by */
    real *x;                     /* width x rows; NULL where they are sparse */
    zg_sparse *sparse;
    real *p;                        /* scratch of dense rows: columns x rows */
    real *tiles;                    /* scratch of sparse ones: as zg_sparse_tiles says, */
    double *block, *narrow, *image; /* columns x ZG_BLOCK_ROWS, width x columns twice */
} sample;

static void sample_free(sample *s)
{
    free(s->x);
    zg_sparse_free(s->sparse);
    free(s->p);
    free(s->tiles);
    free(s->block);
    free(s->narrow);
    free(s->image);
}

static zg_status sample_make_sparse(sample *s, const double *x)
{
    size_t blocks = (s->rows + ZG_BLOCK_ROWS - 1) / ZG_BLOCK_ROWS, d = s->width, m = s->columns;
    size_t *start = calloc(blocks + 1, sizeof *start);
    if (!start) return ZG_NO_MEMORY;
    for (size_t b = 0; b < blocks; b++)
        start[b + 1] = s->rows - start[b] < ZG_BLOCK_ROWS ? s->rows : start[b] + ZG_BLOCK_ROWS;
    zg_status status = zg_sparse_create(d, blocks, start, x, &s->sparse);
    free(start);
    if (status != ZG_OK) return status;
    s->tiles = reals(zg_sparse_tiles(s->sparse, m));
    s->block = zg_doubles(m * ZG_BLOCK_ROWS);
    s->narrow = zg_doubles(d * m);
    s->image = zg_doubles(d * m);
    return s->tiles && s->block && s->narrow && s->image ? ZG_OK : ZG_NO_MEMORY;
}

/* *s becomes that of the rows x (rows x width, row-major; copied), to be multiplied by so many
 * columns; sparse: they are stored as that. */
static zg_status sample_create(size_t width, size_t rows, size_t columns, bool sparse,
                               const double *x, sample *s)
{
    *s = (sample){.width = width, .rows = rows, .columns = columns};
    if (sparse) return sample_make_sparse(s, x);
    s->x = reals(width * rows);
    s->p = reals(columns * rows);
    if (!s->x || !s->p) return ZG_NO_MEMORY;
    for (size_t i = 0; i < width * rows; i++)
        s->x[i] = (real)x[i];
    return ZG_OK;
}

/* z_i = x_i' Y r_i: y (width x columns), r (columns x rows). */
static void sample_respond(const sample *s, const real *y, const real *r, real *z)
{
    size_t d = s->width, m = s->columns, n = s->rows;
    if (!s->sparse) {
        gemm(true, false, m, n, d, 1, y, d, s->x, d, 0, s->p, m);
        for (size_t i = 0; i < n; i++) {
            double sum = 0.0;
            for (size_t j = 0; j < m; j++)
                sum += (double)(s->p[i * m + j] * r[i * m + j]);
            z[i] = (real)sum;
        }
        return;
    }
    for (size_t i = 0; i < d * m; i++)
        s->narrow[i] = (double)y[i];
    tile(s->sparse, m, s->narrow, s->tiles);
    for (size_t first = 0; first < n; first += ZG_BLOCK_ROWS) {
        size_t count = n - first < ZG_BLOCK_ROWS ? n - first : ZG_BLOCK_ROWS;
        project(s->sparse, first, count, m, s->tiles, s->block);
        for (size_t i = 0; i < count; i++) {
            double sum = 0.0;
            for (size_t j = 0; j < m; j++)
                sum += s->block[i * m + j] * (double)r[(first + i) * m + j];
            z[first + i] = (real)sum;
        }
    }
}

/* y (width x columns) = sum_i z_i x_i r_i'. */
static void sample_add_up(const sample *s, const real *z, const real *r, real *y)
{
    size_t d = s->width, m = s->columns, n = s->rows;
    if (!s->sparse) {
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < m; j++)
                s->p[i * m + j] = z[i] * r[i * m + j];
        gemm(false, true, d, m, n, 1, s->x, d, s->p, m, 0, y, d);
        return;
    }
    memset(s->image, 0, d * m * sizeof *s->image);
    for (size_t b = 0, first = 0; first < n; b++, first += ZG_BLOCK_ROWS) {
        size_t count = n - first < ZG_BLOCK_ROWS ? n - first : ZG_BLOCK_ROWS;
        for (size_t i = 0; i < count; i++)
            for (size_t j = 0; j < m; j++)
                s->block[i * m + j] = (double)(z[first + i] * r[(first + i) * m + j]);
        add_back(s->sparse, b, m, s->block, s->tiles, s->image);
    }
    for (size_t i = 0; i < d * m; i++)
        y[i] = (real)s->image[i];
}
