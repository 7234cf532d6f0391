/* Quadratics on the unit sphere, bounded safely: the oracle behind every certificate. */
#ifndef ZG_CORE_SPHERE_H
#define ZG_CORE_SPHERE_H

#include "zerogap.h"

/* Safe upper bounds on the maxima over unit u of
 *   value[0]   u'Qu + 2 g'u
 *   value[1] -(u'Qu + 2 g'u)
 * for the exact Q and g given as doubles: rounding in the eigensolver and in the evaluation is
 * bounded and added, whatever their magnitude.  ZG_FAILED where an entry is not finite; a value
 * that overflows is +infinity.  rho[0], rho[1] are the multipliers found: with them rho I -+ Q is
 * positive semidefinite and rho + g'(rho I -+ Q)^-1 g is about value. q is order x order and
 * destroyed; order >= 1.
 *
 * Duality: max = min over rho > w_max of rho + sum_i gh_i^2 / (rho - w_i), with Q = V diag(w) V'
 * and gh = V'g; every rho > w_max gives a valid bound, so none of this trusts a root finder.  The
 * hard case (the minimum at rho -> w_max) is the normal one at an optimum of rank 2 or more. */
zg_status zg_sphere_maxima(size_t order, double *q, const double *g, double value[2],
                           double rho[2]);

#endif
