/* The iteration of the robust interior-point method (see robust_ipm.h). */
#include "base/linalg.h"
#include "solvers/robust_parts.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Least centring, and solves that refine a solution. */
#define LEAST_CENTRING 1e-3
#define REFINEMENTS 2

/* ---- the cost of a sample -------------------------------------------------------------------- */

static bool is_bounded(const zg_robust_ipm *ipm)
{
    zg_loss_kind kind = ipm->problem->loss.kind;
    return zg_loss_has(kind, ZG_LOSS_LABELLED) && !zg_loss_has(kind, ZG_LOSS_ENTROPY);
}

static bool is_split(const zg_robust_ipm *ipm)
{
    return zg_loss_has(ipm->problem->loss.kind, ZG_LOSS_THRESHOLD);
}

/* psi and its derivatives at u, within what the inequalities allow. */
static double cost_of(const zg_robust_ipm *ipm, const zg_robust_sample *s, double *slope,
                      double *curvature)
{
    zg_loss loss = ipm->problem->loss;
    bool curved = zg_loss_has(loss.kind, ZG_LOSS_CURVED);
    double w = s->weight, u = s->u;
    if (zg_loss_has(loss.kind, ZG_LOSS_ENTROPY)) {
        double p = u > 0 ? 1 / (1 + exp(-u)) : exp(u) / (1 + exp(u));
        *slope = w * p;
        *curvature = w * p * (1 - p);
        return w * ((u > 0 ? u : 0) + log1p(exp(-fabs(u))));
    }
    double base = is_bounded(ipm) ? 1 + u : is_split(ipm) ? u - s->excess.value : u;
    *slope = curved ? w * base : w;
    *curvature = curved ? w : 0.0;
    double extra = is_split(ipm) ? w * loss.delta * s->excess.value : 0.0;
    return (curved ? 0.5 * w * base * base : w * base) + extra;
}

/* huber: the slope of the cost in `excess`, and the curvature of the pair. */
static double excess_right(const zg_robust_ipm *ipm, const zg_robust_sample *s, double barrier)
{
    return s->weight * (s->u - s->excess.value - ipm->problem->loss.delta) + barrier;
}

static double excess_curvature(const zg_robust_sample *s)
{
    return s->weight + s->excess.dual / s->excess.value;
}

/* mu / value - (the corrector's product) / value. */
static double barrier_of(const zg_pair *pair, double centring, bool corrector)
{
    double second = corrector ? pair->change * pair->dual_change : 0.0;
    return (centring - second) / pair->value;
}

static void start_samples(zg_robust_ipm *ipm)
{
    const zg_problem *p = ipm->problem;
    for (size_t i = 0; i < p->samples; i++) {
        zg_robust_sample *s = &ipm->sample[i];
        bool labels = zg_loss_has(p->loss.kind, ZG_LOSS_LABELLED);
        s->weight = p->weights ? p->weights[i] : 1.0;
        s->u = 1.0 + p->robust * p->robust + (labels ? 0.0 : fabs(p->y[i]));
        s->bound = (zg_pair){.value = 1.0 + s->u, .dual = 0.5 * s->weight};
        s->excess = (zg_pair){.value = fmin(1.0, 0.5 * s->u), .dual = 0.5 * s->weight};
    }
}

/* Curvature of u's own terms, and the complementarity of its inequalities. */
static double factor_samples(zg_robust_ipm *ipm)
{
    double sum = 0.0;
    for (size_t i = 0; i < ipm->problem->samples; i++) {
        zg_robust_sample *s = &ipm->sample[i];
        double slope;
        (void)cost_of(ipm, s, &slope, &s->curvature);
        if (is_bounded(ipm)) {
            s->bound.value = 1.0 + s->u;
            s->curvature += s->bound.dual / s->bound.value;
            sum += s->bound.value * s->bound.dual;
        }
        if (is_split(ipm)) {
            s->curvature -= s->weight * s->weight / excess_curvature(s);
            sum += s->excess.value * s->excess.dual;
        }
    }
    return sum;
}

