/*
 * Child processes: the one way to start, feed, await and kill another process.
 *
 * A child is a function of this program or another program.  It leads a process group of its own,
 * dies with its parent (with the thread that started it), has default signal handlers, no core
 * dumps, no input, and no descriptor of the parent except those that it is given.  What may start
 * processes of its own, or is under limits, belongs under a supervisor (see supervisor.h).
 */
#ifndef ZG_BASE_CHILD_H
#define ZG_BASE_CHILD_H

#include "base/status.h"

#include <sys/types.h>

/* Runs in the child; the result is its exit status.  channel is its end of the two-way channel, -1
 * without one.  exit() called below it ends the child at once, without the parent's handlers. */
typedef int (*zg_child_body)(void *context, int channel);

#define ZG_CHILD_SHARED (-1) /* as zg_child_plan.output */

/* What to start; members that are zero are not used. */
typedef struct zg_child_plan {
    zg_child_body body;
    void *context;
    const char *const *arguments; /* instead of body: a program, looked up in PATH, and its words */
    const char *directory;        /* to run in; NULL: the parent's */
    bool channel;                 /* open one between body and parent */
    int kept;                     /* a descriptor of the parent that stays open too */
    int output; /* a descriptor for standard output and error; 0: /dev/null; ZG_CHILD_SHARED: all
                   three standard streams are the parent's */
} zg_child_plan;

typedef struct zg_child {
    pid_t pid;       /* 0: none, or already collected */
    int channel;     /* the parent's end; -1: none */
    int wait_status; /* of waitpid, once collected */
} zg_child;

/* Starts it.  ZG_MISSING when there is no such program; after any error there is no child. */
zg_status zg_child_start(const zg_child_plan *plan, zg_child *out, zg_error *error);

/* Reads exactly size bytes of its channel, or of any descriptor, within that many seconds
 * (negative: no limit).  ZG_TIMEOUT when they have passed, ZG_FAILED when it was closed first. */
zg_status zg_child_read(zg_child *child, void *buffer, size_t size, double seconds);
zg_status zg_read_within(int descriptor, void *buffer, size_t size, double seconds);

/* Waits up to that many seconds (negative: no limit) for it to end: ZG_OK or ZG_TIMEOUT. */
zg_status zg_child_wait(zg_child *child, double seconds);
/* Kills the child's process group, collects the child and closes the channel. */
void zg_child_clear(zg_child *child);

/* Within a child: becomes the program (the first argument, looked up in PATH).  Where that fails,
 * or arguments is NULL because something before it failed, errno goes up the pipe and what is
 * returned is an exit status. */
int zg_child_become(const char *const *arguments, int report);
/* The other end of that pipe, which closes by itself when a program runs; it is closed here too.
 * ZG_MISSING when there is no such program. */
zg_status zg_child_became(int report, const char *program, zg_error *error);

/* "exited with status 3", "was ended by signal 11 (Segmentation fault)". */
void zg_child_describe(int wait_status, char *text, size_t size);

/* Moves all bytes through a pipe, a socket or a file, or returns false.  Writing to a channel whose
 * other end is closed raises no SIGPIPE. */
bool zg_write_all(int descriptor, const void *buffer, size_t size);
bool zg_read_all(int descriptor, void *buffer, size_t size);

#endif
