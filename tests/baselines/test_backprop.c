/* Backpropagation: gradients against finite differences of the network's own loss, steps against
 * the formulas, optima against closed forms, and the promises of the method interface. */
#include "base/linalg.h"
#include "baselines/backprop.h"
#include "baselines/baseline.h"
#include "core/certificate.h"
#include "core/network.h"
#include "data/planted.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define RELU2 ((zg_activation){0.09, 0.5, 0.47})
#define QUADRATIC ((zg_activation){1.0, 0.0, 0.0})
#define L1 ((zg_penalty){ZG_PENALTY_L1, 1.0})
#define SQUARED ((zg_loss){ZG_LOSS_SQUARED, 1.0})

static int multiplier(void)
{
    const char *text = getenv("ZEROGAP_TEST_MULTIPLIER");
    int value = text ? atoi(text) : 1;
    return value > 0 ? value : 1;
}

/* ---- problems ------------------------------------------------------------------------------- */

typedef struct setup {
    size_t n, d, outputs;
    const char *architecture;
    zg_activation activation;
    zg_loss loss;
    zg_penalty penalty;
    double beta;
    bool weighted;
} setup;

static zg_problem *make_problem(setup s, uint32_t seed)
{
    double *x = zg_doubles(s.n * s.d), *y = zg_doubles(s.n * s.outputs), *w = zg_doubles(s.n);
    assert_non_null(x);
    assert_non_null(y);
    assert_non_null(w);
    zg_random random;
    zg_random_seed(&random, seed);
    for (size_t i = 0; i < s.n * s.d; i++)
        x[i] = zg_random_normal(&random);
    for (size_t i = 0; i < s.n * s.outputs; i++) {
        y[i] = 2.0 * zg_random_normal(&random);
        if (zg_loss_has(s.loss.kind, ZG_LOSS_LABELLED)) y[i] = y[i] > 0 ? 1.0 : -1.0;
    }
    for (size_t i = 0; i < s.n; i++)
        w[i] = 0.5 + zg_random_uniform(&random);
    zg_architecture architecture;
    zg_problem *problem = NULL;
    zg_error error = {0};
    assert_int_equal(zg_architecture_parse(s.architecture ? s.architecture : "dense", s.d,
                                           &architecture, &error),
                     ZG_OK);
    assert_int_equal(zg_problem_from_arrays(s.n, s.d, x, s.outputs, y, s.weighted ? w : NULL,
                                            s.activation, &architecture, s.loss, s.penalty, s.beta,
                                            &problem, &error),
                     ZG_OK);
    free(x);
    free(y);
    free(w);
    return problem;
}

static zg_backprop_model make_model(const zg_problem *problem, size_t neurons,
                                    zg_backprop_rule rule)
{
    zg_backprop_model model = {.problem = problem,
                               .neurons = neurons,
                               .rule = rule,
                               .momentum = 0.9,
                               .beta1 = 0.9,
                               .beta2 = 0.999,
                               .epsilon = 1e-8,
                               .proximal = true};
    zg_backprop_choose_form(&model);
    return model;
}

/* ---- gradients ------------------------------------------------------------------------------ */

/* (1 / count) sum over rows of w_i loss_i, by the network that the parameters stand for. */
static double mean_loss(const zg_backprop_model *model, const double *parameters,
                        const size_t *rows, size_t count)
{
    const zg_problem *p = model->problem;
    zg_network *network = NULL;
    assert_int_equal(zg_backprop_network(model, parameters, &network, NULL), ZG_OK);
    double *f = zg_doubles(p->outputs * p->samples), sum = 0.0;
    assert_int_equal(zg_network_evaluate(network, p->samples, p->x, f), ZG_OK);
    for (size_t k = 0; k < count; k++)
        for (size_t c = 0; c < p->outputs; c++)
            sum += zg_loss_value(p->loss, 1, f + c * p->samples + rows[k],
                                 p->y + c * p->samples + rows[k],
                                 p->weights ? p->weights + rows[k] : NULL);
    free(f);
    zg_network_free(network);
    return sum / (double)count;
}

/* Random parameters of ordinary size, none near zero. */
static void random_parameters(size_t total, zg_random *random, double *parameters)
{
    for (size_t i = 0; i < total; i++) {
        double value = 0.7 * zg_random_normal(random);
        parameters[i] = value + copysign(0.2, value);
    }
}

/* The engine's gradient at parameters, in double copies. */
static double *engine_gradient(const zg_backprop_model *model, zg_backprop_precision precision,
                               size_t batch, const double *parameters, const size_t *rows,
                               size_t start, size_t count)
{
    const zg_backprop_engine *engine = zg_backprop_engine_of(precision);
    void *state = NULL;
    assert_int_equal(engine->create(model, batch, &state, NULL), ZG_OK);
    engine->set(state, parameters);
    engine->gradient(state, rows, start, count);
    double *gradient = zg_doubles(zg_backprop_parameters(model));
    engine->get_gradient(state, gradient);
    engine->destroy(state);
    return gradient;
}