static void target_samples(zg_robust_ipm *ipm, double centring, bool corrector)
{
    for (size_t i = 0; i < ipm->problem->samples; i++) {
        zg_robust_sample *s = &ipm->sample[i];
        double slope, curvature;
        (void)cost_of(ipm, s, &slope, &curvature);
        s->right = -slope;
        if (is_bounded(ipm)) {
            double barrier = barrier_of(&s->bound, centring, corrector);
            s->right += barrier;
            s->bound.dual_change = barrier - s->bound.dual;
        }
        if (is_split(ipm)) {
            double barrier = barrier_of(&s->excess, centring, corrector);
            s->excess.dual_change = barrier - s->excess.dual;
            s->excess.change = excess_right(ipm, s, barrier);
            s->right += s->weight * s->excess.change / excess_curvature(s);
        }
    }
}

/* From the change of Z - Z' to that of u; what u's inequalities add to the sums. */
static void direct_samples(zg_robust_ipm *ipm, double sums[3])
{
    size_t n = ipm->unknowns;
    for (size_t i = 0; i < ipm->problem->samples; i++) {
        zg_robust_sample *s = &ipm->sample[i];
        const double *row = ipm->coupling + (ipm->balls.count + i) * n;
        double along = sqrt(s->curvature) * zg_dot(n, row, ipm->gradient);
        s->du = (s->right - along) / s->curvature;
        zg_pair *pairs[] = {is_bounded(ipm) ? &s->bound : NULL, is_split(ipm) ? &s->excess : NULL};
        if (pairs[0]) s->bound.change = s->du;
        if (pairs[1])
            s->excess.change = (s->excess.change + s->weight * s->du) / excess_curvature(s);
        for (int k = 0; k < 2; k++) {
            zg_pair *pair = pairs[k];
            if (!pair) continue;
            pair->dual_change -= pair->dual * pair->change / pair->value;
            sums[0] += pair->dual * pair->change;
            sums[1] += pair->dual_change * pair->value;
            sums[2] += pair->dual_change * pair->change;
        }
    }
}

/* ---- copies ---------------------------------------------------------------------------------- */

static zg_status create_copies(zg_robust_ipm *ipm, const zg_attacks *given)
{
    const zg_problem *problem = ipm->problem;
    zg_robust_copies *c = &ipm->copies;
    size_t count = given->count, q = ipm->coordinates.packed;
    *c = (zg_robust_copies){.given = given,
                            .count = count,
                            .features = zg_doubles(count * ipm->unknowns),
                            .sign = zg_doubles(3 * count),
                            .slack = calloc(count ? count : 1, sizeof *c->slack)};
    double *phi = zg_doubles(count * q), *row = zg_doubles(q);
    size_t *shared = calloc(problem->samples, sizeof *shared);
    zg_lift *lift = NULL;
    zg_status status =
        c->features && c->sign && c->slack && phi && row && shared ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) status = zg_attacks_lift(problem, given, &lift);
    if (status == ZG_OK) {
        c->offset = c->sign + count;
        c->r = c->offset + count;
    }
    for (size_t g = 0; status == ZG_OK && g < ipm->groups; g++) {
        zg_lift_features(lift, g, phi, count);
        for (size_t k = 0; k < count; k++) {
            for (size_t t = 0; t < q; t++)
                row[t] = phi[t * count + k];
            zg_coordinates_gradient(&ipm->coordinates, row, given->v[k] > 0 ? 1.0 : -1.0,
                                    c->features + k * ipm->unknowns + g * ipm->coordinates.count);
        }
    }
    bool labels = zg_loss_has(problem->loss.kind, ZG_LOSS_LABELLED);
    for (size_t k = 0; status == ZG_OK && k < count; k++)
        shared[given->owner[k]]++;
    for (size_t k = 0; status == ZG_OK && k < count; k++) {
        size_t i = given->owner[k];
        c->sign[k] = given->v[k] > 0 ? 1.0 : -1.0;
        c->offset[k] = labels ? 0.0 : c->sign[k] * problem->y[i];
        c->slack[k].dual = 0.5 * ipm->sample[i].weight / (double)shared[i];
    }
    zg_lift_free(lift);
    free(phi);
    free(row);
    free(shared);
    return status;
}

