/* Any data file: the format is told by its content. */
#ifndef ZG_DATA_LOAD_H
#define ZG_DATA_LOAD_H

#include "data/csv.h"

/* zg_dataset_load is declared in zerogap.h.  Told apart in this order: "-" is CSV on standard
 * input; NPY and IDX by their first bytes; LIBSVM text when the first line reads "number
 * index:value"; CSV otherwise.  Each may be gzip.  LIBSVM text and IDX images have their own
 * target: options->target must then be NULL or "last". */

#endif
