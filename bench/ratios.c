/*
 * zerogap-ratios [--no-csdp] [SEED]: how far the structured interior-point method is ahead, in one
 * run and on one thread: against CSDP on the same instance, and in Cholesky factorisations of order
 * n.  Wall-clock times are the methods' own, without the judging of their answers; processor times
 * are of the whole solve.  Each figure is the least of its repetitions.
 */
#include "bench/sample.h"

#include "core/linalg.h"
#include "suites/registry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define TOLERANCE 1e-8
#define REPEAT 5

typedef struct figures {
    double seconds, cpu; /* least of the repetitions */
    double gap, objective;
    long iterations;
} figures;

static double processor_seconds(void)
{
    double sum = 0.0;
    for (int who = 0; who < 2; who++) {
        struct rusage usage;
        getrusage(who ? RUSAGE_CHILDREN : RUSAGE_SELF, &usage);
        sum += (double)usage.ru_utime.tv_sec + 1e-6 * (double)usage.ru_utime.tv_usec;
        sum += (double)usage.ru_stime.tv_sec + 1e-6 * (double)usage.ru_stime.tv_usec;
    }
    return sum;
}

/* One solve, judged from the raw data afterwards. */
static zg_status solve_once(const zg_problem *problem, const zg_method *method,
                            const zg_value *values, figures *out, zg_error *error)
{
    const zg_control control = {.tolerance = TOLERANCE, .threads = 1};
    zg_solution solution = {0};
    double bound, before = processor_seconds();
    zg_status status = method->solve(problem, values, &control, &solution, error);
    double cpu = processor_seconds() - before;
    if (status == ZG_OK) status = zg_problem_bound(problem, solution.dual, &bound, error);
    if (status == ZG_OK)
        status = zg_network_objective(solution.network, problem, &out->objective, NULL, NULL);
    if (status == ZG_OK) {
        out->gap = zg_gap(out->objective, bound);
        out->seconds = fmin(out->seconds, solution.seconds);
        out->cpu = fmin(out->cpu, cpu);
        out->iterations = solution.iterations;
    }
    zg_solution_clear(&solution);
    return status;
}

static bool measure(const zg_problem *problem, const char *name, int repeat, figures *out)
{
    zg_error error = {0};
    const zg_method *method;
    zg_value *values = NULL;
    *out = (figures){.seconds = INFINITY, .cpu = INFINITY};
    zg_status status = zg_method_find(name, problem, &method, &error);
    if (status == ZG_OK) status = zg_values_create(method, &values, &error);
    for (int k = 0; status == ZG_OK && k < repeat; k++)
        status = solve_once(problem, method, values, out, &error);
    if (values) zg_values_free(method, values);
    if (status != ZG_OK) fprintf(stderr, "zerogap-ratios: %s: %s\n", name, error.message);
    return status == ZG_OK;
}

/* Processor time of one Cholesky factorisation; NAN when there is no room for it. */
static double cholesky_seconds(size_t n)
{
    double *matrix = zg_doubles(n * n), best = INFINITY;
    for (int k = 0; matrix && k < 3 * REPEAT; k++) {
        for (size_t i = 0; i < n * n; i++)
            matrix[i] = i % (n + 1) ? 1.0 / (double)(1 + i % 7) : (double)n;
        double before = processor_seconds();
        if (zg_cholesky(n, matrix) != ZG_OK) break;
        best = fmin(best, processor_seconds() - before);
    }
    free(matrix);
    return isinf(best) ? NAN : best;
}

static bool row(size_t n, size_t d, uint32_t seed, bool csdp)
{
    figures own = {0}, other = {0};
    zg_problem *problem = zg_bench_seeded(n, d, seed);
    bool good = problem && measure(problem, "ipm", REPEAT, &own);
    if (good && csdp) good = measure(problem, "csdp", 1, &other);
    zg_problem_free(problem);
    if (!good) return false;
    printf("%5zu %4zu %9.4f %9.4f %5ld %8.1e %10.1f", n, d, own.seconds, own.cpu, own.iterations,
           own.gap, own.cpu / cholesky_seconds(n));
    if (csdp)
        printf(" %9.3f %9.3f %8.1e %7.1f %7.1f %8.1e", other.seconds, other.cpu, other.gap,
               other.seconds / own.seconds, other.cpu / own.cpu,
               fabs(own.objective - other.objective) / own.objective);
    printf("\n");
    fflush(stdout);
    return true;
}

int main(int argc, char **argv)
{
    bool csdp = true;
    uint32_t seed = 1;
    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--no-csdp") == 0)
            csdp = false;
        else
            seed = (uint32_t)strtoul(argv[k], NULL, 10);
    }
#ifndef ZG_HAVE_CSDP
    csdp = false;
#endif
    zg_blas_set_threads(1);
    printf("    n    d     ipm s     cpu s  iter      gap Choleskys    csdp s     cpu s      gap "
           "  ratio  by cpu differ\n");
    bool good = row(500, 50, seed, csdp) && row(1000, 50, seed, csdp) &&
                row(1000, 100, seed, false) && row(2000, 100, seed, false);
    return good ? 0 : 5;
}