/* Derivatives along random directions agree with central differences. */
static void check_directions(const zg_backprop_model *model, const double *parameters,
                             const double *gradient, const size_t *rows, size_t count,
                             zg_random *random)
{
    size_t total = zg_backprop_parameters(model);
    double *direction = zg_doubles(total), *moved = zg_doubles(total), h = 1e-6;
    for (int trial = 0; trial < 3; trial++) {
        for (size_t i = 0; i < total; i++)
            direction[i] = zg_random_normal(random);
        double slope = zg_dot(total, direction, gradient);
        for (size_t i = 0; i < total; i++)
            moved[i] = parameters[i] + h * direction[i];
        double ahead = mean_loss(model, moved, rows, count);
        for (size_t i = 0; i < total; i++)
            moved[i] = parameters[i] - h * direction[i];
        double behind = mean_loss(model, moved, rows, count);
        double difference = (ahead - behind) / (2.0 * h);
        double size = zg_norm(total, gradient) + 1.0;
        assert_true(fabs(difference - slope) < 1e-5 * size);
    }
    free(direction);
    free(moved);
}

static void check_gradient(setup s, size_t neurons, uint32_t seed)
{
    zg_problem *problem = make_problem(s, seed);
    zg_backprop_model model = make_model(problem, neurons, ZG_BACKPROP_SGD);
    size_t total = zg_backprop_parameters(&model), half = s.n / 2;
    double *parameters = zg_doubles(total);
    size_t *rows = malloc(s.n * sizeof *rows);
    zg_random random;
    zg_random_seed(&random, seed + 1);
    random_parameters(total, &random, parameters);
    for (size_t i = 0; i < s.n; i++)
        rows[i] = i;
    double *all = engine_gradient(&model, ZG_BACKPROP_DOUBLE, s.n, parameters, NULL, 0, s.n);
    check_directions(&model, parameters, all, rows, s.n, &random);
    double *part = engine_gradient(&model, ZG_BACKPROP_DOUBLE, half, parameters, NULL, 2, half);
    check_directions(&model, parameters, part, rows + 2, half, &random);
    zg_random_permutation(&random, s.n, rows);
    double *batch = engine_gradient(&model, ZG_BACKPROP_DOUBLE, half, parameters, rows, 0, half);
    check_directions(&model, parameters, batch, rows, half, &random);
    double *single = engine_gradient(&model, ZG_BACKPROP_SINGLE, half, parameters, rows, 0, half);
    for (size_t i = 0; i < total; i++)
        assert_true(fabs(single[i] - batch[i]) < 2e-5 * (1.0 + zg_norm(total, batch)));
    free(all);
    free(part);
    free(batch);
    free(single);
    free(rows);
    free(parameters);
    zg_problem_free(problem);
}

static const char *const architectures[] = {"dense", "conv1d:filter=3,stride=1,pool=none",
                                            "conv1d:filter=2,stride=2,pool=2",
                                            "conv2d:height=2,width=4,filter=2x2,pool=global"};

static void gradients_of_every_loss_and_architecture(void **unused)
{
    (void)unused;
    uint32_t seed = 1;
    for (int round = 0; round < multiplier(); round++)
        for (int kind = 0; kind < ZG_LOSS_INTERPOLATE; kind++)
            for (size_t a = 0; a < sizeof architectures / sizeof *architectures; a++)
                for (size_t outputs = 1; outputs <= 3; outputs += 2) {
                    setup s = {
                        20, 8,   outputs,      architectures[a], RELU2, {(zg_loss_kind)kind, 0.7},
                        L1, 0.1, seed % 2 == 0};
                    check_gradient(s, 3 + seed % 12, seed);
                    seed++;
                }
}

static void gradients_of_every_penalty(void **unused)
{
    (void)unused;
    const double powers[] = {2.0 / 3.0, 0.5, 0.9};
    for (size_t a = 0; a < sizeof architectures / sizeof *architectures; a++)
        for (size_t k = 0; k < 3; k++)
            for (size_t outputs = 1; outputs <= 2; outputs++) {
                setup s = {20,
                           8,
                           outputs,
                           architectures[a],
                           QUADRATIC,
                           SQUARED,
                           {ZG_PENALTY_POWER, powers[k]},
                           0.1,
                           false};
                check_gradient(s, 4, (uint32_t)(a + 10 * k));
                s.activation = RELU2;
                check_gradient(s, 4, (uint32_t)(a + 10 * k + 100));
            }
}

/* So many neurons or samples that a batch is worked off in several tiles, by neurons and (more
 * neurons than inputs per patch, one output, full batch) by moments. */
static void gradients_across_tiles(void **unused)
{
    (void)unused;
    setup s = {200, 4, 1, "conv1d:filter=3,stride=1,pool=global", RELU2, SQUARED, L1, 0.1, true};
    check_gradient(s, 300, 5);
    s.outputs = 2;
    check_gradient(s, 300, 6);
    setup dense = {400, 40, 1, NULL, RELU2, {ZG_LOSS_LOGISTIC, 1.0}, L1, 0.1, true};
    check_gradient(dense, 70, 7);
    check_gradient(dense, 30, 8);
}

