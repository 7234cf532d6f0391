/* Events: one JSON object a line, built member by member and sealed with a checksum. */
#include "log/event.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SEAL_LENGTH 18 /* ,"crc":"01234567"} */

static void append(zg_event *event, const char *text, size_t length)
{
    if (event->no_memory) return;
    char *larger = zg_grow(event->text, &event->capacity, event->length + length + 1, 1);
    if (!larger) {
        event->no_memory = true;
        return;
    }
    event->text = larger;
    memcpy(event->text + event->length, text, length);
    event->length += length;
    event->text[event->length] = '\0';
}

static void append_text(zg_event *event, const char *text)
{
    append(event, text, strlen(text));
}

/* Length of the UTF-8 sequence at text, 0 when it is none (overlong and surrogates included). */
static size_t sequence_length(const unsigned char *text)
{
    static const unsigned char low[] = {0x80, 0xa0, 0x80, 0x90, 0x80};
    unsigned char c = text[0];
    if (c < 0x80) return 1;
    if (c < 0xc2 || c > 0xf4) return 0;
    size_t length = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    unsigned char least = c == 0xe0 ? low[1] : c == 0xf0 ? low[3] : 0x80;
    unsigned char most = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (text[1] < least || text[1] > most) return 0;
    for (size_t i = 2; i < length; i++)
        if (text[i] < 0x80 || text[i] > 0xbf) return 0;
    return length;
}

static void append_string(zg_event *event, const char *text)
{
    append(event, "\"", 1);
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        char escaped[8];
        size_t length = sequence_length(at);
        if (length == 0)
            append_text(event, "\xef\xbf\xbd");
        else if (*at == '"' || *at == '\\')
            append(event, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\%c", *at));
        else if (*at < 0x20 || *at == 0x7f)
            append(event, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", *at));
        else
            append(event, (const char *)at, length);
        at += length ? length : 1;
    }
    append(event, "\"", 1);
}

static void append_key(zg_event *event, const char *key)
{
    if (event->length > 0 && event->text[event->length - 1] != '{') append(event, ",", 1);
    append_string(event, key);
    append(event, ":", 1);
}

void zg_event_start(zg_event *event, const char *name)
{
    event->length = 0;
    event->no_memory = false;
    append(event, "{", 1);
    zg_event_text(event, "event", name);
}

void zg_event_copy(zg_event *event, const char *text, size_t length)
{
    event->length = 0;
    event->no_memory = false;
    append(event, text, length);
}

void zg_event_text(zg_event *event, const char *key, const char *text)
{
    if (!text) return;
    append_key(event, key);
    append_string(event, text);
}

void zg_event_number(zg_event *event, const char *key, double value)
{
    char text[ZG_NUMBER_SIZE];
    if (!isfinite(value)) return;
    append_key(event, key);
    append(event, text, zg_number_format(value, text));
}

void zg_event_numbers(zg_event *event, const char *key, const double *values, size_t count)
{
    char text[ZG_NUMBER_SIZE];
    append_key(event, key);
    append(event, "[", 1);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) append(event, ",", 1);
        if (isfinite(values[i]))
            append(event, text, zg_number_format(values[i], text));
        else
            append(event, "null", 4);
    }
    append(event, "]", 1);
}

void zg_event_texts(zg_event *event, const char *key, const char *const *texts, size_t count)
{
    append_key(event, key);
    append(event, "[", 1);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) append(event, ",", 1);
        append_string(event, texts[i]);
    }
    append(event, "]", 1);
}

void zg_event_flag(zg_event *event, const char *key, bool value)
{
    append_key(event, key);
    append_text(event, value ? "true" : "false");
}

void zg_event_open(zg_event *event, const char *key)
{
    append_key(event, key);
    append(event, "{", 1);
}

void zg_event_close(zg_event *event)
{
    append(event, "}", 1);
}

/* The end of a line with this body, and its line end. */
static void write_seal(const char *body, size_t length, char seal[SEAL_LENGTH + 2])
{
    snprintf(seal, SEAL_LENGTH + 2, ",\"crc\":\"%08lx\"}\n",
             crc32_z(0, (const Bytef *)body, length));
}

zg_status zg_event_seal(zg_event *event, zg_error *error)
{
    char seal[SEAL_LENGTH + 2];
    if (event->no_memory) return zg_no_memory(error);
    write_seal(event->text, event->length, seal);
    append(event, seal, SEAL_LENGTH + 1);
    return event->no_memory ? zg_no_memory(error) : ZG_OK;
}

zg_status zg_event_finish(zg_event *event, zg_error *error)
{
    append(event, "}\n", 2);
    return event->no_memory ? zg_no_memory(error) : ZG_OK;
}

void zg_event_clear(zg_event *event)
{
    free(event->text);
    *event = (zg_event){0};
}

zg_seal zg_event_check(const char *line, size_t length)
{
    char seal[SEAL_LENGTH + 2];
    if (length < SEAL_LENGTH) return ZG_UNSEALED;
    const char *end = line + length - SEAL_LENGTH;
    if (memcmp(end, ",\"crc\":\"", 8) != 0 || memcmp(end + 16, "\"}", 2) != 0) return ZG_UNSEALED;
    write_seal(line, length - SEAL_LENGTH, seal);
    return memcmp(end, seal, SEAL_LENGTH) == 0 ? ZG_SEALED : ZG_DAMAGED;
}
