/* The axes of a dual vector's slacks (see low_rank_axes.h). */
#include "solvers/low_rank_axes.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Axes that count directions are looked for among: this many times as many, and a few. */
#define MORE_AXES 2
#define FEW_AXES 8
/* Least distance of the border's part from the slack's kernel, in units of beta. */
#define DISTANCE 1e-3

void zg_axes_free(zg_axes *axes)
{
    if (!axes) return;
    free(axes->axes);
    free(axes->values);
    free(axes->border);
    free(axes);
}

zg_status zg_axes_create(const zg_lift *lift, const double *t, zg_axes **out)
{
    size_t w = lift->width, order = lift->order;
    zg_axes *a = calloc(1, sizeof *a);
    if (!a) return ZG_NO_MEMORY;
    *a = (zg_axes){.width = w,
                   .bordered = lift->bordered,
                   .axes = zg_doubles(w * w),
                   .values = zg_doubles(w),
                   .border = zg_doubles(w)};
    zg_status status = a->axes && a->values && a->border ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK && !zg_all_finite(order * order, t)) status = ZG_FAILED;
    if (status == ZG_OK) {
        for (size_t j = 0; j < w; j++)
            memcpy(a->axes + j * w, t + j * order, w * sizeof *t);
        status = zg_eigen(w, a->axes, a->values);
    }
    if (status == ZG_OK && lift->bordered) {
        zg_gemv(true, w, w, 1.0, a->axes, w, t + w * order, 0.0, a->border);
        a->corner = t[order * order - 1];
    }
    *out = a;
    if (status == ZG_OK) return ZG_OK;
    zg_axes_free(a);
    *out = NULL;
    return status;
}

zg_status zg_axes_of(const zg_lift *lift, const double *v, zg_axes **out)
{
    size_t order = lift->order;
    double *t = zg_doubles(order * order), *work = zg_doubles(zg_lift_work(lift));
    zg_status status = t && work ? ZG_OK : ZG_NO_MEMORY;
    *out = NULL;
    if (status == ZG_OK) {
        zg_lift_adjoint(lift, 0, v, t, work);
        status = zg_axes_create(lift, t, out);
    }
    free(t);
    free(work);
    return status;
}

/* The axis that is the k-th lowest of the slack. */
static size_t axis(const zg_axes *a, double scale, size_t k)
{
    return scale < 0.0 ? k : a->width - 1 - k;
}

/* z (width) = what the axes that are not taken contribute to the border's response, of length 1;
 * false where that is nothing. */
static bool rest_of_border(const zg_axes *a, double scale, double beta, double rho, size_t taken,
                           double *z)
{
    for (size_t k = 0; k < a->width; k++) {
        size_t i = axis(a, scale, k);
        double slack = fmax(rho - scale * a->values[i], DISTANCE * beta);
        z[i] = k < taken ? 0.0 : scale * a->border[i] / slack;
    }
    double length = zg_norm(a->width, z);
    for (size_t i = 0; i < a->width && length > 0.0; i++)
        z[i] /= length;
    return length > 0.0 && isfinite(length);
}

/* The slack (m x m) on the lowest axes, z where there is any, and the border. */
static void restrict_slack(const zg_axes *a, double scale, double beta, double rho, size_t taken,
                           const double *z, size_t m, double *slack)
{
    size_t last = m - 1;
    double own = 0.0, along = 0.0;
    for (size_t k = 0; k < taken; k++) {
        size_t i = axis(a, scale, k);
        slack[k * m + k] = rho - scale * a->values[i];
        slack[last * m + k] = slack[k * m + last] = -scale * a->border[i];
    }
    for (size_t i = 0; i < a->width; i++) {
        own += z[i] * z[i] * (rho - scale * a->values[i]);
        along -= z[i] * scale * a->border[i];
    }
    if (taken < last) {
        slack[taken * m + taken] = own;
        slack[last * m + taken] = slack[taken * m + last] = along;
    }
    slack[last * m + last] = beta - rho - scale * a->corner;
}

static zg_status bordered_lowest(const zg_axes *a, double scale, double beta, double rho,
                                 size_t count, double *vectors)
{
    size_t w = a->width, taken = MORE_AXES * count + FEW_AXES;
    if (taken > w) taken = w;
    double *slack = zg_doubles((taken + 2) * (taken + 2)), *e = zg_doubles(taken + 2),
           *z = zg_doubles(w), *y = zg_doubles(w * count);
    zg_status status = slack && e && z && y ? ZG_OK : ZG_NO_MEMORY;
    bool rest = status == ZG_OK && rest_of_border(a, scale, beta, rho, taken, z);
    size_t m = taken + (rest ? 2 : 1);
    if (status == ZG_OK) {
        restrict_slack(a, scale, beta, rho, taken, z, m, slack);
        status = zg_all_finite(m * m, slack) ? zg_eigen(m, slack, e) : ZG_FAILED;
    }
    for (size_t j = 0; status == ZG_OK && j < count; j++) {
        const double *x = slack + j * m;
        double sign = x[m - 1] < 0.0 ? -1.0 : 1.0; /* the border's own part is not negative */
        if (rest) zg_axpy(w, sign * x[taken], z, y + j * w);
        for (size_t k = 0; k < taken; k++)
            y[j * w + axis(a, scale, k)] += sign * x[k];
    }
    if (status == ZG_OK) zg_gemm(false, false, w, count, w, 1.0, a->axes, w, y, w, 0.0, vectors, w);
    free(slack);
    free(e);
    free(z);
    free(y);
    return status;
}

zg_status zg_axes_lowest(const zg_axes *axes, double scale, double beta, double rho, size_t count,
                         double *vectors)
{
    size_t w = axes->width;
    if (axes->bordered) return bordered_lowest(axes, scale, beta, rho, count, vectors);
    for (size_t k = 0; k < count; k++)
        memcpy(vectors + k * w, axes->axes + axis(axes, scale, k) * w, w * sizeof *vectors);
    return ZG_OK;
}
