/* Directions within a face: equations, their null space, and its restriction step by step. */
#include "core/face_directions.h"

#include "base/linalg.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWNS_LIMIT 3000  /* at once */
#define RANK_TOLERANCE 1e-13 /* of equations of length one */

static const double *frame_column(const zg_face_search *search, size_t b, size_t k)
{
    const zg_face_block *block = search->face->block + b;
    return block->q + (block->frame - search->moving[b] + k) * block->order;
}

static size_t equation_count(const zg_face *face)
{
    return face->lift->samples + (face->lift->bordered ? face->blocks : 0);
}

/* Unknowns worth having at once: enough to outnumber the equations, while the null space stays a
 * matrix of moderate order. */
static size_t unknowns_limit(const zg_face *face)
{
    size_t limit = 2 * equation_count(face) + 200;
    return limit < UNKNOWNS_LIMIT ? limit : UNKNOWNS_LIMIT;
}

/* Restricts the largest blocks until the unknowns are few enough. */
static void choose_moving(zg_face_search *search)
{
    size_t unknowns = 0;
    for (size_t b = 0; b < search->face->blocks; b++) {
        search->moving[b] = search->face->block[b].frame;
        unknowns += zg_svec_size(search->moving[b]);
    }
    size_t limit = unknowns_limit(search->face);
    while (unknowns > limit) {
        size_t largest = 0;
        for (size_t b = 1; b < search->face->blocks; b++)
            if (search->moving[b] > search->moving[largest]) largest = b;
        if (search->moving[largest] <= 1) break;
        unknowns -= search->moving[largest]--;
    }
    for (size_t b = 0; b < search->face->blocks; b++) {
        search->at[b] = search->unknowns;
        search->unknowns += zg_svec_size(search->moving[b]);
    }
}

void zg_face_search_clear(zg_face_search *search)
{
    free(search->moving);
    free(search->at);
    free(search->null);
    free(search->penalty);
    free(search->direction);
}

/* ---- equations ------------------------------------------------------------------------------ */

/* Transposed equations of one block: entry (unknown, sample) of a (unknowns x equations) gets
 * +-svec(Q' M_i Q), by projecting every patch onto the frame. */
static zg_status block_equations(const zg_face_search *search, size_t b, double *a)
{
    const zg_lift *lift = search->face->lift;
    size_t m = search->moving[b], n = lift->samples, patches = lift->patches, f = lift->width;
    size_t order = lift->order, rows = n * patches;
    double *t = zg_doubles(rows * m), sign = b % 2 ? -1.0 : 1.0, share = sign / (double)patches;
    if (!t) return ZG_NO_MEMORY;
    if (m > 0)
        zg_gemm(true, false, m, rows, f, 1.0, frame_column(search, b, 0), order, lift->rows[b / 2],
                f, 0.0, t, m);
    zg_activation s = lift->activation;
    for (size_t q = 0; q < rows; q++) {
        double *entry = a + (q / patches) * search->unknowns + search->at[b];
        const double *row = t + q * m;
        for (size_t l = 0; l < m; l++) {
            double corner_l = lift->bordered ? frame_column(search, b, l)[order - 1] : 0.0;
            for (size_t k = 0; k <= l; k++) {
                double corner_k = lift->bordered ? frame_column(search, b, k)[order - 1] : 0.0;
                double value = s.a * row[k] * row[l] +
                               0.5 * s.b * (row[k] * corner_l + row[l] * corner_k) +
                               s.c * corner_k * corner_l;
                *entry++ += share * (k == l ? 1.0 : M_SQRT2) * value;
            }
        }
    }
    free(t);
    return ZG_OK;
}

/* svec(Q' diag(w) Q) with w = (inside, .., inside, corner). */
static void diagonal_function(const zg_face_search *search, size_t b, double inside, double corner,
                              double *out)
{
    size_t order = search->face->lift->order;
    for (size_t l = 0; l < search->moving[b]; l++)
        for (size_t k = 0; k <= l; k++) {
            const double *x = frame_column(search, b, k), *y = frame_column(search, b, l);
            double value = inside * zg_dot(order - 1, x, y) + corner * x[order - 1] * y[order - 1];
            *out++ = (k == l ? 1.0 : M_SQRT2) * value;
        }
}

