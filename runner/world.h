/*
 * What suites may name: methods and data sources, as plain tables.
 *
 * The program's own world holds the registry and the catalogue; tests bring worlds of their own,
 * with methods that crash, spin and lie.
 */
#ifndef ZG_RUNNER_WORLD_H
#define ZG_RUNNER_WORLD_H

#include "core/method.h"
#include "data/cache.h"
#include "data/image.h"

typedef struct zg_world {
    const zg_method *const *methods;
    size_t method_count;
    const char *const *sources; /* names that `source` accepts */
    size_t source_count;
    /* A source's rows; ZG_MISSING when it is known but not on this machine. */
    zg_status (*load)(const char *source, const zg_data_options *options,
                      const zg_image_options *image, zg_dataset **out, zg_error *error);
    /* The digest of its numbers, whether they are here or not. */
    zg_status (*digest)(const char *source, char digest[ZG_DIGEST_SIZE], zg_error *error);
    const char *adapter;        /* instead of those that entries of methods name; or NULL */
    const char *program;        /* of every adapter, instead of its own; or NULL */
    const char *const *plugins; /* files of methods beside these, of the command line */
    size_t plugin_count;
} zg_world;

/* The registry's methods and the catalogue's data. */
zg_status zg_world_create(zg_world *out, zg_error *error);
void zg_world_clear(zg_world *world);

#endif
