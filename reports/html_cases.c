/* HTML: what was not run or not certified, the table of all cases, provenance. */
#include "reports/html_parts.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void label_cell(const char *label, zg_text *out)
{
    zg_text_add(out, "<th scope=\"row\">");
    zg_text_xml(out, label);
    zg_text_add(out, "</th>");
}

/* The seed that sets cases of one method apart. */
static void method_cell(const zg_study *study, size_t i, zg_text *out)
{
    double seed = zg_study_number(&study->log->cases[i], "method", "seed");
    zg_text_add(out, "<td>");
    zg_html_method(study, study->method_of[i], out);
    if (!isnan(seed)) zg_text_format(out, " <small>seed %.0f</small>", seed);
    zg_text_add(out, "</td>");
}

/* ---- what was not run or not certified ------------------------------------------------------ */

static void attention_row(const zg_study *study, size_t i, zg_text *out)
{
    const zg_log_case *row = &study->log->cases[i];
    zg_text_add(out, "<tr>");
    label_cell(study->problems[study->problem_of[i]].label, out);
    method_cell(study, i, out);
    zg_text_add(out, "<td>");
    zg_html_badge(row->result.verdict, out);
    zg_text_add(out, "</td>");
    zg_html_number_open(row->result.gap, out);
    zg_text_value(out, row->result.gap, 2);
    zg_text_add(out, "</td>");
    zg_html_number_open(row->result.seconds, out);
    zg_text_seconds(out, row->result.seconds);
    zg_text_add(out, "</td><td class=\"message\">");
    if (row->message)
        zg_text_xml(out, row->message);
    else if (row->result.verdict == ZG_UNFINISHED)
        zg_text_add(out, "the log ends before the case does");
    zg_text_add(out, "</td></tr>\n");
}

static void attention_table(const zg_study *study, const zg_verdict *verdicts, size_t count,
                            zg_text *out)
{
    zg_text_add(out,
                "<div class=\"scroll tall\"><table class=\"cases stack\"><thead><tr><th>data and "
                "model</th><th>method</th><th>verdict</th><th class=\"n\">certified "
                "gap</th><th class=\"n\">time</th><th>cause</th></tr></thead><tbody>\n");
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < study->log->case_count; i++)
            if (study->log->cases[i].result.verdict == verdicts[k]) attention_row(study, i, out);
    zg_text_add(out, "</tbody></table></div>\n");
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
    if (bad) attention_table(study, order, all, out);
    if (counts[ZG_UNCERTIFIED]) {
        zg_text_format(out,
                       "<details><summary>%zu uncertified <small>\xe2\x80\x93 ended with a gap "
                       "wider than %.0e, the normal end of a local method</small></summary>\n",
                       counts[ZG_UNCERTIFIED], study->tolerance);
        attention_table(study, local, 1, out);
        zg_text_add(out, "</details>\n");
    }
}

/* ---- all cases ------------------------------------------------------------------------------ */

static void time_cell(const zg_log_case *row, zg_text *out)
{
    double middle = NAN;
    if (!zg_median(row->result.sample_count, row->result.samples, &middle)) out->failed = true;
    if (isnan(middle)) middle = row->result.seconds;
    zg_html_number_open(middle, out);
    zg_text_seconds(out, middle);
    if (row->result.sample_count > 1)
        zg_text_format(out, " <small title=\"median of %zu\">\xc3\x97%zu</small>",
                       row->result.sample_count, row->result.sample_count);
    zg_text_add(out, "</td>");
}

static void score_cell(const char *unit, double score, zg_text *out)
{
    zg_html_number_open(score, out);
    zg_text_value(out, score, 4);
    if (unit && !isnan(score)) zg_text_format(out, " <small>%s</small>", unit);
    zg_text_add(out, "</td>");
}

static void number_cell(double value, int digits, zg_text *out)
{
    zg_html_number_open(value, out);
    zg_text_value(out, value, digits);
    zg_text_add(out, "</td>");
}

static void case_row(const zg_study *study, size_t i, zg_text *out)
{
    const zg_log_case *row = &study->log->cases[i];
    zg_text_format(out, "<tr data-verdict=\"%s\">", zg_verdict_name(row->result.verdict));
    label_cell(study->problems[study->problem_of[i]].label, out);
    method_cell(study, i, out);
    zg_text_format(out, "<td data-v=\"%d\">", (int)row->result.verdict);
    zg_html_badge(row->result.verdict, out);
    zg_text_add(out, "</td>");
    number_cell(row->result.objective, 8, out);
    number_cell(row->result.gap, 2, out);
    time_cell(row, out);
    score_cell(isnan(row->test_score) ? row->score : NULL, row->train_score, out);
    score_cell(row->score, row->test_score, out);
    number_cell(row->result.neurons, 6, out);
    zg_html_number_open(row->result.iterations, out);
    zg_text_value(out, row->result.iterations, 9);
    if (row->result.unit[0] && strcmp(row->result.unit, "iteration") != 0 &&
        !isnan(row->result.iterations)) {
        zg_text_add(out, " <small>");
        zg_text_xml(out, row->result.unit);
        zg_text_add(out, row->result.iterations == 1 ? "</small>" : "s</small>");
    }
    zg_text_add(out, "</td>");
    zg_html_number_open(row->result.peak_rss_bytes, out);
    zg_text_memory(out, row->result.peak_rss_bytes);
    zg_text_add(out, "</td></tr>\n");
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
    zg_text_add(out, "<output></output></div>\n<div class=\"scroll tall\"><table "
                     "class=\"sortable cases\" id=\"all-cases\"><thead><tr><th>data and "
                     "model</th><th>method</th><th>verdict</th><th class=\"n\">objective</th><th "
                     "class=\"n\" title=\"certified\">gap</th><th class=\"n\">time</th><th "
                     "class=\"n\">train</th><th class=\"n\">test</th><th "
                     "class=\"n\">neurons</th><th class=\"n\">steps</th><th "
                     "class=\"n\">memory</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < study->log->case_count; i++)
        case_row(study, i, out);
    zg_text_add(out, "</tbody></table></div>\n");
}

/* ---- provenance ----------------------------------------------------------------------------- */

static void provenance_leaf(void *context, const char *name, const char *value)
{
    zg_text *out = context;
    if (strcmp(name, "event") == 0 || strcmp(name, "crc") == 0 || strcmp(name, "t") == 0) return;
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
