/* Independent outputs in processes of their own. */
#ifndef ZG_CORE_OUTPUT_JOBS_H
#define ZG_CORE_OUTPUT_JOBS_H

#include "core/method.h"

/* Solves every output in a forked process, at most control->jobs at the same time, and calls
 * done(context, output, status, part) as each ends, in order of ending.  A process that dies counts
 * as ZG_FAILED with the reason in *error.  Time: the processes' iterates are not reported, so that
 * nothing but solving is in them; control->seconds limits all of them together.
 * Returns the worst status of all outputs. */
typedef zg_status (*zg_output_done)(void *context, size_t output, zg_status status,
                                    const zg_solution *part);
zg_status zg_solve_output_jobs(const zg_problem *problem, const zg_value *values,
                               const zg_control *control, zg_solve_output solve_output,
                               zg_output_done done, void *context, zg_error *error);

#endif
