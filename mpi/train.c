/* zerogap-mpi train (see train.h). */
#include "mpi/train.h"

#include "base/linalg.h"
#include "cli/certificate_file.h"
#include "cli/inputs.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "core/model_settings.h"
#include "core/neuron_set.h"
#include "mpi/keep.h"
#include "mpi/labels.h"
#include "mpi/report.h"
#include "mpi/rows.h"
#include "mpi/stream.h"
#include "train/registry.h"
#include "train/training.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_FILES 4096
#define MOST_SETTINGS 64

typedef struct arguments {
    zg_inputs inputs;
    const char *data[MOST_FILES], *settings[MOST_SETTINGS];
    size_t files, setting_count;
    const char *solver, *tolerance, *output, *certificate, *seconds, *threads;
    const char *checkpoint, *result, *token;
    bool resume, json, quiet, measure, force, stream;
} arguments;

static const zg_cli_command command = {
    .program = "zerogap-mpi",
    .name = "train",
    .examples = {{"mpirun -n 4 zerogap-mpi train --data rows.npy --beta 1 --checkpoint job.state",
                  "Each of four processes reads a quarter of the rows."},
                 {"mpirun -n 2 zerogap-mpi train --data rows.npy --beta 1 --checkpoint job.state "
                  "--resume",
                  "Goes on from the last round of a job that was killed, with two."}},
    .usage = "--data FILE... --beta B [OPTION]...",
    .summary = "train one network by all processes of an MPI job",
    .about =
        "Trains as zerogap train does, with the rows spread over the ranks of an MPI job: each "
        "reads its block of rows, sums over the rows are made by all, and the certificate is about "
        "all rows. Up to 64 ranks give the same bits, however many there are. Ends with the exit "
        "status of zerogap train; an error or the death of one rank ends all.",
    .run = NULL,
};

static const zg_cli_option option_rows[] = {
    {.name = "data",
     .letter = 'd',
     .argument = "FILE",
     .at = offsetof(arguments, data),
     .room = MOST_FILES,
     .count = offsetof(arguments, files),
     .help = "A file of rows: NPY or IDX (read by offsets), CSV (by bytes), or any that zerogap "
             "train reads (whole, by every rank); given many times: their rows one after the "
             "other, as one file a rank."},
    {.name = "target",
     .letter = 't',
     .argument = "COLUMN",
     .at = offsetof(arguments, inputs.target),
     .help = "Target columns, as for zerogap train (default: last)."},
    {.name = "header",
     .at = offsetof(arguments, inputs.header),
     .help = "The CSV file's first line is a header."},
    {.name = "no-header",
     .at = offsetof(arguments, inputs.no_header),
     .help = "The CSV file has no header (default: detected)."},
    {.name = "task",
     .argument = "TASK",
     .at = offsetof(arguments, inputs.task),
     .help = "regression, binary, multiclass or auto (default), as for zerogap train."},
    {.name = "solver",
     .letter = 's',
     .argument = "METHOD",
     .at = offsetof(arguments, solver),
     .help = "low-rank (default), or ipm: the sums of the squared loss, made by all ranks, and a "
             "solve of their size by each."},
    {.name = "set",
     .argument = "KEY=VALUE",
     .at = offsetof(arguments, settings),
     .room = MOST_SETTINGS,
     .count = offsetof(arguments, setting_count),
     .help = "An option of the method; may be given many times."},
    {.name = "tol",
     .argument = "E",
     .at = offsetof(arguments, tolerance),
     .help = "Certified relative gap that counts as optimal (default 1e-6)."},
    {.name = "seconds",
     .argument = "S",
     .at = offsetof(arguments, seconds),
     .help = "Limit on the method's time in seconds, by rank 0's clock (default: none)."},
    {.name = "threads",
     .argument = "N",
     .at = offsetof(arguments, threads),
     .help = "BLAS threads of each rank (default 1)."},
    {.name = "output",
     .letter = 'o',
     .argument = "MODEL.json",
     .at = offsetof(arguments, output),
     .writes = ZG_KIND_MODEL,
     .help = "Where rank 0 writes the network."},
    ZG_CERTIFICATE_OPTION,
    {.name = "checkpoint",
     .argument = "FILE",
     .at = offsetof(arguments, checkpoint),
     .writes = "^zerogap-mpi-state/",
     .help = "Where rank 0 keeps the state after each round (low-rank), for --resume; it is "
             "removed when the result is certified.  One that is there is refused without "
             "--resume or --force."},
    {.name = "resume",
     .at = offsetof(arguments, resume),
     .help = "Go on from the checkpoint where there is one, with any number of ranks."},
    {.name = "result",
     .argument = "FILE",
     .at = offsetof(arguments, result),
     .writes = ZG_KIND_RESULT,
     .help = "Where rank 0 writes the result, whole and as the last thing: a job without it has "
             "none."},
    {.name = "token",
     .argument = "TEXT",
     .at = offsetof(arguments, token),
     .help = "A text that the result repeats, so that it is known to be this job's."},
    {.name = "stream",
     .at = offsetof(arguments, stream),
     .help = "Read the rows once and keep only their sums, in bounded memory. Squared loss, "
             "regression, dense; CSV, NPY and IDX."},
    {.name = "measure",
     .at = offsetof(arguments, measure),
     .help = "Let ranks meet before every message, to tell waiting from transfer; costs a message "
             "more for each."},
    {.name = "json",
     .at = offsetof(arguments, json),
     .help = "Print the result as one JSON document."},
    {.name = "quiet",
     .letter = 'q',
     .at = offsetof(arguments, quiet),
     .help = "No progress on a terminal."},
    ZG_FORCE_OPTION,
};

