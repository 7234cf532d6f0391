/* The discrepancy of two samples: against reference optima, closed forms and searches. */
#include "base/linalg.h"
#include "core/critic_generator.h"
#include "core/discrepancy.h"
#include "core/problem_rows.h"
#include "tests/support/support.h"
#include "train/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* assert_float_equal rounds to single precision. */
#define assert_near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

#define QUADRATIC ((zg_activation){1.0, 0.0, 0.0})

/* A problem whose first `first` rows are one sample and the others the other. */
static zg_problem *pose(size_t first, size_t n, size_t d, const double *x, zg_activation activation)
{
    zg_error error = {0};
    zg_dataset *rows;
    zg_problem *problem;
    double *t = zg_doubles(n);
    for (size_t i = 0; i < n; i++)
        t[i] = i >= first;
    assert_ok(zg_dataset_create(n, d, x, 1, t, &rows, &error), &error);
    const zg_model_options model = {
        .activation = activation, .loss = {ZG_LOSS_SQUARED, 1.0}, .task = ZG_BINARY, .beta = 1.0};
    assert_ok(zg_problem_create(rows, &model, &problem, &error), &error);
    zg_dataset_free(rows);
    free(t);
    return problem;
}

/* NumPy: RandomState(31); R (80 x 5) times linspace(.5, 1.5, 5) plus .3, then F (120 x 5). */
static void draw_samples(double *x)
{
    zg_random random;
    zg_random_seed(&random, 31);
    test_normals(&random, 200 * 5, x);
    for (size_t k = 0; k < 80 * 5; k++)
        x[k] = x[k] * (0.5 + 0.25 * (double)(k % 5)) + 0.3;
}

/* The optimum of a row of the reference, NAN where the file is not there. */
static double reference(const char *beginning)
{
    const char *path = test_shared("reference/neighbours/optima.csv");
    FILE *file = path ? fopen(path, "r") : NULL;
    char line[1024];
    double value = NAN;
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, beginning, strlen(beginning)) != 0) continue;
        char *at = strrchr(line, ','); /* second_way, then upper */
        *at = '\0';
        value = strtod(strrchr(line, ',') + 1, NULL);
    }
    if (file) fclose(file);
    return value;
}

static double contrast_at(size_t first, size_t n, size_t d, const double *x, zg_activation s,
                          const double *u)
{
    double sum[2] = {0, 0}, length = zg_norm(d, u);
    for (size_t i = 0; i < n; i++) {
        double t = zg_dot(d, x + i * d, u) / length;
        sum[i >= first] += (s.a * t + s.b) * t + s.c;
    }
    return sum[0] / (double)first - sum[1] / (double)(n - first);
}

/* The largest of many ascents by finite differences of nothing but the definition. */
static double search(size_t first, size_t n, size_t d, const double *x, zg_activation s,
                     zg_random *random)
{
    double best = 0.0, u[8], moved[8];
    for (int start = 0; start < 12; start++) {
        test_normals(random, d, u);
        double value = fabs(contrast_at(first, n, d, x, s, u)), step = 0.5;
        while (step > 1e-9) {
            bool better = false;
            for (size_t k = 0; k < 2 * d; k++) {
                double length = zg_norm(d, u);
                for (size_t j = 0; j < d; j++)
                    moved[j] = u[j] / length;
                moved[k / 2] += k % 2 ? step : -step;
                double other = fabs(contrast_at(first, n, d, x, s, moved));
                if (!(other > value)) continue;
                value = other;
                memcpy(u, moved, d * sizeof *u);
                better = true;
            }
            if (!better) step *= 0.5;
        }
        best = fmax(best, value);
    }
    return best;
}

