/* The runs of a history.  Internal to reports/. */
#ifndef ZG_REPORTS_HISTORY_RUNS_H
#define ZG_REPORTS_HISTORY_RUNS_H

#include "reports/history.h"

/* Fills out->runs, by start time: every run log (*.ndjson) and Google Benchmark file (*.json) of
 * the folder, and the logs of parts of runs (shards) in the folders in it.  Parts in one folder, of
 * one suite and commit, are one run, until a part comes that is there already and does not go on
 * from an earlier log. */
zg_status zg_history_read_runs(const char *folder, zg_history *out, zg_error *error);
void zg_history_run_clear(zg_history_run *run);

#endif
