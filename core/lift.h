/*
 * The lift: the linear map from a symmetric matrix per group to predictions, and its adjoint.
 *
 *   apply    f_i += sign * sum_g <M_ig, Z_g>           (Z -> predictions)
 *   adjoint  T_g  = sum_i v_i M_ig                      (dual vector -> symmetric matrices)
 *
 * M_ig is the mean over the patches x of sample i in group g of
 *   bordered     [a x x', (b/2) x; (b/2) x', c]   order f + 1, cone constraint <R, Z> = 0
 *   unbordered   a x x'                            order f, for b = c = 0, no cone constraint
 * where R = diag(1, .., 1, -1).  In both cases the penalty of Z_g is <E, Z_g>: E is e e' with e the
 * last unit vector (bordered) or the identity (unbordered), and the dual cones are
 *   S+_g = beta E + rho R - T_g >= 0,    S-_g = beta E + rho' R + T_g >= 0   (no rho unbordered).
 *
 * This is all that solvers and the certifier know of activation and architecture.
 */
#ifndef ZG_CORE_LIFT_H
#define ZG_CORE_LIFT_H

#include "base/team.h"
#include "core/architecture.h"

typedef struct zg_lift {
    size_t samples; /* n */
    zg_team *team;  /* whose samples these are a part of, borrowed; NULL: all there are.  Sums over
                       samples are then the team's, and every member must ask for them */
    size_t groups;
    size_t order; /* of every group's matrices */
    bool bordered;
    /* From patches (features == NULL): */
    zg_activation activation;
    size_t patches; /* per group and sample */
    size_t width;   /* f */
    double **rows;  /* per group: (n patches) x f row-major, patch q of sample i is row i P + q */
    bool owns_rows;
    /* Or from explicit rows, after a compression: features[g] is samples x svec_size, column-major
     * (leading dimension samples), row i = svec(M_ig).  Owned. */
    double **features;
    double *row_errors; /* samples: by how much at most M_ig is off, in Frobenius norm; NULL: by a
                         * few units of its entries.  Owned */
} zg_lift;

/* Whether rows[0] is all of it: one patch of one group, of samples that are all here. */
static inline bool zg_lift_is_dense(const zg_lift *lift)
{
    return !lift->team && !lift->features && lift->groups == 1 && lift->patches == 1;
}

/* x (n x inputs, row-major) is borrowed when the architecture is dense, and must then outlive the
 * lift; otherwise patches are gathered into memory of the lift's own. */
zg_status zg_lift_create(zg_activation activation, const zg_patches *patches, size_t n,
                         const double *x, zg_lift **out, zg_error *error);
/* The bordered program even where the unbordered one would do (b = c = 0): same optimum. */
zg_status zg_lift_create_bordered(zg_activation activation, const zg_patches *patches, size_t n,
                                  const double *x, zg_lift **out, zg_error *error);
/* A lift given by its matrices: takes ownership of features (groups pointers, each samples x
 * svec_size(order), column-major) on success. */
zg_status zg_lift_create_features(size_t samples, size_t groups, size_t order, bool bordered,
                                  double **features, zg_lift **out, zg_error *error);
void zg_lift_free(zg_lift *lift);

/* f (n) += scale * predictions of z (order x order) in one group.  zg_lift_work(lift) doubles of
 * scratch are needed by apply and adjoint; no allocation happens. */
size_t zg_lift_work(const zg_lift *lift);
void zg_lift_apply(const zg_lift *lift, size_t group, const double *z, double scale, double *f,
                   double *work);
/* t (order x order) = sum_i v_i M_ig, both triangles. */
void zg_lift_adjoint(const zg_lift *lift, size_t group, const double *v, double *t, double *work);
/* Sum over i of |v_i| || M_ig ||_F, or a little more: what the adjoint is a sum of.  O(n d). */
double zg_lift_adjoint_terms(const zg_lift *lift, size_t group, const double *v);
/* A bound on the Frobenius norm of zg_lift_adjoint's error by rounding, underflow included, O(n d);
 * +infinity where there is none. */
double zg_lift_adjoint_error(const zg_lift *lift, size_t group, const double *v);

/* phi (samples x svec_size(order), column-major, leading dimension ld): row i = svec(M_ig). */
void zg_lift_features(const zg_lift *lift, size_t group, double *phi, size_t ld);

/* m (order x order) = M_ig of one sample. */
void zg_lift_matrix(const zg_lift *lift, size_t group, size_t sample, double *m);

/* <E, Z>: the penalty of one block; and <R, Z>, which is 0 when feasible (0 unbordered). */
double zg_lift_penalty(const zg_lift *lift, const double *z);
double zg_lift_trace_violation(const zg_lift *lift, const double *z);

#endif
