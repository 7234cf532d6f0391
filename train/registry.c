/* Every method of the program, by name. */
#include "train/registry.h"

#include "baselines/baseline.h"
#include "solvers/solver.h"

#include <string.h>

/* The order is that of `list`, and of preference where "auto" may choose. */
static const zg_method *const methods[] = {
    &zg_method_ipm,
    &zg_method_low_rank,
#ifdef ZG_HAVE_CSDP
    &zg_method_csdp,
#endif
    &zg_method_external,
    &zg_method_sgd,
    &zg_method_adam,
    &zg_method_least_squares,
#ifdef ZG_HAVE_BRANCH_AND_BOUND
    &zg_method_branch_and_bound,
#endif
    NULL,
};

const zg_method *const *zg_methods(size_t *count)
{
    *count = sizeof methods / sizeof *methods - 1;
    return methods;
}

/* The first convex method that treats the problem with its default options. */
static const zg_method *automatic(const zg_problem *problem)
{
    size_t count;
    const zg_method *const *all = zg_methods(&count);
    for (size_t i = 0; i < count; i++) {
        if (!all[i]->convex) continue;
        if (!problem) return all[i];
        zg_value *values;
        zg_error ignored;
        if (zg_values_create(all[i], &values, &ignored)) continue;
        zg_status status = all[i]->check ? all[i]->check(problem, values, &ignored) : ZG_OK;
        zg_values_free(all[i], values);
        if (status == ZG_OK) return all[i];
    }
    return NULL;
}

zg_status zg_method_find(const char *name, const zg_problem *problem, const zg_method **out,
                         zg_error *error)
{
    size_t count;
    const zg_method *const *all = zg_methods(&count);
    const char *names[sizeof methods / sizeof *methods];
    for (size_t i = 0; i < count; i++) {
        names[i] = all[i]->name;
        if (strcmp(name, names[i]) == 0) {
            *out = all[i];
            return ZG_OK;
        }
    }
    if (strcmp(name, "auto") != 0) return zg_fail_unknown(error, "method", name, names, count);
    *out = automatic(problem);
    if (!*out)
        return zg_fail(error, ZG_UNSUPPORTED, "no method of this build can treat the problem");
    return ZG_OK;
}
