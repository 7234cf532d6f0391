/* The method external: commands that work, that fail in every way, and that lie; the export. */
#include "core/method.h"
#include "solvers/external.h"
#include "tests/solvers/solving.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPTIMUM 99.92641271 /* gauss 200, 10, 5, seed 1, beta 1 */

static const zg_loss squared = {ZG_LOSS_SQUARED, 0};
static zg_problem *problem;
static char scratch[] = "/tmp/zg test'dir-XXXXXX"; /* a name that asks for quoting */

static int setup(void **state)
{
    (void)state;
    if (!mkdtemp(scratch)) return 1;
    setenv("TMPDIR", scratch, 1);
    problem = test_planted(ZG_FEATURES_GAUSSIAN, 200, 10, 5, 1, TEST_RELU2, squared, 1);
    return problem ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    zg_problem_free(problem);
    return rmdir(scratch); /* fails when something was left behind */
}

static bool installed(const char *program)
{
    char command[128];
    snprintf(command, sizeof command, "command -v %s >/dev/null", program);
    return system(command) == 0;
}

/* The command may hold ';', so it is set by itself. */
static void run_command(const zg_problem *p, const char *command, const char *format,
                        double seconds, test_run *run)
{
    zg_control control = {.tolerance = 1e-6, .seconds = seconds};
    zg_value *values;
    *run = (test_run){.objective = NAN, .bound = NAN, .gap = NAN};
    assert_ok(zg_values_create(&zg_method_external, &values, &run->error), &run->error);
    if (command)
        assert_ok(zg_values_set(&zg_method_external, values, "command", command, &run->error),
                  &run->error);
    assert_ok(zg_values_set(&zg_method_external, values, "format", format, &run->error),
              &run->error);
    run->status = zg_method_external.solve(p, values, &control, &run->solution, &run->error);
    zg_values_free(&zg_method_external, values);
    zg_error error = {0};
    if (run->solution.network)
        assert_ok(zg_network_objective(run->solution.network, p, &run->objective, NULL, NULL),
                  &error);
    if (run->solution.dual)
        assert_ok(zg_problem_bound(p, run->solution.dual, &run->bound, &error), &error);
    run->gap = zg_gap(run->objective, run->bound);
}

/* ---- real solvers --------------------------------------------------------------------------- */

static void check_solver(const char *command, const char *format, double tolerance)
{
    static const char *const losses[] = {"squared", "absolute", "huber:0.5", "hinge",
                                         "squared-hinge"};
    zg_random random;
    zg_random_seed(&random, 41);
    for (int l = 0; l < 5; l++) {
        zg_loss loss;
        assert_ok(zg_loss_parse(losses[l], &loss, NULL), NULL);
        const char *architecture = l % 2 ? "dense" : "conv1d:filter=2,stride=1,pool=none";
        zg_problem *p = test_random_problem(&random, 14, 3, TEST_RELU2, architecture, loss, 0.2);
        test_run own, run;
        test_solve(&zg_method_csdp, p, NULL, NULL, &own);
        assert_ok(own.status, &own.error);
        run_command(p, command, format, 60, &run);
        print_message("%s: gap %.1e; %s\n", losses[l], run.gap, run.solution.message);
        assert_ok(run.status, &run.error);
        assert_close(run.objective, own.objective, tolerance);
        assert_true(run.gap <= tolerance);
        assert_true(run.bound <= own.objective * (1 + 1e-12));
        assert_true(run.solution.has_dimacs);
        test_run_clear(&own);
        test_run_clear(&run);
        zg_problem_free(p);
    }
}

static void csdp_program(void **state)
{
    (void)state;
    if (!installed("csdp")) skip();
    check_solver("csdp {problem} {solution}", "csdp", 1e-6);
}

static void sdpa_program(void **state)
{
    (void)state;
    if (!installed("sdpa")) skip();
    check_solver("sdpa {problem} {solution}", "sdpa", 1e-6);
    check_solver("sdpa -ds {problem} -o {solution} -p {parameters}", "sdpa", 1e-6);
}

/* Without a parameter file SDPA prints four digits: certified for what it is, and said. */
static void sdpa_four_digits(void **state)
{
    (void)state;
    if (!installed("sdpa")) skip();
    test_run run;
    run_command(problem, "sdpa -ds {problem} -o {solution}", "sdpa", 60, &run);
    assert_ok(run.status, &run.error);
    assert_true(run.gap > 1e-6 && run.gap < 0.05);
    assert_true(run.bound <= OPTIMUM * (1 + 1e-9) && run.objective >= OPTIMUM * (1 - 1e-9));
    assert_non_null(strstr(run.solution.message, "the solution has 4 digits only"));
    test_run_clear(&run);
}

