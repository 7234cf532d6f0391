/* Which columns of a table are targets: names, 1-based indices, "last", lists of them. */
#ifndef ZG_DATA_COLUMNS_H
#define ZG_DATA_COLUMNS_H

#include "base/status.h"

typedef struct zg_columns {
    size_t count, inputs, targets;
    long *place; /* count: input index >= 0, or ~target index */
} zg_columns;

/* list is zg_data_options.target (NULL: last).  names (count) is NULL for a table without a header;
 * a name wins over an index of the same text, and the whole list may be one column's name.  Targets
 * are numbered in the order of the list, inputs in the order of the table. */
zg_status zg_columns_place(const char *list, const char *file, size_t count,
                           const char *const *names, zg_columns *out, zg_error *error);
void zg_columns_clear(zg_columns *columns);

/* Puts the value of a table's row and column into inputs x or targets t, both row-major. */
void zg_columns_put(const zg_columns *columns, size_t row, size_t column, double value, double *x,
                    double *t);

#endif