/* Full batches with many neurons go by moments, the same rows by name go by neurons. */
static void moments_agree_with_neurons(void **unused)
{
    (void)unused;
    for (size_t a = 0; a < sizeof architectures / sizeof *architectures; a++) {
        setup s = {90, 8, 1, architectures[a], RELU2, {ZG_LOSS_HUBER, 0.5}, L1, 0.1, a % 2 == 0};
        zg_problem *problem = make_problem(s, (uint32_t)(200 + a));
        zg_backprop_model model = make_model(problem, 25, ZG_BACKPROP_ADAM);
        size_t total = zg_backprop_parameters(&model), rows[90];
        double *parameters = zg_doubles(total);
        zg_random random;
        zg_random_seed(&random, 7);
        random_parameters(total, &random, parameters);
        zg_random_permutation(&random, 90, rows);
        double *full = engine_gradient(&model, ZG_BACKPROP_DOUBLE, 90, parameters, NULL, 0, 90);
        double *named = engine_gradient(&model, ZG_BACKPROP_DOUBLE, 89, parameters, rows, 0, 89);
        double *last = engine_gradient(&model, ZG_BACKPROP_DOUBLE, 89, parameters, rows + 89, 0, 1);
        for (size_t i = 0; i < total; i++) {
            double sum = (89.0 * named[i] + last[i]) / 90.0;
            assert_true(fabs(full[i] - sum) < 1e-12 * (1.0 + zg_norm(total, full)));
        }
        free(full);
        free(named);
        free(last);
        free(parameters);
        zg_problem_free(problem);
    }
}

/* ---- steps ---------------------------------------------------------------------------------- */

static double soft(double q, double threshold)
{
    return copysign(fmax(fabs(q) - threshold, 0.0), q);
}

/* Three steps of each rule against the formulas, written out for the whole vector. */
static void check_steps(zg_backprop_rule rule, bool nesterov)
{
    setup s = {12, 3, 1, NULL, RELU2, SQUARED, L1, 6.0, false};
    zg_problem *problem = make_problem(s, 3);
    zg_backprop_model model = make_model(problem, 5, rule);
    model.nesterov = nesterov;
    size_t total = zg_backprop_parameters(&model), at = zg_backprop_weights_at(&model);
    double *p = zg_doubles(total), *first = zg_doubles(total), *second = zg_doubles(total);
    double *got = zg_doubles(total), rate = 0.05, penalty = problem->beta / (double)s.n;
    zg_random random;
    zg_random_seed(&random, 4);
    random_parameters(total, &random, p);
    const zg_backprop_engine *engine = &zg_backprop_double;
    void *state = NULL;
    assert_int_equal(engine->create(&model, s.n, &state, NULL), ZG_OK);
    engine->set(state, p);
    if (rule == ZG_BACKPROP_SGD) memcpy(first, p, total * sizeof *p);
    for (int step = 1; step <= 3; step++) {
        double *g = engine_gradient(&model, ZG_BACKPROP_DOUBLE, s.n, p, NULL, 0, s.n);
        for (size_t i = 0; i < total; i++) {
            double l1 = i >= at ? penalty : 0.0;
            if (rule == ZG_BACKPROP_ADAM) {
                first[i] = 0.9 * first[i] + 0.1 * g[i];
                second[i] = 0.999 * second[i] + 0.001 * g[i] * g[i];
                double m = first[i] / (1.0 - pow(0.9, step)),
                       v = second[i] / (1.0 - pow(0.999, step));
                double scaled = rate / (sqrt(v) + 1e-8);
                p[i] = soft(p[i] - scaled * m, scaled * l1);
            } else if (nesterov) {
                double next = soft(p[i] - rate * g[i], rate * l1);
                p[i] = next + 0.9 * (next - first[i]);
                first[i] = next;
            } else {
                double next = soft(p[i] + 0.9 * (p[i] - first[i]) - rate * g[i], rate * l1);
                first[i] = p[i];
                p[i] = next;
            }
        }
        free(g);
        engine->step(state, NULL, 0, s.n, rate);
        engine->get(state, got);
        for (size_t i = 0; i < total; i++)
            assert_true(fabs(got[i] - (nesterov ? first[i] : p[i])) < 1e-12);
    }
    engine->destroy(state);
    free(p);
    free(first);
    free(second);
    free(got);
    zg_problem_free(problem);
}

static void steps_follow_the_formulas(void **unused)
{
    (void)unused;
    check_steps(ZG_BACKPROP_SGD, false);
    check_steps(ZG_BACKPROP_SGD, true);
    check_steps(ZG_BACKPROP_ADAM, false);
}

static void schedules(void **unused)
{
    (void)unused;
    zg_backprop_options o = {.learning_rate = 2.0, .epochs = 100, .schedule = ZG_SCHEDULE_CONSTANT};
    assert_true(zg_backprop_rate(&o, 37.0) == 2.0);
    o.warmup = 10.0;
    assert_true(fabs(zg_backprop_rate(&o, 2.5) - 0.5) < 1e-15);
    assert_true(zg_backprop_rate(&o, 10.0) == 2.0);
    o = (zg_backprop_options){.learning_rate = 2.0,
                              .epochs = 100,
                              .schedule = ZG_SCHEDULE_STEP,
                              .step_every = 30.0,
                              .step_factor = 0.1};
    assert_true(zg_backprop_rate(&o, 29.9) == 2.0);
    assert_true(fabs(zg_backprop_rate(&o, 30.0) - 0.2) < 1e-15);
    assert_true(fabs(zg_backprop_rate(&o, 95.0) - 0.002) < 1e-15);
    o = (zg_backprop_options){
        .learning_rate = 2.0, .epochs = 100, .schedule = ZG_SCHEDULE_COSINE, .final_rate = 0.5};
    assert_true(zg_backprop_rate(&o, 0.0) == 2.0);
    assert_true(fabs(zg_backprop_rate(&o, 50.0) - 1.5) < 1e-12);
    assert_true(fabs(zg_backprop_rate(&o, 100.0) - 1.0) < 1e-12);
    assert_true(fabs(zg_backprop_rate(&o, 250.0) - 1.0) < 1e-12);
}

