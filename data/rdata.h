/*
 * R's serialised data, as far as data frames need it: .rda files (versions 2 and 3, binary) and
 * lazy-load databases (.rdx with .rdb).  No R is needed.
 *
 * Format: "R Internals", section Serialization Formats.
 */
#ifndef ZG_DATA_RDATA_H
#define ZG_DATA_RDATA_H

#include "base/arena.h"
#include "data/dataset.h"

typedef enum zg_r_type {
    ZG_R_NULL = 0,
    ZG_R_LIST,     /* items; names come from the attribute "names" or from tags */
    ZG_R_INTEGERS, /* also logicals */
    ZG_R_NUMBERS,
    ZG_R_STRINGS,
    ZG_R_BYTES,
    ZG_R_OTHER /* there, but of no use for data: environments, functions */
} zg_r_type;

#define ZG_R_MISSING INT32_MIN /* NA among integers */

typedef struct zg_r_value {
    zg_r_type type;
    size_t length;
    struct zg_r_value **items; /* LIST */
    const char **tags;         /* LIST: names of items, or NULL */
    int32_t *integers;         /* INTEGERS */
    double *numbers;           /* NUMBERS */
    const char **strings;      /* STRINGS; NULL for NA */
    const unsigned char *bytes;
    struct zg_r_value *attributes; /* LIST with tags, or NULL */
} zg_r_value;

/* Reads an .rda file: a LIST with tags.  All of it lives in the arena. */
zg_status zg_rda_read(const char *path, zg_arena *arena, zg_r_value **out, zg_error *error);

/* Reads one variable of the lazy-load database BASE.rdx and BASE.rdb. */
zg_status zg_rdb_read(const char *base, const char *variable, zg_arena *arena, zg_r_value **out,
                      zg_error *error);

/* Parses serialised bytes, unpacked, without the header of an .rda file; name is for messages. */
zg_status zg_r_parse(const unsigned char *data, size_t size, const char *name, zg_arena *arena,
                     zg_r_value **out, zg_error *error);

/* The item of that tag, or NULL. */
const zg_r_value *zg_r_find(const zg_r_value *list, const char *tag);

/* A data frame as a data set: the column called target last and every other column but `unused`
 * (may be NULL) as input.  Factors become 0, 1, .. in the order of their levels, or the numbers
 * that the levels read as when they all do and the column is an input.  NA becomes NAN. */
zg_status zg_r_dataset(const zg_r_value *frame, const char *target, const char *unused,
                       const char *name, zg_dataset **out, zg_error *error);

#endif
