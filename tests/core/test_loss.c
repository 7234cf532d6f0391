/* Losses: gradients against differences, dual values against numerical conjugates, scaling. */
#include "core/loss.h"
#include "tests/support/support.h"

#include <float.h>
#include <math.h>

static const char *const names[] = {"squared", "absolute",      "huber",   "huber:0.3",
                                    "hinge",   "squared-hinge", "logistic"};
enum { NAMES = 7 };

static zg_loss parse(const char *text)
{
    zg_loss loss;
    zg_error error = {0};
    assert_ok(zg_loss_parse(text, &loss, &error), &error);
    return loss;
}

static double target(zg_random *random, zg_loss loss)
{
    double y = zg_random_normal(random);
    return zg_loss_has(loss.kind, ZG_LOSS_LABELLED) ? (y < 0 ? -1.0 : 1.0) : y;
}

static void text_round_trip(void **state)
{
    (void)state;
    for (int k = 0; k < NAMES; k++) {
        char text[64];
        zg_loss loss = parse(names[k]);
        zg_loss_format(loss, text, sizeof text);
        zg_loss again = parse(text);
        assert_int_equal(again.kind, loss.kind);
        assert_true(again.delta == loss.delta);
    }
}

static void gradients(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 31);
    for (int round = 0; round < test_rounds(700); round++) {
        zg_loss loss = parse(names[round % NAMES]);
        double y = target(&random, loss), f = 2.0 * zg_random_normal(&random), g;
        double w = 0.5 + zg_random_uniform(&random), h = 1e-6;
        double low = f - h, high = f + h;
        zg_loss_gradient(loss, 1, &f, &y, &w, &g);
        double slope =
            (zg_loss_value(loss, 1, &high, &y, &w) - zg_loss_value(loss, 1, &low, &y, &w)) /
            (2.0 * h);
        bool kink =
            fabs(f - y) < 1e-5 || fabs(1.0 - y * f) < 1e-5 || fabs(fabs(f - y) - loss.delta) < 1e-5;
        if (!kink) assert_close(g, slope, 1e-6);
    }
}

/* D(v) = -sup_f { -v f - loss(f) } = min_f { loss(f) + v f }, by golden section on a convex
 * function of one variable. */
static double numerical_dual(zg_loss loss, double y, double w, double v)
{
    double low = -60.0, high = 60.0;
    for (int step = 0; step < 300; step++) {
        double a = low + 0.381966011250105 * (high - low),
               b = high - 0.381966011250105 * (high - low);
        if (zg_loss_value(loss, 1, &a, &y, &w) + v * a < zg_loss_value(loss, 1, &b, &y, &w) + v * b)
            high = b;
        else
            low = a;
    }
    double f = 0.5 * (low + high);
    return zg_loss_value(loss, 1, &f, &y, &w) + v * f;
}

static void duals(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 32);
    for (int round = 0; round < test_rounds(700); round++) {
        zg_loss loss = parse(names[round % NAMES]);
        double y = target(&random, loss), w = 0.5 + zg_random_uniform(&random);
        double v = zg_random_normal(&random);
        zg_loss_project(loss, 1, &v, &y, &w);
        double expected = numerical_dual(loss, y, w, v);
        assert_close(zg_loss_dual(loss, 1, &v, &y, &w), expected, 1e-9);
    }
}

static void outside_the_domain(void **state)
{
    (void)state;
    static const struct {
        const char *loss;
        double y, v;
    } cases[] = {{"absolute", 0.3, 1.01}, {"huber:0.5", 0.0, -0.51}, {"hinge", 1.0, -0.01},
                 {"hinge", -1.0, 0.01},   {"hinge", 1.0, 1.01},      {"squared-hinge", 1.0, -0.1},
                 {"logistic", 1.0, 1.5},  {"logistic", 1.0, -0.1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zg_loss loss = parse(cases[i].loss);
        assert_true(zg_loss_dual(loss, 1, &cases[i].v, &cases[i].y, NULL) == -INFINITY);
        double v = cases[i].v;
        zg_loss_project(loss, 1, &v, &cases[i].y, NULL);
        assert_true(isfinite(zg_loss_dual(loss, 1, &v, &cases[i].y, NULL)));
    }
}

/* The best scale beats a fine grid of scales and stays inside the limit. */
static void best_scale(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 33);
    for (int round = 0; round < test_rounds(140); round++) {
        zg_loss loss = parse(names[round % NAMES]);
        double v[5], y[5], w[5], scaled[5], limit = 0.1 + 2.0 * zg_random_uniform(&random);
        for (int i = 0; i < 5; i++) {
            y[i] = target(&random, loss);
            w[i] = 0.5 + zg_random_uniform(&random);
            v[i] = zg_random_normal(&random);
        }
        zg_loss_project(loss, 5, v, y, w);
        double s = zg_loss_best_scale(loss, 5, v, y, w, limit);
        assert_true(fabs(s) <= limit);
        for (int i = 0; i < 5; i++)
            scaled[i] = s * v[i];
        zg_loss_project(loss, 5, scaled, y, w); /* s v may leave the domain by a rounding */
        double best = zg_loss_dual(loss, 5, scaled, y, w);
        for (int k = -200; k <= 200; k++) {
            for (int i = 0; i < 5; i++)
                scaled[i] = limit * k / 200.0 * v[i];
            assert_true(zg_loss_dual(loss, 5, scaled, y, w) <= best + 1e-9);
        }
    }
}