/* ---- what was asked for ------------------------------------------------------------------------ */

/* One pass over the rows is a method of its own: what belongs to others must not be ignored. */
static zg_status check_stream(const arguments *a, zg_error *error)
{
    const zg_inputs *in = &a->inputs;
    const char *ignored = a->solver                                         ? "--solver"
                          : a->setting_count                                ? "--set"
                          : a->checkpoint                                   ? "--checkpoint"
                          : a->certificate                                  ? "--certificate"
                          : a->seconds                                      ? "--seconds"
                          : in->architecture                                ? "--architecture"
                          : in->neuron_set                                  ? "--neuron-set"
                          : in->bias                                        ? "--bias"
                          : in->standardize                                 ? "--standardize"
                          : in->standardize_target                          ? "--standardize-target"
                          : in->robust                                      ? "--robust"
                          : in->task && strcmp(in->task, "regression") != 0 ? "--task"
                          : in->loss && strcmp(in->loss, ZG_DEFAULT_LOSS) != 0 ? "--loss"
                                                                               : NULL;
    if (!ignored) return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "--stream keeps sums of the squared loss and takes no %s; without --stream the "
                   "rows are held in memory",
                   ignored);
}

static zg_status check_inputs(const arguments *a, zg_error *error)
{
    const zg_inputs *in = &a->inputs;
    const char *alone = in->standardize          ? "--standardize"
                        : in->standardize_target ? "--standardize-target"
                        : in->robust             ? "--robust"
                                                 : NULL;
    struct stat facts;
    if (!a->files) return zg_fail(error, ZG_BAD_INPUT, "--data is needed: a file of rows");
    if (a->resume && !a->checkpoint)
        return zg_fail(error, ZG_BAD_INPUT, "--resume needs the file: --checkpoint FILE");
    if (a->checkpoint && !a->resume && !a->force && stat(a->checkpoint, &facts) == 0 &&
        facts.st_size > 0)
        return zg_fail(
            error, ZG_BAD_INPUT,
            "--checkpoint: %.300s holds the state of a job already; --resume goes on from "
            "it, --force begins anew",
            a->checkpoint);
    if (a->certificate && a->files > 1)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "--certificate names one data file, found %zu: put their rows into one",
                       a->files);
    if (a->stream) return check_stream(a, error);
    if (!alone) return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "over several processes rows are taken as they are, without %s: standardise the "
                   "file, or use zerogap train",
                   alone);
}

static zg_status read_control(const arguments *a, zg_control *control, zg_error *error)
{
    size_t threads = 1;
    *control = (zg_control){.tolerance = 1e-6};
    zg_status status = zg_cli_number("tol", a->tolerance, 1e-15, 1.0, &control->tolerance, error);
    if (status == ZG_OK)
        status = zg_cli_number("seconds", a->seconds, 1e-3, 1e9, &control->seconds, error);
    if (status == ZG_OK) status = zg_cli_size("threads", a->threads, 1, 1024, &threads, error);
    control->threads = (int)threads;
    return status;
}

