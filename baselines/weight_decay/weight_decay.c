/*
 * Weight decay solved to proven optimality: a training problem becomes a separable concave program
 * over a set of neurons, or over all of them where the data force the axes or there are two inputs.
 */
#include "baselines/weight_decay/certificate.h"

#include "baselines/baseline.h"
#include "baselines/weight_decay/arcs.h"
#include "baselines/weight_decay/hard_instances.h"
#include "baselines/weight_decay/point.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DICTIONARY, NEURONS, SEED, MODEL, TARGET, CHECKPOINT, RESUME, CERTIFICATE, OPTION_COUNT };

/* In the order of the option's choices. */
typedef enum zg_choice { AUTO, AXES, RANDOM, GRID, KMEANS, NETWORK, CONTINUOUS } choice;

/* clang-format off */
static const zg_option options[OPTION_COUNT] = {
    [DICTIONARY] = {"dictionary", ZG_OPTION_CHOICE, "auto", "auto,axes,random,grid,kmeans,model,continuous", 0, 0,
                    "neurons to choose from; auto: axes where the data force them, continuous for two inputs, else kmeans"},
    [NEURONS] = {"neurons", ZG_OPTION_INTEGER, "32", NULL, 1, 100000, "size of the dictionary"},
    [SEED] = {"seed", ZG_OPTION_INTEGER, "0", NULL, 0, 4294967295.0, "of random dictionaries and heuristics"},
    [MODEL] = {"model", ZG_OPTION_TEXT, "", NULL, 0, 0, "model file whose neurons are the dictionary, or are added to it"},
    [TARGET] = {"target", ZG_OPTION_NUMBER, "0", NULL, 0, 1e300, "decide only whether the optimum is below this; 0: find it"},
    [CHECKPOINT] = {"checkpoint", ZG_OPTION_TEXT, "", NULL, 0, 0, "file that open boxes are kept in"},
    [RESUME] = {"resume", ZG_OPTION_FLAG, "false", NULL, 0, 0, "go on from the checkpoint where there is one"},
    [CERTIFICATE] = {"certificate", ZG_OPTION_TEXT, "", NULL, 0, 0, "file for the proof tree"},
};
/* clang-format on */

typedef struct zg_task_run {
    const zg_problem *problem;
    const zg_value *values;
    const zg_control *control;
    zg_solution *solution;
    zg_stopwatch watch;
    zg_dictionary dictionary;
    zg_decay_problem decay;
    double *phi, *rhs;
    size_t *origin; /* or NULL: row i is sample i */
    double earlier; /* seconds before the checkpoint, once they are on the watch */
    bool exact;     /* an optimum over the dictionary is one over all networks */
    const char *described;
} task;

static bool is_even(const zg_problem *problem)
{
    return problem->activation.b == 0.0;
}

/* ---- dictionaries -------------------------------------------------------------------------- */

/* Appends the neurons of the model file. */
static zg_status add_model(task *t, const char *path, zg_error *error)
{
    zg_network *network;
    zg_dictionary more = {0}, joined = {0};
    zg_status status = zg_network_load(path, &network, error);
    if (status != ZG_OK) return status;
    size_t width = t->problem->inputs;
    status = zg_dictionary_network(network, width, &more, error);
    if (status == ZG_OK) {
        joined = (zg_dictionary){.count = t->dictionary.count + more.count, .width = width};
        joined.u = calloc(joined.count * width + 1, sizeof *joined.u);
        if (!joined.u) status = zg_no_memory(error);
    }
    if (status == ZG_OK) {
        if (t->dictionary.u)
            memcpy(joined.u, t->dictionary.u, t->dictionary.count * width * sizeof *joined.u);
        memcpy(joined.u + t->dictionary.count * width, more.u,
               more.count * width * sizeof *joined.u);
        zg_dictionary_clear(&t->dictionary);
        t->dictionary = joined;
    }
    zg_dictionary_clear(&more);
    zg_network_free(network);
    return status;
}

