/*
 * Coordinates of the matrices Z of a program, in which <R, Z> = 0 holds by itself.
 *
 * A symmetric matrix of order m is its svec (base/linalg.h); in a bordered program the last entry,
 * the corner, is the trace of the rest, and no coordinate.
 */
#ifndef ZG_SOLVERS_ROBUST_COORDINATES_H
#define ZG_SOLVERS_ROBUST_COORDINATES_H

#include "core/lift.h"

typedef struct zg_coordinates {
    size_t order, packed; /* m; m (m + 1) / 2 */
    size_t count;         /* of one matrix: packed, less 1 where bordered */
    bool bordered;
} zg_coordinates;

zg_coordinates zg_coordinates_of(const zg_lift *lift);

/* Whether coordinate k is an entry of the diagonal. */
bool zg_coordinate_is_diagonal(size_t k);

/* z (order x order) from its coordinates; packed doubles of scratch. */
void zg_coordinates_matrix(const zg_coordinates *c, const double *coordinates, double *z,
                           double *scratch);
/* The gradient in coordinates of <g, Z>, given svec(g) (packed), added to out with a factor. */
void zg_coordinates_gradient(const zg_coordinates *c, const double *packed, double factor,
                             double *out);
/* The quadratic form f (packed x packed, symmetric, in svec) in coordinates, added to the count x
 * count block at h with leading dimension ld. */
void zg_coordinates_form(const zg_coordinates *c, const double *f, double *h, size_t ld);

/* f (packed x packed) = symmetric part of <U_s, P U_t Q> over the basis U of svec: the curvature of
 * one cone with multiplier P and inverse slack Q, both order x order and symmetric. */
void zg_cone_curvature(size_t order, const double *p, const double *q, double *f);
/* The same of a sum over cones: sums (packed x packed, column-major) has at (s, t) the sum of P's
 * entry s times Q's entry t, entries of lower triangles in the order of svec, unscaled. */
void zg_sum_curvature(size_t order, const double *sums, double *f);

#endif
