/* Worst cases in balls: safe against a solver with 33 digits, tight, never crossed by attacks, and
 * right in closed forms, in the hard case and at extreme magnitudes. */
#include "base/linalg.h"
#include "core/ball.h"
#include "tests/support/support.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST 12

#ifdef __SIZEOF_FLOAT128__
typedef __float128 quad;
#else
typedef long double quad; /* of as many bits there, as on arm64 */
#endif

/* A form on the stack with its prepared twin and one centre. */
typedef struct setup {
    size_t d;
    double p[MOST * MOST], q[MOST], x[MOST];
    zg_quadratic_form form;
    zg_ball_form ball;
    zg_ball_centres centres;
} setup;

static void prepare(setup *s, double r)
{
    zg_error error = {0};
    s->form = (zg_quadratic_form){.inputs = s->d, .p = s->p, .q = s->q, .r = r};
    assert_ok(zg_ball_form_create(&s->form, &s->ball, &error), &error);
    assert_ok(zg_ball_centres_create(&s->ball, 1, s->x, NULL, &s->centres, &error), &error);
}

static void release(setup *s)
{
    zg_ball_centres_clear(&s->centres);
    zg_ball_form_clear(&s->ball);
}

/* |P|, |q| and |r| times what the ball reaches: what relative errors refer to. */
static double size_of(const setup *s, double radius)
{
    double far = zg_norm(s->d, s->x) + radius;
    return (zg_norm(s->d * s->d, s->p) * far + zg_norm(s->d, s->q)) * far + fabs(s->form.r);
}

/* P = sum of `rank` signed rank-one terms; kind 1 makes the lowest eigenspace orthogonal to the
 * gradient at x (the hard case), kind 2 makes P definite, kind 3 repeats eigenvalues. */
static void random_setup(zg_random *random, int kind, setup *s)
{
    size_t d = s->d = 1 + zg_random_below_or_equal(random, MOST - 1);
    double u[MOST], *w = zg_doubles(d), *v = zg_doubles(d * d);
    memset(s->p, 0, sizeof s->p);
    for (size_t k = zg_random_below_or_equal(random, 2 * d) + 1; k > 0; k--) {
        double weight = kind == 2 ? 0.1 + zg_random_uniform(random) : zg_random_normal(random);
        test_normals(random, d, u);
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < d; j++)
                s->p[i * d + j] += weight * (u[i] * u[j]);
    }
    if (kind == 3)
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < d; j++)
                s->p[i * d + j] = i != j ? 0.0 : i < 2 ? -1.0 : 0.5;
    test_normals(random, d, s->q);
    test_normals(random, d, s->x);
    if (kind == 1) { /* q such that the gradient at x is a combination of the other eigenvectors */
        memcpy(v, s->p, d * d * sizeof *v);
        assert_int_equal(zg_eigen(d, v, w), ZG_OK);
        memset(s->q, 0, sizeof s->q);
        for (size_t k = 1; k < d; k++)
            zg_axpy(d, 0.3 * zg_random_normal(random), v + k * d, s->q);
        zg_gemv(false, d, d, -2.0, s->p, d, s->x, 1.0, s->q);
    }
    free(w);
    free(v);
    prepare(s, zg_random_normal(random));
}

/* ---- a solver with 33 digits ----------------------------------------------------------------- */

/* Solves (s P + mu I) e = -h; false unless the matrix is positive definite. */
static bool quad_step(const setup *s, int sign, const quad *h, quad mu, quad *e)
{
    size_t d = s->d;
    quad l[MOST * MOST];
    for (size_t j = 0; j < d; j++)
        for (size_t i = j; i < d; i++) {
            quad sum = (quad)sign * s->p[i * d + j] + (i == j ? mu : 0);
            for (size_t k = 0; k < j; k++)
                sum -= l[i * d + k] * l[j * d + k] * l[k * d + k];
            if (i == j && !(sum > 0)) return false;
            l[i * d + j] = i == j ? sum : sum / l[j * d + j];
        }
    for (size_t i = 0; i < d; i++) {
        e[i] = -h[i];
        for (size_t k = 0; k < i; k++)
            e[i] -= l[i * d + k] * e[k];
    }
    for (size_t i = 0; i < d; i++)
        e[i] /= l[i * d + i];
    for (size_t i = d; i-- > 0;)
        for (size_t k = i + 1; k < d; k++)
            e[i] -= l[k * d + i] * e[k];
    return true;
}

