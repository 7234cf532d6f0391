/* zerogap certify: how far any network is from the global optimum, without solving anything. */
#include "base/linalg.h"
#include "base/number.h"
#include "cli/bands.h"
#include "cli/certificate_file.h"
#include "cli/commands.h"
#include "cli/forecast.h"
#include "cli/inputs.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "core/interpolation.h"
#include "core/problem_rows.h"
#include "train/registry.h"
#include "train/tight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    zg_inputs inputs;
    const char *model, *tolerance, *solver, *certificate, *points;
    bool force, tight, json, quiet;
    zg_bands bands; /* of --points */
} arguments;

static const zg_cli_command command = {
    .name = "certify",
    .examples =
        {{"zerogap certify --model model.json --data table.csv",
          "How far the network is from the best one possible, on the rows that trained it."},
         {"zerogap certify --model model.json --data table.csv --tight --certificate proof.json",
          "With the best possible bound, and a certificate for zerogap verify."}},
    .usage = "--model MODEL.json --data D [OPTION]...",
    .summary = "prove how far any network is from the global optimum",
    .about =
        "Re-evaluates a network from the raw data and bounds the global optimum of its training "
        "problem from below, whatever trained it. The bound comes from the dual vector kept with "
        "the model or from the network's own residual, the better of the two; the output says "
        "which. A residual bound is only first-order good: --tight solves for the best one. Loss, "
        "beta, activation and architecture are the model's; --loss and --beta override what its "
        "training record says. With --robust the problem is the robust one, whoever trained the "
        "network: the objective is proven from above by exact worst cases, the bound from below by "
        "attacked copies of the rows (docs/robust.md). Ends with status 0 when a bound was proven.",
    .run = zg_cmd_certify,
};

static const zg_cli_option option_rows[] = {
    ZG_MODEL_OPTION,
    {.name = "loss",
     .letter = 'l',
     .argument = "LOSS",
     .at = offsetof(arguments, inputs.loss),
     .help = "Training loss (default: the model's)."},
    {.name = "beta",
     .letter = 'b',
     .argument = "BETA",
     .at = offsetof(arguments, inputs.beta),
     .help = "Weight of the penalty, > 0 (default: the model's)."},
    {.name = "robust",
     .argument = "R",
     .at = offsetof(arguments, inputs.robust),
     .help = "Of the problem that charges each row for the worst point within R (l2) of it, in the "
             "units that the network sees (default: the radius that it was trained with, or 0)."},
    {.name = "rows",
     .argument = "KIND",
     .at = offsetof(arguments, inputs.rows),
     .help = "What the targets say of the network: values, slopes, values+slopes or contrast, as "
             "for train, with --target as there (default: what it was trained on)."},
    {.name = "tight",
     .at = offsetof(arguments, tight),
     .help = "Solve the convex program for the best possible bound."},
    {.name = "solver",
     .letter = 's',
     .argument = "METHOD",
     .at = offsetof(arguments, solver),
     .help = "Method for --tight (default auto)."},
    {.name = "points",
     .argument = "FILE",
     .at = offsetof(arguments, points),
     .help = "Rows, with or without targets: how far every global optimum can be from the network "
             "at each of them, which --certificate then proves. Squared loss, dense, and at least "
             "as many training rows as the function has coefficients."},
    ZG_CERTIFICATE_OPTION,
    ZG_SALT_OPTION,
    ZG_SUMS_OPTION,
    {.name = "tol",
     .argument = "E",
     .at = offsetof(arguments, tolerance),
     .help = "Relative gap up to which the network is called optimal (default 1e-6)."},
    {.name = "json",
     .at = offsetof(arguments, json),
     .help = "Print the result as one JSON document."},
    {.name = "quiet",
     .letter = 'q',
     .at = offsetof(arguments, quiet),
     .help = "No progress on a terminal."},
    ZG_FORCE_OPTION,
};

/* Activation, architecture, task, loss and beta as the model and the command line say. */
static zg_status model_options(const arguments *a, const zg_network *network, zg_model_options *out,
                               zg_error *error)
{
    *out = a->inputs.model;
    out->activation = network->activation;
    out->architecture = network->architecture;
    out->neuron_set = network->neuron_set;
    out->task = network->encoding.task;
    if (!a->inputs.loss) out->loss = network->training.loss;
    if (!a->inputs.beta) out->beta = network->training.beta;
    if (!a->inputs.robust) out->robust = network->training.robust;
    if (!a->inputs.rows) out->rows = network->training.rows;
    if (isnan(out->beta))
        return zg_fail(error, ZG_BAD_INPUT,
                       "%s has no training record of beta: give --beta (and --loss)", a->model);
    return ZG_OK;
}

/* The columns that the network was trained on, with the targets that the rows have. */
static zg_status choose_schema(const arguments *a, const zg_network *network, zg_schema *out,
                               zg_error *error)
{
    zg_row_kind kind = network->training.rows;
    zg_status status = a->inputs.rows ? zg_row_kind_parse(a->inputs.rows, &kind, error) : ZG_OK;
    *out = zg_model_schema(&network->preprocess, &network->encoding);
    size_t targets = zg_row_kind_targets(kind, out->inputs, out->targets);
    if (targets == out->targets) return status;
    out->targets = targets;
    out->target_names = NULL;
    out->target_columns = NULL;
    return status;
}

