/* The products of a lift's rows with a factor's columns, in either precision and storage. */
#ifndef ZG_SOLVERS_LOW_RANK_PRODUCTS_H
#define ZG_SOLVERS_LOW_RANK_PRODUCTS_H

#include "solvers/low_rank_store.h"

typedef struct zg_products {
    const zg_lift *lift;
    const size_t *columns, *offset; /* of the factor, by cone */
    const zg_row_store *store;      /* borrowed; NULL: the lift's own rows */
    bool single;                    /* multiplies in single precision */
    size_t workers;                 /* that add back at the same time, at most */
    const double *w;                /* borrowed: taken last */
    size_t *at;                     /* groups + 1: where the scratch of a group begins */
    double *doubles;                /* scratch, or NULL */
    float *floats;
} zg_products;

/* columns (2 groups): of every cone; offset: where a cone's variables begin.  Both must outlive
 * the products. */
zg_status zg_products_create(const zg_lift *lift, const size_t *columns, const size_t *offset,
                             zg_products **out);
void zg_products_free(zg_products *s);

/* Columns of a group, of both signs. */
static inline size_t zg_products_columns(const zg_products *s, size_t group)
{
    return s->columns[2 * group] + s->columns[2 * group + 1];
}

/* How many threads passes over these rows of a lift take: those of the BLAS where they are sparse,
 * but no more than there are blocks; else one, dense products having threads of their own. */
size_t zg_products_workers(const zg_lift *lift, const zg_row_store *store);

/* Multiplies by the rows of a store of the same lift from now on; single: twice as fast.  What goes
 * in and comes out stays double.  Single precision needs a store. */
zg_status zg_products_use(zg_products *s, const zg_row_store *store, bool single);

/* Takes the factor's variables, per cone width x columns and column-major, borrowed until the last
 * zg_products_project. */
void zg_products_take(zg_products *s, const double *w);

/* p (columns x rows, column-major) = W' x for the rows of a group from first on. */
void zg_products_project(const zg_products *s, size_t group, size_t first, size_t rows, double *p);

/* sum (width x columns) += x p' over the rows of a block of the passes, which begins at first.
 * Workers, numbered from 0, may do so at the same time with sums of their own. */
void zg_products_add_back(const zg_products *s, size_t worker, size_t group, size_t first,
                          size_t rows, const double *p, double *sum);

#endif
