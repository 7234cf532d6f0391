/*
 * The leading principal axes of a dense lift's rows, in which a search may begin.
 *
 * Where half of the axes hold nearly all of the rows' sum of squares, the program in their subspace
 * is near the whole one, and a descent costs half as much: its factor begins the next one.
 */
#ifndef ZG_SOLVERS_LOW_RANK_LEADING_H
#define ZG_SOLVERS_LOW_RANK_LEADING_H

#include "solvers/low_rank_subspace.h"

/* Half of the principal axes, those of the largest sums of squares, as a subspace, the caller's.
 * *out is NULL where they do not hold nearly all, where there are few anyway, and for lifts that
 * are not dense or of a team. */
zg_status zg_leading_axes(const zg_lift *lift, zg_subspace **out);

#endif
