/*
 * zerogap-ratios [--no-csdp] [--threads N] [SEED]: how far the structured interior-point method is
 * ahead, in one run and on one thread; a second run on two shows how it scales.  Wall-clock times
 * are the methods' own, without the judging of their answers; processor times are of the whole
 * solve.  Each figure is the least of its repetitions.
 */
#include "bench/ratios.h"

#include "base/linalg.h"
#include "bench/measure.h"
#include "bench/sample.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 1e-8
#define REPEAT 5

static int threads = 1;

static bool row(size_t n, size_t d, uint32_t seed, bool csdp)
{
    zg_figures own = {0}, other = {0};
    zg_problem *problem = zg_bench_seeded(n, d, seed);
    bool good = problem && zg_measure(problem, "ipm", TOLERANCE, threads, REPEAT, &own, NULL);
    if (good && csdp) good = zg_measure(problem, "csdp", TOLERANCE, threads, 1, &other, NULL);
    zg_problem_free(problem);
    if (!good) return false;
    printf("%5zu %4zu %8.4f %8.4f %5ld %8.1e %10.1f", n, d, own.seconds, own.cpu, own.iterations,
           own.gap, own.cpu / zg_cholesky_seconds(n));
    if (csdp)
        printf(" %8.3f %8.3f %8.1e %6.1f %6.1f %8.1e", other.seconds, other.cpu, other.gap,
               other.seconds / own.seconds, other.cpu / own.cpu,
               fabs(own.objective - other.objective) / own.objective);
    printf("\n");
    fflush(stdout);
    return true;
}

bool zg_ratios_planted(uint32_t seed, bool csdp)
{
    printf("planted data, squared loss, tolerance %.0e, seed %u, %d threads; seconds by the clock "
           "and of the processor\n%5s %4s %8s %8s %5s %8s %10s",
           TOLERANCE, seed, threads, "n", "d", "ipm s", "cpu s", "iter", "gap", "Choleskys");
    if (csdp)
        printf(" %8s %8s %8s %6s %6s %8s", "csdp s", "cpu s", "gap", "ratio", "by cpu", "differ");
    printf("\n");
    return row(500, 50, seed, csdp) && row(1000, 50, seed, csdp) && row(1000, 100, seed, false) &&
           row(2000, 100, seed, false);
}

int main(int argc, char **argv)
{
    bool csdp = true;
    uint32_t seed = 1;
    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--no-csdp") == 0)
            csdp = false;
        else if (strcmp(argv[k], "--threads") == 0 && k + 1 < argc)
            threads = (int)strtol(argv[++k], NULL, 10);
        else
            seed = (uint32_t)strtoul(argv[k], NULL, 10);
    }
#ifndef ZG_HAVE_CSDP
    csdp = false;
#endif
    zg_blas_set_threads(threads);
    bool good = zg_ratios_planted(seed, csdp);
    good = zg_ratios_folds() && good;
    good = zg_ratios_passes(seed) && good;
    return zg_ratios_mnist(threads) && good ? 0 : 5;
}
