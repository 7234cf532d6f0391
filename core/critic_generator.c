/* The best generator against polynomial critics (see critic_generator.h): Newton's method along the
 * central path of the three cones, whose points give both ends of the interval. */
#include "core/critic_generator.h"

#include "base/linalg.h"
#include "core/decomposition.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_STEPS 400
#define GAP 1e-10       /* relative to the real trace: where the path ends */
#define CENTRED 1e-3    /* Newton's decrement there */
#define RANK_SHARE 1e-6 /* of the real rows' mean square */

enum { MADE, ABOVE, BELOW, CONES };

/* Units in which the real rows and the critic are of size one: rows over `unit`, a power of two. */
typedef struct program {
    size_t d, m, count;     /* m = d + 1; unknowns: entries of [C mu; mu' .], rho of either sign */
    double a, b, eps, unit; /* of the scaled rows */
    double *s, *mean;       /* d x d, d: the real moments */
    double *moments;        /* m x m: [C mu; mu' 1] */
    double rho[2];
    double *g[CONES], *w[CONES]; /* m x m: the cones and their inverses */
    double *hessian, *step, *memory;
} program;

/* ---- the cones ------------------------------------------------------------------------------- */

/* How the entry (i, j) of the moments enters a cone. */
static double share(const program *p, int cone, size_t j)
{
    double size = j < p->d ? p->a : 0.5 * p->b;
    return cone == MADE ? 1.0 : cone == ABOVE ? size : -size;
}

static void fill_cones(program *p)
{
    size_t d = p->d, m = p->m;
    memcpy(p->g[MADE], p->moments, m * m * sizeof *p->moments);
    for (int cone = ABOVE; cone <= BELOW; cone++) {
        double *g = p->g[cone], rho = p->rho[cone - ABOVE];
        for (size_t j = 0; j < m; j++)
            for (size_t i = 0; i <= j; i++) {
                double real = j < d ? p->s[j * d + i] : i < d ? p->mean[i] : 1.0;
                double value = share(p, cone, j) * (p->moments[j * m + i] - real);
                g[j * m + i] = g[i * m + j] = i < j ? value : j < d ? rho + value : p->eps - rho;
            }
    }
}

/* Inverses of the cones; false where one is not positive definite.  *barrier = - log det. */
static bool invert_cones(program *p, double *barrier)
{
    size_t m = p->m;
    double *l = p->memory;
    *barrier = 0.0;
    for (int cone = 0; cone < CONES; cone++) {
        memcpy(l, p->g[cone], m * m * sizeof *l);
        if (!zg_all_finite(m * m, l) || zg_cholesky(m, l) != ZG_OK) return false;
        double *w = p->w[cone];
        memset(w, 0, m * m * sizeof *w);
        for (size_t j = 0; j < m; j++) {
            *barrier -= 2.0 * log(l[j * m + j]);
            w[j * m + j] = 1.0;
        }
        zg_cholesky_solve(m, l, m, w);
        for (size_t j = 0; j < m; j++)
            for (size_t i = 0; i < j; i++)
                w[j * m + i] = w[i * m + j] = 0.5 * (w[j * m + i] + w[i * m + j]);
    }
    return isfinite(*barrier);
}

/* r = W R W, R = diag(1, .., 1, -1). */
static void reflect(const program *p, const double *w, double *r)
{
    size_t m = p->m;
    zg_gemm(false, false, m, m, m, 1.0, w, m, w, m, 0.0, r, m);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < m; i++)
            r[j * m + i] -= 2.0 * w[p->d * m + i] * w[p->d * m + j];
}

/* ---- Newton's step --------------------------------------------------------------------------- */

/* Adds a cone's part of the Hessian and of -gradient.  Entry (i, j) of a symmetric matrix moves
 * e_i e_j' + e_j e_i', the diagonal half of it. */
