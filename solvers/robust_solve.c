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
    bool judged; /* how long that takes has been measured */
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

static zg_status out_of_time(const run *r, zg_error *error)
{
    return zg_fail(error, ZG_TIMEOUT,
                   "the interior-point method reached the time limit of %g s after %ld iterations",
                   r->control->seconds, r->iterations);
}

static zg_status limits(run *r, zg_error *error)
{
    const zg_control *control = r->control;
    if (!(zg_robust_best_left(&r->best, control) > 0.0)) return out_of_time(r, error);
    if (!zg_robust_best_report(&r->best, r->ipm, control, &r->watch, r->iterations))
        return zg_fail(error, ZG_STOPPED, "stopped on request after %ld iterations", r->iterations);
    return zg_robust_best_left(&r->best, control) > 0.0 ? ZG_OK : out_of_time(r, error);
}

/* Judges the point at which the time ended, where there is time for that. */
static void take_last(run *r)
{
    if (zg_robust_best_left(&r->best, r->control) + r->best.judging > 0.0)
        (void)zg_robust_best_take(&r->best, r->ipm);
}

/* A step.  Judging its point goes through all balls as it does: until that has been measured, it
 * is expected to take as long. */
static zg_status step(run *r)
{
    double begun = zg_monotonic();
    zg_robust_ipm_allow(r->ipm, zg_robust_best_left(&r->best, r->control));
    zg_status status = zg_robust_ipm_step(r->ipm);
    if (status == ZG_OK && !r->judged) zg_robust_best_measured(&r->best, zg_monotonic() - begun);
    return status;
}

/* Until the certified gap is small enough; judges where the point claims that it is. */
static zg_status iterate(run *r, long most, zg_error *error)
{
    double aim = 0.5 * r->control->tolerance, smallest = INFINITY;
    int waited = 0;
    while (r->iterations < most && waited < PATIENCE) {
        zg_status status = step(r);
        if (status == ZG_TIMEOUT) {
            take_last(r);
            return out_of_time(r, error);
        }
        if (status != ZG_OK) break;
        r->iterations++;
        double claimed = claimed_gap(r);
        if (claimed <= aim) {
            double begun = zg_monotonic();
            status = zg_robust_best_take(&r->best, r->ipm);
            if (status != ZG_OK) return zg_no_memory(error);
            zg_robust_best_measured(&r->best, zg_monotonic() - begun);
            r->judged = true;
            if (zg_robust_best_gap(&r->best) <= r->control->tolerance) break;
            aim = 0.5 * claimed;
        }
        waited = claimed < 0.9 * smallest ? 0 : waited + 1;
        smallest = fmin(smallest, claimed);
        status = limits(r, error);
        if (status != ZG_OK) {
            take_last(r);
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
    /* Where time may end before the first step has, there is something all the same. */
    if (status == ZG_OK && control->seconds > 0.0 &&
        !zg_robust_best_report(&r.best, NULL, control, &r.watch, 0))
        status = zg_fail(error, ZG_STOPPED, "stopped on request before the first iteration");
    if (status == ZG_OK && zg_robust_best_gap(&r.best) > control->tolerance) {
        status = zg_robust_ipm_create(problem, NULL, NULL, &r.ipm, error);
        if (status == ZG_OK) status = iterate(&r, iterations, error);
    }
    double share = status == ZG_TIMEOUT ? -1.0 : 0.01 * control->tolerance;
    zg_status done = r.best.network ? zg_robust_best_finish(&r.best, share, solution) : status;
    zg_stopwatch_pause(&r.watch);
    solution->iterations = r.iterations;
    zg_solution_charge(solution, &r.watch);
    zg_robust_ipm_free(r.ipm);
    zg_robust_best_clear(&r.best);
    return status ? status : done;
}
