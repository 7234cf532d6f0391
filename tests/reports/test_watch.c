/* Watching a run: from events alone, at any moment, to a drawing that does not change by itself. */
#include "reports/watch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void feed(zg_watch *watch, const char *text)
{
    json_error_t error;
    json_t *event = json_loads(text, 0, &error);
    assert_non_null(event);
    zg_watch_visit(watch, event);
    json_decref(event);
}

static char *draw(const zg_watch *watch, size_t lines, bool ascii)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    zg_watch_draw(out, watch, NULL, 60, lines, ascii);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void feed_run(zg_watch *watch)
{
    feed(watch, "{\"event\":\"run_started\",\"t\":0,\"suite\":\"s\",\"cases\":3}");
    feed(watch, "{\"event\":\"case_started\",\"t\":0.1,\"case\":\"a\",\"suite\":\"s\"}");
    for (int i = 1; i <= 8; i++) {
        char text[256];
        snprintf(
            text, sizeof text,
            "{\"event\":\"progress\",\"t\":%d,\"case\":\"a\",\"seconds\":%d,\"objective\":%.17g,"
            "\"bound\":2,\"iteration\":%d}",
            i, i, 2 + 2 * pow(10, -i), i);
        feed(watch, text);
    }
}

static void test_a_running_case(void **state)
{
    (void)state;
    zg_watch watch = {.planned = NAN};
    char *text = draw(&watch, 40, true);
    assert_non_null(strstr(text, "no run yet: 0 cases"));
    free(text);
    feed_run(&watch);
    text = draw(&watch, 40, true);
    assert_string_equal(text,
                        "s: 0 of 3 cases, 8.0 s\n"
                        "verdict            objective       gap       time      accuracy  case\n"
                        "running           2.00000002   1.0e-08     8.00 s                a\n"
                        "\n"
                        "certified gap of a\n"
                        " 1e-01 |***\n"
                        "       |   ******\n"
                        "       |        ******\n"
                        "       |              ******\n"
                        "       |                   ******\n"
                        "       |                         ******\n"
                        "       |                              ******\n"
                        "       |                                   ******\n"
                        "       |                                         ******\n"
                        " 1e-08 |                                              ****\n"
                        "       +--------------------------------------------------\n"
                        "        1                                              8 s\n");
    free(text);
    zg_watch_clear(&watch);
}

static void test_the_end(void **state)
{
    (void)state;
    zg_watch watch = {.planned = NAN};
    feed_run(&watch);
    feed(&watch,
         "{\"event\":\"case_finished\",\"t\":9,\"case\":\"a\",\"suite\":\"s\",\"verdict\":"
         "\"certified\",\"objective\":2,\"bound\":2,\"gap\":0,\"seconds\":8.5,"
         "\"train\":{\"loss\":1,\"accuracy\":0.5},\"test\":{\"loss\":1,\"accuracy\":0.75}}");
    feed(&watch, "{\"event\":\"run_finished\",\"t\":10,\"exit_status\":5}");
    char *text = draw(&watch, 40, false);
    assert_non_null(strstr(text, "s: 1 of 3 cases, 10.0 s, finished with exit status 5\n"));
    assert_non_null(
        strstr(text, "certified                  2   0.0e+00     8.50 s       75.00 %  a"));
    assert_non_null(strstr(text, "\xe2\xa0"));
    free(text);
    zg_watch_clear(&watch);
}

/* A killed and resumed run: what ran then runs no longer; the later row counts. */
static void test_a_resumed_run(void **state)
{
    (void)state;
    zg_watch watch = {.planned = NAN};
    feed_run(&watch);
    feed(&watch,
         "{\"event\":\"run_started\",\"t\":9,\"suite\":\"s\",\"cases\":3,\"resumed\":true}");
    char *text = draw(&watch, 40, true);
    assert_null(strstr(text, "running"));
    free(text);
    feed(&watch, "{\"event\":\"case_started\",\"t\":9,\"case\":\"a\",\"suite\":\"s\"}");
    text = draw(&watch, 40, true);
    assert_non_null(strstr(text, "running"));
    assert_null(strstr(text, "certified gap"));
    free(text);
    zg_watch_clear(&watch);
}

/* Thousands of points and cases stay within the lines asked for. */
static void test_large_runs_fit(void **state)
{
    (void)state;
    zg_watch watch = {.planned = NAN};
    for (int i = 0; i < 300; i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "{\"event\":\"case_finished\",\"t\":9,\"case\":\"c%d\",\"verdict\":\"failed\"}",
                 i);
        feed(&watch, text);
    }
    feed(&watch, "{\"event\":\"case_started\",\"t\":9,\"case\":\"long\"}");
    for (int i = 0; i < 20000; i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "{\"event\":\"progress\",\"case\":\"long\",\"seconds\":%d,\"objective\":%g,"
                 "\"bound\":0,\"epoch\":%d}",
                 i, 1.0 / (1 + i), i);
        feed(&watch, text);
    }
    assert_true(watch.cases[300].point_count <= 4096);
    assert_true(watch.cases[300].points[0].x < 20);
    char *text = draw(&watch, 30, true);
    size_t lines = 0;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    assert_in_range(lines, 20, 30);
    assert_non_null(strstr(text, "c299"));
    assert_null(strstr(text, "c200\n"));
    free(text);
    zg_watch_clear(&watch);
}