/* Slacks, couplings and curvature; difference: coordinates of Z - Z'. */
static double factor_copies(zg_robust_ipm *ipm, const double *difference)
{
    zg_robust_copies *c = &ipm->copies;
    size_t n = ipm->unknowns;
    double sum = 0.0;
    for (size_t k = 0; k < c->count; k++) {
        size_t i = c->given->owner[k];
        const double *row = c->features + k * n;
        zg_pair *s = &c->slack[k];
        s->value = zg_dot(n, row, difference) + ipm->sample[i].u - c->offset[k];
        sum += s->value * s->dual;
        double curvature = s->dual / s->value;
        ipm->sample[i].curvature += curvature;
        zg_axpy(n, curvature, row, ipm->coupling + (ipm->balls.count + i) * n);
    }
    return sum;
}

/* reduced += features diag(dual / slack) features' (lower triangle). */
static zg_status add_copies(zg_robust_ipm *ipm)
{
    zg_robust_copies *c = &ipm->copies;
    size_t n = ipm->unknowns;
    if (c->count == 0) return ZG_OK;
    double *scaled = malloc(c->count * n * sizeof *scaled);
    if (!scaled) return ZG_NO_MEMORY;
    for (size_t k = 0; k < c->count; k++) {
        double root = sqrt(c->slack[k].dual / c->slack[k].value);
        for (size_t t = 0; t < n; t++)
            scaled[k * n + t] = root * c->features[k * n + t];
    }
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, (int)n, (int)c->count, 1.0, scaled, (int)n,
                1.0, ipm->reduced, (int)n);
    free(scaled);
    return ZG_OK;
}

static void target_copies(zg_robust_ipm *ipm, double centring, bool corrector)
{
    zg_robust_copies *c = &ipm->copies;
    for (size_t k = 0; k < c->count; k++) {
        c->r[k] = barrier_of(&c->slack[k], centring, corrector);
        ipm->sample[c->given->owner[k]].right += c->r[k];
        zg_axpy(ipm->unknowns, c->r[k], c->features + k * ipm->unknowns, ipm->gradient);
    }
}

static void direct_copies(zg_robust_ipm *ipm, double sums[3])
{
    zg_robust_copies *c = &ipm->copies;
    for (size_t k = 0; k < c->count; k++) {
        zg_pair *s = &c->slack[k];
        s->change = zg_dot(ipm->unknowns, c->features + k * ipm->unknowns, ipm->gradient) +
                    ipm->sample[c->given->owner[k]].du;
        s->dual_change = c->r[k] - s->dual - s->dual * s->change / s->value;
        sums[0] += s->dual * s->change;
        sums[1] += s->dual_change * s->value;
        sums[2] += s->dual_change * s->change;
    }
}

/* ---- the cones of Z -------------------------------------------------------------------------- */

static zg_status factor_cones(zg_robust_ipm *ipm, double *sum)
{
    const zg_coordinates *co = &ipm->coordinates;
    size_t m = co->order, block = m * m;
    for (size_t k = 0; k < 2 * ipm->groups; k++) {
        zg_robust_cone *c = &ipm->cone[k];
        zg_coordinates_matrix(co, ipm->x + k * co->count, c->z, ipm->scratch);
        *sum += zg_inner(m, c->z, c->dual);
        memcpy(c->inverse, c->z, block * sizeof *c->z);
        int info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', (int)m, c->inverse, (int)m);
        if (info == 0)
            info = LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 'L', (int)m, c->inverse, (int)m);
        if (info != 0 || !isfinite(c->inverse[0])) return ZG_FAILED;
        for (size_t j = 0; j < m; j++)
            for (size_t i = j + 1; i < m; i++)
                c->inverse[i * m + j] = c->inverse[j * m + i];
    }
    return ZG_OK;
}

