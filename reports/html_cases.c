/* HTML: what was not run or not certified, the table of all cases, provenance. */
#include "reports/html_parts.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DISTANCE                                                                                   \
    "the objective above the best certified bound of all methods on this problem, relative"

#define MOST_LISTED 300   /* cases that need attention, one by one */
#define PACKED_CASES 1000 /* more are made a table of only when a reader asks for it */

/* ---- cells ---------------------------------------------------------------------------------- */

typedef struct case_row {
    const zg_log_case *of;
    const zg_study *study;
    size_t method;
    const char *problem;
    double verdict; /* its place in the order of verdicts */
    double objective, gap, distance, seconds, train, test, neurons, iterations, memory;
} case_row;

static case_row row_of(const zg_study *study, size_t i)
{
    const zg_log_case *of = &study->log->cases[i];
    return (case_row){.of = of,
                      .study = study,
                      .method = study->method_of[i],
                      .problem = study->problems[study->problem_of[i]].label,
                      .verdict = (double)of->result.verdict,
                      .objective = of->result.objective,
                      .gap = of->result.gap,
                      .distance = zg_study_distance(study, i),
                      .seconds = of->result.seconds,
                      .train = of->train_score,
                      .test = of->test_score,
                      .neurons = of->result.neurons,
                      .iterations = of->result.iterations,
                      .memory = of->result.peak_rss_bytes};
}

/* The seed that sets cases of one method apart. */
static void write_method(const void *row, zg_text *out)
{
    const case_row *at = row;
    double seed = zg_study_number(at->of, "method", "seed");
    zg_html_method(at->study, at->method, out);
    if (!isnan(seed)) zg_text_format(out, " <small>seed %.0f</small>", seed);
}

static void write_verdict(const void *row, zg_text *out)
{
    zg_html_badge(((const case_row *)row)->of->result.verdict, out);
}

/* ---- what was not run or not certified ------------------------------------------------------ */

static void write_message(const void *row, zg_text *out)
{
    const zg_log_case *of = ((const case_row *)row)->of;
    if (of->message)
        zg_text_xml(out, of->message);
    else if (of->result.verdict == ZG_UNFINISHED)
        zg_text_add(out, "the log ends before the case does");
}

static const zg_html_column attention_columns[] = {
    {"data and model", ZG_CELL_NAME, .text = offsetof(case_row, problem)},
    {"method", ZG_CELL_TEXT, .write = write_method},
    {"verdict", ZG_CELL_TEXT, .write = write_verdict},
    {"above best bound", ZG_CELL_NUMBER, .number = offsetof(case_row, distance), .digits = 2,
     .title = DISTANCE},
    {"certified gap", ZG_CELL_NUMBER, .number = offsetof(case_row, gap), .digits = 2},
    {"time", ZG_CELL_NUMBER, .number = offsetof(case_row, seconds), .show = zg_text_seconds},
    {"cause", ZG_CELL_MESSAGE, .write = write_message},
};
static const zg_html_table attention_table = {
    "scroll tall", .class = "cases stack",
    .count = sizeof attention_columns / sizeof *attention_columns, .columns = attention_columns};

static void list_cases(const zg_study *study, const zg_verdict *verdicts, size_t count,
                       zg_text *out)
{
    size_t listed = 0;
    zg_html_table_open(&attention_table, out);
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < study->log->case_count; i++) {
            if (study->log->cases[i].result.verdict != verdicts[k]) continue;
            if (listed++ >= MOST_LISTED) continue;
            const case_row row = row_of(study, i);
            zg_html_table_row(&attention_table, &row, out);
        }
    zg_html_table_close(&attention_table, out);
    if (listed > MOST_LISTED)
        zg_text_format(out,
                       "<p class=\"note\">And %zu more: all are in the <a href=\"#cases\">table "
                       "of all cases</a>.</p>\n",
                       listed - MOST_LISTED);
}

static void damage_list(const zg_log *log, zg_text *out)
{
    if (log->damage_count) {
        zg_text_format(out,
                       "<p class=\"alarm\">%zu line%s of the log %s damaged and left out; figures "
                       "below may be incomplete.</p>\n<ul>\n",
                       log->damage_count, log->damage_count == 1 ? "" : "s",
                       log->damage_count == 1 ? "is" : "are");
        for (size_t i = 0; i < log->damage_count && i < 20; i++)
            zg_text_format(out, "<li>log %zu, line %zu: %s</li>\n", log->damage[i].log + 1,
                           log->damage[i].line, log->damage[i].reason);
        zg_text_add(out, "</ul>\n");
    }
    if (log->torn)
        zg_text_add(out, "<p class=\"note\">The last line of the log was cut off and is "
                         "ignored.</p>\n");
}

