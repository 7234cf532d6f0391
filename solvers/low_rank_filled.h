/*
 * The inputs that some row of a dense lift fills.
 *
 * Pixels at the edge are 0 in every row: a neuron's weight of one predicts nothing and is paid for,
 * so that an optimum has none.  Without them the program is the same one with fewer inputs.
 */
#ifndef ZG_SOLVERS_LOW_RANK_FILLED_H
#define ZG_SOLVERS_LOW_RANK_FILLED_H

#include "solvers/low_rank_subspace.h"

/* The filled inputs as a subspace of unit vectors, the caller's.  *out is NULL where they are not
 * few enough to be worth a copy of the rows, and for lifts that are not dense, of a team, or of
 * neurons that are not of the sphere. */
zg_status zg_filled_inputs(const zg_program *program, zg_subspace **out);

#endif
