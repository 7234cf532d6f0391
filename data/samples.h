/*
 * Two samples that a critic is to tell apart: with NumPy's RandomState(seed).standard_normal, the
 * real rows R (n x d), column k times linspace(0.5, 1.5, d)[k], plus 0.3; then the others F (m x
 * d), drawn from the same stream.
 */
#ifndef ZG_DATA_SAMPLES_H
#define ZG_DATA_SAMPLES_H

#include "data/dataset.h"

typedef struct zg_samples {
    size_t n, m, d;
    uint32_t seed;
} zg_samples;

/* (n + m) x d, and one target: 1 for the real rows, -1 for the others. */
zg_status zg_samples_create(const zg_samples *samples, zg_dataset **out, zg_error *error);

#endif
