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
#include "solvers/conic.h"
#include "solvers/identity.h"
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

enum { OPTION_COMMAND, OPTION_FORMAT, OPTION_COMPRESS, OPTION_SCALE, OPTION_REDUCE, OPTION_LIMIT };

static const zg_option options[] = {
    {"command", ZG_OPTION_TEXT, NULL, NULL, 0, 0,
     "shell command with {problem} and {solution}, run in a private directory"},
    {"format", ZG_OPTION_CHOICE, "sdpa", "sdpa,csdp", 0, 0, "of the solution file"},
    {"compress", ZG_OPTION_FLAG, "true", NULL, 0, 0,
     "QR reduction of the samples to at most as many rows as features (squared loss)"},
    {"scale", ZG_OPTION_FLAG, "true", NULL, 0, 0, "equilibrate the program"},
    {"reduce", ZG_OPTION_FLAG, "false", NULL, 0, 0,
     "fewer neurons with the same predictions, towards Pataki's bound, at no cost in the "
     "objective"},
    ZG_DIMACS_LIMIT_OPTION,
};

/* ---- the command ---------------------------------------------------------------------------- */

typedef struct placeholder {
    const char *name, *file;
} placeholder;

static const placeholder placeholders[] = {
    {"problem", PROBLEM_FILE}, {"solution", SOLUTION_FILE}, {"parameters", PARAMETER_FILE}};
enum { PLACEHOLDERS = sizeof placeholders / sizeof *placeholders };

/* The length of "{word}" at text, or 0. */
static size_t braced_word(const char *text)
{
    size_t length = 1;
    if (*text != '{') return 0;
    while (isalpha((unsigned char)text[length]) || text[length] == '_')
        length++;
    return text[length] == '}' && length > 1 ? length + 1 : 0;
}

static const placeholder *find_placeholder(const char *text, size_t length)
{
    for (size_t i = 0; i < PLACEHOLDERS; i++)
        if (strlen(placeholders[i].name) == length - 2 &&
            strncmp(text + 1, placeholders[i].name, length - 2) == 0)
            return &placeholders[i];
    return NULL;
}

/* A braced word that is no placeholder is the shell's business, unless it looks like one. */
static zg_status check_word(const char *text, size_t length, zg_error *error)
{
    char word[64];
    const char *names[PLACEHOLDERS];
    if (length - 2 >= sizeof word) return ZG_OK;
    memcpy(word, text + 1, length - 2);
    word[length - 2] = '\0';
    for (size_t i = 0; i < PLACEHOLDERS; i++)
        names[i] = placeholders[i].name;
    if (!zg_nearest(word, names, PLACEHOLDERS)) return ZG_OK;
    return zg_fail_unknown(error, "placeholder of command", word, names, PLACEHOLDERS);
}

/* Replaces the placeholders; text NULL only measures and checks.  Returns the length. */
static size_t substitute(const char *command, char *text, bool used[PLACEHOLDERS], zg_error *error,
                         zg_status *status)
{
    size_t length = 0;
    while (*command) {
        size_t word = braced_word(command);
        const placeholder *found = word ? find_placeholder(command, word) : NULL;
        if (found) {
            if (text) memcpy(text + length, found->file, strlen(found->file));
            length += strlen(found->file);
            used[found - placeholders] = true;
            command += word;
            continue;
        }
        if (word && *status == ZG_OK) *status = check_word(command, word, error);
        if (text) text[length] = *command;
        length++;
        command++;
    }
    if (text) text[length] = '\0';
    return length;
}

static zg_status check_command(const char *command, size_t *length, zg_error *error)
{
    bool used[PLACEHOLDERS] = {false};
    zg_status status = ZG_OK;
    if (!command || command[strspn(command, " \t")] == '\0')
        return zg_fail(
            error, ZG_BAD_INPUT,
            "the method external needs a command, such as \"sdpa {problem} {solution}\"");
    *length = substitute(command, NULL, used, error, &status);
    for (int i = 0; i < 2 && status == ZG_OK; i++) /* parameters are optional */
        if (!used[i])
            status = zg_fail(error, ZG_BAD_INPUT, "the command \"%.200s\" does not say {%s}",
                             command, placeholders[i].name);
    return status;
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
    char *command;
    size_t digits;
    char ending[256]; /* what the command said last, as " (\"...\")", or empty */
} run;

