/* Factors to descend from (see low_rank_search.h). */
#include "solvers/low_rank_search.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns that a factor has at least beyond the rank of the network that it is made of, and where
 * the gap is below the one given, when few neurons are still to be found.  They are filled up to a
 * multiple: sgemm takes less with 64 columns than with 62, and no more with 52 than with 50. */
#define SPARE_COLUMNS 4
#define LAST_COLUMNS 2
#define LAST_GAP 0.1
#define MULTIPLE 4
/* Their length, as a share of the longest column. */
#define SPARE_LENGTH 1e-2
/* The lengths that a factor is tried with to begin with are so many decades apart: the multiples of
 * its signs, of squares of lengths, fill the space between. */
#define SIZES 2.0
/* Between descents without a subspace: the share of the whole factor's length that spare columns
 * have, and below which a column is left out, and where the gap is below LAST_GAP.  They disturb
 * the point, more than it is off where the gap is below the one given: they become shorter with
 * it. */
#define FRESH_LENGTH 1e-3
#define SHORT 1e-3
#define LAST_SHORT 1e-2
#define FULL_LENGTH_GAP 1e-3

zg_status zg_search_resize(zg_search *s)
{
    size_t size = 0;
    for (size_t k = 0; k < zg_search_cones(s); k++)
        size += s->program.lift->width * s->columns[k];
    free(s->w);
    s->w = zg_doubles(size);
    return s->w ? ZG_OK : ZG_NO_MEMORY;
}

/* y (order x r, column-major), rotated so that its last row is (t, 0, .., 0): a Householder
 * reflection from the right. */
static void rotate_border(size_t order, size_t r, double *y)
{
    double t = 0.0, square = 0.0;
    for (size_t j = 0; j < r; j++)
        t += y[j * order + order - 1] * y[j * order + order - 1];
    t = sqrt(t);
    double *h = zg_doubles(r);
    if (!h) return; /* the descent starts from a factor that is merely not the best */
    for (size_t j = 0; j < r; j++)
        h[j] = y[j * order + order - 1];
    h[0] -= t;
    for (size_t j = 0; j < r; j++)
        square += h[j] * h[j];
    for (size_t i = 0; square > 0.0 && i < order; i++) {
        double along = 0.0;
        for (size_t j = 0; j < r; j++)
            along += y[j * order + i] * h[j];
        for (size_t j = 0; j < r; j++)
            y[j * order + i] -= 2.0 * along / square * h[j];
    }
    free(h);
}

/* Z = Y Y' of one cone of a network of output 0: y (order x neurons of the cone, column-major). */
static double *neurons_of(const zg_network *network, size_t cone, bool bordered, size_t *count)
{
    size_t k = network->patches.width, m = k + (bordered ? 1 : 0);
    double *y = zg_doubles(m * network->count);
    *count = 0;
    for (size_t j = 0; y && j < network->count; j++) {
        double alpha = network->alpha[j * network->outputs];
        if (network->group[j] != cone / 2 || (alpha > 0.0) == (cone % 2 == 1)) continue;
        double *to = y + *count * m, length = sqrt(fabs(alpha));
        for (size_t i = 0; i < m; i++)
            to[i] = length * (i < k ? network->u[j * k + i] : 1.0);
        ++*count;
    }
    return y;
}

/* The same with as few columns as the rank of Z allows, largest first; y is replaced. */
static zg_status shorten(size_t m, double *y, size_t *count)
{
    double *z = zg_doubles(m * m), *e = zg_doubles(m);
    zg_status status = z && e ? ZG_OK : ZG_NO_MEMORY;
    size_t r = 0;
    if (status == ZG_OK) {
        zg_gemm(false, true, m, m, *count, 1.0, y, m, y, m, 0.0, z, m);
        status = zg_eigen(m, z, e);
    }
    while (status == ZG_OK && r < m && r < *count && e[m - 1 - r] > ZG_RANK_CUTOFF * e[m - 1] &&
           e[m - 1] > 0.0)
        r++;
    for (size_t j = 0; status == ZG_OK && j < r; j++)
        for (size_t i = 0; i < m; i++)
            y[j * m + i] = sqrt(e[m - 1 - j]) * z[(m - 1 - j) * m + i];
    if (status == ZG_OK) *count = r;
    free(z);
    free(e);
    return status;
}