static void add_cone(program *p, int cone)
{
    size_t m = p->m, entries = p->count - 2, row = 0;
    const double *w = p->w[cone];
    double *r = p->memory;
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i <= j && row < entries; i++, row++) {
            double outer = share(p, cone, j) * (i == j ? 1.0 : 2.0);
            size_t column = 0;
            for (size_t l = 0; l <= j; l++)
                for (size_t k = 0; k <= l && column <= row; k++, column++) {
                    double inner = share(p, cone, l) * (k == l ? 0.5 : 1.0);
                    p->hessian[column * p->count + row] +=
                        outer * inner * (w[k * m + i] * w[l * m + j] + w[l * m + i] * w[k * m + j]);
                }
            p->step[row] += outer * w[j * m + i];
        }
    if (cone == MADE) return;
    size_t own = entries + (size_t)(cone - ABOVE);
    reflect(p, w, r);
    row = 0;
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i <= j && row < entries; i++, row++)
            p->hessian[row * p->count + own] +=
                share(p, cone, j) * (i == j ? 1.0 : 2.0) * r[j * m + i];
    for (size_t j = 0; j < m; j++) {
        double sign = j < p->d ? 1.0 : -1.0;
        p->hessian[own * p->count + own] += sign * r[j * m + j];
        p->step[own] += sign * w[j * m + j];
    }
}

/* step = Newton's for t tr C - sum log det; *decrement = sqrt(g' H^-1 g). */
static bool find_step(program *p, double t, double *decrement)
{
    size_t count = p->count, row = 0;
    memset(p->hessian, 0, count * count * sizeof *p->hessian);
    memset(p->step, 0, count * sizeof *p->step);
    for (int cone = 0; cone < CONES; cone++)
        add_cone(p, cone);
    for (size_t j = 0; j < p->d; j++) {
        row += j;
        p->step[row++] -= t;
    }
    double *gradient = p->memory;
    memcpy(gradient, p->step, count * sizeof *gradient);
    if (!zg_all_finite(count * count, p->hessian)) return false;
    if (zg_cholesky(count, p->hessian) != ZG_OK) return false;
    zg_cholesky_solve(count, p->hessian, 1, p->step);
    *decrement = sqrt(zg_dot(count, gradient, p->step));
    return isfinite(*decrement) && zg_all_finite(count, p->step);
}

static void move(program *p, double length)
{
    size_t m = p->m, entries = p->count - 2, row = 0;
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i <= j && row < entries; i++, row++) {
            p->moments[j * m + i] += length * p->step[row];
            p->moments[i * m + j] = p->moments[j * m + i];
        }
    for (size_t k = 0; k < 2; k++)
        p->rho[k] += length * p->step[entries + k];
    fill_cones(p);
}

static double trace_of(const program *p)
{
    double trace = 0.0;
    for (size_t j = 0; j < p->d; j++)
        trace += p->moments[j * p->m + j];
    return trace;
}

/* Moves along the step, as far as the barrier decreases; false where it nowhere does. */
static bool search(program *p, double t, double decrement, double *barrier)
{
    double trace = trace_of(p), before = *barrier, from = 0.0;
    for (double length = 1.0; length > 1e-10; length *= 0.5) {
        move(p, length - from);
        from = length;
        bool inside = invert_cones(p, barrier);
        double change = t * (trace_of(p) - trace) + (*barrier - before);
        if (inside && change < -0.01 * length * decrement * decrement) return true;
        if (inside && decrement < 0.25) return true; /* there a full step is safe */
    }
    move(p, -from);
    (void)invert_cones(p, barrier);
    return false;
}

/* ---- the lower bound ------------------------------------------------------------------------- */

/* z = (W - W dG W) / t: on the central path's tangent, where the dual's equations hold. */
static void dual_block(const program *p, int cone, double t, double *z, double *space)
{
    size_t m = p->m, entries = p->count - 2, row = 0;
    double *change = space, *half = space + m * m;
    memset(change, 0, m * m * sizeof *change);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i <= j && row < entries; i++, row++)
            change[j * m + i] = change[i * m + j] = share(p, cone, j) * p->step[row];
    for (size_t j = 0; j < m; j++)
        change[j * m + j] += (j < p->d ? 1.0 : -1.0) * p->step[entries + (size_t)(cone - ABOVE)];
    zg_gemm(false, false, m, m, m, 1.0, p->w[cone], m, change, m, 0.0, half, m);
    memcpy(z, p->w[cone], m * m * sizeof *z);
    zg_gemm(false, false, m, m, m, -1.0 / t, half, m, p->w[cone], m, 1.0 / t, z, m);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < j; i++)
            z[j * m + i] = z[i * m + j] = 0.5 * (z[j * m + i] + z[i * m + j]);
}

