/* The functions of a zg_method that is a plug-in; its options begin with those of plugin_parts.h.
 */
#ifndef ZG_SOLVERS_PLUGIN_SOLVE_H
#define ZG_SOLVERS_PLUGIN_SOLVE_H

#include "core/method.h"

zg_status zg_plugin_check(const zg_problem *problem, const zg_value *values, zg_error *error);
/* The plug-in's file as it is now. */
void zg_plugin_identify(const zg_value *values, zg_program_identity *out);
zg_status zg_plugin_solve(const zg_problem *problem, const zg_value *values,
                          const zg_control *control, zg_solution *solution, zg_error *error);

#endif
