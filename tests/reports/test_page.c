/* The page in headless Chromium: from a file path, with no network, no error, charts drawn, nothing
 * wider than the window.  Skipped, with a notice, where Chromium or the chart library is missing.
 */
#include "reports/chart.h"
#include "reports/history.h"
#include "reports/html.h"
#include "synthetic.h"

#include <setjmp.h>
#include <sha2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Put at the end of the page: tells what a reader would see. */
static const char probe[] =
    "<script>addEventListener('load', function () {\n"
    "  dispatchEvent(new Event('beforeprint')); /* all that are not folded are drawn */\n"
    "  var all = document.querySelectorAll('.drawn canvas'), painted = 0;\n"
    "  all.forEach(function (canvas) {\n"
    "    var data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;\n"
    "    var colours = {};\n"
    "    for (var i = 0; i < data.length; i += 4)\n"
    "      if (data[i + 3] > 200) colours[(data[i] >> 4) + ',' + (data[i + 1] >> 4) + ',' + "
    "(data[i + 2] >> 4)] = 1;\n"
    "    if (Object.keys(colours).length > 4) painted++;\n"
    "  });\n"
    "  var wide = document.documentElement.scrollWidth > innerWidth;\n"
    "  var rows = document.querySelectorAll('#all-cases tbody tr');\n"
    "  var first = rows.length ? rows[0].textContent : '';\n"
    "  var head = document.querySelectorAll('#all-cases thead th')[3];\n"
    "  if (head) { head.click(); head.click(); }\n"
    "  rows = document.querySelectorAll('#all-cases tbody tr');\n"
    "  var sorted = rows.length && rows[0].textContent !== first;\n"
    "  var input = document.querySelector('.tools input'), left = -1;\n"
    "  if (input) {\n"
    "    input.value = 'ipm wdbc'; input.dispatchEvent(new Event('input'));\n"
    "    left = document.querySelectorAll('#all-cases tbody tr:not([hidden])').length;\n"
    "  }\n"
    "  document.title = 'PROBE charts=' + all.length + ' painted=' + painted + ' wide=' + wide +\n"
    "    ' sorted=' + !!sorted + ' left=' + left + ' errors=' + window.probeErrors + ';';\n"
    "});</script>\n";

static const char trap[] = "<script>window.probeErrors = 0;\n"
                           "addEventListener('error', function () { probeErrors++; });\n"
                           "addEventListener('securitypolicyviolation', function () { "
                           "probeErrors++; });</script>\n";

static bool installed(void)
{
    return system("command -v chromium >/dev/null 2>&1") == 0;
}

static void library_or_skip(zg_text *library)
{
    zg_error error = {0};
    assert_int_equal(zg_chart_library(NULL, library, &error), ZG_OK);
    if (installed() && library->length) return;
    zg_text_clear(library);
    print_message("# chromium or libjs-chart.js is not installed: pages not looked at\n");
    skip();
}

/* Adds 'sha256-...' of the script, as a page's policy names what may run. */
static void allow(const char *script, zg_text *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *begin = strchr(script, '>') + 1, *end = strstr(script, "</script>");
    uint8_t hash[33] = {0};
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, (const uint8_t *)begin, (size_t)(end - begin));
    SHA256Final(hash, &context);
    zg_text_add(out, " 'sha256-");
    for (size_t bit = 0; bit < 256; bit += 6) {
        unsigned two = (unsigned)hash[bit / 8] << 8 | hash[bit / 8 + 1];
        zg_text_bytes_add(out, &digits[two >> (10 - bit % 8) & 63], 1);
    }
    zg_text_add(out, "='");
}

/* Saves the page with the trap before it and a script behind it, both allowed by its policy. */
static const char *save_page(const zg_text *page, const char *name, const char *ending)
{
    zg_text whole = {0};
    zg_error error = {0};
    const char *policy = strstr(page->bytes, "script-src"), *path = scratch_path(name);
    assert_non_null(policy);
    policy += strlen("script-src");
    const char *body = strstr(policy, "<body>");
    assert_non_null(body);
    body += strlen("<body>");
    zg_text_bytes_add(&whole, page->bytes, (size_t)(policy - page->bytes));
    allow(trap, &whole);
    allow(ending, &whole);
    zg_text_bytes_add(&whole, policy, (size_t)(body - policy));
    zg_text_add(&whole, trap);
    zg_text_add(&whole, body);
    zg_text_add(&whole, ending);
    assert_int_equal(zg_text_save(&whole, path, &error), ZG_OK);
    zg_text_clear(&whole);
    return path;
}

