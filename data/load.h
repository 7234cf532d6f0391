/* Any data file: the format is told by its content. */
#ifndef ZG_DATA_LOAD_H
#define ZG_DATA_LOAD_H

#include "data/csv.h"

/* zg_dataset_load is declared in zerogap.h.  Told apart by content in this order: what gzip, bzip2,
 * xz, zstd or zip packed (one file, or NumPy's arrays), NPY and IDX by their first bytes, UTF-16 by
 * its mark, ARFF, LIBSVM text when the first lines read "number index:value", CSV otherwise; "-" is
 * standard input, where all but IDX can come.  LIBSVM text and IDX images have their own target:
 * options->target must then be NULL or "last". */

#endif
