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

/* Whether the first lines look like this format rather than CSV: numbers in front, and at least one
 * index:value; rows of zeros have none. */
bool zg_libsvm_detect(const char *text);

#endif