static void the_critics_of_the_reference_are_met(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        zg_activation activation;
    } cases[] = {{"H,critic value,\"samples:80+120,5,31\",200,5,relu2", {0.09, 0.5, 0.47}},
                 {"H,critic value,\"samples:80+120,5,31\",200,5,quadratic", {1.0, 0.0, 0.0}}};
    double x[1000];
    zg_random random;
    zg_random_seed(&random, 5);
    draw_samples(x);
    for (size_t k = 0; k < 2; k++) {
        zg_error error = {0};
        zg_discrepancy found;
        zg_problem *problem = pose(80, 200, 5, x, cases[k].activation);
        assert_ok(zg_discrepancy_find(problem, &found, &error), &error);
        assert_true(found.attained <= found.bound);
        assert_true(found.bound - found.attained < 1e-11);
        double searched = search(80, 200, 5, x, cases[k].activation, &random);
        assert_true(searched <= found.bound && searched > found.bound - 1e-8);
        double wanted = reference(cases[k].row);
        if (isnan(wanted)) skip();
        if (fabs(found.bound - wanted) > 1e-7 * wanted)
            fail_msg("%s: %.12g, expected %.12g", cases[k].row, found.bound, wanted);
        zg_discrepancy_clear(&found);
        zg_problem_free(problem);
    }
}

static void the_generator_of_the_reference_is_met_and_proven_by_the_critic(void **state)
{
    (void)state;
    double x[1000], both[2 * 80 * 5];
    zg_error error = {0};
    zg_moment_generator generator;
    zg_discrepancy found;
    draw_samples(x);
    assert_ok(zg_moment_generator_create(80, 5, x, 0.5, &generator, &error), &error);
    memcpy(both, x, 400 * sizeof *x);
    zg_gemm(false, false, 5, 80, 5, 1.0, generator.map, 5, x, 5, 0.0, both + 400, 5);
    zg_problem *problem = pose(80, 160, 5, both, QUADRATIC);
    assert_ok(zg_discrepancy_find(problem, &found, &error), &error);
    assert_near(found.bound, 0.5, 1e-12);
    double trace = 0.0;
    for (size_t k = 400; k < 800; k++)
        trace += both[k] * both[k] / 80.0;
    assert_near(trace, generator.trace, 1e-12);
    assert_true(generator.least <= trace && generator.least > trace - 1e-10);
    double wanted =
        reference("H,generator min tr C,\"samples:80+120,5,31 (real part)\",80,5,quadratic");
    zg_discrepancy_clear(&found);
    zg_moment_generator_clear(&generator);
    zg_problem_free(problem);
    if (isnan(wanted)) skip();
    assert_near(trace, wanted, 1e-7);
}

/* The sample made of x (n x d), its mean |x|^2; and that it is within eps. */
static double make(size_t n, size_t d, const double *x, zg_activation s, double eps, double *least)
{
    zg_error error = {0};
    zg_critic_generator generator;
    zg_discrepancy found;
    double *both = zg_doubles(2 * n * d), trace = 0.0;
    assert_ok(zg_critic_generator_create(n, d, x, s, eps, &generator, &error), &error);
    memcpy(both, x, n * d * sizeof *x);
    zg_critic_generator_apply(&generator, n, x, both + n * d);
    for (size_t k = n * d; k < 2 * n * d; k++)
        trace += both[k] * both[k] / (double)n;
    zg_problem *problem = pose(n, 2 * n, d, both, s);
    assert_ok(zg_discrepancy_find(problem, &found, &error), &error);
    if (!(found.bound <= eps * (1.0 + 1e-9)))
        fail_msg("%.12g apart, allowed %.12g", found.bound, eps);
    *least = generator.least;
    zg_discrepancy_clear(&found);
    zg_problem_free(problem);
    zg_critic_generator_clear(&generator);
    free(both);
    return trace;
}

static void the_generator_against_polynomial_critics_meets_the_reference(void **state)
{
    (void)state;
    double x[1000], least;
    draw_samples(x);
    double trace = make(80, 5, x, TEST_RELU2, 0.1, &least);
    double wanted =
        reference("H,generator min tr C,\"samples:80+120,5,31 (real part)\",80,5,relu2");
    assert_true(least <= trace && least > trace - 1e-7);
    if (isnan(wanted)) skip();
    if (fabs(trace - wanted) > 1e-7 * wanted || fabs(least - wanted) > 1e-7 * wanted)
        fail_msg("[%.12g, %.12g], expected %.12g", least, trace, wanted);
}

