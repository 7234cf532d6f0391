/*
 * Followers: the one way to read a log of events, whole or while it grows.
 *
 * A line is an event when its checksum is right, it is one JSON object without doubled members, it
 * has an "event", and, where that is about a case, a "case".  Empty lines are passed over; any
 * other complete line is damaged and left out.  A line may have 16 MiB.  Who only looks at a log
 * reads foreign ones as well: without checksums, and with line ends of another system.
 */
#ifndef ZG_LOG_FOLLOWER_H
#define ZG_LOG_FOLLOWER_H

#include "base/status.h"

#include <jansson.h>

/* Gets one undamaged event; the reader owns it no longer than the call. */
typedef void (*zg_event_visitor)(void *context, const json_t *event);
/* Gets the number of a damaged line, from 1, and what is wrong with it. */
typedef void (*zg_damage_visitor)(void *context, size_t line, const char *reason);

typedef struct zg_follower {
    int fd;
    const char *path; /* borrowed */
    char *buffer;     /* a line that is not complete yet */
    size_t length, capacity;
    size_t line;                 /* number of the last complete line */
    long long offset;            /* of its end */
    long long valid_end;         /* of the end of the last undamaged line */
    size_t damaged;              /* how many lines were left out */
    zg_damage_visitor on_damage; /* set by the caller, as is foreign; or NULL */
    bool foreign;                /* without checksum is fine as well, until a line with one came */
    bool sealed;                 /* one came */
} zg_follower;

/* "-" is standard input. */
zg_status zg_follower_open(zg_follower *follower, const char *path, zg_error *error);
/* Passes on all events that are complete by now; both visitors get the context.  ZG_BAD_INPUT: a
 * line is too long. */
zg_status zg_follower_read(zg_follower *follower, zg_event_visitor visitor, void *context,
                           zg_error *error);
/* At the end of a log that does not grow: passes on a last line without line end, where it is an
 * event, or says that it is torn. */
zg_status zg_follower_end(zg_follower *follower, zg_event_visitor visitor, void *context,
                          bool *torn, zg_error *error);
void zg_follower_close(zg_follower *follower);

#endif
