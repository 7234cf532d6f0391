/*
 * The method "external": any command-line solver of semidefinite programs.
 *
 * The program is written to a private directory in SDPA's sparse format, the command is run there
 * by /bin/sh with its placeholders replaced by plain file names, and the solution it leaves is read
 * back and certified like everything else.
 */
#include "solvers/external.h"

#include "base/command.h"
#include "base/replace.h"
#include "solvers/adapter.h"
#include "solvers/conic.h"
#include "solvers/identity.h"
#include "solvers/placeholders.h"
#include "solvers/sdpa_format.h"
#include "solvers/solver.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBLEM_FILE "problem.dat-s"
#define SOLUTION_FILE "solution"
#define PARAMETER_FILE "param.sdpa"
#define VERSION_SECONDS 10.0 /* that saying its version may take a solver */

enum {
    OPTION_COMMAND,
    OPTION_FORMAT,
    OPTION_COMPRESS,
    OPTION_SCALE,
    OPTION_REDUCE,
    OPTION_LIMIT,
    OPTION_ADAPTER,
    OPTION_PROGRAM
};

static const zg_option options[] = {
    {"command", ZG_OPTION_TEXT, "", NULL, 0, 0,
     "shell command with {problem} and {solution}, run in a private directory"},
    {"format", ZG_OPTION_CHOICE, "sdpa", "sdpa,csdp", 0, 0, "of the solution file"},
    {"compress", ZG_OPTION_FLAG, "true", NULL, 0, 0,
     "QR reduction of the samples to at most as many rows as features (squared loss)"},
    {"scale", ZG_OPTION_FLAG, "true", NULL, 0, 0, "equilibrate the program"},
    {"reduce", ZG_OPTION_FLAG, "false", NULL, 0, 0,
     "fewer neurons with the same predictions, towards Pataki's bound, at no cost in the "
     "objective"},
    ZG_DIMACS_LIMIT_OPTION,
    {"adapter", ZG_OPTION_FILE, "", NULL, 0, 0,
     "instead of command: how to run a solver and understand it, by name or path"},
    {"program", ZG_OPTION_PLACE, "", NULL, 0, 0,
     "the adapter's program, where it is not the one that the adapter names"},
};

/* ---- the command ---------------------------------------------------------------------------- */

/* The place-holders of the option command, and of adapters the first of ADAPTER_WORDS. */
enum { PROBLEM, SOLUTION, PARAMETERS, PLAIN_WORDS, PROGRAM = PLAIN_WORDS, FOLDER, ADAPTER_WORDS };

static const zg_placeholder known_words[ADAPTER_WORDS] = {{"problem", PROBLEM_FILE, true},
                                                          {"solution", SOLUTION_FILE, true},
                                                          {"parameters", PARAMETER_FILE, false},
                                                          {"program", NULL, true},
                                                          {"folder", NULL, false}};

static bool given(const zg_value *value)
{
    return value->text && value->text[strspn(value->text, " \t")] != '\0';
}

static zg_status check_command(const zg_value *values, zg_error *error)
{
    const char *command = values[OPTION_COMMAND].text;
    if (given(&values[OPTION_ADAPTER])) {
        if (given(&values[OPTION_COMMAND]))
            return zg_fail(error, ZG_BAD_INPUT,
                           "the method external takes a command or an adapter, not both");
        return ZG_OK; /* checked when it is read */
    }
    if (given(&values[OPTION_PROGRAM]))
        return zg_fail(error, ZG_BAD_INPUT,
                       "the option program of the method external needs an adapter");
    if (!given(&values[OPTION_COMMAND]))
        return zg_fail(error, ZG_BAD_INPUT,
                       "the method external needs a command, such as \"sdpa {problem} {solution}\""
                       ", or an adapter, such as sdpa");
    return zg_placeholders_fill(command, known_words, PLAIN_WORDS, NULL, error);
}

/* ---- files ---------------------------------------------------------------------------------- */

static void describe(const zg_problem *problem, size_t output, char *text, size_t size)
{
    snprintf(text, size,
             "dual of a training problem: %zu samples, output %zu of %zu, beta = %.17g\n"
             "variables: one per sample or row, the cones' multipliers, epigraphs of the loss",
             problem->samples, output + 1, problem->outputs, problem->beta);
}

