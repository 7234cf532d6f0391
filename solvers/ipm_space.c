/* The scaled program of the interior-point method (see ipm_space.h). */
#include "solvers/ipm_space.h"

#include "base/linalg.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Lift matrices that are looked at to find their typical size. */
#define SIZE_SAMPLES 512
/* Relative jitter under which a Gram matrix of dependent features is still inverted. */
#define JITTER 1e-11

/* ---- Gram matrices --------------------------------------------------------------------------- */

static double positive_or_one(double x)
{
    return x > 0.0 && isfinite(x) ? x : 1.0;
}

static zg_status invert(size_t p, const double *matrix, double *inverse)
{
    double trace = 0.0;
    for (size_t k = 0; k < p; k++)
        trace += matrix[k * p + k];
    memcpy(inverse, matrix, p * p * sizeof *inverse);
    for (size_t k = 0; k < p; k++)
        inverse[k * p + k] += JITTER * inverse[k * p + k] + 1e-30 * trace + 1e-200;
    if (zg_cholesky(p, inverse) != ZG_OK) return ZG_FAILED;
    if (LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 'L', (int)p, inverse, (int)p) != 0) return ZG_FAILED;
    for (size_t j = 0; j < p; j++)
        for (size_t i = j + 1; i < p; i++)
            inverse[i * p + j] = inverse[j * p + i];
    return ZG_OK;
}

zg_status zg_gram_create(const zg_sums *sums, zg_gram **out)
{
    size_t p = sums->features;
    double trace = 0.0;
    zg_gram *gram = calloc(1, sizeof *gram);
    if (!gram) return ZG_NO_MEMORY;
    gram->features = p;
    for (size_t k = 0; k < p; k++)
        trace += sums->gram[k * p + k];
    double size = trace / ((double)sums->rows * (double)sums->groups);
    if (sums->basis) size = sums->basis->size * sums->basis->size;
    gram->shrink = 1.0 / sqrt(positive_or_one(size));
    gram->matrix = zg_doubles(p * p);
    gram->inverse = zg_doubles(p * p);
    zg_status status = gram->matrix && gram->inverse ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        for (size_t k = 0; k < p * p; k++)
            gram->matrix[k] = gram->shrink * gram->shrink * sums->gram[k];
        status = invert(p, gram->matrix, gram->inverse);
    }
    if (status != ZG_OK) {
        zg_gram_free(gram);
        return status;
    }
    *out = gram;
    return ZG_OK;
}

void zg_gram_free(zg_gram *gram)
{
    if (!gram) return;
    free(gram->matrix);
    free(gram->inverse);
    free(gram);
}

/* ---- scaling --------------------------------------------------------------------------------- */

/* Root mean square of the Frobenius norms of (a sample of) the lift's matrices. */
static zg_status lift_size(const zg_lift *lift, double *size)
{
    size_t m = lift->order, n = lift->samples, stride = n / SIZE_SAMPLES + 1, count = 0;
    double *matrix = zg_doubles(m * m), sum = 0.0;
    if (!matrix) return ZG_NO_MEMORY;
    for (size_t g = 0; g < lift->groups; g++)
        for (size_t i = 0; i < n; i += stride, count++) {
            zg_lift_matrix(lift, g, i, matrix);
            sum += zg_inner(m, matrix, matrix);
        }
    free(matrix);
    *size = positive_or_one(sqrt(sum / (double)(count ? count : 1)));
    return ZG_OK;
}

static void set_units(zg_space *s, double beta, double targets)
{
    double size = 1.0 / s->shrink;
    s->block_unit = targets / size;
    if (zg_loss_has(s->loss.kind, ZG_LOSS_DEGREE_TWO)) {
        s->beta = beta / (targets * size);
        s->objective_unit = targets * targets;
        s->dual_unit = targets;
        s->loss.delta /= targets;
    } else if (zg_loss_has(s->loss.kind, ZG_LOSS_EXACT)) {
        s->beta = 1.0;
        s->objective_unit = targets * (beta / size);
        s->dual_unit = beta / size;
    } else { /* of degree 1, or labelled with targets == 1 */
        s->beta = beta / size;
        s->objective_unit = targets;
        s->dual_unit = 1.0;
    }
}

