/* Time series: rows of the past, experiments, splits in time, tables that are all outputs. */
#include "data/dynamics.h"
#include "data/series.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static zg_dataset *table(size_t n, size_t d, const double *x, size_t k, const double *t)
{
    zg_error error = {0};
    zg_dataset *dataset;
    assert_ok(zg_dataset_create(n, d, x, k, t, &dataset, &error), &error);
    return dataset;
}

static void rows_are_the_past_by_age_and_channel(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 5);
    for (int round = 0; round < test_rounds(30); round++) {
        size_t n = 20, na = zg_random_below_or_equal(&random, 3), at = 0;
        size_t nb = zg_random_below_or_equal(&random, 3), nk = zg_random_below_or_equal(&random, 3);
        if (na + nb == 0) continue;
        double u[40], y[60];
        test_normals(&random, 40, u);
        test_normals(&random, 60, y);
        zg_error error = {0};
        zg_dataset *data = table(n, 2, u, 3, y);
        const zg_lags lags = {.outputs = na, .inputs = nb, .delay = nk};
        assert_ok(zg_series_apply(&lags, &data, &error), &error);
        size_t past = zg_lags_past(&lags);
        assert_int_equal(past, fmax((double)na, nb ? (double)(nk + nb - 1) : 0));
        assert_int_equal(data->rows, n - past);
        assert_int_equal(data->inputs, 3 * na + 2 * nb);
        for (size_t i = 0; i < data->rows; i++) {
            size_t now = past + i;
            for (size_t k = 1; k <= na; k++)
                for (size_t c = 0; c < 3; c++)
                    assert_true(data->x[at++] == y[3 * (now - k) + c]);
            for (size_t k = 0; k < nb; k++)
                for (size_t c = 0; c < 2; c++)
                    assert_true(data->x[at++] == u[2 * (now - nk - k) + c]);
            assert_memory_equal(data->t + 3 * i, y + 3 * now, 3 * sizeof *y);
            assert_int_equal(data->series->sample[i], now);
        }
        zg_dataset_free(data);
    }
}

static void no_row_reaches_into_another_experiment(void **state)
{
    (void)state;
    /* Column 2 tells them apart; it is no input. */
    const double x[] = {1, 7, 2, 7, 3, 7, 4, 8, 5, 8, 6, 7}, t[] = {10, 20, 30, 40, 50, 60};
    zg_error error = {0};
    zg_dataset *data = table(6, 2, x, 1, t);
    const zg_lags lags = {.outputs = 1, .inputs = 1, .delay = 1, .experiment = "2"};
    assert_ok(zg_series_apply(&lags, &data, &error), &error);
    const double rows[] = {10, 1, 20, 2, 40, 4}, targets[] = {20, 30, 50};
    assert_int_equal(data->rows, 3); /* the last experiment has no past */
    assert_memory_equal(data->x, rows, sizeof rows);
    assert_memory_equal(data->t, targets, sizeof targets);
    assert_true(zg_series_begins(data->series, 0) && !zg_series_begins(data->series, 1) &&
                zg_series_begins(data->series, 2));
    zg_dataset_free(data);
}

