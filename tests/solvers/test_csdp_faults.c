/* Everything that CSDP's library can do wrong, done by a stub: every case ends in time, in a clear
 * message, and never in a claim that is not certified. */
#include "tests/solvers/solving.h"
#include "train/monitor.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define OPTIMUM 99.92641271 /* gauss 200, 10, 5, seed 1, beta 1 */

static zg_problem *problem;

static char scratch[] = "/tmp/zgtest-XXXXXX";

static int setup(void **state)
{
    (void)state;
    if (!mkdtemp(scratch)) return 1;
    setenv("TMPDIR", scratch, 1);
    problem = test_planted(ZG_FEATURES_GAUSSIAN, 200, 10, 5, 1, TEST_RELU2,
                           (zg_loss){ZG_LOSS_SQUARED, 0}, 1);
    return problem ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    zg_problem_free(problem);
    rmdir(scratch);
    return 0;
}

/* Whatever happened: the network is worth what it is worth, and the bound holds. */
static void assert_honest(const test_run *run)
{
    assert_non_null(run->solution.network);
    assert_true(run->objective >= OPTIMUM * (1 - 1e-9));
    assert_true(run->bound <= OPTIMUM * (1 + 1e-9));
    assert_true(run->bound >= 0);
}

static void run_stub(const char *how, const char *options, double seconds, test_run *run)
{
    zg_control control = {.tolerance = 1e-6, .seconds = seconds};
    setenv("ZEROGAP_STUB", how, 1);
    double before = zg_monotonic();
    test_solve(&zg_method_csdp, problem, options, &control, run);
    if (seconds > 0) assert_true(zg_monotonic() - before < seconds + 30);
    print_message("%s: %s; %s\n", how, run->error.message, run->solution.message);
    assert_honest(run);
}

static void expect(const char *how, const char *options, double seconds, zg_status status,
                   const char *says)
{
    test_run run;
    run_stub(how, options, seconds, &run);
    assert_int_equal(run.status, status);
    assert_non_null(strstr(run.error.message, says));
    test_run_clear(&run);
}

static void crashes(void **state)
{
    (void)state;
    expect("crash", NULL, 0, ZG_FAILED,
           "CSDP was ended by signal 11 (Segmentation fault) after 2 iterations");
    expect("abort", NULL, 0, ZG_FAILED, "CSDP was ended by signal 6 (Aborted) after 2 iterations");
}

static void exits(void **state)
{
    (void)state;
    expect("exit205", NULL, 0, ZG_NO_MEMORY, "CSDP ran out of memory after 2 iterations");
    expect("exit206", NULL, 0, ZG_FAILED, "refused the semidefinite program as malformed");
    expect("exit0", NULL, 0, ZG_FAILED,
           "CSDP exited with status 0 after 2 iterations, before its answer was complete");
    expect("truncated", NULL, 0, ZG_FAILED, "before its answer was complete");
}

static void killed_from_outside(void **state)
{
    (void)state;
    expect("killed", NULL, 0, ZG_NO_MEMORY, "killed from outside after 2 iterations");
}

static void time_limit(void **state)
{
    (void)state;
    expect("hang", NULL, 1, ZG_TIMEOUT, "reached the time limit of 1 s after 2 iterations");
    expect("spin", NULL, 1, ZG_TIMEOUT, "reached the time limit of 1 s after 2 iterations");
    expect("endless", NULL, 1, ZG_TIMEOUT, "reached the time limit of 1 s after");
}

static void patience(void **state)
{
    (void)state;
    expect("spin", "patience=1; retries=1", 0, ZG_FAILED,
           "gave no sign of life for 1 s after 2 iterations");
}

