/* The matrix inequalities of a robust program, one per ball (see robust_parts.h). */
#include "base/linalg.h"
#include "solvers/robust_parts.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 128

/* ---- memory ---------------------------------------------------------------------------------- */

double zg_robust_ipm_bytes(const zg_problem *problem, size_t rows)
{
    bool labels = zg_loss_has(problem->loss.kind, ZG_LOSS_LABELLED);
    double n = (double)rows, order = (double)problem->inputs + 1;
    double count = (labels ? 1 : 2) * n, packed = order * (order + 1) / 2;
    return 8 * (3 * count * order * order + (count + n) * packed + 14 * packed * packed);
}

/* Which samples have balls, once for each side of their loss. */
static void list_owners(const zg_robust_ipm *ipm, const bool *whole, zg_robust_balls *b)
{
    size_t sides = zg_loss_has(ipm->problem->loss.kind, ZG_LOSS_LABELLED) ? 1 : 2;
    for (size_t side = 0; side < sides; side++)
        for (size_t i = 0; i < ipm->problem->samples; i++)
            if (!whole || whole[i]) b->owner[b->count++] = i;
}

zg_status zg_balls_create(zg_robust_ipm *ipm, const bool *whole)
{
    zg_robust_balls *b = &ipm->balls;
    size_t order = ipm->problem->inputs + 1, block = order * order, packed = zg_svec_size(order);
    b->owner = calloc(2 * ipm->problem->samples, sizeof *b->owner);
    if (!b->owner) return ZG_NO_MEMORY;
    list_owners(ipm, whole, b);
    size_t count = b->count;
    if (count == 0) return ZG_OK;
    *b = (zg_robust_balls){.count = count,
                           .order = order,
                           .owner = b->owner,
                           .p = zg_doubles(count * block),
                           .inverse = zg_doubles(count * block),
                           .r = zg_doubles(count * block),
                           .lambda = calloc(count, sizeof *b->lambda),
                           .ll = zg_doubles(3 * count),
                           .work = zg_doubles(8 * block),
                           .packed = zg_doubles(2 * BATCH * packed),
                           .sums = zg_doubles(packed * packed)};
    if (!b->p || !b->inverse || !b->r || !b->lambda || !b->ll || !b->work || !b->packed || !b->sums)
        return ZG_NO_MEMORY;
    b->lu = b->ll + count;
    b->right = b->lu + count;
    double radius = ipm->problem->robust, square = radius * radius;
    for (size_t k = 0; k < count; k++) {
        double *p = b->p + k * block;
        for (size_t j = 0; j + 1 < order; j++)
            p[j * order + j] = 0.1 * fmin(1.0, square);
        p[block - 1] = 0.5 * ipm->sample[zg_ball_sample(ipm, k)].weight;
        b->lambda[k] = (zg_pair){.value = 1.0, .dual = 0.1};
    }
    return ZG_OK;
}

void zg_balls_clear(zg_robust_balls *balls)
{
    free(balls->owner);
    free(balls->p);
    free(balls->inverse);
    free(balls->r);
    free(balls->lambda);
    free(balls->ll);
    free(balls->work);
    free(balls->packed);
    free(balls->sums);
}

/* ---- one ball -------------------------------------------------------------------------------- */

size_t zg_ball_sample(const zg_robust_ipm *ipm, size_t k)
{
    return ipm->balls.owner[k];
}

double zg_ball_sign(const zg_robust_ipm *ipm, size_t k)
{
    const zg_problem *p = ipm->problem;
    if (zg_loss_has(p->loss.kind, ZG_LOSS_LABELLED)) return p->y[ipm->balls.owner[k]];
    return k < ipm->balls.count / 2 ? 1.0 : -1.0;
}

double zg_ball_offset(const zg_robust_ipm *ipm, size_t k)
{
    const zg_problem *p = ipm->problem;
    if (zg_loss_has(p->loss.kind, ZG_LOSS_LABELLED)) return 0.0;
    return zg_ball_sign(ipm, k) * p->y[zg_ball_sample(ipm, k)];
}

void zg_ball_form_of(zg_robust_ipm *ipm, const double *difference, double *out)
{
    const zg_coordinates *c = &ipm->coordinates;
    size_t m = c->order, order = ipm->problem->inputs + 1, d = order - 1;
    zg_activation s = ipm->problem->activation;
    double *z = ipm->scratch, *packed = z + m * m;
    zg_coordinates_matrix(c, difference, z, packed);
    memset(out, 0, order * order * sizeof *out);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < m; i++) {
            double factor = i < d && j < d ? s.a : i < d || j < d ? 0.5 * s.b : s.c;
            out[j * order + i] = factor * z[j * m + i];
        }
}

