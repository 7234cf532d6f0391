/*
 * Reference values in floating-point arithmetic of 2400 bits without limits of the exponent, by
 * MPFR: what the safe bounds, made in double, are compared with.  A number with numbers of 2^-1074
 * and 2^1024 added up is still exact to far more than the difference that a double could show.
 *
 * Every function takes plain doubles, uses no code of the library, and normalises u itself: to a
 * unit vector that no double could hold.
 */
#ifndef ZG_TESTS_CORE_EXACT_H
#define ZG_TESTS_CORE_EXACT_H

#include "core/lift.h"
#include "core/loss.h"

#include <mpfr.h>

#define EXACT_BITS 2400

/* sign (u'Qu + 2 g'u) at u / |u|; q is m x m and symmetric, u not 0. */
void exact_quadratic(mpfr_t out, size_t m, const double *q, const double *g, const double *u,
                     int sign);

/* sum_i v_i mean_p sigma(x_ip'u) at u / |u|, of one group of a lift that was made from patches. */
void exact_response(mpfr_t out, const zg_lift *lift, size_t group, const double *v,
                    const double *u);

/* Squared Frobenius distance of t (order x order) from sum_i v_i M_ig. */
void exact_adjoint_distance(mpfr_t out, const zg_lift *lift, size_t group, const double *v,
                            const double *t);

/* D(s v) = -loss*(-s v); false outside the domain. */
bool exact_dual(mpfr_t out, zg_loss loss, size_t n, double s, const double *v, const double *y,
                const double *weights);

/* weight loss(f, y); for interpolate 0. */
void exact_loss(mpfr_t out, zg_loss loss, const mpfr_t f, double y, double weight);

#endif
