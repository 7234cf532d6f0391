/* Training from sums over samples (see stream_train.h). */
#include "solvers/stream_train.h"

#include "base/linalg.h"
#include "core/decomposition.h"
#include "solvers/ipm_solve.h"
#include "solvers/stream_weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ITERATIONS 100
#define EIGENVALUE_CUTOFF 1e-12

/* One output being solved; original units. */
typedef struct run {
    zg_sums_judge judge;
    const zg_sums *sums;
    const zg_problem *shape;
    size_t output;
    double beta;
    double *best_fit; /* features */
    double **z, **zn;
    double *storage;
    zg_network *network; /* the best one, of this output only */
    double objective, bound;
    double doubt; /* part of objective: at most so far from the exact value, on either side */
} run;

/* ---- networks -------------------------------------------------------------------------------- */

/* Takes the network of the blocks where its objective is less than limit, with weights of its own
 * or the best ones for its neurons. */
static zg_status take_network(run *r, double cutoff, bool best_weights, double limit)
{
    zg_network *network;
    zg_status status = zg_network_create(r->shape, &network, NULL);
    if (status != ZG_OK) return status;
    status = zg_network_add_blocks(network, r->shape->lift, r->output, r->z, r->zn, cutoff);
    if (status == ZG_OK && best_weights)
        status = zg_sums_best_weights(&r->judge, r->shape->loss, network);
    if (status == ZG_OK) {
        double doubt, objective = zg_sums_objective(&r->judge, network, &doubt);
        if (objective < limit) {
            zg_network *old = r->network;
            r->network = network;
            r->objective = objective;
            r->doubt = doubt;
            network = old;
        }
    }
    zg_network_free(network);
    return status == ZG_NO_MEMORY ? status : ZG_OK;
}

static double share_of_gap(const run *r)
{
    return (r->objective - r->bound) / fmax(1.0 / (double)r->sums->outputs, fabs(r->objective));
}

/* Fewest eigenvalues that keep the gap within the tolerance. */
static zg_status thin_out(run *r, double tolerance)
{
    static const double cutoffs[] = {1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10};
    double room = fmin(10.0 * (r->objective - r->bound), tolerance * fabs(r->objective));
    double limit = fmax(r->objective, r->bound + room);
    for (size_t i = 0; i < sizeof cutoffs / sizeof *cutoffs; i++) {
        const zg_network *before = r->network;
        zg_status status = take_network(r, cutoffs[i], false, limit);
        if (status != ZG_OK || r->network != before) return status;
    }
    return ZG_OK;
}

static void take_blocks(run *r, const zg_space *space, size_t cone, const double *block)
{
    double *to = (cone % 2 ? r->zn : r->z)[cone / 2];
    for (size_t e = 0; e < space->order * space->order; e++)
        to[e] = space->block_unit * block[e];
}

/* Judges the best of both sides.  Where blocks no longer lower the objective, they have lost too
 * many digits to predict anything, and their neurons get other weights. */
static zg_status judge(run *r, const zg_ipm *ipm, double tolerance)
{
    const zg_space *space = ipm->space;
    size_t block = space->order * space->order;
    double bound, before = r->objective;
    for (size_t k = 0; k < ipm->cones; k++)
        take_blocks(r, space, k, ipm->best_blocks + k * block);
    for (size_t k = 0; k < space->features; k++)
        r->best_fit[k] = space->block_unit * ipm->best_x[k];
    if (zg_sums_bound(&r->judge, r->best_fit, &bound) == ZG_OK && bound > r->bound)
        r->bound = bound;
    zg_status status = take_network(r, EIGENVALUE_CUTOFF, false, r->objective);
    if (status != ZG_OK || r->objective < before || share_of_gap(r) <= tolerance) return status;
    for (size_t k = 0; k < ipm->cones; k++)
        take_blocks(r, space, k, ipm->cone[k].z);
    return take_network(r, EIGENVALUE_CUTOFF, true, r->objective);
}

/* ---- one output ------------------------------------------------------------------------------ */

