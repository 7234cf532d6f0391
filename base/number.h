/* Numbers as text: an exact and fast reader, and the shortest form that reads back equal. */
#ifndef ZG_BASE_NUMBER_H
#define ZG_BASE_NUMBER_H

#include "base/status.h"

/* Reads one decimal number ([+-] digits [. digits] [e [+-] digits]) at the start of text, correctly
 * rounded, and returns where it ends; NULL when there is none.  The number must be followed by a
 * byte that cannot be part of one (NUL, comma, blank, line end).  *value is infinite when the
 * number is too large for a double. */
const char *zg_number_scan(const char *text, double *value);

typedef enum zg_number_kind {
    ZG_NUMBER_FINITE,
    ZG_NUMBER_NOT_FINITE, /* nan, inf, infinity, or too large for a double */
    ZG_NUMBER_TEXT        /* anything else */
} zg_number_kind;

/* What the whole of text is; *value is set for ZG_NUMBER_FINITE only. */
zg_number_kind zg_number_classify(const char *text, double *value);

#define ZG_NUMBER_SIZE 32

/* Writes value, finite: whole numbers below 1e15 as %.0f, others as the shortest %.{p}g that reads
 * back equal.  text has room for ZG_NUMBER_SIZE bytes; returns the length. */
size_t zg_number_format(double value, char *text);

/* Writes value as %.{digits}g does, 1 to 17 digits, but rounded down (side -1) or up (side 1): a
 * lower bound that was rounded to nearest may stand above what it bounds.  text has room for
 * ZG_NUMBER_SIZE bytes. */
void zg_number_bound(double value, int digits, int side, char *text);

#endif
