/* Descent in rank: steps along the directions of a face to its boundary. */
#include "core/face_directions.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- steps ---------------------------------------------------------------------------------- */

/* A block's moving part while the rank falls: P = F F', with the range of P in view. */
typedef struct summand {
    size_t order, rank;
    double *p;     /* order x order */
    double *y;     /* order x rank: orthonormal basis of the range of P */
    double *s;     /* rank: eigenvalues of P there, descending */
    double *d;     /* order x order: the direction */
    double *inner; /* rank x rank: scratch */
    double *w;     /* rank: scratch */
} summand;

static void part_clear(summand *part)
{
    free(part->p);
    free(part->y);
    free(part->s);
    free(part->d);
    free(part->inner);
    free(part->w);
}

static zg_status part_create(size_t order, const double *squares, summand *part)
{
    part->order = part->rank = order;
    part->p = zg_doubles(order * order);
    part->y = zg_doubles(order * order);
    part->s = zg_doubles(order);
    part->d = zg_doubles(order * order);
    part->inner = zg_doubles(order * order);
    part->w = zg_doubles(order);
    if (!part->p || !part->y || !part->s || !part->d || !part->inner || !part->w)
        return ZG_NO_MEMORY;
    for (size_t k = 0; k < order; k++) {
        part->p[k * order + k] = part->s[k] = squares[k];
        part->y[k * order + k] = 1.0;
    }
    return ZG_OK;
}

/* inner = Y' A Y for A = P + t D (with_p) or A = D. */
static zg_status look_from_range(summand *part, bool with_p, double t)
{
    size_t m = part->order, r = part->rank;
    double *a = zg_doubles(m * m), *ay = zg_doubles(m * r);
    zg_status status = a && ay ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK && r > 0) {
        if (with_p) memcpy(a, part->p, m * m * sizeof *a);
        zg_axpy(m * m, with_p ? t : 1.0, part->d, a);
        zg_gemm(false, false, m, r, m, 1.0, a, m, part->y, m, 0.0, ay, m);
        zg_gemm(true, false, r, r, m, 1.0, part->y, m, ay, m, 0.0, part->inner, r);
    }
    free(a);
    free(ay);
    return status;
}

/* The most negative eigenvalue of P^-1/2 D P^-1/2 on the range of P; 0 for an empty range. */
static zg_status steepest(summand *part, double *value)
{
    *value = 0.0;
    if (part->rank == 0) return ZG_OK;
    zg_status status = look_from_range(part, false, 0.0);
    if (status) return status;
    for (size_t j = 0; j < part->rank; j++)
        for (size_t i = 0; i < part->rank; i++)
            part->inner[j * part->rank + i] /= sqrt(part->s[i]) * sqrt(part->s[j]);
    status = zg_eigenvalues(part->rank, part->inner, part->w);
    *value = part->w[0];
    return status;
}

/* P <- P + t D, its smallest eigenvalues cut off (at least `least` of them): *dropped (order x
 * *count) spans what has left the range. */
static zg_status go(summand *part, double t, size_t least, double **dropped, size_t *count)
{
    size_t m = part->order, r = part->rank, kept = 0, nullity = 0;
    double *basis = NULL, *after = zg_doubles(m * r);
    *dropped = NULL;
    *count = 0;
    zg_status status = after ? look_from_range(part, true, t) : ZG_NO_MEMORY;
    if (status == ZG_OK) status = zg_eigen(r, part->inner, part->w);
    if (status == ZG_OK) {
        while (kept + least < r && part->w[r - 1 - kept] > 1e-15 * part->w[r - 1])
            kept++;
        *dropped = zg_doubles(m * (r - kept));
        if (!*dropped) status = ZG_NO_MEMORY;
    }
    if (status == ZG_OK) {
        nullity = r - kept; /* ascending: these come first */
        basis = part->inner;
        zg_gemm(false, false, m, nullity, r, 1.0, part->y, m, basis, r, 0.0, *dropped, m);
        zg_gemm(false, false, m, kept, r, 1.0, part->y, m, basis + nullity * r, r, 0.0, after, m);
        memset(part->p, 0, m * m * sizeof *part->p);
        for (size_t k = 0; k < kept; k++) {
            const double *column = after + (kept - 1 - k) * m;
            part->s[k] = part->w[r - 1 - k];
            memcpy(part->y + k * m, column, m * sizeof *column);
            for (size_t j = 0; j < m; j++)
                zg_axpy(m, part->s[k] * column[j], column, part->p + j * m);
        }
        part->rank = kept;
        *count = nullity;
    }
    free(after);
    return status;
}

/* The direction, among those left, that comes closest to taking away the smallest eigenvalue of
 * all parts; signed so that the penalty does not rise. */