static double typical_target(const zg_program *program)
{
    size_t n = program->lift->samples;
    if (zg_loss_has(program->loss.kind, ZG_LOSS_LABELLED)) return 1.0;
    double largest = 0.0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(program->y[i]));
    if (!(largest > 0.0)) return 1.0;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += program->y[i] / largest * (program->y[i] / largest);
    return largest * sqrt(sum / (double)n);
}

/* ---- equalities ------------------------------------------------------------------------------ */

size_t zg_space_multipliers(const zg_space *space)
{
    return (space->shared ? 1 : 2) * space->groups * space->equalities;
}

size_t zg_space_multiplier(const zg_space *space, size_t cone)
{
    return (space->shared ? cone / 2 : cone) * space->equalities;
}

void zg_space_traces(const zg_space *space, const double *x, double *out)
{
    size_t m = space->order;
    for (size_t j = 0; j < space->equalities; j++)
        for (size_t a = 0; a < m; a++)
            out[j] += space->diagonals[j * m + a] * x[a * m + a];
}

void zg_space_add_multiples(const zg_space *space, const double *rho, double *x)
{
    size_t m = space->order;
    for (size_t j = 0; j < space->equalities; j++)
        for (size_t a = 0; a < m; a++)
            x[a * m + a] += rho[j] * space->diagonals[j * m + a];
}

static zg_status set_equalities(zg_space *s, zg_neuron_set set)
{
    size_t m = s->order, width = m - (s->bordered ? 1 : 0);
    bool cube = set.kind == ZG_SET_BINARY || set.kind == ZG_SET_BILINEAR;
    s->shared = set.kind == ZG_SET_BILINEAR;
    s->equalities = cube ? m - 1 : s->bordered ? 1 : 0;
    s->diagonals = zg_doubles(m * s->equalities + 1);
    if (!s->diagonals) return ZG_NO_MEMORY;
    for (size_t j = 0; j < s->equalities; j++) {
        double *r = s->diagonals + j * m;
        for (size_t a = 0; a < width; a++)
            r[a] = !cube || a == j ? 1.0 : 0.0;
        r[m - 1] = cube && s->bordered ? -1.0 / (double)width : -1.0;
    }
    return ZG_OK;
}

/* ---- creation -------------------------------------------------------------------------------- */

static zg_status fill_samples(zg_space *s, const zg_program *program)
{
    size_t n = s->unknowns;
    s->y = zg_doubles(n);
    s->low = zg_doubles(n);
    s->high = zg_doubles(n);
    s->linear = zg_doubles(n);
    s->curve = zg_doubles(n);
    s->work = zg_doubles(zg_lift_work(s->lift));
    if (!s->y || !s->low || !s->high || !s->linear || !s->curve || !s->work) return ZG_NO_MEMORY;
    double size, targets = typical_target(program);
    if (lift_size(s->lift, &size) != ZG_OK) return ZG_NO_MEMORY;
    s->shrink = 1.0 / size;
    set_units(s, program->beta, targets);
    for (size_t i = 0; i < n; i++) {
        double weight = s->weights ? s->weights[i] : 1.0, q;
        s->y[i] = program->y[i] / targets;
        zg_loss_domain(s->loss, s->y[i], weight, &s->low[i], &s->high[i]);
        zg_loss_quadratic_dual(s->loss, s->y[i], weight, &s->linear[i], &q);
        s->curve[i] = 2.0 * q; /* D = p v - q v^2 */
    }
    return ZG_OK;
}

zg_status zg_space_from_program(const zg_program *program, zg_space_kind kind, zg_space **out)
{
    const zg_lift *lift = program->lift;
    zg_space *s = calloc(1, sizeof *s);
    if (!s) return ZG_NO_MEMORY;
    *s = (zg_space){.kind = kind,
                    .unknowns = lift->samples,
                    .groups = lift->groups,
                    .order = lift->order,
                    .features = lift->groups * zg_svec_size(lift->order),
                    .bordered = lift->bordered,
                    .constant = program->constant,
                    .lift = lift,
                    .loss = program->loss,
                    .weights = program->weights};
    zg_status status = fill_samples(s, program);
    if (status == ZG_OK) status = set_equalities(s, program->neuron_set);
    if (status != ZG_OK) {
        zg_space_free(s);
        return status;
    }
    *out = s;
    return ZG_OK;
}

