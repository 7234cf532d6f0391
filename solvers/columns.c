/* The method "columns": the global optimum over a finite set of neurons; and "relaxation", which
 * bounds it and rounds (docs/quantised.md). */
#include "base/linalg.h"
#include "base/memory.h"
#include "base/number.h"
#include "core/network_levels.h"
#include "core/safe.h"
#include "core/support.h"
#include "solvers/l1.h"
#include "solvers/relaxation.h"
#include "solvers/solver.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_SAMPLES, OPTION_COLUMNS, OPTION_ROUNDS };

static const zg_option options[] = {
    {"samples", ZG_OPTION_INTEGER, "0", NULL, 0, 100000,
     "neurons to begin with, rounded from the semidefinite relaxation (binary and bilinear)"},
    {"columns", ZG_OPTION_INTEGER, "20", NULL, 1, 1000, "neurons that a round adds at most"},
    {"rounds", ZG_OPTION_INTEGER, "1000", NULL, 1, 100000, "most rounds"},
};

static const zg_option relaxation_options[] = {
    {"samples", ZG_OPTION_INTEGER, "500", NULL, 1, 100000,
     "neurons rounded from the relaxation, among which the network is chosen"},
};

/* The restricted problem is solved to this part of the gap that is left. */
#define INNER_SHARE 0.01
#define INNER_LEAST 1e-12
/* Output weights below this part of the largest are noise. */
#define NOISE 1e-11
/* With interpolation: the first price of a miss, in units of beta over a typical response; what it
 * grows by while a sample is worth more; and how often. */
#define FIRST_REACH 1e3
#define REACH_GROWTH 100.0
#define MOST_REACHES 4
/* Columns beyond this multiple of the samples: those that have long had no weight go. */
#define MANY_COLUMNS 4
#define IDLE_SLACK 0.5

/* The neurons in play. */
typedef struct pool {
    size_t n, count, room_f, room_levels, room_group, room_alpha;
    size_t width;  /* of levels */
    double *f;     /* n x count, column-major: their responses */
    int *levels;   /* count x width */
    size_t *group; /* count */
    double *alpha; /* count */
} pool;

typedef struct run {
    const zg_problem *problem;
    zg_program program;
    size_t output;
    size_t samples, columns; /* neurons from rounding, and of a round */
    long most_rounds;
    const zg_control *control;
    zg_stopwatch *watch;
    pool pool;
    zg_candidates best; /* of one group */
    double *v, *kept_v, *t, *work, *u, *patch;
    double reach, lower, upper, lambda;
    zg_network *network; /* the best so far */
    long rounds;
    bool added;
    zg_relaxation relaxation; /* with samples */
    double above;             /* pairs: the relaxation at K beta, as computed */
} run;

/* ---- memory ---------------------------------------------------------------------------------- */

static void run_clear(run *r)
{
    double *owned[] = {r->v, r->kept_v, r->t, r->work, r->u, r->patch, r->pool.f, r->pool.alpha};
    for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
        free(owned[k]);
    free(r->pool.levels);
    free(r->pool.group);
    zg_candidates_clear(&r->best);
    zg_network_free(r->network);
    zg_relaxation_clear(&r->relaxation);
}

static zg_status run_create(run *r)
{
    const zg_problem *p = r->problem;
    const zg_lift *lift = p->lift;
    size_t n = p->samples, width = zg_neuron_set_width(p->neuron_set, p->patches.width);
    r->pool = (pool){.n = n, .width = width};
    r->v = zg_doubles(n);
    r->kept_v = zg_doubles(n);
    r->t = zg_doubles(lift->order * lift->order);
    r->work = zg_doubles(zg_lift_work(lift));
    r->u = zg_doubles(2 * width);
    r->patch = zg_doubles(p->patches.patches * p->patches.width);
    if (!r->v || !r->kept_v || !r->t || !r->work || !r->u || !r->patch) return ZG_NO_MEMORY;
    zg_status status = zg_candidates_create(r->columns, width, &r->best);
    if (status == ZG_OK) status = zg_network_create(p, &r->network, NULL);
    return status;
}

