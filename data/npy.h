/* NumPy's .npy files: one real matrix. */
#ifndef ZG_DATA_NPY_H
#define ZG_DATA_NPY_H

#include "base/bytes.h"
#include "data/dataset.h"

bool zg_npy_detect(const unsigned char *data, size_t size);

/* A matrix of format version 1, 2 or 3 in C or Fortran order; booleans, integers of 1 to 8 bytes,
 * floats of 4 or 8, either byte order.  Target columns by index (options->target).  NaN and
 * infinity are refused. */
zg_status zg_npy_read(const zg_bytes *bytes, const char *name, const zg_data_options *options,
                      zg_dataset **out, zg_error *error);

#endif
