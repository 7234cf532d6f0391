/* The semidefinite program of a training dual: cones against the lift's adjoint, losses against
 * their dual values, validation, and the error measures. */
#include "base/linalg.h"
#include "solvers/sdp.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const loss_names[] = {"squared", "absolute",      "huber:0.7",
                                         "hinge",   "squared-hinge", "interpolate"};
enum { LOSSES = 6 };
static const char *const architectures[] = {"dense", "conv1d:filter=3,stride=1,pool=none",
                                            "conv1d:filter=2,stride=2,pool=global"};

static zg_loss loss_of(const char *name)
{
    zg_loss loss;
    assert_ok(zg_loss_parse(name, &loss, NULL), NULL);
    return loss;
}

/* Values of matrix number `matrix` in one block, symmetric and full. */
static void dense_block(const zg_sdp *sdp, size_t matrix, size_t block, double *out)
{
    size_t order = sdp->blocks[block].order;
    memset(out, 0, order * order * sizeof *out);
    for (size_t p = 0; p < sdp->piece_count; p++) {
        const zg_sdp_piece *piece = &sdp->pieces[p];
        if (piece->matrix != matrix || piece->block != block) continue;
        for (size_t e = piece->first; e < piece->first + piece->count; e++) {
            size_t i = (size_t)sdp->row[e] - 1, j = (size_t)sdp->column[e] - 1;
            out[i * order + j] = out[j * order + i] = sdp->value[e];
        }
    }
}

/* slack (order x order) = sum y_k A_k - C in one block. */
static void dense_slack(const zg_sdp *sdp, const double *y, size_t block, double *slack)
{
    size_t order = sdp->blocks[block].order;
    double *one = zg_doubles(order * order);
    memset(slack, 0, order * order * sizeof *slack);
    for (size_t k = 0; k <= sdp->variables; k++) {
        dense_block(sdp, k, block, one);
        zg_axpy(order * order, k ? y[k - 1] : -1, one, slack);
    }
    free(one);
}

/* Unscaled, the cones are beta E + rho R -+ T(v), with T by the lift. */
static void check_cones(const zg_problem *problem, zg_random *random)
{
    zg_program program = zg_problem_program(problem, 0);
    const zg_lift *lift = program.lift;
    size_t m = lift->order, n = lift->samples;
    zg_sdp *sdp;
    zg_error error = {0};
    assert_ok(zg_sdp_create(&program, ZG_SDP_PLAIN, &sdp, &error), &error);
    assert_ok(zg_sdp_validate(sdp, &error), &error);
    double *y = zg_doubles(sdp->variables), *slack = zg_doubles(m * m), *t = zg_doubles(m * m);
    double *work = zg_doubles(zg_lift_work(lift));
    test_normals(random, sdp->variables, y);
    for (size_t b = 0; b < 2 * lift->groups; b++) {
        dense_slack(sdp, y, b, slack);
        zg_lift_adjoint(lift, b / 2, y, t, work);
        for (size_t j = 0; j < m; j++)
            for (size_t i = 0; i < m; i++) {
                double expected = (b % 2 ? 1 : -1) * t[j * m + i];
                if (i == j && (!lift->bordered || j + 1 == m)) expected += program.beta;
                if (i == j && lift->bordered) expected += (j + 1 < m ? 1 : -1) * y[n + b];
                assert_close(slack[j * m + i], expected, 1e-12);
            }
    }
    free(y);
    free(slack);
    free(t);
    free(work);
    zg_sdp_free(sdp);
}

static void cones_are_the_lift(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 1);
    for (int round = 0; round < test_rounds(3); round++)
        for (int a = 0; a < 3; a++)
            for (int l = 0; l < LOSSES; l++) {
                zg_activation activation = round % 2 ? TEST_QUADRATIC : TEST_RELU2;
                zg_problem *problem = test_random_problem(
                    &random, 7, 4, activation, architectures[a], loss_of(loss_names[l]), 0.3);
                check_cones(problem, &random);
                zg_problem_free(problem);
            }
}

