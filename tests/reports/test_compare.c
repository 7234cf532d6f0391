/* Comparisons: false alarms, power, every state and exit status, both input formats. */
#include "reports/compare.h"
#include "synthetic.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES 15
#define RUNS 400

/* Timings of one run of a case: `spread` of heavy-tailed noise on logarithms, neighbours
 * correlated, a linear drift of up to 2 % over the run either way, a level of the whole run up to
 * 1 % off, now and then an outlier. */
static void timings(noise *source, double typical, double spread, size_t count, double *samples)
{
    double slope = 0.02 * (2 * noise_uniform(source) - 1), last = noise_heavy(source);
    double level = 0.01 * (2 * noise_uniform(source) - 1);
    for (size_t i = 0; i < count; i++) {
        last = 0.2 * last + 0.98 * noise_heavy(source);
        double x = level + spread * last + slope * ((double)i / (double)count - 0.5);
        if (noise_uniform(source) < 0.03) x += 0.5 * noise_uniform(source);
        samples[i] = typical * exp(x);
    }
}

static zg_comparison compare_files(const char *base, const char *new,
                                   const zg_compare_options *options)
{
    zg_comparison out;
    zg_error error = {0};
    if (zg_compare(base, new, options, &out, &error) != ZG_OK) fail_msg("%s", error.message);
    return out;
}

static void the_same_program_raises_no_alarm(void **state)
{
    (void)state;
    zg_compare_options options = zg_compare_defaults();
    noise source = {1};
    size_t alarms = 0, tests_alone = 0, same = 0;
    for (size_t run = 0; run < RUNS; run++) {
        double base[SAMPLES], new[SAMPLES];
        timings(&source, 0.2, 0.05, SAMPLES, base);
        timings(&source, 0.2, 0.05, SAMPLES, new);
        zg_compared row = {0};
        assert_true(zg_compare_samples(SAMPLES, base, SAMPLES, new, &options, &row));
        alarms += row.change == ZG_SLOWER || row.change == ZG_FASTER;
        same += row.change == ZG_SAME;
        tests_alone += row.p <= options.level;
    }
    print_message("# single cases: %zu of %d alarms (rank test alone: %zu), %zu same\n", alarms,
                  RUNS, tests_alone, same);
    assert_true((double)alarms <= options.level * RUNS);
    assert_true(same >= 0.5 * RUNS); /* noise of the size of the allowance: nearly half unknown */
    assert_true(tests_alone > 0);    /* the simulation is not so tame that nothing could alarm */
}

/* Whole runs of 12 cases through the files: at most the nominal share of runs raises any alarm. */
static void whole_runs_raise_no_alarm(void **state)
{
    (void)state;
    zg_compare_options options = zg_compare_defaults();
    noise source = {2};
    size_t alarms = 0, nothing = 0, same = 0;
    for (size_t run = 0; run < RUNS; run++) {
        const char *paths[2] = {scratch_path("aa-base.ndjson"), scratch_path("aa-new.ndjson")};
        for (size_t side = 0; side < 2; side++) {
            FILE *log = log_open(paths[side], "X");
            for (int i = 0; i < 12; i++) {
                double samples[SAMPLES];
                char name[8];
                snprintf(name, sizeof name, "c%d", i);
                timings(&source, 0.01 * (i + 1), 0.02 + 0.005 * i, SAMPLES, samples);
                log_case(log, name, "certified", SAMPLES, samples, "");
            }
            fclose(log);
        }
        zg_comparison found = compare_files(paths[0], paths[1], &options);
        assert_int_equal(found.matched, 12);
        alarms += found.exit_status == 1;
        nothing += found.exit_status == 3;
        same += found.changes[ZG_SAME];
        zg_comparison_clear(&found);
    }
    print_message("# runs of 12 cases: %zu of %d with an alarm, %zu that say nothing; %zu of %d "
                  "cases the same\n",
                  alarms, RUNS, nothing, same, 12 * RUNS);
    assert_true((double)alarms <= options.level * RUNS);
    assert_true((double)nothing <= 0.01 * RUNS);
}