/* Sums of one output in scaled units, about the origin. */
static void take_sums(zg_space *s, const zg_sums *sums, const zg_sums_origin *origin, size_t output,
                      double targets)
{
    size_t p = s->features;
    double unit = s->shrink / targets;
    const double *moments = sums->moments + output * p;
    const double *at = origin ? origin->moments + output * p : moments;
    for (size_t k = 0; k < p; k++) {
        s->target_moments[k] = unit * moments[k];
        s->moments[k] = unit * at[k];
        if (origin) s->origin[k] = origin->fit[output * p + k] / s->block_unit;
    }
    s->square = (origin ? origin->squares[output] : sums->squares[output]) / (targets * targets);
    s->cross = (origin ? origin->cross[output] : sums->squares[output]) / (targets * targets);
}

zg_status zg_space_from_sums(const zg_sums *sums, const zg_gram *gram, const zg_sums_origin *origin,
                             size_t output, double beta, zg_space **out)
{
    size_t p = gram->features;
    zg_space *s = calloc(1, sizeof *s);
    if (!s) return ZG_NO_MEMORY;
    *s = (zg_space){.kind = ZG_SPACE_SUMS,
                    .unknowns = p,
                    .groups = sums->groups,
                    .order = sums->order,
                    .features = p,
                    .bordered = sums->bordered,
                    .shrink = gram->shrink,
                    .loss = {ZG_LOSS_SQUARED, 1.0},
                    .gram = gram,
                    .basis = sums->basis,
                    .origin = zg_doubles(5 * p)};
    zg_status status = set_equalities(s, (zg_neuron_set){ZG_SET_SPHERE, 0});
    if (status != ZG_OK || !s->origin) {
        zg_space_free(s);
        return ZG_NO_MEMORY;
    }
    s->moments = s->origin + p;
    s->target_moments = s->moments + p;
    s->product = s->target_moments + p;
    s->step = s->product + p;
    double targets = positive_or_one(sqrt(sums->squares[output] / (double)sums->rows));
    set_units(s, beta, targets);
    take_sums(s, sums, origin, output, targets);
    *out = s;
    return ZG_OK;
}

void zg_space_free(zg_space *space)
{
    if (!space) return;
    double *owned[] = {space->y,    space->low,    space->high,  space->linear,
                       space->work, space->origin, space->curve, space->diagonals};
    for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
        free(owned[k]);
    free(space);
}

/* ---- the linear map -------------------------------------------------------------------------- */

void zg_space_adjoint(const zg_space *space, size_t group, const double *x, double *t)
{
    size_t m = space->order;
    if (space->kind == ZG_SPACE_SUMS) {
        const double *own = x + group * (space->features / space->groups);
        if (space->basis)
            zg_basis_adjoint(space->basis, group, own, false, t);
        else
            zg_smat(m, own, t);
        return;
    }
    zg_lift_adjoint(space->lift, group, x, t, space->work);
    for (size_t k = 0; k < m * m; k++)
        t[k] *= space->shrink;
}

void zg_space_apply(const zg_space *space, size_t group, const double *z, double scale, double *f)
{
    size_t m = space->order;
    if (space->kind == ZG_SPACE_SUMS) {
        size_t size = space->features / space->groups;
        if (space->basis) memset(space->product, 0, size * sizeof *space->product);
        zg_svec(m, z, space->product);
        if (space->basis) zg_basis_times(space->basis, group, 1, space->product, 1);
        zg_axpy(size, scale, space->product, f + group * size);
        return;
    }
    zg_lift_apply(space->lift, group, z, scale * space->shrink, f, space->work);
}

/* ---- the loss -------------------------------------------------------------------------------- */

/* out = G x */
static void times_gram(const zg_space *space, const double *x, double *out)
{
    int p = (int)space->features;
    cblas_dsymv(CblasColMajor, CblasLower, p, 1.0, space->gram->matrix, p, x, 1, 0.0, out, 1);
}

