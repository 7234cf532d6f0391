/*
 * A network as what it is: one quadratic form per output, f(x) = x'Px + q'x + r.
 *
 * sigma(t) = a t^2 + b t + c, so a neuron u with weight alpha whose pool has the patches S_1..S_K
 * (0/1 matrices that choose a patch's inputs) adds (alpha / K) sum_k (a S_k'u u'S_k) to P,
 * (alpha / K) b sum_k S_k'u to q and alpha c to r.
 */
#ifndef ZG_CORE_QUADRATIC_FORM_H
#define ZG_CORE_QUADRATIC_FORM_H

#include "core/network.h"

typedef struct zg_quadratic_form {
    size_t inputs;
    double *p; /* inputs x inputs, symmetric */
    double *q; /* inputs */
    double r;
    /* Bounds on what rounding did to them: |P - P*|_F, |q - q*|, |r - r*| are at most these, with
     * P*, q*, r* those of the network's own numbers in exact arithmetic, with its neurons u as they
     * are or as u / |u|. */
    double p_error, q_error, r_error;
    /* What is lost of the network's own numbers, u as it is, by rounding P, q and r to doubles, and
     * how far off the sums P + p_low, q + q_low, r + r_low still are; NULL and infinity where
     * nobody has asked (zg_quadratic_form_add_digits). */
    double *p_low, *q_low, r_low;
    double p_fine, q_fine, r_fine;
} zg_quadratic_form;

/* The form of one output in preprocessed inputs z, in the target's own units.  A constant input is
 * folded into q and r. */
zg_status zg_quadratic_form_create(const zg_network *network, size_t output, zg_quadratic_form *out,
                                   zg_error *error);
/* The same function of raw inputs x, z = (x - mean) / scale; a copy where nothing is scaled. */
zg_status zg_quadratic_form_raw(const zg_quadratic_form *form, const zg_preprocess *preprocess,
                                zg_quadratic_form *out, zg_error *error);
/* The same function of moves e from the raw row x: f(D (x + e - mean)) with D = 1 / scale.  Where
 * rows are far from 0 this has all the digits that the form has, while those of q and r of
 * zg_quadratic_form_raw cancel.  x has inputs numbers that are not NAN.  The errors count those of
 * computing D (x - mean), too. */
zg_status zg_quadratic_form_around(const zg_quadratic_form *form, const zg_preprocess *preprocess,
                                   const double *x, zg_quadratic_form *out, zg_error *error);
/* Moves a form made so to another row: q, r and their errors.  work: 2 x inputs. */
void zg_quadratic_form_move(const zg_quadratic_form *form, const zg_preprocess *preprocess,
                            const double *x, zg_quadratic_form *around, double *work);
void zg_quadratic_form_clear(zg_quadratic_form *form);

/* Fills p_low and the like of a form that zg_quadratic_form_create made of this output. */
zg_status zg_quadratic_form_add_digits(const zg_network *network, size_t output,
                                       zg_quadratic_form *form);

double zg_quadratic_form_value(const zg_quadratic_form *form, const double *x);

/* a - b, of the same inputs: where it is 0, two classes tie.  Of two forms with low parts with
 * those, too. */
zg_status zg_quadratic_form_difference(const zg_quadratic_form *a, const zg_quadratic_form *b,
                                       zg_quadratic_form *out, zg_error *error);

/* One term of it: coefficient times x_i x_j (i < j), x_i^2 (i = j) or x_i (j = ZG_LINEAR_TERM). */
#define ZG_LINEAR_TERM SIZE_MAX
typedef struct zg_term {
    size_t i, j;
    double coefficient;
} zg_term;

/* The terms with the largest coefficients, largest first: at most *count, which becomes the number
 * of them.  Terms of coefficient 0 do not count. */
void zg_quadratic_form_terms(const zg_quadratic_form *form, zg_term *terms, size_t *count);

#endif
