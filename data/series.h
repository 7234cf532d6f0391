/*
 * Time series as rows: a sample of a table of inputs u and outputs y becomes a row whose inputs are
 * what came before it,
 *   x_t = (y_{t-1}, .., y_{t-na}, u_{t-nk}, .., u_{t-nk-nb+1}),   target y_t,
 * every channel of one age before the next age.  The first max(na, nk + nb - 1) samples of each
 * experiment have no such past and give no row.
 */
#ifndef ZG_DATA_SERIES_H
#define ZG_DATA_SERIES_H

#include "base/status.h"

#include <stdio.h>

/* How far back rows reach. */
typedef struct zg_lags {
    size_t outputs, inputs, delay; /* na, nb, nk; one of the first two is above 0 */
    char experiment[128]; /* the column whose every change begins another experiment, or "" */
} zg_lags;

#define ZG_LAG_LIMIT 10000

/* Reads "outputs=NA,inputs=NB,delay=NK,experiment=COLUMN", in any order; without them 0, 0, 1 and
 * none. */
zg_status zg_lags_parse(const char *text, zg_lags *out, zg_error *error);
/* The samples at the beginning of an experiment that give no row. */
size_t zg_lags_past(const zg_lags *lags);

/* What rows or a model know of the series that they come from. */
typedef struct zg_time_series {
    zg_lags lags;
    size_t channels;      /* inputs u that the table has, a column of experiments among them */
    char **channel_names; /* channels, or NULL */
    size_t samples;       /* of the table; 0 in a model */
    size_t *sample;       /* of each row the number of its sample, from 0; NULL in a model */
} zg_time_series;

/* Without sample, for a model; NULL gives NULL. */
zg_status zg_series_copy(const zg_time_series *from, zg_time_series **out);
void zg_series_free(zg_time_series *series);
/* The rows order[0..count) of a series (NULL gives NULL). */
zg_status zg_series_select(const zg_time_series *from, size_t count, const size_t *order,
                           zg_time_series **out);
/* Whether row i does not follow row i - 1 in time: its past is measured. */
bool zg_series_begins(const zg_time_series *series, size_t i);

/* Brings a table, inputs u and targets y in the order of time, into rows in place.  Missing values
 * are refused: leaving samples out would join what is apart. */
zg_status zg_series_apply(const zg_lags *lags, zg_dataset **dataset, zg_error *error);

/* ---- reading -------------------------------------------------------------------------------- */

/* The options by which the table itself is read; everything is borrowed or owned by the plan. */
typedef struct zg_series_plan {
    zg_data_options options;
    zg_lags lags;
    struct zg_schema *schema;
    char *columns;
    bool outputs_only; /* the outputs are read as if they were inputs: there are no others */
} zg_series_plan;

/* Whether rows of a series are asked for, by lags or by the schema of a model. */
bool zg_series_wanted(const zg_data_options *options);
/* file: it is one, whose columns may all be outputs. */
zg_status zg_series_plan_make(const zg_data_options *options, bool file, zg_series_plan *out,
                              zg_error *error);
/* The table that was read by the plan to rows; the plan is cleared. */
zg_status zg_series_plan_finish(zg_series_plan *plan, zg_status status, zg_dataset **dataset,
                                zg_error *error);

#endif
