/* What a log says in words, against logs of which every figure is known. */
#include "reports/formats.h"
#include "synthetic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One case of suite s: its problem, method, seed, and what its result says. */
static void add_case(FILE *log, const char *suite, const char *problem, const char *method,
                     int seed, const char *result)
{
    char members[1024], name[128];
    snprintf(name, sizeof name, "%s/%s-%d", problem, method, seed);
    snprintf(
        members, sizeof members,
        "\"event\":\"case_started\",\"t\":0,\"suite\":\"%s\",\"case\":\"%s\",\"key\":\"%s-%s\","
        "\"data\":{\"name\":\"%s\"},\"model\":{\"beta\":1},\"method\":{\"method\":\"%s\","
        "\"seed\":%d}",
        suite, name, suite, name, problem, method, seed);
    log_line(log, members);
    snprintf(
        members, sizeof members,
        "\"event\":\"case_finished\",\"t\":1,\"suite\":\"%s\",\"case\":\"%s\",\"key\":\"%s-%s\",%s",
        suite, name, suite, name, result);
    log_line(log, members);
}

static char *answer_of(const char *path)
{
    zg_log log = {0};
    zg_study study;
    zg_error error = {0};
    zg_text text = {0};
    if (zg_log_read(&log, path, &error) != ZG_OK) fail_msg("%s", error.message);
    assert_int_equal(zg_study_create(&log, &study, &error), ZG_OK);
    zg_report_answer(&study, &text);
    assert_false(text.failed);
    zg_study_clear(&study);
    zg_log_clear(&log);
    char *copy = strdup(zg_text_bytes(&text));
    zg_text_clear(&text);
    return copy;
}

static void expect(FILE *log, const char *path, const char *words)
{
    fclose(log);
    char *answer = answer_of(path);
    if (strcmp(answer, words) != 0) fail_msg("it says\n%s instead of\n%s", answer, words);
    free(answer);
}

#define CERTIFIED(seconds)                                                                         \
    "\"verdict\":\"certified\",\"objective\":100,\"bound\":100,\"gap\":0,\"seconds\":" seconds
#define LOCAL(objective, seconds)                                                                  \
    "\"verdict\":\"uncertified\",\"objective\":" objective                                         \
    ",\"bound\":60,\"gap\":0.4,\"seconds\":" seconds

static void proofs_times_and_distances_are_those_of_the_rows(void **state)
{
    (void)state;
    const char *path = scratch_path("whole.ndjson");
    FILE *log = log_open(path, "c");
    add_case(log, "s", "a", "ipm", 0, CERTIFIED("0.010"));
    add_case(log, "s", "b", "ipm", 0, CERTIFIED("0.020"));
    add_case(log, "s", "c", "ipm", 0,
             "\"verdict\":\"proven\",\"objective\":100,\"bound\":100,\"gap\":0,\"seconds\":0.030");
    add_case(log, "s", "a", "adam", 0, LOCAL("125", "0.4"));
    add_case(log, "s", "a", "adam", 1, LOCAL("104", "0.3")); /* 4/104: the best of two */
    add_case(log, "s", "b", "adam", 0, LOCAL("200", "0.2")); /* 100/200 */
    expect(log, path,
           "ipm certified 3 of 3 cases, 1 of them proven exactly, median 20 ms. "
           "adam\xe2\x80\x99s best of up to 2 runs ended 3.8 % to 50 % above the certified optimum "
           "of 2 problems, in 20 times the time of the fastest certificate (median). "
           "Nothing failed.\n");
}

/* Methods on the same problems share a sentence; others begin one of their own, also where their
 * problems are as many. */
