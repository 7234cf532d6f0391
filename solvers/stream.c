/* Sums over samples in one pass (see stream.h). */
#include "solvers/stream.h"

#include "base/linalg.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows after which the lower level of the sums moves to the upper one. */
#define PART_ROWS (64 * ZG_SUMS_BLOCK)

/* ---- features of a block --------------------------------------------------------------------- */

/* columns (width x count, one input after the other) of patch number q of each sample. */
static void transpose_patches(const zg_lift *lift, const double *rows, size_t count, size_t q,
                              double *columns)
{
    size_t w = lift->width, p = lift->patches;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < w; k++)
            columns[k * count + i] = rows[(i * p + q) * w + k];
}

static void add_products(size_t count, double factor, const double *x, const double *y, bool first,
                         double *out)
{
    if (first)
        for (size_t i = 0; i < count; i++)
            out[i] = factor * x[i] * y[i];
    else
        for (size_t i = 0; i < count; i++)
            out[i] += factor * x[i] * y[i];
}

static void add_multiple(size_t count, double factor, const double *x, bool first, double *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (first ? 0.0 : out[i]) + factor * (x ? x[i] : 1.0);
}

void zg_features_block(const zg_lift *lift, size_t group, size_t start, size_t count, double scale,
                       double *phi, size_t ld, double *columns)
{
    size_t w = lift->width, p = lift->patches;
    const double *rows = lift->rows[group] + start * p * w;
    zg_activation s = lift->activation;
    double mean = scale / (double)p;
    for (size_t q = 0; q < p; q++) {
        double *out = phi;
        transpose_patches(lift, rows, count, q, columns);
        for (size_t j = 0; j < w; j++)
            for (size_t k = 0; k <= j; k++, out += ld)
                add_products(count, (k < j ? M_SQRT2 : 1.0) * s.a * mean, columns + j * count,
                             columns + k * count, q == 0, out);
        if (!lift->bordered) continue;
        for (size_t k = 0; k < w; k++, out += ld)
            add_multiple(count, M_SQRT1_2 * s.b * mean, columns + k * count, q == 0, out);
        add_multiple(count, s.c * mean, NULL, q == 0, out);
    }
}

/* ---- life cycle ------------------------------------------------------------------------------ */

static bool allocate(zg_sums *s)
{
    size_t p = s->features, width = s->patches->width;
    s->gram = zg_doubles(p * p);
    s->part = zg_doubles(p * p);
    s->low = zg_doubles(p * p);
    s->moments = zg_doubles(s->outputs * p);
    s->part_moments = zg_doubles(s->outputs * p);
    s->squares = zg_doubles(s->outputs);
    s->phi = zg_doubles(ZG_SUMS_BLOCK * p);
    s->gathered = zg_doubles(ZG_SUMS_BLOCK * s->patches->patches * width);
    s->columns = zg_doubles(ZG_SUMS_BLOCK * width);
    s->targets = zg_doubles(ZG_SUMS_BLOCK);
    return s->gram && s->part && s->low && s->moments && s->part_moments && s->squares && s->phi &&
           s->gathered && s->columns && s->targets;
}

zg_status zg_sums_create(zg_activation activation, const zg_patches *patches, size_t outputs,
                         zg_sums **out, zg_error *error)
{
    return zg_sums_create_in(NULL, activation, patches, outputs, out, error);
}

zg_status zg_sums_create_in(const zg_basis *basis, zg_activation activation,
                            const zg_patches *patches, size_t outputs, zg_sums **out,
                            zg_error *error)
{
    zg_sums *s = calloc(1, sizeof *s);
    if (!s) return zg_no_memory(error);
    s->activation = activation;
    s->patches = patches;
    s->basis = basis;
    s->bordered = activation.b != 0.0 || activation.c != 0.0;
    s->groups = patches->groups;
    s->order = patches->width + (s->bordered ? 1 : 0);
    s->features = s->groups * (basis ? zg_basis_features(basis) : zg_svec_size(s->order));
    s->outputs = outputs;
    if (!allocate(s)) {
        zg_sums_free(s);
        return zg_no_memory(error);
    }
    *out = s;
    return ZG_OK;
}

static void release_scratch(zg_sums *s)
{
    double **scratch[] = {&s->part,     &s->low,     &s->part_moments, &s->phi,
                          &s->gathered, &s->columns, &s->targets};
    for (size_t k = 0; k < sizeof scratch / sizeof *scratch; k++) {
        free(*scratch[k]);
        *scratch[k] = NULL;
    }
}

void zg_sums_free(zg_sums *sums)
{
    if (!sums) return;
    release_scratch(sums);
    free(sums->gram);
    free(sums->moments);
    free(sums->squares);
    free(sums);
}

/* ---- adding ---------------------------------------------------------------------------------- */

/* sum += part with the rounding error kept in low (Knuth's two-sum); part becomes zero. */
static void fold(size_t count, double *sum, double *low, double *part)
{
    for (size_t k = 0; k < count; k++) {
        double a = sum[k], b = part[k], s = a + b, t = s - a;
        low[k] += (a - (s - t)) + (b - t);
        sum[k] = s;
        part[k] = 0.0;
    }
}

static void fold_part(zg_sums *s)
{
    size_t p = s->features;
    for (size_t j = 0; j < p; j++)
        fold(p - j, s->gram + j * p + j, s->low + j * p + j, s->part + j * p + j);
    for (size_t k = 0; k < s->outputs * p; k++) {
        s->moments[k] += s->part_moments[k];
        s->part_moments[k] = 0.0;
    }
    s->part_rows = 0;
}

