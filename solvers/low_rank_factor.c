/* The factored program: value and gradient in one pass over the data (see low_rank_factor.h). */
#include "solvers/low_rank_factor.h"

#include "base/linalg.h"
#include "base/parallel.h"
#include "solvers/low_rank_balance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Distance of the two slopes whose difference is the loss's curvature, in units of predictions. */
#define DIFFERENCE 1e-6

zg_status zg_factor_create(const zg_program *program, const size_t *columns, zg_factor **out)
{
    const zg_lift *lift = program->lift;
    size_t cones = 2 * lift->groups, n = lift->samples, all = 0;
    zg_factor *factor = calloc(1, sizeof *factor);
    if (!factor) return ZG_NO_MEMORY;
    *factor = (zg_factor){.program = program,
                          .cones = cones,
                          .multiple = {1.0, 1.0},
                          .columns = calloc(cones, sizeof *columns),
                          .offset = calloc(cones + 1, sizeof *columns)};
    if (factor->columns && factor->offset) {
        memcpy(factor->columns, columns, cones * sizeof *columns);
        for (size_t k = 0; k < cones; k++) {
            factor->offset[k + 1] = factor->offset[k] + lift->width * columns[k];
            all += columns[k];
        }
        factor->projections = zg_doubles(n * lift->patches * all);
        factor->parts = zg_doubles(2 * n);
        factor->slope = zg_doubles(n);
        if (zg_products_create(lift, factor->columns, factor->offset, &factor->products) != ZG_OK)
            factor->products = NULL;
    }
    *out = factor;
    bool complete = factor->projections && factor->parts && factor->slope && factor->products;
    if (complete && zg_factor_use(factor, NULL, false) == ZG_OK) return ZG_OK;
    zg_factor_free(factor);
    *out = NULL;
    return ZG_NO_MEMORY;
}

void zg_factor_free(zg_factor *factor)
{
    if (!factor) return;
    free(factor->columns);
    free(factor->offset);
    free(factor->projections);
    free(factor->by_projections);
    free(factor->sums);
    free(factor->parts);
    free(factor->slope);
    zg_products_free(factor->products);
    free(factor);
}

/* Numbers of the derivatives by a block's projections. */
static size_t block_size(const zg_factor *factor)
{
    const zg_lift *lift = factor->program->lift;
    size_t most = 0;
    for (size_t g = 0; g < lift->groups; g++)
        most = zg_products_columns(factor->products, g) > most
                   ? zg_products_columns(factor->products, g)
                   : most;
    return zg_row_block(lift) * lift->patches * most;
}

zg_status zg_factor_use(zg_factor *factor, const zg_row_store *store, bool single)
{
    size_t workers = zg_products_workers(factor->program->lift, store),
           each = zg_factor_size(factor) + factor->cones;
    if (!factor->by_projections || workers > factor->products->workers) {
        free(factor->by_projections);
        free(factor->sums);
        factor->by_projections = zg_doubles(workers * block_size(factor));
        factor->sums = zg_doubles((workers - 1) * each);
        if (!factor->by_projections || !factor->sums) return ZG_NO_MEMORY;
    }
    return zg_products_use(factor->products, store, single);
}

size_t zg_factor_size(const zg_factor *factor)
{
    return factor->offset[factor->cones];
}

static double root(const zg_factor *factor, const double *w, size_t cone)
{
    return zg_norm(factor->offset[cone + 1] - factor->offset[cone], w + factor->offset[cone]);
}

/* ---- the loss ---------------------------------------------------------------------------------- */

/* The envelope of one sample's loss; slope and curvature (or NULL) as its derivatives. */
static double envelope(const zg_factor *factor, size_t i, double f, double *slope,
                       double *curvature)
{
    const zg_program *program = factor->program;
    double weight = program->weights ? program->weights[i] : 1.0;
    double center = factor->center && weight > 0.0 ? factor->center[i] / weight : 0.0;
    double value =
        zg_loss_envelope(program->loss, f, program->y[i], factor->width, center, slope, curvature);
    *slope *= weight;
    if (curvature) *curvature *= weight;
    return weight * value;
}

static void envelope_curvature(const zg_factor *factor, const double *f, double *h)
{
    double slope;
    for (size_t i = 0; i < factor->program->lift->samples; i++)
        (void)envelope(factor, i, f[i], &slope, &h[i]);
}

