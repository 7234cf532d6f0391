/* Writing a file whole or not at all: beside its place, then renamed, so that no reader and no
 * crash leaves half of one.  What is no regular file (a device, a pipe) is written to directly. */
#ifndef ZG_BASE_REPLACE_H
#define ZG_BASE_REPLACE_H

#include "zerogap.h"

#include <stdio.h>

typedef struct zg_replacement {
    FILE *file; /* to be written to */
    const char *path;
    char *temporary; /* NULL: written to directly */
} zg_replacement;

/* Opens r->file.  path must stay valid until zg_replace_end.  Errors: ZG_IO, ZG_NO_MEMORY; then
 * there is nothing to end. */
zg_status zg_replace_begin(zg_replacement *r, const char *path, zg_error *error);

/* Closes r->file and puts it into its place; if status is an error, or something could not be
 * written, removes it and leaves what was there.  Returns status, or ZG_IO. */
zg_status zg_replace_end(zg_replacement *r, zg_status status, zg_error *error);

#endif
