/* The random stream equals numpy.random.RandomState's, and planted data are the published ones. */
#include "data/planted.h"
#include "tests/support/support.h"

/* numpy.random.RandomState(5489).randint(2**32, dtype="uint64") is the reference generator's own
 * first output, published with it: 3499211612. */
static void first_bits(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 5489);
    assert_int_equal(zg_random_bits(&random), 3499211612U);
    for (int i = 1; i < 9999; i++)
        zg_random_bits(&random);
    assert_int_equal(zg_random_bits(&random), 4123659995U); /* the 10,000th, as in C++'s standard */
}

/* numpy.random.RandomState(0): random_sample(2), then standard_normal(3) of a fresh one. */
static void doubles_and_normals(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 0);
    assert_true(zg_random_uniform(&random) == 0.5488135039273248);
    assert_true(zg_random_uniform(&random) == 0.7151893663724195);
    zg_random_seed(&random, 0);
    assert_true(zg_random_normal(&random) == 1.764052345967664);
    assert_true(zg_random_normal(&random) == 0.4001572083672233);
    assert_true(zg_random_normal(&random) == 0.9787379841057392);
}

static void permutation(void **state)
{
    (void)state;
    static const size_t expected[10] = {9, 5, 2, 4, 7, 1, 0, 8, 6, 3}; /* RandomState(5) */
    size_t order[10];
    zg_random random;
    zg_random_seed(&random, 5);
    zg_random_permutation(&random, 10, order);
    assert_memory_equal(order, expected, sizeof order);
}

static void planted_official(void **state)
{
    (void)state;
    zg_planted planted = {100, 20, 5, 0.1, ZG_FEATURES_GAUSSIAN4, TEST_RELU2, 0, false};
    zg_dataset *dataset;
    zg_error error = {0};
    assert_ok(zg_planted_create(&planted, &dataset, &error), &error);
    assert_close(dataset->t[0], -310.20707781, 5e-10);
    assert_close(dataset->t[1], 241.40409213, 5e-10);
    assert_close(dataset->t[2], 25.67074758, 5e-10);
    zg_dataset_free(dataset);
    planted.neurons = 0;
    assert_int_equal(zg_planted_create(&planted, &dataset, &error), ZG_BAD_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_bits),
        cmocka_unit_test(doubles_and_normals),
        cmocka_unit_test(permutation),
        cmocka_unit_test(planted_official),
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
