/* The QR reduction: the same objective for every point, the same bound for every dual vector. */
#include "base/linalg.h"
#include "core/certificate.h"
#include "solvers/compress.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const zg_loss squared = {ZG_LOSS_SQUARED, 0}, interpolate = {ZG_LOSS_INTERPOLATE, 0};

/* Objectives of both programs at random feasible blocks. */
static void check_objective(const zg_program *whole, const zg_program *small, zg_random *random)
{
    size_t groups = whole->lift->groups, m = whole->lift->order;
    double **z = calloc(2 * groups, sizeof *z);
    for (size_t g = 0; g < 2 * groups; g++) {
        z[g] = zg_doubles(m * m);
        test_random_feasible(random, m, 1 + g % 2, z[g]);
    }
    double *f = zg_doubles(whole->lift->samples);
    size_t a = zg_lift_work(whole->lift), b = zg_lift_work(small->lift);
    double *work = zg_doubles(a > b ? a : b);
    double expected = zg_program_objective(whole, z, z + groups, f, work);
    double value = zg_program_objective(small, z, z + groups, f, work);
    assert_close(value, expected, 1e-10);
    for (size_t g = 0; g < 2 * groups; g++)
        free(z[g]);
    free(z);
    free(f);
    free(work);
}

/* Bounds of both programs for a random dual vector of the small one. */
static void check_bound(const zg_program *whole, const zg_compression *c, zg_random *random)
{
    size_t n = whole->lift->samples;
    double *w = zg_doubles(c->rank), *v = zg_doubles(n);
    test_normals(random, c->rank, w);
    for (size_t i = 0; i < c->rank; i++) /* on the useful side: v'y > 0 */
        w[i] = c->y[i] + 0.3 * w[i];
    zg_compression_dual(c, w, v);
    zg_bound small, full;
    assert_ok(zg_program_bound(&c->program, w, &small, NULL), NULL);
    assert_ok(zg_program_bound(whole, v, &full, NULL), NULL);
    assert_close(full.lambda, small.lambda, 1e-9);
    assert_close(zg_loss_dual(whole->loss, n, v, whole->y, whole->weights),
                 c->program.constant + zg_loss_dual(whole->loss, c->rank, w, c->program.y, NULL),
                 1e-9);
    /* The whole program scales v as one; the small one leaves the part outside the range alone. */
    assert_true(full.value <= small.value + 1e-9 * fmax(1, fabs(small.value)));
    if (small.scale == 1) assert_close(full.value, small.value, 1e-9);
    free(w);
    free(v);
}

static void check(const zg_problem *problem, size_t rank, zg_random *random)
{
    zg_program program = zg_problem_program(problem, 0);
    zg_compression *c;
    zg_error error = {0};
    assert_true(zg_compression_applies(&program));
    assert_ok(zg_compress(&program, &c, &error), &error);
    assert_int_equal(c->rank, rank);
    assert_int_equal(c->lift->samples, rank);
    check_objective(&program, &c->program, random);
    check_bound(&program, c, random);
    zg_compression_free(c);
}

static void set_weights(zg_problem *problem, zg_random *random)
{
    problem->weights = zg_doubles(problem->samples);
    for (size_t i = 0; i < problem->samples; i++)
        problem->weights[i] = 0.1 + zg_random_uniform(random);
}

static void same_program(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 11);
    for (int round = 0; round < test_rounds(10); round++) {
        zg_problem *dense = test_random_problem(&random, 30, 3, TEST_RELU2, "dense", squared, 0.5);
        if (round % 2) set_weights(dense, &random);
        check(dense, 10, &random); /* (d+1)(d+2)/2 */
        zg_problem *plain =
            test_random_problem(&random, 30, 3, TEST_QUADRATIC, "dense", squared, 0.5);
        check(plain, 6, &random);
        /* Two groups of order 3 and one constant in common. */
        zg_problem *pools = test_random_problem(&random, 30, 4, TEST_RELU2,
                                                "conv1d:filter=2,stride=2,pool=none", squared, 0.5);
        check(pools, 11, &random);
        zg_problem_free(dense);
        zg_problem_free(plain);
        zg_problem_free(pools);
    }
}

