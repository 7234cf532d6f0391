/* zerogap merge: the logs of a run's parts as one log, for archives and for compare. */
#include "cli/commands.h"
#include "cli/options.h"
#include "log/contradiction.h"
#include "log/log.h"
#include "reports/parts.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LOGS_ROOM 10000

typedef struct arguments {
    const char *output;
    bool force;
} arguments;

static const zg_cli_command command = {
    .name = "merge",
    .examples = {{"zerogap merge part-*.ndjson -o run.ndjson",
                  "The parts of a run (zerogap run --shard) as one log."},
                 {"zerogap merge old.ndjson rest.ndjson -o run.ndjson",
                  "A run and what --resume-from added to it."}},
    .usage = "LOG... -o LOG",
    .summary = "several run logs into one",
    .about = "Writes the events of several logs into one: of a case that two of them have, only "
             "those of the result that zerogap report would take.  Lines are copied as they are, "
             "checksums included.  Nothing is written where a line of a log is damaged (status 4) "
             "or two results certify what cannot both be true (status 2).",
    .run = zg_cmd_merge,
};

/* The log that has the result of the case that the event is about; SIZE_MAX: none. */
static size_t owner_of(const zg_log *log, const json_t *cases, const json_t *event)
{
    char room[ZG_LOG_CASE_KEY];
    const char *name =
        zg_log_case_key(zg_log_text(event, "key"), zg_log_text(event, "suite"), room);
    const json_t *at = name ? json_object_get(cases, name) : NULL;
    if (!at) return SIZE_MAX;
    size_t run = log->cases[json_integer_value(at)].run;
    return run == SIZE_MAX ? SIZE_MAX : log->runs[run].log;
}

/* Numbers of cases by their names. */
static json_t *index_cases(const zg_log *log)
{
    char room[ZG_LOG_CASE_KEY];
    json_t *cases = json_object();
    for (size_t i = 0; cases && i < log->case_count; i++) {
        const zg_log_case *row = &log->cases[i];
        const char *const suites[] = {row->suite, NULL};
        bool kept = true;
        for (size_t k = 0; k < 2 && kept; k++) {
            const char *name = zg_log_case_key(row->key, suites[k], room);
            kept = json_object_set_new(cases, name, json_integer((json_int_t)i)) == 0;
        }
        if (kept) continue;
        json_decref(cases);
        return NULL;
    }
    return cases;
}

/* Whether this log has the result of the case that the event is about. */
static bool is_owner(const zg_log *log, const json_t *cases, json_t *names, const json_t *event,
                     size_t number)
{
    const char *name = zg_log_text(event, "case");
    if (!name) return false;
    if (!zg_log_text(event, "key")) return json_is_true(json_object_get(names, name));
    bool owner = owner_of(log, cases, event) == number;
    (void)json_object_set_new(names, name, json_boolean(owner));
    return owner;
}

static zg_status copy_lines(const zg_log *log, const json_t *cases, const char *path, size_t number,
                            zg_text *out, zg_error *error)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    FILE *file = fopen(path, "rb");
    if (!file) return zg_fail(error, ZG_IO, "cannot open \"%.300s\": %s", path, strerror(errno));
    json_t *names = json_object(); /* owners by the names of this log, which progress goes by */
    while (names && (length = getline(&line, &room, file)) > 0) {
        json_t *event = json_loadb(line, (size_t)length, 0, NULL);
        const char *kind = event ? zg_log_text(event, "event") : NULL;
        bool of_run = kind && strncmp(kind, "run_", 4) == 0;
        if (kind && (of_run || is_owner(log, cases, names, event, number))) {
            zg_text_bytes_add(out, line, (size_t)length);
            if (line[length - 1] != '\n') zg_text_add(out, "\n");
        }
        json_decref(event);
    }
    bool failed = ferror(file), no_memory = !names;
    json_decref(names);
    free(line);
    fclose(file);
    if (failed) return zg_fail(error, ZG_IO, "cannot read \"%.300s\"", path);
    return no_memory ? zg_no_memory(error) : zg_text_status(out, error);
}

/* The logs in the order in which their first runs began, whatever order they were named in: a run
 * that stands behind another in one log is taken for one that took the other up. */
