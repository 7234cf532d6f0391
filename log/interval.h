/* The interval in which the results of a case hold its optimum to be.  Internal to log/. */
#ifndef ZG_LOG_INTERVAL_H
#define ZG_LOG_INTERVAL_H

#include "log/log.h"

/* Nothing is known. */
zg_log_interval zg_interval_unknown(void);

/* What the row's result says, in the log of that number: bounds are safe whatever the verdict is,
 * and a wrong row's word does not count. */
zg_log_interval zg_interval_of(const zg_log_case *row, size_t log);

/* Takes what another interval of the same optimum says into the first. */
void zg_interval_narrow(zg_log_interval *into, const zg_log_interval *other);

/* Whether two events case_started are about the same data, as far as they say. */
bool zg_log_same_data(const json_t *a, const json_t *b);

/* Makes the row wrong, cause "contradiction", where its interval holds no number, and says which
 * logs contradict each other.  false when memory ran out. */
bool zg_interval_judge(zg_log_case *row);

#endif
