/* The cache of data: where it is, and files in it that are never seen half-written. */
#ifndef ZG_DATA_CACHE_H
#define ZG_DATA_CACHE_H

#include "base/status.h"

#define ZG_DIGEST_SIZE 65 /* SHA-256 as hexadecimal text with its NUL */

/* The directory of all data, created when it is not there; *out is the caller's.  It is
 *   $ZEROGAP_DATA when that is set and not empty;
 *   data/ in the build directory when the running program lies in one;
 *   $XDG_CACHE_HOME/zerogap or ~/.cache/zerogap otherwise. */
zg_status zg_cache_directory(char **out, zg_error *error);

/* Creates a directory and those above it. */
zg_status zg_cache_make(const char *path, zg_error *error);
bool zg_cache_exists(const char *path);

/* SHA-256 of a file. */
zg_status zg_cache_digest(const char *path, char digest[ZG_DIGEST_SIZE], zg_error *error);
/* Writes a small text file atomically: a temporary one beside it, synced, then renamed. */
zg_status zg_cache_write(const char *path, const char *text, zg_error *error);

/* Puts the folder `fresh`, synced to disk, in the place of another one or of none: after a power
 * failure there is one of the two, whole.  Both are in one folder; an old one is then at `fresh`,
 * for the caller to remove. */
zg_status zg_cache_place(const char *fresh, const char *place, zg_error *error);

/* Waits until this process alone holds the lock file; the lock ends with the process. */
zg_status zg_cache_lock(const char *path, int *lock, zg_error *error);
void zg_cache_unlock(int lock);

#endif
