/* Certificates: valid for any vector and any network, exact where the optimum is known. */
#include "base/linalg.h"
#include "core/certificate.h"
#include "core/sphere.h"
#include "tests/support/support.h"
#include "train/monitor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const losses[] = {"squared", "absolute",      "huber:0.5",
                                     "hinge",   "squared-hinge", "logistic"};
enum { LOSSES = 6 };

/* A random network of the problem's shape with small weights. */
static zg_network *random_network(const zg_problem *p, zg_random *random, size_t neurons,
                                  double scale)
{
    zg_network *network;
    zg_error error = {0};
    assert_ok(zg_network_create(p, &network, &error), &error);
    size_t width = network->patches.width;
    double *u = zg_doubles(width);
    for (size_t j = 0; j < neurons; j++) {
        test_normals(random, width, u);
        double length = zg_norm(width, u);
        for (size_t i = 0; i < width; i++)
            u[i] /= length;
        assert_int_equal(zg_network_add(network, j % network->patches.groups, u, 0,
                                        scale * zg_random_normal(random)),
                         ZG_OK);
    }
    free(u);
    return network;
}

/* No bound from any vector exceeds the objective of any network, for every loss, activation and
 * architecture. */
static void never_above_any_network(void **state)
{
    (void)state;
    static const char *const architectures[] = {"dense", "conv1d:filter=2,pool=2",
                                                "conv1d:filter=3,stride=3"};
    zg_random random;
    zg_random_seed(&random, 51);
    for (int round = 0; round < test_rounds(360); round++) {
        zg_loss loss;
        assert_int_equal(zg_loss_parse(losses[round % LOSSES], &loss, NULL), ZG_OK);
        zg_problem *p = test_random_problem(&random, 8, 6, round % 5 ? TEST_RELU2 : TEST_QUADRATIC,
                                            architectures[round % 3], loss,
                                            pow(10.0, zg_random_normal(&random)));
        zg_program program = zg_problem_program(p, 0);
        double v[8], lowest = INFINITY, objective;
        zg_bound bound;
        test_normals(&random, 8, v);
        assert_int_equal(zg_program_bound(&program, v, &bound, NULL), ZG_OK);
        for (int trial = 0; trial < 10; trial++) {
            zg_network *network = random_network(p, &random, (size_t)trial, 0.3);
            assert_int_equal(zg_network_objective(network, p, &objective, NULL, NULL), ZG_OK);
            lowest = fmin(lowest, objective);
            zg_certificate c;
            zg_error error = {0};
            assert_ok(zg_certify(p, network, &c, &error), &error);
            assert_true(c.bound <= lowest && c.bound >= 0.0);
            assert_true(c.gap >= 0.0);
            zg_network_free(network);
        }
        assert_true(bound.value <= lowest);
        zg_problem_free(p);
    }
}

/* beta_max: at beta >= beta_max the zero network is certified optimal to rounding by its residual,
 * below it a single neuron does better. */
static void zero_network(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 52);
    for (int round = 0; round < test_rounds(60); round++) {
        zg_loss loss;
        assert_int_equal(zg_loss_parse(losses[round % LOSSES], &loss, NULL), ZG_OK);
        zg_problem *p = test_random_problem(&random, 10, 4, TEST_RELU2, "dense", loss, 1.0);
        zg_program program = zg_problem_program(p, 0);
        double beta_max;
        assert_int_equal(zg_program_beta_max(&program, &beta_max), ZG_OK);
        zg_network *zero = random_network(p, &random, 0, 0.0);
        zg_certificate c;
        p->beta = beta_max * 1.001;
        assert_int_equal(zg_certify(p, zero, &c, NULL), ZG_OK);
        if (loss.kind != ZG_LOSS_ABSOLUTE) assert_true(c.gap < 1e-12);
        p->beta = beta_max * 0.9;
        assert_int_equal(zg_certify(p, zero, &c, NULL), ZG_OK);
        assert_true(c.gap > 1e-6);
        zg_network_free(zero);
        zg_problem_free(p);
    }
}

