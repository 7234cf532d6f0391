/* Products of rows and columns (see low_rank_products.h). */
#include "solvers/low_rank_products.h"

#include "base/blas.h"
#include "base/linalg.h"
#include "base/parallel.h"

#include <stdlib.h>

zg_status zg_products_create(const zg_lift *lift, const size_t *columns, const size_t *offset,
                             zg_products **out)
{
    zg_products *s = calloc(1, sizeof *s);
    if (!s) return ZG_NO_MEMORY;
    *s = (zg_products){.lift = lift,
                       .columns = columns,
                       .offset = offset,
                       .at = calloc(lift->groups + 1, sizeof *s->at)};
    *out = s;
    if (s->at) return ZG_OK;
    zg_products_free(s);
    *out = NULL;
    return ZG_NO_MEMORY;
}

void zg_products_free(zg_products *s)
{
    if (!s) return;
    free(s->at);
    free(s->doubles);
    free(s->floats);
    free(s);
}

static zg_sparse *sparse(const zg_products *s, size_t g)
{
    return s->store && s->store->sparse ? s->store->sparse[g] : NULL;
}

/* Numbers that a group's variables take as they are multiplied by. */
static size_t prepared(const zg_products *s, size_t g)
{
    size_t m = zg_products_columns(s, g);
    return sparse(s, g) ? zg_sparse_tiles(sparse(s, g), m) : s->lift->width * m;
}

/* Numbers of scratch behind those of all groups: a block's projections and what comes of them. */
static size_t block_scratch(const zg_products *s)
{
    size_t most = 0, rows = zg_row_block(s->lift) * s->lift->patches;
    for (size_t g = 0; g < s->lift->groups; g++) {
        size_t m = zg_products_columns(s, g);
        size_t own = sparse(s, g) ? prepared(s, g) : (rows + s->lift->width) * m;
        most = own > most ? own : most;
    }
    return most;
}

size_t zg_products_workers(const zg_lift *lift, const zg_row_store *store)
{
    size_t block = zg_row_block(lift), blocks = (lift->samples + block - 1) / block;
    size_t most = blocks < ZG_MOST_PARTS ? blocks : ZG_MOST_PARTS;
    int threads = store && store->sparse ? zg_blas_threads() : 1;
    if (threads <= 1 || most <= 1) return 1;
    return (size_t)threads < most ? (size_t)threads : most;
}

zg_status zg_products_use(zg_products *s, const zg_row_store *store, bool single)
{
    size_t groups = s->lift->groups, workers = zg_products_workers(s->lift, store);
    if (store != s->store || workers != s->workers) {
        free(s->doubles);
        free(s->floats);
        s->doubles = NULL;
        s->floats = NULL;
    }
    s->store = store;
    s->single = single;
    s->workers = workers;
    for (size_t g = 0; g < groups; g++)
        s->at[g + 1] = s->at[g] + prepared(s, g);
    size_t size = s->at[groups] + workers * block_scratch(s);
    if (single && !s->floats) s->floats = zg_floats(size);
    if (!single && store && store->sparse && !s->doubles) s->doubles = zg_doubles(size);
    bool complete = single ? s->floats != NULL : !(store && store->sparse) || s->doubles;
    return complete ? ZG_OK : ZG_NO_MEMORY;
}

static void to_single(size_t count, const double *from, float *to)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (float)from[i];
}

void zg_products_take(zg_products *s, const double *w)
{
    s->w = w;
    for (size_t g = 0; g < s->lift->groups; g++) {
        size_t m = zg_products_columns(s, g);
        const double *own = w + s->offset[2 * g];
        if (sparse(s, g) && s->single)
            zg_sparse_tile_single(sparse(s, g), m, own, s->floats + s->at[g]);
        else if (sparse(s, g))
            zg_sparse_tile_double(sparse(s, g), m, own, s->doubles + s->at[g]);
        else if (s->single)
            to_single(s->lift->width * m, own, s->floats + s->at[g]);
    }
}

void zg_products_project(const zg_products *s, size_t g, size_t first, size_t rows, double *p)
{
    size_t d = s->lift->width, m = zg_products_columns(s, g);
    if (sparse(s, g) && s->single) {
        zg_sparse_project_single(sparse(s, g), first, rows, m, s->floats + s->at[g], p);
    } else if (sparse(s, g)) {
        zg_sparse_project_double(sparse(s, g), first, rows, m, s->doubles + s->at[g], p);
    } else if (s->single) {
        float *block = s->floats + s->at[s->lift->groups];
        zg_gemm_single(true, false, m, rows, d, 1.0F, s->floats + s->at[g], d,
                       s->store->single[g] + first * d, d, 0.0F, block, m);
        for (size_t i = 0; i < rows * m; i++)
            p[i] = block[i];
    } else {
        zg_gemm(true, false, m, rows, d, 1.0, s->w + s->offset[2 * g], d,
                s->lift->rows[g] + first * d, d, 0.0, p, m);
    }
}

void zg_products_add_back(const zg_products *s, size_t worker, size_t g, size_t first, size_t rows,
                          const double *p, double *sum)
{
    size_t d = s->lift->width, m = zg_products_columns(s, g);
    size_t scratch = s->at[s->lift->groups] + worker * block_scratch(s);
    zg_sparse *x = sparse(s, g);
    if (x && s->single) {
        zg_sparse_add_back_single(x, zg_sparse_block(x, first), m, p, s->floats + scratch, sum);
    } else if (x) {
        zg_sparse_add_back_double(x, zg_sparse_block(x, first), m, p, s->doubles + scratch, sum);
    } else if (s->single) {
        float *part = s->floats + scratch, *q = part + d * m;
        to_single(rows * m, p, q);
        zg_gemm_single(false, true, d, m, rows, 1.0F, s->store->single[g] + first * d, d, q, m,
                       0.0F, part, d);
        for (size_t i = 0; i < d * m; i++)
            sum[i] += part[i];
    } else {
        zg_gemm(false, true, d, m, rows, 1.0, s->lift->rows[g] + first * d, d, p, m, 1.0, sum, d);
    }
}
