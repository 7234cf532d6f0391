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

typedef struct arguments {
    const char *path, *name, *interval;
    bool once, ascii, json;
} arguments;

static const zg_cli_command command = {
    .name = "watch",
    .examples = {{"zerogap watch run.ndjson", "Follows a run; may join late."},
                 {"zerogap watch run.ndjson --once", "The state now."}},
    .usage = "RUN.ndjson [--once] [--case NAME]",
    .summary = "live view of a run in progress or finished",
    .about = "Shows the cases that ended, those under way and how the certified gap of the newest "
             "one falls, from the log alone: it may join late, and a killed run is as good as a "
             "living one.  On a terminal it follows until the run is finished; otherwise it "
             "prints the state once.",
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

static void print_event(void *context, const json_t *event)
{
    bool *finished = context;
    const char *kind = json_string_value(json_object_get(event, "event"));
    *finished = kind && strcmp(kind, "run_finished") == 0;
    (void)json_dumpf(event, stdout, JSON_COMPACT | JSON_REAL_PRECISION(17));
    putchar('\n');
}

static zg_status follow_json(zg_follower *follower, const arguments *a, int pause, zg_error *error)
{
    bool finished = false;
    zg_status status;
    do {
        status = zg_follower_read(follower, print_event, &finished, error);
        (void)fflush(stdout);
    } while (status == ZG_OK && !a->once && !finished && poll(NULL, 0, pause) == 0);
    return status;
}

static zg_status follow(zg_follower *follower, const arguments *a, int pause, zg_error *error)
{
    zg_watch watch = {.planned = NAN};
    bool live = isatty(1) && !a->once, ascii = a->ascii || !terminal_has_unicode();
    zg_status status;
    do {
        struct winsize size = {.ws_row = 40, .ws_col = 100};
        status = zg_follower_read(follower, zg_watch_visit, &watch, error);
        if (status != ZG_OK) break;
        if (live && ioctl(1, TIOCGWINSZ, &size) == 0) fputs("\033[H\033[J", stdout);
        if (size.ws_row < 10) size.ws_row = 10;
        /* Not on a terminal nothing is cut. */
        size_t lines = live ? size.ws_row - 1U : watch.count + 40;
        zg_watch_draw(stdout, &watch, a->name, size.ws_col, lines, ascii);
        (void)fflush(stdout);
    } while (live && !watch.finished && poll(NULL, 0, pause) == 0);
    if (follower->damaged > 0)
        fprintf(stderr, "zerogap watch: %zu damaged line%s left out\n", follower->damaged,
                follower->damaged == 1 ? " was" : "s were");
    zg_watch_clear(&watch);
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
    arguments a = {0};
    int exit_status;
    zg_cli_words words = {&a.path, 1, 0};
    double interval = 0.5;
    zg_error error = {0};
    zg_follower follower = {.fd = -1};
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, &words,
                      &exit_status))
        return exit_status;
    zg_status status = ZG_OK;
    if (words.count == 0)
        status = zg_fail(&error, ZG_BAD_INPUT, "expected the log of a run, RUN.ndjson");
    if (status == ZG_OK)
        status = zg_cli_number("interval", a.interval, 0.01, 3600, &interval, &error);
    if (status == ZG_OK) status = zg_follower_open(&follower, a.path, &error);
    follower.foreign = true;
    int pause = (int)(interval * 1000);
    if (status == ZG_OK)
        status = a.json ? follow_json(&follower, &a, pause, &error)
                        : follow(&follower, &a, pause, &error);
    zg_follower_close(&follower);
    return status == ZG_OK ? ZG_EXIT_FINE : zg_cli_fail("watch", &error);
}
