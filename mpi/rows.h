/*
 * Each rank's block of rows.
 *
 * All files together are cut into the team's blocks: NPY and IDX by row numbers, CSV by bytes, at
 * line ends; a rank reads its own consecutive blocks only.  Files of other formats, and names of
 * the catalogue, are read whole by every rank, which then keeps its blocks.  The boundaries depend
 * on the files alone, not on the number of ranks.
 */
#ifndef ZG_MPI_ROWS_H
#define ZG_MPI_ROWS_H

#include "data/dataset.h"
#include "mpi/ranks.h"

typedef struct zg_share {
    zg_dataset *dataset; /* of this rank */
    size_t *start;       /* the team's */
    const char *how;     /* "by bytes", "by offsets" or "whole" */
} zg_share;

/* Reads the rows of the files one after the other, and makes the ranks' team one of these samples.
 * Every rank must call it; an error of one ends all.  rows must outlive the team. */
void zg_share_load(zg_ranks *ranks, size_t files, const char *const *paths,
                   const zg_data_options *options, zg_share *out);
void zg_share_clear(zg_share *rows);

/* SHA-256 of the doubles of x (all rows) and then of y (outputs x rows), as zg_proof_digest's of
 * the whole data: hex (65 bytes) is set on every rank.  The ranks take turns. */
void zg_share_digest(zg_ranks *ranks, const zg_dataset *dataset, size_t outputs, const double *y,
                     char *hex);

#endif
