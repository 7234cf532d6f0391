/* IDX files (the format of MNIST): big-endian arrays of any dimension, and images with labels. */
#ifndef ZG_DATA_IDX_H
#define ZG_DATA_IDX_H

#include "base/bytes.h"
#include "data/dataset.h"
#include "data/image.h"

typedef struct zg_idx {
    unsigned char type; /* 8 unsigned byte, 9 byte, 11 short, 12 int, 13 float, 14 double */
    size_t size;        /* bytes of one element */
    size_t dimensions;  /* 1..4 */
    size_t extent[4];
    size_t width;              /* product of all extents but the first */
    const unsigned char *data; /* into the bytes that were opened */
} zg_idx;

bool zg_idx_detect(const unsigned char *data, size_t size);
/* Checks the header against the size of the file; bytes must outlive out. */
zg_status zg_idx_open(const zg_bytes *bytes, const char *name, zg_idx *out, zg_error *error);
double zg_idx_element(const zg_idx *idx, size_t index);

/* Images (n x height x width, or any n x ..) with their labels (n) from two files, either may be
 * gzip.  options may be NULL: all rows, values as they are.  limit (bytes, 0: the
 * default one) is that of zg_size_check and zg_size_unpacked. */
zg_status zg_idx_read_images(const char *images, const char *labels,
                             const zg_image_options *options, size_t limit, zg_dataset **out,
                             zg_error *error);

/* The path with the last "images" replaced by "labels" and "idx3" by "idx1", the caller's; NULL
 * when it has no "images" in its last part or there is no memory. */
char *zg_idx_labels_path(const char *path);

/* One file: with "images" and "-idx3-" in its name, the file "labels" and "-idx1-" beside it has
 * the labels; otherwise a matrix with target columns among its own. */
zg_status zg_idx_load(const char *path, const zg_data_options *options, zg_dataset **out,
                      zg_error *error);

#endif
