/* Margins of networks against reference values, sampled points and descent: classes, values,
 * convolutions, constant inputs, raw units, balls and boxes. */
#include "base/linalg.h"
#include "core/margins.h"
#include "core/sensitivity.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N 12
#define D 6

typedef struct setting {
    const char *architecture;
    zg_task task;
    size_t outputs;
    bool bias, scaled, raw, box;
} setting;

/* A network of random neurons, by hand: nothing that training prefers. */
static zg_network *random_network(zg_random *random, const setting *s, double *y)
{
    zg_error error = {0};
    double x[N * (D + 1)], u[D + 1];
    size_t wide = D + s->bias, n = N;
    zg_architecture architecture;
    zg_problem *problem;
    zg_network *network;
    test_normals(random, n * wide, x);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < s->outputs; c++)
            y[c * n + i] = s->task == ZG_MULTICLASS ? (double)(i % s->outputs == c)
                           : s->task == ZG_BINARY   ? (i % 2 ? 1 : -1)
                                                    : zg_random_normal(random);
    assert_ok(zg_architecture_parse(s->architecture, wide, &architecture, &error), &error);
    assert_ok(zg_problem_from_arrays(n, wide, x, s->outputs, y, NULL, TEST_RELU2, &architecture,
                                     (zg_loss){ZG_LOSS_SQUARED, 0}, (zg_penalty){0}, 1, &problem,
                                     &error),
              &error);
    assert_ok(zg_network_create(problem, &network, &error), &error);
    zg_problem_free(problem);
    network->encoding.task = s->task;
    network->preprocess.bias = s->bias;
    network->preprocess.inputs = D;
    for (size_t j = 0; j < 4 * s->outputs; j++) {
        size_t width = network->patches.width;
        test_normals(random, width, u);
        double norm = zg_norm(width, u);
        for (size_t k = 0; k < width; k++)
            u[k] /= norm;
        assert_int_equal(zg_network_add(network, j % network->patches.groups, u, j % s->outputs,
                                        zg_random_normal(random)),
                         ZG_OK);
    }
    if (s->scaled) {
        network->preprocess.mean = zg_doubles(D);
        network->preprocess.scale = zg_doubles(D);
        test_normals(random, D, network->preprocess.mean);
        for (size_t k = 0; k < D; k++)
            network->preprocess.scale[k] = exp(0.5 * zg_random_normal(random));
    }
    return network;
}

/* The outputs at a point in the units that margins are asked in. */
static void outputs_at(const zg_network *network, bool raw, const double *point, double *f)
{
    double seen[D + 1];
    zg_preprocess own = network->preprocess;
    if (!raw) own.mean = own.scale = NULL;
    zg_preprocess_apply(&own, 1, point, seen);
    assert_int_equal(zg_network_evaluate(network, 1, seen, f), ZG_OK);
}

/* s g of statement k of row i, written down once more. */
static double statement(const setting *s, const double *y, size_t i, size_t k, const double *f)
{
    if (s->task == ZG_BINARY) return y[i] * f[0];
    if (s->task == ZG_REGRESSION) return k % 2 ? -f[k / 2] : f[k / 2];
    size_t own = i % s->outputs, rival = k < own ? k : k + 1;
    return f[own] - f[rival];
}

/* A random step of at most the radius; one in two is as long as that. */
static void random_step(zg_random *random, bool box, double radius, double *step)
{
    test_normals(random, D, step);
    double norm = zg_norm(D, step),
           share = zg_random_uniform(random) < 0.5 ? 1 - 1e-12 : zg_random_uniform(random);
    for (size_t k = 0; k < D; k++)
        step[k] =
            box ? radius * (zg_random_uniform(random) < 0.5 ? copysign(1, step[k])
                                                            : 2 * zg_random_uniform(random) - 1)
                : radius * share * step[k] / norm;
}

static void check(zg_random *random, const setting *s)
{
    zg_error error = {0};
    double x[N * D], y[4 * N], f[4], radius = 0.1 + zg_random_uniform(random);
    zg_network *network = random_network(random, s, y);
    size_t statements = zg_margin_statements(&network->encoding);
    zg_margin *all = calloc(N * statements, sizeof *all);
    test_normals(random, N * D, x);
    assert_ok(zg_margins(network, N, x, y,
                         &(zg_margin_options){.radius = radius,
                                              .box = s->box,
                                              .raw = s->raw,
                                              .distances = s->task != ZG_REGRESSION && !s->box},
                         all, &error),
              &error);
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < statements; k++) {
            const zg_margin *m = &all[i * statements + k];
            outputs_at(network, s->raw, x + i * D, f);
            assert_close(m->here, statement(s, y, i, k, f), 1e-12);
            double best = m->here;
            for (int try = 0; try < 300; try++) {
                double step[D], point[D];
                random_step(random, s->box, radius, step);
                for (size_t j = 0; j < D; j++)
                    point[j] = x[i * D + j] + step[j];
                outputs_at(network, s->raw, point, f);
                best = fmin(best, statement(s, y, i, k, f));
            }
            assert_true(m->bound <= best && isfinite(m->bound));
            assert_true(best - m->bound < 0.8 * fabs(m->here - m->bound) + 1e-9);
            if (!isnan(m->distance.certified)) {
                assert_true((m->distance.certified > 0) == (m->here > 0));
                assert_true((m->bound > 0) == (m->distance.certified > radius));
            }
        }
    free(all);
    zg_network_free(network);
}

