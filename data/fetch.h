/*
 * Packages that carry data: fetched with the system's own clients, checked, unpacked, kept.
 *
 * In the cache: downloads/ holds package files while they are on their way (one that was put there
 * by hand is taken), packages/NAME-VERSION/ the few files of each that are needed, with their
 * digests in SHA256SUMS.  A package appears in packages/ by one rename, when it is complete.
 */
#ifndef ZG_DATA_FETCH_H
#define ZG_DATA_FETCH_H

#include "base/status.h"

typedef enum zg_package_kind { ZG_PACKAGE_DEBIAN, ZG_PACKAGE_NPM } zg_package_kind;

#define ZG_PACKAGE_FILES 12

typedef struct zg_package {
    zg_package_kind kind;
    const char *name, *version;
    const char *file;                    /* name of the package file */
    size_t bytes;                        /* of the package file */
    const char *sha256;                  /* of the package file */
    const char *licence;                 /* as the package states it */
    const char *files[ZG_PACKAGE_FILES]; /* needed ones, as paths in the package */
} zg_package;

typedef struct zg_fetch_progress {
    /* bytes of total have arrived; called a few times a second. */
    void (*notify)(void *context, const zg_package *package, size_t bytes, size_t total);
    void *context;
} zg_fetch_progress;

/* Makes the package's files available: at once when they are in the cache, otherwise by
 * `apt-get download` (after one `apt-get update` when the package is unknown and the user is root)
 * or `npm pack`.  Nothing is installed and root is not needed.  *directory (the caller's) holds the
 * files under their base names.  With ZEROGAP_OFFLINE set to anything but 0 nothing is downloaded.
 * ZG_MISSING when the package cannot be had, ZG_BAD_INPUT when it is not the one expected. */
zg_status zg_package_fetch(const zg_package *package, const char *cache,
                           const zg_fetch_progress *progress, char **directory, zg_error *error);

/* Whether the package is in the cache. */
bool zg_package_present(const zg_package *package, const char *cache);

/* Compares a file of a fetched package with its digest of when it was unpacked. */
zg_status zg_package_check(const char *directory, const char *file, zg_error *error);

#endif
