/*
 * Quadratics on a finite set of neurons: exact extremes by enumeration.
 *
 * Weights are enumerated in a reflected Gray code, in which one weight moves by one level at a
 * time: the first few weights make a block of neurons that are treated together, and a step of one
 * of the others adds a multiple of one precomputed row to the block's values.  A neuron thus costs
 * a few operations, whatever its width.
 *
 * Coefficients are rounded once, to whole numbers so small that all sums of them are exact in
 * double precision: nothing drifts however long the enumeration, and what rounding has done to the
 * result is known beforehand.
 */
#ifndef ZG_CORE_SET_ENUMERATION_H
#define ZG_CORE_SET_ENUMERATION_H

#include "zerogap.h"

/* The response sum v_i sigma(x_i, u) as a quadratic: with z = (u, 1), bordered, z' t z; otherwise
 * u' t u, or u' t w for a pair (u, w).  t is order x order, symmetric. */
typedef struct zg_set_form {
    size_t order;
    bool bordered;
    const double *t;
    double error; /* of t, in Frobenius norm */
} zg_set_form;

/* The neurons with the largest |response| seen so far. */
typedef struct zg_candidates {
    size_t most, count, width; /* width: zg_neuron_set_width */
    double *value;             /* most: the responses */
    int *levels;               /* most x width */
} zg_candidates;

zg_status zg_candidates_create(size_t most, size_t width, zg_candidates *out);
void zg_candidates_clear(zg_candidates *candidates);
/* Takes it in, in the place of the least one when there are `most`, unless it is less. */
void zg_candidates_offer(zg_candidates *candidates, double value, const int *levels);

/* Whether the set is small enough to be enumerated: at most 2^30 neurons (pairs: halves). */
#define ZG_ENUMERATION_LIMIT 1073741824.0
double zg_set_size(zg_neuron_set set, size_t width);
bool zg_set_enumerable(zg_neuron_set set, size_t width);

/* Safe upper bounds on the maxima of the response (value[0]) and of its negative (value[1]) over
 * the set, which are exact up to rounding; best (or NULL) is offered neurons of both signs.  The
 * work is shared by as many threads as BLAS uses.  ZG_FAILED where an entry is not finite; a value
 * that overflows is +infinity. */
zg_status zg_set_enumerate(zg_neuron_set set, const zg_set_form *form, double value[2],
                           zg_candidates *best);

#endif
