/*
 * A second pass: sums about an origin, a fit f0 that a solve from the first pass found.
 *
 * With r = y - Phi f0, computed row by row, |y - Phi (f0 + delta)|^2 = |r|^2 - 2 delta'Phi'r +
 * delta'G delta: near the origin nothing cancels any more, and what G has lost counts only as much
 * as delta does.  Rows, residuals and sums are in extended precision, for every term of a bound is
 * multiplied by what centring and scaling took away.
 */
#ifndef ZG_SOLVERS_STREAM_ORIGIN_H
#define ZG_SOLVERS_STREAM_ORIGIN_H

#include "solvers/stream.h"

typedef struct zg_sums_origin {
    const zg_sums *sums; /* borrowed: finished, in a basis */
    double *fit;         /* outputs x features: f0 */
    double *moments;     /* outputs x features: Phi'r, after finish, as are the next two */
    double *squares;     /* outputs: |r|^2 */
    double *cross;       /* outputs: r'y */
    double gamma;        /* relative rounding of the three in extended precision */
    size_t rows;
    double *gathered;          /* a row's patches */
    long double *phi, *x;      /* features; width + 1 */
    long double *part, *total; /* outputs x (features + 2) each: a block's sums, and all */
    size_t part_rows;
} zg_sums_origin;

/* fit is copied.  ZG_NO_MEMORY. */
zg_status zg_sums_origin_create(const zg_sums *sums, const double *fit, zg_sums_origin **out);
void zg_sums_origin_free(zg_sums_origin *origin);

/* The rows that the sums are of, in any portions; as zg_sums_add, without weights. */
void zg_sums_origin_add(zg_sums_origin *origin, size_t n, const double *x, const double *y,
                        size_t ldy);
void zg_sums_origin_finish(zg_sums_origin *origin);

#endif
