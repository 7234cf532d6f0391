/* The one way from a problem to a judged result: method, certificate, best bound. */
#include "train/training.h"

#include "base/blas_core.h"
#include "base/linalg.h"
#include "baselines/baseline.h"
#include "core/discriminant.h"
#include "core/interpolation.h"
#include "core/neuron_set.h"
#include "core/span.h"
#include "core/worst_case.h"
#include "solvers/ipm.h"
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

static void keep_better_attacks(const zg_problem *problem, const zg_attacks *attacks, double *value,
                                zg_network *network)
{
    zg_attacks copy = {0};
    zg_attack_bound bound;
    if (attacks->count && zg_attacks_copy(attacks, &copy) == ZG_OK &&
        zg_attacks_bound(problem, &copy, &bound) == ZG_OK && bound.value > *value) {
        zg_attacks_clear(&network->training.attacks);
        network->training.attacks = copy;
        *value = bound.value;
    } else {
        zg_attacks_clear(&copy);
    }
}

/* In a robust problem: leaves the best certified copies known with the network. */
static void collect_attacks(const zg_problem *problem, const zg_monitor *monitor, zg_training *out)
{
    zg_network *network = out->solution.network;
    double value = 0.0;
    zg_attacks_clear(&network->training.attacks);
    keep_better_attacks(problem, zg_monitor_attacks(monitor), &value, network);
    keep_better_attacks(problem, &out->solution.attacks, &value, network);
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

/* A bound from the network's own residual was better than all of the method's. */
static zg_status adopt_residual(const zg_problem *problem, zg_training *out)
{
    if (out->certificate.source != ZG_BOUND_RESIDUAL) return ZG_OK;
    if (problem->robust > 0.0)
        return zg_worst_case_attacks(out->solution.network, problem,
                                     &out->solution.network->training.attacks);
    zg_status status = zg_residual_dual(problem, out->solution.network, out->dual);
    if (status == ZG_OK) status = attach_dual(problem, out->dual, out->solution.network);
    return status;
}

/* The tree's bound needs no dual vector; it is the only one of a penalty that is not convex. */
static void adopt_tree_bound(const zg_monitor *monitor, zg_training *out)
{
    double own = zg_monitor_bound(monitor), last = out->solution.bound;
    if (last > own) own = last;
    if (!(own > out->certificate.bound)) return;
    out->certificate.bound = own;
    out->certificate.source = ZG_BOUND_TREE;
}

/* Evaluates and certifies the network from the problem's raw numbers, whatever the method said. */
static zg_status certify(const zg_problem *problem, const zg_monitor *monitor, zg_training *out,
                         zg_error *error)
{
    zg_network *network = out->solution.network;
    bool convex = problem->penalty.kind == ZG_PENALTY_L1;
    zg_status status = zg_discriminant_finish(problem, network);
    if (status) return zg_no_memory(error);
    if (problem->robust > 0.0) {
        collect_attacks(problem, monitor, out);
    } else if (convex) {
        status = collect_dual(problem, monitor, out);
        if (status == ZG_OK) status = attach_dual(problem, out->dual, network);
    }
    if (status == ZG_OK)
        status = zg_network_objective(network, problem, NULL, &out->loss, &out->penalty);
    if (status == ZG_OK && zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT))
        status = zg_network_miss(network, problem, &out->miss);
    if (status) return zg_fail(error, status, "%s", zg_status_message(status));
    status = zg_certify(problem, network, &out->certificate, error);
    if (status) return status;
    if (!convex) adopt_tree_bound(monitor, out);
    if (convex && adopt_residual(problem, out) != ZG_OK) return zg_no_memory(error);
    return ZG_OK;
}

/* What was measured, for the gate: a method that was stopped, or failed, before its first iterate
 * has place-holders only; one that ran out of memory may have broken anything. */
static zg_method_end end_of(zg_status outcome, size_t iterates, const zg_network *network)
{
    if (!network || outcome == ZG_NO_MEMORY) return ZG_METHOD_NOTHING;
    if (outcome == ZG_OK) return ZG_METHOD_FINISHED;
    if (iterates == 0) return ZG_METHOD_NOTHING;
    return outcome == ZG_STOPPED || outcome == ZG_TIMEOUT ? ZG_METHOD_STOPPED : ZG_METHOD_FAILED;
}

/* What is known of one output by itself: its part of the objective, and of the bound.  f: the
 * network's predictions (outputs x samples), or NULL where there is no network. */