/* out = -sym(a b c) */
static void product_of(size_t m, const double *a, const double *b, const double *c, double *out,
                       double *work)
{
    zg_gemm(false, false, m, m, m, 1.0, a, m, b, m, 0.0, work, m);
    zg_gemm(false, false, m, m, m, -1.0, work, m, c, m, 0.0, out, m);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < j; i++)
            out[j * m + i] = out[i * m + j] = 0.5 * (out[j * m + i] + out[i * m + j]);
}

/* right += gradient of the targets of both kinds of cones. */
static void target_cones(zg_robust_ipm *ipm, double centring, bool corrector)
{
    const zg_coordinates *co = &ipm->coordinates;
    size_t m = co->order, block = m * m;
    double *packed = ipm->scratch + block;
    for (size_t k = 0; k < 2 * ipm->groups; k++) {
        zg_robust_cone *c = &ipm->cone[k];
        if (corrector)
            product_of(m, c->ddual, c->dz, c->inverse, c->r, ipm->scratch);
        else
            memset(c->r, 0, block * sizeof *c->r);
        zg_axpy(block, centring, c->inverse, c->r);
        zg_svec(m, c->r, packed);
        zg_coordinates_gradient(co, packed, 1.0, ipm->right + k * co->count);
    }
}

static void direct_cones(zg_robust_ipm *ipm, double sums[3])
{
    const zg_coordinates *co = &ipm->coordinates;
    size_t m = co->order, block = m * m;
    for (size_t k = 0; k < 2 * ipm->groups; k++) {
        zg_robust_cone *c = &ipm->cone[k];
        zg_coordinates_matrix(co, ipm->dx + k * co->count, c->dz, ipm->scratch);
        product_of(m, c->dual, c->dz, c->inverse, c->ddual, ipm->scratch);
        for (size_t e = 0; e < block; e++)
            c->ddual[e] += c->r[e] - c->dual[e];
        sums[0] += zg_inner(m, c->dual, c->dz);
        sums[1] += zg_inner(m, c->ddual, c->z);
        sums[2] += zg_inner(m, c->ddual, c->dz);
    }
}

/* ---- the system ------------------------------------------------------------------------------ */

static void mirror(size_t n, double *a)
{
    for (size_t j = 0; j < n; j++)
        for (size_t i = j + 1; i < n; i++)
            a[i * n + j] = a[j * n + i];
}

/* svec's factors between Z and the form: the balls' curvature becomes one of Z. */
static void scale_to_form(const zg_robust_ipm *ipm, double *f)
{
    const zg_coordinates *co = &ipm->coordinates;
    size_t d = ipm->problem->inputs, q = co->packed, full = zg_svec_size(ipm->balls.order), t = 0;
    zg_activation act = ipm->problem->activation;
    double *factor = ipm->scratch;
    for (size_t j = 0; j < co->order; j++)
        for (size_t i = 0; i <= j; i++, t++)
            factor[t] = i < d && j < d ? act.a : i < d ? 0.5 * act.b : act.c;
    for (size_t c = 0; c < q; c++)
        for (size_t r = 0; r < q; r++)
            f[c * q + r] = factor[r] * factor[c] * f[c * full + r];
}

/* The reduced matrix: balls and copies, less what the elimination of lambda and u takes. */
static zg_status reduce(zg_robust_ipm *ipm)
{
    size_t n = ipm->unknowns, rows = ipm->balls.count + ipm->problem->samples;
    memset(ipm->reduced, 0, n * n * sizeof *ipm->reduced);
    if (ipm->balls.count) {
        zg_sum_curvature(ipm->balls.order, ipm->balls.sums, ipm->curvature);
        scale_to_form(ipm, ipm->curvature);
        zg_coordinates_form(&ipm->coordinates, ipm->curvature, ipm->reduced, n);
    }
    zg_status status = add_copies(ipm);
    for (size_t i = 0; i < ipm->problem->samples; i++) {
        if (!(ipm->sample[i].curvature > 0.0)) return ZG_FAILED;
        cblas_dscal((int)n, 1.0 / sqrt(ipm->sample[i].curvature),
                    ipm->coupling + (ipm->balls.count + i) * n, 1);
    }
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, (int)n, (int)rows, -1.0, ipm->coupling,
                (int)n, 1.0, ipm->reduced, (int)n);
    mirror(n, ipm->reduced);
    return status;
}

