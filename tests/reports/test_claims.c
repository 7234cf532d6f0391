/* Claims: selection, every test in each of its verdicts, figures against closed forms. */
#include "reports/claims.h"
#include "reports/formats.h"
#include "reports/html.h"
#include "synthetic.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct fixture {
    FILE *file;
    size_t cases;
    zg_log log;
    zg_study study;
    zg_claims claims;
} fixture;

/* One run of suite "s" with these claims: the inside of {"s": {..}}. */
static void begin(fixture *f, const char *claims)
{
    char members[4096];
    *f = (fixture){.file = fopen(scratch_path("claims.ndjson"), "wb")};
    assert_non_null(f->file);
    snprintf(members, sizeof members,
             "\"event\":\"run_started\",\"format\":\"zerogap-events/1\",\"suite\":\"s\","
             "\"tolerance\":1e-6,\"claims\":{\"s\":{%s}}",
             claims);
    log_line(f->file, members);
}

/* data, model and method are the insides of their objects, result members of case_finished. */
static void add(fixture *f, const char *data, const char *method, const char *result, ...)
{
    char members[2048], text[1024];
    size_t number = f->cases++;
    va_list arguments;
    va_start(arguments, result);
    vsnprintf(text, sizeof text, result, arguments);
    va_end(arguments);
    snprintf(members, sizeof members,
             "\"event\":\"case_started\",\"suite\":\"s\",\"case\":\"case %zu\",\"key\":\"k%zu\","
             "\"data\":{%s},\"model\":{\"name\":\"m\",\"beta\":1},\"method\":{%s}",
             number, number, data, method);
    log_line(f->file, members);
    snprintf(
        members, sizeof members,
        "\"event\":\"case_finished\",\"suite\":\"s\",\"case\":\"case %zu\",\"key\":\"k%zu\",%s",
        number, number, text);
    log_line(f->file, members);
}

static const zg_claim *finish(fixture *f)
{
    zg_error error = {0};
    fclose(f->file);
    assert_int_equal(zg_log_read(&f->log, scratch_path("claims.ndjson"), &error), ZG_OK);
    assert_int_equal(zg_study_create(&f->log, &f->study, &error), ZG_OK);
    assert_int_equal(zg_claims_judge(&f->study, &f->claims, &error), ZG_OK);
    return f->claims.items;
}

static void clear(fixture *f)
{
    zg_claims_clear(&f->claims);
    zg_study_clear(&f->study);
    zg_log_clear(&f->log);
}

static void expect(const zg_claim *claim, zg_claim_verdict verdict, const char *evidence,
                   const char *reason)
{
    if (claim->verdict != verdict || !strstr(zg_text_bytes(&claim->evidence), evidence) ||
        !strstr(zg_text_bytes(&claim->reason), reason))
        fail_msg("%s: %s\nevidence: %s\nreason: %s\n(expected %s, \"%s\", \"%s\")", claim->id,
                 zg_claim_words(claim->verdict), zg_text_bytes(&claim->evidence),
                 zg_text_bytes(&claim->reason), zg_claim_words(verdict), evidence, reason);
}

#define IPM "\"name\":\"ipm\",\"method\":\"ipm\""
#define ADAM "\"name\":\"adam,seed=0\",\"method\":\"adam\",\"seed\":0"
#define CERTIFIED "\"verdict\":\"certified\",\"objective\":100,\"bound\":99.99999,\"gap\":1e-7"

/* ---- selection ------------------------------------------------------------------------------ */

static void labels_select(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "\"front\":{\"claim\":\"c\",\"test\":\"certified\",\"data\":\"wdbc,iris\"},"
              "\"method\":{\"claim\":\"c\",\"test\":\"certified\",\"method\":\"adam\"},"
              "\"none\":{\"claim\":\"c\",\"test\":\"certified\",\"data\":\"wd\"},"
              "\"model\":{\"claim\":\"c\",\"test\":\"certified\",\"model\":\"other\"},"
              "\"unknown\":{\"claim\":\"c\",\"test\":\"horoscope\"}");
    add(&f, "\"name\":\"wdbc,split.seed=1\"", IPM, CERTIFIED);
    add(&f, "\"name\":\"wdbc2\"", IPM, CERTIFIED);
    add(&f, "\"name\":\"iris\"", "\"name\":\"fast,seed=0\",\"method\":\"adam\"", CERTIFIED);
    const zg_claim *claims = finish(&f);
    assert_int_equal(f.claims.count, 5);
    expect(&claims[0], ZG_CLAIM_REPRODUCED, "2 of 2 finished", "");
    expect(&claims[1], ZG_CLAIM_REPRODUCED, "1 of 1 finished", "");
    expect(&claims[2], ZG_CLAIM_OPEN, "", "no case of it ran");
    expect(&claims[3], ZG_CLAIM_OPEN, "", "no case of it ran");
    expect(&claims[4], ZG_CLAIM_OPEN, "", "does not know the test horoscope");
    clear(&f);
}

