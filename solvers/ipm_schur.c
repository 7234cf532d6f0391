/* The Newton system of the interior-point method (see ipm_schur.h). */
#include "solvers/ipm_schur.h"

#include "core/linalg.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Samples of a block whose features are formed at once (woodbury). */
#define BLOCK 1024
/* Relative jitter under which the weighted Gram matrix of dependent features is still inverted;
 * what it spoils is won back by refinement. */
#define JITTER 1e-10
/* Relative residual below which a solve needs no refinement. */
#define ACCURATE 1e-10
/* Regularisations of the diagonal, relative, tried in turn. */
static const double ladder[] = {1e-15, 1e-13, 1e-11, 1e-9, 1e-7};

/* ---- life cycle ------------------------------------------------------------------------------ */

/* Pools with many patches, and lifts given by features, are assembled as Phi K Phi'. */
static bool explicit_features(const zg_space *space)
{
    const zg_lift *lift = space->lift;
    if (space->kind != ZG_SPACE_SAMPLES) return false;
    if (lift->features) return true;
    if (lift->patches == 1) return false;
    double n = (double)lift->samples, p = (double)zg_svec_size(lift->order),
           rows = n * (double)lift->patches;
    return n * p * (n + 2.0 * p) < 2.0 * rows * rows * (double)lift->order;
}

static zg_status create_features(zg_schur *s)
{
    const zg_lift *lift = s->space->lift;
    size_t n = lift->samples, size = zg_svec_size(lift->order);
    s->phi = calloc(lift->groups, sizeof *s->phi);
    s->kernel = zg_doubles(size * size);
    s->image = zg_doubles(n * size);
    if (!s->phi || !s->kernel || !s->image) return ZG_NO_MEMORY;
    for (size_t g = 0; g < lift->groups; g++) {
        if (!(s->phi[g] = zg_doubles(n * size))) return ZG_NO_MEMORY;
        zg_lift_features(lift, g, s->phi[g], n);
        cblas_dscal((int)(n * size), s->space->shrink, s->phi[g], 1);
    }
    return ZG_OK;
}

static zg_status create_parts(zg_schur *s)
{
    const zg_space *space = s->space;
    size_t p = space->features, m = space->order, total = s->leading + s->borders;
    size_t longest = space->unknowns + s->borders;
    s->matrix = zg_doubles(total * total);
    s->right = zg_doubles(total);
    s->residual = zg_doubles(longest);
    s->correction = zg_doubles(longest);
    s->extra = zg_doubles(longest);
    s->scaled = zg_doubles(longest);
    s->t = zg_doubles(m * m);
    s->sum = zg_doubles(m * m);
    if (!s->matrix || !s->right || !s->residual || !s->correction || !s->extra || !s->scaled ||
        !s->t || !s->sum)
        return ZG_NO_MEMORY;
    if (space->kind == ZG_SPACE_WOODBURY) {
        s->inverse = zg_doubles(p * p);
        s->block = zg_doubles(BLOCK * p);
        s->columns = zg_doubles(BLOCK * space->lift->width);
        return s->inverse && s->block && s->columns ? ZG_OK : ZG_NO_MEMORY;
    }
    if (space->kind == ZG_SPACE_SUMS) return ZG_OK;
    return explicit_features(space) ? create_features(s) : zg_gram_work_create(space, &s->gram);
}

zg_status zg_schur_create(const zg_space *space, const zg_cone *cones, zg_cone_scratch *scratch,
                          zg_schur **out)
{
    zg_schur *s = calloc(1, sizeof *s);
    if (!s) return ZG_NO_MEMORY;
    s->space = space;
    s->cones = cones;
    s->scratch = scratch;
    s->leading = space->kind == ZG_SPACE_SAMPLES ? space->unknowns : space->features;
    s->borders = space->bordered ? 2 * space->groups : 0;
    zg_status status = create_parts(s);
    if (status != ZG_OK) {
        zg_schur_free(s);
        return status;
    }
    *out = s;
    return ZG_OK;
}

void zg_schur_free(zg_schur *schur)
{
    if (!schur) return;
    for (size_t g = 0; schur->phi && g < schur->space->groups; g++)
        free(schur->phi[g]);
    free(schur->phi);
    zg_gram_work_clear(&schur->gram);
    double *owned[] = {schur->matrix,     schur->kernel,  schur->image,  schur->inverse,
                       schur->block,      schur->columns, schur->right,  schur->residual,
                       schur->correction, schur->extra,   schur->scaled, schur->t,
                       schur->sum};
    for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
        free(owned[k]);
    free(schur);
}