static zg_status single_output(const zg_problem *problem, const zg_training *training,
                               size_t output, double *f, zg_evidence *out)
{
    size_t n = problem->samples;
    zg_program program = zg_problem_program(problem, output);
    zg_problem one = *problem;
    one.outputs = 1;
    one.y = problem->y + output * n;
    bool exact = zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT);
    if (out->impossible) out->impossible = zg_interpolation_conflict(&one, NULL) == ZG_INFEASIBLE;
    out->claim = &training->solution.claims[output];
    out->own_bound = -INFINITY; /* that is of all outputs together */
    if (!f) return ZG_OK;
    zg_bound bound;
    zg_status status = zg_program_bound(
        &program, training->dual ? training->dual + output * n : NULL, &bound, NULL);
    if (status != ZG_OK) return status;
    out->objective = zg_network_output_objective(training->solution.network, problem, output, f);
    out->bound = bound.value;
    out->feasible = !exact || !isinf(out->objective);
    return ZG_OK;
}

/* Has each output's claim judged by itself. */
static zg_status judge_claims(const zg_problem *problem, const zg_evidence *together,
                              zg_training *out)
{
    const zg_network *network = out->solution.network;
    zg_evidence *alone = calloc(problem->outputs, sizeof *alone);
    double *f = network ? zg_doubles(problem->outputs * problem->samples) : NULL;
    zg_status status = alone && (f || !network) ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK && network) status = zg_problem_predictions(problem, network, f);
    for (size_t c = 0; c < problem->outputs && status == ZG_OK; c++) {
        alone[c] = *together;
        if (out->solution.claimed[c]) status = single_output(problem, out, c, f, &alone[c]);
    }
    if (status == ZG_OK) zg_judge_claims(alone, problem->outputs, &out->assessment);
    free(alone);
    free(f);
    return status;
}

/* Asks the gate, and writes what it says into the network's record. */
static void judge(const zg_problem *problem, const zg_method *method, zg_method_end end,
                  double tolerance, bool impossible, zg_training *out)
{
    zg_certificate *c = &out->certificate;
    const zg_solution *solution = &out->solution;
    zg_evidence evidence = {.end = end,
                            .claims_optimum = method->convex,
                            .feasible = !zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT) ||
                                        !isinf(c->objective),
                            .objective = c->objective,
                            .rounding = c->rounding,
                            .bound = c->bound,
                            .own_bound = solution->bound,
                            .tolerance = tolerance,
                            .impossible = impossible};
    zg_judge(&evidence, &out->assessment);
    if (solution->claimed && judge_claims(problem, &evidence, out) != ZG_OK) {
        evidence.end = ZG_METHOD_NOTHING;
        zg_judge(&evidence, &out->assessment);
    }
    zg_decision decision = out->assessment.decision;
    c->gap = out->assessment.gap;
    zg_network *network = solution->network;
    if (!network) return;
    network->training.objective = c->objective;
    /* A record that contradicts itself must not be believed by its readers. */
    network->training.bound = decision == ZG_DECISION_WRONG ? NAN : c->bound;
    network->training.gap = decision == ZG_DECISION_WRONG ? NAN : c->gap;
    snprintf(network->training.solver, sizeof network->training.solver, "%s", method->name);
}

static void forget(zg_training *out)
{
    zg_network_free(out->solution.network);
    out->solution.network = NULL;
    free(out->dual);
    out->dual = NULL;
    out->certificate = (zg_certificate){NAN, NAN, NAN, ZG_BOUND_ZERO, NAN};
    out->loss = out->penalty = NAN;
}

/* Whether a claim of the method that an output has no solution could stand: no network of its own
 * meets the targets. */
static bool denies(const zg_problem *problem, const zg_solution *solution)
{
    double objective = INFINITY;
    if (!zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT) || !solution->network) return false;
    bool denied = false;
    for (size_t c = 0; solution->claimed && c < problem->outputs; c++)
        denied = denied || (solution->claimed[c] && solution->claims[c].says == ZG_SAYS_INFEASIBLE);
    if (!denied) return false;
    (void)zg_network_objective(solution->network, problem, &objective, NULL, NULL);
    return isinf(objective);
}

/* Puts a network that meets the targets, where least squares finds one, into the place of the
 * method's: the claim that there is none is refuted by it. */
static void look_for_witness(const zg_problem *problem, const zg_control *control,
                             zg_solution *solution)
{
    const zg_method *method = &zg_method_least_squares;
    zg_solution found = {.bound = -INFINITY};
    zg_value *values = NULL;
    zg_control quiet = {.tolerance = control->tolerance, .threads = control->threads};
    double objective = INFINITY;
    zg_status status = zg_values_create(method, &values, NULL);
    if (status == ZG_OK) status = method->solve(problem, values, &quiet, &found, NULL);
    if (status == ZG_OK && found.network &&
        zg_network_objective(found.network, problem, &objective, NULL, NULL) == ZG_OK &&
        isfinite(objective)) {
        zg_network_free(solution->network);
        solution->network = found.network;
        found.network = NULL;
    }
    zg_solution_clear(&found);
    zg_values_free(method, values);
}