void zg_html_attention(const zg_study *study, zg_text *out)
{
    static const zg_verdict order[] = {ZG_WRONG,      ZG_CASE_FAILED,  ZG_OUT_OF_MEMORY,
                                       ZG_DISK_LIMIT, ZG_CASE_TIMEOUT, ZG_UNFINISHED,
                                       ZG_SKIPPED};
    static const zg_verdict local[] = {ZG_UNCERTIFIED};
    size_t counts[ZG_VERDICT_COUNT], bad = 0, all = sizeof order / sizeof *order;
    zg_log_count(study->log, counts);
    for (size_t i = 0; i < all; i++)
        bad += counts[order[i]];
    zg_html_heading("attention", "Not run, or not certified", NULL, out);
    damage_list(study->log, out);
    if (study->not_started)
        zg_text_format(out,
                       "<p class=\"alarm\">%zu case%s of the run %s never started: the log ends "
                       "before %s.</p>\n",
                       study->not_started, study->not_started == 1 ? "" : "s",
                       study->not_started == 1 ? "was" : "were",
                       study->not_started == 1 ? "it" : "them");
    if (zg_study_busy_cases(study))
        zg_text_format(
            out,
            "<p class=\"note\">During %zu cases the machine\xe2\x80\x99s load was above "
            "%g times its processors: their times are not those of a free machine.</p>\n",
            zg_study_busy_cases(study), ZG_STUDY_BUSY);
    if (study->log->case_count == 0)
        zg_text_add(out, "<p class=\"alarm\">Nothing was measured: the log holds no case.</p>\n");
    else if (bad == 0 && study->not_started == 0)
        zg_text_add(out, "<p class=\"calm\">Every case ran to its end, and none is wrong.</p>\n");
    if (counts[ZG_WRONG])
        zg_text_format(out,
                       "<p class=\"alarm\"><strong>%zu wrong:</strong> a result contradicts a "
                       "certificate or an expectation. Trust nothing of its method until this is "
                       "understood.</p>\n",
                       counts[ZG_WRONG]);
    if (bad) list_cases(study, order, all, out);
    if (counts[ZG_UNCERTIFIED]) {
        zg_text_format(out,
                       "<details><summary>%zu uncertified <small>\xe2\x80\x93 ended with a gap "
                       "wider than %.0e, the normal end of a local method</small></summary>\n",
                       counts[ZG_UNCERTIFIED], study->tolerance);
        list_cases(study, local, 1, out);
        zg_text_add(out, "</details>\n");
    }
}

/* ---- all cases ------------------------------------------------------------------------------ */

static void mark_verdict(const void *row, zg_text *out)
{
    zg_verdict verdict = ((const case_row *)row)->of->result.verdict;
    zg_text_format(out, " data-verdict=\"%s\"", zg_verdict_name(verdict));
}

static void write_time(const void *row, zg_text *out)
{
    const case_row *at = row;
    size_t count = at->of->result.sample_count;
    zg_text_seconds(out, at->seconds);
    if (count > 1)
        zg_text_format(out, " <small title=\"median of %zu\">\xc3\x97%zu</small>", count, count);
}

static void write_score(const char *unit, double score, double robust, zg_text *out)
{
    zg_text_value(out, score, 4);
    if (unit && !isnan(score)) zg_text_format(out, " <small>%s</small>", unit);
    if (isnan(robust)) return;
    zg_text_add(out, " <small>robust</small> ");
    zg_text_value(out, robust, 4);
}

static void write_train(const void *row, zg_text *out)
{
    const case_row *at = row;
    write_score(isnan(at->test) ? at->of->score : NULL, at->train,
                at->of->result.train.robust_accuracy, out);
}

static void write_test(const void *row, zg_text *out)
{
    const case_row *at = row;
    write_score(at->of->score, at->test, at->of->result.test.robust_accuracy, out);
}

static void write_iterations(const void *row, zg_text *out)
{
    const case_row *at = row;
    const char *unit = at->of->result.unit;
    zg_text_value(out, at->iterations, 9);
    if (!unit[0] || strcmp(unit, "iteration") == 0 || isnan(at->iterations)) return;
    zg_text_add(out, " <small>");
    zg_text_xml(out, unit);
    zg_text_add(out, at->iterations == 1 ? "</small>" : "s</small>");
}

