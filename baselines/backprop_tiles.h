/*
 * The work of backpropagation on the data, a tile of samples at a time, so that what lies between
 * two matrix products stays in the nearest cache.  Included by backprop_kernel.h, which says
 * what REAL is.
 *
 * By neurons: pre-activations t = U x, then their responses; the activation is a polynomial, so
 * that its value and derivative are a handful of multiplications, and with one output the factor
 * alpha_j of a neuron's gradient is applied after the last product, when it costs nothing.
 *
 * By moments: for one output and full batches with more neurons than inputs per patch, the network
 * is f = x'Sx + z'x + constant with S = a sum_j alpha_j u_j u_j', and all that gradients need of
 * the residuals r is K = sum_i r_i x_i x_i' and k = sum_i r_i x_i: both cost the same for any
 * number of neurons.  The gradients are the same but for rounding.
 */
#include "baselines/backprop_engine.h"
#include "baselines/backprop_passes.h"

#include <cblas.h>
#include <string.h>

#define TILE_ELEMENTS                                                                              \
    ((size_t)1 << 13)           /* pre-activations in a tile: half the first-level cache           \
                                 */
#define TILE_LEAST ((size_t)64) /* samples; fewer would starve the matrix products */

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
    /* By moments, per group: */
    bool moments;        /* then x is width x (samples patches) */
    REAL *quadratic;     /* width x width: S */
    REAL *linear;        /* width: z */
    REAL *second_moment; /* width x width: K */
    REAL *first_moment;  /* width + 1: k, and the sum of the residuals */
    REAL *scaled;        /* neurons x width: scratch */
} engine;

/* ---- tiles ---------------------------------------------------------------------------------- */

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

/* Where the patches' contributions of one group go: straight to f without pooling. */
static REAL *begin_values(engine *e, const block *tile)
{
    if (e->patches == 1) return e->f;
    memset(e->row_values, 0, tile->rows * e->outputs * sizeof(REAL));
    return e->row_values;
}

/* f += the means over each sample's patches. */
static void pool_values(engine *e, const block *tile)
{
    if (e->patches == 1) return;
    REAL share = 1 / (REAL)e->patches;
    for (size_t i = 0; i < tile->count * e->outputs; i++) {
        REAL sum = 0;
        for (size_t p = 0; p < e->patches; p++)
            sum += e->row_values[i * e->patches + p];
        e->f[i] += share * sum;
    }
}

/* The residuals in f, per patch. */
static const REAL *spread_residuals(engine *e, const block *tile)
{
    if (e->patches == 1) return e->f;
    REAL share = 1 / (REAL)e->patches;
    for (size_t i = 0; i < tile->count * e->outputs; i++)
        for (size_t p = 0; p < e->patches; p++)
            e->row_values[i * e->patches + p] = share * e->f[i];
    return e->row_values;
}

/* ---- by neurons ----------------------------------------------------------------------------- */

/* f (outputs x samples) += predictions' share of one group; leaves its pre-activations in t. */
static void forward_neurons(engine *e, const block *tile, const REAL *x, size_t group)
{
    size_t rows = tile->rows, m = e->neurons;
    REAL *t = e->t + group * m * e->tile * e->patches;
    const REAL *alpha = e->alpha + group * m * e->outputs;
    multiply(CblasTrans, CblasNoTrans, rows, m, e->width, x, e->width, e->u + group * m * e->width,
             e->width, 0, t, rows);
    REAL *values = begin_values(e, tile);
    if (e->outputs == 1) {
        add_responses(rows, m, t, alpha, e->a, e->b, e->c, values);
    } else {
        activate(rows * m, t, e->a, e->b, e->c, e->h);
        multiply(CblasNoTrans, CblasNoTrans, rows, e->outputs, m, e->h, rows, alpha, m, 1, values,
                 rows);
    }
    pool_values(e, tile);
}

