/* zerogap run: suites into a journal, with a table of results. */
#include "base/number.h"
#include "base/plain.h"
#include "base/scratch.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/suite_files.h"
#include "data/catalogue.h"
#include "reports/table.h"
#include "runner/against.h"
#include "runner/runner.h"
#include "runner/shard.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SUITES_ROOM 64
#define EARLIER_ROOM 1024
#define MOST_NOTES 100 /* different ones that are shown */
#define PLUGINS_ROOM ZG_AGAINST_PLUGINS

typedef struct arguments {
    const char *output, *filter, *exact_case, *jobs, *repeat, *against, *shard;
    const char *earlier[EARLIER_ROOM];
    size_t earlier_count;
    const char *adapter, *program, *plugins[PLUGINS_ROOM];
    size_t plugin_count;
    bool resume, keep_failed, shared, list, json, quiet, offline, strict;
    const char *paths[SUITES_ROOM];
    size_t path_count;
} arguments;

static const zg_cli_command command = {
    .name = "run",
    .examples = {{"zerogap run quick -o quick.ndjson",
                  "A suite that comes with the program (zerogap list suites)."},
                 {"zerogap run suite.yaml -o run.ndjson --resume",
                  "A suite of yours; goes on where it was interrupted."}},
    .usage = "SUITE.yaml... [-o RUN.ndjson] [--resume] [--filter GLOB] [--jobs N]",
    .summary = "run suites: every case in a process of its own, events into a log",
    .about =
        "A suite is a YAML file, or one of `zerogap list suites` by name.  "
        "Runs the cases of the suites one after the other, or --jobs at a time, and appends every "
        "event to a log of newline-delimited JSON that survives being killed at any moment; "
        "--resume continues it.  A case that crashes, overruns its limits or returns nonsense "
        "gets a row with the cause, and the cases after it run.\n\n"
        "Exit status: 2 when a claim contradicts a certificate or an expectation failed, 5 when "
        "a case could not be run, 3 when nothing was measured.",
    .run = zg_cmd_run,
};

/* ---- suites ---------------------------------------------------------------------------------- */

typedef struct loaded {
    zg_world world;
    zg_suite *suites[SUITES_ROOM];
    size_t count;
} loaded;

static void unload(loaded *l)
{
    for (size_t i = 0; i < l->count; i++)
        zg_suite_free(l->suites[i]);
    zg_world_clear(&l->world);
}

static zg_status load(const arguments *a, loaded *l, zg_error *error)
{
    zg_status status = zg_world_create(&l->world, error);
    l->world.adapter = a->adapter;
    l->world.program = a->program;
    l->world.plugins = a->plugins;
    l->world.plugin_count = a->plugin_count;
    for (size_t i = 0; i < a->path_count && status == ZG_OK; i++) {
        char path[PATH_MAX];
        zg_cli_suite_path(a->paths[i], path, sizeof path);
        status = zg_suite_load(path, &l->world, &l->suites[l->count], error);
        for (size_t k = 0; k < l->count && status == ZG_OK; k++)
            if (strcmp(l->suites[k]->name, l->suites[l->count]->name) == 0)
                status = zg_fail(error, ZG_BAD_INPUT, "%s and %s are both the suite \"%s\"",
                                 a->paths[k], a->paths[i], l->suites[k]->name);
        if (l->suites[l->count]) l->count++;
    }
    return status;
}

static int list_cases(const arguments *a, const loaded *l, const zg_run_options *options)
{
    size_t shown = 0;
    for (size_t s = 0; s < l->count; s++)
        for (size_t i = 0; i < l->suites[s]->case_count; i++) {
            const zg_case *item = &l->suites[s]->cases[i];
            if (!zg_case_selected(item, options)) continue;
            shown++;
            if (!a->json) {
                printf("%.12s  %s\n", item->key, item->name);
                continue;
            }
            zg_event line = {0};
            zg_event_start(&line, "case");
            zg_event_text(&line, "suite", l->suites[s]->name);
            zg_event_text(&line, "case", item->name);
            zg_event_text(&line, "key", item->key);
            if (zg_event_finish(&line, NULL) == ZG_OK) fputs(line.text, stdout);
            zg_event_clear(&line);
        }
    if (!a->json) printf("%zu case%s\n", shown, shown == 1 ? "" : "s");
    return shown ? ZG_EXIT_FINE : ZG_EXIT_NOTHING;
}

