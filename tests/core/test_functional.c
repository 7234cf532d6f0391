/* Rows that are functionals: against differences of the network's values, the lift against direct
 * evaluation, and the certificates' bounds against networks. */
#include "base/linalg.h"
#include "core/certificate.h"
#include "core/problem_rows.h"
#include "data/particles.h"
#include "tests/support/descent.h"
#include "tests/support/support.h"
#include "train/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* assert_float_equal rounds to single precision. */
#define assert_near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

enum { POINTS = 7, INPUTS = 3 };

/* A problem over random points with values and slopes. */
static zg_problem *pose(zg_random *random, zg_row_kind rows, double beta, bool standardize)
{
    zg_error error = {0};
    zg_dataset *data;
    zg_problem *problem;
    size_t targets = INPUTS + (rows == ZG_ROWS_VALUES_AND_SLOPES);
    assert_ok(zg_dataset_alloc(POINTS, INPUTS, targets, &data, &error), &error);
    test_normals(random, POINTS * INPUTS, data->x);
    test_normals(random, POINTS * targets, data->t);
    const zg_model_options model = {.activation = TEST_RELU2,
                                    .loss = {ZG_LOSS_SQUARED, 1.0},
                                    .beta = beta,
                                    .standardize = standardize,
                                    .rows = rows};
    assert_ok(zg_problem_create(data, &model, &problem, &error), &error);
    zg_dataset_free(data);
    return problem;
}

static zg_network *random_network(zg_random *random, const zg_problem *problem, size_t neurons)
{
    zg_network *network;
    zg_error error = {0};
    double u[INPUTS];
    assert_ok(zg_network_create(problem, &network, &error), &error);
    for (size_t j = 0; j < neurons; j++) {
        test_normals(random, INPUTS, u);
        double length = zg_norm(INPUTS, u);
        for (size_t k = 0; k < INPUTS; k++)
            u[k] /= length;
        assert_int_equal(zg_network_add(network, 0, u, 0, zg_random_normal(random)), ZG_OK);
    }
    return network;
}

/* Of a quadratic central differences are exact, whatever the step. */
static void slopes_and_laplacians_are_the_differences_of_values(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 4);
    for (int round = 0; round < test_rounds(50); round++) {
        double x[POINTS * INPUTS], around[2 * INPUTS + 1][INPUTS], f[2 * INPUTS + 1];
        zg_functionals *rows;
        zg_problem *problem = pose(&random, ZG_ROWS_VALUES_AND_SLOPES, 1.0, false);
        zg_network *network = random_network(&random, problem, 5);
        memcpy(x, problem->x, sizeof x);
        assert_int_equal(zg_functionals_create(POINTS, INPUTS, &rows), ZG_OK);
        for (size_t k = 0; k < INPUTS + 2; k++) {
            assert_int_equal(zg_functionals_add_row(rows), ZG_OK);
            assert_int_equal(zg_functionals_add(rows, 2, k, 1.0), ZG_OK);
        }
        double h = 0.5, laplacian = 0.0, ours[INPUTS + 2] = {0}, one[INPUTS + 2], t[POINTS];
        for (size_t k = 0; k < 2 * INPUTS + 1; k++) {
            memcpy(around[k], x + 2 * INPUTS, sizeof around[k]);
            if (k < 2 * INPUTS) around[k][k / 2] += k % 2 ? -h : h;
        }
        assert_int_equal(zg_network_evaluate(network, 2 * INPUTS + 1, around[0], f), ZG_OK);
        for (size_t j = 0; j < network->count; j++) {
            zg_functional_responses(rows, problem->activation, x, network->u + j * INPUTS, t, one);
            for (size_t k = 0; k < INPUTS + 2; k++)
                ours[k] += network->alpha[j] * one[k];
        }
        assert_near(ours[ZG_TERM_VALUE], f[2 * INPUTS], 1e-12);
        for (size_t k = 0; k < INPUTS; k++) {
            assert_near(ours[ZG_TERM_SLOPE(k)], (f[2 * k] - f[2 * k + 1]) / (2 * h), 1e-12);
            laplacian += (f[2 * k] + f[2 * k + 1] - 2 * f[2 * INPUTS]) / (h * h);
        }
        assert_near(ours[ZG_TERM_LAPLACIAN], laplacian, 1e-11);
        zg_functionals_free(rows);
        zg_network_free(network);
        zg_problem_free(problem);
    }
}

