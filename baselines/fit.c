/* From fitted matrices to a network: what all linear fits share. */
#include "baselines/fit.h"

#include "base/linalg.h"
#include "baselines/least_squares.h"
#include "core/decomposition.h"

#include <math.h>
#include <stdlib.h>

/* Adds the neurons of one output's matrices w (groups x order x order). */
static zg_status add_output(const zg_problem *problem, size_t output, const double *w,
                            zg_network *network)
{
    const zg_lift *lift = problem->lift;
    size_t square = lift->order * lift->order, groups = lift->groups;
    double *blocks = zg_doubles(2 * groups * square);
    double **z = calloc(2 * groups, sizeof *z);
    zg_status status = blocks && z ? ZG_OK : ZG_NO_MEMORY;
    for (size_t g = 0; status == ZG_OK && g < groups; g++) {
        z[g] = blocks + g * square;
        z[groups + g] = blocks + (groups + g) * square;
        status = zg_least_squares_split(lift, w + g * square, z[g], z[groups + g]);
    }
    if (status == ZG_OK)
        status = zg_network_add_blocks(network, lift, output, z, z + groups, 1e-14);
    free(blocks);
    free(z);
    return status;
}

static zg_status finish(const zg_problem *problem, const zg_control *control, zg_stopwatch *watch,
                        const zg_solution *solution, zg_error *error)
{
    double objective;
    zg_stopwatch_pause(watch);
    if (zg_network_objective(solution->network, problem, &objective, NULL, NULL))
        return zg_no_memory(error);
    if (!isfinite(objective))
        return zg_fail(error, ZG_FAILED,
                       zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT)
                           ? "the fit does not interpolate the data"
                           : "the fitted network has no finite objective");
    zg_iterate iterate = {.unit = "iteration",
                          .number = 1,
                          .output = ZG_ALL_OUTPUTS,
                          .objective = objective,
                          .bound = -INFINITY,
                          .network = solution->network};
    bool go_on = zg_report(control, watch, &iterate);
    zg_stopwatch_pause(watch);
    (void)go_on; /* there is nothing left to stop */
    return ZG_OK;
}

/* w: the matrices of all outputs, outputs x groups x order x order. */
static zg_status to_network(const zg_problem *problem, const double *w, zg_network **out,
                            zg_error *error)
{
    const zg_lift *lift = problem->lift;
    size_t each = lift->groups * lift->order * lift->order;
    zg_status status = zg_network_create(problem, out, error);
    for (size_t c = 0; status == ZG_OK && c < problem->outputs; c++) {
        status = add_output(problem, c, w + c * each, *out);
        if (status)
            zg_fail(error, status,
                    status == ZG_NO_MEMORY
                        ? "out of memory"
                        : "the fitted matrices could not be decomposed into neurons");
    }
    return status;
}

zg_status zg_fit_solve(const zg_problem *problem, const zg_value *values, zg_fit fit,
                       const zg_control *control, zg_solution *solution, zg_error *error)
{
    const zg_lift *lift = problem->lift;
    zg_stopwatch watch = {.started = -1.0};
    int threads = zg_blas_threads();
    double *w = zg_doubles(problem->outputs * lift->groups * lift->order * lift->order);
    zg_blas_set_threads(control->threads);
    zg_stopwatch_start(&watch);
    zg_status status = w ? fit(problem, values, control->seconds, w, solution->message,
                               sizeof solution->message, error)
                         : zg_no_memory(error);
    if (status == ZG_OK) status = to_network(problem, w, &solution->network, error);
    free(w);
    if (status == ZG_OK) status = finish(problem, control, &watch, solution, error);
    zg_stopwatch_pause(&watch);
    zg_blas_set_threads(threads);
    solution->bound = -INFINITY;
    zg_solution_charge(solution, &watch);
    solution->iterations = 1;
    solution->unit = "iteration";
    if (status) {
        zg_network_free(solution->network);
        solution->network = NULL;
    }
    return status;
}