/* ---- forms ---------------------------------------------------------------------------------- */

/* First parameters of the weight-decay form are balanced: (decay/2)(|v|^2 + s^2) is the power
 * penalty of the network that they stand for, and no other split is cheaper. */
static void weight_decay_is_the_power_penalty(void **unused)
{
    (void)unused;
    setup s = {30, 4, 1, NULL, QUADRATIC, SQUARED, {ZG_PENALTY_POWER, 2.0 / 3.0}, 0.3, false};
    zg_problem *problem = make_problem(s, 9);
    zg_backprop_model model = make_model(problem, 6, ZG_BACKPROP_SGD);
    assert_int_equal(model.form, ZG_FORM_DECAY);
    size_t total = zg_backprop_parameters(&model), at = zg_backprop_weights_at(&model);
    double *parameters = zg_doubles(total), penalty;
    assert_int_equal(zg_backprop_initialise(&model, 1, 0.5, parameters, NULL), ZG_OK);
    zg_network *network = NULL;
    assert_int_equal(zg_backprop_network(&model, parameters, &network, NULL), ZG_OK);
    assert_int_equal(zg_network_objective(network, problem, NULL, NULL, &penalty), ZG_OK);
    double decay = 0.5 * model.decay * zg_dot(total, parameters, parameters);
    assert_true(fabs(decay - penalty) < 1e-12 * penalty);
    for (size_t k = 0; k < 4; k++)
        parameters[k] *= 1.1; /* v_0 longer, s_0 shorter: the same network */
    parameters[at] /= 1.21;
    zg_network *same = NULL;
    assert_int_equal(zg_backprop_network(&model, parameters, &same, NULL), ZG_OK);
    assert_true(fabs(same->alpha[0] - network->alpha[0]) < 1e-14 * fabs(network->alpha[0]));
    assert_true(0.5 * model.decay * zg_dot(total, parameters, parameters) > decay);
    zg_network_free(network);
    zg_network_free(same);
    free(parameters);
    zg_problem_free(problem);
}

static void first_predictions_have_the_scale(void **unused)
{
    (void)unused;
    const double powers[] = {1.0, 2.0 / 3.0, 0.4};
    for (int k = 0; k < 3; k++) {
        setup s = {
            40,  5,    2, NULL, RELU2, SQUARED, {k ? ZG_PENALTY_POWER : ZG_PENALTY_L1, powers[k]},
            0.3, false};
        zg_problem *problem = make_problem(s, 11);
        zg_backprop_model model = make_model(problem, 7, ZG_BACKPROP_ADAM);
        double *parameters = zg_doubles(zg_backprop_parameters(&model)), *f = zg_doubles(80);
        assert_int_equal(zg_backprop_initialise(&model, 3, 0.25, parameters, NULL), ZG_OK);
        zg_network *network = NULL;
        assert_int_equal(zg_backprop_network(&model, parameters, &network, NULL), ZG_OK);
        assert_int_equal(network->count, 7);
        assert_int_equal(zg_network_evaluate(network, 40, problem->x, f), ZG_OK);
        for (size_t c = 0; c < 2; c++)
            assert_true(fabs(zg_norm(40, f + c * 40) / zg_norm(40, problem->y + c * 40) - 0.25) <
                        1e-9);
        zg_network_free(network);
        free(parameters);
        free(f);
        zg_problem_free(problem);
    }
}

/* ---- training ------------------------------------------------------------------------------- */

typedef struct option {
    const char *name, *text;
} option;

/* Runs a method with options (ended by NULL); the solution is the caller's. */
static zg_status train(const zg_method *method, const zg_problem *problem, const option *options,
                       const zg_control *control, zg_solution *solution, zg_error *error)
{
    zg_value *values = NULL;
    assert_int_equal(zg_values_create(method, &values, error), ZG_OK);
    for (; options->name; options++)
        assert_int_equal(zg_values_set(method, values, options->name, options->text, error), ZG_OK);
    *solution = (zg_solution){.network = NULL};
    zg_status status = method->check(problem, values, error);
    if (status == ZG_OK) status = method->solve(problem, values, control, solution, error);
    zg_values_free(method, values);
    return status;
}

static double objective_of(const zg_network *network, const zg_problem *problem)
{
    double objective;
    assert_int_equal(zg_network_objective(network, problem, &objective, NULL, NULL), ZG_OK);
    return objective;
}

static const zg_control plain = {.tolerance = 1e-6};

/* d = 1: the neurons are u = 1 and u = -1, the problem in their weights is convex, and
 * p* = min over (s, t) of loss(a s x^2 + b t x + c s) + beta max(|s|, |t|). */
static double one_input_objective(const zg_problem *p, double s, double t)
{
    double f[64];
    for (size_t i = 0; i < p->samples; i++)
        f[i] = p->activation.a * s * p->x[i] * p->x[i] + p->activation.b * t * p->x[i] +
               p->activation.c * s;
    return zg_loss_value(p->loss, p->samples, f, p->y, p->weights) +
           p->beta * fmax(fabs(s), fabs(t));
}

