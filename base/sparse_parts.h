/* What a sparse matrix consists of: for sparse.c and the products in either precision alone. */
#ifndef ZG_BASE_SPARSE_PARTS_H
#define ZG_BASE_SPARSE_PARTS_H

#include "base/sparse.h"

#include <stdint.h>
#include <string.h>

/* How many different numbers a palette has room for: they are numbered in 8 bits. */
#define ZG_SPARSE_COLOURS 256

/* The different numbers of a matrix that are not 0. */
typedef struct zg_sparse_palette {
    double value[ZG_SPARSE_COLOURS];
    float single[ZG_SPARSE_COLOURS]; /* the same in single precision */
} zg_sparse_palette;

/* The numbers that are not 0, list by list: either which of the palette's each is, or the numbers
 * themselves. */
typedef struct zg_sparse_list {
    size_t *begin;   /* lists + 1 */
    uint16_t *index; /* of a number's column; or of its row, counted from its block's first */
    uint8_t *colour; /* or NULL */
    double *value;   /* NULL where there are colours */
    float *single;   /* the same in single precision */
} zg_sparse_list;

struct zg_sparse {
    size_t columns, blocks, longest; /* longest: rows of a block, at most */
    size_t *start;                   /* blocks + 1 */
    zg_sparse_list by_row;           /* a list a row */
    zg_sparse_list by_column;        /* a list a column of a block, block after block */
    zg_sparse_palette *palette;      /* of both; NULL where there are more different numbers */
};

#endif
