/* Whole solves and their yardsticks, measured once each: for tables of ratios, where Google
 * Benchmark's many passes would take too long. */
#ifndef ZG_BENCH_MEASURE_H
#define ZG_BENCH_MEASURE_H

#include "core/method.h"

typedef struct zg_figures {
    double seconds; /* wall clock, the method's own; least of the repetitions */
    double cpu;     /* processor time of the whole solve, child processes too; likewise */
    double gap, objective;
    long iterations;
} zg_figures;

/* Solves with the method's default options and judges each answer from the raw data;
 * false, with a message on standard error, when it fails.  *network (may be NULL) gets the last
 * answer, the caller's. */
bool zg_measure(const zg_problem *problem, const char *method, double tolerance, int threads,
                int repeat, zg_figures *out, zg_network **network);

/* Processor time of one Cholesky factorisation of order n, and floating-point operations per second
 * of one dsyrk of order p over count rows; least of several, NAN when there is no room. */
double zg_cholesky_seconds(size_t n);
double zg_dsyrk_rate(size_t p, size_t count);

#endif
