/*
 * Weight decay with two inputs over all networks: the bounds against random networks, an exhaustive
 * grid, closed forms, and the best of many restarts of backpropagation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "baselines/baseline.h"
#include "baselines/weight_decay/arcs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 60

static size_t environment(const char *name, size_t fallback)
{
    const char *text = getenv(name);
    long value = text ? strtol(text, NULL, 10) : 0;
    return value > 0 ? (size_t)value : fallback;
}

/* Two planted neurons, noise, and a penalty that keeps two, one or none of them. */
static zg_problem *make_problem(uint32_t seed, zg_penalty penalty)
{
    static const double betas[] = {0.1, 1.0, 5.0, 0.01};
    zg_random random;
    zg_random_seed(&random, seed);
    double x[2 * SAMPLES], y[SAMPLES];
    size_t n = 10 + 5 * (seed % 11);
    for (size_t e = 0; e < 2 * n; e++)
        x[e] = zg_random_normal(&random);
    double first = 3.0 * zg_random_uniform(&random), second = 3.0 * zg_random_uniform(&random);
    double w1 = 2.0 * zg_random_normal(&random), w2 = zg_random_normal(&random);
    for (size_t i = 0; i < n; i++) {
        double p = x[2 * i] * cos(first) + x[2 * i + 1] * sin(first);
        double q = x[2 * i] * cos(second) + x[2 * i + 1] * sin(second);
        y[i] = w1 * p * p + w2 * q * q + 0.3 * zg_random_normal(&random);
    }
    zg_problem *problem;
    assert_int_equal(zg_problem_from_arrays(n, 2, x, 1, y, NULL, (zg_activation){1.0, 0.0, 0.0},
                                            NULL, (zg_loss){ZG_LOSS_SQUARED, 1.0}, penalty,
                                            betas[seed % 4], &problem, NULL),
                     ZG_OK);
    return problem;
}

static const zg_penalty decay = {ZG_PENALTY_WEIGHT_DECAY, 2.0 / 3.0};

static void solve(const zg_problem *problem, double tolerance, zg_arcs_result *result)
{
    zg_decay_options options = {.tolerance = tolerance, .seconds = 60.0};
    zg_error error = {0};
    zg_status status = zg_arcs_solve(problem, &options, result, &error);
    if (status != ZG_OK) print_message("# %s\n", error.message);
    assert_int_equal(status, ZG_OK);
    double objective;
    assert_int_equal(zg_network_objective(result->network, problem, &objective, NULL, NULL), ZG_OK);
    assert_true(fabs(objective - result->objective) <= 1e-11 * fmax(1.0, objective));
    assert_true(result->complete && result->bound < result->objective);
    assert_true(objective - result->bound <= tolerance * fmax(1.0, objective));
}

/* The objective of a network of any size, evaluated from the data. */
static double objective_of(const zg_problem *problem, size_t count, const double *angle,
                           const double *w)
{
    zg_network *network;
    double objective;
    assert_int_equal(zg_network_create(problem, &network, NULL), ZG_OK);
    for (size_t j = 0; j < count; j++) {
        double u[2] = {cos(angle[j]), sin(angle[j])};
        assert_int_equal(zg_network_add(network, 0, u, 0, w[j]), ZG_OK);
    }
    assert_int_equal(zg_network_objective(network, problem, &objective, NULL, NULL), ZG_OK);
    zg_network_free(network);
    return objective;
}

/* No network of one to five neurons is below the bound: random ones, and random changes of good
 * ones that are kept when they improve. */