/* ---- stubs in place of solvers -------------------------------------------------------------- */

static void expect(const char *command, const char *format, double seconds, zg_status status,
                   const char *says)
{
    test_run run;
    double before = zg_monotonic();
    run_command(problem, command, format, seconds, &run);
    if (seconds > 0) assert_true(zg_monotonic() - before < seconds + 30);
    if (run.status != status || !strstr(run.error.message, says))
        fail_msg("%s: %s: %s", command ? command : "(none)", zg_status_message(run.status),
                 run.error.message);
    test_run_clear(&run);
}

static void bad_commands(void **state)
{
    (void)state;
    expect(NULL, "sdpa", 0, ZG_BAD_INPUT, "the method external needs a command");
    expect("  ", "sdpa", 0, ZG_BAD_INPUT, "the method external needs a command");
    expect("sdpa {solution}", "sdpa", 0, ZG_BAD_INPUT,
           "the command \"sdpa {solution}\" does not say {problem}");
    expect("sdpa {problem}", "sdpa", 0, ZG_BAD_INPUT, "does not say {solution}");
    expect("sdpa {probelm} {solution}", "sdpa", 0, ZG_BAD_INPUT,
           "unknown placeholder of command \"probelm\"; did you mean \"problem\"?");
}

static void missing_programs(void **state)
{
    (void)state;
    expect("sdpq {problem} {solution}", "sdpa", 0, ZG_MISSING,
           "the program \"sdpq\" is not installed; did you mean \"sdpa\"?");
    expect("./solver {problem} {solution}", "sdpa", 0, ZG_MISSING,
           "the program \"./solver\" is not there; commands run in a private directory, so give it "
           "by its full path");
    expect("no-such-thing-at-all {problem} {solution}", "sdpa", 0, ZG_MISSING,
           "the program \"no-such-thing-at-all\" is not installed");
}

static void failing_commands(void **state)
{
    (void)state;
    expect("echo licence expired >&2; exit 3 # {problem} {solution}", "sdpa", 0, ZG_FAILED,
           "the command exited with status 3 and left no solution; its last words: \"licence "
           "expired\"");
    expect("true {problem} {solution}", "sdpa", 0, ZG_FAILED, "the solver left no solution file");
    expect("kill -SEGV $$ # {problem} {solution}", "sdpa", 0, ZG_FAILED,
           "the command was ended by signal 11 (Segmentation fault)");
    expect("sleep 60 # {problem} {solution}", "sdpa", 0.3, ZG_TIMEOUT,
           "the command reached the time limit of 0.3 s");
    expect("trap '' TERM; while :; do :; done # {problem} {solution}", "sdpa", 0.3, ZG_TIMEOUT,
           "the command reached the time limit of 0.3 s");
}

static void bad_solutions(void **state)
{
    (void)state;
    expect("printf '1\\000' > {solution} # {problem}", "csdp", 0, ZG_FAILED,
           "solution: there is a NUL byte in it");
    expect("head -c 2000 /dev/urandom | tr -d '\\000' > {solution} # {problem}", "sdpa", 0,
           ZG_FAILED, "expected \"xVec =\" further down");
    expect("echo hello > {solution} # {problem}", "csdp", 0, ZG_FAILED,
           "solution:1:1: expected a value of y, found \"hello\"");
    expect(": > {solution} # {problem}", "csdp", 0, ZG_FAILED,
           "solution:1:1: expected a value of y, found the end of the file");
    expect("echo 1 2 3 > {solution}; exit 4 # {problem}", "csdp", 0, ZG_FAILED,
           "the command exited with status 4 and solution:1:6: expected a value of y");
    if (!installed("csdp")) skip();
    expect("csdp {problem} whole >log; head -c 3000 whole > {solution}", "csdp", 0, ZG_FAILED,
           "solution:");
    expect("csdp {problem} whole >log; head -n 60 whole > {solution}", "csdp", 0, ZG_FAILED,
           "expected entries of the last block of X");
    expect("csdp {problem} {solution}", "sdpa", 0, ZG_FAILED, "expected \"xVec =\" further down");
}