static bool pool_reserve(pool *p)
{
    size_t needed = p->count + 1;
    double *f = zg_grow(p->f, &p->room_f, needed, p->n * sizeof *f);
    if (f) p->f = f;
    int *levels = zg_grow(p->levels, &p->room_levels, needed, p->width * sizeof *levels);
    if (levels) p->levels = levels;
    size_t *group = zg_grow(p->group, &p->room_group, needed, sizeof *group);
    if (group) p->group = group;
    double *alpha = zg_grow(p->alpha, &p->room_alpha, needed, sizeof *alpha);
    if (alpha) p->alpha = alpha;
    return f && levels && group && alpha;
}

/* ---- columns --------------------------------------------------------------------------------- */

/* The mean over patches of the response of one sample, from the neuron's unit vectors in r->u. */
static double respond(const run *r, size_t group, size_t sample)
{
    const zg_problem *p = r->problem;
    const zg_patches *patches = &p->patches;
    zg_activation s = p->activation;
    size_t width = patches->width;
    double sum = 0.0;
    zg_patches_gather(patches, group, 1, p->x + sample * p->inputs, r->patch);
    for (size_t q = 0; q < patches->patches; q++) {
        double t = zg_dot(width, r->patch + q * width, r->u);
        if (p->neuron_set.kind == ZG_SET_BILINEAR)
            sum += s.a * t * zg_dot(width, r->patch + q * width, r->u + width);
        else
            sum += (s.a * t + s.b) * t + s.c;
    }
    return sum / (double)patches->patches;
}

static bool is_known(const pool *p, size_t group, const int *levels)
{
    for (size_t j = 0; j < p->count; j++)
        if (p->group[j] == group &&
            memcmp(p->levels + j * p->width, levels, p->width * sizeof *levels) == 0)
            return true;
    return false;
}

static zg_status add_column(run *r, size_t group, const int *levels)
{
    pool *p = &r->pool;
    size_t width = r->problem->patches.width;
    if (is_known(p, group, levels)) return ZG_OK;
    if (!pool_reserve(p)) return ZG_NO_MEMORY;
    for (size_t half = 0; half < p->width; half += width)
        zg_neuron_set_place(width, levels + half, r->u + half);
    for (size_t i = 0; i < p->n; i++)
        p->f[p->count * p->n + i] = respond(r, group, i);
    memcpy(p->levels + p->count * p->width, levels, p->width * sizeof *levels);
    p->group[p->count] = group;
    p->alpha[p->count++] = 0.0;
    r->added = true;
    return ZG_OK;
}

/* Leaves out what has no weight and is far from getting one. */
static void drop_idle(run *r)
{
    pool *p = &r->pool;
    size_t kept = 0;
    if (p->count < MANY_COLUMNS * p->n) return;
    for (size_t j = 0; j < p->count; j++) {
        double product = fabs(zg_dot(p->n, p->f + j * p->n, r->v));
        if (p->alpha[j] == 0.0 && product < IDLE_SLACK * r->program.beta) continue;
        memmove(p->f + kept * p->n, p->f + j * p->n, p->n * sizeof *p->f);
        memmove(p->levels + kept * p->width, p->levels + j * p->width,
                p->width * sizeof *p->levels);
        p->group[kept] = p->group[j];
        p->alpha[kept++] = p->alpha[j];
    }
    p->count = kept;
}

/* ---- the oracle ------------------------------------------------------------------------------ */