static zg_status find_method(const arguments *a, const zg_method **method, zg_value **values,
                             zg_error *error)
{
    static const char *const names[] = {"low-rank", "ipm"};
    const char *name = a->solver ? a->solver : names[0];
    if (strcmp(name, names[0]) != 0 && strcmp(name, names[1]) != 0)
        return zg_fail_unknown(error, "method over several processes", name, names, 2);
    zg_status status = zg_method_find(name, NULL, method, error);
    if (status == ZG_OK) status = zg_values_create(*method, values, error);
    if (status == ZG_OK)
        status = zg_values_read(*method, *values, a->settings, a->setting_count, error);
    return status;
}

/* ---- the problem ------------------------------------------------------------------------------- */

static zg_status make_problem(arguments *a, zg_ranks *ranks, const zg_share *rows, zg_problem **out,
                              zg_error *error)
{
    zg_inputs *in = &a->inputs;
    const zg_dataset *dataset = rows->dataset;
    zg_status status = zg_model_setting_apply(ZG_MODEL_ARCHITECTURE, in->architecture,
                                              dataset->inputs, &in->model, NULL, error);
    in->model.task = zg_task_of(dataset, in->model.task);
    if (status == ZG_OK) status = zg_preprocess_fit(dataset, false, &in->preprocess, error);
    in->preprocess.bias = in->bias;
    if (status == ZG_OK)
        status = zg_problem_over_dataset(dataset, &in->preprocess, &in->encoding, NULL, &in->model,
                                         (zg_penalty){ZG_PENALTY_L1, 0.0}, out, error);
    if (status == ZG_OK) zg_problem_join(*out, &ranks->team);
    return status;
}

/* What a checkpoint belongs to. */
static char *identity_of(const zg_problem *p, const zg_method *method, const char *digest)
{
    char loss[64], set[ZG_NEURON_SET_SIZE], architecture[256], *text = NULL;
    zg_loss_format(p->loss, loss, sizeof loss);
    zg_neuron_set_format(p->neuron_set, set);
    zg_architecture_format(&p->architecture, architecture, sizeof architecture);
    if (asprintf(&text, "%s %s %s %s %a,%a,%a beta %a %zu x %zu %s", method->name, loss, set,
                 architecture, p->activation.a, p->activation.b, p->activation.c, p->beta,
                 zg_team_total(p->lift->team, p->samples), p->inputs, digest) < 0)
        return NULL;
    return text;
}

/* ---- files of the result ----------------------------------------------------------------------- */

/* The dual vectors (outputs x total) on rank 0; NULL elsewhere. */
static double *gather_dual(zg_ranks *ranks, const zg_problem *problem, const double *dual)
{
    zg_team *team = &ranks->team;
    size_t n = problem->samples;
    double *all = team->rank == 0 ? zg_doubles(problem->outputs * team->total) : NULL;
    if (team->rank == 0 && !all)
        zg_ranks_abort(ranks, ZG_EXIT_FAILED, "there is no memory for the dual vector of all rows");
    for (size_t c = 0; c < problem->outputs; c++)
        zg_team_gather(team, n, 1, dual + c * n, all ? all + c * team->total : NULL);
    return all;
}

/* On rank 0: reads all rows, and writes the certificate that zerogap train would. */
static zg_status write_certificate(arguments *a, const zg_network *network, const double *dual,
                                   const zg_training *training, double tolerance,
                                   zg_assessment *assessment, zg_proof_claim *claim,
                                   zg_error *error)
{
    zg_inputs all = {.data = a->data[0],
                     .target = a->inputs.target,
                     .task = a->inputs.task,
                     .activation = a->inputs.activation,
                     .architecture = a->inputs.architecture,
                     .loss = a->inputs.loss,
                     .beta = a->inputs.beta,
                     .neuron_set = a->inputs.neuron_set,
                     .header = a->inputs.header,
                     .no_header = a->inputs.no_header,
                     .bias = a->inputs.bias,
                     .table = a->inputs.table};
    zg_problem *problem = NULL;
    zg_status status = zg_inputs_load(&all, true, true, error);
    if (status == ZG_OK)
        status =
            zg_problem_over_dataset(all.train, &all.preprocess, &all.encoding, NULL, &all.model,
                                    (zg_penalty){ZG_PENALTY_L1, 0.0}, &problem, error);
    if (status == ZG_OK)
        status =
            zg_certificate_write(a->certificate, &all, problem, network, dual, NULL, claim, error);
    if (status == ZG_OK) zg_certificate_hold(&training->certificate, claim, tolerance, assessment);
    zg_problem_free(problem);
    zg_inputs_clear(&all);
    return status;
}

