/*
 * Simulated dynamical systems, drawn as numpy.random.RandomState(seed) draws (docs/dynamics.md has
 * their equations): series with an input u and an output y, and rows of Volterra kernels and of
 * definite quadratics.
 */
#ifndef ZG_DATA_DYNAMICS_H
#define ZG_DATA_DYNAMICS_H

#include "data/dataset.h"

typedef enum zg_system {
    ZG_SYSTEM_NARX,     /* a quadratic difference equation: in the class of quadratic networks */
    ZG_SYSTEM_TANKS,    /* cascaded tanks with square-root outflow */
    ZG_SYSTEM_DUFFING,  /* a spring that hardens with the cube */
    ZG_SYSTEM_VOLTERRA, /* squares of filtered inputs: rows u(t), .., u(t-length+1) */
    ZG_SYSTEM_DEFINITE  /* y = x'Px + noise with P = MM' + I */
} zg_system;

typedef struct zg_dynamics {
    zg_system system;
    size_t n;        /* samples, or rows */
    size_t length;   /* volterra: of the kernel; definite: inputs */
    size_t branches; /* volterra: 1 or 2 */
    double noise;    /* standard deviation added to the output */
    uint32_t seed;
} zg_dynamics;

zg_status zg_dynamics_create(const zg_dynamics *dynamics, zg_dataset **out, zg_error *error);

#endif
