/* Robust training: reference optima by both methods, certified from scratch, and their agreement.
 */
#include "base/linalg.h"
#include "core/certificate.h"
#include "core/worst_case.h"
#include "data/catalogue.h"
#include "solvers/robust_ipm.h"
#include "tests/solvers/solving.h"
#include "train/registry.h"
#include "train/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Certified intervals of the shared material (neighbours/optima.csv): SDP by CVXOPT, copies'
 * bound and network's exact worst cases, or a prototype of the structured interior point. */
typedef struct reference {
    size_t n, d, neurons;
    uint32_t seed;
    zg_loss loss;
    double beta, radius, lower, upper;
} reference;

#define HINGE                                                                                      \
    {                                                                                              \
        ZG_LOSS_HINGE, 1.0                                                                         \
    }
#define SQUARED_HINGE                                                                              \
    {                                                                                              \
        ZG_LOSS_SQUARED_HINGE, 1.0                                                                 \
    }
#define SQUARED                                                                                    \
    {                                                                                              \
        ZG_LOSS_SQUARED, 1.0                                                                       \
    }
#define ABSOLUTE                                                                                   \
    {                                                                                              \
        ZG_LOSS_ABSOLUTE, 1.0                                                                      \
    }

static const reference references[] = {
    {12, 2, 2, 5, HINGE, 0.1, 0.1, 7.259908354, 7.259908357},
    {12, 2, 2, 5, HINGE, 0.1, 0.5, 11.81017628, 11.81017636},
    {12, 2, 2, 5, HINGE, 1, 0.1, 10.64595011, 10.64595012},
    {40, 5, 3, 3, HINGE, 0.1, 0.1, 4.0747058, 4.0747058},
    {40, 5, 3, 3, HINGE, 0.1, 0.3, 15.61516515, 15.61516518},
    {40, 5, 3, 3, HINGE, 0.1, 0.5, 24.8634768, 24.86347689},
    {40, 5, 3, 3, HINGE, 1, 0.1, 14.47218003, 14.47218003},
    {40, 5, 3, 3, HINGE, 1, 0.5, 29.20578949, 29.20578949},
    {40, 5, 3, 3, SQUARED_HINGE, 0.1, 0.1, 2.940539735, 2.940539736},
    {40, 5, 3, 3, SQUARED_HINGE, 0.1, 0.3, 9.527238108, 9.527238109},
    {12, 2, 2, 5, SQUARED, 0.1, 0.1, 0.03411239927, 0.03411239932},
    {12, 2, 2, 5, SQUARED, 0.1, 0.3, 0.03978939904, 0.03978939905},
    {12, 2, 2, 5, ABSOLUTE, 0.1, 0.1, 0.5494005362, 0.5494005362},
    {12, 2, 2, 5, ABSOLUTE, 0.1, 0.3, 0.6948766925, 0.6948766928},
    {25, 4, 3, 4, SQUARED, 0.1, 0.1, 0.8943961486, 0.8943961487},
    {25, 4, 3, 4, SQUARED, 0.1, 0.3, 3.235216841, 3.235216842},
    {25, 4, 3, 4, ABSOLUTE, 0.1, 0.1, 5.092589461, 5.092589464},
    {25, 4, 3, 4, ABSOLUTE, 0.1, 0.3, 11.83232585, 11.83232585},
};
enum { REFERENCES = sizeof references / sizeof *references };

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* +1 above the median, else -1. */
static void label_by_median(size_t n, double *y)
{
    double sorted[64];
    assert_true(n <= 64);
    memcpy(sorted, y, n * sizeof *y);
    qsort(sorted, n, sizeof *sorted, compare);
    double median = n % 2 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
    for (size_t i = 0; i < n; i++)
        y[i] = y[i] > median ? 1.0 : -1.0;
}

static zg_problem *planted(const reference *r)
{
    const zg_planted how = {.n = r->n,
                            .d = r->d,
                            .neurons = r->neurons,
                            .noise = 0.1,
                            .activation = TEST_RELU2,
                            .seed = r->seed};
    zg_dataset *data;
    zg_problem *problem;
    zg_error error = {0};
    assert_ok(zg_planted_create(&how, &data, &error), &error);
    if (zg_loss_has(r->loss.kind, ZG_LOSS_LABELLED)) label_by_median(r->n, data->t);
    assert_ok(zg_problem_from_arrays(r->n, r->d, data->x, 1, data->t, NULL, TEST_RELU2, NULL,
                                     r->loss, (zg_penalty){ZG_PENALTY_L1, 0}, r->beta, &problem,
                                     &error),
              &error);
    assert_ok(zg_problem_make_robust(problem, r->radius, &error), &error);
    zg_dataset_free(data);
    return problem;
}

