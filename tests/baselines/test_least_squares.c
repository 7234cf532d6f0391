/* Least squares: the fit against its own optimality conditions and a minimum-norm formula that
 * shares nothing with it, the split into neurons against the closed forms of the regulariser. */
#include "baselines/least_squares.h"

#include "base/linalg.h"
#include "baselines/baseline.h"
#include "core/network.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RELU2 ((zg_activation){0.09, 0.5, 0.47})
#define QUADRATIC ((zg_activation){1.0, 0.0, 0.0})

static int multiplier(void)
{
    const char *text = getenv("ZEROGAP_TEST_MULTIPLIER");
    int value = text ? atoi(text) : 1;
    return value > 0 ? value : 1;
}

typedef struct setup {
    size_t n, d, outputs;
    const char *architecture;
    zg_activation activation;
    zg_loss_kind loss;
    bool weighted;
    bool twins; /* the last input repeats the first */
} setup;

static zg_problem *make_problem(setup s, uint32_t seed)
{
    double *x = zg_doubles(s.n * s.d), *y = zg_doubles(s.n * s.outputs), *w = zg_doubles(s.n);
    zg_random random;
    zg_random_seed(&random, seed);
    for (size_t i = 0; i < s.n * s.d; i++)
        x[i] = zg_random_normal(&random);
    for (size_t i = 0; s.twins && i < s.n; i++)
        x[i * s.d + s.d - 1] = x[i * s.d];
    for (size_t i = 0; i < s.n * s.outputs; i++)
        y[i] = zg_random_normal(&random);
    for (size_t i = 0; i < s.n; i++)
        w[i] = 0.2 + 2.0 * zg_random_uniform(&random);
    zg_architecture architecture;
    zg_problem *problem = NULL;
    assert_int_equal(zg_architecture_parse(s.architecture, s.d, &architecture, NULL), ZG_OK);
    assert_int_equal(zg_problem_from_arrays(s.n, s.d, x, s.outputs, y, s.weighted ? w : NULL,
                                            s.activation, &architecture, (zg_loss){s.loss, 1.0},
                                            (zg_penalty){ZG_PENALTY_L1, 1.0}, 0.1, &problem, NULL),
                     ZG_OK);
    free(x);
    free(y);
    free(w);
    return problem;
}

static zg_status train(const zg_problem *problem, zg_solution *solution, zg_error *error)
{
    const zg_method *method = &zg_method_least_squares;
    const zg_control control = {.tolerance = 1e-6};
    zg_value *values = NULL;
    assert_int_equal(zg_values_create(method, &values, NULL), ZG_OK);
    *solution = (zg_solution){.network = NULL};
    assert_int_equal(method->check(problem, values, error), ZG_OK);
    zg_status status = method->solve(problem, values, &control, solution, error);
    zg_values_free(method, values);
    return status;
}

static double *predictions(const zg_network *network, const zg_problem *problem)
{
    double *f = zg_doubles(problem->samples * problem->outputs);
    assert_int_equal(zg_network_evaluate(network, problem->samples, problem->x, f), ZG_OK);
    return f;
}

/* Responses of a neuron with a random direction of a random group, one per sample. */
static void random_responses(const zg_problem *problem, zg_random *random, double *responses)
{
    zg_network *probe = NULL;
    size_t width = problem->patches.width;
    double *u = zg_doubles(width);
    for (size_t k = 0; k < width; k++)
        u[k] = zg_random_normal(random);
    double length = zg_norm(width, u);
    for (size_t k = 0; k < width; k++)
        u[k] /= length;
    assert_int_equal(zg_network_create(problem, &probe, NULL), ZG_OK);
    size_t group = zg_random_below_or_equal(random, problem->patches.groups - 1);
    assert_int_equal(zg_network_add(probe, group, u, 0, 1.0), ZG_OK);
    double *f = predictions(probe, problem);
    memcpy(responses, f, problem->samples * sizeof *f);
    free(f);
    free(u);
    zg_network_free(probe);
}