/* ---- data ------------------------------------------------------------------------------------ */

static bool seen_before(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

/* Gets what the selected cases need before any clock runs; what cannot be had is reported here and
 * gives skipped rows later. */
static void fetch_sources(const arguments *a, const loaded *l, const zg_run_options *options)
{
    const char *names[256];
    size_t count = 0;
    for (size_t s = 0; s < l->count; s++)
        for (size_t i = 0; i < l->suites[s]->case_count; i++) {
            const zg_case *item = &l->suites[s]->cases[i];
            const char *wanted[] = {item->recipe.source, item->recipe.test_source};
            for (size_t k = 0; k < 2 && zg_case_selected(item, options); k++)
                if (wanted[k] && count < 256 && !seen_before(names, count, wanted[k]))
                    names[count++] = wanted[k];
        }
    for (size_t i = 0; i < count; i++) {
        zg_error error = {0};
        const zg_catalogue_entry *entry = zg_catalogue_find(names[i]);
        if (entry && zg_catalogue_fetch(entry, NULL, &error) != ZG_OK && !a->quiet)
            fprintf(stderr, "zerogap run: %s\n", error.message);
    }
}

/* ---- the live table -------------------------------------------------------------------------- */

typedef struct display {
    bool rows;   /* as they come, on a terminal */
    bool status; /* a line on standard error */
    double drawn, begun;
    size_t number, total;
    size_t finished; /* by this run */
    bool quiet;
    char *notes[MOST_NOTES]; /* that were shown */
    size_t note_count;
} display;

static double clock_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void erase(const display *d)
{
    if (d->status) fputs("\r\033[K", stderr);
}

static void show_superseded(void *context, const zg_superseded *what)
{
    const struct {
        size_t count;
        const char *what;
    } kinds[] = {{what->data, "data"},
                 {what->settings, "settings"},
                 {what->either, "data or settings"},
                 {what->solver, "solvers or adapters"}};
    (void)context;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].count)
            fprintf(stderr,
                    "zerogap run: note: %zu finished case%s of the log belong%s to other %s of the "
                    "same name: run anew, and left out of reports\n",
                    kinds[i].count, kinds[i].count == 1 ? "" : "s", kinds[i].count == 1 ? "s" : "",
                    kinds[i].what);
    if (what->unknown_solver)
        fprintf(stderr,
                "zerogap run: note: the log does not say which solver %zu of its finished cases "
                "%s of: taken over all the same\n",
                what->unknown_solver, what->unknown_solver == 1 ? "is" : "are");
}

/* Each once: many cases read the same file. */
static void show_note(void *context, const char *note)
{
    display *d = context;
    for (size_t i = 0; i < d->note_count; i++)
        if (strcmp(d->notes[i], note) == 0) return;
    if (d->quiet || d->note_count == MOST_NOTES) return;
    d->notes[d->note_count] = strdup(note);
    if (!d->notes[d->note_count]) return;
    zg_make_plain(d->notes[d->note_count]); /* it may quote a stranger's file */
    erase(d);
    fprintf(stderr, "note: %s\n", d->notes[d->note_count++]);
}

/* How much of the run is behind it, and how long the rest takes at the pace so far. */
static void show_share(const display *d)
{
    char rest[48] = "";
    if (d->finished > 0) {
        size_t left = d->total - d->number + 1;
        double seconds = (clock_now() - d->begun) / (double)d->finished * (double)left;
        zg_progress_time(", about ", seconds, " left", rest, sizeof rest);
    }
    fprintf(stderr, "\r\033[K[%zu/%zu, %.0f %%%s] ", d->number, d->total,
            100.0 * (double)(d->number - 1) / (double)d->total, rest);
}

