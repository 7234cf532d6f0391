/* What tests of methods share: a run judged from the raw data, by code that the method did not
 * use. */
#ifndef ZG_TESTS_SOLVING_H
#define ZG_TESTS_SOLVING_H

#include "data/planted.h"
#include "solvers/solver.h"
#include "tests/support/support.h"

typedef struct test_run {
    zg_status status;
    zg_error error;
    zg_solution solution;
    double objective, bound, gap; /* recomputed; NAN without a network or a dual vector */
} test_run;

/* options: "name=value" separated by "; ", or NULL.  control NULL: tolerance 1e-6, no limit. */
void test_solve(const zg_method *method, const zg_problem *problem, const char *options,
                const zg_control *control, test_run *out);
void test_run_clear(test_run *run);

/* Succeeds, within the gap, below nothing that is known to be optimal. */
void test_assert_optimal(const zg_method *method, const zg_problem *problem, const char *options,
                         double optimum, double tolerance);

/* The published planted data set as a dense problem. */
zg_problem *test_planted(zg_features features, size_t n, size_t d, size_t neurons, uint32_t seed,
                         zg_activation activation, zg_loss loss, double beta);

#endif
