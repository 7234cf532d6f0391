/* Faces of the lifted cone: blocks as factors. */
#include "core/face.h"

#include "base/linalg.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- life ----------------------------------------------------------------------------------- */

zg_status zg_face_create(const zg_lift *lift, zg_face **out)
{
    zg_face *face = calloc(1, sizeof *face);
    if (!face) return ZG_NO_MEMORY;
    face->lift = lift;
    face->blocks = 2 * lift->groups;
    face->block = calloc(face->blocks, sizeof *face->block);
    if (!face->block) {
        free(face);
        return ZG_NO_MEMORY;
    }
    *out = face;
    return ZG_OK;
}

void zg_face_free(zg_face *face)
{
    if (!face) return;
    for (size_t b = 0; b < face->blocks; b++) {
        free(face->block[b].q);
        free(face->block[b].f);
    }
    free(face->block);
    free(face);
}

/* Singular values s (descending) and left singular vectors q (rows x least) of a (rows x columns,
 * destroyed). */
static zg_status left_singular(size_t rows, size_t columns, double *a, double *s, double *q)
{
    size_t least = rows < columns ? rows : columns;
    if (!zg_all_finite(rows * columns, a)) return ZG_FAILED;
    double *superb = zg_doubles(least);
    if (!superb) return ZG_NO_MEMORY;
    lapack_int info =
        LAPACKE_dgesvd(LAPACK_COL_MAJOR, 'S', 'N', (lapack_int)rows, (lapack_int)columns, a,
                       (lapack_int)rows, s, q, (lapack_int)rows, NULL, 1, superb);
    free(superb);
    if (info == LAPACK_WORK_MEMORY_ERROR) return ZG_NO_MEMORY;
    return info == 0 ? ZG_OK : ZG_FAILED;
}

zg_status zg_face_block_set(zg_face_block *block, size_t order, size_t count, double *columns)
{
    size_t least = order < count ? order : count, rank = 0;
    double *q = zg_doubles(order * least), *s = zg_doubles(least), *f = zg_doubles(least * least);
    zg_status status = q && s && f ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK && least > 0) status = left_singular(order, count, columns, s, q);
    if (status == ZG_OK) {
        while (rank < least && s[rank] > 1e-15 * s[0])
            rank++;
        for (size_t k = 0; k < rank; k++)
            f[k * rank + k] = s[k];
        free(block->q);
        free(block->f);
        *block = (zg_face_block){order, rank, rank, q, f};
    } else {
        free(q);
        free(f);
    }
    free(s);
    return status;
}

/* The columns of Q F: order x rank. */
static double *block_columns(const zg_face_block *block)
{
    double *columns = zg_doubles(block->order * block->rank);
    if (columns && block->rank > 0)
        zg_gemm(false, false, block->order, block->rank, block->frame, 1.0, block->q, block->order,
                block->f, block->frame, 0.0, columns, block->order);
    return columns;
}

zg_status zg_face_block_matrix(const zg_face_block *block, double *z)
{
    size_t order = block->order;
    memset(z, 0, order * order * sizeof *z);
    if (block->rank == 0) return ZG_OK;
    double *columns = block_columns(block);
    if (!columns) return ZG_NO_MEMORY;
    zg_gemm(false, true, order, order, block->rank, 1.0, columns, order, columns, order, 0.0, z,
            order);
    free(columns);
    return ZG_OK;
}

zg_status zg_face_turn(zg_face *face)
{
    zg_status status = ZG_OK;
    for (size_t b = 0; status == ZG_OK && b < face->blocks; b++) {
        zg_face_block *block = face->block + b;
        double *columns = block_columns(block);
        status =
            columns ? zg_face_block_set(block, block->order, block->rank, columns) : ZG_NO_MEMORY;
        free(columns);
    }
    return status;
}
