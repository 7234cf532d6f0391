/*
 * How far every global optimum can be from a network at rows that did not train.
 *
 * Squared loss without weights: predictions on the training rows are within sqrt(2 (U - L)) of
 * those of every optimum (zg_vicinity, certificate.h).  A dense network is a linear function
 * phi(x)'theta of phi(x) = (a x_i x_j (twice where i < j) + c [i = j], b x_i), the last ones not
 * beside a constant input, so that where the rows' Gram matrix G = sum phi phi' is definite, the
 * same is known everywhere:
 *
 *   |f(x) - f*(x)| <= sqrt(2 (U - L)) sqrt(phi(x)' G^-1 phi(x)).
 *
 * The second root, the leverage, is bounded from above with z about G^-1 phi and e = phi - G z:
 * phi'G^-1 phi <= z'phi + z'e + |e|^2 / modulus, G >= modulus I (docs/certificate.md, section 12).
 */
#ifndef ZG_CORE_VICINITY_H
#define ZG_CORE_VICINITY_H

#include "core/problem.h"

typedef struct zg_bands {
    size_t points, features;
    const double *raw; /* points x inputs as read: the caller's */
    double *solution;  /* points x features: z */
    double *leverage;  /* points: from above */
    double modulus;    /* safely below the least eigenvalue of G */
} zg_bands;

/* How many features there are; 0 where the problem is none that bands are of. */
size_t zg_band_features(const zg_problem *problem);

/* raw: points x inputs of the data set, before preprocessing.  ZG_UNSUPPORTED where bands are not
 * of the problem, ZG_FAILED where its rows do not determine the function; O(n features^2 +
 * features^3). */
zg_status zg_bands_create(const zg_problem *problem, size_t points, const double *raw,
                          zg_bands *out, zg_error *error);
void zg_bands_clear(zg_bands *bands);

/* What |f - f*| is at most at a point, in the units trained on, from bounds U >= L on the
 * objective; rounded up. */
double zg_band(const zg_bands *bands, size_t point, double upper, double lower);

#endif
