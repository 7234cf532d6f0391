/* One case, in its worker process: data, problem, method, certificate; events through a pipe. */
#include "runner/case.h"

#include "base/child.h"
#include "base/linalg.h"
#include "base/scratch.h"
#include "core/discriminant.h"
#include "core/free_run.h"
#include "core/problem_rows.h"
#include "core/proof.h"
#include "core/worst_case.h"
#include "runner/checker.h"
#include "runner/closed_form.h"
#include "runner/verdict.h"
#include "train/stack.h"
#include "train/training.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the worker works with. */
typedef struct work {
    const zg_case_job *job;
    int pipe;
    double started; /* monotonic */
    double stop_at; /* the method is asked to stop then; INFINITY: never */
    bool overtime;  /* it was, for that */
    bool asked;     /* it was, because the run is to end */
    zg_event event;
    zg_row row;
    zg_dataset *train, *test;
    zg_dataset *validation;
    char **notes; /* of the readers */
    size_t note_count;
    double *weights; /* of the training rows, or NULL */
    zg_preprocess preprocess;
    zg_encoding encoding;
    zg_model_options model;
    zg_problem *problem;
    zg_training training;
    char contradiction[256]; /* a claim below a certified bound, in words */
} work;

static bool send_line(int pipe, const zg_event *event)
{
    return zg_write_all(pipe, event->text, event->length);
}

static double time_of_run(const work *w)
{
    return round((zg_monotonic() - w->job->begin) * 1e6) / 1e6;
}

/* Tells the runner how large the problem is, for case_started. */
static bool tell_size(work *w)
{
    zg_event *event = &w->event;
    if (w->job->repetition > 0) return true;
    zg_event_start(event, "data");
    zg_event_number(event, "t", time_of_run(w));
    zg_event_number(event, "n", (double)w->problem->samples);
    zg_event_number(event, "d", (double)w->problem->inputs);
    zg_event_number(event, "outputs", (double)w->problem->outputs);
    if (w->job->item->beta_relative > 0) zg_event_number(event, "beta", w->problem->beta);
    if (w->note_count > 0)
        zg_event_texts(event, "notes", (const char *const *)w->notes, w->note_count);
    return zg_event_finish(event, NULL) == ZG_OK && send_line(w->pipe, event);
}

/* Every certified iterate: an event, and a look at the clock. */
static bool listen(void *context, const zg_progress *progress)
{
    work *w = context;
    /* How exactly a network interpolates is checked once, at the end. */
    if (!zg_loss_has(w->problem->loss.kind, ZG_LOSS_EXACT) && !w->contradiction[0] &&
        zg_claim_refuted(progress->objective, progress->bound))
        snprintf(w->contradiction, sizeof w->contradiction,
                 "the objective claimed on the way, %.17g lies below the certified lower bound "
                 "%.17g",
                 progress->objective, progress->bound);
    if (w->job->repetition == 0) {
        zg_event *event = &w->event;
        zg_event_start(event, "progress");
        zg_event_number(event, "t", time_of_run(w));
        zg_event_text(event, "case", w->job->item->name);
        zg_event_number(event, "seconds", progress->seconds);
        zg_event_number(event, "objective", progress->objective);
        zg_event_number(event, "bound", progress->bound);
        zg_event_number(event, progress->unit, (double)progress->number);
        zg_event_number(event, "certification_seconds", progress->certification_seconds);
        if (zg_event_finish(event, NULL) != ZG_OK || !send_line(w->pipe, event)) return false;
    }
    w->overtime = w->overtime || zg_monotonic() > w->stop_at;
    w->asked = w->asked || (w->job->asked && atomic_load(w->job->asked));
    return !w->overtime && !w->asked;
}

/* ---- data to problem ----------------------------------------------------------------------- */

