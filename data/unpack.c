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

/* What one step of a library reports. */
typedef enum step { STEP_MORE, STEP_END, STEP_BAD, STEP_LARGE, STEP_NO_MEMORY } step;

typedef struct stream {
    zg_packing packing;
    z_stream zlib;
    bz_stream bzip2;
    lzma_stream lzma;
    const unsigned char *in; /* all of the input */
    size_t in_size;
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
        s->zlib.next_in = s->in;
        s->zlib.avail_in = (unsigned)s->in_size;
        return inflateInit2(&s->zlib, MAX_WBITS + 32) == Z_OK;
    case ZG_PACKING_BZIP2:
        s->bzip2.next_in = (char *)s->in;
        s->bzip2.avail_in = (unsigned)s->in_size;
        return BZ2_bzDecompressInit(&s->bzip2, 0, 0) == BZ_OK;
    default:
        s->lzma = (lzma_stream)LZMA_STREAM_INIT;
        s->lzma.next_in = s->in;
        s->lzma.avail_in = s->in_size;
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

static step step_zlib(stream *s, unsigned char *out, unsigned room, size_t *got)
{
    s->zlib.next_out = out;
    s->zlib.avail_out = room;
    int result = inflate(&s->zlib, Z_NO_FLUSH);
    *got = room - s->zlib.avail_out;
    if (result == Z_STREAM_END) return STEP_END;
    if (result == Z_MEM_ERROR) return STEP_NO_MEMORY;
    return result == Z_OK ? STEP_MORE : STEP_BAD;
}

static step step_bzip2(stream *s, unsigned char *out, unsigned room, size_t *got)
{
    s->bzip2.next_out = (char *)out;
    s->bzip2.avail_out = room;
    int result = BZ2_bzDecompress(&s->bzip2);
    *got = room - s->bzip2.avail_out;
    if (result == BZ_STREAM_END) return STEP_END;
    if (result == BZ_MEM_ERROR) return STEP_NO_MEMORY;
    bool starved = s->bzip2.avail_in == 0 && *got == 0;
    return result == BZ_OK && !starved ? STEP_MORE : STEP_BAD;
}

static step step_lzma(stream *s, unsigned char *out, unsigned room, size_t *got)
{
    s->lzma.next_out = out;
    s->lzma.avail_out = room;
    lzma_ret result = lzma_code(&s->lzma, LZMA_FINISH);
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

static step unpack_all(stream *s, zg_bytes *out)
{
    size_t capacity = 0, allowed = zg_size_unpacked(s->in_size, 0);
    for (;;) {
        if (out->size > allowed) return STEP_LARGE;
        unsigned char *bigger = zg_grow(out->data, &capacity, out->size + PIECE + 1, 1);
        if (!bigger) return STEP_NO_MEMORY;
        out->data = bigger;
        size_t got = 0, room = capacity - out->size - 1; /* a NUL follows the bytes */
        if (room > (size_t)1 << 30) room = (size_t)1 << 30;
        step result = stream_step(s, out->data + out->size, (unsigned)room, &got);
        out->size += got;
        out->data[out->size] = '\0';
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
                    zg_bytes *out, zg_error *error)
{
    *out = (zg_bytes){0};
    if (packing == ZG_PACKING_NONE) return copy_plain(data, size, out, error);
    if (size > UINT32_MAX) return zg_fail(error, ZG_BAD_INPUT, "%.400s: too large", name);
    stream s = {.packing = packing, .in = data, .in_size = size};
    if (!stream_open(&s)) return zg_no_memory(error);
    step result = unpack_all(&s, out);
    stream_close(&s);
    if (result == STEP_END) return ZG_OK;
    zg_bytes_clear(out);
    if (result == STEP_NO_MEMORY) return zg_no_memory(error);
    if (result == STEP_LARGE)
        return zg_size_unpacked_fail(name, size, zg_size_unpacked(size, 0), error);
    return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected whole compressed data, found it damaged",
                   name);
}