/* Two ways from a network to its rows: neuron by neuron, and by the lift from Z = sum alpha u u'.
 */
static void the_lift_gives_what_the_neurons_give(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 5);
    for (int round = 0; round < test_rounds(50); round++) {
        zg_problem *problem = pose(&random, ZG_ROWS_VALUES_AND_SLOPES, 1.0, round % 2);
        zg_network *network = random_network(&random, problem, 4);
        size_t n = problem->samples, order = problem->lift->order;
        double *f = zg_doubles(2 * n), *lifted = f + n, *z = zg_doubles(order * order);
        double *work = zg_doubles(zg_lift_work(problem->lift));
        assert_int_equal(n, POINTS * (INPUTS + 1));
        for (size_t j = 0; j < network->count; j++) {
            double y[INPUTS + 1] = {[INPUTS] = 1.0};
            memcpy(y, network->u + j * INPUTS, INPUTS * sizeof *y);
            for (size_t a = 0; a < order; a++)
                zg_axpy(order, network->alpha[j] * y[a], y, z + a * order);
        }
        assert_int_equal(zg_problem_responses(problem, network, f), ZG_OK);
        zg_lift_apply(problem->lift, 0, z, 1.0, lifted, work);
        for (size_t i = 0; i < n; i++)
            assert_near(f[i], lifted[i], 1e-12 * (1.0 + fabs(f[i])));
        free(f);
        free(z);
        free(work);
        zg_network_free(network);
        zg_problem_free(problem);
    }
}

/* Standardising is another way to write the same network: slopes are those of the raw inputs. */
static void slopes_are_in_the_units_of_the_file(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 6);
    zg_problem *problem = pose(&random, ZG_ROWS_SLOPES, 1.0, true);
    zg_network *network = random_network(&random, problem, 3);
    double f[POINTS * INPUTS], raw[2 * INPUTS], ends[2], h = 0.25;
    const double *mean = problem->preprocess.mean, *scale = problem->preprocess.scale;
    zg_error error = {0};
    assert_int_equal(zg_problem_responses(problem, network, f), ZG_OK);
    for (size_t i = 0; i < POINTS; i++)
        for (size_t k = 0; k < INPUTS; k++) {
            for (size_t j = 0; j < 2 * INPUTS; j++)
                raw[j] = problem->x[i * INPUTS + j % INPUTS] * scale[j % INPUTS] + mean[j % INPUTS];
            raw[k] += h;
            raw[INPUTS + k] -= h;
            assert_ok(zg_network_predict(network, 2, raw, ends, &error), &error);
            assert_near(f[i * INPUTS + k], (ends[0] - ends[1]) / (2 * h), 1e-11);
        }
    zg_network_free(network);
    zg_problem_free(problem);
}

/* Whatever v, no network is below the bound; the rows' own errors are counted at any size. */
static void no_network_is_below_the_bound(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 7);
    for (int round = 0; round < test_rounds(200); round++) {
        zg_problem *problem =
            pose(&random, 1 + round % 2, exp(4 * zg_random_normal(&random)), false);
        zg_network *network = random_network(&random, problem, 3);
        double *v = zg_doubles(problem->samples), bound, objective;
        zg_error error = {0};
        test_normals(&random, problem->samples, v);
        assert_ok(zg_problem_bound(problem, v, &bound, &error), &error);
        assert_int_equal(zg_network_objective(network, problem, &objective, NULL, NULL), ZG_OK);
        assert_true(bound <= objective);
        zg_certificate certificate;
        assert_ok(zg_certify(problem, network, &certificate, &error), &error);
        assert_true(certificate.bound <= certificate.objective);
        free(v);
        zg_network_free(network);
        zg_problem_free(problem);
    }
}