/* The bound that v proves, with the neurons that respond most to it as new columns. */
static zg_status ask(run *r, const double *v)
{
    const zg_program *program = &r->program;
    const zg_lift *lift = program->lift;
    zg_status status = ZG_OK;
    r->lambda = 0.0;
    for (size_t g = 0; g < lift->groups && status == ZG_OK; g++) {
        double value[2];
        zg_lift_adjoint(lift, g, v, r->t, r->work);
        const zg_set_form form = {lift->order, lift->bordered, r->t,
                                  zg_lift_adjoint_error(lift, g, v)};
        r->best.count = 0;
        status = zg_support_best(program->neuron_set, &form, program->beta, value, &r->best);
        r->lambda = zg_upper_max(r->lambda, zg_upper_max(value[0], value[1]));
        for (size_t c = 0; c < r->best.count && status == ZG_OK; c++)
            if (fabs(r->best.value[c]) > program->beta || r->pool.count == 0)
                status = add_column(r, g, r->best.levels + c * r->pool.width);
    }
    if (status != ZG_OK) return status;
    double limit = zg_quotient_below(program->beta, r->lambda);
    double s = zg_loss_best_scale(program->loss, r->pool.n, v, program->y, program->weights, limit);
    double below = zg_loss_dual_below(program->loss, r->pool.n, s, v, program->y, program->weights);
    if (below > r->lower) {
        r->lower = below;
        memcpy(r->kept_v, v, r->pool.n * sizeof *v);
    }
    return ZG_OK;
}

/* ---- the restricted problem ------------------------------------------------------------------ */

static zg_status take_network(run *r)
{
    pool *p = &r->pool;
    zg_network *network;
    double objective = INFINITY;
    zg_status status = zg_network_create(r->problem, &network, NULL);
    for (size_t j = 0; j < p->count && status == ZG_OK; j++)
        if (p->alpha[j] != 0.0)
            status = zg_network_add_levels(network, r->problem->neuron_set, p->group[j],
                                           p->levels + j * p->width, r->output, p->alpha[j]);
    double *f = status == ZG_OK ? zg_doubles(p->n * r->problem->outputs) : NULL;
    if (status == ZG_OK && !f) status = ZG_NO_MEMORY;
    if (status == ZG_OK) status = zg_network_evaluate(network, p->n, r->problem->x, f);
    if (status == ZG_OK) objective = zg_network_output_objective(network, r->problem, r->output, f);
    free(f);
    if (status == ZG_OK && (objective < r->upper || isinf(r->upper))) {
        zg_network *before = r->network;
        r->network = network;
        network = before;
        r->upper = objective;
    }
    zg_network_free(network);
    return status;
}

static void forget_noise(pool *p)
{
    double most = 0.0;
    for (size_t j = 0; j < p->count; j++)
        most = fmax(most, fabs(p->alpha[j]));
    for (size_t j = 0; j < p->count; j++)
        if (!(fabs(p->alpha[j]) > NOISE * most)) p->alpha[j] = 0.0;
}

static double gap_of(const run *r)
{
    double least = 1.0 / (double)r->problem->outputs;
    return isfinite(r->upper) ? (r->upper - r->lower) / fmax(least, fabs(r->upper)) : INFINITY;
}

static zg_status solve_restricted(run *r, bool warm)
{
    pool *p = &r->pool;
    const zg_program *program = &r->program;
    const zg_l1 l1 = {.samples = p->n,
                      .columns = p->count,
                      .f = p->f,
                      .loss = program->loss,
                      .y = program->y,
                      .weights = program->weights,
                      .beta = program->beta,
                      .reach = r->reach};
    zg_l1_answer answer = {.v = r->v, .alpha = p->alpha};
    double tolerance = fmin(1e-2, INNER_SHARE * fmin(gap_of(r), 1.0));
    if (!r->added) tolerance = 0.0; /* the last digits are what is missing */
    zg_status status = zg_l1_solve(&l1, fmax(tolerance, INNER_LEAST), warm, &answer);
    if (status == ZG_OK) {
        forget_noise(p);
        status = zg_l1_vertex(&l1, p->alpha);
        if (status == ZG_FAILED) status = ZG_OK; /* more neurons than needed */
    }
    return status == ZG_OK ? take_network(r) : status;
}

