/* Followers: complete lines out of a file that may grow, checked and parsed. */
#include "log/follower.h"

#include "base/memory.h"
#include "log/event.h"
#include "log/member.h"
#include "log/plain_event.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)64 * 1024)
#define LINE_LIMIT ((size_t)16 * 1024 * 1024)

zg_status zg_follower_open(zg_follower *follower, const char *path, zg_error *error)
{
    *follower = (zg_follower){.fd = STDIN_FILENO, .path = "standard input"};
    if (strcmp(path, "-") == 0) return ZG_OK;
    follower->fd = open(path, O_RDONLY | O_CLOEXEC);
    follower->path = path;
    if (follower->fd >= 0) return ZG_OK;
    return zg_fail(error, ZG_IO, "cannot open %.300s: %s", path, strerror(errno));
}

void zg_follower_close(zg_follower *follower)
{
    if (follower->fd > STDIN_FILENO) close(follower->fd);
    free(follower->buffer);
    *follower = (zg_follower){.fd = -1};
}

static const char no_memory[] = "out of memory";

/* What is wrong with the JSON text of a line. */
static const char *json_reason(const json_error_t *problem)
{
    switch (json_error_code(problem)) {
    case json_error_out_of_memory:
    case json_error_unknown: /* Jansson gives no code where it could not even begin */
        return no_memory;
    case json_error_duplicate_key:
        return "it has two members of one name";
    default:
        return "it is not JSON";
    }
}

/* Why the line is no event, or NULL with *event set. */
static const char *parse_line(zg_follower *follower, const char *line, size_t length,
                              json_t **event)
{
    json_error_t problem;
    zg_seal seal = zg_event_check(line, length);
    if (seal == ZG_DAMAGED) return "its checksum does not match its content";
    if (seal == ZG_UNSEALED && (follower->sealed || !follower->foreign))
        return "it has no checksum";
    *event = json_loadb(line, length, JSON_REJECT_DUPLICATES, &problem);
    if (!*event) return json_reason(&problem);
    const char *kind = zg_log_text(*event, "event");
    bool of_case = kind && (strncmp(kind, "case_", 5) == 0 || strcmp(kind, "progress") == 0);
    if (!kind || (of_case && !zg_log_text(*event, "case"))) {
        json_decref(*event);
        *event = NULL;
        return kind ? "the event names no case" : "it is not an event";
    }
    follower->sealed = follower->sealed || seal == ZG_SEALED;
    if (zg_event_make_plain(*event)) return NULL;
    json_decref(*event);
    *event = NULL;
    return no_memory;
}

typedef struct receiver {
    zg_event_visitor visitor;
    void *context;
    bool *torn; /* NULL, or the line is the last one, which never got an end */
} receiver;

/* One line without its end. */
static zg_status pass_line(zg_follower *follower, const char *line, size_t length,
                           const receiver *to, zg_error *error)
{
    json_t *event = NULL;
    follower->line++;
    if (length > LINE_LIMIT)
        return zg_fail(error, ZG_BAD_INPUT, "%.300s:%zu:1: the line is longer than 16 MiB",
                       follower->path, follower->line);
    while (follower->foreign && length > 0 && line[length - 1] == '\r')
        length--;
    if (length == 0) return ZG_OK;
    const char *reason = parse_line(follower, line, length, &event);
    if (reason == no_memory) return zg_no_memory(error);
    if (!reason) {
        follower->valid_end = follower->offset;
        if (to->visitor) to->visitor(to->context, event);
    } else if (to->torn) {
        *to->torn = true;
    } else {
        follower->damaged++;
        if (follower->on_damage) follower->on_damage(to->context, follower->line, reason);
    }
    json_decref(event);
    return ZG_OK;
}

static zg_status pass_lines(zg_follower *follower, const receiver *to, zg_error *error)
{
    size_t start = 0;
    zg_status status = ZG_OK;
    while (status == ZG_OK) {
        char *line = follower->buffer + start;
        char *end = memchr(line, '\n', follower->length - start);
        if (!end) break;
        size_t length = (size_t)(end - line);
        follower->offset += (long long)length + 1;
        start += length + 1;
        status = pass_line(follower, line, length, to, error);
    }
    follower->length -= start;
    memmove(follower->buffer, follower->buffer + start, follower->length);
    if (status == ZG_OK && follower->length > LINE_LIMIT)
        return pass_line(follower, follower->buffer, follower->length, to, error);
    return status;
}

zg_status zg_follower_read(zg_follower *follower, zg_event_visitor visitor, void *context,
                           zg_error *error)
{
    const receiver to = {visitor, context, NULL};
    for (;;) {
        char *larger = zg_grow(follower->buffer, &follower->capacity, follower->length + PIECE, 1);
        if (!larger) return zg_no_memory(error);
        follower->buffer = larger;
        ssize_t got = read(follower->fd, follower->buffer + follower->length, PIECE);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return zg_fail(error, ZG_IO, "cannot read %.300s: %s", follower->path, strerror(errno));
        if (got == 0) return ZG_OK;
        follower->length += (size_t)got;
        zg_status status = pass_lines(follower, &to, error);
        if (status != ZG_OK) return status;
    }
}

zg_status zg_follower_end(zg_follower *follower, zg_event_visitor visitor, void *context,
                          bool *torn, zg_error *error)
{
    const receiver to = {visitor, context, torn};
    size_t length = follower->length;
    *torn = false;
    follower->length = 0;
    follower->offset += (long long)length;
    return length ? pass_line(follower, follower->buffer, length, &to, error) : ZG_OK;
}
