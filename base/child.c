/* Child processes (see child.h). */
#include "base/child.h"

#include "base/clock.h"
#include "base/portable.h"

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

/* ---- the child's side: only async-signal-safe calls until the body runs ----------------------- */

/* In case something below calls exit(): handlers and buffered files are the parent's business; only
 * what was printed here is flushed. */
static void leave_at_once(int status, void *unused)
{
    (void)unused;
    (void)fflush(stdout);
    _exit(status);
}

static void reset_signals(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool redirect(int output)
{
    if (output == ZG_CHILD_SHARED) return true;
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0) return false;
    if (output == 0) output = nothing;
    return dup2(nothing, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2;
}

/* Closes every descriptor from 3 on except these two; pass at most 2 for an exception that is not
 * needed. */
static void close_others(int a, int b)
{
    int low = a < b ? a : b, high = a < b ? b : a;
    if (low < 2) low = 2;
    if (high < low) high = low;
    if (low > 3) (void)close_range(3, (unsigned)low - 1, 0);
    if (high > low + 1) (void)close_range((unsigned)low + 1, (unsigned)high - 1, 0);
    (void)close_range((unsigned)high + 1, ~0U, 0);
}

static bool settle(const zg_child_plan *plan, pid_t parent)
{
    const struct rlimit none = {0, 0};
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) return false; /* it died before prctl */
    (void)setrlimit(RLIMIT_CORE, &none);
    reset_signals();
    return redirect(plan->output) && (!plan->directory || chdir(plan->directory) == 0);
}

/* report receives the reason when neither program nor body could be started; it closes by itself
 * when one was.
 */
__attribute__((noreturn)) static void become(const zg_child_plan *plan, pid_t parent, int channel,
                                             int report)
{
    bool ready = settle(plan, parent);
    if (ready && plan->body) {
        close_others(channel, plan->kept);
        on_exit(leave_at_once, NULL);
        exit(plan->body(plan->context, channel));
    }
    if (ready) close_others(report, plan->kept);
    _exit(zg_child_become(ready ? plan->arguments : NULL, report));
}

int zg_child_become(const char *const *arguments, int report)
{
    if (arguments) execvp(arguments[0], (char *const *)(void *)arguments);
    int cause = errno;
    (void)zg_write_all(report, &cause, sizeof cause);
    return 127;
}

/* ---- the parent's side ------------------------------------------------------------------------ */

static void close_pair(const int ends[2])
{
    if (ends[0] >= 0) close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
}

zg_status zg_child_became(int report, const char *program, zg_error *error)
{
    int cause = 0;
    bool failed = zg_read_all(report, &cause, sizeof cause);
    close(report);
    if (!failed) return ZG_OK;
    return zg_fail(error, cause == ENOENT ? ZG_MISSING : ZG_IO, "cannot run %.100s: %s", program,
                   strerror(cause));
}

zg_status zg_child_start(const zg_child_plan *plan, zg_child *out, zg_error *error)
{
    int ends[2] = {-1, -1}, report[2] = {-1, -1};
    *out = (zg_child){.channel = -1};
    if ((plan->channel && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) ||
        pipe2(report, O_CLOEXEC) != 0) {
        int cause = errno;
        close_pair(ends);
        return zg_fail(error, ZG_IO, "cannot open a channel to a child process: %s",
                       strerror(cause));
    }
    (void)fflush(stdout); /* or both processes would print what is buffered */
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) become(plan, parent, ends[1], report[1]);
    int cause = errno;
    close(report[1]);
    if (ends[1] >= 0) close(ends[1]);
    if (pid < 0) {
        close(report[0]);
        if (ends[0] >= 0) close(ends[0]);
        return zg_fail(error, ZG_IO, "cannot start a child process: %s", strerror(cause));
    }
    (void)setpgid(pid, pid); /* in both processes: whoever comes first */
    *out = (zg_child){.pid = pid, .channel = ends[0]};
    const char *what = plan->arguments ? plan->arguments[0] : "a child process";
    zg_status status = zg_child_became(report[0], what, error);
    if (status != ZG_OK) zg_child_clear(out);
    return status;
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
    return zg_read_within(child->channel, buffer, size, seconds);
}

zg_status zg_read_within(int descriptor, void *buffer, size_t size, double seconds)
{
    double deadline = seconds < 0 ? -1 : zg_monotonic() + seconds;
    char *at = buffer;
    while (size > 0) {
        struct pollfd wanted = {.fd = descriptor, .events = POLLIN};
        int ready = poll(&wanted, 1, remaining(deadline));
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0) return ZG_FAILED;
        if (ready == 0) {
            if (remaining(deadline) == 0) return ZG_TIMEOUT;
            continue;
        }
        ssize_t got = read(descriptor, at, size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return ZG_FAILED;
        at += got;
        size -= (size_t)got;
    }
    return ZG_OK;
}

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

void zg_child_clear(zg_child *child)
{
    if (child->pid > 0) {
        (void)kill(-child->pid, SIGKILL);
        (void)kill(child->pid, SIGKILL); /* in case it has not reached its own group yet */
        (void)zg_child_wait(child, -1);
    }
    if (child->channel >= 0) close(child->channel);
    child->channel = -1;
}

void zg_child_describe(int wait_status, char *text, size_t size)
{
    if (!WIFSIGNALED(wait_status)) {
        snprintf(text, size, "exited with status %d", WEXITSTATUS(wait_status));
        return;
    }
    int number = WTERMSIG(wait_status);
    const char *name = sigdescr_np(number);
    snprintf(text, size, "was ended by signal %d (%s)", number, name ? name : "unknown");
}

/* ---- whole messages ---------------------------------------------------------------------------- */

bool zg_write_all(int descriptor, const void *buffer, size_t size)
{
    const char *at = buffer;
    while (size > 0) {
        ssize_t sent = send(descriptor, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == ENOTSOCK) sent = write(descriptor, at, size);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool zg_read_all(int descriptor, void *buffer, size_t size)
{
    char *at = buffer;
    while (size > 0) {
        ssize_t got = read(descriptor, at, size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}
