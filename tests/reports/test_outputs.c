/* Every output of a report against its golden file, and against what its readers demand.
 * ZEROGAP_UPDATE_GOLDEN=1 writes the golden files anew; read the diff before committing it. */
#include "reports/compare.h"
#include "reports/formats.h"
#include "reports/growth.h"
#include "reports/html.h"
#include "reports/html_parts.h"
#include "reports/ranking.h"
#include "synthetic.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static const char *golden_path(const char *name)
{
    static char paths[4][4096];
    static size_t next;
    const char *folder = getenv("ZEROGAP_GOLDEN");
    assert_non_null(folder);
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

typedef struct opened {
    zg_log log;
    zg_study study;
} opened;

/* In place: a study points to its log. */
static void open_log(opened *out, const char *path)
{
    zg_error error = {0};
    memset(out, 0, sizeof *out);
    if (zg_log_read(&out->log, path, &error) != ZG_OK) fail_msg("%s", error.message);
    assert_int_equal(zg_study_create(&out->log, &out->study, &error), ZG_OK);
}

static void close_log(opened *in)
{
    zg_study_clear(&in->study);
    zg_log_clear(&in->log);
}

static void assert_golden(const char *name, const zg_text *text)
{
    zg_error error = {0};
    const char *path = golden_path(name);
    assert_false(text->failed);
    if (getenv("ZEROGAP_UPDATE_GOLDEN")) {
        assert_int_equal(zg_text_save(text, path, &error), ZG_OK);
        return;
    }
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("cannot open %s", path);
    char *expected = malloc(text->length + 2);
    assert_non_null(expected);
    size_t length = fread(expected, 1, text->length + 1, file), at = 0, line = 1;
    fclose(file);
    while (at < length && at < text->length && expected[at] == text->bytes[at])
        line += expected[at++] == '\n';
    bool same = length == text->length && at == length;
    free(expected);
    if (!same) fail_msg("%s differs from line %zu on", path, line);
}

static void check_form(const char *name, zg_report_writer writer)
{
    opened in;
    open_log(&in, golden_path("run.ndjson"));
    zg_text once = {0}, again = {0};
    writer(&in.study, &once);
    writer(&in.study, &again);
    assert_string_equal(zg_text_bytes(&once), zg_text_bytes(&again));
    assert_golden(name, &once);
    zg_text_clear(&once);
    zg_text_clear(&again);
    close_log(&in);
}

static void csv_is_golden(void **state)
{
    (void)state;
    check_form("run.csv", zg_report_csv);
}

static void markdown_is_golden(void **state)
{
    (void)state;
    check_form("run.md", zg_report_markdown);
}

static void junit_is_golden(void **state)
{
    (void)state;
    check_form("run.xml", zg_report_junit);
}

static void tap_is_golden(void **state)
{
    (void)state;
    check_form("run.tap", zg_report_tap);
}

static void annotations_are_golden(void **state)
{
    (void)state;
    check_form("run.annotations", zg_report_annotations);
}

static void benchmark_json_is_golden(void **state)
{
    (void)state;
    check_form("run.benchmark.json", zg_report_benchmark);
}

static void bencher_is_golden(void **state)
{
    (void)state;
    check_form("run.bencher.json", zg_report_bencher);
}

static void custom_records_are_golden(void **state)
{
    (void)state;
    check_form("run.smaller.json", zg_report_custom_smaller);
    check_form("run.bigger.json", zg_report_custom_bigger);
}

static void openmetrics_is_golden(void **state)
{
    (void)state;
    check_form("run.openmetrics", zg_report_openmetrics);
}

static void sarif_is_golden(void **state)
{
    (void)state;
    check_form("run.sarif", zg_report_sarif);
}

static void html_is_golden(void **state)
{
    (void)state;
    opened in;
    open_log(&in, golden_path("small.ndjson"));
    zg_text page = {0};
    zg_error error = {0};
    assert_int_equal(zg_report_html(&in.study, "", &page, &error), ZG_OK);
    assert_golden("small.html", &page);
    zg_text_clear(&page);
    close_log(&in);
}

/* ---- what readers demand -------------------------------------------------------------------- */

static void junit_is_valid(void **state)
{
    (void)state;
    const char *schema = getenv("ZEROGAP_JUNIT_SCHEMA");
    assert_non_null(schema);
    if (system("command -v xmllint >/dev/null 2>&1") != 0) {
        print_message("# xmllint (package libxml2-utils) is not installed: JUnit not validated\n");
        skip();
    }
    char command[9000];
    snprintf(command, sizeof command, "xmllint --noout --schema '%s' '%s' 2>/dev/null", schema,
             golden_path("run.xml"));
    assert_int_equal(system(command), 0);
}

static void junit_counts_add_up(void **state)
{
    (void)state;
    opened in;
    open_log(&in, golden_path("run.ndjson"));
    zg_text text = {0};
    zg_report_junit(&in.study, &text);
    assert_non_null(strstr(text.bytes, "tests=\"82\" failures=\"1\" errors=\"4\""));
    assert_non_null(strstr(text.bytes, "skipped=\"2\""));
    static const char *const types[] = {"<failure type=\"wrong\"", "<error type=\"failed\"",
                                        "<error type=\"timeout\"", "<error type=\"out_of_memory\"",
                                        "<error type=\"unfinished\""};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        assert_non_null(strstr(text.bytes, types[i]));
    assert_null(strstr(text.bytes, "hard<cases>"));
    zg_text_clear(&text);
    close_log(&in);
}

/* The tracker's file says the same as the log: compared with the log, nothing differs. */
static void benchmark_json_comes_back(void **state)
{
    (void)state;
    opened in;
    open_log(&in, golden_path("run.ndjson"));
    zg_text text = {0};
    zg_report_benchmark(&in.study, &text);
    json_t *document = json_loads(text.bytes, 0, NULL);
    assert_non_null(document);
    assert_int_equal(zg_log_number(document, "context.json_schema_version"), 1);
    json_decref(document);
    const char *path = scratch_path("back.json");
    zg_error error = {0};
    assert_int_equal(zg_text_save(&text, path, &error), ZG_OK);
    zg_text_clear(&text);
    zg_compare_options options = zg_compare_defaults();
    options.allowance = 0.2; /* wider than the intervals of all cases with repetitions */
    zg_comparison found;
    assert_int_equal(zg_compare(golden_path("run.ndjson"), path, &options, &found, &error), ZG_OK);
    size_t ran = 0; /* the others have no record, and are missing on the side of the tracker */
    for (size_t i = 0; i < in.log.case_count; i++)
        ran += zg_verdict_ran(in.log.cases[i].result.verdict);
    assert_int_equal(found.matched, ran);
    assert_int_equal(found.count, in.log.case_count);
    assert_int_equal(found.changes[ZG_SAME], 16); /* those with repetitions */
    assert_int_equal(found.changes[ZG_SLOWER] + found.changes[ZG_FASTER], 0);
    for (size_t i = 0; i < found.count; i++)
        assert_false(found.rows[i].counters || found.rows[i].contradicts);
    zg_comparison_clear(&found);
    close_log(&in);
}

static void bencher_json_has_its_shape(void **state)
{
    (void)state;
    json_t *document = json_load_file(golden_path("run.bencher.json"), 0, NULL);
    const char *name, *measure;
    json_t *measures, *metric;
    assert_true(json_object_size(document) > 60);
    json_object_foreach(document, name, measures)
    {
        assert_true(json_object_size(measures) > 0);
        json_object_foreach(measures, measure, metric)
            assert_true(json_is_number(json_object_get(metric, "value")));
    }
    json_decref(document);
}

/* Every row of the CSV has as many fields as its head. */
static void csv_is_rectangular(void **state)
{
    (void)state;
    opened in;
    open_log(&in, golden_path("run.ndjson"));
    zg_text text = {0};
    zg_report_csv(&in.study, &text);
    size_t fields = 1, head = 0, rows = 0;
    bool quoted = false;
    for (const char *c = text.bytes; *c; c++) {
        if (*c == '"') quoted = !quoted;
        if (quoted) continue;
        fields += *c == ',';
        if (*c != '\n') continue;
        if (rows++ == 0) head = fields;
        assert_int_equal(fields, head);
        fields = 1;
    }
    assert_int_equal(rows, in.log.case_count + 1);
    assert_true(head > 40);
    zg_text_clear(&text);
    close_log(&in);
}

static void html_is_closed_to_the_world(void **state)
{
    (void)state;
    opened in;
    open_log(&in, golden_path("run.ndjson"));
    zg_text page = {0};
    zg_error error = {0};
    assert_int_equal(zg_report_html(&in.study, "", &page, &error), ZG_OK);
    assert_null(strstr(page.bytes, "http://"));
    assert_null(strstr(page.bytes, "https://"));
    assert_null(strstr(page.bytes, "<img"));
    assert_null(strstr(page.bytes, "hard<cases>"));
    assert_null(strstr(page.bytes, ">nan"));
    assert_null(strstr(page.bytes, " nan"));
    assert_non_null(strstr(page.bytes, "default-src 'none'"));
    static const char *const order[] = {"attention", "convergence", "distance", "accuracy",
                                        "profiles",  "resources",   "scaling",  "hardness",
                                        "cases",     "provenance"};
    const char *at = page.bytes;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        char heading[64];
        snprintf(heading, sizeof heading, "<h2 id=\"%s\">", order[i]);
        at = strstr(at, heading);
        if (!at) {
            fail_msg("no section %s, or out of order", order[i]);
            break;
        }
    }
    zg_text_clear(&page);
    close_log(&in);
}

