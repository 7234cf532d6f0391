/* zerogap instances: a library of semidefinite programs whose optima are proven. */
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/options.h"
#include "runner/instances.h"

#include <stdint.h>
#include <unistd.h>

#define MOST_FAMILIES 16
#define MOST_TIMES 1000

typedef struct arguments {
    const char *families[MOST_FAMILIES];
    size_t family_count;
    const char *seed, *size;
    bool quiet, json;
} arguments;

static const zg_cli_command command = {
    .name = "instances",
    .examples = {{"zerogap instances library --family exact --family infeasible",
                  "Two of the ten families, and their table."},
                 {"zerogap instances hard --family ill-scaled --seed 7",
                  "Other draws of one family."}},
    .usage = "DIR [OPTION]...",
    .summary = "write a library of semidefinite programs with proven optima",
    .about =
        "Writes instances for developers of solvers, each in SDPA's sparse format and in the Conic "
        "Benchmark Format, with its data, the certificate that zerogap judge checks, a record of "
        "how to read networks out of an answer, and a table of all: DIR/table.csv. Every interval "
        "of an optimum has been proven by "
        "zerogap-verify when it is written down. The same options give the same files.",
    .run = zg_cmd_instances,
};

static const zg_cli_option option_rows[] = {
    {.name = "family",
     .argument = "NAME",
     .at = offsetof(arguments, families),
     .room = MOST_FAMILIES,
     .count = offsetof(arguments, family_count),
     .help = "Only this family (repeatable): exact, easy, ill-scaled, degenerate, not-strict, "
             "near-infeasible, infeasible, sparse, dense or paper."},
    {.name = "seed",
     .argument = "S",
     .at = offsetof(arguments, seed),
     .help = "Of what is drawn (default 0, at most 1000000)."},
    {.name = "size",
     .argument = "K",
     .at = offsetof(arguments, size),
     .help = "Multiplies samples and inputs of what is drawn (default 1)."},
    {.name = "quiet", .letter = 'q', .at = offsetof(arguments, quiet), .help = "No progress line."},
    {.name = "json", .at = offsetof(arguments, json), .help = "Print one JSON document."},
};

static void show(const char *name, size_t done, size_t total)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%zu of %zu: %s%s", done, total, name, done == total ? "\n" : "");
}

static void print(const char *folder, size_t written, bool json)
{
    if (!json) {
        printf("%zu instances, proven, in %s; their table is %s/table.csv\n", written, folder,
               folder);
        return;
    }
    json_t *root = json_pack("{s:I}", "instances", (json_int_t)written);
    zg_cli_json_text(root, "folder", folder);
    zg_cli_print_json(root, stdout);
}

int zg_cmd_instances(int argc, char **argv)
{
    arguments a = {0};
    int exit_status;
    const char *folder = NULL;
    zg_cli_words words = {&folder, 1, 0};
    size_t times = 1, draw = 0, written = 0;
    zg_error error = {0};
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, &words,
                      &exit_status))
        return exit_status;
    zg_status status = ZG_OK;
    if (words.count != 1) status = zg_fail(&error, ZG_BAD_INPUT, "expected the folder to write to");
    if (status == ZG_OK) status = zg_cli_size("seed", a.seed, 0, 1000000, &draw, &error);
    if (status == ZG_OK) status = zg_cli_size("size", a.size, 1, MOST_TIMES, &times, &error);
    const zg_library_options options = {.folder = folder,
                                        .families = a.family_count ? a.families : NULL,
                                        .family_count = a.family_count,
                                        .seed = (uint32_t)draw,
                                        .size = times,
                                        .progress = a.quiet || a.json ? NULL : show};
    if (status == ZG_OK) status = zg_instances_write(&options, &written, &error);
    if (status != ZG_OK) return zg_cli_fail("instances", &error);
    print(folder, written, a.json);
    return ZG_EXIT_FINE;
}
