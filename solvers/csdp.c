/*
 * The method "csdp": Borchers' CSDP on the training dual, watched and never believed.
 *
 * Each attempt is a child process (csdp_child.c) that streams its iterates; every one is certified
 * by us (conic.c), and the best network and dual vector count however the child ends.  When an
 * attempt does not reach the tolerance the next rung of a ladder of scalings and step lengths is
 * tried, and each rung's end is written into the solution's message.
 */
#include "solvers/csdp.h"

#include "base/child.h"
#include "base/scratch.h"
#include "solvers/conic.h"
#include "solvers/solver.h"

#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* ---- options and the ladder ----------------------------------------------------------------- */

enum {
    OPTION_ACCURACY,
    OPTION_RETRIES,
    OPTION_COMPRESS,
    OPTION_PATIENCE,
    OPTION_REDUCE,
    OPTION_LIMIT
};

static const zg_option options[] = {
    {"accuracy", ZG_OPTION_NUMBER, "1e-9", NULL, 1e-12, 1e-2,
     "relative gap and infeasibilities at which a solve ends"},
    {"retries", ZG_OPTION_INTEGER, "3", NULL, 0, 3,
     "further attempts with other scalings and steps"},
    {"compress", ZG_OPTION_FLAG, "true", NULL, 0, 0,
     "QR reduction of the samples to at most as many rows as features (squared loss)"},
    {"patience", ZG_OPTION_NUMBER, "0", NULL, 0, 1e6,
     "seconds without an iterate after which CSDP is taken to be spinning; 0: by size"},
    {"reduce", ZG_OPTION_FLAG, "false", NULL, 0, 0,
     "fewer neurons with the same predictions, towards Pataki's bound, at no cost in the "
     "objective"},
    ZG_DIMACS_LIMIT_OPTION,
};

typedef struct rung {
    const char *name;
    zg_sdp_scaling scaling;
    double step_low, step_high;
} rung;

/* The first is the fastest and the most robust; the others differ from it and each other. */
static const rung ladder[] = {
    {"equilibrated", ZG_SDP_EQUILIBRATED, 0.90, 0.97},
    {"features scaled, short steps", ZG_SDP_FEATURES, 0.70, 0.90},
    {"samples scaled, short steps", ZG_SDP_SAMPLES, 0.70, 0.90},
    {"unscaled, short steps", ZG_SDP_PLAIN, 0.50, 0.80},
};

/* ---- one attempt ---------------------------------------------------------------------------- */

typedef enum outcome {
    FINISHED, /* with a return code */
    STOPPED,  /* by the observer */
    OVERTIME, /* the time limit */
    STALLED,  /* no iterate for longer than patience allows */
    BROKEN,   /* the child ended without a result */
    GARBAGE,  /* a message that is none, or numbers that are not finite */
} outcome;

typedef struct attempt {
    const rung *rung;
    zg_sdp *sdp;
    zg_sdp_point point;
    zg_child child;
    zg_scratch scratch;
    outcome outcome;
    bool sufficed; /* it was told that its iterate is good enough */
    int code;      /* of easy_sdp */
    long iterations;
} attempt;

typedef struct run {
    zg_conic *conic;
    const zg_value *values;
    const zg_control *control;
    zg_stopwatch *watch;
    double tolerance, aim; /* gap that is accepted, and that ends a solve */
    long iterations;       /* of all attempts */
    char note[512];
    char last[256];   /* how the previous attempt ended */
    zg_status status; /* of the last attempt, with its message */
    zg_error failure;
} run;

__attribute__((format(printf, 2, 3))) static void note(run *r, const char *format, ...)
{
    size_t used = strlen(r->note);
    if (used > 0 && used + 2 < sizeof r->note) {
        memcpy(r->note + used, "; ", 3);
        used += 2;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r->note + used, sizeof r->note - used, format, arguments);
    va_end(arguments);
}

/* Seconds left of the limit; INFINITY without one. */
static double time_left(const run *r)
{
    if (!(r->control->seconds > 0)) return INFINITY;
    return fmax(0, r->control->seconds - zg_stopwatch_read(r->watch));
}

/* How long an iteration may take at the very most: a minute and twenty times what its arithmetic
 * takes at half a gigaflop a second. */
