/*
 * Claims that suites make, judged by the log: what is claimed, what was measured, and whether the
 * one bears out the other.
 *
 * The suite's rows stand in run_started; which cases a row speaks of is told by the labels in
 * case_started.  A verdict is a function of the log alone.
 */
#ifndef ZG_REPORTS_CLAIMS_H
#define ZG_REPORTS_CLAIMS_H

#include "reports/study.h"

typedef enum zg_claim_verdict {
    ZG_CLAIM_REPRODUCED,
    ZG_CLAIM_NOT_REPRODUCED,
    ZG_CLAIM_OPEN, /* not decidable by this log: data missing, too few points, too wide an interval
                    */
    ZG_CLAIM_VERDICTS
} zg_claim_verdict;

/* "reproduced", "not reproduced", "not decidable here". */
const char *zg_claim_words(zg_claim_verdict verdict);

typedef struct zg_claim {
    const char *suite, *id, *statement, *test; /* borrowed from the log */
    const json_t *settings;                    /* its row in the suite; borrowed */
    zg_claim_verdict verdict;
    zg_text evidence; /* the measured numbers, in sentences */
    zg_text reason;   /* why the verdict is not "reproduced"; else empty */
    zg_text figure;   /* HTML, or empty */
} zg_claim;

typedef struct zg_claims {
    zg_claim *items; /* in order of the suites; of one id in several runs the last */
    size_t count, capacity;
} zg_claims;

/* Reads and judges all claims of the log; none gives count 0. */
zg_status zg_claims_judge(const zg_study *study, zg_claims *out, zg_error *error);
void zg_claims_clear(zg_claims *claims);

/* How many have each verdict: counts has room for ZG_CLAIM_VERDICTS. */
void zg_claims_count(const zg_claims *claims, size_t *counts);

#endif
