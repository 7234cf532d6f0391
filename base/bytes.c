/* Whole files in memory, through zlib. */
#include "base/bytes.h"

#include "base/memory.h"
#include "base/size_limit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

/* Room that is always left for the next read. */
#define PIECE ((size_t)32 * 1024)

/* Makes room for a piece and for the NUL that follows all; how much there is then, 0 when memory
 * ran out. */
static size_t make_room(zg_bytes *out, size_t *capacity)
{
    unsigned char *bigger = zg_grow(out->data, capacity, out->size + PIECE + 1, 1);
    if (!bigger) return 0;
    out->data = bigger;
    return *capacity - out->size - 1;
}

static zg_status read_all(gzFile file, const char *path, size_t limit, zg_bytes *out,
                          zg_error *error)
{
    size_t capacity = 0;
    struct stat info;
    size_t packed = stat(path, &info) == 0 ? (size_t)info.st_size : 0;
    size_t allowed = gzdirect(file) ? SIZE_MAX : zg_size_unpacked(packed, limit);
    for (;;) {
        size_t room = make_room(out, &capacity);
        if (room == 0) return zg_no_memory(error);
        if (room > (size_t)1 << 30) room = (size_t)1 << 30;
        int got = gzread(file, out->data + out->size, (unsigned)room);
        int cause = Z_OK;
        const char *message = gzerror(file, &cause);
        if (got < 0 && cause == Z_ERRNO)
            return zg_fail(error, ZG_IO, "cannot read %.400s: %s", path, strerror(errno));
        if (got < 0 || (cause != Z_OK && cause != Z_STREAM_END))
            return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected whole gzip data, found: %.200s",
                           path, message);
        if (got == 0) break;
        out->size += (size_t)got;
        if (out->size > allowed) return zg_size_unpacked_fail(path, packed, allowed, error);
    }
    out->data[out->size] = '\0';
    return ZG_OK;
}

zg_status zg_bytes_read(const char *path, size_t limit, zg_bytes *out, zg_error *error)
{
    *out = (zg_bytes){0};
    errno = 0;
    gzFile file = gzopen(path, "rbe");
    if (!file)
        return errno == 0 ? zg_no_memory(error)
                          : zg_fail(error, ZG_IO, "cannot open %.400s: %s", path, strerror(errno));
    gzbuffer(file, 1U << 17);
    zg_status status = read_all(file, path, limit, out, error);
    gzclose(file);
    if (status != ZG_OK) zg_bytes_clear(out);
    return status;
}

zg_status zg_bytes_read_stream(FILE *stream, const char *name, zg_bytes *out, zg_error *error)
{
    size_t capacity = 0, room;
    *out = (zg_bytes){0};
    while ((room = make_room(out, &capacity)) > 0) {
        size_t got = fread(out->data + out->size, 1, room, stream);
        out->size += got;
        out->data[out->size] = '\0';
        if (got == 0) break;
    }
    if (room > 0 && !ferror(stream)) return ZG_OK;
    zg_bytes_clear(out);
    return room > 0 ? zg_fail(error, ZG_IO, "cannot read %.400s: %s", name, strerror(errno))
                    : zg_no_memory(error);
}

void zg_bytes_clear(zg_bytes *bytes)
{
    free(bytes->data);
    *bytes = (zg_bytes){0};
}

FILE *zg_bytes_open(const zg_bytes *bytes)
{
    return fmemopen(bytes->data, bytes->size ? bytes->size : 1, "r");
}

uint32_t zg_big_endian_32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

uint64_t zg_big_endian_64(const unsigned char *p)
{
    return (uint64_t)zg_big_endian_32(p) << 32 | zg_big_endian_32(p + 4);
}

uint32_t zg_little_endian_32(const unsigned char *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}
