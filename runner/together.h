/* Rows of a run held against each other at its end. */
#ifndef ZG_RUNNER_TOGETHER_H
#define ZG_RUNNER_TOGETHER_H

#include "base/status.h"
#include "log/row.h"

#include <stddef.h>

/* Makes those rows wrong of which the run's log, read as reports read it, says that they contradict
 * each other on one problem, and calls changed with the number of each. */
zg_status zg_rows_hold_together(const char *log, zg_row *rows, size_t count,
                                zg_status (*changed)(void *context, size_t number), void *context,
                                zg_error *error);

#endif
