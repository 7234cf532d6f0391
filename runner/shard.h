/*
 * Shards: a run split into parts of equal size, each with a log of its own, for machines that do
 * not share one.
 *
 * What belongs together stays together: cases among whose settings one is chosen, and cases of one
 * problem where an expectation compares their times.  These units are dealt out in turn, in the
 * ascending order of their smallest case key, so that a part depends on neither the order of the
 * suite nor the machine, and methods that take long spread over all parts.
 */
#ifndef ZG_RUNNER_SHARD_H
#define ZG_RUNNER_SHARD_H

#include "runner/runner.h"

/* "K/N" with 1 <= K <= N <= 10000. */
zg_status zg_shard_parse(const char *text, zg_shard *out, zg_error *error);

/* Marks the cases of other shards as such, of those that the options select, and completes
 * shard->cases and shard->keys, which are the same for all shards. */
zg_status zg_shard_apply(zg_suite *const *suites, size_t count, const zg_run_options *options,
                         zg_shard *shard, zg_error *error);

/* How many cases all of so many shards run together, and how many the one with the most. */
zg_status zg_shard_count(zg_suite *const *suites, size_t count, const zg_run_options *options,
                         size_t shards, size_t *all, size_t *most, zg_error *error);

#endif
