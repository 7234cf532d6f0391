/* The Newton system of the interior-point method (see ipm_schur.h). */
#include "solvers/ipm_schur.h"

#include "base/linalg.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Samples of a block whose features are formed at once (woodbury). */
#define BLOCK 1024
/* Relative residual below which a solve needs no refinement. */
#define ACCURATE 1e-10
/* Floor of D in the woodbury form, relative to the diagonal of Phi K~ Phi'; found by trial, between
 * the digits that a smaller one loses and the refinements that a larger one takes. */
#define FLOOR 1e-12
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

/* Room for a large matrix that is written before it is read: on huge pages where the system has
 * them, for a page fault in 4 KiB steps costs as much as an iteration or two. */
static double *large_matrix(size_t order)
{
    enum { HUGE_PAGE = 1 << 21 };
    if (order > SIZE_MAX / sizeof(double) / (order ? order : 1) - 1) return NULL;
    size_t bytes = order * order * sizeof(double);
    if (bytes < 2 * HUGE_PAGE || bytes > SIZE_MAX - HUGE_PAGE) return zg_doubles(order * order);
    bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    double *block = aligned_alloc(HUGE_PAGE, bytes);
    if (block) madvise(block, bytes, MADV_HUGEPAGE);
    return block;
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
    s->matrix = large_matrix(total);
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
        s->inner = zg_doubles(p * p);
        s->damped = zg_doubles(space->unknowns);
        s->border = zg_doubles(2 * space->groups * zg_svec_size(m));
        s->corner = zg_doubles(2 * space->groups);
        s->block = zg_doubles(BLOCK * p);
        s->columns = zg_doubles(BLOCK * space->lift->width);
        bool complete = s->inner && s->damped && s->border && s->corner && s->block && s->columns;
        return complete ? ZG_OK : ZG_NO_MEMORY;
    }
    if (space->kind == ZG_SPACE_SUMS) {
        size_t size = space->basis ? zg_basis_features(space->basis) : 0;
        if (size) s->kernel = large_matrix(size);
        return s->kernel || !size ? ZG_OK : ZG_NO_MEMORY;
    }
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
    s->borders = zg_space_multipliers(space);
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
    double *owned[] = {schur->matrix, schur->kernel,   schur->image,      schur->inner,
                       schur->border, schur->corner,   schur->block,      schur->columns,
                       schur->right,  schur->residual, schur->correction, schur->extra,
                       schur->scaled, schur->damped,   schur->t,          schur->sum};
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

/* The mean of K~'s diagonal; its sum is that of the squares of its factor's elements. */
static double mean_diagonal(const zg_schur *s)
{
    size_t p = s->leading;
    double trace = 0.0;
    for (size_t j = 0; j < p; j++)
        trace += zg_dot(p - j, s->matrix + j * p + j, s->matrix + j * p + j);
    return trace / (double)p;
}

/* D of a block's samples with the floor, for which mean |phi_i|^2 stands for (Phi K~ Phi')_ii. */
static void damp_block(zg_schur *s, size_t start, size_t count, double mean)
{
    double *floors = s->scaled;
    memset(floors, 0, count * sizeof *floors);
    for (size_t j = 0; j < s->leading; j++)
        for (size_t i = 0; i < count; i++)
            floors[i] += s->block[j * BLOCK + i] * s->block[j * BLOCK + i];
    for (size_t i = 0; i < count; i++)
        s->damped[start + i] = fmax(s->diagonal[start + i], FLOOR * mean * floors[i]);
}

/* inner = the lower triangle of Phi' inv(D) Phi. */
static void weighted_gram(zg_schur *s)
{
    const zg_space *space = s->space;
    size_t n = space->unknowns, p = s->leading, size = zg_svec_size(space->order);
    double mean = mean_diagonal(s);
    for (size_t start = 0; start < n; start += BLOCK) {
        size_t count = n - start < BLOCK ? n - start : BLOCK;
        for (size_t g = 0; g < space->groups; g++)
            zg_features_block(space->lift, g, start, count, space->shrink,
                              s->block + g * size * BLOCK, BLOCK, s->columns);
        damp_block(s, start, count, mean);
        for (size_t i = 0; i < count; i++)
            s->scaled[i] = 1.0 / sqrt(s->damped[start + i]);
        for (size_t j = 0; j < p; j++)
            for (size_t i = 0; i < count; i++)
                s->block[j * BLOCK + i] *= s->scaled[i];
        cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, (int)p, (int)count, 1.0, s->block, BLOCK,
                    start == 0 ? 0.0 : 1.0, s->inner, (int)p);
    }
}