/* No neuron whatsoever could lower the squared error: residuals are orthogonal to all responses. */
static void check_stationary(setup s, uint32_t seed)
{
    zg_problem *problem = make_problem(s, seed);
    zg_solution solution;
    zg_error error = {0};
    assert_int_equal(train(problem, &solution, &error), ZG_OK);
    double *f = predictions(solution.network, problem), *responses = zg_doubles(s.n);
    zg_random random;
    zg_random_seed(&random, seed + 1);
    for (int trial = 0; trial < 10; trial++) {
        random_responses(problem, &random, responses);
        for (size_t c = 0; c < s.outputs; c++) {
            double sum = 0.0, size = 0.0;
            for (size_t i = 0; i < s.n; i++) {
                double w = problem->weights ? problem->weights[i] : 1.0;
                double term = w * (f[c * s.n + i] - problem->y[c * s.n + i]) * responses[i];
                sum += term;
                size += fabs(w * problem->y[c * s.n + i] * responses[i]);
            }
            assert_true(fabs(sum) < 1e-10 * size);
        }
    }
    free(f);
    free(responses);
    zg_solution_clear(&solution);
    zg_problem_free(problem);
}

static const char *const architectures[] = {"dense", "conv1d:filter=3,stride=1,pool=none",
                                            "conv1d:filter=2,stride=2,pool=2",
                                            "conv2d:height=2,width=4,filter=2x2,pool=global"};

static void no_neuron_improves_the_fit(void **unused)
{
    (void)unused;
    uint32_t seed = 1;
    for (int round = 0; round < multiplier(); round++)
        for (size_t a = 0; a < 4; a++)
            for (size_t n = 20; n <= 120; n += 100)
                for (int k = 0; k < 8; k++, seed++) {
                    setup s = {n,
                               8,
                               k & 1 ? 3 : 1,
                               architectures[a],
                               k & 2 ? QUADRATIC : RELU2,
                               ZG_LOSS_SQUARED,
                               seed % 3 == 0,
                               (k & 4) != 0};
                    check_stationary(s, seed);
                }
}

/* ---- least norm ----------------------------------------------------------------------------- */

/* Inner product of two samples' features (a xx' + c I, b x) in the Frobenius norm of (W1, W2) that
 * svec has: W2 counts once for each of its two places. */
static double kernel(const zg_problem *p, size_t i, size_t k)
{
    size_t d = p->inputs;
    const double *x = p->x + i * d, *z = p->x + k * d;
    zg_activation s = p->activation;
    double inner = zg_dot(d, x, z), xx = zg_dot(d, x, x), zz = zg_dot(d, z, z);
    return s.a * s.a * inner * inner + s.a * s.c * (xx + zz) + s.c * s.c * (double)d +
           0.5 * s.b * s.b * inner;
}

/* Fewer samples than coefficients: the fit interpolates, and |W|^2 = y' K^-1 y. */
static void fewer_samples_than_coefficients(void **unused)
{
    (void)unused;
    setup s = {15, 6, 2, "dense", RELU2, ZG_LOSS_SQUARED, false, false};
    zg_problem *problem = make_problem(s, 7);
    size_t order = 7, rank, columns;
    double *w = zg_doubles(2 * order * order), *k = zg_doubles(15 * 15), *solved = zg_doubles(30);
    assert_int_equal(zg_least_squares_fit(problem, 1e-12, w, &rank, &columns, NULL), ZG_OK);
    assert_int_equal(rank, 15);
    assert_int_equal(columns, 27);
    for (size_t i = 0; i < 15; i++)
        for (size_t j = 0; j < 15; j++)
            k[j * 15 + i] = kernel(problem, i, j);
    memcpy(solved, problem->y, 30 * sizeof *solved);
    assert_int_equal(zg_cholesky(15, k), ZG_OK);
    zg_cholesky_solve(15, k, 2, solved);
    for (size_t c = 0; c < 2; c++) {
        const double *matrix = w + c * order * order;
        double corner = matrix[order * order - 1];
        double square = zg_inner(order, matrix, matrix) - corner * corner;
        double expected = zg_dot(15, solved + c * 15, problem->y + c * 15);
        assert_true(fabs(square - expected) < 1e-9 * expected);
        double trace = -corner;
        for (size_t i = 0; i + 1 < order; i++)
            trace += matrix[i * order + i];
        assert_true(fabs(trace) < 1e-12);
    }
    zg_solution solution;
    assert_int_equal(train(problem, &solution, NULL), ZG_OK);
    double *f = predictions(solution.network, problem);
    for (size_t i = 0; i < 30; i++)
        assert_true(fabs(f[i] - problem->y[i]) < 1e-10);
    free(f);
    free(w);
    free(k);
    free(solved);
    zg_solution_clear(&solution);
    zg_problem_free(problem);
}

/* Equal inputs: ranks fall short, and of the equivalent fits the one of least norm treats the twins
 * alike. */