/* A resumed run repeats its claims: the last word counts, and nothing is told twice. */
static void the_last_run_counts(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "\"a\":{\"claim\":\"old\",\"test\":\"certified\",\"gap\":1e-9}");
    add(&f, "\"name\":\"p\"", IPM, CERTIFIED);
    log_line(f.file, "\"event\":\"run_started\",\"format\":\"zerogap-events/1\",\"suite\":\"s\","
                     "\"claims\":{\"s\":{\"a\":{\"claim\":\"new\",\"test\":\"certified\"}}}");
    const zg_claim *claims = finish(&f);
    assert_int_equal(f.claims.count, 1);
    assert_string_equal(claims[0].statement, "new");
    expect(&claims[0], ZG_CLAIM_REPRODUCED, "1 of 1", "");
    clear(&f);
}

/* ---- certified ------------------------------------------------------------------------------ */

static void certified(void **state)
{
    (void)state;
    static const char claim[] = "\"c\":{\"claim\":\"c\",\"test\":\"certified\"},"
                                "\"strict\":{\"claim\":\"c\",\"test\":\"certified\",\"gap\":1e-8}";
    fixture f;
    begin(&f, claim);
    add(&f, "\"name\":\"p\"", IPM, CERTIFIED);
    add(&f, "\"name\":\"q\"", IPM, "\"verdict\":\"skipped\",\"message\":\"no data\"");
    const zg_claim *claims = finish(&f);
    expect(&claims[0], ZG_CLAIM_REPRODUCED, "1 case was skipped (no data)", "");
    expect(&claims[1], ZG_CLAIM_NOT_REPRODUCED, "0 of 1", "first of all case 0");
    clear(&f);
    begin(&f, claim);
    add(&f, "\"name\":\"p\"", IPM, CERTIFIED);
    add(&f, "\"name\":\"q\"", IPM, "\"verdict\":\"timeout\",\"message\":\"too slow\"");
    claims = finish(&f);
    expect(&claims[0], ZG_CLAIM_NOT_REPRODUCED, "1 of 1", "1 case did not finish");
    clear(&f);
    begin(&f, claim);
    add(&f, "\"name\":\"q\"", IPM, "\"verdict\":\"skipped\",\"message\":\"no data\"");
    expect(finish(&f), ZG_CLAIM_OPEN, "no data", "no case of it ran");
    clear(&f);
}

/* ---- above-bound ---------------------------------------------------------------------------- */

#define ABOVE                                                                                      \
    "\"a\":{\"claim\":\"c\",\"test\":\"above-bound\",\"method\":\"adam\",\"by\":\"neurons\"},"     \
    "\"b\":{\"claim\":\"c\",\"test\":\"above-bound\",\"method\":\"adam\",\"excess\":0.05}"

/* The best of the grid of each seed: 110 and 102 for two seeds with the optimum at 100. */
static void above_bound(void **state)
{
    (void)state;
    static const double objectives[2][2] = {{110, 120}, {104, 102}};
    fixture f;
    begin(&f, ABOVE);
    add(&f, "\"name\":\"p\"", IPM,
        "\"verdict\":\"certified\",\"objective\":100,\"bound\":100,"
        "\"gap\":0");
    for (int seed = 0; seed < 2; seed++)
        for (int rate = 0; rate < 2; rate++) {
            char method[200];
            snprintf(method, sizeof method,
                     "\"name\":\"adam,learning_rate=%d,seed=%d\",\"method\":\"adam\","
                     "\"neurons\":5,\"learning_rate\":%d,\"seed\":%d",
                     rate, seed, rate, seed);
            add(&f, "\"name\":\"p\"", method,
                "\"verdict\":\"uncertified\",\"objective\":%g,\"bound\":1,\"gap\":0.9",
                objectives[seed][rate]);
        }
    const zg_claim *claims = finish(&f);
    expect(&claims[0], ZG_CLAIM_REPRODUCED,
           "4 runs of local methods on problems with a certified optimum: 0 ended below it (lowest "
           "relative excess 2.0e-02), 0 within 1 % of it. The best of the grid, problem by problem "
           "and seed by seed (2): median excess 6 %, worst 10 %. Medians by neurons: 5: 6 %.",
           "");
    expect(&claims[1], ZG_CLAIM_REPRODUCED, "median excess 6 %", "");
    clear(&f);
}

