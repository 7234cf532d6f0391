/* The result of one training run, for people and as JSON. */
#include "cli/summary.h"

#include "base/linalg.h"
#include "base/number.h"
#include "cli/bands.h"
#include "cli/certificate_file.h"
#include "cli/json.h"
#include "core/cubic.h"
#include "core/discriminant.h"
#include "core/neuron_set.h"
#include "core/problem_rows.h"
#include "core/rank_reduction.h"
#include "core/worst_case.h"
#include "runner/verdict.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *zg_bound_source_text(zg_bound_source source)
{
    switch (source) {
    case ZG_BOUND_ZERO:
        return "zero";
    case ZG_BOUND_RESIDUAL:
        return "residual";
    case ZG_BOUND_DUAL:
        return "dual";
    case ZG_BOUND_TIGHT:
        return "tight";
    case ZG_BOUND_TREE:
        return "tree";
    }
    return "unknown";
}

/* Quality of the network on the rows of a data set; NAN where it has no meaning. */
typedef struct quality {
    size_t rows;
    double accuracy, rmse;
    bool overflow; /* an output is not finite: there is no score */
} quality;

#define TOO_LARGE "the network's outputs are too large to be scored"

/* The kinds of rows that there may be, by their names in JSON and in text. */
static const struct {
    const char *key, *word;
} parts[] = {{"train", "training"}, {"validation", "validation"}, {"test", "test"}};
enum { PARTS = sizeof parts / sizeof *parts };

/* Of rows that are functionals of the network: its root mean squared error in these. */
static double functional_rmse(const zg_summary *s, const zg_dataset *rows)
{
    zg_problem *own = NULL;
    const zg_inputs *in = s->inputs;
    double error = NAN;
    if (zg_problem_for_scores(rows, &in->preprocess, &in->encoding, &in->model, s->problem->penalty,
                              &own, NULL) != ZG_OK)
        return NAN;
    double *f = zg_doubles(own->samples);
    if (f && zg_problem_responses(own, s->training->solution.network, f) == ZG_OK)
        error = zg_rmse(own->samples, f, own->y);
    free(f);
    zg_problem_free(own);
    return error;
}

static quality measure(const zg_summary *s, const zg_dataset *rows)
{
    quality q = {rows ? rows->rows : 0, NAN, NAN, false};
    const zg_network *network = s->training->solution.network;
    size_t total = q.rows * network->outputs;
    if (!total) return q;
    if (s->problem->functionals && !zg_discriminant_posed(s->problem)) {
        q.rmse = functional_rmse(s, rows);
        q.overflow = !isfinite(q.rmse);
        return q;
    }
    double *f = zg_doubles(total), *y = zg_doubles(total);
    zg_error ignored;
    if (f && y && zg_network_predict(network, q.rows, rows->x, f, &ignored) == ZG_OK &&
        zg_encoding_targets_of(&s->inputs->encoding, rows, y, &ignored) == ZG_OK) {
        q.accuracy = zg_accuracy(&s->inputs->encoding, q.rows, f, y);
        q.rmse = zg_rmse(total, f, y);
        q.overflow = !zg_all_finite(total, f);
    }
    free(f);
    free(y);
    return q;
}

static json_t *quality_json(quality q)
{
    json_t *object = json_pack("{s:I}", "rows", (json_int_t)q.rows);
    if (isfinite(q.accuracy))
        json_object_set_new(object, "accuracy", json_real(q.accuracy));
    else if (isfinite(q.rmse))
        json_object_set_new(object, "rmse", json_real(q.rmse));
    if (q.overflow) zg_cli_json_text(object, "reason", TOO_LARGE);
    return object;
}

static void claim_json(const zg_solution *solution, size_t outputs, json_t *root)
{
    zg_claim claim;
    if (!zg_solution_total_claim(solution, outputs, &claim)) return;
    json_t *object = json_object();
    zg_cli_json_number(object, "primal",
                       isnan(claim.stated_primal) ? claim.primal : claim.stated_primal);
    zg_cli_json_number(object, "dual", isnan(claim.stated_dual) ? claim.dual : claim.stated_dual);
    json_object_set_new(root, "claimed", object);
}

static void program_json(const zg_program_identity *program, json_t *root)
{
    if (program->path[0]) zg_cli_json_text(root, "solver_program", program->path);
    if (program->version[0]) zg_cli_json_text(root, "solver_version", program->version);
    if (program->digest[0]) zg_cli_json_text(root, "solver_digest", program->digest);
}

/* Of the training rows of a robust problem with two classes; nothing for others. */
static double robust_accuracy(const zg_summary *s)
{
    bool asked = s->problem->robust > 0.0 && s->problem->encoding.task == ZG_BINARY;
    return asked ? zg_robust_accuracy(s->training->solution.network, s->problem) : NAN;
}

