/* Journals: the append-only event files of runs; writing under a lock. */
#include "log/journal.h"

#include "base/child.h"
#include "base/clock.h"
#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_TRIES 100 /* of 10 ms */

struct zg_journal {
    int fd;
    char *path;
    double begin; /* monotonic clock at t = 0 */
};

typedef struct resumption {
    zg_event_visitor visitor;
    void *context;
    double last; /* t of the last event */
    size_t events;
} resumption;

static void visit_old(void *context, const json_t *event)
{
    resumption *resumed = context;
    resumed->last = json_number_value(json_object_get(event, "t"));
    resumed->events++;
    if (resumed->visitor) resumed->visitor(resumed->context, event);
}

bool zg_journal_is_begun(int fd)
{
    static const char first[] = "{\"event\":\"run_started\"";
    char text[sizeof first] = "";
    ssize_t got = pread(fd, text, sizeof first - 1, 0);
    return got >= 0 && strncmp(text, first, (size_t)got) == 0;
}

/* Appends what lies behind an offset to the file PATH.torn, and waits until it is on disk under its
 * name, before it is cut off. */
static zg_status keep_torn(const zg_journal *journal, long long offset, zg_error *error)
{
    char piece[4096], *path = NULL;
    if (asprintf(&path, "%s.torn", journal->path) < 0) return zg_no_memory(error);
    int torn = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666);
    bool good = torn >= 0;
    while (good) {
        ssize_t got = pread(journal->fd, piece, sizeof piece, (off_t)offset);
        good = got >= 0 && zg_write_all(torn, piece, (size_t)got);
        if (got <= 0) break;
        offset += got;
    }
    good = good && (fsync(torn) == 0 || errno == EINVAL) && zg_sync_folder(path);
    zg_status status =
        good ? ZG_OK
             : zg_fail(error, ZG_IO, "cannot keep the torn end of %.300s in %.300s: %s",
                       journal->path, path, strerror(errno));
    if (torn >= 0) close(torn);
    free(path);
    return status;
}

/* Shows what is there to the visitor and cuts off what is torn or damaged at the end. */
static zg_status take_over(zg_journal *journal, resumption *resumed, zg_error *error)
{
    zg_follower follower = {.fd = journal->fd, .path = journal->path};
    zg_status status = zg_follower_read(&follower, visit_old, resumed, error);
    bool rest = follower.length > 0 || follower.offset > follower.valid_end;
    free(follower.buffer);
    if (status != ZG_OK) return status;
    if (resumed->events == 0 && (follower.offset > 0 || !zg_journal_is_begun(journal->fd)))
        return zg_fail(
            error, ZG_BAD_INPUT,
            "%.300s: expected a log of events with checksums, found no event; it is left "
            "as it is",
            journal->path);
    if (!rest) {
        journal->begin = zg_monotonic() - resumed->last;
        return ZG_OK;
    }
    status = keep_torn(journal, follower.valid_end, error);
    if (status != ZG_OK) return status;
    if (ftruncate(journal->fd, (off_t)follower.valid_end) != 0)
        return zg_fail(error, ZG_IO, "cannot cut the torn end off %.300s: %s", journal->path,
                       strerror(errno));
    journal->begin = zg_monotonic() - resumed->last;
    return ZG_OK;
}

/* The child of a run that was killed in the moment after its fork holds the lock for some
 * milliseconds more: worth a little patience. */
static zg_status lock(const zg_journal *journal, zg_error *error)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (fcntl(journal->fd, F_OFD_SETLK, &whole) == 0) return ZG_OK;
        if (errno != EAGAIN && errno != EACCES) break;
        (void)poll(NULL, 0, 10);
    }
    if (errno == EAGAIN || errno == EACCES)
        return zg_fail(error, ZG_BAD_INPUT, "another run is writing to %.300s", journal->path);
    return zg_fail(error, ZG_IO, "cannot lock %.300s: %s", journal->path, strerror(errno));
}

/* Syncing the events of a new log would save bytes without a name. */
static zg_status save_name(const zg_journal *journal, zg_error *error)
{
    if (zg_sync_folder(journal->path)) return ZG_OK;
    return zg_fail(error, ZG_IO, "cannot save the name of %.300s: %s", journal->path,
                   strerror(errno));
}

static zg_status start(zg_journal *journal, bool resume, resumption *resumed, zg_error *error)
{
    journal->fd = open(journal->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (journal->fd < 0)
        return zg_fail(error, ZG_IO, "cannot open %.300s: %s", journal->path, strerror(errno));
    zg_status status = lock(journal, error);
    if (status != ZG_OK) return status;
    struct stat info;
    if (fstat(journal->fd, &info) != 0)
        return zg_fail(error, ZG_IO, "cannot examine %.300s: %s", journal->path, strerror(errno));
    journal->begin = zg_monotonic();
    if (info.st_size == 0) return save_name(journal, error);
    if (!resume)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.300s has a run in it already; --resume continues it, another name "
                       "starts a new one",
                       journal->path);
    return take_over(journal, resumed, error);
}

zg_status zg_journal_open(const char *path, bool resume, zg_event_visitor visitor, void *context,
                          zg_journal **out, zg_error *error)
{
    *out = NULL;
    zg_journal *journal = calloc(1, sizeof *journal);
    if (!journal) return zg_no_memory(error);
    journal->fd = -1;
    journal->path = strdup(path);
    resumption resumed = {.visitor = visitor, .context = context};
    zg_status status =
        journal->path ? start(journal, resume, &resumed, error) : zg_no_memory(error);
    if (status == ZG_OK)
        *out = journal;
    else
        zg_journal_close(journal);
    return status;
}

void zg_journal_close(zg_journal *journal)
{
    if (!journal) return;
    if (journal->fd >= 0) close(journal->fd);
    free(journal->path);
    free(journal);
}

zg_status zg_journal_write(zg_journal *journal, zg_event *event, bool sync, zg_error *error)
{
    zg_status status = zg_event_seal(event, error);
    if (status != ZG_OK) return status;
    off_t before = lseek(journal->fd, 0, SEEK_END);
    ssize_t written;
    do
        written = write(journal->fd, event->text, event->length);
    while (written < 0 && errno == EINTR);
    if (written != (ssize_t)event->length) {
        int reason = written < 0 ? errno : ENOSPC;
        if (before >= 0 && ftruncate(journal->fd, before) != 0) reason = errno;
        return zg_fail(error, ZG_IO, "cannot write to %.300s: %s", journal->path, strerror(reason));
    }
    if (sync && fdatasync(journal->fd) != 0 && errno != EINVAL && errno != EROFS)
        return zg_fail(error, ZG_IO, "cannot save %.300s: %s", journal->path, strerror(errno));
    return ZG_OK;
}

const char *zg_journal_path(const zg_journal *journal)
{
    return journal->path;
}

double zg_journal_time(const zg_journal *journal)
{
    return round((zg_monotonic() - journal->begin) * 1e6) / 1e6;
}
