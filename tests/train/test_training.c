/* What training says of methods that end in every way there is: none may end as a success. */
#include "tests/support/support.h"
#include "train/training.h"

#include <limits.h>
#include <math.h>
#include <string.h>

static zg_problem *problem;

static int setup(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 7);
    problem = test_random_problem(&random, 12, 3, TEST_RELU2, "dense",
                                  (zg_loss){ZG_LOSS_SQUARED, 0}, 0.5);
    return problem ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    zg_problem_free(problem);
    return 0;
}

/* ---- methods that are not what they seem ------------------------------------------------------ */

static struct {
    zg_status ends; /* with this, and the zero network */
    long iterates;  /* reported before */
    double alpha;   /* of one neuron; 0: none */
    double bound;   /* of its own; 0: none */
    bool no_network;
    zg_claim *claim;
} plan;

static zg_status solve(const zg_problem *p, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    (void)values;
    zg_stopwatch watch = {0};
    zg_stopwatch_start(&watch);
    if (plan.no_network) return plan.ends;
    zg_status status = zg_network_create(p, &solution->network, error);
    if (status != ZG_OK) return status;
    const double u[] = {1, 0, 0};
    if (plan.alpha != 0)
        assert_int_equal(zg_network_add(solution->network, 0, u, 0, plan.alpha), ZG_OK);
    for (long i = 1; i <= plan.iterates; i++) {
        zg_iterate iterate = {.unit = "iteration",
                              .number = i,
                              .output = ZG_ALL_OUTPUTS,
                              .objective = NAN,
                              .bound = -INFINITY,
                              .network = solution->network};
        if (!zg_report(control, &watch, &iterate)) return ZG_STOPPED;
    }
    solution->unit = "iteration";
    if (plan.bound != 0) solution->bound = plan.bound;
    if (plan.claim) assert_int_equal(zg_solution_claim(solution, p->outputs, 0, plan.claim), ZG_OK);
    return plan.ends == ZG_OK ? ZG_OK : zg_fail(error, plan.ends, "it ended like this");
}

static const zg_method global = {
    .name = "global", .summary = "claims an optimum", .convex = true, .solve = solve};
static const zg_method local = {.name = "local", .summary = "claims nothing", .solve = solve};

static zg_status run(const zg_problem *p, const zg_method *method, double tolerance,
                     zg_training *training)
{
    zg_control control = {.tolerance = tolerance};
    zg_error error = {0};
    return zg_training_run(p, method, NULL, &control, 0.0, 0.0, NULL, NULL, training, &error);
}

static void expect_nothing(zg_status ends, zg_status status)
{
    zg_training training;
    plan.ends = ends;
    assert_int_equal(run(problem, &global, 1.0, &training), status);
    assert_int_equal(training.assessment.decision, ZG_DECISION_FAILED);
    assert_string_equal(training.assessment.cause, "nothing_measured");
    assert_null(training.solution.network);
    assert_null(training.dual);
    assert_true(isnan(training.certificate.objective) && isnan(training.certificate.bound) &&
                isnan(training.certificate.gap) && isnan(training.loss));
    zg_training_clear(&training);
}

static void expect(const zg_problem *p, const zg_method *method, double tolerance, zg_status status,
                   zg_decision decision, const char *cause)
{
    zg_training training;
    assert_int_equal(run(p, method, tolerance, &training), status);
    assert_int_equal(training.assessment.decision, decision);
    assert_string_equal(training.assessment.cause, cause);
    assert_true(training.certificate.gap == training.assessment.gap ||
                isnan(training.assessment.gap));
    zg_training_clear(&training);
}

/* ---- tests ------------------------------------------------------------------------------------ */

/* The zero network and the bound 0 that stand in before a method begins are no result. */
static void test_out_of_memory_leaves_nothing(void **state)
{
    (void)state;
    memset(&plan, 0, sizeof plan);
    expect_nothing(ZG_NO_MEMORY, ZG_NO_MEMORY);
    plan.iterates = 3; /* it may have broken anything */
    expect_nothing(ZG_NO_MEMORY, ZG_NO_MEMORY);
}

static void test_no_iterate_before_the_end_leaves_nothing(void **state)
{
    (void)state;
    memset(&plan, 0, sizeof plan);
    expect_nothing(ZG_STOPPED, ZG_STOPPED);
    expect_nothing(ZG_TIMEOUT, ZG_TIMEOUT);
    expect_nothing(ZG_FAILED, ZG_FAILED);
}

static void test_success_without_a_network_is_a_failure(void **state)
{
    (void)state;
    memset(&plan, 0, sizeof plan);
    plan.no_network = true;
    expect_nothing(ZG_OK, ZG_FAILED);
    expect_nothing(ZG_FAILED, ZG_FAILED);
}

