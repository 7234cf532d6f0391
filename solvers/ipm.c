/* The method "ipm": a primal-dual interior-point method made for these programs (docs/ipm.md). */
#include "solvers/ipm.h"

#include "base/linalg.h"
#include "solvers/compress.h"
#include "solvers/conic.h"
#include "solvers/ipm_solve.h"
#include "solvers/robust_solve.h"
#include "solvers/solver.h"
#include "solvers/work.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_SPACE, OPTION_ITERATIONS, OPTION_REDUCE };
enum { SPACE_AUTO, SPACE_SAMPLES, SPACE_FEATURES };

static const zg_option options[] = {
    {"space", ZG_OPTION_CHOICE, "auto", "auto,samples,features", 0, 0,
     "where the Newton systems are solved: one unknown per sample or per feature"},
    {"iterations", ZG_OPTION_INTEGER, "100", NULL, 1, 10000, "most iterations of one attempt"},
    {"reduce", ZG_OPTION_FLAG, "false", NULL, 0, 0,
     "fewer neurons with the same predictions, towards Pataki's bound, at no cost in the "
     "objective"},
};

/* Largest order of a dense matrix that a second attempt may need. */
#define FALLBACK_ORDER 6000
/* Iterations of a solve, for the choice of its space. */
#define MANY_ITERATIONS 15.0
/* Up to this many samples a loss with kinks is solved among the samples whatever the features: that
 * is fast enough and loses fewer digits. */
#define SMALL_SAMPLES 1000
/* Doubles that an explicit feature matrix may hold. */
#define FEATURE_LIMIT 250e6

/* What the previous solve on a path of betas left behind for one output. */
typedef struct warm {
    zg_space_kind kind;
    zg_ipm_answer answer; /* storage NULL: nothing yet */
} warm;

/* The problem that zg_solve_outputs passes on, with what its outputs share. */
typedef struct job {
    zg_problem problem; /* first: a pointer to it is a pointer to the job */
    zg_sums *sums;
    zg_gram *gram;
    warm *warm; /* outputs, or NULL: not on a path */
} job;

typedef struct run {
    job *shared;
    const zg_value *values;
    const zg_control *control;
    zg_stopwatch *watch;
    zg_conic *conic;
    double tolerance;
    long iterations;
    bool limited;     /* the last attempt made all iterations that it may */
    zg_status status; /* of the last attempt */
    zg_error failure;
} run;

/* One attempt in one space. */
typedef struct attempt {
    zg_space *space;
    zg_ipm *ipm;
    const zg_compression *compression; /* or NULL */
    double *work;                      /* of the lift: sums only */
    double aim;                        /* gap at which the next judgement is due */
    zg_patience patience;
} attempt;

/* ---- from iterates to answers ---------------------------------------------------------------- */

/* conic->v from the best dual iterate. */
static void extract_dual(const run *r, const attempt *a)
{
    zg_conic *conic = r->conic;
    const zg_space *space = a->space;
    const double *best = a->ipm->best_x;
    size_t n = conic->problem->samples, m = space->order;
    if (space->kind != ZG_SPACE_SUMS) {
        double *v = a->compression ? conic->w : conic->v;
        for (size_t i = 0; i < space->unknowns; i++)
            v[i] = space->dual_unit * best[i];
        if (a->compression) zg_compression_dual(a->compression, conic->w, conic->v);
        return;
    }
    memset(conic->v, 0, n * sizeof *conic->v);
    for (size_t g = 0; g < space->groups; g++) {
        zg_smat(m, best + g * zg_svec_size(m), a->ipm->t);
        zg_lift_apply(conic->program.lift, g, a->ipm->t, space->block_unit, conic->v, a->work);
    }
    for (size_t i = 0; i < n; i++) {
        double weight = conic->program.weights ? conic->program.weights[i] : 1.0;
        conic->v[i] = weight * (conic->program.y[i] - conic->v[i]);
    }
}

