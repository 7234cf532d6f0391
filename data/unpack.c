/* Decompression in memory over zlib, libbz2 and liblzma: one loop, three libraries. */
#include "data/unpack.h"

#include "base/memory.h"
#include "base/size_limit.h"

#define ZLIB_CONST
#include <bzlib.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Room that is always left for the next read. */
#define PIECE ((size_t)32 * 1024)
#define LZMA_MEMORY ((uint64_t)1 << 30) /* of the decoder itself, as the file asks for */
#define GIVEN ((size_t)1 << 30)         /* bytes at a time: zlib and libbz2 count in 32 bits */

/* What one step of a library reports. */
typedef enum step { STEP_MORE, STEP_END, STEP_BAD, STEP_LARGE, STEP_NO_MEMORY } step;

typedef struct stream {
    zg_packing packing;
    z_stream zlib;
    bz_stream bzip2;
    lzma_stream lzma;
    const unsigned char *in; /* what has not been read yet */
    size_t in_size;
    const char *cause; /* of STEP_BAD, or NULL */
} stream;

zg_packing zg_packing_detect(const unsigned char *data, size_t size)
{
    static const unsigned char xz[6] = {0xfd, '7', 'z', 'X', 'Z', 0};
    if (size >= 2 && data[0] == 0x1f && data[1] == 0x8b) return ZG_PACKING_ZLIB;
    if (size >= 2 && data[0] == 0x78 && (data[0] * 256 + data[1]) % 31 == 0) return ZG_PACKING_ZLIB;
    if (size >= 3 && memcmp(data, "BZh", 3) == 0) return ZG_PACKING_BZIP2;
    if (size >= sizeof xz && memcmp(data, xz, sizeof xz) == 0) return ZG_PACKING_XZ;
    return ZG_PACKING_NONE;
}

static bool stream_open_lzma2(stream *s)
{
    lzma_options_lzma options;
    if (lzma_lzma_preset(&options, 6)) return false;
    const lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    return lzma_raw_decoder(&s->lzma, filters) == LZMA_OK;
}

static bool stream_open(stream *s)
{
    switch (s->packing) {
    case ZG_PACKING_ZLIB:
        s->zlib = (z_stream){0};
        return inflateInit2(&s->zlib, MAX_WBITS + 32) == Z_OK;
    case ZG_PACKING_BZIP2:
        s->bzip2 = (bz_stream){0};
        return BZ2_bzDecompressInit(&s->bzip2, 0, 0) == BZ_OK;
    default:
        s->lzma = (lzma_stream)LZMA_STREAM_INIT;
        if (s->packing == ZG_PACKING_LZMA2) return stream_open_lzma2(s);
        return lzma_stream_decoder(&s->lzma, LZMA_MEMORY, 0) == LZMA_OK;
    }
}

static void stream_close(stream *s)
{
    if (s->packing == ZG_PACKING_ZLIB)
        inflateEnd(&s->zlib);
    else if (s->packing == ZG_PACKING_BZIP2)
        BZ2_bzDecompressEnd(&s->bzip2);
    else
        lzma_end(&s->lzma);
}

static unsigned given(const stream *s)
{
    return (unsigned)(s->in_size > GIVEN ? GIVEN : s->in_size);
}

static void take(stream *s, size_t count)
{
    s->in += count;
    s->in_size -= count;
}

/* zlib compares the checksum behind the data, and gzip's length. */
static step step_zlib(stream *s, unsigned char *out, unsigned room, size_t *got)
{
    unsigned in = given(s);
    s->zlib.next_in = s->in;
    s->zlib.avail_in = in;
    s->zlib.next_out = out;
    s->zlib.avail_out = room;
    int result = inflate(&s->zlib, Z_NO_FLUSH);
    take(s, in - s->zlib.avail_in);
    *got = room - s->zlib.avail_out;
    if (result == Z_STREAM_END) return STEP_END;
    if (result == Z_MEM_ERROR) return STEP_NO_MEMORY;
    s->cause = s->zlib.msg;
    return result == Z_OK ? STEP_MORE : STEP_BAD;
}

