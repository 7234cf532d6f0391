/*
 * Text files of other programs: read whole, scanned by hand, and every complaint with
 * "file:line:column: expected X, found Y".
 */
#ifndef ZG_SOLVERS_SCAN_H
#define ZG_SOLVERS_SCAN_H

#include "base/status.h"

typedef struct zg_scan {
    const char *path;
    zg_status bad;   /* what a file that cannot be understood is: ZG_FAILED of a solver's */
    zg_error *error; /* or NULL */
    char *text;      /* ends with NUL; owned */
    size_t length;   /* of the file: the text of one with a NUL byte in it is shorter */
    size_t at;       /* the position: an offset into text */
} zg_scan;

/* Reads the file of scan->path.  One that cannot be opened is `bad`, with the message
 * "ABSENT "PATH": reason". */
zg_status zg_scan_load(zg_scan *scan, const char *absent);
void zg_scan_clear(zg_scan *scan);

/* The complaint at the current position: `bad`. */
zg_status zg_scan_expected(const zg_scan *scan, const char *what);

void zg_scan_skip(zg_scan *scan, const char *characters);
/* Skips to the beginning of the next line, or to the end of the text. */
void zg_scan_skip_line(zg_scan *scan);

/* A finite number at the position, which moves behind it; false, and stays, where there is none.
 * *digits (or NULL) becomes the larger of itself and the number of its significant digits. */
bool zg_scan_number(zg_scan *scan, double *value, size_t *digits);

/* Behind blanks a whole number from lowest to highest, that ends at white space or at the end of
 * the text. */
bool zg_scan_index(zg_scan *scan, size_t lowest, size_t highest, size_t *index);

#endif
