/* Rank reduction: predictions stay, the penalty does not rise, Pataki's bound is reached; bounds
 * against exhaustive search. */
#include "base/linalg.h"
#include "core/rank_reduction.h"

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

/* ---- bounds --------------------------------------------------------------------------------- */

static void rank_of_one_block(void **unused)
{
    (void)unused;
    assert_int_equal(zg_pataki_rank(0), 0);
    for (size_t e = 1; e < 3000; e++) {
        size_t r = zg_pataki_rank(e);
        assert_true(r * (r + 1) / 2 <= e && (r + 1) * (r + 2) / 2 > e);
    }
}

/* Largest sum of ranks with the squares' budget, over all choices. */
static size_t best_ranks(size_t blocks, size_t order, size_t equations)
{
    size_t best = 0;
    if (blocks == 0) return 0;
    for (size_t r = 0; r <= order && r * (r + 1) / 2 <= equations; r++) {
        size_t sum = r + best_ranks(blocks - 1, order, equations - r * (r + 1) / 2);
        if (sum > best) best = sum;
    }
    return best;
}

static void bounds_are_exhaustive_maxima(void **unused)
{
    (void)unused;
    for (size_t groups = 1; groups <= 2; groups++)
        for (size_t order = 1; order <= 6; order++)
            for (size_t n = 1; n <= 40; n += 3) {
                size_t features = groups * order * (order + 1) / 2,
                       rows = n < features ? n : features;
                assert_int_equal(zg_pataki_bound(n, groups, order, false),
                                 best_ranks(2 * groups, order, rows));
                assert_int_equal(zg_pataki_bound(n, groups, order, true),
                                 best_ranks(2 * groups, order, rows + 2 * groups));
            }
}

/* ---- networks ------------------------------------------------------------------------------- */

typedef struct setup {
    size_t n, d, outputs, neurons; /* neurons: per group */
    const char *architecture;
    zg_activation activation;
    double spread; /* weights are 10^(-spread * uniform) */
} setup;

static zg_problem *make_problem(setup s, zg_penalty penalty, zg_random *random)
{
    double *x = zg_doubles(s.n * s.d), *y = zg_doubles(s.n * s.outputs);
    for (size_t i = 0; i < s.n * s.d; i++)
        x[i] = zg_random_normal(random);
    for (size_t i = 0; i < s.n * s.outputs; i++)
        y[i] = zg_random_normal(random);
    zg_architecture architecture;
    zg_problem *problem = NULL;
    assert_int_equal(zg_architecture_parse(s.architecture, s.d, &architecture, NULL), ZG_OK);
    assert_int_equal(zg_problem_from_arrays(s.n, s.d, x, s.outputs, y, NULL, s.activation,
                                            &architecture, (zg_loss){ZG_LOSS_SQUARED, 1.0}, penalty,
                                            0.1, &problem, NULL),
                     ZG_OK);
    free(x);
    free(y);
    return problem;
}

static zg_network *make_network(setup s, const zg_problem *problem, zg_random *random)
{
    zg_network *network = NULL;
    size_t width = problem->patches.width;
    double *u = zg_doubles(width);
    assert_int_equal(zg_network_create(problem, &network, NULL), ZG_OK);
    for (size_t j = 0; j < s.neurons * problem->patches.groups; j++) {
        for (size_t k = 0; k < width; k++)
            u[k] = zg_random_normal(random);
        double length = zg_norm(width, u);
        for (size_t k = 0; k < width; k++)
            u[k] /= length;
        double alpha = pow(10.0, -s.spread * zg_random_uniform(random));
        if (zg_random_uniform(random) < 0.5) alpha = -alpha;
        assert_int_equal(zg_network_add(network, j / s.neurons, u, 0, alpha), ZG_OK);
        for (size_t c = 1; c < s.outputs; c++)
            network->alpha[j * s.outputs + c] = zg_random_normal(random);
    }
    free(u);
    return network;
}

static double sum_of_weights(const zg_network *network)
{
    double sum = 0.0;
    for (size_t k = 0; k < network->count * network->outputs; k++)
        sum += fabs(network->alpha[k]);
    return sum;
}

