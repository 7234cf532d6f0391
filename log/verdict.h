/* Verdicts: the one word on how a case ended. */
#ifndef ZG_LOG_VERDICT_H
#define ZG_LOG_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

typedef enum zg_verdict {
    ZG_PROVEN,      /* certified, and confirmed by the exact checker */
    ZG_CERTIFIED,   /* certified gap at most the tolerance */
    ZG_UNCERTIFIED, /* finished with a larger gap: the normal end of a local method */
    ZG_WRONG,       /* a claim contradicts a certificate, or an expectation failed */
    ZG_CASE_FAILED, /* crashed, or the method or its data failed */
    ZG_CASE_TIMEOUT,
    ZG_OUT_OF_MEMORY,
    ZG_DISK_LIMIT, /* wrote more than it may */
    ZG_SKIPPED,    /* could not be asked of this method, or its data are not here */
    ZG_UNFINISHED, /* started, and the log says no more of it: no case ends with this word */
    ZG_VERDICT_COUNT
} zg_verdict;

/* How many verdicts a case can end with: those before ZG_UNFINISHED. */
#define ZG_END_VERDICTS ((int)ZG_UNFINISHED)

/* The word in the log ("out_of_memory"), and the same in words for people; never NULL. */
const char *zg_verdict_name(zg_verdict verdict);
const char *zg_verdict_words(zg_verdict verdict);
/* The verdict of this name; ZG_VERDICT_COUNT for NULL and names that nobody knows. */
zg_verdict zg_verdict_parse(const char *name);

/* Whether the method ended and its result stands: proven, certified or uncertified. */
bool zg_verdict_ran(zg_verdict verdict);
/* Whether the gate certified the result (proven or certified): the only word on it. */
bool zg_verdict_certified(zg_verdict verdict);

/* The exit status that a run with these verdicts has: 2, 5, 3 or 0, the worst of them in the order
 * 2, 5, 3. */
int zg_verdict_exit(const size_t counts[ZG_VERDICT_COUNT]);
/* The same, and 5 in the place of 0 where a case was skipped. */
int zg_verdict_exit_strict(const size_t counts[ZG_VERDICT_COUNT]);

#endif
