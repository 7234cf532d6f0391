/*
 * Certificates: for any vector v, a lower bound on p* that holds whatever produced v.
 *
 * lambda(v) = max over groups, signs and unit u of +-(mean sigma(patch u))' v is the least beta for
 * which v is feasible; s v with |s| <= beta / lambda is feasible, and D(s v) <= p*.  lambda is
 * bounded from above by min over rho > w_max of rho + sum g_i^2 / (rho - w_i), where every rho is
 * valid, plus a bound on all rounding errors made: the result is safe in floating point.
 */
#ifndef ZG_CORE_CERTIFICATE_H
#define ZG_CORE_CERTIFICATE_H

#include "base/gap.h"
#include "core/network.h"

typedef struct zg_bound {
    double value;  /* certified: <= p* of the program, its constant included */
    double lambda; /* safe upper bound on lambda(v) */
    double scale;  /* s: the certified dual vector is s v */
} zg_bound;

/* What the dual slacks at s v are made of, for callers that want it; members may be NULL. */
typedef struct zg_slack_parts {
    double *rho; /* 2 groups: the multipliers of S+_g and S-_g, in beta's scale (unused when
                  * unbordered) */
    double *t;   /* groups matrices of lift->order squared: T_g(v) of the clipped v, not yet scaled
                  * by s */
} zg_slack_parts;

/* A safe upper bound on lambda(v) over all groups and signs, v (samples) as it is; parts (or NULL)
 * as for v itself. */
zg_status zg_lift_lambda(const zg_lift *lift, zg_neuron_set set, const double *v, double *lambda,
                         const zg_slack_parts *parts);

/* v (samples) is first clipped into the loss's domain (copied, not changed).  v == NULL stands for
 * zero; parts may be NULL. */
zg_status zg_program_bound(const zg_program *program, const double *v, zg_bound *out,
                           const zg_slack_parts *parts);

/* Sum over outputs; dual is outputs x samples. */
zg_status zg_problem_bound(const zg_problem *problem, const double *dual, double *value,
                           zg_error *error);

/* The vector (outputs x samples) that a bound of zg_certify's came from: *v is the network's, or
 * *own, which is the caller's to free (NULL where there is nothing to free); *v NULL stands for
 * zero. */
zg_status zg_certificate_dual(const zg_problem *problem, const zg_network *network,
                              zg_bound_source source, const double **v, double **own,
                              zg_error *error);

/* v = -gradient of the loss at the network's predictions (outputs x samples): the dual vector that
 * a network implies. */
zg_status zg_residual_dual(const zg_problem *problem, const zg_network *network, double *v);

/* beta_max of one program: the zero network is optimal iff beta >= beta_max. */
zg_status zg_program_beta_max(const zg_program *program, double *beta_max);

/* How far the predictions of every global optimum can be from the network's, on the training rows
 * and in the units trained on: |f - f*| <= sqrt(2 (U - L)), the root of the sum over rows and
 * outputs, with U the objective and its rounding and L the bound.  (U >= |f - y|^2 / 2 + g(f) with
 * g convex, which is 1-strongly convex in f.)  NAN but for the squared loss without weights, l1. */
double zg_vicinity(const zg_problem *problem, const zg_certificate *c);

#endif