static void below_bound_is_told(void **state)
{
    (void)state;
    fixture f;
    begin(&f, ABOVE);
    add(&f, "\"name\":\"p\"", IPM, CERTIFIED);
    add(&f, "\"name\":\"p\"", ADAM, "\"verdict\":\"uncertified\",\"objective\":99.9,\"bound\":1");
    const zg_claim *claims = finish(&f);
    /* The objective of 99.9 is now the best known, and the bound lies above it. */
    expect(&claims[0], ZG_CLAIM_NOT_REPRODUCED, "1 ended below it", "one of the two is wrong");
    expect(&claims[1], ZG_CLAIM_NOT_REPRODUCED, "1 ended below it", "one of the two is wrong");
    clear(&f);
    begin(&f, ABOVE);
    add(&f, "\"name\":\"p\"", ADAM, "\"verdict\":\"uncertified\",\"objective\":99,\"bound\":1");
    expect(finish(&f), ZG_CLAIM_OPEN, "", "no method certified the optimum");
    clear(&f);
    begin(&f, ABOVE);
    add(&f, "\"name\":\"p\"", IPM, CERTIFIED);
    add(&f, "\"name\":\"p\"", ADAM, "\"verdict\":\"uncertified\",\"objective\":100.5,\"bound\":1");
    claims = finish(&f);
    expect(&claims[0], ZG_CLAIM_REPRODUCED, "1 within 1 % of it", "");
    expect(&claims[1], ZG_CLAIM_NOT_REPRODUCED, "", "less than the 5 % that was claimed");
    clear(&f);
}

/* ---- neurons -------------------------------------------------------------------------------- */

/* Pataki's bound against all pairs of ranks. */
static void neurons(void **state)
{
    (void)state;
    for (int n = 1; n < 120; n += 7) {
        int most = 0;
        for (int r = 0; r < 40; r++)
            for (int s = 0; s < 40; s++)
                if (r * (r + 1) / 2 + s * (s + 1) / 2 <= n + 2 && r + s > most) most = r + s;
        for (int extra = 0; extra < 2; extra++) {
            fixture f;
            char data[100];
            snprintf(data, sizeof data, "\"name\":\"p\",\"n\":%d,\"d\":%d", n, most + 1);
            begin(&f, "\"p\":{\"claim\":\"c\",\"test\":\"neurons\",\"method\":\"ipm\","
                      "\"bound\":\"pataki\"},"
                      "\"l\":{\"claim\":\"c\",\"test\":\"neurons\",\"method\":\"ipm\","
                      "\"bound\":\"lifted\"}");
            add(&f, data, IPM, CERTIFIED ",\"neurons\":%d", most + extra);
            add(&f, data, ADAM, CERTIFIED ",\"neurons\":1000");
            const zg_claim *claims = finish(&f);
            expect(&claims[0], extra ? ZG_CLAIM_NOT_REPRODUCED : ZG_CLAIM_REPRODUCED,
                   extra ? "0 of 1" : "the least distance to it is 0", extra ? "1 case has" : "");
            expect(&claims[1], ZG_CLAIM_REPRODUCED, "1 of 1", "");
            clear(&f);
        }
    }
}

static void neurons_of_unknown_size(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "\"p\":{\"claim\":\"c\",\"test\":\"neurons\",\"method\":\"ipm\"}");
    add(&f, "\"name\":\"p\"", IPM, CERTIFIED ",\"neurons\":3");
    add(&f, "\"name\":\"p\",\"n\":9", IPM,
        "\"verdict\":\"uncertified\",\"objective\":1,\"bound\":0,\"gap\":1,\"neurons\":3");
    expect(finish(&f), ZG_CLAIM_OPEN, "2 cases are left out", "no case is certified");
    clear(&f);
}

