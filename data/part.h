/*
 * Parts of a data file: consecutive rows as a data set of their own, without reading the others.
 *
 * Rows of NPY and IDX files have a fixed size and are found by their number; lines of CSV are found
 * by bytes.  Other formats have to be read whole: ZG_PART_WHOLE.
 */
#ifndef ZG_DATA_PART_H
#define ZG_DATA_PART_H

#include "data/dataset.h"

#include <stdio.h>

typedef enum zg_part_kind { ZG_PART_WHOLE, ZG_PART_ARRAY, ZG_PART_LINES } zg_part_kind;

typedef struct zg_part_file {
    zg_part_kind kind;
    const char *path;             /* borrowed */
    FILE *stream;                 /* NULL for ZG_PART_WHOLE */
    size_t rows;                  /* ZG_PART_ARRAY: of the file */
    size_t row_bytes, begin, end; /* where the first row begins, and the last one ends: bytes */
    char *head;                   /* what stands in front of it */
    /* Images: the labels beside them. */
    char *labels_path;
    FILE *labels;
    /* Lines: how the file is read, as its first lines say. */
    zg_data_options options;
    size_t head_lines;
} zg_part_file;

/* Tells what kind of file it is, and reads its head.  Errors as zg_dataset_load's. */
zg_status zg_part_open(const char *path, const zg_data_options *options, zg_part_file *out,
                       zg_error *error);
void zg_part_close(zg_part_file *file);

/* ZG_PART_ARRAY: the rows first .. first + count; count > 0. */
zg_status zg_part_rows(const zg_part_file *file, size_t first, size_t count,
                       const zg_data_options *options, zg_dataset **out, zg_error *error);

/* ZG_PART_LINES: how many line ends and quotation marks there are from byte `from` to byte `to`. */
zg_status zg_part_scan(const zg_part_file *file, size_t from, size_t to, size_t *lines,
                       size_t *quotes, zg_error *error);
/* The first byte at or behind `from` at which a line begins, `quoted` telling whether `from` is
 * inside of quotation marks, where line ends do not count; the file's end where there is none. */
zg_status zg_part_line(const zg_part_file *file, size_t from, bool quoted, size_t *out,
                       zg_error *error);
/* The rows of the lines from byte `from`, at which line number `line` (1-based) of the file begins,
 * to byte `to`.  *out is NULL where there is none.  Words in the target are refused: which class is
 * which is known to the whole file only. */
zg_status zg_part_lines(const zg_part_file *file, size_t from, size_t to, size_t line,
                        zg_dataset **out, zg_error *error);

/* Whether there is anything but line ends and blanks in these bytes. */
bool zg_part_has_rows(const zg_part_file *file, size_t from, size_t to);
/* The head and the lines of these bytes as a stream, in bounded memory, to be read by the file's
 * options; the file must outlive it. */
zg_status zg_part_stream(const zg_part_file *file, size_t from, size_t to, FILE **out,
                         zg_error *error);

#endif
