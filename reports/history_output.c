/* Histories written out: one page with a chart per case, and JSON. */
#include "base/formats.h"
#include "reports/chart.h"
#include "reports/history.h"
#include "reports/html_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_SERIES 12 /* charts shown at once; the others unfold */

static const zg_history_run *run_of(const zg_history *history, const zg_history_series *series,
                                    size_t point)
{
    return &history->runs[series->run[point]];
}

/* The run of a series' last step, SIZE_MAX without one. */
static size_t last_step(const zg_history_series *series)
{
    if (series->step_count == 0) return SIZE_MAX;
    return series->run[series->steps[series->step_count - 1].point];
}

/* ---- steps ---------------------------------------------------------------------------------- */

typedef struct step_row {
    const zg_history_run *run; /* since which */
    bool other_machine;        /* where the case was measured */
    const char *name;          /* of the case */
    double place;              /* of the run */
    double ratio, before, after;
} step_row;

static void write_run(const void *row, zg_text *out)
{
    const zg_history_run *run = ((const step_row *)row)->run;
    zg_text_xml(out, run->label);
    if (((const step_row *)row)->other_machine)
        zg_text_add(out, " <small>other machine or settings</small>");
}

static void write_change(const void *row, zg_text *out)
{
    const char *change = ((const step_row *)row)->ratio > 1 ? "slower" : "faster";
    zg_text_format(out, "<span class=\"badge %s\">%s</span>", change, change);
}

static void show_ratio(zg_text *out, double ratio)
{
    zg_text_format(out, "%+.1f %%", 100 * (ratio - 1));
}

static const zg_html_column step_columns[] = {
    {"case", ZG_CELL_NAME, .text = offsetof(step_row, name)},
    {"since", ZG_CELL_TEXT, .number = offsetof(step_row, place), .write = write_run},
    {"became", ZG_CELL_TEXT, .write = write_change},
    {"change", ZG_CELL_NUMBER, .number = offsetof(step_row, ratio), .show = show_ratio},
    {"before", ZG_CELL_NUMBER, .number = offsetof(step_row, before), .show = zg_text_seconds},
    {"after", ZG_CELL_NUMBER, .number = offsetof(step_row, after), .show = zg_text_seconds},
};
static const zg_html_table step_table = {"scroll tall", .sortable = true, .class = "cases",
                                         .count = sizeof step_columns / sizeof *step_columns,
                                         .columns = step_columns};

static void step(const zg_history *history, const zg_history_series *series,
                 const zg_history_step *in, zg_text *out)
{
    const step_row row = {.run = run_of(history, series, in->point),
                          .other_machine = in->other_machine,
                          .name = series->name,
                          .place = (double)series->run[in->point],
                          .ratio = in->after / in->before,
                          .before = in->before,
                          .after = in->after};
    zg_html_table_row(&step_table, &row, out);
}

/* All steps, the latest first. */
static void steps(const zg_history *history, zg_text *out)
{
    size_t total = 0;
    for (size_t i = 0; i < history->series_count; i++)
        total += history->series[i].step_count;
    zg_html_heading("steps", "Steps",
                    "Changes of level that outlast the noise. A step that coincides with another "
                    "machine says nothing about the program.",
                    out);
    if (total == 0) {
        zg_text_add(out, "<p class=\"calm\">No case changed its level.</p>\n");
        return;
    }
    zg_html_table_open(&step_table, out);
    for (size_t run = history->run_count; run-- > 0;) {
        for (size_t i = 0; i < history->series_count; i++) {
            const zg_history_series *series = &history->series[i];
            for (size_t k = 0; k < series->step_count; k++)
                if (series->run[series->steps[k].point] == run)
                    step(history, series, &series->steps[k], out);
        }
    }
    zg_html_table_close(&step_table, out);
}

/* ---- charts --------------------------------------------------------------------------------- */