/* Reduces a random network and checks every promise; the number of neurons left. */
static size_t check_reduction(setup s, uint32_t seed)
{
    zg_random random;
    zg_random_seed(&random, seed);
    zg_problem *problem = make_problem(s, (zg_penalty){ZG_PENALTY_L1, 1.0}, &random);
    zg_network *network = make_network(s, problem, &random), *reduced = NULL;
    size_t total = s.n * s.outputs, left;
    double *before = zg_doubles(total), *after = zg_doubles(total), largest = 0.0;
    zg_rank_report report;
    assert_int_equal(zg_network_reduce(network, problem, 1e-12, &reduced, &report, NULL), ZG_OK);
    assert_int_equal(zg_network_evaluate(network, s.n, problem->x, before), ZG_OK);
    assert_int_equal(zg_network_evaluate(reduced, s.n, problem->x, after), ZG_OK);
    double weights = sum_of_weights(network), drift = 0.0;
    for (size_t i = 0; i < total; i++) {
        drift = fmax(drift, fabs(after[i] - before[i]));
        largest = fmax(largest, fabs(before[i]));
    }
    assert_true(drift <= 1e-10 * fmax(1.0, weights));
    assert_true(sum_of_weights(reduced) <= weights * (1.0 + 1e-12));
    double objective;
    assert_int_equal(zg_network_objective(reduced, problem, &objective, NULL, NULL), ZG_OK);
    assert_true(objective == report.objective_after);
    assert_true(objective <= report.objective_before * (1.0 + 1e-12));
    assert_int_equal(report.neurons_before, network->count);
    assert_int_equal(report.neurons_after, reduced->count);
    assert_int_equal(report.bound, zg_problem_pataki_bound(problem));
    for (size_t j = 0; j < reduced->count; j++)
        assert_true(fabs(zg_norm(problem->patches.width, reduced->u + j * problem->patches.width) -
                         1.0) < 1e-14);
    left = reduced->count;
    if (network->count > report.bound) assert_true(left <= report.bound);
    free(before);
    free(after);
    zg_network_free(network);
    zg_network_free(reduced);
    zg_problem_free(problem);
    return left;
}

static const char *const architectures[] = {"dense", "conv1d:filter=3,stride=1,pool=none",
                                            "conv1d:filter=2,stride=2,pool=2",
                                            "conv2d:height=2,width=4,filter=2x2,pool=global"};

static void random_networks_of_every_architecture(void **unused)
{
    (void)unused;
    uint32_t seed = 1;
    for (int round = 0; round < 3 * multiplier(); round++)
        for (size_t a = 0; a < 4; a++)
            for (size_t n = 1; n <= 61; n += 20)
                for (int k = 0; k < 4; k++, seed++) {
                    setup s = {n,
                               8,
                               k & 1 ? 2 : 1,
                               24,
                               architectures[a],
                               k & 2 ? QUADRATIC : RELU2,
                               round * 2.0};
                    if (s.outputs == 2) s.neurons = 60; /* outputs no longer share neurons */
                    check_reduction(s, seed);
                }
}

/* More columns than are worked on at once. */
static void wide_networks_in_several_passes(void **unused)
{
    (void)unused;
    setup s = {20, 60, 1, 130, "dense", RELU2, 3.0};
    assert_true(check_reduction(s, 77) <= 8);
}

/* More samples than the lift has dimensions: what counts is the rank of the equations. */
static void many_samples(void **unused)
{
    (void)unused;
    setup s = {400, 4, 1, 40, "dense", RELU2, 1.0};
    assert_true(check_reduction(s, 78) <= 10);
}

/* A network at the bottom is returned as it is, to the last bit. */
static void nothing_to_reduce(void **unused)
{
    (void)unused;
    setup s = {50, 8, 1, 2, "dense", RELU2, 0.0};
    zg_random random;
    zg_random_seed(&random, 5);
    zg_problem *problem = make_problem(s, (zg_penalty){ZG_PENALTY_L1, 1.0}, &random);
    zg_network *network = make_network(s, problem, &random), *reduced = NULL;
    zg_rank_report report;
    assert_int_equal(zg_network_reduce(network, problem, 0.0, &reduced, &report, NULL), ZG_OK);
    assert_int_equal(reduced->count, 2);
    assert_memory_equal(reduced->u, network->u, 16 * sizeof(double));
    assert_memory_equal(reduced->alpha, network->alpha, 2 * sizeof(double));
    assert_true(report.drift == 0.0 && report.objective_after == report.objective_before);
    zg_network_free(network);
    zg_network_free(reduced);
    network = NULL;
    assert_int_equal(zg_network_create(problem, &network, NULL), ZG_OK); /* no neurons at all */
    assert_int_equal(zg_network_reduce(network, problem, 0.0, &reduced, NULL, NULL), ZG_OK);
    assert_int_equal(reduced->count, 0);
    zg_network_free(network);
    zg_network_free(reduced);
    zg_problem_free(problem);
}

