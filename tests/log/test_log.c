/* The log reader: checksums, torn and damaged lines, resumed runs, foreign writers, bad input. */
#include "log/log.h"
#include "tests/reports/synthetic.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static zg_log read_log(const char *path)
{
    zg_log log = {0};
    zg_error error = {0};
    if (zg_log_read(&log, path, &error) != ZG_OK) fail_msg("%s", error.message);
    return log;
}

static const char *write_text(const char *name, const char *text, size_t length)
{
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    fclose(file);
    return path;
}

static char *read_text(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = malloc(1 << 20);
    assert_non_null(text);
    *length = fread(text, 1, 1 << 20, file);
    fclose(file);
    return text;
}

#define CASE_A "\"event\":\"case_started\",\"case\":\"a\",\"key\":\"k1\""
#define FINISH_A "\"event\":\"case_finished\",\"case\":\"a\",\"key\":\"k1\",\"verdict\":"

static const char *small_log(const char *name)
{
    const char *path = scratch_path(name);
    FILE *log = log_open(path, "X");
    log_line(log, CASE_A);
    log_line(log,
             "\"event\":\"progress\",\"case\":\"a\",\"seconds\":1,\"objective\":5,\"bound\":1");
    log_line(log,
             "\"event\":\"progress\",\"case\":\"a\",\"seconds\":2,\"objective\":4,\"bound\":3");
    log_line(log, FINISH_A "\"uncertified\",\"objective\":4,\"bound\":3,\"seconds\":2,"
                           "\"test\":{\"accuracy\":0.5},\"iterations\":2");
    fclose(log);
    return path;
}

static void a_case_is_read(void **state)
{
    (void)state;
    zg_log log = read_log(small_log("case.ndjson"));
    assert_int_equal(log.case_count, 1);
    assert_int_equal(log.run_count, 1);
    const zg_log_case *row = &log.cases[0];
    assert_string_equal(row->name, "a");
    assert_string_equal(row->key, "k1");
    assert_int_equal(row->result.verdict, ZG_UNCERTIFIED);
    assert_true(row->result.gap == 0.25); /* (4 - 3) / 4, computed where the log leaves it out */
    assert_int_equal(row->progress.count, 2);
    assert_true(row->progress.at[1].bound == 3);
    assert_string_equal(row->score, "accuracy");
    assert_true(row->test_score == 0.5 && isnan(row->train_score));
    assert_int_equal(row->result.sample_count, 1);
    assert_true(row->result.samples[0] == 2);
    assert_true(isnan(row->result.pivots));
    assert_int_equal(log.damage_count + log.torn, 0);
    zg_log_clear(&log);
}

/* Whatever the byte at which the log ends: no error, no damage, at most one torn line, and the
 * case is finished exactly when its last line is whole. */
static void a_log_cut_anywhere_is_read(void **state)
{
    (void)state;
    size_t length;
    char *text = read_text(small_log("whole.ndjson"), &length);
    for (size_t cut = 0; cut <= length; cut++) {
        zg_log log = read_log(write_text("cut.ndjson", text, cut));
        assert_int_equal(log.damage_count, 0);
        assert_true(log.torn <= 1);
        bool finished = log.case_count == 1 && log.cases[0].finished;
        assert_int_equal(finished, cut + 1 >= length);
        zg_log_clear(&log);
    }
    free(text);
}

/* Any single changed byte inside a line is noticed. */
static void a_flipped_bit_is_noticed(void **state)
{
    (void)state;
    size_t length, noticed = 0, tried = 0;
    char *text = read_text(small_log("flip.ndjson"), &length);
    for (size_t at = 0; at + 1 < length; at++) {
        if (text[at] == '\n' || (text[at] ^ 1) == '\n') continue;
        text[at] ^= 1;
        zg_log log = {0};
        zg_error error;
        zg_status status = zg_log_read(&log, write_text("flipped.ndjson", text, length), &error);
        noticed += status == ZG_OK && log.damage_count == 1 && log.damage[0].line >= 1;
        tried++;
        zg_log_clear(&log);
        text[at] ^= 1;
    }
    /* Inside the first line's checksum member itself the line looks like one without. */
    assert_true(tried > 500);
    assert_true(noticed >= tried - 12);
    free(text);
}

