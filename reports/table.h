/* The table of results, for people: a line per case, then what was not measured and why. */
#ifndef ZG_REPORTS_TABLE_H
#define ZG_REPORTS_TABLE_H

#include "log/row.h"

#include <stdio.h>

#define ZG_CELL_SIZE 32

void zg_table_head(FILE *out);
void zg_table_row(FILE *out, const zg_row *row);
/* Counts by verdict, then the message of every case that was not measured, worst first. */
void zg_table_foot(FILE *out, const zg_row *rows, size_t count);

/* One cell each; empty where unknown. */
void zg_format_objective(double value, char text[ZG_CELL_SIZE]);
void zg_format_gap(double value, char text[ZG_CELL_SIZE]);
void zg_format_seconds(double value, char text[ZG_CELL_SIZE]);
/* "96.5 %" or "rmse 3.21", of the test rows where there are any. */
void zg_format_score(const zg_row *row, char text[ZG_CELL_SIZE]);

#endif