/* Rows of phi and the targets are multiplied by the roots of the weights. */
static void weigh(zg_sums *s, size_t count, const double *weights)
{
    for (size_t i = 0; i < count; i++)
        s->columns[i] = sqrt(weights[i]);
    for (size_t j = 0; j < s->features; j++)
        for (size_t i = 0; i < count; i++)
            s->phi[j * ZG_SUMS_BLOCK + i] *= s->columns[i];
}

static void add_block(zg_sums *s, size_t count, const double *x, const double *y, size_t ldy,
                      const double *weights)
{
    size_t p = s->features, size = p / s->groups;
    double *rows = s->gathered;
    zg_lift block = {.samples = count,
                     .groups = 1,
                     .order = s->order,
                     .bordered = s->bordered,
                     .activation = s->activation,
                     .patches = s->patches->patches,
                     .width = s->patches->width,
                     .rows = &rows};
    if (s->basis) { /* N = [x';1][x';1]' */
        block.order = s->patches->width + 1;
        block.bordered = true;
        block.activation = (zg_activation){1.0, 2.0, 1.0};
    }
    for (size_t g = 0; g < s->groups; g++) {
        zg_patches_gather(s->patches, g, count, x, rows);
        if (s->basis) zg_basis_place(s->basis, g, count * s->patches->patches, rows);
        zg_features_block(&block, 0, 0, count, 1.0, s->phi + g * size * ZG_SUMS_BLOCK,
                          ZG_SUMS_BLOCK, s->columns);
    }
    if (weights) weigh(s, count, weights);
    cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, (int)p, (int)count, 1.0, s->phi,
                ZG_SUMS_BLOCK, 1.0, s->part, (int)p);
    for (size_t c = 0; c < s->outputs; c++) {
        for (size_t i = 0; i < count; i++)
            s->targets[i] = y[c * ldy + i] * (weights ? s->columns[i] : 1.0);
        zg_gemv(true, count, p, 1.0, s->phi, ZG_SUMS_BLOCK, s->targets, 1.0,
                s->part_moments + c * p);
        s->squares[c] += zg_dot(count, s->targets, s->targets);
    }
    s->rows += count;
    s->part_rows += count;
    if (s->part_rows >= PART_ROWS) fold_part(s);
}

void zg_sums_add(zg_sums *sums, size_t n, const double *x, const double *y, size_t ldy,
                 const double *weights)
{
    for (size_t start = 0; start < n; start += ZG_SUMS_BLOCK) {
        size_t count = n - start < ZG_SUMS_BLOCK ? n - start : ZG_SUMS_BLOCK;
        add_block(sums, count, x + start * sums->patches->inputs, y + start, ldy,
                  weights ? weights + start : NULL);
    }
}

size_t zg_sums_size(const zg_sums *sums)
{
    return zg_svec_size(sums->features) + sums->outputs * (sums->features + 1) + 1;
}

void zg_sums_take(zg_sums *s, double *part)
{
    size_t p = s->features;
    fold_part(s);
    for (size_t j = 0; j < p; j++)
        for (size_t i = j; i < p; i++) {
            *part++ = s->gram[j * p + i] + s->low[j * p + i];
            s->gram[j * p + i] = s->low[j * p + i] = 0.0;
        }
    memcpy(part, s->moments, s->outputs * p * sizeof *part);
    memcpy(part + s->outputs * p, s->squares, s->outputs * sizeof *part);
    memset(s->moments, 0, s->outputs * p * sizeof *part);
    memset(s->squares, 0, s->outputs * sizeof *part);
    part[s->outputs * (p + 1)] = (double)s->rows;
    s->rows = 0;
}

void zg_sums_put(zg_sums *s, const double *all)
{
    size_t p = s->features;
    for (size_t j = 0; j < p; j++, all += p - j + 1)
        memcpy(s->gram + j * p + j, all, (p - j) * sizeof *all);
    memcpy(s->moments, all, s->outputs * p * sizeof *all);
    all += s->outputs * p;
    memcpy(s->squares, all, s->outputs * sizeof *all);
    s->rows = (size_t)all[s->outputs];
}

void zg_sums_add_team(zg_sums *sums, zg_team *team, size_t n, const double *x, const double *y,
                      size_t ldy, const double *weights)
{
    size_t first, rows;
    double *all = team ? zg_doubles(zg_sums_size(sums)) : NULL;
    if (!team) {
        zg_sums_add(sums, n, x, y, ldy, weights);
        return;
    }
    if (!all) team->transport.fail(team->transport.context, "there is no memory for the sums");
    zg_sum sum = zg_sum_begin(team, n, zg_sums_size(sums), all);
    while (zg_sum_next(&sum, &first, &rows)) {
        zg_sums_add(sums, rows, x + first * sums->patches->inputs, y + first, ldy,
                    weights ? weights + first : NULL);
        zg_sums_take(sums, sum.part);
    }
    zg_sum_end(&sum);
    zg_sums_put(sums, all);
    free(all);
}

void zg_sums_finish(zg_sums *sums)
{
    size_t p = sums->features;
    fold_part(sums);
    for (size_t j = 0; j < p; j++)
        for (size_t i = j; i < p; i++) {
            sums->gram[j * p + i] += sums->low[j * p + i];
            sums->gram[i * p + j] = sums->gram[j * p + i];
        }
    release_scratch(sums);
}
