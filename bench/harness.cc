// The one C++ file: hands Google Benchmark's state to C functions.
#include "bench/harness.h"

#include <benchmark/benchmark.h>

struct zg_bench {
    benchmark::State *state;
    bool failed;
};

namespace
{
void call(benchmark::State &state, zg_bench_function function)
{
    zg_bench bench = {&state, false};
    function(&bench);
}
} // namespace

void zg_bench_register(const char *name, zg_bench_function function, const zg_bench_size *sizes,
                       size_t count)
{
    auto *benchmark = benchmark::RegisterBenchmark(name, call, function);
    for (size_t i = 0; i < count; i++) {
        if (sizes[i].d != 0)
            benchmark->Args({static_cast<int64_t>(sizes[i].n), static_cast<int64_t>(sizes[i].d)});
        else
            benchmark->Arg(static_cast<int64_t>(sizes[i].n));
    }
}

size_t zg_bench_n(const zg_bench *bench)
{
    return static_cast<size_t>(bench->state->range(0));
}

size_t zg_bench_d(const zg_bench *bench)
{
    return static_cast<size_t>(bench->state->range(1));
}

bool zg_bench_next(zg_bench *bench)
{
    return !bench->failed && bench->state->KeepRunning();
}

void zg_bench_pause(zg_bench *bench)
{
    bench->state->PauseTiming();
}

void zg_bench_resume(zg_bench *bench)
{
    bench->state->ResumeTiming();
}

void zg_bench_items(zg_bench *bench, size_t per_pass)
{
    bench->state->SetItemsProcessed(static_cast<int64_t>(per_pass) * bench->state->iterations());
}

void zg_bench_bytes(zg_bench *bench, size_t per_pass)
{
    bench->state->SetBytesProcessed(static_cast<int64_t>(per_pass) * bench->state->iterations());
}

void zg_bench_fail(zg_bench *bench, const char *message)
{
    bench->failed = true;
    bench->state->SkipWithError(message);
}

void zg_bench_keep(const void *value)
{
    benchmark::DoNotOptimize(value);
    benchmark::ClobberMemory();
}

int zg_bench_run(int *argc, char **argv)
{
    benchmark::Initialize(argc, argv);
    if (benchmark::ReportUnrecognizedArguments(*argc, argv)) return 4;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
