/* Problems for benchmarks: planted networks on Gaussian data, as the suites use them. */
#ifndef ZG_BENCH_SAMPLE_H
#define ZG_BENCH_SAMPLE_H

#include "core/network.h"

#define ZG_BENCH_ACTIVATION ((zg_activation){0.09, 0.5, 0.47})

/* n x d, 5 neurons, noise 0.1, seed 0, dense, squared loss, beta 1; NULL when it cannot be made. */
zg_problem *zg_bench_problem(size_t n, size_t d);
zg_problem *zg_bench_seeded(size_t n, size_t d, uint32_t seed);
zg_dataset *zg_bench_dataset(size_t n, size_t d);
/* A random positive semidefinite order x order matrix of the rank with <R, z> = 0. */
double *zg_bench_feasible(size_t order, size_t rank);

#endif