static void extract(const run *r, const attempt *a)
{
    size_t block = a->space->order * a->space->order;
    for (size_t k = 0; k < a->ipm->cones; k++) {
        double *to = (k % 2 ? r->conic->zn : r->conic->z)[k / 2];
        for (size_t e = 0; e < block; e++)
            to[e] = a->space->block_unit * a->ipm->best_blocks[k * block + e];
    }
    extract_dual(r, a);
}

static bool finite_answer(const run *r, const attempt *a)
{
    const zg_conic *conic = r->conic;
    size_t block = a->space->order * a->space->order;
    double infinite = zg_all_finite(conic->problem->samples, conic->v) ? 0.0 : 1.0;
    zg_team_max(conic->program.lift->team, 1, &infinite);
    if (infinite > 0.0) return false;
    for (size_t g = 0; g < a->space->groups; g++)
        if (!isfinite(zg_norm(block, conic->z[g])) || !isfinite(zg_norm(block, conic->zn[g])))
            return false;
    return true;
}

static zg_status judge(const run *r, const attempt *a)
{
    extract(r, a);
    return finite_answer(r, a) ? zg_conic_judge(r->conic) : ZG_OK;
}

/* Reporting is not charged to the method. */
static bool report(const run *r, const attempt *a)
{
    if (!r->control->observer) return true;
    zg_stopwatch_pause(r->watch);
    extract(r, a);
    zg_stopwatch_start(r->watch);
    return !finite_answer(r, a) || zg_conic_report(r->conic, r->control, r->watch, r->iterations);
}

/* ---- the iteration of one attempt ------------------------------------------------------------ */

static double internal_gap(const run *r, const attempt *a)
{
    double unit = a->space->objective_unit, constant = a->space->constant;
    double upper = unit * a->ipm->upper + constant, lower = unit * a->ipm->lower + constant;
    double least = 1.0 / (double)r->conic->problem->outputs;
    return isfinite(upper) ? (upper - lower) / fmax(least, fabs(upper)) : INFINITY;
}

/* Whether the attempt has come to its end; judges when a gap within reach is seen. */
static bool finished(run *r, attempt *a)
{
    double gap = internal_gap(r, a);
    if (gap <= a->aim) {
        r->status = judge(r, a);
        if (r->status != ZG_OK || zg_conic_gap(r->conic) <= r->tolerance) return true;
        a->aim = fmin(0.1 * a->aim, 0.5 * gap);
    }
    return !zg_patience_left(&a->patience, a->ipm, gap);
}

static bool interrupted(run *r, const attempt *a)
{
    if (!report(r, a))
        r->status = zg_fail(&r->failure, ZG_STOPPED, "stopped on request after %ld iterations",
                            r->iterations);
    else if (r->control->seconds > 0.0 &&
             zg_team_shared(r->conic->program.lift->team, zg_stopwatch_read(r->watch)) >=
                 r->control->seconds)
        r->status = zg_fail(&r->failure, ZG_TIMEOUT,
                            "the interior-point method reached the time limit of %g s after %ld "
                            "iterations",
                            r->control->seconds, r->iterations);
    return r->status != ZG_OK;
}

static void iterate(run *r, attempt *a, const zg_ipm_answer *answer)
{
    long limit = r->iterations + (long)r->values[OPTION_ITERATIONS].number;
    r->status = ZG_OK;
    r->limited = false;
    a->aim = 0.9 * r->tolerance;
    a->patience = zg_patience_begin();
    if (answer)
        zg_ipm_warm_start(a->ipm, answer);
    else
        zg_ipm_start(a->ipm);
    for (;;) {
        zg_ipm_measure(a->ipm);
        if (finished(r, a) || interrupted(r, a)) break;
        r->limited = r->iterations >= limit;
        if (r->limited) break;
        if (zg_ipm_step(a->ipm) != ZG_OK) break;
        r->iterations++;
    }
    if (r->status != ZG_NO_MEMORY && zg_conic_gap(r->conic) > r->tolerance) {
        zg_status judged = judge(r, a);
        if (judged != ZG_OK) r->status = judged;
    }
}

