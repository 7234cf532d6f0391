/*
 * Columns of words as inputs: one 0/1 input for each word of a column, in sorted order.
 */
#ifndef ZG_DATA_ONE_HOT_H
#define ZG_DATA_ONE_HOT_H

#include "data/dataset.h"

/* A column of words: inputs first .. first + count - 1 of the data set are its words, sorted. */
typedef struct zg_one_hot_column {
    char *name; /* of the column in the table */
    size_t first, count;
    char **words;
} zg_one_hot_column;

/* What was encoded so: part of a data set and of the models trained on it, so that other rows are
 * encoded alike. */
struct zg_one_hot {
    size_t count;
    zg_one_hot_column *column; /* by rising first */
};

/* Copy of NULL is NULL. */
zg_status zg_one_hot_copy(const zg_one_hot *from, zg_one_hot **out);
void zg_one_hot_free(zg_one_hot *one_hot);

/* The column of that name, or NULL. */
const zg_one_hot_column *zg_one_hot_find(const zg_one_hot *one_hot, const char *name);

/* Words of the inputs of a data set that is being read; entry j: words[j] (counts[j] of them,
 * sorted; NULL: input j is a number), which become the data set's. */
typedef struct zg_word_inputs {
    char ***words;
    size_t *counts;
} zg_word_inputs;

/* Replaces every input of words, whose values are indices into its words (NAN: missing; the number
 * of words: none of them, under --one-hot-unknown zero), by an input for each of its words, called
 * NAME=WORD.  A missing word is NAN in each.  The data set must have input names.  Refuses more
 * than size_limit bytes of inputs. */
zg_status zg_one_hot_expand(zg_dataset *dataset, zg_word_inputs *inputs, size_t size_limit,
                            zg_error *error);

/* Leaves out, in all data sets, the inputs of words that no row of train has: what words there are
 * is learnt from rows that train.  The others (count of them, NULL entries allowed) have the same
 * inputs; a row of theirs with such a word has zeros in its place, or is refused without zero. */
zg_status zg_one_hot_trim(zg_dataset *train, zg_dataset *const *others, size_t count, bool zero,
                          zg_error *error);

#endif