/* They are read as one target more. */
static zg_status take_weights(work *w, zg_error *error)
{
    zg_status status = zg_dataset_take_weights(w->train, &w->weights, error);
    zg_dataset *const others[] = {w->validation, w->test};
    for (size_t i = 0; status == ZG_OK && i < sizeof others / sizeof *others; i++) {
        double *ignored = NULL; /* rows that only score count alike */
        if (others[i]) status = zg_dataset_take_weights(others[i], &ignored, error);
        free(ignored);
    }
    return status;
}

/* Rows that only score need labels that training rows have: checked before any training. */
static zg_status check_others(const work *w, zg_error *error)
{
    static const char *const names[] = {"validation", "test"};
    const zg_dataset *const others[] = {w->validation, w->test};
    zg_status status = ZG_OK;
    for (size_t i = 0; status == ZG_OK && i < sizeof others / sizeof *others; i++) {
        zg_error inner = {0};
        if (!others[i]) continue;
        double *y = zg_doubles(others[i]->rows * w->encoding.outputs);
        if (!y) return zg_no_memory(error);
        status = zg_encoding_apply(&w->encoding, others[i], y, &inner);
        if (status != ZG_OK) zg_fail(error, status, "the %s rows: %.900s", names[i], inner.message);
        free(y);
    }
    return status;
}

/* The data of a case must be those that its key was computed from, or the case does not run. */
static zg_status check_content(const work *w, zg_error *error)
{
    zg_recipe now = w->job->item->recipe;
    zg_status status = zg_recipe_content(&now, w->job->world, error);
    if (status != ZG_OK || strcmp(now.content, w->job->item->recipe.content) == 0) return status;
    return zg_fail(error, ZG_BAD_INPUT, "the data have changed since the run began");
}

/* Takes the notes over from rows that will not stay in memory; those of test rows in a file of
 * their own follow the others. */
static void take_notes(work *w)
{
    const zg_recipe *recipe = &w->job->item->recipe;
    if ((recipe->test_file || recipe->test_source) && w->test)
        for (size_t i = 0; i < w->test->note_count; i++)
            zg_dataset_note(w->train, "%s", w->test->notes[i]);
    w->notes = w->train->notes;
    w->note_count = w->train->note_count;
    w->train->notes = NULL;
    w->train->note_count = w->train->note_capacity = 0;
}

/* The labels of the training rows; in a fold those of all folds: which classes there are does not
 * depend on the rows that are held back. */
static zg_status fit_encoding(work *w, zg_error *error)
{
    const zg_recipe *recipe = &w->job->item->recipe;
    zg_dataset *all = NULL;
    if (recipe->folds == 0) return zg_encoding_fit(w->train, recipe->task, &w->encoding, error);
    zg_status status = zg_dataset_append(w->train, w->validation, &all, error);
    if (status == ZG_OK) status = zg_encoding_fit(all, recipe->task, &w->encoding, error);
    zg_dataset_free(all);
    return status;
}

/* The rows whose means and deviations scale the others: those that train or, so that beta means the
 * same while settings are chosen as when all rows train, also those that validate; these are then
 * *own, too, the caller's. */
static zg_status find_scaling(const work *w, zg_dataset **own, const zg_dataset **rows,
                              zg_error *error)
{
    *own = NULL;
    *rows = w->train;
    if (!w->job->item->recipe.scale_by_all || !w->validation) return ZG_OK;
    zg_status status = zg_dataset_append(w->train, w->validation, own, error);
    *rows = *own;
    return status;
}

/* beta as a share of beta_max, of the rows at hand. */
static zg_status find_beta(work *w, zg_error *error)
{
    double highest;
    zg_status status = zg_problem_beta_max(w->problem, &highest, error);
    if (status != ZG_OK) return status;
    double beta = w->job->item->beta_relative * highest;
    if (!(beta > 0 && isfinite(beta)))
        return zg_fail(error, ZG_BAD_INPUT,
                       "beta_relative needs a beta_max above 0, and here the zero network is "
                       "optimal for every beta");
    w->problem->beta = w->model.beta = beta;
    return ZG_OK;
}

