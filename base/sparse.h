/*
 * A sparse matrix X, cut into blocks of consecutive rows, times narrow dense matrices.
 *
 * What limits such products is how fast the dense matrix's rows can be read, not arithmetic: it is
 * therefore worked on in tiles that are one cache line wide, so that a tile of a thousand rows
 * stays in the first-level cache while all of X passes by.  The library that Debian has for this
 * (librsb 1.3) takes longer than a dense product does at 28 % of non-zeros; this takes half.
 */
#ifndef ZG_BASE_SPARSE_H
#define ZG_BASE_SPARSE_H

#include "zerogap.h"

#include <stddef.h>

/* X has at most so many columns, and a block so many rows: they are numbered in 16 bits. */
#define ZG_SPARSE_MOST 65535

typedef struct zg_sparse zg_sparse;

/* x (rows x columns, row-major) is copied.  start (blocks + 1): the rows at which blocks begin, and
 * behind them the number of rows.  ZG_UNSUPPORTED beyond ZG_SPARSE_MOST.  A number that is not 0
 * takes 6 bytes where there are at most 256 different ones, as of pixels, and 28 otherwise.  Free
 * with zg_sparse_free. */
zg_status zg_sparse_create(size_t columns, size_t blocks, const size_t *start, const double *x,
                           zg_sparse **out);
void zg_sparse_free(zg_sparse *x);

/* Which block begins at a row; one does. */
size_t zg_sparse_block(const zg_sparse *x, size_t row);

/* How many numbers the tiles of W are, X being multiplied by W (columns x m) or from the other side
 * by matrices of m columns. */
size_t zg_sparse_tiles(const zg_sparse *x, size_t m);

/* tiles = W (columns x m, column-major), in the order in which it is multiplied by. */
void zg_sparse_tile_double(const zg_sparse *x, size_t m, const double *w, double *tiles);
void zg_sparse_tile_single(const zg_sparse *x, size_t m, const double *w, float *tiles);

/* p (m x count, column-major) = W' x for the rows x of X from first on. */
void zg_sparse_project_double(const zg_sparse *x, size_t first, size_t count, size_t m,
                              const double *tiles, double *p);
void zg_sparse_project_single(const zg_sparse *x, size_t first, size_t count, size_t m,
                              const float *tiles, double *p);

/* to (columns x m, column-major) += X' P' over the rows of a block, p (m x its rows,
 * column-major).  tiles: scratch, of zg_sparse_tiles numbers. */
void zg_sparse_add_back_double(const zg_sparse *x, size_t block, size_t m, const double *p,
                               double *tiles, double *to);
void zg_sparse_add_back_single(const zg_sparse *x, size_t block, size_t m, const double *p,
                               float *tiles, double *to);

#endif
