/* Objectives and bounds from sums, against extended precision over the rows as they are. */
#include "base/linalg.h"
#include "core/sphere.h"
#include "solvers/stream_judge.h"
#include "tests/solvers/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 2500, INPUTS = 4, ORDER = INPUTS + 1, FEATURES = ORDER * (ORDER + 1) / 2 };

typedef struct scene {
    zg_problem *problem;
    zg_basis *basis;
    zg_sums *sums;
    zg_sums_origin *origin; /* or NULL */
} scene;

/* Rows about offset whose targets are a quadratic of them and noise. */
static void scene_create(zg_random *random, double offset, double noise, scene *out)
{
    double *x = malloc(sizeof(double[ROWS * INPUTS])), *y = malloc(sizeof(double[ROWS]));
    zg_architecture dense = {0};
    zg_error error = {0};
    test_normals(random, ROWS * INPUTS, x);
    test_normals(random, ROWS, y);
    for (size_t i = 0; i < ROWS; i++) {
        const double *row = x + i * INPUTS;
        y[i] = noise * y[i] + row[0] * row[1] - 0.5 * row[2];
    }
    for (size_t i = 0; i < ROWS * INPUTS; i++)
        x[i] += offset;
    assert_ok(zg_problem_from_arrays(ROWS, INPUTS, x, 1, y, NULL, TEST_RELU2, &dense,
                                     (zg_loss){ZG_LOSS_SQUARED, 1.0}, (zg_penalty){0}, 1.0,
                                     &out->problem, &error),
              &error);
    const zg_problem *p = out->problem;
    assert_int_equal(zg_basis_create(p->activation, &p->patches, 1000, x, &out->basis), ZG_OK);
    assert_ok(zg_sums_create_in(out->basis, p->activation, &p->patches, 1, &out->sums, &error),
              &error);
    zg_sums_add(out->sums, ROWS, p->x, p->y, ROWS, NULL);
    zg_sums_finish(out->sums);
    out->origin = NULL;
    free(x);
    free(y);
}

static void scene_move(scene *s, const double *fit)
{
    assert_int_equal(zg_sums_origin_create(s->sums, fit, &s->origin), ZG_OK);
    zg_sums_origin_add(s->origin, ROWS, s->problem->x, s->problem->y, ROWS);
    zg_sums_origin_finish(s->origin);
}

static void scene_clear(scene *s)
{
    zg_sums_origin_free(s->origin);
    zg_sums_free(s->sums);
    zg_basis_free(s->basis);
    zg_problem_free(s->problem);
}

/* A fit near least squares, size being the part of it that is noise. */
static void near_least_squares(const scene *s, zg_random *random, double size, double *fit)
{
    double *gram = malloc(sizeof(double[FEATURES * FEATURES])), noise[FEATURES];
    memcpy(gram, s->sums->gram, sizeof(double[FEATURES * FEATURES]));
    memcpy(fit, s->sums->moments, sizeof(double[FEATURES]));
    assert_int_equal(zg_cholesky(FEATURES, gram), ZG_OK);
    zg_cholesky_solve(FEATURES, gram, 1, fit);
    test_normals(random, FEATURES, noise);
    for (size_t k = 0; k < FEATURES; k++)
        fit[k] *= 1.0 + size * noise[k];
    free(gram);
}

/* What v = y - Phi (f0 + fit) bounds, from the rows. */
static double expected_bound(const scene *s, const double *fit)
{
    const zg_problem *p = s->problem;
    long double t[ORDER * ORDER] = {0}, linear = 0, square = 0;
    for (size_t i = 0; i < ROWS; i++) {
        long double x[ORDER], v = p->y[i];
        const double *row = p->x + i * INPUTS;
        for (size_t k = 0; k < INPUTS; k++)
            x[k] = ((long double)row[k] - s->basis->centre[k]) / s->basis->scale[k];
        x[INPUTS] = 1;
        for (size_t j = 0, k = 0; j < ORDER; j++)
            for (size_t l = 0; l <= j; l++, k++) {
                long double total = (s->origin ? (long double)s->origin->fit[k] : 0) + fit[k];
                v -= total * x[l] * x[j] * (l < j ? sqrtl(2) : 1);
            }
        for (size_t j = 0; j < ORDER; j++)
            for (size_t l = 0; l < ORDER; l++) {
                bool border = j == INPUTS || l == INPUTS, corner = j == INPUTS && l == INPUTS;
                long double factor = corner   ? p->activation.c
                                     : border ? p->activation.b / 2.0L
                                              : p->activation.a;
                t[j * ORDER + l] += v * factor * (l < INPUTS ? (long double)row[l] : 1) *
                                    (j < INPUTS ? (long double)row[j] : 1);
            }
        linear += v * p->y[i];
        square += v * v;
    }
    double q[INPUTS * INPUTS], g[INPUTS], value[2], rho[2], corner = (double)t[ORDER * ORDER - 1];
    for (size_t j = 0; j < INPUTS; j++) {
        g[j] = (double)t[j * ORDER + INPUTS];
        for (size_t l = 0; l < INPUTS; l++)
            q[j * INPUTS + l] = (double)t[j * ORDER + l];
    }
    assert_int_equal(zg_sphere_maxima(INPUTS, q, g, value, rho), ZG_OK);
    long double lambda = fmax(value[0] + corner, value[1] - corner);
    long double scale = fminl(p->beta / lambda, linear / square);
    return (double)(scale * linear - scale * scale * square / 2);
}