/* The page's section of time series: what ran freely, what diverged and where, pictures of those
 * that have a trace; of a choice among settings the final cases alone, and none without series. */
static void time_series_have_a_section(void **state)
{
    (void)state;
    static const double seconds[] = {1.0};
    static const char *const test = ",\"test\":{\"loss\":1,\"rmse\":0.125,%s}%s";
    static const char *const trace = ",\"trace\":{\"measured\":[1,2,3],\"simulated\":[1,2.5,3]}";
    static const char *const runs[] = {"\"free_run_rmse\":0.375,\"free_run_fit\":91.26",
                                       "\"diverged\":9", "\"accuracy\":1"};
    for (int chosen = 0; chosen < 2; chosen++) {
        FILE *log = log_open(scratch_path("series.ndjson"), "X");
        for (size_t i = 0; i < 3; i++) {
            char extra[512], ending[256];
            bool final = chosen && i == 1;
            snprintf(ending, sizeof ending, "%s%s", i == 0 ? trace : "",
                     final ? ",\"selection\":{\"score\":0.5,\"settings\":2}" : "");
            snprintf(extra, sizeof extra, test, runs[i], ending);
            log_case(log, (const char *const[]){"free", "gone", "rows"}[i], "certified", 1, seconds,
                     extra);
        }
        fclose(log);
        opened in;
        open_log(&in, scratch_path("series.ndjson"));
        zg_text text = {0};
        zg_error error = {0};
        assert_int_equal(zg_html_series(&in.study, &text, &error), ZG_OK);
        assert_non_null(strstr(text.bytes, "diverged in row 9"));
        assert_int_equal(strstr(text.bytes, "0.375") == NULL, chosen);
        assert_int_equal(strstr(text.bytes, "91.3") == NULL, chosen);
        assert_int_equal(strstr(text.bytes, "free run over the first 3 test rows") == NULL, chosen);
        assert_null(strstr(text.bytes, ">rows"));
        zg_text_clear(&text);
        close_log(&in);
    }
    FILE *log = log_open(scratch_path("none.ndjson"), "X");
    log_case(log, "rows", "certified", 1, seconds, ",\"test\":{\"loss\":1,\"rmse\":0.125}");
    fclose(log);
    opened in;
    open_log(&in, scratch_path("none.ndjson"));
    zg_text text = {0};
    zg_error error = {0};
    assert_int_equal(zg_html_series(&in.study, &text, &error), ZG_OK);
    assert_int_equal(text.length, 0);
    zg_text_clear(&text);
    close_log(&in);
}

