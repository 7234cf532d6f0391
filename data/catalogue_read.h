/* The readers of the catalogue: from the files of a package to the numbers of a data set. */
#ifndef ZG_DATA_CATALOGUE_READ_H
#define ZG_DATA_CATALOGUE_READ_H

#include "data/catalogue.h"

/* All follow zg_catalogue_reader; which fields of the entry they use is said with each. */

/* CSV without a header after entry->skip lines. */
zg_status zg_read_plain_csv(const zg_catalogue_entry *entry, const char *directory,
                            const zg_image_options *image, zg_dataset **out, zg_error *error);
/* CSV with a header, as the user gave it. */
zg_status zg_read_own_csv(const zg_catalogue_entry *entry, const char *directory,
                          const zg_image_options *image, zg_dataset **out, zg_error *error);
/* Numbers separated by blanks: inputs in the first file, targets in the second. */
zg_status zg_read_blank_separated(const zg_catalogue_entry *entry, const char *directory,
                                  const zg_image_options *image, zg_dataset **out, zg_error *error);
/* LIBSVM text; labels -1 and +1 become 0 and 1. */
zg_status zg_read_libsvm(const zg_catalogue_entry *entry, const char *directory,
                         const zg_image_options *image, zg_dataset **out, zg_error *error);
/* IDX: images in the first file, labels in the second. */
zg_status zg_read_images(const zg_catalogue_entry *entry, const char *directory,
                         const zg_image_options *image, zg_dataset **out, zg_error *error);
/* ARFF, one file after the other; the last attribute is the target. */
zg_status zg_read_arff(const zg_catalogue_entry *entry, const char *directory,
                       const zg_image_options *image, zg_dataset **out, zg_error *error);
/* FANN text, one file after the other; one-hot outputs of a classification become 0, 1, .. */
zg_status zg_read_fann(const zg_catalogue_entry *entry, const char *directory,
                       const zg_image_options *image, zg_dataset **out, zg_error *error);
/* The data frame entry->object of an .rda file, or of a lazy-load database (.rdx and .rdb), with
 * entry->target and without entry->unused. */
zg_status zg_read_rdata(const zg_catalogue_entry *entry, const char *directory,
                        const zg_image_options *image, zg_dataset **out, zg_error *error);
/* Vectors of an .rda file: those of entry->input_names and, as targets, of entry->object. */
zg_status zg_read_rvectors(const zg_catalogue_entry *entry, const char *directory,
                           const zg_image_options *image, zg_dataset **out, zg_error *error);
/* Matrices U, Y and UY in the tests of an Octave file, counted from 0: entry->object is the number
 * of the inputs' and, behind a comma, of the outputs'; one number: both in one. */
zg_status zg_read_octave(const zg_catalogue_entry *entry, const char *directory,
                         const zg_image_options *image, zg_dataset **out, zg_error *error);
/* CIFAR-10's binary batches: one label byte, then 3 x 32 x 32 bytes per image. */
zg_status zg_read_cifar(const zg_catalogue_entry *entry, const char *directory,
                        const zg_image_options *image, zg_dataset **out, zg_error *error);

#endif
