/* The baseline "straight-through": backpropagation with few-bit weights.  Latent weights of any
 * size are rounded in every forward pass, and take the gradient of the rounded ones as their own
 * (Y. Bengio, N. Leonard, A. Courville, arXiv:1308.3432).  Full batches, Adam. */
#include "base/linalg.h"
#include "base/random.h"
#include "baselines/baseline.h"
#include "core/network_levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_NEURONS, OPTION_EPOCHS, OPTION_RATE, OPTION_SEED };

static const zg_option options[] = {
    {"neurons", ZG_OPTION_INTEGER, "50", NULL, 1, 100000, "of the network"},
    {"epochs", ZG_OPTION_INTEGER, "2000", NULL, 1, 1e9, "passes over the rows"},
    {"learning_rate", ZG_OPTION_NUMBER, "0.01", NULL, 1e-12, 1e3, "of Adam"},
    {"seed", ZG_OPTION_INTEGER, "0", NULL, 0, 4294967295.0, "of the first weights"},
};

/* Adam's decay rates and what keeps its quotient finite; epochs between two reports; mean weights
 * above this part of the mean size are not 0 in a ternary neuron. */
#define FIRST_DECAY 0.9
#define SECOND_DECAY 0.999
#define LEAST_ROOT 1e-8
#define REPORT_EPOCHS 100
#define TERNARY_PART 0.7

typedef struct descent {
    const zg_problem *problem;
    size_t output, n, d, m;
    double *w, *alpha; /* m x d latent; m: one after the other, as are the next three */
    double *gradient, *mean, *square;
    double *u;     /* m x d: rounded, of length 1 */
    double *t, *h; /* m x n: x'u, sigma of it */
    double *f, *v; /* n */
    int *levels;   /* m x d */
    double best;
    zg_network *network; /* with objective best */
} descent;

static zg_status descent_create(descent *s)
{
    size_t all = s->m * s->d + s->m;
    s->w = zg_doubles(all);
    s->gradient = zg_doubles(3 * all);
    s->u = zg_doubles(s->m * s->d);
    s->t = zg_doubles(2 * s->m * s->n);
    s->f = zg_doubles(2 * s->n);
    s->levels = calloc(s->m * s->d, sizeof *s->levels);
    if (!s->w || !s->gradient || !s->u || !s->t || !s->f || !s->levels) return ZG_NO_MEMORY;
    s->alpha = s->w + s->m * s->d;
    s->mean = s->gradient + all;
    s->square = s->mean + all;
    s->h = s->t + s->m * s->n;
    s->v = s->f + s->n;
    return ZG_OK;
}

static void descent_clear(descent *s)
{
    double *owned[] = {s->w, s->gradient, s->u, s->t, s->f};
    for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
        free(owned[k]);
    free(s->levels);
    zg_network_free(s->network);
}

/* ---- one pass -------------------------------------------------------------------------------- */

static void round_weights(const descent *s, const double *w, int *levels)
{
    zg_levels all = zg_neuron_set_levels(s->problem->neuron_set);
    double largest = 0.0, sum = 0.0;
    size_t top = 0;
    for (size_t k = 0; k < s->d; k++) {
        sum += fabs(w[k]);
        if (fabs(w[k]) > largest) largest = fabs(w[top = k]);
    }
    bool ternary = all.count % 2 == 1;
    for (size_t k = 0; k < s->d; k++) {
        double place = largest > 0.0 ? (w[k] / largest * -all.first - all.first) / all.step : 0.0;
        levels[k] = all.first + all.step * (int)rint(fmin(fmax(place, 0.0), all.count - 1.0));
        if (ternary)
            levels[k] = fabs(w[k]) * (double)s->d <= TERNARY_PART * sum ? 0 : w[k] < 0 ? -1 : 1;
    }
    if (ternary && levels[top] == 0) levels[top] = 1;
}

static void forward(descent *s)
{
    const zg_problem *p = s->problem;
    zg_activation a = p->activation;
    for (size_t j = 0; j < s->m; j++) {
        round_weights(s, s->w + j * s->d, s->levels + j * s->d);
        zg_neuron_set_place(s->d, s->levels + j * s->d, s->u + j * s->d);
    }
    zg_gemm(true, false, s->n, s->m, s->d, 1.0, p->x, s->d, s->u, s->d, 0.0, s->t, s->n);
    for (size_t k = 0; k < s->m * s->n; k++)
        s->h[k] = (a.a * s->t[k] + a.b) * s->t[k] + a.c;
    zg_gemv(false, s->n, s->m, 1.0, s->h, s->n, s->alpha, 0.0, s->f);
}