static const zg_html_column case_columns[] = {
    {"data and model", ZG_CELL_NAME, .text = offsetof(case_row, problem)},
    {"method", ZG_CELL_TEXT, .write = write_method},
    {"verdict", ZG_CELL_TEXT, .number = offsetof(case_row, verdict), .write = write_verdict},
    {"objective", ZG_CELL_NUMBER, .number = offsetof(case_row, objective), .digits = 8},
    {"above best", ZG_CELL_NUMBER, .number = offsetof(case_row, distance), .digits = 2,
     .title = DISTANCE},
    {"gap", ZG_CELL_NUMBER, .number = offsetof(case_row, gap), .digits = 2,
     .title = "its own certified gap"},
    {"time", ZG_CELL_NUMBER, .number = offsetof(case_row, seconds), .write = write_time},
    {"train", ZG_CELL_NUMBER, .number = offsetof(case_row, train), .write = write_train},
    {"test", ZG_CELL_NUMBER, .number = offsetof(case_row, test), .write = write_test},
    {"neurons", ZG_CELL_NUMBER, .number = offsetof(case_row, neurons), .digits = 6},
    {"steps", ZG_CELL_NUMBER, .number = offsetof(case_row, iterations), .write = write_iterations},
    {"memory", ZG_CELL_NUMBER, .number = offsetof(case_row, memory), .show = zg_text_memory},
};
static const zg_html_table case_table = {"scroll tall",
                                         .sortable = true,
                                         .class = "cases",
                                         .id = "all-cases",
                                         .count = sizeof case_columns / sizeof *case_columns,
                                         .columns = case_columns,
                                         .mark = mark_verdict};

static void all_cases(const zg_study *study, zg_text *out)
{
    zg_html_pack pack = {0};
    zg_html_table table = case_table;
    if (study->log->case_count > PACKED_CASES) table.pack = &pack;
    if (table.pack)
        zg_text_format(out, "<details><summary>%zu cases</summary>\n", study->log->case_count);
    zg_html_table_open(&table, out);
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_row *result = &study->log->cases[i].result;
        case_row row = row_of(study, i);
        double median = NAN;
        if (!zg_median(result->sample_count, result->samples, &median)) out->failed = true;
        if (!isnan(median)) row.seconds = median;
        zg_html_table_row(&table, &row, out);
    }
    zg_html_table_close(&table, out);
    if (table.pack) zg_text_add(out, "</details>\n");
}

void zg_html_summary(const zg_study *study, zg_text *out)
{
    size_t counts[ZG_VERDICT_COUNT];
    if (study->log->case_count == 0) return;
    zg_log_count(study->log, counts);
    zg_html_heading(
        "cases", "All cases",
        "The objective is that of the very network found, recomputed from the data; the "
        "gap is between it and a certified lower bound.",
        out);
    zg_text_add(out, "<div class=\"tools nojs-hide\" data-for=\"all-cases\"><input type=\"search\" "
                     "placeholder=\"Filter: words that must occur\" aria-label=\"Filter "
                     "cases\">");
    for (size_t i = 0; i < ZG_VERDICT_COUNT; i++)
        if (counts[i])
            zg_text_format(out,
                           "<button type=\"button\" value=\"%s\" aria-pressed=\"false\">%s "
                           "%zu</button>",
                           zg_verdict_name((zg_verdict)i), zg_verdict_words((zg_verdict)i),
                           counts[i]);
    zg_text_add(out, "<output></output></div>\n");
    all_cases(study, out);
}

/* ---- provenance ----------------------------------------------------------------------------- */

static void provenance_leaf(void *context, const char *name, const char *value)
{
    zg_text *out = context;
    if (strcmp(name, "event") == 0 || strcmp(name, "crc") == 0 || strcmp(name, "t") == 0) return;
    if (strncmp(name, "claims.", 7) == 0) return; /* they have a section of their own */
    const char *bare = strncmp(name, "provenance.", 11) == 0 ? name + 11 : name;
    zg_text_add(out, "<dt>");
    zg_text_xml(out, bare);
    zg_text_add(out, "</dt><dd>");
    zg_text_xml(out, value);
    zg_text_add(out, "</dd>\n");
}

void zg_html_provenance(const zg_study *study, zg_text *out)
{
    const zg_log *log = study->log;
    if (log->run_count == 0) return;
    zg_html_heading("provenance", "Provenance",
                    log->run_count > 1 ? "The run was continued; where a case finished more than "
                                         "once, its last finish counts."
                                       : NULL,
                    out);
    for (size_t i = 0; i < log->run_count; i++) {
        const char *started = zg_log_text(log->runs[i].started, "started");
        zg_text_format(out, "<details%s><summary>Run %zu of %zu <small>", i ? "" : " open", i + 1,
                       log->run_count);
        zg_text_xml(out, started ? started : "");
        zg_text_format(out, "%s</small></summary>\n<dl>\n",
                       log->runs[i].finished ? "" : " \xe2\x80\x93 not finished");
        if (!zg_study_leaves(log->runs[i].started, provenance_leaf, out)) out->failed = true;
        zg_text_add(out, "</dl></details>\n");
    }
}
