/* Benchmarks of whole methods: solves to a certified gap of 1e-6, epochs of backpropagation. */
#include "bench/groups.h"
#include "bench/harness.h"
#include "bench/sample.h"

#include "baselines/backprop.h"
#include "train/registry.h"
#include "train/training.h"

static void train(zg_bench *bench, const char *name)
{
    const zg_control control = {.tolerance = 1e-6};
    const zg_method *method = NULL;
    zg_value *values = NULL;
    zg_error error = {0};
    zg_problem *problem = zg_bench_problem(zg_bench_n(bench), zg_bench_d(bench));
    zg_status status = problem ? zg_method_find(name, problem, &method, &error) : ZG_NO_MEMORY;
    if (status == ZG_OK) status = zg_values_create(method, &values, &error);
    if (status != ZG_OK) zg_bench_fail(bench, error.message);
    while (zg_bench_next(bench)) {
        zg_training training = {0};
        if (zg_training_run(problem, method, values, &control, control.tolerance, 0, NULL, NULL,
                            &training, &error) != ZG_OK)
            zg_bench_fail(bench, error.message);
        else if (training.assessment.decision != ZG_DECISION_CERTIFIED)
            zg_bench_fail(bench, "the certified gap is too wide");
        zg_training_clear(&training);
    }
    if (values) zg_values_free(method, values);
    zg_problem_free(problem);
}

#ifdef ZG_HAVE_CSDP
static void csdp(zg_bench *bench)
{
    train(bench, "csdp");
}
#endif

static void ipm(zg_bench *bench)
{
    train(bench, "ipm");
}

#define NEURONS 50
#define EPOCHS 20 /* per pass: preparing the data is not the point */

static void epochs(zg_bench *bench, size_t batch)
{
    while (zg_bench_next(bench))
        if (zg_backprop_benchmark(ZG_BACKPROP_ADAM, ZG_BACKPROP_SINGLE, zg_bench_n(bench),
                                  zg_bench_d(bench), NEURONS, batch, EPOCHS) < 0)
            zg_bench_fail(bench, "out of memory");
    zg_bench_items(bench, EPOCHS);
}

static void full_batch(zg_bench *bench)
{
    epochs(bench, 0);
}

static void mini_batch(zg_bench *bench)
{
    epochs(bench, 32);
}

void zg_bench_methods(void)
{
#ifdef ZG_HAVE_CSDP
    ZG_BENCHMARK(solve_csdp, csdp, {100, 10}, {100, 20});
#endif
    ZG_BENCHMARK(solve_ipm, ipm, {100, 20}, {500, 50});
    ZG_BENCHMARK(epochs_full_batch, full_batch, {569, 30});
    ZG_BENCHMARK(epochs_batch_32, mini_batch, {569, 30});
}