static void a_slowdown_of_a_tenth_is_found(void **state)
{
    (void)state;
    zg_compare_options options = zg_compare_defaults();
    noise source = {3};
    size_t slower = 0, faster = 0, heavy = 0, same = 0;
    for (size_t run = 0; run < RUNS; run++) {
        double base[SAMPLES], new[SAMPLES];
        for (size_t i = 0; i < SAMPLES; i++) {
            base[i] = exp(0.05 * noise_normal(&source));
            new[i] = 1.1 * exp(0.05 * noise_normal(&source));
        }
        zg_compared row = {0}, back = {0}, real = {0};
        assert_true(zg_compare_samples(SAMPLES, base, SAMPLES, new, &options, &row));
        assert_true(zg_compare_samples(SAMPLES, new, SAMPLES, base, &options, &back));
        slower += row.change == ZG_SLOWER;
        faster += back.change == ZG_FASTER;
        timings(&source, 1, 0.05, SAMPLES, base);
        timings(&source, 1.1, 0.05, SAMPLES, new);
        assert_true(zg_compare_samples(SAMPLES, base, SAMPLES, new, &options, &real));
        heavy += real.change == ZG_SLOWER;
        same += row.change == ZG_SAME;
        same += real.change == ZG_SAME;
    }
    print_message("# 10 %% slower, 5 %% noise, 15 samples: %zu of %d found, %zu when reversed, %zu "
                  "with heavy tails and drift; called the same: %zu of %d\n",
                  slower, RUNS, faster, heavy, same, 2 * RUNS);
    assert_true(slower >= 0.95 * RUNS && faster >= 0.95 * RUNS);
    assert_true(heavy >= 0.9 * RUNS);
    assert_true(same <= 0.005 * 2 * RUNS);
}

/* "Same" is a finding, too: a slowdown just beyond the allowance is called the same no more often
 * than a one-sided interval of 97.5 % allows (and three standard deviations of the count), however
 * few samples and however wild the noise; a steady program is found to be the same. */
static void same_rules_a_slowdown_out(void **state)
{
    (void)state;
    zg_compare_options options = zg_compare_defaults();
    static const size_t counts[] = {4, 6, 15};
    static const double spreads[] = {0.005, 0.02, 0.05, 0.2};
    noise source = {4};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (size_t s = 0; s < sizeof spreads / sizeof *spreads; s++) {
            size_t missed = 0, same = 0;
            for (size_t run = 0; run < RUNS; run++) {
                double base[SAMPLES], new[SAMPLES], again[SAMPLES];
                for (size_t i = 0; i < counts[c]; i++) {
                    base[i] = exp(spreads[s] * noise_normal(&source));
                    again[i] = exp(spreads[s] * noise_normal(&source));
                    new[i] = 1.0501 * exp(spreads[s] * noise_normal(&source));
                }
                zg_compared row = {0}, steady = {0};
                assert_true(zg_compare_samples(counts[c], base, counts[c], new, &options, &row));
                assert_true(
                    zg_compare_samples(counts[c], base, counts[c], again, &options, &steady));
                missed += row.change == ZG_SAME;
                same += steady.change == ZG_SAME;
            }
            print_message("# %zu samples, noise of %g %%: same %zu of %d; of a slowdown of 5 %% "
                          "%zu\n",
                          counts[c], 100 * spreads[s], same, RUNS, missed);
            assert_true((double)missed <= 0.025 * RUNS + 3 * sqrt(0.025 * RUNS));
            if (spreads[s] < 0.01) assert_int_equal(same, RUNS);
            if (spreads[s] > 0.1) assert_true(same < 0.1 * RUNS);
        }
}

/* A NaN excludes nothing. */
static void nan_is_never_the_same(void **state)
{
    (void)state;
    zg_compare_options options = zg_compare_defaults();
    double base[6] = {1, 1, 1, 1, 1, 1};
    zg_compared row = {0};
    assert_true(zg_compare_samples(6, base, 6, base, &options, &row));
    assert_int_equal(row.change, ZG_SAME);
    options.allowance = NAN;
    assert_true(zg_compare_samples(6, base, 6, base, &options, &row));
    assert_int_equal(row.change, ZG_UNKNOWN);
}

/* Two runs that both warm up by a fifth, the second one step ahead: the rank test sees a change,
 * but it is no larger than what either run does by itself.  Whether anything is slower, nobody
 * knows. */
