/* Attacked copies: what they prove of robust optima, and what they must not. */
#include "base/linalg.h"
#include "base/random.h"
#include "core/certificate.h"
#include "core/rank_reduction.h"
#include "core/worst_case.h"
#include "tests/support/support.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const zg_loss losses[] = {{ZG_LOSS_SQUARED, 1.0},       {ZG_LOSS_ABSOLUTE, 1.0},
                                 {ZG_LOSS_HUBER, 0.7},         {ZG_LOSS_HINGE, 1.0},
                                 {ZG_LOSS_SQUARED_HINGE, 1.0}, {ZG_LOSS_LOGISTIC, 1.0}};
enum { LOSSES = sizeof losses / sizeof *losses, N = 12, D = 3 };

static zg_problem *make_problem(zg_random *random, int which, double radius)
{
    zg_error error = {0};
    zg_activation activation = which % 2 ? TEST_RELU2 : TEST_QUADRATIC;
    zg_problem *problem =
        test_random_problem(random, N, D, activation, "dense", losses[which % LOSSES], 0.3);
    assert_ok(zg_problem_make_robust(problem, radius, &error), &error);
    return problem;
}

static zg_network *random_network(zg_random *random, const zg_problem *problem, double size)
{
    zg_network *network;
    zg_error error = {0};
    assert_ok(zg_network_create(problem, &network, &error), &error);
    for (int j = 0; j < 4; j++) {
        double u[D], alpha;
        test_normals(random, D, u);
        test_normals(random, 1, &alpha);
        double norm = zg_norm(D, u);
        for (int k = 0; k < D; k++)
            u[k] /= norm;
        assert_int_equal(zg_network_add(network, 0, u, 0, size * alpha), ZG_OK);
    }
    return network;
}

/* Random shifts of up to twice the radius, which are pulled in, with random weights. */
static void random_attacks(zg_random *random, const zg_problem *problem, zg_attacks *out)
{
    double shift[D], v;
    zg_attacks_empty(out);
    for (size_t k = 0; k < 4 * N; k++) {
        test_normals(random, D, shift);
        test_normals(random, 1, &v);
        double norm = zg_norm(D, shift);
        for (size_t j = 0; j < D; j++)
            shift[j] *= 2 * problem->robust * zg_random_uniform(random) / norm;
        assert_int_equal(zg_attacks_add(problem, out, k % N, shift, v), ZG_OK);
    }
}

/* ---- copies ---------------------------------------------------------------------------------- */

static void a_copy_that_is_added_is_inside_its_ball_in_exact_arithmetic(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 3);
    static const double radii[] = {1e-9, 1e-3, 0.1, 1, 1e3, 1e-90};
    for (int round = 0; round < test_rounds(200); round++) {
        zg_problem *problem = make_problem(&random, round, radii[round % 6]);
        zg_attacks attacks = {0};
        random_attacks(&random, problem, &attacks);
        assert_true(attacks.count > 0);
        for (size_t k = 0; k < attacks.count; k++) {
            const double *row = problem->x + attacks.owner[k] * D;
            assert_true(zg_attack_is_inside(D, row, attacks.x + k * D, problem->robust));
            long double sum = 0;
            for (size_t j = 0; j < D; j++)
                sum += powl((long double)attacks.x[k * D + j] - row[j], 2);
            assert_true(sum <= (long double)problem->robust * problem->robust);
        }
        zg_attacks_clear(&attacks);
        zg_problem_free(problem);
    }
}

static void copies_outside_their_balls_prove_nothing(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 4);
    for (int round = 0; round < test_rounds(50); round++) {
        zg_problem *problem = make_problem(&random, round, 0.25);
        zg_attacks attacks = {0};
        zg_attack_bound bound;
        random_attacks(&random, problem, &attacks);
        assert_int_equal(zg_attacks_bound(problem, &attacks, &bound), ZG_OK);
        size_t k = (size_t)round % attacks.count;
        static const double far[] = {0.26, 0.2500001, NAN, INFINITY, 1e200};
        for (size_t f = 0; f < 5; f++) {
            zg_attacks moved = {0};
            assert_int_equal(zg_attacks_copy(&attacks, &moved), ZG_OK);
            memcpy(moved.x + k * D, problem->x + moved.owner[k] * D, D * sizeof(double));
            moved.x[k * D] += far[f];
            assert_int_equal(zg_attacks_bound(problem, &moved, &bound), ZG_BAD_INPUT);
            assert_true(bound.value == 0.0);
            zg_attacks_clear(&moved);
        }
        attacks.owner[k] = N;
        assert_int_equal(zg_attacks_bound(problem, &attacks, &bound), ZG_BAD_INPUT);
        zg_attacks_clear(&attacks);
        zg_problem_free(problem);
    }
}

