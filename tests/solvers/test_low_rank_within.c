/* Low-rank searches within others: without inputs that are always 0, and in the leading axes. */
#include "base/linalg.h"
#include "core/certificate.h"
#include "solvers/low_rank_filled.h"
#include "solvers/low_rank_leading.h"
#include "tests/solvers/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const zg_loss losses[] = {{ZG_LOSS_SQUARED, 1.0},       {ZG_LOSS_ABSOLUTE, 1.0},
                                 {ZG_LOSS_HUBER, 0.7},         {ZG_LOSS_HINGE, 1.0},
                                 {ZG_LOSS_SQUARED_HINGE, 1.0}, {ZG_LOSS_LOGISTIC, 1.0}};
enum { LOSSES = 6 };

/* What is asked of a program; the rest of its numbers are random. */
typedef struct wish {
    size_t rows, inputs, outputs;
    double decay;  /* of an input's size beside the one before it */
    size_t stride; /* every so many inputs one is filled, from the first on */
    zg_loss loss;
    zg_activation activation;
    const double *weights;
    double beta; /* in units of the first output's beta_max */
} wish;

/* The same wish has the same numbers in its filled inputs, whatever the stride. */
static zg_problem *program_of(const wish *w)
{
    zg_random random;
    zg_random_seed(&random, 81);
    size_t n = w->rows, d = w->inputs, filled = (d + w->stride - 1) / w->stride;
    double *x = zg_doubles(n * d), *y = zg_doubles(w->outputs * n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < filled; j++)
            x[i * d + j * w->stride] = zg_random_normal(&random) * pow(w->decay, (double)j);
    for (size_t c = 0; c < w->outputs; c++)
        for (size_t i = 0; i < n; i++) {
            double *t = &y[c * n + i];
            for (size_t j = 0; j < filled && j < 6; j++)
                *t += ((j + c) % 2 ? 1.0 : -1.0) * pow(x[i * d + j * w->stride], 2.0);
            *t += 0.3 * zg_random_normal(&random);
            if (zg_loss_has(w->loss.kind, ZG_LOSS_LABELLED)) *t = *t < 0.0 ? -1.0 : 1.0;
        }
    zg_problem *p = NULL;
    zg_error error = {0};
    zg_architecture dense = {.kind = ZG_DENSE};
    double beta_max;
    assert_ok(zg_problem_from_arrays(n, d, x, w->outputs, y, w->weights, w->activation, &dense,
                                     w->loss, (zg_penalty){ZG_PENALTY_L1, 0.0}, 1.0, &p, &error),
              &error);
    zg_program program = zg_problem_program(p, 0);
    assert_int_equal(zg_program_beta_max(&program, &beta_max), ZG_OK);
    p->beta = w->beta * beta_max;
    free(x);
    free(y);
    return p;
}

/* 400 inputs whose axes can be halved twice. */
static wish in_levels(zg_loss loss, double beta)
{
    return (wish){.rows = 60,
                  .inputs = 400,
                  .outputs = 1,
                  .decay = 0.97,
                  .stride = 1,
                  .loss = loss,
                  .activation = TEST_RELU2,
                  .beta = beta};
}

/* What an observer has seen; it asks to stop at one event, if any, and from then on. */
typedef struct seen {
    const zg_problem *problem;
    long events, stop;
    long number[2]; /* outputs: of the last event */
    zg_network *first;
} seen;

/* Every event is of the whole program: its network has all inputs, and its objective and the bound
 * of its dual vector are on the right sides of each other; rounds are counted through. */
static bool look(void *context, const zg_iterate *iterate, double seconds)
{
    seen *s = context;
    const zg_problem *p = s->problem;
    zg_bound bound;
    double objective;
    (void)seconds;
    assert_true(iterate->output < p->outputs);
    assert_true(iterate->number > s->number[iterate->output]);
    s->number[iterate->output] = iterate->number;
    assert_non_null(iterate->network);
    assert_int_equal(iterate->network->patches.width, p->lift->width);
    assert_int_equal(iterate->network->outputs, p->outputs);
    assert_int_equal(zg_network_objective(iterate->network, p, &objective, NULL, NULL), ZG_OK);
    zg_program program = zg_problem_program(p, iterate->output);
    assert_int_equal(zg_program_bound(&program, iterate->dual, &bound, NULL), ZG_OK);
    assert_true(bound.value <= objective);
    if (p->outputs == 1) assert_close(iterate->objective / objective, 1.0, 1e-9);
    if (s->events++ == 0) {
        assert_int_equal(zg_network_create(p, &s->first, NULL), ZG_OK);
        for (size_t j = 0; j < iterate->network->count; j++)
            assert_int_equal(zg_network_add(s->first, 0, iterate->network->u + j * p->lift->width,
                                            iterate->output,
                                            iterate->network->alpha[j * p->outputs]),
                             ZG_OK);
    }
    return s->stop == 0 || s->events < s->stop;
}

