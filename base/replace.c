/* Files that are written beside their place and renamed (see replace.h). */
#include "base/replace.h"

#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 16
#define LINKS 40 /* symbolic links in a row, as the kernel allows */

static zg_status fail(const char *path, zg_error *error)
{
    return zg_fail(error, ZG_IO, "%.400s: cannot write: %s", path, strerror(errno ? errno : EIO));
}

/* Length of the folder's part of a path, with its last slash. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The folder of a path; NULL: no memory.  The caller's. */
static char *folder_of(const char *path)
{
    size_t length = folder_length(path);
    return length > 0 ? strndup(path, length) : strdup(".");
}

char *zg_replace_place(const char *path)
{
    char *place = strdup(path);
    for (int i = 0; place && i < LINKS; i++) {
        char target[PATH_MAX];
        ssize_t length = readlink(place, target, sizeof target - 1);
        if (length < 0) return place; /* no link */
        target[length] = '\0';
        size_t folder = target[0] == '/' ? 0 : folder_length(place);
        char *next = malloc(folder + (size_t)length + 1);
        if (next) {
            memcpy(next, place, folder);
            memcpy(next + folder, target, (size_t)length + 1);
        }
        free(place);
        place = next;
    }
    if (!place) return NULL;
    free(place);
    errno = ELOOP;
    return NULL;
}

/* An unpredictable name beside the place. */
static bool draw_name(zg_replacement *r)
{
    uint64_t number = 0;
    size_t folder = folder_length(r->place), size = folder + 32;
    if (!r->temporary) r->temporary = malloc(size);
    if (!r->temporary || getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        return false;
    snprintf(r->temporary, size, "%.*s.zerogap-%016" PRIx64, (int)folder, r->place, number);
    return true;
}

/* A new file in the folder of the place, without a name where the file system can do that: a kill
 * leaves nothing of it.  Whatever exists there already, above all somebody else's link, is never
 * opened. */
static FILE *open_beside(zg_replacement *r)
{
    char *folder = folder_of(r->place);
    int descriptor = folder ? open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666) : -1;
    free(folder);
    for (int i = 0; descriptor < 0 && i < TRIES && draw_name(r); i++) {
        descriptor = open(r->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        r->named = descriptor >= 0;
        if (descriptor < 0 && errno != EEXIST) break;
    }
    return descriptor < 0 ? NULL : fdopen(descriptor, "w");
}

/* Gives a file without a name one for the moment before it is renamed. */
static bool name_it(zg_replacement *r)
{
    char path[48];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(r->file));
    for (int i = 0; !r->named && i < TRIES && draw_name(r); i++) {
        r->named = linkat(AT_FDCWD, path, AT_FDCWD, r->temporary, AT_SYMLINK_FOLLOW) == 0;
        if (!r->named && errno != EEXIST) break;
    }
    return r->named;
}

/* The new file gets the permissions of the old one, and its owner where that is allowed. */
static bool take_rights(const zg_replacement *r, const struct stat *old)
{
    int descriptor = fileno(r->file);
    mode_t mode = old->st_mode & 07777;
    if (fchown(descriptor, old->st_uid, old->st_gid) != 0) mode &= 0777;
    return fchmod(descriptor, mode) == 0;
}

static void forget(zg_replacement *r)
{
    free(r->place);
    free(r->temporary);
    *r = (zg_replacement){0};
}

zg_status zg_replace_begin(zg_replacement *r, const char *path, zg_error *error)
{
    struct stat info;
    bool exists = stat(path, &info) == 0;
    if (exists && S_ISDIR(info.st_mode))
        return zg_fail(error, ZG_IO, "%.400s: cannot write: it is a folder", path);
    *r = (zg_replacement){.path = path, .special = exists && !S_ISREG(info.st_mode)};
    /* /dev/stdout is a link to nowhere. */
    r->place = r->special ? strdup(path) : zg_replace_place(path);
    if (!r->place) return fail(path, error);
    r->file = r->special ? fopen(path, "we") : open_beside(r);
    if (r->file && (r->special || !exists || take_rights(r, &info))) return ZG_OK;
    zg_status status = fail(path, error);
    if (r->file) (void)fclose(r->file);
    if (r->named) (void)unlink(r->temporary);
    forget(r);
    return status;
}

/* Some file systems have nothing to sync. */
static bool synced(int descriptor)
{
    return fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP;
}

bool zg_sync_folder(const char *path)
{
    char *folder = folder_of(path);
    int descriptor = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool good = descriptor < 0 ? folder != NULL : synced(descriptor); /* one may not be readable */
    if (descriptor >= 0) close(descriptor);
    free(folder);
    return good;
}

zg_status zg_replace_end(zg_replacement *r, zg_status status, zg_error *error)
{
    errno = 0;
    bool written = !ferror(r->file) && fflush(r->file) == 0, placed = false;
    if (status == ZG_OK && written && !r->special) {
        written = synced(fileno(r->file)) && name_it(r);
        placed = written && rename(r->temporary, r->place) == 0;
        /* The file is in its place by now, so a failure leaves nothing to undo. */
        written = placed && zg_sync_folder(r->place);
    }
    written = fclose(r->file) == 0 && written;
    if (status == ZG_OK && !written) status = fail(r->path, error);
    if (r->named && !placed) (void)unlink(r->temporary);
    forget(r);
    return status;
}
