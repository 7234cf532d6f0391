/* What the convex program of a training problem looks like, in words and numbers. */
#ifndef ZG_CLI_EXPLAIN_H
#define ZG_CLI_EXPLAIN_H

#include "core/problem.h"

#include <stdio.h>

/* The largest number of neurons an optimum of one output needs, by Pataki's bound on the ranks of
 * extreme solutions: sum over cones of r (r + 1) / 2 <= rows + multipliers, and r <= order. */
size_t zg_neuron_bound(const zg_lift *lift);

void zg_explain(const zg_problem *problem, FILE *out);

#endif