static void drift_within_a_run_is_no_change(void **state)
{
    (void)state;
    zg_compare_options options = zg_compare_defaults();
    double base[SAMPLES], new[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++) {
        base[i] = 1.0 + 0.2 * (double)i / (SAMPLES - 1);
        new[i] = 1.1 + 0.2 * (double)i / (SAMPLES - 1);
    }
    zg_compared row = {0};
    assert_true(zg_compare_samples(SAMPLES, base, SAMPLES, new, &options, &row));
    assert_true(row.p < 0.01 && row.ratio > 1.05);
    assert_true(row.floor > row.ratio - 1);
    assert_int_equal(row.change, ZG_UNKNOWN);
    assert_non_null(strstr(row.reason, "too noisy"));
}

/* ---- states and exit statuses --------------------------------------------------------------- */

static void steady(double level, double *samples)
{
    for (size_t i = 0; i < SAMPLES; i++)
        samples[i] = level * (1 + 0.001 * (double)(i * 7 % 5));
}

typedef struct spec {
    const char *verdict;
    double level; /* seconds; 0: no times */
    size_t count;
    const char *extra;
} spec;

static const char *write_side(const char *name, const char *cpu, size_t count, const spec *cases)
{
    const char *path = scratch_path(name);
    FILE *log = log_open(path, cpu);
    for (size_t i = 0; i < count; i++) {
        double samples[SAMPLES];
        char label[8];
        snprintf(label, sizeof label, "c%zu", i);
        if (!cases[i].verdict) continue;
        steady(cases[i].level, samples);
        log_case(log, label, cases[i].verdict, cases[i].level > 0 ? cases[i].count : 0, samples,
                 cases[i].extra);
    }
    fclose(log);
    return path;
}

#define GOOD "certified", 1.0, SAMPLES, ",\"objective\":5,\"bound\":4.9999999,\"iterations\":12"

#define LOCAL(objective) "uncertified", 1.0, 1, ",\"bound\":0.1,\"objective\":" objective

