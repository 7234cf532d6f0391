/* Lengths for the columns that are new to a factor (see low_rank_lengths.h). */
#include "solvers/low_rank_lengths.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sweeps over the squares; a few do where the responses differ much. */
#define SWEEPS 100

typedef struct lengths {
    zg_factor *factor;
    size_t count;
    double **column; /* count: in w */
    double *square;  /* count: of its length */
    double *more;    /* count: q */
    double *slope;   /* count: s */
    double *m;       /* samples x count */
    double *hm;      /* the same: diag(h) M */
    double *gram;    /* count x count: M' diag(h) M */
    double *h;       /* samples */
} lengths;

static void clear(lengths *l)
{
    double *all[] = {l->square, l->more, l->slope, l->m, l->hm, l->gram, l->h};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    free(l->column);
}

static zg_status allocate(lengths *l, zg_factor *factor, size_t most)
{
    size_t n = factor->program->lift->samples;
    *l = (lengths){.factor = factor,
                   .column = calloc(most ? most : 1, sizeof *l->column),
                   .square = zg_doubles(most),
                   .more = zg_doubles(most),
                   .slope = zg_doubles(most),
                   .m = zg_doubles(n * most),
                   .hm = zg_doubles(n * most),
                   .gram = zg_doubles(most * most),
                   .h = zg_doubles(n)};
    bool complete =
        l->column && l->square && l->more && l->slope && l->m && l->hm && l->gram && l->h;
    return complete ? ZG_OK : ZG_NO_MEMORY;
}

/* Takes up the j-th column of a sign, whose first is the first-th of all; t = |W|_F. */
static void add(lengths *l, size_t sign, size_t first, size_t j, double t, double *w)
{
    const zg_factor *factor = l->factor;
    const zg_lift *lift = factor->program->lift;
    zg_activation act = lift->activation;
    size_t n = lift->samples, d = lift->width, all = factor->columns[0] + factor->columns[1];
    double *column = w + factor->offset[sign] + j * d, length = zg_norm(d, column);
    double square = length * length, g = sign ? -1.0 : 1.0, *m = l->m + l->count * n;
    if (!(square > 0.0)) return;
    for (size_t i = 0; i < n; i++) {
        const double *p = factor->projections + i * all + first;
        m[i] = g * (act.a * p[j] * p[j] / square + act.b * p[0] / (2.0 * t) + act.c);
        l->hm[l->count * n + i] = l->h[i] * m[i];
    }
    l->column[l->count] = column;
    l->square[l->count] = square;
    l->slope[l->count++] = zg_dot(n, factor->slope, m) + factor->program->beta;
}

/* q, by one square after the other. */
static void solve(lengths *l)
{
    size_t n = l->factor->program->lift->samples, k = l->count;
    zg_gemm(true, false, k, k, n, 1.0, l->m, n, l->hm, n, 0.0, l->gram, k);
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (size_t j = 0; j < k; j++) {
            double slope = l->slope[j] + zg_dot(k, l->gram + j * k, l->more);
            double more = l->more[j] - slope / l->gram[j * (k + 1)];
            l->more[j] = more > 0.0 && isfinite(more) ? more : 0.0;
        }
}

static void stretch(const lengths *l)
{
    size_t d = l->factor->program->lift->width;
    for (size_t j = 0; j < l->count; j++) {
        double by = sqrt(1.0 + l->more[j] / l->square[j]);
        for (size_t i = 0; i < d; i++)
            l->column[j][i] *= by;
    }
}

zg_status zg_factor_lengthen(zg_factor *factor, const size_t kept[2], double *w, double *f)
{
    size_t size = zg_factor_size(factor), first = 0;
    size_t fresh = factor->columns[0] - kept[0] + factor->columns[1] - kept[1];
    double *before = zg_doubles(size), value = NAN;
    lengths l;
    zg_status status = allocate(&l, factor, fresh);
    if (!before) status = ZG_NO_MEMORY;
    if (status == ZG_OK) {
        memcpy(before, w, size * sizeof *w);
        value = zg_factor_value(factor, w, NULL, f);
        status = zg_factor_curvature(factor, f, l.h);
    }
    for (size_t k = 0; status == ZG_OK && k < 2; first += factor->columns[k++]) {
        double t = zg_norm(factor->offset[k + 1] - factor->offset[k], w + factor->offset[k]);
        for (size_t j = kept[k]; j < factor->columns[k]; j++)
            add(&l, k, first, j, t, w);
    }
    if (status == ZG_OK && l.count > 0) {
        solve(&l);
        stretch(&l);
        if (!(zg_factor_value(factor, w, NULL, f) < value)) memcpy(w, before, size * sizeof *w);
    }
    clear(&l);
    free(before);
    return status;
}
