/*
 * Fewer rows for the same program: the QR reduction of the lifted data.
 *
 * With the features Phi (n x p, all groups side by side) and Phi = Q R of rank r, a squared loss is
 * 1/2 |Phi z - y|^2 = 1/2 |R z - Q'y|^2 + 1/2 |y - QQ'y|^2, so no program needs more than p rows;
 * with sample weights the rows are multiplied by their roots first.  Interpolation Phi z = y is
 * R z = Q'y when y lies in the range of Q (and impossible otherwise), which also removes linearly
 * dependent samples.  R is trapezoidal, so that even with n < p the constraint matrices have fewer
 * entries, on which a general solver's time depends.  A dual vector w of the small program means v
 * = Q w + (y - QQ'y).
 */
#ifndef ZG_SOLVERS_COMPRESS_H
#define ZG_SOLVERS_COMPRESS_H

#include "core/problem.h"

typedef struct zg_compression {
    zg_program program; /* the small program; borrows lift and y below */
    zg_lift *lift;      /* rank samples, given by features */
    double *y;          /* rank */
    size_t samples;     /* n of the original program */
    size_t rank;
    double *q;    /* samples x rank, column-major, orthonormal columns */
    double *rest; /* samples: y - QQ'y, of the weighted rows */
    double *root; /* samples: square roots of the weights, or NULL */
} zg_compression;

/* Whether the reduction applies and pays: squared loss with n > p / 4, or interpolation. */
bool zg_compression_applies(const zg_program *program);

/* ZG_INFEASIBLE when the targets of an interpolation are out of reach of every network, ZG_FAILED
 * when double precision cannot tell. */
zg_status zg_compress(const zg_program *program, zg_compression **out, zg_error *error);
void zg_compression_free(zg_compression *compression);

/* v (samples) of the original program from w (rank) of the small one. */
void zg_compression_dual(const zg_compression *compression, const double *w, double *v);

#endif