static void test_what_was_stopped_keeps_what_it_had(void **state)
{
    (void)state;
    memset(&plan, 0, sizeof plan);
    plan.iterates = 2;
    plan.ends = ZG_TIMEOUT;
    expect(problem, &global, 1e-6, ZG_TIMEOUT, ZG_DECISION_UNCERTIFIED, "");
    plan.ends = ZG_FAILED;
    expect(problem, &global, 1e-6, ZG_FAILED, ZG_DECISION_FAILED, "method_failed");
}

static void test_a_global_method_with_a_gap_failed_and_a_local_one_did_not(void **state)
{
    (void)state;
    memset(&plan, 0, sizeof plan);
    expect(problem, &local, 1e-6, ZG_OK, ZG_DECISION_UNCERTIFIED, "");
    expect(problem, &global, 1e-6, ZG_OK, ZG_DECISION_FAILED, "not_certified");
    expect(problem, &global, 1.0, ZG_OK, ZG_DECISION_CERTIFIED, "");
}

static void test_a_network_of_infinite_objective_is_no_model(void **state)
{
    (void)state;
    const double bad[] = {INFINITY, NAN, 1e200};
    for (size_t k = 0; k < 3; k++) {
        memset(&plan, 0, sizeof plan);
        plan.alpha = bad[k];
        zg_training training;
        (void)run(problem, &local, 1.0, &training);
        assert_int_equal(training.assessment.decision, ZG_DECISION_FAILED);
        assert_null(training.solution.network);
        assert_true(isnan(training.certificate.gap));
        zg_training_clear(&training);
    }
}

static void test_a_bound_of_its_own_above_the_objective_is_wrong(void **state)
{
    (void)state;
    memset(&plan, 0, sizeof plan);
    plan.bound = 1e30;
    zg_training training;
    assert_int_equal(run(problem, &local, 1.0, &training), ZG_OK);
    assert_int_equal(training.assessment.decision, ZG_DECISION_WRONG);
    /* The model may be written: not with a record that contradicts itself. */
    assert_true(isnan(training.solution.network->training.bound));
    assert_true(isnan(training.solution.network->training.gap));
    zg_training_clear(&training);
}

static void test_a_claim_outside_the_interval_is_wrong(void **state)
{
    (void)state;
    memset(&plan, 0, sizeof plan);
    zg_claim claim = {.stated_primal = NAN, .stated_dual = NAN, .unit = 1, .limit = 1e-5};
    plan.claim = &claim;
    claim.primal = claim.dual = -1.0;
    expect(problem, &global, 1.0, ZG_OK, ZG_DECISION_WRONG, "claim_refuted");
}

static void test_interpolation_that_misses_is_infeasible(void **state)
{
    (void)state;
    memset(&plan, 0, sizeof plan);
    const double x[] = {1, 2, 3}, y[] = {1, -1, 2};
    zg_problem *exact;
    assert_ok(zg_problem_from_arrays(3, 1, x, 1, y, NULL, TEST_QUADRATIC, NULL,
                                     (zg_loss){ZG_LOSS_INTERPOLATE, 0},
                                     (zg_penalty){ZG_PENALTY_L1, 0}, 1, &exact, NULL),
              NULL);
    zg_training training;
    (void)run(exact, &global, 1.0, &training);
    assert_int_equal(training.assessment.decision, ZG_DECISION_FAILED);
    assert_string_equal(training.assessment.cause, "infeasible");
    assert_null(training.solution.network);
    zg_training_clear(&training);
    zg_problem_free(exact);
}

/* ---- several outputs -------------------------------------------------------------------------- */

/* What a solver says of two outputs, for both of which the zero network is optimal. */
static struct {
    bool says[2];
    zg_claim claims[2];
    double error; /* DIMACS error 5 of the first output */
} answers;

/* A zg_solve_output. */
static zg_status answer_output(const zg_problem *p, size_t output, const zg_value *values,
                               const zg_control *control, zg_stopwatch *watch,
                               zg_solution *solution, zg_error *error)
{
    (void)values;
    zg_status status = zg_network_create(p, &solution->network, error);
    zg_iterate iterate = {.unit = "iteration",
                          .number = 1,
                          .output = output,
                          .objective = NAN,
                          .bound = -INFINITY,
                          .network = solution->network};
    if (status == ZG_OK) zg_report(control, watch, &iterate);
    solution->has_dimacs = true;
    solution->dimacs[4] = output == 0 ? answers.error : 0.0;
    if (status == ZG_OK && answers.says[output])
        status = zg_solution_claim(solution, p->outputs, output, &answers.claims[output]);
    return status;
}

