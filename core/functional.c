/* Linear functionals of a network as rows (see functional.h). */
#include "core/functional.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows ------------------------------------------------------------------------------------ */

zg_status zg_functionals_create(size_t points, size_t inputs, zg_functionals **out)
{
    zg_functionals *rows = calloc(1, sizeof *rows);
    if (!rows) return ZG_NO_MEMORY;
    *rows = (zg_functionals){.points = points, .inputs = inputs};
    *out = rows;
    return ZG_OK;
}

void zg_functionals_free(zg_functionals *rows)
{
    if (!rows) return;
    free(rows->start);
    free(rows->term);
    free(rows);
}

zg_status zg_functionals_add_row(zg_functionals *rows)
{
    size_t *start = zg_grow(rows->start, &rows->rows_room, rows->count + 2, sizeof *start);
    if (!start) return ZG_NO_MEMORY;
    rows->start = start;
    start[rows->count++] = rows->terms;
    start[rows->count] = rows->terms;
    return ZG_OK;
}

zg_status zg_functionals_add(zg_functionals *rows, size_t point, size_t kind, double coefficient)
{
    zg_functional_term *term =
        zg_grow(rows->term, &rows->terms_room, rows->terms + 1, sizeof *term);
    if (!term) return ZG_NO_MEMORY;
    rows->term = term;
    term[rows->terms++] = (zg_functional_term){point, kind, coefficient};
    rows->start[rows->count] = rows->terms;
    size_t own = rows->terms - rows->start[rows->count - 1];
    if (own > rows->longest) rows->longest = own;
    return ZG_OK;
}

zg_status zg_functionals_check(const zg_functionals *rows, zg_error *error)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->start[i] == rows->start[i + 1])
            return zg_fail(error, ZG_BAD_INPUT, "functional row %zu has no terms", i + 1);
        for (size_t k = rows->start[i]; k < rows->start[i + 1]; k++) {
            const zg_functional_term *t = &rows->term[k];
            bool known = t->point < rows->points && t->kind < ZG_TERM_SLOPE(rows->inputs);
            if (!known || !isfinite(t->coefficient))
                return zg_fail(
                    error, ZG_BAD_INPUT,
                    "functional row %zu has a term %g at point %zu of kind %zu: expected "
                    "a number, one of %zu points and one of %zu inputs",
                    i + 1, t->coefficient, t->point + 1, t->kind, rows->points, rows->inputs);
        }
    }
    return rows->count > 0 ? ZG_OK : zg_fail(error, ZG_BAD_INPUT, "there are no functional rows");
}

/* ---- the lift -------------------------------------------------------------------------------- */

/* m (order x order, or its upper triangle) += coefficient times the term's matrix. */
static void add_matrix(const zg_functional_term *t, zg_activation s, size_t d, bool bordered,
                       const double *point, double *m)
{
    size_t order = d + (bordered ? 1 : 0);
    double w = t->coefficient;
    if (t->kind == ZG_TERM_LAPLACIAN) {
        for (size_t k = 0; k < d; k++)
            m[k * order + k] += 2.0 * s.a * w;
        return;
    }
    if (t->kind == ZG_TERM_VALUE) {
        for (size_t j = 0; j < d; j++)
            for (size_t k = 0; k <= j; k++)
                m[j * order + k] += w * s.a * point[j] * point[k];
        for (size_t k = 0; bordered && k < d; k++)
            m[d * order + k] += 0.5 * w * s.b * point[k];
        if (bordered) m[d * order + d] += w * s.c;
        return;
    }
    size_t at = t->kind - 2;
    for (size_t k = 0; k < d; k++) {
        size_t row = k > at ? k : at, column = k > at ? at : k;
        m[row * order + column] += (k == at ? 2.0 : 1.0) * w * s.a * point[k];
    }
    if (bordered) m[d * order + at] += 0.5 * w * s.b;
}

/* A bound on the Frobenius norm of the term's matrix. */
static double matrix_size(const zg_functional_term *t, zg_activation s, size_t d,
                          const double *point)
{
    double length = zg_norm(d, point), w = fabs(t->coefficient);
    double size = t->kind == ZG_TERM_VALUE ? (fabs(s.a) * length + fabs(s.b)) * length + fabs(s.c)
                  : t->kind == ZG_TERM_LAPLACIAN ? 2.0 * fabs(s.a) * sqrt((double)d)
                                                 : 2.0 * fabs(s.a) * length + fabs(s.b);
    return w * size * (1.0 + 64.0 * DBL_EPSILON) + DBL_MIN * (double)(d + 4) * (1.0 + w);
}

/* Row i of phi, and by how much it is off: every entry passes a rounding per term and some in it.
 */
