/* Centred and scaled inputs for sums over samples (see stream_basis.h). */
#include "solvers/stream_basis.h"

#include "base/linalg.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>

/* Powers of two that a scale stays within, so that no product of two leaves the doubles. */
#define LARGEST_EXPONENT 300

/* ---- life cycle ------------------------------------------------------------------------------ */

/* Mean and nearest power of two to the deviation of one column of count rows. */
static void set_column(size_t count, size_t width, const double *column, double *centre,
                       double *scale)
{
    double mean = 0.0, square = 0.0;
    for (size_t i = 0; i < count; i++)
        mean += column[i * width] / (double)count;
    if (!isfinite(mean)) mean = 0.0;
    for (size_t i = 0; i < count; i++)
        square = hypot(square, column[i * width] - mean);
    double deviation = square / sqrt((double)count);
    *centre = mean;
    *scale = 1.0;
    if (!(deviation > 0.0) || !isfinite(deviation)) return;
    double exponent = round(log2(deviation));
    *scale = exp2(fmax(-LARGEST_EXPONENT, fmin(LARGEST_EXPONENT, exponent)));
}

/* The root mean square over rows of |M|^2 = a^2 |x|^4 + b^2 |x|^2 / 2 + c^2. */
static double typical_size(zg_activation s, size_t count, size_t width, const double *rows)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        double square = zg_dot(width, rows + i * width, rows + i * width);
        sum += (s.a * s.a * square * square + 0.5 * s.b * s.b * square + s.c * s.c) / (double)count;
    }
    return sqrt(sum);
}

zg_status zg_basis_create(zg_activation activation, const zg_patches *patches, size_t count,
                          const double *x, zg_basis **out)
{
    size_t w = patches->width, rows = count * patches->patches;
    zg_basis *b = calloc(1, sizeof *b);
    double *gathered = zg_doubles(rows * w);
    if (b) b->scale = zg_doubles(2 * patches->groups * (w + 1));
    if (!b || !gathered || !b->scale) {
        free(gathered);
        zg_basis_free(b);
        return ZG_NO_MEMORY;
    }
    b->activation = activation;
    b->groups = patches->groups;
    b->width = w;
    b->bordered = activation.b != 0.0 || activation.c != 0.0;
    b->centre = b->scale + b->groups * (w + 1);
    for (size_t g = 0; g < b->groups; g++) {
        zg_patches_gather(patches, g, count, x, gathered);
        for (size_t k = 0; k < w; k++)
            set_column(rows, w, gathered + k, &b->centre[g * (w + 1) + k],
                       &b->scale[g * (w + 1) + k]);
        b->scale[g * (w + 1) + w] = 1.0;
        b->size = fmax(b->size, typical_size(activation, rows, w, gathered));
    }
    free(gathered);
    *out = b;
    return ZG_OK;
}

void zg_basis_free(zg_basis *basis)
{
    if (!basis) return;
    free(basis->scale);
    free(basis);
}

size_t zg_basis_features(const zg_basis *basis)
{
    return zg_svec_size(basis->width + 1);
}

void zg_basis_place(const zg_basis *basis, size_t group, size_t count, double *rows)
{
    size_t w = basis->width;
    const double *scale = basis->scale + group * (w + 1), *centre = basis->centre + group * (w + 1);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < w; k++)
            rows[i * w + k] = (rows[i * w + k] - centre[k]) / scale[k];
}

/* ---- the map J ------------------------------------------------------------------------------- */

/* Where (i, j), i <= j, stands in an svec. */
static size_t place(size_t i, size_t j)
{
    return j * (j + 1) / 2 + i;
}

/* N_ij, i <= j. */
static double element(const double *svec, size_t i, size_t j)
{
    return svec[place(i, j)] * (i < j ? M_SQRT1_2 : 1.0);
}

void zg_basis_adjoint(const zg_basis *basis, size_t group, const double *x, bool absolute,
                      double *t)
{
    size_t w = basis->width, m = w + (basis->bordered ? 1 : 0);
    const double *s = basis->scale + group * (w + 1), *c = basis->centre + group * (w + 1);
    double kernel[] = {basis->activation.a, 0.5 * basis->activation.b, basis->activation.c};
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i <= j; i++) {
            double k = kernel[(i == w) + (j == w)], ci = c[i], cj = c[j];
            if (absolute) k = fabs(k), ci = fabs(ci), cj = fabs(cj);
            t[j * m + i] = t[i * m + j] =
                k * ((s[i] * element(x, i, j) + ci * element(x, j, w)) * s[j] +
                     (s[i] * element(x, i, w) + ci * element(x, w, w)) * cj);
        }
}

void zg_basis_times(const zg_basis *basis, size_t group, size_t rows, double *a, size_t ld)
{
    size_t w = basis->width;
    int n = (int)rows;
    const double *s = basis->scale + group * (w + 1), *c = basis->centre + group * (w + 1);
    zg_activation act = basis->activation;
    double *corner = a + place(w, w) * ld;
    cblas_dscal(n, act.c, corner, 1);
    for (size_t i = 0; i < w; i++) {
        double *border = a + place(i, w) * ld;
        zg_axpy(rows, M_SQRT1_2 * act.b * c[i], border, corner);
        cblas_dscal(n, 0.5 * act.b * s[i], border, 1);
    }
    for (size_t j = 0; j < w; j++)
        for (size_t i = 0; i <= j; i++) {
            double *column = a + place(i, j) * ld, share = act.a * (i < j ? 1.0 : M_SQRT1_2);
            zg_axpy(rows, share * s[i] * c[j], column, a + place(i, w) * ld);
            zg_axpy(rows, share * c[i] * s[j], column, a + place(j, w) * ld);
            zg_axpy(rows, share * M_SQRT2 * c[i] * c[j], column, corner);
            cblas_dscal(n, act.a * s[i] * s[j], column, 1);
        }
}

/* sigma(u'x) = [x';1]' [a v v', (a z + b / 2) v; ., a z^2 + b z + c] [x';1] with v = s u, z = u'c
 */
void zg_basis_add_neuron(const zg_basis *basis, size_t group, const double *u, double alpha,
                         long double *fit, long double *sizes)
{
    size_t w = basis->width;
    const double *s = basis->scale + group * (w + 1), *c = basis->centre + group * (w + 1);
    long double a = basis->activation.a, b = basis->activation.b, constant = basis->activation.c;
    long double z = 0, size = 0, root = sqrtl(2);
    for (size_t k = 0; k < w; k++) {
        z += (long double)u[k] * c[k];
        size += fabsl((long double)u[k] * c[k]);
    }
    for (size_t j = 0; j < w; j++) {
        long double vj = alpha * (long double)u[j] * s[j];
        for (size_t i = 0; i <= j; i++) {
            long double term = (i < j ? root : 1) * a * vj * u[i] * s[i];
            fit[place(i, j)] += term;
            sizes[place(i, j)] += fabsl(term);
        }
        fit[place(j, w)] += root * (a * z + b / 2) * vj;
        sizes[place(j, w)] += root * (fabsl(a) * size + fabsl(b) / 2) * fabsl(vj);
    }
    fit[place(w, w)] += alpha * ((a * z + b) * z + constant);
    sizes[place(w, w)] += fabsl(alpha) * ((fabsl(a) * size + fabsl(b)) * size + fabsl(constant));
}
