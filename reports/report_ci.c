/* A run log for continuous integration: JUnit XML, TAP, GitHub annotations. */
#include "reports/formats.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ---- JUnit ---------------------------------------------------------------------------------- */

typedef struct tally {
    size_t tests, failures, errors, skipped;
    double seconds;
} tally;

/* JUnit's failure is an answer that is not right; its error is no answer. */
static bool is_failure(const zg_log_case *row)
{
    return row->result.verdict == ZG_WRONG || zg_log_unproven(row);
}

static bool is_error(const zg_log_case *row)
{
    return !zg_verdict_ran(row->result.verdict) && row->result.verdict != ZG_SKIPPED &&
           !is_failure(row);
}

static const char *suite_of(const zg_log_case *row)
{
    return row->suite ? row->suite : "zerogap";
}

/* Whether case i is the first of its suite: suites are written in that order. */
static bool opens_suite(const zg_log *log, size_t i)
{
    const char *suite = suite_of(&log->cases[i]);
    for (size_t j = 0; j < i; j++)
        if (strcmp(suite_of(&log->cases[j]), suite) == 0) return false;
    return true;
}

static tally count_suite(const zg_log *log, const char *suite)
{
    tally sum = {0};
    for (size_t i = 0; i < log->case_count; i++) {
        const zg_log_case *row = &log->cases[i];
        if (suite && strcmp(suite_of(row), suite) != 0) continue;
        sum.tests++;
        sum.failures += is_failure(row) ? 1 : 0;
        sum.errors += is_error(row) ? 1 : 0;
        sum.skipped += row->result.verdict == ZG_SKIPPED;
        if (!isnan(row->result.seconds)) sum.seconds += row->result.seconds;
    }
    return sum;
}

/* ISO 8601 without zone or fraction, as the schema has it. */
static void add_timestamp(zg_text *out, const char *started)
{
    static const char shape[] = "0000-00-00T00:00:00";
    bool fits = started && strlen(started) >= sizeof shape - 1;
    for (size_t i = 0; fits && i < sizeof shape - 1; i++) {
        bool digit = started[i] >= '0' && started[i] <= '9';
        fits = shape[i] == '0' ? digit : started[i] == shape[i];
    }
    zg_text_bytes_add(out, fits ? started : "1970-01-01T00:00:00", sizeof shape - 1);
}

static void junit_problem(const zg_log_case *row, const char *element, zg_text *out)
{
    zg_text_format(out, "      <%s type=\"%s\" message=\"", element,
                   zg_verdict_name(row->result.verdict));
    zg_text_xml(out, row->message ? row->message : zg_verdict_words(row->result.verdict));
    zg_text_add(out, "\"/>\n");
}

static void junit_case(const zg_study *study, size_t i, const char *suite, zg_text *out)
{
    const zg_log_case *row = &study->log->cases[i];
    zg_text_add(out, "    <testcase name=\"");
    zg_text_xml(out, row->name ? row->name : "?");
    zg_text_add(out, "\" classname=\"");
    zg_text_xml(out, suite);
    zg_text_format(out, "\" time=\"%.6f\"", isnan(row->result.seconds) ? 0 : row->result.seconds);
    if (zg_verdict_ran(row->result.verdict)) {
        zg_text_add(out, "/>\n");
        return;
    }
    zg_text_add(out, ">\n");
    if (row->result.verdict == ZG_SKIPPED)
        zg_text_add(out, "      <skipped/>\n"); /* Ant's schema allows no message */
    else
        junit_problem(row, is_failure(row) ? "failure" : "error", out);
    zg_text_add(out, "    </testcase>\n");
}

/* What the schema has no place for in a test: objective, gap and the reason for a skip. */
static void junit_output(const zg_study *study, const char *suite, zg_text *out)
{
    zg_text_add(out, "    <system-out>");
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        if (strcmp(suite_of(row), suite) != 0) continue;
        zg_text_xml(out, row->name ? row->name : "?");
        zg_text_format(out, ": %s", zg_verdict_words(row->result.verdict));
        if (!isnan(row->result.objective))
            zg_text_format(out, ", objective %.10g", row->result.objective);
        if (!isnan(row->result.gap)) zg_text_format(out, ", certified gap %.2g", row->result.gap);
        if (row->message) zg_text_add(out, ": ");
        if (row->message) zg_text_xml(out, row->message);
        zg_text_add(out, "\n");
    }
    zg_text_add(out, "</system-out>\n    <system-err/>\n");
}

static void add_tally(const tally *sum, zg_text *out)
{
    zg_text_format(out, "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.6f\"", sum->tests,
                   sum->failures, sum->errors, sum->seconds);
}

/* Opens a suite; run is the event that started the run, or NULL. */
static void open_suite(const char *suite, size_t id, const tally *sum, const json_t *run,
                       zg_text *out)
{
    const char *host = zg_log_text(run, "provenance.host");
    zg_text_add(out, "  <testsuite name=\"");
    zg_text_xml(out, suite);
    zg_text_format(out, "\" package=\"zerogap\" id=\"%zu\" ", id);
    add_tally(sum, out);
    zg_text_format(out, " skipped=\"%zu\" timestamp=\"", sum->skipped);
    add_timestamp(out, zg_log_text(run, "started"));
    zg_text_add(out, "\" hostname=\"");
    zg_text_xml(out, host ? host : "localhost");
    zg_text_add(out, "\">\n    <properties/>\n");
}

