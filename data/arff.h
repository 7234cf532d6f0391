/* ARFF files (Weka's format): named columns of numbers and of declared words. */
#ifndef ZG_DATA_ARFF_H
#define ZG_DATA_ARFF_H

#include "base/arena.h"
#include "base/bytes.h"
#include "data/dataset.h"

typedef struct zg_arff_column {
    const char *name;
    size_t line, place; /* where the name stands in the file, from 1 */
    size_t word_count;  /* 0: numbers */
    const char **words;
    size_t word_capacity;
} zg_arff_column;

typedef struct zg_arff {
    size_t columns, rows;
    zg_arff_column *column;
    double *values; /* rows x columns, row-major: a number, the index of a word, NAN for "?" */
} zg_arff;

/* All of out lives in the arena except values (malloc), which zg_arff_clear frees.  Numeric
 * (numeric, real, integer) and nominal attributes; dates, free texts and sparse rows are refused.
 * limit is
 * that of zg_size_check.  Messages name file:line:column. */
zg_status zg_arff_read(const zg_bytes *bytes, const char *name, size_t limit, zg_arena *arena,
                       zg_arff *out, zg_error *error);
void zg_arff_clear(zg_arff *arff);

/* The file as a data set.  Words of the target are class labels, in sorted order; those of inputs
 * need options->one_hot. */
zg_status zg_arff_load(const zg_bytes *bytes, const char *name, const zg_data_options *options,
                       zg_dataset **out, zg_error *error);

/* Whether text begins as such a file does: with @relation or @attribute, after comments. */
bool zg_arff_detect(const char *text);

#endif
