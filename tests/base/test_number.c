/* Numbers as text: exactness against strtod, forms, the shortest form, bounds. */
#include "base/number.h"
#include "tests/support/decimal.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_scan(const char *text)
{
    double value = 0;
    const char *end = zg_number_scan(text, &value);
    double expected = strtod(text, NULL);
    if (!end || *end != '\0' || memcmp(&value, &expected, sizeof value) != 0)
        print_error("%s gives %a, expected %a\n", text, value, expected);
    assert_non_null(end);
    assert_int_equal(*end, '\0');
    assert_memory_equal(&value, &expected, sizeof value);
}

/* strtod is correctly rounded: the two must agree in every bit. */
static void agrees_with_strtod(void **state)
{
    (void)state;
    if (getenv("ZEROGAP_VALGRIND")) skip(); /* 80-bit numbers are cut there */
    zg_random random;
    zg_random_seed(&random, 5);
    char text[64];
    for (int i = 0; i < test_rounds(200000); i++) {
        uint64_t a = (uint64_t)zg_random_bits(&random) << 32 | zg_random_bits(&random);
        a >>= zg_random_below_or_equal(&random, 63);
        int exponent = (int)zg_random_below_or_equal(&random, 70) - 35;
        snprintf(text, sizeof text, "%s%llue%d", i % 3 ? "" : "-", (unsigned long long)a, exponent);
        check_scan(text);
        double value;
        a = (uint64_t)zg_random_bits(&random) << 32 | zg_random_bits(&random);
        memcpy(&value, &a, sizeof value);
        if (!isfinite(value)) continue;
        snprintf(text, sizeof text, "%.*g", 1 + i % 20, value);
        check_scan(text);
        snprintf(text, sizeof text, "%.*f", i % 18, fmod(value, 1e6));
        check_scan(text);
    }
}

/* Decimals half-way between two doubles, and their neighbours: the hardest cases of rounding. */
static void half_way_cases(void **state)
{
    (void)state;
    if (getenv("ZEROGAP_VALGRIND")) skip(); /* 80-bit numbers are cut there */
    zg_random random;
    zg_random_seed(&random, 6);
    char text[64];
    for (int i = 0; i < test_rounds(20000); i++) {
        uint64_t odd = ((uint64_t)1 << 53 | (uint64_t)zg_random_bits(&random) << 20) + 1;
        unsigned shift = (unsigned)i % 10;
        for (int step = -1; step <= 1; step++) {
            snprintf(text, sizeof text, "%llu",
                     (unsigned long long)((odd << shift) + (uint64_t)(int64_t)step));
            check_scan(text);
        }
        snprintf(text, sizeof text, "%llu.5", (unsigned long long)(odd >> 1));
        check_scan(text);
    }
}