/* The last line of the command's output that says anything. */
static void read_ending(run *r)
{
    char path[ZG_SCRATCH_SIZE + 32], line[160], last[160] = "";
    snprintf(path, sizeof path, "%s/output", r->scratch.path);
    FILE *file = fopen(path, "r");
    if (!file) return;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[strspn(line, " \t")] != '\0') memcpy(last, line, sizeof last);
    }
    fclose(file);
    for (char *c = last; *c; c++)
        if (!isprint((unsigned char)*c)) *c = '?';
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
    if (r->ended.end == ZG_END_EXIT && r->ended.code == 127) return missing_program(r, error);
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
    zg_solution_format format = (zg_solution_format)r->values[OPTION_FORMAT].number;
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

static zg_status prepare(run *r, zg_error *error)
{
    const char *command = r->values[OPTION_COMMAND].text;
    size_t length;
    zg_status status = check_command(command, &length, error);
    if (status != ZG_OK) return status;
    bool used[PLACEHOLDERS];
    r->command = malloc(length + 1);
    if (!r->command) return zg_no_memory(error);
    substitute(command, r->command, used, NULL, &status);
    bool scale = r->values[OPTION_SCALE].number != 0;
    status =
        zg_sdp_create(r->conic->posed, scale ? ZG_SDP_EQUILIBRATED : ZG_SDP_PLAIN, &r->sdp, error);
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
    if (code != 0)
        used +=
            (size_t)snprintf(text, size, "the command exited with status %d%s", code, r->ending);
    if (gap > r->control->tolerance && isfinite(gap) && used < size)
        used += (size_t)snprintf(text + used, size - used,
                                 "%sthe certificate finds a gap of %.2g in the command's solution",
                                 used ? "; " : "", gap);
    if (r->digits < 9 && used < size)
        snprintf(text + used, size - used,
                 "%sthe solution has %zu digits only; SDPA prints all with \"sdpa {problem} "
                 "{solution}\" or with -p {parameters}",
                 used ? "; " : "", r->digits);
}

/* What the command says of its own answer, before that is decomposed, rescaled or certified. */
static void take_claim(run *r)
{
    zg_claim *claim = &r->conic->claim;
    char path[ZG_SCRATCH_SIZE + 32];
    double primal, dual;
    zg_sdp_claim(r->sdp, &r->point, r->digits, r->values[OPTION_LIMIT].number, claim);
    r->conic->has_claim = true;
    memcpy(r->conic->dimacs, claim->dimacs, sizeof claim->dimacs);
    r->conic->has_dimacs = true;
    if (r->values[OPTION_FORMAT].number != ZG_FORMAT_SDPA) return;
    snprintf(path, sizeof path, "%s/%s", r->scratch.path, SOLUTION_FILE);
    zg_solution_stated(path, &primal, &dual);
    /* SDPA's primal problem is (D) of sdp.h. */
    claim->stated_dual = r->sdp->constant - primal * claim->unit;
    claim->stated_primal = r->sdp->constant - dual * claim->unit;
}

/* ---- the method ----------------------------------------------------------------------------- */

static zg_status execute(run *r, zg_error *error)
{
    zg_status status = prepare(r, error);
    if (status == ZG_OK) status = run_command(r, error);
    if (status == ZG_OK) status = read_solution(r, error);
    if (status != ZG_OK) return status;
    zg_stopwatch_pause(r->watch);
    take_claim(r);
    status = zg_conic_take(r->conic, r->sdp, &r->point);
    zg_stopwatch_start(r->watch);
    if (status != ZG_OK) return zg_no_memory(error);
    zg_conic_report(r->conic, r->control, r->watch, 1); /* the only one: nothing to stop */
    return ZG_OK;
}

static zg_status solve_output(const zg_problem *problem, size_t output, const zg_value *values,
                              const zg_control *control, zg_stopwatch *watch, zg_solution *solution,
                              zg_error *error)
{
    run r = {.values = values, .control = control, .watch = watch};
    bool compress = values[OPTION_COMPRESS].number != 0;
    zg_status status = zg_conic_create(problem, output, compress, &r.conic, error);
    if (status != ZG_OK) return status;
    status = execute(&r, error);
    zg_solver_identify(r.command, r.scratch.path, &solution->solver);
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
    free(r.command);
    return status;
}

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    size_t length;
    zg_status status = zg_conic_check(problem, "external", error);
    if (status != ZG_OK || !values) return status;
    return check_command(values[OPTION_COMMAND].text, &length, error);
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
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .check = check,
    .solve = solve,
};
