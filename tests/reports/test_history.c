/* Histories: order of runs, series, steps, machines; a page and JSON. */
#include "reports/history.h"
#include "synthetic.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define RUNS 20

/* A run of day `day` with two cases: one 25 % slower from day 12 on, one steady but for a single
 * outlier on day 7; from day 16 on another machine. */
static void write_run(const char *folder, int day, noise *source)
{
    char path[200], members[512];
    /* Names do not sort like days: the start time must. */
    snprintf(path, sizeof path, "%s/run-%02d.ndjson", folder, (day * 7) % RUNS);
    FILE *log = fopen(path, "wb");
    assert_non_null(log);
    snprintf(
        members, sizeof members,
        "\"event\":\"run_started\",\"format\":\"zerogap-events/1\",\"started\":\"2024-03-%02dT00:"
        "00:00Z\",\"provenance\":{\"commit\":\"c%02d\",\"cpu\":\"%s\"}",
        day + 1, day, day < 16 ? "A" : "B");
    log_line(log, members);
    double slow[5], steady[5];
    for (size_t i = 0; i < 5; i++) {
        slow[i] = (day < 12 ? 1 : 1.25) * exp(0.02 * noise_normal(source));
        steady[i] = (day == 7 ? 3 : 0.5) * exp(0.02 * noise_normal(source));
    }
    log_case(log, "slow", "certified", 5, slow, "");
    log_case(log, "steady", "certified", 5, steady, "");
    if (day % 3 == 0) log_case(log, "failing", "timeout", 1, slow, "");
    fclose(log);
}

static const char *write_runs(void)
{
    const char *folder = scratch_path("history");
    noise source = {11};
    mkdir(folder, 0700);
    for (int day = 0; day < RUNS; day++)
        write_run(folder, day, &source);
    return folder;
}

static void steps_are_found_and_outliers_are_not(void **state)
{
    (void)state;
    zg_history history;
    zg_error error = {0};
    assert_int_equal(zg_history_read(write_runs(), &history, &error), ZG_OK);
    assert_int_equal(history.run_count, RUNS);
    for (size_t i = 1; i < RUNS; i++)
        assert_true(strcmp(history.runs[i - 1].started, history.runs[i].started) < 0);
    assert_int_equal(history.series_count, 2); /* what never ran has no times */
    const zg_history_series *slow = &history.series[0], *steady = &history.series[1];
    assert_string_equal(slow->name, "slow");
    assert_int_equal(slow->count, RUNS);
    assert_int_equal(slow->step_count, 1);
    assert_int_equal(slow->steps[0].point, 12);
    assert_true(fabs(slow->steps[0].after / slow->steps[0].before - 1.25) < 0.03);
    assert_int_equal(steady->step_count, 0);
    for (size_t i = 0; i < RUNS; i++)
        assert_int_equal(history.runs[i].other_machine, i == 16);
    zg_history_clear(&history);
}

static void page_and_json_tell_the_steps(void **state)
{
    (void)state;
    zg_history history;
    zg_error error = {0};
    zg_text page = {0}, again = {0}, json = {0};
    assert_int_equal(zg_history_read(write_runs(), &history, &error), ZG_OK);
    assert_int_equal(zg_history_html(&history, "", &page, &error), ZG_OK);
    assert_int_equal(zg_history_html(&history, "", &again, &error), ZG_OK);
    assert_string_equal(page.bytes, again.bytes);
    assert_non_null(strstr(page.bytes, "2024-03-13 c12"));
    assert_non_null(strstr(page.bytes, "badge slower"));
    assert_null(strstr(page.bytes, "http://"));
    assert_null(strstr(page.bytes, "https://"));
    zg_history_json(&history, &json);
    json_t *document = json_loads(json.bytes, 0, NULL);
    const json_t *series = json_object_get(document, "series");
    assert_int_equal(json_array_size(series), 2);
    const json_t *step = json_array_get(json_object_get(json_array_get(series, 0), "steps"), 0);
    assert_int_equal(zg_log_number(step, "run"), 12);
    json_decref(document);
    zg_text_clear(&page);
    zg_text_clear(&again);
    zg_text_clear(&json);
    zg_history_clear(&history);
}