/* Opens the page; returns its title after the probe, and counts messages on the console. */
static char *look(const char *path, const char *options, size_t *console)
{
    char command[2048], line[4096], *title = NULL;
    const char *profile = scratch_path("profile");
    snprintf(command, sizeof command,
             "chromium --headless --no-sandbox --disable-gpu --no-first-run "
             "--disable-background-networking --host-resolver-rules='MAP * ~NOTFOUND' "
             "--user-data-dir='%s' --enable-logging=stderr --virtual-time-budget=8000 %s "
             "--dump-dom 'file://%s' 2>&1",
             profile, options, path);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    *console = 0;
    while (fgets(line, sizeof line, out)) {
        if (strstr(line, "CONSOLE")) (*console)++;
        if (!strstr(line, "<title>PROBE ")) continue;
        free(title);
        title = strdup(strstr(line, "PROBE "));
    }
    pclose(out);
    return title;
}

static int field(const char *title, const char *name)
{
    const char *at = strstr(title, name);
    if (!at) {
        fail_msg("%s is not in \"%s\"", name, title);
        return -1;
    }
    return atoi(at + strlen(name));
}

static void check_page(const char *path, const char *options, int least_charts)
{
    size_t console;
    char *title = look(path, options, &console);
    if (!title) {
        fail_msg("the page did not come up (%s)", options);
        return;
    }
    print_message("# %s: %s", options, title);
    assert_int_equal(console, 0);
    assert_true(field(title, "charts=") >= least_charts);
    assert_int_equal(field(title, "charts="), field(title, "painted="));
    assert_int_equal(field(title, "errors="), 0);
    assert_non_null(strstr(title, "wide=false"));
    free(title);
}

static const char *write_probed(const char *path, const char *name, zg_text *library,
                                const char *ending)
{
    zg_log log = {0};
    zg_study study;
    zg_error error = {0};
    zg_text page = {0};
    assert_int_equal(zg_log_read(&log, path, &error), ZG_OK);
    assert_int_equal(zg_study_create(&log, &study, &error), ZG_OK);
    assert_int_equal(zg_report_html(&study, zg_text_bytes(library), &page, &error), ZG_OK);
    const char *saved = save_page(&page, name, ending);
    zg_text_clear(&page);
    zg_study_clear(&study);
    zg_log_clear(&log);
    return saved;
}

static const char *write_report(const char *path, const char *name, zg_text *library)
{
    return write_probed(path, name, library, probe);
}

static const char *golden_log(void)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/run.ndjson", getenv("ZEROGAP_GOLDEN"));
    return path;
}

static void a_report_opens_on_every_screen(void **state)
{
    (void)state;
    zg_text library = {0};
    library_or_skip(&library);
    const char *path = write_report(golden_log(), "report.html", &library);
    zg_text_clear(&library);
    check_page(path, "--window-size=1400,1000", 15);
    check_page(path, "--window-size=500,900", 15);
    check_page(path, "--window-size=1400,1000 --blink-settings=preferredColorScheme=0", 15);
    size_t console;
    char *title = look(path, "--window-size=1000,800", &console);
    assert_non_null(title);
    assert_non_null(strstr(title, "sorted=true"));
    assert_int_equal(field(title, "left="), 2);
    free(title);
}