/* Adds the neurons of z to the network's moments f = sum alpha [u u', u; ., .]. */
static bool add_network(const program *p, const double *z, double sign, double *f, double *weight)
{
    size_t d = p->d, m = p->m, count = 0;
    double *u = zg_doubles(m * d + m), *alpha = u + m * d;
    bool fine = u && zg_all_finite(m * m, z) && zg_decompose(m, z, 0.0, u, alpha, &count) == ZG_OK;
    for (size_t k = 0; fine && k < count; k++) {
        *weight += alpha[k];
        for (size_t j = 0; j < m; j++)
            for (size_t i = 0; i < d; i++)
                f[j * m + i] += sign * alpha[k] * u[k * d + i] * (j < d ? u[k * d + j] : 1.0);
    }
    free(u);
    return fine;
}

/* The least g, or a little more, with [I - a F, -(b/2) h; ., g] >= 0 in spite of all rounding: then
 * |x|^2 - f(x) >= -g.  Infinite where there is none. */
static double potential_floor(const program *p, const double *f, double weight, double *n)
{
    size_t d = p->d, m = p->m;
    double *l = n + m * m, *h = l + m * m;
    double size = (double)m + (fabs(p->a) + fabs(p->b)) * weight;
    double off = 64.0 * ((double)m + 8.0) * DBL_EPSILON * size, g = 0.0;
    for (size_t j = 0; j < d; j++) {
        for (size_t i = 0; i < d; i++)
            n[j * m + i] = (i == j ? 1.0 - off : 0.0) - p->a * f[j * m + i];
        n[d * m + j] = n[j * m + d] = -0.5 * p->b * f[d * m + j];
    }
    for (size_t j = 0; j < d; j++) {
        memcpy(l + j * d, n + j * m, d * sizeof *l);
        h[j] = n[d * m + j];
    }
    if (!zg_all_finite(d * d, l) || zg_cholesky(d, l) != ZG_OK) return INFINITY;
    zg_cholesky_solve(d, l, 1, h);
    for (size_t j = 0; j < d; j++)
        g += h[j] * n[d * m + j];
    for (double more = off; more < 1e-3 && g < 1e3; more *= 4.0) {
        double corner = g * (1.0 + more) + more; /* whose own rounding is below `off` times it */
        memcpy(l, n, m * m * sizeof *l);
        l[m * m - 1] = corner - off * (1.0 + corner);
        if (zg_all_finite(m * m, l) && zg_cholesky(m, l) == ZG_OK) return corner;
    }
    return INFINITY;
}

/* What the network of the present point proves, in scaled units; -INFINITY where nothing. */
static double bound_below(const program *p, size_t rows, double t)
{
    size_t d = p->d, m = p->m;
    double *z = zg_doubles(6 * m * m + m), *space = z + m * m, *f = z + 4 * m * m + m, weight = 0.0;
    if (!z) return -INFINITY;
    bool fine = true;
    for (int cone = ABOVE; cone <= BELOW && fine; cone++) {
        dual_block(p, cone, t, z, space);
        fine = add_network(p, z, cone == ABOVE ? 1.0 : -1.0, f, &weight);
    }
    double value = 0.0, size = 0.0;
    for (size_t j = 0; j < d; j++) {
        for (size_t i = 0; i < d; i++)
            value += p->a * f[j * m + i] * p->s[j * d + i];
        value += p->b * f[d * m + j] * p->mean[j];
        size += p->s[j * d + j];
    }
    double floor = fine ? potential_floor(p, f, weight, space) : INFINITY;
    /* Moments are off by (n + 8) u of the diagonal of S, sums over d^2 entries and m neurons more.
     */
    double magnitude =
        weight * (fabs(p->a) * size + fabs(p->b) * sqrt(size) + p->eps) + fabs(floor);
    double off = 2.0 * ((double)rows + 4.0 * (double)(d * d) + 32.0) * DBL_EPSILON * magnitude;
    double bound = value - floor - p->eps * weight - off;
    free(z);
    return zg_lower_final(bound);
}

/* ---- the path -------------------------------------------------------------------------------- */

static zg_status follow(program *p, size_t rows, double *least, zg_error *error)
{
    double barrier, decrement, t = 1.0, last = (double)(CONES * p->m) / GAP;
    *least = 0.0; /* a trace of C >= 0 */
    if (!invert_cones(p, &barrier))
        return zg_fail(error, ZG_FAILED,
                       "there is no sample strictly within EPS in double precision: a larger one, "
                       "or rows of size one");
    for (int step = 0; step < MOST_STEPS; step++) {
        if (!find_step(p, t, &decrement)) break;
        if (decrement < (t < last ? 0.25 : CENTRED)) {
            *least = zg_lower_better(*least, bound_below(p, rows, t));
            if (!(t < last)) break;
            t = fmin(5.0 * t, last);
            continue;
        }
        if (!search(p, t, decrement, &barrier)) {
            if (decrement < 1.0) *least = zg_lower_better(*least, bound_below(p, rows, t));
            break;
        }
    }
    return ZG_OK;
}

