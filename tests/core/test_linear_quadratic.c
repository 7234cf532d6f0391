/* Linear-quadratic control and definite quadratics: equations that their solutions must satisfy,
 * and values of SciPy's solvers (solve_discrete_are, solve_discrete_lyapunov). */
#include "core/certificate.h"
#include "core/linear_quadratic.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ORDER 8

static double trace(size_t n, const double *a)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i * n + i];
    return sum;
}

static zg_lq *make(const char *name)
{
    zg_error error = {0};
    zg_lq *lq = NULL;
    assert_ok(zg_lq_create(name, 1, &lq, &error), &error);
    return lq;
}

static void close_to(double found, double expected)
{
    assert_true(fabs(found - expected) <= 1e-9 * fmax(1, fabs(expected)));
}

static void optimal_policies_are_those_of_scipy(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double of_h0, of_h, of_p, gain, first;
    } known[] = {
        {"double-integrator", 41.4763688257, 41.0613897653, 35.6915177825, 0.9170745631, 1},
        {"random", 207.833050386, 46.7115532265, 9.03755927718, 0.1040685993, 1},
        {"quadrotor", 3255.12744669, 74.840482239, 56.7190708497, 2.855754433, 2},
        {"observer", 66.5301892634, NAN, 1.14005402654, -0.4069190793, 1},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        zg_error error = {0};
        zg_lq *lq = make(known[i].name);
        size_t order = lq->window + lq->inputs;
        double h[ORDER * ORDER], k[ORDER * ORDER], p[ORDER * ORDER];
        assert_ok(zg_lq_q_function(lq, lq->k, h, &error), &error);
        close_to(trace(order, h), known[i].of_h0);
        assert_ok(zg_lq_optimum(lq, k, p, &error), &error);
        close_to(trace(lq->states, p), known[i].of_p);
        close_to(k[(size_t)known[i].first - 1], known[i].gain);
        assert_ok(zg_lq_q_function(lq, k, h, &error), &error);
        if (!isnan(known[i].of_h)) close_to(trace(order, h), known[i].of_h);
        zg_lq_free(lq);
    }
}

/* x'Px and z'Hz are what roll-outs cost, with a discount and without; a state's window says as much
 * as the state. */
static void measured_costs_are_those_of_the_equations(void **state)
{
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        size_t count;
        zg_error error = {0};
        zg_lq *lq = make(zg_lq_names(&count)[i % 4]);
        lq->discount = i < 4 ? 1 : 0.9;
        size_t order = lq->window + lq->inputs;
        double h[ORDER * ORDER];
        zg_dataset *rows;
        const zg_lq_sampling sampling = {
            .rows = 20, .seed = 8, .discount = lq->discount, .explore = true};
        assert_ok(zg_lq_q_function(lq, lq->k, h, &error), &error);
        assert_ok(zg_lq_rows(lq, &sampling, &rows, &error), &error);
        for (size_t r = 0; r < 20; r++) {
            const double *z = rows->x + r * order;
            double cost = 0;
            for (size_t a = 0; a < order; a++)
                for (size_t b = 0; b < order; b++)
                    cost += z[a] * h[a * order + b] * z[b];
            assert_true(fabs(cost - rows->t[r]) <= 1e-11 * rows->t[r]);
        }
        zg_dataset_free(rows);
        zg_lq_free(lq);
    }
}

static void better_policies_cost_less_and_end_at_the_optimum(void **state)
{
    (void)state;
    size_t count;
    const char *const *names = zg_lq_names(&count);
    for (size_t i = 0; i < count; i++) {
        zg_error error = {0};
        zg_lq *lq = make(names[i]);
        double p[ORDER * ORDER], best[ORDER * ORDER], cost = INFINITY;
        assert_ok(zg_lq_optimum(lq, best, NULL, &error), &error);
        for (int step = 0; step < 12; step++) {
            assert_ok(zg_lq_value(lq, lq->k, p, &error), &error);
            assert_true(trace(lq->states, p) <= cost * (1 + 1e-12));
            cost = trace(lq->states, p);
            assert_ok(zg_lq_improve(lq, 1, &error), &error);
        }
        for (size_t j = 0; j < lq->inputs * lq->states; j++)
            close_to(lq->k[j], best[j]);
        zg_lq_free(lq);
    }
}

