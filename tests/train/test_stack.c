/* Layers trained one on the other: the reference of two of them, by two methods, and what a layer
 * hands on. */
#include "train/stack.h"

#include "base/linalg.h"
#include "baselines/deep.h"
#include "data/planted.h"
#include "tests/support/support.h"
#include "train/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static zg_dataset *planted(void)
{
    const zg_planted settings = {
        .n = 200, .d = 10, .neurons = 5, .noise = 0.1, .activation = TEST_RELU2, .seed = 1};
    zg_dataset *dataset;
    zg_error error = {0};
    assert_ok(zg_planted_create(&settings, &dataset, &error), &error);
    return dataset;
}

static zg_problem *problem_of(const zg_dataset *dataset)
{
    const zg_model_options options = {.activation = TEST_RELU2, .beta = 1};
    zg_problem *problem;
    zg_error error = {0};
    assert_ok(zg_problem_create(dataset, &options, &problem, &error), &error);
    return problem;
}

static zg_network *first_layer(const zg_dataset *dataset)
{
    zg_problem *problem = problem_of(dataset);
    zg_network *network;
    zg_error error = {0};
    assert_ok(zg_stack_train(problem, 1e-8, &network, &error), &error);
    zg_problem_free(problem);
    return network;
}

/* The optimum of the second layer, by a method, certified. */
static void train(const zg_problem *problem, const zg_method *method, double interval[2])
{
    zg_value *values;
    zg_training training;
    zg_error error = {0};
    const zg_control control = {.tolerance = 1e-8};
    assert_ok(zg_values_create(method, &values, &error), &error);
    (void)zg_training_run(problem, method, values, &control, 0, INFINITY, NULL, NULL, &training,
                          &error);
    assert_int_equal(training.assessment.decision, ZG_DECISION_CERTIFIED);
    interval[0] = training.certificate.bound;
    interval[1] = training.certificate.objective;
    zg_training_clear(&training);
    zg_values_free(method, values);
}

static void two_layers_reach_the_reference_by_two_methods(void **state)
{
    (void)state;
    const char *path = test_shared("reference/neighbours/optima.csv");
    char line[512];
    double lower = NAN, upper = NAN, interval[2];
    if (!path) {
        print_message("# no shared reference values here\n");
        skip();
    }
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (line[0] == 'F')
            assert_int_equal(sscanf(line,
                                    "F,layerwise stage 2,\"gauss:200,10,5,1 with yhat1/rms "
                                    "appended\",200,11,relu2,squared,1,-,%lf,%lf,",
                                    &lower, &upper),
                             2);
    fclose(file);
    zg_dataset *dataset = planted();
    zg_network *network = first_layer(dataset);
    zg_error error = {0};
    assert_close(network->training.objective, 99.92641271, 1e-9);
    assert_ok(zg_stack_append(network, ZG_STACK_OUTPUTS, 1, 1, &dataset, &error), &error);
    zg_network_free(network);
    zg_problem *problem = problem_of(dataset);
    const zg_method *const methods[] = {&zg_method_ipm, &zg_method_low_rank};
    for (size_t k = 0; k < 2; k++) {
        train(problem, methods[k], interval);
        print_message("# %s: [%.10g, %.10g]\n", methods[k]->name, interval[0], interval[1]);
        assert_true(fabs(interval[0] - lower) <= 1e-7 * lower);
        assert_true(fabs(interval[1] - upper) <= 1e-7 * upper);
    }
    zg_problem_free(problem);
    zg_dataset_free(dataset);
}