/* The gate's verdict on what the method returns, whatever it says itself. */
static void train_with(const zg_problem *problem, const zg_method *method, const char *option,
                       const char *value, double tolerance, zg_training *out)
{
    zg_value *values;
    zg_error error = {0};
    zg_control control = {.tolerance = tolerance};
    assert_ok(zg_values_create(method, &values, &error), &error);
    if (option) assert_ok(zg_values_set(method, values, option, value, &error), &error);
    assert_ok(
        zg_training_run(problem, method, values, &control, 0.0, INFINITY, NULL, NULL, out, &error),
        &error);
    zg_values_free(method, values);
}

static void train(const zg_problem *problem, const zg_method *method, double tolerance,
                  zg_training *out)
{
    train_with(problem, method, NULL, NULL, tolerance, out);
}

static void assert_reference(const zg_problem *problem, const zg_method *method, double lower,
                             double upper)
{
    zg_training training;
    train(problem, method, 1e-7, &training);
    assert_int_equal(training.assessment.decision, ZG_DECISION_CERTIFIED);
    double size = fmax(1.0, upper);
    assert_true(training.certificate.objective <= upper + 1e-7 * size);
    assert_true(training.certificate.objective >= lower - 1e-9 * size);
    assert_true(training.certificate.bound <= upper + 1e-9 * size);
    assert_true(training.certificate.bound >= lower - 1e-7 * size);
    zg_training_clear(&training);
}

static void the_interior_point_meets_every_reference(void **state)
{
    (void)state;
    for (size_t k = 0; k < REFERENCES; k++) {
        zg_problem *problem = planted(&references[k]);
        assert_reference(problem, &zg_method_ipm, references[k].lower, references[k].upper);
        zg_problem_free(problem);
    }
}

static void exchange_meets_every_reference(void **state)
{
    (void)state;
    for (size_t k = 0; k < REFERENCES; k++) {
        zg_problem *problem = planted(&references[k]);
        assert_reference(problem, &zg_method_exchange, references[k].lower, references[k].upper);
        zg_problem_free(problem);
    }
}

/* Programs that begin with six rows, or have whole balls from the beginning, end at the same
 * optima: rows that were left out come back when they cost something. */
static void exchange_meets_references_from_few_rows_and_from_balls(void **state)
{
    (void)state;
    static const char *const options[][2] = {{"rows", "6"}, {"points", "0"}, {"points", "10000"}};
    for (size_t k = 0; k < 3 * REFERENCES; k++) {
        const reference *r = &references[k / 3];
        zg_problem *problem = planted(r);
        zg_training training;
        double weights[64];
        for (size_t i = 0; i < r->n; i++)
            weights[i] = 1.0;
        if (k % 2) problem->weights = weights;
        train_with(problem, &zg_method_exchange, options[k % 3][0], options[k % 3][1], 1e-6,
                   &training);
        assert_int_equal(training.assessment.decision, ZG_DECISION_CERTIFIED);
        assert_true(training.certificate.bound <= r->upper * (1 + 1e-9));
        assert_true(training.certificate.objective >= r->lower * (1 - 1e-9));
        zg_training_clear(&training);
        problem->weights = NULL;
        zg_problem_free(problem);
    }
}

/* Losses, activations and weights that no reference has: two methods that share no inequality. */
static void both_methods_agree_on_all_losses_and_activations(void **state)
{
    (void)state;
    static const zg_loss losses[] = {SQUARED, ABSOLUTE,      {ZG_LOSS_HUBER, 0.3},
                                     HINGE,   SQUARED_HINGE, {ZG_LOSS_LOGISTIC, 1.0}};
    zg_random random;
    zg_random_seed(&random, 11);
    for (int k = 0; k < 24; k++) {
        zg_activation activation = k % 4 == 3 ? TEST_QUADRATIC : TEST_RELU2;
        zg_problem *problem =
            test_random_problem(&random, 10, 3, activation, "dense", losses[k % 6], 0.2);
        double weights[10];
        for (int i = 0; i < 10; i++)
            weights[i] = 0.5 + zg_random_uniform(&random);
        if (k % 3 == 1) problem->weights = weights;
        assert_int_equal(zg_problem_make_robust(problem, k < 12 ? 0.15 : 0.5, NULL), ZG_OK);
        zg_training balls, copies;
        train(problem, &zg_method_ipm, 1e-7, &balls);
        train(problem, &zg_method_exchange, 1e-7, &copies);
        assert_int_equal(balls.assessment.decision, ZG_DECISION_CERTIFIED);
        assert_int_equal(copies.assessment.decision, ZG_DECISION_CERTIFIED);
        assert_true(balls.certificate.bound <= copies.certificate.objective);
        assert_true(copies.certificate.bound <= balls.certificate.objective);
        zg_training_clear(&balls);
        zg_training_clear(&copies);
        problem->weights = NULL;
        zg_problem_free(problem);
    }
}

