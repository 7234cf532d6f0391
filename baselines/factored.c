/*
 * The baseline "factored": gradient descent on the factors of the quadratic form that a network
 * with the activation a t^2 is, S = U D U' with U in a unit ball and D >= 0 (Y. Hou, S. Sra, A.
 * Yurtsever, arXiv:2501.16322), or S = U U', as matrix factorisation has it.  With both signs S is
 * the difference of two such forms.
 *
 * Column j is the neuron u_j / |u_j| with the weight +-d_j |u_j|^2, so that sum d_j |u_j|^2 is the
 * penalty's sum |alpha|, which descent is not told of unless it is asked to be: what it ends with
 * shows what the parametrisation prefers by itself, beside the certified optimum.
 */
#include "base/linalg.h"
#include "base/random.h"
#include "baselines/baseline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_FORM,
    OPTION_BALL,
    OPTION_SIGNS,
    OPTION_COLUMNS,
    OPTION_EPOCHS,
    OPTION_RATE,
    OPTION_SCALE,
    OPTION_PENALTY,
    OPTION_SEED
};

static const zg_option options[] = {
    {"form", ZG_OPTION_CHOICE, "udu", "udu,uu", 0, 0, "of the factors: U D U' or U U'"},
    {"ball", ZG_OPTION_CHOICE, "frobenius", "frobenius,columns", 0, 0,
     "of U D U': of all columns of a sign together, or of each"},
    {"signs", ZG_OPTION_CHOICE, "both", "both,positive", 0, 0, "of the output weights"},
    {"columns", ZG_OPTION_INTEGER, "0", NULL, 0, 100000,
     "of U, for each sign; 0: as many as inputs"},
    {"epochs", ZG_OPTION_INTEGER, "20000", NULL, 1, 1e9, "passes over the rows"},
    {"learning_rate", ZG_OPTION_NUMBER, "0.001", NULL, 1e-12, 1e3,
     "step along the gradient of the mean loss"},
    {"scale", ZG_OPTION_NUMBER, "0.001", NULL, 1e-12, 1e3, "size of the first output weights"},
    {"penalty", ZG_OPTION_FLAG, "false", NULL, 0, 0, "descend on the penalty, too"},
    {"seed", ZG_OPTION_INTEGER, "0", NULL, 0, 4294967295.0, "of the first factors"},
};

#define REPORT_EPOCHS 500

typedef struct descent {
    const zg_problem *problem;
    size_t output, n, d, m; /* m: columns of both signs */
    size_t signs;
    bool weights;  /* U D U': D moves, and U stays in the ball */
    bool together; /* which is that of all columns of a sign */
    bool penalty;
    double rate;
    double *u, *slope; /* m x d, one column after the other */
    double *weight;    /* m: d_j */
    double *sign;      /* m */
    double *t, *h;     /* m x n: x'u_j, its square */
    double *f, *v;     /* n: predictions; gradient of the loss */
    double *by_weight; /* m */
    double *unit;      /* d */
    zg_network *network;
} descent;

static zg_status descent_create(descent *s)
{
    s->u = zg_doubles(2 * s->m * s->d);
    s->weight = zg_doubles(3 * s->m + s->d);
    s->t = zg_doubles(2 * s->m * s->n);
    s->f = zg_doubles(2 * s->n);
    if (!s->u || !s->weight || !s->t || !s->f) return ZG_NO_MEMORY;
    s->slope = s->u + s->m * s->d;
    s->sign = s->weight + s->m;
    s->by_weight = s->sign + s->m;
    s->unit = s->by_weight + s->m;
    s->h = s->t + s->m * s->n;
    s->v = s->f + s->n;
    return ZG_OK;
}

static void descent_clear(descent *s)
{
    double *owned[] = {s->u, s->weight, s->t, s->f};
    for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
        free(owned[k]);
    zg_network_free(s->network);
}

