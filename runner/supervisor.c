/* Supervision: the supervisor's loop over the worker's end, its limits and its output. */
#include "runner/supervisor.h"

#include "base/clock.h"
#include "base/process_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_LIMITED 0.01 /* seconds between looks at memory and processor time under limits */
#define TICK_FREE 0.1     /* without */
#define PATIENCE 5.0      /* seconds for the kernel to take down what got SIGKILL */

/* The supervisor's view of its worker. */
typedef struct supervision {
    const zg_job *job;
    pid_t runner, worker;
    int signals; /* signalfd: SIGCHLD, SIGTERM */
    int output;  /* reading end of the worker's stdout and stderr, or -1 */
    double started, term_at;
    bool worker_done, warned;
    zg_ending ending;
    char scratch[256]; /* the worker's TMPDIR */
} supervision;

/* ---- the worker's side --------------------------------------------------------------------- */

static void pin(const zg_job *job)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (size_t i = 0; i < job->core_count; i++)
        CPU_SET(job->cores[i], &set);
    if (job->core_count > 0) (void)sched_setaffinity(0, sizeof set, &set);
}

/* A second line of defence, in the kernel: a process that the supervisor cannot stop in time. */
static void limit_in_kernel(const zg_limits *limits)
{
    struct rlimit none = {0, 0}, cpu;
    (void)setrlimit(RLIMIT_CORE, &none);
    if (limits->cpu_seconds <= 0) return;
    cpu.rlim_cur = cpu.rlim_max = (rlim_t)ceil(limits->cpu_seconds) + 2;
    (void)setrlimit(RLIMIT_CPU, &cpu);
}

/* Handlers of the program that we were forked from have no business here. */
static void reset_signals(void)
{
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL);
}

/* Nor have its open files: the journal, the pipes of other cases.  Two stay, and the standard
 * streams. */
static void close_others(int a, int b)
{
    unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);
    if (low > 3) (void)close_range(3, low - 1, 0);
    if (high > low + 1) (void)close_range(low + 1, high - 1, 0);
    (void)close_range(high + 1, ~0U, 0);
}

__attribute__((noreturn)) static void run_worker(const supervision *s, pid_t supervisor, int events,
                                                 int output)
{
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != supervisor) _exit(1);
    int null = open("/dev/null", O_RDONLY);
    if (null >= 0) (void)dup2(null, 0);
    (void)dup2(output, 1);
    (void)dup2(output, 2);
    close_others(events, events);
    if (s->scratch[0]) (void)setenv("TMPDIR", s->scratch, 1);
    pin(s->job);
    limit_in_kernel(&s->job->limits);
    int status = s->job->work(s->job->context, events);
    (void)fflush(NULL);
    _exit(status);
}

/* ---- the supervisor's side ------------------------------------------------------------------- */

/* Keeps the end of what the worker prints. */
static void drain_output(supervision *s)
{
    char piece[4096];
    char *tail = s->ending.output;
    for (;;) {
        ssize_t got = s->output >= 0 ? read(s->output, piece, sizeof piece) : -1;
        if (got == 0) { /* nobody holds the other end: it would be ready for ever */
            close(s->output);
            s->output = -1;
        }
        if (got <= 0) return;
        size_t fresh = (size_t)got, room = ZG_OUTPUT_SIZE - 1, old = strlen(tail);
        for (size_t i = 0; i < fresh; i++)
            if (piece[i] == '\0') piece[i] = ' ';
        size_t take = fresh < room ? fresh : room;
        size_t keep = old < room - take ? old : room - take;
        memmove(tail, tail + old - keep, keep);
        memcpy(tail + keep, piece + fresh - take, take);
        tail[keep + take] = '\0';
    }
}

static double rusage_seconds(const struct rusage *usage)
{
    return (double)usage->ru_utime.tv_sec + (double)usage->ru_utime.tv_usec * 1e-6 +
           (double)usage->ru_stime.tv_sec + (double)usage->ru_stime.tv_usec * 1e-6;
}

/* Collects every process below that has ended; false once there is none left to wait for. */
static bool reap(supervision *s)
{
    for (;;) {
        int status;
        struct rusage usage;
        pid_t pid = wait4(-1, &status, WNOHANG, &usage);
        if (pid == 0) return true;
        if (pid < 0) return errno == EINTR;
        s->ending.cpu_seconds += rusage_seconds(&usage);
        if (pid != s->worker) continue;
        s->worker_done = true;
        s->ending.seconds = zg_monotonic() - s->started;
        double peak = (double)usage.ru_maxrss * 1024;
        if (peak > s->ending.peak_rss_bytes) s->ending.peak_rss_bytes = peak;
        if (s->ending.end != ZG_END_EXIT) continue;
        if (WIFSIGNALED(status)) s->ending.end = ZG_END_SIGNAL;
        s->ending.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    }
}

static void check_limits(supervision *s)
{
    const zg_limits *limits = &s->job->limits;
    double now = zg_monotonic();
    zg_tree_usage usage;
    zg_tree_measure(getpid(), &usage);
    if (usage.rss_bytes > s->ending.peak_rss_bytes) s->ending.peak_rss_bytes = usage.rss_bytes;
    if (s->warned) {
        if (now - s->term_at < ZG_GRACE_SECONDS) return;
        s->ending.deaf = true;
        zg_tree_signal(getpid(), SIGKILL);
        return;
    }
    zg_end end = ZG_END_EXIT;
    if (limits->memory_mb > 0 && usage.rss_bytes > limits->memory_mb * 1048576) end = ZG_END_MEMORY;
    if (limits->cpu_seconds > 0 && usage.cpu_seconds + s->ending.cpu_seconds > limits->cpu_seconds)
        end = ZG_END_CPU;
    if (limits->seconds > 0 && now - s->started > limits->seconds) end = ZG_END_SECONDS;
    if (end == ZG_END_EXIT) return;
    s->ending.end = end;
    s->warned = true;
    s->term_at = now;
    /* Memory is not given back by asking: more would be gone before the grace is over. */
    zg_tree_signal(getpid(), end == ZG_END_MEMORY ? SIGKILL : SIGTERM);
}

