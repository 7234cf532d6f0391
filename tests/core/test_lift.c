/* The lift: adjoint identities, explicit matrices, architectures that must agree. */
#include "base/linalg.h"
#include "tests/support/support.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const architectures[] = {
    "dense", "conv1d:filter=3,stride=2", "conv2d:height=3,width=4,filter=2x2,pool=2x1",
    "conv2d:height=3,width=4,filter=2x3,pool=global", "conv1d:filter=2,channels=3,pool=3"};
enum { ARCHITECTURES = 5, N = 7, D = 12 };

static void random_symmetric(zg_random *random, size_t m, double *z)
{
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i <= j; i++)
            z[i * m + j] = z[j * m + i] = zg_random_normal(random);
}

/* The same lift from explicit feature rows. */
static zg_lift *as_features(const zg_lift *lift)
{
    double **features = calloc(lift->groups, sizeof *features);
    for (size_t g = 0; g < lift->groups; g++) {
        features[g] = zg_doubles(lift->samples * zg_svec_size(lift->order));
        zg_lift_features(lift, g, features[g], lift->samples);
    }
    zg_lift *out;
    zg_error error = {0};
    assert_ok(zg_lift_create_features(lift->samples, lift->groups, lift->order, lift->bordered,
                                      features, &out, &error),
              &error);
    return out;
}

/* <apply(z), v> = <z, adjoint(v)>, and both equal what the explicit matrices give. */
static void check_lift(const zg_lift *lift, zg_random *random)
{
    size_t m = lift->order, n = lift->samples;
    double *z = zg_doubles(m * m), *t = zg_doubles(m * m), *one = zg_doubles(m * m);
    double *work = zg_doubles(zg_lift_work(lift)), *sum = zg_doubles(m * m);
    double f[N] = {0}, v[N];
    for (size_t g = 0; g < lift->groups; g++) {
        random_symmetric(random, m, z);
        test_normals(random, n, v);
        memset(f, 0, sizeof f);
        memset(sum, 0, m * m * sizeof *sum);
        zg_lift_apply(lift, g, z, 1.0, f, work);
        zg_lift_adjoint(lift, g, v, t, work);
        for (size_t i = 0; i < n; i++) {
            zg_lift_matrix(lift, g, i, one);
            assert_close(f[i], zg_inner(m, one, z), 1e-13);
            zg_axpy(m * m, v[i], one, sum);
        }
        zg_axpy(m * m, -1.0, t, sum);
        double error = zg_norm(m * m, sum);
        assert_true(error <= 2.0 * zg_lift_adjoint_error(lift, g, v));
        assert_close(zg_dot(n, f, v), zg_inner(m, z, t), 1e-12);
    }
    free(z);
    free(t);
    free(one);
    free(sum);
    free(work);
}

static void adjoint_identities(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 41);
    for (int round = 0; round < test_rounds(20); round++) {
        zg_problem *p =
            test_random_problem(&random, N, D, round % 2 ? TEST_QUADRATIC : TEST_RELU2,
                                architectures[round % ARCHITECTURES], (zg_loss){0}, 1.0);
        zg_lift *features = as_features(p->lift);
        check_lift(p->lift, &random);
        check_lift(features, &random);
        zg_lift_free(features);
        zg_problem_free(p);
    }
}

/* More rows than one block of the implementation, against the sum over single samples. */
static void many_rows(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 42);
    zg_problem *p = test_random_problem(&random, 1000, 3, TEST_RELU2, "dense", (zg_loss){0}, 1.0);
    double z[16], t[16], sum[16] = {0}, one[16], *f = zg_doubles(1000), *v = zg_doubles(1000);
    double *work = zg_doubles(zg_lift_work(p->lift));
    random_symmetric(&random, 4, z);
    test_normals(&random, 1000, v);
    zg_lift_apply(p->lift, 0, z, -2.0, f, work);
    zg_lift_adjoint(p->lift, 0, v, t, work);
    for (size_t i = 0; i < 1000; i++) {
        zg_lift_matrix(p->lift, 0, i, one);
        assert_close(f[i], -2.0 * zg_inner(4, one, z), 1e-13);
        zg_axpy(16, v[i], one, sum);
    }
    for (int k = 0; k < 16; k++)
        assert_close(t[k], sum[k], 1e-11);
    free(f);
    free(v);
    free(work);
    zg_problem_free(p);
}

/* The adjoint of a dense lift, entry by entry against the sum over samples: sizes about that of a
 * panel of columns, and rows about that of a block; symmetric to the last bit. */
static void check_adjoint(zg_random *random, size_t n, size_t d, zg_activation activation)
{
    zg_problem *p = test_random_problem(random, n, d, activation, "dense", (zg_loss){0}, 1.0);
    size_t m = p->lift->order;
    double *t = zg_doubles(m * m), *one = zg_doubles(m * m), *sum = zg_doubles(m * m),
           *v = zg_doubles(n), *work = zg_doubles(zg_lift_work(p->lift));
    test_normals(random, n, v);
    for (size_t k = 0; k < m * m; k++)
        t[k] = NAN;
    zg_lift_adjoint(p->lift, 0, v, t, work);
    for (size_t i = 0; i < n; i++) {
        zg_lift_matrix(p->lift, 0, i, one);
        zg_axpy(m * m, v[i], one, sum);
    }
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < m; i++) {
            assert_close(t[j * m + i], sum[j * m + i], 1e-12);
            assert_true(t[j * m + i] == t[i * m + j]);
        }
    zg_axpy(m * m, -1.0, t, sum);
    assert_true(zg_norm(m * m, sum) <= 2.0 * zg_lift_adjoint_error(p->lift, 0, v));
    free(t);
    free(one);
    free(sum);
    free(v);
    free(work);
    zg_problem_free(p);
}

