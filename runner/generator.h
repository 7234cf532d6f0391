/* Data that are made, not read: generators by name, their keys in suites, their rows. */
#ifndef ZG_RUNNER_GENERATOR_H
#define ZG_RUNNER_GENERATOR_H

#include "data/planted.h"
#include "runner/expand.h"

typedef enum zg_generator_kind {
    ZG_GENERATOR_PLANTED,         /* a random network plus noise */
    ZG_GENERATOR_PLANTED_SPARSE,  /* few axis neurons, for concave penalties */
    ZG_GENERATOR_PARTITION,       /* weight-decay training that is PARTITION */
    ZG_GENERATOR_THREE_PARTITION, /* the same for 3-PARTITION */
    ZG_GENERATOR_COUNT
} zg_generator_kind;

typedef struct zg_generator {
    zg_generator_kind kind;
    zg_planted planted;  /* planted; planted-sparse uses n, d, neurons, noise, seed of it */
    const char *numbers; /* partitions: comma-separated, or NULL: drawn */
    size_t count;        /* of numbers to draw */
    long highest;        /* of them */
    bool answer;         /* whether the drawn instance can be partitioned */
    uint32_t seed;       /* of the drawing */
} zg_generator;

const char *const *zg_generator_names(size_t *count);
/* The keys that an entry with this generator may have beside those of all data. */
void zg_generator_keys(zg_generator_kind kind, const zg_key **keys, size_t *count);
/* Reads one variant of an entry; node is where the entry stands. */
zg_status zg_generator_read(zg_generator_kind kind, const zg_settings *settings,
                            const zg_yaml *node, zg_generator *out, zg_error *error);
zg_status zg_generator_create(const zg_generator *generator, zg_dataset **out, zg_error *error);

#endif
