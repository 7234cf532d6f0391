/*
 * Lengths for the columns that are new to a factor.
 *
 * A column of length l and direction u adds l^2 times the response of a neuron of that direction,
 *   m_i = g (a (x_i'u)^2 + b x_i'w_1 / (2 t) + c),     g = +1 or -1, t = |W|_F,
 * to the predictions, to first order in l^2 through t, and beta l^2 to the penalty.  F is thus a
 * convex function of the squares of the new lengths, and the best of them, all others being as they
 * are, solve  min s'q + q'(M' diag(h) M) q / 2  over q >= 0  to second order, s = M' slope + beta.
 * A descent that starts from short columns has to let them grow by a factor a step.
 */
#ifndef ZG_SOLVERS_LOW_RANK_LENGTHS_H
#define ZG_SOLVERS_LOW_RANK_LENGTHS_H

#include "solvers/low_rank_factor.h"

/* Lengthens the columns of either sign from the kept[sign]-th on (lift of one group, dense, without
 * a team); those that are best left out stay as short as they are, and so do all where F would not
 * become lower.  f (samples) is scratch. */
zg_status zg_factor_lengthen(zg_factor *factor, const size_t kept[2], double *w, double *f);

#endif
