/* An orthonormal basis of what few columns a matrix really has. */
#include "core/column_space.h"

#include "base/linalg.h"
#include "base/random.h"

#include <float.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Of the largest column: what is left of one by rounding alone. */
#define REST (16 * DBL_EPSILON)

/* Scales `column` to length one and makes it orthogonal to those before it, twice since the first
 * time leaves rounding relative to what was taken away. */
static void orthogonalise(size_t d, size_t before, const double *basis, double *column)
{
    for (int pass = 0; pass < 2; pass++) {
        double norm = zg_norm(d, column);
        for (size_t i = 0; norm > 0 && i < d; i++)
            column[i] /= norm;
        for (size_t k = 0; k < before; k++)
            zg_axpy(d, -zg_dot(d, basis + k * d, column), basis + k * d, column);
    }
    double norm = zg_norm(d, column);
    for (size_t i = 0; norm > 0 && i < d; i++)
        column[i] /= norm;
}

static size_t longest(size_t d, size_t count, const double *columns, double *length)
{
    size_t at = 0;
    *length = 0;
    for (size_t k = 0; k < count; k++) {
        double norm = zg_norm(d, columns + k * d);
        if (norm > *length) *length = norm, at = k;
    }
    return at;
}

/* Gram and Schmidt with the longest of what is left first; how many are independent. */
static size_t independent(size_t d, size_t count, double *columns, double *room)
{
    double first = 0, length;
    for (size_t rank = 0; rank < count; rank++) {
        double *own = columns + rank * d;
        size_t at = longest(d, count - rank, own, &length);
        if (rank == 0) first = length;
        if (!(length > REST * first)) return rank;
        memcpy(room, own + at * d, d * sizeof *own);
        memcpy(own + at * d, own, d * sizeof *own);
        memcpy(own, room, d * sizeof *own);
        orthogonalise(d, rank, columns, own);
        for (size_t k = 1; k < count - rank; k++)
            zg_axpy(d, -zg_dot(d, own, own + k * d), own, own + k * d);
    }
    return count;
}

zg_status zg_column_space(size_t d, const double *p, const double *q, size_t most, double *basis,
                          size_t *rank)
{
    zg_random random;
    *rank = 0;
    if (most < 2) return ZG_OK;
    double *vectors = zg_doubles(d * most);
    if (!vectors) return ZG_NO_MEMORY;
    zg_random_seed(&random, 1);
    for (size_t k = 0; k < d * (most - 1); k++)
        vectors[k] = zg_random_normal(&random);
    zg_gemm(false, false, d, most - 1, d, 1.0, p, d, vectors, d, 0.0, basis, d);
    size_t found = independent(d, most - 1, basis, vectors);
    if (found < most - 1) {
        double *last = basis + found * d, size = zg_norm(d, q);
        memcpy(last, q, d * sizeof *q);
        for (size_t k = 0; k < found; k++)
            zg_axpy(d, -zg_dot(d, basis + k * d, last), basis + k * d, last);
        bool outside = zg_norm(d, last) > REST * size;
        if (outside) orthogonalise(d, found, basis, last);
        *rank = found + outside;
    }
    free(vectors);
    return ZG_OK;
}
