/*
 * The instances of the library: families of training problems whose semidefinite programs are the
 * same to the last bit in every file, and whose optima can be proven.
 *
 * Data, activations and beta are short dyadic numbers, so that all entries of the programs, which
 * are products of them, are doubles without rounding.
 */
#ifndef ZG_RUNNER_INSTANCE_RECIPES_H
#define ZG_RUNNER_INSTANCE_RECIPES_H

#include "core/network.h"

typedef struct zg_recipe zg_recipe;

typedef struct zg_instance {
    const char *name, *family;
    zg_dataset *dataset;
    zg_problem *problem;
    zg_network *network; /* an optimal one in closed form, or NULL: to be found */
    double *dual, *rho;  /* its multipliers: n, and 2 per group (NULL: unbordered); or NULL */
    double *ray;         /* n: v with sum v_i M_i = 0 and y'v > 0, where there is no X; or NULL */
    const char *complementarity; /* "strict", "not strict" or "": not known */
} zg_instance;

/* All recipes, in the order of the table. */
const zg_recipe *zg_recipes(size_t *count);
const zg_recipe *zg_recipe_at(size_t index);
const char *zg_recipe_family(const zg_recipe *recipe);
const char *zg_recipe_name(const zg_recipe *recipe);
/* The families' names, in order; *count of them. */
const char *const *zg_recipe_families(size_t *count);

/* Makes an instance.  seed moves the drawn families to other draws; size multiplies their n and d.
 */
zg_status zg_instance_create(const zg_recipe *recipe, uint32_t seed, size_t size, zg_instance *out,
                             zg_error *error);
void zg_instance_clear(zg_instance *instance);

#endif
