/*
 * The relaxations of lp.h as a module (base/module.h), built with -Dglpk=plugin: GLPK, and nothing
 * else of the search, is in a shared object of its own.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_LP_MODULE_H
#define ZG_BASELINES_WEIGHT_DECAY_LP_MODULE_H

#include "base/module.h"
#include "baselines/weight_decay/lp.h"

/* The functions of lp.h, without their prefix. */
typedef struct zg_decay_lp_module {
    zg_module module;
    zg_status (*create)(const zg_decay_problem *problem, const zg_decay_pair *pairs,
                        const zg_decay_fault *fault, zg_limit *limit, zg_decay_lp **out,
                        zg_error *error);
    void (*free)(zg_decay_lp *lp);
    zg_decay_lp_status (*solve)(zg_decay_lp *lp, const double *lower, const double *upper,
                                double cutoff);
    zg_decay_lp_status (*solve_exactly)(zg_decay_lp *lp, double seconds);
    bool (*range_begin)(zg_decay_lp *lp, double cutoff);
    bool (*range)(zg_decay_lp *lp, size_t k, double direction);
    void (*range_end)(zg_decay_lp *lp);
    zg_decay_lp_status (*weighted)(zg_decay_lp *lp, const double *lower, const double *upper,
                                   const double *weight);
    const double *(*multipliers)(const zg_decay_lp *lp);
    const double *(*ray)(const zg_decay_lp *lp);
    const double *(*point)(const zg_decay_lp *lp);
    double (*value)(const zg_decay_lp *lp);
    long (*pivots)(const zg_decay_lp *lp);
    size_t (*basis_size)(const zg_decay_lp *lp);
    void (*basis_save)(zg_decay_lp *lp, unsigned char *basis);
    void (*basis_load)(zg_decay_lp *lp, unsigned char *basis);
} zg_decay_lp_module;

/* What the module shows. */
extern const zg_decay_lp_module zg_module_glpk;

#endif
