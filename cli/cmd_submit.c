/* zerogap submit: a suite in parts, for a cluster or a matrix of CI. */
#include "cli/commands.h"
#include "cli/job_scripts.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/suite_files.h"
#include "runner/shard.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_PARTS 10000
#define WORDS_ROOM 64
#define MARK_LINES 3     /* in which a script of ours says so */
#define CASE_SECONDS 2.0 /* that a case may take beyond its limit */
#define PART_SECONDS                                                                               \
    120.0 /* of a part beside its cases: its start, and the signal before its end */

typedef struct arguments {
    const char *shards, *output, *print, *filter, *repeat;
    bool run, offline, force, json;
} arguments;

static const zg_cli_command command = {
    .name = "submit",
    .examples = {{"zerogap submit suite.yaml --shards 20 -- --partition=long",
                  "A job array of 20 parts and a report of them, for SLURM; --run submits them."},
                 {"zerogap submit suite.yaml --shards 8 --print parallel > parts.sh",
                  "The same parts as a script for GNU parallel."}},
    .usage = "SUITE --shards N [--run] [--print parallel|github|gitlab] [-- SBATCH OPTION...]",
    .summary = "a suite in parts on a cluster: SLURM, GNU parallel, CI",
    .about =
        "Writes three scripts into a folder, plain to read: a job array of SLURM with a part of "
        "the "
        "suite (run --shard) a task, a job that writes the report when all tasks have ended, and "
        "what submits both; --run does that.  The suite's limits become requests of memory and "
        "time.  A task that is requeued goes on from its logs, and before a limit of time its case "
        "ends with what it has proven (SIGUSR1).  The report fails where a part or a case is "
        "missing.\n\n"
        "The folder must be one that all nodes see, and the program and the suite's data, too.",
    .run = zg_cmd_submit,
};

/* ---- what is planned ------------------------------------------------------------------------ */

typedef struct texts {
    char suite[PATH_MAX], program[PATH_MAX], folder[PATH_MAX];
} texts;

static zg_status find_program(char program[PATH_MAX], zg_error *error)
{
    ssize_t length = readlink("/proc/self/exe", program, PATH_MAX - 1);
    if (length < 0)
        return zg_fail(error, ZG_IO, "cannot find the path of this program: %s", strerror(errno));
    program[length] = '\0';
    return ZG_OK;
}

/* SUITE-shards in the current folder, from a path of the suite or its installed name. */
static void default_folder(const char *word, char *out, size_t size)
{
    const char *slash = strrchr(word, '/'), *base = slash ? slash + 1 : word;
    size_t length = strlen(base);
    if (length > 5 && strcmp(base + length - 5, ".yaml") == 0) length -= 5;
    snprintf(out, size, "%.*s-shards", (int)length, base);
}

static zg_status make_folder(const char *path, char folder[PATH_MAX], zg_error *error)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return zg_fail(error, ZG_IO, "cannot make the folder %.300s: %s", path, strerror(errno));
    if (!realpath(path, folder))
        return zg_fail(error, ZG_IO, "cannot find the folder %.300s: %s", path, strerror(errno));
    return ZG_OK;
}

/* What SLURM's tasks and the report are, is not to be changed by its options. */
static zg_status check_options(const char *const *options, size_t count, zg_error *error)
{
    if (count && options[0][0] != '-')
        return zg_fail(error, ZG_BAD_INPUT,
                       "unexpected argument \"%.80s\": one suite, and after -- options of sbatch",
                       options[0]);
    static const char *const taken[] = {"--array", "-a", "--wrap", "--dependency", "-d"};
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < sizeof taken / sizeof *taken; k++) {
            size_t length = strlen(taken[k]);
            bool is_long = taken[k][1] == '-';
            if (strncmp(options[i], taken[k], length) != 0) continue;
            if (is_long && options[i][length] && options[i][length] != '=') continue;
            return zg_fail(
                error, ZG_BAD_INPUT,
                "%s is not for you to say: the parts are an array of --shards N, and the "
                "report waits for it",
                taken[k]);
        }
    return ZG_OK;
}

