/* Problems for benchmarks. */
#include "bench/sample.h"

#include "base/linalg.h"
#include "base/random.h"
#include "data/planted.h"

#include <stdlib.h>

static zg_dataset *planted_dataset(size_t n, size_t d, uint32_t seed)
{
    const zg_planted planted = {.n = n,
                                .d = d,
                                .neurons = 5,
                                .noise = 0.1,
                                .features = ZG_FEATURES_GAUSSIAN,
                                .activation = ZG_BENCH_ACTIVATION,
                                .seed = seed};
    zg_dataset *dataset = NULL;
    return zg_planted_create(&planted, &dataset, NULL) == ZG_OK ? dataset : NULL;
}

zg_dataset *zg_bench_dataset(size_t n, size_t d)
{
    return planted_dataset(n, d, 0);
}

zg_problem *zg_bench_seeded(size_t n, size_t d, uint32_t seed)
{
    zg_problem *problem = NULL;
    zg_dataset *dataset = planted_dataset(n, d, seed);
    const zg_model_options options = {.activation = ZG_BENCH_ACTIVATION, .beta = 1};
    if (dataset && zg_problem_create(dataset, &options, &problem, NULL) != ZG_OK) problem = NULL;
    zg_dataset_free(dataset);
    return problem;
}

zg_problem *zg_bench_problem(size_t n, size_t d)
{
    return zg_bench_seeded(n, d, 0);
}

double *zg_bench_feasible(size_t order, size_t rank)
{
    double *z = zg_doubles(order * order), *y = zg_doubles(order);
    zg_random random;
    zg_random_seed(&random, 1);
    for (size_t k = 0; z && y && k < rank; k++) {
        for (size_t i = 0; i + 1 < order; i++)
            y[i] = zg_random_normal(&random);
        y[order - 1] = zg_norm(order - 1, y);
        for (size_t i = 0; i < order; i++)
            zg_axpy(order, y[i], y, z + i * order);
    }
    free(y);
    return z;
}