/* Milliseconds until something is due. */
static int next_look(const supervision *s)
{
    const zg_limits *limits = &s->job->limits;
    double now = zg_monotonic();
    double wait = limits->memory_mb > 0 || limits->cpu_seconds > 0 ? TICK_LIMITED : TICK_FREE;
    if (limits->seconds > 0 && !s->warned) wait = fmin(wait, s->started + limits->seconds - now);
    if (s->warned) wait = fmin(wait, s->term_at + ZG_GRACE_SECONDS - now);
    return wait > 0 ? (int)(wait * 1000) + 1 : 0;
}

/* The runner is gone or wants an end: everything goes at once. */
static void take_all_down(supervision *s)
{
    double patience = zg_monotonic() + PATIENCE;
    do {
        zg_tree_signal(getpid(), SIGKILL);
        if (!reap(s)) return;
        (void)poll(NULL, 0, 1);
    } while (zg_monotonic() < patience);
}

static bool asked_to_stop(const supervision *s)
{
    struct signalfd_siginfo info;
    bool stop = getppid() != s->runner;
    while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo == SIGTERM) stop = true;
    return stop;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    (void)remove(path);
    return 0;
}

static void remove_scratch(const supervision *s)
{
    if (s->scratch[0]) (void)nftw(s->scratch, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void watch_worker(supervision *s)
{
    while (!s->worker_done) {
        struct pollfd ready[] = {{s->signals, POLLIN, 0}, {s->output, POLLIN, 0}};
        (void)poll(ready, 2, next_look(s));
        drain_output(s);
        if (asked_to_stop(s)) {
            take_all_down(s);
            remove_scratch(s);
            _exit(0);
        }
        (void)reap(s);
        if (!s->worker_done) check_limits(s);
    }
    take_all_down(s); /* what the worker left behind */
    drain_output(s);
    remove_scratch(s);
}

static void make_scratch(supervision *s)
{
    const char *folder = getenv("TMPDIR");
    int length = snprintf(s->scratch, sizeof s->scratch, "%s/zerogap-XXXXXX",
                          folder && *folder ? folder : "/tmp");
    if (length < 0 || (size_t)length >= sizeof s->scratch || !mkdtemp(s->scratch))
        s->scratch[0] = '\0';
}

__attribute__((noreturn)) static void run_supervisor(const zg_job *job, pid_t runner, int events,
                                                     int ending)
{
    supervision s = {.job = job, .runner = runner};
    int output[2];
    sigset_t mask;
    close_others(events, ending);
    (void)setpgid(0, 0);
    reset_signals();
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, SIGTERM);
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != runner) _exit(0);
    s.signals = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    if (s.signals < 0 || pipe2(output, O_CLOEXEC) != 0) _exit(1);
    s.output = output[0];
    (void)fcntl(s.output, F_SETFL, O_NONBLOCK);
    make_scratch(&s);
    pid_t self = getpid();
    s.started = zg_monotonic();
    s.worker = fork();
    if (s.worker == 0) {
        reset_signals();
        run_worker(&s, self, events, output[1]);
    }
    close(output[1]);
    close(events);
    if (s.worker > 0) watch_worker(&s);
    if (s.worker < 0) s.ending.end = ZG_END_LOST;
    (void)!write(ending, &s.ending, sizeof s.ending);
    _exit(0);
}

/* ---- the runner's side ----------------------------------------------------------------------- */

zg_status zg_worker_start(const zg_job *job, zg_worker *out, zg_error *error)
{
    int events[2], ending[2];
    if (pipe2(events, O_CLOEXEC) != 0)
        return zg_fail(error, ZG_IO, "cannot make a pipe: %s", strerror(errno));
    if (pipe2(ending, O_CLOEXEC) != 0) {
        zg_status status = zg_fail(error, ZG_IO, "cannot make a pipe: %s", strerror(errno));
        close(events[0]);
        close(events[1]);
        return status;
    }
    (void)fflush(NULL); /* or both processes would print what is buffered */
    pid_t runner = getpid(), pid = fork();
    if (pid == 0) {
        close(events[0]);
        close(ending[0]);
        run_supervisor(job, runner, events[1], ending[1]);
    }
    int reason = errno;
    close(events[1]);
    close(ending[1]);
    *out = (zg_worker){pid, events[0], ending[0]};
    (void)fcntl(events[0], F_SETFL, O_NONBLOCK);
    if (pid > 0) return ZG_OK;
    close(events[0]);
    close(ending[0]);
    return zg_fail(error, ZG_IO, "cannot start a process: %s", strerror(reason));
}

static void wait_for(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

void zg_worker_finish(zg_worker *worker, zg_ending *out)
{
    size_t got = 0;
    while (got < sizeof *out) {
        ssize_t piece = read(worker->ending, (char *)out + got, sizeof *out - got);
        if (piece < 0 && errno == EINTR) continue;
        if (piece <= 0) break;
        got += (size_t)piece;
    }
    if (got < sizeof *out) *out = (zg_ending){.end = ZG_END_LOST};
    out->output[ZG_OUTPUT_SIZE - 1] = '\0';
    close(worker->ending);
    worker->ending = -1;
    wait_for(worker->supervisor);
}

void zg_worker_kill(zg_worker *worker)
{
    zg_ending ignored;
    (void)kill(worker->supervisor, SIGTERM);
    zg_worker_finish(worker, &ignored);
}