static zg_status solve_two(const zg_problem *p, const zg_value *values, const zg_control *control,
                           zg_solution *solution, zg_error *error)
{
    return zg_solve_outputs(p, values, control, answer_output, solution, error);
}

static const zg_method two = {
    .name = "two", .summary = "answers for two outputs", .convex = true, .solve = solve_two};

static zg_problem *two_outputs(void)
{
    const double x[] = {1, 2, 3}, y[] = {1, -1, 2, 2, 0, 4};
    zg_problem *p;
    assert_ok(zg_problem_from_arrays(3, 1, x, 2, y, NULL, TEST_RELU2, NULL,
                                     (zg_loss){ZG_LOSS_SQUARED, 0}, (zg_penalty){ZG_PENALTY_L1, 0},
                                     1e3, &p, NULL),
              NULL);
    memset(&answers, 0, sizeof answers);
    const double optimum[] = {3, 10};
    for (int c = 0; c < 2; c++) {
        answers.says[c] = true;
        answers.claims[c] = (zg_claim){.primal = optimum[c],
                                       .dual = optimum[c],
                                       .stated_primal = NAN,
                                       .stated_dual = NAN,
                                       .unit = 1,
                                       .limit = 1e-5};
    }
    return p;
}

/* jobs 1: in this process; 2: in one for each output. */
static void expect_of_two(zg_problem *p, zg_decision decision, const char *cause)
{
    for (size_t jobs = 1; jobs <= 2; jobs++) {
        zg_training training;
        zg_control control = {.tolerance = 1e-6, .jobs = jobs};
        zg_error error = {0};
        (void)zg_training_run(p, &two, NULL, &control, 0.0, 0.0, NULL, NULL, &training, &error);
        assert_int_equal(training.assessment.decision, decision);
        assert_string_equal(training.assessment.cause, cause);
        zg_training_clear(&training);
    }
}

static void test_claims_of_outputs_are_judged_one_by_one(void **state)
{
    (void)state;
    zg_problem *p = two_outputs();
    expect_of_two(p, ZG_DECISION_CERTIFIED, "");

    answers.claims[0].stated_primal = 1003; /* the sum is right */
    answers.claims[1].stated_primal = -990;
    expect_of_two(p, ZG_DECISION_WRONG, "claim_refuted");
    answers.claims[1].stated_primal = NAN; /* the sum is no number */
    expect_of_two(p, ZG_DECISION_WRONG, "claim_refuted");
    answers.says[1] = false; /* there is no sum */
    expect_of_two(p, ZG_DECISION_WRONG, "claim_refuted");
    zg_problem_free(p);

    p = two_outputs();
    answers.claims[0].says = ZG_SAYS_INFEASIBLE;
    answers.says[1] = false;
    expect_of_two(p, ZG_DECISION_WRONG, "claim_refuted");
    answers.says[1] = true;
    answers.claims[1].says = ZG_SAYS_UNSURE; /* of another output: it softens nothing */
    expect_of_two(p, ZG_DECISION_WRONG, "claim_refuted");
    answers.claims[0].says = ZG_SAYS_OPTIMAL;
    answers.claims[0].primal = 4;
    expect_of_two(p, ZG_DECISION_WRONG, "claim_refuted");
    answers.claims[0].primal = 3;
    answers.claims[1].says = ZG_SAYS_OPTIMAL;
    answers.claims[0].dimacs[3] = -1;
    expect_of_two(p, ZG_DECISION_FAILED, "inaccurate");
    zg_problem_free(p);
}

static void test_a_negative_dimacs_error_counts_by_its_size(void **state)
{
    (void)state;
    zg_problem *p = two_outputs();
    zg_training training;
    zg_control control = {.tolerance = 1e-6};
    answers.error = -0.25;
    (void)zg_training_run(p, &two, NULL, &control, 0.0, 0.0, NULL, NULL, &training, NULL);
    assert_true(training.solution.has_dimacs);
    assert_true(training.solution.dimacs[4] == 0.25);
    zg_training_clear(&training);
    zg_problem_free(p);
}

/* |objective - what long double says| <= the bound on it, at every magnitude; and the bound is of
 * the size of rounding. */
