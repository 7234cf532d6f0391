/* What the progress line foresees: from gaps that fall at a known pace. */
#include "cli/progress.h"

#include "tests/support/support.h"

#include <math.h>
#include <string.h>

/* gap = 10^-(seconds * pace): the tolerance 1e-6 is reached after 6 / pace seconds. */
static void an_even_fall_is_foreseen(void **state)
{
    (void)state;
    for (double pace = 0.01; pace < 100; pace *= 7) {
        zg_outlook outlook = {.tolerance = 1e-6};
        double share, left, end = 6 / pace;
        assert_false(zg_outlook_see(&outlook, 0, 1.0, &share, &left)); /* no pace yet */
        for (int i = 1; i < 20; i++) {
            double now = end * i / 20;
            assert_true(zg_outlook_see(&outlook, now, pow(10, -now * pace), &share, &left));
            assert_true(fabs(share - i / 20.0) < 1e-9);
            assert_true(fabs(left - (end - now)) < 1e-6 * end);
        }
    }
}

/* Ten times slower from half of the way on: at the end the estimate follows the new pace. */
static void a_change_of_pace_is_noticed(void **state)
{
    (void)state;
    zg_outlook outlook = {.tolerance = 1e-6};
    double share, left = NAN;
    for (int i = 0; i <= 300; i++) {
        double height = i <= 30 ? i * 0.1 : 3 + (i - 30) * 0.01;
        (void)zg_outlook_see(&outlook, i, pow(10, -height), &share, &left);
    }
    assert_true(fabs(left - 30) < 0.2 * 30); /* 5.7 of 6 after 300 s, 0.01 a second */
}

static void what_cannot_be_foreseen_is_not(void **state)
{
    (void)state;
    zg_outlook outlook = {.tolerance = 1e-6};
    double share, left;
    const double gaps[] = {NAN, INFINITY, 0.5, 0.5, 0.7, NAN, -1};
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++)
        assert_false(zg_outlook_see(&outlook, (double)i, gaps[i], &share, &left));
    assert_true(zg_outlook_see(&outlook, 9, 1e-7, &share, &left)); /* it is there */
    assert_true(share == 1 && left == 0);
}

static void a_limit_ends_it_before_the_gap(void **state)
{
    (void)state;
    zg_outlook outlook = {.tolerance = 1e-6, .limit = 10};
    double share, left;
    (void)zg_outlook_see(&outlook, 0, 1, &share, &left);
    for (int i = 1; i <= 10; i++) { /* it would take 60 s */
        assert_true(zg_outlook_see(&outlook, i, pow(10, -0.1 * i), &share, &left));
        assert_true(fabs(left - (10 - i)) < 1e-9 && fabs(share - i / 10.0) < 1e-9);
    }
    zg_outlook stuck = {.tolerance = 1e-6, .limit = 10};
    assert_true(zg_outlook_see(&stuck, 4, 0.5, &share, &left)); /* no pace: the limit is left */
    assert_true(left == 6);
}

static void times_are_told_in_the_unit_that_fits(void **state)
{
    (void)state;
    char text[32];
    const struct {
        double seconds;
        const char *text;
    } cases[] = {{0.2, "<1 s>"}, {99, "<99 s>"}, {120, "<2 min>"}, {7200, "<2.0 h>"},
                 {NAN, ""},      {-1, ""},       {INFINITY, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zg_progress_time("<", cases[i].seconds, ">", text, sizeof text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_even_fall_is_foreseen),
        cmocka_unit_test(a_change_of_pace_is_noticed),
        cmocka_unit_test(what_cannot_be_foreseen_is_not),
        cmocka_unit_test(a_limit_ends_it_before_the_gap),
        cmocka_unit_test(times_are_told_in_the_unit_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