/* Gradients in the rounded weights and in alpha. */
static void backward(descent *s)
{
    const zg_problem *p = s->problem;
    zg_activation a = p->activation;
    double *by_alpha = s->gradient + s->m * s->d;
    zg_loss_gradient(p->loss, s->n, s->f, p->y + s->output * s->n, p->weights, s->v);
    zg_gemv(true, s->n, s->m, 1.0, s->h, s->n, s->v, 0.0, by_alpha);
    for (size_t j = 0; j < s->m; j++) {
        by_alpha[j] += s->alpha[j] < 0 ? -p->beta : p->beta;
        for (size_t i = 0; i < s->n; i++)
            s->t[j * s->n + i] = s->alpha[j] * s->v[i] * (2.0 * a.a * s->t[j * s->n + i] + a.b);
    }
    zg_gemm(false, false, s->d, s->m, s->n, 1.0, p->x, s->d, s->t, s->n, 0.0, s->gradient, s->d);
}

static void update(descent *s, double rate, long epoch)
{
    double first = 1.0 - pow(FIRST_DECAY, (double)epoch);
    double second = 1.0 - pow(SECOND_DECAY, (double)epoch);
    for (size_t k = 0; k < s->m * s->d + s->m; k++) {
        double g = s->gradient[k];
        s->mean[k] += (1.0 - FIRST_DECAY) * (g - s->mean[k]);
        s->square[k] += (1.0 - SECOND_DECAY) * (g * g - s->square[k]);
        s->w[k] -= rate * s->mean[k] / first / (sqrt(s->square[k] / second) + LEAST_ROOT);
        if (k < s->m * s->d) s->w[k] = fmin(fmax(s->w[k], -1.0), 1.0);
    }
}

/* ---- keeping the best ------------------------------------------------------------------------ */

static zg_status keep(descent *s)
{
    const zg_problem *p = s->problem;
    double sum = 0.0;
    for (size_t j = 0; j < s->m; j++)
        sum += fabs(s->alpha[j]);
    double objective =
        p->beta * sum + zg_loss_value(p->loss, s->n, s->f, p->y + s->output * s->n, p->weights);
    if (!(objective < s->best)) return ZG_OK;
    s->best = objective;
    zg_network_clear_neurons(s->network);
    zg_status status = ZG_OK;
    for (size_t j = 0; j < s->m && status == ZG_OK; j++)
        if (s->alpha[j] != 0.0)
            status = zg_network_add_levels(s->network, p->neuron_set, 0, s->levels + j * s->d,
                                           s->output, s->alpha[j]);
    return status;
}

static zg_status interrupted(const descent *s, const zg_control *control, zg_stopwatch *watch,
                             long epoch, zg_error *error)
{
    const zg_iterate iterate = {.unit = "epoch",
                                .number = epoch,
                                .output = s->output,
                                .objective = NAN,
                                .bound = -INFINITY,
                                .network = s->network};
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
    zg_random random;
    zg_random_seed(&random, (uint32_t)values[OPTION_SEED].number);
    for (size_t k = 0; k < s->m * s->d + s->m; k++)
        s->w[k] = (k < s->m * s->d ? 0.5 : 1.0 / (double)s->m) * zg_random_normal(&random);
    long epochs = (long)values[OPTION_EPOCHS].number;
    zg_status status = ZG_OK;
    for (long epoch = 1; epoch <= epochs && status == ZG_OK; epoch++) {
        forward(s);
        status = keep(s);
        if (status == ZG_OK && (epoch % REPORT_EPOCHS == 0 || epoch == 1))
            status = interrupted(s, control, watch, epoch, error);
        backward(s);
        update(s, values[OPTION_RATE].number, epoch);
        solution->iterations = epoch;
    }
    return status;
}

static zg_status solve_output(const zg_problem *problem, size_t output, const zg_value *values,
                              const zg_control *control, zg_stopwatch *watch, zg_solution *solution,
                              zg_error *error)
{
    descent s = {.problem = problem,
                 .output = output,
                 .n = problem->samples,
                 .d = problem->inputs,
                 .m = (size_t)values[OPTION_NEURONS].number,
                 .best = INFINITY};
    zg_status status = descent_create(&s);
    if (status == ZG_OK) status = zg_network_create(problem, &s.network, error);
    if (status == ZG_OK) status = descend(&s, values, control, watch, solution, error);
    solution->unit = "epoch";
    solution->network = s.network;
    s.network = NULL;
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
    (void)values;
    if (zg_neuron_set_finite(problem->neuron_set) && problem->architecture.kind == ZG_DENSE &&
        problem->neuron_set.kind != ZG_SET_BILINEAR &&
        !zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT))
        return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "straight-through needs a dense network of the neuron set binary, ternary or "
                   "bits:K, and a loss that is none of interpolate; use columns or ipm");
}

const zg_method zg_method_straight_through = {
    .name = "straight-through",
    .summary = "backpropagation with weights rounded to the neuron set in every pass",
    .keeps_set = true,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .check = check,
    .solve = solve,
};
