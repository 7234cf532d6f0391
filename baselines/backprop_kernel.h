/*
 * The engine of backpropagation for one precision: included once by backprop_single.c and once by
 * backprop_double.c, which define REAL and its functions, and REALS_PER_DOUBLE.
 *
 * Samples are worked off in tiles whose pre-activations stay in the second-level cache.  With one
 * output, everything between the two matrix products of a tile is two passes: the activation is a
 * polynomial, so its value and derivative are a handful of multiplications, and the factor alpha_j
 * of the neurons' gradients is applied after the second product, when it costs nothing.
 */
#include "baselines/backprop_engine.h"
#include "core/linalg.h"

#include <cblas.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Elementwise loops are compiled for wider vectors too, chosen when the program starts. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__)
#define VECTORISED __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define VECTORISED
#endif

#define TILE_ELEMENTS ((size_t)1 << 16) /* pre-activations in a tile */
#define TILE_LEAST ((size_t)16)         /* samples; fewer would starve the matrix products */

typedef struct engine {
    zg_backprop_model model;
    zg_loss loss;
    size_t samples, groups, patches, width, outputs, neurons; /* patches, neurons: per group */
    size_t directions, total;                                 /* length of v; of all parameters */
    size_t tile;                                              /* samples */
    long steps;                                               /* since the parameters were set */
    REAL a, b, c;                                             /* activation */
    REAL **x;           /* groups: (samples patches) x width */
    REAL *y;            /* samples x outputs */
    REAL *weights;      /* samples, or NULL */
    REAL *point;        /* total: where gradients are taken */
    REAL *gradient;     /* total */
    REAL *first;        /* total: Adam's first moment; SGD's previous (Nesterov: current) iterate */
    REAL *second;       /* total: Adam's second moment; unused by SGD */
    REAL *u;            /* directions: the neurons that the point stands for */
    REAL *alpha;        /* groups x outputs x neurons */
    REAL *inverse_norm; /* groups x neurons: 1 / |v|; unused by ZG_FORM_DECAY */
    /* A tile, samples x patches = rows: */
    REAL *gathered;   /* groups x rows x width */
    REAL *targets;    /* outputs x samples */
    REAL *importance; /* samples */
    REAL *t;          /* groups x neurons x rows: pre-activations, then gradients */
    REAL *h;          /* neurons x rows: activations; only with several outputs */
    REAL *row_values; /* outputs x rows: what patches contribute, then residuals per patch */
    REAL *f;          /* outputs x samples: predictions, then residuals */
} engine;

/* ---- elementwise passes ------------------------------------------------------------------- */

/* f_i += sum_j alpha_j sigma(t_ji) */
VECTORISED
static void add_responses(size_t count, size_t neurons, const REAL *restrict t,
                          const REAL *restrict alpha, REAL a, REAL b, REAL c, REAL *restrict f)
{
    REAL constant = 0;
    for (size_t j = 0; j < neurons; j++) {
        const REAL *restrict row = t + j * count;
        REAL quadratic = a * alpha[j], linear = b * alpha[j];
        constant += c * alpha[j];
        for (size_t i = 0; i < count; i++)
            f[i] += (quadratic * row[i] + linear) * row[i];
    }
    for (size_t i = 0; i < count; i++)
        f[i] += constant;
}

/* g_j += sum_i r_i sigma(t_ji); then t_ji <- r_i sigma'(t_ji) */
VECTORISED
static void backward_responses(size_t count, size_t neurons, const REAL *restrict r, REAL a, REAL b,
                               REAL c, REAL *restrict t, REAL *restrict g)
{
    REAL constant = 0;
    for (size_t i = 0; i < count; i++)
        constant += r[i];
    constant *= c;
    for (size_t j = 0; j < neurons; j++) {
        REAL *restrict row = t + j * count;
        REAL sum = 0;
#pragma omp simd reduction(+ : sum)
        for (size_t i = 0; i < count; i++) {
            REAL linear = a * row[i] + b;
            REAL share = r[i] * linear;
            sum += share * row[i];
            row[i] = share + r[i] * (a * row[i]);
        }
        g[j] += sum + constant;
    }
}

/* h = sigma(t) */
VECTORISED
static void activate(size_t count, const REAL *restrict t, REAL a, REAL b, REAL c, REAL *restrict h)
{
    for (size_t i = 0; i < count; i++)
        h[i] = (a * t[i] + b) * t[i] + c;
}