/* ---- growth --------------------------------------------------------------------------------- */

static void grow(fixture *f, const double *sizes, const double *efforts, size_t count,
                 const char *more)
{
    for (size_t i = 0; i < count; i++) {
        char data[100];
        snprintf(data, sizeof data, "\"name\":\"p,n=%g\",\"n\":%g", sizes[i], sizes[i]);
        add(f, data, IPM, CERTIFIED ",\"seconds\":%.17g,\"iterations\":%.17g%s", efforts[i],
            efforts[i], more);
    }
}

#define EXPONENT                                                                                   \
    "\"a\":{\"claim\":\"c\",\"test\":\"exponent\",\"method\":\"ipm\",\"variable\":\"n\","          \
    "\"at_most\":2.5},\"b\":{\"claim\":\"c\",\"test\":\"exponent\",\"method\":\"ipm\","            \
    "\"variable\":\"n\",\"at_most\":1.5}"

static void exponent(void **state)
{
    (void)state;
    static const double sizes[] = {10, 20, 40, 80}, squares[] = {1, 4, 16, 64};
    static const double wild[] = {1, 9, 7, 64};
    fixture f;
    begin(&f, EXPONENT);
    grow(&f, sizes, squares, 4, "");
    const zg_claim *claims = finish(&f);
    expect(&claims[0], ZG_CLAIM_REPRODUCED, "4 sizes from 10 to 80: exponent 2.00", "");
    expect(&claims[1], ZG_CLAIM_NOT_REPRODUCED, "exponent 2.00", "above 1.5");
    clear(&f);
    begin(&f, EXPONENT);
    grow(&f, sizes, squares, 3, "");
    expect(finish(&f), ZG_CLAIM_OPEN, "3 sizes", "fewer than 4 sizes");
    clear(&f);
    begin(&f, EXPONENT);
    grow(&f, sizes, wild, 4, "");
    expect(finish(&f), ZG_CLAIM_OPEN, "exponent", "reaches beyond 2.5");
    clear(&f);
    begin(&f, EXPONENT);
    grow(&f, sizes, squares, 4, ",\"timing\":\"shared\"");
    expect(finish(&f), ZG_CLAIM_OPEN, "exponent 2.00", "beside other cases");
    clear(&f);
}

/* Outputs are told by the classes, patches by the filter; of samples the median counts. */
static void sizes_are_found(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "\"o\":{\"claim\":\"c\",\"test\":\"exponent\",\"method\":\"ipm\",\"variable\":"
              "\"outputs\",\"at_most\":2}");
    add(&f, "\"name\":\"a\",\"classes\":\"0,1,2\"", IPM,
        CERTIFIED ",\"seconds\":50,\"samples\":[50,3,3]");
    add(&f, "\"name\":\"b\",\"classes\":\"0,1,2,3,4,5\"", IPM, CERTIFIED ",\"seconds\":6");
    add(&f, "\"name\":\"c\",\"outputs\":12", IPM, CERTIFIED ",\"seconds\":12");
    add(&f, "\"name\":\"d\",\"outputs\":24", IPM, CERTIFIED ",\"seconds\":24");
    expect(finish(&f), ZG_CLAIM_REPRODUCED, "4 sizes from 3 to 24: exponent 1.00", "");
    clear(&f);
}

static void exponential(void **state)
{
    (void)state;
    static const double sizes[] = {4, 6, 8, 10, 12};
    static const char claim[] = "\"e\":{\"claim\":\"c\",\"test\":\"exponential\",\"method\":"
                                "\"ipm\",\"variable\":\"n\"}";
    double efforts[5];
    fixture f;
    for (size_t i = 0; i < 5; i++)
        efforts[i] = pow(2, sizes[i]);
    begin(&f, claim);
    grow(&f, sizes, efforts, 5, "");
    expect(finish(&f), ZG_CLAIM_REPRODUCED, "grow by a factor of 2.00 with each unit", "");
    clear(&f);
    for (size_t i = 0; i < 5; i++)
        efforts[i] = pow(sizes[i], 3);
    begin(&f, claim);
    grow(&f, sizes, efforts, 5, "");
    expect(finish(&f), ZG_CLAIM_NOT_REPRODUCED, "worse than a power of 3.0", "fits better");
    clear(&f);
    begin(&f, claim);
    grow(&f, sizes, efforts, 2, "");
    expect(finish(&f), ZG_CLAIM_OPEN, "", "fewer than 4 sizes");
    clear(&f);
}

