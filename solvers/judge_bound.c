/*
 * Rigorous statements about a semidefinite program from an approximate y (see judge.h).
 *
 * Weak duality: cost'y of any y with S(y) = sum_k y_k A_k - C in the cone bounds the optimum.  What
 * a solver leaves is feasible up to its tolerance only, so y is moved towards a strictly feasible
 * point y0, the least way at which S is in the cone for certain.  S is computed with a bound on
 * every entry's error; a matrix is positive semidefinite when it has a Cholesky factor after all
 * that it, and the factorisation, can be off was taken from its diagonal (N. Higham, "Accuracy and
 * Stability of Numerical Algorithms", theorem 10.3; S. Rump, "Verification of positive
 * definiteness", BIT 46, 2006).
 */
#include "base/linalg.h"
#include "core/safe.h"
#include "solvers/judge.h"

#include <stdlib.h>
#include <string.h>

#define MOST_STEPS 500 /* of conjugate gradients: a poor y0 costs a bound, never its truth */
#define TINY 1e-290    /* above it no product and no remainder underflows */

/* S and, per entry, the sum of the sizes of its terms: upper triangles, like a point's Z. */
typedef struct slack {
    double *s, *size, *matrix;
    size_t largest; /* order of a matrix */
} slack;

static zg_status slack_create(const zg_sdp *sdp, slack *out)
{
    out->largest = 1;
    for (size_t b = 0; b < sdp->block_count; b++)
        if (!sdp->blocks[b].diagonal && sdp->blocks[b].order > out->largest)
            out->largest = sdp->blocks[b].order;
    out->s = zg_doubles(2 * sdp->block_values + out->largest * out->largest);
    if (!out->s) return ZG_NO_MEMORY;
    out->size = out->s + sdp->block_values;
    out->matrix = out->size + sdp->block_values;
    return ZG_OK;
}

static size_t position(const zg_sdp_block *block, const zg_sdp *sdp, size_t e)
{
    size_t r = (size_t)sdp->row[e] - 1, c = (size_t)sdp->column[e] - 1;
    return block->offset + (block->diagonal ? r : c * block->order + r);
}

/* S(y), or without the constant sum_k y_k A_k. */
static void evaluate(const zg_sdp *sdp, const double *y, bool constant, slack *out)
{
    memset(out->s, 0, 2 * sdp->block_values * sizeof *out->s);
    for (size_t p = 0; p < sdp->piece_count; p++) {
        const zg_sdp_piece *piece = &sdp->pieces[p];
        double factor = piece->matrix ? y[piece->matrix - 1] : constant ? -1 : 0;
        for (size_t e = piece->first; e < piece->first + piece->count; e++) {
            size_t at = position(&sdp->blocks[piece->block], sdp, e);
            double term = factor * sdp->value[e];
            out->s[at] += term;
            out->size[at] += fabs(term);
        }
    }
}

/* ---- in the cone, for certain ------------------------------------------------------------------ */

/* Every entry is off by at most unit times its size, plus what underflow loses. */
static double rounding_unit(const zg_sdp *sdp)
{
    return ((double)sdp->variables + 4) * DBL_EPSILON;
}

static bool vector_is_safe(const zg_sdp_block *block, const slack *k, double unit, size_t variables)
{
    const double *s = k->s + block->offset, *size = k->size + block->offset;
    double lost = (double)variables * DBL_MIN, sum = 0;
    if (!block->conic) {
        for (size_t i = 0; i < block->order; i++)
            if (!(s[i] - unit * size[i] - lost >= 0)) return false;
        return true;
    }
    for (size_t i = 1; i < block->order; i++) {
        double most = fabs(s[i]) + unit * size[i] + lost;
        sum += most * most;
    }
    sum = sqrt(sum) * (1 + ((double)block->order + 8) * DBL_EPSILON) + DBL_MIN;
    return s[0] - unit * size[0] - lost >= sum;
}

static bool matrix_is_safe(const zg_sdp_block *block, const slack *k, double unit, size_t variables)
{
    size_t n = block->order;
    const double *s = k->s + block->offset, *size = k->size + block->offset;
    double trace = 0, error = 0, *m = k->matrix;
    for (size_t j = 0; j < n; j++) {
        double row = 0;
        for (size_t i = 0; i < n; i++) {
            size_t upper = i < j ? j * n + i : i * n + j;
            m[j * n + i] = s[upper];
            row += size[upper];
        }
        trace += fabs(s[j * n + j]);
        error = zg_upper_max(error, row);
    }
    double margin = 2 * unit * error + 2 * ((double)n + 8) * DBL_EPSILON * trace;
    margin += (double)n * (double)variables * DBL_MIN;
    for (size_t j = 0; j < n; j++)
        m[j * n + j] -= margin;
    return isfinite(margin) && zg_all_finite(n * n, m) && zg_cholesky(n, m) == ZG_OK;
}