/* A well-formed solution that is none is worth what the certificate says. */
static void lies(void **state)
{
    (void)state;
    test_run run;
    run_command(problem,
                "awk '!/^\\*/ && ++k == 1 {n = $1} !/^\\*/ && k == 2 && !done {b = $1; done = 1} "
                "END {for (i = 1; i <= n; i++) printf \"%d \", i % 7; print \"\"; "
                "print \"2 1 1 1 5.5\"; print \"2\", b, \"1 1 1\"}' {problem} > {solution}",
                "csdp", 0, &run);
    assert_ok(run.status, &run.error);
    assert_true(run.gap > 0.1);
    assert_true(run.bound <= OPTIMUM && run.objective >= OPTIMUM);
    assert_non_null(strstr(run.solution.message, "the certificate finds a gap of"));
    test_run_clear(&run);
}

/* A status other than 0 claims no optimum; it is a remark when the solution is good all the same.
 */
static void good_in_the_end(void **state)
{
    (void)state;
    if (!installed("csdp")) skip();
    test_run run;
    run_command(problem, "csdp \"{problem}\" '{solution}' >/dev/null; echo oops; exit 3", "csdp", 0,
                &run);
    assert_ok(run.status, &run.error);
    assert_true(run.gap <= 1e-6);
    assert_close(run.objective, OPTIMUM, 1e-7);
    assert_string_equal(run.solution.message,
                        "the command exited with status 3, which claims no optimum; its last "
                        "words: \"oops\"");
    assert_int_equal(run.solution.claims[0].says, ZG_SAYS_UNSURE);
    test_run_clear(&run);
}

/* ---- export --------------------------------------------------------------------------------- */

/* The training optimum by csdp's own figures for an exported file. */
static double exported_optimum(bool compress, bool scale)
{
    char path[128], command[512], line[512];
    double constant = NAN, unit = NAN, dual = NAN;
    zg_error error = {0};
    snprintf(path, sizeof path, "%s/export.dat-s", scratch);
    assert_ok(zg_export_sdpa(problem, 0, compress, scale, path, &error), &error);
    FILE *file = fopen(path, "r");
    while (fgets(line, sizeof line, file) && *line == '*')
        sscanf(line, "* global optimum of the training objective = %lf - (optimal value) / %lf",
               &constant, &unit);
    fclose(file);
    snprintf(command, sizeof command, "cd \"%s\" && csdp export.dat-s export.sol", scratch);
    file = popen(command, "r");
    while (fgets(line, sizeof line, file))
        sscanf(line, "Dual objective value: %lf", &dual);
    pclose(file);
    unlink(path);
    snprintf(path, sizeof path, "%s/export.sol", scratch);
    unlink(path);
    return constant - dual / unit;
}

static void exported_programs(void **state)
{
    (void)state;
    if (!installed("csdp")) skip();
    assert_close(exported_optimum(true, true), OPTIMUM, 1e-6);
    assert_close(exported_optimum(true, false), OPTIMUM, 1e-6);
    assert_close(exported_optimum(false, false), OPTIMUM, 1e-6);
}

static void export_errors(void **state)
{
    (void)state;
    zg_error error = {0};
    assert_int_equal(zg_export_sdpa(problem, 1, true, true, "x", &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "there is no output 2, only 1");
    assert_int_equal(zg_export_sdpa(problem, 0, true, true, "/nonexistent/x", &error), ZG_IO);
    assert_string_equal(error.message, "/nonexistent/x: cannot write: No such file or directory");
    zg_random random;
    zg_random_seed(&random, 42);
    zg_problem *logistic =
        test_random_problem(&random, 5, 2, TEST_RELU2, "dense", (zg_loss){ZG_LOSS_LOGISTIC, 0}, 1);
    assert_int_equal(zg_export_sdpa(logistic, 0, true, true, "x", &error), ZG_UNSUPPORTED);
    assert_non_null(strstr(error.message, "the SDPA format cannot treat the logistic loss"));
    assert_int_equal(zg_method_external.check(logistic, NULL, &error), ZG_UNSUPPORTED);
    zg_problem_free(logistic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csdp_program),     cmocka_unit_test(sdpa_program),
        cmocka_unit_test(sdpa_four_digits), cmocka_unit_test(bad_commands),
        cmocka_unit_test(missing_programs), cmocka_unit_test(failing_commands),
        cmocka_unit_test(bad_solutions),    cmocka_unit_test(lies),
        cmocka_unit_test(good_in_the_end),  cmocka_unit_test(exported_programs),
        cmocka_unit_test(export_errors),
    };
    return cmocka_run_group_tests_name("external", tests, setup, teardown);
}