/* ---- compare -------------------------------------------------------------------------------- */

/* One side on one split: the setting that is best on the validation rows, and a decoy that is
 * better on the test rows. */
static void side(fixture *f, int set, int split, const char *method, double test, double seconds)
{
    char data[100], name[100];
    snprintf(data, sizeof data, "\"name\":\"set%d,split.seed=%d\"", set, split);
    for (int setting = 0; setting < 2; setting++) {
        snprintf(name, sizeof name, "\"name\":\"%s,x=%d\",\"method\":\"%s\",\"x\":%d", method,
                 setting, method, setting);
        add(f, data, name,
            CERTIFIED ",\"seconds\":%g,\"validation\":{\"loss\":1,\"accuracy\":%g},\"test\":{"
                      "\"loss\":1,\"accuracy\":%g}",
            seconds, setting ? 0.9 : 0.8, setting ? test : 1.0);
    }
}

#define COMPARE(more)                                                                              \
    "\"claim\":\"c\",\"test\":\"compare\",\"method\":\"ipm\",\"against\":\"adam\","                \
    "\"metric\":" more

static void compare(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "\"better\":{" COMPARE(
                  "\"accuracy\",\"demand\":\"better\"") "},"
                                                        "\"worse\":{" COMPARE(
                                                            "\"accuracy\",\"margin\":0."
                                                            "02") "},"
                                                                  "\"strict\":"
                                                                  "{" COMPARE(
                                                                      "\"accuracy\","
                                                                      "\"margin\":0."
                                                                      "001") "},"
                                                                             "\"time\":"
                                                                             "{" COMPARE("\"sec"
                                                                                         "onds"
                                                                                         "\","
                                                                                         "\"dem"
                                                                                         "and\""
                                                                                         ":\"be"
                                                                                         "tter"
                                                                                         "\"") "}");
    /* Differences of 2, 4 and 6 points: mean 4, t(0.975, 2) = 4.302653, half width 4.968. */
    for (int set = 1; set <= 3; set++)
        for (int split = 0; split < 2; split++) {
            side(&f, set, split, "ipm", 0.8 + 0.02 * set, 1);
            side(&f, set, split, "adam", 0.8, 2);
        }
    const zg_claim *claims = finish(&f);
    expect(&claims[0], ZG_CLAIM_OPEN,
           "6 pairs on 3 data sets, settings chosen on validation rows: better on 3 data sets, "
           "equal on 0, worse on 0. Mean difference in test accuracy +4.00 percentage points, 95 % "
           "interval [-0.97, +8.97].",
           "contains both possibilities");
    expect(&claims[1], ZG_CLAIM_REPRODUCED,
           "Tuning took 12 s for 12 trainings against 24 s "
           "for 12; the other side needed 2 times",
           "");
    expect(&claims[2], ZG_CLAIM_OPEN, "", "contains both");
    expect(&claims[3], ZG_CLAIM_REPRODUCED, "The other side has 2 times the training time", "");
    clear(&f);
}