double zg_factor_loss(const zg_factor *factor, size_t first, size_t count, const double *f,
                      double *slope)
{
    const zg_program *program = factor->program;
    const double *y = program->y + first;
    const double *weights = program->weights ? program->weights + first : NULL;
    if (factor->width <= 0.0) {
        zg_loss_gradient(program->loss, count, f, y, weights, slope);
        return zg_loss_value(program->loss, count, f, y, weights);
    }
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += envelope(factor, first + i, f[i], &slope[i], NULL);
    return sum;
}

double zg_factor_total(const zg_factor *factor, const double *f, double *slope)
{
    const zg_lift *lift = factor->program->lift;
    double value;
    size_t first, rows;
    zg_sum sum = zg_sum_begin(lift->team, lift->samples, 1, &value);
    while (zg_sum_next(&sum, &first, &rows))
        *sum.part = zg_factor_loss(factor, first, rows, f + first, slope + first);
    zg_sum_end(&sum);
    return value;
}

zg_status zg_factor_curvature(const zg_factor *factor, const double *f, double *h)
{
    const zg_program *program = factor->program;
    size_t n = program->lift->samples;
    if (factor->width > 0.0) {
        envelope_curvature(factor, f, h);
        return ZG_OK;
    }
    double size = zg_norm(n, f) + zg_norm(n, program->y),
           step = DIFFERENCE * size / sqrt((double)n);
    if (zg_loss_has(program->loss.kind, ZG_LOSS_QUADRATIC) || !(step > 0.0)) step = 1.0;
    double *moved = zg_doubles(n);
    if (!moved) return ZG_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        moved[i] = f[i] + step;
    (void)zg_factor_loss(factor, 0, n, moved, h);
    for (size_t i = 0; i < n; i++)
        h[i] = (h[i] - factor->slope[i]) / step;
    free(moved);
    return ZG_OK;
}

/* ---- a pass ------------------------------------------------------------------------------------ */

typedef struct pass {
    zg_factor *factor;
    const double *w;
    double *gradient; /* or NULL */
    double *t;        /* cones: |W|_F */
    const double *projections;
} pass;

/* Where the projections (m x rows, column-major) of a group's rows from first on are, among those
 * of all. */
static size_t place(const zg_factor *factor, size_t g, size_t first)
{
    const zg_lift *lift = factor->program->lift;
    size_t at = 0;
    for (size_t h = 0; h < g; h++)
        at += zg_products_columns(factor->products, h) * lift->samples * lift->patches;
    return at + first * zg_products_columns(factor->products, g);
}

/* up and down (count) += the means of a group's patches that its two cones predict; p holds W'x of
 * the patch rows. */
static void add_parts(const pass *s, size_t g, size_t count, const double *p, double *up,
                      double *down)
{
    const zg_lift *lift = s->factor->program->lift;
    zg_activation act = lift->activation;
    size_t plus = s->factor->columns[2 * g], m = zg_products_columns(s->factor->products, g);
    double long_up = s->t[2 * g], long_down = s->t[2 * g + 1], mean = 1.0 / (double)lift->patches;
    for (size_t i = 0; i < count; i++) {
        double first = 0.0, second = 0.0;
        for (size_t q = 0; q < lift->patches; q++, p += m) {
            double square = 0.0, other = 0.0;
            for (size_t j = 0; j < plus; j++)
                square += p[j] * p[j];
            for (size_t j = plus; j < m; j++)
                other += p[j] * p[j];
            first += act.a * square + act.b * long_up * p[0];
            second += act.a * other + act.b * long_down * p[plus];
        }
        up[i] += mean * first + act.c * long_up * long_up;
        down[i] += mean * second + act.c * long_down * long_down;
    }
}

/* by_p = the derivatives of F by the projections p; adds up dF/dt (cones) from the loss. */
static void differentiate(const pass *s, size_t g, size_t count, const double *p,
                          const double *slope, double *by_p, double *dt)
{
    const zg_lift *lift = s->factor->program->lift;
    zg_activation act = lift->activation;
    size_t plus = s->factor->columns[2 * g], m = zg_products_columns(s->factor->products, g);
    const double *multiple = s->factor->multiple;
    double up = s->t[2 * g], down = s->t[2 * g + 1], mean = 1.0 / (double)lift->patches;
    double first = 0.0, second = 0.0, total = 0.0;
    for (size_t i = 0; i < count; i++) {
        double r = mean * multiple[0] * slope[i], l = mean * multiple[1] * slope[i];
        total += slope[i];
        for (size_t q = 0; q < lift->patches; q++, p += m, by_p += m) {
            first += r * p[0];
            second += l * p[plus];
            for (size_t j = 0; j < plus; j++)
                by_p[j] = 2.0 * act.a * r * p[j];
            for (size_t j = plus; j < m; j++)
                by_p[j] = -2.0 * act.a * l * p[j];
            by_p[0] += act.b * up * r;
            by_p[plus] -= act.b * down * l;
        }
    }
    dt[2 * g] += act.b * first + 2.0 * act.c * up * multiple[0] * total;
    dt[2 * g + 1] -= act.b * second + 2.0 * act.c * down * multiple[1] * total;
}

