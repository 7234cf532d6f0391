/* The CSV reader's parts: what the first records say (csv_head.c), values (csv.c), whole files
 * (csv_table.c). */
#ifndef ZG_DATA_CSV_READER_H
#define ZG_DATA_CSV_READER_H

#include "data/columns.h"
#include "data/csv.h"
#include "data/csv_source.h"
#include "data/notation.h"
#include "data/one_hot.h"
#include "data/words.h"

#define ZG_NO_COLUMN SIZE_MAX

struct zg_csv_reader {
    zg_csv_source source;
    zg_data_options options; /* its texts are the caller's and read while opening only */
    zg_notation notation;
    zg_csv_record *head;                      /* the first records, kept for what they say */
    size_t head_count, head_start, head_next; /* head_start: the first of them that is data */
    size_t first_line;                        /* of the first record, for messages */
    bool has_header;
    bool *ignored;       /* columns that the table's own form leaves out */
    size_t empty_column; /* behind a separator at the end of every line; ZG_NO_COLUMN: none */
    size_t row_names;    /* R's unnamed first column; ZG_NO_COLUMN: none */
    char *own_target;    /* the column that the file marks as the target, or NULL */
    zg_columns columns;
    zg_words **words;                /* columns.count: the texts of a column, or NULL for numbers */
    const zg_one_hot_column **known; /* likewise: the texts that the options bring along */
    char **names;                    /* of all columns, or NULL without a header */
    char **input_names, **target_names;
    zg_dataset *notes; /* holds the notes until there is a data set */
    size_t empty_rows;
    bool plain;   /* lines of plain numbers may be read directly */
    bool foreign; /* a text was not in UTF-8 */
};

/* ---- csv_head.c ---- */

/* Reads the first records; settles notation, header and the form of the table. */
zg_status zg_csv_read_head(zg_csv_reader *reader, zg_error *error);
/* Gives every column its place, and those of words their sets. */
zg_status zg_csv_place_columns(zg_csv_reader *reader, zg_error *error);
/* The name of a column: of the header, else "columnN" (into buffer, 32 bytes). */
const char *zg_csv_column_name(const zg_csv_reader *reader, size_t column, char *buffer);
/* A field of the first records in the reader's notation. */
zg_field_kind zg_csv_head_kind(const zg_csv_reader *reader, size_t record, size_t column);

/* ---- csv_notes.c ---- */

/* Notes on what was decided and on what looks unintended. */
void zg_csv_note_form(zg_csv_reader *reader);

#endif