/* A log in which nothing happened still gives every form, and they say so. */
static void an_empty_log_is_reported(void **state)
{
    (void)state;
    FILE *log = log_open(scratch_path("empty.ndjson"), "X");
    fclose(log);
    opened in;
    open_log(&in, scratch_path("empty.ndjson"));
    static const zg_report_writer writers[] = {
        zg_report_csv,           zg_report_markdown,    zg_report_junit,   zg_report_tap,
        zg_report_annotations,   zg_report_benchmark,   zg_report_bencher, zg_report_custom_smaller,
        zg_report_custom_bigger, zg_report_openmetrics, zg_report_sarif};
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        zg_text text = {0};
        writers[i](&in.study, &text);
        assert_int_equal(zg_text_status(&text, NULL), ZG_OK);
        assert_true(text.length > 0);
        zg_text_clear(&text);
    }
    zg_text page = {0};
    zg_error error;
    assert_int_equal(zg_report_html(&in.study, "", &page, &error), ZG_OK);
    assert_non_null(strstr(page.bytes, "Nothing was measured"));
    zg_text_clear(&page);
    close_log(&in);
}

/* Every log lacks what it lacks; a resumed part takes rows over and starts the rest. */
static void what_never_started_is_counted_over_all_logs(void **state)
{
    (void)state;
    static const char *const names[] = {"one.ndjson", "two.ndjson"};
    const double seconds[] = {1};
    zg_log log = {0};
    zg_study study;
    zg_error error = {0};
    for (int i = 0; i < 2; i++) {
        const char *path = scratch_path(names[i]);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        log_line(file, "\"event\":\"run_started\",\"format\":\"zerogap-events/1\",\"cases\":5,"
                       "\"kept\":0");
        log_case(file, i ? "a" : "b", "certified", 1, seconds, "");
        if (i) /* three of the five are started in the second part, one was kept: one is missing */
            log_line(file, "\"event\":\"run_started\",\"format\":\"zerogap-events/1\",\"cases\":5,"
                           "\"kept\":1");
        for (int k = 0; i && k < 3; k++) {
            char name[] = {(char)('c' + k), '\0'};
            log_case(file, name, "certified", 1, seconds, "");
        }
        fclose(file);
        assert_int_equal(zg_log_read(&log, path, &error), ZG_OK);
    }
    assert_int_equal(zg_study_create(&log, &study, &error), ZG_OK);
    assert_int_equal(study.not_started, 4 + 1);
    zg_study_clear(&study);
    zg_log_clear(&log);
}

