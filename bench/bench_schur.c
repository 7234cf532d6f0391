/* Benchmarks of the Newton matrix of the interior-point method, in both of its forms. */
#include "bench/groups.h"
#include "bench/harness.h"
#include "bench/sample.h"

#include "base/linalg.h"
#include "solvers/ipm_assembly.h"

#include <stdlib.h>

/* z = s = I plus a matrix of low rank: positive definite, and no special case of the scaling. */
static bool fill_cone(zg_cone *cone, size_t order, zg_cone_scratch *scratch)
{
    double *low = zg_bench_feasible(order, 3);
    for (size_t k = 0; low && k < order * order; k++)
        cone->z[k] = cone->s[k] = low[k] + (k % (order + 1) == 0 ? 1.0 : 0.0);
    free(low);
    return low && zg_cone_scale(cone, scratch) == ZG_OK;
}

static bool fill_cones(zg_cone cones[2], size_t order, double *storage, zg_cone_scratch *scratch)
{
    for (size_t k = 0; k < 2; k++) {
        zg_cone_place(&cones[k], order, storage + k * zg_cone_storage(order));
        cones[k].sign = k ? 1.0 : -1.0;
        if (!fill_cone(&cones[k], order, scratch)) return false;
    }
    return true;
}

/* n x n, one unknown per sample. */
static void gram_form(zg_bench *bench)
{
    size_t n = zg_bench_n(bench), order = zg_bench_d(bench) + 1;
    zg_problem *problem = zg_bench_problem(n, zg_bench_d(bench));
    zg_program program = problem ? zg_problem_program(problem, 0) : (zg_program){0};
    zg_space *space = NULL;
    zg_cone cones[2] = {0};
    zg_cone_scratch scratch = {0};
    zg_gram_work work = {0};
    double *matrix = zg_doubles(n * n), *storage = zg_doubles(2 * zg_cone_storage(order));
    bool ready = problem && matrix && storage &&
                 zg_space_from_program(&program, ZG_SPACE_SAMPLES, &space) == ZG_OK &&
                 zg_cone_scratch_create(order, &scratch) == ZG_OK &&
                 fill_cones(cones, order, storage, &scratch) &&
                 zg_gram_work_create(space, &work) == ZG_OK;
    if (!ready) zg_bench_fail(bench, "out of memory");
    while (ready && zg_bench_next(bench)) {
        zg_gram_fill(space, cones, &work, matrix, n);
        zg_bench_keep(matrix);
    }
    zg_gram_work_clear(&work);
    zg_cone_scratch_clear(&scratch);
    zg_space_free(space);
    zg_problem_free(problem);
    free(matrix);
    free(storage);
}

/* p x p, one unknown per feature; n is the order of the cones. */
static void kronecker_form(zg_bench *bench)
{
    size_t order = zg_bench_n(bench), p = zg_svec_size(order);
    double *one = zg_bench_feasible(order, 3), *other = zg_bench_feasible(order, 5);
    double *matrix = zg_doubles(p * p);
    bool ready = one && other && matrix;
    if (!ready) zg_bench_fail(bench, "out of memory");
    while (ready && zg_bench_next(bench)) {
        zg_kronecker_add(order, one, other, false, matrix, p);
        zg_bench_keep(matrix);
    }
    free(one);
    free(other);
    free(matrix);
}

void zg_bench_schur(void)
{
    ZG_BENCHMARK(schur_gram, gram_form, {500, 50}, {1000, 50});
    ZG_BENCHMARK(schur_kronecker, kronecker_form, {21, 0}, {51, 0});
}
