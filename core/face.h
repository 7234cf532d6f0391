/*
 * Faces of the lifted cone: points Z_b = V_b V_b' with fixed predictions, and descent in rank.
 *
 * Blocks are numbered 2 g for Z_g and 2 g + 1 for Z'_g.  See rank_reduction.h for the mathematics.
 */
#ifndef ZG_CORE_FACE_H
#define ZG_CORE_FACE_H

#include "core/lift.h"

/* Z = Q F F' Q' */
typedef struct zg_face_block {
    size_t order;
    size_t frame; /* columns of q */
    size_t rank;  /* columns of f; at most frame */
    double *q;    /* order x frame, orthonormal columns, fixed while the rank falls */
    double *f;    /* frame x rank */
} zg_face_block;

typedef struct zg_face {
    const zg_lift *lift; /* borrowed */
    size_t blocks;       /* 2 groups */
    zg_face_block *block;
} zg_face;

/* All blocks zero. */
zg_status zg_face_create(const zg_lift *lift, zg_face **out);
void zg_face_free(zg_face *face);

/* Z = C C' for C = columns (order x count, column-major; destroyed), in its singular basis: no
 * accuracy is lost by squaring. */
zg_status zg_face_block_set(zg_face_block *block, size_t order, size_t count, double *columns);

/* z (order x order) = Z. */
zg_status zg_face_block_matrix(const zg_face_block *block, double *z);

/* Turns every block's frame so that its factor is diagonal again. */
zg_status zg_face_turn(zg_face *face);

/* Lowers the ranks until no direction is left: predictions and <R, Z_b> stay, the penalty does not
 * rise. */
zg_status zg_face_descend(zg_face *face);

#endif
