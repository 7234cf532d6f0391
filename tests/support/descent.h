/* Descent by L-BFGS: a way to an optimum that shares nothing with the solvers. */
#ifndef ZG_TESTS_DESCENT_H
#define ZG_TESTS_DESCENT_H

#include <stddef.h>

/* The value at x (n numbers), and its gradient. */
typedef double (*test_function)(void *context, size_t n, const double *x, double *gradient);

/* Moves x downhill until nothing gets smaller, or `steps` times; returns the value there.  (J.
 * Nocedal, S. Wright, Numerical Optimization, 2nd ed., algorithm 7.4; steps by bisection after A.
 * Lewis, M. Overton, Math. Program. 141, 2013.) */
double test_descend(test_function function, void *context, size_t n, double *x, size_t steps);

#endif