/* Thousands of rows are made a table of when their section is opened; all of them, sortable. */
static void many_cases_unfold(void **state)
{
    (void)state;
    static const char opener[] =
        "<script>addEventListener('load', function () {\n"
        "  var table = document.getElementById('all-cases'), body = table.tBodies[0];\n"
        "  var before = body.rows.length;\n"
        "  document.querySelector('.tools input').dispatchEvent(new Event('focusin', {bubbles: "
        "true}));\n"
        "  setTimeout(function () {\n"
        "    var heads = table.tHead.rows[0].cells, text = body.rows[1299].textContent;\n"
        "    heads[3].click(); heads[3].click();\n"
        "    document.title = 'PROBE before=' + before + ' rows=' + body.rows.length + ' names=' "
        "+\n"
        "      (text.indexOf('case-1299') >= 0) + ' badge=' + (text.indexOf('certified') >= 0) +\n"
        "      ' top=' + body.rows[0].cells[3].textContent + ' wide=' +\n"
        "      (document.documentElement.scrollWidth > innerWidth) + ' errors=' + probeErrors + "
        "';';\n"
        "  }, 500);\n"
        "});</script>\n";
    if (!installed()) {
        print_message("# chromium is not installed: page not looked at\n");
        skip();
    }
    char path[512], members[128];
    snprintf(path, sizeof path, "%s", scratch_path("many.ndjson"));
    FILE *log = log_open(path, "X");
    for (int i = 0; i < 1300; i++) {
        const double seconds = 0.001 * (i + 1);
        char name[32];
        snprintf(name, sizeof name, "case-%d", i);
        snprintf(members, sizeof members, ",\"objective\":%d,\"bound\":%d,\"gap\":0",
                 (i * 7) % 1300, (i * 7) % 1300);
        log_case(log, name, "certified", 1, &seconds, members);
    }
    fclose(log);
    zg_text none = {0};
    size_t console;
    char *title =
        look(write_probed(path, "many.html", &none, opener), "--window-size=1000,800", &console);
    assert_non_null(title);
    print_message("# %s", title);
    assert_int_equal(console, 0);
    assert_int_equal(field(title, "before="), 0);
    assert_int_equal(field(title, "rows="), 1300);
    assert_non_null(strstr(title, "names=true badge=true"));
    assert_int_equal(field(title, "top="), 1299); /* by number, not by text: 999 */
    assert_non_null(strstr(title, "wide=false"));
    assert_int_equal(field(title, "errors="), 0);
    free(title);
}

/* What is far from the window costs nothing until a reader comes there; the numbers of a chart are
 * made a table of when they are asked for. */
static void charts_are_drawn_when_they_are_seen(void **state)
{
    (void)state;
    static const char reader[] =
        "<script>addEventListener('load', function () {\n"
        "  var all = document.querySelectorAll('figure.chart'), far = [];\n"
        "  all.forEach(function (f) { if (!f.closest('details:not([open])')) far.push(f); });\n"
        "  far = far[far.length - 1];\n"
        "  setTimeout(function () {\n"
        "    var before = far.classList.contains('drawn'), rows = "
        "far.querySelectorAll('tr').length;\n"
        "    far.scrollIntoView();\n"
        "    (function wait(frames) {\n"
        "      var after = far.classList.contains('drawn');\n"
        "      if (!after && frames) return requestAnimationFrame(function () { wait(frames - 1); "
        "});\n"
        "      if (after) far.querySelector('.flip').click();\n"
        "      document.title = 'PROBE before=' + before + ' rows=' + rows + ' after=' + after +\n"
        "        ' table=' + (far.querySelectorAll('.numbers tr').length > 1) + ' errors=' +\n"
        "        probeErrors + ';';\n"
        "    }(200));\n"
        "  }, 1000);\n"
        "});</script>\n";
    zg_text library = {0};
    size_t console;
    library_or_skip(&library);
    const char *page = write_probed(golden_log(), "far.html", &library, reader);
    zg_text_clear(&library);
    /* The browser's virtual clock does not wait for frames: it may end before the second one. */
    char *title = NULL;
    for (int tries = 0; !title && tries < 10; tries++)
        title = look(page, "--window-size=1000,800 --virtual-time-budget=60000", &console);
    assert_non_null(title);
    print_message("# %s", title);
    assert_non_null(strstr(title, "before=false rows=0 after=true table=true errors=0;"));
    free(title);
}