/* ---- assembly -------------------------------------------------------------------------------- */

/* Lower triangle of matrix += phi kernel phi', one panel of columns at a time. */
static void add_features(const zg_schur *s, size_t group, double *matrix, size_t ld)
{
    size_t n = s->space->unknowns, size = zg_svec_size(s->space->order), panel = 128;
    const zg_cone *pair = s->cones + 2 * group;
    memset(s->kernel, 0, size * size * sizeof *s->kernel);
    zg_kronecker_add(s->space->order, pair[0].w, pair[1].w, true, s->kernel, size);
    zg_gemm(false, false, n, size, size, 1.0, s->phi[group], n, s->kernel, size, 0.0, s->image, n);
    for (size_t column = 0; column < n; column += panel) {
        size_t count = n - column < panel ? n - column : panel;
        zg_gemm(false, true, n - column, count, size, 1.0, s->image + column, n,
                s->phi[group] + column, n, 1.0, matrix + column * ld + column, ld);
    }
}

static void fill_samples(zg_schur *s, double *matrix, size_t ld)
{
    size_t n = s->leading;
    if (s->phi) {
        for (size_t j = 0; j < n; j++)
            memset(matrix + j * ld + j, 0, (n - j) * sizeof *matrix);
        for (size_t g = 0; g < s->space->groups; g++)
            add_features(s, g, matrix, ld);
    } else {
        zg_gram_fill(s->space, s->cones, &s->gram, matrix, ld);
    }
    for (size_t i = 0; i < n; i++)
        matrix[i * ld + i] += s->diagonal[i];
}

/* The lower triangle of Phi' inv(D) Phi, then its inverse, both triangles. */
static zg_status invert_weighted_gram(zg_schur *s)
{
    const zg_space *space = s->space;
    size_t n = space->unknowns, p = s->leading, size = zg_svec_size(space->order);
    for (size_t start = 0; start < n; start += BLOCK) {
        size_t count = n - start < BLOCK ? n - start : BLOCK;
        for (size_t g = 0; g < space->groups; g++)
            zg_features_block(space->lift, g, start, count, space->shrink,
                              s->block + g * size * BLOCK, BLOCK, s->columns);
        for (size_t i = 0; i < count; i++)
            s->scaled[i] = 1.0 / sqrt(s->diagonal[start + i]);
        for (size_t j = 0; j < p; j++)
            for (size_t i = 0; i < count; i++)
                s->block[j * BLOCK + i] *= s->scaled[i];
        cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, (int)p, (int)count, 1.0, s->block, BLOCK,
                    start == 0 ? 0.0 : 1.0, s->inverse, (int)p);
    }
    double largest = 0.0;
    for (size_t k = 0; k < p; k++)
        largest = fmax(largest, s->inverse[k * p + k]);
    for (size_t k = 0; k < p; k++)
        s->inverse[k * p + k] += JITTER * s->inverse[k * p + k] + 1e-30 * largest + 1e-200;
    if (zg_cholesky(p, s->inverse) != ZG_OK) return ZG_FAILED;
    if (LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 'L', (int)p, s->inverse, (int)p) != 0)
        return ZG_FAILED;
    for (size_t j = 0; j < p; j++)
        for (size_t i = j + 1; i < p; i++)
            s->inverse[i * p + j] = s->inverse[j * p + i];
    return ZG_OK;
}

/* inv(G) + K, group by group. */
static void fill_feature_space(zg_schur *s, const double *inverse, double *matrix, size_t ld)
{
    size_t p = s->leading, size = zg_svec_size(s->space->order);
    for (size_t j = 0; j < p; j++)
        memcpy(matrix + j * ld + j, inverse + j * p + j, (p - j) * sizeof *matrix);
    for (size_t g = 0; g < s->space->groups; g++)
        zg_kronecker_add(s->space->order, s->cones[2 * g].w, s->cones[2 * g + 1].w, false,
                         matrix + g * size * (ld + 1), ld);
}