static void compare_the_other_way(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "\"a\":{" COMPARE(
                  "\"accuracy\",\"margin\":0.01") "},"
                                                  "\"t\":{" COMPARE(
                                                      "\"seconds\",\"demand\":\"better\"") "}");
    for (int set = 1; set <= 3; set++) {
        side(&f, set, 0, "ipm", 0.8, 3);
        side(&f, set, 0, "adam", 0.9, 2);
    }
    const zg_claim *claims = finish(&f);
    expect(&claims[0], ZG_CLAIM_NOT_REPRODUCED,
           "worse on 3. Mean difference in test accuracy "
           "-10.00",
           "the other side");
    expect(&claims[1], ZG_CLAIM_NOT_REPRODUCED, "0.667 times", "the other side");
    clear(&f);
    begin(&f, "\"a\":{" COMPARE("\"accuracy\"") "}");
    for (int set = 1; set <= 2; set++) {
        side(&f, set, 0, "ipm", 0.9, 3);
        side(&f, set, 0, "adam", 0.9, 2);
    }
    expect(finish(&f), ZG_CLAIM_OPEN, "equal on 2", "fewer than 3 data sets");
    clear(&f);
    begin(&f, "\"a\":{" COMPARE("\"accuracy\"") "}");
    add(&f, "\"name\":\"p\"", IPM, CERTIFIED ",\"test\":{\"accuracy\":1}");
    add(&f, "\"name\":\"p\"", ADAM, CERTIFIED ",\"test\":{\"accuracy\":1}");
    expect(finish(&f), ZG_CLAIM_OPEN, "", "no data set has a validated result of both sides");
    clear(&f);
}

/* One training of a second against two of a second each. */
static void compare_tuning(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "\"seconds\":{" COMPARE("\"seconds\"") "},"
                                                     "\"tuning\":{" COMPARE(
                                                         "\"tuning\",\"demand\":\"better\"") "}");
    for (int set = 1; set <= 3; set++) {
        char data[100];
        snprintf(data, sizeof data, "\"name\":\"set%d,split.seed=0\"", set);
        add(&f, data, IPM,
            CERTIFIED ",\"seconds\":1,\"validation\":{\"accuracy\":1},\"test\":{\"accuracy\":1}");
        side(&f, set, 0, "adam", 0.8, 1);
    }
    const zg_claim *claims = finish(&f);
    expect(&claims[0], ZG_CLAIM_REPRODUCED, "The other side has 1 times the training time", "");
    expect(&claims[1], ZG_CLAIM_REPRODUCED, "The other side has 2 times the time of all", "");
    clear(&f);
}

/* Errors are compared as ratios: 1, 1.02 and 1.02^2 times on three sets. */
static void compare_errors(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "\"a\":{" COMPARE("\"rmse\",\"margin\":0.05") "}");
    for (int set = 0; set < 3; set++)
        for (int who = 0; who < 2; who++) {
            char data[60];
            snprintf(data, sizeof data, "\"name\":\"set%d\"", set);
            add(&f, data, who ? ADAM : IPM,
                CERTIFIED ",\"seconds\":1,\"validation\":{\"loss\":1,\"rmse\":1},\"test\":{"
                          "\"loss\":1,\"rmse\":%.17g}",
                who ? pow(1.02, set) : 1.0);
        }
    expect(finish(&f), ZG_CLAIM_REPRODUCED, "The other side has 1.02 times the test RMSE", "");
    clear(&f);
}

/* ---- decomposition -------------------------------------------------------------------------- */

static void decomposition(void **state)
{
    (void)state;
    static const char claim[] = "\"d\":{\"claim\":\"c\",\"test\":\"decomposition\"}";
    fixture f;
    /* (1,0,1) and (-1,0,1): Z = diag(2, 0, 2), whose eigenvectors are axes at +1 and -1; of the
     * negative neurons there is one, of rank one. */
    begin(&f, claim);
    add(&f, "\"name\":\"p\"", IPM,
        CERTIFIED ",\"network\":{\"u\":[1,0,-1,0,0.6,0.8],\"alpha\":[1,1,-3]}");
    const zg_claim *claims = finish(&f);
    expect(&claims[0], ZG_CLAIM_REPRODUCED,
           "1 matrices of rank 2 or 3 in certified optima of networks with two inputs: 1 have as "
           "many neurons as their rank, all of them on the cone in 1; of 1 an eigenvector",
           "");
    assert_non_null(strstr(zg_text_bytes(&claims[0].figure), "<svg"));
    clear(&f);
    begin(&f, claim); /* the first neuron stands twice */
    add(&f, "\"name\":\"p\"", IPM,
        CERTIFIED ",\"network\":{\"u\":[1,0,1,0,0,1],\"alpha\":[1,2,1]}");
    expect(finish(&f), ZG_CLAIM_NOT_REPRODUCED, "0 have as many", "more neurons than its rank");
    clear(&f);
    begin(&f, claim); /* not of unit norm: not on the cone */
    add(&f, "\"name\":\"p\"", IPM, CERTIFIED ",\"network\":{\"u\":[1,0,0,1.1],\"alpha\":[1,1]}");
    expect(finish(&f), ZG_CLAIM_NOT_REPRODUCED, "on the cone in 0", "");
    clear(&f);
    begin(&f, claim);
    add(&f, "\"name\":\"p\"", IPM, CERTIFIED ",\"network\":{\"u\":[1,0],\"alpha\":[1]}");
    expect(finish(&f), ZG_CLAIM_OPEN, "0 matrices", "no certified optimum");
    clear(&f);
}

