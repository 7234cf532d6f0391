/*
 * CSV files (RFC 4180) and their relatives to data sets, over libcsv: separators, notations of
 * numbers, headers, words, missing values, positions.
 *
 * Fields are separated by commas, semicolons, tabs, bars or runs of blanks; which one is detected
 * from the first lines unless zg_data_options.separator sets it; so are decimal commas, where those
 * lines leave no doubt.  Blanks around unquoted fields do not count; blank lines, and rows of
 * nothing but separators, are skipped; lines end in LF, CRLF or CR.  A UTF-8 byte-order mark is
 * skipped, and so are lines in front of the table that begin with "# " or "% ", or read "sep=;".  A
 * field is missing when it is empty or one of zg_data_options.missing_values.  NaN and infinity are
 * refused.
 *
 * Header detection looks at the first ZG_CSV_LOOKAHEAD rows: the first one is a header when it has
 * a text in a column whose other rows are all numbers or missing, with at least one number; a file
 * of one row of texts is a header without data.  Orange's headers of three lines or with prefixes,
 * R's header without a name for the row names, and separators at the end of every line are
 * understood.
 *
 * Texts are allowed in a single target column, where they are class labels, and in the input
 * columns of zg_data_options.one_hot; whether the target column is one of texts is decided by the
 * first ZG_CSV_LOOKAHEAD rows.  Whatever was decided without being asked is recorded in the data
 * set's notes.
 *
 * Messages name file:line:column, where the column is the 1-based byte at which the field begins
 * in its line (after blanks, at the quotation mark of a quoted field).
 */
#ifndef ZG_DATA_CSV_H
#define ZG_DATA_CSV_H

#include "data/dataset.h"

#include <stdio.h>

#define ZG_CSV_LOOKAHEAD 100
#define ZG_CSV_FIELD_LIMIT ((size_t)1 << 20) /* bytes of one field */
#define ZG_CSV_COLUMN_LIMIT 1000000
#define ZG_CSV_LABEL_LIMIT 1000 /* distinct texts in a column */

/* Reads all of stream; name is for messages. */
zg_status zg_csv_read(FILE *stream, const char *name, const zg_data_options *options,
                      zg_dataset **out, zg_error *error);

/* Writes features then targets, a header first, every number in the shortest form that reads back
 * equal.  Columns without names are called f1, f2, .. and target (target1, .. when several). */
zg_status zg_csv_write(FILE *stream, const zg_dataset *dataset, zg_error *error);

/* One field, quoted where it must be. */
void zg_csv_write_text(FILE *stream, const char *text);

/* ---- row by row, in bounded memory ----------------------------------------------------------- */

typedef struct zg_csv_reader zg_csv_reader;

/* Reads the header and the first rows.  The stream must outlive the reader. */
zg_status zg_csv_open(FILE *stream, const char *name, const zg_data_options *options,
                      zg_csv_reader **out, zg_error *error);
void zg_csv_close(zg_csv_reader *reader);

size_t zg_csv_inputs(const zg_csv_reader *reader);
size_t zg_csv_targets(const zg_csv_reader *reader);
/* Names of the input columns, or NULL without a header; owned by the reader. */
char *const *zg_csv_input_names(const zg_csv_reader *reader);
char *const *zg_csv_target_names(const zg_csv_reader *reader);
/* Where they stand (zg_columns_targets): the caller's. */
zg_status zg_csv_target_columns(const zg_csv_reader *reader, size_t **out);
/* Class labels met so far in a text target column (t holds their indices), in order of first
 * appearance; NULL and 0 for a numeric target. */
const char *zg_csv_label(const zg_csv_reader *reader, size_t index);
size_t zg_csv_label_count(const zg_csv_reader *reader);

/* Reads at most capacity rows: x gets rows x inputs, t rows x targets, both row-major.  *rows is 0
 * at the end of the file.  ZG_MISSING_DROP leaves rows out; under ZG_MISSING_MEAN a missing input
 * is NAN here (its mean is not known yet) and a missing target is an error.  A word of a one-hot
 * column is its index by first appearance, or in the words that the options bring along. */
zg_status zg_csv_next(zg_csv_reader *reader, size_t capacity, double *x, double *t, size_t *rows,
                      zg_error *error);

#endif