/* Everything that is fitted to the training rows, and the problem over them. */
static zg_status fit_problem(work *w, zg_error *error)
{
    const zg_case *item = w->job->item;
    zg_dataset *own;
    const zg_dataset *rows;
    zg_status status = find_scaling(w, &own, &rows, error);
    if (status == ZG_OK)
        status = zg_preprocess_fit(rows, item->recipe.standardize, &w->preprocess, error);
    zg_dataset_free(own);
    w->preprocess.bias = item->recipe.bias;
    if (status == ZG_OK && item->recipe.halfspaces)
        status = zg_preprocess_fit_halfspaces(w->train, &w->preprocess, error);
    if (status != ZG_OK) return status;
    /* Read again, now that the number of inputs is known. */
    char text[256];
    zg_architecture_format(&item->model.architecture, text, sizeof text);
    status = zg_architecture_parse(text, w->train->inputs, &w->model.architecture, error);
    if (status == ZG_OK)
        status = zg_problem_over_dataset(w->train, &w->preprocess, &w->encoding, w->weights,
                                         &w->model, item->penalty, &w->problem, error);
    if (status == ZG_OK && item->beta_relative > 0) status = find_beta(w, error);
    return status;
}

/* Trains a layer, and widens all rows by what it says of them. */
static zg_status add_layer(work *w, size_t layer, zg_error *error)
{
    const zg_case *item = w->job->item;
    zg_dataset *const rows[] = {w->train, w->validation, w->test};
    zg_network *network = NULL;
    zg_error inner = {0};
    zg_status status = fit_problem(w, &inner);
    if (status == ZG_OK)
        status = zg_stack_train(w->problem, w->job->suite->tolerance, &network, &inner);
    zg_problem_free(w->problem);
    zg_preprocess_clear(&w->preprocess);
    w->problem = NULL;
    if (status == ZG_OK)
        status = zg_stack_append(network, item->layer_features, layer, 3, rows, &inner);
    if (status == ZG_OK)
        zg_dataset_note(w->train, "layer %zu: objective %.10g, certified to a gap of %.1e", layer,
                        network->training.objective, network->training.gap);
    zg_network_free(network);
    if (status == ZG_OK) return ZG_OK;
    return zg_fail(error, status, "layer %zu of %zu: %.900s", layer, item->layers, inner.message);
}

static zg_status scale_targets(work *w, zg_error *error)
{
    zg_dataset *own;
    const zg_dataset *rows;
    zg_status status = find_scaling(w, &own, &rows, error);
    if (status == ZG_OK) status = zg_encoding_standardize(&w->encoding, rows, error);
    zg_dataset_free(own);
    return status;
}

static zg_status read_rows(work *w, zg_error *error)
{
    const zg_case *item = w->job->item;
    zg_rows rows = {0};
    zg_status status = check_content(w, error);
    if (status == ZG_OK) status = zg_recipe_make(&item->recipe, w->job->world, &rows, error);
    w->train = rows.train;
    w->validation = rows.validation;
    w->test = rows.test;
    if (status == ZG_OK && item->recipe.weights) status = take_weights(w, error);
    if (status == ZG_OK) status = fit_encoding(w, error);
    if (status == ZG_OK && item->recipe.standardize_targets) status = scale_targets(w, error);
    if (status == ZG_OK && item->recipe.class_weights)
        status = zg_class_weights(&w->encoding, w->train, item->recipe.class_weights, &w->weights,
                                  error);
    return status == ZG_OK ? check_others(w, error) : status;
}