static void exchange_trains_convolutions_whose_balls_are_of_images(void **state)
{
    (void)state;
    static const char *const architectures[] = {"conv1d:filter=3,stride=3",
                                                "conv1d:filter=4,stride=2,pool=2",
                                                "conv1d:filter=3,stride=1,pool=global"};
    zg_random random;
    zg_random_seed(&random, 12);
    for (int k = 0; k < 6; k++) {
        zg_loss loss = k % 2 ? (zg_loss)HINGE : (zg_loss)SQUARED;
        zg_problem *problem =
            test_random_problem(&random, 14, 6, TEST_RELU2, architectures[k / 2], loss, 0.3);
        assert_int_equal(zg_problem_make_robust(problem, 0.3, NULL), ZG_OK);
        zg_training training;
        train(problem, &zg_method_exchange, 1e-6, &training);
        assert_int_equal(training.assessment.decision, ZG_DECISION_CERTIFIED);
        zg_training_clear(&training);
        const zg_method *chosen;
        assert_int_equal(zg_method_find("auto", problem, &chosen, NULL), ZG_OK);
        assert_ptr_equal(chosen, &zg_method_exchange);
        zg_problem_free(problem);
    }
}

static void a_large_radius_leaves_the_zero_network(void **state)
{
    (void)state;
    reference r = {12, 2, 2, 5, HINGE, 1.0, 2.0, 12, 12};
    zg_problem *problem = planted(&r);
    assert_reference(problem, &zg_method_ipm, 12, 12);
    assert_reference(problem, &zg_method_exchange, 12, 12);
    zg_problem_free(problem);
}

static void a_small_radius_is_near_the_plain_optimum(void **state)
{
    (void)state;
    reference r = {12, 2, 2, 5, HINGE, 0.1, 0.0, 5.375199672, 5.375199674};
    zg_problem *problem = planted(&r);
    zg_training plain, near;
    train(problem, &zg_method_ipm, 1e-8, &plain);
    assert_close(plain.certificate.objective, 5.3751996735, 1e-8);
    assert_int_equal(zg_problem_make_robust(problem, 1e-5, NULL), ZG_OK);
    train(problem, &zg_method_exchange, 1e-7, &near);
    assert_int_equal(near.assessment.decision, ZG_DECISION_CERTIFIED);
    assert_true(near.certificate.objective >= plain.certificate.bound);
    assert_true(near.certificate.bound <= plain.certificate.objective + 1e-3);
    zg_training_clear(&plain);
    zg_training_clear(&near);
    zg_problem_free(problem);
}

static void methods_that_train_on_rows_alone_are_refused(void **state)
{
    (void)state;
    size_t count, refused = 0;
    const zg_method *const *all = zg_methods(&count);
    zg_problem *problem = planted(&references[0]);
    for (size_t k = 0; k < count; k++) {
        zg_value *values;
        zg_training training = {0};
        zg_control control = {.tolerance = 1e-6};
        zg_error error = {0};
        if (zg_values_create(all[k], &values, &error) != ZG_OK) continue;
        zg_status status = zg_training_run(problem, all[k], values, &control, 0.0, INFINITY, NULL,
                                           NULL, &training, &error);
        if (all[k]->robust)
            assert_ok(status, &error);
        else
            assert_int_equal(status, ZG_UNSUPPORTED);
        refused += status == ZG_UNSUPPORTED;
        zg_training_clear(&training);
        zg_values_free(all[k], values);
    }
    assert_true(refused >= 4);
    zg_problem_free(problem);
}

/* Every progress report has a valid bound below a valid objective. */
typedef struct watched {
    size_t reports;
    double lower, upper;
} watched;

static bool watch(void *context, const zg_progress *progress)
{
    watched *w = context;
    w->reports++;
    assert_true(progress->bound <= w->upper);
    assert_true(progress->objective >= w->lower);
    return true;
}

static void both_ends_hold_at_every_report(void **state)
{
    (void)state;
    const zg_method *methods[] = {&zg_method_ipm, &zg_method_exchange};
    for (size_t k = 0; k < 2 * REFERENCES; k += 3) {
        const reference *r = &references[k / 2];
        zg_problem *problem = planted(r);
        watched seen = {0, r->lower * (1 - 1e-8), r->upper * (1 + 1e-8)};
        zg_control control = {.tolerance = 1e-6};
        zg_training training;
        zg_value *values;
        zg_error error = {0};
        assert_ok(zg_values_create(methods[k % 2], &values, &error), &error);
        assert_ok(zg_training_run(problem, methods[k % 2], values, &control, 0.0, 0.0, watch, &seen,
                                  &training, &error),
                  &error);
        assert_true(seen.reports >= 3);
        zg_training_clear(&training);
        zg_values_free(methods[k % 2], values);
        zg_problem_free(problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interior_point_meets_every_reference),
        cmocka_unit_test(exchange_meets_every_reference),
        cmocka_unit_test(exchange_meets_references_from_few_rows_and_from_balls),
        cmocka_unit_test(both_methods_agree_on_all_losses_and_activations),
        cmocka_unit_test(exchange_trains_convolutions_whose_balls_are_of_images),
        cmocka_unit_test(a_large_radius_leaves_the_zero_network),
        cmocka_unit_test(a_small_radius_is_near_the_plain_optimum),
        cmocka_unit_test(methods_that_train_on_rows_alone_are_refused),
        cmocka_unit_test(both_ends_hold_at_every_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
