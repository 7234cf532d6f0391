/* Worst cases in boxes: bounds below every corner and sampled point, exact where they say so. */
#include "base/linalg.h"
#include "core/box.h"
#include "tests/support/support.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST 12

static double value(size_t d, const double *p, const double *q, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < d; i++) {
        double row = q[i];
        for (size_t j = 0; j < d; j++)
            row += p[i * d + j] * x[j];
        sum += row * x[i];
    }
    return sum;
}

/* The least value at corners, and by descent from them: what no bound may exceed. */
static double search(zg_random *random, size_t d, const double *p, const double *q, const double *x,
                     double radius, int sign)
{
    double best = INFINITY, point[MOST];
    for (size_t corner = 0; corner < (size_t)1 << d && corner < 600; corner++) {
        for (size_t k = 0; k < d; k++)
            point[k] = x[k] + (corner >> k & 1 ? radius : -radius);
        best = fmin(best, sign * value(d, p, q, point));
        for (int sweep = 0; sweep < 5; sweep++)
            for (size_t k = 0; k < d; k++) {
                double slope = q[k], curve = sign * p[k * d + k];
                for (size_t l = 0; l < d; l++)
                    slope += 2 * p[k * d + l] * (l == k ? 0 : point[l]);
                double to = curve > 0 ? -sign * slope / (2 * curve)
                                      : x[k] + radius * (2 * zg_random_uniform(random) - 1);
                point[k] = fmin(fmax(to, x[k] - radius), x[k] + radius);
                best = fmin(best, sign * value(d, p, q, point));
            }
    }
    return best;
}

static void bounds_are_safe_and_exact_where_they_say_so(void **state)
{
    (void)state;
    zg_random random;
    int exact = 0, small = 0;
    zg_random_seed(&random, 7);
    for (int round = 0; round < test_rounds(60); round++) {
        zg_error error = {0};
        double p[MOST * MOST] = {0}, q[MOST], x[MOST];
        size_t d = 1 + (size_t)round % MOST;
        int sign = round % 2 ? 1 : -1;
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j <= i; j++)
                p[i * d + j] = p[j * d + i] = zg_random_normal(&random);
        for (size_t i = 0; round % 3 == 0 && i < d; i++)
            p[i * d + i] += sign * 4.0;
        test_normals(&random, d, q);
        test_normals(&random, d, x);
        double radius = exp(zg_random_normal(&random) - 1);
        const zg_quadratic_form form = {.inputs = d, .p = p, .q = q};
        zg_ball_form ball;
        zg_ball_centres centre;
        zg_box_minimum got;
        assert_ok(zg_ball_form_create(&form, &ball, &error), &error);
        assert_ok(zg_ball_centres_create(&ball, 1, x, NULL, &centre, &error), &error);
        assert_int_equal(zg_box_minimise(&centre, 0, sign, radius, &got), ZG_OK);
        double found = search(&random, d, p, q, x, radius, sign);
        assert_true(got.bound <= found && got.bound <= got.attained);
        if (d <= ZG_BOX_FACES) { /* the minimum itself */
            small++;
            exact += strcmp(got.name, "exact") == 0;
            assert_close(got.attained, got.bound, 1e-8);
        }
        assert_true(got.attained <= found + 1e-9 * fmax(1, fabs(found)) || d > ZG_BOX_FACES);
        zg_ball_centres_clear(&centre);
        zg_ball_form_clear(&ball);
    }
    assert_int_equal(exact, small);
}

/* x'x - ... in two inputs, by hand; and many inputs, where only the cheap bounds are left. */
static void closed_forms(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_box_minimum got;
    zg_ball_form ball;
    zg_ball_centres centre;
    double p[] = {-1, 0, 0, -1}, q[] = {1, 0}, x[] = {0, 0};
    const zg_quadratic_form form = {.inputs = 2, .p = p, .q = q, .r = 3};
    assert_ok(zg_ball_form_create(&form, &ball, &error), &error);
    assert_ok(zg_ball_centres_create(&ball, 1, x, NULL, &centre, &error), &error);
    assert_int_equal(zg_box_minimise(&centre, 0, 1, 2, &got), ZG_OK);
    assert_close(got.bound, 3 - 8 - 2, 1e-9);
    assert_string_equal(got.name, "exact");
    assert_int_equal(zg_box_minimise(&centre, 0, -1, 2, &got), ZG_OK);
    assert_close(got.bound, -3 - 0.25, 1e-9); /* x1 = 1/2 */
    assert_int_equal(zg_box_minimise(&centre, 0, 1, 0, &got), ZG_OK);
    assert_close(got.bound, 3, 1e-12);
    zg_ball_centres_clear(&centre);
    zg_ball_form_clear(&ball);
    size_t d = ZG_BOX_SHOR + 1;
    double *wide = zg_doubles(d * d), *slope = zg_doubles(2 * d);
    for (size_t k = 0; k < d; k++)
        slope[k] = 1;
    const zg_quadratic_form linear = {.inputs = d, .p = wide, .q = slope};
    assert_ok(zg_ball_form_create(&linear, &ball, &error), &error);
    assert_ok(zg_ball_centres_create(&ball, 1, slope + d, NULL, &centre, &error), &error);
    assert_int_equal(zg_box_minimise(&centre, 0, 1, 0.5, &got), ZG_OK);
    assert_close(got.bound, -0.5 * (double)d, 1e-12);
    zg_ball_centres_clear(&centre);
    zg_ball_form_clear(&ball);
    free(wide);
    free(slope);
}

static void extreme_magnitudes_give_no_false_bound(void **state)
{
    (void)state;
    zg_random random;
    int bounded = 0;
    zg_random_seed(&random, 8);
    for (int round = 0; round < test_rounds(300); round++) {
        zg_error error = {0};
        double p[9], q[3], x[3], sizes[4];
        for (int k = 0; k < 4; k++)
            sizes[k] = pow(10, 400 * zg_random_uniform(&random) - 200);
        for (size_t i = 0; i < 3; i++) {
            q[i] = sizes[1] * zg_random_normal(&random);
            x[i] = sizes[2] * zg_random_normal(&random);
            for (size_t j = 0; j <= i; j++)
                p[i * 3 + j] = p[j * 3 + i] = sizes[0] * zg_random_normal(&random);
        }
        const zg_quadratic_form form = {.inputs = 3, .p = p, .q = q};
        zg_ball_form ball;
        zg_ball_centres centre;
        zg_box_minimum got;
        assert_ok(zg_ball_form_create(&form, &ball, &error), &error);
        assert_ok(zg_ball_centres_create(&ball, 1, x, NULL, &centre, &error), &error);
        assert_int_equal(zg_box_minimise(&centre, 0, 1, sizes[3], &got), ZG_OK);
        double found = search(&random, 3, p, q, x, sizes[3], 1);
        assert_true(got.bound == got.bound); /* a number */
        if (isfinite(found)) assert_true(got.bound <= found + 1e-15 * fabs(found));
        bounded += isfinite(got.bound);
        zg_ball_centres_clear(&centre);
        zg_ball_form_clear(&ball);
    }
    assert_true(bounded > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_are_safe_and_exact_where_they_say_so),
        cmocka_unit_test(closed_forms),
        cmocka_unit_test(extreme_magnitudes_give_no_false_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
