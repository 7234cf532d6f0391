/* Packed files in memory: gzip, bzip2, xz, zstd, and zip archives. */
#ifndef ZG_DATA_ARCHIVE_H
#define ZG_DATA_ARCHIVE_H

#include "base/bytes.h"

typedef struct zg_member {
    char *name; /* in the archive; NULL for the one content of a packed file */
    zg_bytes bytes;
} zg_member;

typedef struct zg_members {
    zg_member *items; /* folders and what programs hide (".", "__") are left out */
    size_t count, capacity;
} zg_members;

/* Whether data begins as a packed file does. */
bool zg_archive_detect(const unsigned char *data, size_t size);

/* Unpacks everything; together it may become what zg_size_unpacked allows for limit.  Damaged or
 * cut data is ZG_BAD_INPUT. */
zg_status zg_archive_read(const zg_bytes *packed, const char *name, size_t limit, zg_members *out,
                          zg_error *error);
void zg_members_clear(zg_members *members);

#endif
