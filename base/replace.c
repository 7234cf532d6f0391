/* Files that are written beside their place and renamed. */
#include "base/replace.h"

#include "base/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static zg_status fail(const char *path, zg_error *error)
{
    return zg_fail(error, ZG_IO, "%.400s: cannot write: %s", path, strerror(errno ? errno : EIO));
}

zg_status zg_replace_begin(zg_replacement *r, const char *path, zg_error *error)
{
    struct stat info;
    *r = (zg_replacement){.path = path};
    if (stat(path, &info) != 0 || S_ISREG(info.st_mode)) {
        size_t size = strlen(path) + 32;
        r->temporary = malloc(size);
        if (!r->temporary) return zg_no_memory(error);
        snprintf(r->temporary, size, "%s.%ld.part", path, (long)getpid());
    }
    r->file = fopen(r->temporary ? r->temporary : path, "we");
    if (r->file) return ZG_OK;
    zg_status status = fail(path, error);
    free(r->temporary);
    return status;
}

zg_status zg_replace_end(zg_replacement *r, zg_status status, zg_error *error)
{
    bool written = !ferror(r->file);
    errno = 0;
    written = fclose(r->file) == 0 && written;
    if (status == ZG_OK && written && r->temporary) written = rename(r->temporary, r->path) == 0;
    if (status == ZG_OK && !written) status = fail(r->path, error);
    if (status != ZG_OK && r->temporary) unlink(r->temporary);
    free(r->temporary);
    return status;
}
