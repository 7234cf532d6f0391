/*
 * Hard instances with known answers: the generators, the proof that their data force a diagonal,
 * and branch and bound deciding every one of them rightly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "baselines/weight_decay/hard_instances.h"
#ifdef ZG_HAVE_BRANCH_AND_BOUND
#include "baselines/weight_decay/tree.h"
#endif

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t multiplier(void)
{
    const char *text = getenv("ZEROGAP_TEST_MULTIPLIER");
    long value = text ? strtol(text, NULL, 10) : 1;
    return value > 0 ? (size_t)value : 1;
}

/* All 2^n halves. */
static bool halves_by_force(size_t count, const long *numbers)
{
    for (size_t set = 0; set < (size_t)1 << count; set++) {
        long difference = 0;
        for (size_t j = 0; j < count; j++)
            difference += set >> j & 1 ? numbers[j] : -numbers[j];
        if (difference == 0) return true;
    }
    return false;
}

static void test_decide_partition(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 1);
    size_t yes = 0, trials = 200 * multiplier();
    for (size_t trial = 0; trial < trials; trial++) {
        long numbers[10], sums[2] = {0, 0};
        size_t count = 2 + zg_random_below_or_equal(&random, 8), side[10];
        for (size_t j = 0; j < count; j++)
            numbers[j] = 1 + (long)zg_random_below_or_equal(&random, 30);
        bool answer;
        assert_int_equal(zg_partition_decide(count, numbers, &answer, side, NULL), ZG_OK);
        assert_int_equal(answer, halves_by_force(count, numbers));
        if (!answer) continue;
        yes++;
        for (size_t j = 0; j < count; j++)
            sums[side[j]] += numbers[j];
        assert_true(sums[0] == sums[1]);
    }
    assert_true(yes > trials / 10 && yes < trials);
}

static bool triples_by_force(size_t count, const long *numbers, long share, size_t used)
{
    size_t first = 0;
    while (first < count && used >> first & 1)
        first++;
    if (first == count) return true;
    for (size_t j = first + 1; j < count; j++)
        for (size_t k = j + 1; k < count; k++) {
            size_t triple = (size_t)1 << first | (size_t)1 << j | (size_t)1 << k;
            if (used & triple || numbers[first] + numbers[j] + numbers[k] != share) continue;
            if (triples_by_force(count, numbers, share, used | triple)) return true;
        }
    return false;
}

static void test_decide_three_partition(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 40 * multiplier(); seed++) {
        long numbers[12];
        size_t count = 6 + 3 * (seed % 3), side[12];
        bool wanted = seed % 2 == 0, answer;
        assert_int_equal(zg_three_partition_draw(count, 100, wanted, seed, numbers, NULL), ZG_OK);
        assert_int_equal(zg_three_partition_decide(count, numbers, &answer, side, NULL), ZG_OK);
        assert_int_equal(answer, wanted);
        assert_int_equal(triples_by_force(count, numbers, 200, 0), wanted);
        long sums[4] = {0};
        for (size_t j = 0; wanted && j < count; j++)
            sums[side[j]] += numbers[j];
        for (size_t b = 0; wanted && b < count / 3; b++)
            assert_int_equal(sums[b], 200);
    }
}

/* The rows say what they should: the planted 0/1 solution satisfies them, and they force a
 * diagonal; without the flipped copies they do not. */
static void test_rows(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 10; seed++) {
        long numbers[12];
        size_t side[12], count = seed % 2 == 0 ? 7 : 6;
        bool three = seed % 2 != 0, answer, forced;
        zg_dataset *data;
        if (three) {
            assert_int_equal(zg_three_partition_draw(count, 50, true, seed, numbers, NULL), ZG_OK);
            assert_int_equal(zg_three_partition_decide(count, numbers, &answer, side, NULL), ZG_OK);
            assert_int_equal(zg_three_partition_create(count, numbers, &data, NULL), ZG_OK);
        } else {
            assert_int_equal(zg_partition_draw(count, 50, true, seed, numbers, NULL), ZG_OK);
            assert_int_equal(zg_partition_decide(count, numbers, &answer, side, NULL), ZG_OK);
            assert_int_equal(zg_partition_create(count, numbers, &data, NULL), ZG_OK);
        }
        size_t d = data->inputs;
        for (size_t i = 0; i < data->rows; i++) {
            double f = 0.0;
            for (size_t j = 0; j < count; j++) {
                size_t k = three ? j * (count / 3) + side[j] : (side[j] ? j : count + j);
                f += data->x[i * d + k] * data->x[i * d + k];
            }
            assert_true(f == data->t[i]);
        }
        assert_int_equal(zg_forces_diagonal(data->rows, d, data->x, data->t, &forced, NULL), ZG_OK);
        assert_true(forced);
        assert_int_equal(zg_forces_diagonal(count + 1, d, data->x, data->t, &forced, NULL), ZG_OK);
        assert_false(forced);
        zg_dataset_free(data);
    }
}