static void no_bound_is_above_what_a_network_attains_at_its_worst(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 5);
    for (int round = 0; round < test_rounds(600); round++) {
        zg_problem *problem = make_problem(&random, round, round % 5 ? 0.3 : 2.0);
        double sizes[] = {0.0, 0.01, 0.3, 3.0}, objective;
        zg_network *network = random_network(&random, problem, sizes[round % 4]);
        zg_attacks attacks = {0};
        zg_attack_bound bound;
        if (round % 3)
            assert_int_equal(zg_worst_case_attacks(network, problem, &attacks), ZG_OK);
        else
            random_attacks(&random, problem, &attacks);
        if (round % 7 == 0 && attacks.count) attacks.v[0] = NAN;
        if (round % 11 == 0 && attacks.count) attacks.v[attacks.count - 1] = -INFINITY;
        assert_int_equal(zg_attacks_bound(problem, &attacks, &bound), ZG_OK);
        for (int other = 0; other < 4; other++) {
            zg_network *rival = random_network(&random, problem, sizes[other]);
            assert_int_equal(zg_network_objective(rival, problem, &objective, NULL, NULL), ZG_OK);
            assert_true(bound.value <= objective);
            zg_network_free(rival);
        }
        zg_attacks_clear(&attacks);
        zg_network_free(network);
        zg_problem_free(problem);
    }
}

/* The formulas of the page, summed plainly. */
static double plain_dual(const zg_problem *p, const zg_attacks *a, double s)
{
    double value = 0;
    for (size_t i = 0; i < N; i++) {
        double sum = 0, total = 0;
        for (size_t k = 0; k < a->count; k++)
            if (a->owner[k] == i) {
                sum += s * a->v[k];
                total += fabs(s * a->v[k]);
            }
        switch (p->loss.kind) {
        case ZG_LOSS_SQUARED:
        case ZG_LOSS_HUBER:
        case ZG_LOSS_SQUARED_HINGE:
            value += p->y[i] * sum - total * total / 2;
            break;
        case ZG_LOSS_LOGISTIC:
            if (total > 0 && total < 1) value -= total * log(total) + (1 - total) * log(1 - total);
            break;
        default:
            value += p->y[i] * sum;
        }
    }
    return value;
}

static void the_dual_value_is_that_of_the_formulas(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 6);
    for (int round = 0; round < test_rounds(300); round++) {
        zg_problem *problem = make_problem(&random, round, 0.2);
        zg_attacks attacks = {0};
        zg_attack_bound bound;
        random_attacks(&random, problem, &attacks);
        assert_int_equal(zg_attacks_bound(problem, &attacks, &bound), ZG_OK);
        for (int k = 0; k < 4; k++) {
            double s = 0.25 * (k + 1) * (bound.scale > 0 && bound.scale < 1 ? bound.scale : 0.9);
            double safe = zg_attacks_dual_below(problem, &attacks, s);
            double plain = plain_dual(problem, &attacks, s);
            assert_close(safe, plain, 1e-12);
            assert_true(safe <= plain + 1e-13 * fabs(plain));
        }
        assert_true(isinf(zg_attacks_dual_below(problem, &attacks, -1.0)));
        zg_attacks_clear(&attacks);
        zg_problem_free(problem);
    }
}

/* ---- worst cases ------------------------------------------------------------------------------- */