/* t <- h sigma'(t) */
VECTORISED
static void multiply_derivative(size_t count, const REAL *restrict h, REAL a, REAL b,
                                REAL *restrict t)
{
    for (size_t i = 0; i < count; i++)
        t[i] = h[i] * (2 * a * t[i] + b);
}

/* f <- importance * d loss / d f; importance holds weight / batch. */
VECTORISED
static void residuals(zg_loss loss, size_t n, const REAL *restrict y,
                      const REAL *restrict importance, REAL *restrict f)
{
    REAL delta = (REAL)loss.delta;
    switch (loss.kind) {
    case ZG_LOSS_ABSOLUTE:
        for (size_t i = 0; i < n; i++)
            f[i] = importance[i] * (REAL)((f[i] > y[i]) - (f[i] < y[i]));
        break;
    case ZG_LOSS_HUBER:
        for (size_t i = 0; i < n; i++) {
            REAL r = f[i] - y[i];
            r = r > delta ? delta : r;
            f[i] = importance[i] * (r < -delta ? -delta : r);
        }
        break;
    case ZG_LOSS_HINGE:
        for (size_t i = 0; i < n; i++)
            f[i] = importance[i] * (y[i] * f[i] < 1 ? -y[i] : 0);
        break;
    case ZG_LOSS_SQUARED_HINGE:
        for (size_t i = 0; i < n; i++) {
            REAL slack = 1 - y[i] * f[i];
            f[i] = importance[i] * (slack > 0 ? -y[i] * slack : 0);
        }
        break;
    case ZG_LOSS_LOGISTIC:
        for (size_t i = 0; i < n; i++) {
            REAL margin = y[i] * f[i];
            REAL e = REAL_EXP(margin > 0 ? -margin : margin);
            f[i] = -importance[i] * y[i] * (margin > 0 ? e / (1 + e) : 1 / (1 + e));
        }
        break;
    default: /* squared; interpolation is refused before it comes here */
        for (size_t i = 0; i < n; i++)
            f[i] = importance[i] * (f[i] - y[i]);
    }
}

/* ---- tiles --------------------------------------------------------------------------------- */

typedef struct block {
    size_t count, rows;   /* samples; samples x patches */
    size_t start;         /* of consecutive samples */
    const size_t *chosen; /* or the samples by name */
} block;

/* The tile's patches of one group: where they lie, or a copy in the order chosen. */
static const REAL *tile_patches(const engine *e, const block *tile, size_t group)
{
    size_t length = e->patches * e->width;
    if (!tile->chosen) return e->x[group] + tile->start * length;
    REAL *copy = e->gathered + group * e->tile * length;
    for (size_t i = 0; i < tile->count; i++)
        memcpy(copy + i * length, e->x[group] + tile->chosen[i] * length, length * sizeof(REAL));
    return copy;
}

static void tile_targets(engine *e, const block *tile, size_t batch)
{
    REAL share = 1 / (REAL)batch;
    for (size_t i = 0; i < tile->count; i++) {
        size_t sample = tile->chosen ? tile->chosen[i] : tile->start + i;
        for (size_t c = 0; c < e->outputs; c++)
            e->targets[c * tile->count + i] = e->y[sample * e->outputs + c];
        e->importance[i] = e->weights ? share * e->weights[sample] : share;
    }
}

static void multiply(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, size_t m, size_t n, size_t k,
                     const REAL *a, size_t lda, const REAL *b, size_t ldb, REAL beta, REAL *c,
                     size_t ldc)
{
    REAL_GEMM(CblasColMajor, ta, tb, (blasint)m, (blasint)n, (blasint)k, 1, a, (blasint)lda, b,
              (blasint)ldb, beta, c, (blasint)ldc);
}