static void equal_inputs_share_their_weight(void **unused)
{
    (void)unused;
    setup s = {80, 5, 1, "dense", RELU2, ZG_LOSS_SQUARED, true, true};
    zg_problem *problem = make_problem(s, 8);
    double w[36];
    size_t rank, columns;
    assert_int_equal(zg_least_squares_fit(problem, 1e-12, w, &rank, &columns, NULL), ZG_OK);
    assert_int_equal(columns, 20);
    assert_int_equal(rank, 15); /* 10 products and 4 inputs differ; x_1 x_5 is x_1^2 without c */
    for (size_t k = 0; k < 6; k++) {
        size_t other = k == 0 ? 4 : k == 4 ? 0 : k;
        if (k != 0 && k != 4) assert_true(fabs(w[0 * 6 + k] - w[4 * 6 + other]) < 1e-10);
    }
    assert_true(fabs(w[0] - w[4 * 6 + 4]) < 1e-10);
    zg_problem_free(problem);
}

/* ---- the split ------------------------------------------------------------------------------ */

static void random_matrix(size_t order, bool bordered, zg_random *random, double *w)
{
    for (size_t j = 0; j < order; j++)
        for (size_t i = 0; i <= j; i++)
            w[j * order + i] = w[i * order + j] = zg_random_normal(random);
    if (!bordered) return;
    w[order * order - 1] = 0.0;
    for (size_t i = 0; i + 1 < order; i++)
        w[order * order - 1] += w[i * order + i];
}

static void check_block(const zg_lift *lift, const double *z)
{
    size_t order = lift->order;
    double *copy = zg_doubles(order * order), *values = zg_doubles(order);
    memcpy(copy, z, order * order * sizeof *z);
    assert_int_equal(zg_eigenvalues(order, copy, values), ZG_OK);
    assert_true(values[0] > -1e-12 * (1.0 + values[order - 1]));
    assert_true(fabs(zg_lift_trace_violation(lift, z)) < 1e-12 * (1.0 + values[order - 1]));
    free(copy);
    free(values);
}

static void splits_are_feasible_and_cheap(void **unused)
{
    (void)unused;
    zg_random random;
    zg_random_seed(&random, 3);
    for (int trial = 0; trial < 40 * multiplier(); trial++) {
        bool bordered = trial % 2 == 0;
        setup s = {3,
                   1 + (size_t)trial % 7,
                   1,
                   "dense",
                   bordered ? RELU2 : QUADRATIC,
                   ZG_LOSS_SQUARED,
                   false,
                   false};
        zg_problem *problem = make_problem(s, 1);
        const zg_lift *lift = problem->lift;
        size_t order = lift->order, f = s.d;
        double *w = zg_doubles(order * order), *z = zg_doubles(order * order);
        double *zn = zg_doubles(order * order), *first = zg_doubles(f * f), *values = zg_doubles(f);
        random_matrix(order, bordered, &random, w);
        if (trial % 5 == 0 && bordered)
            memset(w, 0, f * order * sizeof *w); /* W1 = 0: excess only */
        if (trial % 5 == 0 && bordered)
            for (size_t i = 0; i < order; i++)
                w[f * order + i] = i < f ? zg_random_normal(&random) : 0.0;
        assert_int_equal(zg_least_squares_split(lift, w, z, zn), ZG_OK);
        check_block(lift, z);
        check_block(lift, zn);
        for (size_t j = 0; j < order; j++)
            for (size_t i = 0; i <= j; i++)
                assert_true(fabs(z[j * order + i] - zn[j * order + i] - w[j * order + i]) < 1e-12);
        for (size_t j = 0; j < f; j++)
            memcpy(first + j * f, w + j * order, f * sizeof *w);
        assert_int_equal(zg_eigenvalues(f, first, values), ZG_OK);
        double nuclear = 0.0, linear = bordered ? zg_norm(f, w + f * order) : 0.0;
        for (size_t i = 0; i < f; i++)
            nuclear += fabs(values[i]);
        double penalty = zg_lift_penalty(lift, z) + zg_lift_penalty(lift, zn);
        assert_true(penalty <= nuclear + linear + 1e-12);
        assert_true(penalty >= fmax(nuclear, linear) - 1e-12);
        free(w);
        free(z);
        free(zn);
        free(first);
        free(values);
        zg_problem_free(problem);
    }
}

