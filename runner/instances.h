/* A library of semidefinite programs with proven optima on disk (docs/instances.md). */
#ifndef ZG_RUNNER_INSTANCES_H
#define ZG_RUNNER_INSTANCES_H

#include "base/status.h"

#include <stdint.h>

typedef struct zg_library_options {
    const char *folder;
    const char *const *families; /* NULL: all */
    size_t family_count;
    uint32_t seed;
    size_t size;
    /* Called after every instance, or NULL. */
    void (*progress)(const char *name, size_t done, size_t total);
} zg_library_options;

/* Writes the instances, every proof having been checked by zerogap-verify, and then the table.
 * *count: how many.  ZG_FAILED, naming the instance, where a proof was not found or not
 * confirmed; no table is written then. */
zg_status zg_instances_write(const zg_library_options *options, size_t *count, zg_error *error);

#endif
