/* Stochastic gradient descent and Adam as methods: options, epochs, reports, the best network. */
#include "baselines/backprop.h"
#include "base/linalg.h"
#include "baselines/baseline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A report is due whenever the number of epochs has grown by a quarter, which shows a short run on
 * a logarithmic axis, and after every epoch that ends this many seconds after the last report. */
#define REPORT_GROWTH 1.25
#define REPORT_SECONDS 0.1

/* ---- options -------------------------------------------------------------------------------- */

enum {
    NEURONS,
    LEARNING_RATE,
    EPOCHS,
    BATCH,
    SEED,
    RESTARTS,
    SCHEDULE,
    STEP_EVERY,
    STEP_FACTOR,
    FINAL_RATE,
    WARMUP,
    SCALE,
    PENALTY_STEP,
    PRECISION,
    TARGET,
    SECONDS,
    OWN /* the first option that only one of the two methods has */
};

enum { MOMENTUM = OWN, NESTEROV };
enum { BETA1 = OWN, BETA2, EPSILON };

/* clang-format off */
#define SHARED_OPTIONS(rate, rate_help)                                                             \
    [NEURONS] = {"neurons", ZG_OPTION_INTEGER, "50", NULL, 1, 1e6, "neurons per group"},            \
    [LEARNING_RATE] = {"learning_rate", ZG_OPTION_NUMBER, rate, NULL, 1e-300, 1e300, rate_help},    \
    [EPOCHS] = {"epochs", ZG_OPTION_INTEGER, "1000", NULL, 0, 1e12, "passes over the data"},        \
    [BATCH] = {"batch", ZG_OPTION_INTEGER, "0", NULL, 0, 1e12, "samples per step; 0: all"},         \
    [SEED] = {"seed", ZG_OPTION_INTEGER, "0", NULL, 0, 4294967295.0,                                \
              "of the first weights and of the order of the samples"},                              \
    [RESTARTS] = {"restarts", ZG_OPTION_INTEGER, "1", NULL, 1, 1e9,                                 \
                  "runs with seed, seed + 1, ..; the best network counts"},                         \
    [SCHEDULE] = {"schedule", ZG_OPTION_CHOICE, "cosine", "constant,step,cosine", 0, 0,             \
                  "of the learning rate"},                                                          \
    [STEP_EVERY] = {"step_every", ZG_OPTION_NUMBER, "100", NULL, 1e-3, 1e12,                        \
                    "epochs between the drops of schedule step"},                                   \
    [STEP_FACTOR] = {"step_factor", ZG_OPTION_NUMBER, "0.5", NULL, 0, 1,                            \
                     "learning rate after over before a drop of schedule step"},                    \
    [FINAL_RATE] = {"final_rate", ZG_OPTION_NUMBER, "0", NULL, 0, 1,                                \
                    "last over first learning rate of schedule cosine"},                            \
    [WARMUP] = {"warmup", ZG_OPTION_NUMBER, "0", NULL, 0, 1e12,                                     \
                "epochs in which the learning rate grows from 0"},                                  \
    [SCALE] = {"scale", ZG_OPTION_NUMBER, "0.05", NULL, 0, 1e300,                                   \
               "root mean square of the first predictions over that of the targets"},               \
    [PENALTY_STEP] = {"penalty_step", ZG_OPTION_CHOICE, "proximal", "proximal,subgradient", 0, 0,   \
                      "how the penalty enters a step; only proximal makes weights exactly zero"},   \
    [PRECISION] = {"precision", ZG_OPTION_CHOICE, "single", "single,double", 0, 0,                  \
                   "of the steps; objectives are always evaluated in double"},                      \
    [TARGET] = {"target", ZG_OPTION_NUMBER, "0", NULL, 0, 1e300,                                    \
                "stop at an objective of at most this; 0: never"},                                  \
    [SECONDS] = {"seconds", ZG_OPTION_NUMBER, "0", NULL, 0, 1e300,                                  \
                 "stop after this much time of the method's own; 0: never"}