static zg_status build_problem(work *w, zg_error *error)
{
    const zg_case *item = w->job->item;
    zg_status status = read_rows(w, error);
    w->model = item->model;
    for (size_t layer = 1; layer < item->layers && status == ZG_OK; layer++)
        status = add_layer(w, layer, error);
    if (status == ZG_OK) take_notes(w);
    if (status == ZG_OK) status = fit_problem(w, error);
    if (status != ZG_OK) return status;
    if (w->job->suite->verify_exact) return status; /* the proof is about the rows as read */
    if (w->problem && w->problem->borrows_x) return status;
    zg_dataset_free(w->train); /* the problem has a copy, and memory is limited */
    w->train = NULL;
    return status;
}

/* In the targets' own units; f is brought into them. */
static double rmse_of(const zg_problem *problem, double *f)
{
    size_t n = problem->samples, count = n * problem->outputs;
    double *y = zg_doubles(count), value = NAN;
    if (y) {
        memcpy(y, problem->y, count * sizeof *y);
        zg_encoding_decode(&problem->encoding, n, f);
        zg_encoding_decode(&problem->encoding, n, y);
        value = zg_rmse(count, f, y);
    }
    free(y);
    return value;
}

/* Labels by the threshold, and the loss of the multiple whose means are 1 apart. */
static zg_status score_discriminant(const zg_problem *problem, const zg_network *network,
                                    zg_score *out)
{
    size_t n = problem->points;
    double *f = zg_doubles(n);
    zg_status status = f ? zg_network_evaluate(network, n, problem->x, f) : ZG_NO_MEMORY;
    if (status == ZG_OK) zg_encoding_decode(&network->encoding, n, f);
    if (status == ZG_OK) out->accuracy = zg_accuracy(&network->encoding, n, f, problem->targets);
    if (status == ZG_OK) status = zg_network_objective(network, problem, NULL, &out->loss, NULL);
    free(f);
    return status;
}

static zg_status score(const work *w, const zg_problem *problem, zg_score *out, zg_error *error)
{
    const zg_network *network = w->training.solution.network;
    size_t n = problem->samples, count = n * problem->outputs;
    double *f = zg_doubles(count);
    if (!f) return zg_no_memory(error);
    bool separates = zg_discriminant_posed(problem);
    zg_status status = separates ? score_discriminant(problem, network, out)
                                 : zg_problem_responses(problem, network, f);
    if (status == ZG_OK && !separates) {
        out->loss = 0;
        for (size_t c = 0; c < problem->outputs; c++)
            out->loss += zg_loss_value(problem->loss, n, f + c * n, problem->y + c * n, NULL);
        if (problem->encoding.task == ZG_REGRESSION)
            out->rmse = rmse_of(problem, f);
        else
            out->accuracy = zg_accuracy(&problem->encoding, n, f, problem->y);
        if (problem->robust > 0 && problem->encoding.task == ZG_BINARY)
            out->robust_accuracy = zg_robust_accuracy(network, problem);
    }
    free(f);
    if (status != ZG_OK) return zg_fail(error, status, "cannot evaluate the network");
    if (isfinite(problem->encoding.task == ZG_REGRESSION ? out->rmse : out->accuracy)) return ZG_OK;
    return zg_fail(error, ZG_FAILED, "the network's outputs are too large to be scored");
}

/* The beginning of a free run that the report draws: the first output, up to a divergence. */
static void keep_trace(zg_row *row, size_t n, size_t diverged, const double *y, const double *f)
{
    size_t count = diverged ? diverged - 1 : n;
    if (count > ZG_TRACE_ROWS) count = ZG_TRACE_ROWS;
    free(row->trace);
    row->trace_count = 0;
    row->trace = count ? malloc(2 * count * sizeof *row->trace) : NULL;
    if (!row->trace) return;
    row->trace_count = count;
    memcpy(row->trace, y, count * sizeof *y);
    memcpy(row->trace + count, f, count * sizeof *f);
}