static void margins_hold_at_every_sampled_point(void **state)
{
    (void)state;
    static const setting settings[] = {
        {"dense", ZG_BINARY, 1, false, false, false, false},
        {"dense", ZG_BINARY, 1, true, true, false, false},
        {"dense", ZG_BINARY, 1, true, true, true, false},
        {"dense", ZG_MULTICLASS, 3, false, true, false, false},
        {"dense", ZG_MULTICLASS, 3, false, true, true, false},
        {"dense", ZG_REGRESSION, 2, true, false, false, false},
        {"conv1d:filter=2,pool=2", ZG_BINARY, 1, false, true, true, false},
        {"conv2d:height=2,width=3,filter=2x2,pool=global", ZG_MULTICLASS, 4, false, false, false,
         false},
        {"conv1d:filter=3,stride=3", ZG_REGRESSION, 1, false, true, true, false},
        {"dense", ZG_BINARY, 1, false, false, false, true},
        {"dense", ZG_MULTICLASS, 3, false, true, true, true},
        {"conv1d:filter=2,pool=global", ZG_REGRESSION, 1, false, false, false, true},
    };
    zg_random random;
    zg_random_seed(&random, 6);
    for (int round = 0; round < test_rounds(3); round++)
        for (size_t k = 0; k < sizeof settings / sizeof *settings; k++)
            check(&random, &settings[k]);
}

/* Means and rows in steps of 2^-10, so that 2^31 more of both leaves their differences exact. */
static void check_far(zg_random *random, const setting *s)
{
    zg_error error = {0};
    double x[N * D], y[4 * N], far = ldexp(1.0, 31);
    zg_network *network = random_network(random, s, y);
    size_t statements = zg_margin_statements(&network->encoding);
    zg_margin *all = calloc(2 * N * statements, sizeof *all);
    const zg_margin_options options = {.radius = 0.3,
                                       .box = s->box,
                                       .raw = true,
                                       .distances = s->task != ZG_REGRESSION && !s->box};
    test_normals(random, N * D, x);
    double *mean = network->preprocess.mean;
    mean[0] = 1024 * rint(mean[0]);
    network->preprocess.scale[0] *= 1e6; /* units of one input are unlike the others' */
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t k = 0; k < D; k++)
            mean[k] = rint(1024 * mean[k]) / 1024 + (double)pass * far;
        for (size_t k = 0; k < N * D; k++)
            x[k] = rint(1024 * x[k]) / 1024 + (double)pass * far;
        assert_ok(zg_margins(network, N, x, y, &options, all + pass * N * statements, &error),
                  &error);
    }
    for (size_t k = 0; k < N * statements; k++) {
        const zg_margin *near = &all[k], *same = &all[N * statements + k];
        assert_true(near->bound == same->bound && near->here == same->here);
        assert_true(near->slack < 1e-9 * (1 + fabs(near->here)));
        if (!options.distances) continue;
        assert_true(near->distance.certified == same->distance.certified);
        assert_true((near->distance.certified > 0) == (near->here > 0));
    }
    free(all);
    zg_network_free(network);
}

static void raw_rows_far_from_0_have_the_margins_of_rows_near_it(void **state)
{
    (void)state;
    static const setting settings[] = {
        {"dense", ZG_BINARY, 1, true, true, true, false},
        {"dense", ZG_MULTICLASS, 3, false, true, true, false},
        {"dense", ZG_MULTICLASS, 3, false, true, true, true},
        {"conv1d:filter=2,pool=2", ZG_BINARY, 1, false, true, true, false},
        {"conv1d:filter=3,stride=3", ZG_REGRESSION, 1, false, true, true, false},
    };
    zg_random random;
    zg_random_seed(&random, 8);
    for (int round = 0; round < test_rounds(3); round++)
        for (size_t k = 0; k < sizeof settings / sizeof *settings; k++)
            check_far(&random, &settings[k]);
}

/* ---- reference values (neighbours.md, A1) ---------------------------------------------------- */

static void column(zg_random *random, size_t n, size_t d, double *out)
{
    for (size_t k = 0; k < n * d; k++)
        out[k] = zg_random_normal(random);
}