static void test_bad_numbers(void **state)
{
    (void)state;
    zg_dataset *data = NULL;
    zg_error error;
    const long negative[3] = {1, -1, 2}, large[2] = {1, ZG_HARD_NUMBER_LIMIT + 1};
    const long sizes[6] = {10, 10, 10, 1, 19, 10}, uneven[6] = {10, 10, 10, 10, 10, 11};
    assert_int_equal(zg_partition_create(3, negative, &data, &error), ZG_BAD_INPUT);
    assert_int_equal(zg_partition_create(2, large, &data, &error), ZG_BAD_INPUT);
    assert_int_equal(zg_partition_create(1, large, &data, &error), ZG_BAD_INPUT);
    assert_int_equal(zg_three_partition_create(6, sizes, &data, &error), ZG_BAD_INPUT);
    assert_int_equal(zg_three_partition_create(6, uneven, &data, &error), ZG_BAD_INPUT);
    assert_int_equal(zg_three_partition_create(5, sizes, &data, &error), ZG_BAD_INPUT);
    assert_null(data);
}

static void test_planted_sparse(void **state)
{
    (void)state;
    zg_planted_sparse planted = {.n = 30, .d = 8, .neurons = 3, .noise = 0.0, .seed = 4};
    zg_dataset *data;
    assert_int_equal(zg_planted_sparse_create(&planted, &data, NULL), ZG_OK);
    zg_random random; /* the documented draw order */
    zg_random_seed(&random, 4);
    for (size_t e = 0; e < 30 * 8; e++)
        assert_true(data->x[e] == zg_random_normal(&random));
    size_t order[8];
    double w[3];
    zg_random_permutation(&random, 8, order);
    for (size_t s = 0; s < 3; s++)
        w[s] = zg_random_normal(&random);
    for (size_t i = 0; i < 30; i++) {
        double f = 0.0;
        for (size_t s = 0; s < 3; s++)
            f += w[s] * pow(data->x[i * 8 + order[s]], 2.0);
        assert_true(fabs(f - data->t[i]) <= 1e-12);
    }
    zg_dataset_free(data);
}

#ifdef ZG_HAVE_BRANCH_AND_BOUND
/* Trains the instance by branch and bound over the diagonal and compares with the truth: optimum =
 * count to 1e-7, or a safe bound above count + 1e-6. */
static void check_decision(const zg_dataset *data, size_t count, bool answer, double *seconds)
{
    bool forced;
    size_t d = data->inputs;
    assert_int_equal(zg_forces_diagonal(data->rows, d, data->x, data->t, &forced, NULL), ZG_OK);
    assert_true(forced);
    double *phi = calloc(data->rows * d, sizeof *phi), *rhs = calloc(data->rows, sizeof *rhs);
    assert_true(phi && rhs);
    size_t rows = zg_diagonal_equations(data->rows, d, 1.0, data->x, data->t, phi, rhs, NULL);
    zg_decay_problem problem = {.rows = rows,
                                .columns = d,
                                .phi = phi,
                                .y = rhs,
                                .loss = ZG_LOSS_INTERPOLATE,
                                .lambda = 1.0,
                                .power = 2.0 / 3.0};
    zg_decay_options options = {
        .tolerance = 1e-7 / (double)count, .target = (double)count + 2e-6, .seconds = 100.0};
    zg_decay_result result;
    assert_int_equal(zg_decay_solve(&problem, &options, &result, NULL), ZG_OK);
    assert_true(result.complete);
    if (answer) {
        assert_true(fabs(result.objective - (double)count) <= 1e-7);
        assert_true(result.bound >= (double)count - 1e-7 && result.bound <= (double)count);
    } else {
        assert_true(result.bound > (double)count + 1e-6);
    }
    *seconds += result.seconds;
    zg_decay_result_clear(&result);
    free(phi);
    free(rhs);
}

/* 100 x multiplier instances: planted yes to n = 20, proven no to n = 14. */
static void test_partition(void **state)
{
    (void)state;
    double seconds = 0.0;
    for (uint32_t trial = 0; trial < 100 * multiplier(); trial++) {
        long numbers[20];
        bool answer = trial % 2 == 0;
        size_t count = answer ? 4 + trial / 2 % 17 : 4 + trial / 2 % 11;
        long highest = trial % 4 < 2 ? 100 : 5000;
        zg_dataset *data;
        assert_int_equal(zg_partition_draw(count, highest, answer, trial, numbers, NULL), ZG_OK);
        assert_int_equal(zg_partition_create(count, numbers, &data, NULL), ZG_OK);
        check_decision(data, count, answer, &seconds);
        zg_dataset_free(data);
    }
    print_message("# PARTITION: %.2f s of branch and bound\n", seconds);
}

static void test_three_partition(void **state)
{
    (void)state;
    double seconds = 0.0;
    for (uint32_t trial = 0; trial < 10 * multiplier(); trial++) {
        long numbers[9];
        size_t count = trial % 5 == 4 ? 9 : 6;
        zg_dataset *data;
        assert_int_equal(zg_three_partition_draw(count, 60, trial % 2 == 0, trial, numbers, NULL),
                         ZG_OK);
        assert_int_equal(zg_three_partition_create(count, numbers, &data, NULL), ZG_OK);
        check_decision(data, count, trial % 2 == 0, &seconds);
        zg_dataset_free(data);
    }
    print_message("# 3-PARTITION: %.2f s of branch and bound\n", seconds);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decide_partition),
        cmocka_unit_test(test_decide_three_partition),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_bad_numbers),
        cmocka_unit_test(test_planted_sparse),
#ifdef ZG_HAVE_BRANCH_AND_BOUND
        cmocka_unit_test(test_partition),
        cmocka_unit_test(test_three_partition),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
