/*
 * The method "adversarial": what people do against attacks, to hold robust optima against.
 *
 * Adam on directions and weights of a fixed number of neurons, each step at the points that a
 * projected-gradient attack has found in the balls around the rows (A. Madry et al., "Towards deep
 * learning models resistant to adversarial attacks", 2018).  The attack is a lower bound on what a
 * row can cost; the network that comes out is judged by its exact worst cases.
 */
#include "base/linalg.h"
#include "base/random.h"
#include "baselines/baseline.h"
#include "core/worst_case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NEURONS, LEARNING_RATE, EPOCHS, ATTACK_STEPS, ATTACK_RATE, SEED };

static const zg_option options[] = {
    {"neurons", ZG_OPTION_INTEGER, "50", NULL, 1, 1e5, "neurons"},
    {"learning_rate", ZG_OPTION_NUMBER, "0.01", NULL, 1e-300, 1e300,
     "largest change of a parameter in a step, about; falls to 0 by a cosine"},
    {"epochs", ZG_OPTION_INTEGER, "1000", NULL, 1, 1e9, "steps, each over all rows"},
    {"attack_steps", ZG_OPTION_INTEGER, "5", NULL, 1, 1e6, "of an attack, in each epoch"},
    {"attack_rate", ZG_OPTION_NUMBER, "0.5", NULL, 1e-6, 10,
     "length of an attack's step, as a share of the radius"},
    {"seed", ZG_OPTION_INTEGER, "0", NULL, 0, 4294967295.0, "of the first weights and attacks"},
};

/* A report is due whenever the number of epochs has grown by a quarter. */
#define REPORT_GROWTH 1.25
#define DECAY1 0.9
#define DECAY2 0.999
#define TINY 1e-8

typedef struct run {
    const zg_problem *problem;
    const zg_value *values;
    size_t neurons, parameters;
    double *u, *s;                     /* neurons x d, unit; neurons: weights; one vector */
    double *gradient, *first, *second; /* parameters each */
    double *shift;                     /* samples x d: the attack */
    double *response, *slope;          /* neurons; d */
    zg_network *best;
    double objective; /* of best: certified */
} run;

/* ---- the network ----------------------------------------------------------------------------- */

/* f at row i moved by its shift; response gets x'u of every neuron. */
static double predict(run *r, size_t i)
{
    const zg_problem *p = r->problem;
    size_t d = p->inputs;
    zg_activation a = p->activation;
    double f = 0.0;
    for (size_t j = 0; j < r->neurons; j++) {
        const double *u = r->u + j * d;
        double t = zg_dot(d, u, p->x + i * d) + zg_dot(d, u, r->shift + i * d);
        r->response[j] = t;
        f += r->s[j] * ((a.a * t + a.b) * t + a.c);
    }
    return f;
}

/* The direction in which the loss of row i grows, or would if it were not 0. */
static double worse(const zg_problem *p, size_t i, double f)
{
    if (zg_loss_has(p->loss.kind, ZG_LOSS_LABELLED)) return -p->y[i];
    return f >= p->y[i] ? 1.0 : -1.0;
}

/* Steps of the attack on row i, each projected onto the ball. */
static void attack(run *r, size_t i)
{
    const zg_problem *p = r->problem;
    size_t d = p->inputs;
    double *shift = r->shift + i * d, step = r->values[ATTACK_RATE].number * p->robust;
    for (long k = 0; k < (long)r->values[ATTACK_STEPS].number; k++) {
        double sign = worse(p, i, predict(r, i));
        memset(r->slope, 0, d * sizeof *r->slope);
        for (size_t j = 0; j < r->neurons; j++)
            zg_axpy(d, r->s[j] * (2.0 * p->activation.a * r->response[j] + p->activation.b),
                    r->u + j * d, r->slope);
        double length = zg_norm(d, r->slope);
        if (!(length > 0.0)) return;
        zg_axpy(d, sign * step / length, r->slope, shift);
        double far = zg_norm(d, shift);
        for (size_t e = 0; far > p->robust && e < d; e++)
            shift[e] *= p->robust / far;
    }
}

/* Adds the gradient of row i's loss at its attack. */
static void add_gradient(run *r, size_t i)
{
    const zg_problem *p = r->problem;
    size_t d = p->inputs;
    zg_activation a = p->activation;
    double f = predict(r, i), slope;
    zg_loss_gradient(p->loss, 1, &f, p->y + i, p->weights ? p->weights + i : NULL, &slope);
    double *of_u = r->gradient, *of_s = r->gradient + r->neurons * d;
    for (size_t j = 0; slope != 0.0 && j < r->neurons; j++) {
        double t = r->response[j], push = slope * r->s[j] * (2.0 * a.a * t + a.b);
        of_s[j] += slope * ((a.a * t + a.b) * t + a.c);
        zg_axpy(d, push, p->x + i * d, of_u + j * d);
        zg_axpy(d, push, r->shift + i * d, of_u + j * d);
    }
}

/* One step of Adam; directions are brought back to unit length, weights that change sign through
 * the penalty's pull stay. */