/* How a model of a time series simulates rows that did not train; nothing for other data. */
static zg_status score_series(work *w, const zg_dataset *rows, const zg_problem *problem,
                              zg_score *out, zg_error *error)
{
    if (!rows->series) return ZG_OK;
    size_t n = rows->rows, count = n * problem->outputs, diverged;
    double *f = zg_doubles(count), *y = zg_doubles(count);
    zg_status status = f && y ? zg_free_run(w->training.solution.network, rows, f, &diverged, error)
                              : zg_no_memory(error);
    if (status == ZG_OK) status = zg_encoding_targets_of(&problem->encoding, rows, y, error);
    if (status == ZG_OK && diverged == 0) {
        out->free_run_rmse = zg_rmse(count, f, y);
        out->free_run_fit = zg_fit_percent(problem->outputs, n, y, f);
    } else if (status == ZG_OK) {
        out->diverged = (double)diverged;
    }
    if (status == ZG_OK)
        out->outside =
            zg_share_outside(problem->inputs, n, problem->x, w->problem->samples, w->problem->x);
    if (status == ZG_OK && rows == w->test) keep_trace(&w->row, n, diverged, y, f);
    free(f);
    free(y);
    return status;
}

/* The score on rows that did not train; nothing where there are none. */
static zg_status score_others(work *w, const zg_dataset *rows, const char *what, zg_score *out,
                              zg_error *error)
{
    zg_problem *problem = NULL;
    zg_error inner = {0};
    if (!rows || rows->rows == 0) return ZG_OK;
    zg_status status = zg_problem_for_scores(rows, &w->preprocess, &w->encoding, &w->model,
                                             w->job->item->penalty, &problem, &inner);
    if (status == ZG_OK) status = score(w, problem, out, &inner);
    if (status == ZG_OK) status = score_series(w, rows, problem, out, &inner);
    zg_problem_free(problem);
    return status ? zg_fail(error, status, "no score of the %s rows: %.900s", what, inner.message)
                  : ZG_OK;
}

static void set_failure(zg_row *row, zg_verdict verdict, const char *cause, const char *message)
{
    row->verdict = verdict;
    snprintf(row->cause, sizeof row->cause, "%s", cause);
    snprintf(row->message, sizeof row->message, "%s", message);
}

/* Robust accuracy over radii, of the test rows where there are any: also of radius 0 in a list. */
static void keep_robust_curve(work *w)
{
    zg_row *row = &w->row;
    const zg_setting *radius = zg_settings_find(w->job->item->model_settings, "robust.radius");
    if (!radius || w->encoding.task != ZG_BINARY) return;
    zg_problem *test = NULL;
    row->robust_on_test = w->test && w->test->rows > 0;
    zg_status status = row->robust_on_test
                           ? zg_problem_for_scores(w->test, &w->preprocess, &w->encoding, &w->model,
                                                   w->job->item->penalty, &test, NULL)
                           : ZG_OK;
    if (status == ZG_OK)
        status = zg_robust_curve(w->training.solution.network, test ? test : w->problem,
                                 2 * w->model.robust, ZG_ROBUST_RADII, row->robust_radius,
                                 row->robust_share);
    row->robust_count = status == ZG_OK ? ZG_ROBUST_RADII : 0;
    zg_problem_free(test);
}

/* Scores that were asked for and cannot be had are a failure: those of other rows would be taken
 * for them. */
static void score_all(work *w)
{
    zg_error error = {0};
    (void)score(w, w->problem, &w->row.train, &error); /* nobody asked for it */
    zg_status status = score_others(w, w->validation, "validation", &w->row.validation, &error);
    if (status == ZG_OK) status = score_others(w, w->test, "test", &w->row.test, &error);
    if (status == ZG_OK) keep_robust_curve(w);
    if (status == ZG_OK || w->row.verdict == ZG_WRONG) return;
    w->row.train = w->row.validation = w->row.test = ZG_NO_SCORE;
    set_failure(&w->row, ZG_CASE_FAILED, "no_score", error.message);
}

