/* From how a worker ended, and what it said before, to the row of its case. */
#ifndef ZG_RUNNER_VERDICT_H
#define ZG_RUNNER_VERDICT_H

#include "base/supervisor.h"
#include "core/verdict.h"
#include "log/row.h"

/* What a worker said through its pipe. */
typedef struct zg_testimony {
    bool has_result;                  /* the row holds it */
    bool cut_off;                     /* the last line is not complete */
    char garbage[128];                /* the first line that was no event, or empty */
    double objective, bound, seconds; /* of the last progress; NAN when there was none */
} zg_testimony;

/* The gate's decision as the word of a row. */
zg_verdict zg_verdict_of(zg_decision decision);

/* Completes a row (names set, result read where there was one): verdict, cause and message where
 * the process did not end well, times and memory in any case. */
void zg_row_conclude(zg_row *row, const zg_ending *ending, const zg_testimony *testimony,
                     const zg_limits *limits);

#endif
