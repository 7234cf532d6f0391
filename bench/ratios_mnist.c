/* Ratios in feature space: all of MNIST, averaged to 7 x 7 pixels, ten one-hot outputs. */
#include "bench/ratios.h"

#include "base/linalg.h"
#include "bench/measure.h"
#include "bench/sample.h"
#include "data/cache.h"
#include "data/catalogue.h"
#include "solvers/stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define TOLERANCE 1e-6
#define BETA 0.01
#define ROWS_OF_YARDSTICK 8192

static bool present(const char *name)
{
    char *cache = NULL;
    const zg_catalogue_entry *entry = zg_catalogue_find(name);
    bool here =
        entry && zg_cache_directory(&cache, NULL) == ZG_OK && zg_catalogue_present(entry, cache);
    free(cache);
    return here;
}

/* encoding NULL: that of the data. */
static zg_problem *load(const char *name, const zg_encoding *encoding)
{
    const zg_image_options image = {.divisor = 255, .pool = 4};
    const zg_model_options model = {.activation = ZG_BENCH_ACTIVATION, .beta = BETA};
    zg_dataset *data = NULL;
    zg_encoding own = {0};
    zg_problem *problem = NULL;
    zg_status status = zg_catalogue_load_images(name, NULL, &image, &data, NULL);
    if (status == ZG_OK && !encoding) status = zg_encoding_fit(data, ZG_MULTICLASS, &own, NULL);
    zg_preprocess none = {.inputs = data ? data->inputs : 0};
    if (status == ZG_OK)
        zg_problem_from_dataset(data, &none, encoding ? encoding : &own, NULL, &model,
                                (zg_penalty){0}, &problem, NULL);
    zg_encoding_clear(&own);
    zg_dataset_free(data);
    return problem;
}

/* Floating-point operations per second of the sums over all samples. */
static double sums_rate(const zg_problem *problem, double *seconds)
{
    zg_sums *sums;
    double before = zg_processor_seconds();
    if (zg_sums_create(problem->activation, &problem->patches, problem->outputs, &sums, NULL))
        return NAN;
    zg_sums_add(sums, problem->samples, problem->x, problem->y, problem->samples, NULL);
    zg_sums_finish(sums);
    *seconds = zg_processor_seconds() - before;
    double p = (double)sums->features;
    zg_sums_free(sums);
    return (double)problem->samples * p * p / *seconds;
}

static double accuracy(const zg_network *network, const zg_problem *problem)
{
    double *f = zg_doubles(problem->samples * problem->outputs), share = NAN;
    if (f && zg_network_evaluate(network, problem->samples, problem->x, f) == ZG_OK)
        share = zg_accuracy(&problem->encoding, problem->samples, f, problem->y);
    free(f);
    return share;
}

static bool measure(const zg_problem *train, const zg_problem *test, int threads)
{
    zg_figures figures;
    zg_network *network = NULL;
    double seconds = NAN, rate = sums_rate(train, &seconds);
    size_t p = zg_svec_size(train->inputs + 1);
    double share = rate / zg_dsyrk_rate(p, ROWS_OF_YARDSTICK);
    if (!zg_measure(train, "ipm", TOLERANCE, threads, 1, &figures, &network)) return false;
    printf("%6zu %4zu %8.3f %7.0f%% %8.3f %8.3f %5ld %8.1e %13.1f %7.2f%%\n", train->samples,
           train->inputs, seconds, 100.0 * share, figures.seconds, figures.cpu, figures.iterations,
           figures.gap, figures.cpu / (double)train->outputs / zg_cholesky_seconds(p),
           100.0 * accuracy(network, test));
    zg_network_free(network);
    return true;
}

bool zg_ratios_mnist(int threads)
{
    if (!present("mnist_train") || !present("mnist_test")) {
        printf("MNIST is not on this machine: zerogap data fetch mnist_train mnist_test\n");
        return true;
    }
    zg_problem *train = load("mnist_train", NULL);
    zg_problem *test = train ? load("mnist_test", &train->encoding) : NULL;
    printf("MNIST, 7 x 7 pixels, ten outputs, beta %g, tolerance %.0e\n"
           "%6s %4s %8s %8s %8s %8s %5s %8s %13s %8s\n",
           BETA, TOLERANCE, "n", "d", "sums s", "of dsyrk", "all s", "cpu s", "iter", "gap",
           "Choleskys/out", "accuracy");
    bool good = test && measure(train, test, threads);
    zg_problem_free(test);
    zg_problem_free(train);
    return good;
}
