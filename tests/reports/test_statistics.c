/* Statistics against values recorded from R, SciPy and plain enumeration, and against textbooks. */
#include "reports/statistics.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TOLERANCE 1e-9

static json_t *fixture(void)
{
    char path[4096];
    const char *folder = getenv("ZEROGAP_FIXTURES");
    assert_non_null(folder);
    snprintf(path, sizeof path, "%s/statistics.json", folder);
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    if (!root) fail_msg("%s: %s", path, error.text);
    return root;
}

/* A list of numbers, null standing for infinity; *count entries to be freed. */
static double *numbers(const json_t *list, size_t *count)
{
    assert_true(json_is_array(list));
    *count = json_array_size(list);
    double *values = calloc(*count + 1, sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < *count; i++) {
        const json_t *entry = json_array_get(list, i);
        values[i] = json_is_null(entry) ? INFINITY : json_number_value(entry);
    }
    return values;
}

static double number(const json_t *object, const char *name)
{
    const json_t *member = json_object_get(object, name);
    assert_true(json_is_number(member));
    return json_number_value(member);
}

#define assert_near(value, expected)                                                               \
    do {                                                                                           \
        double v_ = (value), e_ = (expected);                                                      \
        if (!(fabs(v_ - e_) <= TOLERANCE * fmax(1, fabs(e_))))                                     \
            fail_msg("%.17g, not %.17g", v_, e_);                                                  \
    } while (0)

static void rank_tests_agree_with_r_and_scipy(void **state)
{
    (void)state;
    json_t *root = fixture();
    const json_t *row;
    size_t index, intervals = 0;
    json_array_foreach(json_object_get(root, "two_samples"), index, row)
    {
        size_t n, m;
        double *x = numbers(json_object_get(row, "x"), &n);
        double *y = numbers(json_object_get(row, "y"), &m);
        zg_rank_test test;
        assert_true(zg_mann_whitney(n, x, m, y, &test));
        assert_near(test.u, number(row, "u"));
        assert_near(test.p, number(row, "p"));
        assert_int_equal(test.exact, json_is_true(json_object_get(row, "exact")));
        if (json_object_get(row, "low")) {
            zg_shift shift;
            assert_true(zg_hodges_lehmann(n, x, m, y, 0.95, &shift));
            assert_near(shift.estimate, number(row, "estimate"));
            assert_near(shift.low, number(row, "low"));
            assert_near(shift.high, number(row, "high"));
            intervals++;
        }
        free(x);
        free(y);
    }
    assert_true(index > 30 && intervals > 30);
    json_decref(root);
}

