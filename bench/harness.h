/*
 * Benchmarks in C over Google Benchmark: a plain function per benchmark, registered with the sizes
 * that it is measured at.
 *
 *     static void apply(zg_bench *bench)
 *     {
 *         ... prepare for sizes zg_bench_n(bench), zg_bench_d(bench) ...
 *         while (zg_bench_next(bench))
 *             ... what is measured ...
 *         ... clean up ...
 *     }
 *     ZG_BENCHMARK(lift_apply, apply, {100, 20}, {1000, 50});
 */
#ifndef ZG_BENCH_HARNESS_H
#define ZG_BENCH_HARNESS_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct zg_bench zg_bench;

typedef struct zg_bench_size {
    size_t n, d; /* d = 0: the benchmark has one size only */
} zg_bench_size;

typedef void (*zg_bench_function)(zg_bench *bench);

/* Registers NAME/n/d for each of the sizes; call it from a function. */
#define ZG_BENCHMARK(name, function, ...)                                                          \
    zg_bench_register(#name, function, (const zg_bench_size[]){__VA_ARGS__},                       \
                      sizeof((const zg_bench_size[]){__VA_ARGS__}) / sizeof(zg_bench_size))

void zg_bench_register(const char *name, zg_bench_function function, const zg_bench_size *sizes,
                       size_t count);

size_t zg_bench_n(const zg_bench *bench);
size_t zg_bench_d(const zg_bench *bench);
/* true: run the measured part once more. */
bool zg_bench_next(zg_bench *bench);
/* The clock is paused in between; that costs about 100 ns, so use it around slow things only. */
void zg_bench_pause(zg_bench *bench);
void zg_bench_resume(zg_bench *bench);
/* Items of work in one pass, shown per second. */
void zg_bench_items(zg_bench *bench, size_t per_pass);
void zg_bench_bytes(zg_bench *bench, size_t per_pass);
/* Ends the benchmark as failed; return after it. */
void zg_bench_fail(zg_bench *bench, const char *message);
/* Keeps the compiler from leaving out what made the value. */
void zg_bench_keep(const void *value);

/* Runs what is registered, by Google Benchmark's command line; 0, or 4 for unknown arguments. */
int zg_bench_run(int *argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