static zg_status choose_dictionary(task *t, choice chosen, zg_error *error)
{
    const zg_problem *problem = t->problem;
    size_t count = (size_t)t->values[NEURONS].number, width = problem->inputs;
    uint32_t seed = (uint32_t)t->values[SEED].number;
    const char *model = t->values[MODEL].text;
    zg_status status = ZG_OK;
    switch (chosen) {
    case AXES:
        status = zg_dictionary_axes(width, &t->dictionary, error);
        break;
    case RANDOM:
        status = zg_dictionary_random(count, width, seed, &t->dictionary, error);
        break;
    case GRID:
        status = zg_dictionary_grid(count, width, is_even(problem), &t->dictionary, error);
        break;
    case NETWORK:
        if (!model || !*model)
            return zg_fail(error, ZG_BAD_INPUT, "dictionary model needs the option model");
        break;
    default:
        status = zg_dictionary_kmeans(count, problem->samples, width, problem->x, is_even(problem),
                                      seed, &t->dictionary, error);
    }
    if (status == ZG_OK && model && *model) status = add_model(t, model, error);
    if (status == ZG_OK && t->dictionary.count == 0)
        status = zg_fail(error, ZG_BAD_INPUT, "the dictionary is empty");
    return status;
}

/* sigma(t) = a t^2, f = y exactly, and flipped copies that leave only diagonal matrices. */
static zg_status axes_are_forced(const zg_problem *problem, bool *forced, zg_error *error)
{
    *forced = false;
    if (!zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT) || problem->activation.b != 0.0 ||
        problem->activation.c != 0.0 || problem->activation.a == 0.0 || problem->inputs > 400)
        return ZG_OK;
    return zg_forces_diagonal(problem->samples, problem->inputs, problem->x, problem->y, forced,
                              error);
}

/* Responses and targets of the program; equal rows of a forced diagonal count once. */
static zg_status set_program(task *t, zg_error *error)
{
    const zg_problem *problem = t->problem;
    size_t n = problem->samples, rows = n;
    t->phi = calloc(n * t->dictionary.count + 1, sizeof *t->phi);
    t->rhs = calloc(n + 1, sizeof *t->rhs);
    if (t->exact) t->origin = calloc(n + 1, sizeof *t->origin);
    if (!t->phi || !t->rhs || (t->exact && !t->origin)) return zg_no_memory(error);
    if (t->exact) {
        rows = zg_diagonal_equations(n, problem->inputs, problem->activation.a, problem->x,
                                     problem->y, t->phi, t->rhs, t->origin);
    } else {
        zg_dictionary_responses(&t->dictionary, problem->activation, n, problem->x, t->phi);
        memcpy(t->rhs, problem->y, n * sizeof *t->rhs);
    }
    t->decay = (zg_decay_problem){.rows = rows,
                                  .columns = t->dictionary.count,
                                  .phi = t->phi,
                                  .y = t->rhs,
                                  .loss = problem->loss.kind,
                                  .lambda = problem->beta,
                                  .power = problem->penalty.power};
    return ZG_OK;
}

/* ---- solving ------------------------------------------------------------------------------- */

static bool report_progress(void *context, const zg_decay_progress *progress)
{
    task *t = context;
    t->watch.elapsed += progress->earlier - t->earlier;
    if (progress->earlier > 0) t->watch.processor = NAN; /* the checkpoint does not hold it */
    t->earlier = progress->earlier;
    zg_iterate iterate = {.unit = "node",
                          .number = progress->nodes,
                          .output = ZG_ALL_OUTPUTS,
                          .objective = isfinite(progress->objective) ? progress->objective : NAN,
                          .bound = t->exact ? progress->bound : -INFINITY};
    return zg_report(t->control, &t->watch, &iterate);
}

static zg_status build_network(const task *t, const double *w, zg_network **out, zg_error *error)
{
    zg_status status = zg_network_create(t->problem, out, error);
    for (size_t k = 0; status == ZG_OK && k < t->dictionary.count; k++)
        if (w[k] != 0.0)
            status = zg_network_add(*out, 0, t->dictionary.u + k * t->dictionary.width, 0, w[k]);
    if (status != ZG_OK) {
        zg_network_free(*out);
        *out = NULL;
    }
    return status == ZG_NO_MEMORY ? zg_no_memory(error) : status;
}