static void attempt_clear(attempt *a)
{
    zg_ipm_free(a->ipm);
    zg_space_free(a->space);
    free(a->work);
}

static bool settled(const run *r)
{
    return zg_conic_gap(r->conic) <= r->tolerance || r->status == ZG_STOPPED ||
           r->status == ZG_TIMEOUT || r->status == ZG_NO_MEMORY;
}

/* On a path: from the previous answer, and from a cold start where that leads nowhere. */
static void iterate_warm(run *r, attempt *a, warm *w)
{
    bool usable = w->answer.storage && w->kind == a->space->kind;
    iterate(r, a, usable ? &w->answer : NULL);
    if (usable && !settled(r)) iterate(r, a, NULL);
    zg_ipm_answer_clear(&w->answer);
    w->kind = a->space->kind;
    if (zg_ipm_answer_create(a->ipm, &w->answer) != ZG_OK) r->status = ZG_NO_MEMORY;
}

static void try_space(run *r, attempt *a)
{
    r->status = zg_ipm_create(a->space, &a->ipm);
    if (r->status == ZG_OK && r->shared->warm && !a->compression)
        iterate_warm(r, a, &r->shared->warm[r->conic->output]);
    else if (r->status == ZG_OK)
        iterate(r, a, NULL);
    attempt_clear(a);
}

/* ---- the attempts ---------------------------------------------------------------------------- */

static void try_program(run *r, zg_space_kind kind, const zg_program *program,
                        const zg_compression *compression)
{
    attempt a = {.compression = compression};
    r->status = zg_space_from_program(program, kind, &a.space);
    if (r->status == ZG_OK) try_space(r, &a);
}

/* The sums over samples, once for all outputs. */
static zg_status share_sums(job *shared)
{
    const zg_problem *p = &shared->problem;
    if (!shared->sums) {
        zg_status status =
            zg_sums_create(p->activation, &p->patches, p->outputs, &shared->sums, NULL);
        if (status != ZG_OK) return status;
        zg_sums_add_team(shared->sums, p->lift->team, p->samples, p->x, p->y, p->samples,
                         p->weights);
        zg_sums_finish(shared->sums);
    }
    return shared->gram ? ZG_OK : zg_gram_create(shared->sums, &shared->gram);
}

static void try_sums(run *r)
{
    const zg_conic *conic = r->conic;
    attempt a = {.work = zg_doubles(zg_lift_work(conic->program.lift))};
    r->status = a.work ? share_sums(r->shared) : ZG_NO_MEMORY;
    if (r->status == ZG_OK)
        r->status = zg_space_from_sums(r->shared->sums, r->shared->gram, NULL, conic->output,
                                       conic->program.beta, &a.space);
    if (r->status == ZG_OK)
        try_space(r, &a);
    else
        attempt_clear(&a);
}

static void try_compressed(run *r)
{
    zg_compression *compression = NULL;
    r->status = zg_compress(&r->conic->program, &compression, &r->failure);
    if (r->status == ZG_OK) try_program(r, ZG_SPACE_SAMPLES, &compression->program, compression);
    zg_compression_free(compression);
}

/* Whether an unknown per feature is less work than one per sample. */
static bool prefers_features(const zg_program *program)
{
    /* Interpolation leaves no curvature to invert: it stays with the samples. */
    if (zg_loss_has(program->loss.kind, ZG_LOSS_EXACT) || program->lift->features) return false;
    zg_shape shape = zg_shape_of(program->lift, program->loss);
    if (!shape.sums && program->lift->samples <= SMALL_SAMPLES) return false;
    return shape.samples > shape.features &&
           zg_features_work(&shape, MANY_ITERATIONS) < zg_samples_work(&shape, MANY_ITERATIONS);
}