/* Root mean square 1 over the rows that trained, the same function elsewhere, inputs untouched. */
static void a_layer_hands_on_its_outputs_in_units_of_the_training_rows(void **state)
{
    (void)state;
    zg_dataset *dataset = planted(), *other;
    const size_t order[] = {7, 3, 150};
    double f[203], square = 0;
    zg_error error = {0};
    const char *const names[] = {"a", "b", "c", "d", "layer1", "f", "g", "h", "i", "j"};
    assert_ok(zg_dataset_set_names(dataset, names, NULL, &error), &error);
    assert_ok(zg_dataset_select(dataset, 3, order, &other, &error), &error);
    zg_network *network = first_layer(dataset);
    assert_ok(zg_network_predict(network, 200, dataset->x, f, &error), &error);
    for (size_t i = 0; i < 200; i++)
        square += f[i] * f[i] / 200;
    zg_dataset *const rows[] = {dataset, NULL, other};
    assert_ok(zg_stack_append(network, ZG_STACK_NEURONS, 1, 3, rows, &error), &error);
    assert_int_equal(dataset->inputs, 11 + network->count);
    assert_int_equal(other->inputs, dataset->inputs);
    for (size_t k = 0; k < 3; k++) {
        const double *x = other->x + k * other->inputs;
        const double *same = dataset->x + order[k] * dataset->inputs;
        assert_memory_equal(x, same, 10 * sizeof *x);
        for (size_t j = 10; j < other->inputs; j++)
            assert_close(x[j], same[j], 1e-13);
        assert_close(x[10], f[order[k]] / sqrt(square), 1e-12);
    }
    /* The outputs are the neurons' sum: alpha of each, times its own scale. */
    for (size_t j = 0; j < network->count; j++) {
        double sum = 0;
        for (size_t i = 0; i < 200; i++)
            sum += pow(dataset->x[i * dataset->inputs + 11 + j], 2) / 200;
        assert_close(sum, 1, 1e-12);
    }
    assert_string_equal(dataset->input_names[4], "layer1");
    assert_string_equal(dataset->input_names[10], "layer1.1");
    zg_network_free(network);
    zg_dataset_free(dataset);
    zg_dataset_free(other);
}

static void a_network_of_nothing_hands_on_zeros(void **state)
{
    (void)state;
    zg_dataset *dataset = planted();
    zg_problem *problem = problem_of(dataset);
    zg_network *network;
    zg_error error = {0};
    assert_ok(zg_network_create(problem, &network, &error), &error);
    assert_ok(zg_stack_append(network, ZG_STACK_OUTPUTS, 1, 1, &dataset, &error), &error);
    for (size_t i = 0; i < 200; i++)
        assert_true(dataset->x[i * 11 + 10] == 0);
    zg_network_free(network);
    zg_problem_free(problem);
    zg_dataset_free(dataset);
}

/* Targets that are no numbers: whatever a method makes of them. */
static void a_layer_that_is_not_certified_carries_nothing(void **state)
{
    (void)state;
    zg_dataset *dataset = planted();
    zg_problem *problem = problem_of(dataset);
    zg_network *network;
    zg_error error = {0};
    for (size_t i = 0; i < problem->samples; i++)
        problem->y[i] = NAN;
    assert_int_equal(zg_stack_train(problem, 1e-8, &network, &error), ZG_FAILED);
    assert_null(network);
    assert_non_null(strstr(error.message, "not certified"));
    zg_problem_free(problem);
    zg_dataset_free(dataset);
}

/* One layer is the training problem: never below its optimum, and near it; what it answers on the
 * training rows is what its objective is made of. */
static void backpropagation_through_one_layer_ends_near_the_optimum(void **state)
{
    (void)state;
    zg_dataset *dataset = planted();
    zg_problem *problem = problem_of(dataset);
    zg_error error = {0};
    double f[200], best, interval[2];
    const zg_deep_rows rows = {200, problem->x, f};
    zg_deep_options options = {
        .layers = 1, .neurons = 40, .epochs = 5000, .learning_rate = 0.03, .seed = 1};
    train(problem, &zg_method_ipm, interval);
    assert_ok(zg_deep_train(problem, &options, 1, &rows, &best, &error), &error);
    print_message("# %.6g, optimum %.6g\n", best, interval[1]);
    assert_true(best >= interval[0] && best <= 1.001 * interval[1]);
    double loss = zg_loss_value(problem->loss, 200, f, problem->y, NULL);
    assert_true(loss > 0 && loss < best);
    options.layers = 3;
    options.epochs = 1;
    double first;
    assert_ok(zg_deep_train(problem, &options, 1, &rows, &first, &error), &error);
    options.epochs = 1000;
    assert_ok(zg_deep_train(problem, &options, 1, &rows, &best, &error), &error);
    print_message("# three layers: %.6g, at first %.6g\n", best, first);
    assert_true(best < 0.1 * first);
    zg_problem_free(problem);
    zg_dataset_free(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_layers_reach_the_reference_by_two_methods),
        cmocka_unit_test(a_layer_hands_on_its_outputs_in_units_of_the_training_rows),
        cmocka_unit_test(a_network_of_nothing_hands_on_zeros),
        cmocka_unit_test(a_layer_that_is_not_certified_carries_nothing),
        cmocka_unit_test(backpropagation_through_one_layer_ends_near_the_optimum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
