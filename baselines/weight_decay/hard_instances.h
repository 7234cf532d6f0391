/*
 * Weight-decay training problems with known answers: NP-hard decision problems as data rows.
 *
 * With sigma(t) = t^2 and unit neurons a network is f(x) = x'Zx, and a sample whose signs are
 * flipped in all needed ways with one and the same label forces the off-diagonal entries of Z to 0:
 * what is left are linear equations in the diagonal, sum_k x_k^2 w_k = y, and the least power sum
 * sum |w_k|^p of a diagonal Z is over the axis neurons (docs/weight-decay.md).
 *
 * PARTITION: w = (x, y) with x_j + y_j = 1 and sum a_j x_j = S/2.  |x_j|^p + |y_j|^p >= 1 with
 * equality at 0/1 only: the optimum is n if the numbers can be halved, more otherwise. Coefficients
 * must be squares: (a+1)^2 x + (a-1)^2 y = 4 a x + (a-1)^2 for x + y = 1, all in integers.
 * 3-PARTITION likewise with x_jb, sum_b x_jb = 1, sum_j a_j x_jb = B: optimum 3m or more.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_HARD_INSTANCES_H
#define ZG_BASELINES_WEIGHT_DECAY_HARD_INSTANCES_H

#include "data/dataset.h"

/* Numbers are positive and at most this, so that every row is exact in double precision. */
#define ZG_HARD_NUMBER_LIMIT 1000000

/* Data of the PARTITION instance: 2 count inputs (x first), one target.  count >= 2 numbers. */
zg_status zg_partition_create(size_t count, const long *numbers, zg_dataset **out, zg_error *error);
/* 3 m numbers with sum m B, each strictly between B/4 and B/2: 3 m^2 inputs, x_jb at index
 * j m + b. */
zg_status zg_three_partition_create(size_t count, const long *numbers, zg_dataset **out,
                                    zg_error *error);

/* The truth, by dynamic programming over sums, respectively over sets of used numbers (count at
 * most 24).  When the answer is yes, side (count, may be NULL) tells each number's part. */
zg_status zg_partition_decide(size_t count, const long *numbers, bool *answer, size_t *side,
                              zg_error *error);
zg_status zg_three_partition_decide(size_t count, const long *numbers, bool *answer, size_t *side,
                                    zg_error *error);

/* Random numbers in [1, highest], for 3-PARTITION in (highest/2, highest) with B = 2 highest:
 * planted yes-instances, or no-instances with the right sum that the dynamic program has proven
 * (PARTITION: even numbers with an odd half sum where the answer would nearly always be yes).
 * ZG_FAILED when no such instance turns up. */
zg_status zg_partition_draw(size_t count, long highest, bool answer, uint32_t seed, long *numbers,
                            zg_error *error);
zg_status zg_three_partition_draw(size_t count, long highest, bool answer, uint32_t seed,
                                  long *numbers, zg_error *error);

/* Planted sparse regression: X is N(0,1) (n x d); `neurons` of the d axis neurons have weights
 * N(0,1), the others 0; y_i = sum_k w_k x_ik^2 + noise N(0,1).  Draw order: X, the permutation
 * whose first `neurons` entries are the support, weights, noise. */
typedef struct zg_planted_sparse {
    size_t n, d, neurons;
    double noise;
    uint32_t seed;
} zg_planted_sparse;

zg_status zg_planted_sparse_create(const zg_planted_sparse *planted, zg_dataset **out,
                                   zg_error *error);

/* Whether the data force Z to be diagonal under f = y, proven in integer arithmetic modulo a prime
 * from the rows whose entries are all 0 or +-c: full rank there is full rank over the rationals.
 * x is n x d, row-major.  false also when such rows do not suffice for the proof. */
zg_status zg_forces_diagonal(size_t n, size_t d, const double *x, const double *y, bool *forced,
                             zg_error *error);

/* The equations a sum_k x_k^2 w_k = y of the data, each once: phi (room for n x d), rhs (room for
 * n) and the sample that each came from, origin (room for n, or NULL).  Returns their number. */
size_t zg_diagonal_equations(size_t n, size_t d, double a, const double *x, const double *y,
                             double *phi, double *rhs, size_t *origin);

#endif