/* Three cones with b = c = 0 are another way to the soft threshold. */
static void three_cones_of_the_quadratic_critic_agree_with_the_closed_form(void **state)
{
    (void)state;
    double x[1000], least;
    zg_error error = {0};
    zg_moment_generator closed;
    draw_samples(x);
    for (double eps = 1e-3; eps < 20.0; eps *= 7.0) {
        assert_ok(zg_moment_generator_create(80, 5, x, eps, &closed, &error), &error);
        double trace = make(80, 5, x, QUADRATIC, eps, &least);
        if (fabs(trace - closed.trace) > 1e-7 || !(least <= closed.trace + 1e-13) ||
            !(least > closed.trace - 1e-7))
            fail_msg("eps %g: [%.12g, %.12g], closed form %.12g", eps, least, trace, closed.trace);
        zg_moment_generator_clear(&closed);
    }
}

/* With sigma(t) = t a critic sees means only: rows at the mean, moved by eps towards 0. */
static void a_linear_critic_leaves_the_shortened_mean(void **state)
{
    (void)state;
    double x[1000], mean[5] = {0}, least;
    draw_samples(x);
    for (size_t k = 0; k < 400; k++)
        mean[k % 5] += x[k] / 80.0;
    double length = zg_norm(5, mean);
    for (double eps = 0.01; eps < 10.0; eps *= 3.0) {
        double trace = make(80, 5, x, (zg_activation){0.0, 1.0, 0.0}, eps, &least);
        double wanted = eps < length ? (length - eps) * (length - eps) : 0.0;
        assert_near(trace, wanted, 1e-7);
        assert_true(least <= wanted + 1e-14 && least > wanted - 1e-7);
    }
}

/* Any bound must lie below any admissible sample, of any size, shape and activation. */
static void generators_of_hostile_samples_are_bounds_or_refusals(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 12);
    for (int round = 0; round < test_rounds(60); round++) {
        size_t n = 2 + zg_random_below_or_equal(&random, 10);
        size_t d = 1 + zg_random_below_or_equal(&random, 3);
        double x[48], size = pow(10.0, 20.0 * zg_random_uniform(&random) - 10.0), square = 0.0;
        test_normals(&random, n * d, x);
        for (size_t k = 0; k < n * d; k++)
            x[k] *= k % d == 0 && round % 5 == 0 ? 0.0 : size;
        for (size_t k = 0; k < n * d; k++)
            square += x[k] * x[k] / (double)n;
        const zg_activation s = {zg_random_normal(&random), zg_random_normal(&random), 0.1};
        double eps = pow(10.0, -3.0 * zg_random_uniform(&random)) * (square + sqrt(square));
        zg_error error = {0};
        zg_critic_generator generator;
        zg_status status = zg_critic_generator_create(n, d, x, s, eps, &generator, &error);
        if (status != ZG_OK) continue;
        assert_true(generator.least >= 0.0 && generator.least <= square * (1.0 + 1e-12));
        if (!(generator.least <= generator.trace * (1.0 + 1e-9) + 1e-12 * square))
            fail_msg("round %d: least %.12g, trace %.12g", round, generator.least, generator.trace);
        zg_critic_generator_clear(&generator);
    }
    zg_error error = {0};
    zg_critic_generator generator;
    const double one[2] = {1.0, 2.0};
    for (int k = 0; k < 3; k++) {
        double eps = k == 0 ? 0.0 : k == 1 ? NAN : INFINITY;
        assert_int_equal(zg_critic_generator_create(1, 2, one, TEST_RELU2, eps, &generator, &error),
                         ZG_BAD_INPUT);
    }
}