/* Interpolation: dearer misses, while one is worth its price.  False: no further. */
static bool raise_reach(run *r, int *raised)
{
    double most = 0.0;
    if (!zg_loss_has(r->program.loss.kind, ZG_LOSS_EXACT)) return false;
    for (size_t i = 0; i < r->pool.n; i++)
        most = fmax(most, fabs(r->v[i]));
    if (most < 0.9 * r->reach || *raised >= MOST_REACHES) return false;
    r->reach *= REACH_GROWTH;
    *raised += 1;
    return true;
}

static void first_reach(run *r)
{
    double typical =
        zg_norm(r->pool.n, r->pool.f) / sqrt((double)r->pool.n); /* of the first column */
    r->reach = FIRST_REACH * r->program.beta / fmax(typical, 1e-300);
}

/* ---- rounds ---------------------------------------------------------------------------------- */

static bool report(const run *r)
{
    /* Where neurons cannot be counted, a bound takes a search that has just been made. */
    bool counted = zg_set_enumerable(r->problem->neuron_set, r->problem->patches.width);
    const zg_iterate iterate = {.unit = "round",
                                .number = r->rounds,
                                .output = r->output,
                                .objective = NAN,
                                .dual = counted ? r->kept_v : NULL,
                                .bound = counted ? -INFINITY : r->lower,
                                .network = r->network};
    return zg_report(r->control, r->watch, &iterate);
}

static zg_status interrupted(const run *r, zg_error *error)
{
    if (!report(r))
        return zg_fail(error, ZG_STOPPED, "stopped on request after %ld rounds", r->rounds);
    if (r->control->seconds > 0.0 && zg_stopwatch_read(r->watch) >= r->control->seconds)
        return zg_fail(error, ZG_TIMEOUT,
                       "columns reached the time limit of %g s after %ld rounds: the objective is "
                       "%.10g, the bound %.10g",
                       r->control->seconds, r->rounds, r->upper, r->lower);
    return ZG_OK;
}

/* The start: what the zero network's residual says. */
static zg_status begin(run *r)
{
    const zg_program *program = &r->program;
    size_t n = r->pool.n;
    zg_loss_gradient(program->loss, n, r->kept_v, program->y, program->weights, r->v);
    for (size_t i = 0; i < n; i++)
        r->v[i] = -r->v[i];
    zg_loss_project(program->loss, n, r->v, program->y, program->weights);
    r->upper = zg_loss_value(program->loss, n, r->kept_v, program->y, program->weights);
    zg_status status = ask(r, r->v);
    if (status == ZG_OK && r->pool.count) first_reach(r);
    return status;
}

/* ---- rounding the relaxation ----------------------------------------------------------------- */

/* The relaxation, whose bound is one on p*; for pairs also that at K beta, above p*. */
static zg_status relax(run *r, zg_error *error)
{
    zg_program wider = r->program;
    zg_status status =
        zg_relaxation_solve(&r->program, r->output, r->control, r->watch, &r->relaxation);
    r->above = INFINITY;
    if (status == ZG_OK && r->program.neuron_set.kind == ZG_SET_BILINEAR) {
        zg_relaxation relaxed;
        wider.beta = ZG_KRIVINE * r->program.beta;
        status = zg_relaxation_solve(&wider, r->output, r->control, r->watch, &relaxed);
        if (status == ZG_OK) r->above = relaxed.upper;
        r->relaxation.iterations += relaxed.iterations;
        zg_relaxation_clear(&relaxed);
    }
    if (r->relaxation.lower > r->lower) {
        r->lower = r->relaxation.lower;
        memcpy(r->kept_v, r->relaxation.v, r->pool.n * sizeof *r->kept_v);
    }
    if (status == ZG_TIMEOUT || status == ZG_STOPPED)
        return zg_fail(error, status, "the relaxation was stopped after %ld iterations",
                       r->relaxation.iterations);
    return status;
}