/* ---- inputs that are always 0 ------------------------------------------------------------------ */

static void inputs_that_some_row_fills_are_found(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 82);
    zg_problem *p = test_random_problem(&random, 5, 4, TEST_RELU2, "dense", losses[0], 1.0);
    zg_program program = zg_problem_program(p, 0);
    zg_subspace *inputs;
    assert_int_equal(zg_filled_inputs(&program, &inputs), ZG_OK);
    assert_null(inputs);
    for (size_t i = 0; i < 5; i++) {
        p->x[4 * i] = i % 2 ? 0.0 : -0.0;
        p->x[4 * i + 2] = i == 4 ? 1e-320 : 0.0; /* of the last row only, and subnormal */
    }
    assert_int_equal(zg_filled_inputs(&program, &inputs), ZG_OK);
    assert_int_equal(inputs->dimension, 3);
    for (size_t k = 0; k < 3; k++) {
        assert_int_equal(inputs->inputs[k], k + 1);
        for (size_t j = 0; j < 4; j++)
            assert_true(inputs->basis[0][4 * k + j] == (j == k + 1 ? 1.0 : 0.0));
    }
    zg_subspace_free(inputs);
    memset(p->x, 0, 20 * sizeof *p->x);
    assert_int_equal(zg_filled_inputs(&program, &inputs), ZG_OK);
    assert_null(inputs);
    zg_problem_free(p);
}

/* No neuron has a weight of an input that is always 0. */
static void assert_unused(const zg_network *network, size_t stride)
{
    size_t d = network->patches.width;
    assert_true(network->count > 0);
    for (size_t e = 0; e < network->count * d; e++)
        if (e % d % stride) assert_true(network->u[e] == 0.0);
}

/* The program without them has the same optimum: several outputs, one after the other and in
 * processes of their own, with weights and without. */
static void empty_inputs_change_neither_side(void **state)
{
    (void)state;
    double weights[60];
    for (size_t i = 0; i < 60; i++)
        weights[i] = i % 3 ? 1e-3 : 2.0;
    for (int l = 0; l < LOSSES; l++) {
        wish w = {60, 10, 2, 0.9, 1, losses[l], TEST_RELU2, l % 2 ? weights : NULL, 0.05};
        zg_problem *plain = program_of(&w);
        w.inputs = 30;
        w.stride = 3;
        zg_problem *p = program_of(&w);
        p->beta = plain->beta;
        seen s = {.problem = p};
        const zg_observer observer = {look, &s};
        const zg_control watched = {.tolerance = 1e-6, .observer = &observer};
        const zg_control jobs = {.tolerance = 1e-6, .jobs = 2};
        test_run runs[3];
        test_solve(&zg_method_low_rank, plain, NULL, NULL, &runs[0]);
        test_solve(&zg_method_low_rank, p, NULL, &watched, &runs[1]);
        test_solve(&zg_method_low_rank, p, NULL, &jobs, &runs[2]);
        for (int k = 0; k < 3; k++) {
            assert_ok(runs[k].status, &runs[k].error);
            assert_true(runs[k].gap <= 1e-6);
            assert_close(runs[k].objective / runs[0].objective, 1.0, 1e-9);
            assert_close(runs[k].bound / runs[0].bound, 1.0, 1e-9);
            assert_int_equal(runs[k].solution.iterations, runs[0].solution.iterations);
            if (k > 0) assert_unused(runs[k].solution.network, 3);
        }
        assert_true(s.events == runs[1].solution.iterations && s.number[1] > 0);
        for (int k = 0; k < 3; k++)
            test_run_clear(&runs[k]);
        zg_network_free(s.first);
        zg_problem_free(plain);
        zg_problem_free(p);
    }
}

