/* Fisher's discriminant: the reference's optima from both sides, the closed form of no penalty, and
 * what is refused. */
#include "base/linalg.h"
#include "core/certificate.h"
#include "core/discriminant.h"
#include "data/planted.h"
#include "tests/support/descent.h"
#include "tests/support/support.h"
#include "train/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static zg_status pose(const zg_dataset *data, double beta, zg_problem **out, zg_error *error)
{
    const zg_model_options model = {
        .activation = TEST_RELU2, .loss = {ZG_LOSS_FISHER, 1.0}, .task = ZG_BINARY, .beta = beta};
    return zg_problem_create(data, &model, out, error);
}

static zg_dataset *draw(size_t n, size_t d, size_t neurons, unsigned seed)
{
    zg_dataset *data;
    zg_error error = {0};
    const zg_planted planted = {.n = n,
                                .d = d,
                                .neurons = neurons,
                                .noise = 0.1,
                                .activation = TEST_RELU2,
                                .seed = seed,
                                .median = true};
    assert_ok(zg_planted_create(&planted, &data, &error), &error);
    return data;
}

/* The largest ratio of all quadratics: with S the scatter of the features and m the difference of
 * their means, m' S^-1 m.  The last feature is a multiple of others. */
static double closed_form(const zg_problem *problem)
{
    size_t n = problem->samples, order = problem->lift->order;
    size_t all = order * (order + 1) / 2, p = all - 1;
    double *phi = zg_doubles(n * all), *s = zg_doubles(p * p), *m = zg_doubles(p);
    zg_lift_features(problem->lift, 0, phi, n);
    for (size_t a = 0; a < p; a++) {
        for (size_t b = 0; b < p; b++)
            for (size_t i = 0; i + 1 < n; i++)
                s[a * p + b] += problem->weights[i] * phi[a * n + i] * phi[b * n + i];
        m[a] = phi[a * n + n - 1] / problem->y[n - 1];
    }
    assert_int_equal(zg_cholesky(p, s), ZG_OK);
    double *z = zg_doubles(p), ratio = 0.0;
    for (size_t a = 0; a < p; a++) { /* |L^-1 m|^2, L in the triangle that the factor is in */
        z[a] = m[a];
        for (size_t b = 0; b < a; b++)
            z[a] -= s[b * p + a] * z[b];
        z[a] /= s[a * p + a];
        ratio += z[a] * z[a];
    }
    free(phi);
    free(s);
    free(m);
    free(z);
    return ratio;
}

/* ---- descent over networks -------------------------------------------------------------------- */

/* Neurons w of any length, the first half with the sign +, are networks of unit neurons w / |w|
 * with alpha = +-|w|^2: f(x) = sum +- (a t^2 + b t |w| + c |w|^2), t = x'w. */
typedef struct embedding {
    size_t n, d;
    const double *x, *labels;
    double beta, *f, *slope; /* n: of the embedding, and of the value in it */
} embedding;

static double sign_of(size_t j, size_t neurons)
{
    return 2 * j < neurons ? 1.0 : -1.0;
}

/* V / (2 D^2) + beta P / |D| with D the means apart and P = sum |w|^2, the same for multiples; its
 * slopes in f and in P. */
static double quotient(const embedding *e, double penalty, double *per_penalty)
{
    size_t count[2] = {0, 0};
    double mean[2] = {0, 0}, within = 0;
    for (size_t i = 0; i < e->n; i++) {
        count[e->labels[i] > 0]++;
        mean[e->labels[i] > 0] += e->f[i];
    }
    mean[0] /= (double)count[0];
    mean[1] /= (double)count[1];
    for (size_t i = 0; i < e->n; i++)
        within += pow(e->f[i] - mean[e->labels[i] > 0], 2) / (double)e->n;
    double apart = mean[1] - mean[0], size = fabs(apart), way = apart > 0 ? 1 : -1;
    double per_apart = -within / pow(apart, 3) - e->beta * penalty * way / (size * size);
    for (size_t i = 0; i < e->n; i++) {
        size_t k = e->labels[i] > 0;
        e->slope[i] = (e->f[i] - mean[k]) / ((double)e->n * apart * apart) +
                      per_apart * (k ? 1.0 : -1.0) / (double)count[k];
    }
    *per_penalty = e->beta / size;
    return 0.5 * within / (apart * apart) + e->beta * penalty / size;
}

