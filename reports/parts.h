/* What logs lack of the runs that they announce: cases that never started, parts that are not
 * there.
 */
#ifndef ZG_REPORTS_PARTS_H
#define ZG_REPORTS_PARTS_H

#include "log/log.h"
#include "reports/text.h"

/* Cases that were announced and never started, over all logs together.  Where two logs of one suite
 * share cases, what either lacks counts: the sum errs on the side of too many.  Parts of one run
 * (shards) announce the cases of all of them. */
size_t zg_parts_not_started(const zg_log *log);

/* The number of the part that two logs are, both the same one and nothing else; or 0. */
size_t zg_parts_same(const zg_log *a, const zg_log *b);
/* Without the cases of parts that are not there. */
size_t zg_parts_not_started_here(const zg_log *log);

/* A sentence a line, plain text, for every suite of which parts are missing. */
void zg_report_parts(const zg_log *log, zg_text *out);

#endif
