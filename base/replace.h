/*
 * Writing a file whole or not at all: the only way in which this program replaces one.
 *
 * It is written in the folder of its place, without a name or under an unpredictable one that must
 * not exist yet, synced to disk, and renamed; then the folder is synced.  So no reader, no crash
 * and no power failure ever leaves half a file: it is the old one or the new one.  The old file's
 * permissions are kept, its owner too where that is allowed.  A symbolic link stays, and the file
 * that it leads to is replaced.  Anything but a regular file (a device, a pipe) is written to
 * directly; a folder is refused.
 */
#ifndef ZG_BASE_REPLACE_H
#define ZG_BASE_REPLACE_H

#include "zerogap.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct zg_replacement {
    FILE *file;       /* to be written to */
    const char *path; /* as given, for messages */
    char *place;      /* where links lead */
    char *temporary;  /* its name until then */
    bool named;       /* it has one */
    bool special;     /* no regular file: written to directly */
} zg_replacement;

/* Opens r->file.  path must stay valid until zg_replace_end.  Errors: ZG_IO, ZG_NO_MEMORY; then
 * there is nothing to end. */
zg_status zg_replace_begin(zg_replacement *r, const char *path, zg_error *error);

/* Closes r->file and puts it into its place; if status is an error, or something could not be
 * written, removes it and leaves what was there.  Returns status, or ZG_IO. */
zg_status zg_replace_end(zg_replacement *r, zg_status status, zg_error *error);

/* Syncs the folder of a path to disk, so that names made or removed in it last; true as well where
 * it cannot be opened or has nothing to sync.  False: errno says why. */
bool zg_sync_folder(const char *path);

/* The place that symbolic links lead to, which need not exist; NULL with errno.  The caller's. */
char *zg_replace_place(const char *path);

#endif
