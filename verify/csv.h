/* The data file: records of RFC 4180, which end in LF, CRLF or CR.  Blanks around a field do not
 * belong to it, blank lines are no records. */
#ifndef ZV_CSV_H
#define ZV_CSV_H

#include "session.h"

typedef struct zv_csv {
    zv_session *session;
    char *at, *end;      /* the rest of the file, which the reader overwrites; its closing NUL */
    size_t line, next;   /* where the record that was read last began, from 1; where `at` is */
    size_t columns;      /* that every record must have */
    const char **fields; /* of the record, which live as long as the text */
} zv_csv;

zv_csv zv_csv_open(zv_session *s, char *text, size_t size, size_t columns);
/* Reads the next record; false at the end of the file. */
bool zv_csv_next(zv_csv *csv);
/* A field as a decimal number, rounded to the nearest double; stops where it is none. */
double zv_csv_number(const zv_csv *csv, const char *field);
/* "data:LINE: expected ..., found ..." */
_Noreturn void zv_csv_expected(const zv_csv *csv, const char *what, const char *found);

#endif