/* Nested ternary search: the function is convex in (s, t). */
static double one_input_inner(const zg_problem *p, double s, double reach)
{
    double low = -reach, high = reach;
    for (int k = 0; k < 100; k++) {
        double a = low + (high - low) / 3.0, b = high - (high - low) / 3.0;
        if (one_input_objective(p, s, a) < one_input_objective(p, s, b))
            high = b;
        else
            low = a;
    }
    return one_input_objective(p, s, 0.5 * (low + high));
}

static double one_input_optimum(const zg_problem *p)
{
    double low = -50.0, high = 50.0;
    for (int k = 0; k < 100; k++) {
        double a = low + (high - low) / 3.0, b = high - (high - low) / 3.0;
        if (one_input_inner(p, a, 50.0) < one_input_inner(p, b, 50.0))
            high = b;
        else
            low = a;
    }
    return one_input_inner(p, 0.5 * (low + high), 50.0);
}

static void finds_the_optimum_with_one_input(void **unused)
{
    (void)unused;
    const zg_loss_kind kinds[] = {ZG_LOSS_SQUARED, ZG_LOSS_HUBER, ZG_LOSS_SQUARED_HINGE,
                                  ZG_LOSS_LOGISTIC};
    const option adam[] = {{"neurons", "8"},
                           {"epochs", "10000"},
                           {"precision", "double"},
                           {"learning_rate", "0.01"},
                           {NULL, NULL}};
    const option sgd[] = {{"neurons", "8"},          {"epochs", "10000"},  {"precision", "double"},
                          {"learning_rate", "0.02"}, {"nesterov", "true"}, {NULL, NULL}};
    for (size_t k = 0; k < 4; k++) {
        setup s = {30, 1, 1, NULL, RELU2, {kinds[k], 1.0}, L1, 0.5, k % 2 == 1};
        zg_problem *problem = make_problem(s, (uint32_t)(20 + k));
        double optimum = one_input_optimum(problem);
        zg_solution solution;
        zg_error error = {0};
        assert_int_equal(train(&zg_method_adam, problem, adam, &plain, &solution, &error), ZG_OK);
        double found = objective_of(solution.network, problem);
        assert_true(found > optimum - 1e-9 * optimum && found < optimum + 1e-6 * optimum);
        zg_solution_clear(&solution);
        assert_int_equal(train(&zg_method_sgd, problem, sgd, &plain, &solution, &error), ZG_OK);
        found = objective_of(solution.network, problem);
        assert_true(found > optimum - 1e-9 * optimum && found < optimum + 1e-6 * optimum);
        zg_solution_clear(&solution);
        zg_problem_free(problem);
    }
}

/* One input, one neuron, power penalty: a minimisation over one number. */
static void power_penalty_with_one_neuron(void **unused)
{
    (void)unused;
    const double powers[] = {2.0 / 3.0, 0.5};
    const option options[] = {{"neurons", "1"},        {"epochs", "4000"},
                              {"precision", "double"}, {"learning_rate", "0.01"},
                              {"scale", "1"},          {NULL, NULL}};
    for (size_t k = 0; k < 2; k++) {
        setup s = {25, 1, 1, NULL, QUADRATIC, SQUARED, {ZG_PENALTY_POWER, powers[k]}, 0.2, false};
        zg_problem *problem = make_problem(s, 31);
        for (size_t i = 0; i < s.n; i++) /* a clear minimum away from zero */
            problem->y[i] = 1.5 * problem->x[i] * problem->x[i] + 0.1 * problem->y[i];
        double best = INFINITY;
        for (int step = 0; step < 300000; step++) {
            double w = 1e-5 * step;
            double value = problem->beta * pow(w, powers[k]);
            for (size_t i = 0; i < s.n; i++) {
                double r = w * problem->x[i] * problem->x[i] - problem->y[i];
                value += 0.5 * r * r;
            }
            best = fmin(best, value);
        }
        double found = INFINITY;
        for (int seed = 0; seed < 4; seed++) { /* the sign of the first weight decides */
            char text[8];
            snprintf(text, sizeof text, "%d", seed);
            option with_seed[8];
            memcpy(with_seed, options, sizeof options);
            with_seed[5] = (option){"seed", text};
            with_seed[6] = (option){NULL, NULL};
            zg_solution solution;
            assert_int_equal(train(&zg_method_adam, problem, with_seed, &plain, &solution, NULL),
                             ZG_OK);
            found = fmin(found, objective_of(solution.network, problem));
            zg_solution_clear(&solution);
        }
        assert_true(fabs(found - best) < 1e-6 * best);
        zg_problem_free(problem);
    }
}