/* Border rows sign_k A(W_k R W_k) (in feature space svec of it) and the corner <R, W_k R W_k>. */
static void fill_borders(zg_schur *s, double *matrix, size_t ld)
{
    const zg_space *space = s->space;
    size_t m = space->order, size = zg_svec_size(m);
    for (size_t k = 0; k < s->borders; k++) {
        const zg_cone *cone = &s->cones[k];
        size_t row = s->leading + k, group = k / 2;
        memset(s->t, 0, m * m * sizeof *s->t);
        zg_cone_add_r(m, 1.0, s->t);
        zg_cone_sandwich(cone, s->t, s->sum, s->scratch);
        memset(s->right, 0, s->leading * sizeof *s->right);
        if (space->kind == ZG_SPACE_SAMPLES) {
            zg_space_apply(space, group, s->sum, cone->sign, s->right);
        } else {
            zg_svec(m, s->sum, s->right + group * size);
            cblas_dscal((int)size, cone->sign, s->right + group * size, 1);
        }
        for (size_t j = 0; j < s->leading; j++)
            matrix[j * ld + row] = s->right[j];
        for (size_t other = 0; other < k; other++)
            matrix[(s->leading + other) * ld + row] = 0.0;
        matrix[row * ld + row] = zg_cone_trace(m, s->sum);
    }
}

static void assemble(zg_schur *s)
{
    size_t ld = s->leading + s->borders;
    if (s->space->kind == ZG_SPACE_SAMPLES)
        fill_samples(s, s->matrix, ld);
    else
        fill_feature_space(s,
                           s->space->kind == ZG_SPACE_SUMS ? s->space->gram->inverse : s->inverse,
                           s->matrix, ld);
    fill_borders(s, s->matrix, ld);
}

zg_status zg_schur_factor(zg_schur *schur, const double *diagonal)
{
    size_t total = schur->leading + schur->borders;
    schur->diagonal = diagonal;
    if (schur->space->kind == ZG_SPACE_WOODBURY && invert_weighted_gram(schur) != ZG_OK)
        return ZG_FAILED;
    for (size_t rung = 0; rung < sizeof ladder / sizeof *ladder; rung++) {
        assemble(schur);
        double largest = 0.0;
        for (size_t k = 0; k < total; k++)
            largest = fmax(largest, schur->matrix[k * total + k]);
        if (!isfinite(largest)) return ZG_FAILED;
        for (size_t k = 0; k < total; k++) {
            double *entry = &schur->matrix[k * total + k];
            *entry += ladder[rung] * fabs(*entry) + 1e-40 * largest;
        }
        if (zg_cholesky(total, schur->matrix) == ZG_OK) return ZG_OK;
    }
    return ZG_FAILED;
}

/* ---- one solve ------------------------------------------------------------------------------- */

/* sum = sum over the pair's cones of sign_k W_k dS_k W_k, dS_k = drho_k R + sign_k t; traces (2,
 * or NULL) gets <R, W_k dS_k W_k>. */
static void pair_image(zg_schur *s, size_t group, const double *t, const double *drho,
                       double *traces)
{
    size_t m = s->space->order;
    memset(s->sum, 0, m * m * sizeof *s->sum);
    for (size_t k = 2 * group; k < 2 * group + 2; k++) {
        const zg_cone *cone = &s->cones[k];
        double *change = s->scratch->a;
        for (size_t e = 0; e < m * m; e++)
            change[e] = cone->sign * t[e];
        if (s->borders) zg_cone_add_r(m, drho[k], change);
        zg_cone_sandwich(cone, change, s->scratch->c, s->scratch);
        zg_axpy(m * m, cone->sign, s->scratch->c, s->sum);
        if (traces) traces[k - 2 * group] = s->borders ? zg_cone_trace(m, s->scratch->c) : 0.0;
    }
}

static void times_matrix(size_t p, const double *matrix, const double *x, double *out)
{
    cblas_dsymv(CblasColMajor, CblasLower, (int)p, 1.0, matrix, (int)p, x, 1, 0.0, out, 1);
}

/* x = inv(L L') x: for one right-hand side two triangular products beat LAPACK's blocked solve. */
static void triangular_solves(size_t order, const double *l, double *x)
{
    int n = (int)order;
    cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, n, l, n, x, 1);
    cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, n, l, n, x, 1);
}

/* dx and drho from the factor, once. */
static void solve_samples(zg_schur *s, const double *right, const double *right_rho, double *dx,
                          double *drho)
{
    size_t n = s->leading, total = n + s->borders;
    memcpy(s->right, right, n * sizeof *right);
    memcpy(s->right + n, right_rho, s->borders * sizeof *right);
    triangular_solves(total, s->matrix, s->right);
    memcpy(dx, s->right, n * sizeof *dx);
    memcpy(drho, s->right + n, s->borders * sizeof *drho);
}

