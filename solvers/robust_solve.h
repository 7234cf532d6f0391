/* What `ipm` does with a robust problem: balls in the interior point, or the exchange of copies. */
#ifndef ZG_SOLVERS_ROBUST_SOLVE_H
#define ZG_SOLVERS_ROBUST_SOLVE_H

#include "core/method.h"

/* The interior-point method over balls; dense networks only. */
zg_status zg_robust_solve(const zg_problem *problem, long iterations, const zg_control *control,
                          zg_solution *solution, zg_error *error);

#endif