/* With the spare columns. */
static size_t columns_of(const zg_search *s, size_t rank)
{
    size_t w = s->program.lift->width;
    size_t count = rank + (zg_search_gap(s) < LAST_GAP ? LAST_COLUMNS : SPARE_COLUMNS);
    count += (MULTIPLE - count % MULTIPLE) % MULTIPLE;
    return count < w ? count : w;
}

/* Short columns along the lowest eigenvectors of the slack, behind the first r of w. */
static void add_spare(const zg_search *s, size_t cone, size_t r, size_t count, double *w)
{
    size_t width = s->program.lift->width;
    double length = 0.0;
    for (size_t j = 0; j < r; j++)
        length = fmax(length, zg_norm(width, w + j * width));
    for (size_t j = r; j < count; j++)
        zg_axpy(width, SPARE_LENGTH * (length > 0.0 ? length : 1.0),
                s->lowest[cone] + (j - r) % s->directions * width, w + j * width);
}

/* One cone's part of the next factor, in full coordinates: its columns and their number.  basis
 * (width x k) leads there from the network's. */
static zg_status cone_factor(const zg_search *s, const double *basis, const zg_network *network,
                             size_t cone, double **out, size_t *count)
{
    bool bordered = s->program.lift->bordered;
    size_t k = network->patches.width, m = k + (bordered ? 1 : 0), w = s->program.lift->width, r;
    double *y = neurons_of(network, cone, bordered, &r);
    zg_status status = y ? shorten(m, y, &r) : ZG_NO_MEMORY;
    *count = columns_of(s, r);
    *out = status == ZG_OK ? zg_doubles(w * *count) : NULL;
    if (status == ZG_OK && !*out) status = ZG_NO_MEMORY;
    if (status == ZG_OK) {
        if (bordered && r > 0) rotate_border(m, r, y);
        if (r > *count) r = *count;
        if (r > 0) zg_gemm(false, false, w, r, k, 1.0, basis, w, y, m, 0.0, *out, w);
        add_spare(s, cone, r, *count, *out);
    }
    free(y);
    return status;
}

zg_status zg_search_from_subspace(zg_search *s, const zg_subspace *subspace,
                                  const zg_network *small)
{
    size_t cones = zg_search_cones(s), w = s->program.lift->width, at = 0;
    double **part = calloc(cones, sizeof *part);
    zg_status status = part ? ZG_OK : ZG_NO_MEMORY;
    for (size_t k = 0; status == ZG_OK && k < cones; k++)
        status = cone_factor(s, subspace->basis[k / 2], small, k, &part[k], &s->columns[k]);
    if (status == ZG_OK) status = zg_search_resize(s);
    for (size_t k = 0; status == ZG_OK && k < cones; k++) {
        memcpy(s->w + at, part[k], w * s->columns[k] * sizeof *s->w);
        at += w * s->columns[k];
    }
    for (size_t k = 0; part && k < cones; k++)
        free(part[k]);
    free(part);
    return status;
}

/* The columns of w behind the first, which a border singles out, become orthogonal, longest
 * first, and *count leaves out those shorter than this share of all. */
