/* The events that open and close runs and cases. */
#ifndef ZG_RUNNER_ANNOUNCE_H
#define ZG_RUNNER_ANNOUNCE_H

#include "runner/runner.h"

#include <jansson.h>

/* Digest of a suite's file, of several suites that of their digests in order. */
void zg_suites_digest(zg_suite *const *suites, size_t count, char out[ZG_DIGEST_SIZE]);

/* Event of the start of a run of result->expected cases, of which it keeps result->kept rows;
 * resumed says that the journal had events before, and superseded (keys, or NULL) which of its rows
 * do not count any more. */
void zg_announce_run(zg_event *event, zg_suite *const *suites, size_t count,
                     const zg_run_options *options, const zg_run_result *result, bool resumed,
                     json_t *superseded, double t);
/* What the data of a case turned out to be; all 0 when they were never read. */
typedef struct zg_extent {
    double samples, inputs, outputs; /* training rows */
    double beta;                     /* of models that say it as a share of beta_max */
    const char **notes;              /* of their readers, sentences; borrowed */
    size_t note_count;
} zg_extent;

/* Sizes that the settings of the data do not name are added to them. */
void zg_announce_case(zg_event *event, const zg_suite *suite, const zg_case *item,
                      const zg_extent *extent, bool shared, double t);
/* The row of an earlier part of the run that no longer counts: another setting is chosen now. */
void zg_announce_superseded(zg_event *event, const zg_suite *suite, const zg_case *item, double t);
void zg_announce_row(zg_event *event, const zg_row *row, double t);
void zg_announce_end(zg_event *event, const zg_run_result *result, double t);

#endif