static double embed(void *context, size_t size, const double *w, double *gradient)
{
    embedding *e = context;
    const zg_activation s = TEST_RELU2;
    size_t d = e->d, neurons = size / d;
    double per_penalty, value;
    memset(e->f, 0, e->n * sizeof *e->f);
    for (size_t j = 0; j < neurons; j++) {
        double r = zg_norm(d, w + j * d), sign = sign_of(j, neurons);
        for (size_t i = 0; i < e->n; i++) {
            double t = zg_dot(d, e->x + i * d, w + j * d);
            e->f[i] += sign * (s.a * t * t + s.b * t * r + s.c * r * r);
        }
    }
    value = quotient(e, zg_dot(size, w, w), &per_penalty);
    for (size_t j = 0; j < neurons; j++) {
        double r = zg_norm(d, w + j * d), sign = sign_of(j, neurons), *g = gradient + j * d;
        memset(g, 0, d * sizeof *g);
        double own = 2 * per_penalty;
        for (size_t i = 0; i < e->n; i++) {
            const double *x = e->x + i * d;
            double t = zg_dot(d, x, w + j * d), v = sign * e->slope[i];
            zg_axpy(d, v * (2 * s.a * t + s.b * r), x, g);
            own += v * (s.b * t / r + 2 * s.c);
        }
        zg_axpy(d, own, w + j * d, g);
    }
    return value;
}

/* The least of descents from many starts: none is below the certified bound, and the best is as
 * good as the certified network. */
static void descend(const char *line, const zg_problem *problem, const zg_certificate *certificate)
{
    size_t n = problem->points, d = problem->inputs, size = 2 * (d + 1) * d;
    double *w = zg_doubles(size), best = INFINITY;
    embedding e = {.n = n,
                   .d = d,
                   .x = problem->x,
                   .labels = problem->targets,
                   .beta = problem->beta,
                   .f = zg_doubles(n),
                   .slope = zg_doubles(n)};
    zg_random random;
    zg_random_seed(&random, 1);
    double goal = certificate->objective * (1.0 + 1e-7);
    for (int start = 0; start < 24 && !(best <= goal); start++) {
        test_normals(&random, size, w);
        double value = test_descend(embed, &e, size, w, 5000);
        if (!(value >= certificate->bound * (1.0 - 1e-12)))
            fail_msg("%s: descent to %.12g, below %.12g", line, value, certificate->bound);
        best = fmin(best, value);
    }
    print_message("# descent over networks: %.10g, certified %.10g\n", best,
                  certificate->objective);
    if (!(best <= goal)) fail_msg("%s: descent to %.10g only", line, best);
    free(w);
    free(e.f);
    free(e.slope);
}

static void check_row(const char *line, zg_dataset *data, double beta, double low, double high)
{
    zg_error error = {0};
    zg_problem *problem;
    zg_network *network;
    zg_certificate certificate;
    zg_discriminant d;
    double limit = beta == 0.0 ? 1e-7 : beta;
    assert_ok(pose(data, limit, &problem, &error), &error);
    assert_ok(zg_train(problem, "ipm", 1e-10, &network, &error), &error);
    assert_ok(zg_certify(problem, network, &certificate, &error), &error);
    assert_ok(zg_discriminant_measure(problem, network, &d), &error);
    double lower = certificate.bound, upper = certificate.objective;
    assert_true(lower <= upper + certificate.rounding);
    if (beta == 0.0) {
        double closed = closed_form(problem);
        if (fabs(closed - low) > 1e-7 * low || fabs(d.ratio - low) > 1e-7 * low ||
            d.ratio > closed * (1.0 + 1e-12))
            fail_msg("%s: closed form %.10g, attained %.10g", line, closed, d.ratio);
    } else if (fabs(upper - high) > 1e-7 * high || fabs(lower - low) > 1e-7 * low) {
        fail_msg("%s: [%.10g, %.10g]", line, lower, upper);
    } else {
        descend(line, problem, &certificate);
    }
    assert_true(fabs(d.mean[1] - d.mean[0] - 1.0) < 1e-9);
    zg_network_free(network);
    zg_problem_free(problem);
}