/* What a run announced and never came to is no pass in any form. */
static void cases_that_never_started_are_told(void **state)
{
    (void)state;
    FILE *log = fopen(scratch_path("short.ndjson"), "wb");
    assert_non_null(log);
    log_line(log, "\"event\":\"run_started\",\"format\":\"zerogap-events/1\",\"cases\":7");
    const double seconds[] = {1};
    log_case(log, "a", "certified", 1, seconds, "");
    fclose(log);
    opened in;
    open_log(&in, scratch_path("short.ndjson"));
    assert_int_equal(in.study.not_started, 6);
    static const struct {
        zg_report_writer writer;
        const char *words;
    } forms[] = {{zg_report_tap, "\n1..7\n"},
                 {zg_report_junit, "message=\"6 cases were never started\""},
                 {zg_report_markdown, "6 never started"},
                 {zg_report_annotations, "::error title=zerogap::6 cases were never started"}};
    zg_text text = {0};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        forms[i].writer(&in.study, &text);
        assert_non_null(strstr(text.bytes, forms[i].words));
    }
    zg_text_clear(&text);
    zg_error error;
    assert_int_equal(zg_report_html(&in.study, "", &text, &error), ZG_OK);
    assert_non_null(strstr(text.bytes, "6 cases of the run were never started"));
    assert_null(strstr(text.bytes, "Every case ran to its end"));
    zg_text_clear(&text);
    close_log(&in);
}