static void solve_woodbury(zg_schur *s, const double *right, const double *right_rho, double *dx,
                           double *drho)
{
    const zg_space *space = s->space;
    size_t n = space->unknowns, p = s->leading, m = space->order, size = zg_svec_size(m);
    for (size_t i = 0; i < n; i++)
        s->scaled[i] = right[i] / s->diagonal[i];
    for (size_t g = 0; g < space->groups; g++) {
        zg_space_adjoint(space, g, s->scaled, s->t);
        zg_svec(m, s->t, s->block + g * size);
    }
    times_matrix(p, s->inverse, s->block, s->right);
    memcpy(s->right + p, right_rho, s->borders * sizeof *right);
    triangular_solves(p + s->borders, s->matrix, s->right);
    memcpy(drho, s->right + p, s->borders * sizeof *drho);
    memcpy(dx, right, n * sizeof *dx);
    for (size_t g = 0; g < space->groups; g++) {
        zg_smat(m, s->right + g * size, s->t);
        pair_image(s, g, s->t, drho, NULL);
        zg_space_apply(space, g, s->sum, -1.0, dx);
    }
    for (size_t i = 0; i < n; i++)
        dx[i] /= s->diagonal[i];
}

/* change_fit = inv(G) dx, and dx again as G change_fit: what the iterate will really do. */
static void solve_sums(zg_schur *s, const double *right, const double *right_rho, double *dx,
                       double *drho, double *change_fit)
{
    const zg_gram *gram = s->space->gram;
    solve_samples(s, right, right_rho, dx, drho);
    times_matrix(s->leading, gram->inverse, dx, change_fit);
    times_matrix(s->leading, gram->matrix, change_fit, dx);
}

static void solve_once(zg_schur *s, const double *right, const double *right_rho, double *dx,
                       double *drho, double *change_fit)
{
    switch (s->space->kind) {
    case ZG_SPACE_SAMPLES:
        solve_samples(s, right, right_rho, dx, drho);
        break;
    case ZG_SPACE_WOODBURY:
        solve_woodbury(s, right, right_rho, dx, drho);
        break;
    case ZG_SPACE_SUMS:
        solve_sums(s, right, right_rho, dx, drho, change_fit);
        break;
    }
}

/* ---- refinement ------------------------------------------------------------------------------ */

/* residual = right - operator(dx, drho), by the definition of the system. */
static void compute_residual(zg_schur *s, const double *right, const double *right_rho,
                             const double *dx, const double *drho, const double *change_fit)
{
    const zg_space *space = s->space;
    size_t n = space->unknowns;
    double *out = s->residual, *out_rho = s->residual + n;
    for (size_t i = 0; i < n; i++)
        out[i] = right[i] - (space->kind == ZG_SPACE_SUMS ? change_fit[i] : s->diagonal[i] * dx[i]);
    for (size_t g = 0; g < space->groups; g++) {
        double traces[2];
        zg_space_adjoint(space, g, dx, s->t);
        pair_image(s, g, s->t, drho, traces);
        zg_space_apply(space, g, s->sum, -1.0, out);
        for (size_t k = 0; s->borders && k < 2; k++)
            out_rho[2 * g + k] = right_rho[2 * g + k] - traces[k];
    }
}

void zg_schur_solve(zg_schur *schur, const double *right, const double *right_rho, int refinements,
                    double *dx, double *drho, double *change_fit)
{
    size_t n = schur->space->unknowns, length = n + schur->borders;
    bool sums = schur->space->kind == ZG_SPACE_SUMS;
    double *fix = schur->correction, *fix_fit = schur->extra;
    solve_once(schur, right, right_rho, dx, drho, change_fit);
    double size = hypot(zg_norm(n, right), zg_norm(schur->borders, right_rho)), last = INFINITY;
    for (int round = 0; round < refinements; round++) {
        compute_residual(schur, right, right_rho, dx, drho, change_fit);
        double error = zg_norm(length, schur->residual);
        if (!(error > ACCURATE * size) || !(error < 0.5 * last)) return;
        last = error;
        solve_once(schur, schur->residual, schur->residual + n, fix, fix + n, fix_fit);
        zg_axpy(n, 1.0, fix, dx);
        zg_axpy(schur->borders, 1.0, fix + n, drho);
        if (sums) zg_axpy(n, 1.0, fix_fit, change_fit);
    }
}
