/* LIBSVM text: one sample a line, "target index:value index:value ...", 1-based rising indices. */
#ifndef ZG_DATA_LIBSVM_H
#define ZG_DATA_LIBSVM_H

#include "data/dataset.h"

#define ZG_LIBSVM_INPUT_LIMIT 1000000 /* largest index */

/* text (size bytes, NUL behind) to a dense data set: an index that is not there is 0, the number of
 * inputs is the largest index of the file.  Blank lines and # comments are skipped. */
zg_status zg_libsvm_read(const char *text, size_t size, const char *name, zg_dataset **out,
                         zg_error *error);

/* Whether the first line with content looks like this format rather than CSV. */
bool zg_libsvm_detect(const char *text);

#endif