static void check_reference(size_t n, size_t d, size_t m, uint32_t seed, const double wanted[4],
                            const size_t robust[2])
{
    zg_error error = {0};
    zg_random random;
    double *x = zg_doubles(n * d), *u = zg_doubles(d * m), *alpha = zg_doubles(m);
    double *y = zg_doubles(n), *f = zg_doubles(n), *unit = zg_doubles(d);
    zg_margin *all = calloc(n, sizeof *all);
    zg_architecture architecture;
    zg_problem *problem;
    zg_network *network;
    zg_random_seed(&random, seed);
    column(&random, n, d, x);
    column(&random, d, m, u); /* d x m, row-major */
    column(&random, m, 1, alpha);
    assert_ok(zg_architecture_parse("dense", d, &architecture, &error), &error);
    assert_ok(zg_problem_from_arrays(n, d, x, 1, y, NULL, TEST_RELU2, &architecture,
                                     (zg_loss){ZG_LOSS_SQUARED, 0}, (zg_penalty){0}, 1, &problem,
                                     &error),
              &error);
    assert_ok(zg_network_create(problem, &network, &error), &error);
    network->encoding.task = ZG_BINARY;
    for (size_t j = 0; j < m; j++) {
        for (size_t k = 0; k < d; k++)
            unit[k] = u[k * m + j];
        double norm = zg_norm(d, unit);
        for (size_t k = 0; k < d; k++)
            unit[k] /= norm;
        assert_int_equal(zg_network_add(network, 0, unit, 0, alpha[j]), ZG_OK);
    }
    assert_int_equal(zg_network_evaluate(network, n, x, f), ZG_OK);
    for (size_t i = 0; i < n; i++)
        y[i] = f[i] > 0 ? 1 : -1;
    for (int which = 0; which < 2; which++) {
        double sum = 0, distances = 0, least = INFINITY;
        size_t count = 0, far = 0;
        const double radius = which ? 0.5 : 0.1;
        assert_ok(zg_margins(network, n, x, y,
                             &(zg_margin_options){.radius = radius, .distances = true}, all,
                             &error),
                  &error);
        for (size_t i = 0; i < n; i++) {
            sum += all[i].bound;
            count += all[i].bound > 0;
            far += all[i].distance.certified > radius;
            least = fmin(least, all[i].distance.certified);
            if (isfinite(all[i].distance.attained)) distances += all[i].distance.certified;
        }
        assert_close(distances, wanted[0], 2e-9);
        assert_close(least, wanted[1], 1e-9);
        assert_close(sum, wanted[2 + which], 2e-9);
        assert_int_equal(count, robust[which]);
        assert_int_equal(far, robust[which]);
    }
    zg_network_free(network);
    zg_problem_free(problem);
    free(x);
    free(u);
    free(alpha);
    free(y);
    free(f);
    free(unit);
    free(all);
}

static void reference_values_of_two_networks(void **state)
{
    (void)state;
    check_reference(40, 5, 3, 3, (double[]){72.38441679, 0.1497777081, 30.46721925, 22.31839588},
                    (size_t[]){40, 36});
    check_reference(200, 20, 5, 4,
                    (double[]){168.9178707, 0.004943672195, 92.98901331, 42.20925855},
                    (size_t[]){181, 127});
}

/* ---- steepness ------------------------------------------------------------------------------- */

static void lipschitz_constants_and_sensitivities_in_closed_form(void **state)
{
    (void)state;
    zg_error error = {0};
    /* x1^2 - 2 x2^2 + 3 x1: gradient (2 x1 + 3, -4 x2). */
    double p[] = {1, 0, 0, -2}, q[] = {3, 0}, centre[] = {0, 0}, half[] = {1, 0.5}, out[2], l;
    const zg_quadratic_form form = {.inputs = 2, .p = p, .q = q};
    zg_sensitivities(&form, centre, half, out);
    assert_close(out[0], 5, 1e-15);
    assert_close(out[1], 2, 1e-15);
    assert_true(out[0] >= 5 && out[1] >= 2);
    /* (2 c + 3)^2 + 16 (R^2 - c^2) is largest at c = 1/2 when R >= 1/2. */
    assert_ok(zg_lipschitz(&form, centre, 2, &l, &error), &error);
    assert_close(l, sqrt(16 + 16 * (4 - 0.25)), 1e-13);
    assert_ok(zg_lipschitz(&form, centre, 0, &l, &error), &error);
    assert_close(l, 3, 1e-13);
    assert_true(l >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(margins_hold_at_every_sampled_point),
        cmocka_unit_test(raw_rows_far_from_0_have_the_margins_of_rows_near_it),
        cmocka_unit_test(reference_values_of_two_networks),
        cmocka_unit_test(lipschitz_constants_and_sensitivities_in_closed_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
