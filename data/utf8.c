/* Conversion to UTF-8. */
#include "data/utf8.h"

#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the sequence at p, 0 when it is none; overlong forms and surrogates are none. */
static size_t sequence_length(const unsigned char *p)
{
    if (p[0] < 0x80) return 1;
    size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4) return 0;
    for (size_t k = 1; k < length; k++)
        if ((p[k] & 0xc0) != 0x80) return 0;
    if (p[0] == 0xe0 && p[1] < 0xa0) return 0;
    if (p[0] == 0xed && p[1] > 0x9f) return 0;
    if (p[0] == 0xf0 && p[1] < 0x90) return 0;
    if (p[0] == 0xf4 && p[1] > 0x8f) return 0;
    return length;
}

bool zg_utf8_valid(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    while (*p) {
        size_t length = sequence_length(p);
        if (length == 0) return false;
        p += length;
    }
    return true;
}

/* All of in (size bytes) into out, which has room; false when it is not in that encoding. */
static bool convert(const char *encoding, const void *in, size_t size, char *out, size_t room,
                    size_t *length)
{
    iconv_t conversion = iconv_open("UTF-8", encoding);
    if (conversion == (iconv_t)-1) return false;
    char *from = (char *)(uintptr_t)in, *to = out;
    size_t left = room;
    bool good = iconv(conversion, &from, &size, &to, &left) != (size_t)-1 && size == 0;
    iconv_close(conversion);
    *length = room - left;
    return good;
}

char *zg_utf8_copy(const char *text, bool *foreign)
{
    if (zg_utf8_valid(text)) return strdup(text);
    size_t size = strlen(text), length;
    char *copy = malloc(3 * size + 1);
    if (!copy) return NULL;
    *foreign = true;
    if (!convert("WINDOWS-1252", text, size, copy, 3 * size, &length)) {
        length = size; /* a few bytes are undefined in Windows-1252 */
        for (size_t i = 0; i < size; i++)
            copy[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
    }
    copy[length] = '\0';
    return copy;
}

bool zg_utf16_detect(const unsigned char *data, size_t size)
{
    return size >= 2 &&
           ((data[0] == 0xff && data[1] == 0xfe) || (data[0] == 0xfe && data[1] == 0xff));
}

zg_status zg_utf16_convert(const zg_bytes *bytes, const char *name, zg_bytes *out, zg_error *error)
{
    size_t room = bytes->size / 2 * 3 + 4; /* a unit of two bytes becomes at most three */
    *out = (zg_bytes){.data = malloc(room + 1)};
    if (!out->data) return zg_no_memory(error);
    if (!convert("UTF-16", bytes->data, bytes->size, (char *)out->data, room, &out->size)) {
        zg_bytes_clear(out);
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected text in UTF-8 or whole UTF-16, found damaged UTF-16",
                       name);
    }
    out->data[out->size] = '\0';
    return ZG_OK;
}