static bool in_features(const run *r)
{
    const zg_program *program = &r->conic->program;
    double choice = r->values[OPTION_SPACE].number;
    bool possible = !zg_loss_has(program->loss.kind, ZG_LOSS_EXACT) && !program->lift->features;
    if (program->lift->team) return true; /* check() sees to it that this is possible */
    if (possible && choice != SPACE_AUTO) return choice == SPACE_FEATURES;
    return prefers_features(program);
}

zg_ipm_effort zg_ipm_foresee(const zg_problem *problem)
{
    zg_program program = zg_problem_program(problem, 0);
    zg_shape shape = zg_shape_of(program.lift, program.loss);
    double n = shape.samples, g = shape.groups, p = shape.features;
    double rows = n + 2 * g, grams = 2 * g * n * shape.order * shape.patches;
    if (!prefers_features(&program))
        return (zg_ipm_effort){.work = zg_samples_work(&shape, MANY_ITERATIONS),
                               .order = n,
                               .bytes = 8.0 * (rows * rows + grams)};
    return (zg_ipm_effort){.work = zg_features_work(&shape, MANY_ITERATIONS),
                           .order = p,
                           .bytes = 8.0 * (shape.sums ? 5 * p * p : 2 * p * p + 1024 * p),
                           .features = true};
}

/* The QR reduction removes dependent rows, the usual cause of an early end. */
static bool reducible(const zg_program *program)
{
    double n = (double)program->lift->samples;
    double p = (double)program->lift->groups * (double)zg_svec_size(program->lift->order);
    if (zg_loss_exact_row(program->lift->samples, program->weights) != SIZE_MAX) return false;
    return (zg_loss_has(program->loss.kind, ZG_LOSS_QUADRATIC) ||
            zg_loss_has(program->loss.kind, ZG_LOSS_EXACT)) &&
           n * p < FEATURE_LIMIT && fmin(n, p) <= FALLBACK_ORDER;
}

static void solve_squared(run *r)
{
    const zg_program *program = &r->conic->program;
    size_t features = zg_svec_size(program->lift->order);
    bool many = program->lift->features && program->lift->samples > features;
    if (in_features(r))
        try_sums(r);
    else if (many && reducible(program)) /* sums are of values at points */
        try_compressed(r);
    else
        try_program(r, ZG_SPACE_SAMPLES, program, NULL);
    if (!settled(r) && !program->lift->team && reducible(program)) try_compressed(r);
}

static void solve_interpolation(run *r)
{
    if (reducible(&r->conic->program))
        try_compressed(r);
    else
        try_program(r, ZG_SPACE_SAMPLES, &r->conic->program, NULL);
}

/* Losses that are not squared: each space is the other's second attempt. */
static void solve_general(run *r)
{
    const zg_program *program = &r->conic->program;
    const zg_lift *lift = program->lift;
    double n = (double)lift->samples;
    double p = (double)lift->groups * (double)zg_svec_size(lift->order);
    bool features = in_features(r);
    try_program(r, features ? ZG_SPACE_WOODBURY : ZG_SPACE_SAMPLES, program, NULL);
    if (settled(r) || lift->features) return;
    if (features && n <= FALLBACK_ORDER) try_program(r, ZG_SPACE_SAMPLES, program, NULL);
    if (!features && n > p) try_program(r, ZG_SPACE_WOODBURY, program, NULL);
}

static void solve_program(run *r)
{
    zg_loss_kind loss = r->conic->program.loss.kind;
    if (zg_loss_has(loss, ZG_LOSS_QUADRATIC))
        solve_squared(r);
    else if (zg_loss_has(loss, ZG_LOSS_EXACT))
        solve_interpolation(r);
    else
        solve_general(r);
}

/* ---- the method ------------------------------------------------------------------------------ */