static void test_the_objective_is_off_by_no_more_than_stated(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 3);
    for (int round = 0; round < test_rounds(200); round++) {
        double numbers[64], size = pow(10, 6 * zg_random_uniform(&random) - 3);
        test_normals(&random, 64, numbers);
        zg_problem *p = test_random_problem(&random, 9, 3, TEST_RELU2, "dense",
                                            (zg_loss){ZG_LOSS_SQUARED, 0}, 0.1);
        zg_network *network;
        assert_ok(zg_network_create(p, &network, NULL), NULL);
        for (int j = 0; j < 8; j++) {
            double u[3], length = 0;
            for (int k = 0; k < 3; k++)
                length += numbers[3 * j + k] * numbers[3 * j + k];
            for (int k = 0; k < 3; k++)
                u[k] = numbers[3 * j + k] / sqrt(length);
            /* Pairs that all but cancel are the hard case. */
            double alpha = size * numbers[30 + j / 2] * (j % 2 ? -1 : 1);
            assert_int_equal(zg_network_add(network, 0, u, 0, alpha), ZG_OK);
        }
        long double value = 0;
        for (size_t i = 0; i < p->samples; i++) {
            long double f = 0;
            for (size_t j = 0; j < network->count; j++) {
                long double t = 0;
                for (size_t k = 0; k < 3; k++)
                    t += (long double)network->u[3 * j + k] * p->x[3 * i + k];
                f += network->alpha[j] * ((0.09 * t + (long double)0.5) * t + (long double)0.47);
            }
            value += (f - p->y[i]) * (f - p->y[i]) / 2;
        }
        for (size_t j = 0; j < network->count; j++)
            value += (long double)p->beta * fabsl((long double)network->alpha[j]);
        double objective, error;
        assert_ok(zg_network_objective(network, p, &objective, NULL, NULL), NULL);
        assert_ok(zg_network_objective_error(network, p, NULL, &error), NULL);
        assert_true(fabsl(objective - value) <= error);
        assert_true(error <= 1e-11 * (objective + size * size * 100));
        zg_network_free(network);
        zg_problem_free(p);
    }
}

/* ---- what callers of the library hand over ----------------------------------------------------- */

static void test_a_tolerance_that_is_none_is_refused(void **state)
{
    (void)state;
    const double none[] = {NAN, INFINITY, -INFINITY, -1e-6, 0.0, 1.0 + 1e-15, 1e9};
    for (size_t k = 0; k < sizeof none / sizeof *none; k++) {
        zg_network *network = NULL;
        zg_error error = {0};
        assert_int_equal(zg_train(problem, NULL, none[k], &network, &error), ZG_BAD_INPUT);
        assert_non_null(strstr(error.message, "tolerance"));
        assert_null(network);
    }
}

/* A number that stands for no loss, task, architecture or pool: another problem would be solved, or
 * memory read that is none of the library's. */
static void test_words_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4}, y[] = {1, -1};
    const int none[] = {-1, 8, 100, INT_MAX, INT_MIN};
    zg_dataset *data = NULL;
    assert_int_equal(zg_dataset_create(2, 2, x, 1, y, &data, NULL), ZG_OK);
    for (size_t k = 0; k < 4 * (sizeof none / sizeof *none); k++) {
        zg_model_options options = {.activation = TEST_RELU2, .beta = 1};
        options.architecture =
            (zg_architecture){ZG_CONV1D, 1, 2, 1, {1, 1}, {1, 1}, ZG_POOL_NONE, {0, 0}};
        zg_problem *out = NULL;
        assert_int_equal(zg_problem_create(data, &options, &out, NULL), ZG_OK);
        zg_problem_free(out);
        out = NULL;
        int word = none[k / 4];
        if (k % 4 == 0) options.loss.kind = (zg_loss_kind)word;
        if (k % 4 == 1) options.task = (zg_task)word;
        if (k % 4 == 2) options.architecture.kind = (zg_architecture_kind)word;
        if (k % 4 == 3) options.architecture.pool = (zg_pool_kind)word;
        zg_error error = {0};
        assert_int_equal(zg_problem_create(data, &options, &out, &error), ZG_BAD_INPUT);
        assert_non_null(strstr(error.message, "expected one from 0 to"));
        assert_null(out);
    }
    zg_dataset_free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_out_of_memory_leaves_nothing),
        cmocka_unit_test(test_no_iterate_before_the_end_leaves_nothing),
        cmocka_unit_test(test_success_without_a_network_is_a_failure),
        cmocka_unit_test(test_what_was_stopped_keeps_what_it_had),
        cmocka_unit_test(test_a_global_method_with_a_gap_failed_and_a_local_one_did_not),
        cmocka_unit_test(test_a_network_of_infinite_objective_is_no_model),
        cmocka_unit_test(test_a_bound_of_its_own_above_the_objective_is_wrong),
        cmocka_unit_test(test_a_claim_outside_the_interval_is_wrong),
        cmocka_unit_test(test_claims_of_outputs_are_judged_one_by_one),
        cmocka_unit_test(test_a_negative_dimacs_error_counts_by_its_size),
        cmocka_unit_test(test_interpolation_that_misses_is_infeasible),
        cmocka_unit_test(test_a_tolerance_that_is_none_is_refused),
        cmocka_unit_test(test_words_that_do_not_exist_are_refused),
        cmocka_unit_test(test_the_objective_is_off_by_no_more_than_stated),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