/* ---- outputs -------------------------------------------------------------------------------- */

static void outputs_tell_all(void **state)
{
    (void)state;
    fixture f;
    zg_text html = {0}, markdown = {0};
    zg_error error = {0};
    begin(&f, "\"a\":{\"claim\":\"less < more | \\\"x\\\"\",\"test\":\"certified\"},"
              "\"b\":{\"claim\":\"second\",\"test\":\"certified\",\"data\":\"gone\"}");
    add(&f, "\"name\":\"p\"", IPM, CERTIFIED);
    (void)finish(&f);
    assert_int_equal(zg_report_html(&f.study, "", &html, &error), ZG_OK);
    zg_report_markdown(&f.study, &markdown);
    assert_non_null(strstr(html.bytes, "<h2 id=\"claims\">"));
    assert_non_null(strstr(html.bytes, "less &lt; more | &quot;x&quot;"));
    assert_non_null(strstr(html.bytes, "<b>1 of 2 reproduced</b>, 0 not reproduced, 1 not dec"));
    assert_non_null(strstr(markdown.bytes, "less &lt; more \\| \"x\" | **reproduced** | 1 of 1"));
    assert_non_null(strstr(markdown.bytes, "| second | **not decidable here**: no case of it ran"));
    zg_text_clear(&html);
    zg_text_clear(&markdown);
    clear(&f);
}

/* The title of a report of several logs. */
static void titles(void **state)
{
    (void)state;
    static const struct {
        const char *suites[3], *title;
    } expected[] = {{{"s"}, "## s\n"},
                    {{"paper/a", "paper/b", "paper/a"}, "## paper\n"},
                    {{"paper/a", "papers/b"}, "## paper, papers\n"},
                    {{"paper/a", "paper", "b"}, "## paper, b\n"},
                    {{NULL}, "## zerogap\n"}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        zg_log log = {0};
        zg_study study;
        zg_text out = {0};
        zg_error error = {0};
        FILE *file = fopen(scratch_path("titles"), "wb");
        assert_non_null(file);
        log_line(file, "\"event\":\"other\"");
        for (size_t k = 0; k < 3 && expected[i].suites[k]; k++) {
            char members[200];
            snprintf(members, sizeof members,
                     "\"event\":\"run_started\",\"format\":\"zerogap-events/1\",\"suite\":\"%s\"",
                     expected[i].suites[k]);
            log_line(file, members);
        }
        fclose(file);
        assert_int_equal(zg_log_read(&log, scratch_path("titles"), &error), ZG_OK);
        assert_int_equal(zg_study_create(&log, &study, &error), ZG_OK);
        zg_report_markdown(&study, &out);
        assert_memory_equal(zg_text_bytes(&out), expected[i].title, strlen(expected[i].title));
        zg_text_clear(&out);
        zg_study_clear(&study);
        zg_log_clear(&log);
    }
}

static int tidy(void **state)
{
    (void)state;
    scratch_clear();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_select),
        cmocka_unit_test(the_last_run_counts),
        cmocka_unit_test(certified),
        cmocka_unit_test(above_bound),
        cmocka_unit_test(below_bound_is_told),
        cmocka_unit_test(neurons),
        cmocka_unit_test(neurons_of_unknown_size),
        cmocka_unit_test(exponent),
        cmocka_unit_test(sizes_are_found),
        cmocka_unit_test(exponential),
        cmocka_unit_test(compare),
        cmocka_unit_test(compare_the_other_way),
        cmocka_unit_test(compare_tuning),
        cmocka_unit_test(compare_errors),
        cmocka_unit_test(decomposition),
        cmocka_unit_test(outputs_tell_all),
        cmocka_unit_test(titles),
    };
    return cmocka_run_group_tests_name("claims", tests, NULL, tidy);
}