/* Where OpenBLAS does not know the processor, the method's remarks say so. */
static void remark_on_kernels(zg_solution *solution)
{
    const char *remark = zg_blas_core_remark();
    size_t used = strlen(solution->message), room = sizeof solution->message - used;
    if (remark) snprintf(solution->message + used, room, "%s%s", used ? "; " : "", remark);
}

zg_status zg_training_run(const zg_problem *problem, const zg_method *method,
                          const zg_value *values, const zg_control *control, double target,
                          double interval, zg_listener listener, void *context, zg_training *out,
                          zg_error *error)
{
    memset(out, 0, sizeof *out);
    forget(out);
    out->miss = NAN;
    out->assessment = (zg_assessment){.gap = NAN, .cause = "nothing_measured"};
    zg_status status = ZG_OK;
    if (problem->robust > 0.0 && !method->robust)
        status = zg_fail(error, ZG_UNSUPPORTED,
                         "%s trains on the rows alone, not against the worst points around them; "
                         "for a robust problem use the method \"ipm\" or \"exchange\"",
                         method->name);
    if (status == ZG_OK) status = zg_method_accepts(method, problem, values, error);
    zg_error conflict = {0};
    if (status == ZG_OK && zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT))
        status = zg_interpolation_conflict(problem, &conflict);
    bool impossible = status == ZG_INFEASIBLE && method->asked_anyway;
    if (impossible) status = ZG_OK;
    if (conflict.message[0] && !impossible && error) *error = conflict;
    zg_monitor *monitor = NULL;
    if (status == ZG_OK)
        status = zg_monitor_create(problem, target, interval, listener, context, &monitor, error);
    if (status) return status;
    zg_observer observer = zg_monitor_observer(monitor);
    zg_control own = *control;
    own.observer = &observer;
    own.method = method;
    if (control->threads > 0) zg_blas_set_threads(control->threads);
    out->solution.bound = -INFINITY;
    out->solution.processor_seconds = NAN; /* unless the method sets it */
    zg_error reason = {0};
    zg_status outcome = zg_span_solve(method, problem, values, &own, &out->solution, &reason);
    double start = zg_monotonic();
    remark_on_kernels(&out->solution);
    if (outcome == ZG_OK && !impossible && denies(problem, &out->solution))
        look_for_witness(problem, control, &out->solution);
    zg_method_end end = end_of(outcome, zg_monitor_iterates(monitor), out->solution.network);
    if (end != ZG_METHOD_NOTHING) status = certify(problem, monitor, out, error);
    if (status) end = ZG_METHOD_NOTHING;
    if (end == ZG_METHOD_NOTHING) forget(out);
    judge(problem, method, end, control->tolerance, impossible, out);
    if (!isfinite(out->certificate.objective)) forget(out); /* no model of nothing */
    out->certification_seconds =
        zg_monitor_certification_seconds(monitor) + (zg_monotonic() - start);
    zg_monitor_free(monitor);
    if (status) return status;
    /* A method that was stopped because the target was reached has done what was asked. */
    if (outcome == ZG_STOPPED && out->assessment.decision == ZG_DECISION_CERTIFIED) return ZG_OK;
    if (outcome == ZG_OK && end == ZG_METHOD_NOTHING)
        return zg_fail(error, ZG_FAILED,
                       "the method %s said that it succeeded, but returned no network",
                       method->name);
    if (outcome)
        return zg_fail(error, outcome, "%s",
                       reason.message[0] ? reason.message : zg_status_message(outcome));
    if (impossible)
        return zg_fail(error, ZG_INFEASIBLE, "%s; %s", conflict.message, out->assessment.message);
    return ZG_OK;
}

/* Judges a solution that was found on the way through a path. */
static zg_status judge_alone(const zg_problem *problem, const zg_method *method, double tolerance,
                             zg_training *out, zg_error *error)
{
    zg_monitor *monitor = NULL;
    double start = zg_monotonic();
    zg_status status = zg_monitor_create(problem, 0.0, INFINITY, NULL, NULL, &monitor, error);
    if (status == ZG_OK) status = certify(problem, monitor, out, error);
    judge(problem, method, status ? ZG_METHOD_NOTHING : ZG_METHOD_FINISHED, tolerance, false, out);
    out->certification_seconds = zg_monotonic() - start;
    zg_monitor_free(monitor);
    return status;
}