static void a_lost_checksum_is_noticed(void **state)
{
    (void)state;
    const char *path = scratch_path("lost.ndjson");
    FILE *log_file = log_open(path, "X");
    fprintf(log_file, "{%s}\n", CASE_A);
    log_line(log_file, FINISH_A "\"certified\"");
    fclose(log_file);
    zg_log log = read_log(path);
    assert_int_equal(log.damage_count, 1);
    assert_int_equal(log.damage[0].line, 2);
    assert_non_null(strstr(log.damage[0].reason, "no checksum"));
    assert_int_equal(log.cases[0].result.verdict, ZG_CERTIFIED);
    zg_log_clear(&log);
}

static void foreign_logs_without_checksums_are_read(void **state)
{
    (void)state;
    static const char text[] =
        "{\"event\":\"run_started\",\"format\":\"zerogap-events/1\"}\r\n\n"
        "{\"event\":\"something_new\",\"x\":1}\n"
        "{\"event\":\"progress\",\"case\":\"f\",\"seconds\":0.5,\"objective\":2}\n"
        "{\"event\":\"case_finished\",\"case\":\"f\",\"verdict\":\"certified\",\"objective\":2}\n"
        "{\"event\":\"case_finished\",\"case\":\"g\",\"verdict\":\"unheard-of\"}\n";
    zg_log log = read_log(write_text("foreign.ndjson", text, sizeof text - 1));
    assert_int_equal(log.damage_count, 0);
    assert_int_equal(log.case_count, 2);
    assert_int_equal(log.cases[0].progress.count, 1); /* no time, no point */
    assert_int_equal(log.cases[1].result.verdict,
                     ZG_CASE_FAILED); /* no unknown word is a success */
    zg_log_clear(&log);
}

static void the_last_finish_of_a_key_counts(void **state)
{
    (void)state;
    const char *path = scratch_path("resumed.ndjson");
    FILE *file = log_open(path, "X");
    log_line(file, CASE_A);
    log_line(file, "\"event\":\"progress\",\"case\":\"a\",\"seconds\":1,\"objective\":9");
    log_line(file, FINISH_A "\"timeout\",\"seconds\":60");
    log_line(file, "\"event\":\"run_started\",\"format\":\"zerogap-events/1\"");
    log_line(file, CASE_A); /* an attempt that was killed */
    log_line(file, "\"event\":\"progress\",\"case\":\"a\",\"seconds\":9,\"objective\":1");
    log_line(file, "\"event\":\"run_started\",\"format\":\"zerogap-events/1\"");
    log_line(file, CASE_A);
    log_line(file, "\"event\":\"progress\",\"case\":\"a\",\"seconds\":1,\"objective\":8");
    log_line(file, "\"event\":\"progress\",\"case\":\"a\",\"seconds\":2,\"objective\":7");
    log_line(file, FINISH_A "\"certified\",\"seconds\":3,\"objective\":6.5,\"bound\":6.5");
    log_line(file, CASE_A); /* another that was killed */
    log_line(file, "\"event\":\"progress\",\"case\":\"a\",\"seconds\":1,\"objective\":6");
    log_line(file, "\"event\":\"case_started\",\"case\":\"b\",\"key\":\"k2\"");
    log_line(file,
             "\"event\":\"progress\",\"case\":\"b\",\"seconds\":1,\"objective\":3,\"bound\":1");
    fclose(file);
    zg_log log = read_log(path);
    assert_int_equal(log.run_count, 3);
    assert_int_equal(log.case_count, 2);
    assert_int_equal(log.cases[0].result.verdict, ZG_CERTIFIED);
    assert_int_equal(log.cases[0].finishes, 2);
    assert_int_equal(log.cases[0].progress.count, 3);
    assert_true(log.cases[0].progress.at[1].objective == 7);
    assert_true(log.cases[0].progress.at[2].objective == 6.5); /* the result itself */
    assert_true(log.cases[0].progress.at[2].seconds == 3);
    assert_int_equal(log.cases[1].result.verdict, ZG_UNFINISHED);
    assert_true(log.cases[1].result.objective == 3);
    zg_log_clear(&log);
}

