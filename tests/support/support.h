/* What tests of several rooms share: closeness, random data, shared reference data. */
#ifndef ZG_TESTS_SUPPORT_H
#define ZG_TESTS_SUPPORT_H

/* cmocka.h needs these four first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/network.h"

/* |a - b| <= tolerance * max(1, |b|), with both values in the message. */
#define assert_close(a, b, tolerance) test_assert_close(a, b, tolerance, #a, __FILE__, __LINE__)
void test_assert_close(double a, double b, double tolerance, const char *what, const char *file,
                       int line);
/* status is ZG_OK, or fails with the error's message. */
#define assert_ok(status, error) test_assert_ok(status, error, __FILE__, __LINE__)
void test_assert_ok(zg_status status, const zg_error *error, const char *file, int line);

/* count times the environment's ZEROGAP_TEST_MULTIPLIER (1 when unset). */
int test_rounds(int count);

void test_normals(zg_random *random, size_t count, double *out);
/* A random symmetric positive semidefinite order x order matrix of the given rank with
 * <R, z> = 0. */
void test_random_feasible(zg_random *random, size_t order, size_t rank, double *z);
/* A small problem on random data; labels gives targets -1 and +1. */
zg_problem *test_random_problem(zg_random *random, size_t n, size_t d, zg_activation activation,
                                const char *architecture, zg_loss loss, double beta);

/* The path of a file of the shared reference material, or NULL when there is none here: then the
 * caller skips.  The text is valid until the next call. */
const char *test_shared(const char *relative);

#define TEST_RELU2 ((zg_activation){0.09, 0.5, 0.47})
#define TEST_QUADRATIC ((zg_activation){1.0, 0.0, 0.0})

#endif