/* Sets the epigraph variables to the least that their blocks allow; false: v leaves its bounds. */
static bool complete_dual(const zg_sdp *sdp, double *y)
{
    for (size_t b = 2 * sdp->groups; b < sdp->block_count; b++) {
        const zg_sdp_block *block = &sdp->blocks[b];
        double *slack = zg_doubles(block->order * block->order);
        dense_slack(sdp, y, b, slack);
        bool inside = true;
        for (size_t j = 0; block->diagonal && j < block->order; j++)
            inside = inside && slack[j * block->order + j] >= -1e-12;
        if (!block->diagonal) { /* [s, x; x, t]: t = x^2 / s */
            size_t variable =
                sdp->samples + (sdp->bordered ? 2 * sdp->groups : 0) + b - 2 * sdp->groups;
            y[variable] += slack[1] * slack[1] / slack[0] - slack[3];
        }
        free(slack);
        if (!inside) return false;
    }
    return true;
}

/* Every scaling has the same objective: -cost'y / objective_scale = D(v). */
static void check_objective(const zg_problem *problem, zg_sdp_scaling scaling, zg_random *random)
{
    zg_program program = zg_problem_program(problem, 0);
    size_t n = program.lift->samples;
    zg_sdp *sdp;
    zg_sdp_point point;
    zg_error error = {0};
    assert_ok(zg_sdp_create(&program, scaling, &sdp, &error), &error);
    assert_ok(zg_sdp_validate(sdp, &error), &error);
    assert_ok(zg_sdp_point_create(sdp, &point), NULL);
    double *v = zg_doubles(n);
    test_normals(random, n, v);
    zg_loss_project(program.loss, n, v, program.y, program.weights);
    for (size_t i = 0; i < n; i++)
        point.y[i] = v[i] / sdp->sample_scale[i];
    assert_true(complete_dual(sdp, point.y));
    double expected = zg_loss_dual(program.loss, n, v, program.y, program.weights);
    double value = -zg_dot(sdp->variables, sdp->cost, point.y) / sdp->objective_scale;
    assert_close(value, expected, 1e-10);
    double *back = zg_doubles(n);
    zg_sdp_dual(sdp, &point, back);
    for (size_t i = 0; i < n; i++)
        assert_close(back[i], v[i], 1e-14);
    /* Outside its domain v violates a bound. */
    double low, high;
    zg_loss_domain(program.loss, program.y[0], 1, &low, &high);
    if (isfinite(low) || isfinite(high)) {
        double outside = isfinite(high) ? high + 0.1 : low - 0.1;
        if (program.loss.kind == ZG_LOSS_SQUARED_HINGE) outside = -0.1 * program.y[0];
        point.y[0] = outside / sdp->sample_scale[0];
        assert_false(complete_dual(sdp, point.y));
    }
    free(v);
    free(back);
    zg_sdp_point_clear(&point);
    zg_sdp_free(sdp);
}

static void objective_is_the_dual_value(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 2);
    for (int round = 0; round < test_rounds(3); round++)
        for (int l = 0; l < LOSSES; l++)
            for (int scaling = ZG_SDP_EQUILIBRATED; scaling <= ZG_SDP_PLAIN; scaling++) {
                zg_problem *problem =
                    test_random_problem(&random, 6, 3, TEST_RELU2, architectures[round % 2],
                                        loss_of(loss_names[l]), 0.05);
                check_objective(problem, (zg_sdp_scaling)scaling, &random);
                zg_problem_free(problem);
            }
}

