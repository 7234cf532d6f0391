/*
 * Child processes for code that cannot be trusted to come back: a private empty directory as its
 * working directory, a two-way channel to the parent, a watchdog that kills the whole process
 * group, and a clear account of how it ended.  A child dies with its parent.
 */
#ifndef ZG_BASE_PROCESS_H
#define ZG_BASE_PROCESS_H

#include "base/status.h"

#include <sys/types.h>

typedef struct zg_child {
    pid_t pid;           /* 0: none, or already collected */
    int channel;         /* the parent's end; -1: none */
    char directory[128]; /* private; empty: none */
    int wait_status;     /* of waitpid, once collected */
    bool killed;         /* by us */
} zg_child;

/* Makes the private directory (under $TMPDIR, else /tmp). */
zg_status zg_child_prepare(zg_child *child, zg_error *error);

/* Runs body in a forked child whose working directory is the private one and whose standard
 * streams are /dev/null; no other descriptor of the parent stays open.  body's result is the exit
 * status; exit() called below it ends the child at once, without the parent's exit handlers. */
typedef int (*zg_child_body)(void *context, int channel);
zg_status zg_child_fork(zg_child *child, zg_child_body body, void *context, zg_error *error);

/* Runs `/bin/sh -c command` there; standard output and error go to the file "output". */
zg_status zg_child_shell(zg_child *child, const char *command, zg_error *error);

/* Reads exactly size bytes within so many seconds (negative: no limit).  ZG_TIMEOUT when they are
 * over, ZG_FAILED when the channel closed first. */
zg_status zg_child_read(zg_child *child, void *buffer, size_t size, double seconds);
/* Writes all; false when the child is gone. */
bool zg_child_write(zg_child *child, const void *buffer, size_t size);

/* Waits for its end within so many seconds (negative: no limit): ZG_OK or ZG_TIMEOUT. */
zg_status zg_child_wait(zg_child *child, double seconds);
/* Kills the child's process group and collects it. */
void zg_child_kill(zg_child *child);
/* Kills what is left, closes the channel, removes the private directory. */
void zg_child_clear(zg_child *child);

/* "exited with status 3", "was ended by signal 11 (Segmentation fault)". */
void zg_child_describe(const zg_child *child, char *text, size_t size);

/* For the child's side of the channel: all bytes or false. */
bool zg_channel_write(int channel, const void *buffer, size_t size);
bool zg_channel_read(int channel, void *buffer, size_t size);

#endif
