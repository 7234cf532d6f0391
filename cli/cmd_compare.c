/* zerogap compare: statistics and a verdict on two runs. */
#include "cli/commands.h"
#include "cli/options.h"
#include "reports/compare.h"

typedef struct arguments {
    const char *allow, *level, *allow_counters, *allow_objective;
    const char *markdown, *annotations, *svg, *picture;
    bool force, no_timing, any_machine, subset, json, quiet;
} arguments;

static const zg_cli_command command = {
    .name = "compare",
    .examples = {{"zerogap compare base.ndjson new.ndjson",
                  "Whether anything got slower or worse."},
                 {"zerogap compare base.ndjson new.ndjson --no-timing",
                  "Results only, on machines of any speed."}},
    .usage = "BASE NEW [--allow PERCENT] [OPTION]...",
    .summary = "statistics and verdict on two runs, for continuous integration",
    .about =
        "Compares two run logs, or files of Google Benchmark's JSON, case by case.  Times: exact "
        "Mann-Whitney test on the repetitions, controlled over all cases; the ratio must exceed "
        "the "
        "allowance and the case's own noise.  Times are the same only where the interval excludes "
        "a slowdown beyond the allowance and the noise is smaller than it; else they are unknown.  "
        "Iterations, nodes, simplex pivots and neurons gate "
        "without noise.  Objectives gate where they are not certified and grow; gaps and "
        "accuracy are reported apart.  Exit status: "
        "0 nothing got worse, 1 slower or worse than allowed, 2 a wrong answer (also when an "
        "objective of "
        "one run lies below the other's certified bound), 3 not everything was measured (a case is "
        "missing or came to nothing in both, a line is damaged, or no time could be compared), 5 a "
        "case does not run, never started or is no "
        "longer "
        "certified; "
        "the worst wins: 4, 2, 5, 3, 1, 0.",
    .run = zg_cmd_compare,
};

static zg_status write_texts(const zg_comparison *comparison, const arguments *a, zg_error *error)
{
    const struct {
        const char *path;
        void (*write)(const zg_comparison *comparison, zg_text *out);
    } forms[] = {{a->json || a->quiet ? NULL : "-", zg_compare_text},
                 {a->json ? "-" : NULL, zg_compare_json},
                 {a->markdown, zg_compare_markdown},
                 {a->svg, zg_compare_svg},
                 {a->annotations, zg_compare_annotations}};
    zg_status status = ZG_OK;
    for (size_t i = 0; status == ZG_OK && i < sizeof forms / sizeof *forms; i++) {
        zg_text text = {0};
        if (!forms[i].path) continue;
        forms[i].write(comparison, &text);
        status = zg_text_save(&text, forms[i].path, error);
        zg_text_clear(&text);
    }
    return status;
}

/* Percentages of the command line become shares. */
static zg_status read_options(const arguments *a, zg_compare_options *out, zg_error *error)
{
    double allow = 100 * out->allowance, level = 100 * out->level, counters = 0,
           objective = 100 * out->objective_allowance;
    zg_status status = zg_cli_number("allow", a->allow, 0, 1e6, &allow, error);
    if (status == ZG_OK) status = zg_cli_number("level", a->level, 1e-6, 50, &level, error);
    if (status == ZG_OK)
        status = zg_cli_number("allow-counters", a->allow_counters, 0, 1e6, &counters, error);
    if (status == ZG_OK)
        status = zg_cli_number("allow-objective", a->allow_objective, 0, 1e6, &objective, error);
    out->allowance = allow / 100;
    out->level = level / 100;
    out->counter_allowance = counters / 100;
    out->objective_allowance = objective / 100;
    out->no_timing = a->no_timing;
    out->any_machine = a->any_machine;
    out->subset = a->subset;
    return status;
}

static const zg_cli_option option_rows[] = {
    {.name = "allow",
     .argument = "PERCENT",
     .at = offsetof(arguments, allow),
     .help = "Slowdown that is allowed, in per cent; default 5."},
    {.name = "level",
     .argument = "PERCENT",
     .at = offsetof(arguments, level),
     .help = "Share of false alarms among all alarms that is tolerated, in per cent; default "
             "5."},
    {.name = "allow-counters",
     .argument = "PERCENT",
     .at = offsetof(arguments, allow_counters),
     .help = "Growth of iterations, nodes, pivots and neurons that is allowed, in per cent; "
             "default 0."},
    {.name = "allow-objective",
     .argument = "PERCENT",
     .at = offsetof(arguments, allow_objective),
     .help = "Growth of a case's objective that is allowed where it is not certified, in per cent "
             "(of at least 1); default 0.1."},
    {.name = "no-timing",
     .at = offsetof(arguments, no_timing),
     .help = "Compare verdicts, gaps, accuracy and counters only."},
    {.name = "any-machine",
     .at = offsetof(arguments, any_machine),
     .help = "Compare times even where the runs come from different machines or settings."},
    {.name = "subset",
     .at = offsetof(arguments, subset),
     .help = "Cases of BASE may be missing from NEW."},
    {.name = "markdown",
     .argument = "FILE",
     .at = offsetof(arguments, markdown),
     .writes = "^### zerogap: ",
     .help = "Also write tables for a pull request; - is standard output."},
    {.name = "svg",
     .argument = "FILE",
     .at = offsetof(arguments, svg),
     .writes = "^<svg &<title>Times, new / base",
     .help = "Also draw the ratios of times with their intervals, for a pull request."},
    {.name = "picture",
     .argument = "URL",
     .at = offsetof(arguments, picture),
     .help = "Address under which the Markdown shows that picture (default: it shows none)."},
    {.name = "annotations",
     .argument = "FILE",
     .at = offsetof(arguments, annotations),
     .writes = "^::error title=zerogap|^::notice title=zerogap",
     .help = "Also write workflow commands of GitHub Actions; - is standard output."},
    {.name = "json",
     .at = offsetof(arguments, json),
     .help = "Print one JSON document instead of the table."},
    {.name = "quiet",
     .at = offsetof(arguments, quiet),
     .help = "Print no table; the exit status tells."},
    ZG_FORCE_OPTION,
};

int zg_cmd_compare(int argc, char **argv)
{
    arguments a = {0};
    int exit_status;
    const char *paths[2];
    zg_cli_words words = {paths, 2, 0};
    zg_error error = {0};
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, &words,
                      &exit_status))
        return exit_status;
    zg_compare_options options = zg_compare_defaults();
    zg_comparison comparison = {0};
    zg_status status = read_options(&a, &options, &error);
    if (status == ZG_OK && a.picture && !a.markdown)
        status = zg_fail(&error, ZG_BAD_INPUT,
                         "--picture is where the Markdown finds it: --markdown FILE writes that");
    if (status == ZG_OK && words.count != 2)
        status = zg_fail(&error, ZG_BAD_INPUT, "expected two run logs: BASE and NEW");
    if (status == ZG_OK) status = zg_compare(paths[0], paths[1], &options, &comparison, &error);
    comparison.picture = a.picture;
    if (status == ZG_OK) status = write_texts(&comparison, &a, &error);
    exit_status = status == ZG_OK ? comparison.exit_status : zg_cli_fail("compare", &error);
    zg_comparison_clear(&comparison);
    return exit_status;
}
