/* Passes of the low-rank method against the two matrix products that each needs. */
#include "bench/measure.h"
#include "bench/ratios.h"
#include "bench/sample.h"

#include "base/linalg.h"
#include "solvers/low_rank_factor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define REPEAT 5
#define ORDER 1000 /* of the products that measure the rate */

/* Floating-point operations per second of one large dgemm; the best of several. */
static double dgemm_rate(void)
{
    double *a = zg_doubles(3 * ORDER * ORDER), best = INFINITY;
    for (size_t i = 0; a && i < 2 * ORDER * ORDER; i++)
        a[i] = (double)(i % 7);
    for (int k = 0; a && k < REPEAT; k++) {
        double before = zg_processor_seconds();
        zg_gemm(false, false, ORDER, ORDER, ORDER, 1.0, a, ORDER, a + ORDER * ORDER, ORDER, 0.0,
                a + 2 * ORDER * ORDER, ORDER);
        best = fmin(best, zg_processor_seconds() - before);
    }
    free(a);
    return 2.0 * ORDER * ORDER * ORDER / best;
}

/* Processor time of value and gradient; the least of several. */
static double pass_seconds(zg_factor *factor, const double *w, double *gradient, double *f)
{
    double best = INFINITY;
    for (int k = 0; k < REPEAT; k++) {
        double before = zg_processor_seconds();
        (void)zg_factor_value(factor, w, gradient, f);
        best = fmin(best, zg_processor_seconds() - before);
    }
    return best;
}

static bool measure(const zg_problem *problem, size_t columns, double rate)
{
    const size_t each[2] = {columns / 2, columns - columns / 2};
    zg_program program = zg_problem_program(problem, 0);
    zg_factor *factor = NULL;
    if (zg_factor_create(&program, each, &factor) != ZG_OK) return false;
    size_t size = zg_factor_size(factor), n = problem->samples, d = problem->inputs;
    double *w = zg_doubles(size), *gradient = zg_doubles(size), *f = zg_doubles(n);
    float **single = zg_single_rows(program.lift);
    bool good = w && gradient && f && single;
    for (size_t i = 0; good && i < size; i++)
        w[i] = 0.01 * (double)(i % 11);
    double ideal = 4.0 * (double)n * (double)d * (double)columns / rate;
    double exact = good ? pass_seconds(factor, w, gradient, f) : NAN;
    good = good && zg_factor_use_single(factor, single) == ZG_OK;
    double rough = good ? pass_seconds(factor, w, gradient, f) : NAN;
    printf("%6zu %4zu %8zu %9.4f %9.4f %9.2f %9.2f\n", n, d, columns, exact, rough, exact / ideal,
           rough / ideal);
    zg_single_rows_free(single, program.lift->groups);
    free(w);
    free(gradient);
    free(f);
    zg_factor_free(factor);
    return good;
}

bool zg_ratios_passes(uint32_t seed)
{
    static const size_t columns[] = {16, 32, 64, 128};
    double rate = dgemm_rate();
    zg_problem *problem = zg_bench_seeded(10000, 784, seed);
    bool good = problem != NULL;
    printf("passes of low-rank against two matrix products at %.1f GFlop/s, processor time\n"
           "%6s %4s %8s %9s %9s %9s %9s\n",
           1e-9 * rate, "n", "d", "columns", "double s", "single s", "of double", "of single");
    for (size_t k = 0; good && k < sizeof columns / sizeof *columns; k++)
        good = measure(problem, columns[k], rate);
    zg_problem_free(problem);
    return good;
}