/* out = c T' form T + lambda diag(I, -r^2) + corner E. */
static void shifted_form(const zg_robust_ipm *ipm, size_t k, const double *form, double lambda,
                         double corner, double *out)
{
    const zg_problem *problem = ipm->problem;
    size_t order = ipm->balls.order, d = order - 1;
    const double *x = problem->x + zg_ball_sample(ipm, k) * d;
    double sign = zg_ball_sign(ipm, k), square = problem->robust * problem->robust;
    double *edge = out + d * order;
    for (size_t e = 0; e < order * d; e++)
        out[e] = sign * form[e];
    for (size_t i = 0; i < d; i++)
        edge[i] = sign * (form[d * order + i] + zg_dot(d, form + i * order, x));
    double ends = zg_dot(d, edge, x) + sign * zg_dot(d, form + d * order, x);
    for (size_t i = 0; i < d; i++) {
        out[i * order + d] = edge[i];
        out[i * order + i] += lambda;
    }
    edge[d] = ends + sign * form[order * order - 1] - lambda * square + corner;
}

static void slack_of(const zg_robust_ipm *ipm, size_t k, double *out)
{
    double corner = ipm->sample[zg_ball_sample(ipm, k)].u - zg_ball_offset(ipm, k);
    shifted_form(ipm, k, ipm->form, ipm->balls.lambda[k].value, corner, out);
}

/* out = T a T'. */
static void lifted(const zg_robust_ipm *ipm, size_t k, const double *a, double *out)
{
    size_t order = ipm->balls.order, d = order - 1;
    const double *x = ipm->problem->x + zg_ball_sample(ipm, k) * d, *edge = a + d * order;
    double corner = edge[d];
    for (size_t j = 0; j < d; j++) {
        double shift = edge[j] + corner * x[j];
        for (size_t i = 0; i < d; i++)
            out[j * order + i] = a[j * order + i] + x[j] * edge[i] + shift * x[i];
    }
    for (size_t j = 0; j < d; j++)
        out[j * order + d] = out[d * order + j] = edge[j] + corner * x[j];
    out[order * order - 1] = corner;
}

static void symmetrise(size_t order, double *a)
{
    for (size_t j = 0; j < order; j++)
        for (size_t i = 0; i < j; i++)
            a[j * order + i] = a[i * order + j] = 0.5 * (a[j * order + i] + a[i * order + j]);
}

/* <diag(I, -r^2), a> */
static double ball_trace(const zg_robust_ipm *ipm, const double *a)
{
    size_t order = ipm->balls.order;
    double sum = -ipm->problem->robust * ipm->problem->robust * a[order * order - 1];
    for (size_t j = 0; j + 1 < order; j++)
        sum += a[j * order + j];
    return sum;
}

/* The gradient in coordinates of <T a T', c M(Z - Z')>, times factor, added to out. */
static void add_gradient(zg_robust_ipm *ipm, size_t k, const double *a, double factor, double *out)
{
    const zg_coordinates *c = &ipm->coordinates;
    size_t order = ipm->balls.order, d = order - 1, m = c->order, s = 0;
    zg_activation act = ipm->problem->activation;
    double *full = ipm->balls.work + 7 * order * order, *packed = ipm->scratch;
    lifted(ipm, k, a, full);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i <= j; i++, s++) {
            double scale = i < d && j < d ? act.a : i < d ? 0.5 * act.b : act.c;
            packed[s] = scale * (i < j ? M_SQRT2 : 1.0) * full[j * order + i];
        }
    zg_coordinates_gradient(c, packed, factor * zg_ball_sign(ipm, k), out);
}

/* ---- the passes ------------------------------------------------------------------------------ */

static zg_status invert(size_t order, double *a)
{
    int info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', (int)order, a, (int)order);
    if (info == 0) info = LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 'L', (int)order, a, (int)order);
    for (size_t j = 0; info == 0 && j < order; j++)
        for (size_t i = j + 1; i < order; i++)
            a[i * order + j] = a[j * order + i];
    return info == 0 && isfinite(a[0]) ? ZG_OK : ZG_FAILED;
}

