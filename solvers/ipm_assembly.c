/* Filling the Newton matrix: Gram and Kronecker forms (see ipm_assembly.h). */
#include "solvers/ipm_assembly.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Patch rows of a tile: its products stay in the second-level cache. */
#define TILE_ROWS 192

/* ---- Gram form: memory ----------------------------------------------------------------------- */

zg_status zg_gram_work_create(const zg_space *space, zg_gram_work *work)
{
    size_t cones = 2 * space->groups, patches = space->lift->patches;
    size_t tile = patches < TILE_ROWS ? TILE_ROWS / patches : 1;
    *work = (zg_gram_work){.tile = tile, .patch_rows = space->unknowns * patches, .cones = cones};
    work->images = calloc(cones, sizeof *work->images);
    work->slopes = zg_doubles(cones * work->patch_rows);
    work->borders = zg_doubles(cones * work->patch_rows);
    work->ends = zg_doubles(space->unknowns);
    work->products = zg_doubles(tile * patches * tile * patches);
    bool complete = work->images && work->slopes && work->borders && work->ends && work->products;
    for (size_t k = 0; complete && k < cones; k++)
        complete = (work->images[k] = zg_doubles(space->order * work->patch_rows)) != NULL;
    if (complete) return ZG_OK;
    zg_gram_work_clear(work);
    return ZG_NO_MEMORY;
}

void zg_gram_work_clear(zg_gram_work *work)
{
    for (size_t k = 0; work->images && k < work->cones; k++)
        free(work->images[k]);
    free(work->images);
    free(work->slopes);
    free(work->borders);
    free(work->ends);
    free(work->products);
    *work = (zg_gram_work){0};
}

/* ---- Gram form: one cone's vectors ----------------------------------------------------------- */

/* images = u_top' X', and the vectors s, g; t is added to the ends. */
static void prepare_cone(const zg_space *space, const zg_cone *cone, size_t index,
                         zg_gram_work *work)
{
    const zg_lift *lift = space->lift;
    size_t m = space->order, w = lift->width, rows = work->patch_rows, p = lift->patches;
    double a = lift->activation.a * space->shrink, b = lift->activation.b * space->shrink,
           c = lift->activation.c * space->shrink;
    const double *x = lift->rows[index / 2];
    zg_gemm(true, false, m, rows, w, 1.0, cone->u, m, x, w, 0.0, work->images[index], m);
    if (!space->bordered) return;
    double *g = work->borders + index * rows, *s = work->slopes + index * rows;
    double corner = cone->w[m * m - 1];
    zg_gemv(true, w, rows, 1.0, x, w, cone->w + w * m, 0.0, g);
    for (size_t r = 0; r < rows; r++) {
        s[r] = a * b * g[r] + 0.25 * b * b * corner;
        work->ends[r / p] +=
            (a * c * g[r] * g[r] + b * c * corner * g[r] + 0.5 * c * c * corner * corner) /
            (double)p;
    }
}

/* ---- Gram form: one tile --------------------------------------------------------------------- */

/* One column of a tile, one patch per sample.  The two loops are kept this plain for the
 * vectoriser. */
static void hadamard_column(size_t count, double aa, double bb_g, double slope,
                            const double *restrict product, const double *restrict slopes,
                            const double *restrict borders, double *restrict out)
{
    for (size_t i = 0; i < count; i++)
        out[i] += product[i] * (aa * product[i] + slopes[i] + slope) + bb_g * borders[i];
}

static void square_column(size_t count, double aa, const double *restrict product,
                          double *restrict out)
{
    for (size_t i = 0; i < count; i++)
        out[i] += aa * product[i] * product[i];
}

/* The mean over pairs of patches; only pools come here. */
static double pooled_entry(size_t p, size_t ld, double aa, double bb, const double *product,
                           const double *s_row, const double *g_row, const double *s_column,
                           const double *g_column)
{
    double sum = 0.0;
    for (size_t r = 0; r < p; r++)
        for (size_t q = 0; q < p; q++) {
            double entry = product[r * ld + q];
            sum += entry * (aa * entry + s_row[q] + s_column[r]) + bb * g_row[q] * g_column[r];
        }
    return sum / (double)(p * p);
}

typedef struct tile {
    size_t row, rows, column, columns; /* samples */
} tile;

