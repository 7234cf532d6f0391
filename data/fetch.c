/* Fetching packages. */
#include "data/fetch.h"

#include "base/command.h"
#include "base/memory.h"
#include "base/scratch.h"
#include "data/cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct job {
    const zg_package *package;
    const char *cache;
    const zg_fetch_progress *progress;
    char *downloads; /* directory */
    char *file;      /* the package file in it */
    char *log;       /* what the client said */
    char *target;    /* packages/NAME-VERSION */
} job;

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void job_clear(job *j)
{
    free(j->downloads);
    free(j->file);
    free(j->log);
    free(j->target);
}

static zg_status job_create(const zg_package *package, const char *cache,
                            const zg_fetch_progress *progress, job *out, zg_error *error)
{
    *out = (job){package, cache, progress, NULL, NULL, NULL, NULL};
    out->downloads = zg_format("%s/downloads", cache);
    out->file = zg_format("%s/downloads/%s", cache, package->file);
    out->log = zg_format("%s/downloads/%s.log", cache, package->name);
    out->target = zg_format("%s/packages/%s-%s", cache, package->name, package->version);
    if (out->downloads && out->file && out->log && out->target) return ZG_OK;
    job_clear(out);
    return zg_no_memory(error);
}

/* ---- downloading --------------------------------------------------------------------------- */

static bool report_size(void *context)
{
    const job *j = context;
    struct stat facts;
    if (!j->progress) return true;
    size_t bytes = stat(j->file, &facts) == 0 ? (size_t)facts.st_size : 0;
    j->progress->notify(j->progress->context, j->package, bytes, j->package->bytes);
    return true;
}

/* The last line of the client's output that reports an error, or else the last line. */
static void last_words(const char *log, char *text, size_t size)
{
    char line[512];
    snprintf(text, size, "no output");
    FILE *stream = fopen(log, "re");
    if (!stream) return;
    bool found = false;
    while (fgets(line, sizeof line, stream)) {
        line[strcspn(line, "\r\n")] = '\0';
        bool important = strncmp(line, "E: ", 3) == 0 || strstr(line, "ERR!") != NULL ||
                         strstr(line, "error") != NULL;
        if (*line == '\0' || (found && !important)) continue;
        found = found || important;
        snprintf(text, size, "%.300s", line);
        if (strncmp(line, "E: ", 3) == 0) break;
    }
    fclose(stream);
}

static zg_status run(const job *j, const char *const *arguments, int *exit_status, zg_error *error)
{
    zg_ending ending = {0};
    const zg_command command = {.arguments = arguments,
                                .directory = j->downloads,
                                .log = j->log,
                                .tick = report_size,
                                .context = (void *)j};
    zg_status status = zg_command_run(&command, &ending, error);
    *exit_status = zg_command_status(&ending);
    return status;
}

static zg_status client_missing(const job *j, const char *client, zg_error *error)
{
    return zg_fail(error, ZG_MISSING,
                   "%s is not there to fetch the package %s %s: get the file %s elsewhere and put "
                   "it in %.300s",
                   client, j->package->name, j->package->version, j->package->file, j->downloads);
}

/* The architecture in the name of a Debian package file: "all", "amd64", ... */
static void architecture_of(const zg_package *package, char *text, size_t size)
{
    const char *last = strrchr(package->file, '_');
    snprintf(text, size, "%.*s", last ? (int)strcspn(last + 1, ".") : 0, last ? last + 1 : "");
}

/* The digests are those of one architecture's file.  Data are not executed, so machines of other
 * architectures may use it once apt knows of that architecture. */
static zg_status apt_failed(const job *j, const char *wanted, zg_error *error)
{
    char words[320], architecture[16], advice[160] = "";
    last_words(j->log, words, sizeof words);
    architecture_of(j->package, architecture, sizeof architecture);
    if (strcmp(architecture, "all") != 0)
        snprintf(advice, sizeof advice,
                 "it is a package for %s (elsewhere `dpkg --add-architecture %s` first); ",
                 architecture, architecture);
    return zg_fail(error, ZG_MISSING,
                   "apt-get cannot download %s (%s); %s%sor put %s in %.300s by hand", wanted,
                   words, advice,
                   geteuid() == 0 ? "check the network and the package sources, "
                                  : "run `apt-get update` as root once and try again, ",
                   j->package->file, j->downloads);
}

static zg_status apt_download(const job *j, zg_error *error)
{
    char wanted[256], architecture[16];
    architecture_of(j->package, architecture, sizeof architecture);
    bool all = strcmp(architecture, "all") == 0;
    snprintf(wanted, sizeof wanted, "%s%s%s=%s", j->package->name, all ? "" : ":",
             all ? "" : architecture, j->package->version);
    const char *const download[] = {
        "apt-get",  "-q",   "-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=30",
        "download", wanted, NULL};
    const char *const update[] = {
        "apt-get", "-q", "-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=30",
        "update",  NULL};
    int result;
    for (int attempt = 0;; attempt++) {
        zg_status status = run(j, download, &result, error);
        if (status == ZG_MISSING) return client_missing(j, "apt-get", error);
        if (status != ZG_OK || result == 0) return status;
        if (attempt > 0 || geteuid() != 0) break;
        status = run(j, update, &result, error); /* a fresh machine has no package lists yet */
        if (status != ZG_OK) return status;
    }
    return apt_failed(j, wanted, error);
}

