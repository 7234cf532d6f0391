/*
 * The separable concave program behind weight decay, over a finite set of unit neurons:
 *
 *   min over w   lambda sum_k |w_k|^p + loss(Phi w, y),   lower <= w <= upper,   0 < p <= 1
 *
 * with Phi_ik the response of neuron k to sample i.  loss is `interpolate` (Phi w = y), `absolute`
 * or `squared`.  docs/weight-decay.md derives it and names every formula used here.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_PROBLEM_H
#define ZG_BASELINES_WEIGHT_DECAY_PROBLEM_H

#include "base/status.h"
#include "core/loss.h"

/* The traits of the losses that it knows how to relax. */
#define ZG_DECAY_LOSSES ((unsigned)(ZG_LOSS_EXACT | ZG_LOSS_DISTANCE | ZG_LOSS_QUADRATIC))

typedef struct zg_decay_problem {
    size_t rows;         /* samples */
    size_t columns;      /* neurons */
    const double *phi;   /* rows x columns, row-major */
    const double *y;     /* rows */
    zg_loss_kind loss;   /* with a trait of ZG_DECAY_LOSSES */
    double lambda;       /* > 0 */
    double power;        /* p, 0 < p <= 1 */
    const double *lower; /* columns, each <= 0 or finite; NULL: -infinity.  0 for w >= 0 */
    const double *upper; /* columns; NULL: +infinity */
} zg_decay_problem;

/*
 * A constraint on two columns only, alpha w_k + gamma w_partner = rhs, makes the pair one variable:
 * both penalties together are a function of w_k that is concave between its kinks at 0 and at
 * rhs / alpha.  Bounding them together is much stronger than one by one (x + y = 1 alone gives
 * |x|^p + |y|^p >= 1).
 */
typedef enum zg_decay_role {
    ZG_DECAY_SINGLE,
    ZG_DECAY_LEADER,  /* of a pair: carries its box */
    ZG_DECAY_FOLLOWER /* its interval is derived from its leader's */
} zg_decay_role;

typedef struct zg_decay_pair {
    zg_decay_role role;
    size_t partner; /* columns; SIZE_MAX for singles */
    double alpha, gamma, rhs;
} zg_decay_pair;

/* pairs (columns): from the two-column rows of an equality-constrained problem, each column in at
 * most one pair; all single for other losses. */
void zg_decay_find_pairs(const zg_decay_problem *problem, zg_decay_pair *pairs);
/* [*lower, *upper] encloses what w_k in [l, u] leaves for its partner. */
void zg_decay_pair_image(const zg_decay_pair *pair, double l, double u, double *lower,
                         double *upper);

#endif