static void interpolation(void **state)
{
    (void)state;
    zg_loss loss = parse("interpolate");
    double y[2] = {3.0, -1000.0}, f[2] = {3.0, -1000.0}, v[2] = {2.0, -1.0};
    assert_true(zg_loss_value(loss, 2, f, y, NULL) == 0.0);
    f[0] += 1e-3;
    assert_true(zg_loss_value(loss, 2, f, y, NULL) == INFINITY);
    f[0] = NAN;
    assert_true(zg_loss_value(loss, 2, f, y, NULL) == INFINITY);
    assert_close(zg_loss_dual(loss, 2, v, y, NULL), 1006.0, 1e-15);
}

/* The tolerance scales with the targets, however small or large they are, and with nothing else. */
static void interpolation_of_any_unit(void **state)
{
    (void)state;
    zg_loss loss = parse("interpolate");
    double units[] = {DBL_TRUE_MIN * 0x1p40, 1e-170, 5e-8, 1.0, 1e200};
    for (size_t k = 0; k < sizeof units / sizeof *units; k++) {
        double y[2] = {-units[k], 0.5 * units[k]}, zero[2] = {0};
        double near[2] = {-units[k], 0.5 * units[k] + 0.9e-7 * units[k]};
        double far[2] = {-units[k], 0.5 * units[k] + 1.1e-7 * units[k]};
        assert_true(zg_loss_value(loss, 2, zero, y, NULL) == INFINITY);
        assert_true(zg_loss_value(loss, 2, near, y, NULL) == 0.0);
        assert_true(zg_loss_value(loss, 2, far, y, NULL) == INFINITY);
    }
    double none[2] = {0}, tiny[2] = {0.0, DBL_TRUE_MIN};
    assert_true(zg_loss_value(loss, 2, none, none, NULL) == 0.0);
    assert_true(zg_loss_value(loss, 2, tiny, none, NULL) == INFINITY);
    double bad[2] = {NAN, 0.0};
    assert_true(zg_loss_miss(2, bad, none) == INFINITY && zg_loss_miss(2, none, bad) == INFINITY);
}

/* A prediction that is not a number is no perfect fit: fmax(0, NaN) would be 0. */
static void a_nan_has_no_value(void **state)
{
    (void)state;
    static const char *const kinds[] = {"squared", "absolute",      "huber",
                                        "hinge",   "squared-hinge", "logistic"};
    double f[2] = {1.0, NAN}, y[2] = {1.0, 1.0};
    for (size_t k = 0; k < 6; k++)
        assert_true(isnan(zg_loss_value(parse(kinds[k]), 2, f, y, NULL)));
}

/* ---- traits against the functions they speak of --------------------------------------------- */

static double value_at(zg_loss loss, double f, double y)
{
    return zg_loss_value(loss, 1, &f, &y, NULL);
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * (1.0 + fabs(b));
}

static double gradient_at(zg_loss loss, double f, double y)
{
    double g;
    zg_loss_gradient(loss, 1, &f, &y, NULL, &g);
    return g;
}

/* Whether the gradient jumps where f = y, y f = 1 or |f - y| = delta. */
static bool jumps(zg_loss loss, double y)
{
    const double places[] = {y, 1.0 / y, y + loss.delta, y - loss.delta};
    for (size_t i = 0; i < 4; i++) {
        double right = gradient_at(loss, places[i] + 1e-7, y);
        if (fabs(right - gradient_at(loss, places[i] - 1e-7, y)) > 1e-3) return true;
    }
    return false;
}

