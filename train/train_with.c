/* Training with the options of the public interface: the same way as `zerogap train`. */
#include "base/blas_core.h"
#include "base/sized.h"
#include "core/neuron_set.h"
#include "core/rank_reduction.h"
#include "train/plan.h"
#include "train/tight.h"
#include "train/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void give_result(const zg_problem *problem, const zg_plan *p, const zg_training *training,
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
    zg_plan p = {0};
    zg_training training = {0};
    *out = NULL;
    zg_status status = zg_sized_read("zg_train_options", given, &options, sizeof options, error);
    if (status == ZG_OK) status = zg_plan_make(problem, &options, &p, error);
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
    zg_plan_clear(&p);
    return status;
}

zg_status zg_certify_tight(const zg_problem *problem, zg_network *network,
                           const zg_train_options *given, zg_certificate *out, zg_error *error)
{
    zg_train_options options;
    zg_plan p = {0};
    double *dual = NULL;
    *out = (zg_certificate){NAN, NAN, NAN, ZG_BOUND_ZERO, NAN};
    zg_status status = zg_sized_read("zg_train_options", given, &options, sizeof options, error);
    if (status == ZG_OK) status = zg_plan_make(problem, &options, &p, error);
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
    zg_plan_clear(&p);
    return status;
}