static double patience_of(const run *r, const zg_sdp *sdp)
{
    double given = r->values[OPTION_PATIENCE].number;
    if (given > 0) return given;
    double k = (double)sdp->variables, n = (double)sdp->samples, m = (double)sdp->order;
    double cones = 2 * (double)sdp->groups;
    double flops = k * k * k + cones * (4 * n * m * m * m + n * n * m * m);
    return 60 + 20 * flops / 5e8;
}

/* One message of the child into header and point; sets the outcome when there is none. */
static bool listen(run *r, attempt *a, double patience, zg_csdp_header *header)
{
    double left = time_left(r), wait = fmin(patience, left);
    zg_status status = zg_child_read(&a->child, header, sizeof *header, wait);
    if (status == ZG_OK) {
        size_t size = zg_sdp_point_size(a->sdp) * sizeof(double);
        if (header->magic != ZG_CSDP_MAGIC) {
            a->outcome = GARBAGE;
            return false;
        }
        status = zg_child_read(&a->child, a->point.y, size, wait);
    }
    if (status == ZG_TIMEOUT)
        a->outcome = left <= patience ? OVERTIME : STALLED;
    else if (status != ZG_OK)
        a->outcome = BROKEN;
    return status == ZG_OK;
}

/* Judges the point while the child and the watch wait. */
static zg_status judge(run *r, const attempt *a)
{
    zg_stopwatch_pause(r->watch);
    zg_status status = zg_conic_take(r->conic, a->sdp, &a->point);
    zg_stopwatch_start(r->watch);
    return status;
}

/* Follows the child to its end: ZG_OK, or ZG_NO_MEMORY in this process. */
static zg_status follow(run *r, attempt *a)
{
    double patience = patience_of(r, a->sdp);
    zg_csdp_header header;
    while (listen(r, a, patience, &header)) {
        bool finite = zg_sdp_point_finite(a->sdp, &a->point);
        zg_status status = judge(r, a);
        if (status != ZG_OK) return status;
        if (header.result) {
            a->outcome = finite ? FINISHED : GARBAGE;
            a->code = header.code;
            return ZG_OK;
        }
        long number = r->iterations + a->iterations++;
        bool go_on = !finite || zg_conic_report(r->conic, r->control, r->watch, number);
        if (!go_on) {
            a->outcome = STOPPED;
            return ZG_OK;
        }
        a->sufficed = zg_conic_reached(r->conic, r->aim);
        char answer = a->sufficed ? ZG_CSDP_STOP : ZG_CSDP_CONTINUE;
        (void)zg_write_all(a->child.channel, &answer,
                           1); /* should it be gone, the next read says how */
    }
    return ZG_OK;
}

/* The error measures of the last point, kept from the attempt that ends the ladder. */
static void measure(run *r, const attempt *a)
{
    double dimacs[6];
    if (!zg_sdp_point_finite(a->sdp, &a->point)) return;
    if (zg_sdp_dimacs(a->sdp, &a->point, dimacs) != ZG_OK) return;
    memcpy(r->conic->dimacs, dimacs, sizeof dimacs);
    r->conic->has_dimacs = true;
    /* Only an answer that CSDP calls solved by itself is a claim. */
    r->conic->has_claim = a->outcome == FINISHED && a->code == 0 && !a->sufficed;
    if (r->conic->has_claim)
        zg_sdp_claim(a->sdp, &a->point, 0, r->values[OPTION_LIMIT].number, &r->conic->claim);
}

/* ---- what became of it ---------------------------------------------------------------------- */

static const char *code_text(int code)
{
    static const char *const texts[] = {
        "solved",
        "primal infeasible",
        "dual infeasible",
        "solved with reduced accuracy",
        "too many iterations",
        "stuck at the edge of primal feasibility",
        "stuck at the edge of dual feasibility",
        "lack of progress",
        "a matrix became singular",
        "numbers that are not finite",
        "stopped by a signal",
    };
    if (code < 0 || (size_t)code >= sizeof texts / sizeof *texts) return "an unknown return code";
    return texts[code];
}

