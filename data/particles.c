/* Particles and the field that moves them (see particles.h). */
#include "data/particles.h"

#include "base/linalg.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Least share of the largest diagonal entry that a Cholesky factor of S keeps where the particles
 * span the space. */
#define SPAN 1e-7

static const char *const names[] = {"gaussian", "quartic"};

zg_status zg_potential_parse(const char *text, zg_potential *out, zg_error *error)
{
    for (int k = 0; k < 2; k++)
        if (strcmp(text, names[k]) == 0) {
            *out = (zg_potential)k;
            return ZG_OK;
        }
    return zg_fail_unknown(error, "potential", text, names, 2);
}

void zg_potential_gradient(zg_potential potential, size_t count, const double *x, double *g)
{
    for (size_t k = 0; k < count; k++)
        g[k] = potential == ZG_POTENTIAL_GAUSSIAN ? x[k] : x[k] * x[k] * x[k];
}

/* centred (n x d, row-major, as columns d x n) and the lower Cholesky factor of the covariance;
 * false where there is none to speak of. */
static bool factor_covariance(size_t n, size_t d, const double *x, double *centred, double *s)
{
    for (size_t k = 0; k < d; k++) {
        double mean = 0.0;
        for (size_t i = 0; i < n; i++)
            mean += x[i * d + k] / (double)n;
        for (size_t i = 0; i < n; i++)
            centred[i * d + k] = x[i * d + k] - mean;
    }
    zg_gemm(false, true, d, d, n, 1.0 / (double)n, centred, d, centred, d, 0.0, s, d);
    if (!zg_all_finite(d * d, s)) return false;
    double *deviation = zg_doubles(d);
    bool spans = deviation != NULL;
    for (size_t k = 0; k < d && spans; k++)
        deviation[k] = sqrt(s[k * d + k]);
    spans = spans && zg_cholesky(d, s) == ZG_OK;
    for (size_t k = 0; k < d && spans; k++) /* the part of input k that the others do not explain */
        spans = s[k * d + k] > SPAN * deviation[k] && deviation[k] > DBL_MIN;
    free(deviation);
    return spans;
}

zg_status zg_particles_field(zg_potential potential, size_t n, size_t d, const double *x, double *e,
                             double *constant, zg_error *error)
{
    double *centred = zg_doubles(n * d), *s = zg_doubles(d * d);
    zg_status status = centred && s ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK && !factor_covariance(n, d, x, centred, s))
        status = zg_fail(error, ZG_BAD_INPUT,
                         "%zu particles do not span their %zu dimensions: a Laplacian is then no "
                         "sum of slopes; more particles, or fewer columns",
                         n, d);
    if (status == ZG_OK) {
        zg_cholesky_solve(d, s, n, centred);
        zg_potential_gradient(potential, n * d, x, e);
        *constant = 0.0;
        for (size_t k = 0; k < n * d; k++) {
            e[k] -= centred[k];
            *constant -= 0.5 * e[k] * e[k] / (double)n;
        }
        if (!isfinite(*constant))
            status = zg_fail(error, ZG_BAD_INPUT,
                             "the field of the particles is beyond the range of double precision");
    }
    free(centred);
    free(s);
    return status;
}

static zg_status name_slopes(zg_dataset *dataset, zg_error *error)
{
    size_t d = dataset->inputs;
    char(*text)[32] = calloc(2 * d, sizeof *text);
    const char **list = calloc(2 * d, sizeof *list);
    zg_status status = text && list ? ZG_OK : zg_no_memory(error);
    for (size_t k = 0; k < 2 * d && status == ZG_OK; k++) {
        snprintf(text[k], sizeof text[k], k < d ? "x%zu" : "slope_x%zu", k % d + 1);
        list[k] = text[k];
    }
    if (status == ZG_OK) status = zg_dataset_set_names(dataset, list, list + d, error);
    free(text);
    free(list);
    return status;
}

zg_status zg_particles_create(const zg_particles *particles, zg_dataset **out, zg_error *error)
{
    size_t n = particles->n, d = particles->d;
    zg_dataset *dataset = NULL;
    double constant;
    zg_random random;
    zg_status status = zg_dataset_alloc(n, d, d, &dataset, error);
    if (status != ZG_OK) return status;
    zg_random_seed(&random, particles->seed);
    for (size_t k = 0; k < n * d; k++) {
        size_t column = k % d;
        double scale = d > 1 ? 0.6 + (double)column * (1.0 / (double)(d - 1)) : 0.6;
        if (d > 1 && column == d - 1) scale = 1.6; /* as linspace ends */
        dataset->x[k] = zg_random_normal(&random) * scale;
    }
    status =
        zg_particles_field(particles->potential, n, d, dataset->x, dataset->t, &constant, error);
    if (status == ZG_OK) status = name_slopes(dataset, error);
    if (status == ZG_OK)
        *out = dataset;
    else
        zg_dataset_free(dataset);
    return status;
}