/* ---- descent over networks -------------------------------------------------------------------- */

/* Potentials of neurons w of any length, the first half with the sign +, that is of unit neurons
 * w / |w| with alpha = +-|w|^2. */
typedef struct flow {
    size_t n, d;
    const double *x, *g; /* n x d: particles and grad V */
    double beta, *field; /* n x d */
} flow;

/* 1/2 mean |grad Phi|^2 + mean lap Phi - mean <g, grad Phi> + beta sum |w|^2, the Laplacian as it
 * is: grad Phi = sum +-(2 a t + b |w|) w with t = x'w, and lap Phi = 2 a sum +-|w|^2. */
static double flow_value(void *context, size_t size, const double *w, double *gradient)
{
    const flow *e = context;
    const zg_activation s = TEST_RELU2;
    size_t n = e->n, d = e->d, neurons = size / d;
    double value = 0, share = 1.0 / (double)n;
    memset(e->field, 0, n * d * sizeof *e->field);
    for (size_t j = 0; j < neurons; j++) {
        double r = zg_norm(d, w + j * d), sign = 2 * j < neurons ? 1 : -1;
        for (size_t i = 0; i < n; i++) {
            double t = zg_dot(d, e->x + i * d, w + j * d);
            zg_axpy(d, sign * (2 * s.a * t + s.b * r), w + j * d, e->field + i * d);
        }
        value += (2 * s.a * sign + e->beta) * r * r;
    }
    value += share * (0.5 * zg_dot(n * d, e->field, e->field) - zg_dot(n * d, e->g, e->field));
    for (size_t k = 0; k < n * d; k++)
        e->field[k] = share * (e->field[k] - e->g[k]); /* the value's slope in the field */
    for (size_t j = 0; j < neurons; j++) {
        double r = zg_norm(d, w + j * d), sign = 2 * j < neurons ? 1 : -1, *out = gradient + j * d;
        double own = 4 * s.a * sign + 2 * e->beta;
        memset(out, 0, d * sizeof *out);
        for (size_t i = 0; i < n; i++) {
            double t = zg_dot(d, e->x + i * d, w + j * d);
            double along = sign * zg_dot(d, e->field + i * d, w + j * d);
            zg_axpy(d, sign * (2 * s.a * t + s.b * r), e->field + i * d, out);
            zg_axpy(d, 2 * s.a * along, e->x + i * d, out);
            own += s.b * along / r;
        }
        zg_axpy(d, own, w + j * d, out);
    }
    return value;
}

/* No descent is below the certified bound, and the best of many is as good as the network. */
static void descend(const char *line, flow *e, double lower, double upper)
{
    size_t d = e->d, size = 2 * (d + 1) * d;
    double *w = zg_doubles(size), best = INFINITY, goal = upper + 1e-7 * fabs(upper);
    zg_random random;
    zg_random_seed(&random, 1);
    e->field = zg_doubles(e->n * d);
    for (int start = 0; start < 24 && !(best <= goal); start++) {
        test_normals(&random, size, w);
        double value = test_descend(flow_value, e, size, w, 5000);
        if (!(value >= lower - 1e-12 * fabs(lower)))
            fail_msg("%s: descent to %.12g, below %.12g", line, value, lower);
        best = fmin(best, value);
    }
    print_message("# descent over networks: %.10g, certified %.10g\n", best, upper);
    if (!(best <= goal)) fail_msg("%s: descent to %.10g only", line, best);
    free(w);
    free(e->field);
}

