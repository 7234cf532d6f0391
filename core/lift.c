/* The lift and its adjoint, over patches of the data or over explicit feature rows. */
#include "core/lift.h"

#include "base/linalg.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Patch rows that are worked on at once: enough for BLAS-3 speed, small enough to stay in cache. */
#define BLOCK 256
/* Columns of a symmetric product that are worked on at once, from the diagonal down. */
#define PANEL 128

static zg_status create(zg_activation activation, const zg_patches *patches, size_t n,
                        const double *x, bool bordered, zg_lift **out, zg_error *error)
{
    zg_lift *lift = calloc(1, sizeof *lift);
    if (!lift) return zg_no_memory(error);
    *lift = (zg_lift){.samples = n,
                      .groups = patches->groups,
                      .order = patches->width + (bordered ? 1 : 0),
                      .bordered = bordered,
                      .activation = activation,
                      .patches = patches->patches,
                      .width = patches->width,
                      .owns_rows = !patches->identity};
    lift->rows = calloc(patches->groups, sizeof *lift->rows);
    bool complete = lift->rows != NULL;
    for (size_t g = 0; complete && g < patches->groups; g++) {
        if (patches->identity) {
            lift->rows[g] = (double *)x; /* only read from: see the header on borrowing */
            continue;
        }
        lift->rows[g] = zg_doubles(n * patches->patches * patches->width);
        complete = lift->rows[g] != NULL;
        if (complete) zg_patches_gather(patches, g, n, x, lift->rows[g]);
    }
    if (!complete) {
        zg_lift_free(lift);
        return zg_no_memory(error);
    }
    *out = lift;
    return ZG_OK;
}

zg_status zg_lift_create(zg_activation activation, const zg_patches *patches, size_t n,
                         const double *x, zg_lift **out, zg_error *error)
{
    bool bordered = activation.b != 0.0 || activation.c != 0.0;
    return create(activation, patches, n, x, bordered, out, error);
}

zg_status zg_lift_create_bordered(zg_activation activation, const zg_patches *patches, size_t n,
                                  const double *x, zg_lift **out, zg_error *error)
{
    return create(activation, patches, n, x, true, out, error);
}

zg_status zg_lift_create_features(size_t samples, size_t groups, size_t order, bool bordered,
                                  double **features, zg_lift **out, zg_error *error)
{
    zg_lift *lift = calloc(1, sizeof *lift);
    if (!lift) return zg_no_memory(error);
    *lift = (zg_lift){.samples = samples,
                      .groups = groups,
                      .order = order,
                      .bordered = bordered,
                      .patches = 1,
                      .width = order - (bordered ? 1 : 0),
                      .features = features};
    *out = lift;
    return ZG_OK;
}

void zg_lift_free(zg_lift *lift)
{
    if (!lift) return;
    for (size_t g = 0; g < lift->groups; g++) {
        if (lift->rows && lift->owns_rows) free(lift->rows[g]);
        if (lift->features) free(lift->features[g]);
    }
    free(lift->rows);
    free(lift->features);
    free(lift->row_errors);
    free(lift);
}

size_t zg_lift_work(const zg_lift *lift)
{
    return lift->features ? zg_svec_size(lift->order) : (lift->width + 1) * BLOCK;
}

/* ---- apply ----------------------------------------------------------------------------------- */

/* f += scale * the predictions of z on the patch rows from first to end. */
static void apply_rows(const zg_lift *lift, size_t group, size_t first, size_t end, const double *z,
                       double scale, double *f, double *work)
{
    size_t m = lift->order, w = lift->width;
    zg_activation s = lift->activation;
    const double *border = lift->bordered ? z + w * m : NULL; /* last column: (Z2; Z4) */
    double mean = scale / (double)lift->patches;
    for (size_t start = first; start < end; start += BLOCK) {
        size_t count = end - start < BLOCK ? end - start : BLOCK;
        const double *x = lift->rows[group] + start * w;
        zg_gemm(false, false, w, count, w, s.a, z, m, x, w, 0.0, work, w); /* a Z1 x */
        for (size_t r = 0; r < count; r++) {
            const double *row = x + r * w;
            double value = zg_dot(w, row, work + r * w);
            if (border) value += s.b * zg_dot(w, row, border) + s.c * border[w];
            f[(start + r) / lift->patches] += mean * value;
        }
    }
}

void zg_lift_apply(const zg_lift *lift, size_t group, const double *z, double scale, double *f,
                   double *work)
{
    size_t m = lift->order, first, samples;
    if (lift->features) {
        zg_svec(m, z, work);
        zg_gemv(false, lift->samples, zg_svec_size(m), scale, lift->features[group], lift->samples,
                work, 1.0, f);
        return;
    }
    for (size_t i = 0; zg_team_block(lift->team, lift->samples, i, &first, &samples); i++)
        apply_rows(lift, group, first * lift->patches, (first + samples) * lift->patches, z, scale,
                   f, work);
}

/* ---- adjoint --------------------------------------------------------------------------------- */