static zg_status allocate(program *p, zg_error *error)
{
    size_t d = p->d, m = p->m;
    p->count = m * (m + 1) / 2 - 1 + 2;
    double *at = zg_doubles(d * d + d + (1 + 2 * CONES) * m * m + p->count * p->count + p->count +
                            p->count + m * m);
    if (!at) return zg_no_memory(error);
    p->s = at;
    p->mean = p->s + d * d;
    p->moments = p->mean + d;
    for (int cone = 0; cone < CONES; cone++) {
        p->g[cone] = p->moments + (1 + (size_t)cone) * m * m;
        p->w[cone] = p->moments + (1 + CONES + (size_t)cone) * m * m;
    }
    p->hessian = p->moments + (1 + 2 * CONES) * m * m;
    p->step = p->hessian + p->count * p->count;
    p->memory = p->step + p->count;
    return ZG_OK;
}

/* Real moments in units of size one, and a sample strictly within eps: the real one and a little
 * noise. */
static zg_status begin(program *p, size_t n, const double *x, zg_error *error)
{
    size_t d = p->d, m = p->m;
    double size = 0.0;
    for (size_t k = 0; k < n * d; k++)
        size = fmax(size, fabs(x[k]));
    p->unit = size > 0.0 ? ldexp(1.0, ilogb(size)) : 1.0;
    p->a *= p->unit * p->unit;
    p->b *= p->unit;
    double *scaled = zg_doubles(n * d);
    if (!scaled) return zg_no_memory(error);
    for (size_t k = 0; k < n * d; k++) {
        scaled[k] = x[k] / p->unit;
        p->mean[k % d] += scaled[k] / (double)n;
    }
    zg_gemm(false, true, d, d, n, 1.0 / (double)n, scaled, d, scaled, d, 0.0, p->s, d);
    free(scaled);
    double critic = fmax(fabs(p->a), fabs(p->b));
    critic = isnormal(critic) ? ldexp(1.0, ilogb(critic)) : critic; /* divides exactly */
    if (!(isnormal(critic) && critic <= 1e300 && p->eps / critic > 1e-12))
        return zg_fail(error, ZG_BAD_INPUT,
                       "EPS is too small for rows of this size: above 1e-12 of what the critic "
                       "sees of them");
    p->a /= critic;
    p->b /= critic;
    p->eps = fmin(p->eps / critic, 1e6); /* from there on nothing at all is a sample within it */
    double noise = fmin(0.01, p->a != 0.0 ? 0.25 * p->eps / fabs(p->a) : 0.01);
    for (size_t j = 0; j < d; j++) {
        for (size_t i = 0; i < d; i++)
            p->moments[j * m + i] = p->s[j * d + i] + (i == j ? noise : 0.0);
        p->moments[d * m + j] = p->moments[j * m + d] = p->mean[j];
    }
    p->moments[m * m - 1] = 1.0;
    p->rho[0] = p->rho[1] = 0.5 * p->eps;
    fill_cones(p);
    return ZG_OK;
}

/* ---- the map --------------------------------------------------------------------------------- */

/* root = V diag(f(w)) V' of the symmetric a (destroyed): square root, and that of its pseudoinverse
 * (or NULL).  *rank counts what is above `share` of the largest. */
static zg_status roots(size_t d, double *a, double cutoff, double *root, double *inverse,
                       size_t *rank)
{
    double *w = zg_doubles(d);
    zg_status status = !w ? ZG_NO_MEMORY : zg_all_finite(d * d, a) ? zg_eigen(d, a, w) : ZG_FAILED;
    *rank = 0;
    for (size_t k = 0; k < d && status == ZG_OK; k++) {
        if (!(w[k] > cutoff * w[d - 1])) continue;
        ++*rank;
        for (size_t j = 0; j < d; j++) {
            zg_axpy(d, sqrt(w[k]) * a[k * d + j], a + k * d, root + j * d);
            if (inverse) zg_axpy(d, a[k * d + j] / sqrt(w[k]), a + k * d, inverse + j * d);
        }
    }
    free(w);
    return status;
}