static void rank_test_of_the_textbook(void **state)
{
    (void)state;
    /* Permeability constants of the human chorioamnion (Hollander and Wolfe 1973, p. 69): W = 35,
     * one-sided p = 0.1272, two-sided 0.2544. */
    const double term[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    const double early[] = {1.15, 0.88, 0.90, 0.74, 1.21};
    zg_rank_test test;
    assert_true(zg_mann_whitney(10, term, 5, early, &test));
    assert_near(test.u, 35);
    assert_true(fabs(test.p - 0.2544) < 5e-5);
}

static void rank_test_is_symmetric_and_blind_to_units(void **state)
{
    (void)state;
    const double x[] = {3, 1, 4, 1, 5, 9, 2, 6}, y[] = {2, 7, 1, 8, 2, 8};
    double xs[8], ys[6];
    zg_rank_test one, two, three;
    assert_true(zg_mann_whitney(8, x, 6, y, &one));
    assert_true(zg_mann_whitney(6, y, 8, x, &two));
    assert_near(one.u + two.u, 48);
    assert_near(one.p, two.p);
    for (size_t i = 0; i < 8; i++)
        xs[i] = exp(x[i]);
    for (size_t i = 0; i < 6; i++)
        ys[i] = exp(y[i]);
    assert_true(zg_mann_whitney(8, xs, 6, ys, &three));
    assert_near(one.p, three.p);
    const double same[] = {1, 1, 1};
    assert_true(zg_mann_whitney(3, same, 3, same, &one));
    assert_near(one.p, 1);
    assert_near(zg_mann_whitney_least_p(4, 4), 2.0 / 70);
    assert_near(zg_mann_whitney_least_p(1, 1), 1);
}

static void discoveries_agree_with_r(void **state)
{
    (void)state;
    json_t *root = fixture();
    const json_t *row;
    size_t index;
    json_array_foreach(json_object_get(root, "discoveries"), index, row)
    {
        size_t count;
        double *p = numbers(json_object_get(row, "p"), &count);
        double *expected = numbers(json_object_get(row, "adjusted"), &count);
        assert_true(zg_benjamini_hochberg(count, p, p)); /* in place */
        for (size_t i = 0; i < count; i++)
            assert_near(p[i], expected[i]);
        free(p);
        free(expected);
    }
    assert_true(index >= 3);
    json_decref(root);
}

static void means_and_quantiles_agree_with_scipy(void **state)
{
    (void)state;
    static const double at[] = {0, 0.1, 0.25, 0.9, 1};
    json_t *root = fixture();
    const json_t *row;
    size_t index;
    json_array_foreach(json_object_get(root, "means"), index, row)
    {
        size_t count, places;
        double *values = numbers(json_object_get(row, "values"), &count);
        double *quantiles = numbers(json_object_get(row, "quantiles"), &places);
        assert_near(zg_shifted_geometric_mean(count, values, number(row, "shift")),
                    number(row, "mean"));
        double median;
        assert_true(zg_median(count, values, &median));
        assert_near(median, number(row, "median"));
        zg_sort(count, values);
        for (size_t i = 0; i < places; i++)
            assert_near(zg_quantile(count, values, at[i]), quantiles[i]);
        free(values);
        free(quantiles);
    }
    assert_true(index >= 4);
    double nothing;
    assert_true(zg_median(0, NULL, &nothing));
    assert_true(isnan(nothing));
    assert_true(isnan(zg_shifted_geometric_mean(0, NULL, 1)));
    json_decref(root);
}

static void lines_and_student_agree_with_r(void **state)
{
    (void)state;
    json_t *root = fixture();
    const json_t *row;
    size_t index;
    json_array_foreach(json_object_get(root, "lines"), index, row)
    {
        size_t count;
        double *x = numbers(json_object_get(row, "x"), &count);
        double *y = numbers(json_object_get(row, "y"), &count);
        zg_line line;
        assert_true(zg_fit_line(count, x, y, &line));
        assert_near(line.slope, number(row, "slope"));
        assert_near(line.intercept, number(row, "intercept"));
        assert_near(line.r2, number(row, "r2"));
        assert_near(line.slope_low, number(row, "low"));
        assert_near(line.slope_high, number(row, "high"));
        free(x);
        free(y);
    }
    assert_true(index >= 4);
    json_array_foreach(json_object_get(root, "student"), index, row)
    {
        double p = json_number_value(json_array_get(row, 0));
        double degrees = json_number_value(json_array_get(row, 1));
        double expected = json_number_value(json_array_get(row, 2));
        assert_near(zg_student_quantile(p, degrees), expected);
        assert_near(zg_student_quantile(1 - p, degrees), -expected);
    }
    assert_true(index >= 24);
    const double x[] = {2, 2, 2}, y[] = {1, 2, 3};
    zg_line line;
    assert_false(zg_fit_line(3, x, y, &line));
    assert_false(zg_fit_line(1, y, y, &line));
    json_decref(root);
}

static void profiles_agree_with_numpy(void **state)
{
    (void)state;
    json_t *root = fixture();
    const json_t *profile = json_object_get(root, "profiles");
    const json_t *rows = json_object_get(profile, "times");
    size_t problems = json_array_size(rows), solvers = 4;
    double times[64], ratios[64];
    for (size_t i = 0; i < problems; i++) {
        size_t count;
        double *row = numbers(json_array_get(rows, i), &count);
        assert_int_equal(count, solvers);
        memcpy(times + i * solvers, row, solvers * sizeof *row);
        free(row);
    }
    zg_profile_ratios(problems, solvers, times, ratios);
    size_t taus, count;
    double *tau = numbers(json_object_get(profile, "taus"), &taus);
    double *score = numbers(json_object_get(profile, "score"), &count);
    for (size_t j = 0; j < solvers; j++) {
        double *expected = numbers(json_array_get(json_object_get(profile, "values"), j), &count);
        for (size_t k = 0; k < taus; k++)
            assert_near(zg_profile_value(problems, solvers, ratios, j, tau[k]), expected[k]);
        double limit = number(profile, "score_limit");
        double found = zg_profile_score(problems, solvers, ratios, j, limit);
        assert_true(fabs(found - score[j]) < 1e-6); /* the fixture integrates numerically */
        free(expected);
    }
    free(tau);
    free(score);
    json_decref(root);
}

static void steps_agree_with_enumeration(void **state)
{
    (void)state;
    json_t *root = fixture();
    const json_t *row;
    size_t index;
    json_array_foreach(json_object_get(root, "steps"), index, row)
    {
        size_t count, expected_count, segments, starts[16];
        double *values = numbers(json_object_get(row, "values"), &count);
        double *expected = numbers(json_object_get(row, "starts"), &expected_count);
        assert_true(zg_find_steps(count, values, number(row, "penalty"),
                                  (size_t)number(row, "shortest"), starts, &segments));
        assert_int_equal(segments, expected_count);
        for (size_t i = 0; i < segments; i++)
            assert_int_equal(starts[i], (size_t)expected[i]);
        free(values);
        free(expected);
    }
    assert_true(index >= 4);
    const double spike[] = {0, 0.1, 0, 5, 0.1, 0, 0.1};
    size_t few[7], many[7], few_count, many_count;
    assert_true(zg_find_steps(7, spike, 0.5, 1, many, &many_count));
    assert_int_equal(many_count, 3); /* before, the spike, after */
    assert_true(zg_find_steps(7, spike, 0.5, 2, few, &few_count));
    for (size_t i = 0; i < few_count; i++)
        assert_true((i + 1 < few_count ? few[i + 1] : 7) - few[i] >= 2);
    const double flat[] = {5, 5, 5, 5};
    size_t segments, starts[4];
    assert_true(zg_find_steps(4, flat, 1e-9, 1, starts, &segments));
    assert_int_equal(segments, 1);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rank_tests_agree_with_r_and_scipy),
        cmocka_unit_test(rank_test_of_the_textbook),
        cmocka_unit_test(rank_test_is_symmetric_and_blind_to_units),
        cmocka_unit_test(discoveries_agree_with_r),
        cmocka_unit_test(means_and_quantiles_agree_with_scipy),
        cmocka_unit_test(lines_and_student_agree_with_r),
        cmocka_unit_test(profiles_agree_with_numpy),
        cmocka_unit_test(steps_agree_with_enumeration),
    };
    return cmocka_run_group_tests_name("statistics", tests, NULL, NULL);
}