static zg_status npm_download(const job *j, zg_error *error)
{
    char wanted[256], words[320];
    snprintf(wanted, sizeof wanted, "%s@%s", j->package->name, j->package->version);
    const char *const arguments[] = {"npm", "pack", "--silent", "--ignore-scripts", wanted, NULL};
    int result;
    zg_status status = run(j, arguments, &result, error);
    if (status == ZG_MISSING) return client_missing(j, "npm", error);
    if (status != ZG_OK || result == 0) return status;
    last_words(j->log, words, sizeof words);
    return zg_fail(error, ZG_MISSING,
                   "npm cannot download %s (%s); check the network, or put %s in %.300s by hand",
                   wanted, words, j->package->file, j->downloads);
}

static zg_status check_digest(const job *j, bool *right, zg_error *error)
{
    char digest[ZG_DIGEST_SIZE];
    zg_status status = zg_cache_digest(j->file, digest, error);
    *right = status == ZG_OK && strcmp(digest, j->package->sha256) == 0;
    return status;
}

/* Leaves the right package file in downloads/. */
static zg_status download(const job *j, zg_error *error)
{
    bool right = false;
    if (zg_cache_exists(j->file)) {
        zg_status status = check_digest(j, &right, error);
        if (status != ZG_OK || right) return status;
        remove(j->file); /* half of an earlier try */
    }
    const char *offline = getenv("ZEROGAP_OFFLINE");
    if (offline && *offline && strcmp(offline, "0") != 0)
        return zg_fail(error, ZG_MISSING,
                       "the package %s %s is not in the cache %.300s and ZEROGAP_OFFLINE forbids "
                       "to download it",
                       j->package->name, j->package->version, j->cache);
    zg_status status =
        j->package->kind == ZG_PACKAGE_NPM ? npm_download(j, error) : apt_download(j, error);
    if (status != ZG_OK) return status;
    (void)report_size((void *)j);
    if (!zg_cache_exists(j->file))
        return zg_fail(error, ZG_MISSING, "the download of %s left no file %.400s",
                       j->package->name, j->file);
    status = check_digest(j, &right, error);
    if (status != ZG_OK || right) return status;
    remove(j->file);
    return zg_fail(error, ZG_BAD_INPUT,
                   "the package file %s is not the one expected: its SHA-256 is not %s",
                   j->package->file, j->package->sha256);
}

/* ---- unpacking ------------------------------------------------------------------------------- */

static zg_status unpack(const job *j, const char *directory, zg_error *error)
{
    const char *const debian[] = {"dpkg-deb", "-x", j->file, directory, NULL};
    const char *const npm[] = {"tar", "-xzf", j->file, "-C", directory, NULL};
    int result;
    zg_status status = run(j, j->package->kind == ZG_PACKAGE_NPM ? npm : debian, &result, error);
    if (status != ZG_OK || result == 0) return status;
    char words[320];
    last_words(j->log, words, sizeof words);
    return zg_fail(error, ZG_BAD_INPUT, "cannot unpack %.400s: %s", j->file, words);
}

/* Moves one needed file from the unpacked tree to the new package directory, and notes its
 * digest. */
static zg_status keep_file(const char *tree, const char *path, const char *kept, FILE *digests,
                           zg_error *error)
{
    char digest[ZG_DIGEST_SIZE];
    char *from = zg_format("%s/%s", tree, path);
    char *to = zg_format("%s/%s", kept, base_name(path));
    zg_status status = from && to ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK && rename(from, to) != 0)
        status = zg_fail(error, ZG_BAD_INPUT, "the package has no usable file %.300s: %s", path,
                         strerror(errno));
    if (status == ZG_OK) status = zg_cache_digest(to, digest, error);
    if (status == ZG_OK) fprintf(digests, "%s  %s\n", digest, base_name(path));
    free(from);
    free(to);
    return status;
}

/* Whether every file of the package is kept: an older version of this program may have wanted
 * fewer. */
static bool is_complete(const zg_package *package, const char *target)
{
    bool complete = zg_cache_exists(target);
    for (size_t i = 0; i < ZG_PACKAGE_FILES && package->files[i] && complete; i++) {
        const char *slash = strrchr(package->files[i], '/');
        char *path = zg_format("%s/%s", target, slash ? slash + 1 : package->files[i]);
        complete = path && zg_cache_exists(path);
        free(path);
    }
    return complete;
}