/* Adds one group's share of the gradients with respect to u and alpha, from residuals in f.  With
 * one output the factor alpha_j is left out of the gradient of u_j: see finish_gradient. */
static void backward_neurons(engine *e, const block *tile, const REAL *x, size_t group)
{
    size_t rows = tile->rows, m = e->neurons;
    REAL *t = e->t + group * m * e->tile * e->patches;
    REAL *gradient_u = e->gradient + group * m * e->width;
    REAL *gradient_alpha = e->gradient + e->directions + group * m * e->outputs;
    const REAL *r = spread_residuals(e, tile);
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

/* ---- by moments ----------------------------------------------------------------------------- */

/* Whether moments cost fewer multiplications. */
static bool moments_pay(const engine *e, size_t batch)
{
    size_t rows = e->samples * e->patches, f = e->width, m = e->neurons;
    return e->outputs == 1 && batch >= e->samples && f < m && rows * (m - f) > f * m;
}

/* S and z of every group; forgets K and k. */
static void begin_moments(engine *e)
{
    size_t f = e->width, m = e->neurons;
    memset(e->linear, 0, e->groups * f * sizeof(REAL));
    memset(e->second_moment, 0, e->groups * f * f * sizeof(REAL));
    memset(e->first_moment, 0, e->groups * (f + 1) * sizeof(REAL));
    for (size_t g = 0; g < e->groups; g++) {
        const REAL *u = e->u + g * m * f;
        REAL *linear = e->linear + g * f;
        for (size_t j = 0; j < m; j++)
            for (size_t k = 0; k < f; k++) {
                REAL share = e->alpha[g * m + j] * u[j * f + k];
                e->scaled[j * f + k] = e->a * share;
                linear[k] += e->b * share;
            }
        multiply(CblasNoTrans, CblasTrans, f, f, m, e->scaled, f, u, f, 0, e->quadratic + g * f * f,
                 f);
    }
}

static void forward_moments(engine *e, const block *tile, size_t group)
{
    size_t rows = tile->rows, f = e->width, stride = e->samples * e->patches;
    const REAL *x = e->x[group] + tile->start * e->patches;
    REAL constant = 0;
    for (size_t j = 0; j < e->neurons; j++)
        constant += e->c * e->alpha[group * e->neurons + j];
    multiply(CblasNoTrans, CblasNoTrans, rows, f, f, x, stride, e->quadratic + group * f * f, f, 0,
             e->t, rows);
    add_quadratic(rows, f, x, stride, e->t, e->linear + group * f, constant, begin_values(e, tile));
    pool_values(e, tile);
}

static void backward_moments(engine *e, const block *tile, size_t group)
{
    size_t rows = tile->rows, f = e->width, stride = e->samples * e->patches;
    const REAL *x = e->x[group] + tile->start * e->patches, *r = spread_residuals(e, tile);
    REAL *first = e->first_moment + group * (f + 1);
    weigh(rows, f, x, stride, r, e->t, first);
    for (size_t i = 0; i < rows; i++)
        first[f] += r[i];
    multiply(CblasTrans, CblasNoTrans, f, f, rows, e->t, rows, x, stride, 1,
             e->second_moment + group * f * f, f);
}

/* The gradients with respect to u (without the factor alpha_j) and alpha from K and k. */
static void finish_moments(engine *e)
{
    size_t f = e->width, m = e->neurons;
    for (size_t g = 0; g < e->groups; g++) {
        const REAL *u = e->u + g * m * f, *first = e->first_moment + g * (f + 1);
        REAL *gradient = e->gradient + g * m * f;
        multiply(CblasNoTrans, CblasNoTrans, f, m, f, e->second_moment + g * f * f, f, u, f, 0,
                 gradient, f);
        for (size_t j = 0; j < m; j++)
            e->gradient[e->directions + g * m + j] =
                finish_neuron(f, u + j * f, first, e->a, e->b, gradient + j * f) + e->c * first[f];
    }
}
