/*
 * From bytes to CSV records with exact positions: the lower half of the CSV reader.
 *
 * libcsv does the parsing of RFC 4180 in strict mode.  It reports no positions, so it is fed in
 * pieces that end at the next separator or line end: every field then ends with a piece, and the
 * line and byte column of each field are known.  Where blanks separate, runs of them are one
 * separator, and none stands before a line's first field or behind its last.
 */
#ifndef ZG_DATA_CSV_SOURCE_H
#define ZG_DATA_CSV_SOURCE_H

#include "base/status.h"

#include <csv.h>
#include <stdio.h>

#define ZG_CSV_BUFFER_SIZE ((size_t)1 << 18)
#define ZG_CSV_SHOWN 40 /* bytes of a field that a message quotes */

typedef struct zg_csv_field {
    size_t offset; /* into the record's text */
    size_t line, column;
} zg_csv_field;

typedef struct zg_csv_record {
    char *text; /* the fields, each ended by NUL */
    size_t used, text_capacity;
    zg_csv_field *fields;
    size_t count, capacity;
    size_t end_line, end_column; /* of the line end */
} zg_csv_record;

typedef struct zg_csv_source {
    FILE *stream;
    char *name; /* for messages */
    struct csv_parser parser;
    zg_csv_record current;
    size_t begin, end;   /* the unread part of buffer */
    size_t line, column; /* of buffer[begin], 1-based */
    char separator;      /* ',', ';', '\t', '|' or ' ' */
    size_t preamble;     /* bytes in front of the table: byte-order mark, "sep=;", comments */
    size_t quotes;       /* quotation marks of the current field so far, where blanks separate */
    bool between;        /* blanks behind a field were passed over, where blanks separate */
    size_t field_line, field_column, field_bytes;
    bool at_end;
    bool after_return;         /* the last byte was CR: a LF now belongs to the same line end */
    bool open_field;           /* the current field has begun */
    bool row_ended, no_memory; /* set by libcsv's callbacks */
    char buffer[ZG_CSV_BUFFER_SIZE + 1]; /* a NUL after the last byte read */
} zg_csv_source;

/* Begins reading: skips a byte-order mark and the lines in front of the table; separator 0 is told
 * by the first lines.  The source is to be cleared on failure too. */
zg_status zg_csv_source_open(zg_csv_source *source, FILE *stream, const char *name, char separator,
                             zg_error *error);
void zg_csv_source_clear(zg_csv_source *source);

/* Reads the next record into source->current; no fields: the end of the file. */
zg_status zg_csv_source_record(zg_csv_source *source, zg_error *error);

/* Brings the whole next line into the buffer when it fits; the buffer then begins with it. */
zg_status zg_csv_source_line(zg_csv_source *source, zg_error *error);

/* Reads the buffered line when it is `columns` plain finite numbers, value c to *place[c]-th
 * element: x[place] for place >= 0, nowhere for ZG_COLUMN_UNUSED, t[~place] otherwise.  False, with
 * nothing consumed, for any other line. */
bool zg_csv_source_numbers(zg_csv_source *source, size_t columns, const long *place, double *x,
                           double *t);

/* A record's field as text. */
const char *zg_csv_record_text(const zg_csv_record *record, size_t column);
void zg_csv_record_clear(zg_csv_record *row);

/* ZG_BAD_INPUT with "name:line:column: " in front. */
zg_status zg_csv_fail(const zg_csv_source *source, size_t line, size_t column, zg_error *error,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The same with "expected WANTED, found "FIELD"" at a field of a record. */
zg_status zg_csv_fail_field(const zg_csv_source *source, const zg_csv_record *record, size_t column,
                            const char *wanted, zg_error *error);
/* A text as messages show it: at most ZG_CSV_SHOWN bytes, no control characters. */
const char *zg_csv_shown(const char *text, char out[ZG_CSV_SHOWN + 4]);

#endif