/* beta >= beta_max: the zero network is the optimum, and the proximal step gets there exactly. */
static void large_beta_gives_exact_zeros(void **unused)
{
    (void)unused;
    setup s = {40, 6, 1, NULL, RELU2, SQUARED, L1, 1.0, false};
    zg_problem *problem = make_problem(s, 41);
    zg_program program = zg_problem_program(problem, 0);
    double beta_max;
    assert_int_equal(zg_program_beta_max(&program, &beta_max), ZG_OK);
    problem->beta = 1.01 * beta_max;
    const option options[] = {
        {"neurons", "10"}, {"epochs", "3000"}, {"learning_rate", "0.01"}, {NULL, NULL}};
    const zg_method *const methods[] = {&zg_method_adam, &zg_method_sgd};
    for (int k = 0; k < 2; k++) {
        zg_solution solution;
        assert_int_equal(train(methods[k], problem, options, &plain, &solution, NULL), ZG_OK);
        assert_int_equal(solution.network->count, 0);
        assert_true(fabs(objective_of(solution.network, problem) -
                         0.5 * zg_dot(s.n, problem->y, problem->y)) < 1e-12);
        zg_solution_clear(&solution);
    }
    problem->beta = 0.3 * beta_max; /* and some weights are zero before all are */
    zg_solution solution;
    assert_int_equal(train(&zg_method_adam, problem, options, &plain, &solution, NULL), ZG_OK);
    assert_in_range(solution.network->count, 1, 9);
    zg_solution_clear(&solution);
    zg_problem_free(problem);
}

static zg_problem *planted_problem(zg_planted planted, double beta)
{
    zg_dataset *dataset = NULL;
    zg_problem *problem = NULL;
    zg_model_options options = {.activation = RELU2, .loss = SQUARED, .beta = beta};
    assert_int_equal(zg_planted_create(&planted, &dataset, NULL), ZG_OK);
    assert_int_equal(zg_problem_create(dataset, &options, &problem, NULL), ZG_OK);
    zg_dataset_free(dataset);
    return problem;
}

/* The published instance: above the optimum 5.501878789, and no worse than the best of a grid over
 * three seeds with 50 neurons and 20,000 full-batch steps, 5.801. */
static void strong_on_the_official_instance(void **unused)
{
    (void)unused;
    zg_problem *problem =
        planted_problem((zg_planted){100, 20, 5, 0.1, ZG_FEATURES_GAUSSIAN4, RELU2, 0, false}, 0.1);
    const option options[] = {{"epochs", "20000"}, {"restarts", "3"}, {NULL, NULL}};
    zg_solution solution;
    assert_int_equal(train(&zg_method_adam, problem, options, &plain, &solution, NULL), ZG_OK);
    double objective = objective_of(solution.network, problem);
    assert_true(objective > 5.501878789 && objective < 5.801);
    assert_int_equal(solution.iterations, 60000);
    zg_solution_clear(&solution);
    zg_problem_free(problem);
}

/* An instance that descent solves: the optimum of the convex program, 60.0432593. */
static void finds_the_optimum_of_a_planted_set(void **unused)
{
    (void)unused;
    zg_problem *problem =
        planted_problem((zg_planted){200, 10, 5, 0.1, ZG_FEATURES_GAUSSIAN, RELU2, 1, false}, 0.1);
    const option options[] = {{"epochs", "20000"}, {"precision", "double"}, {NULL, NULL}};
    zg_solution solution;
    assert_int_equal(train(&zg_method_adam, problem, options, &plain, &solution, NULL), ZG_OK);
    assert_true(fabs(objective_of(solution.network, problem) - 60.0432593) < 1e-7 * 60.0);
    zg_solution_clear(&solution);
    zg_problem_free(problem);
}

static void single_and_double_agree(void **unused)
{
    (void)unused;
    setup s = {80, 5, 2, NULL, RELU2, SQUARED, L1, 0.5, false};
    zg_problem *problem = make_problem(s, 51);
    option options[] = {{"neurons", "12"},
                        {"epochs", "200"},
                        {"batch", "16"},
                        {"precision", "single"},
                        {NULL, NULL}};
    zg_solution single, reference;
    assert_int_equal(train(&zg_method_adam, problem, options, &plain, &single, NULL), ZG_OK);
    options[3].text = "double";
    assert_int_equal(train(&zg_method_adam, problem, options, &plain, &reference, NULL), ZG_OK);
    double a = objective_of(single.network, problem), b = objective_of(reference.network, problem);
    assert_true(fabs(a - b) < 1e-4 * b);
    zg_solution_clear(&single);
    zg_solution_clear(&reference);
    zg_problem_free(problem);
}

static bool same_network(const zg_network *a, const zg_network *b)
{
    return a->count == b->count &&
           memcmp(a->u, b->u, a->count * a->patches.width * sizeof *a->u) == 0 &&
           memcmp(a->alpha, b->alpha, a->count * a->outputs * sizeof *a->alpha) == 0;
}

static void seeds_determine_everything(void **unused)
{
    (void)unused;
    setup s = {60, 5, 1, NULL, RELU2, SQUARED, L1, 0.5, false};
    zg_problem *problem = make_problem(s, 61);
    option options[] = {
        {"neurons", "9"}, {"epochs", "20"}, {"batch", "7"}, {"seed", "5"}, {NULL, NULL}};
    zg_solution first, again, other;
    assert_int_equal(train(&zg_method_sgd, problem, options, &plain, &first, NULL), ZG_OK);
    assert_int_equal(train(&zg_method_sgd, problem, options, &plain, &again, NULL), ZG_OK);
    options[3].text = "6";
    assert_int_equal(train(&zg_method_sgd, problem, options, &plain, &other, NULL), ZG_OK);
    assert_true(same_network(first.network, again.network));
    assert_false(same_network(first.network, other.network));
    zg_solution_clear(&first);
    zg_solution_clear(&again);
    zg_solution_clear(&other);
    zg_problem_free(problem);
}

