/* Events and journals: whatever is written is read back, and every damage to it is noticed. */
#include "log/journal.h"
#include "log/row.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A fixed event and its checksum, which Python's zlib.crc32 gives as well. */
static void test_known_checksum(void **state)
{
    (void)state;
    static const char line[] = "{\"event\":\"x\",\"t\":0.5,\"crc\":\"fe27ef7c\"}\n";
    zg_event event = {0};
    zg_event_start(&event, "x");
    zg_event_number(&event, "t", 0.5);
    assert_int_equal(zg_event_seal(&event, NULL), ZG_OK);
    assert_string_equal(event.text, line);
    assert_int_equal(zg_event_check(event.text, event.length - 1), ZG_SEALED);
    zg_event_clear(&event);
}

static json_t *parse(const zg_event *event)
{
    json_error_t error;
    json_t *json = json_loadb(event->text, event->length, JSON_REJECT_DUPLICATES, &error);
    if (!json) print_message("# %s in %s\n", error.text, event->text);
    assert_non_null(json);
    return json;
}

/* Random members of every kind come back from a JSON reader unchanged. */
static void test_members_round_trip(void **state)
{
    (void)state;
    srand(3);
    zg_event event = {0};
    for (int round = 0; round < 500; round++) {
        double numbers[3];
        char text[40];
        size_t length = (size_t)rand() % (sizeof text - 1);
        for (size_t i = 0; i < 3; i++)
            numbers[i] = ldexp((double)rand() - RAND_MAX / 2, rand() % 200 - 100);
        for (size_t i = 0; i < length; i++)
            text[i] = (char)(1 + rand() % 255);
        text[length] = '\0';
        zg_event_start(&event, "round");
        zg_event_text(&event, "text", text);
        zg_event_number(&event, "nan", NAN);
        zg_event_open(&event, "inner");
        zg_event_number(&event, "number", numbers[0]);
        zg_event_numbers(&event, "numbers", numbers, 3);
        zg_event_close(&event);
        zg_event_flag(&event, "flag", round % 2);
        assert_int_equal(zg_event_seal(&event, NULL), ZG_OK);
        json_t *json = parse(&event);
        json_t *inner = json_object_get(json, "inner");
        assert_null(json_object_get(json, "nan"));
        assert_true(json_number_value(json_object_get(inner, "number")) == numbers[0]);
        for (size_t i = 0; i < 3; i++)
            assert_true(json_number_value(json_array_get(json_object_get(inner, "numbers"), i)) ==
                        numbers[i]);
        assert_int_equal(json_is_true(json_object_get(json, "flag")), round % 2);
        const char *back = json_string_value(json_object_get(json, "text"));
        assert_non_null(back);
        bool ascii = true;
        for (size_t i = 0; i < length; i++)
            ascii = ascii && (unsigned char)text[i] < 0x80;
        if (ascii) assert_string_equal(back, text);
        json_decref(json);
    }
    zg_event_clear(&event);
}

static void test_utf8(void **state)
{
    (void)state;
    zg_event event = {0};
    zg_event_start(&event, "e");
    zg_event_text(&event, "good", "\xce\xb2 \xe2\x89\xa4 \xf0\x9d\x94\xbd");
    zg_event_text(&event, "bad", "a\xff\xc0\x80\xed\xa0\x80z\xe2\x89");
    assert_int_equal(zg_event_finish(&event, NULL), ZG_OK);
    json_t *json = parse(&event);
    assert_string_equal(json_string_value(json_object_get(json, "good")),
                        "\xce\xb2 \xe2\x89\xa4 \xf0\x9d\x94\xbd");
    const char *bad = json_string_value(json_object_get(json, "bad"));
    assert_true(bad[0] == 'a' && strchr(bad, 'z') && strstr(bad, "\xef\xbf\xbd"));
    json_decref(json);
    zg_event_clear(&event);
}

