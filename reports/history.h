/*
 * Many runs over time: a series of times per case and the steps in it.
 *
 * A step is a change of level that a penalised piecewise-constant fit of the logarithms of the
 * medians needs: penalty 3 log(count) times the variance of the noise, which is taken from the
 * differences of neighbours and is at least that of 1 %.  Levels last two runs or more, and
 * a value that sticks out of both neighbours is clipped, so that a single slow run is no step.
 */
#ifndef ZG_REPORTS_HISTORY_H
#define ZG_REPORTS_HISTORY_H

#include "reports/side.h"
#include "reports/text.h"

typedef struct zg_history_run {
    char **paths; /* of its logs: several where it has parts */
    size_t path_count;
    const char *started; /* UTC, or NULL */
    const char *commit;  /* or NULL */
    char *label;         /* for axes: day and commit */
    bool other_machine;  /* its provenance differs from the run before */
    zg_side side;
} zg_history_run;

typedef struct zg_history_step {
    size_t point;         /* first point of the new level */
    bool other_machine;   /* that point was measured on another than the one before */
    double before, after; /* geometric means of the levels, seconds */
} zg_history_step;

typedef struct zg_history_series {
    const char *name, *key; /* key NULL: matched by name */
    size_t count;
    size_t *run;     /* of each point */
    double *seconds; /* medians of the repetitions */
    double *level;   /* of the fit, seconds */
    bool *moved;     /* measured on another machine, or with other settings, than the one before */
    const json_t *provenance; /* of the last point */
    zg_history_step *steps;
    size_t step_count;
} zg_history_series;

typedef struct zg_history {
    zg_history_run *runs; /* by start time */
    size_t run_count;
    zg_history_series *series; /* in order of first appearance */
    size_t series_count;
} zg_history;

/* Reads every run log (*.ndjson) and Google Benchmark file (*.json) of the folder, and the logs of
 * parts of runs (shards) in the folders in it; the parts of a run are one (history_runs.h). */
zg_status zg_history_read(const char *folder, zg_history *out, zg_error *error);
void zg_history_clear(zg_history *history);

/* Cases of a run that ended wrong, and those that ended without a result for another reason than
 * that they were skipped. */
void zg_history_failures(const zg_history_run *run, size_t *wrong, size_t *failed);

zg_status zg_history_html(const zg_history *history, const char *library, zg_text *out,
                          zg_error *error);
void zg_history_json(const zg_history *history, zg_text *out);

#endif