static zg_status plan_parts(zg_suite *suite, const arguments *a, zg_job_plan *plan, zg_error *error)
{
    const zg_run_options selection = {.filter = a->filter};
    size_t all;
    zg_status status = zg_shard_count(&suite, 1, &selection, plan->parts, &all, &plan->most, error);
    if (status != ZG_OK) return status;
    if (all == 0)
        return zg_fail(error, ZG_BAD_INPUT, "no case is called \"%.200s\"",
                       a->filter ? a->filter : "*");
    plan->name = suite->name;
    plan->threads = suite->threads;
    plan->seconds = suite->limits.seconds;
    plan->memory_mb = suite->limits.memory_mb;
    if (!(plan->seconds > 0)) return ZG_OK;
    size_t repeat = plan->repeat ? plan->repeat : suite->repeat;
    double one = (double)repeat * (plan->seconds + CASE_SECONDS);
    plan->minutes = ceil(((double)plan->most * one + PART_SECONDS) / 60);
    return ZG_OK;
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Whether a file may be written: there is none, or one of ours. */
static bool may_write(const char *path)
{
    char line[512];
    bool ours = false;
    FILE *file = fopen(path, "rb");
    if (!file) return errno == ENOENT;
    for (size_t i = 0; i < MARK_LINES && fgets(line, sizeof line, file); i++)
        ours = ours || strstr(line, ZG_JOB_MARK);
    fclose(file);
    return ours;
}

static const struct {
    const char *name;
    zg_job_writer write;
} scripts[] = {{"shards.sbatch", zg_job_slurm_parts},
               {"report.sbatch", zg_job_slurm_report},
               {"submit.sh", zg_job_slurm_submit}};
enum { SCRIPTS = sizeof scripts / sizeof *scripts };

static zg_status write_scripts(const zg_job_plan *plan, bool force, zg_error *error)
{
    char path[PATH_MAX];
    zg_status status = ZG_OK;
    for (size_t i = 0; i < SCRIPTS && status == ZG_OK; i++) {
        zg_text text = {0};
        int length = snprintf(path, sizeof path, "%s/%s", plan->folder, scripts[i].name);
        if (length < 0 || (size_t)length >= sizeof path)
            status = zg_fail(error, ZG_BAD_INPUT, "the folder's path is too long");
        else if (!force && !may_write(path))
            status = zg_fail(error, ZG_BAD_INPUT,
                             "%.300s is there, and not from here; --force replaces it", path);
        if (status == ZG_OK) status = scripts[i].write(plan, &text, error);
        if (status == ZG_OK) status = zg_text_save(&text, path, error);
        zg_text_clear(&text);
    }
    return status;
}

static void tell(const zg_job_plan *plan, const arguments *a)
{
    if (!(plan->seconds > 0))
        fputs("zerogap submit: note: the suite has no limit of seconds: no time is asked for\n",
              stderr);
    if (!(plan->memory_mb > 0))
        fputs("zerogap submit: note: the suite has no limit of memory_mb: no memory is asked for\n",
              stderr);
    if (a->json) {
        json_t *root = json_object();
        zg_cli_json_text(root, "folder", plan->folder);
        zg_cli_json_number(root, "parts", (double)plan->parts);
        zg_cli_json_number(root, "cases_of_largest", (double)plan->most);
        if (plan->minutes > 0) zg_cli_json_number(root, "minutes", plan->minutes);
        zg_cli_print_json(root, stdout);
        return;
    }
    if (a->run) return;
    for (size_t i = 0; i < SCRIPTS; i++)
        printf("%s/%s\n", plan->folder, scripts[i].name);
    puts("submit.sh submits the parts, and the report that waits for them");
}

/* The scripts' own submission in place of this program. */
static int submit(const zg_job_plan *plan)
{
    char path[PATH_MAX + 16];
    zg_error error = {0};
    snprintf(path, sizeof path, "%s/submit.sh", plan->folder);
    (void)fflush(stdout);
    (void)execl("/bin/sh", "sh", path, (char *)NULL);
    zg_fail(&error, ZG_IO, "cannot run %.300s: %s", path, strerror(errno));
    return zg_cli_fail("submit", &error);
}

static zg_status print_script(const zg_job_plan *plan, const char *kind, zg_error *error)
{
    static const char *const kinds[] = {"parallel", "github", "gitlab"};
    static const zg_job_writer writers[] = {zg_job_parallel, zg_job_github, zg_job_gitlab};
    zg_text text = {0};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(kind, kinds[i]) != 0) continue;
        zg_status status = writers[i](plan, &text, error);
        if (status == ZG_OK) status = zg_text_save(&text, "-", error);
        zg_text_clear(&text);
        return status;
    }
    return zg_fail_unknown(error, "--print", kind, kinds, 3);
}

/* ---- the command ---------------------------------------------------------------------------- */

