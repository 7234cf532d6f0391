/*
 * Architectures as tables: which inputs each patch reads, and which patches share neurons.
 *
 * Everything that the rest of the code knows about an architecture is this table: a neuron of
 * group g responds to a sample x with the mean over p of sigma(u . x[index[g][p]]).
 */
#ifndef ZG_CORE_ARCHITECTURE_H
#define ZG_CORE_ARCHITECTURE_H

#include "base/status.h"

typedef struct zg_patches {
    size_t groups;  /* pools, row-major; 1 for dense */
    size_t patches; /* per group; 1 for dense and for no pooling */
    size_t width;   /* inputs per patch: f */
    size_t inputs;  /* d */
    bool identity;  /* dense: one patch that is the whole sample in order */
    size_t *index;  /* groups x patches x width, each < inputs; NULL when identity */
} zg_patches;

/* Checks the architecture against the number of inputs and builds its table. */
zg_status zg_patches_create(const zg_architecture *architecture, size_t inputs, zg_patches *out,
                            zg_error *error);
void zg_patches_clear(zg_patches *patches);

/* out (n patches x width, row-major; sample i's patches are consecutive) from x (n x inputs). */
void zg_patches_gather(const zg_patches *patches, size_t group, size_t n, const double *x,
                       double *out);

#endif