__attribute__((format(printf, 2, 3))) static void add_remark(zg_solution *solution,
                                                             const char *format, ...)
{
    size_t used = strlen(solution->message), room = sizeof solution->message - used;
    if (room < 3) return;
    va_list arguments;
    va_start(arguments, format);
    memcpy(solution->message + used, "; ", 3);
    vsnprintf(solution->message + used + 2, room - 2, format, arguments);
    va_end(arguments);
}

/* What both searches report: nodes, pivots, and the bound where it is one on the training problem.
 */
static void set_figures(const task *t, long nodes, long pivots, double bound)
{
    zg_solution *solution = t->solution;
    solution->unit = "node";
    solution->iterations = nodes;
    solution->pivots = pivots;
    solution->bound = t->exact ? bound : -INFINITY;
}

static void remark_outside(const task *t, double outside, double objective)
{
    if (outside < objective)
        add_remark(t->solution, "weights too large to be searched may cost as little as %.6g",
                   outside);
}

static void describe(const task *t, const zg_decay_result *result)
{
    zg_solution *solution = t->solution;
    set_figures(t, result->nodes, result->pivots, result->bound);
    if (t->exact)
        snprintf(solution->message, sizeof solution->message,
                 "the data force a diagonal: the axis neurons are all that an optimum uses");
    else
        snprintf(solution->message, sizeof solution->message,
                 "optimum over a dictionary of %zu %s neurons only; over it the optimum is between "
                 "%.10g and %.10g",
                 t->dictionary.count, t->described, result->bound, result->objective);
    if (zg_loss_has(t->decay.loss, ZG_LOSS_EXACT))
        add_remark(solution, "the equations hold to %.1e of max |y|",
                   zg_decay_residual(&t->decay, result->w));
    remark_outside(t, result->outside, result->objective);
    if (result->resumed_at > 0)
        add_remark(solution, "the tree was resumed at node %ld", result->resumed_at);
    else if (result->remark[0])
        add_remark(solution, "checkpoint: %s", result->remark);
}

static zg_status write_certificate(const task *t, const zg_decay_record *record,
                                   const zg_decay_result *result, zg_error *error)
{
    zg_decay_proof proof = {.training = t->problem,
                            .dictionary = &t->dictionary,
                            .decay = &t->decay,
                            .origin = t->origin,
                            .record = record,
                            .result = result};
    return zg_decay_certificate_write(t->values[CERTIFICATE].text, &proof, error);
}

/* Of the method's own time, as limits are given: positive, or 0 for no limit. */
static double seconds_left(const task *t)
{
    if (!(t->control->seconds > 0.0)) return 0.0;
    return fmax(t->control->seconds - zg_stopwatch_read(&t->watch), DBL_MIN);
}

/* The options that both searches have. */
static zg_decay_options search_options(task *t)
{
    return (zg_decay_options){.tolerance = t->control->tolerance,
                              .seconds = seconds_left(t),
                              .seed = (uint32_t)t->values[SEED].number,
                              .notify = report_progress,
                              .context = t};
}

/* Searches that a limit ended have a result, too. */
static bool has_result(zg_status status)
{
    return status == ZG_OK || status == ZG_TIMEOUT || status == ZG_STOPPED;
}

static zg_status solve_program(task *t, zg_error *error)
{
    const char *checkpoint = t->values[CHECKPOINT].text, *proof = t->values[CERTIFICATE].text;
    bool asked = checkpoint && *checkpoint; /* by an option; else the caller may offer one */
    if (!asked) checkpoint = t->control->checkpoint;
    if (!asked && proof && *proof) checkpoint = NULL; /* a certificate is of the whole tree */
    zg_decay_record *record = NULL;
    zg_decay_result result;
    if (proof && *proof) {
        zg_status created = zg_decay_record_create(t->decay.rows, &record, error);
        if (created != ZG_OK) return created;
    }
    zg_decay_options search = search_options(t);
    search.target = t->values[TARGET].number;
    search.checkpoint = checkpoint;
    search.resume = !asked || t->values[RESUME].number != 0.0;
    search.lenient = !asked;
    search.record = record;
    zg_status status = zg_decay_solve(&t->decay, &search, &result, error), kept = status;
    if (has_result(status) && isfinite(result.objective)) {
        describe(t, &result);
        status = build_network(t, result.w, &t->solution->network, error);
    }
    if (status == ZG_OK && kept == ZG_OK && record)
        status = write_certificate(t, record, &result, error);
    zg_decay_result_clear(&result);
    zg_decay_record_free(record);
    return status == ZG_OK ? kept : status;
}