/* Consecutive samples, which workers share by whole blocks. */
typedef struct range {
    const pass *pass;
    size_t begin, end;
    double *to; /* what each worker is to write to or add to */
} range;

static void divide(const range *r, size_t worker, size_t *begin, size_t *end)
{
    const zg_factor *factor = r->pass->factor;
    size_t step = zg_row_block(factor->program->lift), workers = factor->products->workers;
    size_t blocks = (r->end - r->begin + step - 1) / step;
    *begin = r->begin + blocks * worker / workers * step;
    *end = r->begin + blocks * (worker + 1) / workers * step;
    if (*end > r->end) *end = r->end;
}

/* What each sign predicts of a worker's samples: parts is up, then down. */
static void predict(void *context, size_t worker)
{
    const range *r = context;
    const pass *s = r->pass;
    const zg_lift *lift = s->factor->program->lift;
    size_t step = zg_row_block(lift), begin, end;
    double *up = s->factor->parts, *down = up + lift->samples;
    divide(r, worker, &begin, &end);
    for (size_t start = begin; start < end; start += step) {
        size_t count = end - start < step ? end - start : step, first = start * lift->patches;
        for (size_t g = 0; g < lift->groups; g++) {
            double *p = s->factor->projections + place(s->factor, g, first);
            zg_products_project(s->factor->products, g, first, count * lift->patches, p);
            add_parts(s, g, count, p, up + start, down + start);
        }
    }
}

static void predict_parts(const pass *s)
{
    const zg_lift *lift = s->factor->program->lift;
    size_t n = lift->samples, first, count;
    memset(s->factor->parts, 0, 2 * n * sizeof *s->factor->parts);
    for (size_t i = 0; zg_team_block(lift->team, n, i, &first, &count); i++)
        zg_parallel(s->factor->products->workers, predict, &(range){s, first, first + count, NULL});
}

/* Adds to the gradient, and behind it to dF/dt (cones), what a worker's samples contribute; the
 * first one adds to r->to, the others to sums of their own. */
static void add_gradient(void *context, size_t worker)
{
    const range *r = context;
    const pass *s = r->pass;
    const zg_factor *factor = s->factor;
    const zg_lift *lift = factor->program->lift;
    size_t step = zg_row_block(lift), size = zg_factor_size(factor), begin, end;
    double *by_p = factor->by_projections + worker * block_size(factor), *to = r->to;
    if (worker > 0) {
        to = factor->sums + (worker - 1) * (size + factor->cones);
        memset(to, 0, (size + factor->cones) * sizeof *to);
    }
    divide(r, worker, &begin, &end);
    for (size_t start = begin; start < end; start += step) {
        size_t count = end - start < step ? end - start : step, first = start * lift->patches;
        for (size_t g = 0; g < lift->groups; g++) {
            differentiate(s, g, count, s->projections + place(factor, g, first),
                          factor->slope + start, by_p, to + size);
            zg_products_add_back(factor->products, worker, g, first, count * lift->patches, by_p,
                                 to + factor->offset[2 * g]);
        }
    }
}

/* The derivatives of F by W but for what the penalty and t contribute; dF/dt behind them. */
static void sum_gradient(const pass *s, double *gradient)
{
    const zg_factor *factor = s->factor;
    const zg_lift *lift = factor->program->lift;
    size_t first, count, size = zg_factor_size(factor) + factor->cones;
    zg_sum sum = zg_sum_begin(lift->team, lift->samples, size, gradient);
    while (zg_sum_next(&sum, &first, &count)) {
        zg_parallel(factor->products->workers, add_gradient,
                    &(range){s, first, first + count, sum.part});
        for (size_t k = 1; k < factor->products->workers; k++)
            zg_axpy(size, 1.0, factor->sums + (k - 1) * size, sum.part);
    }
    zg_sum_end(&sum);
}