static double expected_objective(const scene *s, const zg_network *network)
{
    const zg_problem *p = s->problem;
    long double loss = 0, penalty = 0;
    for (size_t j = 0; j < network->count; j++)
        penalty += fabsl((long double)network->alpha[j]);
    for (size_t i = 0; i < ROWS; i++) {
        long double v = p->y[i];
        for (size_t j = 0; j < network->count; j++) {
            long double z = 0;
            for (size_t k = 0; k < INPUTS; k++)
                z += (long double)network->u[j * INPUTS + k] * p->x[i * INPUTS + k];
            v -= network->alpha[j] *
                 ((p->activation.a * z + p->activation.b) * z + (long double)p->activation.c);
        }
        loss += v * v;
    }
    return (double)(loss / 2 + p->beta * penalty);
}

static void bound_of_any_fit_is_below(void **state)
{
    (void)state;
    static const double offsets[] = {0.0, 30.0, 1e3}, noises[] = {0.3, 1e-4};
    zg_random random;
    zg_random_seed(&random, 51);
    for (size_t k = 0; k < 24; k++) {
        scene s;
        zg_sums_judge judge;
        double fit[FEATURES], step[FEATURES], bound, size = k % 2 ? 1e-12 : 1e-3;
        scene_create(&random, offsets[k % 3], noises[k / 3 % 2], &s);
        assert_int_equal(zg_sums_judge_create(s.sums, 0, s.problem->beta, &judge), ZG_OK);
        near_least_squares(&s, &random, size, fit);
        double expected = expected_bound(&s, fit);
        assert_int_equal(zg_sums_bound(&judge, fit, &bound), ZG_OK);
        assert_true(bound <= expected + 1e-12 * fabs(expected));

        scene_move(&s, fit);
        zg_sums_judge_move(&judge, s.origin);
        test_normals(&random, FEATURES, step);
        for (size_t e = 0; e < FEATURES; e++)
            step[e] *= k < 12 ? 0.0 : 1e-9 * fit[e];
        expected = expected_bound(&s, step);
        assert_int_equal(zg_sums_bound(&judge, step, &bound), ZG_OK);
        assert_true(bound <= expected + 1e-12 * fabs(expected));
        assert_true(bound >= expected - 1e-9 * fabs(expected));
        zg_sums_judge_clear(&judge);
        scene_clear(&s);
    }
}

static void objective_of_any_network_is_above(void **state)
{
    (void)state;
    static const double offsets[] = {0.0, 30.0, 1e3};
    zg_random random;
    zg_random_seed(&random, 52);
    for (size_t k = 0; k < 12; k++) {
        scene s;
        zg_sums_judge judge;
        zg_network *network;
        double fit[FEATURES], doubt, tighter;
        scene_create(&random, offsets[k % 3], 0.3, &s);
        assert_int_equal(zg_sums_judge_create(s.sums, 0, s.problem->beta, &judge), ZG_OK);
        assert_int_equal(zg_network_create(s.problem, &network, NULL), ZG_OK);
        for (size_t j = 0; j < 6; j++) {
            double u[INPUTS], size = 1.0 + offsets[k % 3];
            test_normals(&random, INPUTS, u);
            double norm = zg_norm(INPUTS, u);
            for (size_t i = 0; i < INPUTS; i++)
                u[i] /= norm;
            assert_int_equal(zg_network_add(network, 0, u, 0, (j % 2 ? 1.0 : -1.0) / size / size),
                             ZG_OK);
        }
        double expected = expected_objective(&s, network);
        double objective = zg_sums_objective(&judge, network, &doubt);
        assert_true(objective >= expected * (1.0 - 1e-14));
        assert_true(objective <= expected * (1.0 + 1e-14) + 2.0 * doubt);
        near_least_squares(&s, &random, 1e-3, fit);
        scene_move(&s, fit);
        zg_sums_judge_move(&judge, s.origin);
        objective = zg_sums_objective(&judge, network, &tighter);
        assert_true(objective >= expected * (1.0 - 1e-14));
        assert_true(objective <= expected * (1.0 + 1e-14) + 2.0 * tighter);
        zg_network_free(network);
        zg_sums_judge_clear(&judge);
        scene_clear(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bound_of_any_fit_is_below),
        cmocka_unit_test(objective_of_any_network_is_above),
    };
    return cmocka_run_group_tests_name("stream_judge", tests, NULL, NULL);
}