/* Of the training rows. */
static void discriminant_json(const zg_summary *s, json_t *root)
{
    zg_discriminant d;
    if (!zg_discriminant_posed(s->problem) ||
        zg_discriminant_measure(s->problem, s->training->solution.network, &d) != ZG_OK)
        return;
    json_t *object = json_object();
    zg_cli_json_number(object, "ratio", d.ratio);
    zg_cli_json_number(object, "threshold", d.threshold);
    zg_cli_json_number(object, "first_mean", d.mean[0]);
    zg_cli_json_number(object, "second_mean", d.mean[1]);
    json_object_set_new(root, zg_loss_name(s->problem->loss.kind), object);
}

static void print_discriminant(const zg_summary *s, FILE *out)
{
    zg_discriminant d;
    if (zg_discriminant_posed(s->problem) &&
        zg_discriminant_measure(s->problem, s->training->solution.network, &d) == ZG_OK)
        fprintf(out, "%-12s ratio %.8g, classes' means %.6g and %.6g, threshold %.6g\n",
                zg_loss_name(s->problem->loss.kind), d.ratio, d.mean[0], d.mean[1], d.threshold);
}

static void print_json(const zg_summary *s, const quality *q, const zg_bands *bands, FILE *out)
{
    const zg_training *t = s->training;
    const zg_certificate *c = &t->certificate;
    json_t *root = json_pack(
        "{s:s, s:s, s:s, s:s, s:f, s:b, s:I, s:I}", "command", "train", "method", s->method->name,
        "verdict", zg_decision_name(s->assessment->decision), "bound_source",
        zg_bound_source_text(c->source), "tolerance", s->tolerance, "certified",
        s->assessment->decision == ZG_DECISION_CERTIFIED, "neurons",
        (json_int_t)t->solution.network->count, "iterations", (json_int_t)t->solution.iterations);
    if (s->assessment->cause[0]) {
        zg_cli_json_text(root, "cause", s->assessment->cause);
        zg_cli_json_text(root, "reason", s->assessment->message);
    }
    zg_cli_json_number(root, "objective", c->objective);
    zg_cli_json_number(root, "rounding", c->rounding);
    zg_cli_json_number(root, "bound", c->bound);
    zg_cli_json_number(root, "gap", c->gap);
    zg_cli_json_number(root, "vicinity", zg_vicinity(s->problem, c));
    zg_bands_json(bands, s->problem, c, root);
    zg_cli_json_number(root, "seconds", t->solution.seconds);
    zg_cli_json_number(root, "certification_seconds", t->certification_seconds);
    zg_cli_json_number(root, "loss", t->loss);
    zg_cli_json_number(root, "penalty", t->penalty);
    zg_cli_json_number(root, "residual", t->miss);
    if (isfinite(t->miss))
        zg_cli_json_number(root, "residual_tolerance", ZG_INTERPOLATION_TOLERANCE);
    claim_json(&t->solution, s->problem->outputs, root);
    if (s->path) json_object_set(root, "path", s->path);
    program_json(&t->solution.solver, root);
    size_t most = zg_problem_pataki_bound(s->problem);
    if (most) json_object_set_new(root, "neuron_bound", json_integer((json_int_t)most));
    for (size_t i = 0; i < PARTS; i++)
        if (q[i].rows) json_object_set_new(root, parts[i].key, quality_json(q[i]));
    zg_cli_json_number(root, "robust_accuracy", robust_accuracy(s));
    discriminant_json(s, root);
    double twin;
    if (zg_cubic_objective(t->solution.network, s->problem, &twin) == ZG_OK)
        zg_cli_json_number(root, "cubic_objective", twin);
    if (t->solution.has_dimacs) {
        json_t *dimacs = json_array();
        for (int k = 0; k < 6; k++)
            json_array_append_new(dimacs, json_real(t->solution.dimacs[k]));
        json_object_set_new(root, "dimacs", dimacs);
    }
    if (s->model) zg_cli_json_text(root, "model", s->model);
    if (s->certificate) zg_certificate_json(s->certificate, s->claim, root);
    if (t->solution.message[0]) zg_cli_json_text(root, "message", t->solution.message);
    if (s->trouble) zg_cli_json_text(root, "trouble", s->trouble);
    zg_cli_print_json(root, out);
}

static void print_quality(const char *name, quality q, FILE *out)
{
    if (!q.rows) return;
    const char *many = q.rows == 1 ? "" : "s";
    if (q.overflow)
        fprintf(out, "%-12s no score over %zu row%s: " TOO_LARGE "\n", name, q.rows, many);
    else if (isfinite(q.accuracy))
        fprintf(out, "%-12s %.2f %% right of %zu row%s\n", name, 100.0 * q.accuracy, q.rows, many);
    else
        fprintf(out, "%-12s root mean squared error %.6g over %zu row%s\n", name, q.rmse, q.rows,
                many);
}

void zg_print_gap(const zg_certificate *c, const char *remark, FILE *out)
{
    if (isfinite(c->gap))
        fprintf(out, "%-12s %.2e  %s\n", "gap", c->gap, remark);
    else
        fprintf(out, "%-12s none  %s\n", "gap", remark);
}