/* The lower triangle is the upper one, too. */
static void mirror(size_t order, double *t)
{
    for (size_t j = 0; j < order; j++)
        for (size_t i = j + 1; i < order; i++)
            t[i * order + j] = t[j * order + i];
}

/* Adds what the patch rows from first to end contribute to t's lower triangle and last column. */
static void add_adjoint(const zg_lift *lift, size_t group, size_t first, size_t end,
                        const double *v, double *t, double *work)
{
    size_t m = lift->order, w = lift->width;
    zg_activation s = lift->activation;
    double *border = lift->bordered ? t + w * m : NULL;
    double mean = 1.0 / (double)lift->patches;
    for (size_t start = first; start < end; start += BLOCK) {
        size_t count = end - start < BLOCK ? end - start : BLOCK;
        const double *x = lift->rows[group] + start * w;
        double *share = work + w * BLOCK, sum = 0.0;
        for (size_t r = 0; r < count; r++) {
            share[r] = mean * v[(start + r) / lift->patches];
            sum += share[r];
            for (size_t k = 0; k < w; k++)
                work[r * w + k] = share[r] * x[r * w + k];
        }
        if (border) {
            zg_gemv(false, w, count, 0.5 * s.b, x, w, share, 1.0, border);
            border[w] += s.c * sum;
        }
        for (size_t j = 0; j < w; j += PANEL)
            zg_gemm(false, true, w - j, w - j < PANEL ? w - j : PANEL, count, s.a, x + j, w,
                    work + j, w, 1.0, t + j * (m + 1), m);
    }
}

void zg_lift_adjoint(const zg_lift *lift, size_t group, const double *v, double *t, double *work)
{
    size_t m = lift->order, w = lift->width;
    if (lift->features) {
        zg_gemv(true, lift->samples, zg_svec_size(m), 1.0, lift->features[group], lift->samples, v,
                0.0, work);
        zg_smat(m, work, t);
        return;
    }
    size_t first, samples;
    zg_sum sum = zg_sum_begin(lift->team, lift->samples, m * m, t);
    while (zg_sum_next(&sum, &first, &samples))
        add_adjoint(lift, group, first * lift->patches, (first + samples) * lift->patches, v,
                    sum.part, work);
    zg_sum_end(&sum);
    if (lift->bordered)
        for (size_t k = 0; k < w; k++)
            t[k * m + w] = t[w * m + k];
    mirror(m, t);
}

/* Sum over i of |v_i| || M_i ||_F over the patch rows from first to end, times the patches. */
static double terms_of_rows(const zg_lift *lift, size_t group, size_t first, size_t end,
                            const double *v)
{
    size_t w = lift->width;
    zg_activation s = lift->activation;
    double sum = 0.0;
    for (size_t r = first; r < end; r++) {
        double length = zg_norm(w, lift->rows[group] + r * w);
        double size = fabs(s.a) * length * length;
        if (lift->bordered) size += M_SQRT1_2 * fabs(s.b) * length + fabs(s.c);
        sum += fabs(v[r / lift->patches]) * size;
    }
    return sum;
}

/* The whole sum, from patches. */
static double patch_terms(const zg_lift *lift, size_t group, const double *v)
{
    double all;
    size_t first, samples;
    zg_sum sum = zg_sum_begin(lift->team, lift->samples, 1, &all);
    while (zg_sum_next(&sum, &first, &samples))
        *sum.part =
            terms_of_rows(lift, group, first * lift->patches, (first + samples) * lift->patches, v);
    zg_sum_end(&sum);
    return all / (double)lift->patches;
}

/* The same from explicit rows; the squares are long doubles, whose range holds them. */
static double feature_terms(const zg_lift *lift, size_t group, const double *v)
{
    size_t p = zg_svec_size(lift->order), n = lift->samples;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        long double square = 0.0L;
        for (size_t k = 0; k < p; k++) {
            long double entry = lift->features[group][k * n + i];
            square += entry * entry;
        }
        sum += fabs(v[i]) * (double)sqrtl(square);
    }
    return sum;
}

double zg_lift_adjoint_terms(const zg_lift *lift, size_t group, const double *v)
{
    return lift->features ? feature_terms(lift, group, v) : patch_terms(lift, group, v);
}

/* What underflow can take from the adjoint, in Frobenius norm.  A product that leaves the normal
 * numbers is off by at most DBL_MIN (also where it is flushed to zero), which the factors that are
 * still to come multiply; in whatever order BLAS takes the factors mean v, x, x and a of a term,
 * the products of those that remain are at most 1 + X + X V, and |a| (1 + X + X^2) with X = max |x|
 * and V = max |v|. */
