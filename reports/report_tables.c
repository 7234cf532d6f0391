/* A run log as Markdown, and its counts in words. */
#include "reports/formats.h"

#include <math.h>
#include <string.h>

void zg_report_counts(const zg_study *study, zg_text *out)
{
    size_t counts[ZG_VERDICT_COUNT];
    zg_log_count(study->log, counts);
    zg_text_format(out, "%zu case%s", study->log->case_count,
                   study->log->case_count == 1 ? "" : "s");
    const char *join = ": ";
    for (size_t i = 0; i < ZG_VERDICT_COUNT; i++) {
        if (!counts[i]) continue;
        zg_text_format(out, "%s%zu %s", join, counts[i], zg_verdict_words((zg_verdict)i));
        join = ", ";
    }
    if (study->not_started) zg_text_format(out, "%s%zu never started", join, study->not_started);
}

#define MOST_NAMES 4 /* in a title */

/* The suite of a run up to `length` bytes or its end; whether an earlier run has the same. */
static bool is_new(const zg_log *log, size_t run, const char *suite, size_t length)
{
    for (size_t i = 0; i < run; i++) {
        const char *other = zg_log_text(log->runs[i].started, "suite");
        if (other && strncmp(other, suite, length) == 0 && strchr("/", other[length])) return false;
    }
    return true;
}

void zg_report_suites(const zg_log *log, zg_text *out)
{
    size_t folders = 0;
    const char *first = NULL;
    bool several = false;
    for (size_t i = 0; i < log->run_count; i++) {
        const char *suite = zg_log_text(log->runs[i].started, "suite");
        if (!suite) continue;
        if (!first) first = suite;
        several = several || strcmp(first, suite) != 0;
    }
    if (first && !several) zg_text_add(out, first);
    for (size_t i = 0; several && i < log->run_count; i++) {
        const char *suite = zg_log_text(log->runs[i].started, "suite");
        size_t length = suite ? strcspn(suite, "/") : 0;
        if (!suite || !is_new(log, i, suite, length) || folders++ >= MOST_NAMES) continue;
        zg_text_add(out, folders > 1 ? ", " : "");
        zg_text_bytes_add(out, suite, length);
    }
    if (folders > MOST_NAMES) zg_text_format(out, " and %zu more", folders - MOST_NAMES);
}

static void markdown_head(zg_text *out)
{
    zg_text_add(out, "\n| data and model | method | verdict | objective | certified gap | time | "
                     "score | remarks |\n|--|--|--|--:|--:|--:|--:|--|\n");
}

static void markdown_case(const zg_study *study, size_t i, zg_text *out)
{
    const zg_log_case *row = &study->log->cases[i];
    double score = isnan(row->test_score) ? row->train_score : row->test_score;
    zg_text_add(out, "| ");
    zg_text_markdown(out, study->problems[study->problem_of[i]].label);
    zg_text_add(out, " | ");
    zg_text_markdown(out, study->methods[study->method_of[i]].label);
    zg_text_format(out, " | %s | ", zg_verdict_words(row->result.verdict));
    zg_text_value(out, row->result.objective, 8);
    zg_text_add(out, " | ");
    zg_text_value(out, row->result.gap, 2);
    zg_text_add(out, " | ");
    zg_text_seconds(out, row->result.seconds);
    zg_text_add(out, " | ");
    zg_text_value(out, score, 4);
    if (!isnan(score))
        zg_text_format(out, " %s%s", row->score, isnan(row->test_score) ? " (training)" : "");
    double robust = isnan(row->test_score) ? row->result.train.robust_accuracy
                                           : row->result.test.robust_accuracy;
    if (!isnan(robust)) zg_text_add(out, ", robust ");
    if (!isnan(robust)) zg_text_value(out, robust, 4);
    zg_text_add(out, " | ");
    if (row->message) zg_text_markdown(out, row->message);
    zg_text_add(out, " |\n");
}

/* A list of plain sentences, one a line; before stands above it, where there is any. */
static void markdown_sentences(const char *before, const zg_text *lines, zg_text *out)
{
    if (lines->length) zg_text_add(out, before);
    zg_text_lines(out, lines, "- ", zg_text_markdown, "\n");
}

void zg_report_markdown(const zg_study *study, zg_text *out)
{
    const zg_log *log = study->log;
    zg_text title = {0};
    zg_report_suites(log, &title);
    zg_text_add(out, "## ");
    zg_text_markdown(out, title.length ? title.bytes : "zerogap");
    if (title.failed) out->failed = true;
    zg_text_clear(&title);
    zg_text_add(out, "\n\n");
    zg_text answer = {0};
    zg_report_answer(study, &answer);
    markdown_sentences("", &answer, out);
    zg_text_clear(&answer);
    if (log->case_count) zg_text_add(out, "\n");
    zg_report_counts(study, out);
    zg_text_add(out, ".\n");
    if (log->damage_count)
        zg_text_format(out, "\n%zu damaged line%s of the log %s left out.\n", log->damage_count,
                       log->damage_count == 1 ? "" : "s", log->damage_count == 1 ? "was" : "were");
    if (zg_study_busy_cases(study))
        zg_text_format(out,
                       "\nDuring %zu cases the machine's load was above %g times its processors: "
                       "their times are not those of a free machine.\n",
                       zg_study_busy_cases(study), ZG_STUDY_BUSY);
    zg_report_claims(study, out);
    zg_text speed = {0};
    zg_report_speed(study, &speed);
    markdown_sentences("\n### Time to a proof, and time without\n\n", &speed, out);
    zg_text_clear(&speed);
    bool any = false;
    for (size_t i = 0; i < log->case_count; i++) {
        if (zg_verdict_ran(log->cases[i].result.verdict)) continue;
        if (!any) zg_text_add(out, "\n### Not run, or wrong\n");
        if (!any) markdown_head(out);
        any = true;
        markdown_case(study, i, out);
    }
    if (log->case_count == 0) {
        zg_text_add(out, "\nNothing was measured.\n");
        return;
    }
    zg_text_add(out, "\n<details><summary>All cases</summary>\n");
    markdown_head(out);
    for (size_t i = 0; i < log->case_count; i++)
        markdown_case(study, i, out);
    zg_text_add(out, "\n</details>\n");
}
