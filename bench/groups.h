/* The groups of benchmarks: each registers its own. */
#ifndef ZG_BENCH_GROUPS_H
#define ZG_BENCH_GROUPS_H

void zg_bench_lift(void);
void zg_bench_schur(void);   /* lift, sphere oracle, certificate, decomposition */
void zg_bench_methods(void); /* whole solves, epochs of backpropagation */
void zg_bench_files(void);   /* CSV, YAML, events, logs, reports */

#endif
