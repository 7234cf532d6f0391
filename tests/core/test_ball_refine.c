/* Bounds with more digits: of networks, against a solver with 33 digits, relative to the bound. */
#include "base/linalg.h"
#include "core/ball_refine.h"
#include "core/margins.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST 12

#ifdef __SIZEOF_FLOAT128__
typedef __float128 quad;
#else
typedef long double quad; /* of as many bits there, as on arm64 */
#endif

/* A network, a point, and the network's form in 33 digits. */
typedef struct setup {
    size_t d;
    bool hard; /* the last input is the lowest eigenvector, and the slope has no part in it */
    double x[MOST];
    zg_network *network;
    quad p[MOST * MOST], q[MOST], r;
} setup;

static void add_neuron(setup *s, const double *u, double alpha)
{
    zg_activation a = s->network->activation;
    assert_int_equal(zg_network_add(s->network, 0, u, 0, alpha), ZG_OK);
    for (size_t i = 0; i < s->d; i++) {
        s->q[i] += (quad)alpha * a.b * u[i];
        for (size_t j = 0; j < s->d; j++)
            s->p[i * s->d + j] += (quad)alpha * a.a * u[i] * u[j];
    }
    s->r += (quad)alpha * a.c;
}

/* Of the first `used` inputs. */
static void random_neuron(zg_random *random, size_t d, size_t used, double *u)
{
    memset(u, 0, d * sizeof *u);
    test_normals(random, used, u);
    double norm = zg_norm(d, u);
    for (size_t k = 0; k < used; k++)
        u[k] /= norm;
}