/* Labels -1 and +1 as a feature: its square is the constant. */
static void dependent_features(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 12);
    zg_problem *problem = test_random_problem(&random, 40, 3, TEST_RELU2, "dense", squared, 0.5);
    for (size_t i = 0; i < 40; i++)
        problem->x[3 * i] = problem->x[3 * i] < 0 ? -1e4 : 1e4;
    check(problem, 9, &random);
    zg_problem_free(problem);
}

static void wide_scales(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 13);
    zg_problem *problem = test_random_problem(&random, 40, 3, TEST_RELU2, "dense", squared, 0.5);
    for (size_t i = 0; i < 40; i++)
        problem->x[3 * i] *= 1e-5;
    zg_program program = zg_problem_program(problem, 0);
    zg_compression *c;
    assert_ok(zg_compress(&program, &c, NULL), NULL);
    assert_int_equal(c->rank, 10); /* small columns are no dependent ones */
    check_objective(&program, &c->program, &random);
    zg_compression_free(c);
    zg_problem_free(problem);
}

static void when_it_applies(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 14);
    static const struct {
        zg_loss loss;
        size_t n;
        bool applies;
    } cases[] = {
        {{ZG_LOSS_SQUARED, 0}, 11, true}, {{ZG_LOSS_SQUARED, 0}, 3, true},
        {{ZG_LOSS_SQUARED, 0}, 2, false}, {{ZG_LOSS_ABSOLUTE, 0}, 50, false},
        {{ZG_LOSS_HUBER, 1}, 50, false},  {{ZG_LOSS_INTERPOLATE, 0}, 5, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zg_problem *problem =
            test_random_problem(&random, cases[i].n, 3, TEST_RELU2, "dense", cases[i].loss, 0.5);
        zg_program program = zg_problem_program(problem, 0);
        assert_int_equal(zg_compression_applies(&program), cases[i].applies);
        zg_problem_free(problem);
    }
}

/* The same sample twice with the same target can be interpolated, with another one it cannot. */
static void interpolation_reach(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 15);
    zg_problem *problem = test_random_problem(&random, 6, 3, TEST_RELU2, "dense", interpolate, 0.5);
    memcpy(problem->x + 15, problem->x, 3 * sizeof(double));
    problem->y[5] = problem->y[0];
    zg_program program = zg_problem_program(problem, 0);
    zg_compression *c = NULL;
    zg_error error = {0};
    assert_ok(zg_compress(&program, &c, &error), &error);
    assert_int_equal(c->rank, 5);
    zg_compression_free(c);
    c = NULL;
    problem->y[5] = problem->y[0] + 0.5;
    assert_int_equal(zg_compress(&program, &c, &error), ZG_INFEASIBLE);
    double largest = 0.0;
    for (size_t i = 0; i < 6; i++)
        largest = fmax(largest, fabs(problem->y[i]));
    char expected[200];
    snprintf(
        expected, sizeof expected,
        "no network interpolates these targets: the nearest predictions of any are off by %.3g "
        "of the largest target (1e-07 would do)",
        0.25 / largest);
    assert_string_equal(error.message, expected);
    assert_null(c);
    zg_problem_free(problem);
}

static void zero_data(void **state)
{
    (void)state;
    double x[8] = {0}, y[4] = {1, 2, 3, 4};
    zg_architecture dense = {0};
    zg_problem *problem;
    zg_compression *c;
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(4, 2, x, 1, y, NULL, TEST_QUADRATIC, &dense, squared,
                                     (zg_penalty){0}, 1, &problem, &error),
              &error);
    zg_program program = zg_problem_program(problem, 0);
    assert_int_equal(zg_compress(&program, &c, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "every sample is zero: no network responds to any");
    zg_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_program),        cmocka_unit_test(dependent_features),
        cmocka_unit_test(wide_scales),         cmocka_unit_test(when_it_applies),
        cmocka_unit_test(interpolation_reach), cmocka_unit_test(zero_data),
    };
    return cmocka_run_group_tests_name("compress", tests, NULL, NULL);
}