/* f (outputs x samples) += predictions' share of one group; leaves its pre-activations in t. */
static void forward_group(engine *e, const block *tile, const REAL *x, size_t group)
{
    size_t rows = tile->rows, m = e->neurons;
    REAL *t = e->t + group * m * e->tile * e->patches;
    const REAL *alpha = e->alpha + group * m * e->outputs;
    multiply(CblasTrans, CblasNoTrans, rows, m, e->width, x, e->width, e->u + group * m * e->width,
             e->width, 0, t, rows);
    REAL *values = e->patches == 1 ? e->f : e->row_values;
    if (e->patches > 1) memset(values, 0, rows * e->outputs * sizeof(REAL));
    if (e->outputs == 1) {
        add_responses(rows, m, t, alpha, e->a, e->b, e->c, values);
    } else {
        activate(rows * m, t, e->a, e->b, e->c, e->h);
        multiply(CblasNoTrans, CblasNoTrans, rows, e->outputs, m, e->h, rows, alpha, m, 1, values,
                 rows);
    }
    if (e->patches == 1) return;
    REAL share = 1 / (REAL)e->patches;
    for (size_t i = 0; i < tile->count * e->outputs; i++) {
        REAL sum = 0;
        for (size_t p = 0; p < e->patches; p++)
            sum += values[i * e->patches + p];
        e->f[i] += share * sum;
    }
}

/* Adds one group's share of the gradients with respect to u and alpha, from residuals in f.  With
 * one output the factor alpha_j is left out of the gradient of u_j: see finish_gradient. */
static void backward_group(engine *e, const block *tile, const REAL *x, size_t group)
{
    size_t rows = tile->rows, m = e->neurons;
    REAL *t = e->t + group * m * e->tile * e->patches;
    REAL *gradient_u = e->gradient + group * m * e->width;
    REAL *gradient_alpha = e->gradient + e->directions + group * m * e->outputs;
    const REAL *r = e->f;
    if (e->patches > 1) {
        REAL share = 1 / (REAL)e->patches;
        for (size_t i = 0; i < tile->count * e->outputs; i++)
            for (size_t p = 0; p < e->patches; p++)
                e->row_values[i * e->patches + p] = share * e->f[i];
        r = e->row_values;
    }
    if (e->outputs == 1) {
        backward_responses(rows, m, r, e->a, e->b, e->c, t, gradient_alpha);
    } else {
        const REAL *alpha = e->alpha + group * m * e->outputs;
        activate(rows * m, t, e->a, e->b, e->c, e->h);
        multiply(CblasTrans, CblasNoTrans, m, e->outputs, rows, e->h, rows, r, rows, 1,
                 gradient_alpha, m);
        multiply(CblasNoTrans, CblasTrans, rows, m, e->outputs, r, rows, alpha, m, 0, e->h, rows);
        multiply_derivative(rows * m, e->h, e->a, e->b, t);
    }
    multiply(CblasNoTrans, CblasNoTrans, e->width, m, rows, x, e->width, t, rows, 1, gradient_u,
             e->width);
}

/* ---- parameters and neurons -------------------------------------------------------------------
 */

static REAL length_of(size_t n, const REAL *restrict x)
{
    REAL sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t k = 0; k < n; k++)
        sum += x[k] * x[k];
    return REAL_SQRT(sum);
}

/* u and alpha from the point. */
VECTORISED
static void read_point(engine *e)
{
    size_t neurons = e->groups * e->neurons;
    const REAL *s = e->point + e->directions;
    if (e->model.form == ZG_FORM_DECAY) {
        memcpy(e->u, e->point, e->directions * sizeof(REAL));
        memcpy(e->alpha, s, neurons * e->outputs * sizeof(REAL));
        return;
    }
    for (size_t j = 0; j < neurons; j++) {
        const REAL *restrict v = e->point + j * e->width;
        REAL *restrict u = e->u + j * e->width;
        REAL length = length_of(e->width, v);
        REAL inverse = length > 0 ? 1 / length : 0;
        e->inverse_norm[j] = inverse;
        for (size_t k = 0; k < e->width; k++)
            u[k] = inverse * v[k];
    }
    if (e->model.form == ZG_FORM_L1) {
        memcpy(e->alpha, s, neurons * e->outputs * sizeof(REAL));
        return;
    }
    REAL exponent = (REAL)(2 / e->model.problem->penalty.power);
    for (size_t j = 0; j < neurons * e->outputs; j++) {
        REAL magnitude = REAL_POW(s[j] < 0 ? -s[j] : s[j], exponent);
        e->alpha[j] = s[j] < 0 ? -magnitude : magnitude;
    }
}

