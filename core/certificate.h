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

/* v (samples) is first clipped into the loss's domain (copied, not changed).  rho, when not NULL,
 * gets 2 groups numbers: the multipliers of S+_g and S-_g at s v, in beta's scale (unused when
 * unbordered).  v == NULL stands for zero. */
zg_status zg_program_bound(const zg_program *program, const double *v, zg_bound *out, double *rho);

/* Sum over outputs; dual is outputs x samples. */
zg_status zg_problem_bound(const zg_problem *problem, const double *dual, double *value,
                           zg_error *error);

/* v = -gradient of the loss at the network's predictions (outputs x samples): the dual vector that
 * a network implies. */
zg_status zg_residual_dual(const zg_problem *problem, const zg_network *network, double *v);

/* beta_max of one program: the zero network is optimal iff beta >= beta_max. */
zg_status zg_program_beta_max(const zg_program *program, double *beta_max);

#endif
