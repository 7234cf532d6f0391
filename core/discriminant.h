/*
 * Two classes told apart by one output, of any scale: rows and report of losses that separate
 * (ZG_LOSS_SEPARATES), of which Fisher's is the one there is (docs/functionals.md).
 *
 * The ratio (m1 - m2)^2 / V of an embedding f, the classes' means apart over the variance within
 * them, V = 1/n sum (f_i - mean of its class)^2, does not change with multiples of f.  So its
 * regularised maximum is the least 1/2 V + beta sum |alpha_j| over networks with m2 - m1 = 1, the
 * second label's mean less the first's: a squared loss on rows that are functionals,
 *
 *   n_k f_i - sum of f over the class of i   target 0, weight 1 / (n n_k^2), for each sample
 *   n_1 sum of f over class 2 - n_2 sum of f over class 1 = n_1 n_2, to be met exactly,
 *
 * whose coefficients are whole numbers.  (B. Bartan, M. Pilanci, "Neural Fisher discriminant
 * analysis: optimal neural network embeddings in polynomial time", ICML 2022.)
 */
#ifndef ZG_CORE_DISCRIMINANT_H
#define ZG_CORE_DISCRIMINANT_H

#include "core/network.h"

/* Poses the rows; the problem comes as to zg_problem_pose_rows.  ZG_BAD_INPUT where a class has no
 * rows, ZG_UNSUPPORTED for what has no such rows, or more terms than ZG_DISCRIMINANT_TERMS. */
#define ZG_DISCRIMINANT_TERMS ((size_t)1 << 24)
zg_status zg_discriminant_pose(zg_problem *problem, zg_row_kind rows, zg_error *error);
bool zg_discriminant_posed(const zg_problem *problem);

typedef struct zg_discriminant {
    double mean[2];   /* of the embedding, by class */
    double within;    /* V */
    double ratio;     /* (mean[1] - mean[0])^2 / V */
    double threshold; /* half way between the means */
} zg_discriminant;

/* Of a network on the points of a posed problem. */
zg_status zg_discriminant_measure(const zg_problem *problem, const zg_network *network,
                                  zg_discriminant *out);

/* Multiplies the network so that its means are 1 apart, and gives its encoding the threshold: what
 * it predicts is then the second label where f is at least that.  Nothing where it cannot be. */
zg_status zg_discriminant_finish(const zg_problem *problem, zg_network *network);

#endif
