/* A run log written out for other programs and for pull requests: pure functions of the log. */
#ifndef ZG_REPORTS_FORMATS_H
#define ZG_REPORTS_FORMATS_H

#include "reports/study.h"

typedef void (*zg_report_writer)(const zg_study *study, zg_text *out);

/* One row per case, every field of the log: parameters as data.*, model.*, method.*, results by
 * their names in the log, nested ones with dots.  Empty where the log does not say. */
void zg_report_csv(const zg_study *study, zg_text *out);
/* The same with an apostrophe before texts that a spreadsheet would take for formulas. */
void zg_report_spreadsheet(const zg_study *study, zg_text *out);

/* Tables for a pull request: the count, what needs attention, all cases folded away. */
void zg_report_markdown(const zg_study *study, zg_text *out);

/* The claims of the suites as a Markdown table; nothing when there are none.  Part of the Markdown
 * report. */
void zg_report_claims(const zg_study *study, zg_text *out);
/* The same as a JSON array: suite, id, test, claim, verdict, reason, evidence of each. */
void zg_report_claims_json(const zg_study *study, zg_text *out);

/* What the log says, in words: a line of plain text per suite (per folder of suites where there are
 * several), of what each method certified and how fast, how far above the certified optima the best
 * runs of the others ended, and what failed.  Nothing for a log without cases.  Part of Markdown
 * and HTML. */
void zg_report_answer(const zg_study *study, zg_text *out);

/* A sentence a line, plain text, for every method that proved optima beside every one that proved
 * nothing: where the former took longer, from the times in the log.  Nothing when there is no such
 * pair.  Part of Markdown and HTML. */
void zg_report_speed(const zg_study *study, zg_text *out);

/* JUnit XML as Ant's and Jenkins' schemas have it: a suite a test suite, a case a test.  wrong is a
 * failure; failed, timeout, out_of_memory and unfinished are errors, told apart by type. */
void zg_report_junit(const zg_study *study, zg_text *out);

/* TAP version 14 with YAML blocks; skipped cases carry the SKIP directive. */
void zg_report_tap(const zg_study *study, zg_text *out);

/* Workflow commands of GitHub Actions: an error per case that did not run or is wrong, a warning
 * per damaged line, a notice with the counts. */
void zg_report_annotations(const zg_study *study, zg_text *out);

/* Files for trackers have one record a case, with the median and the spread of its repetitions;
 * cases that did not run or are wrong have none (record.h).
 *
 * Google Benchmark's JSON, schema version 1: repetitions as an aggregate, results as counters. */
void zg_report_benchmark(const zg_study *study, zg_text *out);

/* github-action-benchmark's customSmallerIsBetter (times) and customBiggerIsBetter (test accuracy,
 * certified digits). */
void zg_report_custom_smaller(const zg_study *study, zg_text *out);
void zg_report_custom_bigger(const zg_study *study, zg_text *out);

/* OpenMetrics text: counts by verdict, and gauges per case. */
void zg_report_openmetrics(const zg_study *study, zg_text *out);

/* SARIF 2.1.0: a result per wrong answer. */
void zg_report_sarif(const zg_study *study, zg_text *out);

/* Bencher Metric Format: per case its latency (ns), objective, bound, gap, score, memory. */
void zg_report_bencher(const zg_study *study, zg_text *out);

/* What the log is of: its suite; of several suites their folders, or names where they are in none;
 * "" when the log does not say. */
void zg_report_suites(const zg_log *log, zg_text *out);

/* The counts in words: "61 cases: 12 proven, 20 certified, ...". */
void zg_report_counts(const zg_study *study, zg_text *out);

#endif
