/* Backpropagation through several layers (see deep.h). */
#include "baselines/deep.h"

#include "base/linalg.h"
#include "base/random.h"
#include "baselines/limit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_DECAY 0.9
#define SECOND_DECAY 0.999
#define LEAST_ROOT 1e-8

/* Matrices are column-major; those of rows have them as columns' entries (n x width). */
typedef struct deep {
    const zg_problem *problem;
    size_t layers, m, outputs;
    size_t all;                       /* weights */
    double *w, *best;                 /* all: U_1 (d x m), U_2 (m x m), .., A (m x outputs) */
    double *gradient, *mean, *square; /* all */
} deep;

/* What a pass over n rows leaves behind. */
typedef struct pass {
    size_t n;
    double *x;       /* n x d */
    double *t, *z;   /* layers times n x m: before and after sigma */
    double *f, *v;   /* n x outputs */
    double *dz, *dt; /* n x m */
} pass;

static size_t width_of(const deep *s, size_t layer)
{
    return layer == 0 ? s->problem->inputs : s->m;
}

static double *weights_of(const deep *s, double *w, size_t layer)
{
    return w + (layer == 0 ? 0 : s->problem->inputs * s->m + (layer - 1) * s->m * s->m);
}

static zg_status deep_create(deep *s)
{
    s->all = (s->problem->inputs + (s->layers - 1) * s->m + s->outputs) * s->m;
    s->w = zg_doubles(5 * s->all);
    if (!s->w) return ZG_NO_MEMORY;
    s->best = s->w + s->all;
    s->gradient = s->best + s->all;
    s->mean = s->gradient + s->all;
    s->square = s->mean + s->all;
    return ZG_OK;
}

static void pass_clear(pass *p)
{
    double *owned[] = {p->x, p->t, p->z, p->f, p->v, p->dz, p->dt};
    for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
        free(owned[k]);
}

static zg_status pass_create(const deep *s, size_t n, const double *x, pass *p)
{
    size_t d = s->problem->inputs;
    *p = (pass){.n = n,
                .x = zg_doubles(n * d),
                .t = zg_doubles(s->layers * n * s->m),
                .z = zg_doubles(s->layers * n * s->m),
                .f = zg_doubles(n * s->outputs),
                .v = zg_doubles(n * s->outputs),
                .dz = zg_doubles(n * s->m),
                .dt = zg_doubles(n * s->m)};
    if (!p->x || !p->t || !p->z || !p->f || !p->v || !p->dz || !p->dt) return ZG_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < d; k++)
            p->x[k * n + i] = x[i * d + k];
    return ZG_OK;
}

/* Columns of length 1, but for the output's. */
static void normalise(deep *s)
{
    for (size_t l = 0; l < s->layers; l++)
        for (size_t j = 0; j < s->m; j++) {
            size_t width = width_of(s, l);
            double *u = weights_of(s, s->w, l) + j * width, length = zg_norm(width, u);
            for (size_t k = 0; k < width && length > 0; k++)
                u[k] /= length;
        }
}

static void start(deep *s, uint32_t seed)
{
    zg_random random;
    zg_random_seed(&random, seed);
    size_t hidden = s->all - s->m * s->outputs;
    for (size_t k = 0; k < s->all; k++)
        s->w[k] = zg_random_normal(&random) * (k < hidden ? 1 : 0.1);
    normalise(s);
}

/* Outputs of layers that others stand on keep the size of one neuron's. */
static double share_of(const deep *s, size_t layer)
{
    return layer + 1 < s->layers ? sqrt((double)s->m) : 1;
}

static void forward(const deep *s, double *w, pass *p)
{
    zg_activation a = s->problem->activation;
    const double *input = p->x;
    for (size_t l = 0; l < s->layers; l++) {
        double *t = p->t + l * p->n * s->m, *z = p->z + l * p->n * s->m;
        size_t width = width_of(s, l);
        zg_gemm(false, false, p->n, s->m, width, 1, input, p->n, weights_of(s, w, l), width, 0, t,
                p->n);
        for (size_t k = 0; k < p->n * s->m; k++)
            z[k] = ((a.a * t[k] + a.b) * t[k] + a.c) / share_of(s, l);
        input = z;
    }
    zg_gemm(false, false, p->n, s->outputs, s->m, 1, input, p->n, weights_of(s, w, s->layers), s->m,
            0, p->f, p->n);
}

static double objective_of(const deep *s, const pass *p)
{
    const zg_problem *q = s->problem;
    const double *alpha = weights_of(s, s->w, s->layers);
    double sum = 0;
    for (size_t k = 0; k < s->m * s->outputs; k++)
        sum += fabs(alpha[k]);
    sum *= q->beta;
    for (size_t c = 0; c < s->outputs; c++)
        sum += zg_loss_value(q->loss, p->n, p->f + c * p->n, q->y + c * p->n, q->weights);
    return sum;
}

