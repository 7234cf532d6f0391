/* Which columns of a table are inputs, targets or unused: by lists of names, globs and 1-based
 * indices, or by a schema. */
#ifndef ZG_DATA_COLUMNS_H
#define ZG_DATA_COLUMNS_H

#include "data/series.h"

#include <limits.h>

#define ZG_COLUMN_UNUSED LONG_MIN

typedef struct zg_columns {
    size_t count, inputs, targets;
    long *place; /* count: input index >= 0, ~target index, or ZG_COLUMN_UNUSED */
} zg_columns;

static inline bool zg_columns_is_target(const zg_columns *columns, size_t column)
{
    return columns->place[column] < 0 && columns->place[column] != ZG_COLUMN_UNUSED;
}

/* The column that may hold class labels that are texts: the one target, besides weights; or count.
 */
size_t zg_columns_label(const zg_columns *columns, bool weighted);

/* The columns that rows must have: those that a model was trained on, or those of the training rows
 * that test rows belong to.  Everything is borrowed. */
typedef struct zg_schema {
    size_t inputs, targets;
    char *const *input_names;  /* inputs, or NULL: by position */
    char *const *target_names; /* targets, or NULL */
    bool lenient; /* rows to predict: targets may be absent, further columns are left out */
    const zg_one_hot *one_hot;    /* which inputs stand for the words of one column, or NULL */
    const size_t *target_columns; /* by position: see zg_columns_targets; NULL: the last ones */
    const zg_time_series *series; /* of which the rows are, or NULL: the columns are the table's */
} zg_schema;

/*
 * Reads target, columns, drop and schema of the options (NULL: none).  names (count) is NULL for a
 * table without a header.  ignored (count, or NULL) marks columns that are unused whatever the
 * options say.
 *
 * In every list a name wins over a glob and an index of the same text, and the whole list may be
 * one column's name.  Indices are those of the file; "last" is the last column that is not dropped.
 * Without a target the schema's target names count, else its target_columns, else the last column.
 * Targets are numbered in the order of the list, inputs in the order of the table.
 *
 * With a schema, and names on both sides, columns are matched by name and numbered as in the
 * schema; without names on one side they are taken by position.  What does not fit is refused with
 * both counts.  Inputs that stand for the words of one column are that one column here.
 */
zg_status zg_columns_choose(const zg_data_options *options, const char *file, size_t count,
                            const char *const *names, const bool *ignored, zg_columns *out,
                            zg_error *error);
void zg_columns_clear(zg_columns *columns);

/* Where the targets stand in the table: for each its number from 1 among the columns that are
 * inputs or targets; *out (the caller's) is NULL where they are the last ones, in their order. */
zg_status zg_columns_targets(const zg_columns *columns, size_t **out);
/* A copy of such numbers; NULL gives NULL. */
zg_status zg_target_columns_copy(const size_t *from, size_t targets, size_t **out);

/* Marks the columns of a list in marks (count).  option names the list in messages ("--drop"). */
zg_status zg_columns_match(const char *option, const char *list, const char *file, size_t count,
                           const char *const *names, bool *marks, zg_error *error);

/* ---- parts of zg_columns_choose ------------------------------------------------------------ */

/* Targets are marked in out->place, everything else stays as it is: 0 or ZG_COLUMN_UNUSED. */
zg_status zg_columns_mark(const char *list, const char *file, const char *const *names,
                          zg_columns *out, zg_error *error);
/* The work for a schema and a table that both have names; out->place is 0 or ZG_COLUMN_UNUSED at
 * first.  spare marks columns that need not be in the schema. */
zg_status zg_schema_place(const char *list, const zg_schema *schema, const char *file,
                          const char *const *names, const bool *spare, zg_columns *out,
                          zg_error *error);
/* Refuses other numbers of inputs or targets than the schema's, with both counts. */
zg_status zg_schema_check(const zg_schema *schema, const char *file, const zg_columns *columns,
                          zg_error *error);
/* A schema in which each column of words is one input again; free its input_names, whose texts are
 * borrowed. */
zg_status zg_schema_unencode(const zg_schema *schema, zg_schema *out);

/* Puts the value of a table's row and column into inputs x or targets t, both row-major. */
void zg_columns_put(const zg_columns *columns, size_t row, size_t column, double value, double *x,
                    double *t);

#endif