/* Every single changed byte and every cut of a line is noticed. */
static void test_every_damage_is_noticed(void **state)
{
    (void)state;
    zg_event event = {0};
    zg_event_start(&event, "progress");
    zg_event_text(&event, "case", "a/b/c");
    zg_event_number(&event, "objective", 1.25);
    assert_int_equal(zg_event_seal(&event, NULL), ZG_OK);
    size_t length = event.length - 1;
    for (size_t cut = 0; cut < length; cut++)
        assert_int_not_equal(zg_event_check(event.text, cut), ZG_SEALED);
    for (size_t i = 0; i < length; i++)
        for (int bit = 0; bit < 8; bit++) {
            event.text[i] ^= (char)(1 << bit);
            assert_int_not_equal(zg_event_check(event.text, length), ZG_SEALED);
            event.text[i] ^= (char)(1 << bit);
        }
    assert_int_equal(zg_event_check(event.text, length), ZG_SEALED);
    zg_event_clear(&event);
}

typedef struct tally {
    size_t events;
    double last;
} tally;

static void visit(void *context, const json_t *event)
{
    tally *t = context;
    t->events++;
    t->last = json_number_value(json_object_get(event, "n"));
}

/* Cut at every byte: the journal opens, holds the events that are whole, and goes on after them. */
static void test_journal_cut_anywhere(void **state)
{
    (void)state;
    char path[] = "/tmp/zg-journal-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    zg_journal *journal;
    zg_event event = {0};
    size_t ends[5] = {0};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(zg_journal_open(path, true, NULL, NULL, &journal, NULL), ZG_OK);
        zg_event_start(&event, "run_started");
        zg_event_number(&event, "t", zg_journal_time(journal));
        zg_event_number(&event, "n", i);
        assert_int_equal(zg_journal_write(journal, &event, true, NULL), ZG_OK);
        zg_journal_close(journal);
        ends[i + 1] = (size_t)lseek(fd, 0, SEEK_END);
    }
    char content[1024];
    size_t size = ends[4];
    assert_int_equal(pread(fd, content, size, 0), (ssize_t)size);
    for (size_t cut = 0; cut <= size; cut++) {
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, content, cut, 0), (ssize_t)cut);
        size_t whole = 0;
        while (whole < 4 && ends[whole + 1] <= cut)
            whole++;
        tally seen = {0};
        assert_int_equal(zg_journal_open(path, true, visit, &seen, &journal, NULL), ZG_OK);
        assert_int_equal(seen.events, whole);
        assert_int_equal(lseek(fd, 0, SEEK_END), (off_t)ends[whole]);
        zg_event_start(&event, "run_started");
        zg_event_number(&event, "n", 99);
        assert_int_equal(zg_journal_write(journal, &event, false, NULL), ZG_OK);
        zg_journal_close(journal);
        zg_follower follower;
        seen = (tally){0};
        assert_int_equal(zg_follower_open(&follower, path, NULL), ZG_OK);
        assert_int_equal(zg_follower_read(&follower, visit, &seen, NULL), ZG_OK);
        assert_int_equal(seen.events, whole + 1);
        assert_true(seen.last == 99 && follower.damaged == 0);
        zg_follower_close(&follower);
    }
    close(fd);
    char torn[64];
    snprintf(torn, sizeof torn, "%s.torn", path);
    unlink(torn);
    unlink(path);
    zg_event_clear(&event);
}

/* A reader that joins in the middle of a line gets it when it is complete. */
static void test_follower_waits_for_lines(void **state)
{
    (void)state;
    char path[] = "/tmp/zg-follow-XXXXXX";
    int fd = mkstemp(path);
    zg_event event = {0};
    zg_event_start(&event, "e");
    zg_event_number(&event, "n", 7);
    assert_int_equal(zg_event_seal(&event, NULL), ZG_OK);
    zg_follower follower;
    tally seen = {0};
    assert_int_equal(zg_follower_open(&follower, path, NULL), ZG_OK);
    for (size_t i = 0; i < event.length; i++) {
        assert_int_equal(zg_follower_read(&follower, visit, &seen, NULL), ZG_OK);
        assert_int_equal(seen.events, 0);
        assert_int_equal(write(fd, event.text + i, 1), 1);
    }
    assert_int_equal(zg_follower_read(&follower, visit, &seen, NULL), ZG_OK);
    assert_int_equal(seen.events, 1);
    zg_follower_close(&follower);
    close(fd);
    unlink(path);
    zg_event_clear(&event);
}

/* Makes a file of a text, and tries to go on with it as a log. */
static zg_status resume_text(const char *path, const char *text, zg_error *error)
{
    zg_journal *journal;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    zg_status status = zg_journal_open(path, true, NULL, NULL, &journal, error);
    if (status == ZG_OK) zg_journal_close(journal);
    return status;
}

