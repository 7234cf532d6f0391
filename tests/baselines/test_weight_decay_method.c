/*
 * The method branch-and-bound on training problems: hard instances as networks, dictionaries, the
 * certificates it writes (judged by zerogap-verify where it has been built), what it refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "baselines/baseline.h"
#include "baselines/weight_decay/arcs.h"
#include "baselines/weight_decay/certificate.h"
#include "baselines/weight_decay/dictionary.h"
#include "baselines/weight_decay/hard_instances.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const zg_activation quadratic = {1.0, 0.0, 0.0};

static zg_problem *make_problem(const zg_dataset *data, zg_loss_kind loss, zg_penalty penalty,
                                double beta)
{
    zg_problem *problem;
    zg_error error = {0};
    zg_status status =
        zg_problem_from_arrays(data->rows, data->inputs, data->x, 1, data->t, NULL, quadratic, NULL,
                               (zg_loss){loss, 1.0}, penalty, beta, &problem, &error);
    if (status != ZG_OK) print_message("# %s\n", error.message);
    assert_int_equal(status, ZG_OK);
    return problem;
}

static zg_dataset *partition(size_t count, long highest, bool answer, uint32_t seed)
{
    long numbers[20];
    zg_dataset *data;
    assert_int_equal(zg_partition_draw(count, highest, answer, seed, numbers, NULL), ZG_OK);
    assert_int_equal(zg_partition_create(count, numbers, &data, NULL), ZG_OK);
    return data;
}

typedef struct history {
    long calls;
    double bound, objective;
} history;

static bool watch(void *context, const zg_iterate *iterate, double seconds)
{
    history *h = context;
    h->calls++;
    assert_string_equal(iterate->unit, "node");
    assert_true(seconds >= 0.0);
    assert_true(iterate->bound >= h->bound - 1e-12 && iterate->objective <= h->objective);
    h->bound = iterate->bound;
    h->objective = iterate->objective;
    return true;
}

/* Solves with `count` options name, value, name, value ...; the caller clears the solution. */
static zg_status solve_with(const zg_problem *problem, double tolerance, size_t count,
                            const char *const *settings, zg_solution *solution, zg_error *error)
{
    const zg_method *method = &zg_method_branch_and_bound;
    zg_value *values;
    history h = {0, -INFINITY, INFINITY};
    zg_observer observer = {watch, &h};
    zg_control control = {.tolerance = tolerance, .seconds = 60.0, .observer = &observer};
    *solution = (zg_solution){0};
    assert_int_equal(zg_values_create(method, &values, NULL), ZG_OK);
    for (size_t i = 0; i < count; i += 2)
        assert_int_equal(zg_values_set(method, values, settings[i], settings[i + 1], error), ZG_OK);
    zg_status status = method->check(problem, values, error);
    if (status == ZG_OK) status = method->solve(problem, values, &control, solution, error);
    zg_values_free(method, values);
    return status;
}

static void test_partition_networks(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 6; seed++) {
        bool answer = seed % 2 == 0;
        size_t count = 5 + seed;
        zg_dataset *data = partition(count, 200, answer, seed);
        zg_problem *problem =
            make_problem(data, ZG_LOSS_INTERPOLATE, (zg_penalty){ZG_PENALTY_POWER, 2.0 / 3.0}, 1.0);
        zg_solution solution;
        double objective, least = (double)count;
        assert_int_equal(solve_with(problem, 1e-8, 0, NULL, &solution, NULL), ZG_OK);
        assert_int_equal(zg_network_objective(solution.network, problem, &objective, NULL, NULL),
                         ZG_OK);
        assert_true(solution.bound <= objective && objective - solution.bound <= 1e-7 * least);
        if (answer) assert_true(fabs(objective - least) <= 1e-7);
        if (!answer) assert_true(solution.bound > least + 1e-6);
        assert_non_null(strstr(solution.message, "axis neurons"));
        zg_solution_clear(&solution);
        zg_problem_free(problem);
        zg_dataset_free(data);
    }
}

/* One input: (beta / 2) (u^2 + alpha^2) is minimised over the split of w = alpha u^2 by hand. */
static void test_weight_decay_of_one_neuron(void **state)
{
    (void)state;
    const double x[3] = {1.0, -0.5, 2.0}, y[3] = {0.8, 0.3, 2.5};
    zg_dataset *data;
    assert_int_equal(zg_dataset_create(3, 1, x, 1, y, &data, NULL), ZG_OK);
    double beta = 0.7, best = INFINITY;
    for (int i = 0; i <= 200000; i++) {
        double u = 3.0 * i / 200000.0, c = 0.0, g = 0.0, rest = 0.0;
        for (int e = 0; e < 3; e++) {
            double f = u * x[e] * u * x[e];
            c += f * f;
            g += f * y[e];
            rest += 0.5 * y[e] * y[e];
        }
        double alpha = g / (c + beta); /* ridge */
        best = fmin(best, rest - 0.5 * g * alpha + 0.5 * beta * u * u);
    }
    zg_problem *problem =
        make_problem(data, ZG_LOSS_SQUARED, (zg_penalty){ZG_PENALTY_WEIGHT_DECAY, 2.0 / 3.0}, beta);
    const char *const settings[] = {"dictionary", "axes"};
    zg_solution solution;
    double objective;
    assert_int_equal(solve_with(problem, 1e-8, 2, settings, &solution, NULL), ZG_OK);
    zg_network_objective(solution.network, problem, &objective, NULL, NULL);
    assert_true(fabs(objective - best) <= 1e-7);
    zg_solution_clear(&solution);
    zg_problem_free(problem);
    zg_dataset_free(data);
}

