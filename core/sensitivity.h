/* How steep a quadratic is: in a ball, and input by input in a box. */
#ifndef ZG_CORE_SENSITIVITY_H
#define ZG_CORE_SENSITIVITY_H

#include "core/quadratic_form.h"

/* Safe: >= |grad f| in the ball, the least number L with |f(p) - f(p')| <= L |p - p'| there, but
 * for rounding.  |2 P p + q|^2 is a quadratic with 4 P^2, 4 P q and q'q (core/ball.h).  Outside a
 * ball there is none unless P = 0. */
zg_status zg_lipschitz(const zg_quadratic_form *form, const double *centre, double radius,
                       double *out, zg_error *error);

/* out (inputs): the largest |df/dx_k| where |p_j - centre_j| <= half_j, which is
 * |q_k + 2 (P centre)_k| + 2 sum_j |P_kj| half_j; rounded up. */
void zg_sensitivities(const zg_quadratic_form *form, const double *centre, const double *half,
                      double *out);

#endif
