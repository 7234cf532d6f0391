/* What the points of a general conic solver are worth (see conic.h). */
#include "solvers/conic.h"

#include "base/linalg.h"
#include "core/decomposition.h"
#include "core/rank_reduction.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EIGENVALUE_CUTOFF 1e-12
/* By how much more, relatively, a reduced network may cost: rounding. */
#define REDUCTION_SLACK 1e-12
/* Share of the objective at which the zero network needs no solver. */
#define SETTLED 1e-10

zg_status zg_conic_check(const zg_problem *problem, const char *method, zg_error *error)
{
    if (problem->penalty.kind != ZG_PENALTY_L1)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "%s solves the l1-penalised problem only; for weight decay use the method "
                       "\"branch-and-bound\"",
                       method);
    if (zg_loss_has(problem->loss.kind, ZG_LOSS_ENTROPY))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "%s cannot treat the logistic loss, which is no semidefinite program; use "
                       "the method \"ipm\"",
                       method);
    return ZG_OK;
}

/* ---- upper and lower bounds ----------------------------------------------------------------- */

/* loss and penalty of one output's network. */
static zg_status evaluate(zg_conic *conic, const zg_network *network, double *objective)
{
    const zg_problem *problem = conic->problem;
    zg_status status = zg_problem_predictions(problem, network, conic->f);
    if (status == ZG_OK)
        *objective = zg_network_output_objective(network, problem, conic->output, conic->f);
    return status;
}

/* Drops the neurons whose weight is below cutoff times the largest: groups that the optimum leaves
 * out keep full rank at a tiny scale. */
static void prune(zg_network *network, size_t output, double cutoff)
{
    size_t kept = 0, width = network->patches.width, outputs = network->outputs;
    double largest = 0;
    for (size_t j = 0; j < network->count; j++)
        largest = fmax(largest, fabs(network->alpha[j * outputs + output]));
    for (size_t j = 0; j < network->count; j++) {
        if (fabs(network->alpha[j * outputs + output]) < cutoff * largest) continue;
        network->group[kept] = network->group[j];
        memmove(network->u + kept * width, network->u + j * width, width * sizeof(double));
        memmove(network->alpha + kept * outputs, network->alpha + j * outputs,
                outputs * sizeof(double));
        kept++;
    }
    network->count = kept;
}

/* The network of blocks, and its objective. */
static zg_status make_network(zg_conic *conic, double *const *z, double *const *zn, double cutoff,
                              zg_network **out, double *objective)
{
    zg_network *network;
    zg_status status = zg_network_create(conic->problem, &network, NULL);
    if (status != ZG_OK) return status;
    status = zg_network_add_blocks(network, conic->problem->lift, conic->output, z, zn, cutoff);
    prune(network, conic->output, cutoff);
    if (status == ZG_OK) status = evaluate(conic, network, objective);
    if (status == ZG_OK)
        *out = network;
    else
        zg_network_free(network);
    return status;
}

static zg_status take_network(zg_conic *conic)
{
    zg_network *network;
    double objective;
    zg_status status =
        make_network(conic, conic->z, conic->zn, EIGENVALUE_CUTOFF, &network, &objective);
    if (status != ZG_OK) return status;
    /* While nothing interpolates yet, the newest network is the best one. */
    if (!(objective < conic->objective) && !isinf(conic->objective)) {
        zg_network_free(network);
        return ZG_OK;
    }
    zg_network_free(conic->network);
    conic->network = network;
    conic->objective = objective;
    size_t order = conic->program.lift->order;
    for (size_t g = 0; g < 2 * conic->program.lift->groups; g++)
        memcpy(conic->best_z[g], conic->z[g], order * order * sizeof(double));
    conic->has_point = true;
    return ZG_OK;
}

static zg_status take_dual(zg_conic *conic)
{
    zg_bound bound;
    zg_status status = zg_program_bound(&conic->program, conic->v, &bound, NULL);
    if (status != ZG_OK || !(bound.value > conic->bound)) return status;
    conic->bound = bound.value;
    memcpy(conic->best_v, conic->v, conic->problem->samples * sizeof *conic->v);
    return ZG_OK;
}