static zg_status write_problem(const zg_problem *problem, size_t output, const zg_sdp *sdp,
                               const char *path, zg_error *error)
{
    char title[320];
    describe(problem, output, title, sizeof title);
    if (strcmp(path, "-") == 0) return zg_sdpa_write(sdp, title, stdout, error);
    zg_replacement file;
    zg_status status = zg_replace_begin(&file, path, error);
    if (status != ZG_OK) return status;
    return zg_replace_end(&file, zg_sdpa_write(sdp, title, file.file, error), error);
}

zg_status zg_export_sdpa(const zg_problem *problem, size_t output, bool compress, bool scale,
                         const char *path, zg_error *error)
{
    zg_status status = zg_conic_check(problem, "the SDPA format", error);
    if (status != ZG_OK) return status;
    if (output >= problem->outputs)
        return zg_fail(error, ZG_BAD_INPUT, "there is no output %zu, only %zu", output + 1,
                       problem->outputs);
    zg_program program = zg_problem_program(problem, output);
    zg_compression *compression = NULL;
    zg_sdp *sdp = NULL;
    if (compress && zg_compression_applies(&program))
        status = zg_compress(&program, &compression, error);
    if (status == ZG_OK)
        status = zg_sdp_create(compression ? &compression->program : &program,
                               scale ? ZG_SDP_EQUILIBRATED : ZG_SDP_PLAIN, &sdp, error);
    if (status == ZG_OK) status = zg_sdp_validate(sdp, error);
    if (status == ZG_OK) status = write_problem(problem, output, sdp, path, error);
    zg_sdp_free(sdp);
    zg_compression_free(compression);
    return status;
}

/* Parameter files that SDPA and CSDP look for in their directory: tight tolerances, all digits. */
static zg_status write_parameters(const char *directory, zg_error *error)
{
    static const char sdpa[] =
        "200 maxIteration\n1.0E-9 epsilonStar\n1.0E2 lambdaStar\n2.0 omegaStar\n-1.0E5 "
        "lowerBound\n1.0E5 upperBound\n0.1 betaStar\n0.2 betaBar\n0.9 gammaStar\n1.0E-9 "
        "epsilonDash\n%+.17e xPrint\n%+.17e XPrint\n%+.17e YPrint\n%+.17e infPrint\n";
    static const char csdp[] =
        "axtol=1.0e-9\natytol=1.0e-9\nobjtol=1.0e-9\npinftol=1.0e8\ndinftol=1.0e8\nmaxiter=100\n"
        "minstepfrac=0.90\nmaxstepfrac=0.97\nminstepp=1.0e-8\nminstepd=1.0e-8\nusexzgap=1\n"
        "tweakgap=0\naffine=0\nprintlevel=1\nperturbobj=0\nfastmode=0\n";
    const char *const names[] = {PARAMETER_FILE, "param.csdp"}, *const texts[] = {sdpa, csdp};
    for (int i = 0; i < 2; i++) {
        char path[ZG_SCRATCH_SIZE + 32];
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        FILE *file = fopen(path, "w");
        bool good = file && fputs(texts[i], file) >= 0;
        if (file && fclose(file) != 0) good = false;
        if (!good) return zg_fail(error, ZG_IO, "cannot write \"%s\": %s", path, strerror(errno));
    }
    return ZG_OK;
}

/* ---- running -------------------------------------------------------------------------------- */

typedef struct run {
    zg_conic *conic;
    const zg_value *values;
    const zg_control *control;
    zg_stopwatch *watch;
    zg_sdp *sdp;
    zg_sdp_point point;
    zg_scratch scratch; /* where the command runs */
    zg_ending ended;
    zg_adapter *adapter; /* or NULL */
    char *program;       /* the adapter's, where it is */
    char *command;
    zg_answer answer; /* what its ending means */
    size_t digits;
    char ending[256]; /* what the command said last, as " (\"...\")", or empty */
} run;

/* Keeps the last line of the command's output that says anything. */
static void read_ending(run *r)
{
    char path[ZG_SCRATCH_SIZE + 32], last[160];
    snprintf(path, sizeof path, "%s/output", r->scratch.path);
    zg_solver_last_line(path, last, sizeof last);
    if (last[0]) snprintf(r->ending, sizeof r->ending, "; its last words: \"%s\"", last);
}

