/*
 * One semidefinite cone of the interior-point method, in Nesterov-Todd scaling.
 *
 * For Z, S > 0 there is u with u u' S u u' = Z; with W = u u' both matrices become the same
 * diagonal, u' S u = inv(u) Z inv(u)' = diag(lambda), and directions are kept in that frame:
 *   ds = u' dS u,   dz = inv(u) dZ inv(u)',   so that dZ = u dz u'.
 * The linearised complementarity is dz + ds = target, where
 *   diag(lambda) o target = sigma mu I - diag(lambda)^2 - (second-order term),
 * o the symmetrised product (Todd, Toh, Tutuncu, SIAM J. Optim. 8, 1998, section 3).
 * All matrices are order x order, full, column-major.
 */
#ifndef ZG_SOLVERS_IPM_CONE_H
#define ZG_SOLVERS_IPM_CONE_H

#include "zerogap.h"

typedef struct zg_cone {
    double *z, *s;   /* primal block and dual slack */
    double *u, *w;   /* scaling and W = u u' */
    double *target;  /* what dz + ds must be */
    double *dz, *ds; /* scaled directions */
    double *lambda;  /* order */
    double sign;     /* S = beta E + sum of rho_j R_j + sign T (ipm_space.h) */
} zg_cone;

/* Scratch shared by all cones of one order: no function below allocates. */
typedef struct zg_cone_scratch {
    size_t order;
    double *a, *b, *c; /* order x order each */
    double *values;    /* order */
    double *work;
    int *iwork;
    int work_size, iwork_size;
} zg_cone_scratch;

zg_status zg_cone_scratch_create(size_t order, zg_cone_scratch *scratch);
void zg_cone_scratch_clear(zg_cone_scratch *scratch);
/* Doubles behind one cone of an order, and their distribution over its pointers. */
size_t zg_cone_storage(size_t order);
void zg_cone_place(zg_cone *cone, size_t order, double *storage);

/* u, w and lambda from z and s.  ZG_FAILED when either is not positive definite. */
zg_status zg_cone_scale(zg_cone *cone, zg_cone_scratch *scratch);

/* <Z, S> and, along a step of length alpha, <Z + alpha dZ, S + alpha dS>. */
double zg_cone_complementarity(const zg_cone *cone, size_t order, double alpha);

/* target for sigma mu = 0 without second-order term; and Mehrotra's, from the predictor's ds, dz.
 */
void zg_cone_predict(zg_cone *cone, size_t order);
void zg_cone_correct(zg_cone *cone, double sigma_mu, zg_cone_scratch *scratch);

/* ds and dz from the unscaled change of the slack; scratch->a and ->b are used. */
void zg_cone_direction(zg_cone *cone, const double *slack_change, zg_cone_scratch *scratch);

/* out = u x u' and out = W x W; scratch->b is used.  out may be x. */
void zg_cone_unscale(const zg_cone *cone, const double *x, double *out, zg_cone_scratch *scratch);
void zg_cone_sandwich(const zg_cone *cone, const double *x, double *out, zg_cone_scratch *scratch);

/* The largest step that keeps both Z and S positive semidefinite; INFINITY when unbounded. */
double zg_cone_step(const zg_cone *cone, zg_cone_scratch *scratch);

/* Z += alpha dZ. */
void zg_cone_advance(zg_cone *cone, double alpha, zg_cone_scratch *scratch);

/* x += alpha E with E = e e' (bordered) or I. */
void zg_cone_add_e(size_t order, bool bordered, double alpha, double *x);

#endif