static bool is_safe(const zg_sdp *sdp, const slack *k)
{
    double unit = rounding_unit(sdp);
    bool safe = true;
    for (size_t b = 0; b < sdp->block_count && safe; b++) {
        const zg_sdp_block *block = &sdp->blocks[b];
        safe = (block->diagonal ? vector_is_safe : matrix_is_safe)(block, k, unit, sdp->variables);
    }
    return safe;
}

/* cost'y rounded up. */
static double cost_above(const zg_sdp *sdp, const double *y)
{
    double sum = 0, size = 0;
    for (size_t k = 0; k < sdp->variables; k++) {
        sum += sdp->cost[k] * y[k];
        size += fabs(sdp->cost[k] * y[k]);
    }
    return zg_upper(sum + rounding_unit(sdp) * size + (double)sdp->variables * DBL_MIN);
}

/* ---- a strictly feasible point ------------------------------------------------------------------ */

/* values (variables) = <A_k, S> of upper triangles. */
static void project(const zg_sdp *sdp, const double *s, double *values)
{
    memset(values, 0, sdp->variables * sizeof *values);
    for (size_t p = 0; p < sdp->piece_count; p++) {
        const zg_sdp_piece *piece = &sdp->pieces[p];
        for (size_t e = piece->first; piece->matrix && e < piece->first + piece->count; e++) {
            double twice = sdp->row[e] == sdp->column[e] ? 1 : 2;
            values[piece->matrix - 1] +=
                twice * sdp->value[e] * s[position(&sdp->blocks[piece->block], sdp, e)];
        }
    }
}

/* |S|^2 of upper triangles. */
static double square(const zg_sdp *sdp, const double *s)
{
    double sum = 0;
    for (size_t b = 0; b < sdp->block_count; b++) {
        const zg_sdp_block *block = &sdp->blocks[b];
        size_t n = block->order;
        const double *w = s + block->offset;
        for (size_t j = 0; j < (block->diagonal ? 1 : n); j++)
            for (size_t i = 0; i < (block->diagonal ? n : j + 1); i++) {
                double value = w[j * n + i];
                sum += (block->diagonal || i == j ? 1 : 2) * value * value;
            }
    }
    return sum;
}

/* residual = tau I - S(0), or tau I: what the y0 sought is to make up for. */
static void start_residual(const zg_sdp *sdp, double tau, bool constant, const double *zero,
                           slack *k, double *residual)
{
    evaluate(sdp, zero, constant, k);
    for (size_t at = 0; at < sdp->block_values; at++)
        residual[at] = -k->s[at];
    for (size_t b = 0; b < sdp->block_count; b++) {
        const zg_sdp_block *block = &sdp->blocks[b];
        for (size_t i = 0; i < (block->conic ? 1 : block->order); i++)
            residual[block->offset + i * (block->diagonal ? 1 : block->order + 1)] += tau;
    }
}

/* y = argmin |S(y) - tau I|, or without the constant in S a direction: by conjugate gradients on
 * the normal equations (CGLS), variables scaled to matrices of norm one.  work: block_values + 4
 * variables. */
static void nearest_to_identity(const zg_sdp *sdp, double tau, bool constant, slack *k, double *y,
                                double *work)
{
    size_t m = sdp->variables;
    double *residual = work, *gradient = work + sdp->block_values, *p = gradient + m;
    double *scaled = p + m, *unit = scaled + m;
    memset(y, 0, m * sizeof *y);
    start_residual(sdp, tau, constant, y, k, residual);
    memset(unit, 0, m * sizeof *unit);
    for (size_t q = 0; q < sdp->piece_count; q++) {
        const zg_sdp_piece *piece = &sdp->pieces[q];
        for (size_t e = piece->first; piece->matrix && e < piece->first + piece->count; e++)
            unit[piece->matrix - 1] += sdp->value[e] * sdp->value[e];
    }
    for (size_t i = 0; i < m; i++)
        unit[i] = unit[i] > 0 ? 1 / sqrt(unit[i]) : 0;
    double before = 0, first = 0;
    for (size_t step = 0; step < MOST_STEPS; step++) {
        project(sdp, residual, gradient);
        for (size_t i = 0; i < m; i++)
            gradient[i] *= unit[i];
        double now = zg_dot(m, gradient, gradient);
        if (step == 0) first = now;
        if (!(now > 1e-24 * first)) return;
        for (size_t i = 0; i < m; i++) {
            p[i] = gradient[i] + (step ? now / before * p[i] : 0);
            scaled[i] = unit[i] * p[i];
        }
        before = now;
        evaluate(sdp, scaled, false, k);
        double alpha = now / square(sdp, k->s);
        if (!isfinite(alpha)) return;
        zg_axpy(m, alpha, scaled, y);
        zg_axpy(sdp->block_values, -alpha, k->s, residual);
    }
}