zg_status zg_conic_judge(zg_conic *conic)
{
    zg_status status = take_dual(conic);
    zg_status second = take_network(conic);
    /* A point beyond what can be certified is no failure; the next may be better. */
    return status == ZG_NO_MEMORY || second == ZG_NO_MEMORY ? ZG_NO_MEMORY : ZG_OK;
}

zg_status zg_conic_take(zg_conic *conic, const zg_sdp *sdp, const zg_sdp_point *point)
{
    if (!zg_sdp_point_finite(sdp, point)) return ZG_OK;
    for (size_t g = 0; g < sdp->groups; g++) {
        zg_sdp_cone(sdp, point, g, 0, conic->z[g]);
        zg_sdp_cone(sdp, point, g, 1, conic->zn[g]);
    }
    if (conic->compression) {
        zg_sdp_dual(sdp, point, conic->w);
        zg_compression_dual(conic->compression, conic->w, conic->v);
    } else {
        zg_sdp_dual(sdp, point, conic->v);
    }
    return zg_conic_judge(conic);
}

void zg_conic_deny(zg_conic *conic, zg_says says)
{
    conic->has_claim = true;
    conic->claim = (zg_claim){
        .says = says, .primal = NAN, .dual = NAN, .stated_primal = NAN, .stated_dual = NAN};
}

double zg_conic_gap(const zg_conic *conic)
{
    double least = 1 / (double)conic->problem->outputs;
    if (isinf(conic->objective)) return INFINITY;
    return (conic->objective - conic->bound) / fmax(least, fabs(conic->objective));
}

void zg_conic_gap_text(const zg_conic *conic, char *text, size_t size)
{
    double gap = zg_conic_gap(conic);
    if (isfinite(gap))
        snprintf(text, size, "certified gap %.2g", gap);
    else
        snprintf(text, size, "no network that meets the targets was found");
}

bool zg_conic_reached(const zg_conic *conic, double share)
{
    return isfinite(conic->objective) &&
           conic->objective - conic->bound <= share * fabs(conic->objective);
}

/* ---- life cycle ----------------------------------------------------------------------------- */

static zg_status allocate(zg_conic *conic)
{
    size_t n = conic->problem->samples, groups = conic->program.lift->groups;
    size_t block = conic->program.lift->order * conic->program.lift->order;
    conic->z = calloc(4 * groups, sizeof *conic->z);
    conic->storage = zg_doubles((3 + conic->problem->outputs) * n + 4 * groups * block);
    if (!conic->z || !conic->storage) return ZG_NO_MEMORY;
    conic->v = conic->storage;
    conic->best_v = conic->v + n;
    conic->w = conic->best_v + n;
    conic->f = conic->w + n;
    conic->zn = conic->z + groups;
    conic->best_z = conic->zn + groups;
    conic->best_zn = conic->best_z + groups;
    double *blocks = conic->f + conic->problem->outputs * n;
    for (size_t g = 0; g < 4 * groups; g++)
        conic->z[g] = blocks + g * block;
    return ZG_OK;
}

/* The zero network, v = 0 and v = -grad loss(0). */
static zg_status start(zg_conic *conic)
{
    const zg_program *program = &conic->program;
    size_t n = conic->problem->samples;
    zg_status status = zg_network_create(conic->problem, &conic->network, NULL);
    if (status == ZG_OK) status = evaluate(conic, conic->network, &conic->objective);
    if (status != ZG_OK) return status;
    conic->bound = program->constant;
    memset(conic->f, 0, n * sizeof *conic->f);
    zg_loss_gradient(program->loss, n, conic->f, program->y, program->weights, conic->v);
    for (size_t i = 0; i < n; i++)
        conic->v[i] = -conic->v[i];
    status = take_dual(conic);
    return status == ZG_NO_MEMORY ? status : ZG_OK;
}