static double underflow_of(const zg_lift *lift, size_t group, const double *v)
{
    size_t m = lift->order, w = lift->width, rows = lift->samples * lift->patches;
    size_t all_rows = zg_team_total(lift->team, lift->samples) * lift->patches;
    double largest_v = 1.0, x = 0.0;
    for (size_t i = 0; i < lift->samples; i++)
        largest_v = zg_upper_max(largest_v, fabs(v[i]));
    if (lift->features) return DBL_MIN * (double)(m * (lift->samples + 2)) * largest_v;
    for (size_t k = 0; k < rows * w; k++)
        x = zg_upper_max(x, fabs(lift->rows[group][k]));
    double largest[2] = {largest_v, x};
    zg_team_max(lift->team, 2, largest);
    largest_v = largest[0];
    x = largest[1];
    zg_activation s = lift->activation;
    double plain = DBL_MIN * (4.0 + x * (1.0 + largest_v)), one = DBL_MIN * (1.0 + x);
    double square = plain + fabs(s.a) * (one + DBL_MIN * x * x);
    double border = plain + fabs(s.b) * one, corner = plain + fabs(s.c) * DBL_MIN;
    double each = (double)w * square + 2.0 * sqrt((double)w) * border + corner;
    /* And what underflows in zg_lift_adjoint_terms itself. */
    each += DBL_MIN * largest_v * (2.0 + fabs(s.a) + fabs(s.b) + fabs(s.c));
    return (double)all_rows * each;
}

/* Every entry of the adjoint is a sum over blocks of sums over their patch rows, so a term takes
 * part in at most (rows of a block) + (blocks) additions, and the rounding error is at most
 * gamma = (that + 8) u / (1 - ..) times the same sum over absolute values, whatever the order of
 * summation within a block (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1).
 * The triangle inequality turns the entrywise bound into sum_i |v_i| || |M_i| ||_F, which costs O(n
 * d). */
double zg_lift_adjoint_error(const zg_lift *lift, size_t group, const double *v)
{
    size_t rows = zg_team_total(lift->team, lift->samples) * lift->patches;
    size_t additions = lift->features || rows <= BLOCK ? rows : BLOCK + rows / BLOCK + 1;
    additions += zg_team_depth(lift->team);
    double gamma = ((double)additions + 8.0) * DBL_EPSILON, rows_off = 0.0;
    for (size_t i = 0; lift->row_errors && i < lift->samples; i++)
        rows_off += fabs(v[i]) * lift->row_errors[i];
    return zg_upper(gamma * zg_lift_adjoint_terms(lift, group, v) + underflow_of(lift, group, v) +
                    rows_off * (1.0 + gamma));
}

/* ---- explicit matrices ----------------------------------------------------------------------- */

/* Row i of phi for samples start .. start + count, one column of phi at a time. */
static void feature_block(const zg_lift *lift, const double *rows, size_t start, size_t count,
                          double *phi, size_t ld)
{
    size_t w = lift->width, p = lift->patches;
    zg_activation s = lift->activation;
    for (size_t i = start; i < start + count; i++) {
        double *column = phi + i;
        for (size_t j = 0; j < lift->order; j++)
            for (size_t k = 0; k <= j; k++, column += ld) {
                double sum = 0.0;
                for (size_t q = 0; q < p; q++) {
                    const double *x = rows + (i * p + q) * w;
                    sum += j < w ? s.a * x[j] * x[k] : k < w ? 0.5 * s.b * x[k] : s.c;
                }
                *column = (k < j ? M_SQRT2 : 1.0) * sum / (double)p;
            }
    }
}

void zg_lift_features(const zg_lift *lift, size_t group, double *phi, size_t ld)
{
    size_t n = lift->samples, columns = zg_svec_size(lift->order);
    if (lift->features) {
        for (size_t k = 0; k < columns; k++)
            memcpy(phi + k * ld, lift->features[group] + k * n, n * sizeof *phi);
        return;
    }
    for (size_t start = 0; start < n; start += 8) /* one cache line of every column at a time */
        feature_block(lift, lift->rows[group], start, n - start < 8 ? n - start : 8, phi, ld);
}

void zg_lift_matrix(const zg_lift *lift, size_t group, size_t sample, double *m)
{
    size_t order = lift->order;
    for (size_t j = 0, column = 0; j < order; j++)
        for (size_t k = 0; k <= j; k++, column++) {
            double entry = 0.0;
            if (lift->features) {
                entry = lift->features[group][column * lift->samples + sample] *
                        (k < j ? M_SQRT1_2 : 1.0);
            } else {
                zg_activation s = lift->activation;
                for (size_t q = 0; q < lift->patches; q++) {
                    const double *x =
                        lift->rows[group] + (sample * lift->patches + q) * lift->width;
                    entry += j < lift->width   ? s.a * x[j] * x[k]
                             : k < lift->width ? 0.5 * s.b * x[k]
                                               : s.c;
                }
                entry /= (double)lift->patches;
            }
            m[j * order + k] = m[k * order + j] = entry;
        }
}

double zg_lift_penalty(const zg_lift *lift, const double *z)
{
    size_t m = lift->order;
    if (lift->bordered) return z[m * m - 1];
    double trace = 0.0;
    for (size_t k = 0; k < m; k++)
        trace += z[k * m + k];
    return trace;
}

double zg_lift_trace_violation(const zg_lift *lift, const double *z)
{
    if (!lift->bordered) return 0.0;
    size_t m = lift->order;
    double trace = -z[m * m - 1];
    for (size_t k = 0; k + 1 < m; k++)
        trace += z[k * m + k];
    return trace;
}