static void show_start(void *context, const char *name, size_t number, size_t total)
{
    display *d = context;
    d->number = number;
    d->total = total;
    d->drawn = clock_now();
    if (d->status) {
        show_share(d);
        fprintf(stderr, "%.60s", name);
    }
}

static void show_progress(void *context, const char *name, double seconds, double objective,
                          double bound)
{
    display *d = context;
    double now = clock_now();
    if (!d->status || now - d->drawn < 0.1) return;
    d->drawn = now;
    char text[ZG_NUMBER_SIZE];
    zg_number_bound(bound, 6, -1, text);
    char value[32] = "none";
    if (isfinite(objective)) snprintf(value, sizeof value, "%.6g", objective);
    show_share(d);
    fprintf(stderr, "%.40s  %.1f s  objective %s  bound %s", name, seconds, value, text);
}

static void show_row(void *context, const zg_row *row)
{
    display *d = context;
    d->finished++;
    erase(d);
    if (!d->rows) return;
    zg_table_row(stdout, row);
    (void)fflush(stdout);
}

/* ---- results --------------------------------------------------------------------------------- */

static void print_json(const zg_run_result *result, const char *log)
{
    zg_event line = {0};
    zg_event_start(&line, "run");
    zg_event_text(&line, "log", log);
    zg_event_number(&line, "exit_status", result->exit_status);
    if (result->superseded) zg_event_number(&line, "superseded", (double)result->superseded);
    zg_event_open(&line, "counts");
    for (int i = 0; i < ZG_END_VERDICTS; i++)
        zg_event_number(&line, zg_verdict_name((zg_verdict)i), (double)result->counts[i]);
    zg_event_close(&line);
    if (!line.no_memory) printf("%s,\"cases\":[", line.text);
    for (size_t i = 0; i < result->count; i++) {
        zg_event_start(&line, "case_finished");
        zg_row_write(&result->rows[i], &line);
        if (!line.no_memory) printf("%s%s}", i ? "," : "", line.text);
    }
    puts("]}");
    zg_event_clear(&line);
}

static void print_table(const display *d, const zg_run_result *result, const char *log)
{
    if (!d->rows) {
        zg_table_head(stdout);
        for (size_t i = 0; i < result->count; i++)
            zg_table_row(stdout, &result->rows[i]);
    }
    zg_table_foot(stdout, result->rows, result->count);
    if (result->kept) printf("%zu of them from before\n", result->kept);
    printf("log: %s\n", log);
}

/* The other version of the solver in --against program=PATH, or NULL. */
static const char *other_solver(const arguments *a)
{
    static const char word[] = "program=";
    bool solver = a->against && strncmp(a->against, word, strlen(word)) == 0;
    return solver ? a->against + strlen(word) : NULL;
}

/* RUN.ndjson -> RUN.base.ndjson */
static void base_log_name(const char *log, char *out, size_t size)
{
    size_t length = strlen(log);
    const char suffix[] = ".ndjson";
    bool has = length > strlen(suffix) && strcmp(log + length - strlen(suffix), suffix) == 0;
    snprintf(out, size, "%.*s.base%s", (int)(has ? length - strlen(suffix) : length), log, suffix);
}

static zg_status run_contest(const arguments *a, loaded *l, const zg_run_options *options,
                             zg_run_result *result, zg_error *error)
{
    char base[PATH_MAX], base_log[512];
    zg_scratch scratch;
    const char *solver = other_solver(a);
    base_log_name(options->log, base_log, sizeof base_log);
    if (!realpath(solver ? solver : a->against, base) || access(base, X_OK) != 0)
        return zg_fail(error, ZG_BAD_INPUT, "--against: %.300s is no program that can be run",
                       solver ? solver : a->against);
    zg_status status = zg_scratch_make(&scratch, error);
    if (status != ZG_OK) return status;
    zg_against against = {.base = solver ? "/proc/self/exe" : base,
                          .base_log = base_log,
                          .folder = scratch.path,
                          .adapter = a->adapter,
                          .programs = {solver ? base : a->program, a->program},
                          .plugins = a->plugins,
                          .plugin_count = a->plugin_count};
    status = zg_run_against(l->suites, l->count, &against, options, result, error);
    zg_scratch_remove(&scratch);
    return status;
}