/* ---- rankings and growth -------------------------------------------------------------------- */

static void failures_are_charged_and_counted(void **state)
{
    (void)state;
    opened in;
    open_log(&in, golden_path("run.ndjson"));
    zg_ranking ranking;
    assert_int_equal(zg_ranking_create(&in.study, ZG_GOAL_CERTIFICATE, &ranking, NULL), ZG_OK);
    assert_int_equal(ranking.methods, 5); /* csdp, ipm, two of adam, sgd */
    assert_int_equal(ranking.problems, 8);
    assert_true(ranking.limit_known && ranking.charge == 60);
    for (size_t j = 0; j < ranking.methods; j++) {
        const char *label = in.study.methods[ranking.method[j]].label;
        bool local = strncmp(label, "adam", 4) == 0 || strcmp(label, "sgd") == 0;
        assert_int_equal(ranking.solved[j], local ? 0 : 8);
        if (local) assert_true(fabs(ranking.mean[j] - 60) < 1e-9);
        if (strcmp(label, "ipm") == 0) assert_true(ranking.score[j] == 1);
    }
    zg_ranking_clear(&ranking);
    close_log(&in);
}

static void write_times(FILE *log, size_t problem, const double *times, size_t methods)
{
    for (size_t j = 0; j < methods; j++) {
        char members[512];
        snprintf(members, sizeof members,
                 "\"event\":\"case_started\",\"case\":\"p%zu/m%zu\",\"key\":\"%zu-%zu\",\"data\":{"
                 "\"name\":\"p%zu\"},\"method\":{\"method\":\"m%zu\"}",
                 problem, j, problem, j, problem, j);
        log_line(log, members);
        snprintf(members, sizeof members,
                 "\"event\":\"case_finished\",\"case\":\"p%zu/m%zu\",\"key\":\"%zu-%zu\","
                 "\"verdict\":\"certified\",\"objective\":1,\"bound\":1,\"gap\":0,\"seconds\":%g",
                 problem, j, problem, j, times[j]);
        log_line(log, members);
    }
}

/* Where the third is by far the best, the first two lie out of sight; without it they do not. */
static void a_ranking_that_hangs_on_a_third_method_is_noticed(void **state)
{
    (void)state;
    static const double times[][3] = {{200, 100, 1}, {4, 200, 200}, {200, 4, 1}};
    FILE *log = log_open(scratch_path("third.ndjson"), "X");
    for (size_t i = 0; i < 3; i++)
        write_times(log, i, times[i], 3);
    fclose(log);
    opened in;
    open_log(&in, scratch_path("third.ndjson"));
    zg_ranking ranking;
    assert_int_equal(zg_ranking_create(&in.study, ZG_GOAL_CERTIFICATE, &ranking, NULL), ZG_OK);
    assert_int_equal(ranking.methods, 3);
    /* By hand: ratios from 64 on score nothing, a ratio r scores 1 - log2 r / 6. */
    assert_true(fabs(ranking.score[0] - 1.0 / 3) < 1e-12);
    assert_true(fabs(ranking.score[1] - ((1 - log2(50) / 6) + (1 - 2.0 / 6)) / 3) < 1e-12);
    assert_int_equal(ranking.reversal_count, 1);
    assert_int_equal(ranking.reversals[0].better, 0);
    assert_int_equal(ranking.reversals[0].worse, 1);
    assert_int_equal(ranking.reversals[0].without, 2);
    zg_ranking_clear(&ranking);
    close_log(&in);
}

