/* Child processes with a private directory, a channel and a watchdog (see process.h). */
#include "base/process.h"

#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- the private directory ------------------------------------------------------------------ */

zg_status zg_child_prepare(zg_child *child, zg_error *error)
{
    *child = (zg_child){.channel = -1};
    const char *base = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): never set here
    if (!base || strlen(base) > 80) base = "/tmp";
    snprintf(child->directory, sizeof child->directory, "%s/zerogap-XXXXXX", base);
    if (mkdtemp(child->directory)) return ZG_OK;
    zg_fail(error, ZG_IO, "cannot make a private directory in \"%s\": %s", base, strerror(errno));
    child->directory[0] = '\0';
    return ZG_IO;
}

/* Removes the directory and the plain files in it; what a program left deeper stays. */
static void remove_directory(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory) return;
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL)
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    rmdir(path);
}

/* ---- starting ------------------------------------------------------------------------------- */

/* Ends the child at once when something below calls exit(): the handlers and buffered streams are
 * the parent's business. */
static void leave_at_once(int status, void *unused)
{
    (void)unused;
    _exit(status);
}

/* Everything between fork and the body: only async-signal-safe calls. */
static bool settle(const zg_child *child, pid_t parent, int output)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) return false; /* it died before prctl */
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    int nothing = open("/dev/null", O_RDWR);
    if (nothing < 0 || chdir(child->directory) != 0) return false;
    if (output < 0) output = nothing;
    return dup2(nothing, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2;
}

/* Closes every descriptor from 3 on but one. */
static void close_others(int kept)
{
    if (kept > 3) close_range(3, (unsigned)kept - 1, 0);
    close_range((unsigned)(kept < 3 ? 3 : kept + 1), ~0U, 0);
}

zg_status zg_child_fork(zg_child *child, zg_child_body body, void *context, zg_error *error)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return zg_fail(error, ZG_IO, "cannot open a channel to a child process: %s",
                       strerror(errno));
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) {
        int cause = errno;
        close(ends[0]);
        close(ends[1]);
        return zg_fail(error, ZG_IO, "cannot start a child process: %s", strerror(cause));
    }
    if (pid == 0) {
        if (!settle(child, parent, -1)) _exit(127);
        close_others(ends[1]);
        on_exit(leave_at_once, NULL);
        _exit(body(context, ends[1]));
    }
    setpgid(pid, pid); /* in both processes: whoever comes first */
    close(ends[1]);
    child->pid = pid;
    child->channel = ends[0];
    return ZG_OK;
}

zg_status zg_child_shell(zg_child *child, const char *command, zg_error *error)
{
    char path[sizeof child->directory + 16];
    snprintf(path, sizeof path, "%s/output", child->directory);
    int output = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (output < 0) return zg_fail(error, ZG_IO, "cannot write \"%s\": %s", path, strerror(errno));
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        if (!settle(child, parent, output)) _exit(127);
        close_others(2);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    int cause = errno;
    close(output);
    if (pid < 0) return zg_fail(error, ZG_IO, "cannot start a child process: %s", strerror(cause));
    setpgid(pid, pid);
    child->pid = pid;
    return ZG_OK;
}

/* ---- the channel ---------------------------------------------------------------------------- */

bool zg_channel_write(int channel, const void *buffer, size_t size)
{
    const char *at = buffer;
    while (size > 0) {
        ssize_t sent = send(channel, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool zg_channel_read(int channel, void *buffer, size_t size)
{
    char *at = buffer;
    while (size > 0) {
        ssize_t got = recv(channel, at, size, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

bool zg_child_write(zg_child *child, const void *buffer, size_t size)
{
    return zg_channel_write(child->channel, buffer, size);
}

/* Milliseconds for poll until the deadline (negative: for ever), rounded up. */
static int remaining(double deadline)
{
    if (deadline < 0) return -1;
    double left = (deadline - zg_monotonic()) * 1000;
    return left <= 0 ? 0 : left > 3600e3 ? 3600000 : (int)left + 1;
}

zg_status zg_child_read(zg_child *child, void *buffer, size_t size, double seconds)
{
    double deadline = seconds < 0 ? -1 : zg_monotonic() + seconds;
    char *at = buffer;
    while (size > 0) {
        struct pollfd wanted = {.fd = child->channel, .events = POLLIN};
        int wait = remaining(deadline), ready = poll(&wanted, 1, wait);
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0) return ZG_FAILED;
        if (ready == 0) {
            if (remaining(deadline) == 0) return ZG_TIMEOUT;
            continue;
        }
        ssize_t got = recv(child->channel, at, size, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return ZG_FAILED;
        at += got;
        size -= (size_t)got;
    }
    return ZG_OK;
}

/* ---- the end -------------------------------------------------------------------------------- */

zg_status zg_child_wait(zg_child *child, double seconds)
{
    double deadline = seconds < 0 ? -1 : zg_monotonic() + seconds;
    long pause = 200000; /* nanoseconds, growing to 20 ms */
    while (child->pid > 0) {
        pid_t got = waitpid(child->pid, &child->wait_status, deadline < 0 ? 0 : WNOHANG);
        if (got < 0 && errno == EINTR) continue;
        if (got != 0) {
            child->pid = 0; /* collected, or (ECHILD) not ours to collect */
            break;
        }
        if (zg_monotonic() >= deadline) return ZG_TIMEOUT;
        struct timespec nap = {.tv_nsec = pause};
        nanosleep(&nap, NULL);
        if (pause < 20000000) pause *= 2;
    }
    return ZG_OK;
}

void zg_child_kill(zg_child *child)
{
    if (child->pid <= 0) return;
    kill(-child->pid, SIGKILL);
    kill(child->pid, SIGKILL); /* should it not have reached its own group yet */
    child->killed = true;
    zg_child_wait(child, -1);
}

void zg_child_clear(zg_child *child)
{
    zg_child_kill(child);
    if (child->channel >= 0) close(child->channel);
    if (child->directory[0]) remove_directory(child->directory);
    *child = (zg_child){.channel = -1};
}

void zg_child_describe(const zg_child *child, char *text, size_t size)
{
    int status = child->wait_status;
    if (WIFSIGNALED(status))
        snprintf(text, size, "was ended by signal %d (%s)", WTERMSIG(status),
                 sigdescr_np(WTERMSIG(status)) ? sigdescr_np(WTERMSIG(status)) : "unknown");
    else
        snprintf(text, size, "exited with status %d", WEXITSTATUS(status));
}
