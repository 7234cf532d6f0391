/* The data file: records of RFC 4180, which end in LF, CRLF or CR.  Blanks around a field do not
 * belong to it, blank lines are no records. */
#ifndef ZV_CSV_H
#define ZV_CSV_H

#include "session.h"

typedef struct zv_csv {
    zv_session *session;
    char *at, *end; /* the rest of the file, which the reader overwrites; its closing NUL */
    size_t line;    /* of the record that was read last, from 1 */
    size_t next;    /* of `at` */
    size_t columns; /* that every record must have */
} zv_csv;

void zv_csv_begin(zv_csv *csv, zv_session *s, char *text, size_t size, size_t columns);
/* Goes to the next record; false at the end of the file. */
bool zv_csv_next(zv_csv *csv);
/* Reads its fields, which live as long as the text; stops where there are not `columns` of them. */
void zv_csv_read(zv_csv *csv, const char **fields);
/* A field as a decimal number, rounded to the nearest double; stops where it is none. */
double zv_csv_number(const zv_csv *csv, const char *field);
/* "data:LINE: expected ..., found ..." */
_Noreturn void zv_csv_expected(const zv_csv *csv, const char *what, const char *found);

#endif