/* All inputs 0: a constant s is all that is trained, and (c s - y)^2 / 2 + beta |s| has a closed
 * form. */
static void where_all_inputs_are_empty_a_constant_is_trained(void **state)
{
    (void)state;
    static const size_t widths[2] = {5, 400};
    for (int k = 0; k < 2; k++) {
        wish w = {40, widths[k], 1, 0.0, 1, losses[0], TEST_RELU2, NULL, 0.5};
        zg_problem *p = program_of(&w);
        memset(p->x, 0, p->samples * widths[k] * sizeof *p->x);
        double c = w.activation.c, sum = 0.0, n = (double)p->samples;
        for (size_t i = 0; i < p->samples; i++) {
            p->y[i] += 1.0;
            sum += p->y[i];
        }
        p->beta = 0.3 * c * fabs(sum);
        double s = 0.7 * sum / (n * c), optimum = p->beta * fabs(s);
        for (size_t i = 0; i < p->samples; i++)
            optimum += 0.5 * pow(c * s - p->y[i], 2.0);
        test_assert_optimal(&zg_method_low_rank, p, NULL, optimum, 1e-6);
        zg_problem_free(p);
    }
}

/* ---- leading axes ------------------------------------------------------------------------------ */

static void axes_are_halved_where_the_rest_holds_little(void **state)
{
    (void)state;
    wish w = in_levels(losses[0], 0.1);
    zg_subspace *axes;
    w.rows = 450;
    zg_problem *p = program_of(&w);
    assert_int_equal(zg_leading_axes(p->lift, &axes), ZG_OK);
    assert_int_equal(axes->dimension, 200);
    double *turned = zg_doubles(200 * 450), *gram = zg_doubles(200 * 200);
    zg_gemm(true, false, 200, 200, 400, 1.0, axes->basis[0], 400, axes->basis[0], 400, 0.0, gram,
            200);
    for (size_t j = 0; j < 200; j++)
        for (size_t i = 0; i < 200; i++)
            assert_close(gram[200 * j + i], i == j ? 1.0 : 0.0, 1e-12);
    zg_gemm(true, false, 200, 450, 400, 1.0, axes->basis[0], 400, p->x, 400, 0.0, turned, 200);
    double held = zg_norm(200 * 450, turned), all = zg_norm(400 * 450, p->x);
    assert_true(held * held >= 0.95 * all * all);
    free(turned);
    free(gram);
    zg_subspace_free(axes);
    zg_problem_free(p);
    w.inputs = 199; /* few */
    p = program_of(&w);
    assert_int_equal(zg_leading_axes(p->lift, &axes), ZG_OK);
    assert_null(axes);
    zg_problem_free(p);
    w.inputs = 220;
    w.decay = 1.0; /* all alike */
    p = program_of(&w);
    assert_int_equal(zg_leading_axes(p->lift, &axes), ZG_OK);
    assert_null(axes);
    p->x[0] = 1e200; /* no sum of squares */
    assert_int_equal(zg_leading_axes(p->lift, &axes), ZG_OK);
    assert_null(axes);
    zg_problem_free(p);
}

/* The first of all rounds is in a quarter of the axes, those of the largest eigenvalues. */
static void assert_in_a_quarter_of_the_axes(const zg_problem *p, const zg_network *network)
{
    size_t d = p->lift->width, left = d - d / 4;
    double *axes = zg_doubles(d * d), *square = zg_doubles(d), *outside = zg_doubles(left);
    zg_gemm(false, true, d, d, p->samples, 1.0, p->x, d, p->x, d, 0.0, axes, d);
    assert_int_equal(zg_eigen(d, axes, square), ZG_OK);
    assert_true(network->count > 0);
    for (size_t j = 0; j < network->count; j++) {
        zg_gemv(true, d, left, 1.0, axes, d, network->u + j * d, 0.0, outside);
        assert_true(zg_norm(left, outside) < 1e-6);
    }
    free(axes);
    free(square);
    free(outside);
}

