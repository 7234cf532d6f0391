/* Choosing rows and scaling values of image data: class subsets, subsampling, down-scaling. */
#ifndef ZG_DATA_IMAGE_H
#define ZG_DATA_IMAGE_H

#include "data/dataset.h"

/* Zero-initialised means: everything as it is.  Steps are taken in the order of the fields. */
typedef struct zg_image_options {
    const double *classes; /* rows with these labels only (class_count of them), or NULL */
    size_t class_count;
    size_t rows;    /* that many of the remaining rows, 0: all */
    uint32_t seed;  /* the first `rows` of numpy.random.RandomState(seed).permutation */
    double divisor; /* every value is divided by it (255 maps bytes to [0, 1]); 0: as they are */
    bool unit;      /* every image is scaled to Euclidean norm 1 (a black one stays) */
    size_t height, width; /* of one channel; needed for pooling, 0 x 0: inputs is a square */
    size_t pool; /* average over pool x pool squares, both extents divisible by it; 0 or 1: none */
} zg_image_options;

/* The rows that options keep, in order: with `rows` in permuted order, otherwise as in the file.
 * *order (malloc) is the caller's. */
zg_status zg_image_rows(const zg_image_options *options, size_t n, const double *labels,
                        size_t **order, size_t *count, zg_error *error);

/* Scales and pools a data set in place; inputs and their names change with pooling. */
zg_status zg_image_transform(const zg_image_options *options, zg_dataset *dataset, zg_error *error);

/* Both steps on a data set that is in memory: a new data set. */
zg_status zg_image_apply(const zg_image_options *options, const zg_dataset *dataset,
                         zg_dataset **out, zg_error *error);

#endif
