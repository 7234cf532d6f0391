/* Attacks: what they find is attained inside the ball or box, never below what is proven, and for
 * convex and for small problems as low as that. */
#include "base/linalg.h"
#include "baselines/pgd.h"
#include "core/margins.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define D 6

static zg_network *random_network(zg_random *random, const char *text, size_t outputs, bool bias)
{
    zg_error error = {0};
    size_t wide = D + bias;
    double x[4 * (D + 1)], y[4 * 4], u[D + 1];
    zg_architecture architecture;
    zg_problem *problem;
    zg_network *network;
    test_normals(random, 4 * wide, x);
    test_normals(random, 4 * outputs, y);
    assert_ok(zg_architecture_parse(text, wide, &architecture, &error), &error);
    assert_ok(zg_problem_from_arrays(4, wide, x, outputs, y, NULL, TEST_RELU2, &architecture,
                                     (zg_loss){ZG_LOSS_SQUARED, 0}, (zg_penalty){0}, 1, &problem,
                                     &error),
              &error);
    assert_ok(zg_network_create(problem, &network, &error), &error);
    zg_problem_free(problem);
    network->preprocess.bias = bias;
    network->preprocess.inputs = D;
    for (size_t j = 0; j < 3 * outputs; j++) {
        size_t width = network->patches.width;
        test_normals(random, width, u);
        double norm = zg_norm(width, u);
        for (size_t k = 0; k < width; k++)
            u[k] /= norm;
        assert_int_equal(zg_network_add(network, j % network->patches.groups, u, j % outputs,
                                        zg_random_normal(random)),
                         ZG_OK);
    }
    return network;
}

static void check(zg_random *random, const char *architecture, bool bias, bool box, size_t restarts,
                  int *met)
{
    zg_error error = {0};
    zg_network *network = random_network(random, architecture, 1, bias);
    double x[D + 1], point[D + 1], found, again, y = 1, radius = exp(zg_random_normal(random) - 1);
    test_normals(random, D, x);
    x[D] = 1;
    network->encoding.task = ZG_BINARY;
    zg_margin margin;
    assert_ok(zg_margins(network, 1, x, &y, &(zg_margin_options){.radius = radius, .box = box},
                         &margin, &error),
              &error);
    const zg_pgd_options options = {
        .radius = radius, .box = box, .restarts = restarts, .steps = 60, .seed = 1};
    assert_int_equal(zg_pgd_attack(network, (const double[]){1}, x, &options, point, &found),
                     ZG_OK);
    assert_int_equal(zg_network_evaluate(network, 1, point, &again), ZG_OK);
    assert_close(again, found, 1e-12);
    double far = 0, most = 0;
    for (size_t k = 0; k < D; k++) {
        far += (point[k] - x[k]) * (point[k] - x[k]);
        most = fmax(most, fabs(point[k] - x[k]));
    }
    assert_true((box ? most : sqrt(far)) <= radius * (1 + 1e-14));
    if (bias) assert_true(point[D] == 1);
    assert_true(found >= margin.bound);
    *met += found - margin.bound <= 1e-3 * fmax(1e-3, margin.here - margin.bound);
    zg_network_free(network);
}

static void attacks_come_down_to_the_proof_and_never_below(void **state)
{
    (void)state;
    zg_random random;
    int met = 0, rounds = test_rounds(60);
    zg_random_seed(&random, 1);
    for (int round = 0; round < rounds; round++) {
        check(&random, "dense", round % 2, false, 50, &met);
        check(&random, "conv1d:filter=2,pool=2", false, false, 50, &met);
        check(&random, "dense", false, true, 50, &met);
    }
    assert_true(met > 3 * rounds * 9 / 10);
}

static void an_attack_without_a_radius_or_restarts_is_the_row(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 2);
    zg_network *network = random_network(&random, "dense", 3, false);
    double x[D], point[D], value, f[3];
    test_normals(&random, D, x);
    assert_int_equal(zg_network_evaluate(network, 1, x, f), ZG_OK);
    assert_int_equal(zg_pgd_attack(network, (const double[]){0, 1, -1}, x,
                                   &(zg_pgd_options){.restarts = 3, .steps = 3}, point, &value),
                     ZG_OK);
    assert_close(value, f[1] - f[2], 1e-13);
    assert_memory_equal(point, x, sizeof x);
    zg_network_free(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attacks_come_down_to_the_proof_and_never_below),
        cmocka_unit_test(an_attack_without_a_radius_or_restarts_is_the_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
