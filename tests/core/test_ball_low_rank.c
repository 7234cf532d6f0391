/* Forms of low rank in a basis of their columns: the same bounds as with all eigenvectors, below
 * what is attained to more digits. */
#include "base/linalg.h"
#include "core/ball.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define D 40

typedef struct setup {
    double p[D * D], q[D], x[D];
    zg_quadratic_form form;
} setup;

typedef enum slope { SLOPE_WITHIN, SLOPE_ANY, SLOPE_NONE, SLOPES } slope;

/* P = sum of `rank` signed rank-one terms; sides 0: of both signs. */
static void prepare(zg_random *random, size_t rank, double sides, slope kind, double scale,
                    setup *s)
{
    double u[D];
    memset(s, 0, sizeof *s);
    for (size_t k = 0; k < rank; k++) {
        double weight = zg_random_normal(random);
        if (sides != 0) weight = sides * (0.1 + fabs(weight));
        test_normals(random, D, u);
        for (size_t i = 0; i < D; i++) {
            for (size_t j = 0; j < D; j++)
                s->p[i * D + j] += scale * weight * (u[i] * u[j]) / D;
            if (kind == SLOPE_WITHIN) s->q[i] += scale * weight * u[i];
        }
    }
    if (kind == SLOPE_ANY) {
        test_normals(random, D, s->q);
        for (size_t i = 0; i < D; i++)
            s->q[i] *= scale;
    }
    test_normals(random, D, s->x);
    s->form = (zg_quadratic_form){.inputs = D, .p = s->p, .q = s->q, .r = scale * 0.5};
}

static double size_of(const setup *s, double radius)
{
    double far = zg_norm(D, s->x) + radius;
    return (zg_norm(D * D, s->p) * far + zg_norm(D, s->q)) * far + fabs(s->form.r);
}

static long double value_at(const setup *s, int sign, const double *point)
{
    long double sum = s->form.r;
    for (size_t i = 0; i < D; i++) {
        long double row = s->q[i];
        for (size_t j = 0; j < D; j++)
            row += (long double)s->p[i * D + j] * point[j];
        sum += row * point[i];
    }
    return sign * sum;
}

/* Both worst points are in the ball, so each bound is below the values at both; values are off by
 * 1e-17 of their terms, a hundredth of what bounds subtract. */
static void compare(const setup *s, const zg_ball_centres *whole, const zg_ball_centres *low,
                    int sign, double radius)
{
    zg_ball_minimum wanted, got;
    zg_ball_distance far, near;
    double point[2][D], value[2], size = size_of(s, radius);
    zg_ball_minimise(whole, 0, sign, radius, &wanted);
    zg_ball_minimise(low, 0, sign, radius, &got);
    zg_ball_worst_point(whole, 0, sign, radius, point[0], &value[0]);
    zg_ball_worst_point(low, 0, sign, radius, point[1], &value[1]);
    for (size_t k = 0; k < 2; k++) {
        assert_true(got.bound <= value_at(s, sign, point[k]));
        assert_true(wanted.bound <= value_at(s, sign, point[k]));
        assert_true(value_at(s, sign, point[k]) - got.bound <= 1e-12 * size);
    }
    assert_true(fabs(got.bound - wanted.bound) <= 1e-12 * size);
    zg_ball_distance_to_surface(whole, 0, sign, &far);
    zg_ball_distance_to_surface(low, 0, sign, &near);
    assert_int_equal(near.certified > 0, far.certified > 0);
    assert_true(near.certified <= far.attained * (1 + 1e-9));
    if (far.certified > 1e-3 && far.attained < 1e3)
        assert_true(fabs(near.certified - far.certified) <= 1e-6 * far.certified);
}

static void check(const setup *s, bool reduced)
{
    zg_error error = {0};
    zg_ball_form whole, low;
    zg_ball_centres at_whole, at_low;
    assert_ok(zg_ball_form_create(&s->form, &whole, &error), &error);
    assert_ok(zg_ball_form_create_low_rank(&s->form, &low, &error), &error);
    assert_int_equal(whole.rank, D);
    assert_int_equal(low.rank < D, reduced);
    assert_ok(zg_ball_centres_create(&whole, 1, s->x, NULL, &at_whole, &error), &error);
    assert_ok(zg_ball_centres_create(&low, 1, s->x, NULL, &at_low, &error), &error);
    for (double radius = 0.01; radius < 20; radius *= 10)
        for (int sign = -1; sign <= 1; sign += 2)
            compare(s, &at_whole, &at_low, sign, radius);
    zg_ball_centres_clear(&at_whole);
    zg_ball_centres_clear(&at_low);
    zg_ball_form_clear(&whole);
    zg_ball_form_clear(&low);
}

static void a_basis_of_the_columns_gives_the_same_bounds(void **state)
{
    (void)state;
    static const double scales[] = {1, 1e-150, 1e100};
    zg_random random;
    setup s;
    zg_random_seed(&random, 61);
    for (int round = 0; round < 108; round++) {
        size_t rank = 1 + (size_t)round % 8;
        prepare(&random, rank, round % 3 - 1, (slope)(round / 3 % SLOPES), scales[round / 9 % 3],
                &s);
        check(&s, true);
    }
}

static void forms_of_high_rank_keep_all_eigenvectors(void **state)
{
    (void)state;
    zg_random random;
    setup s;
    zg_random_seed(&random, 62);
    for (size_t rank = D / 4; rank <= D; rank += 6) {
        prepare(&random, rank, 0, SLOPE_ANY, 1, &s);
        check(&s, false);
    }
}

/* A column that is small beside the others is not lost, but where it drowns in their rounding. */
static void small_columns_count(void **state)
{
    (void)state;
    zg_random random;
    setup s;
    zg_random_seed(&random, 63);
    for (double small = 1; small > 1e-25; small *= 0.1) {
        prepare(&random, 3, 0, SLOPE_ANY, 1, &s);
        for (size_t k = 0; k < 4; k++)
            s.p[k * (D + 1)] += k % 2 ? small : -small;
        check(&s, true);
    }
}

/* Nothing, linear functions, and what overflows on the way. */
static void extreme_forms_have_no_false_bound(void **state)
{
    (void)state;
    zg_random random;
    zg_error error = {0};
    zg_ball_form low;
    zg_ball_centres centre;
    zg_ball_minimum got;
    setup s;
    zg_random_seed(&random, 64);
    for (int exponent = -1080; exponent <= 1020; exponent += 20)
        for (size_t rank = 0; rank < 3; rank++) {
            prepare(&random, rank, 0, (slope)(exponent / 20 % 2 ? SLOPE_ANY : SLOPE_NONE), 1, &s);
            for (size_t k = 0; k < D * D; k++)
                s.p[k] = scalbn(s.p[k], exponent);
            assert_ok(zg_ball_form_create_low_rank(&s.form, &low, &error), &error);
            assert_ok(zg_ball_centres_create(&low, 1, s.x, NULL, &centre, &error), &error);
            zg_ball_minimise(&centre, 0, 1, 0.5, &got);
            assert_true(got.bound <= value_at(&s, 1, s.x));
            if (abs(exponent) < 400) assert_true(isfinite(got.bound));
            zg_ball_centres_clear(&centre);
            zg_ball_form_clear(&low);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_basis_of_the_columns_gives_the_same_bounds),
        cmocka_unit_test(forms_of_high_rank_keep_all_eigenvectors),
        cmocka_unit_test(small_columns_count),
        cmocka_unit_test(extreme_forms_have_no_false_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