/* A child that ended without a result. */
static zg_status explain_end(const attempt *a, zg_error *error)
{
    int status = a->child.wait_status;
    char how[96];
    zg_child_describe(status, how, sizeof how);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return zg_fail(error, ZG_NO_MEMORY,
                       "CSDP was killed from outside after %ld iterations, most likely by the "
                       "system for lack of memory",
                       a->iterations);
    if (WIFSIGNALED(status))
        return zg_fail(error, ZG_FAILED, "CSDP %s after %ld iterations", how, a->iterations);
    switch (WEXITSTATUS(status)) {
    case 205:
    case ZG_CSDP_STORAGE:
        return zg_fail(error, ZG_NO_MEMORY,
                       "CSDP ran out of memory after %ld iterations (%zu variables)", a->iterations,
                       a->sdp->variables);
    case 206:
        return zg_fail(error, ZG_FAILED,
                       "CSDP refused the semidefinite program as malformed (its exit status 206)");
    case ZG_CSDP_FILE:
        return zg_fail(error, ZG_IO, "param.csdp could not be written in \"%s\"", a->scratch.path);
    case ZG_CSDP_UNLOADED:
        return zg_fail(error, ZG_FAILED,
                       "the part of zerogap that calls CSDP cannot be loaded: install the package "
                       "zerogap-csdp of the same version");
    default:
        return zg_fail(error, ZG_FAILED,
                       "CSDP %s after %ld iterations, before its answer was complete", how,
                       a->iterations);
    }
}

static zg_status explain(const run *r, attempt *a, zg_error *error)
{
    switch (a->outcome) {
    case FINISHED:
        if (a->code == 1 && zg_loss_has(r->conic->program.loss.kind, ZG_LOSS_EXACT))
            return zg_fail(error, ZG_FAILED, "CSDP finds that no network interpolates the targets");
        return ZG_OK;
    case STOPPED:
        return zg_fail(error, ZG_STOPPED, "stopped on request after %ld iterations", a->iterations);
    case OVERTIME:
        return zg_fail(error, ZG_TIMEOUT,
                       "CSDP reached the time limit of %g s after %ld iterations",
                       r->control->seconds, a->iterations);
    case STALLED:
        return zg_fail(error, ZG_FAILED,
                       "CSDP gave no sign of life for %g s after %ld iterations and was killed",
                       patience_of(r, a->sdp), a->iterations);
    case BROKEN:
        zg_child_wait(&a->child, 1);
        return explain_end(a, error);
    case GARBAGE:
        break;
    }
    return zg_fail(error, ZG_FAILED, "CSDP answered with garbage after %ld iterations",
                   a->iterations);
}

/* One line on the attempt; silence when all went well. */
static void remark(run *r, const attempt *a)
{
    double gap = zg_conic_gap(r->conic);
    char text[sizeof r->last], left[64];
    bool ended_well = a->outcome == STOPPED || (r->status == ZG_OK && a->code == 0);
    if (ended_well && gap <= r->tolerance) {
        if (a->rung != ladder) note(r, "%s: solved", a->rung->name);
        return;
    }
    zg_conic_gap_text(r->conic, left, sizeof left);
    if (r->status != ZG_OK)
        snprintf(text, sizeof text, "%.250s", r->failure.message);
    else
        snprintf(text, sizeof text, "CSDP reports \"%s\" (%d) after %ld iterations, %s",
                 code_text(a->code), a->code, a->iterations, left);
    note(r, "%s: %s", a->rung->name, strcmp(text, r->last) == 0 ? "the same" : text);
    memcpy(r->last, text, sizeof text);
}

/* ---- the ladder ----------------------------------------------------------------------------- */

static zg_status start(const run *r, attempt *a, zg_error *error)
{
    zg_status status = zg_sdp_create(r->conic->posed, a->rung->scaling, &a->sdp, error);
    if (status == ZG_OK && time_left(r) <= 0)
        return zg_fail(error, ZG_TIMEOUT,
                       "the time limit of %g s was over before the program was written down for "
                       "CSDP",
                       r->control->seconds);
    if (status == ZG_OK) status = zg_sdp_validate(a->sdp, error);
    if (status == ZG_OK && zg_sdp_point_create(a->sdp, &a->point) != ZG_OK)
        status = zg_no_memory(error);
    if (status == ZG_OK) status = zg_scratch_make(&a->scratch, error);
    if (status != ZG_OK) return status;
    zg_csdp_job job = {a->sdp,
                       {r->values[OPTION_ACCURACY].number, a->rung->step_low, a->rung->step_high,
                        a->rung == ladder ? 100 : 200, r->control->threads, a->rung == ladder},
                       ""};
    if (zg_method_csdp.module)
        status = zg_module_find(zg_method_csdp.module, job.module, sizeof job.module, error);
    if (status != ZG_OK) return status;
    const zg_child_plan plan = {
        .body = zg_csdp_child, .context = &job, .directory = a->scratch.path, .channel = true};
    return zg_child_start(&plan, &a->child, error);
}

