/* Every allocation fails once: whatever is being made ends with "out of memory" or is the same as
 * ever, and nothing crashes or leaks (under the sanitizer).  Jansson's own allocations are left
 * alone: its parser calls some of their failures a syntax error. */
#include "reports/compare.h"
#include "reports/formats.h"
#include "reports/history.h"
#include "reports/html.h"
#include "synthetic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* The linker sends the library's allocations here (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static long left = -1; /* allocations until one fails; negative: none does */
static bool failed;

static bool fails(void)
{
    if (left < 0 || left-- > 0) return false;
    failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

/* ---- what is tried -------------------------------------------------------------------------- */

static const char *log_path, *folder_path;

static zg_status read_study(zg_log *log, zg_study *study)
{
    zg_status status = zg_log_read(log, log_path, NULL);
    return status == ZG_OK ? zg_study_create(log, study, NULL) : status;
}

static zg_status make_forms(zg_text *out)
{
    static const zg_report_writer writers[] = {
        zg_report_csv,           zg_report_markdown,    zg_report_junit,   zg_report_tap,
        zg_report_annotations,   zg_report_benchmark,   zg_report_bencher, zg_report_custom_smaller,
        zg_report_custom_bigger, zg_report_openmetrics, zg_report_sarif};
    zg_log log = {0};
    zg_study study = {0};
    zg_status status = read_study(&log, &study);
    for (size_t i = 0; status == ZG_OK && i < sizeof writers / sizeof *writers; i++) {
        writers[i](&study, out);
        status = zg_text_status(out, NULL);
    }
    zg_study_clear(&study);
    zg_log_clear(&log);
    return status;
}

static zg_status make_html(zg_text *out)
{
    zg_log log = {0};
    zg_study study = {0};
    zg_status status = read_study(&log, &study);
    if (status == ZG_OK) status = zg_report_html(&study, "", out, NULL);
    zg_study_clear(&study);
    zg_log_clear(&log);
    return status;
}

static zg_status make_comparison(zg_text *out)
{
    zg_compare_options options = zg_compare_defaults();
    zg_comparison comparison;
    zg_status status = zg_compare(log_path, log_path, &options, &comparison, NULL);
    if (status == ZG_OK) {
        zg_compare_text(&comparison, out);
        zg_compare_json(&comparison, out);
        zg_compare_markdown(&comparison, out);
        zg_compare_svg(&comparison, out);
        zg_compare_annotations(&comparison, out);
        status = zg_text_status(out, NULL);
    }
    zg_comparison_clear(&comparison);
    return status;
}

static zg_status make_history(zg_text *out)
{
    zg_history history;
    zg_status status = zg_history_read(folder_path, &history, NULL);
    if (status == ZG_OK) status = zg_history_html(&history, "", out, NULL);
    if (status == ZG_OK) {
        zg_history_json(&history, out);
        status = zg_text_status(out, NULL);
    }
    zg_history_clear(&history);
    return status;
}

/* Fails the first allocation, the second, .. until none is left to fail.  What comes out all the
 * same (a library tried another way) must be what comes out with enough memory. */
static void exhaust(zg_status (*make)(zg_text *out))
{
    zg_text expected = {0};
    assert_int_equal(make(&expected), ZG_OK);
    long count = 0;
    do {
        zg_text out = {0};
        left = count++;
        failed = false;
        zg_status status = make(&out);
        left = -1;
        bool same = status == ZG_OK && strcmp(zg_text_bytes(&out), zg_text_bytes(&expected)) == 0;
        zg_text_clear(&out);
        if (!same && (!failed || status != ZG_NO_MEMORY))
            fail_msg("allocation %ld: status %d", count, (int)status);
    } while (failed);
    zg_text_clear(&expected);
    print_message("# %ld allocations failed in turn\n", count - 1);
    assert_true(count > 50);
}

static void forms(void **state)
{
    (void)state;
    exhaust(make_forms);
}

static void html(void **state)
{
    (void)state;
    exhaust(make_html);
}

static void comparison(void **state)
{
    (void)state;
    exhaust(make_comparison);
}

static void history(void **state)
{
    (void)state;
    exhaust(make_history);
}

/* ---- a log with everything in it ------------------------------------------------------------ */

static void write_case(FILE *log, int n, const char *method, const char *verdict)
{
    char members[800];
    snprintf(members, sizeof members,
             "\"event\":\"case_started\",\"case\":\"p%d/%s\",\"key\":\"%d%s\",\"data\":{\"name\":"
             "\"p%d\",\"n\":%d},\"model\":{\"beta\":%d},\"method\":{\"method\":\"%s\",\"seed\":0}",
             n, method, n, method, n, n, n % 2, method);
    log_line(log, members);
    for (int k = 1; k < 4; k++) {
        snprintf(members, sizeof members,
                 "\"event\":\"progress\",\"case\":\"p%d/%s\",\"seconds\":%g,\"objective\":%g,"
                 "\"bound\":%g",
                 n, method, 0.1 * k, 1 + 1.0 / k, 1 - 1.0 / k);
        log_line(log, members);
    }
    snprintf(members, sizeof members,
             "\"event\":\"case_finished\",\"case\":\"p%d/%s\",\"key\":\"%d%s\",\"verdict\":\"%s\","
             "\"cause\":\"c\",\"message\":\"m\",\"objective\":1,\"bound\":0.9999999,\"seconds\":1,"
             "\"neurons\":3,\"iterations\":%d,\"unit\":\"%s\",\"test\":{\"accuracy\":0.9},"
             "\"validation\":{\"loss\":1,\"accuracy\":0.9},\"network\":{\"u\":[1,0,-1,0],"
             "\"alpha\":[1,1]},"
             "\"samples\":[1,1.1,1,1.2,1]",
             n, method, n, method, verdict, n * n, *method == 'b' ? "node" : "iteration");
    log_line(log, members);
}

static int prepare(void **state)
{
    (void)state;
    static char folder[256], path[300];
    snprintf(folder, sizeof folder, "%s", scratch_path("logs"));
    mkdir(folder, 0700);
    for (int day = 0; day < 3; day++) {
        snprintf(path, sizeof path, "%s/%d.ndjson", folder, day);
        FILE *log = log_open(path, "X");
        log_line(log, "\"event\":\"run_started\",\"format\":\"zerogap-events/1\",\"suite\":\"s\","
                      "\"claims\":{\"s\":{\"a\":{\"claim\":\"c\",\"test\":\"certified\"},"
                      "\"b\":{\"test\":\"above-bound\",\"method\":\"branch\",\"by\":\"x\"},"
                      "\"c\":{\"test\":\"neurons\",\"method\":\"ipm\"},"
                      "\"d\":{\"test\":\"exponent\",\"variable\":\"n\",\"at_most\":2},"
                      "\"e\":{\"test\":\"exponential\",\"variable\":\"n\"},"
                      "\"f\":{\"test\":\"compare\",\"method\":\"ipm\",\"against\":\"branch\"},"
                      "\"g\":{\"test\":\"decomposition\"}}}");
        for (int n = 2; n < 5; n++) {
            write_case(log, n, "ipm", "certified");
            write_case(log, n, "branch", n == 4 ? "timeout" : "certified");
        }
        write_case(log, 9, "csdp", "wrong");
        fclose(log);
    }
    log_path = path;
    folder_path = folder;
    return 0;
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
        cmocka_unit_test(forms),
        cmocka_unit_test(html),
        cmocka_unit_test(comparison),
        cmocka_unit_test(history),
    };
    return cmocka_run_group_tests_name("memory", tests, prepare, clear);
}
