/* zerogap history: many runs over time on one page. */
#include "cli/commands.h"
#include "cli/options.h"
#include "reports/chart.h"
#include "reports/history.h"

typedef struct arguments {
    const char *html, *chart_js;
    bool force, no_charts, json;
} arguments;

static const zg_cli_command command = {
    .name = "history",
    .examples = {{"zerogap history runs", "The steps in the runs of a folder."},
                 {"zerogap history runs --html history.html", "A page with a series per case."}},
    .usage = "DIR [--html FILE] [OPTION]...",
    .summary = "many runs over time: a series per case, steps found",
    .about =
        "Reads every run log (*.ndjson) and every file of Google Benchmark's JSON (*.json) of "
        "a folder, puts the runs in order of their start, and writes one page with a series "
        "per case and the steps in it.  Logs of parts (run --shard) are one run, those in a "
        "folder of their own in DIR, too.  Without --html or --json, the steps are printed.  The "
        "exit status is 3 when nothing was measured.",
    .run = zg_cmd_history,
};

static zg_status write_html(const zg_history *history, const arguments *a, zg_error *error)
{
    zg_text library = {0}, page = {0};
    zg_status status = ZG_OK;
    if (!a->no_charts) status = zg_chart_library(a->chart_js, &library, error);
    if (status == ZG_OK) status = zg_history_html(history, zg_text_bytes(&library), &page, error);
    if (status == ZG_OK) status = zg_text_save(&page, a->html, error);
    zg_text_clear(&library);
    zg_text_clear(&page);
    return status;
}

static zg_status write_json(const zg_history *history, zg_error *error)
{
    zg_text text = {0};
    zg_history_json(history, &text);
    zg_status status = zg_text_save(&text, "-", error);
    zg_text_clear(&text);
    return status;
}

/* A case without a time has no step: what the newest run could not measure is said by itself. */
static void print_failures(const zg_history *history)
{
    if (history->run_count == 0) return;
    const zg_history_run *newest = &history->runs[history->run_count - 1];
    size_t wrong, failed;
    zg_history_failures(newest, &wrong, &failed);
    if (wrong + failed > 0)
        printf("the newest run, %s: %zu wrong, %zu without a result (zerogap report %s)\n",
               newest->label, wrong, failed, newest->paths[0]);
}

static void print_steps(const zg_history *history)
{
    size_t total = 0;
    for (size_t i = 0; i < history->series_count; i++) {
        const zg_history_series *series = &history->series[i];
        for (size_t k = 0; k < series->step_count; k++, total++) {
            const zg_history_step *step = &series->steps[k];
            const zg_history_run *run = &history->runs[series->run[step->point]];
            printf("%s: %+.1f %% since %s%s\n", series->name,
                   100 * (step->after / step->before - 1), run->label,
                   step->other_machine ? " (other machine or settings)" : "");
        }
    }
    printf("%zu run%s, %zu case%s, %zu step%s\n", history->run_count,
           history->run_count == 1 ? "" : "s", history->series_count,
           history->series_count == 1 ? "" : "s", total, total == 1 ? "" : "s");
    print_failures(history);
}

static const zg_cli_option option_rows[] = {
    {.name = "html",
     .argument = "FILE",
     .at = offsetof(arguments, html),
     .writes = ZG_KIND_PAGE,
     .help = "One page that opens from disk, offline; - is standard output."},
    ZG_CHART_OPTION,
    {.name = "no-charts",
     .at = offsetof(arguments, no_charts),
     .help = "Tables in place of charts."},
    {.name = "json", .at = offsetof(arguments, json), .help = "Print one JSON document."},
    ZG_FORCE_OPTION};

int zg_cmd_history(int argc, char **argv)
{
    arguments a = {0};
    int exit_status;
    const char *folder = NULL;
    zg_cli_words words = {&folder, 1, 0};
    zg_error error = {0};
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, &words,
                      &exit_status))
        return exit_status;
    if (words.count != 1) {
        zg_fail(&error, ZG_BAD_INPUT, "expected the folder that holds the run logs");
        return zg_cli_fail("history", &error);
    }
    zg_history history = {0};
    zg_status status = zg_history_read(folder, &history, &error);
    if (status == ZG_OK && a.html) status = write_html(&history, &a, &error);
    if (status == ZG_OK && a.json) status = write_json(&history, &error);
    if (status == ZG_OK && !a.html && !a.json) print_steps(&history);
    exit_status = history.series_count ? ZG_EXIT_FINE : ZG_EXIT_NOTHING;
    if (status != ZG_OK) exit_status = zg_cli_fail("history", &error);
    zg_history_clear(&history);
    return exit_status;
}