/* map = R^-1 (R K R)^1/2 R^-1 with R the root of the real covariance, K the made one. */
static zg_status fill_map(const program *p, zg_critic_generator *out)
{
    size_t d = p->d, m = p->m, rank;
    double *space = zg_doubles(6 * d * d);
    double *real = space, *made = real + d * d, *root = made + d * d, *inverse = root + d * d;
    double *middle = inverse + d * d, *half = middle + d * d;
    if (!space) return ZG_NO_MEMORY;
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < d; i++) {
            real[j * d + i] = p->s[j * d + i] - p->mean[i] * p->mean[j];
            made[j * d + i] = p->moments[j * m + i] - p->moments[d * m + i] * p->moments[d * m + j];
        }
    zg_status status = roots(d, real, 1e-12, root, inverse, &rank);
    zg_gemm(false, false, d, d, d, 1.0, root, d, made, d, 0.0, half, d);
    zg_gemm(false, false, d, d, d, 1.0, half, d, root, d, 0.0, middle, d);
    memset(root, 0, d * d * sizeof *root);
    if (status == ZG_OK) status = roots(d, middle, 1e-14, root, NULL, &rank);
    zg_gemm(false, false, d, d, d, 1.0, inverse, d, root, d, 0.0, half, d);
    zg_gemm(false, false, d, d, d, 1.0, half, d, inverse, d, 0.0, out->map, d);
    double size = 0.0;
    for (size_t j = 0; j < d; j++)
        size += p->s[j * d + j];
    if (status == ZG_OK) status = zg_eigenvalues(d, made, half);
    for (size_t k = 0; k < d && status == ZG_OK; k++)
        out->rank += half[k] > RANK_SHARE * size;
    for (size_t j = 0; j < d; j++) {
        out->mean[j] = p->unit * p->mean[j];
        out->shift[j] = p->unit * p->moments[d * m + j];
    }
    free(space);
    return status == ZG_OK && !zg_all_finite(d * d, out->map) ? ZG_FAILED : status;
}

zg_status zg_critic_generator_create(size_t n, size_t inputs, const double *x,
                                     zg_activation activation, double eps, zg_critic_generator *out,
                                     zg_error *error)
{
    size_t d = inputs;
    program p = {.d = d, .m = d + 1, .a = activation.a, .b = activation.b, .eps = eps};
    *out = (zg_critic_generator){.inputs = d};
    if (d > ZG_CRITIC_GENERATOR_INPUTS)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "a generator against critics of this activation has at most %d inputs, "
                       "found %zu; against the quadratic one any number",
                       ZG_CRITIC_GENERATOR_INPUTS, d);
    if (!(eps > 0.0 && isfinite(eps)))
        return zg_fail(error, ZG_BAD_INPUT, "expected an EPS above 0");
    double least = 0.0;
    zg_status status = allocate(&p, error);
    out->map = zg_doubles(d * d);
    out->mean = zg_doubles(d);
    out->shift = zg_doubles(d);
    if (status == ZG_OK && !(out->map && out->mean && out->shift)) status = zg_no_memory(error);
    if (status == ZG_OK) status = begin(&p, n, x, error);
    if (status == ZG_OK) status = follow(&p, n, &least, error);
    if (status == ZG_OK && fill_map(&p, out) != ZG_OK)
        status = zg_fail(error, ZG_FAILED, "the generator's map is beyond double precision");
    out->trace = status == ZG_OK ? p.unit * p.unit * trace_of(&p) : 0.0;
    out->least = fmax(zg_lower_final(p.unit * p.unit * least), 0.0); /* a power of two: exact */
    free(p.s);
    if (status != ZG_OK) zg_critic_generator_clear(out);
    return status;
}

void zg_critic_generator_apply(const zg_critic_generator *generator, size_t n, const double *x,
                               double *made)
{
    size_t d = generator->inputs;
    double row[ZG_CRITIC_GENERATOR_INPUTS];
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < d; j++)
            row[j] = x[i * d + j] - generator->mean[j];
        memcpy(made + i * d, generator->shift, d * sizeof *made);
        zg_gemv(false, d, d, 1.0, generator->map, d, row, 1.0, made + i * d);
    }
}

void zg_critic_generator_clear(zg_critic_generator *generator)
{
    free(generator->map);
    free(generator->mean);
    free(generator->shift);
    *generator = (zg_critic_generator){0};
}
