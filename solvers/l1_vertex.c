/* A vertex of the solutions of a regression with an l1 penalty (see l1.h). */
#include "solvers/l1.h"

#include "base/linalg.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Diagonal of R, relative to its first, below which columns depend on those before. */
#define DEPENDENT 1e-11

/* Columns in use: their responses and the sign of alpha in one row more, so that what depends keeps
 * predictions and penalty. */
typedef struct tableau {
    size_t rows, count, rank;
    size_t *column; /* count: basic ones first */
    double *matrix; /* rows x count, then R */
    double *x;      /* rank x (count - rank): the others in terms of the basic ones */
} tableau;

static void tableau_clear(tableau *t)
{
    free(t->column);
    free(t->matrix);
    free(t->x);
}

static zg_status gather(const zg_l1 *p, const double *alpha, tableau *t)
{
    size_t n = p->samples;
    *t = (tableau){.rows = n + 1, .column = calloc(p->columns + 1, sizeof *t->column)};
    if (!t->column) return ZG_NO_MEMORY;
    for (size_t j = 0; j < p->columns; j++)
        if (alpha[j] != 0.0) t->column[t->count++] = j;
    t->matrix = zg_doubles(t->rows * (t->count + 1));
    if (!t->matrix) return ZG_NO_MEMORY;
    for (size_t k = 0; k < t->count; k++) {
        const double *f = p->f + t->column[k] * n;
        memcpy(t->matrix + k * t->rows, f, n * sizeof *f);
    }
    double typical = zg_norm(t->rows * t->count, t->matrix) / sqrt((double)(n * t->count + 1));
    for (size_t k = 0; k < t->count; k++)
        t->matrix[k * t->rows + n] = copysign(typical, alpha[t->column[k]]);
    return ZG_OK;
}

/* Pivoted QR: which columns depend on which. */
static zg_status reduce(tableau *t)
{
    size_t most = t->rows < t->count ? t->rows : t->count;
    lapack_int *pivot = calloc(t->count + 1, sizeof *pivot);
    size_t *order = calloc(t->count + 1, sizeof *order);
    double *tau = zg_doubles(most + 1);
    zg_status status = pivot && order && tau ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK && LAPACKE_dgeqp3(LAPACK_COL_MAJOR, (int)t->rows, (int)t->count, t->matrix,
                                          (int)t->rows, pivot, tau) != 0)
        status = ZG_FAILED;
    for (size_t k = 0; status == ZG_OK && k < t->count; k++)
        order[k] = t->column[(size_t)pivot[k] - 1];
    if (status == ZG_OK) memcpy(t->column, order, t->count * sizeof *order);
    while (status == ZG_OK && t->rank < most &&
           fabs(t->matrix[t->rank * (t->rows + 1)]) > DEPENDENT * fabs(t->matrix[0]))
        t->rank++;
    free(pivot);
    free(order);
    free(tau);
    if (status != ZG_OK || t->rank == t->count) return status;
    size_t others = t->count - t->rank;
    t->x = zg_doubles(t->rank * others + 1);
    if (!t->x) return ZG_NO_MEMORY;
    for (size_t j = 0; j < others; j++)
        memcpy(t->x + j * t->rank, t->matrix + (t->rank + j) * t->rows, t->rank * sizeof *t->x);
    if (t->rank && LAPACKE_dtrtrs(LAPACK_COL_MAJOR, 'U', 'N', 'N', (int)t->rank, (int)others,
                                  t->matrix, (int)t->rows, t->x, (int)t->rank) != 0)
        return ZG_FAILED;
    return ZG_OK;
}

/* Column j of the others takes the place of basic column i. */
static void exchange(tableau *t, size_t j, size_t i)
{
    size_t r = t->rank, others = t->count - r, basic = t->column[i];
    double pivot = t->x[j * r + i];
    for (size_t q = j + 1; q < others; q++) {
        double share = t->x[q * r + i] / pivot;
        for (size_t k = 0; k < r; k++)
            t->x[q * r + k] -= share * t->x[j * r + k];
        t->x[q * r + i] = share;
    }
    t->column[i] = t->column[r + j];
    t->column[r + j] = basic;
}

/* Moves column j of the others towards 0 until it, or a basic column, gets there. */
static void drive_out(tableau *t, size_t j, double *alpha)
{
    size_t r = t->rank, leaving = r;
    const double *x = t->x + j * r;
    double step = -alpha[t->column[r + j]];
    for (size_t i = 0; i < r; i++) {
        double own = x[i] != 0.0 ? alpha[t->column[i]] / x[i] : INFINITY;
        if (own * step > 0.0 && fabs(own) < fabs(step)) {
            step = own;
            leaving = i;
        }
    }
    for (size_t i = 0; i < r; i++)
        alpha[t->column[i]] -= step * x[i];
    alpha[t->column[r + j]] += step;
    alpha[t->column[leaving < r ? leaving : r + j]] = 0.0;
    if (leaving < r) exchange(t, j, leaving);
}

zg_status zg_l1_vertex(const zg_l1 *problem, double *alpha)
{
    tableau t;
    zg_status status = gather(problem, alpha, &t);
    if (status == ZG_OK && t.count > 1) status = reduce(&t);
    for (size_t j = 0; status == ZG_OK && t.x && j < t.count - t.rank; j++)
        drive_out(&t, j, alpha);
    tableau_clear(&t);
    return status;
}