static zg_status run_create(run *r)
{
    size_t p = r->sums->features, groups = r->sums->groups, block = r->sums->order * r->sums->order;
    r->storage = zg_doubles(p + 2 * groups * block);
    r->z = calloc(2 * groups, sizeof *r->z);
    if (!r->storage || !r->z) return ZG_NO_MEMORY;
    r->best_fit = r->storage;
    r->zn = r->z + groups;
    for (size_t k = 0; k < 2 * groups; k++)
        r->z[k] = r->best_fit + p + k * block;
    zg_status status = zg_sums_judge_create(r->sums, r->output, r->beta, &r->judge);
    if (status == ZG_OK) status = zg_network_create(r->shape, &r->network, NULL);
    if (status != ZG_OK) return status;
    double bound;
    r->objective = zg_sums_objective(&r->judge, r->network, &r->doubt);
    if (zg_sums_bound(&r->judge, r->best_fit, &bound) == ZG_OK) r->bound = fmax(0.0, bound);
    return ZG_OK;
}

static void run_clear(run *r)
{
    zg_network_free(r->network);
    zg_sums_judge_clear(&r->judge);
    free(r->storage);
    free(r->z);
}

static zg_status iterate(run *r, const zg_gram *gram, const zg_control *control, long *iterations)
{
    zg_space *space = NULL;
    zg_ipm *ipm = NULL;
    zg_status status =
        zg_space_from_sums(r->sums, gram, r->judge.origin, r->output, r->beta, &space);
    if (status == ZG_OK) status = zg_ipm_create(space, &ipm);
    if (status == ZG_OK) zg_ipm_start(ipm);
    zg_patience patience = zg_patience_begin();
    for (int k = 0; status == ZG_OK && k < ITERATIONS; k++) {
        zg_ipm_measure(ipm);
        status = judge(r, ipm, control->tolerance);
        if (share_of_gap(r) <= control->tolerance) break;
        if (!zg_patience_left(&patience, ipm, share_of_gap(r))) break;
        if (status != ZG_OK || zg_ipm_step(ipm) != ZG_OK) break;
        ++*iterations;
    }
    zg_ipm_free(ipm);
    zg_space_free(space);
    return status;
}