static int run(const arguments *a, loaded *l, zg_run_options *options)
{
    display d = {.rows = !a->json && !a->quiet && isatty(1),
                 .status = !a->quiet && isatty(2),
                 .begun = clock_now(),
                 .quiet = a->quiet};
    zg_error error = {0};
    zg_run_result result = {0};
    options->spectator = (zg_spectator){.superseded = a->quiet ? NULL : show_superseded,
                                        .started = show_start,
                                        .noted = show_note,
                                        .progress = show_progress,
                                        .finished = show_row,
                                        .context = &d};
    if (!a->offline) fetch_sources(a, l, options);
    if (d.rows) zg_table_head(stdout);
    zg_status status =
        a->against ? run_contest(a, l, options, &result, &error)
                   : zg_run_suites(l->suites, l->count, &l->world, options, &result, &error);
    erase(&d);
    while (d.note_count > 0)
        free(d.notes[--d.note_count]);
    if (status != ZG_OK) {
        int exit_status = zg_cli_fail("run", &error);
        if (result.interrupted) return 128 + result.interrupted;
        return status == ZG_BAD_INPUT ? exit_status : ZG_EXIT_FAILED;
    }
    if (a->json)
        print_json(&result, options->log);
    else if (!a->quiet)
        print_table(&d, &result, options->log);
    int exit_status = result.exit_status;
    zg_run_result_clear(&result);
    return exit_status;
}

/* SUITE-20261231T235959Z.ndjson in the current folder: never one that is there already. */
static void default_log(const char *path, char *out, size_t size)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    char stamp[32];
    time_t now = time(NULL);
    struct tm utc;
    (void)gmtime_r(&now, &utc);
    (void)strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc);
    snprintf(out, size, "%.*s-%s.ndjson", (int)strcspn(base, "."), base, stamp);
}

static const zg_cli_option option_rows[] = {
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .at = offsetof(arguments, output),
     .writes = ZG_KIND_JOURNAL,
     .help = "The log; by default the suite's name and the time, in the current folder."},
    {.name = "resume",
     .at = offsetof(arguments, resume),
     .help = "Continue the log of --output: cases with a result in it are not run again."},
    {.name = "resume-from",
     .argument = "LOG",
     .at = offsetof(arguments, earlier),
     .room = EARLIER_ROOM,
     .count = offsetof(arguments, earlier_count),
     .help = "Cases with a result in this log are not run again; the log is only read, and "
             "--output gets the others.  May be given many times."},
    {.name = "shard",
     .argument = "K/N",
     .at = offsetof(arguments, shard),
     .help = "Only part K of N, after --filter: every case is in exactly one part.  zerogap "
             "report takes the parts' logs as one run."},
    {.name = "keep-failed",
     .at = offsetof(arguments, keep_failed),
     .help = "With --resume or --resume-from: nor are those that failed, timed out or ran out of "
             "memory."},
    {.name = "filter",
     .argument = "GLOB",
     .at = offsetof(arguments, filter),
     .help = "Only cases whose names match, as shown by --list; quote the pattern."},
    {.name = "case",
     .argument = "NAME",
     .at = offsetof(arguments, exact_case),
     .help = "Only the case of exactly this name."},
    {.name = "jobs",
     .letter = 'j',
     .argument = "N",
     .at = offsetof(arguments, jobs),
     .help = "Cases at a time, each pinned to cores of its own; their times are marked as "
             "shared.  Default 1."},
    {.name = "shared",
     .at = offsetof(arguments, shared),
     .help = "The machine does other work meanwhile, such as other parts: times are marked as "
             "shared, and not compared."},
    {.name = "repeat",
     .argument = "N",
     .at = offsetof(arguments, repeat),
     .help = "Measurements of each case instead of the suites' own number."},
    {.name = "against",
     .argument = "PROGRAM",
     .at = offsetof(arguments, against),
     .help = "Run the same with another build of zerogap, or with program=PATH with another "
             "version of the adapters' solver, measurement by measurement in turn, into a second "
             "log FILE.base.ndjson for zerogap compare."},
    {.name = "adapter",
     .argument = "ADAPTER",
     .at = offsetof(arguments, adapter),
     .help = "Instead of the adapters that the suites' methods name: a name or a file."},
    {.name = "program",
     .argument = "PATH",
     .at = offsetof(arguments, program),
     .help = "The adapters' program, instead of the one that they name."},
    {.name = "plugin",
     .argument = "FILE",
     .at = offsetof(arguments, plugins),
     .room = PLUGINS_ROOM,
     .count = offsetof(arguments, plugin_count),
     .help = "A shared object with a method, for suites that name it; may be given many times."},
    {.name = "list",
     .at = offsetof(arguments, list),
     .help = "Print the cases without running them."},
    {.name = "offline",
     .at = offsetof(arguments, offline),
     .help = "Fetch no data; cases whose data are not here are skipped."},
    {.name = "strict",
     .at = offsetof(arguments, strict),
     .help = "Exit with 5 when a case was skipped, for gates that need every case."},
    {.name = "json", .at = offsetof(arguments, json), .help = "Print one JSON document."},
    {.name = "quiet",
     .letter = 'q',
     .at = offsetof(arguments, quiet),
     .help = "Print no table and no progress; errors are still told."},
};

