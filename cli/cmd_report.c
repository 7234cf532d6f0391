/* zerogap report: run logs in, pages, tables and files for other programs out. */
#include "cli/commands.h"
#include "cli/options.h"
#include "log/contradiction.h"
#include "reports/chart.h"
#include "reports/formats.h"
#include "reports/html.h"
#include "reports/parts.h"

#include <stdint.h>
#include <string.h>

#define LOG_LIMIT 10000

typedef struct arguments {
    const char *html, *markdown, *csv, *junit, *tap, *annotations, *benchmark, *bencher;
    const char *smaller, *bigger, *openmetrics, *sarif;
    const char *chart_js;
    bool force, spreadsheet, no_charts, json, status;
} arguments;

static const zg_cli_command command = {
    .name = "report",
    .examples = {{"zerogap report run.ndjson --html run.html", "A page to look at, offline."},
                 {"zerogap report run.ndjson --csv run.csv --markdown run.md",
                  "All numbers, and tables for a pull request."}},
    .usage = "RUN.ndjson... [--html FILE] [--junit FILE] [OPTION]...",
    .summary = "pages, tables and files for other programs from run logs",
    .about =
        "Writes what a run log holds in any of several forms.  Every form is a function of the log "
        "alone: the same log gives the same bytes.  FILE may be -, standard output.  Without any "
        "form asked for, Markdown goes to standard output.  Several logs are taken as one run; "
        "where a case finished more than once, its last finish counts.  The exit status is 3 when "
        "the logs hold no case; with --status it is that of the whole run.",
    .run = zg_cmd_report,
};

static zg_status write_html(const zg_study *study, const arguments *a, zg_error *error)
{
    zg_text library = {0}, page = {0};
    zg_status status = ZG_OK;
    if (!a->no_charts) status = zg_chart_library(a->chart_js, &library, error);
    if (status == ZG_OK) status = zg_report_html(study, zg_text_bytes(&library), &page, error);
    if (status == ZG_OK) status = zg_text_save(&page, a->html, error);
    if (status == ZG_OK && !a->no_charts && library.length == 0)
        fputs("zerogap report: the chart library (package libjs-chart.js) is not installed; the "
              "page has tables in place of charts\n",
              stderr);
    zg_text_clear(&library);
    zg_text_clear(&page);
    return status;
}

static zg_status write_form(const zg_study *study, zg_report_writer writer, const char *path,
                            zg_error *error)
{
    zg_text text = {0};
    writer(study, &text);
    zg_status status = zg_text_save(&text, path, error);
    zg_text_clear(&text);
    return status;
}

static zg_status write_all(const zg_study *study, const arguments *a, zg_error *error)
{
    const struct {
        const char *path;
        zg_report_writer writer;
    } forms[] = {{a->markdown, zg_report_markdown},
                 {a->csv, a->spreadsheet ? zg_report_spreadsheet : zg_report_csv},
                 {a->junit, zg_report_junit},
                 {a->tap, zg_report_tap},
                 {a->annotations, zg_report_annotations},
                 {a->benchmark, zg_report_benchmark},
                 {a->bencher, zg_report_bencher},
                 {a->smaller, zg_report_custom_smaller},
                 {a->bigger, zg_report_custom_bigger},
                 {a->openmetrics, zg_report_openmetrics},
                 {a->sarif, zg_report_sarif}};
    zg_status status = ZG_OK;
    bool any = a->html || a->json;
    if (a->html) status = write_html(study, a, error);
    for (size_t i = 0; status == ZG_OK && i < sizeof forms / sizeof *forms; i++) {
        if (!forms[i].path) continue;
        any = true;
        status = write_form(study, forms[i].writer, forms[i].path, error);
    }
    if (status == ZG_OK && !any) status = write_form(study, zg_report_markdown, "-", error);
    return status;
}

static zg_status print_json(const zg_study *study, zg_error *error)
{
    const zg_log *log = study->log;
    size_t counts[ZG_VERDICT_COUNT];
    zg_text claims = {0};
    zg_log_count(log, counts);
    zg_report_claims_json(study, &claims);
    if (claims.failed) return zg_no_memory(error);
    printf("{\"cases\": %zu, \"runs\": %zu, \"damaged_lines\": %zu", log->case_count,
           log->run_count, log->damage_count);
    for (size_t i = 0; i < ZG_VERDICT_COUNT; i++)
        printf(", \"%s\": %zu", zg_verdict_name((zg_verdict)i), counts[i]);
    printf(", \"never_started\": %zu, \"claims\": %s}\n", study->not_started,
           zg_text_bytes(&claims));
    zg_text_clear(&claims);
    return ZG_OK;
}

