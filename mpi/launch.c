/* zerogap-mpi run (see launch.h). */
#include "mpi/launch.h"

#include "base/child.h"
#include "base/clock.h"
#include "cli/options.h"
#include "mpi/report.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_WORDS 4608
#define TOKEN_SIZE 33
/* Seconds between asking the job to end and killing it. */
#define GRACE 10.0

typedef struct arguments {
    const char *ranks, *launcher, *limit, *restarts;
    const char *words[MOST_WORDS];
} arguments;

static const zg_cli_command command = {
    .program = "zerogap-mpi",
    .name = "run",
    .examples = {{"zerogap-mpi run -n 4 -- train --data rows.npy --beta 1",
                  "Four processes here, by mpirun."},
                 {"zerogap-mpi run -n 64 --launcher 'srun -K --mpi=pmi2' --limit 3600 --restarts 2 "
                  "-- train --data rows.npy --beta 1 --checkpoint job.state",
                  "Under SLURM; a job that dies goes on from its last round, twice at most."}},
    .usage = "-n N [OPTION]... -- train [OPTION]...",
    .summary = "start a job and demand a complete result",
    .about =
        "Starts zerogap-mpi by mpirun (or srun), ends the job when it takes too long, and ends "
        "with status 0 only where the job left a whole result that is certified. A job that died "
        "ends with 5 and the cause; with --checkpoint its last round is there for --resume.",
    .run = NULL,
};

static const zg_cli_option option_rows[] = {
    {.name = "ranks",
     .letter = 'n',
     .argument = "N",
     .at = offsetof(arguments, ranks),
     .help = "Number of ranks."},
    {.name = "launcher",
     .argument = "COMMAND",
     .at = offsetof(arguments, launcher),
     .help = "What starts ranks, with its options, separated by blanks (default mpirun); -n N and "
             "the program are put behind it."},
    {.name = "limit",
     .argument = "S",
     .at = offsetof(arguments, limit),
     .help = "Seconds after which the job is ended (default: none)."},
    {.name = "restarts",
     .argument = "K",
     .at = offsetof(arguments, restarts),
     .help = "How many times a job that died is started again from its checkpoint (default 0)."},
};

typedef struct launch {
    const char *words[MOST_WORDS]; /* the whole command, NULL-terminated */
    size_t count;
    size_t resume; /* where --resume stands, once it is needed */
    char *launcher, result[PATH_MAX], token[TOKEN_SIZE], program[PATH_MAX];
    bool own_result, has_checkpoint;
    double limit;
} launch;

static void add(launch *l, const char *word)
{
    if (l->count + 1 < MOST_WORDS) l->words[l->count++] = word;
}

/* The value of --NAME in the job's own words, or NULL. */
static const char *value_of(char **words, size_t count, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], name) == 0 && i + 1 < count) return words[i + 1];
        if (strncmp(words[i], name, length) == 0 && words[i][length] == '=')
            return words[i] + length + 1;
    }
    return NULL;
}