static void what_was_said_once_is_not_said_again(void **state)
{
    (void)state;
    const char *path = scratch_path("again.ndjson");
    FILE *log = log_open(path, "c");
    add_case(log, "s", "a", "ipm", 0, CERTIFIED("0.010"));
    add_case(log, "s", "b", "ipm", 0, CERTIFIED("0.010"));
    for (int i = 0; i < 3; i++) {
        static const char *const problems[] = {"a", "b", "c"};
        add_case(log, "s", problems[i], "adam", 0, LOCAL("125", "0.4"));
        add_case(log, "s", problems[i], "sgd", 0, LOCAL("200", "0.1"));
    }
    add_case(log, "s", "a", "ridge", 0, LOCAL("200", "0.01"));
    add_case(log, "s", "b", "linear", 0, LOCAL("200", "0.01"));
    expect(
        log, path,
        "ipm certified 2 of 2 cases, median 10 ms. adam ended 20 % above the certified optimum "
        "of 2 problems, in 40 times the time of the fastest certificate (median); sgd 50 %, in "
        "10 times it; no method certified the optimum of 1 other problem. ridge ended 50 % above "
        "the certified optimum of 1 problem, in 1 times the time of the fastest certificate. "
        "linear ended 50 % above the certified optimum of 1 problem, in 1 times the time of the "
        "fastest certificate. Nothing failed.\n");
}

/* Solvers that adapters run are told apart. */
static void solvers_have_their_own_names(void **state)
{
    (void)state;
    const char *path = scratch_path("solvers.ndjson");
    FILE *log = log_open(path, "c");
    for (int i = 0; i < 2; i++) {
        char members[256];
        snprintf(members, sizeof members,
                 "\"event\":\"case_started\",\"case\":\"%d\",\"key\":\"%d\",\"data\":{\"name\":"
                 "\"a\"},\"method\":{\"name\":\"%s\",\"method\":\"external\"}",
                 i, i, i ? "slow" : "fast");
        log_line(log, members);
        snprintf(members, sizeof members,
                 "\"event\":\"case_finished\",\"case\":\"%d\",\"key\":\"%d\"," CERTIFIED("0.5"), i,
                 i);
        log_line(log, members);
    }
    expect(log, path,
           "fast certified 1 of 1 case, median 500 ms. slow certified 1 of 1 case, median 500 ms. "
           "Nothing failed.\n");
}

static void its_own_wide_gap_is_not_the_distance(void **state)
{
    (void)state;
    const char *path = scratch_path("own.ndjson");
    FILE *log = log_open(path, "c");
    add_case(log, "s", "a", "ipm", 0, CERTIFIED("0.010"));
    add_case(log, "s", "a", "adam", 0, LOCAL("100.0000001", "0.01"));
    expect(log, path,
           "ipm certified 1 of 1 case, median 10 ms. adam ended less than 0.001 % above the "
           "certified optimum of 1 problem, in 1 times the time of the fastest certificate. "
           "Nothing failed.\n");
}

static void what_no_method_certified_is_no_optimum(void **state)
{
    (void)state;
    const char *path = scratch_path("unknown.ndjson");
    FILE *log = log_open(path, "c");
    add_case(log, "s", "a", "adam", 0, LOCAL("100", "0.01"));
    expect(log, path,
           "adam ended without a proof, and no method certified the optimum of 1 problem. Nothing "
           "failed.\n");
}

static void a_wrong_bound_is_no_optimum(void **state)
{
    (void)state;
    const char *path = scratch_path("wrong.ndjson");
    FILE *log = log_open(path, "c");
    add_case(log, "s", "a", "ipm", 0,
             "\"verdict\":\"wrong\",\"objective\":100,\"bound\":100,\"gap\":0,\"seconds\":1");
    add_case(log, "s", "a", "adam", 0, LOCAL("100", "0.01"));
    expect(log, path,
           "1 wrong. adam ended without a proof, and no method certified the optimum of 1 "
           "problem.\n");
}