static void test_random_networks(void **state)
{
    (void)state;
    size_t multiplier = environment("ZEROGAP_TEST_MULTIPLIER", 1);
    for (uint32_t seed = 0; seed < 8; seed++) {
        zg_problem *problem =
            make_problem(seed, (zg_penalty){ZG_PENALTY_POWER, seed % 2 ? 0.5 : 2.0 / 3.0});
        zg_arcs_result result;
        solve(problem, 1e-5, &result);
        zg_random random;
        zg_random_seed(&random, seed);
        double least = INFINITY;
        for (size_t trial = 0; trial < 12 * multiplier; trial++) {
            size_t count = 1 + trial % 5;
            double angle[5], w[5], here;
            for (size_t j = 0; j < count; j++) {
                angle[j] = 3.2 * zg_random_uniform(&random);
                w[j] = zg_random_normal(&random);
            }
            here = objective_of(problem, count, angle, w);
            for (double size = 1.0; size > 1e-4; size *= 0.99) {
                double angle2[5], w2[5];
                for (size_t j = 0; j < count; j++) {
                    angle2[j] = angle[j] + size * zg_random_normal(&random);
                    w2[j] = w[j] + size * zg_random_normal(&random);
                    if (zg_random_uniform(&random) < 0.1) w2[j] = 0.0;
                }
                double there = objective_of(problem, count, angle2, w2);
                assert_true(there >= result.bound);
                if (there >= here) continue;
                here = there;
                memcpy(angle, angle2, sizeof angle);
                memcpy(w, w2, sizeof w);
            }
            least = fmin(least, here);
        }
        assert_true(least >= result.bound);
        zg_network_free(result.network);
        zg_problem_free(problem);
    }
}

/* Rotating the inputs does not change the optimum. */
static void test_rotation(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 6; seed++) {
        zg_problem *problem = make_problem(seed, decay), *turned;
        double x[2 * SAMPLES], c = cos(0.7), s = sin(0.7);
        for (size_t i = 0; i < problem->samples; i++) {
            x[2 * i] = c * problem->x[2 * i] - s * problem->x[2 * i + 1];
            x[2 * i + 1] = s * problem->x[2 * i] + c * problem->x[2 * i + 1];
        }
        assert_int_equal(zg_problem_from_arrays(problem->samples, 2, x, 1, problem->y, NULL,
                                                problem->activation, NULL, problem->loss,
                                                problem->penalty, problem->beta, &turned, NULL),
                         ZG_OK);
        zg_arcs_result result, other;
        solve(problem, 1e-5, &result);
        solve(turned, 1e-5, &other);
        assert_true(fabs(result.objective - other.objective) <= 1e-7 * fmax(1.0, result.objective));
        zg_network_free(result.network);
        zg_network_free(other.network);
        zg_problem_free(problem);
        zg_problem_free(turned);
    }
}

/* Samples x = e_1 and (1, 1), (1, -1) with equal labels make Z's diagonal (z, 0) optimal when
 * y = (t, t, t): the one-neuron problem 3/2 (w - t)^2 + lambda w^p, minimised on a grid. */
static void test_one_neuron(void **state)
{
    (void)state;
    const double x[6] = {1.0, 0.0, 1.0, 1.0, 1.0, -1.0}, t = 1.7, y[3] = {t, t, t};
    zg_problem *problem;
    assert_int_equal(zg_problem_from_arrays(3, 2, x, 1, y, NULL, (zg_activation){1.0, 0.0, 0.0},
                                            NULL, (zg_loss){ZG_LOSS_SQUARED, 1.0},
                                            (zg_penalty){ZG_PENALTY_POWER, 2.0 / 3.0}, 0.4,
                                            &problem, NULL),
                     ZG_OK);
    double best = 1.5 * t * t;
    for (int i = 1; i <= 400000; i++) {
        double w = t * i / 400000.0;
        best = fmin(best, 1.5 * (w - t) * (w - t) + 0.4 * pow(w, 2.0 / 3.0));
    }
    zg_arcs_result result;
    solve(problem, 1e-6, &result);
    assert_true(fabs(result.objective - best) <= 1e-8);
    zg_network_free(result.network);
    zg_problem_free(problem);
}

