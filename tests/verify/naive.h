/* The claim of a certificate evaluated in floating point, by another JSON reader and the library's
 * data and loss code: the independent opinion that the checker's verdicts are compared with. */
#ifndef ZG_TESTS_NAIVE_H
#define ZG_TESTS_NAIVE_H

#include <stddef.h>

/* By how much, relative to the numbers involved, the worst of the claim's inequalities is violated
 * (negative or tiny: true as far as doubles can tell); INFINITY when there is no sense in it.
 * Trees: the optimum of the PARTITION goldens is known, beta times a value below known_high and (as
 * far as lower bounds go) at least known_low. */
double naive_violation(const char *certificate, size_t size, const char *data, double known);

#endif
