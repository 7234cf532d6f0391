/* Descent on the factors of the quadratic form: with the penalty it ends at the certified optimum,
 * without it nowhere below; what it cannot treat it refuses. */
#include "baselines/baseline.h"
#include "data/planted.h"
#include "solvers/solver.h"
#include "tests/support/support.h"
#include "train/training.h"

#include <math.h>
#include <string.h>

static zg_problem *problem_of(double beta, zg_activation activation)
{
    const zg_planted settings = {
        .n = 40, .d = 4, .neurons = 2, .noise = 0.1, .activation = TEST_QUADRATIC, .seed = 3};
    const zg_model_options options = {.activation = activation, .beta = beta};
    zg_dataset *dataset;
    zg_problem *problem;
    zg_error error = {0};
    assert_ok(zg_planted_create(&settings, &dataset, &error), &error);
    assert_ok(zg_problem_create(dataset, &options, &problem, &error), &error);
    zg_dataset_free(dataset);
    return problem;
}

/* settings: "key=value" one after the other, ended by NULL. */
static void train(const zg_problem *problem, const zg_method *method, const char *const *settings,
                  zg_training *out)
{
    zg_value *values;
    zg_error error = {0};
    const zg_control control = {.tolerance = 1e-8};
    assert_ok(zg_values_create(method, &values, &error), &error);
    for (; settings && *settings; settings += 2)
        assert_ok(zg_values_set(method, values, settings[0], settings[1], &error), &error);
    (void)zg_training_run(problem, method, values, &control, 0, INFINITY, NULL, NULL, out, &error);
    assert_non_null(out->solution.network);
    zg_values_free(method, values);
}

static void with_the_penalty_it_ends_at_the_optimum(void **state)
{
    (void)state;
    static const char *const forms[][11] = {
        {"form", "uu", "penalty", "true", "learning_rate", "0.01", "epochs", "20000", NULL},
        {"form", "udu", "penalty", "true", "learning_rate", "0.001", "epochs", "60000", "ball",
         "columns", NULL}};
    zg_problem *problem = problem_of(1, TEST_QUADRATIC);
    zg_training best, found;
    train(problem, &zg_method_ipm, NULL, &best);
    for (size_t k = 0; k < 2; k++) {
        train(problem, &zg_method_factored, forms[k], &found);
        print_message("# %s: %.10g, optimum %.10g\n", forms[k][1], found.certificate.objective,
                      best.certificate.objective);
        assert_true(found.certificate.objective >= best.certificate.bound);
        assert_close(found.certificate.objective / best.certificate.objective, 1,
                     k == 0 ? 1e-4 : 2e-3); /* it is slow in the ball */
        zg_training_clear(&found);
    }
    zg_training_clear(&best);
    zg_problem_free(problem);
}

static void without_it_the_form_stays_in_its_class_and_repeats(void **state)
{
    (void)state;
    static const char *const options[] = {"signs", "positive", "epochs", "3000", NULL};
    zg_problem *problem = problem_of(1e-3, TEST_QUADRATIC);
    zg_training first, again;
    train(problem, &zg_method_factored, options, &first);
    train(problem, &zg_method_factored, options, &again);
    const zg_network *network = first.solution.network;
    assert_true(network->count <= problem->inputs);
    for (size_t j = 0; j < network->count; j++)
        assert_true(network->alpha[j] > 0);
    assert_true(first.certificate.objective == again.certificate.objective);
    zg_training_clear(&first);
    zg_training_clear(&again);
    zg_problem_free(problem);
}

static void other_activations_are_refused(void **state)
{
    (void)state;
    zg_problem *problem = problem_of(1, TEST_RELU2);
    zg_value *values;
    zg_error error = {0};
    assert_ok(zg_values_create(&zg_method_factored, &values, &error), &error);
    assert_int_equal(zg_method_factored.check(problem, values, &error), ZG_UNSUPPORTED);
    zg_values_free(&zg_method_factored, values);
    zg_problem_free(problem);
}

/* A step that is far too long: no number that looks like a result. */
static void descent_that_leaves_the_numbers_fails(void **state)
{
    (void)state;
    zg_problem *problem = problem_of(1, TEST_QUADRATIC);
    zg_training training;
    zg_value *values;
    zg_error error = {0};
    const zg_control control = {.tolerance = 1e-8};
    assert_ok(zg_values_create(&zg_method_factored, &values, &error), &error);
    assert_ok(zg_values_set(&zg_method_factored, values, "form", "uu", &error), &error);
    assert_ok(zg_values_set(&zg_method_factored, values, "learning_rate", "1000", &error), &error);
    assert_int_equal(zg_training_run(problem, &zg_method_factored, values, &control, 0, INFINITY,
                                     NULL, NULL, &training, &error),
                     ZG_FAILED);
    assert_int_equal(training.assessment.decision, ZG_DECISION_FAILED);
    zg_training_clear(&training);
    zg_values_free(&zg_method_factored, values);
    zg_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_the_penalty_it_ends_at_the_optimum),
        cmocka_unit_test(without_it_the_form_stays_in_its_class_and_repeats),
        cmocka_unit_test(other_activations_are_refused),
        cmocka_unit_test(descent_that_leaves_the_numbers_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
