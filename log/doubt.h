/*
 * The gate's question, asked of a row that was written down: a log may have been edited, and a
 * proof that its own numbers contradict is none.  Everything that reads a row asks it here.
 */
#ifndef ZG_LOG_DOUBT_H
#define ZG_LOG_DOUBT_H

#include "log/row.h"

/* A suite's tolerance, for a log that names none. */
#define ZG_USUAL_TOLERANCE 1e-6

/* Of rows that state no rounding: how far a bound may lie above the objective, relative. */
#define ZG_UNSTATED_ROUNDING 1e-9

/* The objective is off by at most this; what a row does not state is UNSTATED_ROUNDING of it. */
double zg_row_rounding(const zg_row *row);

/* Puts the gap that objective and bound have in the place of one that is missing or smaller. */
void zg_row_settle_gap(zg_row *row);

/* Judges the row by the numbers of its event: one that was certified and cannot be by that
 * tolerance, or whose bound lies above its objective, is wrong (the latter) or failed, with cause
 * "unfounded".  Returns the reason, or NULL where nothing speaks against the row. */
const char *zg_row_doubt(zg_row *row, const json_t *finished, double tolerance);

#endif