/* d = 1: p* = min over (s, t) of loss(a s x^2 + b t x + c s, y) + beta max(|s|, |t|).  With one
 * sample and x = 0 only the corner c counts: p* = min_s 1/2 (c s - y)^2 + beta |s|, soft
 * thresholding.  The residual of the optimal network certifies it exactly. */
static void soft_threshold(void **state)
{
    (void)state;
    double x = 0.0, y = 3.0, c = 0.47, beta = 0.2;
    zg_problem *p;
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(1, 1, &x, 1, &y, NULL, TEST_RELU2, NULL, (zg_loss){0},
                                     (zg_penalty){ZG_PENALTY_L1, 0.0}, beta, &p, &error),
              &error);
    double s = (y - beta / c) / c, expected = 0.5 * (c * s - y) * (c * s - y) + beta * s;
    double u = 1.0;
    zg_network *network = random_network(p, NULL, 0, 0.0);
    assert_int_equal(zg_network_add(network, 0, &u, 0, s), ZG_OK);
    zg_certificate certificate;
    assert_ok(zg_certify(p, network, &certificate, &error), &error);
    assert_close(certificate.objective, expected, 1e-14);
    assert_close(certificate.bound, expected, 1e-13);
    assert_int_equal(certificate.source, ZG_BOUND_RESIDUAL);
    zg_network_free(network);
    zg_problem_free(p);
}

/* The closed forms of the regulariser min Z4 + Z4' subject to Z1 - Z1' = S, Z2 - Z2' = z: every
 * random decomposition costs at least as much, and a network attains the form where one is
 * written down. */
static double penalty_of_quadratic_and_linear(double s, double t)
{
    return (s * s + 2.0 * s * t + 2.0 * t * t) / (s + 2.0 * t);
}

/* S = s vv', z = t u with u orthogonal to v.  By duality rho(S, z) = max <S, A> + 2 <z, b> over
 * |u'Au + 2 b'u| <= 1 for all unit u: a feasible (A, b) gives a lower bound, so scan the plane for
 * the best one and check it against the sphere oracle. */
static void regulariser_lower_bound(void **state)
{
    (void)state;
    static const double cases[][2] = {{1, 1}, {2, 3}, {1, 0.25}, {0.5, 4}};
    for (size_t k = 0; k < 4; k++) {
        double s = cases[k][0], t = cases[k][1], best = 0.0;
        for (int i = -60; i <= 60; i++)
            for (int j = -60; j <= 60; j++)
                for (int l = 0; l <= 60; l++) {
                    double a = i / 60.0, d = j / 60.0, b = l / 60.0;
                    double q[4] = {a, 0, 0, d}, g[2] = {0, b / 2.0}, value[2], rho[2];
                    double linear = s * a + t * b;
                    if (linear <= best) continue;
                    assert_int_equal(zg_sphere_maxima(2, q, g, value, rho), ZG_OK);
                    double size = fmax(value[0], value[1]);
                    if (size > 0.0) best = fmax(best, linear / fmax(size, 1e-9));
                }
        double expected = penalty_of_quadratic_and_linear(s, t);
        assert_true(best <= expected * (1.0 + 1e-9));
        assert_close(best, expected, 2e-2); /* as fine as the grid */
    }
    assert_close(penalty_of_quadratic_and_linear(1, 1), 5.0 / 3.0, 1e-15);
    assert_close(penalty_of_quadratic_and_linear(2, 3), 4.25, 1e-15);
}