/* <A_k, X> of a random X equals what Z = zg_sdp_cone predicts through the lift. */
static void check_primal(const zg_problem *problem, zg_sdp_scaling scaling, zg_random *random)
{
    zg_program program = zg_problem_program(problem, 0);
    const zg_lift *lift = program.lift;
    size_t m = lift->order, n = lift->samples;
    zg_sdp *sdp;
    zg_sdp_point point;
    zg_error error = {0};
    assert_ok(zg_sdp_create(&program, scaling, &sdp, &error), &error);
    assert_ok(zg_sdp_point_create(sdp, &point), NULL);
    double *f = zg_doubles(n), *work = zg_doubles(zg_lift_work(lift)), *z = zg_doubles(m * m);
    double *a = zg_doubles(m * m), *image = zg_doubles(n), penalty = 0, constant = 0;
    for (size_t b = 0; b < 2 * lift->groups; b++) {
        double *x = point.x + sdp->blocks[b].offset;
        test_random_feasible(random, m, 2, x);
        zg_sdp_cone(sdp, &point, b / 2, b % 2, z);
        zg_lift_apply(lift, b / 2, z, b % 2 ? -1 : 1, f, work);
        penalty += program.beta * zg_lift_penalty(lift, z);
        for (size_t i = 0; i < n; i++) {
            dense_block(sdp, i + 1, b, a);
            image[i] += zg_inner(m, a, x);
        }
        dense_block(sdp, 0, b, a);
        constant += zg_inner(m, a, x);
    }
    for (size_t i = 0; i < n; i++)
        assert_close(-image[i] / (sdp->sample_scale[i] * sdp->objective_scale), f[i], 1e-11);
    assert_close(-constant / sdp->objective_scale, penalty, 1e-11);
    free(f);
    free(work);
    free(z);
    free(a);
    free(image);
    zg_sdp_point_clear(&point);
    zg_sdp_free(sdp);
}

static void primal_is_the_network(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 3);
    for (int round = 0; round < test_rounds(4); round++)
        for (int a = 0; a < 3; a++) {
            zg_problem *problem = test_random_problem(&random, 6, 4, TEST_RELU2, architectures[a],
                                                      loss_of("squared"), 0.2);
            check_primal(problem, (zg_sdp_scaling)(round % 4), &random);
            zg_problem_free(problem);
        }
}

static void weights_scale_the_loss(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 4);
    for (int l = 0; l < LOSSES; l++) {
        zg_problem *problem =
            test_random_problem(&random, 5, 3, TEST_RELU2, "dense", loss_of(loss_names[l]), 0.1);
        problem->weights = zg_doubles(5);
        for (size_t i = 0; i < 5; i++)
            problem->weights[i] = 0.5 + (double)i;
        check_objective(problem, ZG_SDP_EQUILIBRATED, &random);
        zg_problem_free(problem);
    }
}

static void logistic_is_refused(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 5);
    zg_problem *problem =
        test_random_problem(&random, 5, 2, TEST_RELU2, "dense", loss_of("logistic"), 1);
    zg_program program = zg_problem_program(problem, 0);
    zg_sdp *sdp = NULL;
    zg_error error = {0};
    assert_int_equal(zg_sdp_create(&program, ZG_SDP_PLAIN, &sdp, &error), ZG_UNSUPPORTED);
    assert_non_null(strstr(error.message, "\"ipm\""));
    assert_null(sdp);
    zg_problem_free(problem);
}

/* ---- validation ----------------------------------------------------------------------------- */

typedef void (*spoiler)(zg_sdp *sdp);

static void entry_nan(zg_sdp *sdp)
{
    sdp->value[sdp->pieces[2].first] = NAN;
}
static void entry_zero(zg_sdp *sdp)
{
    sdp->value[sdp->pieces[2].first] = 0;
}
static void entry_twice(zg_sdp *sdp)
{
    size_t e = sdp->pieces[3].first;
    sdp->row[e + 1] = sdp->row[e];
    sdp->column[e + 1] = sdp->column[e];
}
static void entry_low(zg_sdp *sdp)
{
    size_t e = sdp->pieces[3].first + 1;
    sdp->row[e] = 3;
    sdp->column[e] = 1;
}
static void entry_outside(zg_sdp *sdp)
{
    sdp->column[sdp->pieces[3].first + sdp->pieces[3].count - 1] = 99;
}
static void constraint_empty(zg_sdp *sdp)
{
    size_t p = 0;
    while (sdp->pieces[p].matrix != 2)
        p++;
    while (p < sdp->piece_count && sdp->pieces[p].matrix == 2)
        sdp->pieces[p++].matrix = 1;
}
static void cost_infinite(zg_sdp *sdp)
{
    sdp->cost[1] = INFINITY;
}
static void too_many(zg_sdp *sdp)
{
    sdp->variables = 50000;
}