/* Stein's identity turns the program of the reference into a squared loss on slopes. */
static void wasserstein_directions_of_the_reference_are_met(void **state)
{
    (void)state;
    const char *path = test_shared("reference/neighbours/optima.csv");
    if (!path) skip();
    FILE *file = fopen(path, "r");
    char line[1024];
    int met = 0;
    while (fgets(line, sizeof line, file)) {
        unsigned n, d, seed;
        if (sscanf(line, "E,Wasserstein %*[a-z] target,\"scaled:%u,%u,%u\"", &n, &d, &seed) != 3)
            continue;
        const char *tail = strstr(line, "wasserstein,");
        double beta = strtod(tail + 12, NULL), low, high;
        assert_int_equal(sscanf(strstr(tail, "grad V="), "%*[^,],%lf,%lf", &low, &high), 2);
        const zg_particles particles = {
            n, d, seed, strstr(line, "quartic") ? ZG_POTENTIAL_QUARTIC : ZG_POTENTIAL_GAUSSIAN};
        zg_error error = {0};
        zg_dataset *data;
        zg_problem *problem;
        zg_network *network;
        double constant, *field = zg_doubles(n * d);
        assert_ok(zg_particles_create(&particles, &data, &error), &error);
        assert_ok(zg_particles_field(particles.potential, n, d, data->x, field, &constant, &error),
                  &error);
        const zg_model_options model = {.activation = TEST_RELU2,
                                        .loss = {ZG_LOSS_SQUARED, 1.0},
                                        .beta = beta * n,
                                        .rows = ZG_ROWS_SLOPES};
        assert_ok(zg_problem_create(data, &model, &problem, &error), &error);
        assert_ok(zg_train(problem, "ipm", 1e-10, &network, &error), &error);
        zg_certificate certificate;
        assert_ok(zg_certify(problem, network, &certificate, &error), &error);
        double lower = certificate.bound / n + constant,
               upper = certificate.objective / n + constant;
        if (fabs(upper - high) > 1e-7 * fabs(high) || fabs(lower - low) > 1e-7 * fabs(low))
            fail_msg("%s: [%.10g, %.10g]", line, lower, upper);
        flow descent = {.n = n, .d = d, .x = data->x, .g = field, .beta = beta};
        zg_potential_gradient(particles.potential, n * d, data->x, field);
        descend(line, &descent, lower, upper);
        met++;
        zg_network_free(network);
        zg_problem_free(problem);
        zg_dataset_free(data);
        free(field);
    }
    fclose(file);
    assert_int_equal(met, 8);
}

static void what_is_no_functional_is_refused(void **state)
{
    (void)state;
    static const struct {
        size_t point, kind;
        double coefficient;
    } bad[] = {{2, 0, 1}, {0, 5, 1}, {0, 0, NAN}, {0, 2, INFINITY}};
    for (size_t k = 0; k < 4; k++) {
        zg_functionals *rows;
        assert_int_equal(zg_functionals_create(2, 3, &rows), ZG_OK);
        assert_int_equal(zg_functionals_check(rows, NULL), ZG_BAD_INPUT);
        assert_int_equal(zg_functionals_add_row(rows), ZG_OK);
        assert_int_equal(zg_functionals_check(rows, NULL), ZG_BAD_INPUT);
        zg_functionals_add(rows, bad[k].point, bad[k].kind, bad[k].coefficient);
        assert_int_equal(zg_functionals_check(rows, NULL), ZG_BAD_INPUT);
        zg_functionals_free(rows);
    }
    const double flat[6] = {1, 2, 2, 4, 3, 6};
    double e[6], constant;
    assert_int_equal(zg_particles_field(ZG_POTENTIAL_GAUSSIAN, 3, 2, flat, e, &constant, NULL),
                     ZG_BAD_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slopes_and_laplacians_are_the_differences_of_values),
        cmocka_unit_test(the_lift_gives_what_the_neurons_give),
        cmocka_unit_test(slopes_are_in_the_units_of_the_file),
        cmocka_unit_test(no_network_is_below_the_bound),
        cmocka_unit_test(wasserstein_directions_of_the_reference_are_met),
        cmocka_unit_test(what_is_no_functional_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