static void assert_file(const char *path, const char *expected)
{
    char text[1024] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    assert_string_equal(text, expected);
}

/* Whatever is no log of ours stays as it is, to the last byte. */
static void test_foreign_file_is_kept(void **state)
{
    (void)state;
    static const char *const foreign[] = {
        "my notes\n",
        "{",
        "{}",
        "{\"format\": \"zerogap-model/1\", \"inputs\": 3}\n",
        "{\n  \"format\": \"zerogap-certificate/1\"\n}\n",
        "{\"event\":\"run_started\",\"t\":0,\"cases\":1}\n", /* no checksum */
        "{\"event\":\"run_started\",\"t\":0,\"crc\":\"00000000\"}\n{\"event\":\"run_s", /* wrong */
        "\n",
        "{\"event\":\"run_started\"\n",
    };
    char path[] = "/tmp/zg-foreign-XXXXXX", torn[64];
    close(mkstemp(path));
    snprintf(torn, sizeof torn, "%s.torn", path);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        zg_error error;
        bool begun = strcmp(foreign[i], "{") == 0;
        assert_int_equal(resume_text(path, foreign[i], &error), begun ? ZG_OK : ZG_BAD_INPUT);
        if (!begun) assert_file(path, foreign[i]);
        assert_int_equal(access(torn, F_OK) == 0, begun);
        unlink(torn);
    }
    unlink(path);
}

/* Line ends of another system break every checksum: such a log is left alone, too. */
static void test_translated_log_is_kept(void **state)
{
    (void)state;
    zg_event event = {0};
    zg_error error;
    char path[] = "/tmp/zg-foreign-XXXXXX", text[256];
    close(mkstemp(path));
    zg_event_start(&event, "run_started");
    zg_event_number(&event, "t", 0);
    assert_int_equal(zg_event_seal(&event, &error), ZG_OK);
    snprintf(text, sizeof text, "%.*s\r\n", (int)event.length - 1, event.text);
    assert_int_equal(resume_text(path, text, &error), ZG_BAD_INPUT);
    assert_file(path, text);
    zg_event_clear(&event);
    unlink(path);
}

/* What is cut off a log is kept beside it; a first line that is not complete makes a log as well.
 */
static void test_torn_end_is_kept(void **state)
{
    (void)state;
    zg_event event = {0};
    zg_error error;
    char path[] = "/tmp/zg-torn-XXXXXX", torn[64], whole[256], text[512];
    close(mkstemp(path));
    snprintf(torn, sizeof torn, "%s.torn", path);
    zg_event_start(&event, "run_started");
    zg_event_number(&event, "t", 0);
    assert_int_equal(zg_event_seal(&event, &error), ZG_OK);
    snprintf(whole, sizeof whole, "%.*s", (int)event.length, event.text);
    snprintf(text, sizeof text, "%s{\"event\":\"damaged\"}\n{\"event\":\"pro", whole);
    assert_int_equal(resume_text(path, text, &error), ZG_OK);
    assert_file(path, whole);
    assert_file(torn, "{\"event\":\"damaged\"}\n{\"event\":\"pro");
    unlink(torn);
    assert_int_equal(resume_text(path, whole, &error), ZG_OK);
    assert_int_not_equal(access(torn, F_OK), 0); /* nothing was cut */
    assert_int_equal(resume_text(path, "{\"event\":\"run_started\",\"t\":0,\"form", &error), ZG_OK);
    assert_file(path, "");
    assert_file(torn, "{\"event\":\"run_started\",\"t\":0,\"form");
    unlink(torn);
    unlink(path);
    zg_event_clear(&event);
}