zg_status zg_conic_create(const zg_problem *problem, size_t output, bool compress, zg_conic **out,
                          zg_error *error)
{
    zg_conic *conic = calloc(1, sizeof *conic);
    if (!conic) return zg_no_memory(error);
    conic->problem = problem;
    conic->output = output;
    conic->program = zg_problem_program(problem, output);
    conic->posed = &conic->program;
    zg_status status = allocate(conic);
    if (status == ZG_OK) status = start(conic);
    if (status != ZG_OK) {
        zg_fail(error, status, "%s", zg_status_message(status));
    } else if (compress && zg_compression_applies(&conic->program) &&
               !zg_conic_reached(conic, SETTLED)) {
        status = zg_compress(&conic->program, &conic->compression, error);
        if (status == ZG_OK) conic->posed = &conic->compression->program;
    }
    if (status != ZG_OK) {
        zg_conic_free(conic);
        return status;
    }
    *out = conic;
    return ZG_OK;
}

void zg_conic_free(zg_conic *conic)
{
    if (!conic) return;
    zg_compression_free(conic->compression);
    zg_network_free(conic->network);
    free(conic->z);
    free(conic->storage);
    free(conic);
}

bool zg_conic_report(const zg_conic *conic, const zg_control *control, zg_stopwatch *watch,
                     long iteration)
{
    zg_iterate iterate = {.unit = "iteration",
                          .number = iteration,
                          .output = conic->output,
                          .objective = NAN,
                          .dual = conic->v,
                          .bound = -INFINITY,
                          .z = conic->z,
                          .zn = conic->zn};
    return zg_report(control, watch, &iterate);
}

/* Larger cutoffs first; the first that is good enough wins. */
static zg_status drop_small_eigenvalues(zg_conic *conic, double share)
{
    double difference = conic->objective - conic->bound;
    double room = fmax(share * fabs(conic->objective), 10 * difference);
    double limit =
        conic->bound + fmax(difference, fmin(room, share * 100 * fabs(conic->objective)));
    static const double cutoffs[] = {1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11};
    for (size_t i = 0; i < sizeof cutoffs / sizeof *cutoffs; i++) {
        zg_network *network;
        double objective;
        zg_status status =
            make_network(conic, conic->best_z, conic->best_zn, cutoffs[i], &network, &objective);
        if (status == ZG_NO_MEMORY) return status;
        if (status != ZG_OK) continue;
        if (objective <= limit) {
            zg_network_free(conic->network);
            conic->network = network;
            conic->objective = objective;
            return ZG_OK;
        }
        zg_network_free(network);
    }
    return ZG_OK;
}

zg_status zg_conic_finish(zg_conic *conic, double share, zg_solution *solution)
{
    if (conic->has_point && drop_small_eigenvalues(conic, share) != ZG_OK) return ZG_NO_MEMORY;
    size_t n = conic->problem->samples;
    solution->dual = zg_doubles(conic->problem->outputs * n);
    if (!solution->dual) return ZG_NO_MEMORY;
    memcpy(solution->dual + conic->output * n, conic->best_v, n * sizeof *conic->best_v);
    solution->network = conic->network;
    conic->network = NULL;
    solution->unit = "iteration";
    solution->has_dimacs = conic->has_dimacs;
    memcpy(solution->dimacs, conic->dimacs, sizeof solution->dimacs);
    if (!conic->has_claim) return ZG_OK;
    return zg_solution_claim(solution, conic->problem->outputs, conic->output, &conic->claim);
}

static zg_status reduce_neurons(const zg_problem *problem, zg_solution *solution, zg_error *error)
{
    zg_stopwatch watch = {.started = -1.0};
    zg_network *fewer;
    zg_stopwatch_start(&watch);
    zg_status status =
        zg_network_reduce(solution->network, problem, REDUCTION_SLACK, &fewer, NULL, error);
    if (status != ZG_OK) return status;
    zg_network_free(solution->network);
    solution->network = fewer;
    zg_stopwatch_pause(&watch);
    solution->seconds += watch.elapsed;
    solution->processor_seconds += watch.processor;
    return ZG_OK;
}

zg_status zg_conic_solve(const zg_problem *problem, const zg_value *values,
                         const zg_control *control, zg_solve_output solve, bool reduce,
                         zg_solution *solution, zg_error *error)
{
    zg_status status = zg_solve_outputs(problem, values, control, solve, solution, error);
    return status == ZG_OK && reduce ? reduce_neurons(problem, solution, error) : status;
}