static zg_status merge_network(zg_network *whole, const run *r)
{
    const zg_network *part = r->network;
    for (size_t j = 0; j < part->count; j++) {
        zg_status status = zg_network_add(whole, part->group[j], part->u + j * part->patches.width,
                                          r->output, part->alpha[j * part->outputs + r->output]);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}

/* Solves one output about an origin, unless it is done; only what is better than before counts. */
static zg_status solve_output(run *r, const zg_gram *gram, const zg_sums_origin *origin,
                              const zg_control *control, long *iterations)
{
    if (share_of_gap(r) <= control->tolerance) return ZG_OK;
    zg_sums_judge_move(&r->judge, origin);
    memset(r->best_fit, 0, r->sums->features * sizeof *r->best_fit);
    double bound, doubt, objective = zg_sums_objective(&r->judge, r->network, &doubt);
    if (zg_sums_bound(&r->judge, r->best_fit, &bound) == ZG_OK) r->bound = fmax(r->bound, bound);
    if (objective < r->objective) {
        r->objective = objective;
        r->doubt = doubt;
    }
    if (share_of_gap(r) <= control->tolerance) return ZG_OK;
    zg_status status = iterate(r, gram, control, iterations);
    return status == ZG_OK ? thin_out(r, control->tolerance) : status;
}

/* ---- all outputs ----------------------------------------------------------------------------- */

struct zg_sums_trainer {
    const zg_sums *sums;
    const zg_problem *shape;
    const zg_control *control;
    zg_gram *gram;
    run *runs; /* outputs */
    long iterations;
    double seconds;
};

zg_status zg_sums_trainer_create(const zg_sums *sums, const zg_problem *shape,
                                 const zg_control *control, zg_sums_trainer **out, zg_error *error)
{
    if (sums->rows == 0) return zg_fail(error, ZG_BAD_INPUT, "there are no rows to train on");
    double before = zg_monotonic();
    zg_sums_trainer *t = calloc(1, sizeof *t);
    if (!t) return zg_no_memory(error);
    *t = (zg_sums_trainer){.sums = sums, .shape = shape, .control = control};
    t->runs = calloc(sums->outputs, sizeof *t->runs);
    zg_status status = t->runs ? zg_gram_create(sums, &t->gram) : ZG_NO_MEMORY;
    const char *message = zg_status_message(status);
    if (status == ZG_FAILED) message = "the sums over the samples have no finite inverse";
    for (size_t c = 0; status == ZG_OK && c < sums->outputs; c++) {
        t->runs[c] = (run){.sums = sums, .shape = shape, .output = c, .beta = shape->beta};
        status = run_create(&t->runs[c]);
        message = zg_status_message(status);
    }
    if (status != ZG_OK) {
        zg_sums_trainer_free(t);
        return zg_fail(error, status, "%s", message);
    }
    t->seconds = zg_monotonic() - before;
    *out = t;
    return ZG_OK;
}

void zg_sums_trainer_free(zg_sums_trainer *trainer)
{
    if (!trainer) return;
    for (size_t c = 0; trainer->runs && c < trainer->sums->outputs; c++)
        run_clear(&trainer->runs[c]);
    free(trainer->runs);
    zg_gram_free(trainer->gram);
    free(trainer);
}

zg_status zg_sums_trainer_solve(zg_sums_trainer *trainer, const zg_sums_origin *origin,
                                zg_error *error)
{
    double before = zg_monotonic();
    zg_status status = ZG_OK;
    for (size_t c = 0; status == ZG_OK && c < trainer->sums->outputs; c++)
        status = solve_output(&trainer->runs[c], trainer->gram, origin, trainer->control,
                              &trainer->iterations);
    trainer->seconds += zg_monotonic() - before;
    return status == ZG_OK ? ZG_OK : zg_fail(error, status, "%s", zg_status_message(status));
}

void zg_sums_trainer_fit(const zg_sums_trainer *trainer, double *fit)
{
    size_t p = trainer->sums->features;
    for (size_t c = 0; c < trainer->sums->outputs; c++) {
        const run *r = &trainer->runs[c];
        for (size_t k = 0; k < p; k++)
            fit[c * p + k] =
                r->best_fit[k] + (r->judge.origin ? r->judge.origin->fit[c * p + k] : 0.0);
    }
}

double zg_sums_trainer_gap(const zg_sums_trainer *trainer)
{
    double objective = 0.0, bound = 0.0;
    for (size_t c = 0; c < trainer->sums->outputs; c++) {
        objective += trainer->runs[c].objective;
        bound += trainer->runs[c].bound;
    }
    return zg_gap(objective, bound);
}

zg_status zg_sums_trainer_take(const zg_sums_trainer *trainer, zg_sums_result *out, zg_error *error)
{
    zg_status status = zg_network_create(trainer->shape, &out->network, error);
    for (size_t c = 0; status == ZG_OK && c < trainer->sums->outputs; c++) {
        const run *r = &trainer->runs[c];
        if (merge_network(out->network, r) != ZG_OK) return zg_no_memory(error);
        out->objective += r->objective;
        out->bound += r->bound;
        out->attainable += 10.0 * r->doubt;
    }
    out->attainable /= fmax(1.0, fabs(out->objective));
    out->gap = zg_gap(out->objective, out->bound);
    out->rows = trainer->sums->rows;
    out->iterations = trainer->iterations;
    out->seconds = trainer->seconds;
    return status;
}

zg_status zg_sums_train(const zg_sums *sums, const zg_problem *shape, const zg_control *control,
                        zg_sums_result *out, zg_error *error)
{
    zg_sums_trainer *trainer = NULL;
    zg_status status = zg_sums_trainer_create(sums, shape, control, &trainer, error);
    if (status == ZG_OK) status = zg_sums_trainer_solve(trainer, NULL, error);
    if (status == ZG_OK) status = zg_sums_trainer_take(trainer, out, error);
    zg_sums_trainer_free(trainer);
    return status;
}
