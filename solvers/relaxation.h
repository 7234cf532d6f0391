/*
 * The semidefinite relaxation of training over binary neurons and pairs of them: the convex program
 * whose blocks know that every weight's square is 1 / width (ipm_space.h).
 *
 * Its optimum is a lower bound on the optimum over the set, and no more: its blocks are in general
 * made of neurons that the set does not have.  Pairs are at most K = pi / (2 ln(1 + sqrt 2)) away
 * from it, by Grothendieck's inequality with Krivine's constant:
 *   p_relaxed(beta) <= p* <= p_relaxed(K beta).
 */
#ifndef ZG_SOLVERS_RELAXATION_H
#define ZG_SOLVERS_RELAXATION_H

#include "core/method.h"

#define ZG_KRIVINE 1.7822139781913691 /* K, rounded to nearest */

typedef struct zg_relaxation {
    double lower;   /* safe: at most the relaxation's optimum, so at most p* */
    double upper;   /* of the best blocks, as computed: about the relaxation's optimum */
    double *v;      /* samples: the dual vector behind lower */
    double *blocks; /* 2 groups x order squared: Z_0, Z'_0, Z_1, .. */
    size_t order, groups;
    long iterations;
} zg_relaxation;

/* Whether there is one, of a size that can be solved: with a matrix of a row and column for each
 * sample.  ZG_UNSUPPORTED says why not. */
#define ZG_RELAXATION_SAMPLES 8000
zg_status zg_relaxation_check(const zg_problem *problem, zg_error *error);

/* Solves it as exactly as double precision allows.  ZG_STOPPED, ZG_TIMEOUT: out holds what there
 * was by then; ZG_FAILED where there was nothing.  out is cleared with zg_relaxation_clear. */
zg_status zg_relaxation_solve(const zg_program *program, size_t output, const zg_control *control,
                              zg_stopwatch *watch, zg_relaxation *out);
void zg_relaxation_clear(zg_relaxation *relaxation);

/* Neurons of the set from the blocks: signs of Gaussian vectors, whose covariance is a block of
 * binary neurons (Goemans and Williamson), or for pairs that of Krivine, by which the mean over all
 * samples is the blocks' difference itself.  levels has room for count neurons of the set's width,
 * group for count; *made becomes how many there are, equal ones among them. */
zg_status zg_relaxation_round(const zg_relaxation *relaxation, const zg_program *program,
                              size_t count, uint32_t seed, size_t *made, size_t *group,
                              int *levels);

#endif