static void step(run *r, long epoch, long epochs)
{
    size_t d = r->problem->inputs, count = r->neurons * d;
    double rate = 0.5 * r->values[LEARNING_RATE].number *
                  (1.0 + cos(M_PI * (double)(epoch - 1) / (double)epochs));
    double one = 1.0 - pow(DECAY1, (double)epoch), two = 1.0 - pow(DECAY2, (double)epoch);
    for (size_t j = 0; j < r->neurons; j++) {
        double *u = r->u + j * d, *g = r->gradient + j * d;
        zg_axpy(d, -zg_dot(d, u, g), u, g); /* along the sphere */
        r->gradient[count + j] += r->problem->beta * ((r->s[j] > 0) - (r->s[j] < 0));
    }
    for (size_t k = 0; k < r->parameters; k++) {
        double g = r->gradient[k];
        r->first[k] = DECAY1 * r->first[k] + (1.0 - DECAY1) * g;
        r->second[k] = DECAY2 * r->second[k] + (1.0 - DECAY2) * g * g;
        r->u[k] -= rate * (r->first[k] / one) / (sqrt(r->second[k] / two) + TINY);
    }
    for (size_t j = 0; j < r->neurons; j++) {
        double length = zg_norm(d, r->u + j * d);
        for (size_t e = 0; length > 0.0 && e < d; e++)
            r->u[j * d + e] /= length;
    }
}

/* ---- what came of it --------------------------------------------------------------------------- */

/* The present network, if its certified objective is the best so far. */
static zg_status keep_best(run *r)
{
    zg_network *network;
    size_t d = r->problem->inputs;
    double objective;
    zg_status status = zg_network_create(r->problem, &network, NULL);
    for (size_t j = 0; status == ZG_OK && j < r->neurons; j++)
        if (r->s[j] != 0.0) status = zg_network_add(network, 0, r->u + j * d, 0, r->s[j]);
    if (status == ZG_OK) status = zg_network_objective(network, r->problem, &objective, NULL, NULL);
    if (status == ZG_OK && objective < r->objective) {
        zg_network_free(r->best);
        r->best = network;
        r->objective = objective;
    } else if (status != ZG_NO_MEMORY) {
        zg_network_free(network);
        status = ZG_OK; /* weights beyond all numbers are no progress */
    }
    return status;
}

static zg_status create(run *r)
{
    size_t d = r->problem->inputs, n = r->problem->samples;
    r->neurons = (size_t)r->values[NEURONS].number;
    r->parameters = r->neurons * (d + 1);
    r->u = zg_doubles(4 * r->parameters + n * d + r->neurons + d);
    if (!r->u) return ZG_NO_MEMORY;
    r->s = r->u + r->neurons * d;
    r->gradient = r->u + r->parameters;
    r->first = r->gradient + r->parameters;
    r->second = r->first + r->parameters;
    r->shift = r->second + r->parameters;
    r->response = r->shift + n * d;
    r->slope = r->response + r->neurons;
    zg_random random;
    zg_random_seed(&random, (uint32_t)r->values[SEED].number);
    for (size_t k = 0; k < r->neurons * d; k++)
        r->u[k] = zg_random_normal(&random);
    for (size_t j = 0; j < r->neurons; j++) {
        double length = zg_norm(d, r->u + j * d);
        for (size_t e = 0; e < d; e++)
            r->u[j * d + e] /= length;
        r->s[j] = 0.1 * zg_random_normal(&random) / (double)r->neurons;
    }
    for (size_t k = 0; k < n * d; k++)
        r->shift[k] = 0.1 * r->problem->robust * zg_random_normal(&random) / sqrt((double)d);
    r->objective = INFINITY;
    return ZG_OK;
}

static zg_status report(run *r, const zg_control *control, zg_stopwatch *watch, long epoch,
                        zg_error *error)
{
    if (keep_best(r) != ZG_OK) return zg_no_memory(error);
    zg_iterate iterate = {.unit = "epoch",
                          .number = epoch,
                          .objective = r->objective,
                          .bound = -INFINITY,
                          .network = r->best};
    if (!zg_report(control, watch, &iterate))
        return zg_fail(error, ZG_STOPPED, "stopped on request after %ld epochs", epoch);
    if (control->seconds > 0.0 && zg_stopwatch_read(watch) >= control->seconds)
        return zg_fail(error, ZG_TIMEOUT, "the time limit of %g s ended it after %ld epochs",
                       control->seconds, epoch);
    return ZG_OK;
}

static zg_status solve(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    run r = {.problem = problem, .values = values};
    zg_stopwatch watch = {.started = -1.0};
    zg_stopwatch_start(&watch);
    long epochs = (long)values[EPOCHS].number, due = 1, epoch = 0;
    zg_status status = create(&r) == ZG_OK ? ZG_OK : zg_no_memory(error);
    while (status == ZG_OK && epoch < epochs) {
        memset(r.gradient, 0, r.parameters * sizeof *r.gradient);
        for (size_t i = 0; i < problem->samples; i++) {
            attack(&r, i);
            add_gradient(&r, i);
        }
        step(&r, ++epoch, epochs);
        if (epoch < due && epoch < epochs) continue;
        due = (long)ceil(REPORT_GROWTH * (double)epoch);
        status = report(&r, control, &watch, epoch, error);
    }
    solution->network = r.best;
    solution->iterations = epoch;
    solution->unit = "epoch";
    zg_stopwatch_pause(&watch);
    zg_solution_charge(solution, &watch);
    free(r.u);
    return status;
}

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    (void)values;
    if (problem->robust > 0.0 && problem->architecture.kind == ZG_DENSE) return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "adversarial trains dense networks on robust problems; otherwise use the method "
                   "\"adam\", and for convolutions \"exchange\"");
}

const zg_method zg_method_adversarial = {
    .name = "adversarial",
    .summary = "adversarial training: Adam against projected-gradient attacks on the rows",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .check = check,
    .solve = solve,
    .robust = true,
};