static bool continuous_treats(const zg_problem *problem)
{
    return problem->inputs == 2 && zg_loss_has(problem->loss.kind, ZG_LOSS_QUADRATIC) &&
           problem->activation.a != 0.0 && problem->activation.b == 0.0 &&
           problem->activation.c == 0.0;
}

static zg_status solve_continuous(task *t, zg_error *error)
{
    zg_arcs_result result;
    t->exact = true;
    zg_decay_options search = search_options(t);
    zg_status status = zg_arcs_solve(t->problem, &search, &result, error);
    if (!has_result(status)) return status;
    set_figures(t, result.nodes, result.pivots, result.bound);
    t->solution->network = result.network;
    snprintf(t->solution->message, sizeof t->solution->message,
             "over all networks: the half circle of directions is covered by arcs");
    remark_outside(t, result.outside, result.objective);
    return status;
}

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    (void)values;
    if (problem->penalty.kind != ZG_PENALTY_POWER)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "branch and bound is for the penalty weight-decay or a power; ipm and csdp "
                       "solve the l1 penalty");
    if (!zg_loss_has(problem->loss.kind, ZG_DECAY_LOSSES))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "branch and bound treats the losses squared, absolute and interpolate; adam "
                       "treats the others, without a bound");
    if (problem->outputs != 1 || !problem->patches.identity || problem->weights)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "branch and bound treats dense networks with one output and samples without "
                       "weights; adam treats the others, without a bound");
    return zg_method_ready(&zg_method_branch_and_bound, error);
}

static zg_status run(task *t, zg_error *error)
{
    static const char *const names[] = {"", "axis", "random", "grid", "k-means", "model", ""};
    choice chosen = (choice)t->values[DICTIONARY].number;
    bool forced = false;
    zg_status status = ZG_OK;
    if (chosen == AUTO || chosen == AXES) status = axes_are_forced(t->problem, &forced, error);
    if (status != ZG_OK) return status;
    if (chosen == CONTINUOUS && !continuous_treats(t->problem))
        return zg_fail(
            error, ZG_UNSUPPORTED,
            "the continuous problem is solved for two inputs, the activation a t^2 and the "
            "squared loss only");
    if (chosen == CONTINUOUS || (chosen == AUTO && !forced && continuous_treats(t->problem)))
        return solve_continuous(t, error);
    if (chosen == AUTO) chosen = forced ? AXES : KMEANS;
    t->exact = forced;
    t->described = names[chosen];
    status = choose_dictionary(t, chosen, error);
    if (t->dictionary.count != t->problem->inputs) t->exact = false; /* a model's came on top */
    if (status == ZG_OK) status = set_program(t, error);
    return status == ZG_OK ? solve_program(t, error) : status;
}

static zg_status solve(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    zg_status status = check(problem, values, error);
    if (status != ZG_OK) return status;
    task t = {.problem = problem,
              .values = values,
              .control = control,
              .solution = solution,
              .watch = {.started = -1.0}};
    solution->bound = -INFINITY;
    zg_stopwatch_start(&t.watch);
    status = run(&t, error);
    zg_stopwatch_pause(&t.watch);
    zg_solution_charge(solution, &t.watch);
    zg_dictionary_clear(&t.dictionary);
    free(t.phi);
    free(t.rhs);
    free(t.origin);
    return status;
}

const zg_method zg_method_branch_and_bound = {
    .name = "branch-and-bound",
    .summary = "weight decay to proven optimality: branch and bound over GLPK relaxations",
    .convex = false,
    .options = options,
    .option_count = OPTION_COUNT,
    .check = check,
    .solve = solve,
    .module = ZG_GLPK_MODULE,
};
