/* The host's side of a plug-in's solve: every point is judged (see plugin_parts.h). */
#include "solvers/plugin_parts.h"

#include "base/command.h"
#include "base/scratch.h"
#include "solvers/identity.h"
#include "solvers/plugin_process.h"
#include "solvers/plugin_solve.h"
#include "zerogap-plugin.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct run {
    zg_conic *conic;
    const zg_value *values;
    const zg_control *control;
    zg_stopwatch *watch;
    zg_sdp *sdp;
    zg_sdp_point point;
    double *blocks; /* v, Z, Z' of an answer of the lift */
    zg_scratch scratch;
    zg_plugin_process process;
    zg_plugin_header header; /* of the last message */
    long iterations;
} run;

static const char *name_of(const run *r)
{
    return r->control->method->name;
}

/* ---- messages --------------------------------------------------------------------------------- */

static double time_left(const run *r)
{
    if (!(r->control->seconds > 0)) return -1;
    return fmax(0, r->control->seconds - zg_stopwatch_read(r->watch));
}

/* One message into header and numbers. */
static zg_status listen(run *r, zg_error *error)
{
    zg_plugin_header *header = &r->header;
    zg_status status = zg_plugin_read(&r->process, header, sizeof *header, time_left(r));
    bool lift = status == ZG_OK && header->lift == 1;
    size_t doubles = lift ? zg_plugin_lift_size(r->conic->posed) : zg_sdp_point_size(r->sdp);
    if (status == ZG_OK && (header->magic != ZG_PLUGIN_MAGIC || header->doubles != doubles))
        return zg_fail(error, ZG_FAILED, "the plug-in %s wrote garbage into the host's channel",
                       name_of(r));
    if (status == ZG_OK)
        status = zg_plugin_read(&r->process, lift ? r->blocks : r->point.y,
                                doubles * sizeof(double), time_left(r));
    return status;
}

/* What became of a child without a result. */
static zg_status explain(run *r, zg_status status, zg_error *error)
{
    char how[96], output[ZG_SCRATCH_SIZE + 32], words[160], quoted[200] = "";
    if (status == ZG_TIMEOUT)
        return zg_fail(error, ZG_TIMEOUT, "the plug-in %s reached the time limit of %g s",
                       name_of(r), r->control->seconds);
    zg_plugin_end(&r->process, 1);
    zg_ending_describe(&r->process.ending, how, sizeof how);
    snprintf(output, sizeof output, "%s/output", r->scratch.path);
    zg_solver_last_line(output, words, sizeof words);
    if (words[0]) snprintf(quoted, sizeof quoted, "; its last words: \"%s\"", words);
    int code = r->process.ending.end == ZG_END_EXIT ? r->process.ending.code : 0;
    if (code == ZG_PLUGIN_STORAGE) return zg_no_memory(error);
    if (code == ZG_PLUGIN_CHANGED)
        return zg_fail(error, ZG_FAILED, "the file of the plug-in %s has changed meanwhile",
                       name_of(r));
    return zg_fail(error, ZG_FAILED, "the plug-in %s %s before its answer was complete%s",
                   name_of(r), how, quoted);
}

/* ---- points ----------------------------------------------------------------------------------- */

static bool all_finite(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i])) return false;
    return true;
}

/* Judges the blocks of a lift; ZG_FAILED when they are not numbers. */
static zg_status take_blocks(run *r)
{
    zg_conic *conic = r->conic;
    const zg_lift *lift = conic->posed->lift;
    size_t n = lift->samples, block = lift->order * lift->order;
    if (!all_finite(r->blocks, zg_plugin_lift_size(conic->posed))) return ZG_FAILED;
    for (size_t g = 0; g < lift->groups; g++) {
        memcpy(conic->z[g], r->blocks + n + g * block, block * sizeof(double));
        memcpy(conic->zn[g], r->blocks + n + (lift->groups + g) * block, block * sizeof(double));
    }
    if (conic->compression)
        zg_compression_dual(conic->compression, r->blocks, conic->v);
    else
        memcpy(conic->v, r->blocks, n * sizeof *conic->v);
    return zg_conic_judge(conic);
}

/* Takes the point of the last message, while the watch stands still. */
static zg_status take(run *r, zg_error *error)
{
    zg_stopwatch_pause(r->watch);
    zg_status status;
    if (r->header.lift)
        status = take_blocks(r);
    else if (zg_sdp_point_finite(r->sdp, &r->point))
        status = zg_conic_take(r->conic, r->sdp, &r->point);
    else
        status = ZG_FAILED;
    zg_stopwatch_start(r->watch);
    if (status == ZG_NO_MEMORY) return zg_no_memory(error);
    if (status != ZG_OK)
        return zg_fail(error, ZG_FAILED, "the plug-in %s answered with what is no finite number",
                       name_of(r));
    return ZG_OK;
}

static void take_claim(run *r, zg_says says)
{
    zg_conic *conic = r->conic;
    if (r->header.lift) return; /* blocks and v claim nothing but what their certificate says */
    zg_sdp_claim(r->sdp, &r->point, 0, r->values[ZG_PLUGIN_LIMIT].number, &conic->claim);
    conic->claim.says = says;
    conic->has_claim = true;
    memcpy(conic->dimacs, conic->claim.dimacs, sizeof conic->dimacs);
    conic->has_dimacs = true;
}