/* The best of many backprop runs is not below the bound, and not better than the network found. */
static void test_backprop_is_bracketed(void **state)
{
    (void)state;
    size_t restarts = environment("ZEROGAP_TEST_RESTARTS", 30);
    char text[32];
    snprintf(text, sizeof text, "%zu", restarts);
    const char *const settings[] = {"neurons",  "4",  "epochs",        "300",
                                    "restarts", text, "learning_rate", "0.03"};
    for (uint32_t seed = 0; seed < 10; seed++) {
        zg_problem *problem = make_problem(seed, decay);
        zg_arcs_result result;
        solve(problem, 1e-4, &result);
        zg_value *values;
        zg_solution solution = {0};
        zg_control control = {.tolerance = 1e-6};
        zg_error error = {0};
        double objective;
        assert_int_equal(zg_values_create(&zg_method_adam, &values, NULL), ZG_OK);
        for (size_t i = 0; i < 8; i += 2)
            assert_int_equal(
                zg_values_set(&zg_method_adam, values, settings[i], settings[i + 1], &error),
                ZG_OK);
        assert_int_equal(zg_method_adam.solve(problem, values, &control, &solution, &error), ZG_OK);
        assert_int_equal(solution.iterations, 300 * restarts); /* all of them ran to the end */
        zg_network_objective(solution.network, problem, &objective, NULL, NULL);
        print_message(
            "# %u: bound %.7f network %.7f nodes %ld, best of %zu adam runs %.7f (%+.1e)\n", seed,
            result.bound, result.objective, result.nodes, restarts, objective,
            objective - result.objective);
        assert_true(objective >= result.bound);
        assert_true(objective >= result.objective - 1e-6 * fmax(1.0, result.objective));
        zg_solution_clear(&solution);
        zg_values_free(&zg_method_adam, values);
        zg_network_free(result.network);
        zg_problem_free(problem);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    const double x[4] = {1.0, 0.0, 1.0, 1.0}, y[2] = {1.0, 2.0};
    zg_arcs_result result;
    zg_error error;
    zg_problem *problem;
    assert_int_equal(zg_problem_from_arrays(2, 2, x, 1, y, NULL, (zg_activation){1.0, 0.5, 0.0},
                                            NULL, (zg_loss){ZG_LOSS_SQUARED, 1.0},
                                            (zg_penalty){ZG_PENALTY_POWER, 0.5}, 0.4, &problem,
                                            NULL),
                     ZG_OK);
    assert_int_equal(zg_arcs_solve(problem, NULL, &result, &error), ZG_UNSUPPORTED);
    zg_problem_free(problem);
}

static bool stop(void *context, const zg_decay_progress *progress)
{
    (void)context;
    (void)progress;
    return false;
}

static void test_stop(void **state)
{
    (void)state;
    zg_problem *problem = make_problem(3, decay);
    zg_decay_options options = {.tolerance = 1e-9, .notify = stop};
    zg_arcs_result result;
    assert_int_equal(zg_arcs_solve(problem, &options, &result, NULL), ZG_STOPPED);
    assert_false(result.complete);
    assert_true(result.bound >= 0.0 && result.bound < result.objective);
    zg_network_free(result.network);
    zg_problem_free(problem);
}

/* A clock that goes on by a second whenever it is read. */
static double ticks;
static double ticking(void)
{
    return ticks += 1.0;
}

/* The search for the first networks asks for the time in its loops, and ends there: with powers of
 * any size, before there is a box. */
static void test_limit_within_the_first_search(void **state)
{
    (void)state;
    static const double powers[] = {0.001, 0.5, 2.0 / 3.0};
    for (size_t i = 0; i < 3; i++) {
        zg_problem *problem = make_problem(3, (zg_penalty){ZG_PENALTY_POWER, powers[i]});
        zg_decay_options options = {.seconds = 1e9, .clock = ticking, .notify = stop};
        zg_arcs_result result;
        double before = ticks;
        assert_int_equal(zg_arcs_solve(problem, &options, &result, NULL), ZG_STOPPED);
        assert_int_equal(result.nodes, 0);
        zg_network_free(result.network);
        double asked = ticks - before;
        assert_true(asked > 150.0);
        for (double share = 0.1; share < 0.95; share += 0.4) {
            options = (zg_decay_options){.seconds = 1.0 + share * asked, .clock = ticking};
            assert_int_equal(zg_arcs_solve(problem, &options, &result, NULL), ZG_TIMEOUT);
            assert_true(result.nodes == 0 && !result.complete);
            assert_true(result.bound >= 0.0 && result.bound < result.objective);
            zg_network_free(result.network);
        }
        zg_problem_free(problem);
    }
}

/* Squares of the targets that overflow are refused by name; what overflows elsewhere is no bound.
 */
static void test_numbers_too_large(void **state)
{
    (void)state;
    const double x[4] = {1.0, 0.0, 1.0, 1.0}, large[2] = {1e200, 2e200}, y[2] = {1.0, 2.0};
    const double far[4] = {1e155, 0.0, 1e155, 1e155};
    const zg_penalty penalty = {ZG_PENALTY_POWER, 0.5};
    zg_arcs_result result;
    zg_error error = {0};
    zg_problem *problem = NULL;
    zg_status status =
        zg_problem_from_arrays(2, 2, x, 1, large, NULL, (zg_activation){1, 0, 0}, NULL,
                               (zg_loss){ZG_LOSS_SQUARED, 1.0}, penalty, 0.4, &problem, &error);
    if (status == ZG_OK) status = zg_arcs_solve(problem, NULL, &result, &error);
    assert_int_equal(status, ZG_BAD_INPUT);
    assert_true(error.message[0]);
    zg_problem_free(problem);
    problem = NULL;
    if (zg_problem_from_arrays(2, 2, far, 1, y, NULL, (zg_activation){1, 0, 0}, NULL,
                               (zg_loss){ZG_LOSS_SQUARED, 1.0}, penalty, 0.4, &problem,
                               NULL) != ZG_OK)
        return; /* refused when it is posed */
    zg_decay_options options = {.seconds = 2000, .clock = ticking};
    status = zg_arcs_solve(problem, &options, &result, &error);
    assert_true(status == ZG_OK || status == ZG_TIMEOUT);
    assert_true(isfinite(result.objective) && result.bound <= result.objective);
    zg_network_free(result.network);
    zg_problem_free(problem);
}

/* Root radius (objective / lambda)^(1/p) beyond all doubles: the bound says nothing that the better
 * network refutes, which has one neuron for two samples. */
static void test_infinite_radius(void **state)
{
    (void)state;
    const double x[4] = {-1.9253762147912343, 1.1194813030513466, 0.40526643845437055,
                         -0.21559394150599737};
    const double y[2] = {26393.03295432738, 122961.97190611123};
    zg_problem *problem;
    assert_int_equal(zg_problem_from_arrays(2, 2, x, 1, y, NULL, (zg_activation){1, 0, 0}, NULL,
                                            (zg_loss){ZG_LOSS_SQUARED, 1.0},
                                            (zg_penalty){ZG_PENALTY_POWER, 0.0009}, 1.0, &problem,
                                            NULL),
                     ZG_OK);
    zg_network *network;
    const double u[2] = {-0.5060866203079348, -0.8624826564895622};
    double objective;
    assert_int_equal(zg_network_create(problem, &network, NULL), ZG_OK);
    assert_int_equal(zg_network_add(network, 0, u, 0, 335163709.0438777), ZG_OK);
    assert_int_equal(zg_network_objective(network, problem, &objective, NULL, NULL), ZG_OK);
    assert_true(fabs(objective - 1.01782) < 1e-5);
    zg_decay_options options = {.seconds = 3000, .clock = ticking};
    zg_arcs_result result;
    zg_status status = zg_arcs_solve(problem, &options, &result, NULL);
    assert_true(status == ZG_OK || status == ZG_TIMEOUT);
    assert_true(result.bound <= objective);
    assert_true(result.objective < 1.02); /* it finds its like */
    zg_network_free(result.network);
    zg_network_free(network);
    zg_problem_free(problem);
}

/* Weights beyond 10^150 are in no box: they cost 10^15 at least, less than the best network inside,
 * and no more than that is proven. */
static void weights_outside_the_root_box_bound_the_optimum(void **state)
{
    (void)state;
    const double x[4] = {1e-80, 0.0, 0.0, 1e-80}, y[2] = {4.5e7, -4.5e7};
    zg_problem *problem;
    assert_int_equal(zg_problem_from_arrays(2, 2, x, 1, y, NULL, (zg_activation){1, 0, 0}, NULL,
                                            (zg_loss){ZG_LOSS_SQUARED, 1.0},
                                            (zg_penalty){ZG_PENALTY_POWER, 0.1}, 1.0, &problem,
                                            NULL),
                     ZG_OK);
    zg_arcs_result result;
    assert_int_equal(zg_arcs_solve(problem, NULL, &result, NULL), ZG_OK);
    assert_true(fabs(result.objective - 2.025e15) < 1e6);
    assert_true(fabs(result.outside - 1e15) < 1e6);
    assert_true(result.bound <= result.outside);
    assert_false(result.complete);
    zg_network_free(result.network);
    zg_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_networks),
        cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_one_neuron),
        cmocka_unit_test(test_backprop_is_bracketed),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_limit_within_the_first_search),
        cmocka_unit_test(test_numbers_too_large),
        cmocka_unit_test(test_infinite_radius),
        cmocka_unit_test(weights_outside_the_root_box_bound_the_optimum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