/* Lengths of the columns of each sign together, or of column j alone. */
static double length_of(const descent *s, size_t j)
{
    double square = 0;
    for (size_t k = s->together ? j % s->signs : j; k < s->m; k += s->signs) {
        double length = zg_norm(s->d, s->u + k * s->d);
        square += length * length;
        if (!s->together) break;
    }
    return sqrt(square);
}

static void project(descent *s)
{
    double length[2];
    for (size_t j = 0; j < s->m; j++) {
        if (j < s->signs || !s->together) length[j % s->signs] = length_of(s, j);
        for (size_t k = 0; k < s->d && length[j % s->signs] > 1; k++)
            s->u[j * s->d + k] /= length[j % s->signs];
    }
}

/* Directions on the sphere; weights of one size, as weights or as lengths. */
static void start(descent *s, const zg_value *values)
{
    zg_random random;
    double scale = values[OPTION_SCALE].number;
    bool both = strcmp(values[OPTION_SIGNS].text, "both") == 0;
    zg_random_seed(&random, (uint32_t)values[OPTION_SEED].number);
    for (size_t j = 0; j < s->m; j++) {
        double *u = s->u + j * s->d, length = 0;
        for (size_t k = 0; k < s->d; k++)
            u[k] = zg_random_normal(&random);
        length = zg_norm(s->d, u) / (s->weights ? 1 : sqrt(scale));
        for (size_t k = 0; k < s->d && length > 0; k++)
            u[k] /= length;
        s->weight[j] = s->weights ? scale : 1;
        s->sign[j] = both && j % 2 == 1 ? -1 : 1;
    }
    if (s->weights) project(s);
}

static void forward(descent *s)
{
    const zg_problem *p = s->problem;
    zg_gemm(true, false, s->n, s->m, s->d, 1.0, p->x, s->d, s->u, s->d, 0.0, s->t, s->n);
    for (size_t k = 0; k < s->m * s->n; k++)
        s->h[k] = p->activation.a * s->t[k] * s->t[k];
    memset(s->f, 0, s->n * sizeof *s->f);
    for (size_t j = 0; j < s->m; j++)
        zg_axpy(s->n, s->sign[j] * s->weight[j], s->h + j * s->n, s->f);
}

static void backward(descent *s)
{
    const zg_problem *p = s->problem;
    zg_loss_gradient(p->loss, s->n, s->f, p->y + s->output * s->n, p->weights, s->v);
    for (size_t j = 0; j < s->m; j++) {
        double factor = 2.0 * p->activation.a * s->sign[j] * s->weight[j];
        s->by_weight[j] = s->sign[j] * zg_dot(s->n, s->h + j * s->n, s->v);
        for (size_t i = 0; i < s->n; i++)
            s->t[j * s->n + i] *= factor * s->v[i];
    }
    zg_gemm(false, false, s->d, s->m, s->n, 1.0, p->x, s->d, s->t, s->n, 0.0, s->slope, s->d);
    for (size_t j = 0; s->penalty && j < s->m; j++) {
        s->by_weight[j] += p->beta * zg_dot(s->d, s->u + j * s->d, s->u + j * s->d);
        zg_axpy(s->d, 2.0 * p->beta * s->weight[j], s->u + j * s->d, s->slope + j * s->d);
    }
}

/* A step, and back into the ball. */
static void update(descent *s)
{
    double step = s->rate / (double)s->n;
    zg_axpy(s->m * s->d, -step, s->slope, s->u);
    for (size_t j = 0; s->weights && j < s->m; j++)
        s->weight[j] = fmax(s->weight[j] - step * s->by_weight[j], 0);
    if (s->weights) project(s);
}

/* The network as it is: the last, not the best one, ends the path. */
static zg_status take_network(descent *s)
{
    double *u = s->unit;
    zg_status status = ZG_OK;
    zg_network_clear_neurons(s->network);
    for (size_t j = 0; j < s->m && status == ZG_OK; j++) {
        double length = zg_norm(s->d, s->u + j * s->d);
        double alpha = s->sign[j] * s->weight[j] * length * length;
        if (!isfinite(alpha)) return ZG_FAILED;
        if (alpha == 0) continue;
        for (size_t k = 0; k < s->d; k++)
            u[k] = s->u[j * s->d + k] / length;
        zg_unit_neuron(s->d, u);
        status = zg_network_add(s->network, 0, u, s->output, alpha);
    }
    return status;
}

