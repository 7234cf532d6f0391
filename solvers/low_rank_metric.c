/* The metric of a descent (see low_rank_metric.h). */
#include "solvers/low_rank_metric.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void free_all(double **list, size_t count)
{
    for (size_t k = 0; list && k < count; k++)
        free(list[k]);
    free(list);
}

static zg_status group_moments(const zg_lift *lift, size_t g, const double *ones, double *work,
                               zg_metric *m)
{
    size_t w = lift->width, order = lift->order;
    m->axes[g] = zg_doubles(w * w);
    m->spectrum[g] = zg_doubles(w);
    m->moments[g] = zg_doubles(order * order);
    if (!m->axes[g] || !m->spectrum[g] || !m->moments[g]) return ZG_NO_MEMORY;
    zg_lift_adjoint(lift, g, ones, m->moments[g], work);
    for (size_t j = 0; j < w; j++)
        for (size_t i = 0; i < w; i++)
            m->axes[g][j * w + i] = m->moments[g][j * order + i] /= lift->activation.a;
    double half = 0.5 * lift->activation.b;
    for (size_t i = 0; lift->bordered && i < w; i++)
        m->moments[g][w * order + i] = half != 0.0 ? m->moments[g][w * order + i] / half : 0.0;
    return zg_eigen(w, m->axes[g], m->spectrum[g]);
}

zg_status zg_metric_create(const zg_lift *lift, zg_metric **out)
{
    size_t n = lift->samples, cones = 2 * lift->groups;
    zg_metric *m = calloc(1, sizeof *m);
    if (!m) return ZG_NO_MEMORY;
    *m = (zg_metric){.groups = lift->groups,
                     .width = lift->width,
                     .order = lift->order,
                     .axes = calloc(lift->groups, sizeof *m->axes),
                     .spectrum = calloc(lift->groups, sizeof *m->spectrum),
                     .moments = calloc(lift->groups, sizeof *m->moments),
                     .cones = cones,
                     .turn = calloc(cones, sizeof *m->turn),
                     .scale = calloc(cones, sizeof *m->scale)};
    double *ones = zg_doubles(n), *work = zg_doubles(zg_lift_work(lift));
    bool complete = m->axes && m->spectrum && m->moments && m->turn && m->scale && ones && work;
    zg_status status = complete ? ZG_OK : ZG_NO_MEMORY;
    for (size_t i = 0; complete && i < n; i++)
        ones[i] = 1.0;
    for (size_t g = 0; status == ZG_OK && g < lift->groups; g++)
        status = group_moments(lift, g, ones, work, m);
    free(ones);
    free(work);
    *out = m;
    if (status == ZG_OK) return ZG_OK;
    zg_metric_free(m);
    *out = NULL;
    return status;
}

void zg_metric_free(zg_metric *m)
{
    if (!m) return;
    free_all(m->axes, m->groups);
    free_all(m->spectrum, m->groups);
    free_all(m->moments, m->groups);
    free_all(m->turn, m->cones);
    free_all(m->scale, m->cones);
    free(m);
}

/* A (columns x columns) of one cone, from C and the sum of the rows. */
static void responses(const zg_metric *metric, const zg_factor *factor, size_t cone,
                      const double *w, double *a, double *cw)
{
    const zg_lift *lift = factor->program->lift;
    size_t d = metric->width, m = factor->columns[cone], order = metric->order;
    const double *c = metric->moments[cone / 2];
    double n = (double)zg_team_total(lift->team, lift->samples), two_a = 2.0 * lift->activation.a;
    zg_gemm(false, false, d, m, d, 1.0, c, order, w, d, 0.0, cw, d);
    zg_gemm(true, false, m, m, d, two_a * two_a / n, w, d, cw, d, 0.0, a, m);
    if (!lift->bordered) return;
    double shift = lift->activation.b * zg_norm(d * m, w);
    for (size_t j = 0; j < m; j++) {
        double along = two_a * shift / n * zg_dot(d, c + d * order, w + j * d);
        a[j] += along;
        a[j * m] += along;
    }
    a[0] += shift * shift;
}

static zg_status fit_cone(zg_metric *metric, const zg_factor *factor, size_t cone, const double *w,
                          double damping)
{
    size_t d = metric->width, m = factor->columns[cone];
    free(metric->turn[cone]);
    free(metric->scale[cone]);
    double *u = metric->turn[cone] = zg_doubles(m * m);
    double *scale = metric->scale[cone] = zg_doubles(d * m);
    double *e = zg_doubles(m);
    zg_status status = u && scale && e ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        responses(metric, factor, cone, w, u, scale);
        status = zg_eigen(m, u, e);
    }
    for (size_t j = 0; status == ZG_OK && j < m; j++)
        for (size_t k = 0; k < d; k++) {
            double curvature = fmax(e[j], 0.0) * fmax(metric->spectrum[cone / 2][k], 0.0);
            scale[j * d + k] = 1.0 / sqrt(curvature + damping);
        }
    free(e);
    return status;
}

zg_status zg_metric_fit(zg_metric *metric, const zg_factor *factor, const double *w, double damping)
{
    zg_status status = ZG_OK;
    for (size_t k = 0; status == ZG_OK && k < metric->cones; k++)
        status = fit_cone(metric, factor, k, w + factor->offset[k], damping);
    return status;
}

/* ---- changes of coordinates -------------------------------------------------------------------- */

void zg_metric_point(const zg_metric *metric, const zg_factor *factor, const double *s, double *w,
                     double *work)
{
    size_t d = metric->width;
    for (size_t k = 0; k < metric->cones; k++) {
        size_t m = factor->columns[k], at = factor->offset[k];
        for (size_t i = 0; i < d * m; i++)
            w[at + i] = metric->scale[k][i] * s[at + i];
        zg_gemm(false, true, d, m, m, 1.0, w + at, d, metric->turn[k], m, 0.0, work, d);
        zg_gemm(false, false, d, m, d, 1.0, metric->axes[k / 2], d, work, d, 0.0, w + at, d);
    }
}

/* V' w U of one cone. */
static void turn_back(const zg_metric *metric, size_t cone, size_t m, const double *w, double *out,
                      double *work)
{
    size_t d = metric->width;
    zg_gemm(true, false, d, m, d, 1.0, metric->axes[cone / 2], d, w, d, 0.0, work, d);
    zg_gemm(false, false, d, m, m, 1.0, work, d, metric->turn[cone], m, 0.0, out, d);
}

void zg_metric_coordinates(const zg_metric *metric, const zg_factor *factor, const double *w,
                           double *s, double *work)
{
    for (size_t k = 0; k < metric->cones; k++) {
        size_t m = factor->columns[k], at = factor->offset[k];
        turn_back(metric, k, m, w + at, s + at, work);
        for (size_t i = 0; i < metric->width * m; i++)
            s[at + i] /= metric->scale[k][i];
    }
}

void zg_metric_gradient(const zg_metric *metric, const zg_factor *factor, const double *by_w,
                        double *by_s, double *work)
{
    for (size_t k = 0; k < metric->cones; k++) {
        size_t m = factor->columns[k], at = factor->offset[k];
        turn_back(metric, k, m, by_w + at, by_s + at, work);
        for (size_t i = 0; i < metric->width * m; i++)
            by_s[at + i] *= metric->scale[k][i];
    }
}
