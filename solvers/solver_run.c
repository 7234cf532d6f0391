/* Running another solver once (see solver_run.h). */
#include "solvers/solver_run.h"

#include "solvers/identity.h"
#include "solvers/placeholders.h"

#include <errno.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETER_FILE "param.sdpa"
#define VERSION_SECONDS 10.0 /* that saying its version may take a solver */

/* ---- the command ------------------------------------------------------------------------------ */

/* The place-holders of the option command, and of adapters the first of ADAPTER_WORDS. */
enum { PROBLEM, SOLUTION, PARAMETERS, PLAIN_WORDS, PROGRAM = PLAIN_WORDS, FOLDER, ADAPTER_WORDS };

static const zg_placeholder known_words[ADAPTER_WORDS] = {{"problem", ZG_SOLVER_PROBLEM, true},
                                                          {"solution", ZG_SOLVER_SOLUTION, true},
                                                          {"parameters", PARAMETER_FILE, false},
                                                          {"program", NULL, true},
                                                          {"folder", NULL, false}};

zg_status zg_solver_check_command(const char *command, zg_error *error)
{
    return zg_placeholders_fill(command, known_words, PLAIN_WORDS, NULL, error);
}

zg_status zg_solver_by_command(zg_solver_run *run, const char *command, zg_error *error)
{
    return zg_placeholders_fill(command, known_words, PLAIN_WORDS, &run->command, error);
}

zg_status zg_solver_by_adapter(zg_solver_run *run, const char *adapter, const char *program,
                               zg_error *error)
{
    zg_placeholder filled[ADAPTER_WORDS];
    memcpy(filled, known_words, sizeof filled);
    zg_status status = zg_adapter_load(adapter, &run->adapter, error);
    if (status == ZG_OK) status = zg_adapter_program(run->adapter, program, &run->program, error);
    if (status != ZG_OK) return status;
    char *word = zg_shell_word(run->program), *folder = zg_shell_word(run->adapter->folder);
    filled[PROGRAM].text = word;
    filled[FOLDER].text = folder;
    status = word && folder ? zg_placeholders_fill(run->adapter->command, filled, ADAPTER_WORDS,
                                                   &run->command, error)
                            : zg_no_memory(error);
    free(word);
    free(folder);
    return status;
}

/* ---- the directory ---------------------------------------------------------------------------- */

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

zg_status zg_solver_prepare(zg_solver_run *run, zg_error *error)
{
    zg_status status = zg_scratch_make(&run->scratch, error);
    return status == ZG_OK ? write_parameters(run->scratch.path, error) : status;
}

void zg_solver_path(const zg_solver_run *run, const char *name, char *path)
{
    snprintf(path, ZG_SOLVER_PATH_SIZE, "%s/%s", run->scratch.path, name);
}

/* ---- running ---------------------------------------------------------------------------------- */

/* Keeps the last line of the command's output that says anything. */
static void read_ending(zg_solver_run *r)
{
    char path[ZG_SOLVER_PATH_SIZE], last[160];
    zg_solver_path(r, ZG_SOLVER_OUTPUT, path);
    zg_solver_last_line(path, last, sizeof last);
    if (last[0]) snprintf(r->ending, sizeof r->ending, "; its last words: \"%s\"", last);
}

static zg_status missing_program(const zg_solver_run *r, zg_error *error)
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

zg_status zg_solver_start(zg_solver_run *r, double seconds, double limit, zg_error *error)
{
    char log[ZG_SOLVER_PATH_SIZE];
    zg_solver_path(r, ZG_SOLVER_OUTPUT, log);
    const char *const words[] = {"/bin/sh", "-c", r->command, NULL};
    const zg_command command = {.arguments = words,
                                .directory = r->scratch.path,
                                .log = log,
                                .folder = r->scratch.path,
                                .seconds = seconds};
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

/* ---- what it was ------------------------------------------------------------------------------ */

/* The line that the adapter's version command prints first. */
static void ask_version(const zg_solver_run *r, zg_program_identity *out)
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

void zg_solver_introduce(const zg_solver_run *r, zg_program_identity *out)
{
    zg_solver_identify(r->command, r->scratch.path, out);
    if (r->adapter && r->program) zg_solver_identify_file(r->program, out);
    if (r->adapter && !SHA256File(r->adapter->path, out->adapter)) out->adapter[0] = '\0';
    if (r->adapter && r->adapter->version && r->scratch.path[0]) ask_version(r, out);
}

zg_saying zg_solver_saying(const zg_solver_run *r)
{
    if (!r->adapter) return r->ended.code == 0 ? ZG_SAYING_OPTIMAL : ZG_SAYING_UNSURE;
    return zg_adapter_saying(r->adapter, r->scratch.path, r->ended.code);
}

void zg_solver_clear(zg_solver_run *run)
{
    zg_scratch_remove(&run->scratch);
    zg_adapter_free(run->adapter);
    free(run->program);
    free(run->command);
    *run = (zg_solver_run){0};
}
