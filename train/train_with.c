/* Training with the options of the public interface: the same way as `zerogap train`. */
#include "base/blas_core.h"
#include "base/sized.h"
#include "core/rank_reduction.h"
#include "train/registry.h"
#include "train/tight.h"
#include "train/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 1e-6

/* ---- options ----------------------------------------------------------------------------------- */

/* What is to run, and how. */
typedef struct plan {
    const zg_method *method;
    zg_value *values;
    zg_control control;
} plan;

static zg_status read_settings(const zg_train_options *options, const plan *p, zg_error *error)
{
    for (size_t i = 0; i < options->setting_count; i++) {
        const char *text = options->settings[i], *equals = strchr(text, '=');
        char key[80];
        if (!equals || equals - text >= (int)sizeof key)
            return zg_fail(error, ZG_BAD_INPUT, "a setting is KEY=VALUE, found \"%.80s\"", text);
        snprintf(key, sizeof key, "%.*s", (int)(equals - text), text);
        zg_status status = zg_values_set(p->method, p->values, key, equals + 1, error);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}

static zg_status read_control(const zg_train_options *options, zg_control *out, zg_error *error)
{
    double tolerance = options->tolerance != 0.0 ? options->tolerance : TOLERANCE;
    if (!(tolerance >= 1e-15 && tolerance <= 1.0))
        return zg_fail(error, ZG_BAD_INPUT,
                       "the tolerance is %g, expected a number from 1e-15 to 1", tolerance);
    if (!(options->seconds >= 0.0 && options->seconds <= 1e9))
        return zg_fail(error, ZG_BAD_INPUT, "seconds is %g, expected a number from 0 to 1e9",
                       options->seconds);
    if (options->threads < 0 || options->threads > 1024)
        return zg_fail(error, ZG_BAD_INPUT, "threads is %d, expected 0 to 1024", options->threads);
    if (options->jobs > 1024)
        return zg_fail(error, ZG_BAD_INPUT, "jobs is %zu, expected 0 to 1024", options->jobs);
    *out = (zg_control){.tolerance = tolerance,
                        .seconds = options->seconds,
                        .threads = options->threads,
                        .jobs = options->jobs};
    return ZG_OK;
}

/* The plan's values are to be freed, whatever is returned. */
static zg_status make_plan(const zg_problem *problem, const zg_train_options *options, plan *out,
                           zg_error *error)
{
    *out = (plan){0};
    zg_status status = read_control(options, &out->control, error);
    if (status == ZG_OK)
        status = zg_method_find(options->method ? options->method : "auto", problem, &out->method,
                                error);
    if (status == ZG_OK) status = zg_values_create(out->method, &out->values, error);
    return status == ZG_OK ? read_settings(options, out, error) : status;
}

static void clear_plan(plan *p)
{
    if (p->values) zg_values_free(p->method, p->values);
}

/* ---- progress ------------------------------------------------------------------------------------ */

typedef struct audience {
    const zg_train_options *options;
    double last; /* monotonic time of the last call, or of the start */
} audience;

/* A zg_listener. */
static bool tell(void *context, const zg_progress *progress)
{
    audience *a = context;
    const zg_train_options *options = a->options;
    if (zg_monotonic() - a->last < options->progress_seconds) return true;
    bool go_on = false;
    options->progress(options->context, progress, &go_on);
    a->last = zg_monotonic();
    return go_on;
}

/* ---- results ----------------------------------------------------------------------------------- */

static void copy_text(const char *from, char *to, size_t size)
{
    snprintf(to, size, "%s", from ? from : "");
}

static void give_result(const zg_problem *problem, const plan *p, const zg_training *training,
                        zg_result *out)
{
    const zg_solution *solution = &training->solution;
    const zg_assessment *found = &training->assessment;
    zg_result result = {.certificate = training->certificate,
                        .decision = found->decision,
                        .tolerance = p->control.tolerance,
                        .loss = training->loss,
                        .penalty = training->penalty,
                        .miss = training->miss,
                        .seconds = solution->seconds,
                        .processor_seconds = solution->processor_seconds,
                        .certification_seconds = training->certification_seconds,
                        .iterations = solution->iterations,
                        .neuron_bound = zg_problem_pataki_bound(problem)};
    copy_text(solution->unit, result.unit, sizeof result.unit);
    copy_text(p->method->name, result.method, sizeof result.method);
    copy_text(found->cause, result.cause, sizeof result.cause);
    copy_text(found->message, result.reason, sizeof result.reason);
    copy_text(solution->message, result.remark, sizeof result.remark);
    zg_sized_write(&result, sizeof result, out);
}

/* What a training comes to for the caller. */
static zg_status conclude(const zg_training *training, zg_status status, zg_error *error)
{
    zg_decision decision = training->assessment.decision;
    if (status == ZG_OK && (decision == ZG_DECISION_WRONG || decision == ZG_DECISION_FAILED))
        return zg_fail(error, ZG_FAILED, "%s", training->assessment.message);
    return status;
}

zg_status zg_train_with(const zg_problem *problem, const zg_train_options *given, zg_network **out,
                        zg_result *result, zg_error *error)
{
    zg_train_options options;
    plan p = {0};
    zg_training training = {0};
    *out = NULL;
    zg_status status = zg_sized_read("zg_train_options", given, &options, sizeof options, error);
    if (status == ZG_OK) status = make_plan(problem, &options, &p, error);
    audience a = {&options, zg_monotonic()};
    if (status == ZG_OK) {
        status = zg_training_run(problem, p.method, p.values, &p.control, 0.0, 0.0,
                                 options.progress ? tell : NULL, &a, &training, error);
        status = conclude(&training, status, error);
        if (result) give_result(problem, &p, &training, result);
        *out = training.solution.network;
        training.solution.network = NULL;
    }
    zg_training_clear(&training);
    clear_plan(&p);
    return status;
}

zg_status zg_certify_tight(const zg_problem *problem, zg_network *network,
                           const zg_train_options *given, zg_certificate *out, zg_error *error)
{
    zg_train_options options;
    plan p = {0};
    double *dual = NULL;
    *out = (zg_certificate){NAN, NAN, NAN, ZG_BOUND_ZERO, NAN};
    zg_status status = zg_sized_read("zg_train_options", given, &options, sizeof options, error);
    if (status == ZG_OK) status = make_plan(problem, &options, &p, error);
    if (status == ZG_OK) status = zg_certify(problem, network, out, error);
    audience a = {&options, zg_monotonic()};
    if (status == ZG_OK) {
        p.control.tolerance = ZG_TIGHT_TOLERANCE;
        status = zg_tighten(problem, p.method, p.values, &p.control, options.progress ? tell : NULL,
                            &a, network, out, &dual, error);
    }
    if (dual) {
        free(network->training.dual);
        network->training.dual = dual;
        network->training.samples = problem->samples;
    }
    clear_plan(&p);
    return status;
}
