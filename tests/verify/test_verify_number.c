/* Enclosures: every operation encloses what exact arithmetic gives for every point of its
 * operands, and no more than rounding asks for. */
#include "number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

static zv_session session;

static int set_up(void **state)
{
    (void)state;
    session = (zv_session){.memory_limit = (size_t)1 << 28, .unit = 1100, .bits = 1024};
    session.temporary = zv_numbers(&session, ZV_TEMPORARIES);
    srand(7);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    zv_release(&session);
    return 0;
}

/* Any size and sign, from subnormal on; whole and equal ones are not rare. */
static double any_double(void)
{
    if (rand() % 3 == 0) return rand() % 5 - 2;
    double x = (double)rand() / RAND_MAX - 0.5;
    return ldexp(x, rand() % 4 ? rand() % 20 - 10 : rand() % 1900 - 1000);
}

/* A number with ends low and high; point is somewhere in it, an end now and then. */
static zv_number *enclosure(double low, double high, mpq_t point)
{
    zv_number *x = zv_real(&session, fmin(low, high));
    mpq_set_d(x->high, fmax(low, high));
    mpq_sub(point, x->high, x->low);
    mpz_mul_ui(mpq_numref(point), mpq_numref(point), (unsigned long)rand() % 5);
    mpz_mul_ui(mpq_denref(point), mpq_denref(point), 4);
    mpq_canonicalize(point);
    mpq_add(point, point, x->low);
    return x;
}

static bool holds(const zv_number *x, const mpq_t point)
{
    return mpq_cmp(x->low, point) <= 0 && mpq_cmp(point, x->high) <= 0;
}

static bool has_end(const zv_number *x, const mpq_t a, const mpq_t b)
{
    return mpq_equal(x->low, a) && mpq_equal(x->high, b);
}

/* A point of the operands whose result lies outside; or ends that no points of theirs give. */
static void test_operations_enclose_all_points(void **state)
{
    (void)state;
    mpq_t p, q, r;
    mpq_inits(p, q, r, NULL);
    for (int round = 0; round < 20000; round++) {
        double ends[4];
        for (int k = 0; k < 4; k++)
            ends[k] = any_double();
        if (round % 4 == 0) ends[1] = ends[0];
        if (round % 3 == 0) ends[3] = ends[2];
        session.used = 0;
        zv_number *a = enclosure(ends[0], ends[1], p), *b = enclosure(ends[2], ends[3], q);
        mpq_add(r, p, q);
        assert_true(holds(zv_add(a, b), r));
        mpq_sub(r, p, q);
        assert_true(holds(zv_sub(a, b), r));
        mpq_mul(r, p, q);
        assert_true(holds(zv_mul(a, b), r));
        if (mpq_sgn(b->low) * mpq_sgn(b->high) > 0) {
            mpq_div(r, p, q);
            assert_true(holds(zv_div(a, b), r));
        }
        assert_true(holds(zv_min(a, b), mpq_cmp(p, q) < 0 ? p : q));
        assert_true(holds(zv_max(a, b), mpq_cmp(p, q) > 0 ? p : q));
        if (zv_at_most(a, b)) assert_true(mpq_cmp(p, q) <= 0);
        mpq_abs(r, p);
        assert_true(holds(zv_abs(a), r) && mpq_sgn(zv_abs(a)->low) >= 0);
        assert_true(holds(zv_round(a), p));
        zv_number *sum = zv_add(a, zv_real(&session, 0));
        zv_increase(sum, b);
        assert_true(has_end(sum, zv_add(a, b)->low, zv_add(a, b)->high));
        if (zv_is_exact(a) && zv_is_exact(b))
            assert_true(zv_is_exact(zv_mul(a, b)) && zv_is_exact(zv_sub(a, b)) &&
                        zv_is_exact(zv_abs(a)) && zv_at_most(a, b) == (mpq_cmp(p, q) <= 0));
    }
    mpq_clears(p, q, r, NULL);
}

static void to_power(mpq_t x, unsigned long n)
{
    mpz_pow_ui(mpq_numref(x), mpq_numref(x), n);
    mpz_pow_ui(mpq_denref(x), mpq_denref(x), n);
}

/* A root whose power is beyond the number, decided exactly; one that is wider than a unit in its
 * last place, or rounded where it need not be. */
static void test_powers_enclose_the_power(void **state)
{
    (void)state;
    mpq_t end, power, width;
    mpq_inits(end, power, width, NULL);
    for (int round = 0; round < 3000; round++) {
        uint32_t p = 1 + (uint32_t)rand() % 5, q = p + 1 + (uint32_t)rand() % 20;
        session.used = 0;
        zv_number *x = zv_abs(zv_real(&session, any_double())), *y = zv_power(x, p, q);
        mpq_set(power, x->low);
        to_power(power, p);
        mpq_set(end, y->low);
        to_power(end, q);
        assert_true(mpq_cmp(end, power) <= 0);
        mpq_set(end, y->high);
        to_power(end, q);
        assert_true(mpq_cmp(power, end) <= 0);
        mpq_sub(width, y->high, y->low);
        mpq_mul_2exp(width, width, ZV_ROOT_BITS);
        assert_true(mpq_cmp_ui(width, 1, 1) <= 0);
    }
    zv_number *x = zv_div(zv_real(&session, 16), zv_real(&session, 81));
    assert_false(zv_is_exact(zv_power(x, 1, 2))); /* 4/9 is no multiple of 2^-256 */
    x = zv_real(&session, 81.0 / 16);
    assert_true(zv_is_exact(zv_power(x, 3, 4)));
    assert_true(zv_double(zv_power(x, 3, 4)->low, -1) == 3.375);
    mpq_clears(end, power, width, NULL);
}

