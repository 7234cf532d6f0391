/*
 * The linear relaxation of the weight-decay program over a box, in GLPK's simplex method.
 *
 * |w|^p is replaced by its convex envelope: the chord where the interval has one sign, a V through
 * 0 where it has both (w = p - q).  With the squared loss there is no linear program behind this
 * interface: coordinate descent minimises the relaxation itself (descent.h).  What comes out are
 * multipliers v and a point w; both are hints, and nobody believes the objective value: bounds are
 * computed from v by bound.h.
 *
 * GLPK keeps an environment per thread: create, use and clear one of these in the same thread.  An
 * error of the library frees that environment; all relaxations of the thread notice, and build
 * their programs anew when they are next solved.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_LP_H
#define ZG_BASELINES_WEIGHT_DECAY_LP_H

#include "baselines/limit.h"
#include "baselines/weight_decay/problem.h"

typedef enum zg_decay_lp_status {
    ZG_DECAY_LP_OPTIMAL,
    ZG_DECAY_LP_CUTOFF,     /* the relaxation exceeds the cutoff; no point */
    ZG_DECAY_LP_INFEASIBLE, /* ray holds what proves it */
    ZG_DECAY_LP_DOUBTFUL    /* no reliable answer; v is zero or what GLPK had */
} zg_decay_lp_status;

/* Tests change an outcome here, to show that no wrong answer comes of it. */
typedef struct zg_decay_fault {
    void (*strike)(void *context, zg_decay_lp_status *status, size_t rows, double *v,
                   size_t columns, double *w);
    void *context;
    double least_objective; /* incumbents count as no better than this, so that a wrong bound cannot
                               hide behind the optimum; 0: as they are */
    bool (*breaks)(void *context); /* true: GLPK reports an error in this call; or NULL */
} zg_decay_fault;

typedef struct zg_decay_lp zg_decay_lp;

/* Problem, pairs (columns; NULL: all single) and the limit (or NULL) that ends a solve early are
 * borrowed.  A pair's envelope is that of both penalties together. */
zg_status zg_decay_lp_create(const zg_decay_problem *problem, const zg_decay_pair *pairs,
                             const zg_decay_fault *fault, zg_limit *limit, zg_decay_lp **out,
                             zg_error *error);
void zg_decay_lp_free(zg_decay_lp *lp);

/* Minimises over the finite box, from the basis of the last call. */
zg_decay_lp_status zg_decay_lp_solve(zg_decay_lp *lp, const double *lower, const double *upper,
                                     double cutoff);
/* The same in rational arithmetic, for at most `seconds`; doubtful for numbers that GLPK cannot
 * treat in it. */
zg_decay_lp_status zg_decay_lp_solve_exactly(zg_decay_lp *lp, double seconds);

/* Minimises direction * w_k (direction +-1) over the relaxation of the last box, subject to its
 * objective being at most cutoff; v is scaled to be a multiplier vector of the program.  Calls for
 * one box must come between zg_decay_lp_range_begin and _end. */
bool zg_decay_lp_range_begin(zg_decay_lp *lp, double cutoff);
bool zg_decay_lp_range(zg_decay_lp *lp, size_t k, double direction);
void zg_decay_lp_range_end(zg_decay_lp *lp);

/* Minimises sum_k weight_k |w_k| + loss over the box (re-weighted l1). */
zg_decay_lp_status zg_decay_lp_weighted(zg_decay_lp *lp, const double *lower, const double *upper,
                                        const double *weight);

/* Results of the last call: multipliers (rows), a ray of multipliers when infeasible (rows), the
 * point (columns), and the relaxation's value by GLPK's word. */
const double *zg_decay_lp_multipliers(const zg_decay_lp *lp);
const double *zg_decay_lp_ray(const zg_decay_lp *lp);
const double *zg_decay_lp_point(const zg_decay_lp *lp);
double zg_decay_lp_value(const zg_decay_lp *lp);
long zg_decay_lp_pivots(const zg_decay_lp *lp);

/* The basis as bytes, for a warm start from a node later; loading one that no longer fits does
 * nothing. */
size_t zg_decay_lp_basis_size(const zg_decay_lp *lp);
void zg_decay_lp_basis_save(zg_decay_lp *lp, unsigned char *basis);
void zg_decay_lp_basis_load(zg_decay_lp *lp, unsigned char *basis);

#endif