static void growth_finds_the_exponents_put_in(void **state)
{
    (void)state;
    FILE *log = log_open(scratch_path("growth.ndjson"), "X");
    for (int k = 0; k < 5; k++) {
        int n = 100 << k;
        char members[512];
        /* A solver on data of its own, a tree search, a solver on the tree's data. */
        static const char *const methods[] = {"ipm", "branch-and-bound", "csdp"};
        for (int kind = 0; kind < 3; kind++) {
            bool tree = kind == 1;
            int size = kind ? 6 + 2 * k : n;
            double value = tree ? pow(1.8, size) : 1e-6 * pow(size, 1.5);
            snprintf(members, sizeof members,
                     "\"event\":\"case_started\",\"case\":\"c%d-%d\",\"key\":\"%d-%d\",\"data\":{"
                     "\"name\":\"s%d\",\"n\":%d,\"d\":7},\"method\":{\"method\":\"%s\"}",
                     kind, k, kind, k, kind, size, methods[kind]);
            log_line(log, members);
            snprintf(
                members, sizeof members,
                "\"event\":\"case_finished\",\"case\":\"c%d-%d\",\"key\":\"%d-%d\",\"verdict\":"
                "\"certified\",\"seconds\":%.17g,\"iterations\":%.17g,\"unit\":\"%s\"",
                kind, k, kind, k, tree ? 1.0 + k : value, tree ? value : 12,
                tree ? "node" : "iteration");
            log_line(log, members);
        }
    }
    fclose(log);
    opened in;
    open_log(&in, scratch_path("growth.ndjson"));
    zg_growths growths;
    assert_int_equal(zg_growths_create(&in.study, &growths, NULL), ZG_OK);
    assert_int_equal(growths.count, 6); /* time and steps of each */
    for (size_t i = 0; i < 6; i++) {
        const zg_growth *at = &growths.items[i];
        const char *method = in.study.methods[at->method].label;
        bool time = strcmp(at->effort, "seconds") == 0;
        assert_string_equal(at->variable, "n");
        assert_int_equal(at->count, 5);
        assert_int_equal(at->contrast, strcmp(method, "ipm") != 0);
        if (strcmp(method, "branch-and-bound") == 0) {
            if (time) continue;
            assert_string_equal(at->effort, "nodes");
            assert_true(fabs(exp(at->exponential.slope) - 1.8) < 1e-9);
            assert_true(zg_growth_evidence(at) > 10.0);
        } else if (time) {
            assert_true(fabs(at->power.slope - 1.5) < 1e-9);
            assert_true(zg_growth_evidence(at) < -10.0);
        } else {
            assert_string_equal(at->effort, "iterations");
            assert_true(fabs(at->power.slope) < 1e-9);
        }
    }
    zg_growths_clear(&growths);
    close_log(&in);
}

/* What has no objective yet is near nothing: neither its own bound nor an optimum that is known. */
static void a_case_without_objective_reaches_nothing(void **state)
{
    (void)state;
    FILE *log = log_open(scratch_path("bounds.ndjson"), "X");
    log_line(log,
             "\"event\":\"case_started\",\"case\":\"a\",\"key\":\"1\",\"data\":{\"name\":\"d\"},"
             "\"model\":{\"beta\":1},\"method\":{\"name\":\"ipm\",\"method\":\"ipm\"}");
    log_line(log, "\"event\":\"progress\",\"case\":\"a\",\"key\":\"1\",\"seconds\":1,\"bound\":1.5,"
                  "\"objective\":null");
    log_line(log,
             "\"event\":\"case_finished\",\"case\":\"a\",\"key\":\"1\",\"verdict\":\"certified\","
             "\"objective\":2,\"bound\":2,\"gap\":0,\"seconds\":8");
    log_line(log,
             "\"event\":\"case_started\",\"case\":\"b\",\"key\":\"2\",\"data\":{\"name\":\"d\"},"
             "\"model\":{\"beta\":1},\"method\":{\"name\":\"adam\",\"method\":\"adam\"}");
    log_line(log, "\"event\":\"case_finished\",\"case\":\"b\",\"key\":\"2\",\"verdict\":"
                  "\"uncertified\",\"objective\":null,\"seconds\":1");
    fclose(log);
    opened in;
    open_log(&in, scratch_path("bounds.ndjson"));
    assert_true(zg_study_time_to_gap(&in.log.cases[0], 1e-6) == 8);
    assert_true(zg_study_time_to_bound(&in.log.cases[0], 2, 0.01) == 8);
    zg_text page = {0};
    zg_error error = {0};
    assert_int_equal(zg_report_html(&in.study, "", &page, &error), ZG_OK);
    assert_null(strstr(page.bytes, "id=\"distance\""));
    zg_text_clear(&page);
    close_log(&in);
}

