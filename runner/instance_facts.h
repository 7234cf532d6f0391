/* Facts about an instance for the table of the library: sizes, ranks, condition, degeneracy. */
#ifndef ZG_RUNNER_INSTANCE_FACTS_H
#define ZG_RUNNER_INSTANCE_FACTS_H

#include "core/network.h"
#include "solvers/sdp.h"

typedef struct zg_instance_facts {
    size_t rank, pataki; /* rank: SIZE_MAX without a network */
    long degeneracy;     /* as counted; -1 without a network */
    double condition;    /* of the samples' lifts; infinite where they are dependent */
} zg_instance_facts;

/* network, with the multipliers v (n), is optimal; or NULL.  sdp: the program as posed for SDPA. */
zg_status zg_instance_facts_find(const zg_problem *problem, const zg_network *network,
                                 const double *v, const zg_sdp *sdp, zg_instance_facts *out);

#endif