static void validation_refuses(void **state)
{
    (void)state;
    static const struct {
        spoiler spoil;
        zg_status status;
        const char *says;
    } cases[] = {
        {entry_nan, ZG_BAD_INPUT, "is nan; the data are out of the range"},
        {entry_zero, ZG_BAD_INPUT, "is 0; the data are out of the range"},
        {entry_twice, ZG_BAD_INPUT, "listed twice"},
        {entry_low, ZG_BAD_INPUT, "misplaced"},
        {entry_outside, ZG_BAD_INPUT, "misplaced"},
        {constraint_empty, ZG_BAD_INPUT, "constraint 2 of the semidefinite program is empty"},
        {cost_infinite, ZG_BAD_INPUT, "cost 2 of the semidefinite program is inf"},
        {too_many, ZG_UNSUPPORTED, "50000 variables is too large"},
    };
    zg_random random;
    zg_random_seed(&random, 6);
    zg_problem *problem =
        test_random_problem(&random, 4, 3, TEST_RELU2, "dense", loss_of("interpolate"), 1);
    zg_program program = zg_problem_program(problem, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zg_sdp *sdp;
        zg_error error = {0};
        assert_ok(zg_sdp_create(&program, ZG_SDP_PLAIN, &sdp, &error), &error);
        assert_ok(zg_sdp_validate(sdp, &error), &error);
        cases[i].spoil(sdp);
        assert_int_equal(zg_sdp_validate(sdp, &error), cases[i].status);
        if (!strstr(error.message, cases[i].says)) fail_msg("%zu: %s", i, error.message);
        zg_sdp_free(sdp);
    }
    zg_problem_free(problem);
}

/* A sample that no network responds to leaves an empty constraint when it is to be interpolated. */
static void zero_sample_is_refused(void **state)
{
    (void)state;
    double x[] = {1, 2, 0, 0, -1, 1}, y[] = {1, 0, 2};
    zg_architecture dense = {0};
    zg_problem *problem;
    zg_sdp *sdp;
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(3, 2, x, 1, y, NULL, TEST_QUADRATIC, &dense,
                                     loss_of("interpolate"), (zg_penalty){0}, 1, &problem, &error),
              &error);
    zg_program program = zg_problem_program(problem, 0);
    assert_ok(zg_sdp_create(&program, ZG_SDP_EQUILIBRATED, &sdp, &error), &error);
    assert_int_equal(zg_sdp_validate(sdp, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "constraint 2 of the semidefinite program is empty: no "
                                       "network responds to that sample");
    zg_sdp_free(sdp);
    zg_problem_free(problem);
}

/* ---- error measures ------------------------------------------------------------------------- */

