/* What theory says of a case, computed beside it: the optimum in closed form, and the policies of
 * linear-quadratic control. */
#ifndef ZG_RUNNER_CLOSED_FORM_H
#define ZG_RUNNER_CLOSED_FORM_H

#include "core/network.h"
#include "log/row.h"
#include "runner/suite.h"

/* Sets row->closed_form (zg_definite_optimum) for quadratic networks with an expectation about it.
 * The targets are those of the problem; for costs of a policy, those that the system's equations
 * give, so that costs that were measured wrongly have another optimum.  And for the latter
 * row->gain_error and row->riccati_error: how far the policy that the network gives is from the
 * next one of Hewer's sequence, and from the optimal one. */
void zg_closed_form_check(const zg_case *item, const zg_problem *problem, const zg_network *network,
                          zg_row *row);

#endif
