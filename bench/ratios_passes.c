/* Passes of the low-rank method against the two matrix products that each needs. */
#include "bench/measure.h"
#include "bench/ratios.h"
#include "bench/sample.h"

#include "base/linalg.h"
#include "base/random.h"
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

/* All but about this share of a problem's inputs become 0. */
static void thin_out(zg_problem *problem, double filled)
{
    zg_random random;
    zg_random_seed(&random, 0);
    for (size_t k = 0; k < problem->samples * problem->inputs; k++)
        if (zg_random_uniform(&random) >= filled) problem->lift->rows[0][k] = 0.0;
}

/* The ideal is that of dense products in double precision, whatever the share of non-zeros. */
static bool measure(const zg_problem *problem, double filled, size_t columns, double rate)
{
    const size_t each[2] = {columns / 2, columns - columns / 2};
    zg_program program = zg_problem_program(problem, 0);
    zg_factor *factor = NULL;
    if (zg_factor_create(&program, each, &factor) != ZG_OK) return false;
    size_t size = zg_factor_size(factor), n = problem->samples, d = problem->inputs;
    double *w = zg_doubles(size), *gradient = zg_doubles(size), *f = zg_doubles(n);
    zg_row_store *store = NULL;
    bool good = w && gradient && f && zg_row_store_create(program.lift, &store) == ZG_OK;
    for (size_t i = 0; good && i < size; i++)
        w[i] = 0.01 * (double)(i % 11);
    double ideal = 4.0 * (double)n * (double)d * (double)columns / rate;
    good = good && zg_factor_use(factor, store, false) == ZG_OK;
    double exact = good ? pass_seconds(factor, w, gradient, f) : NAN;
    good = good && zg_factor_use(factor, store, true) == ZG_OK;
    double rough = good ? pass_seconds(factor, w, gradient, f) : NAN;
    printf("%6zu %4zu %7.0f%% %8zu %9.4f %9.4f %9.2f %9.2f\n", n, d, 100.0 * filled, columns, exact,
           rough, exact / ideal, rough / ideal);
    zg_row_store_free(store);
    free(w);
    free(gradient);
    free(f);
    zg_factor_free(factor);
    return good;
}

bool zg_ratios_passes(uint32_t seed)
{
    static const size_t columns[] = {16, 32, 64, 128};
    static const double filled[] = {1.0, 0.4, 0.2};
    double rate = dgemm_rate();
    zg_problem *problem = zg_bench_seeded(10000, 784, seed);
    bool good = problem != NULL;
    printf("passes of low-rank against two dense products at %.1f GFlop/s, processor time\n"
           "%6s %4s %8s %8s %9s %9s %9s %9s\n",
           1e-9 * rate, "n", "d", "non-zero", "columns", "double s", "single s", "of double",
           "of single");
    for (size_t q = 0; good && q < sizeof filled / sizeof *filled; q++) {
        if (filled[q] < 1.0) thin_out(problem, filled[q]);
        for (size_t k = 0; good && k < sizeof columns / sizeof *columns; k++)
            good = measure(problem, filled[q], columns[k], rate);
    }
    zg_problem_free(problem);
    return good;
}
