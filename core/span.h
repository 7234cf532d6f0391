/*
 * Fewer samples than inputs: the problem in an orthonormal basis of its rows.
 *
 * Of a unit neuron u a dense network's responses depend on x_i'u alone, so on u's part in the span
 * of the n rows, which is any vector of norm at most 1 (exactly 1 when n >= d).  One direction
 * orthogonal to all rows, in which every row is 0, stands for the rest.  With Q (d x (n + 1)) these
 * directions, X Q has the optima of X: u' and Q u' answer each other, and a dual vector, which has
 * a number per sample, is feasible for one exactly when it is for the other (the cone matrices
 * differ by diagonal blocks rho I, or beta I without a border).
 *
 * That is in exact arithmetic, and only how a method is made fast: what it returns is certified on
 * the rows as they are, by code that knows nothing of this.
 */
#ifndef ZG_CORE_SPAN_H
#define ZG_CORE_SPAN_H

#include "core/method.h"

typedef struct zg_span {
    const zg_problem *full; /* borrowed */
    zg_problem *problem;    /* with n + 1 inputs; NULL: there is nothing to reduce */
    double *basis;          /* Q: inputs x (samples + 1), column-major */
} zg_span;

/* Leaves out->problem NULL where the architecture is not dense, the penalty not l1, there are not
 * two more inputs than samples, or the rows' sizes are beyond a factorisation. */
zg_status zg_span_create(const zg_problem *problem, zg_span *out, zg_error *error);
void zg_span_clear(zg_span *span);

/* The network of the full problem with the neurons Q u'; *out is the caller's. */
zg_status zg_span_widen(const zg_span *span, const zg_network *narrow, zg_network **out,
                        zg_error *error);

/* method->solve, in the span of the rows where that is smaller and the method is convex; solution
 * and iterates are those of the full problem. */
zg_status zg_span_solve(const zg_method *method, const zg_problem *problem, const zg_value *values,
                        const zg_control *control, zg_solution *solution, zg_error *error);

#endif
