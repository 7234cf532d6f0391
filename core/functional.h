/*
 * Rows that are more than a value at a point: linear functionals of the network.
 *
 * A network is one quadratic, f(x) = <M(x), Z - Z'>, so every linear functional of it is a row
 * <M, Z - Z'> of the lift with its own symmetric M.  A row here is a sum of terms, a coefficient
 * times one of
 *
 *   value      f(x)            M = [a x x', (b/2) x; ., c]
 *   slope k    df/dx_k (x)     M = [a (x e_k' + e_k x'), (b/2) e_k; ., 0]
 *   laplacian  sum_k d2f/dx_k2 M = [2 a I, 0; ., 0]
 *
 * at points x: a directional derivative is a sum of slopes, a mean one of values, a difference two
 * values with opposite signs.  With weights on points the problem of value rows is the special case
 * of one term a row.  Nothing above the lift knows of this, but who evaluates networks.
 */
#ifndef ZG_CORE_FUNCTIONAL_H
#define ZG_CORE_FUNCTIONAL_H

#include "core/lift.h"

#define ZG_TERM_VALUE 0
#define ZG_TERM_LAPLACIAN 1
#define ZG_TERM_SLOPE(k) ((k) + 2) /* along input k, from 0 */

typedef struct zg_functional_term {
    size_t point, kind;
    double coefficient;
} zg_functional_term;

typedef struct zg_functionals {
    size_t count, points, inputs;
    size_t *start; /* count + 1: the terms of row i are start[i] .. start[i + 1] */
    zg_functional_term *term;
    size_t terms, longest; /* in all, and of one row at most */
    size_t rows_room, terms_room;
} zg_functionals;

zg_status zg_functionals_create(size_t points, size_t inputs, zg_functionals **out);
void zg_functionals_free(zg_functionals *rows);
/* Appends a row without terms; appends a term to the last row. */
zg_status zg_functionals_add_row(zg_functionals *rows);
zg_status zg_functionals_add(zg_functionals *rows, size_t point, size_t kind, double coefficient);

/* ZG_BAD_INPUT, naming the row, where a coefficient is not finite or a term is of no point or no
 * input; a row without terms is one too. */
zg_status zg_functionals_check(const zg_functionals *rows, zg_error *error);

/* The lift of the rows over points x (points x inputs, row-major) of a dense network: explicit
 * rows, O(count inputs^2) numbers, which know by how much rounding has them off.  ZG_BAD_INPUT
 * where they overflow. */
zg_status zg_functionals_lift(const zg_functionals *rows, zg_activation activation, const double *x,
                              zg_lift **out, zg_error *error);

/* size[i] = sum over the terms of row i of |coefficient| times the largest response of a neuron of
 * length `longest` there: what rounding is relative to. */
void zg_functional_sizes(const zg_functionals *rows, zg_activation activation, const double *x,
                         double longest, double *size);

/* out[i] = row i of one dense neuron: terms of a t^2 + b t + c with t = x'u for a u of length 1.
 * t: room for points numbers. */
void zg_functional_responses(const zg_functionals *rows, zg_activation activation, const double *x,
                             const double *u, double *t, double *out);
void zg_functional_long_responses(const zg_functionals *rows, zg_activation activation,
                                  const double *x, const long double *u, long double *t,
                                  long double *out);

#endif