static zg_status finish(run *r, zg_solution *solution, zg_error *error)
{
    double gap = zg_conic_gap(r->conic);
    bool good = gap <= r->tolerance;
    solution->iterations = r->iterations;
    char text[64];
    zg_conic_gap_text(r->conic, text, sizeof text);
    if (!good && r->status == ZG_OK)
        snprintf(solution->message, sizeof solution->message, "%s; %s",
                 r->limited ? "the limit of iterations was reached"
                            : "rounding ended the iteration",
                 text);
    if (zg_conic_finish(r->conic, 0.01 * r->tolerance, solution) != ZG_OK)
        return zg_no_memory(error);
    if (good || r->status == ZG_OK) return ZG_OK;
    if (r->status == ZG_STOPPED || r->status == ZG_TIMEOUT || r->status == ZG_BAD_INPUT ||
        r->status == ZG_INFEASIBLE)
        return zg_fail(error, r->status, "%s", r->failure.message);
    if (r->status == ZG_NO_MEMORY) return zg_no_memory(error);
    snprintf(solution->message, sizeof solution->message, "%.400s; %s",
             r->failure.message[0] ? r->failure.message : "the Newton matrix could not be factored",
             text);
    return ZG_OK;
}

static zg_status solve_output(const zg_problem *problem, size_t output, const zg_value *values,
                              const zg_control *control, zg_stopwatch *watch, zg_solution *solution,
                              zg_error *error)
{
    run r = {.shared = (job *)problem,
             .values = values,
             .control = control,
             .watch = watch,
             .tolerance = control->tolerance};
    zg_status status = zg_conic_create(problem, output, false, &r.conic, error);
    if (status != ZG_OK) return status;
    if (zg_conic_gap(r.conic) > r.tolerance) solve_program(&r);
    status = finish(&r, solution, error);
    zg_conic_free(r.conic);
    return status;
}

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    (void)values;
    if (problem->lift->team && !zg_loss_has(problem->loss.kind, ZG_LOSS_QUADRATIC))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "over several processes ipm has sums of the squared loss only; for other "
                       "losses use the method \"low-rank\"");
    if (problem->lift->team && problem->robust > 0.0)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "robust problems are solved in one process: their rows move");
    if (problem->robust > 0.0 && problem->architecture.kind != ZG_DENSE)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "ipm trains dense networks against balls; for convolutions use the method "
                       "\"exchange\"");
    if (problem->penalty.kind == ZG_PENALTY_L1) return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "ipm solves the l1-penalised problem only; for weight decay use the method "
                   "\"branch-and-bound\"");
}

zg_status zg_ipm_path(const zg_problem *problem, const zg_value *values, size_t count,
                      const double *betas, const zg_control *control, zg_solution *solutions,
                      zg_error *error)
{
    zg_status status = check(problem, values, error);
    if (status != ZG_OK) return status;
    job shared = {.problem = *problem};
    if (count > 1 && !(shared.warm = calloc(problem->outputs, sizeof *shared.warm)))
        return zg_no_memory(error);
    zg_blas_set_threads(control->threads);
    for (size_t i = 0; status == ZG_OK && i < count; i++) {
        shared.problem.beta = betas[i];
        status = zg_conic_solve(&shared.problem, values, control, solve_output,
                                values[OPTION_REDUCE].number != 0.0, &solutions[i], error);
    }
    for (size_t c = 0; shared.warm && c < problem->outputs; c++)
        zg_ipm_answer_clear(&shared.warm[c].answer);
    free(shared.warm);
    zg_gram_free(shared.gram);
    zg_sums_free(shared.sums);
    return status;
}

static zg_status solve(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    if (problem->robust > 0.0)
        return zg_robust_solve(problem, (long)values[OPTION_ITERATIONS].number, control, solution,
                               error);
    return zg_ipm_path(problem, values, 1, &problem->beta, control, solution, error);
}

const zg_method zg_method_ipm = {
    .name = "ipm",
    .summary = "primal-dual interior-point method that knows the structure of the lift",
    .convex = true,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .check = check,
    .solve = solve,
    .functionals = true,
    .robust = true,
};
