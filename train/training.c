/* The one way from a problem to a judged result: method, certificate, best bound. */
#include "train/training.h"

#include "base/linalg.h"
#include "train/registry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void zg_training_clear(zg_training *training)
{
    zg_solution_clear(&training->solution);
    free(training->dual);
    memset(training, 0, sizeof *training);
}

/* Replaces output c's part of best by v where v gives the better bound. */
static zg_status keep_better(const zg_problem *problem, size_t c, const double *v, double *best,
                             double *value)
{
    zg_program program = zg_problem_program(problem, c);
    zg_bound bound;
    zg_status status = zg_program_bound(&program, v, &bound, NULL);
    if (status == ZG_NO_MEMORY) return status;
    if (status == ZG_OK && bound.value > *value) {
        *value = bound.value;
        memcpy(best + c * problem->samples, v, problem->samples * sizeof *v);
    }
    return ZG_OK;
}

/* The best certified dual vector known, output by output: the iterates' or the method's last. */
static zg_status collect_dual(const zg_problem *problem, const zg_monitor *monitor,
                              zg_training *out)
{
    size_t n = problem->samples;
    out->dual = zg_doubles(problem->outputs * n);
    if (!out->dual) return ZG_NO_MEMORY;
    for (size_t c = 0; c < problem->outputs; c++) {
        double value = 0.0;
        zg_status status =
            keep_better(problem, c, zg_monitor_dual(monitor) + c * n, out->dual, &value);
        if (status == ZG_OK && out->solution.dual)
            status = keep_better(problem, c, out->solution.dual + c * n, out->dual, &value);
        if (status) return status;
    }
    return ZG_OK;
}

static zg_status attach_dual(const zg_problem *problem, const double *dual, zg_network *network)
{
    size_t count = problem->outputs * problem->samples;
    free(network->training.dual);
    network->training.dual = zg_doubles(count);
    if (!network->training.dual) return ZG_NO_MEMORY;
    memcpy(network->training.dual, dual, count * sizeof *dual);
    network->training.samples = problem->samples;
    return ZG_OK;
}

/* Evaluates and certifies the network from the problem's raw numbers, whatever the method said. */
static zg_status judge(const zg_problem *problem, const zg_method *method,
                       const zg_monitor *monitor, zg_training *out, zg_error *error)
{
    zg_network *network = out->solution.network;
    bool convex = problem->penalty.kind == ZG_PENALTY_L1;
    zg_status status = ZG_OK;
    if (convex) {
        status = collect_dual(problem, monitor, out);
        if (status == ZG_OK) status = attach_dual(problem, out->dual, network);
    }
    if (status == ZG_OK)
        status = zg_network_objective(network, problem, NULL, &out->loss, &out->penalty);
    if (status) return zg_fail(error, status, "%s", zg_status_message(status));
    status = zg_certify(problem, network, &out->certificate, error);
    if (status) return status;
    double own = fmax(out->solution.bound, convex ? -INFINITY : zg_monitor_bound(monitor));
    if (!convex && own > out->certificate.bound) {
        out->certificate.bound = own;
        out->certificate.source = ZG_BOUND_TREE;
        out->certificate.gap = zg_gap(out->certificate.objective, own);
    }
    network->training.objective = out->certificate.objective;
    network->training.bound = out->certificate.bound;
    network->training.gap = out->certificate.gap;
    snprintf(network->training.solver, sizeof network->training.solver, "%s", method->name);
    return ZG_OK;
}

zg_status zg_training_run(const zg_problem *problem, const zg_method *method,
                          const zg_value *values, const zg_control *control, double target,
                          double interval, zg_listener listener, void *context, zg_training *out,
                          zg_error *error)
{
    memset(out, 0, sizeof *out);
    zg_status status = method->check ? method->check(problem, values, error) : ZG_OK;
    zg_monitor *monitor = NULL;
    if (status == ZG_OK)
        status = zg_monitor_create(problem, target, interval, listener, context, &monitor, error);
    if (status) return status;
    zg_observer observer = zg_monitor_observer(monitor);
    zg_control own = *control;
    own.observer = &observer;
    if (control->threads > 0) zg_blas_set_threads(control->threads);
    out->solution.bound = -INFINITY;
    out->solution.processor_seconds = NAN; /* unless the method says it */
    zg_error reason = {0};
    zg_status outcome = method->solve(problem, values, &own, &out->solution, &reason);
    double start = zg_monotonic();
    if (out->solution.network) status = judge(problem, method, monitor, out, error);
    out->certification_seconds =
        zg_monitor_certification_seconds(monitor) + (zg_monotonic() - start);
    zg_monitor_free(monitor);
    /* A method that was stopped because the target was reached has done what was asked. */
    if (status == ZG_OK && outcome == ZG_STOPPED && out->solution.network && target > 0.0 &&
        out->certificate.gap <= target)
        outcome = ZG_OK;
    if (status == ZG_OK && outcome)
        status = zg_fail(error, outcome, "%s",
                         reason.message[0] ? reason.message : zg_status_message(outcome));
    return status;
}

zg_status zg_train(const zg_problem *problem, const char *method_name, double tolerance,
                   zg_network **out, zg_error *error)
{
    const zg_method *method;
    zg_value *values = NULL;
    zg_training training = {0};
    zg_status status = zg_method_find(method_name ? method_name : "auto", problem, &method, error);
    if (status) return status;
    status = zg_values_create(method, &values, error);
    zg_control control = {.tolerance = tolerance};
    if (status == ZG_OK)
        status = zg_training_run(problem, method, values, &control, 0.0, INFINITY, NULL, NULL,
                                 &training, error);
    if (status == ZG_OK) {
        *out = training.solution.network;
        training.solution.network = NULL;
    }
    zg_training_clear(&training);
    zg_values_free(method, values);
    return status;
}