/* Of the address space that this process has now. */
static rlim_t address_space(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu", &pages) != 1) fail();
    fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void memory_limit(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    skip();
#endif
    struct rlimit old, low;
    assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
    low = old;
    low.rlim_cur = address_space() + ((rlim_t)128 << 20);
    assert_int_equal(setrlimit(RLIMIT_AS, &low), 0);
    test_run run;
    run_stub("memory", NULL, 60, &run);
    assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
    assert_int_equal(run.status, ZG_NO_MEMORY);
    assert_non_null(strstr(run.error.message, "CSDP ran out of memory"));
    test_run_clear(&run);
}

static void garbage(void **state)
{
    (void)state;
    expect("garbage", NULL, 0, ZG_FAILED, "CSDP answered with garbage after 2 iterations");
    expect("nan", NULL, 0, ZG_FAILED, "CSDP answered with garbage after 2 iterations");
}

/* The claim of success is no evidence: the gap is certified, large, and said. */
static void lies(void **state)
{
    (void)state;
    test_run run;
    run_stub("lie", NULL, 0, &run);
    assert_int_equal(run.status, ZG_OK);
    assert_true(run.gap > 0.05);
    assert_non_null(strstr(run.solution.message,
                           "CSDP reports \"solved\" (0) after 2 iterations, certified gap"));
    assert_true(run.solution.has_dimacs);
    assert_true(run.solution.dimacs[0] > 1e-3);
    test_run_clear(&run);
}

static void return_codes(void **state)
{
    (void)state;
    test_run run;
    run_stub("stuck", NULL, 0, &run);
    assert_int_equal(run.status, ZG_OK);
    assert_non_null(
        strstr(run.solution.message, "\"stuck at the edge of primal feasibility\" (5)"));
    test_run_clear(&run);
    run_stub("strange", NULL, 0, &run);
    assert_non_null(strstr(run.solution.message, "\"an unknown return code\" (77)"));
    test_run_clear(&run);
}

/* Every rung of the ladder is tried and logged, no more than asked for. */
static void ladder(void **state)
{
    (void)state;
    test_run run;
    run_stub("stuck", NULL, 0, &run);
    static const char *const rungs[] = {"equilibrated:", "features scaled, short steps:",
                                        "samples scaled, short steps:", "unscaled, short steps:"};
    for (int i = 0; i < 4; i++)
        assert_non_null(strstr(run.solution.message, rungs[i]));
    assert_int_equal(run.solution.iterations, 8);
    test_run_clear(&run);
    run_stub("stuck", "retries=1", 0, &run);
    assert_non_null(strstr(run.solution.message, "features scaled, short steps: the same"));
    assert_null(strstr(run.solution.message, rungs[2]));
    assert_int_equal(run.solution.iterations, 4);
    test_run_clear(&run);
    run_stub("exit205", NULL, 0, &run); /* once more would not help */
    assert_int_equal(run.solution.iterations, 2);
    test_run_clear(&run);
}

/* The observer's wish ends the method at once, while the child waits for its answer. */
static bool stop_at_three(void *context, const zg_iterate *iterate, double seconds)
{
    long *seen = context;
    assert_true(seconds >= 0);
    assert_int_equal(iterate->number, *seen);
    assert_string_equal(iterate->unit, "iteration");
    return ++*seen < 3;
}

static void observer_stops(void **state)
{
    (void)state;
    long seen = 0;
    zg_observer observer = {stop_at_three, &seen};
    zg_control control = {.tolerance = 1e-6, .observer = &observer};
    test_run run;
    setenv("ZEROGAP_STUB", "endless", 1);
    test_solve(&zg_method_csdp, problem, NULL, &control, &run);
    assert_int_equal(run.status, ZG_STOPPED);
    assert_string_equal(run.error.message, "stopped on request after 3 iterations");
    assert_int_equal(seen, 3);
    assert_honest(&run);
    test_run_clear(&run);
}

/* A slow observer is not charged to the method. */
static bool linger(void *context, const zg_iterate *iterate, double seconds)
{
    (void)iterate;
    *(double *)context = seconds;
    struct timespec nap = {.tv_nsec = 100000000};
    nanosleep(&nap, NULL);
    return true;
}

static void observer_is_free(void **state)
{
    (void)state;
    double last = -1;
    zg_observer observer = {linger, &last};
    zg_control control = {.tolerance = 1e-6, .seconds = 5, .observer = &observer};
    test_run run;
    setenv("ZEROGAP_STUB", "stuck", 1);
    double before = zg_monotonic();
    test_solve(&zg_method_csdp, problem, NULL, &control, &run);
    assert_true(zg_monotonic() - before > 0.7); /* 8 iterates */
    assert_true(run.solution.seconds < zg_monotonic() - before - 0.7);
    assert_true(last >= 0 && last <= run.solution.seconds);
    test_run_clear(&run);
}

/* Private directories go with the children: the whole group runs in a directory of its own. */
static void nothing_is_left_behind(void **state)
{
    (void)state;
    DIR *directory = opendir(scratch);
    assert_non_null(directory);
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL)
        if (strncmp(entry->d_name, "zerogap-", 8) == 0) fail_msg("left behind: %s", entry->d_name);
    closedir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crashes),
        cmocka_unit_test(exits),
        cmocka_unit_test(killed_from_outside),
        cmocka_unit_test(time_limit),
        cmocka_unit_test(patience),
        cmocka_unit_test(memory_limit),
        cmocka_unit_test(garbage),
        cmocka_unit_test(lies),
        cmocka_unit_test(return_codes),
        cmocka_unit_test(ladder),
        cmocka_unit_test(observer_stops),
        cmocka_unit_test(observer_is_free),
        cmocka_unit_test(nothing_is_left_behind),
    };
    return cmocka_run_group_tests_name("csdp faults", tests, setup, teardown);
}