static void no_point_of_a_ball_costs_more_than_the_worst_prediction(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 7);
    for (int round = 0; round < test_rounds(120); round++) {
        zg_problem *problem = make_problem(&random, round, round % 4 ? 0.4 : 1e-6);
        zg_network *network = random_network(&random, problem, 1.0);
        double worst[N];
        assert_int_equal(zg_worst_predictions(network, problem, worst), ZG_OK);
        for (size_t i = 0; i < N; i++) {
            double most = zg_loss_value(problem->loss, 1, worst + i, problem->y + i, NULL);
            for (int k = 0; k < 60; k++) {
                double x[D], shift[D], f;
                test_normals(&random, D, shift);
                double length =
                    problem->robust * pow(zg_random_uniform(&random), 1.0 / D) / zg_norm(D, shift);
                for (size_t j = 0; j < D; j++)
                    x[j] = problem->x[i * D + j] + length * (1 - 1e-12) * shift[j];
                assert_int_equal(zg_network_evaluate(network, 1, x, &f), ZG_OK);
                assert_true(zg_loss_value(problem->loss, 1, &f, problem->y + i, NULL) <=
                            most * (1 + 1e-12) + 1e-13);
            }
        }
        zg_network_free(network);
        zg_problem_free(problem);
    }
}

static void the_worst_prediction_is_attained_at_the_worst_point(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 8);
    for (int round = 0; round < test_rounds(120); round++) {
        zg_problem *problem = make_problem(&random, round, 0.4);
        zg_network *network = random_network(&random, problem, 1.0);
        zg_worst_cases cases;
        zg_error error = {0};
        assert_ok(zg_worst_cases_create(network, problem, true, &cases, &error), &error);
        for (size_t k = 0; k < cases.sides * N; k++) {
            double f;
            assert_int_equal(zg_network_evaluate(network, 1, cases.point + k * D, &f), ZG_OK);
            int sign = zg_worst_case_sign(problem, k / N, k % N);
            assert_close(sign * f, cases.bound[k], 1e-9);
            assert_true(sign * f >= cases.bound[k]);
        }
        zg_worst_cases_clear(&cases);
        zg_network_free(network);
        zg_problem_free(problem);
    }
}

static void a_robust_objective_is_never_below_the_plain_one(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 9);
    for (int round = 0; round < test_rounds(60); round++) {
        zg_problem *problem = make_problem(&random, round, 0.0);
        zg_network *network = random_network(&random, problem, 1.0);
        double last = -INFINITY, radii[] = {0.0, 1e-8, 0.1, 0.3, 1.0};
        for (int k = 0; k < 5; k++) {
            double objective;
            assert_int_equal(zg_problem_make_robust(problem, radii[k], NULL), ZG_OK);
            assert_int_equal(zg_network_objective(network, problem, &objective, NULL, NULL), ZG_OK);
            assert_true(objective >= last * (1 - 1e-14));
            last = objective;
        }
        zg_network_free(network);
        zg_problem_free(problem);
    }
}

/* No attack found on a row that counts as robust; the share shrinks with the radius. */
static void robust_accuracy_is_the_share_of_rows_without_an_attack(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 13);
    for (int round = 0; round < test_rounds(60); round++) {
        zg_problem *problem = make_problem(&random, 3 + round % 3, 0.0);
        zg_network *network = random_network(&random, problem, 1.0);
        double last = 1.0, radii[] = {1e-9, 0.1, 0.4, 2.0}, worst[N];
        for (int k = 0; k < 4; k++) {
            assert_int_equal(zg_problem_make_robust(problem, radii[k], NULL), ZG_OK);
            double share = zg_robust_accuracy(network, problem), kept = 0;
            assert_int_equal(zg_worst_predictions(network, problem, worst), ZG_OK);
            for (int i = 0; i < N; i++)
                kept += worst[i] * problem->y[i] > 0 ? 1.0 / N : 0.0;
            assert_close(share, kept, 1e-12);
            assert_true(share <= last);
            last = share;
        }
        problem->y[0] = 0.5;
        assert_true(isnan(zg_robust_accuracy(network, problem)));
        zg_network_free(network);
        zg_problem_free(problem);
    }
}

/* Its points are robust accuracies at their radii, found by one bound a row instead of a distance.
 * The last radius is a row's distance itself, where both give way to their own rounding: with some
 * kernels of OpenBLAS by up to 3e-9 of it. */
