/* LIBSVM text: one sample a line, "target index:value index:value ...", 1-based rising indices. */
#ifndef ZG_DATA_LIBSVM_H
#define ZG_DATA_LIBSVM_H

#include "data/dataset.h"

#define ZG_LIBSVM_INPUT_LIMIT 1000000 /* largest index */

/* text (size bytes, NUL behind) to a dense data set: an index that is not there is 0, the number of
 * inputs is the largest index of the file.  Blank lines and # comments are skipped; query
 * identifiers (qid:) are refused.  Of the options zero_based and size_limit count; the size is
 * checked before anything of it is allocated. */
zg_status zg_libsvm_read(const char *text, size_t size, const char *name,
                         const zg_data_options *options, zg_dataset **out, zg_error *error);

/* Whether text is this format rather than CSV: the first row that is not of zeros alone has a
 * number in front and index:value behind it, or most of the first rows have, in some way
 * (zg_libsvm_mostly), so that zg_libsvm_read must say what is wrong with it. */
bool zg_libsvm_detect(const char *text);
/* The same for a file with options: who names a separator has a table. */
bool zg_libsvm_expected(const char *text, const zg_data_options *options);
/* Whether more than half of the rows in the first 4096 bytes have numbers in front and nothing but
 * NUMBER:NUMBER behind them.  Not text whose first row is one of words, nor where all of these
 * pairs may be times of day: such tables are CSV. */
bool zg_libsvm_mostly(const char *text);

#endif