/* Whether the second run began later: by its place where it took the first up in the same log, else
 * by the clock; a run that does not say when it began is no later one. */
static bool is_later(const zg_log *log, size_t first, size_t second)
{
    const zg_log_run *one = &log->runs[first], *other = &log->runs[second];
    double unsure, began = zg_log_clock(one->started, one->started, &unsure);
    double then = zg_log_clock(other->started, other->started, NULL);
    bool same = one->log == other->log;
    if (same && json_is_true(zg_log_member(other->started, "resumed"))) return second > first;
    return unsure > 0 ? then >= began + unsure : then > began;
}

/* Whether another run is a later one of the same suite and part. */
static bool is_outdated(const zg_log *log, size_t number)
{
    const zg_log_run *run = &log->runs[number];
    const char *suite = zg_log_text(run->started, "suite");
    const json_t *part = zg_log_member(run->started, "shard");
    for (size_t i = 0; i < log->run_count; i++) {
        const zg_log_run *other = &log->runs[i];
        const char *its = zg_log_text(other->started, "suite");
        const json_t *its_part = zg_log_member(other->started, "shard");
        if (i == number || !suite || !its || strcmp(suite, its) != 0 || !part != !its_part ||
            (part && !json_equal((json_t *)part, (json_t *)its_part)))
            continue;
        if (is_later(log, number, i)) return true;
    }
    return false;
}

/* The worst of what the latest runs said when they ended: a run knows more than its rows say, such
 * as what it was asked to be strict about. */
static int stated_status(const zg_log *log)
{
    int worst = ZG_EXIT_FINE;
    for (size_t i = 0; i < log->run_count; i++) {
        if (!log->runs[i].finished || is_outdated(log, i)) continue;
        double stated = zg_log_number(log->runs[i].finished, "exit_status");
        if (stated == ZG_EXIT_WRONG) return ZG_EXIT_WRONG;
        if (stated == ZG_EXIT_FAILED) worst = ZG_EXIT_FAILED;
    }
    return worst;
}

/* Whether a case of zerogap run, which has a key, belongs to no run: what was announced is not
 * known. */
static bool has_strays(const zg_log *log)
{
    for (size_t i = 0; i < log->case_count; i++)
        if (log->cases[i].key && log->cases[i].run == SIZE_MAX) return true;
    return false;
}

/* How the run ended that the logs are: as zerogap run would, or did, and 5 where anything of it is
 * not there. */
static int status_of(const zg_study *study)
{
    const zg_log *log = study->log;
    size_t counts[ZG_VERDICT_COUNT];
    zg_text absent = {0};
    zg_log_count(log, counts);
    zg_report_parts(log, &absent);
    int exit_status = zg_verdict_exit(counts);
    bool whole = counts[ZG_UNFINISHED] == 0 && study->not_started == 0 && log->damage_count == 0 &&
                 absent.length == 0 && !absent.failed && !has_strays(log);
    zg_text_clear(&absent);
    int stated = stated_status(log);
    if (exit_status == ZG_EXIT_WRONG || stated == ZG_EXIT_WRONG) return ZG_EXIT_WRONG;
    return whole && stated == ZG_EXIT_FINE ? exit_status : ZG_EXIT_FAILED;
}

static zg_status report(const arguments *a, const char *const *paths, size_t count,
                        int *exit_status, zg_error *error)
{
    zg_log log = {0};
    zg_study study = {0};
    zg_status status = ZG_OK;
    for (size_t i = 0; status == ZG_OK && i < count; i++)
        status = zg_log_read(&log, paths[i], error);
    if (status == ZG_OK) status = zg_log_hold_together(&log, error);
    if (status == ZG_OK) status = zg_study_create(&log, &study, error);
    if (status == ZG_OK) status = write_all(&study, a, error);
    if (status == ZG_OK && a->json) status = print_json(&study, error);
    for (size_t i = 0; i < log.damage_count; i++)
        fprintf(stderr, "zerogap report: %s:%zu:1: this line is left out: %s\n",
                paths[log.damage[i].log], log.damage[i].line, log.damage[i].reason);
    *exit_status = log.case_count ? ZG_EXIT_FINE : ZG_EXIT_NOTHING;
    if (status == ZG_OK && a->status) *exit_status = status_of(&study);
    zg_study_clear(&study);
    zg_log_clear(&log);
    return status;
}