/* Rows of time series say what they are about, and stand in a box that scrolls; pictures fit. */
static void series_have_names_and_fit_a_phone(void **state)
{
    (void)state;
    const char *path = scratch_path("series.ndjson");
    FILE *file = log_open(path, "X");
    log_line(file, "\"event\":\"case_started\",\"case\":\"c\",\"key\":\"c\",\"data\":{\"name\":"
                   "\"tanks\"},\"model\":{\"beta\":1},\"method\":{\"method\":\"ipm\"}");
    log_line(file, "\"event\":\"case_finished\",\"case\":\"c\",\"key\":\"c\",\"verdict\":"
                   "\"certified\",\"objective\":1,\"bound\":1,\"gap\":0,\"seconds\":1,\"test\":{"
                   "\"rmse\":0.1,\"free_run_rmse\":0.2,\"free_run_fit\":90},\"trace\":{"
                   "\"measured\":[1,2,3],\"simulated\":[1,2,2.5]}");
    fclose(file);
    opened in;
    zg_text page = {0};
    zg_error error = {0};
    open_log(&in, path);
    assert_int_equal(zg_report_html(&in.study, "", &page, &error), ZG_OK);
    const char *at = strstr(page.bytes, "<h2 id=\"series\">");
    assert_non_null(at);
    assert_non_null(strstr(at, "<div class=\"scroll"));
    const char *row = strstr(at, "<th scope=\"row\">");
    assert_non_null(row);
    assert_true(strncmp(row, "<th scope=\"row\">tanks", 21) == 0);
    assert_non_null(strstr(at, "<figure class=\"drawing\">"));
    assert_non_null(strstr(at, "viewBox=\"0 0 520"));
    zg_text_clear(&page);
    close_log(&in);
}

static int clear(void **state)
{
    (void)state;
    scratch_clear();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_is_golden),
        cmocka_unit_test(markdown_is_golden),
        cmocka_unit_test(junit_is_golden),
        cmocka_unit_test(tap_is_golden),
        cmocka_unit_test(annotations_are_golden),
        cmocka_unit_test(benchmark_json_is_golden),
        cmocka_unit_test(bencher_is_golden),
        cmocka_unit_test(custom_records_are_golden),
        cmocka_unit_test(openmetrics_is_golden),
        cmocka_unit_test(sarif_is_golden),
        cmocka_unit_test(html_is_golden),
        cmocka_unit_test(junit_is_valid),
        cmocka_unit_test(junit_counts_add_up),
        cmocka_unit_test(benchmark_json_comes_back),
        cmocka_unit_test(bencher_json_has_its_shape),
        cmocka_unit_test(csv_is_rectangular),
        cmocka_unit_test(html_is_closed_to_the_world),
        cmocka_unit_test(time_series_have_a_section),
        cmocka_unit_test(an_empty_log_is_reported),
        cmocka_unit_test(what_never_started_is_counted_over_all_logs),
        cmocka_unit_test(cases_that_never_started_are_told),
        cmocka_unit_test(failures_are_charged_and_counted),
        cmocka_unit_test(a_ranking_that_hangs_on_a_third_method_is_noticed),
        cmocka_unit_test(growth_finds_the_exponents_put_in),
        cmocka_unit_test(series_have_names_and_fit_a_phone),
        cmocka_unit_test(a_case_without_objective_reaches_nothing),
    };
    return cmocka_run_group_tests_name("outputs", tests, NULL, clear);
}