/* From gradients with respect to u and alpha to those with respect to v and s. */
VECTORISED
static void finish_gradient(engine *e)
{
    size_t neurons = e->groups * e->neurons;
    REAL *gs = e->gradient + e->directions;
    for (size_t j = 0; j < neurons; j++) {
        REAL *restrict g = e->gradient + j * e->width;
        const REAL *restrict u = e->u + j * e->width;
        REAL factor = e->outputs == 1 ? e->alpha[j] : 1;
        REAL along = 0;
        if (e->model.form != ZG_FORM_DECAY) {
            factor *= e->inverse_norm[j];
#pragma omp simd reduction(+ : along)
            for (size_t k = 0; k < e->width; k++)
                along += u[k] * g[k];
        }
        for (size_t k = 0; k < e->width; k++)
            g[k] = factor * (g[k] - along * u[k]);
    }
    if (e->model.form != ZG_FORM_POWER) return;
    REAL exponent = (REAL)(2 / e->model.problem->penalty.power);
    const REAL *s = e->point + e->directions;
    for (size_t j = 0; j < neurons * e->outputs; j++)
        gs[j] *= exponent * REAL_POW(s[j] < 0 ? -s[j] : s[j], exponent - 1);
}

static void engine_gradient(void *state, const size_t *rows, size_t start, size_t count)
{
    engine *e = state;
    read_point(e);
    memset(e->gradient, 0, e->total * sizeof(REAL));
    for (size_t done = 0; done < count; done += e->tile) {
        block tile = {.count = count - done < e->tile ? count - done : e->tile,
                      .start = start + done,
                      .chosen = rows ? rows + done : NULL};
        tile.rows = tile.count * e->patches;
        tile_targets(e, &tile, count);
        memset(e->f, 0, tile.count * e->outputs * sizeof(REAL));
        for (size_t g = 0; g < e->groups; g++)
            forward_group(e, &tile, tile_patches(e, &tile, g), g);
        for (size_t c = 0; c < e->outputs; c++)
            residuals(e->loss, tile.count, e->targets + c * tile.count, e->importance,
                      e->f + c * tile.count);
        for (size_t g = 0; g < e->groups; g++) {
            const REAL *x = rows ? e->gathered + g * e->tile * e->patches * e->width
                                 : tile_patches(e, &tile, g);
            backward_group(e, &tile, x, g);
        }
    }
    finish_gradient(e);
}

/* ---- steps ------------------------------------------------------------------------------------
 */

/* The minimiser of l1 |p| + l2/2 p^2 + (p - q)^2 / 2; what is not a number stays so. */
static inline REAL proximal(REAL q, REAL l1, REAL l2)
{
    REAL magnitude = (q < 0 ? -q : q) - l1;
    magnitude = magnitude <= 0 ? 0 : magnitude / (1 + l2);
    return q < 0 ? -magnitude : magnitude;
}

typedef struct step {
    REAL rate, momentum, beta1, beta2, correction1, correction2, epsilon;
    REAL l1, l2; /* penalty of these parameters: l1 |p| + l2/2 p^2 */
} step;

/* Adam; the penalty enters as a proximal step in the step's own diagonal metric, so that fixed
 * points are stationary points of loss + penalty and the moments see the loss alone. */
VECTORISED
static void adam_step(step s, size_t count, const REAL *restrict g, REAL *restrict p,
                      REAL *restrict first, REAL *restrict second)
{
    for (size_t i = 0; i < count; i++) {
        first[i] += (1 - s.beta1) * (g[i] - first[i]);
        second[i] += (1 - s.beta2) * (g[i] * g[i] - second[i]);
        REAL rate = s.rate / (REAL_SQRT(second[i] * s.correction2) + s.epsilon);
        p[i] = proximal(p[i] - rate * (s.correction1 * first[i]), rate * s.l1, rate * s.l2);
    }
}

/* Heavy ball: p <- prox(p + momentum (p - previous) - rate g).  Ochs et al., "iPiano", 2014. */
VECTORISED
static void heavy_ball_step(step s, size_t count, const REAL *restrict g, REAL *restrict p,
                            REAL *restrict previous)
{
    for (size_t i = 0; i < count; i++) {
        REAL next = p[i] + s.momentum * (p[i] - previous[i]) - s.rate * g[i];
        previous[i] = p[i];
        p[i] = proximal(next, s.rate * s.l1, s.rate * s.l2);
    }
}

/* Nesterov: next = prox(p - rate g), p <- next + momentum (next - iterate). */
VECTORISED
static void nesterov_step(step s, size_t count, const REAL *restrict g, REAL *restrict p,
                          REAL *restrict iterate)
{
    for (size_t i = 0; i < count; i++) {
        REAL next = proximal(p[i] - s.rate * g[i], s.rate * s.l1, s.rate * s.l2);
        p[i] = next + s.momentum * (next - iterate[i]);
        iterate[i] = next;
    }
}