static quad quad_value(const setup *s, int sign, const quad *e)
{
    quad sum = s->form.r;
    for (size_t i = 0; i < s->d; i++) {
        quad row = s->q[i];
        for (size_t j = 0; j < s->d; j++)
            row += s->p[i * s->d + j] * ((quad)s->x[j] + e[j]);
        sum += row * ((quad)s->x[i] + e[i]);
    }
    return (quad)sign * sum;
}

static quad quad_square(size_t d, const quad *e)
{
    quad sum = 0;
    for (size_t i = 0; i < d; i++)
        sum += e[i] * e[i];
    return sum;
}

/* The minimum over the ball by bisection on mu, from a feasible point: never below the truth, and
 * above it by 1e-25 or so but in the hard case. */
static quad quad_minimum(const setup *s, int sign, double radius)
{
    size_t d = s->d;
    quad h[MOST] = {0}, e[MOST], low = 0, high = 1, square = (quad)radius * radius;
    for (size_t i = 0; i < d; i++) {
        h[i] = (quad)sign * s->q[i] / 2;
        for (size_t j = 0; j < d; j++)
            h[i] += (quad)sign * s->p[i * d + j] * (quad)s->x[j];
    }
    if (quad_step(s, sign, h, 0, e) && quad_square(d, e) <= square) return quad_value(s, sign, e);
    while (!quad_step(s, sign, h, high, e) || quad_square(d, e) > square)
        high *= 2;
    for (int step = 0; step < 260; step++) {
        quad mu = (low + high) / 2;
        bool short_enough = quad_step(s, sign, h, mu, e) && quad_square(d, e) <= square;
        *(short_enough ? &high : &low) = mu;
    }
    quad_step(s, sign, h, high, e);
    return quad_value(s, sign, e);
}

static void bounds_are_below_the_minimum_to_33_digits_and_close_to_it(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 1);
    for (int round = 0; round < test_rounds(200); round++) {
        setup s;
        random_setup(&random, round % 4 == 2 ? 2 : 0, &s);
        double radius = exp(2 * zg_random_normal(&random));
        for (int sign = -1; sign <= 1; sign += 2) {
            zg_ball_minimum got;
            quad truth = quad_minimum(&s, sign, radius);
            zg_ball_minimise(&s.centres, 0, sign, radius, &got);
            assert_true((quad)got.bound <= truth);
            assert_true(truth - got.bound <= 1e-12 * size_of(&s, radius));
            assert_true(got.mu >= 0.0);
        }
        release(&s);
    }
}

/* ---- tight, and never crossed ---------------------------------------------------------------- */

/* Descent from a random point of the ball, projected: the lowest value found. */
static double attack(zg_random *random, const setup *s, int sign, double radius, int steps)
{
    size_t d = s->d;
    double e[MOST], g[MOST], length, rate = 0.5 / (zg_norm(d * d, s->p) + 1e-12), best = INFINITY;
    test_normals(random, d, e);
    length = zg_norm(d, e);
    for (size_t i = 0; i < d; i++)
        e[i] *= radius / length;
    for (int step = 0; step < steps; step++) {
        double value = s->form.r;
        for (size_t i = 0; i < d; i++) {
            double row = 0.0;
            for (size_t j = 0; j < d; j++)
                row += s->p[i * d + j] * (s->x[j] + e[j]);
            value += (row + s->q[i]) * (s->x[i] + e[i]);
            g[i] = (double)sign * (2 * row + s->q[i]);
        }
        best = fmin(best, (double)sign * value);
        for (size_t i = 0; i < d; i++)
            e[i] -= rate * g[i];
        length = zg_norm(d, e);
        for (size_t i = 0; length > radius && i < d; i++)
            e[i] *= radius / length;
    }
    return best;
}