/* Model and certificate, by rank 0, with the dual vector of all rows. */
static zg_status write_files(arguments *a, zg_ranks *ranks, const zg_problem *problem,
                             zg_training *training, double tolerance, zg_assessment *assessment,
                             zg_proof_claim *claim, zg_error *error)
{
    zg_network *network = training->solution.network;
    if ((!a->output && !a->certificate) || !training->dual) return ZG_OK;
    double *all = gather_dual(ranks, problem, training->dual);
    if (ranks->team.rank > 0) return ZG_OK;
    zg_status status = ZG_OK;
    if (a->output) {
        double *own = network->training.dual;
        network->training.dual = own ? all : NULL;
        network->training.samples = ranks->team.total;
        status = zg_network_save(network, a->output, error);
        network->training.dual = own;
        network->training.samples = problem->samples;
    }
    if (status == ZG_OK && a->certificate && assessment->decision != ZG_DECISION_WRONG)
        status = write_certificate(a, network, all, training, tolerance, assessment, claim, error);
    free(all);
    return status;
}

/* ---- training ---------------------------------------------------------------------------------- */

typedef struct job {
    arguments *a;
    zg_ranks *ranks;
    zg_share rows;
    zg_problem *problem;
    const zg_method *method;
    zg_value *values;
    zg_control control;
    zg_keep *keep;
    char digest[ZG_PROOF_DIGEST_SIZE];
    double load_seconds, began;
} job;

static void load(job *j, const zg_data_options *options)
{
    zg_error error = {0};
    double before = zg_ranks_clock();
    zg_share_load(j->ranks, j->a->files, j->a->data, options, &j->rows);
    if (j->ranks->team.rank == 0) zg_print_notes(j->rows.dataset);
    zg_labels_fit(j->ranks, j->rows.dataset, j->a->inputs.model.task, &j->a->inputs.encoding);
    zg_status status = make_problem(j->a, j->ranks, &j->rows, &j->problem, &error);
    if (status == ZG_OK) status = zg_method_accepts(j->method, j->problem, j->values, &error);
    zg_ranks_settle(j->ranks, status, &error);
    zg_share_digest(j->ranks, j->rows.dataset, j->problem->outputs, j->problem->y, j->digest);
    j->load_seconds = zg_ranks_clock() - before;
}

static bool open_keep(job *j)
{
    zg_error error = {0};
    if (!j->a->checkpoint) return false;
    char *identity = identity_of(j->problem, j->method, j->digest);
    zg_status status = zg_keep_create(j->ranks, j->a->checkpoint, identity, j->problem->outputs,
                                      j->problem->samples, &j->keep);
    if (status != ZG_OK) (void)zg_no_memory(&error);
    zg_ranks_settle(j->ranks, status, &error);
    j->control.keeper = &j->keep->keeper;
    return j->a->resume && zg_keep_resume(j->keep);
}

/* Networks that are not the same everywhere would have objectives of several networks mixed. */
static void check_network(zg_ranks *ranks, const zg_network *network)
{
    if (!network) {
        zg_team_agree(&ranks->team, "the network", "", 0);
        return;
    }
    size_t u = network->count * network->patches.width, alpha = network->count * network->outputs;
    double *numbers = zg_doubles(u + alpha);
    if (!numbers) zg_ranks_abort(ranks, ZG_EXIT_FAILED, "out of memory");
    if (u) memcpy(numbers, network->u, u * sizeof *numbers);
    if (alpha) memcpy(numbers + u, network->alpha, alpha * sizeof *numbers);
    zg_team_agree(&ranks->team, "the network", numbers, (u + alpha) * sizeof *numbers);
    free(numbers);
}

