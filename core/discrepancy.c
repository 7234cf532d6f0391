/* The discrepancy of two samples, its witness and its significance (see discrepancy.h). */
#include "core/discrepancy.h"

#include "base/linalg.h"
#include "core/certificate.h"
#include "core/neuron_set.h"
#include "core/safe.h"
#include "core/sphere.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* v = n_2 on the first sample and -n_1 on the second: whole numbers, so that n_1 n_2 times the
 * discrepancy is lambda of exactly this vector.  order (or NULL) permutes the labels. */
static void contrast(const zg_problem *problem, size_t first, const size_t *order, double *v)
{
    size_t n = problem->samples;
    for (size_t i = 0; i < n; i++)
        v[i] = problem->y[order ? order[i] : i] < 0 ? (double)(n - first) : -(double)first;
}

static zg_status count_classes(const zg_problem *problem, size_t *first, zg_error *error)
{
    *first = 0;
    if (problem->encoding.task != ZG_BINARY || zg_neuron_set_finite(problem->neuron_set))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "the discrepancy is that of two samples (task binary), seen by neurons of "
                       "any weights");
    for (size_t i = 0; i < problem->samples; i++)
        *first += problem->y[i] < 0;
    if (*first > 0 && *first < problem->samples) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT, "expected rows of two samples, found one only");
}

/* ---- the witness ----------------------------------------------------------------------------- */

/* A unit u (w) at which sign (u'Qu + 2 g'u) is largest, from the multiplier rho of the sphere:
 * (rho I - sign Q) u = sign g, completed by a top eigenvector in the hard case.  q is destroyed. */
static zg_status best_neuron(size_t w, double *q, const double *g, int sign, double rho, double *u)
{
    double *space = zg_doubles(3 * w), *values = space, *h = space + w, *c = space + 2 * w;
    if (!space) return ZG_NO_MEMORY;
    for (size_t k = 0; k < w * w; k++)
        q[k] *= sign;
    zg_status status = zg_all_finite(w * w, q) ? zg_eigen(w, q, values) : ZG_FAILED;
    double square = 0.0, top = values[w - 1], size = fabs(top) + fabs(values[0]);
    if (status == ZG_OK) zg_gemv(true, w, w, (double)sign, q, w, g, 0.0, h);
    for (size_t k = 0; k < w && status == ZG_OK; k++) {
        double below = rho - values[k];
        c[k] = below > 1e-13 * size ? h[k] / below : 0.0;
        square += c[k] * c[k];
    }
    if (square < 1.0) c[w - 1] += copysign(sqrt(1.0 - square), h[w - 1]);
    if (status == ZG_OK) zg_gemv(false, w, w, 1.0, q, w, c, 0.0, u);
    double length = zg_norm(w, u);
    for (size_t k = 0; k < w && length > 0.0; k++)
        u[k] /= length;
    if (status == ZG_OK && !(length > 0.0 && isfinite(length))) status = ZG_FAILED;
    free(space);
    return status;
}

/* sign (u'Qu + 2 g'u + corner) for u / |u|, less all that it can be off by. */
static double seen_below(const zg_lift *lift, const double *t, double error, const double *u,
                         int sign)
{
    size_t m = lift->order, w = lift->width;
    double square = 0.0, linear = 0.0, length = zg_norm(w, u), size = zg_norm(m * m, t);
    for (size_t j = 0; j < w; j++) {
        square += u[j] * zg_dot(w, t + j * m, u);
        if (lift->bordered) linear += 2.0 * t[w * m + j] * u[j];
    }
    double corner = lift->bordered ? t[m * m - 1] : 0.0;
    double value = square / (length * length) + linear / length + corner;
    double off = 2.0 * error + 4.0 * ((double)m + 8.0) * DBL_EPSILON * size;
    return zg_lower(sign * value - off);
}

/* ---- the discrepancy ------------------------------------------------------------------------- */

/* Offers both signs of one group. */
static zg_status look_at_group(const zg_problem *problem, size_t group, const double *v,
                               const double rho[2], double *space, zg_discrepancy *out)
{
    const zg_lift *lift = problem->lift;
    size_t m = lift->order, w = lift->width;
    double *t = space, *q = t + m * m, *g = q + w * w, *u = g + w, *work = u + w;
    zg_lift_adjoint(lift, group, v, t, work);
    double error = zg_lift_adjoint_error(lift, group, v);
    for (int side = 0; side < 2; side++) {
        int sign = side ? -1 : 1;
        double multiplier = rho[side];
        for (size_t j = 0; j < w; j++) {
            memcpy(q + j * w, t + j * m, w * sizeof *q);
            g[j] = lift->bordered ? t[w * m + j] : 0.0;
        }
        if (!lift->bordered) multiplier = 0.0; /* below every eigenvalue: the top one counts */
        zg_status status = best_neuron(w, q, g, sign, multiplier, u);
        if (status != ZG_OK) return status;
        double seen = seen_below(lift, t, error, u, sign);
        if ((side > 0 || group > 0) && !(seen > out->attained)) continue;
        out->attained = seen;
        out->group = group;
        out->sign = sign;
        memcpy(out->u, u, w * sizeof *u);
    }
    return ZG_OK;
}

