/* Certificates of PARTITION instances, made without the library: a plain branch and bound. */
#ifndef ZG_TESTS_PARTITION_H
#define ZG_TESTS_PARTITION_H

#include <stdbool.h>
#include <stddef.h>

#define PARTITION_LIMIT 16

/* Writes data and certificate of min sum |x_j|^(2/3) + |y_j|^(2/3) subject to x_j + y_j = 1,
 * sum a_j (x_j - y_j) = 0, x, y >= 0: inputs are the square roots of the coefficients, activation
 * t^2, neurons the axes; x_j and y_j are pairs.  The optimum is count if the numbers can be halved,
 * more otherwise.  lower is the bound to prove (at most the optimum); side (count), when not NULL,
 * says which numbers make up one half, for the upper bound.  drop: leaves out the last leaf; lift
 * is added to the stated bound of the first leaf.  Returns the number of leaves; 0: not provable.
 */
size_t partition_write(const char *data, const char *certificate, size_t count, const long *numbers,
                       const bool *side, double lower, bool drop, double lift);

/* The least nonzero |sum +-a_j|, or 0 with the signs in side: by trying all. */
long partition_decide(size_t count, const long *numbers, bool *side);

#endif