static bool exactly_inside(const setup *s, const double *point, double radius)
{
    quad sum = 0;
    for (size_t i = 0; i < s->d; i++)
        sum += ((quad)point[i] - s->x[i]) * ((quad)point[i] - s->x[i]);
    return sum <= (quad)radius * radius;
}

/* Random networks and points, the hard case and repeated eigenvalues among them. */
static void bounds_are_attained_and_no_attack_crosses_them(void **state)
{
    (void)state;
    zg_random random;
    int hard = 0;
    zg_random_seed(&random, 2);
    for (int round = 0; round < test_rounds(1000); round++) {
        setup s;
        double point[MOST], value, radius = exp(zg_random_normal(&random));
        random_setup(&random, round % 4, &s);
        int sign = round % 8 < 4 || round % 4 == 1 ? 1 : -1;
        zg_ball_minimum got;
        zg_ball_minimise(&s.centres, 0, sign, radius, &got);
        zg_ball_worst_point(&s.centres, 0, sign, radius, point, &value);
        hard += round % 4 == 1;
        assert_true(exactly_inside(&s, point, radius));
        assert_true(got.bound <= value);
        if (!(value - got.bound <= 1e-12 * size_of(&s, radius)))
            fail_msg("round %d: %.17g attained, bound %.17g", round, value, got.bound);
        for (int restart = 0; restart < 50; restart++)
            assert_true(attack(&random, &s, sign, radius, 20) >= got.bound);
        release(&s);
    }
    assert_true(hard > 0);
}

/* ---- closed forms ---------------------------------------------------------------------------- */

static void closed_forms(void **state)
{
    (void)state;
    zg_ball_minimum got;
    /* 3 x1 - 4 x2 + 2 on the ball of radius 2 round (1, 1): 1 -+ 2 |(3, -4)|. */
    setup linear = {.d = 2, .q = {3, -4}, .x = {1, 1}};
    prepare(&linear, 2);
    zg_ball_minimise(&linear.centres, 0, 1, 2, &got);
    assert_close(got.bound, -9, 1e-13);
    zg_ball_minimise(&linear.centres, 0, -1, 2, &got);
    assert_close(got.bound, -11, 1e-13);
    release(&linear);
    /* x1^2 - x2^2 round 0: the lowest eigenvector, the hard case; -f likewise. */
    setup saddle = {.d = 2, .p = {1, 0, 0, -1}};
    prepare(&saddle, 0.5);
    zg_ball_minimise(&saddle.centres, 0, 1, 3, &got);
    assert_close(got.bound, 0.5 - 9, 1e-13);
    assert_close(got.mu, 1, 1e-13);
    assert_true(got.hard);
    release(&saddle);
    /* |x|^2 round (3, 4): 0 is inside the ball of radius 6, not of radius 2. */
    setup bowl = {.d = 2, .p = {1, 0, 0, 1}, .x = {3, 4}};
    prepare(&bowl, 0);
    zg_ball_minimise(&bowl.centres, 0, 1, 6, &got);
    assert_close(got.bound, 0, 1e-12); /* of |P| (|x| + R)^2 = 121 */
    assert_true(got.mu == 0.0 && !got.hard && got.bound <= 0.0);
    zg_ball_minimise(&bowl.centres, 0, 1, 2, &got);
    assert_close(got.bound, 9, 1e-13);
    zg_ball_minimise(&bowl.centres, 0, 1, 0, &got);
    assert_close(got.bound, 25, 1e-13);
    release(&bowl);
}