static void junit_suite(const zg_study *study, size_t first, size_t id, zg_text *out)
{
    const zg_log *log = study->log;
    const zg_log_case *row = &log->cases[first];
    const char *suite = suite_of(row);
    tally sum = count_suite(log, suite);
    open_suite(suite, id, &sum, row->run == SIZE_MAX ? NULL : log->runs[row->run].started, out);
    for (size_t i = first; i < log->case_count; i++)
        if (strcmp(suite_of(&log->cases[i]), suite) == 0) junit_case(study, i, suite, out);
    junit_output(study, suite, out);
    zg_text_add(out, "  </testsuite>\n");
}

/* Cases without an event have no names: one test, an error, stands for them all, in a suite of its
 * own, because a log may hold the runs of several. */
static void junit_not_started(const zg_study *study, size_t id, zg_text *out)
{
    const tally sum = {.tests = 1, .errors = 1};
    open_suite("never started", id, &sum, NULL, out);
    zg_text_format(
        out,
        "    <testcase name=\"all cases start\" classname=\"never started\" "
        "time=\"0.000000\">\n"
        "      <error type=\"never_started\" message=\"%zu cases were never started\"/>\n"
        "    </testcase>\n"
        "    <system-out/>\n    <system-err/>\n  </testsuite>\n",
        study->not_started);
}

void zg_report_junit(const zg_study *study, zg_text *out)
{
    size_t id = 0;
    zg_text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (size_t i = 0; i < study->log->case_count; i++)
        if (opens_suite(study->log, i)) junit_suite(study, i, id++, out);
    if (study->not_started) junit_not_started(study, id, out);
    zg_text_add(out, "</testsuites>\n");
}

/* ---- TAP ------------------------------------------------------------------------------------ */

/* A description: # and backslash are escaped, line breaks become blanks. */
static void tap_description(zg_text *out, const char *string)
{
    for (const char *c = string; *c; c++) {
        if (*c == '#' || *c == '\\') zg_text_add(out, "\\");
        zg_text_bytes_add(out, *c == '\n' || *c == '\r' ? " " : c, 1);
    }
}

static void tap_block(const zg_log_case *row, zg_text *out)
{
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"objective", row->result.objective},
                   {"bound", row->result.bound},
                   {"gap", row->result.gap},
                   {"seconds", row->result.seconds},
                   {"neurons", row->result.neurons}};
    zg_text_format(out, "  ---\n  verdict: %s\n", zg_verdict_name(row->result.verdict));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (!isfinite(numbers[i].value)) continue;
        zg_text_format(out, "  %s: ", numbers[i].name);
        zg_text_number(out, numbers[i].value);
        zg_text_add(out, "\n");
    }
    if (row->message) {
        zg_text_add(out, "  message: ");
        zg_text_json(out, row->message); /* a JSON string is a YAML string */
        zg_text_add(out, "\n");
    }
    zg_text_add(out, "  ...\n");
}

void zg_report_tap(const zg_study *study, zg_text *out)
{
    const zg_log *log = study->log;
    /* The plan counts what never started: its absence makes the reader of the TAP fail. */
    size_t planned = log->case_count + study->not_started;
    zg_text_format(out, "TAP version 14\n1..%zu", planned);
    zg_text_add(out, planned ? "\n# zerogap\n" : " # SKIP nothing was measured\n");
    for (size_t i = 0; i < log->case_count; i++) {
        const zg_log_case *row = &log->cases[i];
        bool skipped = row->result.verdict == ZG_SKIPPED;
        zg_text_format(out, "%s %zu - ",
                       zg_verdict_ran(row->result.verdict) || skipped ? "ok" : "not ok", i + 1);
        tap_description(out, row->name ? row->name : "?");
        if (skipped) {
            zg_text_add(out, " # SKIP ");
            tap_description(out, row->message ? row->message : "");
        }
        zg_text_add(out, "\n");
        tap_block(row, out);
    }
}

/* ---- GitHub annotations --------------------------------------------------------------------- */

static void annotation_data(zg_text *out, const char *string)
{
    for (const char *c = string; *c; c++) {
        if (*c == '%' || *c == '\n' || *c == '\r')
            zg_text_format(out, "%%%02X", (unsigned char)*c);
        else
            zg_text_bytes_add(out, c, 1);
    }
}

void zg_report_annotations(const zg_study *study, zg_text *out)
{
    const zg_log *log = study->log;
    for (size_t i = 0; i < log->case_count; i++) {
        const zg_log_case *row = &log->cases[i];
        if (zg_verdict_ran(row->result.verdict) || row->result.verdict == ZG_SKIPPED) continue;
        zg_text_format(out, "::error title=zerogap %s::", zg_verdict_words(row->result.verdict));
        annotation_data(out, row->name ? row->name : "?");
        if (row->message) zg_text_add(out, ": ");
        if (row->message) annotation_data(out, row->message);
        zg_text_add(out, "\n");
    }
    if (study->not_started)
        zg_text_format(out, "::error title=zerogap::%zu cases were never started\n",
                       study->not_started);
    for (size_t i = 0; i < log->damage_count; i++)
        zg_text_format(out, "::warning title=zerogap log::Line %zu of log %zu was left out: %s\n",
                       log->damage[i].line, log->damage[i].log + 1, log->damage[i].reason);
    if (zg_study_busy_cases(study))
        zg_text_format(out,
                       "::warning title=zerogap::During %zu cases the machine's load was above %g "
                       "times its processors\n",
                       zg_study_busy_cases(study), ZG_STUDY_BUSY);
    zg_text counts = {0};
    zg_report_counts(study, &counts);
    zg_text_add(out, "::notice title=zerogap::");
    annotation_data(out, zg_text_bytes(&counts));
    zg_text_add(out, "\n");
    if (counts.failed) out->failed = true;
    zg_text_clear(&counts);
}