/* [H + H1, -H; -H, H + H2], scaled to a unit diagonal. */
static void assemble(zg_robust_ipm *ipm)
{
    const zg_coordinates *co = &ipm->coordinates;
    size_t n = ipm->unknowns, all = 2 * n;
    for (size_t j = 0; j < all; j++)
        for (size_t i = 0; i < all; i++)
            ipm->matrix[j * all + i] =
                ((i < n) == (j < n) ? 1.0 : -1.0) * ipm->reduced[j % n * n + i % n];
    for (size_t k = 0; k < 2 * ipm->groups; k++) {
        zg_cone_curvature(co->order, ipm->cone[k].dual, ipm->cone[k].inverse, ipm->curvature);
        zg_coordinates_form(co, ipm->curvature, ipm->matrix + k * co->count * (all + 1), all);
    }
    for (size_t j = 0; j < all; j++) {
        double diagonal = ipm->matrix[j * all + j];
        ipm->scale[j] = diagonal > 0.0 ? 1.0 / sqrt(diagonal) : 1.0;
    }
    for (size_t j = 0; j < all; j++)
        for (size_t i = 0; i < all; i++)
            ipm->matrix[j * all + i] *= ipm->scale[i] * ipm->scale[j];
}

static zg_status factorise(zg_robust_ipm *ipm)
{
    size_t all = 2 * ipm->unknowns;
    static const double shifts[] = {0, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8};
    for (size_t k = 0; k < sizeof shifts / sizeof *shifts; k++) {
        memcpy(ipm->factor, ipm->matrix, all * all * sizeof *ipm->factor);
        for (size_t j = 0; j < all; j++)
            ipm->factor[j * all + j] += shifts[k];
        if (zg_cholesky(all, ipm->factor) == ZG_OK) return ZG_OK;
    }
    return ZG_FAILED;
}

/* dx from right, refined. */
static void solve(zg_robust_ipm *ipm)
{
    size_t all = 2 * ipm->unknowns;
    double *rest = ipm->scratch + 4 * ipm->coordinates.packed + 64, *dx = ipm->dx;
    for (size_t j = 0; j < all; j++)
        ipm->right[j] *= ipm->scale[j];
    memcpy(dx, ipm->right, all * sizeof *dx);
    zg_cholesky_solve(all, ipm->factor, 1, dx);
    for (int k = 0; k < REFINEMENTS; k++) {
        memcpy(rest, ipm->right, all * sizeof *rest);
        zg_gemv(false, all, all, -1.0, ipm->matrix, all, dx, 1.0, rest);
        zg_cholesky_solve(all, ipm->factor, 1, rest);
        zg_axpy(all, 1.0, rest, dx);
    }
    for (size_t j = 0; j < all; j++)
        dx[j] *= ipm->scale[j];
}

/* ---- a step ---------------------------------------------------------------------------------- */

/* The direction to complementarity `centring`; sums as in zg_balls_direction. */
static void direct(zg_robust_ipm *ipm, double centring, bool corrector, double sums[3])
{
    const zg_coordinates *co = &ipm->coordinates;
    size_t n = ipm->unknowns;
    memset(ipm->gradient, 0, n * sizeof *ipm->gradient);
    memset(ipm->right, 0, 2 * n * sizeof *ipm->right);
    target_cones(ipm, centring, corrector);
    target_samples(ipm, centring, corrector);
    if (ipm->balls.count) zg_balls_target(ipm, centring, corrector);
    target_copies(ipm, centring, corrector);
    for (size_t i = 0; i < ipm->problem->samples; i++)
        zg_axpy(n, -ipm->sample[i].right / sqrt(ipm->sample[i].curvature),
                ipm->coupling + (ipm->balls.count + i) * n, ipm->gradient);
    for (size_t g = 0; g < 2 * ipm->groups; g++)
        zg_axpy(co->count, -ipm->problem->beta, ipm->penalty, ipm->right + g * co->count);
    zg_axpy(n, 1.0, ipm->gradient, ipm->right);
    zg_axpy(n, -1.0, ipm->gradient, ipm->right + n);
    solve(ipm);
    for (size_t t = 0; t < n; t++)
        ipm->gradient[t] = ipm->dx[t] - ipm->dx[n + t];
    sums[0] = sums[1] = sums[2] = 0.0;
    direct_samples(ipm, sums);
    direct_copies(ipm, sums);
    if (ipm->balls.count) zg_balls_direction(ipm, sums);
    direct_cones(ipm, sums);
}

