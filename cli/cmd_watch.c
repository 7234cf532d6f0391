/* zerogap watch: a run in progress or finished, from its log alone. */
#include "cli/commands.h"
#include "cli/options.h"
#include "log/journal.h"
#include "reports/watch.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LOGS_ROOM 4096

typedef struct arguments {
    const char *name, *interval;
    bool once, ascii, json;
} arguments;

static const zg_cli_command command = {
    .name = "watch",
    .examples = {{"zerogap watch run.ndjson", "Follows a run; may join late."},
                 {"zerogap watch *.ndjson --once", "The state now, of all parts of a run."}},
    .usage = "RUN.ndjson... [--once] [--case NAME]",
    .summary = "live view of a run in progress or finished",
    .about = "Shows the cases that ended, those under way and how the certified gap of the newest "
             "one falls, from the log alone: it may join late, and a killed run is as good as a "
             "living one.  Logs of parts of a run (run --shard) are one run.  On a terminal it "
             "follows until the run is finished; otherwise it prints the state once.",
    .run = zg_cmd_watch,
};

/* Braille needs UTF-8; without setlocale the environment has to tell. */
static bool terminal_has_unicode(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

/* One of the logs. */
typedef struct source {
    zg_follower follower;
    bool finished; /* its last event says so */
} source;

static void print_event(void *context, const json_t *event)
{
    source *from = context;
    const char *kind = json_string_value(json_object_get(event, "event"));
    from->finished = kind && strcmp(kind, "run_finished") == 0;
    (void)json_dumpf(event, stdout, JSON_COMPACT | JSON_REAL_PRECISION(17));
    putchar('\n');
}

static zg_status follow_json(source *sources, size_t count, const arguments *a, int pause,
                             zg_error *error)
{
    bool finished;
    zg_status status = ZG_OK;
    do {
        finished = true;
        for (size_t i = 0; i < count && status == ZG_OK; i++) {
            status = zg_follower_read(&sources[i].follower, print_event, &sources[i], error);
            finished = finished && sources[i].finished;
        }
        (void)fflush(stdout);
    } while (status == ZG_OK && !a->once && !finished && poll(NULL, 0, pause) == 0);
    return status;
}

/* Draws what is known of all logs; *over: none of them grows any more. */
static zg_status draw(const zg_watch *watches, size_t count, const arguments *a, bool live,
                      bool *over, zg_error *error)
{
    struct winsize size = {.ws_row = 40, .ws_col = 100};
    bool ascii = a->ascii || !terminal_has_unicode();
    zg_watch joined = {0};
    zg_status status = count > 1 ? zg_watch_join(watches, count, &joined, error) : ZG_OK;
    const zg_watch *shown = count > 1 ? &joined : watches;
    if (status != ZG_OK) return status;
    if (live && ioctl(1, TIOCGWINSZ, &size) == 0) fputs("\033[H\033[J", stdout);
    if (size.ws_row < 10) size.ws_row = 10;
    /* Not on a terminal nothing is cut. */
    size_t lines = live ? size.ws_row - 1U : shown->count + 40;
    zg_watch_draw(stdout, shown, a->name, size.ws_col, lines, ascii);
    (void)fflush(stdout);
    *over = count > 1 ? joined.over : shown->finished;
    zg_watch_disjoin(&joined);
    return ZG_OK;
}

static zg_status follow(source *sources, size_t count, const arguments *a, int pause,
                        zg_error *error)
{
    zg_watch *watches = calloc(count, sizeof *watches);
    bool live = isatty(1) && !a->once, over = false;
    size_t damaged = 0;
    zg_status status = watches ? ZG_OK : zg_no_memory(error);
    for (size_t i = 0; i < count && watches; i++)
        watches[i].planned = NAN;
    while (status == ZG_OK) {
        for (size_t i = 0; i < count && status == ZG_OK; i++)
            status = zg_follower_read(&sources[i].follower, zg_watch_visit, &watches[i], error);
        if (status == ZG_OK) status = draw(watches, count, a, live, &over, error);
        if (!live || over || poll(NULL, 0, pause) != 0) break;
    }
    for (size_t i = 0; i < count && watches; i++) {
        damaged += sources[i].follower.damaged;
        zg_watch_clear(&watches[i]);
    }
    if (damaged > 0)
        fprintf(stderr, "zerogap watch: %zu damaged line%s left out\n", damaged,
                damaged == 1 ? " was" : "s were");
    free(watches);
    return status;
}

static zg_status watch(const char *const *paths, size_t count, const arguments *a, int pause,
                       zg_error *error)
{
    source *sources = calloc(count, sizeof *sources);
    zg_status status = sources ? ZG_OK : zg_no_memory(error);
    size_t opened = 0;
    while (opened < count && status == ZG_OK) {
        status = zg_follower_open(&sources[opened].follower, paths[opened], error);
        sources[opened++].follower.foreign = true;
    }
    if (status == ZG_OK)
        status = a->json ? follow_json(sources, count, a, pause, error)
                         : follow(sources, count, a, pause, error);
    while (opened > 0)
        zg_follower_close(&sources[--opened].follower);
    free(sources);
    return status;
}

static const zg_cli_option option_rows[] = {
    {.name = "once", .at = offsetof(arguments, once), .help = "Print the state and end."},
    {.name = "case",
     .argument = "NAME",
     .at = offsetof(arguments, name),
     .help = "The case whose gap is drawn; by default the newest."},
    {.name = "interval",
     .argument = "SECONDS",
     .at = offsetof(arguments, interval),
     .help = "Seconds between looks at the log.  Default 0.5."},
    {.name = "ascii",
     .at = offsetof(arguments, ascii),
     .help = "Draw with plain characters, as without a UTF-8 locale."},
    {.name = "json",
     .at = offsetof(arguments, json),
     .help = "Pass the undamaged events on as JSON lines while they come."},
};

int zg_cmd_watch(int argc, char **argv)
{
    static const char *paths[LOGS_ROOM];
    arguments a = {0};
    int exit_status;
    zg_cli_words words = {paths, LOGS_ROOM, 0};
    double interval = 0.5;
    zg_error error = {0};
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, &words,
                      &exit_status))
        return exit_status;
    zg_status status = ZG_OK;
    if (words.count == 0)
        status = zg_fail(&error, ZG_BAD_INPUT, "expected the log of a run, RUN.ndjson");
    if (status == ZG_OK)
        status = zg_cli_number("interval", a.interval, 0.01, 3600, &interval, &error);
    if (status == ZG_OK) status = watch(paths, words.count, &a, (int)(interval * 1000), &error);
    return status == ZG_OK ? ZG_EXIT_FINE : zg_cli_fail("watch", &error);
}
