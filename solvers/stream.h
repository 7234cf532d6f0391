/*
 * Data in one pass: what the squared loss needs of any number of samples.
 *
 * With the features phi_i = svec(M_i) of all groups side by side (p numbers), a squared loss over
 * any data is a function of G = sum w_i phi_i phi_i', q = sum w_i y_i phi_i and sum w_i y_i^2 only:
 * rows are consumed in blocks, from memory or from a pipe, and p^2 numbers remain.  Blocks are
 * multiplied by BLAS-3 and added up in two levels, the upper one with the rounding error of every
 * addition kept beside it, so that the sums do not degrade with the number of rows.
 *
 *     zg_sums_create(...);  for every block of rows: zg_sums_add(...);  zg_sums_finish(...);
 */
#ifndef ZG_SOLVERS_STREAM_H
#define ZG_SOLVERS_STREAM_H

#include "solvers/stream_basis.h"

typedef struct zg_sums {
    zg_activation activation;
    const zg_patches *patches; /* borrowed */
    const zg_basis *basis; /* borrowed; NULL: the features are those of the inputs as they are */
    bool bordered;
    size_t groups, order; /* of the program's matrices */
    size_t features;      /* p, over all groups */
    size_t outputs;
    size_t rows;     /* samples consumed */
    double *gram;    /* p x p: the lower triangle while adding, both after finish */
    double *moments; /* outputs x p */
    double *squares; /* outputs */
    /* The lower level, the kept rounding errors, and the block being worked on. */
    double *part, *low;   /* p x p each, lower triangles; freed by finish */
    double *part_moments; /* outputs x p */
    double *phi;          /* ZG_SUMS_BLOCK x p, column-major */
    double *gathered;     /* ZG_SUMS_BLOCK patches x width */
    double *columns;      /* width x ZG_SUMS_BLOCK: patches, transposed */
    double *targets;      /* ZG_SUMS_BLOCK */
    size_t part_rows;
} zg_sums;

/* Rows that are multiplied at once. */
#define ZG_SUMS_BLOCK 1024

/* patches is borrowed for the life of the sums. */
zg_status zg_sums_create(zg_activation activation, const zg_patches *patches, size_t outputs,
                         zg_sums **out, zg_error *error);
/* The same over the features of centred and scaled inputs, so phi_i = svec(N_i) in all that
 * follows; the basis is borrowed likewise, NULL: none. */
zg_status zg_sums_create_in(const zg_basis *basis, zg_activation activation,
                            const zg_patches *patches, size_t outputs, zg_sums **out,
                            zg_error *error);
void zg_sums_free(zg_sums *sums);

/* Adds n samples: x (n x inputs, row-major), y (outputs x n with leading dimension ldy >= n,
 * output-major), weights (n) or NULL.  Any n; nothing is kept of x and y. */
void zg_sums_add(zg_sums *sums, size_t n, const double *x, const double *y, size_t ldy,
                 const double *weights);

/* The same of a problem's samples, which may be a part of a team's: the sums are then those of all
 * samples, on every member. */
void zg_sums_add_team(zg_sums *sums, zg_team *team, size_t n, const double *x, const double *y,
                      size_t ldy, const double *weights);

/* For sums that are made block by block: takes what was added since the last time out into part
 * (zg_sums_size numbers, zeroed) and begins anew; and puts a sum of such parts back as all that was
 * added. */
size_t zg_sums_size(const zg_sums *sums);
void zg_sums_take(zg_sums *sums, double *part);
void zg_sums_put(zg_sums *sums, const double *all);

/* Completes the sums and releases what only adding needs. */
void zg_sums_finish(zg_sums *sums);

/* phi (count x svec_size(order), column-major, leading dimension ld): the features of samples
 * start .. start + count of one group of a lift over patches, times scale.  columns is scratch of
 * width x count doubles.  Much faster than one row at a time. */
void zg_features_block(const zg_lift *lift, size_t group, size_t start, size_t count, double scale,
                       double *phi, size_t ld, double *columns);

#endif
