/* What the convex program of a training problem looks like, in words and numbers. */
#ifndef ZG_CLI_EXPLAIN_H
#define ZG_CLI_EXPLAIN_H

#include "core/problem.h"

#include <stdio.h>

void zg_explain(const zg_problem *problem, FILE *out);
/* The same as a JSON document. */
void zg_explain_json(const zg_problem *problem, FILE *out);

#endif