static void optima_of_the_reference_are_met_from_both_sides(void **state)
{
    (void)state;
    const char *path = test_shared("reference/neighbours/optima.csv");
    if (!path) skip();
    FILE *file = fopen(path, "r");
    char line[1024];
    int met = 0;
    while (fgets(line, sizeof line, file)) {
        unsigned n, d, neurons, seed;
        const char *data = strstr(line, "\"gauss:"), *tail = strstr(line, "relu2,fisher,");
        double beta, low, high;
        if (line[0] != 'D' || !data || !tail) continue;
        assert_int_equal(sscanf(data, "\"gauss:%u,%u,%u,%u", &n, &d, &neurons, &seed), 4);
        assert_int_equal(sscanf(tail, "relu2,fisher,%lf,-,%lf,%lf", &beta, &low, &high), 3);
        zg_dataset *drawn = draw(n, d, neurons, seed);
        check_row(line, drawn, beta, low, high);
        zg_dataset_free(drawn);
        met++;
    }
    fclose(file);
    assert_int_equal(met, 8);
}

/* A multiple of a network is the same discriminant, whatever its size and sign; no vector's bound
 * is above any network's objective. */
static void multiples_are_equal_and_no_network_is_below_the_bound(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 3);
    zg_error error = {0};
    zg_dataset *data = draw(24, 3, 3, 5);
    for (int round = 0; round < test_rounds(100); round++) {
        zg_problem *problem;
        zg_network *network;
        assert_ok(pose(data, exp(3 * zg_random_normal(&random)), &problem, &error), &error);
        assert_ok(zg_network_create(problem, &network, &error), &error);
        for (size_t j = 0; j < 4; j++) {
            double u[3];
            test_normals(&random, 3, u);
            double length = zg_norm(3, u);
            for (size_t k = 0; k < 3; k++)
                u[k] /= length;
            assert_int_equal(zg_network_add(network, 0, u, 0, zg_random_normal(&random)), ZG_OK);
        }
        double first, other, bound, *v = zg_doubles(problem->samples);
        assert_int_equal(zg_network_objective(network, problem, &first, NULL, NULL), ZG_OK);
        test_normals(&random, problem->samples, v);
        assert_ok(zg_problem_bound(problem, v, &bound, &error), &error);
        assert_true(bound <= first);
        zg_certificate certificate;
        assert_ok(zg_certify(problem, network, &certificate, &error), &error);
        assert_true(certificate.bound <= first);
        double factor = round % 2 ? -1e6 : 1e-6;
        for (size_t j = 0; j < network->count; j++)
            network->alpha[j] *= factor;
        assert_int_equal(zg_network_objective(network, problem, &other, NULL, NULL), ZG_OK);
        assert_true(fabs(first - other) <= 1e-9 * first);
        for (size_t j = 0; j < network->count; j++)
            network->alpha[j] = round % 3 ? 0.0 : NAN;
        assert_int_equal(zg_network_objective(network, problem, &other, NULL, NULL), ZG_OK);
        assert_true(!isfinite(other));
        free(v);
        zg_network_free(network);
        zg_problem_free(problem);
    }
    zg_dataset_free(data);
}

static zg_dataset *rows_of(size_t n, size_t d, const double *x, const double *t)
{
    zg_dataset *data;
    zg_error error = {0};
    assert_ok(zg_dataset_create(n, d, x, 1, t, &data, &error), &error);
    return data;
}

static void classes_that_no_network_parts_are_refused(void **state)
{
    (void)state;
    const double same[] = {1, 2, 1, 2, 1, 2, 1, 2}, mixed[] = {1, 2, 3, 4, 1, 2, 3, 4};
    const double labels[] = {0, 0, 1, 1}, single[] = {1, 1, 1, 1}, more[] = {0, 1, 2, 1};
    const struct {
        const double *x, *t;
        zg_status expected;
    } cases[] = {{same, labels, ZG_INFEASIBLE},
                 {mixed, labels, ZG_INFEASIBLE},
                 {mixed, single, ZG_BAD_INPUT},
                 {mixed, more, ZG_BAD_INPUT}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        zg_dataset *data = rows_of(4, 2, cases[k].x, cases[k].t);
        zg_problem *problem = NULL;
        zg_error error = {0};
        assert_int_equal(pose(data, 0.1, &problem, &error), cases[k].expected);
        assert_null(problem);
        zg_dataset_free(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optima_of_the_reference_are_met_from_both_sides),
        cmocka_unit_test(multiples_are_equal_and_no_network_is_below_the_bound),
        cmocka_unit_test(classes_that_no_network_parts_are_refused),
    };
    return cmocka_run_group_tests_name("core discriminant", tests, NULL, NULL);
}
