/*
 * Directions within a face: which symmetric matrices keep all predictions and <R, Z_b>.
 *
 * A search lets directions D_b move within the trailing `moving` columns of each block's frame (all
 * of them unless there are too many), stacked as one vector of svec(D_b).  Internal to face*.c.
 */
#ifndef ZG_CORE_FACE_DIRECTIONS_H
#define ZG_CORE_FACE_DIRECTIONS_H

#include "core/face.h"

typedef struct zg_face_search {
    zg_face *face;   /* borrowed; factors are diagonal */
    size_t *moving;  /* blocks: order of D_b */
    size_t *at;      /* blocks: where svec(D_b) begins */
    size_t unknowns; /* of all blocks */
    double *null;    /* unknowns x nullity, orthonormal columns: the directions left */
    size_t nullity;
    double *penalty;   /* unknowns: the penalty as a linear function of the direction */
    double *direction; /* unknowns, then room for as many coefficients */
} zg_face_search;

/* Chooses what moves, sets up the equations of the face and solves them.  To be cleared whatever
 * the outcome. */
zg_status zg_face_search_start(zg_face *face, zg_face_search *search);
void zg_face_search_clear(zg_face_search *search);

/* Keeps those directions D whose D_b vanishes on the count columns of dropped (moving[b] x count):
 * what has left the range of Z_b must not come back. */
zg_status zg_face_search_restrict(zg_face_search *search, size_t b, const double *dropped,
                                  size_t count);

/* An orthonormal basis of the orthogonal complement of the columns of a (rows x columns,
 * destroyed), by QR with column pivoting: *out (the caller's) has rows x *dimension.  tolerance is
 * absolute, for columns of length about one. */
zg_status zg_complement(size_t rows, size_t columns, double *a, double tolerance, double **out,
                        size_t *dimension);

#endif