static void add_cone_to_tile(const zg_space *space, const zg_gram_work *work, size_t index, tile at,
                             double *matrix, size_t ld)
{
    const zg_lift *lift = space->lift;
    size_t m = space->order, p = lift->patches, lead = at.rows * p;
    double a = lift->activation.a * space->shrink, b = lift->activation.b * space->shrink;
    const double *image = work->images[index];
    const double *s = work->slopes + index * work->patch_rows;
    const double *g = work->borders + index * work->patch_rows;
    zg_gemm(true, false, lead, at.columns * p, m, 1.0, image + at.row * p * m, m,
            image + at.column * p * m, m, 0.0, work->products, lead);
    for (size_t j = 0; j < at.columns; j++) {
        size_t column = at.column + j, first = column > at.row ? column - at.row : 0;
        double *out = matrix + column * ld + at.row;
        if (first >= at.rows) continue;
        const double *product = work->products + j * p * lead;
        if (p == 1 && space->bordered) {
            hadamard_column(at.rows - first, a * a, 0.5 * b * b * g[column], s[column],
                            product + first, s + at.row + first, g + at.row + first, out + first);
        } else if (p == 1) {
            square_column(at.rows - first, a * a, product + first, out + first);
        } else {
            for (size_t i = first; i < at.rows; i++) {
                size_t row = (at.row + i) * p;
                out[i] += pooled_entry(p, lead, a * a, 0.5 * b * b, product + i * p, s + row,
                                       g + row, s + column * p, g + column * p);
            }
        }
    }
}

static void fill_tile(const zg_space *space, const zg_gram_work *work, tile at, double *matrix,
                      size_t ld)
{
    for (size_t j = at.column; j < at.column + at.columns; j++)
        for (size_t i = j > at.row ? j : at.row; i < at.row + at.rows; i++)
            matrix[j * ld + i] = work->ends[i] + work->ends[j];
    for (size_t k = 0; k < 2 * space->groups; k++)
        add_cone_to_tile(space, work, k, at, matrix, ld);
}

void zg_gram_fill(const zg_space *space, const zg_cone *cones, zg_gram_work *work, double *matrix,
                  size_t ld)
{
    size_t n = space->unknowns;
    memset(work->ends, 0, n * sizeof *work->ends);
    for (size_t k = 0; k < 2 * space->groups; k++)
        prepare_cone(space, &cones[k], k, work);
    for (size_t column = 0; column < n; column += work->tile)
        for (size_t row = column; row < n; row += work->tile) {
            tile at = {row, n - row < work->tile ? n - row : work->tile, column,
                       n - column < work->tile ? n - column : work->tile};
            fill_tile(space, work, at, matrix, ld);
        }
}

/* ---- Kronecker form -------------------------------------------------------------------------- */

/* Rows (first .. last, j) of column (k, l), k <= l: for i <= j the entry is
 * c_ij c_kl (W_ik W_jl + W_il W_jk) / 2 with c = 1 on the diagonal and sqrt 2 off it. */
static void kronecker_run(size_t m, const double *w, size_t k, size_t l, size_t j, size_t first,
                          size_t last, double scale, double *out)
{
    const double *wk = w + k * m, *wl = w + l * m;
    double left = scale * wl[j], right = scale * wk[j];
    for (size_t i = first; i <= last; i++)
        out[i] += left * wk[i] + right * wl[i];
}

static void kronecker_column(size_t m, const double *w, size_t k, size_t l, bool both, double *out)
{
    double scale = k == l ? 0.5 : M_SQRT1_2;
    for (size_t j = both ? 0 : l; j < m; j++) {
        size_t first = !both && j == l ? k : 0;
        double *run = out + j * (j + 1) / 2; /* of row (0, j) */
        if (j > first) kronecker_run(m, w, k, l, j, first, j - 1, M_SQRT2 * scale, run);
        kronecker_run(m, w, k, l, j, j, j, scale, run);
    }
}

void zg_kronecker_add(size_t order, const double *w, const double *other, bool both, double *matrix,
                      size_t ld)
{
    for (size_t l = 0, column = 0; l < order; l++)
        for (size_t k = 0; k <= l; k++, column++) {
            kronecker_column(order, w, k, l, both, matrix + column * ld);
            kronecker_column(order, other, k, l, both, matrix + column * ld);
        }
}
