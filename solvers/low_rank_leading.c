/* The leading principal axes of a dense lift's rows (see low_rank_leading.h). */
#include "solvers/low_rank_leading.h"

#include "base/linalg.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

/* Fewer inputs than this have no leading axes: a descent costs little anyway. */
#define LEAST_INPUTS 200
/* What the axes left out may hold, as a share of the sum of squares but for that along the mean,
 * the first axis, of which predictions hardly depend. */
#define LEFT_OUT 0.05

/* axes (d x d) and the rows' sums of squares along them, ascending; ZG_FAILED where there are none,
 * for rows so large that the sums overflow. */
static zg_status principal_axes(const zg_lift *lift, double *axes, double *square)
{
    size_t d = lift->width;
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, (int)d, (int)lift->samples, 1.0,
                lift->rows[0], (int)d, 0.0, axes, (int)d);
    for (size_t j = 0; j < d; j++)
        if (!zg_all_finite(d - j, axes + j * (d + 1))) return ZG_FAILED;
    return zg_eigen(d, axes, square);
}

zg_status zg_leading_axes(const zg_lift *lift, zg_subspace **out)
{
    *out = NULL;
    size_t d = lift->width, taken = d / 2, left = d - taken;
    if (!zg_lift_is_dense(lift) || d < LEAST_INPUTS) return ZG_OK;
    double *axes = zg_doubles(d * d), *square = zg_doubles(d), rest = 0.0, all = 0.0;
    zg_status status = axes && square ? principal_axes(lift, axes, square) : ZG_NO_MEMORY;
    for (size_t j = 0; status == ZG_OK && j + 1 < d; j++) {
        all += square[j];
        if (j < left) rest += square[j];
    }
    if (status == ZG_OK && rest <= LEFT_OUT * all) status = zg_subspace_create(lift, taken, out);
    if (*out) memcpy((*out)->basis[0], axes + left * d, taken * d * sizeof *axes);
    free(axes);
    free(square);
    return status == ZG_NO_MEMORY ? status : ZG_OK;
}