/* Without the library: no chart, no error, and the numbers are there. */
static void a_report_without_the_library_has_tables(void **state)
{
    (void)state;
    if (!installed()) {
        print_message("# chromium is not installed: page not looked at\n");
        skip();
    }
    zg_text none = {0};
    check_page(write_report(golden_log(), "tables.html", &none), "--window-size=1000,800", 0);
}

/* Figures of every kind of claim: charts, bars, the drawing. */
static void claims_open(void **state)
{
    (void)state;
    zg_text library = {0};
    library_or_skip(&library);
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("claims.ndjson"));
    FILE *log = log_open(path, "X");
    log_line(log, "\"event\":\"run_started\",\"format\":\"zerogap-events/1\",\"suite\":\"s\","
                  "\"claims\":{\"s\":{\"a\":{\"test\":\"certified\"},"
                  "\"b\":{\"test\":\"above-bound\",\"method\":\"adam\"},"
                  "\"c\":{\"test\":\"neurons\",\"method\":\"ipm\"},"
                  "\"d\":{\"test\":\"exponent\",\"variable\":\"n\",\"at_most\":2},"
                  "\"e\":{\"test\":\"compare\",\"method\":\"ipm\",\"against\":\"adam\",\"metric\":"
                  "\"accuracy\"},"
                  "\"f\":{\"test\":\"decomposition\"}}}");
    for (int i = 0; i < 10; i++) {
        char members[800];
        const char *method = i % 2 ? "adam" : "ipm";
        snprintf(members, sizeof members,
                 "\"event\":\"case_started\",\"case\":\"c%d\",\"key\":\"k%d\",\"data\":{\"name\":"
                 "\"a_name_that_is_long_%d\",\"n\":%d},\"model\":{\"name\":\"m\"},\"method\":{"
                 "\"name\":\"%s\",\"method\":\"%s\"}",
                 i, i, i / 2, 10 << i / 2, method, method);
        log_line(log, members);
        snprintf(members, sizeof members,
                 "\"event\":\"case_finished\",\"case\":\"c%d\",\"key\":\"k%d\",\"verdict\":"
                 "\"certified\",\"objective\":%g,\"bound\":1,\"gap\":%g,\"seconds\":%d,"
                 "\"neurons\":%d,\"validation\":{\"accuracy\":1},\"test\":{\"accuracy\":%g},"
                 "\"network\":{\"u\":[1,0,-1,0],\"alpha\":[1,2]}",
                 i, i, 1 + 1e-7 * i, 1e-7 * i, 1 + i * i, 1 + i / 2, 0.9 - 0.03 * i);
        log_line(log, members);
    }
    fclose(log);
    const char *page = write_report(path, "claims.html", &library);
    zg_text_clear(&library);
    check_page(page, "--window-size=1400,1000", 6);
    check_page(page, "--window-size=500,900", 6);
}

static void a_history_opens(void **state)
{
    (void)state;
    zg_text library = {0}, page = {0};
    library_or_skip(&library);
    zg_history history;
    zg_error error = {0};
    FILE *log = log_open(scratch_path("run-1.ndjson"), "X");
    const double seconds[] = {1, 1.1};
    log_case(log, "a", "certified", 2, seconds, "");
    fclose(log);
    char folder[512];
    snprintf(folder, sizeof folder, "%s", scratch_path(""));
    assert_int_equal(zg_history_read(folder, &history, &error), ZG_OK);
    assert_int_equal(zg_history_html(&history, zg_text_bytes(&library), &page, &error), ZG_OK);
    const char *path = save_page(&page, "history.html", probe);
    check_page(path, "--window-size=1000,800", 1);
    zg_text_clear(&library);
    zg_text_clear(&page);
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
        cmocka_unit_test(a_report_opens_on_every_screen),
        cmocka_unit_test(many_cases_unfold),
        cmocka_unit_test(charts_are_drawn_when_they_are_seen),
        cmocka_unit_test(a_report_without_the_library_has_tables),
        cmocka_unit_test(claims_open),
        cmocka_unit_test(a_history_opens),
    };
    return cmocka_run_group_tests_name("page", tests, NULL, clear);
}