/* Networks of two inputs that can be drawn are part of the row. */
static void keep_plane(zg_row *row, const zg_network *network)
{
    bool drawable = !network->preprocess.bias && network->preprocess.halfspaces == 0 &&
                    network->inputs == 2 && network->outputs == 1 && network->patches.width == 2;
    if (!drawable || network->count > ZG_PLANE_NEURONS) return;
    row->plane_count = network->count;
    memcpy(row->plane_u, network->u, 2 * network->count * sizeof(double));
    memcpy(row->plane_alpha, network->alpha, network->count * sizeof(double));
}

/* ---- the result ------------------------------------------------------------------------------ */

/* What went wrong, as a verdict and a fixed word. */
static void set_error(zg_row *row, zg_status status, bool in_data, const char *message)
{
    zg_verdict verdict = ZG_CASE_FAILED;
    const char *cause = in_data ? "bad_data" : "method_failed";
    switch (status) {
    case ZG_NO_MEMORY:
        verdict = ZG_OUT_OF_MEMORY;
        cause = "allocation_failed";
        break;
    case ZG_UNSUPPORTED:
        verdict = ZG_SKIPPED;
        cause = "unsupported";
        break;
    case ZG_MISSING:
        verdict = ZG_SKIPPED;
        cause = in_data ? "missing_data" : "missing_program";
        break;
    case ZG_TIMEOUT:
    case ZG_STOPPED:
        verdict = ZG_CASE_TIMEOUT;
        cause = "time_limit";
        break;
    case ZG_IO:
        cause = "io_error";
        break;
    case ZG_INFEASIBLE:
        cause = "infeasible";
        break;
    case ZG_BAD_INPUT:
        cause = in_data ? "bad_data" : "bad_problem";
        break;
    default:
        break;
    }
    set_failure(row, verdict, cause, message[0] ? message : zg_status_message(status));
}

static void set_solution(work *w)
{
    const zg_training *training = &w->training;
    const zg_solution *solution = &training->solution;
    zg_row *row = &w->row;
    row->seconds = solution->seconds;
    row->processor_seconds = solution->processor_seconds;
    row->certification_seconds = training->certification_seconds;
    row->iterations = (double)solution->iterations;
    if (solution->unit) snprintf(row->unit, sizeof row->unit, "%s", solution->unit);
    if (solution->pivots > 0) row->pivots = (double)solution->pivots;
    row->has_dimacs = solution->has_dimacs;
    memcpy(row->dimacs, solution->dimacs, sizeof row->dimacs);
    zg_claim claim;
    if (zg_solution_total_claim(solution, w->problem->outputs, &claim)) {
        row->claimed_primal = isnan(claim.stated_primal) ? claim.primal : claim.stated_primal;
        row->claimed_dual = isnan(claim.stated_dual) ? claim.dual : claim.stated_dual;
        snprintf(row->claimed_says, sizeof row->claimed_says, "%s", zg_says_name(claim.says));
    }
    memcpy(row->solver_program, solution->solver.path, sizeof row->solver_program);
    memcpy(row->solver_version, solution->solver.version, sizeof row->solver_version);
    memcpy(row->solver_digest, solution->solver.digest, sizeof row->solver_digest);
    memcpy(row->adapter_digest, solution->solver.adapter, sizeof row->adapter_digest);
    snprintf(row->message, sizeof row->message, "%s", solution->message);
    if (!solution->network) return;
    row->neurons = (double)zg_network_neurons(solution->network);
    keep_plane(row, solution->network);
    row->objective = training->certificate.objective;
    row->rounding = training->certificate.rounding;
    row->residual = training->miss;
    row->bound = training->certificate.bound;
    row->gap = training->certificate.gap;
    if (w->problem->penalty.kind == ZG_PENALTY_L1) return;
    row->power_sum = training->penalty / w->problem->beta;
    /* Without a loss all of the bound is the penalty's; rounded towards safety. */
    if (zg_loss_has(w->problem->loss.kind, ZG_LOSS_EXACT))
        row->power_sum_bound = nextafter(row->bound / w->problem->beta, -INFINITY);
}

