/* The robust interior point as a method (see robust_solve.h). */
#include "solvers/robust_solve.h"

#include "base/linalg.h"
#include "solvers/robust_best.h"

#include <math.h>
#include <stdio.h>

/* Iterations without a visibly smaller gap after which it has come to its end. */
#define PATIENCE 24

typedef struct run {
    const zg_control *control;
    zg_stopwatch watch;
    zg_robust_best best;
    zg_robust_ipm *ipm;
    long iterations;
} run;

/* The gap that the point claims, once its multipliers are about feasible. */
static double claimed_gap(const run *r)
{
    double objective = zg_robust_ipm_objective(r->ipm);
    double gap =
        zg_robust_ipm_complementarity(r->ipm) + fabs(objective) * zg_robust_ipm_infeasible(r->ipm);
    return gap / fmax(1.0, fabs(objective));
}

static zg_status limits(run *r, zg_error *error)
{
    const zg_control *control = r->control;
    if (!zg_robust_best_report(&r->best, r->ipm, control, &r->watch, r->iterations))
        return zg_fail(error, ZG_STOPPED, "stopped on request after %ld iterations", r->iterations);
    if (control->seconds > 0.0 && zg_stopwatch_read(&r->watch) >= control->seconds)
        return zg_fail(error, ZG_TIMEOUT,
                       "the interior-point method reached the time limit of %g s after %ld "
                       "iterations",
                       control->seconds, r->iterations);
    return ZG_OK;
}

/* Until the certified gap is small enough; judges where the point claims that it is. */
static zg_status iterate(run *r, long most, zg_error *error)
{
    double aim = 0.5 * r->control->tolerance, smallest = INFINITY;
    int waited = 0;
    while (r->iterations < most && waited < PATIENCE) {
        if (zg_robust_ipm_step(r->ipm) != ZG_OK) break;
        r->iterations++;
        double claimed = claimed_gap(r);
        if (claimed <= aim) {
            zg_status status = zg_robust_best_take(&r->best, r->ipm);
            if (status != ZG_OK) return zg_no_memory(error);
            if (zg_robust_best_gap(&r->best) <= r->control->tolerance) break;
            aim = 0.5 * claimed;
        }
        waited = claimed < 0.9 * smallest ? 0 : waited + 1;
        smallest = fmin(smallest, claimed);
        zg_status status = limits(r, error);
        if (status != ZG_OK) {
            (void)zg_robust_best_take(&r->best, r->ipm);
            return status;
        }
    }
    if (zg_robust_best_gap(&r->best) <= r->control->tolerance) return ZG_OK;
    return zg_robust_best_take(&r->best, r->ipm) == ZG_OK ? ZG_OK : zg_no_memory(error);
}

zg_status zg_robust_solve(const zg_problem *problem, long iterations, const zg_control *control,
                          zg_solution *solution, zg_error *error)
{
    run r = {.control = control, .watch = {.started = -1.0}};
    zg_blas_set_threads(control->threads);
    zg_stopwatch_start(&r.watch);
    zg_status status = zg_robust_best_create(problem, &r.best, error);
    if (status == ZG_OK && zg_robust_best_gap(&r.best) > control->tolerance) {
        status = zg_robust_ipm_create(problem, NULL, &r.ipm, error);
        if (status == ZG_OK) status = iterate(&r, iterations, error);
    }
    zg_status done = r.best.network
                         ? zg_robust_best_finish(&r.best, 0.01 * control->tolerance, solution)
                         : status;
    zg_stopwatch_pause(&r.watch);
    solution->iterations = r.iterations;
    zg_solution_charge(solution, &r.watch);
    zg_robust_ipm_free(r.ipm);
    zg_robust_best_clear(&r.best);
    return status ? status : done;
}
