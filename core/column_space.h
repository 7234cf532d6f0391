/* An orthonormal basis of what few columns a matrix really has. */
#ifndef ZG_CORE_COLUMN_SPACE_H
#define ZG_CORE_COLUMN_SPACE_H

#include "zerogap.h"

#include <stddef.h>

/* Columns of basis (d x most, column-major) become orthonormal and span those of the symmetric
 * matrix p (d x d) and the vector q, up to a few units of rounding; *rank is their number, and 0
 * where `most` are too few.  By products of p with most random vectors, of which as many are kept
 * as are independent (Halko, Martinsson and Tropp 2011, arXiv 0909.4061, section 4): O(d^2 most).
 * Nothing is promised: callers measure what the basis misses. */
zg_status zg_column_space(size_t d, const double *p, const double *q, size_t most, double *basis,
                          size_t *rank);

#endif
