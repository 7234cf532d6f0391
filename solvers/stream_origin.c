/* Sums about a fit, from a second pass over the rows (see stream_origin.h). */
#include "solvers/stream_origin.h"

#include "base/linalg.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Roundings of a feature, a residual's product and a fold, besides the additions of a block. */
#define ROUNDINGS 32

zg_status zg_sums_origin_create(const zg_sums *sums, const double *fit, zg_sums_origin **out)
{
    size_t p = sums->features, k = sums->outputs, width = sums->patches->width;
    zg_sums_origin *o = calloc(1, sizeof *o);
    if (!o) return ZG_NO_MEMORY;
    o->sums = sums;
    o->fit = zg_doubles(2 * k * p + 2 * k + sums->patches->patches * width);
    o->phi = calloc(p + width + 1 + 2 * k * (p + 2), sizeof *o->phi);
    if (!o->fit || !o->phi) {
        zg_sums_origin_free(o);
        return ZG_NO_MEMORY;
    }
    memcpy(o->fit, fit, k * p * sizeof *fit);
    o->moments = o->fit + k * p;
    o->squares = o->moments + k * p;
    o->cross = o->squares + k;
    o->gathered = o->cross + k;
    o->x = o->phi + p;
    o->part = o->x + width + 1;
    o->total = o->part + k * (p + 2);
    *out = o;
    return ZG_OK;
}

void zg_sums_origin_free(zg_sums_origin *origin)
{
    if (!origin) return;
    free(origin->fit);
    free(origin->phi);
    free(origin);
}

/* phi += svec(N) / patches of one patch. */
static void add_patch(const zg_basis *basis, size_t group, size_t patches, const double *patch,
                      long double *x, long double *phi)
{
    size_t w = basis->width;
    const double *scale = basis->scale + group * (w + 1), *centre = basis->centre + group * (w + 1);
    long double root = sqrtl(2) / (long double)patches;
    for (size_t k = 0; k < w; k++)
        x[k] = ((long double)patch[k] - centre[k]) / scale[k];
    x[w] = 1;
    for (size_t j = 0; j <= w; j++) {
        long double factor = root * x[j];
        for (size_t i = 0; i < j; i++)
            *phi++ += factor * x[i];
        *phi++ += x[j] * x[j] / (long double)patches;
    }
}

static void form_features(zg_sums_origin *o, const double *row)
{
    const zg_patches *patches = o->sums->patches;
    size_t count = o->sums->features / o->sums->groups;
    memset(o->phi, 0, o->sums->features * sizeof *o->phi);
    for (size_t g = 0; g < o->sums->groups; g++) {
        zg_patches_gather(patches, g, 1, row, o->gathered);
        for (size_t q = 0; q < patches->patches; q++)
            add_patch(o->sums->basis, g, patches->patches, o->gathered + q * patches->width, o->x,
                      o->phi + g * count);
    }
}

static void fold(zg_sums_origin *o)
{
    for (size_t k = 0; k < o->sums->outputs * (o->sums->features + 2); k++) {
        o->total[k] += o->part[k];
        o->part[k] = 0;
    }
    o->part_rows = 0;
}

void zg_sums_origin_add(zg_sums_origin *origin, size_t n, const double *x, const double *y,
                        size_t ldy)
{
    zg_sums_origin *o = origin;
    size_t p = o->sums->features;
    for (size_t i = 0; i < n; i++) {
        form_features(o, x + i * o->sums->patches->inputs);
        for (size_t c = 0; c < o->sums->outputs; c++) {
            const double *fit = o->fit + c * p;
            long double target = y[c * ldy + i], predicted = 0, *part = o->part + c * (p + 2);
            for (size_t k = 0; k < p; k++)
                predicted += fit[k] * o->phi[k];
            long double residual = target - predicted;
            for (size_t k = 0; k < p; k++)
                part[k] += residual * o->phi[k];
            part[p] += residual * residual;
            part[p + 1] += residual * target;
        }
        o->rows++;
        if (++o->part_rows == ZG_SUMS_BLOCK) fold(o);
    }
}

void zg_sums_origin_finish(zg_sums_origin *origin)
{
    size_t p = origin->sums->features;
    fold(origin);
    for (size_t c = 0; c < origin->sums->outputs; c++) {
        const long double *total = origin->total + c * (p + 2);
        for (size_t k = 0; k < p; k++)
            origin->moments[c * p + k] = (double)total[k];
        origin->squares[c] = (double)total[p];
        origin->cross[c] = (double)total[p + 1];
    }
    size_t additions = ZG_SUMS_BLOCK + ROUNDINGS + origin->rows / ZG_SUMS_BLOCK;
    origin->gamma = (double)additions * (double)LDBL_EPSILON;
}
