/* What "auto" takes, and that it does what the method it took does. */
#include "solvers/solver.h"
#include "tests/support/support.h"
#include "train/choice.h"
#include "train/registry.h"
#include "train/training.h"

#include <math.h>
#include <string.h>

static const zg_loss squared = {ZG_LOSS_SQUARED, 0};

/* Inputs of quickly falling size, as those of images are: few directions matter. */
static zg_problem *steep_problem(size_t n, size_t d, double beta)
{
    zg_random random;
    zg_random_seed(&random, 51);
    zg_problem *p = test_random_problem(&random, n, d, TEST_RELU2, "dense", squared, beta);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            p->x[i * d + j] *= 10.0 * pow(0.9, (double)j);
    return p;
}

static void small_problems_go_to_the_interior_point_method(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 50);
    for (size_t d = 1; d <= 30; d++) {
        zg_problem *p = test_random_problem(&random, 40, d, TEST_RELU2, "dense", squared, 0.5);
        assert_ptr_equal(zg_choose_method(p).method, &zg_method_ipm);
        zg_problem_free(p);
    }
}

/* Many inputs, many rows and few directions: the cost of ipm grows with the square of the rows. */
static void few_directions_among_many_inputs_go_to_low_rank(void **state)
{
    (void)state;
    zg_problem *p = steep_problem(3000, 200, 3000.0);
    zg_choice choice = zg_choose_method(p);
    assert_ptr_equal(choice.method, &zg_method_low_rank);
    assert_true(choice.low_rank < choice.ipm);
    p->beta = 1e-6; /* every direction matters */
    zg_choice other = zg_choose_method(p);
    assert_true(other.low_rank > choice.low_rank && other.ipm == choice.ipm);
    zg_problem_free(p);
}

/* A search has subspaces where most axes may become neurons, which cost as much as ipm itself. */
static void few_directions_need_few_subspaces(void **state)
{
    (void)state;
    zg_problem *p = steep_problem(250, 60, 1000.0);
    assert_ptr_equal(zg_choose_method(p).method, &zg_method_low_rank);
    p->beta = 1e-6;
    assert_ptr_equal(zg_choose_method(p).method, &zg_method_ipm);
    zg_problem_free(p);
}

/* The first method that treats the problem is none that cannot. */
static void what_ipm_alone_can_treat_goes_to_it(void **state)
{
    (void)state;
    zg_problem *p = steep_problem(2000, 150, 3000.0);
    assert_ptr_equal(zg_choose_method(p).method, &zg_method_low_rank);
    p->loss.kind = ZG_LOSS_INTERPOLATE;
    zg_choice choice = zg_choose_method(p);
    assert_ptr_equal(choice.method, &zg_method_ipm);
    assert_true(isnan(choice.low_rank));
    zg_problem_free(p);
}

static void auto_solves_and_says_by_what(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 52);
    zg_problem *p = test_random_problem(&random, 40, 4, TEST_RELU2, "dense", squared, 0.5);
    const zg_method *method;
    zg_training training;
    zg_value *values = NULL;
    zg_control control = {.tolerance = 1e-6};
    assert_int_equal(zg_method_find("auto", NULL, &method, NULL), ZG_OK);
    assert_ptr_equal(method, &zg_method_auto);
    assert_int_equal(zg_values_create(method, &values, NULL), ZG_OK);
    assert_int_equal(
        zg_training_run(p, method, values, &control, 0.0, INFINITY, NULL, NULL, &training, NULL),
        ZG_OK);
    assert_int_equal(training.assessment.decision, ZG_DECISION_CERTIFIED);
    assert_non_null(strstr(training.solution.message, "auto took ipm"));
    zg_training_clear(&training);
    zg_values_free(method, values);
    zg_problem_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_problems_go_to_the_interior_point_method),
        cmocka_unit_test(few_directions_among_many_inputs_go_to_low_rank),
        cmocka_unit_test(few_directions_need_few_subspaces),
        cmocka_unit_test(what_ipm_alone_can_treat_goes_to_it),
        cmocka_unit_test(auto_solves_and_says_by_what),
    };
    return cmocka_run_group_tests_name("auto", tests, NULL, NULL);
}
