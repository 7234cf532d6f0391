/* The runs of a history: the logs of a folder, parts of one run put together. */
#include "reports/history_runs.h"

#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const json_t *start_of(const zg_history_run *run)
{
    return run->side.log.run_count ? run->side.log.runs[0].started : NULL;
}

static bool is_part(const zg_history_run *run)
{
    return start_of(run) && zg_log_member(start_of(run), "shard");
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void zg_history_run_clear(zg_history_run *run)
{
    for (size_t i = 0; i < run->path_count; i++)
        free(run->paths[i]);
    free(run->paths);
    free(run->label);
    zg_side_clear(&run->side);
    *run = (zg_history_run){0};
}

/* ---- files ---------------------------------------------------------------------------------- */

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), size = strlen(ending);
    return length > size && strcmp(name + length - size, ending) == 0;
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static zg_status describe(zg_history_run *run, zg_error *error)
{
    const zg_side *side = &run->side;
    const json_t *started = start_of(run);
    zg_text label = {0};
    run->started =
        started ? zg_log_text(started, "started") : zg_log_text(side->document, "context.date");
    run->commit = zg_log_text(side->provenance, "commit");
    if (run->started)
        zg_text_format(&label, "%.10s", run->started);
    else
        zg_text_add(&label, name_of(run->paths[0]));
    if (run->commit) zg_text_format(&label, " %.9s", run->commit);
    free(run->label);
    run->label = label.bytes;
    return run->label ? ZG_OK : zg_no_memory(error);
}

/* One file as a run of its own, unless only parts are wanted and it is none. */
static zg_status read_file(zg_history *out, size_t *room, const char *path, bool only_parts,
                           zg_error *error)
{
    zg_history_run *runs = zg_grow(out->runs, room, out->run_count + 1, sizeof *runs);
    if (!runs) return zg_no_memory(error);
    out->runs = runs;
    zg_history_run *run = &runs[out->run_count++]; /* counted at once: it is freed in any case */
    *run = (zg_history_run){.paths = calloc(1, sizeof *run->paths)};
    char *copy = run->paths ? strdup(path) : NULL;
    if (!copy) return zg_no_memory(error);
    run->paths[run->path_count++] = copy;
    zg_status status = zg_side_read(&run->side, path, error);
    if (status != ZG_OK) return status;
    if (!only_parts || is_part(run)) return describe(run, error);
    zg_history_run_clear(run);
    out->run_count--;
    return ZG_OK;
}

/* The files of a folder, and the parts of runs in the folders in it. */
static zg_status read_folder(zg_history *out, size_t *room, const char *folder, bool inner,
                             zg_error *error)
{
    struct dirent **entries = NULL;
    zg_status status = ZG_OK;
    int count = scandir(folder, &entries, is_shown, alphasort);
    if (count < 0)
        return zg_fail(error, ZG_IO, "cannot read the folder \"%s\": %s", folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        struct stat facts;
        int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        bool fits = length > 0 && (size_t)length < sizeof path && stat(path, &facts) == 0;
        bool log = ends_in(path, ".ndjson") || (!inner && ends_in(path, ".json"));
        free(entries[i]);
        if (!fits || status != ZG_OK) continue;
        if (S_ISDIR(facts.st_mode) && !inner && access(path, R_OK | X_OK) == 0)
            status = read_folder(out, room, path, true, error);
        else if (!S_ISDIR(facts.st_mode) && log)
            status = read_file(out, room, path, inner, error);
    }
    free(entries);
    return status;
}

static int by_start(const void *a, const void *b)
{
    const zg_history_run *x = a, *y = b;
    int order = strcmp(x->started ? x->started : "", y->started ? y->started : "");
    return order ? order : strcmp(x->paths[0], y->paths[0]);
}

/* ---- parts ---------------------------------------------------------------------------------- */