/* One epoch of mini-batches, made again from the engine's parts: the order of the samples is the
 * permutation of a stream of its own, and every sample is used once. */
static void batches_are_shuffled(void **unused)
{
    (void)unused;
    setup s = {23, 5, 1, NULL, RELU2, SQUARED, L1, 0.5, false};
    zg_problem *problem = make_problem(s, 65);
    const option options[] = {{"neurons", "4"},         {"epochs", "1"}, {"batch", "5"},
                              {"schedule", "constant"}, {"seed", "3"},   {NULL, NULL}};
    zg_solution solution;
    assert_int_equal(train(&zg_method_sgd, problem, options, &plain, &solution, NULL), ZG_OK);
    zg_backprop_model model = make_model(problem, 4, ZG_BACKPROP_SGD);
    double *parameters = zg_doubles(zg_backprop_parameters(&model));
    void *state = NULL;
    assert_int_equal(zg_backprop_initialise(&model, 3, 0.05, parameters, NULL), ZG_OK);
    assert_int_equal(zg_backprop_single.create(&model, 5, &state, NULL), ZG_OK);
    zg_backprop_single.set(state, parameters);
    zg_random random;
    size_t order[23];
    zg_random_seed(&random, ~(uint32_t)3);
    zg_random_permutation(&random, 23, order);
    for (size_t done = 0; done < 23; done += 5)
        zg_backprop_single.step(state, order + done, 0, done < 20 ? 5 : 3, 0.01);
    zg_backprop_single.get(state, parameters);
    zg_network *network = NULL;
    assert_int_equal(zg_backprop_network(&model, parameters, &network, NULL), ZG_OK);
    assert_true(same_network(network, solution.network));
    zg_backprop_single.destroy(state);
    zg_network_free(network);
    zg_solution_clear(&solution);
    free(parameters);
    zg_problem_free(problem);
}

/* ---- the interface -------------------------------------------------------------------------- */

typedef struct witness {
    const zg_problem *problem;
    long reports, stop_after;
    double least; /* objective of the networks shown */
    double seconds;
    long number;
} witness;

static bool witness_iterate(void *context, const zg_iterate *iterate, double seconds)
{
    witness *w = context;
    assert_string_equal(iterate->unit, "epoch");
    assert_true(iterate->number >= w->number && seconds >= w->seconds);
    /* never further than a quarter of the epochs from the last report */
    assert_true((double)iterate->number <=
                fmax((double)w->number + 1, ceil(1.25 * (double)w->number)));
    assert_non_null(iterate->network);
    double objective = objective_of(iterate->network, w->problem);
    w->least = fmin(w->least, objective);
    assert_true(iterate->objective == w->least);
    w->seconds = seconds;
    w->number = iterate->number;
    struct timespec nap = {0, 20000000}; /* must not be charged to the method */
    nanosleep(&nap, NULL);
    return ++w->reports != w->stop_after;
}

static void reports_and_the_best_network(void **unused)
{
    (void)unused;
    setup s = {400, 20, 1, NULL, RELU2, SQUARED, L1, 0.5, false};
    zg_problem *problem = make_problem(s, 71);
    witness w = {.problem = problem, .least = INFINITY};
    zg_observer observer = {witness_iterate, &w};
    zg_control control = {.tolerance = 1e-6, .observer = &observer};
    const option options[] = {{"neurons", "100"},       {"epochs", "2000"},      {"batch", "32"},
                              {"schedule", "constant"}, {"precision", "double"}, {NULL, NULL}};
    zg_solution solution;
    double started = zg_monotonic();
    assert_int_equal(train(&zg_method_adam, problem, options, &control, &solution, NULL), ZG_OK);
    double wall = zg_monotonic() - started;
    assert_true(objective_of(solution.network, problem) == w.least);
    assert_int_equal(solution.iterations, 2000);
    assert_int_equal(w.number, 2000);
    long grown = 0; /* reports that are due however fast the epochs are */
    for (double e = 1; e < 2000; e = fmax(e + 1, ceil(1.25 * e)))
        grown++;
    assert_true((double)w.reports <= (double)grown + solution.seconds / 0.1 + 3.0);
    assert_true(solution.seconds <= wall - 0.02 * (double)w.reports);
    assert_true(isinf(solution.bound) && solution.bound < 0 && !solution.dual);
    assert_string_equal(solution.unit, "epoch");
    zg_solution_clear(&solution);
    zg_problem_free(problem);
}

