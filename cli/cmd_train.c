/* zerogap train: data in, the globally optimal network and its certificate out. */
#include "cli/beta_path.h"
#include "cli/certificate_file.h"
#include "cli/commands.h"
#include "cli/explain.h"
#include "cli/forecast.h"
#include "cli/inputs.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "cli/train_stream.h"
#include "solvers/plugin.h"
#include "train/registry.h"
#include "train/training.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SETTINGS 64

typedef struct arguments {
    zg_inputs inputs;
    zg_beta_path path;
    json_t *path_json;
    const char *solver, *tolerance, *output, *certificate, *seconds, *threads, *jobs;
    const char *plugin_file;
    zg_plugin *plugin;
    const char *settings[MOST_SETTINGS];
    size_t setting_count;
    bool force, json, quiet, explain, stream;
} arguments;

static const zg_cli_command command = {
    .name = "train",
    .examples =
        {{"zerogap train --data table.csv --standardize --bias --beta-path 20 --folds 5 -o "
          "model.json",
          "The last column is the target; chooses beta by cross-validation, trains on all rows "
          "with it."},
         {"zerogap train --data table.csv --target price --one-hot words --missing mean --split "
          "0.8 --beta 1",
          "Words become inputs, gaps are filled, a fifth of the rows tests; beta as given."}},
    .usage = "--data D --beta B [OPTION]...",
    .summary = "train one network to global optimality",
    .about =
        "Trains a two-layer network with a polynomial activation, min loss + beta sum |alpha_j| "
        "over "
        "unit neurons, by an exact convex program; writes the network and prints its objective, a "
        "certified lower bound on the global optimum and the gap between them. Ends with status 0 "
        "when the certified relative gap is within --tol, with 5 otherwise: the model is written "
        "all the same.",
    .run = zg_cmd_train,
};

static const zg_cli_option option_rows[] = {
    {.name = "test",
     .argument = "DATA",
     .at = offsetof(arguments, inputs.test_data),
     .help = "Separate test rows, with the columns of --data."},
    {.name = "solver",
     .letter = 's',
     .argument = "METHOD",
     .at = offsetof(arguments, solver),
     .help = "auto (default) or any method of zerogap list solvers and list baselines."},
    {.name = "plugin",
     .argument = "FILE",
     .at = offsetof(arguments, plugin_file),
     .help = "A shared object with a method, which trains unless --solver names another."},
    {.name = "set",
     .argument = "KEY=VALUE",
     .at = offsetof(arguments, settings),
     .room = MOST_SETTINGS,
     .count = offsetof(arguments, setting_count),
     .help = "An option of the method, as zerogap list names them; may be given many times."},
    {.name = "tol",
     .argument = "E",
     .at = offsetof(arguments, tolerance),
     .help = "Certified relative gap that counts as optimal (default 1e-6)."},
    {.name = "output",
     .letter = 'o',
     .argument = "MODEL.json",
     .at = offsetof(arguments, output),
     .writes = ZG_KIND_MODEL,
     .help = "Where to write the network."},
    ZG_CERTIFICATE_OPTION,
    ZG_SALT_OPTION,
    ZG_SUMS_OPTION,
    {.name = "seconds",
     .argument = "S",
     .at = offsetof(arguments, seconds),
     .help = "Limit on the method's time in seconds (default: none)."},
    {.name = "threads",
     .argument = "N",
     .at = offsetof(arguments, threads),
     .help = "BLAS threads (default: BLAS decides)."},
    {.name = "jobs",
     .argument = "N",
     .at = offsetof(arguments, jobs),
     .help =
         "Outputs, or with --folds all rows and the folds, to solve at the same time, each in a "
         "process of its own (default 1)."},
    {.name = "stream",
     .at = offsetof(arguments, stream),
     .help = "Keep only sums over the rows: any number of them in bounded memory, read once, also "
             "from a pipe; from a file up to four times while the gap is wider than --tol. Squared "
             "loss, regression, dense."},
    {.name = "explain",
     .at = offsetof(arguments, explain),
     .help = "Print the convex program's cones, sizes and bounds, and train nothing."},
    {.name = "json",
     .at = offsetof(arguments, json),
     .help = "Print the result as one JSON document."},
    {.name = "quiet",
     .letter = 'q',
     .at = offsetof(arguments, quiet),
     .help = "No progress on a terminal."},
    ZG_FORCE_OPTION,
};

