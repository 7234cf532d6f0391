/* The relaxations of lp.h where GLPK's code is a module: every call goes to it. */
#include "baselines/weight_decay/lp_module.h"

#include <limits.h>
#include <stdlib.h>

struct zg_decay_lp {
    const zg_decay_lp_module *module;
    zg_decay_lp *inner; /* the module's own, which has another content */
};

zg_status zg_decay_lp_create(const zg_decay_problem *problem, const zg_decay_pair *pairs,
                             const zg_decay_fault *fault, zg_limit *limit, zg_decay_lp **out,
                             zg_error *error)
{
    char path[PATH_MAX];
    zg_decay_lp *lp = calloc(1, sizeof *lp);
    if (!lp) return zg_no_memory(error);
    zg_status status = zg_module_find("glpk", path, sizeof path, error);
    if (status == ZG_OK && !(lp->module = zg_module_open(path, "zg_module_glpk", error)))
        status = ZG_FAILED;
    if (status == ZG_OK)
        status = lp->module->create(problem, pairs, fault, limit, &lp->inner, error);
    if (status == ZG_OK)
        *out = lp;
    else
        free(lp);
    return status;
}

void zg_decay_lp_free(zg_decay_lp *lp)
{
    if (!lp) return;
    lp->module->free(lp->inner);
    free(lp);
}

zg_decay_lp_status zg_decay_lp_solve(zg_decay_lp *lp, const double *lower, const double *upper,
                                     double cutoff)
{
    return lp->module->solve(lp->inner, lower, upper, cutoff);
}

zg_decay_lp_status zg_decay_lp_solve_exactly(zg_decay_lp *lp, double seconds)
{
    return lp->module->solve_exactly(lp->inner, seconds);
}

bool zg_decay_lp_range_begin(zg_decay_lp *lp, double cutoff)
{
    return lp->module->range_begin(lp->inner, cutoff);
}

bool zg_decay_lp_range(zg_decay_lp *lp, size_t k, double direction)
{
    return lp->module->range(lp->inner, k, direction);
}

void zg_decay_lp_range_end(zg_decay_lp *lp)
{
    lp->module->range_end(lp->inner);
}

zg_decay_lp_status zg_decay_lp_weighted(zg_decay_lp *lp, const double *lower, const double *upper,
                                        const double *weight)
{
    return lp->module->weighted(lp->inner, lower, upper, weight);
}

const double *zg_decay_lp_multipliers(const zg_decay_lp *lp)
{
    return lp->module->multipliers(lp->inner);
}

const double *zg_decay_lp_ray(const zg_decay_lp *lp)
{
    return lp->module->ray(lp->inner);
}

const double *zg_decay_lp_point(const zg_decay_lp *lp)
{
    return lp->module->point(lp->inner);
}

double zg_decay_lp_value(const zg_decay_lp *lp)
{
    return lp->module->value(lp->inner);
}

long zg_decay_lp_pivots(const zg_decay_lp *lp)
{
    return lp->module->pivots(lp->inner);
}

size_t zg_decay_lp_basis_size(const zg_decay_lp *lp)
{
    return lp->module->basis_size(lp->inner);
}

void zg_decay_lp_basis_save(zg_decay_lp *lp, unsigned char *basis)
{
    lp->module->basis_save(lp->inner, basis);
}

void zg_decay_lp_basis_load(zg_decay_lp *lp, unsigned char *basis)
{
    lp->module->basis_load(lp->inner, basis);
}
