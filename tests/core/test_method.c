/* Methods: option values and their refusals, the stopwatch, outputs one by one and in processes. */
#include "base/linalg.h"
#include "core/method.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- options --------------------------------------------------------------------------------- */

static const zg_option rows[] = {
    {"epochs", ZG_OPTION_INTEGER, "100", NULL, 1, 1e9, "passes over the data"},
    {"rate", ZG_OPTION_NUMBER, "0.1", NULL, 0, 10, "step length"},
    {"fast", ZG_OPTION_FLAG, "false", NULL, 0, 0, "whether to hurry"},
    {"schedule", ZG_OPTION_CHOICE, "constant", "constant,cosine,step", 0, 0, "of the rate"},
    {"command", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "what to run"},
};
static const zg_method method = {.name = "stub", .options = rows, .option_count = 5};

static void option_values(void **state)
{
    (void)state;
    zg_value *values;
    zg_error error = {0};
    assert_ok(zg_values_create(&method, &values, &error), &error);
    assert_true(values[0].number == 100 && values[1].number == 0.1 && values[2].number == 0);
    assert_true(values[3].number == 0);
    assert_null(values[4].text);
    assert_ok(zg_values_set(&method, values, "schedule", "step", &error), &error);
    assert_ok(zg_values_set(&method, values, "fast", "true", &error), &error);
    assert_ok(zg_values_set(&method, values, "command", "a b", &error), &error);
    assert_true(values[3].number == 2 && values[2].number == 1);
    assert_string_equal(values[4].text, "a b");
    zg_values_free(&method, values);
}

static void option_refusals(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"epoch", "1", "unknown option of stub \"epoch\"; did you mean \"epochs\"?"},
        {"epochs", "1.5", "option epochs: expected a whole number from 1 to 1e+09, found \"1.5\""},
        {"epochs", "0", "option epochs: expected a whole number from 1 to 1e+09, found \"0\""},
        {"rate", "fast", "option rate: expected a number from 0 to 10, found \"fast\""},
        {"rate", "nan", "option rate: expected a number from 0 to 10, found \"nan\""},
        {"fast", "yes", "option fast: expected true or false, found \"yes\""},
        {"schedule", "cos", "option schedule: expected one of constant,cosine,step, found \"cos\""},
        {"schedule", "constant,cosine",
         "option schedule: expected one of constant,cosine,step, found \"constant,cosine\""},
    };
    zg_value *values;
    zg_error error = {0};
    assert_ok(zg_values_create(&method, &values, &error), &error);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(zg_values_set(&method, values, cases[i][0], cases[i][1], &error),
                         ZG_BAD_INPUT);
        assert_string_equal(error.message, cases[i][2]);
    }
    assert_true(values[0].number == 100); /* a refused value changes nothing */
    zg_values_free(&method, values);
}

/* ---- time ------------------------------------------------------------------------------------ */

static bool slow_observer(void *context, const zg_iterate *iterate, double seconds)
{
    (void)iterate;
    (void)seconds;
    usleep(30000);
    return context == NULL;
}

/* What an observer spends is not the method's. */
static void observers_are_not_charged(void **state)
{
    (void)state;
    zg_observer observer = {slow_observer, NULL};
    zg_control control = {.observer = &observer};
    zg_stopwatch watch = {.started = -1.0};
    zg_iterate iterate = {.unit = "iteration"};
    zg_stopwatch_start(&watch);
    double before = zg_monotonic();
    for (int i = 0; i < 5; i++)
        assert_true(zg_report(&control, &watch, &iterate));
    zg_stopwatch_pause(&watch);
    double wall = zg_monotonic() - before;
    assert_true(wall >= 0.15);
    assert_true(zg_stopwatch_read(&watch) < wall - 0.14);
    observer.context = &control;
    zg_stopwatch_start(&watch);
    assert_false(zg_report(&control, &watch, &iterate));
}

/* Processor time is that of all threads and children; waiting is none. */
static void processor_time_is_measured_beside_wall_time(void **state)
{
    (void)state;
    zg_stopwatch watch = {.started = -1.0};
    zg_solution solution = {0};
    zg_stopwatch_start(&watch);
    usleep(60000);
    zg_stopwatch_pause(&watch);
    zg_solution_charge(&solution, &watch);
    assert_true(solution.seconds >= 0.06 && solution.processor_seconds < 0.03);
    zg_stopwatch_start(&watch);
    pid_t child = fork();
    for (double end = zg_processor_seconds() + 0.05; child == 0 && zg_processor_seconds() < end;)
        continue;
    if (child == 0) _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    zg_stopwatch_pause(&watch);
    zg_solution_charge(&solution, &watch);
    assert_true(solution.processor_seconds >= 0.05);
    double before = zg_processor_seconds();
    while (zg_processor_seconds() < before + 0.02) /* not charged while paused */
        continue;
    double charged = solution.processor_seconds;
    zg_stopwatch_start(&watch);
    zg_stopwatch_pause(&watch);
    zg_solution_charge(&solution, &watch);
    assert_true(solution.processor_seconds < charged + 0.015);
}