static const zg_cli_option option_rows[] = {
    {.name = "html",
     .argument = "FILE",
     .at = offsetof(arguments, html),
     .writes = ZG_KIND_PAGE,
     .help = "One page that opens from disk, offline: tables, charts, provenance."},
    {.name = "markdown",
     .argument = "FILE",
     .at = offsetof(arguments, markdown),
     .writes = "^## & cases: |^## &\n1 case: |^## &\n0 cases.",
     .help = "Tables for a pull request."},
    {.name = "csv",
     .argument = "FILE",
     .at = offsetof(arguments, csv),
     .writes = "^suite,case,",
     .help = "One row per case, every field of the log."},
    {.name = "spreadsheet",
     .at = offsetof(arguments, spreadsheet),
     .help = "With --csv: an apostrophe before texts that a spreadsheet would take for formulas."},
    {.name = "junit",
     .argument = "FILE",
     .at = offsetof(arguments, junit),
     .writes = "^<?xml&<testsuites>\n&package=\"zerogap\"|^<?xml&<testsuites>\n</testsuites>",
     .help = "JUnit XML: a case a test; wrong is a failure, what could not run an error."},
    {.name = "tap",
     .argument = "FILE",
     .at = offsetof(arguments, tap),
     .writes =
         "^TAP version 14\n1..&\n# zerogap\n|^TAP version 14\n1..0 # SKIP nothing was measured\n",
     .help = "Test Anything Protocol 14."},
    {.name = "annotations",
     .argument = "FILE",
     .at = offsetof(arguments, annotations),
     .writes = "^::error title=zerogap|^::warning title=zerogap|^::notice title=zerogap",
     .help = "Workflow commands of GitHub Actions."},
    {.name = "benchmark-json",
     .argument = "FILE",
     .at = offsetof(arguments, benchmark),
     .writes = "^{\n&\"executable\": \"zerogap\"",
     .help = "Google Benchmark's JSON, an entry per case; repetitions are an aggregate."},
    {.name = "bencher",
     .argument = "FILE",
     .at = offsetof(arguments, bencher),
     .writes = "^{\n&\"certified-gap\": {|^{\n&\"latency\": {|^{\n}",
     .help = "Bencher Metric Format."},
    {.name = "custom-smaller",
     .argument = "FILE",
     .at = offsetof(arguments, smaller),
     .writes = "^[\n&    \"unit\": \"&    \"extra\": \"|^[\n]",
     .help = "Times as github-action-benchmark's customSmallerIsBetter."},
    {.name = "custom-bigger",
     .argument = "FILE",
     .at = offsetof(arguments, bigger),
     .writes = "^[\n&    \"unit\": \"&    \"extra\": \"|^[\n]",
     .help = "Test accuracies and certified digits as its customBiggerIsBetter."},
    {.name = "openmetrics",
     .argument = "FILE",
     .at = offsetof(arguments, openmetrics),
     .writes = "^# TYPE zerogap_",
     .help = "OpenMetrics text, for Prometheus."},
    {.name = "sarif",
     .argument = "FILE",
     .at = offsetof(arguments, sarif),
     .writes = "^{\n&/sarif-&\"name\": \"zerogap\"",
     .help = "SARIF 2.1.0: wrong answers, for code scanning."},
    ZG_CHART_OPTION,
    {.name = "no-charts",
     .at = offsetof(arguments, no_charts),
     .help = "Tables in place of charts."},
    {.name = "status",
     .at = offsetof(arguments, status),
     .help =
         "End with the status of the run that the logs are: 2 when an answer is wrong, 5 when "
         "a case could not be run, never started or is in no log, 3 when nothing was measured."},
    {.name = "json",
     .at = offsetof(arguments, json),
     .help = "Print the counts, and the claims with their verdicts, as one JSON document."},
    ZG_FORCE_OPTION,
};

int zg_cmd_report(int argc, char **argv)
{
    arguments a = {0};
    int exit_status;
    static const char *paths[LOG_LIMIT];
    zg_cli_words words = {paths, LOG_LIMIT, 0};
    zg_error error = {0};
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, &words,
                      &exit_status))
        return exit_status;
    if (words.count == 0) {
        zg_fail(&error, ZG_BAD_INPUT, "expected the path of a run log");
        return zg_cli_fail("report", &error);
    }
    if (report(&a, paths, words.count, &exit_status, &error) != ZG_OK)
        return zg_cli_fail("report", &error);
    return exit_status;
}