static double fill_row(const zg_functionals *rows, size_t i, zg_activation s, bool bordered,
                       const double *x, double *m, double *phi)
{
    size_t d = rows->inputs, order = d + (bordered ? 1 : 0), n = rows->count;
    double size = 0.0, terms = (double)(rows->start[i + 1] - rows->start[i]);
    memset(m, 0, order * order * sizeof *m);
    for (size_t k = rows->start[i]; k < rows->start[i + 1]; k++) {
        const zg_functional_term *t = &rows->term[k];
        add_matrix(t, s, d, bordered, x + t->point * d, m);
        size += matrix_size(t, s, d, x + t->point * d);
    }
    for (size_t j = 0, column = 0; j < order; j++)
        for (size_t k = 0; k <= j; k++, column++)
            phi[column * n + i] = (k < j ? M_SQRT2 : 1.0) * m[j * order + k];
    return zg_upper((terms + 8.0) * DBL_EPSILON * size + DBL_MIN * (double)(order * order));
}

zg_status zg_functionals_lift(const zg_functionals *rows, zg_activation activation, const double *x,
                              zg_lift **out, zg_error *error)
{
    bool bordered = activation.b != 0.0 || activation.c != 0.0;
    size_t d = rows->inputs, order = d + (bordered ? 1 : 0), n = rows->count;
    size_t size = zg_svec_size(order);
    double **features = calloc(1, sizeof *features), *errors = zg_doubles(n);
    double *m = zg_doubles(order * order);
    if (features) features[0] = n <= SIZE_MAX / size ? zg_doubles(n * size) : NULL;
    zg_status status = features && features[0] && errors && m ? ZG_OK : zg_no_memory(error);
    for (size_t i = 0; i < n && status == ZG_OK; i++) {
        errors[i] = fill_row(rows, i, activation, bordered, x, m, features[0]);
        if (!isfinite(errors[i]))
            status = zg_fail(error, ZG_BAD_INPUT,
                             "functional row %zu is beyond the range of double precision; "
                             "--standardize brings the inputs to unit scale",
                             i + 1);
    }
    if (status == ZG_OK)
        status = zg_lift_create_features(n, 1, order, bordered, features, out, error);
    free(m);
    if (status == ZG_OK) {
        (*out)->row_errors = errors;
        return ZG_OK;
    }
    if (features) free(features[0]);
    free(features);
    free(errors);
    return status;
}

/* ---- networks on the rows -------------------------------------------------------------------- */

void zg_functional_sizes(const zg_functionals *rows, zg_activation s, const double *x,
                         double longest, double *size)
{
    size_t d = rows->inputs;
    for (size_t i = 0; i < rows->count; i++) {
        size[i] = 0.0;
        for (size_t k = rows->start[i]; k < rows->start[i + 1]; k++) {
            const zg_functional_term *t = &rows->term[k];
            double q = zg_norm(d, x + t->point * d) * longest, w = fabs(t->coefficient);
            double part = t->kind == ZG_TERM_VALUE ? (fabs(s.a) * q + fabs(s.b)) * q + fabs(s.c)
                          : t->kind == ZG_TERM_LAPLACIAN
                              ? 2.0 * fabs(s.a)
                              : (2.0 * fabs(s.a) * q + fabs(s.b)) * longest;
            size[i] += w * part + DBL_MIN / DBL_EPSILON * (1.0 + w) * (1.0 + q);
        }
    }
}

#define PART(kind, t, u)                                                                           \
    ((kind) == ZG_TERM_VALUE       ? (s.a * (t) + s.b) * (t) + s.c                                 \
     : (kind) == ZG_TERM_LAPLACIAN ? 2 * s.a                                                       \
                                   : (2 * s.a * (t) + s.b) * (u)[(kind)-2])

void zg_functional_responses(const zg_functionals *rows, zg_activation s, const double *x,
                             const double *u, double *t, double *out)
{
    size_t d = rows->inputs;
    for (size_t p = 0; p < rows->points; p++)
        t[p] = zg_dot(d, u, x + p * d);
    for (size_t i = 0; i < rows->count; i++) {
        double sum = 0.0;
        for (size_t k = rows->start[i]; k < rows->start[i + 1]; k++) {
            const zg_functional_term *term = &rows->term[k];
            sum += term->coefficient * PART(term->kind, t[term->point], u);
        }
        out[i] = sum;
    }
}

void zg_functional_long_responses(const zg_functionals *rows, zg_activation s, const double *x,
                                  const long double *u, long double *t, long double *out)
{
    size_t d = rows->inputs;
    for (size_t p = 0; p < rows->points; p++) {
        t[p] = 0.0L;
        for (size_t j = 0; j < d; j++)
            t[p] += u[j] * x[p * d + j];
    }
    for (size_t i = 0; i < rows->count; i++) {
        out[i] = 0.0L;
        for (size_t k = rows->start[i]; k < rows->start[i + 1]; k++) {
            const zg_functional_term *term = &rows->term[k];
            out[i] += term->coefficient * PART(term->kind, t[term->point], u);
        }
    }
}