/* rho(s qq', t q) = max(|s|, |t|) */
static void split_of_one_direction_is_optimal(void **unused)
{
    (void)unused;
    setup s = {3, 3, 1, "dense", RELU2, ZG_LOSS_SQUARED, false, false};
    zg_problem *problem = make_problem(s, 1);
    const double q[] = {2.0 / 3.0, -1.0 / 3.0, 2.0 / 3.0};
    const double pairs[][2] = {{2.0, 1.0}, {-2.0, 1.5}, {1.0, -3.0}, {-1.0, 3.0}, {0.0, 2.0}};
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        double w[16], z[16], zn[16];
        for (size_t j = 0; j < 4; j++)
            for (size_t i = 0; i < 4; i++) {
                if (i < 3 && j < 3)
                    w[j * 4 + i] = pairs[k][0] * q[i] * q[j];
                else
                    w[j * 4 + i] = i == j ? pairs[k][0] : pairs[k][1] * q[i < 3 ? i : j];
            }
        assert_int_equal(zg_least_squares_split(problem->lift, w, z, zn), ZG_OK);
        double penalty = zg_lift_penalty(problem->lift, z) + zg_lift_penalty(problem->lift, zn);
        assert_true(fabs(penalty - fmax(fabs(pairs[k][0]), fabs(pairs[k][1]))) < 1e-12);
    }
    zg_problem_free(problem);
}

/* ---- the method ----------------------------------------------------------------------------- */

static void few_neurons_and_a_full_report(void **unused)
{
    (void)unused;
    setup s = {200, 6, 1, "dense", RELU2, ZG_LOSS_ABSOLUTE, false, false};
    zg_problem *problem = make_problem(s, 5);
    zg_solution solution;
    assert_int_equal(train(problem, &solution, NULL), ZG_OK);
    assert_in_range(zg_network_neurons(solution.network), 1, 14);
    assert_non_null(strstr(solution.message, "27 of 27"));
    assert_int_equal(solution.iterations, 1);
    assert_true(isinf(solution.bound) && solution.bound < 0 && !solution.dual);
    zg_solution_clear(&solution);
    zg_problem_free(problem);
}

static void interpolation_where_it_is_possible(void **unused)
{
    (void)unused;
    setup s = {20, 6, 1, "dense", RELU2, ZG_LOSS_INTERPOLATE, false, false};
    zg_problem *problem = make_problem(s, 5);
    zg_solution solution;
    zg_error error = {0};
    assert_int_equal(train(problem, &solution, &error), ZG_OK);
    double loss = 1.0;
    assert_int_equal(zg_network_objective(solution.network, problem, NULL, &loss, NULL), ZG_OK);
    assert_true(loss == 0.0);
    zg_solution_clear(&solution);
    zg_problem_free(problem);
    s.n = 60;
    problem = make_problem(s, 5);
    assert_int_equal(train(problem, &solution, &error), ZG_FAILED);
    assert_non_null(strstr(error.message, "interpolate"));
    assert_null(solution.network);
    zg_problem_free(problem);
}

static bool count_report(void *context, const zg_iterate *iterate, double seconds)
{
    assert_non_null(iterate->network);
    assert_true(seconds >= 0.0);
    ++*(int *)context;
    return false; /* too late to matter */
}

static void reports_once(void **unused)
{
    (void)unused;
    setup s = {30, 4, 1, "dense", RELU2, ZG_LOSS_SQUARED, false, false};
    zg_problem *problem = make_problem(s, 5);
    int reports = 0;
    zg_observer observer = {count_report, &reports};
    zg_control control = {.tolerance = 1e-6, .observer = &observer};
    zg_value *values = NULL;
    assert_int_equal(zg_values_create(&zg_method_least_squares, &values, NULL), ZG_OK);
    zg_solution solution = {.network = NULL};
    assert_int_equal(zg_method_least_squares.solve(problem, values, &control, &solution, NULL),
                     ZG_OK);
    assert_int_equal(reports, 1);
    zg_solution_clear(&solution);
    zg_values_free(&zg_method_least_squares, values);
    zg_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_neuron_improves_the_fit),
        cmocka_unit_test(fewer_samples_than_coefficients),
        cmocka_unit_test(equal_inputs_share_their_weight),
        cmocka_unit_test(splits_are_feasible_and_cheap),
        cmocka_unit_test(split_of_one_direction_is_optimal),
        cmocka_unit_test(few_neurons_and_a_full_report),
        cmocka_unit_test(interpolation_where_it_is_possible),
        cmocka_unit_test(reports_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