/* Lower triangles of T a T' in the order of svec. */
static void pack(zg_robust_ipm *ipm, size_t k, const double *a, double *out)
{
    size_t order = ipm->balls.order;
    double *full = ipm->balls.work + 7 * order * order;
    lifted(ipm, k, a, full);
    for (size_t j = 0; j < order; j++)
        for (size_t i = 0; i <= j; i++)
            *out++ = full[j * order + i];
}

/* The couplings of one ball: lambda's column of the elimination, and its share of u's. */
static void couple(zg_robust_ipm *ipm, size_t k)
{
    zg_robust_balls *b = &ipm->balls;
    size_t order = b->order, block = order * order, n = ipm->unknowns;
    size_t i = zg_ball_sample(ipm, k);
    const double *p = b->p + k * block, *inverse = b->inverse + k * block;
    double square = ipm->problem->robust * ipm->problem->robust;
    double *pj = b->work, *pjs = pj + block, *pes = pjs + block;
    memcpy(pj, p, block * sizeof *p);
    for (size_t r = 0; r < order; r++)
        pj[(order - 1) * order + r] *= -square;
    zg_gemm(false, false, order, order, order, 1.0, pj, order, inverse, order, 0.0, pjs, order);
    for (size_t c = 0; c < order; c++)
        for (size_t r = 0; r < order; r++)
            pes[c * order + r] = p[(order - 1) * order + r] * inverse[c * order + order - 1];
    double ll = ball_trace(ipm, pjs) + b->lambda[k].dual / b->lambda[k].value;
    double lu = ball_trace(ipm, pes);
    symmetrise(order, pjs);
    symmetrise(order, pes);
    b->ll[k] = ll;
    b->lu[k] = lu;
    double *own = ipm->coupling + k * n, *shared = ipm->coupling + (b->count + i) * n;
    memset(own, 0, n * sizeof *own);
    add_gradient(ipm, k, pjs, 1.0 / sqrt(ll), own);
    add_gradient(ipm, k, pes, 1.0, shared);
    zg_axpy(n, -lu / sqrt(ll), own, shared);
    ipm->sample[i].curvature += p[block - 1] * inverse[block - 1] - lu * lu / ll;
}

zg_status zg_balls_factor(zg_robust_ipm *ipm, double *sum)
{
    zg_robust_balls *b = &ipm->balls;
    size_t order = b->order, block = order * order, packed = zg_svec_size(order);
    memset(b->sums, 0, packed * packed * sizeof *b->sums);
    for (size_t first = 0; first < b->count; first += BATCH) {
        size_t count = b->count - first < BATCH ? b->count - first : BATCH;
        if (zg_robust_late(ipm)) return ZG_TIMEOUT;
        for (size_t e = 0; e < count; e++) {
            size_t k = first + e;
            double *inverse = b->inverse + k * block;
            slack_of(ipm, k, inverse);
            *sum +=
                zg_inner(order, b->p + k * block, inverse) + b->lambda[k].value * b->lambda[k].dual;
            if (invert(order, inverse) != ZG_OK) return ZG_FAILED;
            pack(ipm, k, b->p + k * block, b->packed + e * packed);
            pack(ipm, k, inverse, b->packed + (BATCH + e) * packed);
            couple(ipm, k);
        }
        zg_gemm(false, true, packed, packed, count, 1.0, b->packed, packed,
                b->packed + BATCH * packed, packed, 1.0, b->sums, packed);
    }
    return ZG_OK;
}

void zg_balls_target(zg_robust_ipm *ipm, double centring, bool corrector)
{
    zg_robust_balls *b = &ipm->balls;
    size_t order = b->order, block = order * order;
    double *slack = b->work, *product = slack + block, *target = product + block;
    double *total = b->work + 5 * block;
    for (size_t k = 0; k < b->count; k++) {
        double *r = b->r + k * block;
        zg_pair *lambda = &b->lambda[k];
        zg_robust_sample *sample = &ipm->sample[zg_ball_sample(ipm, k)];
        double second = 0.0;
        memset(target, 0, block * sizeof *target);
        if (corrector) { /* r holds the predictor's change of P, form its change of M */
            shifted_form(ipm, k, total, lambda->change, sample->du, slack);
            zg_gemm(false, false, order, order, order, 1.0, r, order, slack, order, 0.0, product,
                    order);
            zg_gemm(false, false, order, order, order, -1.0, product, order, b->inverse + k * block,
                    order, 0.0, target, order);
            symmetrise(order, target);
            second = lambda->change * lambda->dual_change / lambda->value;
        }
        zg_axpy(block, centring, b->inverse + k * block, target);
        memcpy(r, target, block * sizeof *r);
        b->right[k] = ball_trace(ipm, r) + centring / lambda->value - second;
        sample->right += r[block - 1] - b->lu[k] / b->ll[k] * b->right[k];
        add_gradient(ipm, k, r, 1.0, ipm->gradient);
        /* lambda is eliminated: its part of the right-hand side. */
        zg_axpy(ipm->unknowns, -b->right[k] / sqrt(b->ll[k]), ipm->coupling + k * ipm->unknowns,
                ipm->gradient);
        lambda->dual_change = centring / lambda->value - second - lambda->dual;
    }
}