/* The penalty's part of the gradient, and what W contributes through t. */
static void close_gradient(pass *s, const double *dt)
{
    const zg_factor *factor = s->factor;
    double beta = factor->program->beta;
    for (size_t k = 0; k < factor->cones; k++) {
        double through = s->t[k] > 0.0 ? dt[k] / s->t[k] : 0.0;
        zg_axpy(factor->offset[k + 1] - factor->offset[k],
                through + 2.0 * beta * factor->multiple[k % 2], s->w + factor->offset[k],
                s->gradient + factor->offset[k]);
    }
}

/* The projections of a worker's samples of a dense lift. */
static void project(void *context, size_t worker)
{
    const range *r = context;
    const zg_factor *factor = r->pass->factor;
    size_t step = zg_row_block(factor->program->lift), m = zg_products_columns(factor->products, 0),
           begin, end;
    divide(r, worker, &begin, &end);
    for (size_t first = begin; first < end; first += step)
        zg_products_project(factor->products, 0, first, end - first < step ? end - first : step,
                            r->to + first * m);
}

void zg_factor_project(zg_factor *factor, const double *w, double *p)
{
    const pass s = {.factor = factor, .w = w};
    zg_products_take(factor->products, w);
    zg_parallel(factor->products->workers, project,
                &(range){&s, 0, factor->program->lift->samples, p});
}

double zg_factor_weigh(zg_factor *factor, const double penalty[2], double *f)
{
    size_t n = factor->program->lift->samples;
    factor->multiple[0] = factor->multiple[1] = 1.0;
    double value = factor->balanced ? zg_factor_balance(factor, penalty) : NAN;
    const double *up = factor->parts, *down = up + n;
    for (size_t i = 0; i < n; i++)
        f[i] = factor->multiple[0] * up[i] - factor->multiple[1] * down[i];
    if (isnan(value))
        return zg_factor_total(factor, f, factor->slope) + factor->multiple[0] * penalty[0] +
               factor->multiple[1] * penalty[1];
    /* the balance's last trial need not be the point that it came to */
    (void)zg_factor_loss(factor, 0, n, f, factor->slope);
    return value;
}

zg_status zg_factor_gradient(zg_factor *factor, const double *w, const double *projections,
                             double *gradient)
{
    size_t size = zg_factor_size(factor);
    double *t = zg_doubles(2 * factor->cones + size), *both = t + factor->cones;
    if (!t) return ZG_NO_MEMORY;
    pass s = {factor, w, gradient, t, projections};
    for (size_t k = 0; k < factor->cones; k++)
        t[k] = root(factor, w, k);
    sum_gradient(&s, both);
    memcpy(gradient, both, size * sizeof *gradient);
    close_gradient(&s, both + size);
    free(t);
    return ZG_OK;
}

double zg_factor_value(zg_factor *factor, const double *w, double *gradient, double *f)
{
    double *t = zg_doubles(factor->cones), beta = factor->program->beta;
    if (!t) return NAN; /* the descent ends at a value that is not finite */
    pass s = {factor, w, gradient, t, factor->projections};
    double penalty[2] = {0.0, 0.0};
    for (size_t k = 0; k < factor->cones; k++) {
        t[k] = root(factor, w, k);
        penalty[k % 2] += beta * t[k] * t[k];
    }
    zg_products_take(factor->products, w);
    predict_parts(&s);
    double value = zg_factor_weigh(factor, penalty, f);
    if (gradient && zg_factor_gradient(factor, w, factor->projections, gradient) != ZG_OK)
        value = NAN;
    factor->passes++;
    free(t);
    return value;
}

void zg_factor_take_multiples(zg_factor *factor, double *w)
{
    for (size_t k = 0; k < factor->cones; k++)
        for (size_t i = factor->offset[k]; i < factor->offset[k + 1]; i++)
            w[i] *= sqrt(factor->multiple[k % 2]);
    factor->multiple[0] = factor->multiple[1] = 1.0;
}

void zg_factor_block(const zg_factor *factor, const double *w, size_t cone, double *z)
{
    const zg_lift *lift = factor->program->lift;
    size_t n = lift->order, width = lift->width, m = factor->columns[cone];
    const double *from = w + factor->offset[cone];
    double t = root(factor, w, cone);
    zg_gemm(false, true, width, width, m, 1.0, from, width, from, width, 0.0, z, n);
    if (!lift->bordered) return;
    for (size_t i = 0; i < width; i++)
        z[width * n + i] = z[i * n + width] = t * from[i];
    z[n * n - 1] = t * t;
}
