/* Scratch folders, and the removal of trees (see scratch.h). */
#include "base/scratch.h"

#include "base/portable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "zerogap-scratch-"
#define TRIES 8

/* ---- trees -------------------------------------------------------------------------------------- */

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A folder to list, made accessible to its owner first; NULL when there is none. */
static DIR *open_folder(int parent, const char *name)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int descriptor = openat(parent, name, flags);
    struct stat info;
    if (descriptor < 0 && errno == EACCES &&
        fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode) &&
        fchmodat(parent, name, 0700, 0) == 0)
        descriptor = openat(parent, name, flags);
    if (descriptor < 0) return NULL;
    (void)fchmod(descriptor, 0700);
    DIR *folder = fdopendir(descriptor);
    if (!folder) close(descriptor);
    return folder;
}

/* Removes what can be removed at once. */
static bool remove_simple(int parent, const char *name)
{
    return unlinkat(parent, name, 0) == 0 || unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

/* Empties a folder inside root: files go, folders that are not empty move up to root, to be emptied
 * in their turn.  So no path grows, and nothing recurses.  False when nothing could be changed. */
static bool flatten(int root, const char *name, size_t *moved)
{
    DIR *folder = open_folder(root, name);
    bool changed = false;
    const struct dirent *entry;
    while (folder && (entry = readdir(folder)) != NULL) {
        char place[48];
        if (is_dots(entry->d_name)) continue;
        bool gone = remove_simple(dirfd(folder), entry->d_name);
        if (!gone) { /* its ".." is about to change: that takes the right to write in it */
            int refused = fchmodat(dirfd(folder), entry->d_name, 0700, 0);
            (void)refused; /* the move fails, then */
            snprintf(place, sizeof place, "zerogap-removed-%zu", (*moved)++);
            gone = renameat2(dirfd(folder), entry->d_name, root, place, RENAME_NOREPLACE) == 0;
        }
        changed = changed || gone;
    }
    if (folder) closedir(folder);
    return unlinkat(root, name, AT_REMOVEDIR) == 0 || changed;
}

void zg_tree_remove(const char *path)
{
    if (remove_simple(AT_FDCWD, path)) return;
    DIR *root = open_folder(AT_FDCWD, path);
    size_t moved = 0;
    bool changed = root != NULL;
    while (changed) {
        const struct dirent *entry;
        changed = false;
        rewinddir(root);
        while ((entry = readdir(root)) != NULL)
            if (!is_dots(entry->d_name) && (remove_simple(dirfd(root), entry->d_name) ||
                                            flatten(dirfd(root), entry->d_name, &moved)))
                changed = true;
    }
    if (root) closedir(root);
    (void)unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

/* nftw has no context: the sum of the thread that calls it. */
static _Thread_local double tree_bytes;

static int add_size(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)path;
    (void)where;
    if (type != FTW_NS) tree_bytes += 512 * (double)info->st_blocks;
    return 0;
}

double zg_tree_size(const char *path)
{
    tree_bytes = 0;
    (void)nftw(path, add_size, 8, FTW_PHYS);
    return tree_bytes;
}

/* ---- scratch folders ------------------------------------------------------------------------------ */

const char *zg_temporary_folder(void)
{
    const char *folder = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): never set here
    return folder && *folder ? folder : "/tmp";
}

/* Locks a folder; the descriptor that holds the lock, or -1 when somebody else does. */
static int lock_folder(const char *path)
{
    int lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0) return lock;
    if (lock >= 0) close(lock);
    return -1;
}

/* Removes the scratch folders that nobody holds. */
static void sweep(const char *base)
{
    DIR *folder = opendir(base);
    if (!folder) return;
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        char path[ZG_SCRATCH_SIZE + 256];
        struct stat info;
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0) continue;
        snprintf(path, sizeof path, "%s/%s", base, entry->d_name);
        int lock = lock_folder(path);
        if (lock < 0) continue;
        if (fstat(lock, &info) == 0 && info.st_uid == geteuid()) zg_tree_remove(path);
        close(lock);
    }
    closedir(folder);
}

zg_status zg_scratch_make(zg_scratch *out, zg_error *error)
{
    const char *base = zg_temporary_folder();
    *out = (zg_scratch){.lock = -1};
    if (strlen(base) + sizeof PREFIX + 64 > sizeof out->path)
        return zg_fail(error, ZG_BAD_INPUT, "the path in TMPDIR is too long: \"%.100s...\"", base);
    sweep(base);
    /* Another sweep may take a folder for dead in the moment before it is locked. */
    for (int i = 0; i < TRIES; i++) {
        snprintf(out->path, sizeof out->path, "%s/" PREFIX "XXXXXX", base);
        if (!mkdtemp(out->path)) break;
        out->lock = lock_folder(out->path);
        if (out->lock >= 0 && access(out->path, F_OK) == 0) return ZG_OK;
        if (out->lock >= 0) close(out->lock);
    }
    out->path[0] = '\0';
    return zg_fail(error, ZG_IO, "cannot make a private folder in \"%s\": %s", base,
                   strerror(errno));
}

void zg_scratch_remove(zg_scratch *scratch)
{
    if (!scratch->path[0]) return;
    zg_tree_remove(scratch->path);
    close(scratch->lock);
    *scratch = (zg_scratch){.lock = -1};
}