/* sum = W R_j W of one cone: of the columns of W where R_j is not 0. */
static void border_of(zg_schur *s, const zg_cone *cone, size_t equality)
{
    size_t m = s->space->order, count = 0;
    const double *r = s->space->diagonals + equality * m;
    for (size_t a = 0; a < m; a++) {
        if (r[a] == 0.0) continue;
        double *column = s->t + count * m, *scaled = s->scratch->a + count * m;
        for (size_t i = 0; i < m; i++) {
            column[i] = cone->w[a * m + i];
            scaled[i] = r[a] * column[i];
        }
        count++;
    }
    zg_gemm(false, true, m, m, count, 1.0, s->t, m, s->scratch->a, m, 0.0, s->sum, m);
}

/* B and C. */
static void woodbury_borders(zg_schur *s)
{
    size_t m = s->space->order, size = zg_svec_size(m);
    for (size_t k = 0; k < s->borders; k++) {
        double *border = s->border + k * size;
        border_of(s, &s->cones[k], 0);
        s->corner[k] = 0.0;
        zg_space_traces(s->space, s->sum, &s->corner[k]);
        zg_svec(m, s->sum, border);
        cblas_dscal((int)size, s->cones[k].sign, border, 1);
    }
}

/* matrix = K~ with a part of K's diagonal added, lower triangle. */
static void fill_woodbury(zg_schur *s, double regularisation)
{
    size_t p = s->leading, size = zg_svec_size(s->space->order);
    for (size_t j = 0; j < p; j++)
        memset(s->matrix + j * p + j, 0, (p - j) * sizeof *s->matrix);
    for (size_t g = 0; g < s->space->groups; g++) {
        double *block = s->matrix + g * size * (p + 1);
        zg_kronecker_add(s->space->order, s->cones[2 * g].w, s->cones[2 * g + 1].w, false, block,
                         p);
        for (size_t k = 0; k < size; k++)
            block[k * (p + 1)] *= 1.0 + regularisation;
        for (size_t k = 2 * g; s->borders && k < 2 * g + 2; k++)
            cblas_dsyr(CblasColMajor, CblasLower, (int)size, -1.0 / s->corner[k],
                       s->border + k * size, 1, block, (int)p);
    }
}

static zg_status factor_woodbury(zg_schur *s)
{
    size_t p = s->leading, rung = 0, rungs = sizeof ladder / sizeof *ladder;
    woodbury_borders(s);
    for (; rung < rungs; rung++) {
        fill_woodbury(s, ladder[rung]);
        if (zg_cholesky(p, s->matrix) == ZG_OK) break;
    }
    if (rung == rungs) return ZG_FAILED;
    weighted_gram(s);
    if (LAPACKE_dsygst_work(LAPACK_COL_MAJOR, 2, 'L', (int)p, s->inner, (int)p, s->matrix,
                            (int)p) != 0)
        return ZG_FAILED;
    for (size_t k = 0; k < p; k++)
        s->inner[k * p + k] += 1.0;
    return zg_cholesky(p, s->inner);
}

/* a = its transpose. */
static void transpose(size_t order, double *a)
{
    for (size_t j = 0; j < order; j++)
        for (size_t i = j + 1; i < order; i++) {
            double element = a[j * order + i];
            a[j * order + i] = a[i * order + j];
            a[i * order + j] = element;
        }
}

/* matrix += J'K J of one group. */
static void add_in_basis(zg_schur *s, size_t group, double *matrix, size_t ld)
{
    const zg_basis *basis = s->space->basis;
    size_t size = zg_basis_features(basis);
    memset(s->kernel, 0, size * size * sizeof *s->kernel);
    zg_kronecker_add(s->space->order, s->cones[2 * group].w, s->cones[2 * group + 1].w, true,
                     s->kernel, size);
    zg_basis_times(basis, group, size, s->kernel, size);
    transpose(size, s->kernel);
    zg_basis_times(basis, group, size, s->kernel, size);
    for (size_t j = 0; j < size; j++)
        zg_axpy(size - j, 1.0, s->kernel + j * size + j, matrix + j * ld + j);
}

/* inv(G) + K, group by group. */
static void fill_sums(zg_schur *s, double *matrix, size_t ld)
{
    const double *inverse = s->space->gram->inverse;
    size_t p = s->leading, size = p / s->space->groups;
    for (size_t j = 0; j < p; j++)
        memcpy(matrix + j * ld + j, inverse + j * p + j, (p - j) * sizeof *matrix);
    for (size_t g = 0; g < s->space->groups; g++) {
        double *own = matrix + g * size * (ld + 1);
        if (s->space->basis)
            add_in_basis(s, g, own, ld);
        else
            zg_kronecker_add(s->space->order, s->cones[2 * g].w, s->cones[2 * g + 1].w, false, own,
                             ld);
    }
}

/* Adds one cone's share of the row of an equality: sign_k A(W_k R_j W_k), and <R_i, W_k R_j W_k>
 * from `first`, the row of the cone's first one, on. */
