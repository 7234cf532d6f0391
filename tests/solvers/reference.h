/* The reference optima of the shared material, row by row, through any method. */
#ifndef ZG_TESTS_REFERENCE_H
#define ZG_TESTS_REFERENCE_H

#include "core/method.h"

/* Solves every row whose data begin with the prefix: objective and certified bound within 1e-6 of
 * the reference value, gap at most 1e-6, DIMACS measures present and small when asked for.  Skips
 * the test when the values or the data are not here. */
void test_reference(const zg_method *method, const char *prefix, bool dimacs);

#endif