static void failures_come_first_and_skips_are_no_success(void **state)
{
    (void)state;
    const char *path = scratch_path("failed.ndjson");
    FILE *log = log_open(path, "c");
    add_case(log, "s", "a", "ipm", 0, CERTIFIED("0.010"));
    add_case(log, "s", "b", "ipm", 0, "\"verdict\":\"failed\",\"seconds\":1");
    add_case(log, "s", "c", "ipm", 0, "\"verdict\":\"timeout\",\"seconds\":60");
    add_case(log, "s", "d", "ipm", 0, "\"verdict\":\"skipped\"");
    expect(log, path,
           "1 failed, 1 timeout. ipm certified 1 of 3 cases, median 10 ms. 1 skipped.\n");
    log = log_open(path, "c");
    add_case(log, "s", "d", "ipm", 0, "\"verdict\":\"skipped\"");
    expect(log, path, "No method ended with a result. 1 skipped.\n");
}

static void a_log_that_lacks_cases_does_not_say_that_nothing_failed(void **state)
{
    (void)state;
    const char *path = scratch_path("cut.ndjson");
    FILE *log = fopen(path, "wb");
    assert_non_null(log);
    log_line(log, "\"event\":\"run_started\",\"t\":0,\"format\":\"zerogap-events/1\",\"suite\":"
                  "\"s\",\"cases\":3,\"kept\":0");
    add_case(log, "s", "a", "ipm", 0, CERTIFIED("0.010"));
    expect(log, path,
           "ipm certified 1 of 1 case, median 10 ms.\n2 cases never started: the log ends before "
           "the run does.\n");
}

static void times_beside_other_cases_are_not_told(void **state)
{
    (void)state;
    const char *path = scratch_path("shared.ndjson");
    FILE *log = log_open(path, "c");
    add_case(log, "s", "a", "ipm", 0, CERTIFIED("0.010") ",\"timing\":\"shared\"");
    add_case(log, "s", "a", "adam", 0, LOCAL("104", "0.3"));
    expect(log, path,
           "ipm certified 1 of 1 case. adam ended 3.8 % above the certified optimum of 1 problem. "
           "Nothing failed.\n");
}

static void every_suite_has_its_line_and_many_suites_their_folder(void **state)
{
    (void)state;
    const char *path = scratch_path("suites.ndjson");
    FILE *log = log_open(path, "c");
    add_case(log, "one", "a", "ipm", 0, CERTIFIED("0.010"));
    add_case(log, "", "a", "ipm", 0, "\"verdict\":\"failed\",\"seconds\":1");
    add_case(log, "onerous", "b", "ipm", 0, CERTIFIED("0.010"));
    fclose(log);
    char *answer = answer_of(path);
    assert_non_null(strstr(answer, "one: ipm certified 1 of 1 case"));
    assert_non_null(strstr(answer, "onerous: ipm certified 1 of 1 case"));
    assert_non_null(strstr(answer, "1 failed")); /* nobody's failure is told, too */
    free(answer);

    log = log_open(path, "c");
    for (int i = 0; i < 30; i++) {
        char suite[32];
        snprintf(suite, sizeof suite, "%s/%d", i % 2 ? "odd" : "even", i);
        add_case(log, suite, "a", "ipm", 0, CERTIFIED("0.010"));
    }
    expect(log, path,
           "even: ipm certified 15 of 15 cases, median 10 ms. Nothing failed.\n"
           "odd: ipm certified 15 of 15 cases, median 10 ms. Nothing failed.\n");
}

static int remove_scratch(void **state)
{
    (void)state;
    scratch_clear();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proofs_times_and_distances_are_those_of_the_rows),
        cmocka_unit_test(what_was_said_once_is_not_said_again),
        cmocka_unit_test(solvers_have_their_own_names),
        cmocka_unit_test(its_own_wide_gap_is_not_the_distance),
        cmocka_unit_test(what_no_method_certified_is_no_optimum),
        cmocka_unit_test(a_wrong_bound_is_no_optimum),
        cmocka_unit_test(failures_come_first_and_skips_are_no_success),
        cmocka_unit_test(a_log_that_lacks_cases_does_not_say_that_nothing_failed),
        cmocka_unit_test(times_beside_other_cases_are_not_told),
        cmocka_unit_test(every_suite_has_its_line_and_many_suites_their_folder),
    };
    return cmocka_run_group_tests_name("reports: the answer in words", tests, NULL, remove_scratch);
}
