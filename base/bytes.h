/* Whole files in memory, gunzipped when they are gzip, and big- or little-endian numbers in them.
 */
#ifndef ZG_BASE_BYTES_H
#define ZG_BASE_BYTES_H

#include "base/status.h"

#include <stdint.h>
#include <stdio.h>

typedef struct zg_bytes {
    unsigned char *data; /* size bytes and a NUL behind them */
    size_t size;
} zg_bytes;

/* Reads a file, decompressing gzip, to at most what zg_size_unpacked allows for limit.  A file that
 * cannot be opened is ZG_IO; a gzip file that is damaged or becomes larger is ZG_BAD_INPUT. */
zg_status zg_bytes_read(const char *path, size_t limit, zg_bytes *out, zg_error *error);
/* Reads the rest of a stream as it is; name is for messages.  Errors: ZG_IO, ZG_NO_MEMORY. */
zg_status zg_bytes_read_stream(FILE *stream, const char *name, zg_bytes *out, zg_error *error);
void zg_bytes_clear(zg_bytes *bytes);
/* The bytes, borrowed, as a stream to read; NULL without memory. */
FILE *zg_bytes_open(const zg_bytes *bytes);

uint32_t zg_big_endian_32(const unsigned char *p);
uint64_t zg_big_endian_64(const unsigned char *p);
uint32_t zg_little_endian_32(const unsigned char *p);

#endif
