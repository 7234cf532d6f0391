/* Every method of the program, by name. */
#include "train/registry.h"

#include "baselines/baseline.h"
#include "solvers/solver.h"
#include "train/choice.h"
#include "train/rounded.h"

#include <string.h>

/* The order is that of `list`, and of preference where "auto" may choose. */
static const zg_method *const methods[] = {
    &zg_method_auto,
    &zg_method_ipm,
    &zg_method_low_rank,
    &zg_method_exchange,
#ifdef ZG_HAVE_CSDP
    &zg_method_csdp,
#endif
    &zg_method_columns,
    &zg_method_relaxation,
    &zg_method_external,
    &zg_method_sgd,
    &zg_method_adam,
    &zg_method_adversarial,
    &zg_method_least_squares,
    &zg_method_ridge,
    &zg_method_linear,
    &zg_method_persistence,
    &zg_method_rounded,
    &zg_method_straight_through,
    &zg_method_factored,
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

zg_status zg_method_find(const char *name, const zg_problem *problem, const zg_method **out,
                         zg_error *error)
{
    size_t count;
    const zg_method *const *all = zg_methods(&count);
    const char *names[sizeof methods / sizeof *methods];
    *out = NULL;
    for (size_t i = 0; i < count; i++) {
        names[i] = all[i]->name;
        if (strcmp(name, names[i]) == 0) *out = all[i];
    }
    if (!*out) return zg_fail_unknown(error, "method", name, names, count);
    if (*out != &zg_method_auto || !problem) return ZG_OK;
    *out = zg_choose_method(problem).method;
    if (!*out)
        return zg_fail(error, ZG_UNSUPPORTED, "no method of this build can treat the problem");
    return ZG_OK;
}