static zg_status read_control(const arguments *a, zg_control *control, zg_error *error)
{
    size_t threads = 0;
    control->tolerance = 1e-6;
    zg_status status = zg_cli_number("tol", a->tolerance, 1e-15, 1.0, &control->tolerance, error);
    if (status == ZG_OK)
        status = zg_cli_number("seconds", a->seconds, 1e-3, 1e9, &control->seconds, error);
    if (status == ZG_OK) status = zg_cli_size("threads", a->threads, 1, 1024, &threads, error);
    if (status == ZG_OK) status = zg_cli_size("jobs", a->jobs, 1, 1024, &control->jobs, error);
    control->threads = (int)threads;
    return status;
}

/* Writes what was asked for.  The certificate must claim what the verdict rests on; a result that
 * is wrong gets none. */
static zg_status write_files(const arguments *a, const zg_problem *problem, zg_training *training,
                             double tolerance, zg_assessment *assessment, zg_proof_claim *claim,
                             zg_error *error)
{
    zg_status status = ZG_OK;
    if (a->output) status = zg_network_save(training->solution.network, a->output, error);
    if (status || !a->certificate || assessment->decision == ZG_DECISION_WRONG) return status;
    status = zg_certificate_write(a->certificate, &a->inputs, problem, training->solution.network,
                                  training->dual, NULL, claim, error);
    if (status == ZG_OK) zg_certificate_hold(&training->certificate, claim, tolerance, assessment);
    return status;
}

/* Why there is no network: the method's error, or the gate's reason and the method's remark. */
static int fail_without_network(const zg_training *training, zg_status status,
                                const zg_error *error)
{
    zg_error reason;
    const char *remark = training->solution.message;
    if (status) return zg_cli_fail("train", error);
    zg_error_set(&reason, ZG_FAILED, "%s%s%s", training->assessment.message,
                 remark[0] ? "; the method: " : "", remark);
    return zg_cli_fail("train", &reason);
}

/* Runs the method with a progress line and prints the summary; a network that was measured is
 * written, whatever its gap. */
static int train(arguments *a, const zg_problem *problem, const zg_method *method,
                 const zg_value *values, const zg_control *control)
{
    zg_error error = {0}, trouble = {0};
    zg_training training;
    zg_progress_line line = zg_progress_line_open(method->name, control->tolerance,
                                                  control->seconds, a->quiet || a->json);
    if (!a->quiet)
        zg_forecast(problem, method, problem->outputs,
                    control->jobs < 2                  ? 1
                    : control->jobs < problem->outputs ? control->jobs
                                                       : problem->outputs);
    zg_status status = zg_training_run(problem, method, values, control, 0.0, 0.0,
                                       zg_progress_line_show, &line, &training, &error);
    zg_progress_line_close(&line);
    int exit_status;
    if (training.solution.network) {
        zg_proof_claim claim = {0};
        zg_assessment assessment = training.assessment;
        zg_status written =
            write_files(a, problem, &training, control->tolerance, &assessment, &claim, &trouble);
        bool certificate = a->certificate && claim.data_file[0] && !written;
        zg_summary summary = {.training = &training,
                              .assessment = &assessment,
                              .problem = problem,
                              .inputs = &a->inputs,
                              .method = method,
                              .tolerance = control->tolerance,
                              .model = written ? NULL : a->output,
                              .certificate = certificate ? a->certificate : NULL,
                              .claim = &claim,
                              .path = a->path_json,
                              .trouble = status    ? error.message
                                         : written ? trouble.message
                                                   : NULL};
        exit_status = zg_summary_print(&summary, a->json, stdout);
        if (written) exit_status = zg_cli_complain("train", &trouble);
    } else {
        exit_status = fail_without_network(&training, status, &error);
    }
    zg_training_clear(&training);
    return exit_status;
}