static const zg_option sgd_options[] = {
    SHARED_OPTIONS("0.01", "of the objective over the number of samples"),
    [MOMENTUM] = {"momentum", ZG_OPTION_NUMBER, "0.9", NULL, 0, 0.999999, "share of the last step"},
    [NESTEROV] = {"nesterov", ZG_OPTION_FLAG, "false", NULL, 0, 0,
                  "take the gradient after the momentum, not before"},
};

static const zg_option adam_options[] = {
    SHARED_OPTIONS("0.01", "largest change of a parameter in a step, about"),
    [BETA1] = {"beta1", ZG_OPTION_NUMBER, "0.9", NULL, 0, 0.999999, "memory of the first moment"},
    [BETA2] = {"beta2", ZG_OPTION_NUMBER, "0.999", NULL, 0, 0.9999999,
               "memory of the second moment"},
    [EPSILON] = {"epsilon", ZG_OPTION_NUMBER, "1e-8", NULL, 0, 1e300,
                 "added to the root of the second moment"},
};
/* clang-format on */

static zg_backprop_options read_options(zg_backprop_rule rule, const zg_value *values)
{
    return (zg_backprop_options){.rule = rule,
                                 .precision = (zg_backprop_precision)values[PRECISION].number,
                                 .neurons = (size_t)values[NEURONS].number,
                                 .epochs = (long)values[EPOCHS].number,
                                 .batch = (size_t)values[BATCH].number,
                                 .seed = (uint32_t)values[SEED].number,
                                 .restarts = (size_t)values[RESTARTS].number,
                                 .learning_rate = values[LEARNING_RATE].number,
                                 .schedule = (zg_backprop_schedule)values[SCHEDULE].number,
                                 .step_every = values[STEP_EVERY].number,
                                 .step_factor = values[STEP_FACTOR].number,
                                 .final_rate = values[FINAL_RATE].number,
                                 .warmup = values[WARMUP].number,
                                 .scale = values[SCALE].number,
                                 .target = values[TARGET].number,
                                 .seconds = values[SECONDS].number};
}

static zg_backprop_model read_model(const zg_problem *problem, zg_backprop_rule rule,
                                    const zg_value *values)
{
    zg_backprop_model model = {.problem = problem,
                               .neurons = (size_t)values[NEURONS].number,
                               .rule = rule,
                               .proximal = values[PENALTY_STEP].number == 0.0};
    if (rule == ZG_BACKPROP_SGD) {
        model.momentum = values[MOMENTUM].number;
        model.nesterov = values[NESTEROV].number != 0.0;
    } else {
        model.beta1 = values[BETA1].number;
        model.beta2 = values[BETA2].number;
        model.epsilon = values[EPSILON].number;
    }
    zg_backprop_choose_form(&model);
    return model;
}

double zg_backprop_rate(const zg_backprop_options *options, double epoch)
{
    double rate = options->learning_rate;
    double progress = options->epochs > 0 ? fmin(1.0, epoch / (double)options->epochs) : 0.0;
    switch (options->schedule) {
    case ZG_SCHEDULE_STEP:
        rate *= pow(options->step_factor, floor(epoch / options->step_every));
        break;
    case ZG_SCHEDULE_COSINE:
        rate *=
            options->final_rate + (1.0 - options->final_rate) * 0.5 * (1.0 + cos(M_PI * progress));
        break;
    case ZG_SCHEDULE_CONSTANT:
        break;
    }
    return epoch < options->warmup ? rate * (epoch / options->warmup) : rate;
}

/* ---- one run -------------------------------------------------------------------------------- */

typedef struct descent {
    const zg_control *control;
    zg_backprop_options options;
    zg_backprop_model model;
    const zg_backprop_engine *engine;
    void *state;
    size_t batch;       /* samples per step */
    double *parameters; /* of the current iterate */
    size_t *order;      /* the samples, shuffled; unused for full batches */
    zg_random random;   /* of the order */
    zg_stopwatch watch;
    double reported;      /* the watch at the last report */
    long reported_epochs; /* of this restart at the last report */
    long epochs;          /* finished, over all restarts */
    size_t diverged;      /* restarts that diverged to numbers that are not finite */
    zg_network *best;
    double objective; /* of best */
} descent;

