/* Rows of a run held against each other at its end. */
#ifndef ZG_RUNNER_TOGETHER_H
#define ZG_RUNNER_TOGETHER_H

#include "base/status.h"
#include "log/row.h"

#include <stddef.h>

/* Makes those rows wrong of which the run's log and those that it went on from, read as reports
 * read them, say that they contradict each other on one problem, and calls changed with the number
 * of each. */
zg_status zg_rows_hold_together(const char *const *paths, size_t path_count, zg_row *rows,
                                size_t count, zg_status (*changed)(void *context, size_t number),
                                void *context, zg_error *error);

/* Whether a log can be read that way at the end of the run, which is told before it begins.  Pipes
 * cannot be read again and are left alone. */
zg_status zg_rows_can_be_held(const char *path, zg_error *error);

#endif