static zg_status make_token(char token[TOKEN_SIZE], zg_error *error)
{
    unsigned char bytes[(TOKEN_SIZE - 1) / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return zg_fail(error, ZG_FAILED, "no random numbers: %s", strerror(errno));
    for (size_t k = 0; k < sizeof bytes; k++)
        snprintf(token + 2 * k, 3, "%02x", bytes[k]);
    return ZG_OK;
}

/* Where the job is to leave its result: where it was told to, or beside the temporary files. */
static void place_result(launch *l, const char *given)
{
    const char *folder = getenv("TMPDIR");
    l->own_result = !given;
    if (given)
        snprintf(l->result, sizeof l->result, "%s", given);
    else
        snprintf(l->result, sizeof l->result, "%s/zerogap-mpi.%s.json", folder ? folder : "/tmp",
                 l->token);
}

static zg_status prepare(launch *l, const arguments *a, char **job, size_t words, zg_error *error)
{
    size_t ranks = 0;
    zg_status status = a->ranks ? zg_cli_size("ranks", a->ranks, 1, 1000000, &ranks, error)
                                : zg_fail(error, ZG_BAD_INPUT, "-n N is needed: how many ranks");
    if (status == ZG_OK && (words == 0 || strcmp(job[0], "train") != 0))
        status = zg_fail(error, ZG_BAD_INPUT,
                         "expected -- train and its options behind run's own, found \"%.80s\"",
                         words ? job[0] : "nothing");
    if (status == ZG_OK) status = zg_cli_number("limit", a->limit, 0.1, 1e9, &l->limit, error);
    if (status == ZG_OK) status = make_token(l->token, error);
    place_result(l, value_of(job, words, "--result"));
    l->has_checkpoint = value_of(job, words, "--checkpoint") != NULL;
    ssize_t length = readlink("/proc/self/exe", l->program, sizeof l->program - 1);
    if (status == ZG_OK && length <= 0)
        status = zg_fail(error, ZG_FAILED, "cannot tell which program this is");
    if (status != ZG_OK) return status;
    l->program[length] = '\0';
    l->launcher = strdup(a->launcher ? a->launcher : "mpirun");
    if (!l->launcher) return zg_no_memory(error);
    char *rest = NULL;
    for (char *word = strtok_r(l->launcher, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        add(l, word);
    add(l, "-n");
    add(l, a->ranks);
    add(l, l->program);
    for (size_t i = 0; i < words; i++)
        add(l, job[i]);
    if (l->own_result) {
        add(l, "--result");
        add(l, l->result);
    }
    add(l, "--token");
    add(l, l->token);
    l->resume = l->count;
    return l->count + 2 < MOST_WORDS
               ? ZG_OK
               : zg_fail(error, ZG_BAD_INPUT, "expected at most %d words, found more", MOST_WORDS);
}

/* Exit status that the job's own result states; -1: there is none that is whole and this job's. */
static int read_result(const launch *l)
{
    json_error_t ignored;
    json_t *root = json_load_file(l->result, JSON_REJECT_DUPLICATES, &ignored);
    const char *format = json_string_value(json_object_get(root, "format"));
    const char *token = json_string_value(json_object_get(root, "token"));
    const json_t *status = json_object_get(root, "exit_status");
    bool certified = json_is_true(json_object_get(root, "certified"));
    int value = -1;
    if (format && strcmp(format, ZG_RESULT_FORMAT) == 0 && token && strcmp(token, l->token) == 0 &&
        json_is_integer(status) && (json_integer_value(status) == 0) == certified)
        value = (int)json_integer_value(status);
    json_decref(root);
    return value;
}

/* One attempt: the job's exit status, or -1 with the cause in why.  A command line that is wrong is
 * so again, and was complained about. */
static int attempt(const launch *l, char why[512])
{
    const zg_child_plan plan = {.arguments = l->words, .output = ZG_CHILD_SHARED};
    zg_child child;
    zg_error error = {0};
    if (zg_child_start(&plan, &child, &error) != ZG_OK) {
        snprintf(why, 512, "%.500s", error.message);
        return -1;
    }
    bool late = zg_child_wait(&child, l->limit > 0.0 ? l->limit : -1.0) != ZG_OK;
    if (late) {
        (void)kill(-child.pid, SIGTERM);
        (void)zg_child_wait(&child, GRACE);
    }
    bool ended = child.pid == 0;
    char how[200];
    zg_child_describe(child.wait_status, how, sizeof how);
    bool fine = ended && WIFEXITED(child.wait_status);
    int status = fine ? WEXITSTATUS(child.wait_status) : -1, said = read_result(l);
    zg_child_clear(&child);
    if (status == ZG_EXIT_USAGE && said < 0 && !late) return status;
    if (late)
        snprintf(why, 512, "the job was ended after %g s without a result", l->limit);
    else if (said < 0)
        snprintf(why, 512, "%.100s %s and left no complete result", l->words[0], how);
    else if (status == 0 && said != 0)
        return said; /* a launcher that drops its ranks' statuses */
    else if (status != said)
        snprintf(why, 512, "%.100s %s, the result says status %d", l->words[0], how, said);
    else
        return said;
    return -1;
}

static int run(const arguments *a, char **job, size_t words)
{
    static launch l;
    zg_error error = {0};
    char why[512] = "";
    size_t restarts = 0;
    zg_status status = zg_cli_size("restarts", a->restarts, 0, 1000, &restarts, &error);
    if (status == ZG_OK) status = prepare(&l, a, job, words, &error);
    if (status != ZG_OK) {
        fprintf(stderr, "zerogap-mpi run: %s\n", error.message);
        return zg_cli_exit_status(status);
    }
    int result = -1;
    for (size_t k = 0; k <= restarts && result < 0; k++) {
        l.count = l.resume;
        if (k > 0 && l.has_checkpoint) add(&l, "--resume");
        l.words[l.count] = NULL;
        result = attempt(&l, why);
        if (result >= 0) break;
        fprintf(stderr, "zerogap-mpi run: %s%s\n", why,
                k < restarts       ? "; starting it again"
                : l.has_checkpoint ? "; --resume goes on from the last round that is in its "
                                     "checkpoint"
                                   : "");
    }
    if (l.own_result) (void)unlink(l.result);
    free(l.launcher);
    return result < 0 ? ZG_EXIT_FAILED : result;
}

int zg_mpi_launch(int argc, char **argv)
{
    static arguments a;
    int exit_status, own = argc;
    for (int i = 1; i < argc && own == argc; i++)
        if (strcmp(argv[i], "--") == 0) own = i;
    const zg_cli_table tables[] = {ZG_CLI_TABLE(option_rows, &a)};
    if (!zg_cli_begin(&command, tables, 1, own, argv, NULL, &exit_status)) return exit_status;
    char **job = own < argc ? argv + own + 1 : argv + argc;
    return run(&a, job, own < argc ? (size_t)(argc - own - 1) : 0);
}