static bool series_chart(const zg_history *history, const zg_history_series *series,
                         const char *const *labels, zg_text *out)
{
    double *x = malloc((series->count + 1) * sizeof *x);
    if (!x) return false;
    for (size_t i = 0; i < series->count; i++)
        x[i] = (double)series->run[i];
    const zg_series shown[] = {
        {"median of the run", 0, ZG_MARK_POINTS, series->count, x, series->seconds, NULL},
        {"level", 1, ZG_MARK_STEPS, series->count, x, series->level, NULL}};
    const zg_chart chart = {
        series->name, NULL, {"run", "", false}, {"time", "s", false}, labels, history->run_count,
        shown,        2};
    zg_chart_write(&chart, out);
    free(x);
    return true;
}

/* Series with the latest steps first, the others behind in the order of the runs. */
static bool charts(const zg_history *history, zg_text *out)
{
    const char **labels = malloc((history->run_count + 1) * sizeof *labels);
    if (!labels) return false;
    for (size_t i = 0; i < history->run_count; i++)
        labels[i] = history->runs[i].label;
    bool done = true;
    size_t shown = 0;
    zg_html_heading("series", "Cases over time",
                    "Cases with the latest steps first. Points are medians of a run's repetitions, "
                    "lines the levels of the fit.",
                    out);
    zg_text_add(out, "<div class=\"charts\">\n");
    for (size_t run = history->run_count + 1; done && run-- > 0;) {
        size_t wanted = run == 0 ? SIZE_MAX : run - 1;
        for (size_t i = 0; done && i < history->series_count; i++) {
            if (last_step(&history->series[i]) != wanted) continue;
            if (shown++ == OPEN_SERIES)
                zg_text_add(out, "</div>\n<details><summary>All other cases</summary>\n<div "
                                 "class=\"charts\">\n");
            done = series_chart(history, &history->series[i], labels, out);
        }
    }
    zg_text_add(out, shown > OPEN_SERIES ? "</div></details>\n" : "</div>\n");
    free(labels);
    return done;
}

/* ---- runs ----------------------------------------------------------------------------------- */

typedef struct run_row {
    const zg_history_run *run;
    const char *file, *started, *remark;
    double cases;
} run_row;

static void write_commit(const void *row, zg_text *out)
{
    const zg_history_run *run = ((const run_row *)row)->run;
    zg_text_add(out, "<code>");
    zg_text_xml(out, run->commit ? run->commit : "");
    zg_text_add(out, "</code>");
}

static const zg_html_column run_columns[] = {
    {"run", ZG_CELL_NAME, .text = offsetof(run_row, file)},
    {"started", ZG_CELL_TEXT, .text = offsetof(run_row, started)},
    {"commit", ZG_CELL_TEXT, .write = write_commit},
    {"cases", ZG_CELL_NUMBER, .number = offsetof(run_row, cases), .digits = 15},
    {"", ZG_CELL_TEXT, .text = offsetof(run_row, remark)},
};
static const zg_html_table run_table = {
    "scroll tall", .count = sizeof run_columns / sizeof *run_columns, .columns = run_columns};

void zg_history_failures(const zg_history_run *run, size_t *wrong, size_t *failed)
{
    *wrong = *failed = 0;
    for (size_t i = 0; i < run->side.count; i++) {
        zg_verdict verdict = run->side.items[i].verdict;
        *wrong += verdict == ZG_WRONG;
        *failed += verdict != ZG_WRONG && verdict != ZG_SKIPPED && !zg_verdict_ran(verdict);
    }
}

/* One more remark behind those there are. */
__attribute__((format(printf, 3, 4))) static void remark(char *out, size_t size, const char *format,
                                                         ...)
{
    size_t used = strlen(out);
    if (used) used += (size_t)snprintf(out + used, size - used, "; ");
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out + used, size - used, format, arguments);
    va_end(arguments);
}

/* What is to be known of a run before its times are. */
static void describe_run(const zg_history_run *run, char *out, size_t size)
{
    size_t wrong, failed, lost = run->side.not_started;
    zg_history_failures(run, &wrong, &failed);
    *out = '\0';
    if (wrong) remark(out, size, "%zu wrong", wrong);
    if (failed) remark(out, size, "%zu without a result", failed);
    if (run->path_count > 1) remark(out, size, "%zu logs", run->path_count);
    if (lost) remark(out, size, "%zu case%s never started", lost, lost == 1 ? "" : "s");
    if (run->other_machine) remark(out, size, "other machine or settings");
}