static void distances_in_closed_form(void **state)
{
    (void)state;
    zg_ball_distance got;
    /* |x|^2 - 1 round (3, 4), and its inside seen from 0: the sphere, in the hard case. */
    setup circle = {.d = 2, .p = {1, 0, 0, 1}, .x = {3, 4}};
    prepare(&circle, -1);
    zg_ball_distance_to_surface(&circle.centres, 0, 1, &got);
    assert_close(got.certified, 4, 1e-13);
    assert_close(got.attained, 4, 1e-13);
    assert_true(got.certified <= 4);
    zg_ball_distance_to_surface(&circle.centres, 0, -1, &got);
    assert_true(got.certified == 0.0 && got.attained == 0.0);
    release(&circle);
    setup inside = {.d = 2, .p = {1, 0, 0, 1}};
    prepare(&inside, -1);
    zg_ball_distance_to_surface(&inside.centres, 0, -1, &got);
    assert_close(got.certified, 1, 1e-13);
    assert_close(got.attained, 1, 1e-13);
    release(&inside);
    /* A plane: |3 - 4 + 6| / 5. */
    setup plane = {.d = 2, .q = {3, -4}, .x = {1, 1}};
    prepare(&plane, 6);
    zg_ball_distance_to_surface(&plane.centres, 0, 1, &got);
    assert_close(got.certified, 1, 1e-13);
    release(&plane);
    /* |x|^2 + 1 has no surface. */
    setup bowl = {.d = 2, .p = {1, 0, 0, 1}, .x = {3, 4}};
    prepare(&bowl, 1);
    zg_ball_distance_to_surface(&bowl.centres, 0, 1, &got);
    assert_true(isinf(got.certified) && isinf(got.attained));
    release(&bowl);
}

/* Within a distance nothing crosses, at what is attained something does. */
static void distances_are_certified_from_below_and_attained(void **state)
{
    (void)state;
    zg_random random;
    int finite = 0;
    zg_random_seed(&random, 3);
    for (int round = 0; round < test_rounds(400); round++) {
        setup s;
        double point[MOST], value;
        random_setup(&random, round % 4, &s);
        int sign = s.centres.value[0] > 0 ? 1 : -1;
        zg_ball_distance got;
        zg_ball_minimum at;
        zg_ball_distance_to_surface(&s.centres, 0, sign, &got);
        assert_true(got.certified <= got.attained);
        if (isfinite(got.attained)) {
            finite++;
            if (got.attained < 1e3) assert_close(got.certified, got.attained, 1e-7);
            zg_ball_worst_point(&s.centres, 0, sign, got.attained * (1 + 1e-9), point, &value);
            assert_true(value <= 0.0);
        }
        if (got.certified > 0.0 && isfinite(got.certified)) {
            zg_ball_minimise(&s.centres, 0, sign, got.certified, &at);
            assert_true(at.bound > 0.0);
            if (s.d > 1) /* the quadruple solver needs no hard case here: its point is feasible */
                assert_true(quad_minimum(&s, sign, got.certified) > 0);
        } else if (got.certified > 0.0) {
            assert_true(quad_minimum(&s, sign, 1e6) > 0);
        }
        release(&s);
    }
    assert_true(finite > 100);
}

/* ---- what must not mislead ------------------------------------------------------------------- */

/* Magnitudes from subnormal to overflow: a bound is below the attained value, or no bound. */
static void extreme_magnitudes_give_no_false_bound(void **state)
{
    (void)state;
    zg_random random;
    int bounded = 0;
    zg_random_seed(&random, 4);
    for (int round = 0; round < test_rounds(2000); round++) {
        setup s;
        double point[MOST], value;
        s.d = 1 + zg_random_below_or_equal(&random, 3);
        double sizes[4];
        for (int k = 0; k < 4; k++)
            sizes[k] = pow(10, 600 * zg_random_uniform(&random) - 310);
        test_normals(&random, s.d, s.q);
        test_normals(&random, s.d, s.x);
        for (size_t i = 0; i < s.d; i++) {
            s.q[i] *= sizes[1];
            s.x[i] *= sizes[2];
            for (size_t j = 0; j <= i; j++)
                s.p[i * s.d + j] = s.p[j * s.d + i] = sizes[0] * zg_random_normal(&random);
        }
        prepare(&s, zg_random_normal(&random));
        zg_ball_minimum got;
        zg_ball_distance distance;
        zg_ball_minimise(&s.centres, 0, 1, sizes[3], &got);
        zg_ball_worst_point(&s.centres, 0, 1, sizes[3], point, &value);
        zg_ball_distance_to_surface(&s.centres, 0, 1, &distance);
        assert_false(isnan(got.bound) || got.bound == INFINITY);
        assert_false(isnan(distance.certified) || distance.certified < 0);
        if (isfinite(value)) assert_true(got.bound <= value);
        if (distance.certified > 0) assert_true(quad_value(&s, 1, (quad[MOST]){0}) > 0);
        bounded += isfinite(got.bound);
        release(&s);
    }
    assert_true(bounded > 100);
}