/* A part's journal: it began at the minute, has one case of that name, which ended unless verdict
 * is NULL, and is finished with that status, unless it is negative. */
static void feed_part(zg_watch *watch, int index, int minute, const char *name, const char *verdict,
                      int exit_status)
{
    char text[512];
    *watch = (zg_watch){.planned = NAN};
    snprintf(text, sizeof text,
             "{\"event\":\"run_started\",\"t\":0,\"suite\":\"s\",\"cases\":1,\"digest\":\"d\","
             "\"started\":\"2026-01-01T00:%02d:00Z\",\"shard\":{\"index\":%d,\"count\":2,"
             "\"cases\":2,\"keys\":\"k\"}}",
             minute, index);
    feed(watch, text);
    snprintf(text, sizeof text,
             "{\"event\":\"case_started\",\"t\":1,\"case\":\"%s\",\"suite\":\"s\"}", name);
    feed(watch, text);
    snprintf(text, sizeof text,
             "{\"event\":\"case_finished\",\"t\":2,\"case\":\"%s\",\"suite\":\"s\",\"key\":"
             "\"%s\",\"verdict\":\"%s\",\"objective\":1,\"bound\":1}",
             name, name, verdict ? verdict : "");
    if (verdict) feed(watch, text);
    snprintf(text, sizeof text, "{\"event\":\"run_finished\",\"t\":3,\"exit_status\":%d}",
             exit_status);
    if (exit_status >= 0) feed(watch, text);
}

/* The first line of the joined journals. */
static void check_head(const zg_watch *watches, size_t count, const char *head, bool over)
{
    zg_watch joined;
    zg_error error = {0};
    assert_int_equal(zg_watch_join(watches, count, &joined, &error), ZG_OK);
    char *text = draw(&joined, 40, true);
    text[strcspn(text, "\n")] = '\0';
    assert_string_equal(text, head);
    assert_int_equal(joined.over, over);
    free(text);
    zg_watch_disjoin(&joined);
}

static void parts_are_finished_when_all_are_there(void **state)
{
    (void)state;
    zg_watch w[3];
    feed_part(&w[0], 1, 0, "a", "certified", 0);
    check_head(w, 1, "s, without part 2: 1 of 2 cases, 3.0 s", true);
    feed_part(&w[1], 2, 0, "b", NULL, -1);
    check_head(w, 2, "s: 1 of 2 cases, 3.0 s", false);
    zg_watch_clear(&w[1]);
    feed_part(&w[1], 2, 0, "b", NULL, 143); /* interrupted: over, but no end */
    check_head(w, 2, "s: 1 of 2 cases, 3.0 s", true);
    feed_part(&w[2], 2, 1, "b", "failed", 5); /* the same part, again */
    check_head(w, 3, "s: 2 of 2 cases, 3.0 s, finished with exit status 5", true);
    for (size_t i = 0; i < 3; i++)
        zg_watch_clear(&w[i]);
}

/* The verdict of the one case of two attempts at a part, in both orders of the journals. */
static void check_row(const char *first, const char *second, zg_verdict shown, bool running)
{
    for (size_t turned = 0; turned < 2; turned++) {
        zg_watch w[2], joined;
        zg_error error = {0};
        feed_part(&w[turned], 1, 0, "a", first, -1);
        feed_part(&w[1 - turned], 1, 1, "a", second, -1);
        assert_int_equal(zg_watch_join(w, 2, &joined, &error), ZG_OK);
        assert_int_equal(joined.count, 1);
        assert_int_equal(joined.cases[0].running, running);
        if (!running) assert_int_equal(joined.cases[0].row.verdict, shown);
        zg_watch_disjoin(&joined);
        zg_watch_clear(&w[0]);
        zg_watch_clear(&w[1]);
    }
}

static void a_case_of_two_journals_is_shown_as_reports_count_it(void **state)
{
    (void)state;
    check_row("certified", "failed", ZG_CERTIFIED, false);
    check_row("wrong", "certified", ZG_WRONG, false);
    check_row("failed", "timeout", ZG_CASE_TIMEOUT, false);
    check_row("certified", NULL, ZG_CERTIFIED, true);  /* it runs again */
    check_row(NULL, "certified", ZG_CERTIFIED, false); /* the first attempt is over */
}

static void parts_of_other_cases_are_refused(void **state)
{
    (void)state;
    zg_watch w[2], joined;
    zg_error error = {0};
    feed_part(&w[0], 1, 0, "a", "certified", 0);
    w[1] = (zg_watch){.planned = NAN};
    feed(&w[1], "{\"event\":\"run_started\",\"t\":0,\"suite\":\"s\",\"digest\":\"other\",\"shard\":"
                "{\"index\":2,\"count\":2,\"cases\":2,\"keys\":\"k\"}}");
    assert_int_equal(zg_watch_join(w, 2, &joined, &error), ZG_BAD_INPUT);
    assert_non_null(strstr(error.message, "the suite's file differs"));
    zg_watch_clear(&w[0]);
    zg_watch_clear(&w[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_running_case),
        cmocka_unit_test(test_the_end),
        cmocka_unit_test(test_a_resumed_run),
        cmocka_unit_test(test_large_runs_fit),
        cmocka_unit_test(parts_are_finished_when_all_are_there),
        cmocka_unit_test(a_case_of_two_journals_is_shown_as_reports_count_it),
        cmocka_unit_test(parts_of_other_cases_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