/* zg_ipm_path in the span of the rows; solutions that could not be found have no network. */
static zg_status solve_path(const zg_problem *problem, const zg_value *values,
                            const zg_control *control, size_t count, const double *betas,
                            zg_solution *solutions, zg_error *error)
{
    zg_span span;
    zg_status status = zg_span_create(problem, &span, error);
    if (status != ZG_OK) return status;
    (void)zg_ipm_path(span.problem ? span.problem : problem, values, count, betas, control,
                      solutions, NULL);
    for (size_t i = 0; span.problem && i < count; i++) {
        zg_network *narrow = solutions[i].network;
        solutions[i].network = NULL;
        if (narrow && status == ZG_OK)
            status = zg_span_widen(&span, narrow, &solutions[i].network, error);
        zg_network_free(narrow);
    }
    zg_span_clear(&span);
    return status;
}

/* The warm way; trainings whose solution it could not find have no network. */
static zg_status path_by_ipm(const zg_problem *problem, const zg_method *method,
                             const zg_value *values, const zg_control *control, size_t count,
                             const double *betas, zg_training *trainings, zg_error *error)
{
    zg_solution *solutions = calloc(count, sizeof *solutions);
    if (!solutions) return zg_no_memory(error);
    zg_status status = solve_path(problem, values, control, count, betas, solutions, error);
    for (size_t i = 0; i < count; i++) {
        zg_problem at = *problem;
        at.beta = betas[i];
        trainings[i] = (zg_training){.solution = solutions[i], .miss = NAN};
        trainings[i].certificate = (zg_certificate){NAN, NAN, NAN, ZG_BOUND_ZERO, NAN};
        if (!solutions[i].network || status) continue;
        trainings[i].solution.bound = -INFINITY;
        status = judge_alone(&at, method, control->tolerance, &trainings[i], error);
    }
    free(solutions);
    return status;
}

/* A zg_listener: tells the observer of a path's control. */
static bool relay(void *context, const zg_progress *progress)
{
    const zg_observer *observer = context;
    const zg_iterate iterate = {
        .unit = progress->unit, .number = progress->number, .output = ZG_ALL_OUTPUTS};
    return observer->notify(observer->context, &iterate, progress->seconds);
}

zg_status zg_training_path(const zg_problem *problem, const zg_method *method,
                           const zg_value *values, const zg_control *control, size_t count,
                           const double *betas, zg_training *trainings, zg_error *error)
{
    zg_status status = ZG_OK;
    memset(trainings, 0, count * sizeof *trainings);
    bool warm = strcmp(method->name, "ipm") == 0 && count > 1 &&
                !zg_neuron_set_finite(problem->neuron_set) &&
                !zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT) && control->seconds == 0 &&
                problem->robust == 0.0;
    if (warm)
        status = path_by_ipm(problem, method, values, control, count, betas, trainings, error);
    for (size_t i = 0; i < count && status == ZG_OK; i++) {
        zg_problem at = *problem;
        at.beta = betas[i];
        if (trainings[i].assessment.decision == ZG_DECISION_CERTIFIED) continue;
        zg_training_clear(&trainings[i]); /* from nothing, where the warm way did not get there */
        zg_observer *observer = (zg_observer *)(uintptr_t)control->observer;
        status = zg_training_run(&at, method, values, control, 0.0, INFINITY,
                                 observer ? relay : NULL, observer, &trainings[i], error);
        if (status && status != ZG_NO_MEMORY && status != ZG_BAD_INPUT) status = ZG_OK;
    }
    return status;
}

zg_status zg_train(const zg_problem *problem, const char *method_name, double tolerance,
                   zg_network **out, zg_error *error)
{
    const zg_method *method;
    zg_value *values = NULL;
    zg_training training = {0};
    if (!(tolerance > 0.0 && tolerance <= 1.0))
        return zg_fail(error, ZG_BAD_INPUT,
                       "the tolerance is %g, expected a number above 0 and at most 1", tolerance);
    zg_status status = zg_method_find(method_name ? method_name : "auto", problem, &method, error);
    if (status) return status;
    status = zg_values_create(method, &values, error);
    zg_control control = {.tolerance = tolerance};
    if (status == ZG_OK)
        status = zg_training_run(problem, method, values, &control, 0.0, 0.0, NULL, NULL, &training,
                                 error);
    zg_decision decision = training.assessment.decision;
    if (status == ZG_OK && (decision == ZG_DECISION_WRONG || decision == ZG_DECISION_FAILED))
        status = zg_fail(error, ZG_FAILED, "%s", training.assessment.message);
    if (status == ZG_OK) {
        *out = training.solution.network;
        training.solution.network = NULL;
        const char *remark = zg_blas_core_remark();
        if (remark && error) zg_error_set(error, ZG_OK, "%s", remark);
    }
    zg_training_clear(&training);
    zg_values_free(method, values);
    return status;
}
