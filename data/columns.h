/* Which columns of a table are inputs, targets or unused: by a list of targets, or by a schema. */
#ifndef ZG_DATA_COLUMNS_H
#define ZG_DATA_COLUMNS_H

#include "base/status.h"

#include <limits.h>

#define ZG_COLUMN_UNUSED LONG_MIN

typedef struct zg_columns {
    size_t count, inputs, targets;
    long *place; /* count: input index >= 0, ~target index, or ZG_COLUMN_UNUSED */
} zg_columns;

/* The columns that rows must have: those that a model was trained on, or those of the training rows
 * that test rows belong to.  Everything is borrowed. */
typedef struct zg_schema {
    size_t inputs, targets;
    char *const *input_names;  /* inputs, or NULL: by position */
    char *const *target_names; /* targets, or NULL */
    bool lenient; /* rows to predict: targets may be absent, further columns are left out */
} zg_schema;

/*
 * list is zg_data_options.target (NULL: the schema's target names, else last).  names (count) is
 * NULL for a table without a header; a name wins over an index of the same text, and the whole list
 * may be one column's name.  Targets are numbered in the order of the list.
 *
 * schema may be NULL: inputs are then numbered in the order of the table.  With a schema, and names
 * on both sides, columns are matched by name and numbered as in the schema; without names on one
 * side they are taken by position.  What does not fit is refused with both counts.
 */
zg_status zg_columns_place(const char *list, const zg_schema *schema, const char *file,
                           size_t count, const char *const *names, zg_columns *out,
                           zg_error *error);
void zg_columns_clear(zg_columns *columns);

/* The first part of it: targets are marked in out->place, everything else stays 0. */
zg_status zg_columns_mark(const char *list, const char *file, const char *const *names,
                          zg_columns *out, zg_error *error);
/* Its work for a schema and a table that both have names; out->place is all 0 at first. */
zg_status zg_schema_place(const char *list, const zg_schema *schema, const char *file,
                          const char *const *names, zg_columns *out, zg_error *error);
/* Refuses other numbers of inputs or targets than the schema's, with both counts. */
zg_status zg_schema_check(const zg_schema *schema, const char *file, const zg_columns *columns,
                          zg_error *error);

/* Puts the value of a table's row and column into inputs x or targets t, both row-major. */
void zg_columns_put(const zg_columns *columns, size_t row, size_t column, double value, double *x,
                    double *t);

#endif