static zg_status missing_program(const run *r, zg_error *error)
{
    static const char *const known[] = {"sdpa", "csdp", "dsdp5", "scs", "mosek", "sdpt3", "cvxopt"};
    const char *command = r->command + strspn(r->command, " \t");
    char program[64];
    size_t length = strcspn(command, " \t");
    if (length >= sizeof program) length = sizeof program - 1;
    memcpy(program, command, length);
    program[length] = '\0';
    if (strchr(program, '/'))
        return zg_fail(error, ZG_MISSING,
                       "the program \"%s\" is not there; commands run in a private directory, so "
                       "give it by its full path",
                       program);
    const char *nearest = zg_nearest(program, known, sizeof known / sizeof *known);
    if (nearest && strcmp(nearest, program) != 0)
        return zg_fail(error, ZG_MISSING,
                       "the program \"%s\" is not installed; did you mean \"%s\"?", program,
                       nearest);
    return zg_fail(error, ZG_MISSING, "the program \"%s\" is not installed%s", program, r->ending);
}

static zg_status run_command(run *r, zg_error *error)
{
    char log[ZG_SCRATCH_SIZE + 32];
    double limit = r->control->seconds, left = 0;
    if (limit > 0) left = fmax(1e-3, limit - zg_stopwatch_read(r->watch));
    snprintf(log, sizeof log, "%s/output", r->scratch.path);
    const char *const words[] = {"/bin/sh", "-c", r->command, NULL};
    const zg_command command = {.arguments = words,
                                .directory = r->scratch.path,
                                .log = log,
                                .folder = r->scratch.path,
                                .seconds = left};
    zg_status status = zg_command_run(&command, &r->ended, error);
    if (status != ZG_OK) return status;
    if (r->ended.end == ZG_END_SECONDS)
        return zg_fail(error, ZG_TIMEOUT, "the command reached the time limit of %g s: %.300s",
                       limit, r->command);
    read_ending(r);
    if (r->ended.end == ZG_END_EXIT && r->ended.code == 127 && !r->adapter)
        return missing_program(r, error);
    if (r->ended.end != ZG_END_EXIT) {
        char how[96];
        zg_ending_describe(&r->ended, how, sizeof how);
        return zg_fail(error, ZG_FAILED, "the command %s: %.300s%s", how, r->command, r->ending);
    }
    return ZG_OK;
}

/* Reads the solution; when there is none, an exit status other than 0 explains why. */
static zg_status read_solution(run *r, zg_error *error)
{
    char path[ZG_SCRATCH_SIZE + 32];
    snprintf(path, sizeof path, "%s/%s", r->scratch.path, SOLUTION_FILE);
    zg_solution_format format =
        r->adapter ? r->adapter->format : (zg_solution_format)r->values[OPTION_FORMAT].number;
    zg_error reason = {0};
    zg_status status = zg_solution_read(format, path, r->sdp, &r->point, &r->digits, &reason);
    int code = r->ended.code;
    if (status == ZG_OK) return ZG_OK;
    /* The private directory is gone when the message is read. */
    const char *text = reason.message;
    if (strncmp(text, r->scratch.path, strlen(r->scratch.path)) == 0)
        text += strlen(r->scratch.path) + 1;
    if (code != 0)
        return zg_fail(error, status, "the command exited with status %d and %s%s", code,
                       strstr(reason.message, "left no") ? "left no solution" : text, r->ending);
    return zg_fail(error, status, "%s%s", text, r->ending);
}

/* The adapter's command with its program, or the option's. */
static zg_status make_command(run *r, zg_error *error)
{
    zg_placeholder filled[ADAPTER_WORDS];
    const zg_value *values = r->values;
    memcpy(filled, known_words, sizeof filled);
    if (!given(&values[OPTION_ADAPTER]))
        return zg_placeholders_fill(values[OPTION_COMMAND].text, filled, PLAIN_WORDS, &r->command,
                                    error);
    zg_status status = zg_adapter_load(values[OPTION_ADAPTER].text, &r->adapter, error);
    if (status == ZG_OK)
        status = zg_adapter_program(r->adapter, values[OPTION_PROGRAM].text, &r->program, error);
    if (status != ZG_OK) return status;
    char *program = zg_shell_word(r->program), *folder = zg_shell_word(r->adapter->folder);
    filled[PROGRAM].text = program;
    filled[FOLDER].text = folder;
    status = program && folder ? zg_placeholders_fill(r->adapter->command, filled, ADAPTER_WORDS,
                                                      &r->command, error)
                               : zg_no_memory(error);
    free(program);
    free(folder);
    return status;
}