void zg_balls_direction(zg_robust_ipm *ipm, double sums[3])
{
    zg_robust_balls *b = &ipm->balls;
    size_t order = b->order, block = order * order, n = ipm->unknowns;
    const double *difference = ipm->gradient; /* of the changes of Z and Z' */
    double *change = b->work, *product = change + block, *slack = product + block;
    double *form = b->work + 5 * block;
    zg_ball_form_of(ipm, difference, form);
    for (size_t k = 0; k < b->count; k++) {
        double *r = b->r + k * block;
        const double *p = b->p + k * block, *inverse = b->inverse + k * block;
        zg_pair *lambda = &b->lambda[k];
        double du = ipm->sample[zg_ball_sample(ipm, k)].du;
        double along = sqrt(b->ll[k]) * zg_dot(n, ipm->coupling + k * n, difference);
        lambda->change = (b->right[k] - along - b->lu[k] * du) / b->ll[k];
        lambda->dual_change -= lambda->dual * lambda->change / lambda->value;
        shifted_form(ipm, k, form, lambda->change, du, change);
        zg_gemm(false, false, order, order, order, 1.0, p, order, change, order, 0.0, product,
                order);
        zg_gemm(false, false, order, order, order, -1.0, product, order, inverse, order, 0.0, slack,
                order);
        symmetrise(order, slack);
        for (size_t e = 0; e < block; e++)
            r[e] += slack[e] - p[e];
        slack_of(ipm, k, slack);
        sums[0] += zg_inner(order, p, change) + lambda->dual * lambda->change;
        sums[1] += zg_inner(order, r, slack) + lambda->dual_change * lambda->value;
        sums[2] += zg_inner(order, r, change) + lambda->dual_change * lambda->change;
    }
}

/* Shrinks *step until base + *step change has a Cholesky factor. */
static void limit_matrix(size_t order, const double *base, const double *change, double *work,
                         double *step)
{
    for (;; *step *= ZG_STEP_FACTOR) {
        for (size_t e = 0; e < order * order; e++)
            work[e] = base[e] + *step * change[e];
        int info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', (int)order, work, (int)order);
        if (info == 0 && isfinite(work[order * order - 1])) return;
        if (*step < 1e-12) {
            *step = 0.0;
            return;
        }
    }
}

void zg_pair_limit(const zg_pair *pair, double *primal, double *dual)
{
    if (pair->change < 0.0 && pair->value + *primal * pair->change < 0.0)
        *primal = -pair->value / pair->change;
    if (pair->dual_change < 0.0 && pair->dual + *dual * pair->dual_change < 0.0)
        *dual = -pair->dual / pair->dual_change;
}

void zg_balls_limit(zg_robust_ipm *ipm, double *primal, double *dual)
{
    zg_robust_balls *b = &ipm->balls;
    size_t order = b->order, block = order * order;
    double *slack = b->work, *change = slack + block, *work = change + block;
    const double *form = b->work + 5 * block; /* left there by the direction */
    for (size_t k = 0; k < b->count; k++) {
        zg_pair_limit(&b->lambda[k], primal, dual);
        slack_of(ipm, k, slack);
        shifted_form(ipm, k, form, b->lambda[k].change, ipm->sample[zg_ball_sample(ipm, k)].du,
                     change);
        limit_matrix(order, slack, change, work, primal);
        limit_matrix(order, b->p + k * block, b->r + k * block, work, dual);
    }
}

void zg_balls_advance(zg_robust_ipm *ipm, double primal, double dual)
{
    zg_robust_balls *b = &ipm->balls;
    size_t block = b->order * b->order;
    zg_axpy(b->count * block, dual, b->r, b->p);
    for (size_t k = 0; k < b->count; k++) {
        b->lambda[k].value += primal * b->lambda[k].change;
        b->lambda[k].dual += dual * b->lambda[k].dual_change;
    }
}