/* ---- outputs --------------------------------------------------------------------------------- */

/* "Solves" output c by one neuron e_0 of weight c + 1 and the dual vector c + 1 everywhere.  What
 * happens to output 1 is chosen by values[0]. */
static zg_status stub_solve(const zg_problem *problem, size_t output, const zg_value *values,
                            const zg_control *control, zg_stopwatch *watch, zg_solution *solution,
                            zg_error *error)
{
    (void)control;
    (void)watch;
    if (output == 1 && values[0].number == 1) abort();
    if (output == 1 && values[0].number == 2) _exit(7);
    if (output == 1 && values[0].number == 3)
        return zg_fail(error, ZG_FAILED, "output 1 does not like it");
    if (output == 1 && values[0].number == 4) sleep(60);
    double u[4] = {1.0, 0.0, 0.0, 0.0};
    zg_status status = zg_network_create(problem, &solution->network, error);
    if (status == ZG_OK)
        status = zg_network_add(solution->network, 0, u, output, (double)output + 1.0);
    solution->dual = zg_doubles(problem->samples * problem->outputs);
    for (size_t i = 0; i < problem->samples; i++)
        solution->dual[output * problem->samples + i] = (double)output + 1.0;
    solution->iterations = 10;
    solution->unit = "iteration";
    return status;
}

static zg_problem *three_outputs(void)
{
    double x[20], y[15];
    zg_random random;
    zg_random_seed(&random, 71);
    test_normals(&random, 20, x);
    test_normals(&random, 15, y);
    zg_problem *problem;
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(5, 4, x, 3, y, NULL, TEST_RELU2, NULL, (zg_loss){0},
                                     (zg_penalty){ZG_PENALTY_L1, 0.0}, 1.0, &problem, &error),
              &error);
    return problem;
}

static void outputs_are_merged(void **state)
{
    (void)state;
    zg_problem *problem = three_outputs();
    for (size_t jobs = 1; jobs <= 4; jobs++) {
        zg_value value = {0, NULL};
        zg_control control = {.jobs = jobs};
        zg_solution solution = {.bound = -INFINITY};
        zg_error error = {0};
        assert_ok(zg_solve_outputs(problem, &value, &control, stub_solve, &solution, &error),
                  &error);
        assert_int_equal(solution.network->count, 3);
        assert_int_equal(solution.iterations, 30);
        double sum[3] = {0};
        for (size_t j = 0; j < 3; j++)
            for (size_t c = 0; c < 3; c++)
                sum[c] += solution.network->alpha[j * 3 + c];
        for (size_t c = 0; c < 3; c++) {
            assert_true(sum[c] == (double)c + 1.0);
            for (size_t i = 0; i < 5; i++)
                assert_true(solution.dual[c * 5 + i] == (double)c + 1.0);
        }
        zg_solution_clear(&solution);
    }
    zg_problem_free(problem);
}

/* Whatever becomes of one output's process, the others' results are there and the reason is told.
 */
static void outputs_that_die(void **state)
{
    (void)state;
    static const char *const messages[] = {
        NULL, "the process of output 1 was ended by signal 6 (Aborted), without a result",
        "the process of output 1 exited with status 7, without a result",
        "output 1 does not like it", "the time limit of 0.3 s ended it"};
    zg_problem *problem = three_outputs();
    for (int kind = 1; kind <= 4; kind++) {
        zg_value value = {kind, NULL};
        zg_control control = {.jobs = 3, .seconds = kind == 4 ? 0.3 : 0.0};
        zg_solution solution = {.bound = -INFINITY};
        zg_error error = {0};
        zg_status status =
            zg_solve_outputs(problem, &value, &control, stub_solve, &solution, &error);
        assert_int_equal(status, kind == 4 ? ZG_TIMEOUT : ZG_FAILED);
        assert_string_equal(error.message, messages[kind]);
        assert_int_equal(solution.network->count, 2);
        zg_solution_clear(&solution);
    }
    zg_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(option_values),
        cmocka_unit_test(option_refusals),
        cmocka_unit_test(observers_are_not_charged),
        cmocka_unit_test(processor_time_is_measured_beside_wall_time),
        cmocka_unit_test(outputs_are_merged),
        cmocka_unit_test(outputs_that_die),
    };
    return cmocka_run_group_tests_name("method", tests, NULL, NULL);
}
