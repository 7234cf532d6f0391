/* What the first bytes of a table say about its form: separators, lines that are no rows. */
#ifndef ZG_DATA_CSV_DETECT_H
#define ZG_DATA_CSV_DETECT_H

#include "base/status.h"

/* Which of , ; tab | and blank (runs of blanks and tabs) separates the fields of the first lines of
 * text (size bytes): the one that cuts them into the same number of fields, at least two, and most
 * of these into numbers; a comma where nothing speaks against it. */
char zg_csv_detect_separator(const char *text, size_t size);

/* "comma", "semicolon", "tab", "bar" or "blank". */
const char *zg_csv_separator_name(char separator);

/* Bytes of the lines in front of the table: "sep=;" as spreadsheets write it, which sets
 * *separator, and comments ("# ..." or "% ..."). */
size_t zg_csv_preamble(const char *text, size_t size, char *separator);

#endif
