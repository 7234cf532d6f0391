/*
 * What every tracker gets of a case: one record under one name, and none of a case that did not
 * run.
 */
#ifndef ZG_REPORTS_RECORD_H
#define ZG_REPORTS_RECORD_H

#include "log/log.h"
#include "reports/text.h"

typedef struct zg_spread {
    double median, lowest, highest;
} zg_spread;

/* Seconds over the repetitions.  false where the case did not run or was not timed: no record is
 * better than a false one, and 0 would be one. */
bool zg_record_time(const zg_log_case *row, zg_spread *out, zg_text *text);

/* Names of records: those of the cases, with their suite before them where suites share one. */
typedef struct zg_records {
    json_t *suites; /* the first suite of a name; null where there are several */
    zg_text name;
} zg_records;

/* Out of memory is noted in text. */
void zg_records_begin(const zg_log *log, zg_records *out, zg_text *text);
/* Good until the next call. */
const char *zg_record_name(zg_records *records, const zg_log_case *row);
void zg_records_end(zg_records *records);

#endif