/* f and the bound times 1e200: nothing that is squared on the way overflows. */
static void large_networks_have_bounds_too(void **state)
{
    (void)state;
    zg_ball_minimum small, large;
    setup s = {.d = 2, .p = {2, 1, 1, -1}, .q = {1, -2}, .x = {0.5, 0.25}};
    prepare(&s, 1);
    zg_ball_minimise(&s.centres, 0, 1, 0.7, &small);
    release(&s);
    for (size_t k = 0; k < 4; k++)
        s.p[k] *= 0x1p700;
    for (size_t k = 0; k < 2; k++)
        s.q[k] *= 0x1p700;
    prepare(&s, 0x1p700);
    zg_ball_minimise(&s.centres, 0, 1, 0.7, &large);
    release(&s);
    assert_close(large.bound * 0x1p-700, small.bound, 1e-13);
}

static void what_is_not_a_number_is_no_bound(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_ball_minimum got;
    setup s = {.d = 2, .p = {1, 0, 0, NAN}, .q = {1, 1}};
    s.form = (zg_quadratic_form){.inputs = 2, .p = s.p, .q = s.q};
    assert_int_equal(zg_ball_form_create(&s.form, &s.ball, &error), ZG_FAILED);
    s.p[3] = 1;
    s.x[1] = NAN;
    prepare(&s, 1);
    zg_ball_minimise(&s.centres, 0, 1, 1, &got);
    assert_true(got.bound == -INFINITY);
    release(&s);
    s.x[1] = 0;
    prepare(&s, 1);
    const double radii[] = {NAN, INFINITY, -1};
    for (size_t k = 0; k < 3; k++) {
        zg_ball_minimise(&s.centres, 0, 1, radii[k], &got);
        assert_true(got.bound == -INFINITY);
    }
    release(&s);
    s.form.r_error = NAN; /* a form that does not know how exact it is */
    assert_ok(zg_ball_form_create(&s.form, &s.ball, &error), &error);
    assert_ok(zg_ball_centres_create(&s.ball, 1, s.x, NULL, &s.centres, &error), &error);
    zg_ball_minimise(&s.centres, 0, 1, 1, &got);
    assert_true(got.bound == -INFINITY);
    release(&s);
}

/* A decomposition that is a little wrong costs a little of the bound, not its truth. */
static void a_wrong_decomposition_is_measured(void **state)
{
    (void)state;
    zg_ball_minimum right, drifted;
    setup s = {.d = 2, .p = {2, 1, 1, -1}, .q = {1, -2}, .x = {0.5, 0.25}};
    prepare(&s, 1);
    zg_ball_minimise(&s.centres, 0, 1, 0.7, &right);
    zg_ball_centres moved;
    double drift = 1e-3, far[] = {0.5 + 0.6e-3, 0.25 - 0.8e-3};
    assert_ok(zg_ball_centres_create(&s.ball, 1, s.x, &drift, &moved, NULL), NULL);
    zg_ball_minimise(&moved, 0, 1, 0.7, &drifted);
    zg_ball_centres_clear(&moved);
    assert_true(drifted.bound < right.bound && drifted.bound > right.bound - 0.02);
    memcpy(s.x, far, sizeof far);
    assert_true((quad)drifted.bound <= quad_minimum(&s, 1, 0.7));
    release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_are_below_the_minimum_to_33_digits_and_close_to_it),
        cmocka_unit_test(bounds_are_attained_and_no_attack_crosses_them),
        cmocka_unit_test(closed_forms),
        cmocka_unit_test(distances_in_closed_form),
        cmocka_unit_test(distances_are_certified_from_below_and_attained),
        cmocka_unit_test(extreme_magnitudes_give_no_false_bound),
        cmocka_unit_test(large_networks_have_bounds_too),
        cmocka_unit_test(what_is_not_a_number_is_no_bound),
        cmocka_unit_test(a_wrong_decomposition_is_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