/* Keeps the current network when it is the best so far, and tells the observer about it.
 * ZG_STOPPED when the observer or the target ends the method. */
static zg_status report(descent *run, bool *finite, zg_error *error)
{
    zg_stopwatch_pause(&run->watch);
    run->engine->get(run->state, run->parameters);
    zg_network *network = NULL;
    double objective;
    zg_status status = zg_backprop_network(&run->model, run->parameters, &network, error);
    if (status) return status;
    if (zg_network_objective(network, run->model.problem, &objective, NULL, NULL)) {
        zg_network_free(network);
        return zg_no_memory(error);
    }
    *finite = isfinite(objective);
    bool go_on = true;
    if (*finite) {
        zg_iterate iterate = {.unit = "epoch",
                              .number = run->epochs,
                              .output = ZG_ALL_OUTPUTS,
                              .objective = fmin(objective, run->objective),
                              .bound = -INFINITY,
                              .network = network};
        go_on = zg_report(run->control, &run->watch, &iterate);
        zg_stopwatch_pause(&run->watch);
    }
    if (*finite && (!run->best || objective < run->objective)) {
        zg_network_free(run->best);
        run->best = network;
        run->objective = objective;
    } else {
        zg_network_free(network);
    }
    run->reported = run->watch.elapsed;
    zg_stopwatch_start(&run->watch);
    if (!go_on) return zg_fail(error, ZG_STOPPED, "the observer stopped backpropagation");
    return ZG_OK;
}

static bool report_due(const descent *run, long epochs)
{
    return epochs == run->options.epochs ||
           (double)epochs >= REPORT_GROWTH * (double)run->reported_epochs ||
           zg_stopwatch_read(&run->watch) - run->reported >= REPORT_SECONDS;
}

static bool reached_target(const descent *run)
{
    return run->best && run->objective <= run->options.target;
}

static bool passed(const descent *run, double limit)
{
    return limit > 0.0 && zg_stopwatch_read(&run->watch) >= limit;
}

/* By the caller's limit, which is a timeout, or by the option, which is an end like any other. */
static bool out_of_time(const descent *run)
{
    return passed(run, run->control->seconds) || passed(run, run->options.seconds);
}

/* One pass over the samples, shuffled unless one step takes them all.  False: time is up. */
static bool epoch(descent *run, long number)
{
    size_t n = run->model.problem->samples;
    bool all = run->batch >= n;
    if (!all) zg_random_permutation(&run->random, n, run->order);
    for (size_t done = 0; done < n; done += run->batch) {
        size_t count = n - done < run->batch ? n - done : run->batch;
        double time = (double)number + ((double)done + 0.5 * (double)count) / (double)n;
        run->engine->step(run->state, all ? NULL : run->order + done, 0, count,
                          zg_backprop_rate(&run->options, time));
        if (out_of_time(run)) return false;
    }
    return true;
}

static zg_status descend(descent *run, zg_error *error)
{
    bool finite = true, in_time = true;
    zg_status status = report(run, &finite, error);
    run->reported_epochs = 0;
    for (long done = 0; status == ZG_OK && done < run->options.epochs;) {
        if (!finite || !in_time || reached_target(run)) break;
        in_time = epoch(run, done++);
        run->epochs++;
        if (in_time && !report_due(run, done)) continue;
        status = report(run, &finite, error);
        run->reported_epochs = done;
    }
    if (!finite) run->diverged++;
    return status;
}

static zg_status restarts(descent *run, zg_error *error)
{
    zg_status status = ZG_OK;
    for (size_t k = 0; status == ZG_OK && k < run->options.restarts; k++) {
        uint32_t seed = run->options.seed + (uint32_t)k;
        status =
            zg_backprop_initialise(&run->model, seed, run->options.scale, run->parameters, error);
        if (status) break;
        /* the order of samples must not repeat the stream of the weights */
        zg_random_seed(&run->random, ~seed);
        run->engine->set(run->state, run->parameters);
        status = descend(run, error);
        if (reached_target(run) || passed(run, run->options.seconds)) break;
        if (status == ZG_OK && passed(run, run->control->seconds))
            status = zg_fail(error, ZG_TIMEOUT, "the time limit of %g s ended backpropagation",
                             run->control->seconds);
    }
    return status;
}

