/*
 * Journals: the append-only event files of runs, written by one process at a time and readable at
 * any moment.
 *
 * Each event is one write() of one whole line.  An exclusive lock on the open file makes a second
 * writer impossible; what a killed run left torn at the end is cut off when it is continued.
 */
#ifndef ZG_LOG_JOURNAL_H
#define ZG_LOG_JOURNAL_H

#include "log/event.h"
#include "log/follower.h"

typedef struct zg_journal zg_journal;

/* Opens a journal for writing.  A new one must not exist with content, unless resume is set: then
 * visitor sees all its undamaged events and writing goes on behind the last of them. */
zg_status zg_journal_open(const char *path, bool resume, zg_event_visitor visitor, void *context,
                          zg_journal **out, zg_error *error);
/* Seals and appends the event; sync waits until it is on the disk.  After a failure nothing of the
 * line is in the file. */
zg_status zg_journal_write(zg_journal *journal, zg_event *event, bool sync, zg_error *error);
void zg_journal_close(zg_journal *journal);
const char *zg_journal_path(const zg_journal *journal);
/* Seconds since the run began; a resumed run goes on from its last event.
 * Whole microseconds: what lies below is noise. */
double zg_journal_time(const zg_journal *journal);

/* Whether an open file is nothing but the beginning of a first event: what a run that was killed at
 * once leaves.  Any other file without an event is somebody else's. */
bool zg_journal_is_begun(int fd);

#endif