static zg_status make_problem(arguments *a, zg_problem **out, zg_error *error)
{
    return zg_problem_over_dataset(a->inputs.train, &a->inputs.preprocess, &a->inputs.encoding,
                                   a->inputs.weights, &a->inputs.model,
                                   (zg_penalty){ZG_PENALTY_L1, 0.0}, out, error);
}

/* The plug-in's method, or one of the registry. */
static zg_status find_method(const arguments *a, const zg_problem *problem,
                             const zg_method **method, zg_error *error)
{
    const zg_plugin *plugin = a->plugin;
    if (!plugin || (a->solver && strcmp(a->solver, plugin->method.name) != 0))
        return zg_method_find(a->solver ? a->solver : "auto", problem, method, error);
    *method = &plugin->method;
    return ZG_OK;
}

static zg_status load_plugin(arguments *a, zg_error *error)
{
    const zg_method *known;
    if (!a->plugin_file) return ZG_OK;
    zg_status status = zg_plugin_load(a->plugin_file, &a->plugin, error);
    if (status != ZG_OK) return status;
    if (zg_method_find(a->plugin->method.name, NULL, &known, NULL) != ZG_OK) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.300s: there is a method %.60s already, a plug-in needs another name",
                   a->plugin_file, a->plugin->method.name);
}

/* Finds the method for the problem, and its options. */
static zg_status choose_method(const arguments *a, const zg_problem *problem,
                               const zg_method **method, zg_value **values, zg_error *error)
{
    zg_status status = find_method(a, problem, method, error);
    if (status == ZG_OK) status = zg_values_create(*method, values, error);
    if (status != ZG_OK) return status;
    return zg_values_read(*method, *values, a->settings, a->setting_count, error);
}

/* Several betas: the path, and with rows to score on the choice, with which problem is made anew.
 * Without them the path is all there is: *done. */
static zg_status run_path(arguments *a, zg_problem **problem, const zg_method *method,
                          const zg_value *values, const zg_control *control, bool *done,
                          int *exit_status, zg_error *error)
{
    zg_path path;
    bool chosen;
    zg_status status = zg_beta_path_run(&a->path, &a->inputs, method, values, control, a->json,
                                        a->quiet, &path, &chosen, error);
    if (status != ZG_OK) return status;
    *exit_status = zg_path_exit(&path);
    *done = !chosen;
    if (a->json) a->path_json = zg_path_json(&path, chosen);
    zg_path_clear(&path);
    if (*done && a->json) {
        json_t *root = json_pack("{s:s, s:O}", "command", "train", "path", a->path_json);
        json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
        putchar('\n');
        json_decref(root);
    }
    if (*done || status != ZG_OK) return status;
    zg_problem_free(*problem);
    *problem = NULL;
    return make_problem(a, problem, error);
}

static zg_status prepare(arguments *a, zg_control *control, zg_error *error)
{
    const zg_method *method;
    zg_status status = read_control(a, control, error);
    if (status == ZG_OK) status = zg_cli_writable("output", a->output, error);
    if (status == ZG_OK) status = zg_cli_writable("certificate", a->certificate, error);
    if (status == ZG_OK && a->inputs.salt && !a->certificate)
        status = zg_fail(error, ZG_BAD_INPUT, "--salt is that of --certificate FILE");
    if (status == ZG_OK && a->inputs.sums && !a->certificate)
        status = zg_fail(error, ZG_BAD_INPUT, "--sums is that of --certificate FILE");
    if (status == ZG_OK) status = load_plugin(a, error);
    if (status == ZG_OK && a->solver)
        status = find_method(a, NULL, &method, error); /* a typo costs no loading */
    return status;
}