static bool same_folder(const zg_history_run *a, const zg_history_run *b)
{
    size_t length = (size_t)(name_of(a->paths[0]) - a->paths[0]);
    return length == (size_t)(name_of(b->paths[0]) - b->paths[0]) &&
           strncmp(a->paths[0], b->paths[0], length) == 0;
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Whether a part went on from an earlier log. */
static bool goes_on(const json_t *started)
{
    size_t i;
    const json_t *word;
    json_array_foreach(json_object_get(started, "command"), i, word)
    {
        const char *text = json_string_value(word);
        if (text && strncmp(text, "--resume-from", 13) == 0) return true;
    }
    return zg_log_number(started, "kept") > 0;
}

static void name_part(const zg_history_run *part, char name[64])
{
    snprintf(name, 64, "%.0f/%.0f", zg_log_number(start_of(part), "shard.index"),
             zg_log_number(start_of(part), "shard.count"));
}

/* Whether a part belongs to a run that has these parts so far. */
static bool belongs(const zg_history_run *run, const json_t *parts, const zg_history_run *part)
{
    char name[64];
    const json_t *first = start_of(run), *start = start_of(part);
    if (!is_part(run) || !same_folder(run, part) || !same_text(run->commit, part->commit) ||
        !same_text(zg_log_text(first, "suite"), zg_log_text(start, "suite")) ||
        zg_log_part_difference(first, start))
        return false;
    name_part(part, name);
    return !json_object_get(parts, name) || goes_on(start);
}

static bool note_part(json_t *parts, const zg_history_run *part)
{
    char name[64];
    if (!is_part(part)) return true;
    name_part(part, name);
    return json_object_set_new(parts, name, json_true()) == 0;
}

/* Gives the path of the part to the run. */
static bool take_part(zg_history_run *run, zg_history_run *part)
{
    char **paths = realloc(run->paths, (run->path_count + 1) * sizeof *paths);
    if (!paths) return false;
    run->paths = paths;
    run->paths[run->path_count++] = part->paths[0];
    part->path_count = 0;
    zg_history_run_clear(part);
    return true;
}

/* Puts parts, which are in the order of their start, together: each belongs to the newest run that
 * it fits.  parts has room for an object per run.  false when memory ran out. */
static bool join_parts(zg_history *out, json_t **parts)
{
    size_t kept = 0, count = out->run_count;
    bool done = true;
    for (size_t i = 0; i < count && done; i++) {
        zg_history_run *run = &out->runs[i];
        size_t at = is_part(run) ? kept : 0;
        while (at > 0 && !belongs(&out->runs[at - 1], parts[at - 1], run))
            at--;
        if (at > 0) {
            done = note_part(parts[at - 1], run) && take_part(&out->runs[at - 1], run);
            continue;
        }
        parts[kept] = json_object();
        done = parts[kept] && note_part(parts[kept], run);
        zg_history_run moved = *run;
        *run = (zg_history_run){0};
        out->runs[kept++] = moved;
    }
    if (done) out->run_count = kept; /* the rest is empty */
    return done;
}

/* Reads the parts of a run again, as one. */
static zg_status read_together(zg_history_run *run, zg_error *error)
{
    if (run->path_count < 2) return ZG_OK;
    zg_side_clear(&run->side);
    zg_status status = zg_side_read_logs(&run->side, run->paths, run->path_count, error);
    return status == ZG_OK ? describe(run, error) : status;
}

zg_status zg_history_read_runs(const char *folder, zg_history *out, zg_error *error)
{
    size_t room = 0;
    char what[200];
    zg_status status = read_folder(out, &room, folder, false, error);
    if (status != ZG_OK || out->run_count == 0) return status;
    qsort(out->runs, out->run_count, sizeof *out->runs, by_start);
    size_t count = out->run_count;
    json_t **parts = calloc(count, sizeof *parts);
    if (!parts || !join_parts(out, parts)) status = zg_no_memory(error);
    for (size_t i = 0; parts && i < count; i++)
        json_decref(parts[i]);
    free(parts);
    for (size_t i = 0; i < out->run_count && status == ZG_OK; i++)
        status = read_together(&out->runs[i], error);
    for (size_t i = 1; i < out->run_count && status == ZG_OK; i++)
        out->runs[i].other_machine = zg_provenance_differs(
            out->runs[i - 1].side.provenance, out->runs[i].side.provenance, what, sizeof what);
    return status;
}
