/* Quadratics on the vertices of a cube, bounded by the semidefinite relaxation: one multiplier a
 * coordinate. */
#ifndef ZG_CORE_CUBE_H
#define ZG_CORE_CUBE_H

#include "zerogap.h"

/* A safe upper bound on the maximum of x'Cx over x in {-1, 1}^order, C symmetric and given exactly:
 *
 *   x'Cx <= sum y + order max(0, -lambda_min(Diag(y) - C))   for every y,
 *
 * so that none of this trusts the search for y, and the rounding of the eigenvalue is added.
 * ZG_FAILED where an entry is not finite; a value that overflows is +infinity.
 *
 * The search ends where it is decided on which side of target the relaxation's optimum is: with a
 * value of at most target, or with one that is not the best yet; -infinity: the best.  search may
 * be NULL, as may its members.
 *
 * y comes from the interior-point method of C. Helmberg, F. Rendl, R. J. Vanderbei, H. Wolkowicz,
 * "An interior-point method for semidefinite programming", SIAM J. Optim. 6, 1996: O(order^3) a
 * step, about fifteen steps. */
typedef struct zg_cube_search {
    double target;
    double *y; /* order: those of the bound, Diag(y) - C positive semidefinite up to rounding */
    double *x; /* order x order: the relaxation's other side, positive definite of unit diagonal */
} zg_cube_search;
zg_status zg_cube_bound(size_t order, const double *c, const zg_cube_search *search, double *value);

#endif
