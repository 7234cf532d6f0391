/* Neural Decomposition on random and adversarial matrices. */
#include "base/linalg.h"
#include "core/decomposition.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>

/* |sum_j alpha_j [u;1][u;1]' - z|_F / |z|_F; asserts unit neurons, positive weights, the count. */
static double rebuild_error(size_t order, const double *z, size_t most)
{
    double *u = zg_doubles(order * order), *alpha = zg_doubles(order),
           *sum = zg_doubles(order * order);
    size_t count;
    assert_int_equal(zg_decompose(order, z, 1e-13, u, alpha, &count), ZG_OK);
    assert_true(count <= most);
    for (size_t k = 0; k < count; k++) {
        const double *row = u + k * (order - 1);
        assert_true(alpha[k] > 0.0 && isfinite(alpha[k]));
        assert_close(zg_norm(order - 1, row), 1.0, 1e-14);
        for (size_t i = 0; i < order; i++)
            for (size_t j = 0; j < order; j++)
                sum[i * order + j] +=
                    alpha[k] * (i + 1 < order ? row[i] : 1.0) * (j + 1 < order ? row[j] : 1.0);
    }
    zg_axpy(order * order, -1.0, z, sum);
    double error = zg_norm(order * order, sum) / fmax(zg_norm(order * order, z), 1e-300);
    free(u);
    free(alpha);
    free(sum);
    return error;
}

static void random_matrices(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 21);
    for (int round = 0; round < test_rounds(300); round++) {
        size_t order = 2 + (size_t)round % 24, rank = 1 + (size_t)round % order;
        double *z = zg_doubles(order * order);
        test_random_feasible(&random, order, rank, z);
        assert_true(rebuild_error(order, z, rank) < 1e-12);
        free(z);
    }
}

/* Scales from 1e-150 to 1e150, and columns whose sizes differ by 1e6. */
static void wild_scales(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 22);
    for (int round = 0; round < test_rounds(60); round++) {
        double z[36], scale = pow(10.0, -150.0 + 5.0 * (round % 60));
        test_random_feasible(&random, 6, 1 + (size_t)round % 6, z);
        for (int i = 0; i < 36; i++)
            z[i] *= scale;
        assert_true(rebuild_error(6, z, 6) < 1e-12);
    }
}

/* Violations of <R, z> = 0 up to 1e-2 are spread over all neurons: the error stays of their size.
 */
static void violated_trace(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 23);
    for (int power = 2; power < 14; power++)
        for (int round = 0; round < test_rounds(20); round++) {
            double z[64], violation = pow(10.0, -power);
            test_random_feasible(&random, 8, 1 + (size_t)round % 8, z);
            z[63] *= 1.0 + violation;
            double error = rebuild_error(8, z, 8);
            assert_true(error < 4.0 * violation + 1e-12);
        }
}

/* All eigenvectors isotropic already; one positive against many negative; zero; no border; a
 * corner alone, which no neuron can make. */
static void adversarial(void **state)
{
    (void)state;
    double isotropic[9] = {2, 0, 0, 0, 0, 0, 0, 0, 2}; /* [1;0;1] and [1;0;-1] */
    assert_true(rebuild_error(3, isotropic, 2) < 1e-14);
    double spread[25] = {0};
    for (int i = 0; i < 4; i++)
        spread[i * 5 + i] = 0.25;
    spread[24] = 1.0;
    assert_true(rebuild_error(5, spread, 5) < 1e-14);
    double u[20], alpha[5], zero[25] = {0}, corner[25] = {0};
    size_t count = 99;
    assert_int_equal(zg_decompose(5, zero, 1e-12, u, alpha, &count), ZG_OK);
    assert_int_equal(count, 0);
    corner[24] = 1.0;
    assert_int_equal(zg_decompose(5, corner, 1e-12, u, alpha, &count), ZG_OK);
    assert_int_equal(count, 0);
    zero[0] = NAN;
    assert_int_equal(zg_decompose(5, zero, 1e-12, u, alpha, &count), ZG_FAILED);
    assert_int_equal(zg_decompose(1, corner, 1e-12, u, alpha, &count), ZG_BAD_INPUT);
}

/* The network made of blocks predicts what the lift predicts, for every architecture. */
static void network_equals_lift(void **state)
{
    (void)state;
    static const char *const architectures[] = {
        "dense", "conv1d:filter=3,stride=2", "conv2d:height=3,width=4,filter=2x2,pool=2x1",
        "conv2d:height=3,width=4,filter=2x3,pool=global", "conv1d:filter=2,channels=3,pool=3"};
    zg_random random;
    zg_random_seed(&random, 24);
    for (size_t a = 0; a < 5; a++)
        for (int quadratic = 0; quadratic < 2; quadratic++) {
            zg_problem *p =
                test_random_problem(&random, 9, 12, quadratic ? TEST_QUADRATIC : TEST_RELU2,
                                    architectures[a], (zg_loss){0}, 0.7);
            const zg_lift *lift = p->lift;
            size_t groups = lift->groups, order = lift->order;
            double **z = calloc(2 * groups, sizeof *z), **zn = z + groups;
            for (size_t g = 0; g < 2 * groups; g++) {
                z[g] = zg_doubles(order * order);
                if (lift->bordered) {
                    test_random_feasible(&random, order, 2, z[g]);
                } else {
                    double v[12];
                    test_normals(&random, order, v);
                    zg_gemm(false, true, order, order, 1, 1.0, v, order, v, order, 0.0, z[g],
                            order);
                }
            }
            zg_network *network;
            zg_error error = {0};
            assert_ok(zg_network_create(p, &network, &error), &error);
            assert_int_equal(zg_network_add_blocks(network, lift, 0, z, zn, 1e-13), ZG_OK);
            zg_program program = zg_problem_program(p, 0);
            double f[9], objective, *work = zg_doubles(zg_lift_work(lift));
            double expected = zg_program_objective(&program, z, zn, f, work);
            assert_int_equal(zg_network_objective(network, p, &objective, NULL, NULL), ZG_OK);
            assert_close(objective, expected, 1e-12);
            for (size_t g = 0; g < 2 * groups; g++)
                free(z[g]);
            free(z);
            free(work);
            zg_network_free(network);
            zg_problem_free(p);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_matrices),     cmocka_unit_test(wild_scales),
        cmocka_unit_test(violated_trace),      cmocka_unit_test(adversarial),
        cmocka_unit_test(network_equals_lift),
    };
    return cmocka_run_group_tests_name("decomposition", tests, NULL, NULL);
}