static void test_row_round_trip(void **state)
{
    (void)state;
    zg_row row, back;
    zg_event event = {0};
    zg_row_start(&row);
    row.verdict = ZG_WRONG;
    strcpy(row.name, "a/b/c");
    strcpy(row.suite, "s");
    strcpy(row.cause, "contradiction");
    strcpy(row.message, "\"quoted\"\nand broken");
    row.objective = 1.0 / 3;
    row.bound = 0.1;
    row.gap = 1e-300;
    row.test.accuracy = 0.965;
    row.test.loss = 3;
    row.validation.rmse = 0.25;
    row.plane_count = 2;
    row.plane_u[3] = 0.6;
    row.plane_alpha[1] = -1.0 / 7;
    row.robust_count = 2;
    row.robust_on_test = true;
    row.robust_radius[1] = 0.3;
    row.robust_share[0] = 0.9;
    row.robust_share[1] = 1.0 / 3;
    row.has_dimacs = true;
    row.dimacs[5] = -1e-9;
    assert_int_equal(zg_row_add_sample(&row, 0.5), ZG_OK);
    assert_int_equal(zg_row_add_sample(&row, 0.25), ZG_OK);
    zg_event_start(&event, "case_finished");
    zg_row_write(&row, &event);
    assert_int_equal(zg_event_finish(&event, NULL), ZG_OK);
    json_t *json = parse(&event);
    assert_int_equal(zg_row_read(&back, json, NULL), ZG_OK);
    assert_int_equal(back.verdict, ZG_WRONG);
    assert_string_equal(back.name, row.name);
    assert_string_equal(back.message, row.message);
    assert_true(back.objective == row.objective && back.gap == row.gap && isnan(back.seconds));
    assert_true(back.test.accuracy == 0.965 && isnan(back.test.rmse) && isnan(back.train.loss));
    assert_true(back.validation.rmse == 0.25 && isnan(back.validation.loss));
    assert_true(back.plane_count == 2 && back.plane_u[3] == 0.6);
    assert_true(back.plane_alpha[1] == -1.0 / 7);
    assert_true(back.robust_count == 2 && back.robust_on_test && back.robust_radius[1] == 0.3);
    assert_true(back.robust_share[0] == 0.9 && back.robust_share[1] == 1.0 / 3);
    assert_true(back.has_dimacs && back.dimacs[5] == -1e-9);
    assert_true(back.sample_count == 2 && back.samples[1] == 0.25);
    json_decref(json);
    zg_event_clear(&event);
    zg_row_clear(&row);
    zg_row_clear(&back);
}

static void test_exit_status(void **state)
{
    (void)state;
    size_t counts[ZG_VERDICT_COUNT] = {0};
    assert_int_equal(zg_verdict_exit(counts), 3);
    counts[ZG_SKIPPED] = 2;
    assert_int_equal(zg_verdict_exit(counts), 3);
    counts[ZG_UNCERTIFIED] = 1;
    assert_int_equal(zg_verdict_exit(counts), 0);
    counts[ZG_CASE_TIMEOUT] = 1;
    assert_int_equal(zg_verdict_exit(counts), 5);
    counts[ZG_WRONG] = 1;
    assert_int_equal(zg_verdict_exit(counts), 2);
}

/* No case ends as unfinished, nor in a way nobody knows: neither is taken for a result. */
static void test_verdict_names(void **state)
{
    (void)state;
    for (int i = 0; i < ZG_VERDICT_COUNT; i++) {
        zg_verdict verdict = (zg_verdict)i;
        assert_int_equal(zg_verdict_parse(zg_verdict_name(verdict)), verdict);
        json_t *json = json_pack("{s:s}", "verdict", zg_verdict_name(verdict));
        zg_row row;
        bool read = zg_row_read(&row, json, NULL) == ZG_OK;
        assert_int_equal(read, verdict != ZG_UNFINISHED);
        zg_row_clear(&row);
        json_decref(json);
    }
    assert_int_equal(zg_verdict_parse("Certified"), ZG_VERDICT_COUNT);
    assert_int_equal(zg_verdict_parse(NULL), ZG_VERDICT_COUNT);
    assert_false(zg_verdict_ran(ZG_VERDICT_COUNT) || zg_verdict_ran(ZG_UNFINISHED));
    assert_string_equal(zg_verdict_words(ZG_OUT_OF_MEMORY), "out of memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_checksum),
        cmocka_unit_test(test_members_round_trip),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_every_damage_is_noticed),
        cmocka_unit_test(test_journal_cut_anywhere),
        cmocka_unit_test(test_follower_waits_for_lines),
        cmocka_unit_test(test_foreign_file_is_kept),
        cmocka_unit_test(test_translated_log_is_kept),
        cmocka_unit_test(test_torn_end_is_kept),
        cmocka_unit_test(test_row_round_trip),
        cmocka_unit_test(test_exit_status),
        cmocka_unit_test(test_verdict_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