static step step_bzip2(stream *s, unsigned char *out, unsigned room, size_t *got)
{
    unsigned in = given(s);
    s->bzip2.next_in = (char *)(uintptr_t)s->in;
    s->bzip2.avail_in = in;
    s->bzip2.next_out = (char *)out;
    s->bzip2.avail_out = room;
    int result = BZ2_bzDecompress(&s->bzip2);
    take(s, in - s->bzip2.avail_in);
    *got = room - s->bzip2.avail_out;
    if (result == BZ_STREAM_END) return STEP_END;
    if (result == BZ_MEM_ERROR) return STEP_NO_MEMORY;
    bool starved = s->in_size == 0 && *got == 0;
    return result == BZ_OK && !starved ? STEP_MORE : STEP_BAD;
}

static step step_lzma(stream *s, unsigned char *out, unsigned room, size_t *got)
{
    s->lzma.next_in = s->in;
    s->lzma.avail_in = s->in_size;
    s->lzma.next_out = out;
    s->lzma.avail_out = room;
    lzma_ret result = lzma_code(&s->lzma, LZMA_FINISH);
    take(s, s->in_size - s->lzma.avail_in);
    *got = room - s->lzma.avail_out;
    if (result == LZMA_STREAM_END) return STEP_END;
    if (result == LZMA_MEM_ERROR) return STEP_NO_MEMORY;
    return result == LZMA_OK ? STEP_MORE : STEP_BAD;
}

static step stream_step(stream *s, unsigned char *out, unsigned room, size_t *got)
{
    if (s->packing == ZG_PACKING_ZLIB) return step_zlib(s, out, room, got);
    if (s->packing == ZG_PACKING_BZIP2) return step_bzip2(s, out, room, got);
    return step_lzma(s, out, room, got);
}

/* Behind the end of a stream: the end of the data, zeros that fill up a block of a tape, or another
 * stream of the kind, whose content follows that of the first.  Anything else may be the damaged
 * beginning of one, so that rows would be missing. */
static step next_stream(stream *s)
{
    while (s->in_size > 0 && *s->in == 0)
        take(s, 1);
    if (s->in_size == 0) return STEP_END;
    s->cause = "something else behind the end of the packed data";
    if (zg_packing_detect(s->in, s->in_size) != s->packing) return STEP_BAD;
    stream_close(s);
    return stream_open(s) ? STEP_MORE : STEP_NO_MEMORY;
}

static step unpack_all(stream *s, size_t allowed, zg_bytes *out)
{
    size_t capacity = 0;
    for (;;) {
        unsigned char *bigger = zg_grow(out->data, &capacity, out->size + PIECE + 1, 1);
        if (!bigger) return STEP_NO_MEMORY;
        out->data = bigger;
        size_t got = 0, room = capacity - out->size - 1; /* a NUL follows the bytes */
        if (room > GIVEN) room = GIVEN;
        step result = stream_step(s, out->data + out->size, (unsigned)room, &got);
        out->size += got;
        out->data[out->size] = '\0';
        if (out->size > allowed) return STEP_LARGE;
        if (result == STEP_END) result = next_stream(s);
        if (result != STEP_MORE) return result;
    }
}

static zg_status copy_plain(const unsigned char *data, size_t size, zg_bytes *out, zg_error *error)
{
    out->data = malloc(size + 1);
    if (!out->data) return zg_no_memory(error);
    memcpy(out->data, data, size);
    out->data[size] = '\0';
    out->size = size;
    return ZG_OK;
}

zg_status zg_unpack(zg_packing packing, const unsigned char *data, size_t size, const char *name,
                    size_t limit, zg_bytes *out, zg_error *error)
{
    *out = (zg_bytes){0};
    if (packing == ZG_PACKING_NONE) return copy_plain(data, size, out, error);
    size_t allowed = zg_size_unpacked(size, limit);
    stream s = {.packing = packing, .in = data, .in_size = size};
    if (!stream_open(&s)) return zg_no_memory(error);
    step result = unpack_all(&s, allowed, out);
    stream_close(&s);
    if (result == STEP_END) return ZG_OK;
    zg_bytes_clear(out);
    if (result == STEP_NO_MEMORY) return zg_no_memory(error);
    if (result == STEP_LARGE) return zg_size_unpacked_fail(name, size, allowed, error);
    return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected whole packed data, found: %s", name,
                   s.cause ? s.cause : "data that are damaged or cut off");
}