static zg_status add_rounded(run *r)
{
    size_t width = r->pool.width, made = 0;
    size_t *group = calloc(r->samples, sizeof *group);
    int *levels = calloc(r->samples * width, sizeof *levels);
    zg_status status = group && levels ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK)
        status =
            zg_relaxation_round(&r->relaxation, &r->program, r->samples, 0, &made, group, levels);
    for (size_t k = 0; k < made && status == ZG_OK; k++)
        status = add_column(r, group[k], levels + k * width);
    free(group);
    free(levels);
    return status;
}

static zg_status begin_rounded(run *r, zg_error *error)
{
    zg_status status = relax(r, error);
    if (status == ZG_FAILED) status = ZG_OK; /* without it, then */
    return status == ZG_OK && r->relaxation.blocks ? add_rounded(r) : status;
}

/* The relaxation's network: the best that its samples make. */
static zg_status round_once(run *r, zg_error *error)
{
    /* kept_v is 0 yet, as the zero network's predictions are. */
    r->upper =
        zg_loss_value(r->program.loss, r->pool.n, r->kept_v, r->program.y, r->program.weights);
    zg_status status = relax(r, error);
    if (status == ZG_OK) status = add_rounded(r);
    if (status != ZG_OK || r->pool.count == 0) return status;
    first_reach(r);
    r->added = true;
    status = solve_restricted(r, false);
    r->rounds = r->relaxation.iterations;
    return status;
}

/* What the relaxation says of p*, in words that cannot be taken for p* itself. */
static void describe_relaxation(const run *r, char *text, size_t size)
{
    char above[160] = "", low[ZG_NUMBER_SIZE], high[ZG_NUMBER_SIZE];
    zg_number_bound(r->relaxation.lower, 10, -1, low);
    zg_number_bound(r->relaxation.upper, 10, 1, high);
    if (isfinite(r->above)) {
        char most[ZG_NUMBER_SIZE];
        zg_number_bound(r->above, 10, 1, most);
        snprintf(above, sizeof above,
                 "; at %.4f beta it is %s as computed, and that optimum is not above, by "
                 "Grothendieck's inequality",
                 ZG_KRIVINE, most);
    }
    char which[40] = "";
    if (r->problem->outputs > 1) snprintf(which, sizeof which, "output %zu alone: ", r->output + 1);
    snprintf(text, size,
             "%sthe relaxation's optimum is between %s, proven, and %s, as computed: a lower bound "
             "on the optimum over these neurons, not that optimum%s",
             which, low, high, above);
}

/* ---- the method ------------------------------------------------------------------------------ */

static zg_status iterate(run *r, zg_error *error)
{
    double tolerance = 0.5 * r->control->tolerance;
    int raised = 0, idle = 0;
    zg_status status = begin(r);
    if (status == ZG_OK && r->samples > 0) status = begin_rounded(r, error);
    while (status == ZG_OK && gap_of(r) > tolerance) {
        status = interrupted(r, error);
        if (status != ZG_OK || r->rounds >= r->most_rounds) break;
        status = solve_restricted(r, r->rounds > 0);
        r->added = false;
        r->rounds++;
        if (status == ZG_OK) status = ask(r, r->v);
        if (status != ZG_OK || gap_of(r) <= tolerance) break;
        idle = r->added ? 0 : idle + 1;
        if (idle > 1 && !raise_reach(r, &raised)) break;
        drop_idle(r);
    }
    return status;
}

static zg_status give(run *r, zg_solution *solution)
{
    size_t n = r->problem->samples;
    solution->iterations = r->rounds;
    if (!r->network || !r->v) return ZG_OK;
    solution->network = r->network;
    r->network = NULL;
    solution->dual = zg_doubles(r->problem->outputs * n);
    if (!solution->dual) return ZG_NO_MEMORY;
    memcpy(solution->dual + r->output * n, r->kept_v, n * sizeof(double));
    return ZG_OK;
}

