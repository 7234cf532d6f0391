/* Quadratics on the unit sphere, bounded safely. */
#include "core/sphere.h"

#include "base/linalg.h"
#include "core/safe.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

/* h(t) = w_max + t + sum_i g_i^2 / (t + d_i), d_i = w_max - w_i >= 0, at t > 0. */
static double dual_value(size_t m, const double *d, const double *g, double top, double t)
{
    double sum = 0.0;
    for (size_t i = 0; i < m; i++)
        sum += g[i] * g[i] / (t + d[i]);
    return top + t + sum;
}

/* -(h'(t) - 1): falls from up to infinity to 0, so h is smallest where it crosses 1. */
static double crossing(size_t m, const double *d, const double *g, double t)
{
    double sum = 0.0;
    for (size_t i = 0; i < m; i++) {
        double ratio = g[i] / (t + d[i]);
        sum += ratio * ratio;
    }
    return sum;
}

/* Minimises h by bisection on the logarithm of t; returns the minimiser.  At t = |g| the crossing
 * is at most 1, and below `lowest` a smaller t changes h by less than rounding does. */
static double minimiser(size_t m, const double *d, const double *g, double scale)
{
    double high = zg_norm(m, g), lowest = scale * DBL_EPSILON * 1e-3;
    if (high <= lowest || crossing(m, d, g, lowest) <= 1.0) return lowest;
    double low = lowest;
    for (int step = 0; step < 200 && high > low * (1.0 + 1e-14); step++) {
        double t = sqrt(low) * sqrt(high);
        *(crossing(m, d, g, t) > 1.0 ? &low : &high) = t;
    }
    return high;
}

/* Everything is scaled such that |Q|_F + |g| = scale lies between 1/2 and 2 m: what underflows in
 * here is below 1e-280 and thus below the terms of rounding. */
static void bound_one_sign(size_t m, const double *d, const double *g, double top, double scale,
                           double *value, double *rho)
{
    double t = minimiser(m, d, g, scale), h = dual_value(m, d, g, top, t);
    double size = fabs(top) + fabs(h - top); /* h - top is a sum of positive terms */
    /* Rounding of the eigendecomposition (LAPACK: a modest multiple of the unit roundoff in norm,
     * taken as 8 m u), of V'g, and of the sum. */
    double unit = (double)m * DBL_EPSILON;
    *value = h + 8.0 * unit * scale + (unit + 8.0 * DBL_EPSILON) * size;
    *rho = top + t;
}

/* The binary exponent of the largest entry; false where one of them is not finite. */
static bool largest_exponent(size_t count, const double *a, int *exponent)
{
    double largest = 0.0;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(a[i])) return false;
        if (fabs(a[i]) > largest) largest = fabs(a[i]);
    }
    int own;
    (void)frexp(largest, &own);
    if (largest > 0.0 && own > *exponent) *exponent = own;
    return true;
}

/* a 2^exponent from above: the scale is undone, and where that underflows rounding is upwards. */
static double unscaled_above(double a, int exponent)
{
    double value = scalbn(a, exponent);
    return fabs(value) < DBL_MIN ? zg_up(value) : value;
}

static zg_status scaled_maxima(size_t m, double *q, const double *g, double *space, double value[2],
                               double rho[2])
{
    double *w = space, *gh = space + m, *d = space + 2 * m;
    double scale = zg_norm(m * m, q) + zg_norm(m, g);
    zg_status status = zg_eigen(m, q, w);
    if (status) return status;
    zg_gemv(true, m, m, 1.0, q, m, g, 0.0, gh);
    for (int sign = 0; sign < 2; sign++) {
        double top = sign ? -w[0] : w[m - 1];
        for (size_t i = 0; i < m; i++)
            d[i] = sign ? w[i] - w[0] : w[m - 1] - w[i];
        bound_one_sign(m, d, gh, top, scale, &value[sign], &rho[sign]);
    }
    return ZG_OK;
}

zg_status zg_sphere_maxima(size_t order, double *q, const double *g, double value[2], double rho[2])
{
    size_t m = order;
    int exponent = INT_MIN;
    value[0] = value[1] = rho[0] = rho[1] = 0.0;
    if (!largest_exponent(m * m, q, &exponent) || !largest_exponent(m, g, &exponent))
        return ZG_FAILED;
    if (exponent == INT_MIN) return ZG_OK; /* nothing but zeros */
    double *space = zg_doubles(4 * m);
    if (!space) return ZG_NO_MEMORY;
    /* Exact except where an entry underflows, being below 1e-300 of the largest. */
    for (size_t i = 0; i < m * m; i++)
        q[i] = scalbn(q[i], -exponent);
    for (size_t i = 0; i < m; i++)
        space[3 * m + i] = scalbn(g[i], -exponent);
    zg_status status = scaled_maxima(m, q, space + 3 * m, space, value, rho);
    for (int sign = 0; sign < 2; sign++) {
        value[sign] = unscaled_above(value[sign], exponent);
        rho[sign] = scalbn(rho[sign], exponent);
    }
    free(space);
    return status;
}
