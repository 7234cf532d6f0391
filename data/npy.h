/* NumPy's .npy files: one real matrix. */
#ifndef ZG_DATA_NPY_H
#define ZG_DATA_NPY_H

#include "base/bytes.h"
#include "data/archive.h"
#include "data/dataset.h"

bool zg_npy_detect(const unsigned char *data, size_t size);

/* A matrix of format version 1, 2 or 3 in C or Fortran order; booleans, integers of 1 to 8 bytes,
 * floats of 2, 4 or 8, either byte order.  Target columns by index (options->target).  NaN and
 * infinity are refused. */
zg_status zg_npy_read(const zg_bytes *bytes, const char *name, const zg_data_options *options,
                      zg_dataset **out, zg_error *error);
/* The same from a stream of size bytes, which are never in memory as a whole.  Errors: ZG_IO too.
 */
zg_status zg_npy_read_stream(FILE *stream, size_t size, const char *name,
                             const zg_data_options *options, zg_dataset **out, zg_error *error);

/* The same, or a vector, with every column as an input and no target. */
zg_status zg_npy_read_inputs(const zg_bytes *bytes, const char *name, size_t limit,
                             zg_dataset **out, zg_error *error);

/* NPZ: whether every member of an archive is an array, and reading such an archive.  A single one
 * is read as above; of several, inputs are called X (or x, data, features, inputs, X_train,
 * x_train) and targets y (or target, targets, labels, ..). */
bool zg_npz_detect(const zg_members *members);
zg_status zg_npz_read(const zg_members *members, const char *name, const zg_data_options *options,
                      zg_dataset **out, zg_error *error);

#endif
