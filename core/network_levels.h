/*
 * Networks of a finite neuron set as whole numbers: whether a network's neurons are admissible, and
 * which levels their weights are.
 *
 * Networks hold unit vectors in double precision.  Here they become what they stand for, without a
 * rounding error: u = l / |l|, and for pairs of binary neurons, which networks hold as two neurons
 * (neuron_set.h), both halves.
 */
#ifndef ZG_CORE_NETWORK_LEVELS_H
#define ZG_CORE_NETWORK_LEVELS_H

#include "core/network.h"
#include "core/neuron_set.h"

typedef struct zg_network_levels {
    size_t count, width; /* neurons or pairs; whole numbers of each (pairs: both halves) */
    size_t *group;       /* count */
    int *levels;         /* count x width */
    double *alpha;       /* count x outputs */
} zg_network_levels;

/* ZG_BAD_INPUT, with the neuron's number, where one is not of the set. */
zg_status zg_network_levels_find(const zg_network *network, zg_neuron_set set,
                                 zg_network_levels *out, zg_error *error);
void zg_network_levels_clear(zg_network_levels *levels);

/* Appends a neuron of the set, or both neurons of a pair, for one output. */
zg_status zg_network_add_levels(zg_network *network, zg_neuron_set set, size_t group,
                                const int *levels, size_t output, double alpha);

#endif