/* The multipliers handed out make both cones positive semidefinite at the scaled vector. */
static void multipliers(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 53);
    for (int round = 0; round < test_rounds(40); round++) {
        zg_problem *p =
            test_random_problem(&random, 9, 6, TEST_RELU2,
                                round % 2 ? "dense" : "conv1d:filter=2,pool=2", (zg_loss){0}, 0.8);
        zg_program program = zg_problem_program(p, 0);
        size_t m = p->lift->order;
        double v[9], rho[16], *work = zg_doubles(zg_lift_work(p->lift));
        double *t = zg_doubles(m * m), *w = zg_doubles(m);
        zg_bound bound;
        test_normals(&random, 9, v);
        double *kept = zg_doubles(p->lift->groups * m * m);
        const zg_slack_parts parts = {rho, kept};
        assert_int_equal(zg_program_bound(&program, v, &bound, &parts), ZG_OK);
        for (size_t g = 0; g < p->lift->groups; g++)
            for (int sign = 0; sign < 2; sign++) {
                zg_lift_adjoint(p->lift, g, v, t, work);
                assert_memory_equal(t, kept + g * m * m, m * m * sizeof *t);
                for (size_t k = 0; k < m * m; k++)
                    t[k] *= (sign ? 1.0 : -1.0) * bound.scale;
                for (size_t k = 0; k < m; k++)
                    t[k * m + k] += (k + 1 < m ? 1.0 : -1.0) * rho[2 * g + (size_t)sign];
                t[m * m - 1] += program.beta;
                assert_int_equal(zg_eigenvalues(m, t, w), ZG_OK);
                assert_true(w[0] > -1e-9);
            }
        free(kept);
        free(work);
        free(t);
        free(w);
        zg_problem_free(p);
    }
}

/* Sample weights: a weight of 2 equals the row given twice. */
static void weights_repeat_rows(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 54);
    for (int k = 0; k < LOSSES; k++) {
        zg_loss loss;
        assert_int_equal(zg_loss_parse(losses[k], &loss, NULL), ZG_OK);
        double x[12], y[4], v[4], weights[3] = {1.0, 1.0, 2.0};
        test_normals(&random, 9, x);
        test_normals(&random, 3, y);
        for (int i = 0; i < 3; i++)
            if (zg_loss_has(loss.kind, ZG_LOSS_LABELLED)) y[i] = y[i] < 0 ? -1.0 : 1.0;
        memcpy(x + 9, x + 6, 3 * sizeof *x);
        y[3] = y[2];
        zg_problem *once, *twice;
        zg_penalty penalty = {ZG_PENALTY_L1, 0.0};
        assert_int_equal(zg_problem_from_arrays(3, 3, x, 1, y, weights, TEST_RELU2, NULL, loss,
                                                penalty, 0.5, &once, NULL),
                         ZG_OK);
        assert_int_equal(zg_problem_from_arrays(4, 3, x, 1, y, NULL, TEST_RELU2, NULL, loss,
                                                penalty, 0.5, &twice, NULL),
                         ZG_OK);
        zg_program a = zg_problem_program(once, 0), b = zg_problem_program(twice, 0);
        zg_bound first, second;
        test_normals(&random, 3, v);
        zg_loss_project(loss, 3, v, y, weights);
        assert_int_equal(zg_program_bound(&a, v, &first, NULL), ZG_OK);
        v[2] *= 0.5;
        v[3] = v[2];
        assert_int_equal(zg_program_bound(&b, v, &second, NULL), ZG_OK);
        assert_close(first.value, second.value, 1e-12);
        zg_problem_free(once);
        zg_problem_free(twice);
    }
}

static bool count_progress(void *context, const zg_progress *progress)
{
    int *count = context;
    ++*count;
    assert_true(progress->bound <= progress->objective);
    return *count < 3;
}