static void limit_cone(size_t m, const double *base, const double *change, double *work,
                       double *step)
{
    for (; *step > 1e-12; *step *= ZG_STEP_FACTOR) {
        for (size_t e = 0; e < m * m; e++)
            work[e] = base[e] + *step * change[e];
        if (zg_cholesky(m, work) == ZG_OK && isfinite(work[m * m - 1])) return;
    }
    *step = 0.0;
}

static void limit(zg_robust_ipm *ipm, double *primal, double *dual)
{
    *primal = *dual = 1.0;
    for (size_t i = 0; i < ipm->problem->samples; i++) {
        if (is_bounded(ipm)) zg_pair_limit(&ipm->sample[i].bound, primal, dual);
        if (is_split(ipm)) zg_pair_limit(&ipm->sample[i].excess, primal, dual);
    }
    for (size_t k = 0; k < ipm->copies.count; k++)
        zg_pair_limit(&ipm->copies.slack[k], primal, dual);
    for (size_t k = 0; k < 2 * ipm->groups; k++) {
        zg_robust_cone *c = &ipm->cone[k];
        limit_cone(ipm->coordinates.order, c->z, c->dz, ipm->scratch, primal);
        limit_cone(ipm->coordinates.order, c->dual, c->ddual, ipm->scratch, dual);
    }
    if (ipm->balls.count) zg_balls_limit(ipm, primal, dual);
}

static void advance(zg_robust_ipm *ipm, double primal, double dual)
{
    size_t block = ipm->coordinates.order * ipm->coordinates.order;
    zg_axpy(2 * ipm->unknowns, primal, ipm->dx, ipm->x);
    for (size_t k = 0; k < 2 * ipm->groups; k++)
        zg_axpy(block, dual, ipm->cone[k].ddual, ipm->cone[k].dual);
    for (size_t i = 0; i < ipm->problem->samples; i++) {
        zg_robust_sample *s = &ipm->sample[i];
        s->u += primal * s->du;
        s->bound.dual += dual * s->bound.dual_change;
        s->excess.value += primal * s->excess.change;
        s->excess.dual += dual * s->excess.dual_change;
    }
    for (size_t k = 0; k < ipm->copies.count; k++)
        ipm->copies.slack[k].dual += dual * ipm->copies.slack[k].dual_change;
    if (ipm->balls.count) zg_balls_advance(ipm, primal, dual);
    ipm->infeasible *= 1.0 - dual;
}

/* Everything that both directions need, at the present point. */
static zg_status factor(zg_robust_ipm *ipm)
{
    size_t n = ipm->unknowns, rows = ipm->balls.count + ipm->problem->samples;
    for (size_t t = 0; t < n; t++)
        ipm->gradient[t] = ipm->x[t] - ipm->x[n + t];
    memset(ipm->coupling, 0, rows * n * sizeof *ipm->coupling);
    double sum = factor_samples(ipm);
    zg_status status = factor_cones(ipm, &sum);
    sum += factor_copies(ipm, ipm->gradient);
    if (ipm->balls.count) zg_ball_form_of(ipm, ipm->gradient, ipm->form);
    if (status == ZG_OK && ipm->balls.count) status = zg_balls_factor(ipm, &sum);
    if (status == ZG_TIMEOUT) return status;
    ipm->mu = sum / (double)ipm->complexity;
    if (status == ZG_OK) status = reduce(ipm);
    if (status != ZG_OK || !(ipm->mu > 0.0) || !isfinite(ipm->mu))
        return status ? status : ZG_FAILED;
    if (zg_robust_late(ipm)) return ZG_TIMEOUT;
    assemble(ipm);
    status = factorise(ipm);
    return status == ZG_OK && zg_robust_late(ipm) ? ZG_TIMEOUT : status;
}