/* Adds the penalty's subgradient to the gradient of these parameters. */
static void add_subgradient(step *s, size_t count, const REAL *p, REAL *g)
{
    for (size_t i = 0; i < count; i++)
        g[i] += s->l1 * (REAL)((p[i] > 0) - (p[i] < 0)) + s->l2 * p[i];
    s->l1 = s->l2 = 0;
}

static void move(engine *e, step s, size_t from, size_t count)
{
    REAL *g = e->gradient + from, *p = e->point + from, *first = e->first + from;
    if (!e->model.proximal) add_subgradient(&s, count, p, g);
    if (e->model.rule == ZG_BACKPROP_ADAM)
        adam_step(s, count, g, p, first, e->second + from);
    else if (e->model.nesterov)
        nesterov_step(s, count, g, p, first);
    else
        heavy_ball_step(s, count, g, p, first);
}

static void engine_step(void *state, const size_t *rows, size_t start, size_t count, double rate)
{
    engine *e = state;
    const zg_backprop_model *model = &e->model;
    engine_gradient(e, rows, start, count);
    e->steps++;
    step s = {.rate = (REAL)rate,
              .momentum = (REAL)model->momentum,
              .beta1 = (REAL)model->beta1,
              .beta2 = (REAL)model->beta2,
              .correction1 = (REAL)(1 / (1 - pow(model->beta1, (double)e->steps))),
              .correction2 = (REAL)(1 / (1 - pow(model->beta2, (double)e->steps))),
              .epsilon = (REAL)model->epsilon};
    double n = (double)e->samples;
    if (model->form == ZG_FORM_DECAY) s.l2 = (REAL)(model->decay / n);
    move(e, s, 0, e->directions);
    if (model->form == ZG_FORM_L1) s.l1 = (REAL)(model->problem->beta / n);
    if (model->form == ZG_FORM_POWER) s.l2 = (REAL)(2 * model->problem->beta / n);
    move(e, s, e->directions, e->total - e->directions);
}

/* ---- life -------------------------------------------------------------------------------------
 */

static void engine_destroy(void *state)
{
    engine *e = state;
    if (!e) return;
    for (size_t g = 0; e->x && g < e->groups; g++)
        free(e->x[g]);
    REAL *const owned[] = {
        e->y, e->weights, e->point,        e->gradient, e->first,   e->second,
        e->u, e->alpha,   e->inverse_norm, e->gathered, e->targets, e->importance,
        e->t, e->h,       e->row_values,   e->f};
    for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
        free(owned[k]);
    free(e->x);
    free(e);
}

/* a x b x c zeroed numbers, aligned; NULL when there is no such memory. */
static REAL *reals(size_t a, size_t b, size_t c)
{
    size_t count;
    if (__builtin_mul_overflow(a, b, &count) || __builtin_mul_overflow(count, c, &count))
        return NULL;
    return (REAL *)zg_doubles(count / REALS_PER_DOUBLE + 1);
}

/* The patches of one group in this precision, gathered a few samples at a time. */
static zg_status copy_patches(engine *e, const zg_problem *problem, size_t group)
{
    size_t length = e->patches * e->width, chunk = 64;
    e->x[group] = reals(e->samples, e->patches, e->width);
    double *buffer = e->x[group] ? zg_doubles(chunk * length) : NULL;
    if (!buffer) return ZG_NO_MEMORY;
    for (size_t i = 0; i < e->samples; i += chunk) {
        size_t count = e->samples - i < chunk ? e->samples - i : chunk;
        zg_patches_gather(&problem->patches, group, count, problem->x + i * problem->inputs,
                          buffer);
        for (size_t k = 0; k < count * length; k++)
            e->x[group][i * length + k] = (REAL)buffer[k];
    }
    free(buffer);
    return ZG_OK;
}