/* A restriction to a dictionary claims no bound on the whole problem, and says what it is. */
static void test_dictionaries(void **state)
{
    (void)state;
    zg_planted_sparse planted = {.n = 12, .d = 3, .neurons = 2, .noise = 0.1, .seed = 1};
    zg_dataset *data;
    assert_int_equal(zg_planted_sparse_create(&planted, &data, NULL), ZG_OK);
    zg_problem *problem =
        make_problem(data, ZG_LOSS_SQUARED, (zg_penalty){ZG_PENALTY_WEIGHT_DECAY, 2.0 / 3.0}, 0.3);
    const char *const kinds[] = {"axes", "random", "kmeans", "auto"};
    for (size_t i = 0; i < 4; i++) {
        const char *const settings[] = {"dictionary", kinds[i], "neurons", "6"};
        zg_solution solution;
        zg_error error = {0};
        zg_status status = solve_with(problem, 1e-6, 4, settings, &solution, &error);
        if (status != ZG_OK) print_message("# %s: %s\n", kinds[i], error.message);
        assert_int_equal(status, ZG_OK);
        assert_true(solution.bound == -INFINITY);
        assert_non_null(strstr(solution.message, "over a dictionary of"));
        assert_non_null(solution.network);
        zg_solution_clear(&solution);
    }
    const char *const grid[] = {"dictionary", "grid"};
    zg_solution solution;
    zg_error error;
    assert_int_equal(solve_with(problem, 1e-6, 2, grid, &solution, &error), ZG_UNSUPPORTED);
    zg_solution_clear(&solution);
    zg_problem_free(problem);
    zg_dataset_free(data);
}

static void test_dictionary_directions(void **state)
{
    (void)state;
    zg_dictionary dictionary;
    double x[40];
    for (size_t i = 0; i < 20; i++) { /* two bundles of lines, and their mirror images */
        double angle = (i % 2 ? 0.3 : 1.4) + 0.01 * (double)(i % 5), sign = i % 3 ? 1.0 : -1.0;
        x[2 * i] = sign * 2.0 * cos(angle);
        x[2 * i + 1] = sign * 2.0 * sin(angle);
    }
    assert_int_equal(zg_dictionary_kmeans(2, 20, 2, x, true, 3, &dictionary, NULL), ZG_OK);
    assert_int_equal(dictionary.count, 2);
    double first = atan2(dictionary.u[1], dictionary.u[0]);
    double second = atan2(dictionary.u[3], dictionary.u[2]);
    first -= M_PI * floor(first / M_PI);
    second -= M_PI * floor(second / M_PI);
    assert_true(fabs(fmin(first, second) - 0.32) < 0.01);
    assert_true(fabs(fmax(first, second) - 1.42) < 0.01);
    zg_dictionary_clear(&dictionary);
    assert_int_equal(zg_dictionary_grid(8, 2, true, &dictionary, NULL), ZG_OK);
    double phi[8];
    const double one[2] = {1.0, 0.0};
    zg_dictionary_responses(&dictionary, (zg_activation){2.0, 1.0, 3.0}, 1, one, phi);
    for (size_t k = 0; k < 8; k++) {
        double t = cos(M_PI * (double)k / 8.0);
        assert_true(fabs(phi[k] - (2.0 * t * t + t + 3.0)) < 1e-14);
    }
    zg_dictionary_clear(&dictionary);
    assert_int_equal(zg_dictionary_random(0, 2, 1, &dictionary, NULL), ZG_BAD_INPUT);
}