/* With a bound on p* or the relaxation's (rounding_only). */
static zg_status solve_program(run *r, bool rounding_only, zg_solution *solution, zg_error *error)
{
    zg_status status = run_create(r);
    r->upper = INFINITY;
    r->above = INFINITY;
    if (status == ZG_OK) status = rounding_only ? round_once(r, error) : iterate(r, error);
    zg_status given = give(r, solution);
    if (given != ZG_OK) status = given;
    solution->unit = rounding_only ? "iteration" : "round";
    size_t room = sizeof solution->message;
    if (status == ZG_OK && !rounding_only && gap_of(r) > r->control->tolerance)
        snprintf(solution->message, room,
                 "the rounds ended at a gap of %.1e: objective %.10g, bound %.10g", gap_of(r),
                 r->upper, r->lower);
    else if (status == ZG_OK && r->relaxation.blocks)
        describe_relaxation(r, solution->message, room);
    run_clear(r);
    if (status == ZG_NO_MEMORY) return zg_no_memory(error);
    if (status == ZG_FAILED)
        return zg_fail(error, ZG_FAILED, "numbers beyond the range of double precision ended it");
    return status;
}

static zg_status solve_output(const zg_problem *problem, size_t output, const zg_value *values,
                              const zg_control *control, zg_stopwatch *watch, zg_solution *solution,
                              zg_error *error)
{
    run r = {.problem = problem,
             .program = zg_problem_program(problem, output),
             .output = output,
             .samples = (size_t)values[OPTION_SAMPLES].number,
             .columns = (size_t)values[OPTION_COLUMNS].number,
             .most_rounds = (long)values[OPTION_ROUNDS].number,
             .control = control,
             .watch = watch};
    return solve_program(&r, false, solution, error);
}

static zg_status relax_output(const zg_problem *problem, size_t output, const zg_value *values,
                              const zg_control *control, zg_stopwatch *watch, zg_solution *solution,
                              zg_error *error)
{
    run r = {.problem = problem,
             .program = zg_problem_program(problem, output),
             .output = output,
             .samples = (size_t)values[OPTION_SAMPLES].number,
             .control = control,
             .watch = watch};
    return solve_program(&r, true, solution, error);
}

static zg_status solve(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    return zg_solve_outputs(problem, values, control, solve_output, solution, error);
}

static zg_status solve_relaxed(const zg_problem *problem, const zg_value *values,
                               const zg_control *control, zg_solution *solution, zg_error *error)
{
    return zg_solve_outputs(problem, values, control, relax_output, solution, error);
}

static zg_status check_relaxation(const zg_problem *problem, const zg_value *values,
                                  zg_error *error)
{
    (void)values;
    if (zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "rounded neurons interpolate nothing: for that loss use columns");
    return zg_relaxation_check(problem, error);
}

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    if (values[OPTION_SAMPLES].number > 0.0) {
        zg_status status = zg_relaxation_check(problem, error);
        if (status != ZG_OK) return status;
    }
    if (!zg_neuron_set_finite(problem->neuron_set))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "columns needs a finite neuron set: binary, ternary, bits:K or bilinear; "
                       "for the sphere use ipm");
    if (zg_support_finds(problem->neuron_set, problem->patches.width)) return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "the neuron set has %.2g neurons of width %zu, too many to be searched",
                   zg_set_size(problem->neuron_set, problem->patches.width),
                   problem->patches.width);
}

const zg_method zg_method_columns = {
    .name = "columns",
    .summary = "column generation with an exact oracle, for finite sets of neurons",
    .convex = true,
    .keeps_set = true,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .check = check,
    .solve = solve,
};

const zg_method zg_method_relaxation = {
    .name = "relaxation",
    .summary = "semidefinite relaxation of binary neurons and pairs, rounded: a bound, no optimum",
    .keeps_set = true,
    .options = relaxation_options,
    .option_count = sizeof relaxation_options / sizeof *relaxation_options,
    .check = check_relaxation,
    .solve = solve_relaxed,
};
