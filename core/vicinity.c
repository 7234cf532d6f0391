/* Bands round a network's outputs that hold those of every optimum (see vicinity.h). */
#include "core/vicinity.h"

#include "base/linalg.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Products with a constant input are the inputs. */
static bool has_linear(const zg_problem *problem)
{
    return problem->activation.b != 0 && !problem->preprocess.bias;
}

size_t zg_band_features(const zg_problem *problem)
{
    size_t d = problem->inputs;
    bool fits = problem->loss.kind == ZG_LOSS_SQUARED && problem->penalty.kind == ZG_PENALTY_L1 &&
                problem->robust == 0.0 && !problem->weights && !problem->functionals &&
                problem->preprocess.halfspaces == 0 && problem->architecture.kind == ZG_DENSE &&
                problem->neuron_set.kind == ZG_SET_SPHERE && d < 1U << 16;
    return fits ? d * (d + 1) / 2 + (has_linear(problem) ? d : 0) : 0;
}

/* phi, and a bound on its distance from what it is without rounding: a part of its terms, which can
 * cancel, and what underflows, before an input multiplies it. */
static double form_features(const zg_problem *problem, const double *x, double *phi)
{
    const zg_activation *act = &problem->activation;
    size_t d = problem->inputs, k = 0;
    double size = 0.0, longest = 1.0;
    for (size_t i = 0; i < d; i++) {
        longest += fabs(x[i]);
        for (size_t j = i; j < d; j++, k++) {
            double product = act->a * x[i] * x[j] * (i < j ? 2 : 1), constant = i == j ? act->c : 0;
            phi[k] = product + constant;
            size += fabs(product) + fabs(constant);
        }
    }
    for (size_t i = 0; has_linear(problem) && i < d; i++, k++) {
        phi[k] = act->b * x[i];
        size += fabs(phi[k]);
    }
    return 4.0 * DBL_EPSILON * size + 4.0 * (double)k * DBL_TRUE_MIN * longest;
}

typedef struct work {
    const zg_problem *problem;
    size_t p;
    double *gram, *factor; /* p x p */
    double *phi, *rest, *w;
    double off; /* how far gram is from G */
} work;

/* G, and a number below its least eigenvalue even after what rounding did: of a sum of n products
 * as much as n units of its terms, and what underflows of each. */
static zg_status form_gram(work *w, double *modulus, zg_error *error)
{
    const zg_problem *problem = w->problem;
    size_t n = problem->samples, p = w->p;
    double *rows = zg_doubles(n * p);
    if (!rows) return zg_no_memory(error);
    w->off = (double)n * (double)p * DBL_TRUE_MIN;
    for (size_t i = 0; i < n; i++) {
        double off = form_features(problem, problem->x + i * problem->inputs, rows + i * p);
        double length = zg_norm(p, rows + i * p);
        w->off += (2.0 * length + off) * off + (double)n * DBL_EPSILON * length * length;
    }
    zg_gemm(false, true, p, p, n, 1.0, rows, p, rows, p, 0.0, w->gram, p);
    free(rows);
    memcpy(w->factor, w->gram, p * p * sizeof *w->gram);
    *modulus = 0;
    bool found = zg_all_finite(p * p, w->factor) && zg_eigenvalues(p, w->factor, w->w) == ZG_OK;
    if (found)
        *modulus =
            w->w[0] * (1 - 1e-9) - 4.0 * (double)(n + p) * DBL_EPSILON * w->w[p - 1] - 2.0 * w->off;
    memcpy(w->factor, w->gram, p * p * sizeof *w->gram);
    if (found && *modulus > 0 && zg_cholesky(p, w->factor) == ZG_OK) return ZG_OK;
    return zg_fail(error, ZG_FAILED,
                   "the %zu rows do not determine the function's %zu coefficients: there is no "
                   "band at other rows",
                   n, p);
}

/* z and the leverage of phi, which is in w->phi and off by so much.  The residual is off by at most
 * (p + 2) u of the sizes that it is a sum of, besides what phi and G are. */
static double solve_point(const work *w, double modulus, double off, double *z)
{
    size_t p = w->p;
    memcpy(z, w->phi, p * sizeof *z);
    zg_cholesky_solve(p, w->factor, 1, z);
    memcpy(w->rest, w->phi, p * sizeof *z);
    zg_gemv(false, p, p, -1.0, w->gram, p, z, 1.0, w->rest);
    double size = zg_norm(p, w->phi) + w->w[p - 1] * sqrt((double)p) * zg_norm(p, z);
    double rest =
        zg_norm(p, w->rest) + 2.0 * (double)(p + w->problem->samples) * DBL_EPSILON * size;
    rest += off + 2.0 * w->off * zg_norm(p, z) + 4.0 * (double)p * (double)p * DBL_TRUE_MIN;
    double length = zg_dot(p, z, w->phi) + zg_norm(p, z) * (rest + off) + rest / modulus * rest;
    length += 4.0 * (double)p * DBL_EPSILON * zg_norm(p, z) * zg_norm(p, w->phi);
    /* From above, it is no negative number, and nothing that overflowed says anything. */
    return length >= 0 ? sqrt(length) * (1 + 1e-9) : INFINITY;
}

static zg_status create(work *w, zg_bands *out, zg_error *error)
{
    const zg_problem *problem = w->problem;
    size_t wide = problem->inputs, d = problem->inputs - problem->preprocess.bias;
    double *x = zg_doubles(wide);
    zg_status status = x ? form_gram(w, &out->modulus, error) : zg_no_memory(error);
    for (size_t k = 0; status == ZG_OK && k < out->points; k++) {
        zg_preprocess_apply(&problem->preprocess, 1, out->raw + k * d, x);
        double off = form_features(problem, x, w->phi);
        out->leverage[k] = solve_point(w, out->modulus, off, out->solution + k * w->p);
        if (!isfinite(out->leverage[k]))
            status = zg_fail(
                error, ZG_FAILED,
                "row %zu: what optima do there is beyond the range of double precision", k + 1);
    }
    free(x);
    return status;
}

zg_status zg_bands_create(const zg_problem *problem, size_t points, const double *raw,
                          zg_bands *out, zg_error *error)
{
    size_t p = zg_band_features(problem);
    *out = (zg_bands){0};
    if (p == 0)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "only a dense network of any neurons, trained with the squared loss without "
                       "weights, has bands that hold every optimum");
    if (problem->samples < p)
        return zg_fail(error, ZG_FAILED,
                       "%zu rows do not determine the function's %zu coefficients: there is no "
                       "band at other rows",
                       problem->samples, p);
    *out = (zg_bands){.points = points, .features = p, .raw = raw};
    work w = {.problem = problem, .p = p, .gram = zg_doubles(2 * p * p + 3 * p)};
    out->solution = zg_doubles(points * p);
    out->leverage = zg_doubles(points);
    zg_status status = w.gram && out->solution && out->leverage ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) {
        w.factor = w.gram + p * p;
        w.phi = w.factor + p * p;
        w.rest = w.phi + p;
        w.w = w.rest + p;
        status = create(&w, out, error);
    }
    free(w.gram);
    if (status != ZG_OK) zg_bands_clear(out);
    return status;
}

void zg_bands_clear(zg_bands *bands)
{
    free(bands->solution);
    free(bands->leverage);
    *bands = (zg_bands){0};
}

double zg_band(const zg_bands *bands, size_t point, double upper, double lower)
{
    double gap = upper >= lower ? nextafter(upper - lower, INFINITY) : INFINITY;
    return nextafter(sqrt(2.0 * gap) * bands->leverage[point] * (1 + 1e-15), INFINITY);
}
