/* The interior-point method along a path of betas: one pass over the data, warm starts. */
#ifndef ZG_SOLVERS_IPM_H
#define ZG_SOLVERS_IPM_H

#include "core/method.h"

/* Solves the problem for count values of beta in the order given, best from large to small; values
 * are those of zg_method_ipm's options.  Each solve starts from the previous answer, and once more
 * from a cold start where that misses the tolerance, so the results meet it as cold ones do.
 * solutions: count, zeroed, the caller's to clear; on an error those already solved are filled.
 * problem->beta does not count. */
zg_status zg_ipm_path(const zg_problem *problem, const zg_value *values, size_t count,
                      const double *betas, const zg_control *control, zg_solution *solutions,
                      zg_error *error);

/* What a solve of one output takes with the default options, from sizes alone: about 15 iterations,
 * counted as in the choice between samples and features. */
typedef struct zg_ipm_effort {
    double work;   /* multiply-adds */
    double order;  /* of the matrix that is factorised in each iteration */
    double bytes;  /* beside the data; formulas of docs/ipm.md */
    bool features; /* an unknown per feature, not per sample */
} zg_ipm_effort;

zg_ipm_effort zg_ipm_foresee(const zg_problem *problem);

#endif