/* ---- the bound ------------------------------------------------------------------------------------ */

/* The cost of the first point on the way from y to y0 that is feasible for certain. */
static double bound_towards(const zg_sdp *sdp, const double *y, const double *y0, slack *k,
                            double *mixed)
{
    size_t m = sdp->variables;
    for (double eta = 1e-15; eta < 2; eta *= 4) {
        double share = eta < 1 ? eta : 1;
        for (size_t i = 0; i < m; i++)
            mixed[i] = (1 - share) * y[i] + share * y0[i];
        if (!zg_all_finite(m, mixed)) return INFINITY;
        evaluate(sdp, mixed, true, k);
        if (is_safe(sdp, k)) return cost_above(sdp, mixed);
    }
    return INFINITY;
}

static double largest_constant(const zg_sdp *sdp)
{
    double largest = 0;
    for (size_t p = 0; p < sdp->piece_count; p++)
        for (size_t e = 0; sdp->pieces[p].matrix == 0 && e < sdp->pieces[p].count; e++)
            largest = fmax(largest, fabs(sdp->value[sdp->pieces[p].first + e]));
    return largest > 0 ? largest : 1;
}

zg_status zg_sdp_bound_above(const zg_sdp *sdp, const double *y, double *bound)
{
    size_t m = sdp->variables;
    slack k;
    zg_status status = slack_create(sdp, &k);
    double *y0 = zg_doubles(6 * m + sdp->block_values);
    if (status == ZG_OK && !y0) status = ZG_NO_MEMORY;
    *bound = INFINITY;
    if (status == ZG_OK) {
        double *mixed = y0 + m, *work = y0 + 2 * m, largest = largest_constant(sdp);
        evaluate(sdp, y, true, &k);
        if (is_safe(sdp, &k)) *bound = cost_above(sdp, y);
        for (int power = 1; power <= 13 && !isfinite(*bound); power += 3) {
            nearest_to_identity(sdp, ldexp(largest, -power), true, &k, y0, work);
            *bound = bound_towards(sdp, y, y0, &k, mixed);
        }
        if (!isfinite(*bound)) {
            nearest_to_identity(sdp, 16 * largest, false, &k, y0, work);
            zg_axpy(m, 1, y, y0);
            *bound = bound_towards(sdp, y, y0, &k, mixed);
        }
    }
    free(k.s);
    free(y0);
    return status;
}

/* ---- rays ------------------------------------------------------------------------------------------ */

/* sum += a b, exactly; false where that is no double. */
static bool add_exactly(double *sum, double a, double b)
{
    double product = a * b;
    if (product == 0) return a == 0 || b == 0;
    if (!(fabs(product) > TINY) || fma(a, b, -product) != 0) return false;
    double total = *sum + product, part = total - *sum;
    if ((*sum - (total - part)) + (product - part) != 0) return false;
    *sum = total;
    return isfinite(total);
}

/* sum_k y_k A_k in k->s, exactly. */
static bool evaluate_exactly(const zg_sdp *sdp, const double *y, slack *k)
{
    memset(k->s, 0, sdp->block_values * sizeof *k->s);
    bool exact = true;
    for (size_t p = 0; p < sdp->piece_count; p++) {
        const zg_sdp_piece *piece = &sdp->pieces[p];
        for (size_t e = piece->first; piece->matrix && e < piece->first + piece->count; e++) {
            double *at = &k->s[position(&sdp->blocks[piece->block], sdp, e)];
            exact = exact && add_exactly(at, y[piece->matrix - 1], sdp->value[e]);
        }
    }
    return exact;
}

/* Whether the exact S is in the cone because it is diagonal and nonnegative; of a second-order cone
 * only the axis counts. */
static bool is_plainly_inside(const zg_sdp *sdp, const slack *k)
{
    for (size_t b = 0; b < sdp->block_count; b++) {
        const zg_sdp_block *block = &sdp->blocks[b];
        size_t n = block->order;
        const double *s = k->s + block->offset;
        for (size_t j = 0; j < (block->diagonal ? 1 : n); j++)
            for (size_t i = 0; i < (block->diagonal ? n : j + 1); i++) {
                bool axis = block->conic ? i == 0 : block->diagonal || i == j;
                if (!(axis ? s[j * n + i] >= 0 : s[j * n + i] == 0)) return false;
            }
    }
    return true;
}

zg_status zg_sdp_ray_proves(const zg_sdp *sdp, const double *y, bool *proven)
{
    slack k;
    *proven = false;
    zg_status status = slack_create(sdp, &k);
    if (status == ZG_OK && cost_above(sdp, y) < 0) {
        *proven = evaluate_exactly(sdp, y, &k) && is_plainly_inside(sdp, &k);
        if (!*proven) {
            evaluate(sdp, y, false, &k);
            *proven = is_safe(sdp, &k);
        }
    }
    free(k.s);
    return status;
}
