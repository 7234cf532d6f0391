/* Data that are made, not read: generators by name, their keys in suites, their rows. */
#ifndef ZG_RUNNER_GENERATOR_H
#define ZG_RUNNER_GENERATOR_H

#include "core/linear_quadratic.h"
#include "data/dynamics.h"
#include "data/particles.h"
#include "data/planted.h"
#include "data/samples.h"
#include "runner/expand.h"

typedef enum zg_generator_kind {
    ZG_GENERATOR_PLANTED,         /* a random network plus noise */
    ZG_GENERATOR_PLANTED_SPARSE,  /* few axis neurons, for concave penalties */
    ZG_GENERATOR_PARTITION,       /* weight-decay training that is PARTITION */
    ZG_GENERATOR_THREE_PARTITION, /* the same for 3-PARTITION */
    ZG_GENERATOR_NARX,            /* series: a quadratic difference equation, */
    ZG_GENERATOR_TANKS,           /* cascaded tanks, */
    ZG_GENERATOR_DUFFING,         /* a hardening spring */
    ZG_GENERATOR_VOLTERRA,        /* rows of a second-order kernel */
    ZG_GENERATOR_DEFINITE,        /* a definite quadratic plus noise */
    ZG_GENERATOR_LQR,             /* costs of a policy of linear-quadratic control */
    ZG_GENERATOR_OBSERVER,        /* the same of an observer, from windows of measurements */
    ZG_GENERATOR_PARTICLES,       /* particles and the field that is to move them: slopes */
    ZG_GENERATOR_SAMPLES,         /* two samples to be told apart */
    ZG_GENERATOR_COUNT
} zg_generator_kind;

/* A policy of linear-quadratic control, and how its costs are measured; texts are borrowed. */
typedef struct zg_control_source {
    const char *system;            /* a name of zg_lq_names, or NULL: the matrices */
    const char *a, *b, *q, *r, *k; /* as zg_lq_parse reads them */
    double discount;               /* of the problem */
    size_t iteration;              /* which policy of Hewer's sequence, 0: the first */
    zg_lq_sampling sampling;       /* rows 0: twice the coefficients of the Q-function */
} zg_control_source;

/* Two samples; with `within` the second is the least that no network of this activation tells from
 * the first by more (core/critic_generator.h). */
typedef struct zg_sample_source {
    zg_samples drawn;
    double within; /* 0: the second sample is drawn */
    zg_activation activation;
} zg_sample_source;

typedef struct zg_generator {
    zg_generator_kind kind;
    zg_planted planted;  /* planted; planted-sparse uses n, d, neurons, noise, seed of it */
    const char *numbers; /* partitions: comma-separated, or NULL: drawn */
    size_t count;        /* of numbers to draw */
    long highest;        /* of them */
    bool answer;         /* whether the drawn instance can be partitioned */
    uint32_t seed;       /* of the drawing */
    zg_dynamics dynamics;
    zg_control_source control;
    zg_particles particles;
    zg_sample_source samples;
} zg_generator;

const char *const *zg_generator_names(size_t *count);
/* The keys that an entry with this generator may have beside those of all data. */
void zg_generator_keys(zg_generator_kind kind, const zg_key **keys, size_t *count);
/* Reads one variant of an entry; node is where the entry stands. */
zg_status zg_generator_read(zg_generator_kind kind, const zg_settings *settings,
                            const zg_yaml *node, zg_generator *out, zg_error *error);
/* Whether its rows are costs of a policy: generator->control. */
bool zg_generator_controls(const zg_generator *generator);
/* The system with the policy whose costs the rows are. */
zg_status zg_control_system(const zg_control_source *source, zg_lq **out, zg_error *error);

zg_status zg_generator_create(const zg_generator *generator, zg_dataset **out, zg_error *error);

#endif
