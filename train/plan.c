/* What options of training come to (see plan.h). */
#include "train/plan.h"

#include "train/registry.h"

#define TOLERANCE 1e-6

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

zg_status zg_plan_make(const zg_problem *problem, const zg_train_options *options, zg_plan *out,
                       zg_error *error)
{
    *out = (zg_plan){0};
    zg_status status = read_control(options, &out->control, error);
    if (status == ZG_OK)
        status = zg_method_find(options->method ? options->method : "auto", problem, &out->method,
                                error);
    if (status == ZG_OK) status = zg_values_create(out->method, &out->values, error);
    if (status != ZG_OK) return status;
    return zg_values_read(out->method, out->values, options->settings, options->setting_count,
                          error);
}

void zg_plan_clear(zg_plan *plan)
{
    if (plan->values) zg_values_free(plan->method, plan->values);
}