void zg_print_verdict(const zg_assessment *assessment, FILE *out)
{
    if (assessment->cause[0])
        fprintf(out, "%-12s %s: %s\n", "verdict", zg_decision_name(assessment->decision),
                assessment->message);
}

static void print_robust(const zg_summary *s, FILE *out)
{
    double share = robust_accuracy(s);
    if (isfinite(share))
        fprintf(out, "%-12s %.2f %% keep their label everywhere within %g, proven\n", "robust",
                100.0 * share, s->problem->robust);
}

static void print_text(const zg_summary *s, const quality *q, const zg_bands *bands, FILE *out)
{
    const zg_training *t = s->training;
    const zg_certificate *c = &t->certificate;
    char bound[ZG_NUMBER_SIZE], neurons[ZG_NEURON_SET_SIZE];
    bool optimal = s->assessment->decision == ZG_DECISION_CERTIFIED;
    char remark[160];
    fprintf(out, "%-12s %.10g  (loss %.6g, penalty %.6g)\n", "objective", c->objective, t->loss,
            t->penalty);
    zg_number_bound(c->bound, 10, -1, bound);
    bool exact = zg_loss_has(s->problem->loss.kind, ZG_LOSS_EXACT);
    bool finite = zg_neuron_set_finite(s->problem->neuron_set);
    zg_neuron_set_format(s->problem->neuron_set, neurons);
    fprintf(out, "%-12s %s  certified: no network of any width%s%s %s%s\n", "bound", bound,
            finite ? " with neurons of the set " : "", finite ? neurons : "",
            exact ? "that meets the targets exactly " : "",
            optimal ? "does better" : "gets below it");
    snprintf(remark, sizeof remark, "%s (tolerance %.0e, bound from the %s)",
             optimal ? "globally optimal" : "NOT proven optimal", s->tolerance,
             zg_bound_source_text(c->source));
    zg_print_gap(c, remark, out);
    if (s->assessment->decision != ZG_DECISION_WRONG) zg_print_vicinity(s->problem, c, out);
    zg_bands_print(bands, s->problem, c, out);
    zg_print_verdict(s->assessment, out);
    if (isfinite(t->miss))
        fprintf(out, "%-12s off by at most %.2e of the largest target (%.0e counts as exact)\n",
                "residual", t->miss, ZG_INTERPOLATION_TOLERANCE);
    double twin;
    if (zg_cubic_objective(t->solution.network, s->problem, &twin) == ZG_OK)
        fprintf(out, "%-12s %.10g  the same network with the cubic penalty, lengths free\n",
                "cubic twin", twin);
    fprintf(out, "%-12s %zu", "neurons", t->solution.network->count);
    size_t most = zg_problem_pataki_bound(s->problem);
    if (s->method->convex && most) fprintf(out, "  (some optimum has at most %zu)", most);
    fputc('\n', out);
    fprintf(out, "%-12s %.3f s by %s, %ld %ss; certificates %.3f s\n", "time", t->solution.seconds,
            s->method->name, t->solution.iterations,
            t->solution.unit ? t->solution.unit : "iteration", t->certification_seconds);
    for (size_t i = 0; i < PARTS; i++)
        print_quality(parts[i].word, q[i], out);
    print_robust(s, out);
    print_discriminant(s, out);
    if (s->model) fprintf(out, "%-12s %s\n", "model", s->model);
    if (s->certificate) zg_certificate_print(s->certificate, s->claim, out);
    if (t->solution.message[0]) fprintf(out, "%-12s %s\n", "remark", t->solution.message);
    if (s->trouble) fprintf(out, "%-12s %s\n", "ended early", s->trouble);
}

const char *zg_decision_name(zg_decision decision)
{
    return zg_verdict_name(zg_verdict_of(decision));
}

int zg_decision_exit(zg_decision decision)
{
    if (decision == ZG_DECISION_WRONG) return ZG_EXIT_WRONG;
    return decision == ZG_DECISION_CERTIFIED ? ZG_EXIT_FINE : ZG_EXIT_FAILED;
}

int zg_summary_print(const zg_summary *s, bool json, FILE *out)
{
    const quality q[PARTS] = {measure(s, s->inputs->train), measure(s, s->inputs->validation),
                              measure(s, s->inputs->test)};
    zg_bands bands = {0};
    if (s->assessment->decision != ZG_DECISION_WRONG)
        zg_bands_of_test(s->problem, s->inputs->test, &bands);
    (json ? print_json : print_text)(s, q, &bands, out);
    zg_bands_clear(&bands);
    int exit_status = zg_decision_exit(s->assessment->decision);
    for (size_t i = 0; i < PARTS; i++)
        if (q[i].overflow && exit_status == ZG_EXIT_FINE) exit_status = ZG_EXIT_FAILED;
    return exit_status;
}