static zg_status prepare(run *r, zg_error *error)
{
    zg_status status = make_command(r, error);
    bool scale = r->values[OPTION_SCALE].number != 0;
    if (status == ZG_OK)
        status = zg_sdp_create(r->conic->posed, scale ? ZG_SDP_EQUILIBRATED : ZG_SDP_PLAIN, &r->sdp,
                               error);
    if (status == ZG_OK) status = zg_sdp_validate(r->sdp, error);
    if (status == ZG_OK && zg_sdp_point_create(r->sdp, &r->point) != ZG_OK)
        status = zg_no_memory(error);
    if (status == ZG_OK) status = zg_scratch_make(&r->scratch, error);
    if (status == ZG_OK) status = write_parameters(r->scratch.path, error);
    if (status != ZG_OK) return status;
    char path[ZG_SCRATCH_SIZE + 32];
    snprintf(path, sizeof path, "%s/%s", r->scratch.path, PROBLEM_FILE);
    return write_problem(r->conic->problem, r->conic->output, r->sdp, path, error);
}

static void remark(const run *r, zg_solution *solution)
{
    double gap = zg_conic_gap(r->conic);
    int code = r->ended.code;
    size_t size = sizeof solution->message, used = 0;
    char *text = solution->message;
    if (code != 0 && !r->adapter)
        used +=
            (size_t)snprintf(text, size, "the command exited with status %d%s", code, r->ending);
    if (r->answer == ZG_ANSWER_UNSURE)
        used += (size_t)snprintf(text, size, "%s does not claim that its answer is optimal",
                                 r->adapter->name);
    if (gap > r->control->tolerance && isfinite(gap) && used < size && !r->conic->claim.says)
        used += (size_t)snprintf(text + used, size - used,
                                 "%sthe certificate finds a gap of %.2g in the command's solution",
                                 used ? "; " : "", gap);
    if (r->digits > 0 && r->digits < 9 && used < size)
        snprintf(text + used, size - used,
                 "%sthe solution has %zu digits only; SDPA prints all with \"sdpa {problem} "
                 "{solution}\" or with -p {parameters}",
                 used ? "; " : "", r->digits);
}

/* The objectives as the solver printed them, of the problem in matrices and of that in y. */
static void read_stated(const run *r, double *matrix, double *vector)
{
    char path[ZG_SCRATCH_SIZE + 32];
    const zg_adapter *adapter = r->adapter;
    const char *file = adapter ? adapter->stated_file : SOLUTION_FILE;
    *matrix = *vector = NAN;
    if (!adapter && r->values[OPTION_FORMAT].number != ZG_FORMAT_SDPA) return;
    if (!file) return;
    snprintf(path, sizeof path, "%s/%s", r->scratch.path, file);
    /* SDPA's primal problem is (D) of sdp.h. */
    zg_solution_stated(path, adapter ? adapter->stated_matrix : "objValDual",
                       adapter ? adapter->stated_y : "objValPrimal", matrix, vector);
}

/* What the command says of its own answer, before that is decomposed, rescaled or certified. */
static void take_claim(run *r)
{
    zg_claim *claim = &r->conic->claim;
    double matrix, vector;
    zg_sdp_claim(r->sdp, &r->point, r->digits, r->values[OPTION_LIMIT].number, claim);
    r->conic->has_claim = true;
    memcpy(r->conic->dimacs, claim->dimacs, sizeof claim->dimacs);
    r->conic->has_dimacs = true;
    read_stated(r, &matrix, &vector);
    claim->stated_primal = r->sdp->constant - matrix * claim->unit;
    claim->stated_dual = r->sdp->constant - vector * claim->unit;
    if (r->answer == ZG_ANSWER_UNSURE) claim->says = ZG_SAYS_UNSURE;
}

/* What the ending of the command means: ZG_OK where there is an answer, or a claim that there is
 * none. */
static zg_status hear(run *r, zg_error *error)
{
    const zg_adapter *adapter = r->adapter;
    if (!adapter) return read_solution(r, error);
    r->answer = zg_adapter_answer(adapter, r->scratch.path, r->ended.code);
    switch (r->answer) {
    case ZG_ANSWER_OPTIMAL:
    case ZG_ANSWER_UNSURE:
        return read_solution(r, error);
    case ZG_ANSWER_UNBOUNDED:
    case ZG_ANSWER_INFEASIBLE:
        return ZG_OK;
    case ZG_ANSWER_MISSING:
        return zg_fail(error, ZG_MISSING, "what %s needs is not installed%s", adapter->name,
                       r->ending);
    case ZG_ANSWER_FAILED:
        break;
    }
    return zg_fail(error, ZG_FAILED, "%s says that it failed, or nothing (exit status %d)%s",
                   adapter->name, r->ended.code, r->ending);
}