zg_status zg_discrepancy_find(const zg_problem *problem, zg_discrepancy *out, zg_error *error)
{
    const zg_lift *lift = problem->lift;
    size_t m = lift->order, w = lift->width, first;
    *out = (zg_discrepancy){0};
    zg_status status = count_classes(problem, &first, error);
    if (status != ZG_OK) return status;
    double *v = zg_doubles(problem->samples);
    double *space = zg_doubles(m * m + w * w + 2 * w + zg_lift_work(lift)), lambda = INFINITY;
    *out = (zg_discrepancy){.first = first,
                            .second = problem->samples - first,
                            .u = zg_doubles(w),
                            .rho = zg_doubles(2 * lift->groups)};
    status = v && space && out->u && out->rho ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        contrast(problem, first, NULL, v);
        status = zg_lift_lambda(lift, problem->neuron_set, v, &lambda,
                                &(zg_slack_parts){.rho = out->rho});
    }
    for (size_t g = 0; g < lift->groups && status == ZG_OK; g++)
        status = look_at_group(problem, g, v, out->rho + 2 * g, space, out);
    double pairs = (double)out->first * (double)out->second;
    /* No network at all sees 0. */
    out->attained = out->attained > 0.0 ? zg_down(zg_down(out->attained) / pairs) : 0.0;
    out->bound = zg_up(lambda / pairs);
    free(v);
    free(space);
    if (status == ZG_OK && isfinite(out->bound)) return ZG_OK;
    zg_discrepancy_clear(out);
    if (status == ZG_NO_MEMORY) return zg_no_memory(error);
    return zg_fail(error, ZG_FAILED,
                   "the discrepancy is beyond the range of double precision; --standardize brings "
                   "the inputs to unit scale");
}

void zg_discrepancy_clear(zg_discrepancy *discrepancy)
{
    free(discrepancy->u);
    free(discrepancy->rho);
    *discrepancy = (zg_discrepancy){0};
}

zg_status zg_discrepancy_permute(const zg_problem *problem, double attained, size_t count,
                                 uint32_t seed, size_t *exceeding, zg_error *error)
{
    size_t n = problem->samples, first, *order = malloc(n * sizeof *order);
    double *v = zg_doubles(n);
    *exceeding = 0;
    zg_status status = order && v ? count_classes(problem, &first, error) : zg_no_memory(error);
    zg_random random;
    zg_random_seed(&random, seed);
    for (size_t k = 0; k < count && status == ZG_OK; k++) {
        double lambda;
        zg_random_permutation(&random, n, order);
        contrast(problem, first, order, v);
        status = zg_lift_lambda(problem->lift, problem->neuron_set, v, &lambda, NULL);
        double bound = zg_up(lambda / ((double)first * (double)(n - first)));
        *exceeding += !(bound < attained);
        if (status != ZG_OK)
            zg_fail(error, status, "the discrepancy of permutation %zu: %s", k + 1,
                    zg_status_message(status));
    }
    free(order);
    free(v);
    return status;
}

/* ---- the generator --------------------------------------------------------------------------- */

/* map = V diag(sqrt((w - eps)_+ / w)) V', of the eigendecomposition V, w. */
static void fill_map(size_t d, const double *vectors, const double *w, double eps,
                     zg_moment_generator *out)
{
    for (size_t k = 0; k < d; k++) {
        double left = w[k] - eps;
        if (!(left > 0.0)) continue;
        double root = sqrt(left / w[k]);
        out->rank++;
        out->trace += left;
        for (size_t j = 0; j < d; j++)
            zg_axpy(d, root * vectors[k * d + j], vectors + k * d, out->map + j * d);
    }
}

zg_status zg_moment_generator_create(size_t n, size_t inputs, const double *x, double eps,
                                     zg_moment_generator *out, zg_error *error)
{
    size_t d = inputs;
    double *s = zg_doubles(d * d + d), *w = s + d * d;
    *out = (zg_moment_generator){.inputs = d, .map = zg_doubles(d * d)};
    zg_status status = s && out->map ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        zg_gemm(false, true, d, d, n, 1.0 / (double)n, x, d, x, d, 0.0, s, d);
        status = zg_all_finite(d * d, s) ? zg_eigen(d, s, w) : ZG_FAILED;
    }
    if (status == ZG_OK) {
        fill_map(d, s, w, eps, out);
        /* S is off by (n + 8) u of its trace, the eigenvalues by 8 d u of it, the sum by d u. */
        double size = 0.0;
        for (size_t k = 0; k < d; k++)
            size += fabs(w[k]) + eps;
        double off = ((double)n + 16.0 * (double)d + 32.0) * DBL_EPSILON * size * (double)d;
        out->least = zg_lower_final(out->trace - off);
        if (!(out->least > 0.0)) out->least = 0.0;
    }
    free(s);
    if (status == ZG_OK) return ZG_OK;
    zg_moment_generator_clear(out);
    return status == ZG_NO_MEMORY
               ? zg_no_memory(error)
               : zg_fail(error, status,
                         "the second moments have no eigendecomposition in double "
                         "precision");
}

void zg_moment_generator_clear(zg_moment_generator *generator)
{
    free(generator->map);
    *generator = (zg_moment_generator){0};
}
