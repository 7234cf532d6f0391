/*
 * The engine of backpropagation for one precision: included once by backprop_single.c and once by
 * backprop_double.c, which define REAL and its functions, and REALS_PER_DOUBLE.  Here: parameters,
 * steps, memory; backprop_tiles.h has the work on the data.
 */
#include "base/linalg.h"
#include "baselines/backprop_engine.h"
#include "baselines/backprop_tiles.h"

#include <cblas.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- parameters and neurons ----------------------------------------------------------------- */

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

/* Forward and backward over one tile. */
static void work_off(engine *e, const block *tile)
{
    memset(e->f, 0, tile->count * e->outputs * sizeof(REAL));
    for (size_t g = 0; g < e->groups; g++) {
        if (e->moments)
            forward_moments(e, tile, g);
        else
            forward_neurons(e, tile, tile_patches(e, tile, g), g);
    }
    for (size_t c = 0; c < e->outputs; c++)
        residuals(e->loss, tile->count, e->targets + c * tile->count, e->importance,
                  e->f + c * tile->count);
    for (size_t g = 0; g < e->groups; g++) {
        const REAL *copied = e->gathered + g * e->tile * e->patches * e->width;
        if (e->moments)
            backward_moments(e, tile, g);
        else
            backward_neurons(e, tile, tile->chosen ? copied : tile_patches(e, tile, g), g);
    }
}

static void engine_gradient(void *state, const size_t *rows, size_t start, size_t count)
{
    engine *e = state;
    read_point(e);
    memset(e->gradient, 0, e->total * sizeof(REAL));
    if (e->moments) begin_moments(e);
    for (size_t done = 0; done < count; done += e->tile) {
        block tile = {.count = count - done < e->tile ? count - done : e->tile,
                      .start = start + done,
                      .chosen = rows ? rows + done : NULL};
        tile.rows = tile.count * e->patches;
        tile_targets(e, &tile, count);
        work_off(e, &tile);
    }
    if (e->moments) finish_moments(e);
    finish_gradient(e);
}

/* ---- steps ---------------------------------------------------------------------------------- */

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

/* ---- life ----------------------------------------------------------------------------------- */

static void engine_destroy(void *state)
{
    engine *e = state;
    if (!e) return;
    for (size_t g = 0; e->x && g < e->groups; g++)
        free(e->x[g]);
    REAL *const owned[] = {e->y,
                           e->weights,
                           e->point,
                           e->gradient,
                           e->first,
                           e->second,
                           e->u,
                           e->alpha,
                           e->inverse_norm,
                           e->gathered,
                           e->targets,
                           e->importance,
                           e->t,
                           e->h,
                           e->row_values,
                           e->f,
                           e->quadratic,
                           e->linear,
                           e->second_moment,
                           e->first_moment,
                           e->scaled};
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

/* rows patches, the first of which is number `first`, in the layout that the engine works on. */
static void store_patches(engine *e, size_t group, size_t first, size_t rows, const double *from)
{
    size_t total = e->samples * e->patches;
    for (size_t q = 0; q < rows; q++)
        for (size_t k = 0; k < e->width; k++)
            e->x[group][e->moments ? k * total + first + q : (first + q) * e->width + k] =
                (REAL)from[q * e->width + k];
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
        store_patches(e, group, i * e->patches, count * e->patches, buffer);
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

/* Samples per tile. */
static size_t tile_size(const engine *e, size_t batch)
{
    size_t columns = e->moments ? e->width : e->neurons * e->groups;
    size_t tile = TILE_ELEMENTS / (e->patches * columns);
    if (tile < TILE_LEAST) tile = TILE_LEAST;
    return tile < batch ? tile : batch;
}

static zg_status allocate_parameters(engine *e)
{
    size_t neurons = e->groups * e->neurons;
    e->point = reals(e->total, 1, 1);
    e->gradient = reals(e->total, 1, 1);
    e->first = reals(e->total, 1, 1);
    e->second = reals(e->model.rule == ZG_BACKPROP_ADAM ? e->total : 1, 1, 1);
    e->u = reals(e->directions, 1, 1);
    e->alpha = reals(neurons, e->outputs, 1);
    e->inverse_norm = reals(neurons, 1, 1);
    return e->point && e->gradient && e->first && e->second && e->u && e->alpha && e->inverse_norm
               ? ZG_OK
               : ZG_NO_MEMORY;
}

static zg_status allocate_tile(engine *e, size_t batch)
{
    e->tile = tile_size(e, batch);
    size_t rows = e->tile * e->patches, columns = e->neurons * e->groups;
    bool gathers = batch < e->samples;
    e->gathered = reals(gathers ? e->groups : 1, gathers ? rows : 1, e->width);
    e->targets = reals(e->tile, e->outputs, 1);
    e->importance = reals(e->tile, 1, 1);
    e->t = reals(e->moments ? e->width : columns, rows, 1);
    e->h = reals(e->outputs > 1 ? e->neurons : 1, rows, 1);
    e->row_values = reals(e->outputs, rows, 1);
    e->f = reals(e->tile, e->outputs, 1);
    return e->gathered && e->targets && e->importance && e->t && e->h && e->row_values && e->f
               ? ZG_OK
               : ZG_NO_MEMORY;
}

static zg_status allocate_moments(engine *e)
{
    if (!e->moments) return ZG_OK;
    e->quadratic = reals(e->groups, e->width, e->width);
    e->linear = reals(e->groups, e->width, 1);
    e->second_moment = reals(e->groups, e->width, e->width);
    e->first_moment = reals(e->groups, e->width + 1, 1);
    e->scaled = reals(e->neurons, e->width, 1);
    return e->quadratic && e->linear && e->second_moment && e->first_moment && e->scaled
               ? ZG_OK
               : ZG_NO_MEMORY;
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
    e->moments = moments_pay(e, batch);
    if (copy_data(e, problem) || allocate_parameters(e) || allocate_tile(e, batch) ||
        allocate_moments(e)) {
        engine_destroy(e);
        return zg_no_memory(error);
    }
    *out = e;
    return ZG_OK;
}

/* ---- access --------------------------------------------------------------------------------- */

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