/* ---- the method ----------------------------------------------------------------------------- */

static zg_status execute(run *r, zg_error *error)
{
    zg_status status = prepare(r, error);
    if (status == ZG_OK) status = run_command(r, error);
    if (status == ZG_OK) status = hear(r, error);
    if (status != ZG_OK) return status;
    zg_stopwatch_pause(r->watch);
    if (r->answer == ZG_ANSWER_UNBOUNDED || r->answer == ZG_ANSWER_INFEASIBLE) {
        zg_conic_deny(r->conic,
                      r->answer == ZG_ANSWER_UNBOUNDED ? ZG_SAYS_UNBOUNDED : ZG_SAYS_INFEASIBLE);
    } else {
        take_claim(r);
        status = zg_conic_take(r->conic, r->sdp, &r->point);
    }
    zg_stopwatch_start(r->watch);
    if (status != ZG_OK) return zg_no_memory(error);
    zg_conic_report(r->conic, r->control, r->watch, 1); /* the only one: nothing to stop */
    return ZG_OK;
}

/* The line that the adapter's version command prints first. */
static void ask_version(const run *r, zg_program_identity *out)
{
    char log[ZG_SCRATCH_SIZE + 32], *command = NULL, *program = zg_shell_word(r->program);
    char *folder = zg_shell_word(r->adapter->folder);
    const zg_placeholder filled[] = {{"program", program, true}, {"folder", folder, false}};
    snprintf(log, sizeof log, "%s/version", r->scratch.path);
    if (program && folder &&
        zg_placeholders_fill(r->adapter->version, filled, 2, &command, NULL) == ZG_OK) {
        const char *const shell[] = {"/bin/sh", "-c", command, NULL};
        const zg_command job = {.arguments = shell,
                                .directory = r->scratch.path,
                                .log = log,
                                .folder = r->scratch.path,
                                .seconds = VERSION_SECONDS};
        zg_ending ending;
        if (zg_command_run(&job, &ending, NULL) == ZG_OK)
            zg_solver_first_line(log, out->version, sizeof out->version);
    }
    free(command);
    free(folder);
    free(program);
}

static void identify(const run *r, zg_program_identity *out)
{
    zg_stopwatch_pause(r->watch);
    zg_solver_identify(r->command, r->scratch.path, out);
    if (r->adapter && r->program) zg_solver_identify_file(r->program, out);
    if (r->adapter && r->adapter->version && r->scratch.path[0]) ask_version(r, out);
    zg_stopwatch_start(r->watch);
}

static zg_status solve_output(const zg_problem *problem, size_t output, const zg_value *values,
                              const zg_control *control, zg_stopwatch *watch, zg_solution *solution,
                              zg_error *error)
{
    run r = {.values = values, .control = control, .watch = watch};
    bool compress = values[OPTION_COMPRESS].number != 0;
    zg_status status = zg_conic_create(problem, output, compress, &r.conic, error);
    /* The reduction would have found out what the solver is to be asked. */
    if (status == ZG_INFEASIBLE && given(&values[OPTION_ADAPTER]))
        status = zg_conic_create(problem, output, false, &r.conic, error);
    if (status != ZG_OK) return status;
    status = execute(&r, error);
    identify(&r, &solution->solver);
    if (status == ZG_OK) {
        solution->iterations = 1;
        remark(&r, solution);
        if (zg_conic_finish(r.conic, fmin(1e-9, control->tolerance), solution) != ZG_OK)
            status = zg_no_memory(error);
    }
    zg_scratch_remove(&r.scratch);
    zg_sdp_point_clear(&r.point);
    zg_sdp_free(r.sdp);
    zg_conic_free(r.conic);
    zg_adapter_free(r.adapter);
    free(r.program);
    free(r.command);
    return status;
}

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    zg_status status = zg_conic_check(problem, "external", error);
    if (status != ZG_OK || !values) return status;
    return check_command(values, error);
}

static zg_status solve(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    zg_status status = check(problem, values, error);
    return status ? status
                  : zg_conic_solve(problem, values, control, solve_output,
                                   values[OPTION_REDUCE].number != 0.0, solution, error);
}

const zg_method zg_method_external = {
    .name = "external",
    .summary = "any command-line solver of semidefinite programs",
    .convex = true,
    .asked_anyway = true,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .check = check,
    .solve = solve,
};