static void exit_statuses_are_the_documented_ones(void **state)
{
    (void)state;
    const struct {
        spec base, new;
        const char *cpu;
        zg_compare_options options;
        int expected;
        zg_change change;
    } rows[] = {
        {{GOOD}, {GOOD}, "X", {0.05, 0.05, 0, 0, 0, 0, 0.001}, 0, ZG_SAME},
        {{GOOD},
         {"certified", 1.2, SAMPLES, ""},
         "X",
         {0.05, 0.05, 0, 0, 0, 0, 0.001},
         1,
         ZG_SLOWER},
        {{GOOD},
         {"certified", 0.8, SAMPLES, ""},
         "X",
         {0.05, 0.05, 0, 0, 0, 0, 0.001},
         0,
         ZG_FASTER},
        {{GOOD}, {"certified", 1.2, SAMPLES, ""}, "X", {0.30, 0.05, 0, 0, 0, 0, 0.001}, 0, ZG_SAME},
        {{GOOD}, {"wrong", 1.0, SAMPLES, ""}, "X", {0.05, 0.05, 0, 0, 0, 0, 0.001}, 2, ZG_UNKNOWN},
        {{GOOD},
         {"timeout", 1.0, SAMPLES, ""},
         "X",
         {0.05, 0.05, 0, 0, 0, 0, 0.001},
         5,
         ZG_UNKNOWN},
        {{GOOD},
         {"uncertified", 1.0, SAMPLES, ""},
         "X",
         {0.05, 0.05, 0, 0, 0, 0, 0.001},
         5,
         ZG_SAME},
        {{GOOD}, {"skipped", 0, 0, ""}, "X", {0.05, 0.05, 0, 0, 0, 0, 0.001}, 5, ZG_UNKNOWN},
        {{GOOD}, {"certified", 1.0, 3, ""}, "X", {0.05, 0.05, 0, 0, 0, 0, 0.001}, 0, ZG_SAME},
        {{GOOD}, {"certified", 1.0, 1, ""}, "X", {0.05, 0.05, 0, 0, 0, 0, 0.001}, 3, ZG_UNKNOWN},
        {{GOOD}, {"certified", 1.0, 1, ""}, "X", {0.05, 0.05, 0, 1, 0, 0, 0.001}, 0, ZG_UNKNOWN},
        {{GOOD}, {GOOD}, "Y", {0.05, 0.05, 0, 0, 0, 0, 0.001}, 3, ZG_UNKNOWN},
        {{GOOD}, {GOOD}, "Y", {0.05, 0.05, 0, 0, 1, 0, 0.001}, 0, ZG_SAME},
        {{GOOD},
         {"certified", 1.0, SAMPLES, ",\"iterations\":13"},
         "X",
         {0.05, 0.05, 0, 0, 0, 0, 0.001},
         1,
         ZG_SAME},
        {{GOOD},
         {"certified", 1.0, SAMPLES, ",\"iterations\":13"},
         "X",
         {0.05, 0.05, 0.1, 0, 0, 0, 0.001},
         0,
         ZG_SAME},
        {{GOOD},
         {"certified", 1.0, SAMPLES, ",\"iterations\":11"},
         "X",
         {0.05, 0.05, 0, 0, 0, 0, 0.001},
         0,
         ZG_SAME},
        /* An objective below base's certified bound: one of the two is wrong. */
        {{GOOD},
         {"uncertified", 1.0, SAMPLES, ",\"objective\":4.9,\"bound\":4.8"},
         "X",
         {0.05, 0.05, 0, 0, 0, 0, 0.001},
         2,
         ZG_SAME},
        {{GOOD},
         {"uncertified", 1.0, SAMPLES, ",\"objective\":6,\"bound\":5.1"},
         "X",
         {0.05, 0.05, 0, 0, 0, 0, 0.001},
         2,
         ZG_SAME},
        {{GOOD},
         {"certified", 1.0, SAMPLES, ",\"timing\":\"shared\""},
         "X",
         {0.05, 0.05, 0, 0, 0, 0, 0.001},
         3,
         ZG_UNKNOWN},
        /* Only in new, and came to nothing. */
        {{NULL, 0, 0, ""},
         {"failed", 0, 0, ""},
         "X",
         {0.05, 0.05, 0, 1, 0, 1, 0.001},
         5,
         ZG_UNKNOWN},
        {{NULL, 0, 0, ""},
         {"timeout", 0, 0, ""},
         "X",
         {0.05, 0.05, 0, 1, 0, 1, 0.001},
         5,
         ZG_UNKNOWN},
        {{NULL, 0, 0, ""},
         {"skipped", 0, 0, ""},
         "X",
         {0.05, 0.05, 0, 1, 0, 1, 0.001},
         3,
         ZG_UNKNOWN},
        {{"skipped", 0, 0, ""},
         {"failed", 0, 0, ""},
         "X",
         {0.05, 0.05, 0, 1, 0, 0, 0.001},
         5,
         ZG_UNKNOWN},
        {{"failed", 0, 0, ""},
         {"failed", 0, 0, ""},
         "X",
         {0.05, 0.05, 0, 1, 0, 0, 0.001},
         3,
         ZG_UNKNOWN},
        /* Objectives that nothing certifies. */
        {{LOCAL("0.51")}, {LOCAL("9000")}, "X", {0.05, 0.05, 0, 1, 0, 0, 0.001}, 1, ZG_UNKNOWN},
        {{LOCAL("0.51")}, {LOCAL("0.5111")}, "X", {0.05, 0.05, 0, 1, 0, 0, 0.001}, 1, ZG_UNKNOWN},
        {{LOCAL("0.51")}, {LOCAL("0.5109")}, "X", {0.05, 0.05, 0, 1, 0, 0, 0.001}, 0, ZG_UNKNOWN},
        {{LOCAL("0.51")}, {LOCAL("0.4")}, "X", {0.05, 0.05, 0, 1, 0, 0, 0.001}, 0, ZG_UNKNOWN},
        {{LOCAL("0.51")}, {LOCAL("null")}, "X", {0.05, 0.05, 0, 1, 0, 0, 0.001}, 1, ZG_UNKNOWN},
        {{GOOD}, {NULL, 0, 0, ""}, "X", {0.05, 0.05, 0, 0, 0, 0, 0.001}, 3, ZG_UNKNOWN},
        {{NULL, 0, 0, ""}, {GOOD}, "X", {0.05, 0.05, 0, 0, 0, 0, 0.001}, 3, ZG_UNKNOWN},
        {{NULL, 0, 0, ""}, {NULL, 0, 0, ""}, "X", {0.05, 0.05, 0, 1, 0, 1, 0.001}, 3, ZG_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *base = write_side("base.ndjson", "X", 1, &rows[i].base);
        const char *new = write_side("new.ndjson", rows[i].cpu, 1, &rows[i].new);
        zg_comparison found = compare_files(base, new, &rows[i].options);
        if (found.exit_status != rows[i].expected)
            fail_msg("row %zu: exit status %d, not %d", i, found.exit_status, rows[i].expected);
        if (found.count && found.rows[0].change != rows[i].change)
            fail_msg("row %zu: %s", i, zg_change_name(found.rows[0].change));
        zg_comparison_clear(&found);
    }
}

/* A log that ends before all announced cases have started is that of a run that was killed. */
static void a_run_that_was_cut_off_is_no_pass(void **state)
{
    (void)state;
    static const char head[] =
        "\"event\":\"run_started\",\"format\":\"zerogap-events/1\",\"cases\":%d,\"kept\":0";
    zg_compare_options options = {0.05, 0.05, 0, 1, 0, 1, 0.001}; /* with --subset, too */
    const char *paths[2] = {scratch_path("whole.ndjson"), scratch_path("killed.ndjson")};
    double seconds = 1;
    for (int announced = 1; announced <= 2; announced++) {
        for (int side = 0; side < 2; side++) {
            char line[200];
            FILE *log = fopen(paths[side], "wb");
            assert_non_null(log);
            snprintf(line, sizeof line, head, side ? announced : 1);
            log_line(log, line);
            log_case(log, "a", "certified", 1, &seconds, "");
            fclose(log);
        }
        zg_comparison found = compare_files(paths[0], paths[1], &options);
        zg_text text = {0};
        zg_compare_text(&found, &text);
        assert_int_equal(found.exit_status, announced == 1 ? 0 : 5);
        assert_int_equal(strstr(text.bytes, "1 never started in new") != NULL, announced == 2);
        zg_text_clear(&text);
        zg_comparison_clear(&found);
    }
}

/* Twenty times the allowance between the repetitions of either side: nothing was measured, and that
 * is no pass; one case that was makes it one. */
static void all_unknown_is_no_pass(void **state)
{
    (void)state;
    zg_compare_options options = zg_compare_defaults();
    noise source = {6};
    for (int steady_case = 0; steady_case < 2; steady_case++) {
        const char *paths[2] = {scratch_path("wild0.ndjson"), scratch_path("wild1.ndjson")};
        for (size_t side = 0; side < 2; side++) {
            double samples[SAMPLES];
            FILE *log = log_open(paths[side], "X");
            for (size_t k = 0; k < SAMPLES; k++)
                samples[k] = exp(noise_normal(&source));
            log_case(log, "wild", "certified", SAMPLES, samples, "");
            steady(1.0, samples);
            if (steady_case) log_case(log, "steady", "certified", SAMPLES, samples, "");
            fclose(log);
        }
        zg_comparison found = compare_files(paths[0], paths[1], &options);
        assert_int_equal(found.changes[ZG_UNKNOWN], 1);
        assert_int_equal(found.changes[ZG_SAME], steady_case);
        assert_int_equal(found.exit_status, steady_case ? 0 : 3);
        zg_comparison_clear(&found);
    }
}

/* A log of two cases, each timed on a machine of its own. */
static const char *write_two(const char *name, const char *first, const char *second, double level)
{
    const char *path = scratch_path(name);
    double times[SAMPLES];
    FILE *log = log_open(path, first);
    steady(level, times);
    log_case(log, "one", "certified", SAMPLES, times, "");
    char members[300];
    snprintf(members, sizeof members,
             "\"event\":\"run_started\",\"t\":2,\"format\":\"zerogap-events/1\",\"suite\":\"s\","
             "\"started\":\"2024-01-01T00:00:02Z\",\"provenance\":{\"version\":\"1\",\"commit\":"
             "\"abc\",\"cpu\":\"%s\",\"blas\":{\"name\":\"B\",\"threads\":1}}",
             second);
    log_line(log, members);
    log_case(log, "two", "certified", SAMPLES, times, "");
    fclose(log);
    return path;
}

static void cases_of_several_machines_are_compared_one_by_one(void **state)
{
    (void)state;
    zg_compare_options options = zg_compare_defaults();
    zg_comparison same =
        compare_files(write_two("base", "A", "B", 1), write_two("new", "A", "B", 1.5), &options);
    assert_int_equal(same.changes[ZG_SLOWER], 2);
    assert_int_equal(same.exit_status, 1);
    zg_comparison one =
        compare_files(write_two("base", "A", "B", 1), write_two("new", "A", "C", 1.5), &options);
    assert_int_equal(one.rows[0].change, ZG_SLOWER);
    assert_int_equal(one.rows[1].change, ZG_UNKNOWN);
    assert_string_equal(one.rows[1].reason, "provenance differs");
    zg_comparison none =
        compare_files(write_two("base", "A", "B", 1), write_two("new", "B", "A", 1), &options);
    assert_int_equal(none.changes[ZG_UNKNOWN], 2);
    assert_int_equal(none.exit_status, 3);
    zg_comparison_clear(&same);
    zg_comparison_clear(&one);
    zg_comparison_clear(&none);
}

static void the_worst_wins(void **state)
{
    (void)state;
    const spec base[] = {{GOOD}, {GOOD}, {GOOD}, {GOOD}};
    spec new[] = {{"certified", 1.5, SAMPLES, ""},
                  {NULL, 0, 0, ""},
                  {"failed", 0, 0, ""},
                  {"wrong", 1, 1, ""}};
    static const int expected[] = {2, 5, 3, 1};
    zg_compare_options options = zg_compare_defaults();
    for (size_t i = 0; i < 4; i++) {
        const char *paths[] = {write_side("w0.ndjson", "X", 4, base),
                               write_side("w1.ndjson", "X", 4, new)};
        zg_comparison found = compare_files(paths[0], paths[1], &options);
        assert_int_equal(found.exit_status, expected[i]);
        zg_comparison_clear(&found);
        new[3 - i] = i < 3 ? (spec){GOOD} : new[3 - i];
    }
}

/* Many cases: one true slowdown is still found, and control over cases raises every p. */
static void adjusted_p_values_reach_every_case(void **state)
{
    (void)state;
    zg_compare_options options = zg_compare_defaults();
    noise source = {5};
    const char *paths[2] = {scratch_path("many0.ndjson"), scratch_path("many1.ndjson")};
    for (size_t side = 0; side < 2; side++) {
        FILE *log = log_open(paths[side], "X");
        for (int i = 0; i < 40; i++) {
            double samples[SAMPLES];
            char name[8];
            snprintf(name, sizeof name, "c%d", i);
            for (size_t k = 0; k < SAMPLES; k++)
                samples[k] = (side && i == 7 ? 1.3 : 1) * exp(0.03 * noise_normal(&source));
            log_case(log, name, "certified", SAMPLES, samples, "");
        }
        fclose(log);
    }
    zg_comparison found = compare_files(paths[0], paths[1], &options);
    assert_int_equal(found.changes[ZG_SLOWER], 1);
    assert_int_equal(found.rows[7].change, ZG_SLOWER);
    assert_true(found.rows[7].low < 1.3 && found.rows[7].high > 1.25);
    for (size_t i = 0; i < found.count; i++)
        assert_true(found.rows[i].q >= found.rows[i].p);
    zg_comparison_clear(&found);
}

static void google_benchmark_json_is_read(void **state)
{
    (void)state;
    zg_compare_options options = zg_compare_defaults();
    const char *paths[2] = {scratch_path("gb0.json"), scratch_path("gb1.json")};
    for (int side = 0; side < 2; side++) {
        FILE *file = fopen(paths[side], "wb");
        assert_non_null(file);
        fprintf(file, "{\n \"context\": {\"num_cpus\": 2},\n \"benchmarks\": [\n");
        for (int i = 0; i < 8; i++)
            fprintf(file,
                    "  {\"name\": \"a/8\", \"run_name\": \"a/8\", \"run_type\": \"iteration\", "
                    "\"real_time\": %d, \"time_unit\": \"us\"},\n"
                    "  {\"name\": \"b\", \"run_type\": \"iteration\", \"real_time\": %d.5, "
                    "\"time_unit\": \"ns\"},\n",
                    (side ? 150 : 100) + i, 900 + i % 3);
        fprintf(file,
                "  {\"name\": \"a/8_mean\", \"run_name\": \"a/8\", \"run_type\": \"aggregate\", "
                "\"aggregate_name\": \"mean\", \"real_time\": 1, \"time_unit\": \"us\"},\n"
                "  {\"name\": \"c\", \"run_type\": \"iteration\", \"error_occurred\": %s, "
                "\"error_message\": \"boom\", \"real_time\": 3, \"time_unit\": \"ms\"}\n ]\n}\n",
                side ? "true" : "false");
        fclose(file);
    }
    zg_comparison found = compare_files(paths[0], paths[1], &options);
    assert_int_equal(found.matched, 3);
    assert_int_equal(found.rows[0].change, ZG_SLOWER);
    assert_int_equal(found.rows[0].base->sample_count, 8);
    assert_true(fabs(found.rows[0].base->samples[0] - 100e-6) < 1e-12);
    assert_int_equal(found.rows[1].change, ZG_SAME);
    assert_true(found.rows[2].broken);
    assert_int_equal(found.exit_status, 5);
    zg_comparison_clear(&found);
}

static void outputs_say_what_was_found(void **state)
{
    (void)state;
    zg_compare_options options = zg_compare_defaults();
    const spec base[] = {{GOOD}, {"certified", 1.0, SAMPLES, ",\"test\":{\"accuracy\":0.9}"}};
    const spec new[] = {
        {"certified", 1.2, SAMPLES, ",\"objective\":5,\"bound\":5,\"iterations\":14"},
        {"certified", 1.0, SAMPLES, ",\"test\":{\"accuracy\":0.8}"}};
    zg_comparison found = compare_files(write_side("o0.ndjson", "X", 2, base),
                                        write_side("o1.ndjson", "X", 2, new), &options);
    zg_text text = {0}, json = {0}, markdown = {0}, annotations = {0};
    zg_compare_text(&found, &text);
    zg_compare_json(&found, &json);
    zg_compare_markdown(&found, &markdown);
    zg_compare_annotations(&found, &annotations);
    assert_non_null(strstr(text.bytes, "iterations 14, was 12"));
    assert_non_null(strstr(text.bytes, "accuracy 0.9 \xe2\x86\x92 0.8"));
    assert_non_null(strstr(text.bytes, "exit status 1"));
    json_t *document = json_loads(json.bytes, 0, NULL);
    assert_non_null(document);
    assert_int_equal(zg_log_number(document, "exit_status"), 1);
    const json_t *row = json_array_get(json_object_get(document, "cases"), 0);
    assert_string_equal(zg_log_text(row, "change"), "slower");
    assert_true(zg_log_number(row, "low") > 1.15 && zg_log_number(row, "high") < 1.25);
    assert_non_null(strstr(markdown.bytes, "| c0 | slower |"));
    assert_non_null(strstr(annotations.bytes, "::error title=zerogap compare::c0: "));
    assert_non_null(strstr(annotations.bytes, "%25 slower"));
    json_decref(document);
    zg_text_clear(&text);
    zg_text_clear(&json);
    zg_text_clear(&markdown);
    zg_text_clear(&annotations);
    zg_comparison_clear(&found);
}

/* The number behind the first `mark` at or after *at, which moves on; NAN without one. */
static double number_after(const char **at, const char *mark)
{
    const char *found = *at ? strstr(*at, mark) : NULL;
    *at = found ? found + strlen(mark) : NULL;
    return found ? strtod(*at, NULL) : NAN;
}

/* Ratio 1 and 2 are labelled; on a logarithmic axis every point lies where its ratio says. */
static void the_picture_has_every_ratio_in_its_place(void **state)
{
    (void)state;
    zg_compare_options options = zg_compare_defaults();
    static const double factors[] = {3.0, 1.5, 1.0, 0.5, 1e9};
    const char *paths[2] = {scratch_path("s0.ndjson"), scratch_path("s1.ndjson")};
    for (size_t side = 0; side < 2; side++) {
        FILE *log = log_open(paths[side], "X");
        for (size_t i = 0; i < 5; i++) {
            double samples[SAMPLES];
            char name[96];
            snprintf(name, sizeof name,
                     "<b>&amp;%zu a name that is far too long for its room, \xc3\xa4", i);
            steady(side ? factors[i] : 1.0, samples);
            log_case(log, name, "certified", SAMPLES, samples, "");
        }
        fclose(log);
    }
    zg_comparison found = compare_files(paths[0], paths[1], &options);
    zg_text svg = {0};
    zg_compare_svg(&found, &svg);
    assert_false(svg.failed);
    assert_null(strstr(svg.bytes, "<b>"));
    assert_non_null(
        strstr(svg.bytes, ">&lt;b&gt;&amp;amp;0 a na\xe2\x80\xa6 far too long for its room"));
    const char *at = strstr(svg.bytes, "class=\"one\"");
    double one = number_after(&at, "x1=\""), two;
    at = strstr(svg.bytes, ">2</text>");
    assert_non_null(at);
    while (strncmp(at, "<line", 5) != 0)
        at--;
    two = number_after(&at, "x1=\"");
    static const double drawn[] = {3.0, 1.5, 0, 0.5, 1.0}; /* slower, faster, the same */
    at = svg.bytes;
    for (size_t i = 0; i < 5; i++) {
        double x = number_after(&at, "<circle cx=\"");
        double wanted = one + (two - one) * log2(drawn[i]);
        bool clipped = drawn[i] == 0; /* beyond 64 an axis has its end */
        assert_true(clipped ? x > one + 6 * (two - one) && x <= 760 : fabs(x - wanted) < 1.0);
    }
    assert_true(isnan(number_after(&at, "<circle cx=\"")));
    zg_text_clear(&svg);
    found.picture = "https://example.org/a b>/compare.svg";
    zg_compare_markdown(&found, &svg);
    assert_non_null(
        strstr(svg.bytes, "![Times, new / base](<https://example.org/a%20b%3E/compare.svg>)"));
    zg_text_clear(&svg);
    zg_comparison_clear(&found);
    options.no_timing = true;
    found = compare_files(paths[0], paths[1], &options);
    zg_compare_svg(&found, &svg);
    assert_non_null(strstr(svg.bytes, "No time could be compared."));
    zg_text_clear(&svg);
    zg_comparison_clear(&found);
}

static void bad_sides_are_refused(void **state)
{
    (void)state;
    zg_compare_options options = zg_compare_defaults();
    zg_comparison out;
    zg_error error = {0};
    const char *path = scratch_path("garbage.json");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fprintf(file, "{\"benchmarks\": 3}\n");
    fclose(file);
    assert_int_equal(zg_compare(path, path, &options, &out, &error), ZG_BAD_INPUT);
    zg_comparison_clear(&out);
    assert_int_equal(zg_compare(scratch_path("nowhere"), path, &options, &out, &error), ZG_IO);
    zg_comparison_clear(&out);
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
        cmocka_unit_test(the_same_program_raises_no_alarm),
        cmocka_unit_test(whole_runs_raise_no_alarm),
        cmocka_unit_test(a_slowdown_of_a_tenth_is_found),
        cmocka_unit_test(same_rules_a_slowdown_out),
        cmocka_unit_test(nan_is_never_the_same),
        cmocka_unit_test(drift_within_a_run_is_no_change),
        cmocka_unit_test(exit_statuses_are_the_documented_ones),
        cmocka_unit_test(a_run_that_was_cut_off_is_no_pass),
        cmocka_unit_test(all_unknown_is_no_pass),
        cmocka_unit_test(cases_of_several_machines_are_compared_one_by_one),
        cmocka_unit_test(the_worst_wins),
        cmocka_unit_test(adjusted_p_values_reach_every_case),
        cmocka_unit_test(google_benchmark_json_is_read),
        cmocka_unit_test(outputs_say_what_was_found),
        cmocka_unit_test(the_picture_has_every_ratio_in_its_place),
        cmocka_unit_test(bad_sides_are_refused),
    };
    return cmocka_run_group_tests_name("compare", tests, NULL, clear);
}
