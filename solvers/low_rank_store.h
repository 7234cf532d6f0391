/*
 * The rows of a lift as passes over them read them: where most of their numbers are 0, as pixels
 * and indicators are, the others alone; else a copy in single precision, the lift's own being there
 * for double.
 */
#ifndef ZG_SOLVERS_LOW_RANK_STORE_H
#define ZG_SOLVERS_LOW_RANK_STORE_H

#include "base/sparse.h"
#include "core/lift.h"

typedef struct zg_row_store {
    size_t groups;
    float **single;     /* groups: as the lift's rows; NULL where they are sparse */
    zg_sparse **sparse; /* groups: blocks are those of zg_row_block; NULL where they are dense */
} zg_row_store;

/* lift is made of patches.  Every member of a team decides as the others do.  ZG_NO_MEMORY where
 * the lift's own rows have to do.  Free with zg_row_store_free. */
zg_status zg_row_store_create(const zg_lift *lift, zg_row_store **out);
void zg_row_store_free(zg_row_store *store);

/* Patch rows that are worked on at once: their projections are in cache when they are used. */
#define ZG_BLOCK_ROWS 384
/* How many samples that is: at least one, however many patches each has. */
size_t zg_row_block(const zg_lift *lift);

#endif
