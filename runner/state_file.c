/* The files beside journals that methods may keep their state in. */
#include "runner/state_file.h"

#include "base/memory.h"
#include "base/replace.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static zg_status copy(const char *from, const char *to, zg_error *error)
{
    char piece[4096];
    size_t got;
    zg_replacement out;
    FILE *file = fopen(from, "rb");
    if (!file) return ZG_OK; /* gone meanwhile: the case starts afresh */
    zg_status status = zg_replace_begin(&out, to, error);
    if (status == ZG_OK) {
        while ((got = fread(piece, 1, sizeof piece, file)) > 0)
            (void)fwrite(piece, 1, got, out.file);
        if (ferror(file)) status = zg_fail(error, ZG_IO, "cannot read %.300s", from);
        status = zg_replace_end(&out, status, error);
    }
    fclose(file);
    return status;
}

static bool is_newer(const struct stat *a, const struct stat *b)
{
    if (a->st_mtim.tv_sec != b->st_mtim.tv_sec) return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
    return a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

/* Copies the newest state beside the earlier logs, where there is one. */
static zg_status take_over(const zg_run_options *options, const char *key, const char *to,
                           zg_error *error)
{
    char *newest = NULL;
    struct stat facts, best = {0};
    for (size_t i = 0; i < options->earlier_count; i++) {
        char *path = zg_format("%s.%s.state", options->earlier[i], key);
        bool taken = path && stat(path, &facts) == 0 && (!newest || is_newer(&facts, &best));
        if (taken) best = facts;
        free(taken ? newest : path);
        if (taken) newest = path;
    }
    zg_status status = newest ? copy(newest, to, error) : ZG_OK;
    free(newest);
    return status;
}

zg_status zg_state_place(const zg_run_options *options, const char *key, bool resumed, char **out,
                         zg_error *error)
{
    char *path = *out = zg_format("%s.%s.state", options->log, key);
    if (!path) return zg_no_memory(error);
    if (!resumed) (void)unlink(path);
    return access(path, F_OK) == 0 ? ZG_OK : take_over(options, key, path, error);
}
