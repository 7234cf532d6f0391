/* What a suite expects of its cases, held against their rows. */
#ifndef ZG_RUNNER_EXPECTATION_H
#define ZG_RUNNER_EXPECTATION_H

#include "log/row.h"
#include "runner/suite.h"

/* Turns the verdict of a measurement into wrong, with the reason, where an expectation fails.
 * first: the case's first measurement, where this is a later one; else NULL. */
void zg_case_judge(const zg_case *item, const zg_row *first, zg_row *row);

/* Whether some demand needs two measurements, and the line of it. */
bool zg_case_needs_two(const zg_case *item, size_t *line);
/* Whether some demand is about more than one row, which alone cannot be judged again. */
bool zg_case_judged_among_others(const zg_case *item);

/* The method that a demand on the time names (see zg_expectation.than), in the same data and model:
 * calls back for its row.  Where that was not measured, or not alone, the demand cannot be judged,
 * and the case has failed; NULL: it was left out of this run, and the row only says so.
 * What the row said of this before goes. */
#define ZG_TIME_UNJUDGED "the time ratio of line" /* how the row says it */
typedef const zg_row *(*zg_find_rival)(void *context, const zg_case *item, const char *method);
void zg_case_judge_time(const zg_case *item, zg_find_rival find, void *context, zg_row *row);

#endif