static void prepare(zg_random *random, bool hard, zg_activation activation, setup *s)
{
    zg_error error = {0};
    zg_problem *problem;
    double y = 1, u[MOST];
    *s = (setup){.d = 2 + zg_random_below_or_equal(random, MOST - 2), .hard = hard};
    test_normals(random, s->d, s->x);
    if (hard) s->x[s->d - 1] = -activation.b / (2 * activation.a);
    assert_ok(zg_problem_from_arrays(1, s->d, s->x, 1, &y, NULL, activation, NULL,
                                     (zg_loss){ZG_LOSS_SQUARED, 0}, (zg_penalty){0}, 1, &problem,
                                     &error),
              &error);
    assert_ok(zg_network_create(problem, &s->network, &error), &error);
    s->network->encoding.task = ZG_BINARY;
    zg_problem_free(problem);
    double sum = 0;
    for (size_t j = zg_random_below_or_equal(random, 2 * s->d) + 1; j > 0; j--) {
        double alpha = zg_random_normal(random);
        random_neuron(random, s->d, s->d - hard, u);
        add_neuron(s, u, alpha);
        sum += fabs(alpha);
    }
    memset(u, 0, sizeof u);
    u[s->d - 1] = 1;
    if (hard) add_neuron(s, u, -sum - 0.1);
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
    quad sum = s->r;
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

static quad quad_root(quad square)
{
    quad root = sqrt((double)square);
    for (int step = 0; step < 4 && root > 0; step++)
        root = (root + square / root) / 2;
    return root;
}

/* A value that is attained in the ball, and no more than 1e-24 or so above the least: by bisection
 * on mu, in the hard case completed by the eigenvector. */
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
    if (s->hard && sign > 0) {
        quad own = e[d - 1];
        e[d - 1] = 0;
        quad rest = square - quad_square(d, e), root = rest > 0 ? quad_root(rest) : 0;
        e[d - 1] = own < 0 ? -root : root;
    }
    return quad_value(s, sign, e);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static zg_margin margin_of(const setup *s, int sign, double radius, bool refine)
{
    zg_margin out;
    zg_error error = {0};
    const zg_margin_options options = {.radius = radius, .refine = refine};
    assert_ok(zg_margins(s->network, 1, s->x, &(double){sign}, &options, &out, &error), &error);
    return out;
}

/* |P|, |q| and |r| times what the ball reaches. */
static double size_of(const setup *s, double radius)
{
    double far = zg_norm(s->d, s->x) + radius, p = 0, q = 0;
    for (size_t k = 0; k < s->d * s->d; k++)
        p += fabs((double)s->p[k]);
    for (size_t k = 0; k < s->d; k++)
        q += fabs((double)s->q[k]);
    return (p * far + q) * far + fabs((double)s->r);
}

/* What a bound may miss of a minimum that is 0, as that of a sum of squares, which has no share: T
 * being the sum of the absolute terms of f in the ball, u the unit of sums in double-double
 * arithmetic and k = 3 d + 16 the roundings in one, so that each evaluation is off by gamma_k T =
 * 4 k u T (Higham, Accuracy and Stability, ch. 3, for u = ZG_DD_UNIT).
 *
 * The form is flat along some directions, its least eigenvalue is 0, and the bound is
 * f(x + e) - mu (R^2 - |e|^2) - |r|^2 / (mu + lambda) less its rounding, for the least multiplier
 * that makes the matrix definite for sure, mu <= 2^-96 S + 2 d 2^-90 |P|, S = 2 (|P| far + |q|) /
 * R: the lambda that is proven is d 2^-90 |P| below the eigenvalue, rounded to a power of 2. mu R^2
 * 2^-95 T + d 2^-89 T |r|^2 / (2^-96 S)         r is the rounding of its own sums, gamma_k S R:
 * 2^96 gamma_k^2 S R^2 f(x + e) - 0, and f's rounding   gamma_k T each */
static double most_below_zero(size_t d, double terms)
{
    double inputs = (double)d, gamma = 4 * (3 * inputs + 16) * ZG_DD_UNIT;
    return terms * (0x1p-95 + inputs * 0x1p-89 + 2 * 0x1p96 * gamma * gamma + 2 * gamma);
}

/* Random networks and points, a quarter of them in the hard case. */
static void bounds_of_networks_are_within_1e_12_of_the_worst_case(void **state)
{
    (void)state;
    zg_random random;
    double worst = 0, plain = 0, below = 0;
    zg_random_seed(&random, 41);
    for (int round = 0; round < test_rounds(500); round++) {
        setup s;
        bool hard = round % 4 == 1;
        prepare(&random, hard, round % 8 < 5 ? TEST_RELU2 : TEST_QUADRATIC, &s);
        int sign = hard || round % 2 ? 1 : -1;
        double radius = exp(zg_random_normal(&random));
        quad truth = quad_minimum(&s, sign, radius);
        zg_margin refined = margin_of(&s, sign, radius, true);
        zg_margin rough = margin_of(&s, sign, radius, false);
        double size = fabs((double)truth), missed = (double)(truth - refined.bound);
        /* Both are bounds; the rough one is found in other coordinates, and may be the better one
         * where neither needs more digits. */
        assert_true((quad)refined.bound <= truth && (quad)rough.bound <= truth);
        bool zero = size < 1e-25 * size_of(&s, radius);
        if (!(missed <= (zero ? most_below_zero(s.d, size_of(&s, radius)) : 1e-12 * size)))
            fail_msg("round %d: %.17g, bound %.17g, at first %.17g, terms %g", round, (double)truth,
                     refined.bound, rough.bound, size_of(&s, radius));
        if (zero) below = fmax(below, missed / size_of(&s, radius));
        if (!zero) worst = fmax(worst, missed / size);
        if (!zero) plain = fmax(plain, (double)(truth - rough.bound) / size);
        zg_network_free(s.network);
    }
    print_message("# within %.1e; without more digits %.1e; minima of 0 within %.1e of the terms\n",
                  worst, plain, below);
    assert_true(plain > 1e-12);
}

/* Where nothing can be proven, the bound stays what it was. */
static void extreme_numbers_leave_the_first_bound(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 42);
    for (int exponent = -1060; exponent <= 1000; exponent += 20) {
        setup s;
        prepare(&random, exponent % 40 == 0, TEST_RELU2, &s);
        for (size_t j = 0; j < s.network->count; j++)
            s.network->alpha[j] = scalbn(s.network->alpha[j], exponent);
        for (double radius = 1e-300; radius < 1e301; radius *= 1e100) {
            zg_margin rough = margin_of(&s, 1, radius, false);
            zg_margin refined = margin_of(&s, 1, radius, true);
            double size = scalbn(size_of(&s, 0), exponent); /* `here` is off by 1e-15 of it */
            assert_true(refined.bound >= rough.bound);
            assert_true(refined.bound <= refined.here + 1e-13 * size);
        }
        zg_network_free(s.network);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_of_networks_are_within_1e_12_of_the_worst_case),
        cmocka_unit_test(extreme_numbers_leave_the_first_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