static long double middle(const zv_number *x)
{
    return (long double)mpq_get_d(x->low);
}

static bool is_narrow(const zv_number *x, double width)
{
    return zv_double(zv_sub(x, x)->high, 1) <= width;
}

static bool overlap(const zv_number *a, const zv_number *b)
{
    return mpq_cmp(a->low, b->high) <= 0 && mpq_cmp(b->low, a->high) <= 0;
}

/* Logarithms that libm or their own rules contradict: log 1 = 0, log ab = log a + log b, and that
 * enclosures grow with their arguments. */
static void test_logarithms_keep_their_rules(void **state)
{
    (void)state;
    for (int round = 0; round < 500; round++) {
        session.used = 0;
        double x = ldexp(1 + (double)rand() / RAND_MAX, rand() % 2 ? 0 : rand() % 1000);
        double y = ldexp(1 + (double)rand() / RAND_MAX, rand() % 20);
        zv_number *a = zv_real(&session, x), *b = zv_real(&session, y);
        zv_number *log_a = zv_log(a), *log_b = zv_log(b), *log_ab = zv_log(zv_mul(a, b));
        assert_true(fabsl(middle(log_a) - logl(x)) <= 1e-15L * fmaxl(1, fabsl(logl(x))));
        assert_true(is_narrow(log_a, 0x1p-62 * (1 + log(x) * log(x))));
        assert_true(overlap(log_ab, zv_add(log_a, log_b)));
        zv_number *both = zv_add(zv_min(a, b), zv_real(&session, 0));
        mpq_set(both->high, zv_max(a, b)->high);
        zv_number *log_both = zv_log(both);
        assert_true(mpq_cmp(log_both->low, zv_min(log_a, log_b)->low) == 0);
        assert_true(mpq_cmp(log_both->high, zv_max(log_a, log_b)->high) == 0);
    }
    mpq_t zero;
    mpq_init(zero);
    assert_true(holds(zv_log(zv_real(&session, 1)), zero));
    mpq_clear(zero);
}

/* Exponentials likewise: exp(-(x + y)) = exp(-x) exp(-y), and exp(-log x) = 1 / x. */
static void test_exponentials_keep_their_rules(void **state)
{
    (void)state;
    for (int round = 0; round < 500; round++) {
        session.used = 0;
        double x = ldexp((double)rand() / RAND_MAX, rand() % 12 - 4);
        double y = (double)rand() / RAND_MAX;
        zv_number *a = zv_real(&session, x), *b = zv_real(&session, y);
        zv_number *exp_a = zv_exp_minus(a), *exp_b = zv_exp_minus(b);
        zv_number *exp_ab = zv_exp_minus(zv_add(a, b));
        assert_true(fabsl(middle(exp_a) - expl(-x)) <= 1e-15L * expl(-x) + 1e-60L);
        assert_true(is_narrow(exp_a, 0x1p-62) && mpq_sgn(exp_a->low) >= 0);
        assert_true(overlap(exp_ab, zv_mul(exp_a, exp_b)));
        zv_number *z = zv_real(&session, 1 + 100 * y);
        assert_true(overlap(zv_exp_minus(zv_log(z)), zv_div(zv_real(&session, 1), z)));
        zv_number *both = zv_add(zv_min(a, b), zv_real(&session, 0));
        mpq_set(both->high, zv_max(a, b)->high);
        zv_number *exp_both = zv_exp_minus(both);
        assert_true(mpq_equal(exp_both->low, zv_min(exp_a, exp_b)->low));
        assert_true(mpq_equal(exp_both->high, zv_max(exp_a, exp_b)->high));
    }
}

/* A comparison that is decided the wrong way, or where the enclosure leaves it open. */
static void test_comparisons_have_three_outcomes(void **state)
{
    static const struct {
        double claimed;
        int side;
        zv_verdict verdict;
    } cases[] = {{1, ZV_AT_MOST, ZV_PROVEN},      {2, ZV_AT_MOST, ZV_NOT_PROVEN},
                 {3, ZV_AT_MOST, ZV_NOT_PROVEN},  {3.5, ZV_AT_MOST, ZV_REFUTED},
                 {3, ZV_AT_LEAST, ZV_PROVEN},     {2, ZV_AT_LEAST, ZV_NOT_PROVEN},
                 {1, ZV_AT_LEAST, ZV_NOT_PROVEN}, {0.5, ZV_AT_LEAST, ZV_REFUTED}};
    (void)state;
    mpq_t point;
    mpq_init(point);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        session.used = 0;
        session.verdict = ZV_PROVEN;
        zv_need(cases[k].claimed, cases[k].side, enclosure(1, 3, point), "it is off");
        assert_int_equal(session.verdict, cases[k].verdict);
    }
    mpq_clear(point);
}

/* Doubles on the side asked for, next to the number. */
static void test_doubles_are_next_to_the_number(void **state)
{
    (void)state;
    mpq_t end;
    mpq_init(end);
    for (int round = 0; round < 3000; round++) {
        session.used = 0;
        zv_number *x = zv_div(zv_real(&session, any_double()), zv_real(&session, 1 + rand() % 9));
        double below = zv_double(x->low, -1), above = zv_double(x->low, 1);
        mpq_set_d(end, below);
        assert_true(mpq_cmp(end, x->low) <= 0);
        mpq_set_d(end, above);
        assert_true(mpq_cmp(end, x->low) >= 0);
        assert_true(above == below || above == nextafter(below, (double)INFINITY));
    }
    mpq_clear(end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_operations_enclose_all_points, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_powers_enclose_the_power, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_logarithms_keep_their_rules, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_exponentials_keep_their_rules, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_comparisons_have_three_outcomes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_doubles_are_next_to_the_number, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
