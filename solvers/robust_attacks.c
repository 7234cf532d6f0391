/* The dual point of a robust program as attacked copies (see robust_ipm.h). */
#include "base/linalg.h"
#include "solvers/robust_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* a' diag(I, -r^2) b */
static double inner(size_t order, double square, const double *a, const double *b)
{
    return zg_dot(order - 1, a, b) - square * a[order - 1] * b[order - 1];
}

/* p_i = sqrt(w_i) q_i, columns of out, largest first; a is destroyed. */
static zg_status factor(size_t order, double *a, double *w, double *out, size_t *rank)
{
    zg_status status = zg_eigen(order, a, w);
    *rank = 0;
    for (size_t k = order; status == ZG_OK && k-- > 0 && w[k] > 1e-14 * w[order - 1]; ++*rank)
        for (size_t i = 0; i < order; i++)
            out[*rank * order + i] = sqrt(w[k]) * a[k * order + i];
    return status;
}

/* Turns columns a and b in their plane such that a'Ja becomes `target`, where a'Ja and b'Jb lie on
 * both sides of it: (a + t b)'J(a + t b) = target (1 + t^2). */
static void rotate(size_t order, double square, double target, double *a, double *b)
{
    double c = inner(order, square, a, a) - target, e = inner(order, square, b, b) - target;
    double h = inner(order, square, a, b), root = sqrt(fmax(h * h - c * e, 0.0));
    double larger = -(h + copysign(root, h));
    double t = fabs(larger) > 0.0 ? c / larger : 0.0;
    if (!isfinite(t)) return;
    double scale = 1.0 / hypot(1.0, t);
    for (size_t i = 0; i < order; i++) {
        double old = a[i], other = b[i];
        a[i] = scale * (old + t * other);
        b[i] = scale * (other - t * old);
    }
}

/* Sturm and Zhang's procedure: all columns end at the mean of p'Jp, which is not above zero. */
static void balance(size_t order, double square, double *p, size_t rank)
{
    double target = 0.0;
    for (size_t k = 0; k < rank; k++)
        target += inner(order, square, p + k * order, p + k * order) / (double)rank;
    for (size_t done = 0; done + 1 < rank; done++) {
        size_t high = done, low = done;
        double most = -INFINITY, least = INFINITY;
        for (size_t k = done; k < rank; k++) {
            double value = inner(order, square, p + k * order, p + k * order);
            if (value > most) most = value, high = k;
            if (value < least) least = value, low = k;
        }
        if (high == low) return;
        rotate(order, square, target, p + high * order, p + low * order);
        for (size_t i = 0; i < order; i++) { /* the finished one goes to the front */
            double t = p[done * order + i];
            p[done * order + i] = p[high * order + i];
            p[high * order + i] = t;
        }
        if (low == done) low = high;
    }
}

static zg_status add_ball(zg_robust_ipm *ipm, size_t k, double least, double *work, zg_attacks *out)
{
    const zg_robust_balls *b = &ipm->balls;
    size_t order = b->order, rank;
    double *a = work, *w = a + order * order, *p = w + order;
    double square = ipm->problem->robust * ipm->problem->robust;
    memcpy(a, b->p + k * order * order, order * order * sizeof *a);
    zg_status status = factor(order, a, w, p, &rank);
    if (status != ZG_OK) return ZG_OK; /* a multiplier that is no matrix says nothing */
    balance(order, square, p, rank);
    for (size_t j = 0; status == ZG_OK && j < rank; j++) {
        double corner = p[j * order + order - 1], weight = corner * corner;
        if (!(weight > least)) continue;
        for (size_t i = 0; i + 1 < order; i++)
            w[i] = p[j * order + i] / corner;
        status = zg_attacks_add(ipm->problem, out, zg_ball_sample(ipm, k), w,
                                zg_ball_sign(ipm, k) * weight);
    }
    return status;
}

/* The copies as they were given, with their multipliers. */
static zg_status take_copies(const zg_robust_ipm *ipm, zg_attacks *out)
{
    zg_attacks_empty(out);
    if (!ipm->copies.count) return ZG_OK;
    zg_status status = zg_attacks_copy(ipm->copies.given, out);
    for (size_t k = 0; status == ZG_OK && k < ipm->copies.count; k++)
        out->v[k] = ipm->copies.sign[k] * ipm->copies.slack[k].dual;
    return status;
}

/* From rows of the program to those of the whole problem. */
static zg_status name_owners(const zg_robust_ipm *ipm, zg_attacks *out, zg_status status)
{
    for (size_t k = 0; ipm->rows.row && k < out->count; k++)
        out->owner[k] = ipm->rows.row[out->owner[k]];
    return status;
}

zg_status zg_robust_ipm_attacks(zg_robust_ipm *ipm, double share, zg_attacks *out)
{
    zg_status status = take_copies(ipm, out);
    if (status != ZG_OK || !ipm->balls.count) return name_owners(ipm, out, status);
    size_t order = ipm->balls.order, block = order * order;
    double *work = zg_doubles(2 * block + order), largest = 0.0;
    if (!work) return ZG_NO_MEMORY;
    for (size_t k = 0; k < ipm->balls.count; k++)
        largest = fmax(largest, ipm->balls.p[k * block + block - 1]);
    for (size_t k = 0; k < ipm->balls.count && status == ZG_OK; k++)
        status = add_ball(ipm, k, share * largest, work, out);
    free(work);
    return name_owners(ipm, out, status);
}