/* One pass over the rows is a method of its own: what belongs to others must not be ignored. */
static zg_status check_stream(const arguments *a, zg_error *error)
{
    const char *ignored = a->solver              ? "--solver"
                          : a->setting_count > 0 ? "--set"
                          : a->certificate       ? "--certificate"
                          : a->jobs              ? "--jobs"
                          : a->threads           ? "--threads"
                          : a->seconds           ? "--seconds"
                          : a->explain           ? "--explain"
                                                 : NULL;
    if (!ignored) return ZG_OK;
    if (a->inputs.sums)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "--stream writes no certificate: train with -o MODEL.json, then zerogap "
                       "certify --sums, which reads the rows again");
    return zg_fail(error, ZG_UNSUPPORTED,
                   "--stream is a method of its own and takes no %s; without --stream the rows are "
                   "held in memory",
                   ignored);
}

static int run(arguments *a)
{
    zg_error error = {0};
    zg_problem *problem = NULL;
    const zg_method *method = NULL;
    zg_value *values = NULL;
    zg_control control = {0};
    zg_status status = prepare(a, &control, &error);
    bool path = zg_beta_path_wanted(&a->path, &a->inputs), done = false;
    int exit_status = ZG_EXIT_FINE;
    bool scored = a->path.folds || a->inputs.validation_share;
    if (status == ZG_OK && path && !scored && (a->output || a->certificate))
        status = zg_fail(&error, ZG_BAD_INPUT,
                         "which network of the path to write? --folds K or --validation F chooses "
                         "one");
    if (status == ZG_OK && path && a->stream)
        status = zg_fail(&error, ZG_UNSUPPORTED, "--stream takes one value of --beta");
    if (status == ZG_OK && !path && zg_beta_path_idle(&a->path))
        status = zg_fail(&error, ZG_BAD_INPUT,
                         "%s is about several values of beta: --beta 0.1,1,10 or --beta-path 20",
                         zg_beta_path_idle(&a->path));
    if (status == ZG_OK && a->stream) status = check_stream(a, &error);
    if (status == ZG_OK && a->stream)
        return zg_cli_train_stream(&a->inputs, &control, a->output, a->json);
    a->inputs.folds = a->path.folds != NULL;
    if (path) a->inputs.model.beta = 1; /* until it is chosen */
    if (status == ZG_OK) status = zg_inputs_load(&a->inputs, !path, true, &error);
    if (status == ZG_OK) status = make_problem(a, &problem, &error);
    if (status == ZG_OK && a->inputs.sums) status = zg_sums_proof_check(problem, &error);
    if (status == ZG_OK && a->explain) {
        (a->json ? zg_explain_json : zg_explain)(problem, stdout);
        zg_problem_free(problem);
        return ZG_EXIT_FINE;
    }
    if (status == ZG_OK) status = choose_method(a, problem, &method, &values, &error);
    if (status == ZG_OK && path)
        status = run_path(a, &problem, method, values, &control, &done, &exit_status, &error);
    if (status)
        exit_status = zg_cli_fail("train", &error);
    else if (!done && exit_status == ZG_EXIT_FINE)
        exit_status = train(a, problem, method, values, &control);
    else if (!done)
        (void)train(a, problem, method, values, &control); /* the path's status is the worse one */
    if (values) zg_values_free(method, values);
    zg_problem_free(problem);
    json_decref(a->path_json);
    return exit_status;
}

int zg_cmd_train(int argc, char **argv)
{
    arguments a = {0};
    int exit_status;
    const zg_cli_table tables[] = {
        zg_inputs_file_options(&a.inputs),     zg_table_options_rows(&a.inputs.table),
        zg_inputs_training_options(&a.inputs), zg_inputs_model_options(&a.inputs),
        zg_beta_path_options(&a.path),         ZG_CLI_TABLE(option_rows, &a)};
    if (!zg_cli_begin(&command, tables, sizeof tables / sizeof *tables, argc, argv, NULL,
                      &exit_status))
        return exit_status;
    exit_status = run(&a);
    zg_inputs_clear(&a.inputs);
    zg_plugin_free(a.plugin);
    return exit_status;
}