/* A log of one case that began within the second given, at a moment that it states or does not. */
static const char *log_begun(const char *name, double fraction, const char *verdict)
{
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "w");
    char started[200] = "\"event\":\"run_started\",\"format\":\"zerogap-events/1\",\"t\":0,"
                        "\"suite\":\"s\",\"started\":\"2026-01-31T23:59:59Z\"";
    assert_non_null(file);
    size_t used = strlen(started);
    if (isnan(fraction))
        used -= strlen(":59Z\""), snprintf(started + used, sizeof started - used, "\"");
    else if (fraction >= 0)
        snprintf(started + used, sizeof started - used, ",\"epoch\":%.6f", 1769903999 + fraction);
    log_line(file, started);
    log_line(file, CASE_A);
    char finish[300];
    snprintf(finish, sizeof finish,
             FINISH_A "\"%s\",\"t\":%g,\"seconds\":1,\"objective\":5,"
                      "\"bound\":5",
             verdict, fraction == 0.5 ? 0.1 : 0.2);
    log_line(file, finish);
    fclose(file);
    return path;
}

static zg_verdict verdict_of(const char *first, const char *second)
{
    zg_log log = {0};
    zg_error error = {0};
    assert_int_equal(zg_log_read(&log, first, &error), ZG_OK);
    assert_int_equal(zg_log_read(&log, second, &error), ZG_OK);
    assert_int_equal(log.case_count, 1);
    zg_verdict verdict = log.cases[0].result.verdict;
    zg_log_clear(&log);
    return verdict;
}

/* Two runs of one second: where they state moments the later counts, else nobody knows which it is,
 * and the worse does. */
static void of_two_logs_the_later_counts_and_of_one_moment_the_worse(void **state)
{
    (void)state;
    const char *good = log_begun("good.ndjson", -1, "certified"),
               *bad = log_begun("bad.ndjson", -1, "wrong");
    assert_int_equal(verdict_of(good, bad), ZG_WRONG);
    assert_int_equal(verdict_of(bad, good), ZG_WRONG);
    const char *early = log_begun("early.ndjson", 0.25, "wrong"),
               *late = log_begun("late.ndjson", 0.5, "certified");
    assert_int_equal(verdict_of(early, late), ZG_CERTIFIED);
    assert_int_equal(verdict_of(late, early), ZG_CERTIFIED);
    late = log_begun("late.ndjson", 0.5, "wrong");
    early = log_begun("early.ndjson", 0.25, "certified");
    assert_int_equal(verdict_of(early, late), ZG_WRONG);
    assert_int_equal(verdict_of(late, early), ZG_WRONG);
    early = log_begun("early.ndjson", 0.25, "certified");
    assert_int_equal(verdict_of(early, bad), ZG_WRONG); /* one of them states whole seconds */
    assert_int_equal(verdict_of(bad, early), ZG_WRONG);
    /* Nobody knows when a run began that does not say so. */
    const char *silent = log_begun("silent.ndjson", NAN, "wrong");
    assert_int_equal(verdict_of(silent, good), ZG_WRONG);
    assert_int_equal(verdict_of(good, silent), ZG_WRONG);
    /* A moment that is not in the second stated is of another start. */
    early = log_begun("early.ndjson", 7.25, "certified");
    assert_int_equal(verdict_of(early, bad), ZG_WRONG);
}

