/* Safe comparisons: no NaN gets lost, and a quotient rounded down is below the true one. */
#include "core/safe.h"
#include "tests/support/support.h"

#include <gmp.h>

static void a_part_without_bound_leaves_the_minimum_without(void **state)
{
    (void)state;
    double values[] = {-INFINITY, -1.0, -0.0, 1e300, INFINITY, NAN};
    for (size_t i = 0; i < 6; i++) {
        assert_true(zg_lower_min(values[i], NAN) == -INFINITY);
        assert_true(zg_lower_min(NAN, values[i]) == -INFINITY);
        assert_true(zg_upper_max(values[i], NAN) == INFINITY);
        assert_true(zg_upper_max(NAN, values[i]) == INFINITY);
        assert_true(zg_lower_better(values[i], NAN) == zg_lower(values[i]));
        assert_true(zg_lower_better(NAN, values[i]) == zg_lower(values[i]));
        assert_true(zg_upper_better(values[i], NAN) == zg_upper(values[i]));
        assert_true(zg_upper_better(NAN, values[i]) == zg_upper(values[i]));
    }
}

static void the_order_of_terms_does_not_matter(void **state)
{
    (void)state;
    double terms[] = {3.0, NAN, 1.0, 2.0};
    for (size_t skip = 0; skip < 4; skip++) {
        double least = INFINITY, most = -INFINITY, best = -INFINITY;
        for (size_t i = 0; i < 4; i++) {
            double term = terms[(i + skip) % 4];
            least = zg_lower_min(least, term);
            most = zg_upper_max(most, term);
            best = zg_lower_better(best, term);
        }
        assert_true(least == -INFINITY && most == INFINITY && best == 3.0);
    }
}

static void an_infinite_bound_is_not_reported(void **state)
{
    (void)state;
    assert_true(zg_lower_final(INFINITY) == -INFINITY);
    assert_true(zg_lower_final(NAN) == -INFINITY);
    assert_true(zg_lower_final(-2.0) == -2.0);
}

/* A positive double of any magnitude, subnormal ones included. */
static double any_magnitude(zg_random *random)
{
    return ldexp(1.0 + zg_random_uniform(random), (int)(2096.0 * zg_random_uniform(random)) - 1073);
}

static void quotients_lie_below(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 5);
    mpq_t x, y;
    mpq_inits(x, y, NULL);
    for (int round = 0; round < test_rounds(20000); round++) {
        double a = any_magnitude(&random), b = any_magnitude(&random);
        double q = zg_quotient_below(a, b);
        assert_true(q >= 0.0 && q <= DBL_MAX);
        mpq_set_d(x, a);
        mpq_set_d(y, b);
        mpq_div(x, x, y);
        mpq_set_d(y, q);
        assert_true(mpq_cmp(y, x) <= 0);
        if (q > 1e-280 && q < DBL_MAX) assert_true(q >= a / b * (1.0 - 4.0 * DBL_EPSILON));
    }
    mpq_clears(x, y, NULL);
    assert_true(zg_quotient_below(6.0, 3.0) == 2.0);
    assert_true(zg_quotient_below(1.0, 0.0) == DBL_MAX);
    assert_true(zg_quotient_below(1.0, INFINITY) == 0.0);
    assert_true(zg_quotient_below(1.0, NAN) == 0.0 && zg_quotient_below(NAN, 1.0) == 0.0);
    assert_true(zg_quotient_below(0.0, 0.0) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_without_bound_leaves_the_minimum_without),
        cmocka_unit_test(the_order_of_terms_does_not_matter),
        cmocka_unit_test(an_infinite_bound_is_not_reported),
        cmocka_unit_test(quotients_lie_below),
    };
    return cmocka_run_group_tests_name("safe", tests, NULL, NULL);
}