static void adjoints_of_any_width(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{5, 1},   {5, 127},   {5, 128}, {5, 129},
                                      {5, 256}, {257, 129}, {5, 300}};
    zg_random random;
    zg_random_seed(&random, 44);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int bordered = 0; bordered < 2; bordered++)
            check_adjoint(&random, sizes[k][0], sizes[k][1],
                          bordered ? TEST_RELU2 : TEST_QUADRATIC);
}

static void same_lift(const char *a, const char *b, size_t d)
{
    zg_random random;
    zg_random_seed(&random, 43);
    zg_problem *p = test_random_problem(&random, N, d, TEST_RELU2, a, (zg_loss){0}, 1.0);
    zg_random_seed(&random, 43);
    zg_problem *q = test_random_problem(&random, N, d, TEST_RELU2, b, (zg_loss){0}, 1.0);
    assert_int_equal(p->lift->groups, q->lift->groups);
    assert_int_equal(p->lift->order, q->lift->order);
    size_t m = p->lift->order;
    double *one = zg_doubles(m * m), *two = zg_doubles(m * m);
    for (size_t g = 0; g < p->lift->groups; g++)
        for (size_t i = 0; i < N; i++) {
            zg_lift_matrix(p->lift, g, i, one);
            zg_lift_matrix(q->lift, g, i, two);
            assert_memory_equal(one, two, m * m * sizeof *one);
        }
    free(one);
    free(two);
    zg_problem_free(p);
    zg_problem_free(q);
}

/* A filter that covers the whole input is dense; a pool of one patch is no pool; one dimension is
 * a two-dimensional image of height 1. */
static void equal_architectures(void **state)
{
    (void)state;
    same_lift("dense", "conv2d:height=3,width=4,filter=3x4", 12);
    same_lift("dense", "conv1d:filter=12,pool=global", 12);
    same_lift("conv2d:height=3,width=4,filter=2x2", "conv2d:height=3,width=4,filter=2x2,pool=1x1",
              12);
    same_lift("conv1d:filter=3,stride=3", "conv2d:height=1,width=12,filter=1x3,stride=1x3", 12);
}

/* Patches of an image numbered 0..11: the indices are what one writes down by hand. */
static void patch_tables(void **state)
{
    (void)state;
    zg_architecture a;
    zg_patches p;
    zg_error error = {0};
    assert_ok(zg_architecture_parse("conv2d:height=3,width=4,filter=2x2,stride=1x2,pool=2x1", 12,
                                    &a, &error),
              &error);
    assert_ok(zg_patches_create(&a, 12, &p, &error), &error);
    assert_int_equal(p.groups, 2);
    assert_int_equal(p.patches, 2);
    static const size_t expected[16] = {0, 1, 4, 5, 4, 5, 8, 9, 2, 3, 6, 7, 6, 7, 10, 11};
    assert_memory_equal(p.index, expected, sizeof expected);
    zg_patches_clear(&p);
    assert_ok(zg_architecture_parse("conv1d:filter=2,channels=2", 6, &a, &error), &error);
    assert_ok(zg_patches_create(&a, 6, &p, &error), &error);
    static const size_t channels[8] = {0, 1, 3, 4, 1, 2, 4, 5};
    assert_memory_equal(p.index, channels, sizeof channels);
    zg_patches_clear(&p);
}

static void impossible_architectures(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
        size_t inputs;
    } cases[] = {
        {"conv2d:height=3,width=4,filter=2x2",
         "architecture conv2d:height=3,width=4,filter=2x2,stride=1x1,pool=none expects 12 inputs "
         "(3 x 4, 1 channels), the data have 13",
         13},
        {"conv2d:height=3,width=4,filter=4x2",
         "architecture conv2d:height=3,width=4,filter=4x2,stride=1x1,pool=none: the filter is "
         "larger than the 3 x 4 input",
         12},
        {"conv1d:filter=3,pool=11", "a pool of 1 x 11 patches does not fit into 1 x 10 patches",
         12},
        {"dense", "the data have no inputs", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zg_architecture a;
        zg_patches p;
        zg_error error = {0};
        assert_ok(zg_architecture_parse(cases[i].text, cases[i].inputs, &a, &error), &error);
        assert_int_equal(zg_patches_create(&a, cases[i].inputs, &p, &error), ZG_BAD_INPUT);
        assert_string_equal(error.message, cases[i].message);
    }
}

static void text_round_trip(void **state)
{
    (void)state;
    for (int k = 0; k < ARCHITECTURES; k++) {
        zg_architecture a, b;
        char text[256], again[256];
        assert_int_equal(zg_architecture_parse(architectures[k], D, &a, NULL), ZG_OK);
        zg_architecture_format(&a, text, sizeof text);
        assert_int_equal(zg_architecture_parse(text, D, &b, NULL), ZG_OK);
        zg_architecture_format(&b, again, sizeof again);
        assert_string_equal(text, again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adjoint_identities),    cmocka_unit_test(many_rows),
        cmocka_unit_test(adjoints_of_any_width), cmocka_unit_test(equal_architectures),
        cmocka_unit_test(patch_tables),          cmocka_unit_test(impossible_architectures),
        cmocka_unit_test(text_round_trip),
    };
    return cmocka_run_group_tests_name("lift", tests, NULL, NULL);
}
