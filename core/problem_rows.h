/* The rows of a problem as functionals of the network, from its data. */
#ifndef ZG_CORE_PROBLEM_ROWS_H
#define ZG_CORE_PROBLEM_ROWS_H

#include "core/network.h"

/* As zg_row_kind_parse takes it. */
const char *zg_row_kind_name(zg_row_kind kind);
/* How many target columns rows of so many inputs have; what the network has outputs for, of values.
 */
size_t zg_row_kind_targets(zg_row_kind kind, size_t inputs, size_t outputs);
/* Whether targets are values of the network, so that others' rows can be scored by them. */
bool zg_row_kind_has_values(zg_row_kind kind);

/* Poses the rows that the options ask for.  The problem comes with x, preprocessing, encoding, one
 * sample a point, y (the targets) and weights of the points; where the rows are not values, it gets
 * functionals, one output, and samples, y and weights of these. */
zg_status zg_problem_pose_rows(zg_problem *problem, const zg_model_options *options,
                               zg_error *error);

/* f (outputs x samples): what the rows are of this network, whether or not the problem is robust.
 */
zg_status zg_problem_responses(const zg_problem *problem, const zg_network *network, double *f);

/* The row that is to be met exactly, SIZE_MAX where there is none. */
size_t zg_problem_exact_row(const zg_problem *problem);
/* ZG_INFEASIBLE where that row is 0, to rounding, whatever the network. */
zg_status zg_problem_check_exact_row(const zg_problem *problem, zg_error *error);

#endif