static void samples_that_train_lie_before_those_that_test(void **state)
{
    (void)state;
    double u[100], y[100];
    for (size_t i = 0; i < 100; i++)
        u[i] = y[i] = (double)i;
    zg_error error = {0};
    zg_dataset *data = table(100, 1, u, 1, y), *train, *validation, *test;
    const zg_lags lags = {.outputs = 3, .inputs = 1, .delay = 1};
    assert_ok(zg_series_apply(&lags, &data, &error), &error);
    assert_ok(zg_dataset_split_time(data, (zg_time_split){0.5, 20, 0.1}, &train, &validation, &test,
                                    &error),
              &error);
    assert_int_equal(train->rows, 47); /* the first three samples have no past */
    assert_int_equal(validation->rows, 20);
    assert_int_equal(test->rows, 10);
    assert_true(train->t[46] == 49 && validation->t[0] == 50 && validation->t[19] == 69);
    assert_true(test->t[0] == 90 && test->x[0] == 89); /* its past is measured */
    zg_dataset *joined;
    assert_ok(zg_dataset_append(train, validation, &joined, &error), &error);
    assert_false(zg_series_begins(joined->series, 47));
    const zg_time_split bad[] = {{0.5, 0.5, 0}, {50.5, 0, 0}, {2, 0, 0}, {60, 0, 50}, {NAN, 0, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        zg_dataset *none[3];
        assert_int_equal(zg_dataset_split_time(data, bad[i], &none[0], &none[1], &none[2], &error),
                         ZG_BAD_INPUT);
        assert_true(!none[0] && !none[1] && !none[2]);
    }
    zg_dataset_free(joined);
    zg_dataset_free(data);
    zg_dataset_free(train);
    zg_dataset_free(validation);
    zg_dataset_free(test);
}

static void a_column_of_outputs_alone_is_a_series(void **state)
{
    (void)state;
    char path[] = "/tmp/zerogap-series-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, "y\n1\n2\n4\n8\n", 10) == 10);
    close(file);
    zg_error error = {0};
    zg_dataset *data;
    const zg_lags lags = {.outputs = 2, .delay = 1};
    const zg_data_options options = {.lags = &lags};
    assert_ok(zg_dataset_load(path, &options, &data, &error), &error);
    const double rows[] = {2, 1, 4, 2};
    assert_true(data->rows == 2 && data->inputs == 2 && data->t[1] == 8);
    assert_memory_equal(data->x, rows, sizeof rows);
    assert_string_equal(data->input_names[1], "y(t-2)");
    zg_dataset_free(data);
    unlink(path);
}

static void what_is_no_series_is_refused(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_lags lags;
    assert_int_equal(zg_lags_parse("outputs=0", &lags, &error), ZG_BAD_INPUT);
    assert_int_equal(zg_lags_parse("outputs=2,output=1", &lags, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "unknown series setting \"output\"; did you mean \"outputs\"?");
    assert_int_equal(zg_lags_parse("inputs=-1", &lags, &error), ZG_BAD_INPUT);
    assert_int_equal(zg_lags_parse("inputs=99999999999999999999", &lags, &error), ZG_BAD_INPUT);
    assert_ok(zg_lags_parse("inputs=2,delay=0,experiment=run", &lags, &error), &error);
    assert_true(lags.inputs == 2 && lags.delay == 0 && lags.outputs == 0);
    const double x[] = {1, 2, 3}, t[] = {1, 2, 3};
    zg_dataset *data = table(3, 1, x, 1, t);
    assert_int_equal(zg_series_apply(&lags, &data, &error), ZG_BAD_INPUT); /* no such column */
    const zg_lags far = {.outputs = 3, .delay = 1};
    assert_int_equal(zg_series_apply(&far, &data, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "data set: 3 samples are too few for lags that reach 3 back");
    data->x[1] = NAN; /* a gap would be jumped over */
    const zg_lags near = {.outputs = 1, .delay = 1};
    assert_int_equal(zg_series_apply(&near, &data, &error), ZG_BAD_INPUT);
    zg_dataset_free(data);
}

/* Without noise; the draws of the others are held against reference optima (tests/runner/dynamics).
 */
static void the_difference_equation_holds(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_dataset *data;
    const zg_dynamics silent = {.system = ZG_SYSTEM_NARX, .n = 50, .seed = 11};
    assert_ok(zg_dynamics_create(&silent, &data, &error), &error);
    const double *u = data->x, *y = data->t;
    for (size_t t = 2; t < 50; t++)
        assert_true(fabs(y[t] - (0.3 + 0.6 * y[t - 1] - 0.2 * y[t - 2] + 0.5 * u[t - 1] +
                                 0.25 * u[t - 1] * y[t - 1] - 0.15 * y[t - 1] * y[t - 1])) < 1e-15);
    zg_dataset_free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_the_past_by_age_and_channel),
        cmocka_unit_test(no_row_reaches_into_another_experiment),
        cmocka_unit_test(samples_that_train_lie_before_those_that_test),
        cmocka_unit_test(a_column_of_outputs_alone_is_a_series),
        cmocka_unit_test(what_is_no_series_is_refused),
        cmocka_unit_test(the_difference_equation_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