/* The result of the last message. */
static zg_status conclude(run *r, zg_error *error)
{
    zg_status status = ZG_OK;
    switch (r->header.outcome) {
    case ZGP_OPTIMAL:
    case ZGP_UNSURE:
        status = take(r, error);
        if (status != ZG_OK) return status;
        take_claim(r, r->header.outcome == ZGP_OPTIMAL ? ZG_SAYS_OPTIMAL : ZG_SAYS_UNSURE);
        (void)zg_conic_report(r->conic, r->control, r->watch, r->iterations + 1);
        return ZG_OK;
    case ZGP_UNBOUNDED:
        zg_conic_deny(r->conic, ZG_SAYS_UNBOUNDED);
        return ZG_OK;
    case ZGP_INFEASIBLE:
        zg_conic_deny(r->conic, ZG_SAYS_INFEASIBLE);
        return ZG_OK;
    case ZGP_FAILED:
        return zg_fail(error, ZG_FAILED, "the plug-in %s gave up", name_of(r));
    default:
        break;
    }
    return zg_fail(error, ZG_FAILED, "the plug-in %s ended with the unknown outcome %d", name_of(r),
                   (int)r->header.outcome);
}

/* ---- a solve ---------------------------------------------------------------------------------- */

static zg_status follow(run *r, zg_error *error)
{
    for (;;) {
        zg_error garbage = {0};
        zg_status status = listen(r, &garbage);
        if (garbage.message[0]) return zg_fail(error, status, "%s", garbage.message);
        if (status != ZG_OK) return explain(r, status, error);
        if (r->header.result) return conclude(r, error);
        status = take(r, error);
        if (status != ZG_OK) return status;
        bool go_on = zg_conic_report(r->conic, r->control, r->watch, ++r->iterations);
        char answer = go_on ? ZG_PLUGIN_CONTINUE : ZG_PLUGIN_STOP;
        (void)zg_plugin_write(&r->process, &answer, 1);
        if (!go_on)
            return zg_fail(error, ZG_STOPPED, "stopped on request after %ld iterations",
                           r->iterations);
    }
}

static zg_status start(run *r, zg_error *error)
{
    bool scale = r->values[ZG_PLUGIN_SCALE].number != 0;
    zg_status status =
        zg_sdp_create(r->conic->posed, scale ? ZG_SDP_EQUILIBRATED : ZG_SDP_PLAIN, &r->sdp, error);
    if (status == ZG_OK) status = zg_sdp_validate(r->sdp, error);
    if (status == ZG_OK && zg_sdp_point_create(r->sdp, &r->point) != ZG_OK)
        status = zg_no_memory(error);
    r->blocks = calloc(zg_plugin_lift_size(r->conic->posed), sizeof *r->blocks);
    if (status == ZG_OK && !r->blocks) status = zg_no_memory(error);
    if (status == ZG_OK) status = zg_scratch_make(&r->scratch, error);
    if (status != ZG_OK) return status;
    zg_plugin_job job = {.path = r->values[ZG_PLUGIN_FILE].text,
                         .method = r->control->method,
                         .values = r->values,
                         .conic = r->conic,
                         .sdp = r->sdp,
                         .tolerance = r->control->tolerance,
                         .seconds = fmax(0, time_left(r)),
                         .threads = r->control->threads};
    return zg_plugin_start(zg_plugin_solve_child, &job, r->scratch.path, &r->process, error);
}

static zg_status finish(run *r, zg_solution *solution, zg_status status, zg_error *error)
{
    double share = fmin(1e-9, r->control->tolerance);
    const char *path = r->values[ZG_PLUGIN_FILE].text;
    zg_solver_identify_file(path, &solution->solver);
    snprintf(solution->solver.version, sizeof solution->solver.version, "%s",
             r->control->method->summary);
    solution->iterations = r->iterations + 1;
    /* What it had when it was stopped, or broke, is judged as well; place-holders are not. */
    if (status != ZG_OK && r->iterations == 0) return status;
    if (zg_conic_finish(r->conic, share, solution) != ZG_OK) return zg_no_memory(error);
    return status;
}

static zg_status solve_output(const zg_problem *problem, size_t output, const zg_value *values,
                              const zg_control *control, zg_stopwatch *watch, zg_solution *solution,
                              zg_error *error)
{
    run r = {.values = values, .control = control, .watch = watch};
    bool compress = values[ZG_PLUGIN_COMPRESS].number != 0;
    zg_status status = zg_conic_create(problem, output, compress, &r.conic, error);
    /* The reduction would have found out what the plug-in is to be asked. */
    if (status == ZG_INFEASIBLE) status = zg_conic_create(problem, output, false, &r.conic, error);
    if (status != ZG_OK) return status;
    status = start(&r, error);
    if (status == ZG_OK) status = follow(&r, error);
    zg_plugin_end(&r.process, 0);
    status = finish(&r, solution, status, error);
    zg_scratch_remove(&r.scratch);
    zg_sdp_point_clear(&r.point);
    zg_sdp_free(r.sdp);
    zg_conic_free(r.conic);
    free(r.blocks);
    return status;
}

void zg_plugin_identify(const zg_value *values, zg_program_identity *out)
{
    *out = (zg_program_identity){0};
    zg_solver_identify_file(values[ZG_PLUGIN_FILE].text, out);
}

zg_status zg_plugin_check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    (void)values;
    return zg_conic_check(problem, "a plug-in", error);
}

zg_status zg_plugin_solve(const zg_problem *problem, const zg_value *values,
                          const zg_control *control, zg_solution *solution, zg_error *error)
{
    zg_status status = zg_plugin_check(problem, values, error);
    if (status != ZG_OK) return status;
    return zg_solve_outputs(problem, values, control, solve_output, solution, error);
}
