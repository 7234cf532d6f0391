/* Decompression in memory: gzip and zlib, bzip2, xz, raw LZMA2. */
#ifndef ZG_DATA_UNPACK_H
#define ZG_DATA_UNPACK_H

#include "base/bytes.h"

typedef enum zg_packing {
    ZG_PACKING_NONE,
    ZG_PACKING_ZLIB, /* zlib or gzip, told apart by their first bytes */
    ZG_PACKING_BZIP2,
    ZG_PACKING_XZ,
    ZG_PACKING_LZMA2 /* without any header, preset 6, as R's lazy-load databases have it */
} zg_packing;

/* How data is packed, by its first bytes; never ZG_PACKING_LZMA2. */
zg_packing zg_packing_detect(const unsigned char *data, size_t size);

/* Unpacks all of data (size bytes), several streams in a row as one content; name is for messages.
 * Damaged or cut data (every checksum and length that the format has is compared), what stands
 * behind their end, and what becomes larger than zg_size_unpacked allows for limit (0: the default
 * one), is ZG_BAD_INPUT. */
zg_status zg_unpack(zg_packing packing, const unsigned char *data, size_t size, const char *name,
                    size_t limit, zg_bytes *out, zg_error *error);

#endif
