/* The tables of zerogap-ratios; each returns false when something could not be measured. */
#ifndef ZG_BENCH_RATIOS_H
#define ZG_BENCH_RATIOS_H

#include <stdbool.h>
#include <stdint.h>

/* Planted data in sample space, against CSDP where wanted and in Cholesky factorisations. */
bool zg_ratios_planted(uint32_t seed, bool csdp);
/* Choosing beta by folds, along a path and case by case, on data of several shapes; false also
 * where the two choose differently or something is not certified. */
bool zg_ratios_folds(void);
/* Passes over the rows by the method low-rank, in the two matrix products that each needs. */
bool zg_ratios_passes(uint32_t seed);
/* MNIST in feature space: the sums against dsyrk, the solves in Cholesky factorisations.  True,
 * with a remark, when the data are not on this machine. */
bool zg_ratios_mnist(int threads);

#endif