static zg_status set_options(const arguments *a, zg_run_options *options, zg_error *error)
{
    if (a->path_count == 0)
        return zg_fail(error, ZG_BAD_INPUT, "expected the path of a suite, SUITE.yaml");
    if (a->resume && !a->output)
        return zg_fail(error, ZG_BAD_INPUT, "--resume needs --output: the log to continue");
    if (a->keep_failed && !a->resume && !a->earlier_count)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--keep-failed means nothing without --resume or --resume-from");
    if (a->against && (a->resume || a->earlier_count || a->jobs || a->shared))
        return zg_fail(error, ZG_BAD_INPUT,
                       "--against goes with none of --resume, --resume-from, --jobs and --shared");
    if (other_solver(a) && !a->program)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--against program=PATH needs --program PATH: the version to compare it "
                       "with");
    options->resume = a->resume;
    options->keep_failed = a->keep_failed;
    options->strict = a->strict;
    options->no_final = a->against != NULL;
    options->shared = a->shared;
    options->earlier = a->earlier;
    options->earlier_count = a->earlier_count;
    options->filter = a->filter;
    options->exact_case = a->exact_case;
    zg_status status = zg_cli_size("jobs", a->jobs, 1, 64, &options->jobs, error);
    if (status != ZG_OK) return status;
    return zg_cli_size("repeat", a->repeat, 1, 10000, &options->repeat, error);
}

int zg_cmd_run(int argc, char **argv)
{
    arguments a = {0};
    int exit_status;
    loaded l = {0};
    zg_run_options options = {.command = (const char *const *)argv, .command_count = (size_t)argc};
    zg_cli_words words = {a.paths, SUITES_ROOM, 0};
    zg_error error = {0};
    char log[256];
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, &words,
                      &exit_status))
        return exit_status;
    a.path_count = words.count;
    zg_shard shard = {0};
    zg_status status = set_options(&a, &options, &error);
    if (status == ZG_OK && a.shard) status = zg_shard_parse(a.shard, &shard, &error);
    if (status == ZG_OK) status = load(&a, &l, &error);
    if (status == ZG_OK && a.shard) {
        status = zg_shard_apply(l.suites, l.count, &options, &shard, &error);
        options.shard = &shard;
    }
    if (status != ZG_OK) {
        exit_status = zg_cli_fail("run", &error);
    } else if (a.list) {
        exit_status = list_cases(&a, &l, &options);
    } else {
        default_log(a.paths[0], log, sizeof log);
        options.log = a.output ? a.output : log;
        exit_status = run(&a, &l, &options);
    }
    unload(&l);
    return exit_status;
}