static const zg_cli_option option_rows[] = {
    {.name = "shards",
     .argument = "N",
     .at = offsetof(arguments, shards),
     .help = "How many parts; every case is in exactly one."},
    {.name = "run",
     .at = offsetof(arguments, run),
     .help = "Submit them.  With the option --wait of sbatch the status is the report's."},
    {.name = "print",
     .argument = "KIND",
     .at = offsetof(arguments, print),
     .help =
         "Print the parts as a script for GNU parallel (parallel), a workflow of GitHub Actions "
         "(github) or jobs of GitLab (gitlab), and write nothing."},
    {.name = "output",
     .letter = 'o',
     .argument = "FOLDER",
     .at = offsetof(arguments, output),
     .help = "For scripts, logs and reports; by default SUITE-shards in the current folder."},
    {.name = "filter",
     .argument = "GLOB",
     .at = offsetof(arguments, filter),
     .help = "Only cases whose names match."},
    {.name = "repeat",
     .argument = "N",
     .at = offsetof(arguments, repeat),
     .help = "Measurements of each case instead of the suite's own number."},
    {.name = "offline",
     .at = offsetof(arguments, offline),
     .help = "For nodes without a network: fetch no data there; `zerogap data fetch` does here."},
    {.name = "json", .at = offsetof(arguments, json), .help = "Print one JSON document."},
    ZG_FORCE_OPTION,
};

static zg_status check(const arguments *a, const zg_cli_words *words, zg_job_plan *plan,
                       zg_error *error)
{
    if (words->count == 0)
        return zg_fail(error, ZG_BAD_INPUT, "expected the path of a suite, SUITE.yaml");
    if (!a->shards) return zg_fail(error, ZG_BAD_INPUT, "expected --shards N, the number of parts");
    if (a->print && (a->run || a->output || a->json || words->count > 1))
        return zg_fail(error, ZG_BAD_INPUT,
                       "--print goes with none of --run, --output, --json and options of sbatch");
    if (a->run && a->json)
        return zg_fail(error, ZG_BAD_INPUT, "--run prints what SLURM says: without --json");
    plan->options = words->at + 1;
    plan->option_count = words->count - 1;
    zg_status status = zg_cli_size("shards", a->shards, 1, MOST_PARTS, &plan->parts, error);
    if (status == ZG_OK) status = zg_cli_size("repeat", a->repeat, 1, 10000, &plan->repeat, error);
    return status == ZG_OK ? check_options(plan->options, plan->option_count, error) : status;
}

/* Makes the plan, and what was asked for of it. */
static zg_status make(const arguments *a, const char *word, zg_job_plan *plan, texts *room,
                      zg_error *error)
{
    char path[PATH_MAX], folder[PATH_MAX];
    zg_world world;
    zg_suite *suite = NULL;
    zg_status status = zg_world_create(&world, error);
    zg_cli_suite_path(word, path, sizeof path);
    if (status == ZG_OK) status = zg_suite_load(path, &world, &suite, error);
    if (status == ZG_OK) status = plan_parts(suite, a, plan, error);
    if (status == ZG_OK) status = find_program(room->program, error);
    if (status == ZG_OK && !realpath(path, room->suite))
        status = zg_fail(error, ZG_IO, "cannot find %.300s: %s", path, strerror(errno));
    plan->program = room->program;
    plan->suite = room->suite;
    plan->folder = room->folder;
    if (a->print && strcmp(a->print, "parallel") != 0) plan->suite = word; /* in the repository */
    if (status == ZG_OK && a->print) {
        status = print_script(plan, a->print, error);
    } else if (status == ZG_OK) {
        default_folder(word, folder, sizeof folder);
        status = make_folder(a->output ? a->output : folder, room->folder, error);
        if (status == ZG_OK) status = write_scripts(plan, a->force, error);
        if (status == ZG_OK) tell(plan, a);
    }
    zg_suite_free(suite);
    zg_world_clear(&world);
    return status;
}

int zg_cmd_submit(int argc, char **argv)
{
    static texts room;
    const char *at[WORDS_ROOM];
    zg_cli_words words = {at, WORDS_ROOM, 0};
    arguments a = {0};
    int exit_status;
    zg_error error = {0};
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, &words,
                      &exit_status))
        return exit_status;
    zg_job_plan plan = {.filter = a.filter, .offline = a.offline};
    zg_status status = check(&a, &words, &plan, &error);
    if (status == ZG_OK) status = make(&a, words.at[0], &plan, &room, &error);
    if (status != ZG_OK) return zg_cli_fail("submit", &error);
    return a.run ? submit(&plan) : ZG_EXIT_FINE;
}