static void fill_solution(const descent *run, zg_solution *solution)
{
    solution->network = run->best;
    solution->bound = -INFINITY;
    zg_solution_charge(solution, &run->watch);
    solution->iterations = run->epochs;
    solution->unit = "epoch";
    if (run->diverged)
        snprintf(solution->message, sizeof solution->message,
                 "%zu of %zu runs diverged; the best network before that is kept", run->diverged,
                 run->options.restarts);
}

static zg_status prepare(descent *run, zg_error *error)
{
    size_t n = run->model.problem->samples;
    run->engine = zg_backprop_engine_of(run->options.precision);
    run->batch = run->options.batch == 0 || run->options.batch > n ? n : run->options.batch;
    run->objective = INFINITY;
    run->parameters = zg_doubles(zg_backprop_parameters(&run->model));
    run->order = run->batch < n ? malloc(n * sizeof *run->order) : malloc(sizeof *run->order);
    if (!run->parameters || !run->order) return zg_no_memory(error);
    return run->engine->create(&run->model, run->batch, &run->state, error);
}

static zg_status solve(zg_backprop_rule rule, const zg_problem *problem, const zg_value *values,
                       const zg_control *control, zg_solution *solution, zg_error *error)
{
    descent run = {.control = control,
                   .options = read_options(rule, values),
                   .model = read_model(problem, rule, values),
                   .watch = {.started = -1.0}};
    int threads = zg_blas_threads();
    zg_blas_set_threads(control->threads);
    zg_stopwatch_start(&run.watch);
    zg_status status = prepare(&run, error);
    if (status == ZG_OK) status = restarts(&run, error);
    zg_stopwatch_pause(&run.watch);
    zg_blas_set_threads(threads);
    if (run.best) fill_solution(&run, solution);
    if (run.state) run.engine->destroy(run.state);
    free(run.parameters);
    free(run.order);
    if (status == ZG_OK && !run.best)
        return zg_fail(error, ZG_FAILED, "not even the first network has a finite objective");
    return status;
}

/* ---- the methods ---------------------------------------------------------------------------- */

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    if (zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "backpropagation cannot treat loss interpolate, which has no gradient; "
                       "ipm, csdp and least-squares can");
    size_t neurons = (size_t)values[NEURONS].number, total;
    if (__builtin_mul_overflow(neurons, problem->patches.groups, &total) ||
        __builtin_mul_overflow(total, problem->patches.width + problem->outputs, &total))
        return zg_fail(error, ZG_BAD_INPUT,
                       "option neurons: %zu for each of %zu groups is too many", neurons,
                       problem->patches.groups);
    return ZG_OK;
}

static zg_status solve_sgd(const zg_problem *problem, const zg_value *values,
                           const zg_control *control, zg_solution *solution, zg_error *error)
{
    return solve(ZG_BACKPROP_SGD, problem, values, control, solution, error);
}

static zg_status solve_adam(const zg_problem *problem, const zg_value *values,
                            const zg_control *control, zg_solution *solution, zg_error *error)
{
    return solve(ZG_BACKPROP_ADAM, problem, values, control, solution, error);
}

const zg_method zg_method_sgd = {
    .name = "sgd",
    .summary = "backpropagation: stochastic gradient descent with momentum",
    .options = sgd_options,
    .option_count = sizeof sgd_options / sizeof *sgd_options,
    .check = check,
    .solve = solve_sgd,
};

const zg_method zg_method_adam = {
    .name = "adam",
    .summary = "backpropagation: Adam",
    .options = adam_options,
    .option_count = sizeof adam_options / sizeof *adam_options,
    .check = check,
    .solve = solve_adam,
};
