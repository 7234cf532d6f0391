/* A run as one self-contained HTML page that opens from a file, offline, with or without scripts.
 */
#ifndef ZG_REPORTS_HTML_H
#define ZG_REPORTS_HTML_H

#include "reports/study.h"

/* library: the source of the chart library (zg_chart_library), or "" for tables in its place. */
zg_status zg_report_html(const zg_study *study, const char *library, zg_text *out, zg_error *error);

#endif
