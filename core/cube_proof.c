/* Multipliers of binary neurons, strictly feasible (see cube_proof.h). */
#include "core/cube_proof.h"

#include "base/linalg.h"
#include "core/safe.h"
#include "core/support.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct work {
    const zg_program *program;
    bool pairs;
    size_t width, sides; /* sets of multipliers of a group */
    double *t, *s, *v, *rho, *scratch;
} work;

static bool work_create(const zg_program *program, work *w)
{
    const zg_lift *lift = program->lift;
    size_t m = lift->order;
    *w = (work){.program = program,
                .pairs = program->neuron_set.kind == ZG_SET_BILINEAR,
                .width = m - (lift->bordered ? 1 : 0)};
    w->sides = w->pairs ? 1 : 2;
    w->t = zg_doubles(m * m);
    w->s = zg_doubles(m * m);
    w->v = zg_doubles(lift->samples);
    w->rho = zg_doubles(2 * lift->groups * w->width);
    w->scratch = zg_doubles(zg_lift_work(lift));
    return w->t && w->s && w->v && w->rho && w->scratch;
}

static void work_clear(work *w)
{
    free(w->t);
    free(w->s);
    free(w->v);
    free(w->rho);
    free(w->scratch);
}

size_t zg_cube_proof_size(const zg_program *program)
{
    const zg_lift *lift = program->lift;
    bool pairs = program->neuron_set.kind == ZG_SET_BILINEAR;
    return (pairs ? 1 : 2) * lift->groups * (lift->order - (lift->bordered ? 1 : 0));
}

/* The multipliers of v as it is, and the largest response that they allow. */
static zg_status find(work *w, const double *v, double *rho, double *lambda)
{
    const zg_lift *lift = w->program->lift;
    zg_status status = ZG_OK;
    *lambda = 0.0;
    for (size_t g = 0; g < lift->groups && status == ZG_OK; g++) {
        double value[2];
        zg_lift_adjoint(lift, g, v, w->t, w->scratch);
        const zg_set_form form = {lift->order, lift->bordered, w->t,
                                  zg_lift_adjoint_error(lift, g, v)};
        status = zg_support_relaxed(w->program->neuron_set, &form, value, w->rho);
        if (w->pairs) value[1] = value[0]; /* the first sign's multipliers serve both */
        *lambda = zg_upper_max(*lambda, zg_upper_max(value[0], value[1]));
        memcpy(rho + g * w->sides * w->width, w->rho, w->sides * w->width * sizeof *rho);
    }
    return status == ZG_OK && !isfinite(*lambda) ? ZG_FAILED : status;
}

/* Whether Diag(rho, beta - sum rho / width) - sign T, or Diag(rho) - sign T with sum rho at most
 * width beta, is so by more than all that it and its factor can be off (as in proof.c). */
static bool cone_is_safe(const work *w, const double *rho, int sign, double error)
{
    const zg_lift *lift = w->program->lift;
    size_t m = lift->order;
    double beta = w->program->beta, sum = 0.0, size = beta;
    for (size_t k = 0; k < w->width; k++) {
        sum += rho[k];
        size += fabs(rho[k]);
    }
    double slack = (double)(m + 8) * DBL_EPSILON * size, trace = size;
    for (size_t a = 0; a < m; a++) {
        for (size_t b = 0; b < m; b++)
            w->s[a * m + b] = -sign * w->t[a * m + b];
        trace += fabs(w->t[a * m + a]);
        w->s[a * m + a] += a < w->width ? rho[a] : beta - sum / (double)w->width;
    }
    double margin = 2.0 * error + 2.0 * slack + 2.0 * (double)(m + 8) * DBL_EPSILON * trace;
    for (size_t a = 0; a < m; a++)
        w->s[a * m + a] -= margin;
    bool inside = lift->bordered || sum + slack <= (double)w->width * beta;
    return inside && zg_cholesky(m, w->s) == ZG_OK;
}

/* v and rho at share eta of the way to (0, beta / 2), which is strictly inside. */
static bool moved_is_safe(work *w, const double *v, const double *rho, double eta)
{
    const zg_lift *lift = w->program->lift;
    size_t count = zg_cube_proof_size(w->program);
    bool safe = true;
    for (size_t i = 0; i < lift->samples; i++)
        w->v[i] = (1.0 - eta) * v[i];
    for (size_t k = 0; k < count; k++)
        w->rho[k] = (1.0 - eta) * rho[k] + eta * w->program->beta / 2.0;
    for (size_t g = 0; g < lift->groups && safe; g++) {
        double error = zg_lift_adjoint_error(lift, g, w->v);
        zg_lift_adjoint(lift, g, w->v, w->t, w->scratch);
        for (size_t side = 0; side < 2 && safe; side++) {
            size_t first = (g * w->sides + (w->pairs ? 0 : side)) * w->width;
            safe = cone_is_safe(w, w->rho + first, side ? -1 : 1, error);
        }
    }
    return safe;
}

static void move_inside(work *w, double *v, double *rho)
{
    double eta = 1e-14;
    while (eta < 1.0 && !moved_is_safe(w, v, rho, eta))
        eta *= 4.0;
    if (eta >= 1.0) (void)moved_is_safe(w, v, rho, 1.0);
    memcpy(v, w->v, w->program->lift->samples * sizeof *v);
    memcpy(rho, w->rho, zg_cube_proof_size(w->program) * sizeof *rho);
}

/* Both by |s|; a negative s exchanges the two sides. */
static void scale(const work *w, double s, double *v, double *rho)
{
    size_t groups = w->program->lift->groups, width = w->width;
    for (size_t i = 0; i < w->program->lift->samples; i++)
        v[i] *= s;
    for (size_t k = 0; k < groups * w->sides * width; k++)
        rho[k] *= fabs(s);
    for (size_t g = 0; g < groups && s < 0.0 && !w->pairs; g++)
        for (size_t k = 0; k < width; k++) {
            double *a = rho + 2 * g * width + k, kept = *a;
            *a = a[width];
            a[width] = kept;
        }
}

zg_status zg_cube_proof(const zg_program *program, double *v, double *rho, double *lower,
                        double *before)
{
    size_t n = program->lift->samples;
    work w;
    double lambda = 0.0;
    zg_status status = work_create(program, &w) ? ZG_OK : ZG_NO_MEMORY;
    zg_loss_project(program->loss, n, v, program->y, program->weights);
    if (status == ZG_OK) status = find(&w, v, rho, &lambda);
    if (status == ZG_OK) {
        double limit = zg_quotient_below(program->beta, lambda);
        double s = zg_loss_best_scale(program->loss, n, v, program->y, program->weights, limit);
        *before = zg_loss_dual_below(program->loss, n, s, v, program->y, program->weights);
        if (!(*before > 0.0)) s = *before = 0.0; /* v = 0 does better */
        scale(&w, s, v, rho);
        zg_loss_project(program->loss, n, v, program->y, program->weights);
        move_inside(&w, v, rho);
        *lower = zg_loss_dual_below(program->loss, n, 1.0, v, program->y, program->weights);
    }
    work_clear(&w);
    return status;
}
