/* Whole solves and their yardsticks (see measure.h). */
#include "bench/measure.h"

#include "base/linalg.h"
#include "train/registry.h"

#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define YARDSTICKS 9

static zg_status judge(const zg_problem *problem, const zg_solution *solution, double cpu,
                       zg_figures *out, zg_error *error)
{
    double bound;
    zg_status status = zg_problem_bound(problem, solution->dual, &bound, error);
    if (status != ZG_OK) return status;
    status = zg_network_objective(solution->network, problem, &out->objective, NULL, NULL);
    if (status != ZG_OK) return zg_fail(error, status, "the network has no objective");
    out->gap = zg_gap(out->objective, bound);
    out->seconds = fmin(out->seconds, solution->seconds);
    out->cpu = fmin(out->cpu, cpu);
    out->iterations = solution->iterations;
    return ZG_OK;
}

bool zg_measure(const zg_problem *problem, const char *name, double tolerance, int threads,
                int repeat, zg_figures *out, zg_network **network)
{
    const zg_control control = {.tolerance = tolerance, .threads = threads};
    zg_error error = {0};
    const zg_method *method;
    zg_value *values = NULL;
    *out = (zg_figures){.seconds = INFINITY, .cpu = INFINITY};
    zg_status status = zg_method_find(name, problem, &method, &error);
    if (status == ZG_OK) status = zg_values_create(method, &values, &error);
    for (int k = 0; status == ZG_OK && k < repeat; k++) {
        zg_solution solution = {0};
        double before = zg_processor_seconds();
        status = method->solve(problem, values, &control, &solution, &error);
        double cpu = zg_processor_seconds() - before;
        if (status == ZG_OK) status = judge(problem, &solution, cpu, out, &error);
        if (status == ZG_OK && network && k + 1 == repeat) {
            *network = solution.network;
            solution.network = NULL;
        }
        zg_solution_clear(&solution);
    }
    if (values) zg_values_free(method, values);
    if (status != ZG_OK) fprintf(stderr, "zerogap-ratios: %s: %s\n", name, error.message);
    return status == ZG_OK;
}

double zg_cholesky_seconds(size_t n)
{
    double *matrix = zg_doubles(n * n), best = INFINITY;
    for (int k = 0; matrix && k < YARDSTICKS; k++) {
        for (size_t i = 0; i < n * n; i++)
            matrix[i] = i % (n + 1) ? 1.0 / (double)(1 + i % 7) : (double)n;
        double before = zg_processor_seconds();
        if (zg_cholesky(n, matrix) != ZG_OK) break;
        best = fmin(best, zg_processor_seconds() - before);
    }
    free(matrix);
    return isinf(best) ? NAN : best;
}

double zg_dsyrk_rate(size_t p, size_t count)
{
    double *rows = zg_doubles(p * count), *matrix = zg_doubles(p * p), best = INFINITY;
    for (size_t i = 0; rows && i < p * count; i++)
        rows[i] = 1.0 / (double)(1 + i % 7);
    for (int k = 0; rows && matrix && k < YARDSTICKS; k++) {
        double before = zg_processor_seconds();
        cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, (int)p, (int)count, 1.0, rows,
                    (int)count, 0.0, matrix, (int)p);
        best = fmin(best, zg_processor_seconds() - before);
    }
    free(rows);
    free(matrix);
    return isinf(best) ? NAN : (double)count * (double)p * (double)p / best;
}