/* Twins of one neuron merge: exactly one is left, with the sum of the weights. */
static void equal_neurons_merge(void **unused)
{
    (void)unused;
    setup s = {50, 8, 1, 1, "dense", RELU2, 0.0};
    zg_random random;
    zg_random_seed(&random, 6);
    zg_problem *problem = make_problem(s, (zg_penalty){ZG_PENALTY_L1, 1.0}, &random);
    zg_network *network = make_network(s, problem, &random), *reduced = NULL;
    double alpha = network->alpha[0], u[8];
    memcpy(u, network->u, sizeof u);
    for (int k = 0; k < 4; k++)
        assert_int_equal(zg_network_add(network, 0, u, 0, alpha), ZG_OK);
    assert_int_equal(zg_network_reduce(network, problem, 1e-12, &reduced, NULL, NULL), ZG_OK);
    assert_int_equal(reduced->count, 1);
    assert_true(fabs(reduced->alpha[0] - 5.0 * alpha) < 1e-13 * fabs(alpha));
    for (int k = 0; k < 8; k++)
        assert_true(fabs(reduced->u[k] - u[k]) < 1e-13);
    zg_network_free(network);
    zg_network_free(reduced);
    zg_problem_free(problem);
}

static void the_training_record_is_carried_over(void **unused)
{
    (void)unused;
    setup s = {10, 8, 1, 30, "dense", RELU2, 0.0};
    zg_random random;
    zg_random_seed(&random, 7);
    zg_problem *problem = make_problem(s, (zg_penalty){ZG_PENALTY_L1, 1.0}, &random);
    zg_network *network = make_network(s, problem, &random), *reduced = NULL;
    network->training.dual = zg_doubles(10);
    network->training.samples = 10;
    network->training.dual[3] = 0.25;
    network->training.bound = 0.5;
    strcpy(network->training.solver, "adam");
    zg_rank_report report;
    assert_int_equal(zg_network_reduce(network, problem, 1e-12, &reduced, &report, NULL), ZG_OK);
    assert_true(reduced->count < 30);
    assert_true(reduced->training.dual[3] == 0.25 && reduced->training.bound == 0.5);
    assert_string_equal(reduced->training.solver, "adam");
    assert_true(reduced->training.objective == report.objective_after);
    assert_true(fabs(reduced->training.gap -
                     (report.objective_after - 0.5) / fmax(1.0, report.objective_after)) < 1e-15);
    zg_network_free(network);
    zg_network_free(reduced);
    zg_problem_free(problem);
}

static void other_penalties_and_shapes_are_refused(void **unused)
{
    (void)unused;
    setup s = {10, 8, 1, 3, "dense", RELU2, 0.0}, narrow = s;
    narrow.d = 7;
    zg_random random;
    zg_random_seed(&random, 8);
    zg_problem *power = make_problem(s, (zg_penalty){ZG_PENALTY_POWER, 0.5}, &random);
    zg_problem *other = make_problem(narrow, (zg_penalty){ZG_PENALTY_L1, 1.0}, &random);
    zg_network *network = make_network(s, power, &random), *reduced = NULL;
    zg_error error = {0};
    assert_int_equal(zg_network_reduce(network, power, 0.0, &reduced, NULL, &error),
                     ZG_UNSUPPORTED);
    assert_non_null(strstr(error.message, "penalty"));
    assert_int_equal(zg_network_reduce(network, other, 0.0, &reduced, NULL, &error), ZG_BAD_INPUT);
    assert_null(reduced);
    zg_network_free(network);
    zg_problem_free(power);
    zg_problem_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rank_of_one_block),
        cmocka_unit_test(bounds_are_exhaustive_maxima),
        cmocka_unit_test(random_networks_of_every_architecture),
        cmocka_unit_test(wide_networks_in_several_passes),
        cmocka_unit_test(many_samples),
        cmocka_unit_test(nothing_to_reduce),
        cmocka_unit_test(equal_neurons_merge),
        cmocka_unit_test(the_training_record_is_carried_over),
        cmocka_unit_test(other_penalties_and_shapes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