static void bad_files_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"<!doctype html>\n",
         ":1:1: expected a run log (one JSON event a line), but it is not JSON"},
        {"[1, 2]\n", "but it is not an event"},
        {"{\"event\":\"progress\",\"seconds\":1}\n", "the event names no case"},
        {"{\"event\":\"run_started\",\"format\":\"zerogap-events/9\"}\n",
         ":1:1: expected a run of format \"zerogap-events/1\", found \"zerogap-events/9\""},
        {"{\"event\":\"run_started\"}\n", "found \"none\""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        zg_log log = {0};
        zg_error error = {0};
        const char *path = write_text("bad.ndjson", bad[i].text, strlen(bad[i].text));
        assert_int_equal(zg_log_read(&log, path, &error), ZG_BAD_INPUT);
        if (!strstr(error.message, bad[i].message)) fail_msg("%s", error.message);
        zg_log_clear(&log);
    }
    zg_log log = {0};
    zg_error error = {0};
    assert_int_equal(zg_log_read(&log, scratch_path("absent.ndjson"), &error), ZG_IO);
    assert_non_null(strstr(error.message, "cannot open"));
    zg_log_clear(&log);
    log = read_log(write_text("empty.ndjson", "", 0));
    assert_int_equal(log.case_count, 0);
    zg_log_clear(&log);
}

/* Random bytes thrown into a log never crash the reader nor change the undamaged lines. */
static void random_damage_is_survived(void **state)
{
    (void)state;
    const char *multiplier = getenv("ZEROGAP_TEST_MULTIPLIER");
    int rounds = 300 * (multiplier ? atoi(multiplier) : 1);
    size_t length;
    char *text = read_text(small_log("fuzz.ndjson"), &length);
    char *copy = malloc(length);
    assert_non_null(copy);
    noise source = {17};
    for (int i = 0; i < rounds; i++) {
        memcpy(copy, text, length);
        for (int j = 0; j < 5; j++)
            copy[(size_t)(noise_uniform(&source) * (double)length)] =
                (char)(noise_uniform(&source) * 256);
        zg_log log = {0};
        zg_error error;
        zg_status status = zg_log_read(&log, write_text("fuzzed.ndjson", copy, length), &error);
        assert_true(status == ZG_OK || status == ZG_BAD_INPUT);
        zg_log_clear(&log);
    }
    free(copy);
    free(text);
}

static int clear(void **state)
{
    (void)state;
    scratch_clear();
    return 0;
}

/* Lines have the same limit for everybody, to the byte. */
static void the_longest_line_has_16_mib(void **state)
{
    (void)state;
    static const char head[] = "{\"event\":\"case_started\",\"case\":\"a\"}";
    const size_t limit = (size_t)16 << 20;
    char *text = malloc(limit + 2);
    assert_non_null(text);
    for (size_t more = 0; more < 2; more++)
        for (size_t ended = 0; ended < 2; ended++) {
            memset(text, ' ', limit + 2);
            memcpy(text, head, sizeof head - 1);
            text[limit + more] = '\n';
            const char *path = write_text("long.ndjson", text, limit + more + ended);
            zg_log log = {0};
            zg_error error = {0};
            zg_status status = zg_log_read(&log, path, &error);
            assert_int_equal(status, more ? ZG_BAD_INPUT : ZG_OK);
            assert_int_equal(log.case_count, more ? 0 : 1);
            if (more)
                assert_non_null(strstr(error.message, ":1:1: the line is longer than 16 MiB"));
            zg_log_clear(&log);
        }
    free(text);
}

/* Two verdicts in one event are none. */
static void a_doubled_member_is_damage(void **state)
{
    (void)state;
    const char *path = scratch_path("doubled.ndjson");
    FILE *file = log_open(path, "X");
    log_line(file, CASE_A);
    log_line(file, FINISH_A "\"wrong\",\"verdict\":\"certified\"");
    fclose(file);
    zg_log log = read_log(path);
    assert_int_equal(log.damage_count, 1);
    assert_string_equal(log.damage[0].reason, "it has two members of one name");
    assert_int_equal(log.cases[0].result.verdict, ZG_UNFINISHED);
    zg_log_clear(&log);
}

