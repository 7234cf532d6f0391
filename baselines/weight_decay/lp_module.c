/* What the module of GLPK shows (see lp_module.h). */
#include "baselines/weight_decay/lp_module.h"

const zg_decay_lp_module zg_module_glpk = {
    .module = {ZG_VERSION},
    .create = zg_decay_lp_create,
    .free = zg_decay_lp_free,
    .solve = zg_decay_lp_solve,
    .solve_exactly = zg_decay_lp_solve_exactly,
    .range_begin = zg_decay_lp_range_begin,
    .range = zg_decay_lp_range,
    .range_end = zg_decay_lp_range_end,
    .weighted = zg_decay_lp_weighted,
    .multipliers = zg_decay_lp_multipliers,
    .ray = zg_decay_lp_ray,
    .point = zg_decay_lp_point,
    .value = zg_decay_lp_value,
    .pivots = zg_decay_lp_pivots,
    .basis_size = zg_decay_lp_basis_size,
    .basis_save = zg_decay_lp_basis_save,
    .basis_load = zg_decay_lp_basis_load,
};
