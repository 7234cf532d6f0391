/* The method "auto" (see choice.h). */
#include "train/choice.h"

#include "solvers/robust_ipm.h"
#include "solvers/solver.h"
#include "solvers/work.h"
#include "train/registry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Multiply-adds that take ipm some hundredths of a second: nothing is to be saved there, and a
 * descent on a handful of rows may take many steps. */
#define INSTANT 1e8

/* What the matrices of a robust problem's balls may take. */
#define ROBUST_BYTES 2e9

static bool treats(const zg_method *method, const zg_problem *problem)
{
    zg_value *values;
    zg_error ignored;
    if (zg_values_create(method, &values, &ignored)) return false;
    zg_status status = zg_method_accepts(method, problem, values, &ignored);
    zg_values_free(method, values);
    return status == ZG_OK;
}

static const zg_method *first(const zg_problem *problem)
{
    size_t count;
    const zg_method *const *all = zg_methods(&count);
    for (size_t i = 0; i < count; i++)
        if (all[i]->convex && all[i] != &zg_method_auto && treats(all[i], problem)) return all[i];
    return NULL;
}

zg_choice zg_choose_method(const zg_problem *problem)
{
    zg_choice choice = {first(problem), NAN, NAN};
    if (problem->robust > 0.0) { /* balls where they fit into memory, else copies */
        bool balls = problem->architecture.kind == ZG_DENSE &&
                     zg_robust_ipm_bytes(problem, problem->samples) <= ROBUST_BYTES;
        choice.method = balls ? &zg_method_ipm : &zg_method_exchange;
        return choice;
    }
    if (choice.method != &zg_method_ipm || !treats(&zg_method_low_rank, problem)) return choice;
    choice.ipm = zg_ipm_work(problem);
    choice.low_rank = zg_low_rank_work(problem);
    if (choice.low_rank < choice.ipm && choice.ipm > INSTANT) choice.method = &zg_method_low_rank;
    return choice;
}

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    (void)values;
    if (zg_choose_method(problem).method) return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED, "no method of this build can treat the problem");
}

static zg_status solve(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    (void)values;
    zg_value *own;
    const zg_method *method = zg_choose_method(problem).method;
    if (!method) return check(problem, NULL, error);
    zg_status status = zg_values_create(method, &own, error);
    if (status) return status;
    status = method->solve(problem, own, control, solution, error);
    zg_values_free(method, own);
    size_t used = strlen(solution->message), room = sizeof solution->message - used;
    snprintf(solution->message + used, room, "%sauto took %s", used ? "; " : "", method->name);
    return status;
}

const zg_method zg_method_auto = {
    .name = "auto",
    .summary = "whichever of ipm and low-rank is expected to cost less, with its default options; "
               "columns for finite neuron sets, exchange for robust problems too large for ipm",
    .convex = true,
    .functionals = true,
    .robust = true,
    .keeps_set = true,
    .check = check,
    .solve = solve,
};