static void sort_by_begin(const zg_log *log, size_t count, size_t *order)
{
    double began[LOGS_ROOM]; /* seconds since the epoch; NAN where a log does not say */
    for (size_t i = 0; i < count; i++)
        began[i] = NAN;
    for (size_t i = log->run_count; i-- > 0;)
        began[log->runs[i].log] = zg_log_clock(log->runs[i].started, log->runs[i].started, NULL);
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        for (; at > 0 && began[order[at - 1]] > began[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

/* What must not go into an archive unseen. */
static zg_status check(const zg_log *log, const char *const *paths, zg_error *error)
{
    if (log->damage_count)
        return zg_fail(error, ZG_BAD_INPUT, "%.300s:%zu:1: this line is damaged: %s",
                       paths[log->damage[0].log], log->damage[0].line, log->damage[0].reason);
    for (size_t i = 0; i < log->case_count; i++) {
        const zg_log_case *row = &log->cases[i];
        if (!row->key)
            return zg_fail(error, ZG_BAD_INPUT,
                           "%.300s has no key: only logs of zerogap run can be merged",
                           row->name ? row->name : "a case");
        if (strcmp(row->result.cause, "contradiction") == 0)
            return zg_fail(error, ZG_FAILED, "%.300s: %.300s", row->name, row->message);
    }
    return ZG_OK;
}

static zg_status merge(const char *const *paths, size_t count, const char *output, zg_log *log,
                       zg_error *error)
{
    zg_text text = {0};
    zg_status status = ZG_OK;
    for (size_t i = 0; i < count && status == ZG_OK; i++)
        status = strcmp(paths[i], "-") == 0
                     ? zg_fail(error, ZG_BAD_INPUT, "merge reads each log twice: name files")
                     : zg_log_read(log, paths[i], error);
    if (status == ZG_OK) status = zg_log_hold_together(log, error);
    if (status == ZG_OK) status = check(log, paths, error);
    json_t *cases = status == ZG_OK ? index_cases(log) : NULL;
    if (status == ZG_OK && !cases) status = zg_no_memory(error);
    size_t order[LOGS_ROOM];
    if (status == ZG_OK) sort_by_begin(log, count, order);
    for (size_t i = 0; i < count && status == ZG_OK; i++)
        status = copy_lines(log, cases, paths[order[i]], order[i], &text, error);
    if (status == ZG_OK) status = zg_text_save(&text, output, error);
    json_decref(cases);
    zg_text_clear(&text);
    return status;
}

static void tell(const zg_log *log, const char *output)
{
    zg_text lacking = {0};
    size_t missing = zg_parts_not_started(log);
    zg_report_parts(log, &lacking);
    fprintf(stderr, "%s: %zu case%s of %zu log%s\n%s", output, log->case_count,
            log->case_count == 1 ? "" : "s", log->logs, log->logs == 1 ? "" : "s",
            zg_text_bytes(&lacking));
    if (missing) fprintf(stderr, "%zu case%s never started\n", missing, missing == 1 ? "" : "s");
    zg_text_clear(&lacking);
}

static const zg_cli_option option_rows[] = {
    {.name = "output",
     .letter = 'o',
     .argument = "LOG",
     .at = offsetof(arguments, output),
     .writes = ZG_KIND_UNMARKED,
     .help = "The log to write; - is standard output.  One that "
             "is there is replaced by --force alone."},
    ZG_FORCE_OPTION};

int zg_cmd_merge(int argc, char **argv)
{
    static const char *paths[LOGS_ROOM];
    arguments a = {0};
    int exit_status;
    zg_cli_words words = {paths, LOGS_ROOM, 0};
    zg_error error = {0};
    zg_log log = {0};
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, &words,
                      &exit_status))
        return exit_status;
    exit_status = ZG_EXIT_FINE;
    zg_status status = ZG_OK;
    if (words.count == 0 || !a.output)
        status = zg_fail(&error, ZG_BAD_INPUT, "expected the logs to merge, and -o LOG");
    if (status == ZG_OK) status = merge(paths, words.count, a.output, &log, &error);
    if (status == ZG_OK)
        tell(&log, a.output);
    else
        exit_status = zg_cli_fail("merge", &error);
    if (status == ZG_FAILED) exit_status = ZG_EXIT_WRONG;
    zg_log_clear(&log);
    return exit_status;
}
