/* One side of a comparison: what was measured, from run logs or Google Benchmark's JSON. */
#ifndef ZG_REPORTS_SIDE_H
#define ZG_REPORTS_SIDE_H

#include "log/log.h"
#include "log/provenance.h"

/* Counters that the same program repeats exactly: they gate without noise. */
typedef enum zg_counter {
    ZG_COUNTER_ITERATIONS, /* or epochs, nodes */
    ZG_COUNTER_PIVOTS,
    ZG_COUNTER_NEURONS,
    ZG_COUNTERS
} zg_counter;

const char *zg_counter_name(zg_counter counter);

typedef struct zg_measurement {
    const char *name;
    const char *key; /* NULL: to be matched by name */
    zg_verdict verdict;
    const char *message;                        /* or NULL */
    const char *solver_version, *solver_digest; /* of an external solver; or empty, or NULL */
    const double *samples;                      /* seconds */
    size_t sample_count;
    bool shared;              /* timed while other cases ran */
    const json_t *provenance; /* of the run that it was timed in, or NULL */
    bool contradicts;         /* wrong only because of a row of the other side */
    double counters[ZG_COUNTERS];
    double objective, bound, gap; /* NAN where not known, like all below */
    double tolerance;             /* of the case, where it has a key */
    const char *score;            /* "accuracy", "rmse" or NULL */
    double score_value;           /* on the test rows where there are any */
} zg_measurement;

typedef struct zg_side {
    zg_measurement *items;
    size_t count;
    const json_t *provenance; /* object of the first run, or NULL */
    bool mixed;               /* its runs come from different machines */
    size_t not_started;       /* cases that its runs announced and never started */
    zg_log log;               /* what the texts belong to, where it was a run log */
    json_t *document;         /* or the JSON document */
    double *owned;            /* samples out of a JSON document */
} zg_side;

/* Tells the format by content. */
zg_status zg_side_read(zg_side *side, const char *path, zg_error *error);
/* Several run logs as one. */
zg_status zg_side_read_logs(zg_side *side, char *const *paths, size_t count, zg_error *error);
/* Rows of the two, where they are run logs, against each other: wrong, on both sides, where one's
 * bound lies above the other's objective on one problem. */
zg_status zg_sides_hold_together(zg_side *base, zg_side *new, zg_error *error);
void zg_side_clear(zg_side *side);

#endif