/* Solves for the dual vector of the best bound and uses it when it is better; the caller then owns
 * it. */
static zg_status tighten(const arguments *a, const zg_problem *problem, zg_network *network,
                         zg_certificate *certificate, double **dual, zg_error *error)
{
    const zg_method *method;
    zg_value *values;
    zg_status status = zg_method_find(a->solver ? a->solver : "auto", problem, &method, error);
    if (status == ZG_OK) status = zg_values_create(method, &values, error);
    if (status) return status;
    zg_control control = {.tolerance = ZG_TIGHT_TOLERANCE};
    zg_progress_line line =
        zg_progress_line_open(method->name, control.tolerance, 0, a->quiet || a->json);
    if (!a->quiet) zg_forecast(problem, method, problem->outputs, 1);
    status = zg_tighten(problem, method, values, &control, zg_progress_line_show, &line, network,
                        certificate, dual, error);
    zg_progress_line_close(&line);
    zg_values_free(method, values);
    return status;
}

static void print_json(const arguments *a, const zg_problem *problem, const zg_certificate *c,
                       size_t neurons, const zg_assessment *found, const zg_proof_claim *claim)
{
    json_t *root = json_pack("{s:s, s:s, s:s, s:b, s:s, s:I}", "command", "certify", "verdict",
                             zg_decision_name(found->decision), "bound_source",
                             zg_bound_source_text(c->source), "optimal",
                             found->decision == ZG_DECISION_CERTIFIED, "model", "", "neurons",
                             (json_int_t)neurons);
    zg_cli_json_text(root, "model", a->model);
    zg_cli_json_number(root, "objective", c->objective);
    zg_cli_json_number(root, "rounding", c->rounding);
    zg_cli_json_number(root, "bound", c->bound);
    zg_cli_json_number(root, "gap", found->gap);
    zg_cli_json_number(root, "vicinity", zg_vicinity(problem, c));
    if (found->decision != ZG_DECISION_WRONG) zg_bands_json(&a->bands, problem, c, root);
    if (found->cause[0]) {
        zg_cli_json_text(root, "cause", found->cause);
        zg_cli_json_text(root, "reason", found->message);
    }
    if (claim->data_file[0]) zg_certificate_json(a->certificate, claim, root);
    zg_cli_print_json(root, stdout);
}

static void print_text(const arguments *a, const zg_problem *problem, const zg_certificate *c,
                       size_t neurons, const zg_assessment *found, const zg_proof_claim *claim)
{
    const char *source = zg_bound_source_text(c->source);
    char bound[ZG_NUMBER_SIZE];
    if (isfinite(c->objective))
        printf("%-12s %.10g  (%zu neurons, re-evaluated from the data)\n", "objective",
               c->objective, neurons);
    else
        printf("%-12s none  (%zu neurons, re-evaluated from the data)\n", "objective", neurons);
    zg_number_bound(c->bound, 10, -1, bound);
    printf("%-12s %s  certified lower bound on every network, from the %s%s\n", "bound", bound,
           source,
           c->source == ZG_BOUND_DUAL    ? " vector kept with the model"
           : c->source == ZG_BOUND_TIGHT ? " solve"
                                         : "");
    zg_print_gap(c,
                 found->decision == ZG_DECISION_CERTIFIED ? "globally optimal"
                 : c->source == ZG_BOUND_RESIDUAL && !a->tight
                     ? "not proven optimal; --tight finds the best bound"
                     : "not optimal, or not proven so",
                 stdout);
    if (found->decision != ZG_DECISION_WRONG) {
        zg_print_vicinity(problem, c, stdout);
        zg_bands_print(&a->bands, problem, c, stdout);
    }
    zg_print_verdict(found, stdout);
    if (claim->data_file[0]) zg_certificate_print(a->certificate, claim, stdout);
}

static void print_result(const arguments *a, const zg_problem *problem, const zg_certificate *c,
                         size_t neurons, const zg_assessment *found, const zg_proof_claim *claim)
{
    if (a->json)
        print_json(a, problem, c, neurons, found, claim);
    else
        print_text(a, problem, c, neurons, found, claim);
}

/* The vector behind the bound: given, kept with the model, or the residual. */
static zg_status write_certificate(const arguments *a, const zg_problem *problem,
                                   const zg_network *network, const zg_certificate *c,
                                   const double *tight, zg_proof_claim *claim, zg_error *error)
{
    double *own = NULL;
    zg_status status = ZG_OK;
    if (c->source != ZG_BOUND_TIGHT)
        status = zg_certificate_dual(problem, network, c->source, &tight, &own, error);
    if (status == ZG_OK)
        status = zg_certificate_write(a->certificate, &a->inputs, problem, network, tight,
                                      a->points ? &a->bands : NULL, claim, error);
    free(own);
    return status;
}