/* One row, by training instead of the eigendecomposition: a network of penalty P moves the contrast
 * by D P at most, so the optimum is that of (1 - D P)^2 / 2 + beta P over P >= 0. */
static void contrasts_train_to_what_the_discrepancy_says(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 14);
    for (int round = 0; round < test_rounds(20); round++) {
        size_t first = 1 + zg_random_below_or_equal(&random, 6), n = 12, d = 1 + (size_t)round % 4;
        double x[48], t[12], sum[2] = {0.0, 0.0}, row, f[12];
        test_normals(&random, n * d, x);
        for (size_t i = 0; i < n; i++)
            t[i] = i < first ? 3.0 : -0.5 * (double)(i % 2); /* 0 is no target above 0 */
        const zg_activation s = {zg_random_normal(&random), zg_random_normal(&random), 0.3};
        zg_error error = {0};
        zg_discrepancy found;
        zg_dataset *rows;
        zg_network *network;
        zg_certificate certificate;
        zg_problem *apart = pose(first, n, d, x, s), *problem;
        assert_ok(zg_discrepancy_find(apart, &found, &error), &error);
        double share = 0.05 + 0.3 * (double)(round % 5), beta = share * found.bound;
        const zg_model_options model = {
            .activation = s, .beta = beta, .rows = ZG_ROWS_CONTRAST, .standardize = false};
        assert_ok(zg_dataset_create(n, d, x, 1, t, &rows, &error), &error);
        assert_ok(zg_problem_create(rows, &model, &problem, &error), &error);
        assert_ok(zg_train(problem, "ipm", 1e-10, &network, &error), &error);
        assert_ok(zg_certify(problem, network, &certificate, &error), &error);
        double wanted = share < 1.0 ? share - share * share / 2.0 : 0.5;
        assert_near(certificate.objective, wanted, 1e-8);
        assert_near(certificate.bound, wanted, 1e-8);
        assert_int_equal(zg_problem_responses(problem, network, &row), ZG_OK);
        assert_int_equal(zg_network_evaluate(network, n, x, f), ZG_OK);
        for (size_t i = 0; i < n; i++)
            sum[i >= first] += f[i];
        assert_near(row, sum[0] / (double)first - sum[1] / (double)(n - first), 1e-12);
        zg_network_free(network);
        zg_problem_free(problem);
        zg_problem_free(apart);
        zg_dataset_free(rows);
        zg_discrepancy_clear(&found);
    }
}

/* Of one input everything is known: u is -1 or 1. */
static void one_input_has_the_larger_of_two_values(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 8);
    for (int round = 0; round < test_rounds(200); round++) {
        double x[12];
        size_t first = 1 + zg_random_below_or_equal(&random, 5), n = 12;
        double size = pow(10.0, 40.0 * zg_random_uniform(&random) - 20.0);
        test_normals(&random, n, x);
        for (size_t i = 0; i < n; i++)
            x[i] *= size;
        const zg_activation s = {zg_random_normal(&random), zg_random_normal(&random), 0.3};
        zg_error error = {0};
        zg_discrepancy found;
        zg_problem *problem = pose(first, n, 1, x, s);
        assert_ok(zg_discrepancy_find(problem, &found, &error), &error);
        double plus = contrast_at(first, n, 1, x, s, (const double[]){1.0});
        double minus = contrast_at(first, n, 1, x, s, (const double[]){-1.0});
        double largest = fmax(fabs(plus), fabs(minus)), scale = s.c;
        for (size_t i = 0; i < n; i++)
            scale = fmax(scale, fabs(s.a) * x[i] * x[i] + fabs(s.b * x[i]));
        assert_true(found.bound >= largest - 1e-13 * scale);
        assert_true(found.attained <= largest + 1e-13 * scale);
        assert_true(found.bound - found.attained <= 1e-11 * scale);
        zg_discrepancy_clear(&found);
        zg_problem_free(problem);
    }
}

