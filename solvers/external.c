/*
 * The method "external": any command-line solver of semidefinite programs.
 *
 * The program is written to a private directory in SDPA's sparse format, the command is run there
 * by /bin/sh with its placeholders replaced by plain file names, and the solution it leaves is read
 * back and certified like everything else.
 */
#include "solvers/external.h"

#include "base/replace.h"
#include "solvers/conic.h"
#include "solvers/sdpa_format.h"
#include "solvers/solver.h"
#include "solvers/solver_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    return zg_solver_check_command(command, error);
}

/* ---- files ---------------------------------------------------------------------------------- */

static void describe(const zg_problem *problem, size_t output, char *text, size_t size)
{
    snprintf(
        text, size,
        "dual of a training problem: %zu samples, output %zu of %zu, beta = %.17g\n"
        "variables: one per sample or row, the cones' multipliers, epigraphs of the loss%s",
        problem->samples, output + 1, problem->outputs, problem->beta,
        problem->outputs > 1
            ? "\nthe outputs are problems of their own: the training objective is the sum over "
              "them,\nbelow it is this output's part of it"
            : "");
}

static zg_status write_problem(const zg_problem *problem, size_t output, const zg_sdp *sdp,
                               const char *path, zg_error *error)
{
    char title[480];
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

/* ---- running -------------------------------------------------------------------------------- */

typedef struct run {
    zg_conic *conic;
    const zg_value *values;
    const zg_control *control;
    zg_stopwatch *watch;
    zg_sdp *sdp;
    zg_sdp_point point;
    zg_solver_run solver;
    zg_saying answer; /* what its ending means */
    size_t digits;
} run;

/* Reads the solution; when there is none, an exit status other than 0 explains why. */
static zg_status read_solution(run *r, zg_error *error)
{
    char path[ZG_SOLVER_PATH_SIZE];
    zg_solver_path(&r->solver, ZG_SOLVER_SOLUTION, path);
    zg_solution_format format = r->solver.adapter
                                    ? r->solver.adapter->format
                                    : (zg_solution_format)r->values[OPTION_FORMAT].number;
    zg_error reason = {0};
    zg_status status = zg_solution_read(format, path, r->sdp, &r->point, &r->digits, &reason);
    int code = r->solver.ended.code;
    if (status == ZG_OK) return ZG_OK;
    /* The private directory is gone when the message is read. */
    const char *text = reason.message;
    if (strncmp(text, r->solver.scratch.path, strlen(r->solver.scratch.path)) == 0)
        text += strlen(r->solver.scratch.path) + 1;
    if (code != 0)
        return zg_fail(error, status, "the command exited with status %d and %s%s", code,
                       strstr(reason.message, "left no") ? "left no solution" : text,
                       r->solver.ending);
    return zg_fail(error, status, "%s%s", text, r->solver.ending);
}

static zg_status set_command(const zg_value *values, zg_solver_run *solver, zg_error *error)
{
    return given(&values[OPTION_ADAPTER])
               ? zg_solver_by_adapter(solver, values[OPTION_ADAPTER].text,
                                      values[OPTION_PROGRAM].text, error)
               : zg_solver_by_command(solver, values[OPTION_COMMAND].text, error);
}

static zg_status prepare(run *r, zg_error *error)
{
    bool scale = r->values[OPTION_SCALE].number != 0;
    zg_status status = set_command(r->values, &r->solver, error);
    if (status == ZG_OK)
        status = zg_sdp_create(r->conic->posed, scale ? ZG_SDP_EQUILIBRATED : ZG_SDP_PLAIN, &r->sdp,
                               error);
    if (status == ZG_OK) status = zg_sdp_validate(r->sdp, error);
    if (status == ZG_OK && zg_sdp_point_create(r->sdp, &r->point) != ZG_OK)
        status = zg_no_memory(error);
    if (status == ZG_OK) status = zg_solver_prepare(&r->solver, error);
    if (status != ZG_OK) return status;
    char path[ZG_SOLVER_PATH_SIZE];
    zg_solver_path(&r->solver, ZG_SOLVER_PROBLEM, path);
    return write_problem(r->conic->problem, r->conic->output, r->sdp, path, error);
}

static zg_status run_command(run *r, zg_error *error)
{
    double limit = r->control->seconds, left = 0;
    if (limit > 0) left = fmax(1e-3, limit - zg_stopwatch_read(r->watch));
    return zg_solver_start(&r->solver, left, limit, error);
}

static void remark(const run *r, zg_solution *solution)
{
    double gap = zg_conic_gap(r->conic);
    int code = r->solver.ended.code;
    size_t size = sizeof solution->message, used = 0;
    char *text = solution->message;
    if (code != 0 && !r->solver.adapter)
        used += (size_t)snprintf(text, size,
                                 "the command exited with status %d, which claims no optimum%s",
                                 code, r->solver.ending);
    if (r->answer == ZG_SAYING_UNSURE && r->solver.adapter)
        used += (size_t)snprintf(text, size, "%s does not claim that its answer is optimal",
                                 r->solver.adapter->name);
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
static void read_stated(const run *r, zg_stated *matrix, zg_stated *vector)
{
    char path[ZG_SOLVER_PATH_SIZE];
    const zg_adapter *adapter = r->solver.adapter;
    const char *file = adapter ? adapter->stated_file : ZG_SOLVER_SOLUTION;
    *matrix = *vector = (zg_stated){.value = NAN};
    if (!adapter && r->values[OPTION_FORMAT].number != ZG_FORMAT_SDPA) return;
    if (!file) return;
    zg_solver_path(&r->solver, file, path);
    /* SDPA's primal problem is (D) of sdp.h. */
    zg_solution_stated(path, adapter ? adapter->stated_matrix : "objValDual",
                       adapter ? adapter->stated_y : "objValPrimal", matrix, vector);
}

/* An adapter that says where objectives are printed promises them: without them nothing could be
 * held against the truth, and nobody would know. */
static zg_status missing_objective(const run *r, const char *text, zg_error *error)
{
    const zg_adapter *adapter = r->solver.adapter;
    return zg_fail(
        error, ZG_FAILED,
        "%s has an answer, but its %s has no \"%.100s\" in front of an objective, as the "
        "adapter says%s",
        adapter->name, adapter->stated_file, text, r->solver.ending);
}

static zg_status check_stated(const run *r, zg_stated matrix, zg_stated vector, zg_error *error)
{
    const zg_adapter *adapter = r->solver.adapter;
    if (!adapter || !adapter->stated_file) return ZG_OK;
    if (adapter->stated_matrix && !matrix.printed)
        return missing_objective(r, adapter->stated_matrix, error);
    if (adapter->stated_y && !vector.printed) return missing_objective(r, adapter->stated_y, error);
    return ZG_OK;
}

/* In the scale of the training problem; NAN where nothing was printed, and INFINITY, which lies in
 * no interval, for what is no finite number. */
static double claimed_objective(const run *r, zg_stated stated)
{
    double value = r->sdp->constant - stated.value * r->conic->claim.unit;
    if (!stated.printed) return NAN;
    return isfinite(value) ? value : INFINITY;
}

/* What the command says of its own answer, before that is decomposed, rescaled or certified. */
static zg_status take_claim(run *r, zg_error *error)
{
    zg_claim *claim = &r->conic->claim;
    zg_stated matrix, vector;
    zg_sdp_claim(r->sdp, &r->point, r->digits, r->values[OPTION_LIMIT].number, claim);
    r->conic->has_claim = true;
    memcpy(r->conic->dimacs, claim->dimacs, sizeof claim->dimacs);
    r->conic->has_dimacs = true;
    read_stated(r, &matrix, &vector);
    claim->stated_primal = claimed_objective(r, matrix);
    claim->stated_dual = claimed_objective(r, vector);
    if (r->answer == ZG_SAYING_UNSURE) claim->says = ZG_SAYS_UNSURE;
    return check_stated(r, matrix, vector, error);
}

/* What the ending of the command means: ZG_OK where there is an answer, or a claim that there is
 * none. */
static zg_status hear(run *r, zg_error *error)
{
    const zg_adapter *adapter = r->solver.adapter;
    r->answer = zg_solver_saying(&r->solver);
    switch (r->answer) {
    case ZG_SAYING_OPTIMAL:
    case ZG_SAYING_UNSURE:
        return read_solution(r, error);
    case ZG_SAYING_UNBOUNDED:
    case ZG_SAYING_INFEASIBLE:
        return ZG_OK;
    case ZG_SAYING_MISSING:
        return zg_fail(error, ZG_MISSING, "what %s needs is not installed%s", adapter->name,
                       r->solver.ending);
    case ZG_SAYING_FAILED:
        break;
    }
    return zg_fail(error, ZG_FAILED, "%s says that it failed, or nothing (exit status %d)%s",
                   adapter->name, r->solver.ended.code, r->solver.ending);
}

/* ---- the method ----------------------------------------------------------------------------- */

static zg_status execute(run *r, zg_error *error)
{
    zg_status status = prepare(r, error);
    if (status == ZG_OK) status = run_command(r, error);
    if (status == ZG_OK) status = hear(r, error);
    if (status != ZG_OK) return status;
    zg_stopwatch_pause(r->watch);
    if (r->answer == ZG_SAYING_UNBOUNDED || r->answer == ZG_SAYING_INFEASIBLE) {
        zg_conic_deny(r->conic,
                      r->answer == ZG_SAYING_UNBOUNDED ? ZG_SAYS_UNBOUNDED : ZG_SAYS_INFEASIBLE);
    } else {
        status = take_claim(r, error);
        if (status == ZG_OK && zg_conic_take(r->conic, r->sdp, &r->point) != ZG_OK)
            status = zg_no_memory(error);
    }
    zg_stopwatch_start(r->watch);
    if (status != ZG_OK) return status;
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
    /* The reduction would have found out what the solver is to be asked. */
    if (status == ZG_INFEASIBLE && given(&values[OPTION_ADAPTER]))
        status = zg_conic_create(problem, output, false, &r.conic, error);
    if (status != ZG_OK) return status;
    status = execute(&r, error);
    zg_stopwatch_pause(watch);
    zg_solver_introduce(&r.solver, &solution->solver);
    zg_stopwatch_start(watch);
    if (status == ZG_OK) {
        solution->iterations = 1;
        remark(&r, solution);
        if (zg_conic_finish(r.conic, fmin(1e-9, control->tolerance), solution) != ZG_OK)
            status = zg_no_memory(error);
    }
    zg_solver_clear(&r.solver);
    zg_sdp_point_clear(&r.point);
    zg_sdp_free(r.sdp);
    zg_conic_free(r.conic);
    return status;
}

static void identify(const zg_value *values, zg_program_identity *out)
{
    zg_solver_run solver = {0};
    zg_error error = {0};
    (void)set_command(values, &solver, &error); /* what cannot be found stays unknown */
    zg_solver_introduce(&solver, out);
    zg_solver_clear(&solver);
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
    .identify = identify,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .check = check,
    .solve = solve,
};
