/*
 * Particles that are to become a sample of exp(-V), and what the best direction to move them is
 * fitted to.
 *
 * The Wasserstein gradient of KL(rho | exp(-V)) at particles x_i is the field grad Phi that
 * minimises, after integration by parts,
 *
 *   1/2 mean |grad Phi|^2 + mean lap Phi - mean <grad V, grad Phi>.
 *
 * For a quadratic Phi, as a polynomial network is, the Laplacian is a sum of its slopes: with xm
 * the mean and S the covariance of the particles, lap Phi = mean <S^-1 (x - xm), grad Phi> (Stein's
 * identity, which is exact for quadratics).  So the objective is
 *
 *   1/2 mean |grad Phi - e|^2 - 1/2 mean |e|^2,   e_i = grad V(x_i) - S^-1 (x_i - xm):
 *
 * a squared loss on slopes (core/functional.h).  (Y. Wang, P. Chen, M. Pilanci, W. Li, "Optimal
 * Neural Network Approximation of Wasserstein Gradient Direction via Convex Optimization", 2022,
 * treat squared-ReLU networks, which are outside.)
 */
#ifndef ZG_DATA_PARTICLES_H
#define ZG_DATA_PARTICLES_H

#include "data/dataset.h"

typedef enum zg_potential {
    ZG_POTENTIAL_GAUSSIAN, /* V = |x|^2 / 2 */
    ZG_POTENTIAL_QUARTIC   /* V = sum x_k^4 / 4 */
} zg_potential;

/* "gaussian" or "quartic". */
zg_status zg_potential_parse(const char *text, zg_potential *out, zg_error *error);
/* g (n x d) = grad V at x (n x d), both row-major. */
void zg_potential_gradient(zg_potential potential, size_t count, const double *x, double *g);

/* e (n x d) of particles x (n x d), and *constant = -1/2 mean |e|^2.  ZG_BAD_INPUT where the
 * particles do not span the space: there the Laplacian is no sum of slopes, and the objective is
 * not bounded below for small beta. */
zg_status zg_particles_field(zg_potential potential, size_t n, size_t d, const double *x, double *e,
                             double *constant, zg_error *error);

typedef struct zg_particles {
    size_t n, d;
    uint32_t seed;
    zg_potential potential;
} zg_particles;

/* X (n x d) of numpy.random.RandomState(seed).standard_normal, column k times linspace(0.6, 1.6,
 * d)[k]; the targets are the field, d columns: slopes. */
zg_status zg_particles_create(const zg_particles *particles, zg_dataset **out, zg_error *error);

#endif
