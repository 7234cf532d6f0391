/* Training with options through the public header alone, as a binding for another language does. */
#include "zerogap.h"

#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 40, D = 3 };

typedef struct fixture {
    double x[N * D], t[N];
    zg_dataset *dataset;
    zg_problem *problem;
} fixture;

static void set_up(fixture *f)
{
    zg_model_options model = {.activation = {0.09, 0.5, 0.47}, .beta = 0.3};
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < D; k++)
            f->x[i * D + k] = sin(3.1 * i + 1.7 * k);
        f->t[i] = f->x[i * D] * f->x[i * D + 1] - f->x[i * D + 2];
    }
    assert_int_equal(zg_dataset_borrow(N, D, f->x, 1, f->t, &f->dataset, NULL), ZG_OK);
    assert_int_equal(zg_problem_create_with(f->dataset, &model, NULL, &f->problem, NULL), ZG_OK);
}

static void tear_down(fixture *f)
{
    zg_problem_free(f->problem);
    zg_dataset_free(f->dataset);
}

static void options_of_an_older_and_a_newer_caller(void **state)
{
    (void)state;
    fixture f;
    zg_error error;
    zg_network *network;
    struct {
        zg_train_options known;
        double unknown;
    } newer = {{.size = sizeof newer, .tolerance = 1e-3}, 0.0};
    set_up(&f);
    zg_result result = {.size = sizeof result};
    assert_int_equal(zg_train_with(f.problem, &newer.known, &network, &result, &error), ZG_OK);
    assert_true(result.tolerance == 1e-3);
    zg_network_free(network);
    newer.unknown = 1.0;
    assert_int_equal(zg_train_with(f.problem, &newer.known, &network, NULL, &error),
                     ZG_UNSUPPORTED);
    assert_null(network);
    newer.known.size = offsetof(zg_train_options, tolerance); /* as if it ended there */
    assert_int_equal(zg_train_with(f.problem, &newer.known, &network, &result, &error), ZG_OK);
    assert_true(result.tolerance == 1e-6);
    zg_network_free(network);
    newer.known.size = 0;
    assert_int_equal(zg_train_with(f.problem, &newer.known, &network, NULL, &error), ZG_BAD_INPUT);
    result.size = offsetof(zg_result, decision);
    result.decision = 77;
    assert_int_equal(zg_train_with(f.problem, NULL, &network, &result, &error), ZG_OK);
    assert_int_equal(result.decision, 77); /* beyond what this caller knows */
    zg_network_free(network);
    tear_down(&f);
}

static void say_nothing(void *context, const zg_progress *progress, bool *go_on)
{
    (void)progress;
    (void)go_on;
    ++*(int *)context;
}

static void go_on_until(void *context, const zg_progress *progress, bool *go_on)
{
    ++*(int *)context;
    *go_on = progress->number < 2;
}

static void a_callback_that_does_not_say_so_stops_the_training(void **state)
{
    (void)state;
    fixture f;
    int calls = 0;
    set_up(&f);
    zg_result result = {.size = sizeof result};
    zg_network *network;
    zg_train_options options = {.size = sizeof options, .progress = say_nothing, .context = &calls};
    assert_int_equal(zg_train_with(f.problem, &options, &network, &result, NULL), ZG_STOPPED);
    assert_int_equal(calls, 1);
    assert_int_not_equal(result.decision, ZG_DECISION_CERTIFIED);
    zg_network_free(network);
    calls = 0;
    options.progress = go_on_until;
    assert_int_equal(zg_train_with(f.problem, &options, &network, &result, NULL), ZG_STOPPED);
    assert_true(calls > 1);
    zg_network_free(network);
    calls = 0;
    options.progress_seconds = 3600;
    assert_int_equal(zg_train_with(f.problem, &options, &network, &result, NULL), ZG_OK);
    assert_int_equal(calls, 0);
    assert_int_equal(result.decision, ZG_DECISION_CERTIFIED);
    zg_network_free(network);
    tear_down(&f);
}

static void parts_make_the_same_network(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    zg_network *network, *again;
    zg_certificate one, two;
    assert_int_equal(zg_train_with(f.problem, NULL, &network, NULL, NULL), ZG_OK);
    zg_network_parts parts = {.size = sizeof parts};
    zg_network_describe(network, &parts);
    assert_int_equal(parts.width, D);
    assert_int_equal(parts.samples, N);
    assert_int_equal(zg_network_from_neurons(f.problem, parts.neurons, parts.group, parts.u,
                                             parts.alpha, &again, NULL),
                     ZG_OK);
    assert_int_equal(zg_certify(f.problem, network, &one, NULL), ZG_OK);
    assert_int_equal(zg_certify(f.problem, again, &two, NULL), ZG_OK);
    assert_true(one.objective == two.objective);
    double previous = two.bound; /* of the residual: the dual vector did not come along */
    assert_int_equal(zg_certify_tight(f.problem, again, NULL, &two, NULL), ZG_OK);
    assert_true(two.bound >= previous && two.bound <= two.objective + two.rounding);
    assert_int_equal(zg_certificate_decide(&two, 1e-6), ZG_DECISION_CERTIFIED);
    zg_network_free(network);
    zg_network_free(again);
    tear_down(&f);
}

static void neurons_that_are_none_are_refused(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    zg_network *network;
    const double bad[][D] = {{1, 1, 0}, {NAN, 0, 0}, {INFINITY, 0, 0}, {0, 0, 0}, {1 + 1e-8, 0, 0}};
    const double good[D] = {1, 0, 0}, alpha = 1, none = NAN;
    const size_t group = 1;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        assert_int_equal(
            zg_network_from_neurons(f.problem, 1, NULL, bad[k], &alpha, &network, NULL),
            ZG_BAD_INPUT);
    assert_int_equal(zg_network_from_neurons(f.problem, 1, NULL, good, &none, &network, NULL),
                     ZG_BAD_INPUT);
    assert_int_equal(zg_network_from_neurons(f.problem, 1, &group, good, &alpha, &network, NULL),
                     ZG_BAD_INPUT);
    tear_down(&f);
}

static void names_and_labels_are_checked(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    const char *const twice[] = {"a", "b", "a"}, *const empty[] = {"a", "", "c"};
    const char *const names[] = {"a", "b", "c"}, *const unsorted[] = {"b", "a"};
    assert_int_equal(zg_dataset_set_names(f.dataset, twice, NULL, NULL), ZG_BAD_INPUT);
    assert_int_equal(zg_dataset_set_names(f.dataset, empty, NULL, NULL), ZG_BAD_INPUT);
    assert_int_equal(zg_dataset_set_names(f.dataset, names, NULL, NULL), ZG_OK);
    assert_int_equal(zg_dataset_set_labels(f.dataset, 2, unsorted, NULL), ZG_BAD_INPUT);
    assert_int_equal(zg_dataset_set_labels(f.dataset, 3, names, NULL), ZG_BAD_INPUT);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_of_an_older_and_a_newer_caller),
        cmocka_unit_test(a_callback_that_does_not_say_so_stops_the_training),
        cmocka_unit_test(parts_make_the_same_network),
        cmocka_unit_test(neurons_that_are_none_are_refused),
        cmocka_unit_test(names_and_labels_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