static zg_status copy_data(engine *e, const zg_problem *problem)
{
    e->y = reals(e->samples, e->outputs, 1);
    e->x = calloc(e->groups, sizeof *e->x);
    if (!e->y || !e->x) return ZG_NO_MEMORY;
    for (size_t i = 0; i < e->samples; i++)
        for (size_t c = 0; c < e->outputs; c++)
            e->y[i * e->outputs + c] = (REAL)problem->y[c * e->samples + i];
    if (problem->weights) {
        e->weights = reals(e->samples, 1, 1);
        if (!e->weights) return ZG_NO_MEMORY;
        for (size_t i = 0; i < e->samples; i++)
            e->weights[i] = (REAL)problem->weights[i];
    }
    for (size_t g = 0; g < e->groups; g++) {
        zg_status status = copy_patches(e, problem, g);
        if (status) return status;
    }
    return ZG_OK;
}

static zg_status allocate_work(engine *e, size_t batch)
{
    size_t per_sample = e->patches * e->neurons * e->groups;
    e->tile = TILE_ELEMENTS / per_sample;
    if (e->tile < TILE_LEAST) e->tile = TILE_LEAST;
    if (e->tile > batch) e->tile = batch;
    size_t neurons = e->groups * e->neurons, rows = e->tile * e->patches;
    bool gathers = batch < e->samples;
    e->point = reals(e->total, 1, 1);
    e->gradient = reals(e->total, 1, 1);
    e->first = reals(e->total, 1, 1);
    e->second = reals(e->model.rule == ZG_BACKPROP_ADAM ? e->total : 1, 1, 1);
    e->u = reals(e->directions, 1, 1);
    e->alpha = reals(neurons, e->outputs, 1);
    e->inverse_norm = reals(neurons, 1, 1);
    e->gathered = reals(gathers ? e->groups : 1, rows, e->width);
    e->targets = reals(e->tile, e->outputs, 1);
    e->importance = reals(e->tile, 1, 1);
    e->t = reals(neurons, rows, 1);
    e->h = reals(e->outputs > 1 ? e->neurons : 1, rows, 1);
    e->row_values = reals(e->outputs, rows, 1);
    e->f = reals(e->tile, e->outputs, 1);
    if (!e->point || !e->gradient || !e->first || !e->second || !e->u || !e->alpha ||
        !e->inverse_norm || !e->gathered || !e->targets || !e->importance || !e->t || !e->h ||
        !e->row_values || !e->f)
        return ZG_NO_MEMORY;
    return ZG_OK;
}

static zg_status engine_create(const zg_backprop_model *model, size_t batch, void **out,
                               zg_error *error)
{
    const zg_problem *problem = model->problem;
    engine *e = calloc(1, sizeof *e);
    if (!e) return zg_no_memory(error);
    e->model = *model;
    e->loss = problem->loss;
    e->samples = problem->samples;
    e->groups = problem->patches.groups;
    e->patches = problem->patches.patches;
    e->width = problem->patches.width;
    e->outputs = problem->outputs;
    e->neurons = model->neurons;
    e->directions = zg_backprop_weights_at(model);
    e->total = zg_backprop_parameters(model);
    e->a = (REAL)problem->activation.a;
    e->b = (REAL)problem->activation.b;
    e->c = (REAL)problem->activation.c;
    if (copy_data(e, problem) || allocate_work(e, batch)) {
        engine_destroy(e);
        return zg_no_memory(error);
    }
    *out = e;
    return ZG_OK;
}

/* ---- access -----------------------------------------------------------------------------------
 */

static void engine_set(void *state, const double *parameters)
{
    engine *e = state;
    e->steps = 0;
    bool adam = e->model.rule == ZG_BACKPROP_ADAM;
    for (size_t i = 0; i < e->total; i++) {
        e->point[i] = (REAL)parameters[i];
        e->first[i] = adam ? 0 : e->point[i];
        if (adam) e->second[i] = 0;
    }
}

static void engine_get(const void *state, double *parameters)
{
    const engine *e = state;
    bool nesterov = e->model.rule == ZG_BACKPROP_SGD && e->model.nesterov;
    const REAL *iterate = nesterov ? e->first : e->point;
    for (size_t i = 0; i < e->total; i++)
        parameters[i] = (double)iterate[i];
}

static void engine_get_gradient(const void *state, double *gradient)
{
    const engine *e = state;
    for (size_t i = 0; i < e->total; i++)
        gradient[i] = (double)e->gradient[i];
}

const zg_backprop_engine REAL_ENGINE = {.create = engine_create,
                                        .destroy = engine_destroy,
                                        .set = engine_set,
                                        .get = engine_get,
                                        .gradient = engine_gradient,
                                        .get_gradient = engine_get_gradient,
                                        .step = engine_step};
