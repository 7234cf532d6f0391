/* Coordinates in which the cone constraint holds (see robust_coordinates.h). */
#include "solvers/robust_coordinates.h"

#include "base/linalg.h"

#include <math.h>
#include <string.h>

zg_coordinates zg_coordinates_of(const zg_lift *lift)
{
    size_t packed = zg_svec_size(lift->order);
    return (zg_coordinates){lift->order, packed, packed - (lift->bordered ? 1 : 0), lift->bordered};
}

/* Place of entry (i, j) in svec. */
static size_t place(size_t i, size_t j)
{
    return i <= j ? j * (j + 1) / 2 + i : i * (i + 1) / 2 + j;
}

bool zg_coordinate_is_diagonal(size_t k)
{
    size_t j = 0;
    while (place(j, j) < k)
        j++;
    return place(j, j) == k;
}

void zg_coordinates_matrix(const zg_coordinates *c, const double *coordinates, double *z,
                           double *scratch)
{
    memcpy(scratch, coordinates, c->count * sizeof *scratch);
    if (c->bordered) {
        double trace = 0.0;
        for (size_t j = 0; j + 1 < c->order; j++)
            trace += coordinates[place(j, j)];
        scratch[c->packed - 1] = trace;
    }
    zg_smat(c->order, scratch, z);
}

void zg_coordinates_gradient(const zg_coordinates *c, const double *packed, double factor,
                             double *out)
{
    zg_axpy(c->count, factor, packed, out);
    for (size_t j = 0; c->bordered && j + 1 < c->order; j++)
        out[place(j, j)] += factor * packed[c->packed - 1];
}

void zg_coordinates_form(const zg_coordinates *c, const double *f, double *h, size_t ld)
{
    size_t q = c->packed, corner = q - 1;
    for (size_t t = 0; t < c->count; t++)
        zg_axpy(c->count, 1.0, f + t * q, h + t * ld);
    if (!c->bordered) return;
    for (size_t j = 0; j + 1 < c->order; j++) {
        size_t k = place(j, j);
        zg_axpy(c->count, 1.0, f + corner * q, h + k * ld);
        for (size_t t = 0; t < c->count; t++)
            h[t * ld + k] += f[t * q + corner];
        for (size_t i = 0; i + 1 < c->order; i++)
            h[place(i, i) * ld + k] += f[corner * q + corner];
    }
}

/* Averages f with its transpose. */
static void symmetrise(size_t q, double *f)
{
    for (size_t t = 0; t < q; t++)
        for (size_t s = 0; s < t; s++)
            f[t * q + s] = f[s * q + t] = 0.5 * (f[t * q + s] + f[s * q + t]);
}

/* With U_s = e_a e_b' + e_b e_a' and U_t = e_c e_d' + e_d e_c', <U_s, P U_t Q> is the sum of
 * P_bc Q_da over both orders of (a, b) and of (c, d); one order where they are equal. */
void zg_cone_curvature(size_t order, const double *p, const double *q, double *f)
{
    size_t packed = zg_svec_size(order), t = 0;
    for (size_t d = 0; d < order; d++)
        for (size_t c = 0; c <= d; c++, t++) {
            size_t s = 0;
            const double *pc = p + c * order, *pd = p + d * order;
            const double *qc = q + c * order, *qd = q + d * order;
            for (size_t b = 0; b < order; b++)
                for (size_t a = 0; a <= b; a++, s++) {
                    double sum = pc[b] * qd[a], scale = 1.0;
                    if (a != b) sum += pc[a] * qd[b];
                    if (c != d) sum += pd[b] * qc[a];
                    if (a != b && c != d) sum += pd[a] * qc[b];
                    if (a != b) scale = M_SQRT1_2;
                    if (c != d) scale *= M_SQRT1_2;
                    f[t * packed + s] = scale * sum;
                }
        }
    symmetrise(packed, f);
}

void zg_sum_curvature(size_t order, const double *sums, double *f)
{
    size_t packed = zg_svec_size(order), t = 0;
    for (size_t d = 0; d < order; d++)
        for (size_t c = 0; c <= d; c++, t++) {
            size_t s = 0;
            for (size_t b = 0; b < order; b++)
                for (size_t a = 0; a <= b; a++, s++) {
                    double sum = sums[place(d, a) * packed + place(b, c)], scale = 1.0;
                    if (a != b) sum += sums[place(d, b) * packed + place(a, c)];
                    if (c != d) sum += sums[place(c, a) * packed + place(b, d)];
                    if (a != b && c != d) sum += sums[place(c, b) * packed + place(a, d)];
                    if (a != b) scale = M_SQRT1_2;
                    if (c != d) scale *= M_SQRT1_2;
                    f[t * packed + s] = scale * sum;
                }
        }
    symmetrise(packed, f);
}