/* A log may come from anybody: what a row claims, its own numbers must not contradict. */
static void a_verdict_that_its_numbers_contradict_does_not_stand(void **state)
{
    (void)state;
    static const struct {
        const char *numbers;
        zg_verdict verdict;
    } rows[] = {
        {"\"objective\":3,\"bound\":2.9999999,\"gap\":3.3e-8", ZG_CERTIFIED},
        {"\"objective\":3,\"bound\":3.0000000001,\"gap\":0", ZG_CERTIFIED}, /* rounding */
        {"\"objective\":3,\"bound\":100,\"gap\":3e-8", ZG_WRONG},
        {"\"objective\":3,\"bound\":3.1", ZG_WRONG},
        {"\"objective\":9,\"bound\":3,\"gap\":3e-8", ZG_CASE_FAILED},
        {"\"objective\":3,\"bound\":2.9999999,\"gap\":0.5", ZG_CASE_FAILED},
        {"\"objective\":3,\"bound\":2.9999999,\"gap\":-5", ZG_CASE_FAILED},
        /* A stated rounding widens nothing: it is a part of what the tolerance has to hold. */
        {"\"objective\":3,\"bound\":2.999999,\"rounding\":1e-6", ZG_CERTIFIED},
        {"\"objective\":3,\"bound\":2.999999,\"rounding\":3e-6", ZG_CASE_FAILED},
        {"\"objective\":0.51,\"bound\":1e6,\"rounding\":1e9", ZG_WRONG},
        {"\"objective\":0.51,\"bound\":-1e6,\"rounding\":1e9", ZG_CASE_FAILED},
        {"\"objective\":3,\"bound\":2.9999999,\"rounding\":-1", ZG_CASE_FAILED},
        {"\"objective\":3,\"bound\":2.9999999,\"rounding\":\"0\"", ZG_CASE_FAILED},
        {"\"objective\":3,\"bound\":2.9999999,\"rounding\":null", ZG_CASE_FAILED},
        /* A result without two numbers is no proof, whatever its gap says. */
        {"\"objective\":3,\"gap\":1e-9", ZG_CASE_FAILED},
        {"\"objective\":3", ZG_CASE_FAILED},
        {"\"bound\":3,\"gap\":1e-9", ZG_CASE_FAILED},
        {"\"gap\":1e-9", ZG_CASE_FAILED},
        {"\"objective\":3,\"bound\":\"2.9999999\",\"gap\":1e-9", ZG_CASE_FAILED},
        {"\"objective\":\"3\",\"bound\":2.9999999,\"gap\":1e-9", ZG_CASE_FAILED},
        {"\"objective\":\"3\"", ZG_CASE_FAILED},
        {"\"iterations\":3", ZG_CERTIFIED}, /* times alone */
        /* Only a claim that there is no solution needs none. */
        {"\"cause\":\"infeasible\",\"claimed\":{\"says\":\"infeasible\"},\"bound\":7",
         ZG_CERTIFIED},
        {"\"cause\":\"infeasible\",\"bound\":7", ZG_CASE_FAILED},
        {"\"cause\":\"infeasible\",\"claimed\":{\"says\":\"infeasible\"},\"objective\":7",
         ZG_CASE_FAILED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1024];
        int length = snprintf(
            text, sizeof text,
            "{\"event\":\"run_started\",\"format\":\"zerogap-events/1\"}\n"
            "{\"event\":\"case_started\",\"case\":\"a\",\"key\":\"k\",\"tolerance\":1e-6}\n"
            "{\"event\":\"case_finished\",\"case\":\"a\",\"key\":\"k\",\"verdict\":"
            "\"certified\",\"seconds\":1,%s}\n",
            rows[i].numbers);
        zg_log log = read_log(write_text("claims.ndjson", text, (size_t)length));
        assert_int_equal(log.case_count, 1);
        assert_int_equal(log.cases[0].result.verdict, rows[i].verdict);
        assert_true(rows[i].verdict == ZG_CERTIFIED || strlen(log.cases[0].message) > 10);
        zg_log_clear(&log);
    }
}

