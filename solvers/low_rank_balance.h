/*
 * The balance of a factor's two signs.
 *
 * The predictions f = s u - t d of the multiples s, t >= 0 of both signs' blocks are linear in
 * them, and so is the penalty: G(W) = min over s, t of F is a problem in two variables, convex and
 * cheap beside a pass.  Both signs predict much the same, a large mean that all but cancels, so
 * that F falls steeply across W's two lengths and hardly along anything else: a valley whose floor
 * bends, which descent on F crawls along and descent on G does not see.  At the best multiples the
 * gradient of G is that of F by W alone.  (Variable projection: G. Golub and V. Pereyra, "The
 * differentiation of pseudo-inverses and nonlinear least squares problems whose variables
 * separate", SIAM J. Numer. Anal. 10, 1973.)
 */
#ifndef ZG_SOLVERS_LOW_RANK_BALANCE_H
#define ZG_SOLVERS_LOW_RANK_BALANCE_H

#include "solvers/low_rank_factor.h"

/* Finds factor->multiple for the parts that the factor has; penalty: of each sign at 1.  They stay
 * in [1/100, 100], so that no sign vanishes within a descent.  Returns F there, or NAN where there
 * is no memory and the multiples are 1. */
double zg_factor_balance(zg_factor *factor, const double penalty[2]);

#endif
