/* Whether targets can be interpolated at all, and how well a network does it. */
#ifndef ZG_CORE_INTERPOLATION_H
#define ZG_CORE_INTERPOLATION_H

#include "core/network.h"

/* The largest share of max |y| by which f (outputs x samples) misses the targets of an output. */
double zg_interpolation_miss(const zg_problem *problem, const double *f);

/* The same of a network. */
zg_status zg_network_miss(const zg_network *network, const zg_problem *problem, double *miss);

/* ZG_INFEASIBLE, naming the rows, where two rows have the same inputs and targets so far apart that
 * no function of the inputs fits both to the tolerance; ZG_OK when there are none.  Exact: nothing
 * is rounded. */
zg_status zg_interpolation_conflict(const zg_problem *problem, zg_error *error);

/* What a vector v (samples) proves about every network that fits to the tolerance.  With weights
 * alpha on unit neurons, v'f <= lambda(v) sum |alpha|, and v'f >= |v'y| - tolerance max |y| |v|_1:
 * its penalty is at least *least, a safe bound, 0 where v says nothing. */
typedef enum zg_reach {
    ZG_REACH_OPEN,      /* v proves nothing, or no more than that the penalty is large */
    ZG_REACH_IMPOSSIBLE /* sum_i v_i M_i is zero to rounding, v'y is not: nothing fits */
} zg_reach;
zg_reach zg_interpolation_reach(const zg_program *program, const double *v, double *least);

#endif