static void forms(void **state)
{
    (void)state;
    static const char *const good[] = {"0",
                                       "-0",
                                       "+0",
                                       "00.00",
                                       ".5",
                                       "5.",
                                       "1e5",
                                       "1E+5",
                                       "1e-5",
                                       "-1.5e-300",
                                       "1e400",
                                       "-1e400",
                                       "4.9e-324",
                                       "2e-324",
                                       "0e999999",
                                       "179769313486231570000e289",
                                       "0.1",
                                       "123456789012345678901",
                                       "0.000000000000000000000000000000000000000000000001",
                                       "100000000000000000000000000000000000000000000000.5",
                                       "9007199254740993",
                                       "1e22",
                                       "1e23"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        check_scan(good[i]);
    static const char *const bad[] = {"",  "-",   "+",   ".",   "e5", "-e5",
                                      "x", "--1", "+-1", "inf", " 1"};
    double value;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_null(zg_number_scan(bad[i], &value));
    const char *text = "1.5e,x";
    assert_ptr_equal(zg_number_scan(text, &value), text + 3);
    assert_true(value == 1.5);
}

static void kinds(void **state)
{
    (void)state;
    static const char *const finite[] = {"1", "-2.5", "1e308", "1e-400"};
    static const char *const not_finite[] = {"nan",  "NaN",      "-NAN", "inf",
                                             "+Inf", "INFINITY", "1e999"};
    static const char *const texts[] = {"", "NA", "1x", "0x10", "nano", "1 2", "1,5", "infin"};
    double value;
    for (size_t i = 0; i < sizeof finite / sizeof *finite; i++)
        assert_int_equal(zg_number_classify(finite[i], &value), ZG_NUMBER_FINITE);
    for (size_t i = 0; i < sizeof not_finite / sizeof *not_finite; i++)
        assert_int_equal(zg_number_classify(not_finite[i], &value), ZG_NUMBER_NOT_FINITE);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(zg_number_classify(texts[i], &value), ZG_NUMBER_TEXT);
}

static void shortest_form(void **state)
{
    (void)state;
    const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},
                 {-0.0, "-0"},
                 {7, "7"},
                 {42, "42"},
                 {999, "999"},
                 {1000, "1000"},
                 {-5, "-5"},
                 {0.1, "0.1"},
                 {1.0 / 3, "0.3333333333333333"},
                 {1e14, "100000000000000"},
                 {1e15, "1e+15"},
                 {1e300, "1e+300"},
                 {0.5, "0.5"},
                 {123.456, "123.456"},
                 {5e-324, "5e-324"}};
    char text[ZG_NUMBER_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(zg_number_format(cases[i].value, text), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
    zg_random random;
    zg_random_seed(&random, 7);
    for (int i = 0; i < test_rounds(20000); i++) {
        uint64_t bits = (uint64_t)zg_random_bits(&random) << 32 | zg_random_bits(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        zg_number_format(value, text);
        assert_true(strtod(text, NULL) == value);
    }
}

/* A text on the wrong side of its bound, or one that gives away more than its last
 * digit. */
static void bounds_stay_bounds(void **state)
{
    (void)state;
    zg_random random;
    mpq_t exact, printed, apart;
    zg_random_seed(&random, 8);
    mpq_inits(exact, printed, apart, NULL);
    for (int i = 0; i < test_rounds(5000); i++) {
        uint64_t bits = (uint64_t)zg_random_bits(&random) << 32 | zg_random_bits(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        if (i % 2) value = ldexp(zg_random_normal(&random), i % 40 - 20);
        int digits = 1 + i % 17, side = i / 17 % 2 ? 1 : -1;
        char text[ZG_NUMBER_SIZE];
        zg_number_bound(value, digits, side, text);
        mpq_set_d(exact, value);
        parse_decimal(printed, text);
        assert_true(mpq_cmp(printed, exact) * side >= 0);
        mpq_sub(apart, printed, exact); /* a unit of the last digit is at most 10^(1 - digits) */
        mpq_abs(apart, apart);
        for (int k = 1; k < digits; k++) {
            mpq_set_ui(printed, 10, 1);
            mpq_mul(apart, apart, printed);
        }
        mpq_abs(exact, exact);
        assert_true(mpq_cmp(apart, exact) < 0);
    }
    mpq_clears(exact, printed, apart, NULL);
    const struct {
        double value;
        int digits, side;
        const char *text;
    } cases[] = {{0.1, 17, -1, "0.1"},
                 {0.1, 17, 1, "0.10000000000000001"},
                 {0.1, 10, 1, "0.1000000001"},
                 {0.1, 10, -1, "0.1"},
                 {-0.1, 10, -1, "-0.1000000001"},
                 {9.9999, 2, 1, "10"},
                 {9.9999, 2, -1, "9.9"},
                 {0, 10, 1, "0"},
                 {2.5, 10, -1, "2.5"},
                 {INFINITY, 10, -1, "inf"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[ZG_NUMBER_SIZE];
        zg_number_bound(cases[i].value, cases[i].digits, cases[i].side, text);
        if (strcmp(text, cases[i].text) != 0)
            print_error("%a: %s, not %s\n", cases[i].value, text, cases[i].text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_strtod),
        cmocka_unit_test(half_way_cases),
        cmocka_unit_test(forms),
        cmocka_unit_test(kinds),
        cmocka_unit_test(shortest_form),
        cmocka_unit_test(bounds_stay_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