static zg_status interrupted(descent *s, const zg_control *control, zg_stopwatch *watch, long epoch,
                             zg_error *error)
{
    zg_status status = take_network(s);
    if (status == ZG_FAILED)
        return zg_fail(error, ZG_FAILED,
                       "descent left the numbers after %ld epochs: a smaller learning_rate is "
                       "needed",
                       epoch);
    const zg_iterate iterate = {.unit = "epoch",
                                .number = epoch,
                                .output = s->output,
                                .objective = NAN,
                                .bound = -INFINITY,
                                .network = s->network};
    if (status != ZG_OK) return status;
    if (!zg_report(control, watch, &iterate))
        return zg_fail(error, ZG_STOPPED, "stopped on request after %ld epochs", epoch);
    if (control->seconds > 0.0 && zg_stopwatch_read(watch) >= control->seconds)
        return zg_fail(error, ZG_TIMEOUT, "reached the time limit of %g s after %ld epochs",
                       control->seconds, epoch);
    return ZG_OK;
}

static zg_status descend(descent *s, const zg_value *values, const zg_control *control,
                         zg_stopwatch *watch, zg_solution *solution, zg_error *error)
{
    long epochs = (long)values[OPTION_EPOCHS].number;
    zg_status status = ZG_OK;
    start(s, values);
    for (long epoch = 1; epoch <= epochs && status == ZG_OK; epoch++) {
        forward(s);
        backward(s);
        update(s);
        solution->iterations = epoch;
        if (epoch % REPORT_EPOCHS == 0 || epoch == 1 || epoch == epochs)
            status = interrupted(s, control, watch, epoch, error);
    }
    return status;
}

static zg_status solve_output(const zg_problem *problem, size_t output, const zg_value *values,
                              const zg_control *control, zg_stopwatch *watch, zg_solution *solution,
                              zg_error *error)
{
    size_t columns = (size_t)values[OPTION_COLUMNS].number;
    bool both = strcmp(values[OPTION_SIGNS].text, "both") == 0;
    descent s = {.problem = problem,
                 .output = output,
                 .n = problem->samples,
                 .d = problem->inputs,
                 .m = (columns ? columns : problem->inputs) * (both ? 2 : 1),
                 .signs = both ? 2 : 1,
                 .together = strcmp(values[OPTION_BALL].text, "frobenius") == 0,
                 .weights = strcmp(values[OPTION_FORM].text, "udu") == 0,
                 .penalty = values[OPTION_PENALTY].number != 0,
                 .rate = values[OPTION_RATE].number};
    zg_status status = descent_create(&s);
    if (status == ZG_OK) status = zg_network_create(problem, &s.network, error);
    if (status == ZG_OK) status = descend(&s, values, control, watch, solution, error);
    solution->unit = "epoch";
    if (status == ZG_OK || status == ZG_STOPPED || status == ZG_TIMEOUT) {
        solution->network = s.network;
        s.network = NULL;
    }
    descent_clear(&s);
    return status == ZG_NO_MEMORY ? zg_no_memory(error) : status;
}

static zg_status solve(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    zg_status status = zg_solve_outputs(problem, values, control, solve_output, solution, error);
    solution->bound = -INFINITY;
    return status;
}

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    zg_activation a = problem->activation;
    (void)values;
    if (a.b == 0 && a.c == 0 && a.a > 0 && problem->architecture.kind == ZG_DENSE &&
        !zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT))
        return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "factored needs a dense network with the activation a t^2, a > 0, and a loss "
                   "that is not interpolate; adam takes the others");
}

const zg_method zg_method_factored = {
    .name = "factored",
    .summary = "gradient descent on the factors U D U' of the quadratic form",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .check = check,
    .solve = solve,
};
