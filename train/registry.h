/* Every method of the program, by name. */
#ifndef ZG_TRAIN_REGISTRY_H
#define ZG_TRAIN_REGISTRY_H

#include "core/method.h"

/* All methods this program was built with, solvers first. */
const zg_method *const *zg_methods(size_t *count);

/* The method of that name; unknown names are refused with the nearest one.  "auto" gives the first
 * convex method whose check accepts the problem (problem may be NULL: the default method). */
zg_status zg_method_find(const char *name, const zg_problem *problem, const zg_method **out,
                         zg_error *error);

#endif
