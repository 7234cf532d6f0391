/* Several logs as one run.  Internal to log/. */
#ifndef ZG_LOG_LOG_MERGE_H
#define ZG_LOG_LOG_MERGE_H

#include "log/log.h"

/* Moves all that one log holds into the others; one is left empty.  ZG_BAD_INPUT: both have parts
 * of a run (shards) of one suite, and of different cases; path is for the message. */
zg_status zg_log_absorb(zg_log *into, zg_log *one, const char *path, zg_error *error);

#endif