static void runs(const zg_history *history, zg_text *out)
{
    zg_html_heading("runs", "Runs", NULL, out);
    zg_html_table_open(&run_table, out);
    for (size_t i = history->run_count; i-- > 0;) {
        const zg_history_run *run = &history->runs[i];
        const char *slash = strrchr(run->paths[0], '/');
        char remarks[240];
        describe_run(run, remarks, sizeof remarks);
        const run_row row = {.run = run,
                             .file = slash ? slash + 1 : run->paths[0],
                             .started = run->started ? run->started : "",
                             .cases = (double)run->side.count,
                             .remark = remarks};
        zg_html_table_row(&run_table, &row, out);
    }
    zg_html_table_close(&run_table, out);
}

/* ---- the page ------------------------------------------------------------------------------- */

/* The date of a time, or what a stranger's log has in its place. */
static void add_day(const char *started, zg_text *out)
{
    char day[11];
    snprintf(day, sizeof day, "%s", started ? started : "?");
    zg_text_xml(out, day);
}

zg_status zg_history_html(const zg_history *history, const char *library, zg_text *out,
                          zg_error *error)
{
    zg_html_open("zerogap history", library, out);
    zg_text_format(out,
                   "<header>\n<p class=\"eyebrow\">zerogap history</p>\n<h1>%zu run%s, %zu "
                   "case%s</h1>\n",
                   history->run_count, history->run_count == 1 ? "" : "s", history->series_count,
                   history->series_count == 1 ? "" : "s");
    if (history->run_count) {
        zg_text_add(out, "<p class=\"lead\">");
        add_day(history->runs[0].started, out);
        zg_text_add(out, " to ");
        add_day(history->runs[history->run_count - 1].started, out);
        zg_text_add(out, "</p>\n");
    }
    zg_text_add(out, "</header>\n<main>\n");
    bool done = true;
    if (history->series_count) {
        steps(history, out);
        done = charts(history, out);
    } else {
        zg_text_add(out, "<p class=\"alarm\">Nothing was measured: no log holds a time.</p>\n");
    }
    runs(history, out);
    zg_text_add(out, "</main>\n<footer>Made from the run logs alone.</footer>\n");
    zg_html_close(library, out);
    return done ? zg_text_status(out, error) : zg_no_memory(error);
}

void zg_history_json(const zg_history *history, zg_text *out)
{
    zg_text_format(out, "{\"format\": \"" ZG_HISTORY_FORMAT "\", \"runs\": %zu, \"series\": [",
                   history->run_count);
    for (size_t i = 0; i < history->series_count; i++) {
        const zg_history_series *series = &history->series[i];
        zg_text_add(out, i ? ",\n {\"case\": " : "\n {\"case\": ");
        zg_text_json(out, series->name);
        zg_text_add(out, ", \"points\": [");
        for (size_t k = 0; k < series->count; k++) {
            zg_text_format(out, "%s[%zu, ", k ? ", " : "", series->run[k]);
            zg_text_json_number(out, series->seconds[k]);
            zg_text_add(out, "]");
        }
        zg_text_add(out, "], \"steps\": [");
        for (size_t k = 0; k < series->step_count; k++) {
            const zg_history_step *step = &series->steps[k];
            zg_text_format(out, "%s{\"run\": %zu, \"before\": ", k ? ", " : "",
                           series->run[step->point]);
            zg_text_json_rounded(out, step->before, 9);
            zg_text_add(out, ", \"after\": ");
            zg_text_json_rounded(out, step->after, 9);
            zg_text_format(out, ", \"other_machine\": %s}", step->other_machine ? "true" : "false");
        }
        zg_text_add(out, "]}");
    }
    zg_text_add(out, "\n]}\n");
}