static void choose_direction(zg_face_search *search, summand *parts)
{
    size_t smallest = 0, unknowns = search->unknowns;
    double least = INFINITY;
    for (size_t b = 0; b < search->face->blocks; b++)
        if (parts[b].rank > 0 && parts[b].s[parts[b].rank - 1] < least) {
            smallest = b;
            least = parts[b].s[parts[b].rank - 1];
        }
    size_t m = parts[smallest].order;
    const double *y = parts[smallest].y + (parts[smallest].rank - 1) * m;
    double *d = parts[smallest].d, *share = search->direction + unknowns;
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < m; i++)
            d[j * m + i] = -y[i] * y[j];
    memset(search->direction, 0, unknowns * sizeof *search->direction);
    zg_svec(m, d, search->direction + search->at[smallest]);
    zg_gemv(true, unknowns, search->nullity, 1.0, search->null, unknowns, search->direction, 0.0,
            share);
    if (zg_norm(search->nullity, share) < 1e-6) { /* out of reach: take any */
        memset(share, 0, search->nullity * sizeof *share);
        share[0] = 1.0;
    }
    zg_gemv(false, unknowns, search->nullity, 1.0, search->null, unknowns, share, 0.0,
            search->direction);
    double sign = zg_dot(unknowns, search->penalty, search->direction) > 0.0 ? -1.0 : 1.0;
    for (size_t k = 0; k < unknowns; k++)
        search->direction[k] *= sign;
    for (size_t b = 0; b < search->face->blocks; b++)
        zg_smat(parts[b].order, search->direction + search->at[b], parts[b].d);
}

/* One step to the boundary; *moved is false when there is none in this direction. */
static zg_status step(zg_face_search *search, summand *parts, bool *moved)
{
    double lowest = 0.0, value;
    size_t first = 0;
    choose_direction(search, parts);
    *moved = false;
    for (size_t b = 0; b < search->face->blocks; b++) {
        zg_status status = steepest(parts + b, &value);
        if (status) return status;
        if (value < lowest) {
            lowest = value;
            first = b;
        }
    }
    if (!(lowest < 0.0)) return ZG_OK;
    double t = -1.0 / lowest;
    zg_status status = ZG_OK;
    for (size_t b = 0; status == ZG_OK && b < search->face->blocks; b++) {
        double *dropped = NULL;
        size_t count = 0;
        if (parts[b].rank > 0) status = go(parts + b, t, b == first, &dropped, &count);
        if (status == ZG_OK) status = zg_face_search_restrict(search, b, dropped, count);
        free(dropped);
    }
    *moved = status == ZG_OK;
    return status;
}

/* ---- passes --------------------------------------------------------------------------------- */

/* The block's new factor: the leading columns as they were, then the moving part's. */
static zg_status store_part(zg_face_block *block, const summand *part)
{
    size_t still = block->frame - part->order, rank = still + part->rank;
    double *f = zg_doubles(block->frame * rank);
    if (!f) return ZG_NO_MEMORY;
    for (size_t k = 0; k < still; k++)
        f[k * block->frame + k] = block->f[k * block->rank + k];
    for (size_t k = 0; k < part->rank; k++)
        zg_axpy(part->order, sqrt(part->s[k]), part->y + k * part->order,
                f + (still + k) * block->frame + still);
    free(block->f);
    block->f = f;
    block->rank = rank;
    return ZG_OK;
}

static zg_status create_parts(const zg_face_search *search, summand *parts)
{
    zg_status status = ZG_OK;
    for (size_t b = 0; status == ZG_OK && b < search->face->blocks; b++) {
        const zg_face_block *block = search->face->block + b;
        size_t m = search->moving[b], still = block->frame - m;
        double *squares = zg_doubles(m);
        if (!squares) return ZG_NO_MEMORY;
        for (size_t k = 0; k < m; k++)
            squares[k] = block->f[(still + k) * (block->rank + 1)] *
                         block->f[(still + k) * (block->rank + 1)];
        status = part_create(m, squares, parts + b);
        free(squares);
    }
    return status;
}

/* Goes to the boundary until no direction is left. */
static zg_status run_pass(zg_face *face, bool *lowered)
{
    zg_face_search search;
    summand *parts = calloc(face->blocks, sizeof *parts);
    zg_status status = zg_face_search_start(face, &search);
    bool moved = true;
    *lowered = false;
    if (!parts) status = ZG_NO_MEMORY;
    if (status == ZG_OK) status = create_parts(&search, parts);
    while (status == ZG_OK && moved && search.nullity > 0) {
        status = step(&search, parts, &moved);
        *lowered |= moved;
    }
    for (size_t b = 0; status == ZG_OK && b < face->blocks; b++)
        status = store_part(face->block + b, parts + b);
    for (size_t b = 0; parts && b < face->blocks; b++)
        part_clear(parts + b);
    free(parts);
    zg_face_search_clear(&search);
    return status;
}

zg_status zg_face_descend(zg_face *face)
{
    if (face->lift->features) return ZG_UNSUPPORTED; /* compressed lifts have no samples to keep */
    bool lowered = true;
    zg_status status = ZG_OK;
    while (status == ZG_OK && lowered) {
        status = run_pass(face, &lowered);
        if (status == ZG_OK) status = zg_face_turn(face);
    }
    return status;
}