static void add_border(zg_schur *s, size_t cone, size_t equality, double *matrix, size_t ld)
{
    const zg_space *space = s->space;
    size_t first = s->leading + zg_space_multiplier(space, cone), row = first + equality;
    double sign = s->cones[cone].sign;
    border_of(s, &s->cones[cone], equality);
    memset(s->right, 0, (s->leading + s->borders) * sizeof *s->right);
    zg_space_apply(space, cone / 2, s->sum, sign, s->right);
    zg_space_traces(space, s->sum, s->right + first);
    for (size_t j = 0; j < s->leading; j++)
        matrix[j * ld + row] += s->right[j];
    for (size_t j = first; j <= row; j++)
        matrix[j * ld + row] += s->right[j];
}

static void fill_borders(zg_schur *s, double *matrix, size_t ld)
{
    for (size_t j = 0; j < ld; j++)
        for (size_t row = j > s->leading ? j : s->leading; row < ld; row++)
            matrix[j * ld + row] = 0.0;
    for (size_t k = 0; k < 2 * s->space->groups; k++)
        for (size_t e = 0; e < s->space->equalities; e++)
            add_border(s, k, e, matrix, ld);
}

static void assemble(zg_schur *s)
{
    size_t ld = s->leading + s->borders;
    if (s->space->kind == ZG_SPACE_SAMPLES)
        fill_samples(s, s->matrix, ld);
    else
        fill_sums(s, s->matrix, ld);
    fill_borders(s, s->matrix, ld);
}

zg_status zg_schur_factor(zg_schur *schur, const double *diagonal)
{
    size_t total = schur->leading + schur->borders;
    schur->diagonal = diagonal;
    if (schur->space->kind == ZG_SPACE_WOODBURY) return factor_woodbury(schur);
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

/* sum = sum over the pair's cones of sign_k W_k dS_k W_k, dS_k = sum of drho_kj R_j + sign_k t;
 * <R_j, W_k dS_k W_k> is added to traces (multipliers). */
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
        size_t first = zg_space_multiplier(s->space, k);
        zg_space_add_multiples(s->space, drho + first, change);
        zg_cone_sandwich(cone, change, s->scratch->c, s->scratch);
        zg_axpy(m * m, cone->sign, s->scratch->c, s->sum);
        zg_space_traces(s->space, s->scratch->c, traces + first);
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

/* f += scale Phi z, z in svec form, group by group. */
static void apply_features(zg_schur *s, const double *z, double scale, double *f)
{
    size_t m = s->space->order;
    for (size_t g = 0; g < s->space->groups; g++) {
        zg_smat(m, z + g * zg_svec_size(m), s->t);
        zg_space_apply(s->space, g, s->t, scale, f);
    }
}

/* z = Phi' x */
static void adjoint_features(zg_schur *s, const double *x, double *z)
{
    size_t m = s->space->order;
    for (size_t g = 0; g < s->space->groups; g++) {
        zg_space_adjoint(s->space, g, x, s->t);
        zg_svec(m, s->t, z + g * zg_svec_size(m));
    }
}

static void solve_woodbury(zg_schur *s, const double *right, const double *right_rho, double *dx,
                           double *drho)
{
    size_t n = s->space->unknowns, p = s->leading, size = zg_svec_size(s->space->order);
    double *z = s->right;
    memset(z, 0, p * sizeof *z);
    for (size_t k = 0; k < s->borders; k++)
        zg_axpy(size, right_rho[k] / s->corner[k], s->border + k * size, z + k / 2 * size);
    memcpy(dx, right, n * sizeof *dx);
    if (s->borders) apply_features(s, z, -1.0, dx);
    for (size_t i = 0; i < n; i++)
        s->scaled[i] = dx[i] / s->damped[i];
    adjoint_features(s, s->scaled, z);
    cblas_dtrmv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, (int)p, s->matrix, (int)p, z,
                1);
    triangular_solves(p, s->inner, z);
    cblas_dtrmv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, (int)p, s->matrix, (int)p, z,
                1);
    apply_features(s, z, -1.0, dx);
    for (size_t i = 0; i < n; i++)
        dx[i] /= s->damped[i];
    if (s->borders) adjoint_features(s, dx, z);
    for (size_t k = 0; k < s->borders; k++)
        drho[k] =
            (right_rho[k] - zg_dot(size, s->border + k * size, z + k / 2 * size)) / s->corner[k];
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
    memset(out_rho, 0, s->borders * sizeof *out_rho);
    for (size_t g = 0; g < space->groups; g++) {
        zg_space_adjoint(space, g, dx, s->t);
        pair_image(s, g, s->t, drho, out_rho);
        zg_space_apply(space, g, s->sum, -1.0, out);
    }
    for (size_t q = 0; q < s->borders; q++)
        out_rho[q] = right_rho[q] - out_rho[q];
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
