/*
 * Half-spaces: the ways in which hyperplanes through the origin part rows.
 *
 * Of rows x_1 .. x_n in at most three dimensions the patterns
 *
 *     h(u) = (1{x_1'u >= 0}, .., 1{x_n'u >= 0}),   u not 0,
 *
 * are finitely many: 2 n in two dimensions and n (n - 1) + 2 in three, in general position.  Rows
 * that are not, which are zero, repeated, opposite or in one plane, may have fewer, or patterns
 * that only a hyperplane through some of them has; these count, too.
 *
 * Every face of the arrangement of hyperplanes x_i'u = 0 has in its closure a ray r that is the
 * intersection of d - 1 of them, and is u = r + e w there, e small: rows off r are decided by r,
 * the others, in one dimension less, by w, which may be 0.  Signs are those of exact determinants
 * (expansions of doubles: J. R. Shewchuk, Discrete & Computational Geometry 18, 1997, 305-363).
 */
#ifndef ZG_DATA_HALFSPACES_H
#define ZG_DATA_HALFSPACES_H

#include "base/status.h"

#define ZG_HALFSPACE_DIMENSIONS 3
/* Of rows, but for zeros: what is computed of them neither overflows nor underflows. */
#define ZG_HALFSPACE_LEAST 1e-60
#define ZG_HALFSPACE_MOST 1e60

/* Directions u are sums of two doubles a weight, for hyperplanes through rows: d high parts, then d
 * low parts. */

/* x'u >= 0, decided exactly where all products are in the range of double precision; NAN where
 * x has one or an infinity. */
double zg_halfspace_of(size_t d, const double *u, const double *x);

/* All patterns of the rows x (n x d), each by a direction u that has it exactly: *directions
 * (count x 2 d, the caller's), in ascending order of patterns, the first row's digit being the
 * highest.  ZG_UNSUPPORTED for more dimensions, numbers out of range, patterns whose entries are
 * more than 2^25, and patterns that no such direction has. */
zg_status zg_halfspaces_create(size_t n, size_t d, const double *x, size_t *count,
                               double **directions, zg_error *error);

/* Whether directions (count x 2 d) have all patterns of these rows, each once, in that order. */
zg_status zg_halfspaces_match(size_t n, size_t d, const double *x, size_t count,
                              const double *directions, bool *same, zg_error *error);

#endif