static void observer_time_and_target_stop_it(void **unused)
{
    (void)unused;
    setup s = {400, 20, 1, NULL, RELU2, SQUARED, L1, 0.5, false};
    zg_problem *problem = make_problem(s, 81);
    witness w = {.problem = problem, .least = INFINITY, .stop_after = 2};
    zg_observer observer = {witness_iterate, &w};
    zg_control control = {.tolerance = 1e-6, .observer = &observer};
    option options[] = {{"epochs", "100000000"}, {"batch", "32"}, {NULL, NULL}, {NULL, NULL}};
    zg_solution solution;
    zg_error error = {0};
    assert_int_equal(train(&zg_method_adam, problem, options, &control, &solution, &error),
                     ZG_STOPPED);
    assert_int_equal(w.reports, 2);
    assert_non_null(solution.network);
    zg_solution_clear(&solution);

    control = (zg_control){.tolerance = 1e-6, .seconds = 0.15};
    assert_int_equal(train(&zg_method_adam, problem, options, &control, &solution, &error),
                     ZG_TIMEOUT);
    assert_non_null(solution.network);
    assert_true(solution.seconds >= 0.15 && solution.seconds < 1.0);
    assert_true(solution.iterations > 10);
    zg_solution_clear(&solution);

    options[2] = (option){"seconds", "0.15"};
    assert_int_equal(train(&zg_method_adam, problem, options, &plain, &solution, &error), ZG_OK);
    assert_true(solution.seconds >= 0.15 && solution.seconds < 1.0);
    zg_solution_clear(&solution);

    double zero = zg_loss_value(problem->loss, s.n, (double[400]){0}, problem->y, NULL);
    char text[32];
    snprintf(text, sizeof text, "%.17g", 0.9 * zero);
    options[2] = (option){"target", text};
    assert_int_equal(train(&zg_method_adam, problem, options, &plain, &solution, &error), ZG_OK);
    assert_true(objective_of(solution.network, problem) <= 0.9 * zero);
    zg_solution_clear(&solution);
    zg_problem_free(problem);
}

static void diverging_runs_keep_a_finite_network(void **unused)
{
    (void)unused;
    setup s = {40, 3, 1, NULL, QUADRATIC, SQUARED, {ZG_PENALTY_POWER, 2.0 / 3.0}, 0.1, false};
    zg_problem *problem = make_problem(s, 91);
    const option options[] = {{"learning_rate", "1e6"},
                              {"epochs", "50"},
                              {"scale", "1"},
                              {"schedule", "constant"},
                              {NULL, NULL}};
    zg_solution solution;
    assert_int_equal(train(&zg_method_sgd, problem, options, &plain, &solution, NULL), ZG_OK);
    assert_true(isfinite(objective_of(solution.network, problem)));
    assert_non_null(strstr(solution.message, "1 of 1 runs diverged"));
    zg_solution_clear(&solution);
    zg_problem_free(problem);
}

static void interpolation_is_refused_by_name(void **unused)
{
    (void)unused;
    setup s = {10, 3, 1, NULL, RELU2, {ZG_LOSS_INTERPOLATE, 1.0}, L1, 1.0, false};
    zg_problem *problem = make_problem(s, 99);
    zg_solution solution;
    zg_error error = {0};
    const option none[] = {{NULL, NULL}};
    assert_int_equal(train(&zg_method_adam, problem, none, &plain, &solution, &error),
                     ZG_UNSUPPORTED);
    assert_non_null(strstr(error.message, "interpolate"));
    assert_non_null(strstr(error.message, "ipm"));
    zg_problem_free(problem);
}

static void no_epochs_give_the_first_network(void **unused)
{
    (void)unused;
    setup s = {10, 3, 1, NULL, RELU2, SQUARED, L1, 1.0, false};
    zg_problem *problem = make_problem(s, 101);
    zg_solution solution;
    const option zero[] = {{"epochs", "0"}, {NULL, NULL}};
    assert_int_equal(train(&zg_method_sgd, problem, zero, &plain, &solution, NULL), ZG_OK);
    assert_non_null(solution.network);
    assert_int_equal(zg_network_neurons(solution.network), 50);
    assert_int_equal(solution.iterations, 0);
    zg_solution_clear(&solution);
    zg_problem_free(problem);
}

static void benchmark_returns_seconds(void **unused)
{
    (void)unused;
    for (int rule = 0; rule < 2; rule++)
        for (int precision = 0; precision < 2; precision++)
            assert_true(zg_backprop_benchmark((zg_backprop_rule)rule,
                                              (zg_backprop_precision)precision, 50, 4, 6,
                                              rule ? 8 : 0, 20) > 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_every_loss_and_architecture),
        cmocka_unit_test(gradients_of_every_penalty),
        cmocka_unit_test(gradients_across_tiles),
        cmocka_unit_test(moments_agree_with_neurons),
        cmocka_unit_test(steps_follow_the_formulas),
        cmocka_unit_test(schedules),
        cmocka_unit_test(weight_decay_is_the_power_penalty),
        cmocka_unit_test(first_predictions_have_the_scale),
        cmocka_unit_test(finds_the_optimum_with_one_input),
        cmocka_unit_test(power_penalty_with_one_neuron),
        cmocka_unit_test(large_beta_gives_exact_zeros),
        cmocka_unit_test(strong_on_the_official_instance),
        cmocka_unit_test(finds_the_optimum_of_a_planted_set),
        cmocka_unit_test(single_and_double_agree),
        cmocka_unit_test(seeds_determine_everything),
        cmocka_unit_test(batches_are_shuffled),
        cmocka_unit_test(reports_and_the_best_network),
        cmocka_unit_test(observer_time_and_target_stop_it),
        cmocka_unit_test(diverging_runs_keep_a_finite_network),
        cmocka_unit_test(interpolation_is_refused_by_name),
        cmocka_unit_test(no_epochs_give_the_first_network),
        cmocka_unit_test(benchmark_returns_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