/* Says the result on rank 0 and writes it down, as the last thing; the exit status is everyone's.
 */
static int conclude(job *j, const zg_training *training, const zg_assessment *assessment,
                    bool resumed, const char *trouble)
{
    zg_mpi_report report = {.training = training,
                            .assessment = assessment,
                            .problem = j->problem,
                            .method = j->method->name,
                            .tolerance = j->control.tolerance,
                            .digest = j->digest,
                            .how = j->rows.how,
                            .token = j->a->token,
                            .model = j->a->output,
                            .certificate = j->a->certificate,
                            .checkpoints = j->keep ? j->keep->written : 0,
                            .checkpoint_seconds = j->keep ? j->keep->seconds : 0.0,
                            .resumed = resumed,
                            .load_seconds = j->load_seconds,
                            .seconds = zg_ranks_clock() - j->began,
                            .trouble = trouble};
    zg_mpi_report_measure(j->ranks, &report);
    int exit_status = zg_decision_exit(assessment->decision);
    if (j->ranks->team.rank > 0) return exit_status;
    zg_error error = {0};
    if (j->a->result && zg_mpi_report_write(&report, j->a->result, exit_status, &error) != ZG_OK)
        zg_ranks_abort(j->ranks, ZG_EXIT_FAILED, error.message);
    if (j->a->checkpoint && assessment->decision == ZG_DECISION_CERTIFIED)
        (void)unlink(j->a->checkpoint);
    zg_mpi_report_print(&report, j->a->json, exit_status, stdout);
    return exit_status;
}

static int train(job *j)
{
    zg_error error = {0}, trouble = {0};
    zg_training training;
    zg_proof_claim claim = {0};
    bool quiet = j->a->quiet || j->a->json || j->ranks->team.rank > 0;
    bool resumed = open_keep(j);
    zg_progress_line line =
        zg_progress_line_open(j->method->name, j->control.tolerance, j->control.seconds, quiet);
    zg_status status = zg_training_run(j->problem, j->method, j->values, &j->control, 0.0, 0.0,
                                       zg_progress_line_show, &line, &training, &error);
    zg_progress_line_close(&line);
    if (status == ZG_NO_MEMORY) /* this rank's alone: the others are in the middle of a sum */
        zg_ranks_abort(j->ranks, zg_cli_exit_status(status), "there is not enough memory");
    zg_ranks_settle(j->ranks, training.solution.network ? ZG_OK : status, &error);
    check_network(j->ranks, training.solution.network);
    if (!training.solution.network) {
        zg_error_set(&error, ZG_FAILED, "%s", training.assessment.message);
        zg_ranks_settle(j->ranks, ZG_FAILED, &error);
    }
    zg_assessment assessment = training.assessment;
    zg_status written = write_files(j->a, j->ranks, j->problem, &training, j->control.tolerance,
                                    &assessment, &claim, &trouble);
    zg_ranks_settle(j->ranks, written, &trouble);
    assessment.decision = (zg_decision)zg_team_shared(&j->ranks->team, (double)assessment.decision);
    int exit_status = conclude(j, &training, &assessment, resumed, status ? error.message : NULL);
    zg_training_clear(&training);
    return exit_status;
}

/* The gate's word on what the sums say; the objective is rounded up already. */
static void judge_stream(zg_sums_result *found, double tolerance, zg_training *training)
{
    zg_evidence evidence = {.end = ZG_METHOD_FINISHED,
                            .claims_optimum = true,
                            .feasible = true,
                            .objective = found->objective,
                            .bound = found->bound,
                            .own_bound = -INFINITY,
                            .tolerance = tolerance};
    (void)zg_judge(&evidence, &training->assessment);
    training->certificate = (zg_certificate){.objective = found->objective,
                                             .bound = found->bound,
                                             .gap = training->assessment.gap,
                                             .source = ZG_BOUND_DUAL};
    training->solution.network = found->network;
    training->solution.iterations = found->iterations;
    training->solution.seconds = found->seconds;
    training->loss = training->penalty = NAN;
}