void zg_robust_ipm_allow(zg_robust_ipm *ipm, double seconds)
{
    ipm->deadline = zg_monotonic() + seconds;
}

zg_status zg_robust_ipm_step(zg_robust_ipm *ipm)
{
    double sums[3], primal, dual, total = ipm->mu * (double)ipm->complexity;
    zg_status status = factor(ipm);
    if (status != ZG_OK) return status;
    total = ipm->mu * (double)ipm->complexity;
    direct(ipm, 0.0, false, sums);
    limit(ipm, &primal, &dual);
    double ahead = total + primal * sums[0] + dual * sums[1] + primal * dual * sums[2];
    double ratio = ahead / total, centring = fmax(LEAST_CENTRING, ratio * ratio * ratio);
    direct(ipm, fmin(1.0, centring) * ipm->mu, true, sums);
    limit(ipm, &primal, &dual);
    primal = fmin(1.0, ZG_STEP_FACTOR * primal);
    dual = fmin(1.0, ZG_STEP_FACTOR * dual);
    if (!(primal > 1e-9) && !(dual > 1e-9)) return ZG_FAILED;
    advance(ipm, primal, dual);
    total += primal * sums[0] + dual * sums[1] + primal * dual * sums[2];
    ipm->mu = total / (double)ipm->complexity;
    return isfinite(ipm->mu) ? ZG_OK : ZG_FAILED;
}

/* ---- life ------------------------------------------------------------------------------------ */

static zg_status allocate(zg_robust_ipm *ipm)
{
    size_t n = ipm->unknowns, all = 2 * n, m = ipm->coordinates.order, block = m * m;
    size_t order = ipm->problem->inputs + 1, packed = zg_svec_size(order > m ? order : m);
    size_t rows = ipm->balls.count + ipm->problem->samples;
    ipm->x = zg_doubles(5 * all + ipm->coordinates.count);
    ipm->form = zg_doubles(ipm->balls.count ? order * order : 1);
    ipm->coupling = zg_doubles(rows * n);
    ipm->reduced = zg_doubles(n * n);
    ipm->matrix = zg_doubles(2 * all * all);
    ipm->curvature = zg_doubles(packed * packed);
    ipm->scratch = zg_doubles(4 * block + 4 * packed + 2 * all + 64);
    ipm->cone = calloc(2 * ipm->groups, sizeof *ipm->cone);
    if (!ipm->x || !ipm->form || !ipm->coupling || !ipm->reduced || !ipm->matrix ||
        !ipm->curvature || !ipm->scratch || !ipm->cone)
        return ZG_NO_MEMORY;
    ipm->dx = ipm->x + all;
    ipm->scale = ipm->dx + all;
    ipm->right = ipm->scale + all;
    ipm->gradient = ipm->right + all;
    ipm->penalty = ipm->gradient + all;
    ipm->factor = ipm->matrix + all * all;
    for (size_t k = 0; k < 2 * ipm->groups; k++) {
        double *place = zg_doubles(6 * block);
        if (!place) return ZG_NO_MEMORY;
        ipm->cone[k] = (zg_robust_cone){place,
                                        place + block,
                                        place + 2 * block,
                                        place + 3 * block,
                                        place + 4 * block,
                                        place + 5 * block};
    }
    return ZG_OK;
}

/* Z = Z' = diag(I / width, 1), or a multiple of I; multipliers beta I. */
static void start_cones(zg_robust_ipm *ipm)
{
    const zg_coordinates *co = &ipm->coordinates;
    double width = (double)co->order - (co->bordered ? 1 : 0);
    for (size_t k = 0; k < co->count; k++)
        ipm->penalty[k] = zg_coordinate_is_diagonal(k) ? 1.0 : 0.0;
    for (size_t k = 0; k < 2 * ipm->groups; k++) {
        zg_axpy(co->count, 1.0 / width, ipm->penalty, ipm->x + k * co->count);
        for (size_t j = 0; j < co->order; j++)
            ipm->cone[k].dual[j * (co->order + 1)] = ipm->problem->beta;
    }
}