/* A verdict of the gate; what the method remarked stays part of the message. */
static void set_ruling(zg_row *row, zg_verdict verdict, const char *cause, const char *message)
{
    char remark[sizeof row->message];
    memcpy(remark, row->message, sizeof remark);
    row->verdict = verdict;
    snprintf(row->cause, sizeof row->cause, "%s", cause);
    snprintf(row->message, sizeof row->message, "%.400s%s%.500s", message,
             remark[0] ? "; the method: " : "", remark);
}

/* Verdict over a network that the method returned, by the gate; status is how the method ended. */
static void set_verdict(work *w, zg_status status, const char *reason)
{
    const zg_assessment *found = &w->training.assessment;
    zg_row *row = &w->row;
    if (w->contradiction[0]) {
        set_ruling(row, ZG_WRONG, "contradiction", w->contradiction);
        return;
    }
    row->verdict = zg_verdict_of(found->decision);
    if (row->verdict == ZG_CERTIFIED && !found->cause[0]) return;
    if (row->verdict == ZG_CERTIFIED) {
        set_ruling(row, row->verdict, found->cause, reason);
        return;
    }
    if (row->verdict == ZG_WRONG || (row->verdict == ZG_CASE_FAILED && status == ZG_OK)) {
        set_ruling(row, row->verdict, found->cause, found->message);
        return;
    }
    if (status != ZG_OK) set_error(row, status, false, reason);
}

/* Has the exact checker confirm a certified result. */
static zg_status ask_checker(work *w, zg_checked *out, zg_error *error)
{
    char certificate[PATH_MAX];
    const char *folder = zg_temporary_folder(); /* the case's scratch folder, which goes with it */
    int length = snprintf(certificate, sizeof certificate, "%s/certificate.json", folder);
    if (length < 0 || (size_t)length >= sizeof certificate)
        return zg_fail(error, ZG_BAD_INPUT, "the path of the temporary folder is too long");
    zg_proof proof = {.problem = w->problem,
                      .dataset = w->train,
                      .network = w->training.solution.network,
                      .dual = w->training.dual};
    zg_proof_claim claim;
    zg_status status = zg_proof_write(certificate, &proof, &claim, error);
    if (status != ZG_OK) return status;
    return zg_checker_run(certificate, claim.data_file, folder, out, error);
}

/* "proven" needs both ends of the interval, at most the tolerance apart: the certificate claims
 * less than the row, by rounding, and no upper end where no network of doubles fits the targets. */
static void judge_proof(zg_row *row, const zg_checked *checked, double tolerance)
{
    char message[128];
    double gap = zg_gap(checked->upper, checked->lower);
    snprintf(message, sizeof message, "what the exact checker proves is a gap of %.1e", gap);
    if (checked->judgement == ZG_JUDGED_REFUTED)
        set_failure(row, ZG_WRONG, "refuted", checked->message);
    else if (checked->judgement == ZG_JUDGED_OPEN)
        set_failure(row, ZG_CERTIFIED, "not_proven", checked->message);
    else if (checked->upper < row->bound)
        set_failure(row, ZG_WRONG, "refuted",
                    "the exact checker proves an optimum below the bound");
    else if (!isfinite(checked->upper))
        set_failure(row, ZG_CERTIFIED, "not_proven",
                    "the exact checker proves the lower bound only, as no network of doubles fits "
                    "the targets exactly");
    else if (!(gap <= tolerance))
        set_failure(row, ZG_CERTIFIED, "not_proven", message);
    else
        row->verdict = ZG_PROVEN;
}