/* A tolerance that is not there, or so wide that it would hold anything, excuses nothing. */
static void a_tolerance_that_is_missing_or_absurd_excuses_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *run, *started;
        zg_verdict verdict;
    } rows[] = {
        {",\"tolerance\":1e-6", ",\"tolerance\":0.5", ZG_CASE_FAILED}, /* the smaller counts */
        {",\"tolerance\":0.5", ",\"tolerance\":1e-6", ZG_CASE_FAILED},
        {"", ",\"tolerance\":0.5", ZG_CERTIFIED},
        {",\"tolerance\":0.5", "", ZG_CERTIFIED},
        {",\"tolerance\":1e-6", "", ZG_CASE_FAILED},
        {"", "", ZG_CASE_FAILED},
        {"", ",\"tolerance\":\"1\"", ZG_CASE_FAILED},
        {"", ",\"tolerance\":1e9", ZG_CASE_FAILED},
        {"", ",\"tolerance\":-1", ZG_CASE_FAILED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1024];
        int length =
            snprintf(text, sizeof text,
                     "{\"event\":\"run_started\",\"format\":\"zerogap-events/1\"%s}\n"
                     "{\"event\":\"case_started\",\"case\":\"a\",\"key\":\"k\"%s}\n"
                     "{\"event\":\"case_finished\",\"case\":\"a\",\"key\":\"k\",\"verdict\":"
                     "\"certified\",\"objective\":3,\"bound\":2,\"rounding\":1e-12}\n",
                     rows[i].run, rows[i].started);
        zg_log log = read_log(write_text("tolerance.ndjson", text, (size_t)length));
        assert_int_equal(log.cases[0].result.verdict, rows[i].verdict);
        zg_log_clear(&log);
    }
}

/* What claims of a small gap rest on is what objective and bound say, not what was written. */
static void a_gap_smaller_than_its_numbers_is_not_believed(void **state)
{
    (void)state;
    const char *path = scratch_path("gap.ndjson");
    FILE *file = log_open(path, "X");
    log_line(file, CASE_A);
    log_line(file, FINISH_A "\"certified\",\"objective\":4,\"bound\":3.999998,\"gap\":1e-15");
    fclose(file);
    zg_log log = read_log(path);
    assert_int_equal(log.cases[0].result.verdict, ZG_CERTIFIED);
    assert_true(log.cases[0].result.gap > 4.9e-7);
    zg_log_clear(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_is_read),
        cmocka_unit_test(a_log_cut_anywhere_is_read),
        cmocka_unit_test(a_flipped_bit_is_noticed),
        cmocka_unit_test(a_lost_checksum_is_noticed),
        cmocka_unit_test(foreign_logs_without_checksums_are_read),
        cmocka_unit_test(the_last_finish_of_a_key_counts),
        cmocka_unit_test(of_two_logs_the_later_counts_and_of_one_moment_the_worse),
        cmocka_unit_test(bad_files_are_refused),
        cmocka_unit_test(random_damage_is_survived),
        cmocka_unit_test(the_longest_line_has_16_mib),
        cmocka_unit_test(a_doubled_member_is_damage),
        cmocka_unit_test(a_verdict_that_its_numbers_contradict_does_not_stand),
        cmocka_unit_test(a_tolerance_that_is_missing_or_absurd_excuses_nothing),
        cmocka_unit_test(a_gap_smaller_than_its_numbers_is_not_believed),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, clear);
}
