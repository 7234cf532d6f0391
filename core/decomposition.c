/* Neural Decomposition: z = sum_j y_j y_j' with y_j' R y_j = 0, robust at every tolerance. */
#include "core/decomposition.h"

#include "base/linalg.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* y' R y = |u|^2 - delta^2 for y = (u; delta). */
static double lorentz(size_t order, const double *y)
{
    double delta = y[order - 1], length = zg_norm(order - 1, y);
    return (length - delta) * (length + delta);
}

/* x' R y */
static double lorentz_inner(size_t order, const double *x, const double *y)
{
    return zg_dot(order - 1, x, y) - x[order - 1] * y[order - 1];
}

/* p_i = sqrt(w_i) q_i for the eigenvalues above the cutoff; columns of out, largest first. */
static zg_status factor(size_t order, const double *z, double cutoff, double *out, size_t *rank)
{
    double *a = zg_doubles(order * order), *w = zg_doubles(order);
    zg_status status = a && w ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        memcpy(a, z, order * order * sizeof *a);
        status = zg_eigen(order, a, w);
    }
    *rank = 0;
    for (size_t k = order; status == ZG_OK && k-- > 0;) {
        if (!(w[k] > 0.0) || w[k] < cutoff * w[order - 1]) break;
        for (size_t i = 0; i < order; i++)
            out[*rank * order + i] = sqrt(w[k]) * a[k * order + i];
        ++*rank;
    }
    free(a);
    free(w);
    return status;
}

/* Removes what is left of <R, z> by the congruence u -> s u, s = sqrt(Z4 / tr Z1): it keeps the
 * rank and the penalty, and spreads the violation over all neurons in proportion. */
static bool balance(size_t order, size_t rank, double *p)
{
    double trace = 0.0, corner = 0.0;
    for (size_t k = 0; k < rank; k++) {
        double length = zg_norm(order - 1, p + k * order), delta = p[k * order + order - 1];
        trace += length * length;
        corner += delta * delta;
    }
    if (!(trace > 0.0) || !(corner > 0.0)) return false;
    double s = sqrt(corner / trace);
    for (size_t k = 0; k < rank; k++)
        for (size_t i = 0; i + 1 < order; i++)
            p[k * order + i] *= s;
    return true;
}

/* The root t of (p + t q)'R(p + t q) = 0 for p'Rp and q'Rq of opposite sign, and how well
 * conditioned it is: the derivative there relative to the length of p + t q. */
static double best_root(size_t order, const double *p, double jp, const double *q, double jq,
                        double *quality)
{
    double b = lorentz_inner(order, p, q), root = sqrt(b * b - jp * jq);
    double larger = -(b + copysign(root, b)); /* no cancellation */
    double candidate[2] = {larger / jq, jp / larger}, best = 0.0;
    *quality = -1.0;
    for (int i = 0; i < 2; i++) {
        double t = candidate[i], length = zg_dot(order, p, p) + t * t * zg_dot(order, q, q);
        double conditioned = root / length * sqrt(1.0 + t * t);
        if (isfinite(t) && conditioned > *quality) {
            *quality = conditioned;
            best = t;
        }
    }
    return best;
}

/* Finds the partner for p among q[0..count) and rotates the pair: p becomes isotropic. */
static void make_isotropic(size_t order, double *p, double *others, size_t count)
{
    double jp = lorentz(order, p), best_t = 0.0, best_quality = 0.0;
    double *partner = NULL;
    for (size_t k = 0; k < count; k++) {
        double *q = others + k * order, jq = lorentz(order, q), quality;
        if (!(jp * jq < 0.0)) continue;
        double t = best_root(order, p, jp, q, jq, &quality);
        if (quality > best_quality) {
            best_quality = quality;
            best_t = t;
            partner = q;
        }
    }
    if (!partner) return; /* all that is left has one sign: rounding, as the signs sum to 0 */
    double scale = 1.0 / hypot(1.0, best_t);
    for (size_t i = 0; i < order; i++) {
        double a = p[i], b = partner[i];
        p[i] = scale * (a + best_t * b);
        partner[i] = scale * (b - best_t * a);
    }
}

/* y = (u; delta) as a neuron; sqrt(|u|^2 delta^2) is exact for the border when |u| != |delta|. */
static bool emit(size_t order, const double *y, double *u, double *alpha)
{
    double delta = y[order - 1], length = zg_norm(order - 1, y);
    *alpha = length * fabs(delta);
    if (!(*alpha > 0.0) || !isfinite(*alpha)) return false;
    for (size_t i = 0; i + 1 < order; i++)
        u[i] = copysign(1.0, delta) * y[i] / length;
    double again = zg_norm(order - 1, u); /* unit to the last digit */
    for (size_t i = 0; i + 1 < order; i++)
        u[i] /= again;
    return true;
}

zg_status zg_decompose(size_t order, const double *z, double relative_cutoff, double *u,
                       double *alpha, size_t *count)
{
    *count = 0;
    if (order < 2) return ZG_BAD_INPUT;
    double *p = zg_doubles(order * order);
    if (!p) return ZG_NO_MEMORY;
    size_t rank = 0;
    zg_status status = factor(order, z, relative_cutoff, p, &rank);
    if (status == ZG_OK && balance(order, rank, p)) {
        for (size_t k = 0; k < rank; k++) {
            double *y = p + k * order, square = zg_dot(order, y, y);
            if (fabs(lorentz(order, y)) > 4.0 * DBL_EPSILON * square)
                make_isotropic(order, y, y + order, rank - k - 1);
            if (emit(order, y, u + *count * (order - 1), &alpha[*count])) ++*count;
        }
    }
    free(p);
    return status;
}

/* ---- into a network -------------------------------------------------------------------------- */

/* Unbordered blocks are their eigenpairs. */
static zg_status add_eigenpairs(zg_network *network, size_t group, size_t output, size_t order,
                                const double *z, double sign, double cutoff)
{
    double *p = zg_doubles(order * order);
    if (!p) return ZG_NO_MEMORY;
    size_t rank;
    zg_status status = factor(order, z, cutoff, p, &rank);
    for (size_t k = 0; status == ZG_OK && k < rank; k++) {
        double *y = p + k * order, length = zg_norm(order, y);
        for (size_t i = 0; i < order; i++)
            y[i] /= length;
        status = zg_network_add(network, group, y, output, sign * length * length);
    }
    free(p);
    return status;
}

static zg_status add_neurons(zg_network *network, size_t group, size_t output, size_t order,
                             const double *z, double sign, double cutoff)
{
    double *u = zg_doubles(order * (order - 1)), *alpha = zg_doubles(order);
    size_t count = 0;
    zg_status status = u && alpha ? zg_decompose(order, z, cutoff, u, alpha, &count) : ZG_NO_MEMORY;
    for (size_t k = 0; status == ZG_OK && k < count; k++)
        status = zg_network_add(network, group, u + k * (order - 1), output, sign * alpha[k]);
    free(u);
    free(alpha);
    return status;
}

zg_status zg_network_add_blocks(zg_network *network, const zg_lift *lift, size_t output,
                                double *const *z, double *const *zn, double relative_cutoff)
{
    for (size_t g = 0; g < lift->groups; g++)
        for (int negative = 0; negative < 2; negative++) {
            const double *block = negative ? (zn ? zn[g] : NULL) : z[g];
            if (!block) continue;
            zg_status status = (lift->bordered ? add_neurons : add_eigenpairs)(
                network, g, output, lift->order, block, negative ? -1.0 : 1.0, relative_cutoff);
            if (status) return status;
        }
    return ZG_OK;
}
