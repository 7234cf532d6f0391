/* Planted data: targets of a random network plus noise, drawn as docs/mathematics.md says. */
#ifndef ZG_DATA_PLANTED_H
#define ZG_DATA_PLANTED_H

#include "data/dataset.h"

typedef enum zg_features {
    ZG_FEATURES_GAUSSIAN, /* N(0,1) */
    ZG_FEATURES_GAUSSIAN4 /* the fourth power of N(0,1), elementwise */
} zg_features;

typedef struct zg_planted {
    size_t n, d, neurons;
    double noise; /* standard deviation, 0.1 for the published sets */
    zg_features features;
    zg_activation activation;
    uint32_t seed;
    bool median; /* two classes in the place of the targets: 1 above their median, else -1 */
} zg_planted;

/* Draw order: X (n x d), U (d x m), alpha (m), noise (n), row by row; U is not normalised. */
zg_status zg_planted_create(const zg_planted *planted, zg_dataset **out, zg_error *error);

#endif
