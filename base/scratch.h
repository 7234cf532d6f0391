/*
 * Scratch folders: private, under $TMPDIR or /tmp, and gone when their process is.
 *
 * A folder stays locked while the process that made it lives (an flock on the folder itself, which
 * no kill can leave behind).  Making one also removes those of the same user that nobody holds any
 * more.
 */
#ifndef ZG_BASE_SCRATCH_H
#define ZG_BASE_SCRATCH_H

#include "base/status.h"

#define ZG_SCRATCH_SIZE 512

typedef struct zg_scratch {
    char path[ZG_SCRATCH_SIZE]; /* empty: none */
    int lock;
} zg_scratch;

/* The folder for temporary files: $TMPDIR where that is set, else /tmp. */
const char *zg_temporary_folder(void);

zg_status zg_scratch_make(zg_scratch *out, zg_error *error);
/* Removes it with all that is in it; does nothing for a zeroed structure. */
void zg_scratch_remove(zg_scratch *scratch);

/* Removes a file, or a folder with all that is in it, however deep; follows no symbolic link.  It
 * is no error when nothing is there; what cannot be removed (another file system) stays. */
void zg_tree_remove(const char *path);

/* Bytes that the files of a tree take on the disk; 0 where there is none. */
double zg_tree_size(const char *path);

#endif