static void equal_samples_are_not_apart_and_one_sample_is_refused(void **state)
{
    (void)state;
    double x[40];
    zg_random random;
    zg_random_seed(&random, 3);
    test_normals(&random, 20, x);
    memcpy(x + 20, x, 20 * sizeof *x);
    zg_error error = {0};
    zg_discrepancy found;
    size_t exceeding;
    zg_problem *problem = pose(10, 20, 2, x, TEST_RELU2);
    assert_ok(zg_discrepancy_find(problem, &found, &error), &error);
    assert_true(found.attained == 0.0 && found.bound < 1e-13);
    assert_ok(zg_discrepancy_permute(problem, found.attained, 50, 1, &exceeding, &error), &error);
    assert_int_equal(exceeding, 50);
    zg_discrepancy_clear(&found);
    for (size_t i = 0; i < 20; i++)
        problem->y[i] = 1.0;
    assert_int_equal(zg_discrepancy_find(problem, &found, &error), ZG_BAD_INPUT);
    zg_problem_free(problem);
    memset(x, 0, sizeof x);
    problem = pose(10, 20, 2, x, QUADRATIC);
    assert_ok(zg_discrepancy_find(problem, &found, &error), &error);
    assert_true(found.attained == 0.0 && found.bound < 1e-300);
    zg_discrepancy_clear(&found);
    zg_problem_free(problem);
}

static void a_certificate_that_proves_too_little_is_not_written(void **state)
{
    (void)state;
    const double x[] = {1, 2, 4, 2, 5}, t[] = {0, 0, 0, 1, 1};
    static const char *const labels[] = {"first", "second"};
    zg_error error = {0};
    zg_dataset *rows;
    zg_discrepancy found;
    zg_discrepancy_claim claim;
    char path[64];
    snprintf(path, sizeof path, "discrepancy-%ld.json", (long)getpid());
    assert_ok(zg_dataset_create(5, 1, x, 1, t, &rows, &error), &error);
    assert_ok(zg_dataset_set_labels(rows, 2, labels, &error), &error);
    const zg_model_options model = {
        .activation = QUADRATIC, .loss = {ZG_LOSS_SQUARED, 1.0}, .task = ZG_BINARY, .beta = 1.0};
    zg_problem *problem;
    assert_ok(zg_problem_create(rows, &model, &problem, &error), &error);
    assert_ok(zg_discrepancy_find(problem, &found, &error), &error);
    assert_true(found.attained <= 7.5 && found.bound >= 7.5);
    const zg_proof proof = {.problem = problem, .dataset = rows};
    const double refused[] = {7.5, 7.0, 0.0, NAN};
    for (size_t k = 0; k < 4; k++) {
        assert_int_equal(zg_discrepancy_write(path, &proof, &found, refused[k], &claim, &error),
                         ZG_BAD_INPUT);
        assert_int_equal(access(path, F_OK), -1);
    }
    assert_ok(zg_discrepancy_write(path, &proof, &found, 7.6, &claim, &error), &error);
    assert_true(claim.upper >= found.bound && claim.upper <= 7.6);
    assert_int_equal(remove(path), 0);
    assert_int_equal(remove(claim.data_file), 0);
    zg_discrepancy_clear(&found);
    zg_problem_free(problem);
    zg_dataset_free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_critics_of_the_reference_are_met),
        cmocka_unit_test(the_generator_of_the_reference_is_met_and_proven_by_the_critic),
        cmocka_unit_test(the_generator_against_polynomial_critics_meets_the_reference),
        cmocka_unit_test(three_cones_of_the_quadratic_critic_agree_with_the_closed_form),
        cmocka_unit_test(a_linear_critic_leaves_the_shortened_mean),
        cmocka_unit_test(generators_of_hostile_samples_are_bounds_or_refusals),
        cmocka_unit_test(contrasts_train_to_what_the_discrepancy_says),
        cmocka_unit_test(one_input_has_the_larger_of_two_values),
        cmocka_unit_test(a_certificate_that_proves_too_little_is_not_written),
        cmocka_unit_test(equal_samples_are_not_apart_and_one_sample_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
