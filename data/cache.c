/* The cache of data on disk. */
#include "data/cache.h"

#include "base/memory.h"
#include "base/portable.h"
#include "base/replace.h"
#include "base/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_ROOM 4096

bool zg_cache_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* The build directory that the running program lies in, or false: meson leaves meson-info there. */
static bool build_directory(char path[PATH_ROOM])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_ROOM - 32);
    if (length <= 0) return false;
    path[length] = '\0';
    for (char *slash = strrchr(path, '/'); slash && slash != path; slash = strrchr(path, '/')) {
        snprintf(slash, PATH_ROOM - (size_t)(slash - path), "/meson-info");
        bool found = zg_cache_exists(path);
        *slash = '\0';
        if (found) return true;
    }
    return false;
}

zg_status zg_cache_make(const char *path, zg_error *error)
{
    char *copy = strdup(path);
    if (!copy) return zg_no_memory(error);
    zg_status status = ZG_OK;
    for (char *slash = strchr(copy + 1, '/'); status == ZG_OK; slash = strchr(slash + 1, '/')) {
        if (slash) *slash = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            status = zg_fail(error, ZG_IO, "cannot create the directory %.400s: %s", copy,
                             strerror(errno));
        if (!slash) break;
        *slash = '/';
    }
    free(copy);
    return status;
}

zg_status zg_cache_directory(char **out, zg_error *error)
{
    char build[PATH_ROOM];
    const char *chosen = getenv("ZEROGAP_DATA"), *cache = getenv("XDG_CACHE_HOME"),
               *home = getenv("HOME");
    *out = NULL;
    if (chosen && *chosen)
        *out = strdup(chosen);
    else if (build_directory(build))
        *out = zg_format("%s/data", build);
    else if (cache && *cache == '/')
        *out = zg_format("%s/zerogap", cache);
    else if (home && *home)
        *out = zg_format("%s/.cache/zerogap", home);
    else
        return zg_fail(error, ZG_MISSING,
                       "there is no place to keep data: neither ZEROGAP_DATA nor HOME is set");
    if (!*out) return zg_no_memory(error);
    zg_status status = zg_cache_make(*out, error);
    char *absolute = status == ZG_OK ? realpath(*out, NULL) : NULL;
    if (status == ZG_OK && !absolute)
        status =
            zg_fail(error, ZG_IO, "cannot use the directory %.400s: %s", *out, strerror(errno));
    free(*out);
    *out = absolute;
    return status;
}

zg_status zg_cache_digest(const char *path, char digest[ZG_DIGEST_SIZE], zg_error *error)
{
    if (!SHA256File(path, digest))
        return zg_fail(error, ZG_IO, "cannot read %.400s: %s", path, strerror(errno));
    return ZG_OK;
}

zg_status zg_cache_write(const char *path, const char *text, zg_error *error)
{
    zg_replacement replacement;
    zg_status status = zg_replace_begin(&replacement, path, error);
    if (status != ZG_OK) return status;
    (void)fputs(text, replacement.file);
    return zg_replace_end(&replacement, ZG_OK, error);
}

/* Where the file system cannot exchange two names there is a moment without either. */
static bool put_in_place(const char *fresh, const char *place)
{
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, place, RENAME_EXCHANGE) == 0) return true;
    if (errno == EINVAL || errno == ENOSYS) zg_tree_remove(place);
    return rename(fresh, place) == 0;
}

zg_status zg_cache_place(const char *fresh, const char *place, zg_error *error)
{
    int folder = open(fresh, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good =
        folder >= 0 && syncfs(folder) == 0 && put_in_place(fresh, place) && zg_sync_folder(place);
    zg_status status =
        good ? ZG_OK : zg_fail(error, ZG_IO, "cannot create %.400s: %s", place, strerror(errno));
    if (folder >= 0) close(folder);
    return status;
}

zg_status zg_cache_lock(const char *path, int *lock, zg_error *error)
{
    *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*lock < 0) return zg_fail(error, ZG_IO, "cannot open %.400s: %s", path, strerror(errno));
    while (flock(*lock, LOCK_EX) != 0) {
        if (errno == EINTR) continue;
        zg_status status = zg_fail(error, ZG_IO, "cannot lock %.400s: %s", path, strerror(errno));
        close(*lock);
        return status;
    }
    return ZG_OK;
}

void zg_cache_unlock(int lock)
{
    close(lock);
}
