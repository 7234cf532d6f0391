/* Free runs: of a linear model they are a power, of a quadratic one its own recursion, and every
 * experiment begins with what was measured.  Scores: closed forms, and counting. */
#include "core/free_run.h"
#include "data/series.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows of one output y with one lag; `experiments` of them, one after the other. */
static zg_dataset *series(size_t n, const double *y, size_t experiments)
{
    zg_error error = {0};
    zg_dataset *data;
    double *which = calloc(n, sizeof *which);
    for (size_t i = 0; i < n; i++)
        which[i] = floor((double)(i * experiments) / (double)n);
    const zg_lags lags = {.outputs = 1, .delay = 1, .experiment = "1"};
    assert_ok(zg_dataset_create(n, 1, which, 1, y, &data, &error), &error);
    assert_ok(zg_series_apply(&lags, &data, &error), &error);
    free(which);
    return data;
}

/* f(x) = a x^2 + b x, as one neuron and a pair. */
static zg_network *model(const zg_dataset *rows, double a, double b)
{
    const zg_architecture dense = {.kind = ZG_DENSE};
    const zg_model_options options = {.activation = {1, 1, 0},
                                      .architecture = dense,
                                      .task = ZG_REGRESSION,
                                      .loss = {ZG_LOSS_SQUARED, 0},
                                      .beta = 1};
    zg_preprocess preprocess;
    zg_encoding encoding;
    zg_problem *problem;
    zg_network *network;
    zg_error error = {0};
    assert_ok(zg_preprocess_fit(rows, false, &preprocess, &error), &error);
    assert_ok(zg_encoding_fit(rows, ZG_REGRESSION, &encoding, &error), &error);
    assert_ok(zg_problem_from_dataset(rows, &preprocess, &encoding, NULL, &options, (zg_penalty){0},
                                      &problem, &error),
              &error);
    assert_ok(zg_network_create(problem, &network, &error), &error);
    const double up = 1, down = -1; /* up: x^2 + x, down: x^2 - x */
    assert_int_equal(zg_network_add(network, 0, &up, 0, (a + b) / 2), ZG_OK);
    assert_int_equal(zg_network_add(network, 0, &down, 0, (a - b) / 2), ZG_OK);
    zg_problem_free(problem);
    zg_preprocess_clear(&preprocess);
    zg_encoding_clear(&encoding);
    return network;
}

static void a_linear_model_runs_as_a_power(void **state)
{
    (void)state;
    double y[30], f[29];
    size_t diverged;
    zg_error error = {0};
    for (size_t i = 0; i < 30; i++)
        y[i] = i == 0 ? 3 : -7; /* only the first one counts */
    zg_dataset *rows = series(30, y, 1);
    zg_network *network = model(rows, 0, 0.75);
    assert_ok(zg_free_run(network, rows, f, &diverged, &error), &error);
    assert_int_equal(diverged, 0);
    for (size_t i = 0; i < 29; i++)
        assert_close(f[i], 3 * pow(0.75, (double)(i + 1)), 1e-14);
    zg_network_free(network);
    zg_dataset_free(rows);
}

/* The logistic map in double precision is its own recursion; both do the same operations but for
 * their order, and 8 steps of a map with slopes below 4 lose at most 4^8 units. */
static void a_quadratic_model_runs_as_its_recursion(void **state)
{
    (void)state;
    double y[9] = {0.3}, f[8], x = 0.3;
    size_t diverged;
    zg_error error = {0};
    zg_dataset *rows = series(9, y, 1);
    zg_network *network = model(rows, -3.5, 3.5);
    assert_ok(zg_free_run(network, rows, f, &diverged, &error), &error);
    for (size_t i = 0; i < 8; i++) {
        x = 3.5 * x * (1 - x);
        assert_close(f[i], x, 0x1p-52 * 65536 * 8);
    }
    zg_network_free(network);
    zg_dataset_free(rows);
}

static void every_experiment_begins_with_what_was_measured(void **state)
{
    (void)state;
    const double y[] = {1, 5, 5, 10, 6, 6};
    double f[4];
    size_t diverged;
    zg_error error = {0};
    zg_dataset *rows = series(6, y, 2);
    zg_network *network = model(rows, 0, 2);
    assert_int_equal(rows->rows, 4);
    assert_ok(zg_free_run(network, rows, f, &diverged, &error), &error);
    const double wanted[] = {2, 4, 20, 40};
    for (size_t i = 0; i < 4; i++)
        assert_close(f[i], wanted[i], 1e-14);
    zg_network_free(network);
    zg_dataset_free(rows);
}

