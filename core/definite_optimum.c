/* The optimum of quadratic networks in closed form, where the best fit is definite. */
#include "core/linear_quadratic.h"

#include "base/linalg.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* phi (n x p, row-major): svec(xx') of each row. */
static void features(size_t n, size_t d, const double *x, double *phi)
{
    for (size_t i = 0; i < n; i++) {
        const double *row = x + i * d;
        for (size_t j = 0; j < d; j++)
            for (size_t k = 0; k <= j; k++)
                *phi++ = row[j] * row[k] * (j == k ? 1 : sqrt(2));
    }
}

/* The lowest eigenvalue of smat(s), NAN where there is none, and its largest in size. */
static double lowest(size_t d, const double *s, double *matrix, double *values, double *largest)
{
    zg_smat(d, s, matrix);
    if (!zg_all_finite(d * d, matrix) || zg_eigenvalues(d, matrix, values) != ZG_OK) return NAN;
    *largest = fmax(fabs(values[0]), fabs(values[d - 1]));
    return values[0];
}

/* Everything of the formula, from the normal equations refined once. */
typedef struct closed_form {
    size_t n, d, p;
    double *phi, *g, *z, *t, *residual, *work, *values; /* z: svec P; t: G^-1 svec I */
} closed_form;

/* z += G^-1 Phi'(y - Phi z), and the residual. */
static void refine(closed_form *c, const double *y)
{
    memcpy(c->residual, y, c->n * sizeof *y);
    zg_gemv(true, c->p, c->n, -1, c->phi, c->p, c->z, 1, c->residual);
    zg_gemv(false, c->p, c->n, 1, c->phi, c->p, c->residual, 0, c->work);
    zg_cholesky_solve(c->p, c->g, 1, c->work);
    zg_axpy(c->p, 1, c->work, c->z);
    memcpy(c->residual, y, c->n * sizeof *y);
    zg_gemv(true, c->p, c->n, -1, c->phi, c->p, c->z, 1, c->residual);
}

static double evaluate(closed_form *c, const double *x, const double *y, double beta,
                       bool interpolate)
{
    double trace = 0, pull = 0, largest = 0, low, identity_step;
    features(c->n, c->d, x, c->phi);
    zg_gemm(false, true, c->p, c->p, c->n, 1, c->phi, c->p, c->phi, c->p, 0, c->g, c->p);
    if (zg_cholesky(c->p, c->g) != ZG_OK) return NAN;
    for (int pass = 0; pass < 3; pass++)
        refine(c, y);
    for (size_t j = 0; j < c->d; j++) {
        c->t[zg_svec_size(j + 1) - 1] = 1;
        trace += c->z[zg_svec_size(j + 1) - 1];
    }
    zg_cholesky_solve(c->p, c->g, 1, c->t);
    for (size_t j = 0; j < c->d; j++)
        pull += c->t[zg_svec_size(j + 1) - 1];
    double rss = zg_dot(c->n, c->residual, c->residual), size = zg_dot(c->n, y, y);
    identity_step = interpolate ? 0 : -beta;
    zg_axpy(c->p, identity_step, c->t, c->z);
    low = lowest(c->d, c->z, c->work, c->values, &largest);
    /* Only rounding may make it indefinite. */
    if (!(low >= -1e-9 * largest)) return NAN;
    if (!interpolate) return 0.5 * rss + beta * trace - 0.5 * beta * beta * pull;
    return rss <= 1e-18 * size ? beta * trace : NAN;
}

zg_status zg_definite_optimum(size_t n, size_t d, const double *x, const double *y, double beta,
                              bool interpolate, double *optimum, zg_error *error)
{
    closed_form c = {.n = n, .d = d, .p = zg_svec_size(d)};
    *optimum = NAN;
    if (n < c.p) return ZG_OK;
    c.phi = zg_doubles(n * c.p);
    c.g = zg_doubles(c.p * c.p);
    c.z = zg_doubles(c.p);
    c.t = zg_doubles(c.p);
    c.residual = zg_doubles(n);
    c.work = zg_doubles(c.p > d * d ? c.p : d * d);
    c.values = zg_doubles(d);
    bool room = c.phi && c.g && c.z && c.t && c.residual && c.work && c.values;
    if (room) *optimum = evaluate(&c, x, y, beta, interpolate);
    free(c.phi);
    free(c.g);
    free(c.z);
    free(c.t);
    free(c.residual);
    free(c.work);
    free(c.values);
    return room ? ZG_OK : zg_no_memory(error);
}
