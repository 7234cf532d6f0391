/*
 * What a journal holds already: rows of an earlier part of a run that are about the cases as they
 * are now, and rows that are about other data or other settings under the same names.
 */
#ifndef ZG_RUNNER_RESUME_H
#define ZG_RUNNER_RESUME_H

#include "runner/suite.h"

#include <jansson.h>

typedef struct zg_resumption {
    zg_suite *const *suites;
    size_t suite_count;
    json_t *digests;    /* of the data, by the key of a case that was started */
    json_t *superseded; /* keys that no case has any more, though there is one of its name */
    size_t other_data, other_settings; /* finished cases among them */
    size_t other;                      /* those of logs that do not tell which */
} zg_resumption;

zg_status zg_resumption_begin(zg_resumption *out, zg_suite *const *suites, size_t count,
                              zg_error *error);
/* Takes a look at an event of the journal; false when memory ran out. */
bool zg_resumption_see(zg_resumption *resumption, const json_t *event);
void zg_resumption_clear(zg_resumption *resumption);

#endif