static void test_refusals(void **state)
{
    (void)state;
    zg_dataset *data = partition(4, 20, true, 1);
    zg_solution solution;
    zg_error error;
    zg_problem *problem =
        make_problem(data, ZG_LOSS_SQUARED, (zg_penalty){ZG_PENALTY_L1, 1.0}, 1.0);
    assert_int_equal(solve_with(problem, 1e-6, 0, NULL, &solution, &error), ZG_UNSUPPORTED);
    assert_non_null(strstr(error.message, "ipm"));
    zg_problem_free(problem);
    problem = make_problem(data, ZG_LOSS_HUBER, (zg_penalty){ZG_PENALTY_POWER, 0.5}, 1.0);
    assert_int_equal(solve_with(problem, 1e-6, 0, NULL, &solution, &error), ZG_UNSUPPORTED);
    zg_problem_free(problem);
    assert_int_equal(zg_problem_from_arrays(
                         data->rows, data->inputs, data->x, 1, data->t, NULL,
                         (zg_activation){0.09, 0.5, 0.47}, NULL, (zg_loss){ZG_LOSS_SQUARED, 1.0},
                         (zg_penalty){ZG_PENALTY_WEIGHT_DECAY, 2.0 / 3.0}, 1.0, &problem, &error),
                     ZG_UNSUPPORTED);
    zg_dataset_free(data);
}

/* ---- certificates -------------------------------------------------------------------------- */

/* Exit status of zerogap-verify CERTIFICATE --data CERTIFICATE.csv; -1 when there is none. */
static int verify(const char *path)
{
    const char *program = getenv("ZEROGAP_VERIFY");
    if (!program || access(program, X_OK) != 0) return -1;
    char data[256];
    snprintf(data, sizeof data, "%s.csv", path);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)) _exit(9);
        execl(program, program, path, "--data", data, (char *)NULL);
        _exit(9);
    }
    int status;
    assert_true(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void certificate_path(char *path, size_t size)
{
    snprintf(path, size, "/tmp/zerogap-tree-XXXXXX");
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
}

static void remove_certificate(const char *path)
{
    char data[256];
    snprintf(data, sizeof data, "%s.csv", path);
    unlink(path);
    unlink(data);
}

static char *read_text(const char *path, size_t *size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *text = calloc(1, *size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, *size, file), *size);
    fclose(file);
    return text;
}

/* The last leaf's claim raised a little: the checker must not accept. */
static void spoil(const char *path)
{
    size_t size;
    char *text = read_text(path, &size);
    char *last = strrchr(text, 'p');
    assert_non_null(last);
    double value;
    char *start = last;
    while (start[-1] != '"')
        start--;
    value = strtod(start, NULL);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fwrite(text, 1, (size_t)(start - text), file);
    fprintf(file, "%a", value + 1e-9 * fmax(1.0, fabs(value)));
    fputs(strchr(start, '"'), file);
    fclose(file);
    free(text);
}

static void certify(const zg_problem *problem, const char *dictionary, bool *missing)
{
    char path[64];
    certificate_path(path, sizeof path);
    const char *const settings[] = {"certificate", path, "dictionary", dictionary, "neurons", "5"};
    zg_solution solution;
    zg_error error = {0};
    zg_status status = solve_with(problem, 1e-6, 6, settings, &solution, &error);
    if (status != ZG_OK) print_message("# %s\n", error.message);
    assert_int_equal(status, ZG_OK);
    zg_solution_clear(&solution);
    int verdict = verify(path);
    *missing = verdict < 0;
    if (verdict > 0) print_message("# verdict %d for %s\n", verdict, dictionary);
    assert_true(verdict <= 0);
    if (verdict == 0) {
        spoil(path);
        assert_int_equal(verify(path), 1);
    }
    remove_certificate(path);
}

static void test_certificates(void **state)
{
    (void)state;
    bool missing = false;
    for (uint32_t seed = 0; seed < 6 && !missing; seed++) {
        zg_dataset *data = partition(4 + seed, 50, seed % 2 == 0, seed);
        zg_problem *problem =
            make_problem(data, ZG_LOSS_INTERPOLATE, (zg_penalty){ZG_PENALTY_POWER, 2.0 / 3.0}, 1.0);
        certify(problem, "auto", &missing);
        zg_problem_free(problem);
        zg_dataset_free(data);
    }
    for (uint32_t seed = 0; seed < 4 && !missing; seed++) {
        zg_planted_sparse planted = {.n = 8, .d = 3, .neurons = 2, .noise = 0.2, .seed = seed};
        zg_dataset *data;
        assert_int_equal(zg_planted_sparse_create(&planted, &data, NULL), ZG_OK);
        zg_problem *problem =
            make_problem(data, seed % 2 ? ZG_LOSS_SQUARED : ZG_LOSS_ABSOLUTE,
                         (zg_penalty){ZG_PENALTY_POWER, seed < 2 ? 2.0 / 3.0 : 0.5}, 0.5);
        certify(problem, seed < 2 ? "axes" : "random", &missing);
        zg_problem_free(problem);
        zg_dataset_free(data);
    }
    if (missing) {
        print_message("# zerogap-verify has not been built\n");
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_partition_networks),
        cmocka_unit_test(test_weight_decay_of_one_neuron),
        cmocka_unit_test(test_dictionaries),
        cmocka_unit_test(test_dictionary_directions),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