static void a_search_begins_in_few_axes_and_ends_in_all(void **state)
{
    (void)state;
    for (int l = 0; l < LOSSES; l += 3) { /* squared and hinge */
        wish w = in_levels(losses[l], 0.05);
        w.rows = l == 0 ? 410 : 110; /* the rows fill all axes, or more than a quarter of them */
        zg_problem *p = program_of(&w);
        seen s = {.problem = p};
        const zg_observer observer = {look, &s};
        const zg_control watched = {.tolerance = 1e-6, .observer = &observer};
        test_run run;
        test_solve(&zg_method_low_rank, p, NULL, &watched, &run);
        assert_ok(run.status, &run.error);
        assert_true(run.gap <= 1e-6);
        assert_true(s.events >= 3 && s.events == run.solution.iterations);
        assert_in_a_quarter_of_the_axes(p, s.first);
        test_run_clear(&run);
        zg_network_free(s.first);
        zg_problem_free(p);
    }
}

/* Rounds in few axes count, and what the last one allowed has come to is certified in all. */
static void as_many_rounds_as_allowed_are_done_and_certified(void **state)
{
    (void)state;
    static const char *const options[] = {"rounds=1", "rounds=2", "rounds=3"};
    wish w = in_levels(losses[0], 0.01);
    zg_problem *p = program_of(&w);
    for (long k = 0; k < 3; k++) {
        test_run run;
        test_solve(&zg_method_low_rank, p, options[k], NULL, &run);
        assert_ok(run.status, &run.error);
        assert_true(run.solution.iterations <= k + 1);
        assert_true(run.gap < 0.1 && run.bound > 0.9 * run.objective);
        test_run_clear(&run);
    }
    zg_problem_free(p);
}

static void a_search_in_few_axes_that_is_stopped_returns_its_best(void **state)
{
    (void)state;
    wish w = in_levels(losses[0], 0.01);
    zg_problem *p = program_of(&w);
    for (long k = 0; k < 4; k++) {
        seen s = {.problem = p, .stop = k};
        const zg_observer observer = {look, &s};
        zg_control control = {.tolerance = 1e-13, .observer = &observer};
        if (k == 0) control.seconds = 1e-9;
        test_run run;
        test_solve(&zg_method_low_rank, p, NULL, &control, &run);
        assert_int_equal(run.status, k == 0 ? ZG_TIMEOUT : ZG_STOPPED);
        assert_int_equal(s.events, k == 0 ? 1 : k);
        assert_int_equal(run.solution.iterations, s.events);
        assert_non_null(run.solution.network);
        assert_true(run.bound > 0.0 && run.bound <= run.objective);
        if (k > 0) assert_true(run.gap < 0.1);
        test_run_clear(&run);
        zg_network_free(s.first);
    }
    zg_problem_free(p);
}

/* Also where a search in few axes comes first. */
static void above_beta_max_nothing_is_searched(void **state)
{
    (void)state;
    wish w = in_levels(losses[0], 1.01);
    zg_problem *p = program_of(&w);
    test_run run;
    test_solve(&zg_method_low_rank, p, NULL, NULL, &run);
    assert_ok(run.status, &run.error);
    assert_true(run.gap <= 1e-6);
    assert_int_equal(run.solution.network->count, 0);
    assert_int_equal(run.solution.iterations, 0);
    test_run_clear(&run);
    p->beta *= 0.99 / 1.01; /* hardly anything is to be trained, but not nothing */
    test_solve(&zg_method_low_rank, p, NULL, NULL, &run);
    assert_ok(run.status, &run.error);
    assert_true(run.gap <= 1e-6 && run.solution.network->count > 0);
    test_run_clear(&run);
    zg_problem_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_that_some_row_fills_are_found),
        cmocka_unit_test(empty_inputs_change_neither_side),
        cmocka_unit_test(where_all_inputs_are_empty_a_constant_is_trained),
        cmocka_unit_test(axes_are_halved_where_the_rest_holds_little),
        cmocka_unit_test(a_search_begins_in_few_axes_and_ends_in_all),
        cmocka_unit_test(as_many_rounds_as_allowed_are_done_and_certified),
        cmocka_unit_test(a_search_in_few_axes_that_is_stopped_returns_its_best),
        cmocka_unit_test(above_beta_max_nothing_is_searched),
    };
    return cmocka_run_group_tests_name("low-rank within", tests, NULL, NULL);
}