/* The usual slip: trained with --split, certified without. */
static void note_other_rows(const zg_network *network, const zg_problem *problem)
{
    size_t trained = network->training.samples;
    if (!network->training.dual || trained == problem->samples) return;
    fprintf(
        stderr,
        "zerogap certify: note: the network was trained on %zu rows, these are %zu; --split and "
        "--seed as in training select the same\n",
        trained, problem->samples);
}

/* The gate's verdict; what is written must claim what it rests on. */
static zg_status conclude(const arguments *a, const zg_problem *problem, const zg_network *network,
                          double tolerance, const double *tight, zg_certificate *c,
                          zg_assessment *found, zg_proof_claim *claim, zg_error *error)
{
    zg_decision decision = zg_certificate_judge(c, tolerance, found);
    c->gap = found->gap;
    if (!a->certificate || decision == ZG_DECISION_WRONG) return ZG_OK;
    zg_status status = write_certificate(a, problem, network, c, tight, claim, error);
    if (status == ZG_OK) zg_certificate_hold(c, claim, tolerance, found);
    return status;
}

/* A bound is what is asked for: how far the network is from it is no failure. */
static int exit_of(zg_decision decision)
{
    return decision == ZG_DECISION_UNCERTIFIED ? ZG_EXIT_FINE : zg_decision_exit(decision);
}

static int run(arguments *a)
{
    zg_error error = {0};
    zg_network *network = NULL;
    zg_problem *problem = NULL;
    zg_model_options options;
    zg_certificate certificate;
    zg_assessment found;
    zg_proof_claim claim = {0};
    double tolerance = 1e-6, *dual = NULL;
    zg_dataset *points = NULL;
    zg_status status = zg_cli_number("tol", a->tolerance, 1e-15, 1.0, &tolerance, &error);
    if (status == ZG_OK) status = zg_cli_writable("certificate", a->certificate, &error);
    if (status == ZG_OK && a->inputs.salt && !a->certificate)
        status = zg_fail(&error, ZG_BAD_INPUT, "--salt is that of --certificate FILE");
    if (status == ZG_OK && a->inputs.sums && (!a->certificate || a->points))
        status = zg_fail(&error, ZG_BAD_INPUT,
                         a->points ? "sums say nothing of --points: no --sums"
                                   : "--sums is that of --certificate FILE");
    if (status == ZG_OK && !a->model)
        status = zg_fail(&error, ZG_BAD_INPUT, "--model is needed: a model file");
    if (status == ZG_OK) status = zg_network_load(a->model, &network, &error);
    zg_schema schema = {0};
    if (status == ZG_OK) status = choose_schema(a, network, &schema, &error);
    a->inputs.schema = &schema;
    if (status == ZG_OK) status = zg_inputs_load(&a->inputs, false, false, &error);
    if (status == ZG_OK && a->inputs.train->gaps && !network->preprocess.fill)
        status = zg_preprocess_fit_fill(a->inputs.train, &network->preprocess, &error);
    if (status == ZG_OK) status = model_options(a, network, &options, &error);
    if (status == ZG_OK && a->inputs.class_weights)
        status = zg_class_weights(&network->encoding, a->inputs.train, a->inputs.class_weights,
                                  &a->inputs.weights, &error);
    if (status == ZG_OK)
        status = zg_problem_over_dataset(a->inputs.train, &network->preprocess, &network->encoding,
                                         a->inputs.weights, &options, network->training.penalty,
                                         &problem, &error);
    if (status == ZG_OK && a->inputs.sums) status = zg_sums_proof_check(problem, &error);
    if (status == ZG_OK) note_other_rows(network, problem);
    if (status == ZG_OK && a->points)
        status =
            zg_points_load(&a->inputs, a->points, network, problem, &points, &a->bands, &error);
    if (status == ZG_OK && zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT))
        status = zg_interpolation_conflict(problem, &error);
    if (status == ZG_OK) status = zg_certify(problem, network, &certificate, &error);
    if (status == ZG_OK && a->tight)
        status = tighten(a, problem, network, &certificate, &dual, &error);
    if (status == ZG_OK)
        status =
            conclude(a, problem, network, tolerance, dual, &certificate, &found, &claim, &error);
    if (status == ZG_OK) print_result(a, problem, &certificate, network->count, &found, &claim);
    free(dual);
    zg_bands_clear(&a->bands);
    zg_dataset_free(points);
    zg_problem_free(problem);
    zg_network_free(network);
    return status ? zg_cli_fail("certify", &error) : exit_of(found.decision);
}

int zg_cmd_certify(int argc, char **argv)
{
    arguments a = {0};
    int exit_status;
    const zg_cli_table tables[] = {
        zg_inputs_file_options(&a.inputs), zg_table_options_rows(&a.inputs.table),
        zg_inputs_training_options(&a.inputs), ZG_CLI_TABLE(option_rows, &a)};
    if (!zg_cli_begin(&command, tables, sizeof tables / sizeof *tables, argc, argv, NULL,
                      &exit_status))
        return exit_status;
    exit_status = run(&a);
    zg_inputs_clear(&a.inputs);
    return exit_status;
}
