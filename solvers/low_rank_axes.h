/*
 * The axes of a dual vector's slacks in one group of a lift.
 *
 * Both slacks of v, beta E + rho R -+ s T(v), have the axes V of T's block without its border,
 * Q = V diag(e) V', in common: in their coordinates they are diagonal but for the border.  One
 * eigenvalue problem serves the curvature of a descent and the directions in which the slacks are
 * lowest.
 */
#ifndef ZG_SOLVERS_LOW_RANK_AXES_H
#define ZG_SOLVERS_LOW_RANK_AXES_H

#include "core/problem.h"

typedef struct zg_axes {
    size_t width;
    bool bordered;
    double *axes;   /* width x width, column-major: V */
    double *values; /* width, ascending: e */
    double *border; /* width: V' times T's border; zeros without one */
    double corner;  /* of T */
} zg_axes;

/* Of t (the lift's order squared), which is T(v) of a group.  ZG_FAILED where an entry is not
 * finite.  Free with zg_axes_free. */
zg_status zg_axes_create(const zg_lift *lift, const double *t, zg_axes **out);
/* The same of v (samples) itself, group 0. */
zg_status zg_axes_of(const zg_lift *lift, const double *v, zg_axes **out);
void zg_axes_free(zg_axes *axes);

/* vectors (width x count, column-major; count <= width): but for their border, the eigenvectors of
 * beta E + rho R - scale T, for a positive scale of Z's slack and a negative one of Z''s, whose
 * eigenvalues are lowest; by Rayleigh and Ritz from the axes that are.  The border's part of each
 * is not negative: of u and -u, which respond differently where b is not 0, the one that lowers F
 * by more. */
zg_status zg_axes_lowest(const zg_axes *axes, double scale, double beta, double rho, size_t count,
                         double *vectors);

#endif