/* The six measures by definition, from dense matrices. */
static void naive_dimacs(const zg_sdp *sdp, const zg_sdp_point *point, double dimacs[6])
{
    double residual = 0, distance = 0, primal = 0, product = 0, low_x = INFINITY, low_z = INFINITY;
    double largest_a = 0, largest_c = 0;
    double *image = zg_doubles(sdp->variables);
    for (size_t b = 0; b < sdp->block_count; b++) {
        size_t m = sdp->blocks[b].order, at = sdp->blocks[b].offset;
        double *a = zg_doubles(m * m), *x = zg_doubles(m * m), *z = zg_doubles(m * m);
        double *w = zg_doubles(m);
        for (size_t j = 0; j < m; j++)
            for (size_t i = 0; i < m; i++)
                if (!sdp->blocks[b].diagonal || i == j) {
                    size_t from = at + (sdp->blocks[b].diagonal ? j : j * m + i);
                    x[j * m + i] = point->x[from];
                    z[j * m + i] = point->z[from];
                }
        for (size_t k = 0; k <= sdp->variables; k++) {
            dense_block(sdp, k, b, a);
            *(k ? &image[k - 1] : &primal) += zg_inner(m, a, x);
            for (size_t i = 0; k == 0 && i < m * m; i++)
                largest_c = fmax(largest_c, fabs(a[i]));
        }
        dense_slack(sdp, point->y, b, a);
        product += zg_inner(m, x, z);
        for (size_t i = 0; i < m * m; i++)
            distance += (a[i] - z[i]) * (a[i] - z[i]);
        assert_ok(zg_eigenvalues(m, x, w), NULL);
        low_x = fmin(low_x, w[0]);
        assert_ok(zg_eigenvalues(m, z, w), NULL);
        low_z = fmin(low_z, w[0]);
        free(a);
        free(x);
        free(z);
        free(w);
    }
    for (size_t k = 0; k < sdp->variables; k++) {
        residual += (image[k] - sdp->cost[k]) * (image[k] - sdp->cost[k]);
        largest_a = fmax(largest_a, fabs(sdp->cost[k]));
    }
    double dual = zg_dot(sdp->variables, sdp->cost, point->y);
    double scale = 1 + fabs(primal) + fabs(dual);
    const double all[6] = {sqrt(residual) / (1 + largest_a), fmax(0, -low_x / (1 + largest_a)),
                           sqrt(distance) / (1 + largest_c), fmax(0, -low_z / (1 + largest_c)),
                           (dual - primal) / scale,          product / scale};
    memcpy(dimacs, all, sizeof all);
    free(image);
}

static void error_measures(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 7);
    for (int l = 0; l < LOSSES; l++) {
        zg_problem *problem = test_random_problem(&random, 5, 3, TEST_RELU2, architectures[l % 2],
                                                  loss_of(loss_names[l]), 0.4);
        zg_program program = zg_problem_program(problem, 0);
        zg_sdp *sdp;
        zg_sdp_point point;
        double dimacs[6], expected[6];
        assert_ok(zg_sdp_create(&program, ZG_SDP_EQUILIBRATED, &sdp, NULL), NULL);
        assert_ok(zg_sdp_point_create(sdp, &point), NULL);
        test_normals(&random, zg_sdp_point_size(sdp), point.y);
        for (size_t b = 0; b < sdp->block_count; b++) { /* symmetric */
            size_t m = sdp->blocks[b].order, at = sdp->blocks[b].offset;
            for (size_t j = 0; !sdp->blocks[b].diagonal && j < m; j++)
                for (size_t i = 0; i < j; i++) {
                    point.x[at + i * m + j] = point.x[at + j * m + i];
                    point.z[at + i * m + j] = point.z[at + j * m + i];
                }
        }
        assert_ok(zg_sdp_dimacs(sdp, &point, dimacs), NULL);
        naive_dimacs(sdp, &point, expected);
        for (int i = 0; i < 6; i++)
            assert_close(dimacs[i], expected[i], 1e-12);
        assert_true(dimacs[1] > 0 && dimacs[3] > 0); /* random matrices are indefinite */
        assert_true(zg_sdp_point_finite(sdp, &point));
        point.z[0] = NAN;
        assert_false(zg_sdp_point_finite(sdp, &point));
        zg_sdp_point_clear(&point);
        zg_sdp_free(sdp);
        zg_problem_free(problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cones_are_the_lift),     cmocka_unit_test(objective_is_the_dual_value),
        cmocka_unit_test(primal_is_the_network),  cmocka_unit_test(weights_scale_the_loss),
        cmocka_unit_test(logistic_is_refused),    cmocka_unit_test(validation_refuses),
        cmocka_unit_test(zero_sample_is_refused), cmocka_unit_test(error_measures),
    };
    return cmocka_run_group_tests_name("sdp", tests, NULL, NULL);
}
