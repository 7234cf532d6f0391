/*
 * Events: one JSON object a line, built member by member and sealed with a checksum.
 *
 * The last member of every line is "crc": eight hexadecimal digits, the CRC-32 (zlib's) of the
 * line's bytes before `,"crc"`.  A line that was torn or damaged is thus noticed by its reader.
 */
#ifndef ZG_LOG_EVENT_H
#define ZG_LOG_EVENT_H

#include "base/status.h"

/* Zero-initialised is ready to start; one buffer serves many events. */
typedef struct zg_event {
    char *text; /* zero-terminated */
    size_t length, capacity;
    bool no_memory; /* an addition failed: sealing will say so */
} zg_event;

/* {"event":"NAME" -- whatever was there before is forgotten. */
void zg_event_start(zg_event *event, const char *name);
/* The same from length bytes of an object without its closing brace. */
void zg_event_copy(zg_event *event, const char *text, size_t length);
/* Members.  NULL texts and numbers that are not finite are left out: absent means unknown.  Bytes
 * that are not UTF-8 become U+FFFD. */
void zg_event_text(zg_event *event, const char *key, const char *text);
void zg_event_number(zg_event *event, const char *key, double value);
void zg_event_numbers(zg_event *event, const char *key, const double *values, size_t count);
void zg_event_texts(zg_event *event, const char *key, const char *const *texts, size_t count);
void zg_event_flag(zg_event *event, const char *key, bool value);
/* A nested object, up to the matching close. */
void zg_event_open(zg_event *event, const char *key);
void zg_event_close(zg_event *event);
/* Closes the object and ends the line: with its checksum, or without for lines that only travel
 * through a pipe. */
zg_status zg_event_seal(zg_event *event, zg_error *error);
zg_status zg_event_finish(zg_event *event, zg_error *error);
void zg_event_clear(zg_event *event);

typedef enum zg_seal {
    ZG_UNSEALED, /* no checksum at its end: a foreign writer's, or cut */
    ZG_SEALED,   /* the right one */
    ZG_DAMAGED   /* another one */
} zg_seal;

/* How a line (without its line end) is closed. */
zg_seal zg_event_check(const char *line, size_t length);

#endif