static void verify(work *w)
{
    zg_row *row = &w->row;
    zg_checked checked;
    zg_error error = {0};
    if (w->problem->penalty.kind != ZG_PENALTY_L1) {
        set_failure(row, ZG_CERTIFIED, "not_proven",
                    "no certificate of this penalty can be written from here; its bound stands");
        return;
    }
    double start = zg_monotonic();
    zg_status status = ask_checker(w, &checked, &error);
    row->verification_seconds = zg_monotonic() - start;
    if (status != ZG_OK)
        set_failure(row, ZG_CASE_FAILED, "not_verified", error.message);
    else
        judge_proof(row, &checked, w->job->suite->tolerance);
}

/* Whoever names a solver on the command line wants it run: one that is not there fails. */
static void refuse_absence(work *w)
{
    const zg_world *world = w->job->world;
    const zg_case *item = w->job->item;
    bool named = false;
    if (w->row.verdict != ZG_SKIPPED || strcmp(w->row.cause, "missing_program") != 0) return;
    for (size_t i = 0; i < item->method->option_count; i++) {
        const char *name = item->method->options[i].name, *text = item->values[i].text;
        named = named || (text && *text && strcmp(name, "adapter") == 0);
    }
    if (named && (world->adapter || world->program)) w->row.verdict = ZG_CASE_FAILED;
}

static void run_method(work *w)
{
    const zg_case *item = w->job->item;
    const zg_suite *suite = w->job->suite;
    zg_error error = {0};
    double left = w->stop_at - zg_monotonic();
    zg_control control = {.tolerance = suite->tolerance,
                          .seconds = isfinite(left) ? fmax(left, 1e-3) : 0,
                          .threads = (int)suite->threads,
                          .checkpoint = w->job->repetition == 0 ? w->job->checkpoint : NULL,
                          .jobs = 1};
    double interval = item->method->convex ? 0 : suite->progress_seconds;
    zg_status status = zg_training_run(w->problem, item->method, item->values, &control,
                                       suite->tolerance, interval, listen, w, &w->training, &error);
    set_solution(w);
    char overtime[128];
    snprintf(overtime, sizeof overtime, "stopped near the time limit of %g seconds",
             suite->limits.seconds);
    bool stopped = status == ZG_STOPPED || status == ZG_TIMEOUT;
    set_verdict(w, status, stopped && w->overtime ? overtime : error.message);
    if (stopped && w->asked && w->row.verdict == ZG_CASE_TIMEOUT)
        set_failure(&w->row, ZG_CASE_TIMEOUT, "run_ended",
                    "stopped because its run had to end (SIGUSR1)");
    refuse_absence(w);
    bool network = w->training.solution.network != NULL;
    if (w->row.verdict == ZG_CERTIFIED && suite->verify_exact && network) verify(w);
    if (network && (status == ZG_OK || stopped)) score_all(w);
    if (network) zg_closed_form_check(item, w->problem, w->training.solution.network, &w->row);
}

int zg_case_work(void *context, int pipe)
{
    const zg_case_job *job = context;
    double limit = job->suite->limits.seconds;
    work w = {.job = job, .pipe = pipe, .started = zg_monotonic(), .stop_at = INFINITY};
    /* Early enough to certify what there is before the supervisor loses patience. */
    if (limit > 0) w.stop_at = w.started + limit - fmin(1, 0.1 * limit);
    zg_row_start(&w.row);
    zg_error error = {0};
    zg_status status = build_problem(&w, &error);
    if (status != ZG_OK)
        set_error(&w.row, status, true, error.message);
    else if (tell_size(&w))
        run_method(&w);
    else
        return 1;
    w.row.blas_threads = zg_blas_threads();
    zg_event_start(&w.event, "result");
    zg_row_write(&w.row, &w.event);
    /* Everything goes with the process; what is left to do is to say what was found. */
    return zg_event_finish(&w.event, NULL) == ZG_OK && send_line(pipe, &w.event) ? 0 : 1;
}