static void the_robust_curve_is_robust_accuracy_at_each_radius(void **state)
{
    (void)state;
    enum { POINTS = 9 };
    const double apart = 1e-7;
    double radius[POINTS], share[POINTS];
    zg_random random;
    zg_random_seed(&random, 14);
    for (int round = 0; round < test_rounds(30); round++) {
        zg_problem *problem = make_problem(&random, 3 + round % 3, 0.0);
        zg_network *network = random_network(&random, problem, 1.0);
        zg_status status = zg_robust_curve(network, problem, 0.5, POINTS, radius, share);
        assert_int_equal(status, ZG_OK);
        assert_true(radius[0] == 0.0 && radius[POINTS - 1] >= 0.5);
        for (int k = 1; k < POINTS; k++) {
            assert_true(radius[k] > radius[k - 1] && share[k] <= share[k - 1]);
            assert_int_equal(zg_problem_make_robust(problem, radius[k] * (1 + apart), NULL), ZG_OK);
            double outside = zg_robust_accuracy(network, problem);
            assert_int_equal(zg_problem_make_robust(problem, radius[k] * (1 - apart), NULL), ZG_OK);
            assert_true(outside <= share[k] && share[k] <= zg_robust_accuracy(network, problem));
        }
        problem->y[0] = 0.5;
        assert_int_equal(zg_robust_curve(network, problem, 0.5, POINTS, radius, share),
                         ZG_UNSUPPORTED);
        zg_network_free(network);
        zg_problem_free(problem);
    }
}

static void what_has_no_robust_problem_is_refused(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 10);
    zg_problem *problem = make_problem(&random, 0, 0.1);
    static const double bad[] = {-0.1, NAN, INFINITY, 1e-200, 1e160};
    for (size_t k = 0; k < 5; k++)
        assert_int_equal(zg_problem_make_robust(problem, bad[k], NULL), ZG_BAD_INPUT);
    assert_true(problem->robust == 0.1);
    problem->loss.kind = ZG_LOSS_INTERPOLATE;
    assert_int_equal(zg_problem_make_robust(problem, 0.1, NULL), ZG_UNSUPPORTED);
    problem->loss.kind = ZG_LOSS_SQUARED;
    problem->preprocess.bias = true;
    assert_int_equal(zg_problem_make_robust(problem, 0.1, NULL), ZG_UNSUPPORTED);
    problem->preprocess.bias = false;
    problem->penalty.kind = ZG_PENALTY_POWER;
    assert_int_equal(zg_problem_make_robust(problem, 0.1, NULL), ZG_UNSUPPORTED);
    problem->penalty.kind = ZG_PENALTY_L1;
    problem->outputs = 2;
    assert_int_equal(zg_problem_make_robust(problem, 0.1, NULL), ZG_UNSUPPORTED);
    problem->outputs = 1;
    problem->neuron_set.kind = ZG_SET_BINARY;
    assert_int_equal(zg_problem_make_robust(problem, 0.1, NULL), ZG_UNSUPPORTED);
    assert_int_equal(zg_problem_make_robust(problem, 0, NULL), ZG_OK);
    assert_int_equal(zg_problem_pataki_bound(problem), 0); /* that is of the sphere's cones */
    problem->neuron_set.kind = ZG_SET_SPHERE;
    assert_true(zg_problem_pataki_bound(problem) > 0);
    zg_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_that_is_added_is_inside_its_ball_in_exact_arithmetic),
        cmocka_unit_test(copies_outside_their_balls_prove_nothing),
        cmocka_unit_test(no_bound_is_above_what_a_network_attains_at_its_worst),
        cmocka_unit_test(the_dual_value_is_that_of_the_formulas),
        cmocka_unit_test(no_point_of_a_ball_costs_more_than_the_worst_prediction),
        cmocka_unit_test(the_worst_prediction_is_attained_at_the_worst_point),
        cmocka_unit_test(a_robust_objective_is_never_below_the_plain_one),
        cmocka_unit_test(robust_accuracy_is_the_share_of_rows_without_an_attack),
        cmocka_unit_test(the_robust_curve_is_robust_accuracy_at_each_radius),
        cmocka_unit_test(what_has_no_robust_problem_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