/* The monitor starts from the zero network, never loses what was better, and stops on request. */
static void monitor(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 55);
    zg_problem *p = test_random_problem(&random, 8, 3, TEST_RELU2, "dense", (zg_loss){0}, 0.5);
    zg_monitor *m;
    int count = 0;
    assert_int_equal(zg_monitor_create(p, 0.0, 0.0, count_progress, &count, &m, NULL), ZG_OK);
    zg_observer observer = zg_monitor_observer(m);
    double good[8], bad[8];
    memcpy(good, p->y, sizeof good);
    for (int i = 0; i < 8; i++)
        bad[i] = 1e6 * (i % 2 ? 1 : -1);
    zg_iterate iterate = {.unit = "iteration", .objective = NAN, .dual = good, .bound = -INFINITY};
    assert_true(observer.notify(observer.context, &iterate, 0.1));
    double first = zg_monitor_bound(m);
    assert_true(first > 0.0);
    iterate.dual = bad;
    assert_true(observer.notify(observer.context, &iterate, 0.2));
    assert_true(zg_monitor_bound(m) >= first);
    assert_false(observer.notify(observer.context, &iterate, 0.3));
    zg_monitor_free(m);
    zg_problem_free(p);
}

static zg_bound bound_of_one_row(zg_activation activation, const char *architecture, size_t d,
                                 const double *x, double beta)
{
    zg_architecture parsed;
    zg_problem *problem;
    zg_error error = {0};
    zg_bound bound;
    const double y = 1.0, v = 1.0;
    assert_ok(zg_architecture_parse(architecture, d, &parsed, &error), &error);
    assert_ok(zg_problem_from_arrays(1, d, x, 1, &y, NULL, activation, &parsed,
                                     (zg_loss){ZG_LOSS_ABSOLUTE, 0.0},
                                     (zg_penalty){ZG_PENALTY_L1, 0.0}, beta, &problem, &error),
              &error);
    zg_program program = zg_problem_program(problem, 0);
    if (zg_program_bound(&program, &v, &bound, NULL) != ZG_OK) bound = (zg_bound){0};
    zg_problem_free(problem);
    return bound;
}

/* p* = beta / |x| where that is below 1: one neuron that reaches the target.  The square of x,
 * which the eigenvalues' bound needs, is 0 in double. */
static void squares_that_underflow(void **state)
{
    (void)state;
    double x = 1e-170, beta = 0.5e-170;
    zg_bound bound = bound_of_one_row((zg_activation){0.0, 1.0, 0.0}, "dense", 1, &x, beta);
    assert_true(bound.value <= beta / x && bound.value > 0.5 - 1e-12);
    assert_true(bound.lambda >= x);
}

/* Two groups: the adjoint of the one overflows, the other's is 1e100.  The number of a group that
 * could not be computed is not replaced by the next one's. */
static void a_group_that_overflows(void **state)
{
    (void)state;
    double x[] = {1e250, 1.0, 1e250}, y = 1.0;
    zg_architecture architecture;
    zg_patches patches;
    assert_ok(zg_architecture_parse("conv1d:filter=1", 2, &architecture, NULL), NULL);
    assert_ok(zg_patches_create(&architecture, 2, &patches, NULL), NULL);
    for (size_t first = 0; first < 2; first++) {
        zg_lift *lift;
        zg_bound bound;
        assert_ok(
            zg_lift_create((zg_activation){0.0, 1e100, 0.0}, &patches, 1, x + first, &lift, NULL),
            NULL);
        zg_program program = {
            .lift = lift, .loss = {ZG_LOSS_ABSOLUTE, 0.0}, .y = &y, .beta = 1e100};
        assert_int_equal(zg_program_bound(&program, &y, &bound, NULL), ZG_FAILED);
        assert_true(bound.value == 0.0);
        zg_lift_free(lift);
    }
    zg_patches_clear(&patches);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_above_any_network),
        cmocka_unit_test(zero_network),
        cmocka_unit_test(soft_threshold),
        cmocka_unit_test(regulariser_lower_bound),
        cmocka_unit_test(multipliers),
        cmocka_unit_test(weights_repeat_rows),
        cmocka_unit_test(monitor),
        cmocka_unit_test(squares_that_underflow),
        cmocka_unit_test(a_group_that_overflows),
    };
    return cmocka_run_group_tests_name("certificate", tests, NULL, NULL);
}