static void policies_without_a_value_are_refused(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_lq *lq = NULL;
    double p[4];
    assert_ok(zg_lq_parse("1, 0.1; 0, 1", "0.005; 0.1", "1,0;0,1", "1", NULL, 1, &lq, &error),
              &error);
    assert_int_equal(zg_lq_value(lq, lq->k, p, &error), ZG_BAD_INPUT);
    zg_lq_free(lq);
    lq = NULL;
    const char *const bad[][4] = {{"1,2;3", "1;1", "1,0;0,1", "1"},
                                  {"1,0;0,1", "1", "1,0;0,1", "1"},
                                  {"1", "1", "-1", "1"},
                                  {"1", "1", "1", "0"},
                                  {"1", "1", "1,2", "1"},
                                  {"nan", "1", "1", "1"},
                                  {"", "1", "1", "1"},
                                  {"1,0;0,1", "1;1", "1,2;0,1", "1"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(
            zg_lq_parse(bad[i][0], bad[i][1], bad[i][2], bad[i][3], NULL, 1, &lq, &error),
            ZG_BAD_INPUT);
        assert_null(lq);
    }
}

/* d = 1 has the optimum of a parabola: y = p x^2, sum of x^4 = g, p* = beta p - beta^2 / (2 g). */
static void the_closed_form_is_that_of_a_parabola(void **state)
{
    (void)state;
    const double x[] = {1, 2, -1}, y[] = {3, 12, 3};
    double optimum;
    zg_error error = {0};
    assert_ok(zg_definite_optimum(3, 1, x, y, 2, false, &optimum, &error), &error);
    close_to(optimum, 2 * 3 - 4 / (2.0 * 18));
    assert_ok(zg_definite_optimum(3, 1, x, y, 2, true, &optimum, &error), &error);
    close_to(optimum, 6);
    /* Beyond beta = p g the best fit is no longer positive, and the formula is wrong. */
    assert_ok(zg_definite_optimum(3, 1, x, y, 55, false, &optimum, &error), &error);
    assert_true(isnan(optimum));
    const double negative[] = {-3, -12, -3}, noisy[] = {3, 12, 4};
    assert_ok(zg_definite_optimum(3, 1, x, negative, 2, false, &optimum, &error), &error);
    assert_true(isnan(optimum));
    assert_ok(zg_definite_optimum(3, 1, x, noisy, 2, true, &optimum, &error), &error);
    assert_true(isnan(optimum)); /* nothing interpolates */
    assert_ok(zg_definite_optimum(3, 3, x, y, 2, false, &optimum, &error), &error);
    assert_true(isnan(optimum)); /* too few rows */
}

/* f = w x^2, g = sum x^4: the objective's distance from the optimum is g (w - w*)^2 / 2, so that
 * the bound on predictions is met with equality. */
static void optima_are_as_near_as_their_objective_says(void **state)
{
    (void)state;
    const double x[] = {1, 2, -1}, y[] = {3, 12, 3}, g = 18, beta = 2, w = 2.5;
    const zg_architecture dense = {.kind = ZG_DENSE};
    const zg_activation quadratic = {1, 0, 0};
    zg_error error = {0};
    zg_problem *problem = NULL;
    assert_ok(zg_problem_from_arrays(3, 1, x, 1, y, NULL, quadratic, &dense,
                                     (zg_loss){.kind = ZG_LOSS_SQUARED}, (zg_penalty){0}, beta,
                                     &problem, &error),
              &error);
    double best = 3 - beta / g, optimum = 2 * 3 - beta * beta / (2 * g);
    zg_certificate c = {.objective = 0.5 * g * (3 - w) * (3 - w) + beta * w, .bound = optimum};
    close_to(zg_vicinity(problem, &c), sqrt(g) * (best - w));
    assert_true(zg_vicinity(problem, &c) >= sqrt(g) * (best - w) * (1 - 1e-15));
    c.rounding = 1;
    close_to(zg_vicinity(problem, &c), sqrt(g * (best - w) * (best - w) + 2));
    c.bound = c.objective + 2; /* contradicting numbers prove nothing */
    assert_true(isnan(zg_vicinity(problem, &c)));
    c.bound = -INFINITY;
    assert_true(isnan(zg_vicinity(problem, &c)));
    c.bound = optimum;
    problem->loss.kind = ZG_LOSS_LOGISTIC;
    assert_true(isnan(zg_vicinity(problem, &c)));
    problem->loss.kind = ZG_LOSS_SQUARED;
    zg_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimal_policies_are_those_of_scipy),
        cmocka_unit_test(measured_costs_are_those_of_the_equations),
        cmocka_unit_test(better_policies_cost_less_and_end_at_the_optimum),
        cmocka_unit_test(policies_without_a_value_are_refused),
        cmocka_unit_test(the_closed_form_is_that_of_a_parabola),
        cmocka_unit_test(optima_are_as_near_as_their_objective_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