static void backward(deep *s, pass *p)
{
    const zg_problem *q = s->problem;
    zg_activation a = q->activation;
    size_t n = p->n, m = s->m;
    double *alpha = weights_of(s, s->w, s->layers);
    double *by_alpha = weights_of(s, s->gradient, s->layers);
    for (size_t c = 0; c < s->outputs; c++)
        zg_loss_gradient(q->loss, n, p->f + c * n, q->y + c * n, q->weights, p->v + c * n);
    zg_gemm(true, false, m, s->outputs, n, 1, p->z + (s->layers - 1) * n * m, n, p->v, n, 0,
            by_alpha, m);
    for (size_t k = 0; k < m * s->outputs; k++)
        by_alpha[k] += alpha[k] < 0 ? -q->beta : q->beta;
    zg_gemm(false, true, n, m, s->outputs, 1, p->v, n, alpha, m, 0, p->dz, n);
    for (size_t l = s->layers; l-- > 0;) {
        const double *t = p->t + l * n * m, *input = l ? p->z + (l - 1) * n * m : p->x;
        size_t width = width_of(s, l);
        for (size_t k = 0; k < n * m; k++)
            p->dt[k] = p->dz[k] * (2 * a.a * t[k] + a.b) / share_of(s, l);
        zg_gemm(true, false, width, m, n, 1, input, n, p->dt, n, 0, weights_of(s, s->gradient, l),
                width);
        if (l > 0)
            zg_gemm(false, true, n, m, m, 1, p->dt, n, weights_of(s, s->w, l), m, 0, p->dz, n);
    }
}

/* Along the sphere: what only changes lengths is taken out. */
static void project(deep *s)
{
    for (size_t l = 0; l < s->layers; l++)
        for (size_t j = 0; j < s->m; j++) {
            size_t width = width_of(s, l);
            const double *u = weights_of(s, s->w, l) + j * width;
            double *g = weights_of(s, s->gradient, l) + j * width;
            zg_axpy(width, -zg_dot(width, g, u), u, g);
        }
}

static void update(deep *s, double rate, long epoch)
{
    double first = 1 - pow(FIRST_DECAY, (double)epoch);
    double second = 1 - pow(SECOND_DECAY, (double)epoch);
    project(s);
    for (size_t k = 0; k < s->all; k++) {
        double g = s->gradient[k];
        s->mean[k] += (1 - FIRST_DECAY) * (g - s->mean[k]);
        s->square[k] += (1 - SECOND_DECAY) * (g * g - s->square[k]);
        s->w[k] -= rate * s->mean[k] / first / (sqrt(s->square[k] / second) + LEAST_ROOT);
    }
    normalise(s);
}

/* Best weights and their objective. */
static double descend(deep *s, const zg_deep_options *options, pass *p)
{
    zg_limit limit = zg_limit_start(options->seconds, NULL);
    double best = INFINITY;
    start(s, options->seed);
    for (long epoch = 1; epoch <= options->epochs && !zg_limit_reached(&limit); epoch++) {
        forward(s, s->w, p);
        double objective = objective_of(s, p);
        if (objective < best) {
            best = objective;
            memcpy(s->best, s->w, s->all * sizeof *s->w);
        }
        if (!isfinite(objective)) break;
        backward(s, p);
        double left = 1 - (double)(epoch - 1) / (double)options->epochs;
        update(s, options->learning_rate * left, epoch);
    }
    return best;
}

static zg_status answer(const deep *s, size_t count, const zg_deep_rows *rows)
{
    zg_status status = ZG_OK;
    for (size_t k = 0; k < count && status == ZG_OK; k++) {
        pass p;
        status = pass_create(s, rows[k].n, rows[k].x, &p);
        if (status == ZG_OK) forward(s, s->best, &p);
        if (status == ZG_OK) memcpy(rows[k].f, p.f, rows[k].n * s->outputs * sizeof *p.f);
        pass_clear(&p);
    }
    return status;
}

zg_status zg_deep_train(const zg_problem *problem, const zg_deep_options *options, size_t count,
                        const zg_deep_rows *rows, double *objective, zg_error *error)
{
    *objective = INFINITY;
    if (problem->architecture.kind != ZG_DENSE || problem->robust > 0 ||
        zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "backpropagation through layers is for dense networks, and for losses that "
                       "are not interpolate");
    deep s = {.problem = problem,
              .layers = options->layers,
              .m = options->neurons,
              .outputs = problem->outputs};
    pass p = {0};
    zg_status status = deep_create(&s);
    if (status == ZG_OK) status = pass_create(&s, problem->samples, problem->x, &p);
    if (status == ZG_OK) *objective = descend(&s, options, &p);
    bool failed = status == ZG_OK && !isfinite(*objective);
    if (status == ZG_OK && !failed) status = answer(&s, count, rows);
    pass_clear(&p);
    free(s.w);
    if (failed) return zg_fail(error, ZG_FAILED, "backpropagation left the numbers at once");
    return status ? zg_no_memory(error) : ZG_OK;
}