/* 2^27 > 1e8: the 27th row; of y = 10^k the 9th, as 1e8 itself is none.  What follows is no number.
 */
static void what_diverges_ends_there(void **state)
{
    (void)state;
    double y[40] = {1}, f[39];
    size_t diverged;
    zg_error error = {0};
    zg_dataset *rows = series(40, y, 1);
    static const struct {
        double square, slope;
        size_t row;
    } cases[] = {{0, 2, 27}, {0, -2, 27}, {0, 10, 9}, {1e200, 0, 1}, {1e308, 1e308, 1}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        zg_network *network = model(rows, cases[k].square, cases[k].slope);
        assert_ok(zg_free_run(network, rows, f, &diverged, &error), &error);
        assert_int_equal(diverged, cases[k].row);
        for (size_t i = 0; i < 39; i++)
            assert_true(i + 1 < diverged ? isfinite(f[i]) : isnan(f[i]));
        zg_network_free(network);
    }
    zg_dataset_free(rows);
}

static void fits_are_those_of_the_definition(void **state)
{
    (void)state;
    const double y[] = {1, 2, 3, 4}, mean[] = {2.5, 2.5, 2.5, 2.5},
                 half[] = {1.75, 2.25, 2.75, 3.25}, flat[] = {2, 2, 2, 2};
    assert_close(zg_fit_percent(1, 4, y, y), 100, 1e-14);
    assert_close(zg_fit_percent(1, 4, y, mean), 0, 1e-13);
    assert_close(zg_fit_percent(1, 4, y, half), 50, 1e-13);
    assert_true(isnan(zg_fit_percent(1, 4, flat, y)));
    /* Means of a constant that is no double, and of one that is large, are off by rounding. */
    double tenths[7], far[7];
    for (size_t i = 0; i < 7; i++) {
        tenths[i] = 0.1;
        far[i] = 1700000000.3;
    }
    assert_true(isnan(zg_fit_percent(1, 7, tenths, tenths)));
    assert_true(isnan(zg_fit_percent(1, 7, far, far)));
    /* A spread beyond double precision makes no error small. */
    const double huge[] = {-1e308, 1e308}, none[] = {0, 0};
    assert_true(isnan(zg_fit_percent(1, 2, huge, none)));
    /* Two outputs have a mean each. */
    const double two[] = {1, 3, 101, 103}, off[] = {2, 2, 102, 102};
    assert_close(zg_fit_percent(2, 2, two, off), 0, 1e-13);
}

static void rows_outside_the_box_are_counted(void **state)
{
    (void)state;
    const double box[] = {0, 0, 2, 1}, x[] = {0, 0, 2, 1, 1, 2, -1, 0.5, 1, 0.5, 3, 3};
    assert_close(zg_share_outside(2, 6, x, 2, box), 0.5, 1e-15);
    zg_random random;
    zg_random_seed(&random, 4);
    for (int round = 0; round < test_rounds(50); round++) {
        double a[30], b[45];
        size_t outside = 0;
        test_normals(&random, 30, a);
        test_normals(&random, 45, b);
        for (size_t i = 0; i < 15; i++) {
            bool in = true;
            for (size_t j = 0; j < 3; j++) {
                size_t above = 0;
                for (size_t k = 0; k < 10; k++)
                    above += a[3 * k + j] >= b[3 * i + j];
                bool low = false;
                for (size_t k = 0; k < 10; k++)
                    low = low || a[3 * k + j] <= b[3 * i + j];
                in = in && above > 0 && low;
            }
            outside += !in;
        }
        assert_close(zg_share_outside(3, 15, b, 10, a), (double)outside / 15, 1e-15);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_linear_model_runs_as_a_power),
        cmocka_unit_test(a_quadratic_model_runs_as_its_recursion),
        cmocka_unit_test(every_experiment_begins_with_what_was_measured),
        cmocka_unit_test(what_diverges_ends_there),
        cmocka_unit_test(fits_are_those_of_the_definition),
        cmocka_unit_test(rows_outside_the_box_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
