/* Tables of HTML pages: columns are described once, cells follow from the description. */
#ifndef ZG_REPORTS_HTML_TABLE_H
#define ZG_REPORTS_HTML_TABLE_H

#include "reports/text.h"

#include <jansson.h>

#include <stddef.h>

typedef enum zg_html_cell {
    ZG_CELL_TEXT,
    ZG_CELL_NUMBER, /* aligned at its end */
    ZG_CELL_NAME,   /* what the row is about: its heading */
    ZG_CELL_MESSAGE /* prose, which may take several lines */
} zg_html_cell;

/* What a cell shows comes from its row, a structure of the caller's; where in it, says offsetof.
 * Offset 0 is none: rows begin with what they are about. */
typedef struct zg_html_column {
    const char *heading;
    zg_html_cell kind;
    size_t text;                                  /* of a const char *, which is escaped; */
    size_t number;                                /* or of a double, by which rows are sorted; */
    void (*write)(const void *row, zg_text *out); /* or written, sorted by the number if any */
    /* How a number is shown: as this does, or with so many digits behind the point, or with so
     * many significant ones. */
    void (*show)(zg_text *out, double value);
    int decimals, digits;
    const char *title; /* of the heading, shown on pointing; or NULL */
} zg_html_column;

typedef struct zg_html_table {
    const char *frame; /* classes of the box that scrolls */
    bool sortable;     /* by clicks on headings */
    const char *class; /* or NULL */
    const char *id;    /* or NULL */
    size_t count;
    const zg_html_column *columns;
    void (*mark)(const void *row, zg_text *out); /* writes attributes of the row; or NULL */
    /* Where given, rows are data, which the page's script makes a table of when the section is
     * opened: a browser takes long over thousands of rows, and the file is a third.  The first
     * column is the row's name, and none is a message. */
    struct zg_html_pack *pack;
} zg_html_table;

/* What has been packed so far; zero-initialised before the first row. */
typedef struct zg_html_pack {
    json_t *seen; /* content -> its number, of cells that may occur again */
} zg_html_pack;

void zg_html_table_open(const zg_html_table *table, zg_text *out);
void zg_html_table_row(const zg_html_table *table, const void *row, zg_text *out);
void zg_html_table_close(const zg_html_table *table, zg_text *out);

#endif
