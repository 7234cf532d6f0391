/*
 * Rank reduction: networks with the same predictions and no larger penalty, but fewer neurons.
 *
 * All matrices Z_b >= 0 (b: group and sign) with the given predictions and <R, Z_b> = 0 are a face
 * of the cone.  In a face point Z_b = V_b V_b' every symmetric direction D = (D_b) with
 *     sum_b +-<M_ig, V_b D_b V_b'> = 0 for every sample i,   <R, V_b D_b V_b'> = 0
 * leads, with the sign that does not raise the penalty, to a point of lower rank.  Directions exist
 * while sum_b r_b (r_b + 1) / 2 exceeds the number of independent equations.
 * G. Pataki, "On the rank of extreme matrices in semidefinite programs and the multiplicity of
 * optimal eigenvalues", Math. Oper. Res. 23, 1998.
 */
#ifndef ZG_CORE_RANK_REDUCTION_H
#define ZG_CORE_RANK_REDUCTION_H

#include "core/network.h"

/* The largest r with r (r + 1) / 2 <= equations. */
size_t zg_pataki_rank(size_t equations);

/* Neurons that suffice for one output: the largest sum of ranks r_b <= order over 2 groups blocks
 * with sum r_b (r_b + 1) / 2 <= min(samples, features) (+ 2 groups for the conditions <R, Z_b> =
 * 0), where features = groups order (order + 1) / 2. */
size_t zg_pataki_bound(size_t samples, size_t groups, size_t order, bool bordered);

/* The same over all outputs of a problem; 0 where no such bound holds: for finite sets of neurons
 * and for penalties that are not l1. */
size_t zg_problem_pataki_bound(const zg_problem *problem);
/* What sum r_b (r_b + 1) / 2 of one output is held against there. */
size_t zg_problem_equations(const zg_problem *problem);

typedef struct zg_rank_report {
    size_t neurons_before, neurons_after;
    size_t bound; /* zg_problem_pataki_bound */
    double objective_before, objective_after;
    double drift; /* largest change of a prediction on the training rows */
} zg_rank_report;

/* A network with at most as many neurons, and fewer where directions as above exist.  Its
 * objective, recomputed from the raw data, is at most (1 + slack) times the given one's, else *out
 * is a copy of the given network; slack 0 is strict, 1e-12 allows for rounding.  The training
 * record (dual vector, bound) is carried over, with the objective and gap brought up to date.
 * report may be NULL.  Only for the l1 penalty (ZG_UNSUPPORTED otherwise). */
zg_status zg_network_reduce(const zg_network *network, const zg_problem *problem, double slack,
                            zg_network **out, zg_rank_report *report, zg_error *error);

#endif
