/*
 * The data catalogue: real data sets by name, read out of the packages that carry them.
 *
 * A name resolves to numbers that are always the same: the package file, the unpacked files and the
 * extracted numbers are all checked against known digests.  Class labels are 0, 1, .. in the order
 * of class_names.
 */
#ifndef ZG_DATA_CATALOGUE_H
#define ZG_DATA_CATALOGUE_H

#include "data/fetch.h"
#include "data/image.h"

typedef struct zg_catalogue_entry zg_catalogue_entry;

/* Reads the numbers from the directory of the unpacked package (or the user's own files). */
typedef zg_status (*zg_catalogue_reader)(const zg_catalogue_entry *entry, const char *directory,
                                         const zg_image_options *image, zg_dataset **out,
                                         zg_error *error);

#define ZG_CATALOGUE_FILES 5

struct zg_catalogue_entry {
    const char *name;
    const char *about; /* one line: what it is */
    zg_task task;
    bool images; /* the reader follows zg_image_options itself */
    size_t rows, inputs, targets;
    size_t class_count; /* 0 for regression */
    const char *const *class_names;
    const size_t *class_rows;  /* rows of each class */
    size_t missing;            /* cells without a value */
    const char *remarks;       /* oddities to know before use, or NULL */
    const char *sha256;        /* of the numbers as zg_csv_write writes them; NULL: none known */
    const zg_package *package; /* NULL: in no package */
    const char *licence;       /* of the data, as the package or the source states it */
    const char *source;        /* for a user's own file: where to get it */
    zg_catalogue_reader read;
    const char *files[ZG_CATALOGUE_FILES]; /* base names that read needs */
    /* Columns: names separated by commas; or "x1.." for x1, x2, ..; NULL: as the reader gives. */
    const char *input_names, *target_names;
    const char *object; /* R data: the name of the data frame */
    const char *target; /* R data: the name of the target column */
    const char *unused; /* R data: a column to leave out, or NULL */
    size_t skip;        /* CSV: lines in front of the numbers */
};

/* All entries, in the order of `zerogap list data`. */
const zg_catalogue_entry *zg_catalogue(size_t *count);
/* Their names, an array to be freed; NULL when memory ran out. */
const char **zg_catalogue_names(size_t *count);
/* The entry of that name, or NULL. */
const zg_catalogue_entry *zg_catalogue_find(const char *name);

/* Whether the entry's files are in the cache. */
bool zg_catalogue_present(const zg_catalogue_entry *entry, const char *cache);

/* Fetches an entry (see zg_package_fetch) and, the first time, compares rows, classes and the
 * digest of its numbers with what is documented. */
zg_status zg_catalogue_fetch(const zg_catalogue_entry *entry, const zg_fetch_progress *progress,
                             zg_error *error);

/* Keeps a user's own file for an entry that no package carries, after checking it. */
zg_status zg_catalogue_add(const zg_catalogue_entry *entry, const char *path, zg_error *error);

/* What every --data accepts: a catalogue name (fetched when it is not there yet), or a path for
 * zg_dataset_load.  A name of the catalogue wins over a file of that name in the current directory
 * (write ./NAME for the file); names of the catalogue have neither dot nor slash.  options->header
 * does not matter for catalogue names. */
zg_status zg_catalogue_load(const char *name_or_path, const zg_data_options *options,
                            zg_dataset **out, zg_error *error);

/* The same, then rows chosen and values scaled as for images; image may be NULL. */
zg_status zg_catalogue_load_images(const char *name_or_path, const zg_data_options *options,
                                   const zg_image_options *image, zg_dataset **out,
                                   zg_error *error);

#endif