static zg_status turn_columns(size_t width, double *w, bool bordered, double cut, size_t *count)
{
    size_t fixed = bordered ? 1 : 0, m = *count - fixed;
    double *turn = zg_doubles(m * m), *square = zg_doubles(m), *turned = zg_doubles(width * m);
    double *rest = w + width * fixed, length = zg_norm(width * *count, w);
    zg_status status = turn && square && turned ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        zg_gemm(true, false, m, m, width, 1.0, rest, width, rest, width, 0.0, turn, m);
        status = zg_all_finite(m * m, turn) ? zg_eigen(m, turn, square) : ZG_FAILED;
    }
    if (status == ZG_OK) {
        zg_gemm(false, false, width, m, m, 1.0, rest, width, turn, m, 0.0, turned, width);
        size_t kept = 0;
        for (size_t j = m; j-- > 0 && sqrt(fmax(square[j], 0.0)) > cut * length; kept++)
            memcpy(rest + kept * width, turned + j * width, width * sizeof *w);
        *count = kept + fixed;
    }
    free(turn);
    free(square);
    free(turned);
    return status;
}

zg_status zg_search_refresh(zg_search *s, size_t *kept)
{
    double gap = zg_search_gap(s), share = fmin(1.0, gap / FULL_LENGTH_GAP);
    double cut = share * (gap < LAST_GAP ? LAST_SHORT : SHORT);
    size_t cones = zg_search_cones(s), w = s->program.lift->width, at = 0, to = 0, size = 0;
    double *old = s->w;
    size_t *before = calloc(cones, sizeof *before);
    zg_status status = before ? ZG_OK : ZG_NO_MEMORY;
    for (size_t k = 0; status == ZG_OK && k < cones; at += w * s->columns[k++]) {
        before[k] = kept[k] = s->columns[k];
        if (kept[k] > 1)
            status = turn_columns(w, old + at, s->program.lift->bordered, cut, &kept[k]);
        size += columns_of(s, kept[k]);
    }
    double *fresh = status == ZG_OK ? zg_doubles(w * size) : NULL;
    if (status == ZG_OK && !fresh) status = ZG_NO_MEMORY;
    at = 0;
    for (size_t k = 0; status == ZG_OK && k < cones; at += w * before[k++]) {
        size_t count = columns_of(s, kept[k]);
        if (kept[k] > count) kept[k] = count;
        double length = share * FRESH_LENGTH * zg_norm(w * kept[k], old + at);
        memcpy(fresh + to, old + at, w * kept[k] * sizeof *fresh);
        for (size_t j = kept[k]; j < count; j++)
            zg_axpy(w, length, s->lowest[k] + (j - kept[k]) % s->directions * w,
                    fresh + to + j * w);
        s->columns[k] = count;
        to += w * count;
    }
    free(before);
    if (status != ZG_OK) {
        free(fresh);
        return status;
    }
    free(old);
    s->w = fresh;
    return ZG_OK;
}

zg_status zg_search_begin(zg_search *s)
{
    size_t w = s->program.lift->width, at = 0;
    for (size_t k = 0; k < zg_search_cones(s); k++)
        s->columns[k] = s->directions < w ? s->directions : w;
    zg_status status = zg_search_resize(s);
    if (status != ZG_OK) return status;
    for (size_t k = 0; k < zg_search_cones(s); k++) {
        memcpy(s->w + at, s->lowest[k], w * s->columns[k] * sizeof *s->w);
        at += w * s->columns[k];
    }
    zg_factor *factor = NULL;
    status = zg_factor_create(&s->program, s->columns, &factor);
    if (status != ZG_OK) return status;
    factor->balanced = true; /* alone, either sign's predictions may be worse than none */
    double best = INFINITY, size = 1.0, *trial = zg_doubles(at);
    for (double power = -8.0; trial && power <= 8.0; power += SIZES) {
        for (size_t i = 0; i < at; i++)
            trial[i] = pow(10.0, power) * s->w[i];
        double value = zg_factor_value(factor, trial, NULL, s->f);
        if (value < best) {
            best = value;
            size = pow(10.0, power);
        }
    }
    if (!trial) status = ZG_NO_MEMORY;
    for (size_t i = 0; i < at; i++)
        s->w[i] *= size;
    (void)zg_factor_value(factor, s->w, NULL, s->f);
    zg_factor_take_multiples(factor, s->w);
    free(trial);
    zg_factor_free(factor);
    return status;
}