static size_t complexity_of(const zg_robust_ipm *ipm)
{
    size_t n = ipm->problem->samples;
    return 2 * ipm->groups * ipm->coordinates.order + ipm->copies.count +
           ipm->balls.count * (ipm->balls.order + 1) + (is_bounded(ipm) ? n : 0) +
           (is_split(ipm) ? n : 0);
}

zg_status zg_robust_ipm_create(const zg_problem *problem, const zg_attacks *copies,
                               const bool *whole, zg_robust_ipm **out, zg_error *error)
{
    zg_robust_ipm *ipm = calloc(1, sizeof *ipm);
    if (!ipm) return zg_no_memory(error);
    ipm->problem = problem;
    zg_status status = ZG_OK;
    if (copies) {
        status = zg_robust_rows_create(problem, copies, whole, &ipm->rows);
        ipm->problem = problem = &ipm->rows.problem;
    }
    ipm->coordinates = zg_coordinates_of(problem->lift);
    ipm->groups = problem->lift->groups;
    ipm->unknowns = ipm->groups * ipm->coordinates.count;
    ipm->infeasible = 1.0;
    ipm->sample = calloc(problem->samples ? problem->samples : 1, sizeof *ipm->sample);
    if (!ipm->sample) status = ZG_NO_MEMORY;
    if (status == ZG_OK) start_samples(ipm);
    if (status == ZG_OK && copies) status = create_copies(ipm, &ipm->rows.copies);
    if (status == ZG_OK && (!copies || whole))
        status = zg_balls_create(ipm, copies ? ipm->rows.whole : NULL);
    if (status == ZG_OK) status = allocate(ipm);
    if (status != ZG_OK) {
        zg_robust_ipm_free(ipm);
        return zg_no_memory(error);
    }
    start_cones(ipm);
    ipm->complexity = complexity_of(ipm);
    ipm->mu = ipm->deadline = INFINITY;
    *out = ipm;
    return ZG_OK;
}

void zg_robust_ipm_free(zg_robust_ipm *ipm)
{
    if (!ipm) return;
    for (size_t k = 0; ipm->cone && k < 2 * ipm->groups; k++)
        free(ipm->cone[k].z);
    zg_balls_clear(&ipm->balls);
    zg_robust_rows_clear(&ipm->rows);
    free(ipm->copies.features);
    free(ipm->copies.sign);
    free(ipm->copies.slack);
    free(ipm->cone);
    free(ipm->sample);
    free(ipm->x);
    free(ipm->form);
    free(ipm->coupling);
    free(ipm->reduced);
    free(ipm->matrix);
    free(ipm->curvature);
    free(ipm->scratch);
    free(ipm);
}

/* ---- what it says ---------------------------------------------------------------------------- */

double zg_robust_ipm_objective(const zg_robust_ipm *ipm)
{
    const zg_coordinates *co = &ipm->coordinates;
    double sum = 0.0, slope, curvature;
    for (size_t i = 0; i < ipm->problem->samples; i++)
        sum += cost_of(ipm, &ipm->sample[i], &slope, &curvature);
    for (size_t k = 0; k < 2 * ipm->groups; k++)
        sum += ipm->problem->beta * zg_dot(co->count, ipm->penalty, ipm->x + k * co->count);
    return sum;
}

double zg_robust_ipm_complementarity(const zg_robust_ipm *ipm)
{
    return ipm->mu * (double)ipm->complexity;
}

double zg_robust_ipm_infeasible(const zg_robust_ipm *ipm)
{
    return ipm->infeasible;
}

void zg_robust_ipm_blocks(zg_robust_ipm *ipm, double *const *z, double *const *zn)
{
    const zg_coordinates *co = &ipm->coordinates;
    for (size_t k = 0; k < 2 * ipm->groups; k++) {
        double *to = k < ipm->groups ? z[k] : zn[k - ipm->groups];
        zg_coordinates_matrix(co, ipm->x + k * co->count, to, ipm->scratch);
    }
}