static void folders_without_runs_are_told(void **state)
{
    (void)state;
    zg_history history;
    zg_error error = {0};
    zg_text page = {0};
    assert_int_equal(zg_history_read(scratch_path("nowhere"), &history, &error), ZG_IO);
    zg_history_clear(&history);
    mkdir(scratch_path("bare"), 0700);
    assert_int_equal(zg_history_read(scratch_path("bare"), &history, &error), ZG_OK);
    assert_int_equal(history.run_count, 0);
    assert_int_equal(zg_history_html(&history, "", &page, &error), ZG_OK);
    assert_non_null(strstr(page.bytes, "Nothing was measured"));
    zg_text_clear(&page);
    zg_history_clear(&history);
}

/* A log of part `index` of 2, with one case, on a day, on a machine; going on from another log or
 * not. */
static void write_part(const char *folder, const char *name, int day, int index, bool goes_on,
                       const char *cpu)
{
    char path[240], members[512], part[8];
    const double seconds[1] = {index};
    snprintf(path, sizeof path, "%s/%s.ndjson", folder, name);
    FILE *log = fopen(path, "wb");
    assert_non_null(log);
    snprintf(members, sizeof members,
             "\"event\":\"run_started\",\"format\":\"zerogap-events/1\",\"suite\":\"s\","
             "\"digest\":\"d\",\"started\":\"2024-03-%02dT00:00:0%dZ\",\"command\":[\"run\"%s],"
             "\"cases\":1,\"kept\":0,\"shard\":{\"index\":%d,\"count\":2,\"cases\":2,\"keys\":"
             "\"k\"},\"provenance\":{\"commit\":\"c\",\"cpu\":\"%s\"}",
             day, index, goes_on ? ",\"--resume-from\",\"x\"" : "", index, cpu);
    log_line(log, members);
    snprintf(part, sizeof part, "part%d", index);
    log_case(log, part, "certified", 1, seconds, "");
    fclose(log);
}

static void parts_are_one_run(void **state)
{
    (void)state;
    char inner[240];
    zg_history history;
    zg_error error = {0};
    const char *folder = scratch_path("parts");
    mkdir(folder, 0700);
    write_part(folder, "one", 1, 1, false, "A");
    write_part(folder, "two", 1, 2, false, "B");
    write_part(folder, "again", 2, 2, true, "B"); /* of the same run */
    write_part(folder, "next", 3, 1, false,
               "A"); /* the next one, of which the other part is lost */
    snprintf(inner, sizeof inner, "%s/night", folder);
    mkdir(inner, 0700);
    write_part(inner, "one", 4, 1, false, "A");
    write_part(inner, "two", 4, 2, false, "C");
    snprintf(inner, sizeof inner, "%s/night/whole.ndjson", folder);
    fclose(log_open(inner, "A")); /* no part: not of this folder */
    assert_int_equal(zg_history_read(folder, &history, &error), ZG_OK);
    assert_int_equal(history.run_count, 3);
    static const size_t logs[] = {3, 1, 2}, cases[] = {2, 1, 2}, lost[] = {0, 1, 0};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(history.runs[i].path_count, logs[i]);
        assert_int_equal(history.runs[i].side.count, cases[i]);
        assert_int_equal(history.runs[i].side.not_started, lost[i]);
    }
    assert_int_equal(history.series_count, 2);
    assert_int_equal(history.series[0].count, 3);
    assert_int_equal(history.series[1].count, 2);
    assert_false(history.series[0].moved[1] || history.series[0].moved[2]); /* always on A */
    assert_true(history.series[1].moved[1]);                                /* from B to C */
    zg_history_clear(&history);
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
        cmocka_unit_test(steps_are_found_and_outliers_are_not),
        cmocka_unit_test(page_and_json_tell_the_steps),
        cmocka_unit_test(folders_without_runs_are_told),
        cmocka_unit_test(parts_are_one_run),
    };
    return cmocka_run_group_tests_name("history", tests, NULL, clear);
}