/* a (unknowns x equations, transposed), every equation of length one. */
static zg_status equations(const zg_face_search *search, size_t count, double *a)
{
    const zg_lift *lift = search->face->lift;
    for (size_t b = 0; b < search->face->blocks; b++) {
        zg_status status = block_equations(search, b, a);
        if (status) return status;
        if (lift->bordered)
            diagonal_function(search, b, 1.0, -1.0,
                              a + (lift->samples + b) * search->unknowns + search->at[b]);
        diagonal_function(search, b, lift->bordered ? 0.0 : 1.0, 1.0,
                          search->penalty + search->at[b]);
    }
    for (size_t i = 0; i < count; i++) {
        double *row = a + i * search->unknowns, length = zg_norm(search->unknowns, row);
        for (size_t k = 0; length > 0.0 && k < search->unknowns; k++)
            row[k] /= length;
    }
    return ZG_OK;
}

zg_status zg_complement(size_t rows, size_t columns, double *a, double tolerance, double **out,
                        size_t *dimension)
{
    size_t least = rows < columns ? rows : columns, rank = 0;
    if (!zg_all_finite(rows * columns, a)) return ZG_FAILED;
    double *q = zg_doubles(rows * rows), *tau = zg_doubles(least);
    lapack_int *pivot = calloc(columns + 1, sizeof *pivot), info = -1;
    zg_status status = q && tau && pivot ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK)
        info = LAPACKE_dgeqp3(LAPACK_COL_MAJOR, (lapack_int)rows, (lapack_int)columns, a,
                              (lapack_int)rows, pivot, tau);
    if (info == 0) {
        while (rank < least && fabs(a[rank * rows + rank]) > tolerance)
            rank++;
        memcpy(q, a, rows * rank * sizeof *q);
        info = LAPACKE_dorgqr(LAPACK_COL_MAJOR, (lapack_int)rows, (lapack_int)rows,
                              (lapack_int)rank, q, (lapack_int)rows, tau);
    }
    if (status == ZG_OK && info != 0)
        status = info == LAPACK_WORK_MEMORY_ERROR ? ZG_NO_MEMORY : ZG_FAILED;
    free(tau);
    free(pivot);
    if (status) {
        free(q);
        return status;
    }
    *dimension = rows - rank;
    memmove(q, q + rows * rank, rows * *dimension * sizeof *q);
    *out = q;
    return ZG_OK;
}

/* The null space of the equations. */
static zg_status solve_equations(zg_face_search *search)
{
    size_t count = equation_count(search->face);
    double *a = zg_doubles(search->unknowns * count);
    zg_status status = a ? equations(search, count, a) : ZG_NO_MEMORY;
    if (status == ZG_OK)
        status = zg_complement(search->unknowns, count, a, RANK_TOLERANCE, &search->null,
                               &search->nullity);
    free(a);
    return status;
}

zg_status zg_face_search_start(zg_face *face, zg_face_search *search)
{
    *search = (zg_face_search){.face = face,
                               .moving = calloc(face->blocks, sizeof *search->moving),
                               .at = calloc(face->blocks, sizeof *search->at)};
    if (!search->moving || !search->at) return ZG_NO_MEMORY;
    choose_moving(search);
    search->penalty = zg_doubles(search->unknowns);
    search->direction = zg_doubles(2 * search->unknowns);
    if (!search->penalty || !search->direction) return ZG_NO_MEMORY;
    return search->unknowns > 0 ? solve_equations(search) : ZG_OK;
}

zg_status zg_face_search_restrict(zg_face_search *search, size_t b, const double *dropped,
                                  size_t count)
{
    size_t m = search->moving[b], equations = m * count, dimension;
    if (count == 0 || search->nullity == 0) return ZG_OK;
    double *c = zg_doubles(search->nullity * equations), *d = zg_doubles(m * m);
    double *image = zg_doubles(m), *turn = NULL, *narrowed = NULL;
    zg_status status = c && d && image ? ZG_OK : ZG_NO_MEMORY;
    for (size_t j = 0; status == ZG_OK && j < search->nullity; j++) {
        zg_smat(m, search->null + j * search->unknowns + search->at[b], d);
        for (size_t k = 0; k < count; k++) {
            zg_gemv(false, m, m, 1.0, d, m, dropped + k * m, 0.0, image);
            for (size_t i = 0; i < m; i++)
                c[(k * m + i) * search->nullity + j] = image[i];
        }
    }
    if (status == ZG_OK)
        status = zg_complement(search->nullity, equations, c, RANK_TOLERANCE, &turn, &dimension);
    if (status == ZG_OK && !(narrowed = zg_doubles(search->unknowns * dimension)))
        status = ZG_NO_MEMORY;
    if (status == ZG_OK) {
        if (dimension > 0)
            zg_gemm(false, false, search->unknowns, dimension, search->nullity, 1.0, search->null,
                    search->unknowns, turn, search->nullity, 0.0, narrowed, search->unknowns);
        free(search->null);
        search->null = narrowed;
        search->nullity = dimension;
    }
    free(c);
    free(d);
    free(image);
    free(turn);
    return status;
}