static zg_status keep_files(const job *j, const char *tree, const char *kept, zg_error *error)
{
    char *list = zg_format("%s/SHA256SUMS", kept);
    FILE *digests = list ? fopen(list, "we") : NULL;
    zg_status status = ZG_OK;
    if (!digests)
        status = zg_fail(error, ZG_IO, "cannot write in %.400s: %s", kept, strerror(errno));
    for (size_t i = 0; i < ZG_PACKAGE_FILES && j->package->files[i] && status == ZG_OK; i++)
        status = keep_file(tree, j->package->files[i], kept, digests, error);
    if (digests && fclose(digests) != 0 && status == ZG_OK)
        status = zg_fail(error, ZG_IO, "cannot write in %.400s: %s", kept, strerror(errno));
    free(list);
    return status;
}

static zg_status install(const job *j, zg_error *error)
{
    char *tree = zg_format("%s.tree", j->target), *kept = zg_format("%s.new", j->target);
    zg_status status = tree && kept ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) {
        zg_tree_remove(tree); /* of a process that was killed here; the lock is ours */
        zg_tree_remove(kept);
        status = zg_cache_make(tree, error);
    }
    if (status == ZG_OK) status = zg_cache_make(kept, error);
    if (status == ZG_OK) status = unpack(j, tree, error);
    if (status == ZG_OK) status = keep_files(j, tree, kept, error);
    if (status == ZG_OK && zg_cache_exists(j->target)) zg_tree_remove(j->target);
    if (status == ZG_OK) status = zg_cache_place(kept, j->target, error);
    if (status == ZG_OK) {
        remove(j->file);
        remove(j->log);
    }
    if (tree) zg_tree_remove(tree);
    if (kept) zg_tree_remove(kept);
    free(tree);
    free(kept);
    return status;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static zg_status fetch_locked(const job *j, zg_error *error)
{
    if (is_complete(j->package, j->target)) return ZG_OK; /* another process was faster */
    zg_status status = download(j, error);
    return status == ZG_OK ? install(j, error) : status;
}

static zg_status fetch(const job *j, zg_error *error)
{
    int lock;
    char *packages = zg_format("%s/packages", j->cache);
    char *lock_file = zg_format("%s/%s.lock", j->downloads, j->package->name);
    zg_status status = packages && lock_file ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) status = zg_cache_make(packages, error);
    if (status == ZG_OK) status = zg_cache_make(j->downloads, error);
    if (status == ZG_OK) status = zg_cache_lock(lock_file, &lock, error);
    if (status == ZG_OK) {
        status = fetch_locked(j, error);
        zg_cache_unlock(lock);
    }
    free(packages);
    free(lock_file);
    return status;
}

zg_status zg_package_fetch(const zg_package *package, const char *cache,
                           const zg_fetch_progress *progress, char **directory, zg_error *error)
{
    job j;
    *directory = NULL;
    zg_status status = job_create(package, cache, progress, &j, error);
    if (status != ZG_OK) return status;
    if (!is_complete(package, j.target)) status = fetch(&j, error);
    if (status == ZG_OK) {
        *directory = j.target;
        j.target = NULL;
    }
    job_clear(&j);
    return status;
}

bool zg_package_present(const zg_package *package, const char *cache)
{
    char *target = zg_format("%s/packages/%s-%s", cache, package->name, package->version);
    bool present = target && is_complete(package, target);
    free(target);
    return present;
}

/* Finds the digest of a file in SHA256SUMS. */
static bool noted_digest(const char *list, const char *file, char digest[ZG_DIGEST_SIZE])
{
    char line[512];
    bool found = false;
    FILE *stream = fopen(list, "re");
    if (!stream) return false;
    while (!found && fgets(line, sizeof line, stream)) {
        line[strcspn(line, "\n")] = '\0';
        if (strlen(line) < ZG_DIGEST_SIZE + 1) continue;
        found = strcmp(line + ZG_DIGEST_SIZE + 1, file) == 0;
        memcpy(digest, line, ZG_DIGEST_SIZE - 1);
        digest[ZG_DIGEST_SIZE - 1] = '\0';
    }
    fclose(stream);
    return found;
}

zg_status zg_package_check(const char *directory, const char *file, zg_error *error)
{
    char noted[ZG_DIGEST_SIZE], found[ZG_DIGEST_SIZE];
    char *list = zg_format("%s/SHA256SUMS", directory);
    char *path = zg_format("%s/%s", directory, file);
    zg_status status = list && path ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK && !noted_digest(list, file, noted))
        status = zg_fail(error, ZG_BAD_INPUT,
                         "%.400s has no digest of %s: remove %.400s and fetch "
                         "the data again",
                         list, file, directory);
    if (status == ZG_OK) status = zg_cache_digest(path, found, error);
    if (status == ZG_OK && strcmp(noted, found) != 0)
        status = zg_fail(error, ZG_BAD_INPUT,
                         "%.400s has changed since it was unpacked: remove %.400s and fetch the "
                         "data again",
                         path, directory);
    free(list);
    free(path);
    return status;
}
