/*
 * Rows of one problem, whatever methods they are of, held against each other: a bound that is safe
 * lies above no network's objective.
 */
#ifndef ZG_LOG_CONTRADICTION_H
#define ZG_LOG_CONTRADICTION_H

#include "log/log.h"

/* To be called when all logs are read.  A problem is what its data (settings, and digest of what
 * they are made from) and its model are; rows that do not say so are left alone.  Of two rows of
 * which one's bound exceeds the other's objective by more than its rounding both are wrong, with
 * cause "contradiction" and each other's names: which of them errs cannot be told. */
zg_status zg_log_hold_together(zg_log *log, zg_error *error);

/* The same for logs that are not one run, each held together before; names (or NULL) stand in the
 * messages. */
zg_status zg_logs_hold_together(zg_log *const *logs, const char *const *names, size_t count,
                                zg_error *error);

#endif