/* Makes one attempt; the result is in r->status and r->failure.  false: no use to go on. */
static bool try_rung(run *r, const rung *step)
{
    attempt a = {.rung = step, .child = {.channel = -1}, .outcome = BROKEN};
    r->status = start(r, &a, &r->failure);
    bool started = r->status == ZG_OK;
    if (started) {
        r->status = follow(r, &a);
        if (r->status != ZG_OK)
            zg_no_memory(&r->failure);
        else
            r->status = explain(r, &a, &r->failure);
        measure(r, &a);
        remark(r, &a);
    }
    r->iterations += a.iterations;
    zg_child_clear(&a.child);
    zg_scratch_remove(&a.scratch);
    zg_sdp_point_clear(&a.point);
    zg_sdp_free(a.sdp);
    return started && (r->status == ZG_OK || r->status == ZG_FAILED);
}

static void climb(run *r)
{
    size_t last = (size_t)r->values[OPTION_RETRIES].number;
    for (size_t i = 0; i <= last && i < sizeof ladder / sizeof *ladder; i++) {
        if (i > 0 && time_left(r) <= 0) {
            r->status = zg_fail(&r->failure, ZG_TIMEOUT, "CSDP reached the time limit of %g s",
                                r->control->seconds);
            return;
        }
        bool useful = try_rung(r, &ladder[i]);
        if (zg_conic_gap(r->conic) <= r->tolerance || !useful) return;
    }
}

/* ---- the method ----------------------------------------------------------------------------- */

static zg_status finish(run *r, zg_solution *solution, zg_error *error)
{
    bool good = zg_conic_gap(r->conic) <= r->tolerance;
    solution->iterations = r->iterations;
    memcpy(solution->message, r->note, sizeof solution->message);
    if (zg_conic_finish(r->conic, r->aim, solution) != ZG_OK) return zg_no_memory(error);
    /* The certificate decides, whatever became of CSDP. */
    if (good || r->status == ZG_OK) return ZG_OK;
    return zg_fail(error, r->status, "%s", r->failure.message);
}

static zg_status solve_output(const zg_problem *problem, size_t output, const zg_value *values,
                              const zg_control *control, zg_stopwatch *watch, zg_solution *solution,
                              zg_error *error)
{
    run r = {.values = values, .control = control, .watch = watch};
    bool compress = values[OPTION_COMPRESS].number != 0;
    zg_status status = zg_conic_create(problem, output, compress, &r.conic, error);
    if (status != ZG_OK) return status;
    r.tolerance = control->tolerance;
    r.aim = fmin(control->tolerance, values[OPTION_ACCURACY].number);
    if (r.conic->compression && r.conic->compression->rank < problem->samples)
        note(&r, "%zu samples reduced to %zu rows", problem->samples, r.conic->compression->rank);
    if (!zg_conic_reached(r.conic, r.aim)) climb(&r);
    status = finish(&r, solution, error);
    zg_conic_free(r.conic);
    return status;
}

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    (void)values;
    zg_status status = zg_conic_check(problem, "csdp", error);
    return status ? status : zg_method_ready(&zg_method_csdp, error);
}

static zg_status solve(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    zg_status status = check(problem, values, error);
    return status ? status
                  : zg_conic_solve(problem, values, control, solve_output,
                                   values[OPTION_REDUCE].number != 0.0, solution, error);
}

const zg_method zg_method_csdp = {
    .name = "csdp",
    .summary = "CSDP, a primal-dual interior-point method for general semidefinite programs",
    .convex = true,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .check = check,
    .solve = solve,
    .module = ZG_CSDP_MODULE,
};
