/*
 * The generator that is best against polynomial critics of any activation.
 *
 * Among the samples that no network with sum |alpha| <= 1 tells from the real one by more than eps
 * (discrepancy.h), the one of least mean |x|^2.  A polynomial network sees of a sample its second
 * moments C and its mean mu alone, so with those of the real rows, S and m,
 *
 *   min tr C   s.t.  [C mu; mu' 1] >= 0,  |a u'(S - C) u + b u'(m - mu)| <= eps for all unit u,
 *
 * and the second condition is a cone for either sign (certificate.h):
 *
 *   [rho I -+ a (S - C), -+ (b/2) (m - mu); ., eps - rho] >= 0.
 *
 * Three cones of order d + 1.  The dual has a network f as its potential, and any network proves
 *
 *   tr C >= mean f(real) + min over all x of (|x|^2 - f(x)) - eps sum |alpha|
 *
 * (f's mean on the made sample is at most that of |x|^2, less the minimum): Kantorovich's duality
 * with networks for potentials, after A. Sahiner et al., "Hidden Convexity of Wasserstein GANs",
 * ICLR 2022.
 */
#ifndef ZG_CORE_CRITIC_GENERATOR_H
#define ZG_CORE_CRITIC_GENERATOR_H

#include "zerogap.h"

#define ZG_CRITIC_GENERATOR_INPUTS 50 /* at most: Newton's matrix has d^4 / 4 numbers */

typedef struct zg_critic_generator {
    size_t inputs, rank;  /* of the made covariance: eigenvalues above 1e-6 tr S */
    double *map;          /* inputs x inputs, symmetric */
    double *mean, *shift; /* inputs each: x becomes map (x - mean) + shift */
    double trace;         /* of C, as computed */
    double least;         /* safe: no admissible sample has a smaller one */
} zg_critic_generator;

/* x: n x inputs, row-major, finite; eps > 0.  The map is that of optimal transport between Gaussian
 * samples, which moves rows least. */
zg_status zg_critic_generator_create(size_t n, size_t inputs, const double *x,
                                     zg_activation activation, double eps, zg_critic_generator *out,
                                     zg_error *error);
void zg_critic_generator_clear(zg_critic_generator *generator);
/* made (n x inputs) from x (n x inputs), row-major. */
void zg_critic_generator_apply(const zg_critic_generator *generator, size_t n, const double *x,
                               double *made);

#endif