void zg_space_slope(const zg_space *space, const double *x, const double *fit, double *out)
{
    bool entropy = zg_loss_has(space->loss.kind, ZG_LOSS_ENTROPY);
    for (size_t i = 0; i < space->unknowns; i++) {
        if (space->kind == ZG_SPACE_SUMS) {
            out[i] = -(space->origin[i] + fit[i]);
        } else if (entropy) {
            double t = space->y[i] * x[i] / (space->weights ? space->weights[i] : 1.0);
            out[i] = space->y[i] * (log(t) - log1p(-t));
        } else {
            out[i] = space->curve[i] * x[i] - space->linear[i];
        }
    }
}

void zg_space_curvature(const zg_space *space, const double *x, double *out)
{
    bool entropy = zg_loss_has(space->loss.kind, ZG_LOSS_ENTROPY);
    for (size_t i = 0; i < space->unknowns; i++) {
        out[i] = space->curve[i];
        if (!entropy) continue;
        double weight = space->weights ? space->weights[i] : 1.0, t = space->y[i] * x[i] / weight;
        out[i] = 1.0 / (weight * t * (1.0 - t));
    }
}

void zg_space_place(const zg_space *space, const double *fit, double *x)
{
    times_gram(space, fit, x);
    for (size_t k = 0; k < space->unknowns; k++)
        x[k] = space->moments[k] - x[k];
}

double zg_space_loss(const zg_space *space, const double *f)
{
    size_t n = space->unknowns;
    if (space->kind != ZG_SPACE_SUMS)
        return zg_loss_value(space->loss, n, f, space->y, space->weights);
    for (size_t k = 0; k < n; k++)
        space->step[k] = f[k] - space->origin[k];
    times_gram(space, space->step, space->product);
    return 0.5 * space->square - zg_dot(n, space->moments, space->step) +
           0.5 * zg_dot(n, space->step, space->product);
}

double zg_space_dual(const zg_space *space, const double *x, const double *fit, double limit,
                     double *scratch, double *s)
{
    size_t n = space->unknowns;
    double best;
    if (space->kind == ZG_SPACE_SUMS) {
        times_gram(space, fit, space->product);
        double linear = space->cross - zg_dot(n, space->target_moments, fit); /* v'y */
        double square = space->square - 2.0 * zg_dot(n, space->moments, fit) +
                        zg_dot(n, fit, space->product); /* v'v */
        best = square > 0.0 ? fmax(0.0, fmin(limit, linear / square)) : 0.0;
        if (s) *s = best;
        return best * linear - 0.5 * best * best * square;
    }
    /* The logistic scale needs many evaluations; the iterate itself is good enough. */
    best = zg_loss_has(space->loss.kind, ZG_LOSS_ENTROPY)
               ? fmin(1.0, limit)
               : zg_loss_best_scale(space->loss, n, x, space->y, space->weights, limit);
    if (s) *s = best;
    for (size_t i = 0; i < n; i++)
        scratch[i] = best * x[i];
    return zg_loss_dual(space->loss, n, scratch, space->y, space->weights);
}

double zg_space_best_multiple(const zg_space *space, const double *f, double penalty)
{
    double cross = 0.0, square = 0.0;
    if (!zg_loss_has(space->loss.kind, ZG_LOSS_QUADRATIC)) return 1.0;
    if (space->kind == ZG_SPACE_SUMS) {
        times_gram(space, f, space->product);
        cross = zg_dot(space->unknowns, space->target_moments, f);
        square = zg_dot(space->unknowns, f, space->product);
    } else {
        size_t exact = zg_loss_exact_row(space->unknowns, space->weights);
        if (exact != SIZE_MAX) { /* there is no choice */
            double multiple = space->y[exact] / f[exact];
            return multiple > 0.0 && isfinite(multiple) ? multiple : 1.0;
        }
        for (size_t i = 0; i < space->unknowns; i++) {
            double weight = space->weights ? space->weights[i] : 1.0;
            cross += weight * f[i] * space->y[i];
            square += weight * f[i] * f[i];
        }
    }
    return square > 0.0 ? fmax(0.0, (cross - penalty) / square) : 1.0;
}

void zg_space_ascent(const zg_space *space, double *out)
{
    size_t n = space->unknowns;
    if (space->kind == ZG_SPACE_SUMS) {
        memcpy(out, space->target_moments, n * sizeof *out);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        double weight = space->weights && !isinf(space->weights[i]) ? space->weights[i] : 1.0;
        out[i] = fmax(0.5 * space->low[i], fmin(0.5 * space->high[i], weight * space->y[i]));
    }
}