static int stream(arguments *a, zg_ranks *ranks, const zg_data_options *options,
                  const zg_control *control)
{
    zg_error error = {0};
    zg_sums_result found;
    zg_training training = {0};
    zg_mpi_report report = {.training = &training, .method = "stream", .token = a->token};
    double before = zg_ranks_clock();
    const zg_stream_job sums = {a->files, a->data, options, &a->inputs.model, control};
    zg_mpi_stream(ranks, &sums, &found, &report.how);
    judge_stream(&found, control->tolerance, &training);
    int exit_status = zg_decision_exit(training.assessment.decision);
    bool speaks = ranks->team.rank == 0;
    zg_status status = speaks && !isfinite(found.objective)
                           ? zg_fail(&error, ZG_FAILED, "%s", training.assessment.message)
                           : ZG_OK;
    if (status == ZG_OK && speaks && a->output)
        status = zg_network_save(found.network, a->output, &error);
    zg_ranks_settle(ranks, status, &error);
    report.assessment = &training.assessment;
    report.tolerance = control->tolerance;
    report.attainable = found.attainable;
    report.load_seconds = found.read_seconds;
    report.seconds = zg_ranks_clock() - before;
    report.model = a->output;
    zg_mpi_report_measure(ranks, &report);
    if (speaks && a->result &&
        zg_mpi_report_write(&report, a->result, exit_status, &error) != ZG_OK)
        zg_ranks_abort(ranks, ZG_EXIT_FAILED, error.message);
    if (speaks) zg_mpi_report_print(&report, a->json, exit_status, stdout);
    zg_network_free(found.network);
    return exit_status;
}

static int run(arguments *a, zg_ranks *ranks)
{
    zg_error error = {0};
    zg_data_options options;
    job j = {.a = a, .ranks = ranks, .began = zg_ranks_clock()};
    a->inputs.data = a->files ? a->data[0] : NULL;
    zg_status status = check_inputs(a, &error);
    if (status == ZG_OK) status = read_control(a, &j.control, &error);
    if (status == ZG_OK) status = zg_inputs_parse_model(&a->inputs, true, &error);
    if (status == ZG_OK) status = zg_inputs_data_settings(&a->inputs, &options, &error);
    if (status == ZG_OK) status = find_method(a, &j.method, &j.values, &error);
    const char *const written[] = {a->output, a->certificate, a->checkpoint, a->result};
    for (size_t i = 0; i < 4 && status == ZG_OK && ranks->team.rank == 0; i++)
        status = zg_cli_writable("output", written[i], &error);
    zg_ranks_settle(ranks, status, &error);
    zg_blas_set_threads(j.control.threads);
    if (a->measure) zg_ranks_measure(ranks);
    if (a->stream) {
        zg_values_free(j.method, j.values);
        return stream(a, ranks, &options, &j.control);
    }
    load(&j, &options);
    int exit_status = train(&j);
    zg_values_free(j.method, j.values);
    zg_keep_free(j.keep);
    zg_problem_free(j.problem);
    zg_share_clear(&j.rows);
    return exit_status;
}

/* Ranks other than 0 say nothing of a wrong command line, nor help. */
static bool begin(const zg_cli_table *tables, size_t count, int argc, char **argv, bool speaks,
                  int *exit_status)
{
    int kept[2] = {-1, -1}, nowhere = speaks ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);
    for (int k = 0; k < 2 && nowhere >= 0; k++) {
        kept[k] = dup(k + 1);
        dup2(nowhere, k + 1);
    }
    bool go_on = zg_cli_begin(&command, tables, count, argc, argv, NULL, exit_status);
    fflush(NULL);
    for (int k = 0; k < 2 && nowhere >= 0; k++) {
        dup2(kept[k], k + 1);
        close(kept[k]);
    }
    if (nowhere >= 0) close(nowhere);
    return go_on;
}

int zg_mpi_train(zg_ranks *ranks, int argc, char **argv)
{
    static arguments a;
    int exit_status;
    const zg_cli_table tables[] = {ZG_CLI_TABLE(option_rows, &a),
                                   zg_table_options_rows(&a.inputs.table),
                                   zg_inputs_model_options(&a.inputs)};
    if (!begin(tables, sizeof tables / sizeof *tables, argc, argv, ranks->team.rank == 0,
               &exit_status))
        return exit_status;
    exit_status = run(&a, ranks);
    zg_inputs_clear(&a.inputs);
    return exit_status;
}