/* The traits that the values, gradients and domains of a loss show at f and y = -1 or 1. */
static unsigned shown(zg_loss loss, double f, double y)
{
    double r = fabs(f - y), value = value_at(loss, f, y), low, high, p, q, c = 3.0;
    zg_loss wider = {loss.kind, c * loss.delta};
    zg_loss_domain(loss, 1.0, 1.0, &low, &high);
    bool quadratic_dual = zg_loss_quadratic_dual(loss, y, 1.0, &p, &q);
    unsigned traits = 0;
    if (low == 0.0 || high == 0.0) traits |= ZG_LOSS_LABELLED;
    if (isinf(value)) return traits | ZG_LOSS_EXACT;
    if (near(value, 0.5 * r * r)) traits |= ZG_LOSS_QUADRATIC;
    if (near(value, r)) traits |= ZG_LOSS_DISTANCE;
    if (near(value, -log(1.0 / (1.0 + exp(-y * f)))) && !quadratic_dual) traits |= ZG_LOSS_ENTROPY;
    if (!jumps(loss, y)) traits |= ZG_LOSS_SMOOTH;
    if (q > 0.0) traits |= ZG_LOSS_CURVED;
    if (near(value_at(wider, c * f, c * y), c * c * value)) traits |= ZG_LOSS_DEGREE_TWO;
    if (!near(value_at(wider, f, y), value)) traits |= ZG_LOSS_THRESHOLD;
    return traits;
}

static void traits_say_what_the_functions_do(void **state)
{
    (void)state;
    for (int kind = 0; kind < ZG_LOSS_COUNT; kind++)
        for (unsigned trait = ZG_LOSS_LABELLED; trait <= ZG_LOSS_THRESHOLD; trait <<= 1) {
            zg_loss loss = {(zg_loss_kind)kind, 0.7};
            bool expected = (shown(loss, 3.7, -1.0) & shown(loss, 4.3, 1.0) & trait) != 0;
            if (zg_loss_has(loss.kind, trait) != expected)
                fail_msg("%s: trait %#x", zg_loss_name(loss.kind), trait);
        }
}

/* The envelope is min over u of loss(u) + (u - f)^2 / (2 width); its slope is its derivative. */
static double least_of_envelope(zg_loss loss, double f, double y, double width)
{
    double low = f - 20.0, high = f + 20.0, golden = 0.5 * (sqrt(5.0) - 1.0);
    for (int i = 0; i < 100; i++) {
        double a = high - golden * (high - low), b = low + golden * (high - low);
        double at_a = value_at(loss, a, y) + 0.5 * (a - f) * (a - f) / width;
        double at_b = value_at(loss, b, y) + 0.5 * (b - f) * (b - f) / width;
        *(at_a < at_b ? &high : &low) = at_a < at_b ? b : a;
    }
    return value_at(loss, low, y) + 0.5 * (low - f) * (low - f) / width;
}

static void envelopes(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 57);
    for (int round = 0; round < test_rounds(700); round++) {
        zg_loss loss = parse(names[round % NAMES]);
        if (zg_loss_has(loss.kind, ZG_LOSS_ENTROPY)) continue;
        double y = target(&random, loss), f = y + zg_random_normal(&random), h = 1e-5;
        double width = 0.1 + zg_random_uniform(&random), center = zg_random_normal(&random);
        double slope, curvature, after, before;
        if (round % 2) center = 0.0;
        double value = zg_loss_envelope(loss, f, y, width, center, &slope, &curvature);
        double right = zg_loss_envelope(loss, f + h, y, width, center, &after, NULL);
        double left = zg_loss_envelope(loss, f - h, y, width, center, &before, NULL);
        double moved = least_of_envelope(loss, f - width * center, y, width);
        assert_close(value, moved - 0.5 * width * center * center, 1e-9);
        assert_true(fabs(slope - (right - left) / (2.0 * h)) < 1e-3);
        /* but where one of the three lies beyond an end of the domain that another does not */
        double steps[2] = {(after - slope) / h, (slope - before) / h};
        if (fabs(steps[0] - steps[1]) < 1e-6) assert_close(curvature, steps[0], 1e-4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_round_trip),
        cmocka_unit_test(gradients),
        cmocka_unit_test(duals),
        cmocka_unit_test(outside_the_domain),
        cmocka_unit_test(best_scale),
        cmocka_unit_test(interpolation),
        cmocka_unit_test(interpolation_of_any_unit),
        cmocka_unit_test(a_nan_has_no_value),
        cmocka_unit_test(traits_say_what_the_functions_do),
        cmocka_unit_test(envelopes),
    };
    return cmocka_run_group_tests_name("loss", tests, NULL, NULL);
}
