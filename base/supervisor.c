/* Supervision: the supervisor's loop over the worker's end, its limits and its output. */
#include "base/supervisor.h"

#include "base/clock.h"
#include "base/process_tree.h"

#include <errno.h>
#include <fcntl.h>
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
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_LIMITED 0.01 /* seconds between looks at memory and processor time under limits */
#define TICK_FREE 0.1     /* without */
#define TICK_DISK 0.25    /* between looks at the scratch folder */
#define PATIENCE 5.0      /* seconds that the kernel gets to end processes after SIGKILL */
#define MIB 1048576.0

/* The supervisor's view of its worker. */
typedef struct supervision {
    const zg_job *job;
    const zg_worker *outside; /* what the caller made for it: scratch folder, group */
    pid_t caller;
    int events; /* writing end of the worker's pipe */
    zg_child worker;
    int signals;   /* signalfd: SIGCHLD, SIGTERM, SIGUSR1 */
    int output[2]; /* the worker's stdout and stderr; the reading end, or -1 */
    double started, asked_at, term_at, disk_looked_at, printed_bytes;
    bool worker_done, warned, overflow;
    zg_ending ending;
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
    struct rlimit limit;
    limit.rlim_cur = limit.rlim_max = (rlim_t)ceil(limits->cpu_seconds) + 2;
    if (limits->cpu_seconds > 0) (void)setrlimit(RLIMIT_CPU, &limit);
    limit.rlim_cur = limit.rlim_max = (rlim_t)ceil(limits->disk_mb * MIB);
    if (limits->disk_mb > 0) (void)setrlimit(RLIMIT_FSIZE, &limit);
}

/* A zg_child_body.  The supervisor waits to hear whether the group took us in. */
static int run_worker(void *context, int channel)
{
    const supervision *s = context;
    const zg_job *job = s->job;
    char entered = (char)zg_cgroup_enter(&s->outside->group);
    if (!zg_write_all(channel, &entered, 1)) return 1;
    close(channel);
    if (s->outside->scratch.path[0]) (void)setenv("TMPDIR", s->outside->scratch.path, 1);
    pin(job);
    limit_in_kernel(&job->limits);
    return job->work(job->context, s->events);
}

/* ---- the supervisor's side ------------------------------------------------------------------- */

/* Keeps the end of what the worker prints. */
static void drain_output(supervision *s)
{
    char piece[4096];
    char *tail = s->ending.output;
    for (;;) {
        ssize_t got = s->output[0] >= 0 ? read(s->output[0], piece, sizeof piece) : -1;
        if (got == 0) { /* nobody holds the other end: it would be ready for ever */
            close(s->output[0]);
            s->output[0] = -1;
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
        s->printed_bytes += (double)got;
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
        if (pid != s->worker.pid) continue;
        s->worker_done = true;
        s->ending.seconds = zg_monotonic() - s->started;
        double peak = (double)usage.ru_maxrss * 1024;
        if (peak > s->ending.peak_rss_bytes) s->ending.peak_rss_bytes = peak;
        if (s->ending.end != ZG_END_EXIT) continue;
        if (WIFSIGNALED(status)) s->ending.end = ZG_END_SIGNAL;
        s->ending.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    }
}

static void signal_all(const supervision *s, int number)
{
    if (number == SIGKILL) zg_cgroup_kill(&s->outside->group);
    zg_tree_signal(getpid(), number);
}

static bool over_disk_limit(supervision *s)
{
    const char *scratch = s->outside->scratch.path;
    double bytes = s->printed_bytes + (scratch[0] ? zg_tree_size(scratch) : 0);
    s->disk_looked_at = zg_monotonic();
    s->ending.disk_bytes = fmax(bytes, s->ending.disk_bytes);
    return s->overflow || bytes >= s->job->limits.disk_mb * MIB;
}

/* Whether the worker has had its time since it was asked to end. */
static bool over_patience(supervision *s, double now)
{
    if (!s->job->asked || !atomic_load(s->job->asked)) return false;
    if (!(s->asked_at > 0)) s->asked_at = now;
    return now - s->asked_at > ZG_ASKED_SECONDS;
}

/* The first limit that is exceeded, or ZG_END_EXIT. */
static zg_end exceeded(supervision *s, double now)
{
    const zg_limits *limits = &s->job->limits;
    zg_tree_usage usage;
    zg_cgroup_usage counted = {0};
    zg_tree_measure(getpid(), &usage);
    if (s->outside->group.path[0]) zg_cgroup_measure(&s->outside->group, &counted);
    double cpu = fmax(usage.cpu_seconds + s->ending.cpu_seconds, counted.cpu_seconds);
    s->ending.peak_rss_bytes = fmax(usage.rss_bytes, s->ending.peak_rss_bytes);
    if (limits->memory_mb > 0 && !s->ending.grouped && usage.rss_bytes > limits->memory_mb * MIB)
        return ZG_END_MEMORY;
    if (limits->processes > 0 && !s->ending.grouped && usage.processes > limits->processes)
        return ZG_END_PROCESSES;
    if (limits->disk_mb > 0 && (s->overflow || now - s->disk_looked_at >= TICK_DISK) &&
        over_disk_limit(s))
        return ZG_END_DISK;
    if (limits->cpu_seconds > 0 && cpu > limits->cpu_seconds) return ZG_END_CPU;
    if (limits->seconds > 0 && now - s->started > limits->seconds) return ZG_END_SECONDS;
    if (over_patience(s, now)) return ZG_END_ASKED;
    return ZG_END_EXIT;
}

static void check_limits(supervision *s)
{
    double now = zg_monotonic();
    zg_end end = exceeded(s, now);
    if (s->warned) {
        if (now - s->term_at < ZG_GRACE_SECONDS) return;
        s->ending.deaf = true;
        signal_all(s, SIGKILL);
        return;
    }
    if (end == ZG_END_EXIT) return;
    s->ending.end = end;
    s->warned = true;
    s->term_at = now;
    /* Asking first does not give memory or disk back: more would be used up before the grace
     * ends. */
    bool polite = end == ZG_END_SECONDS || end == ZG_END_CPU || end == ZG_END_ASKED;
    signal_all(s, polite ? SIGTERM : SIGKILL);
}

/* What the kernel did at a limit looks like any death by a signal, or like a failure of the
 * worker's own, until it is asked. */
static void look_at_causes(supervision *s)
{
    zg_ending *ending = &s->ending;
    zg_cgroup_usage counted = {0};
    if (s->outside->group.path[0]) {
        zg_cgroup_measure(&s->outside->group, &counted);
        ending->cpu_seconds = fmax(ending->cpu_seconds, counted.cpu_seconds);
    }
    if (ending->end != ZG_END_EXIT && ending->end != ZG_END_SIGNAL) return;
    bool failed = ending->end == ZG_END_SIGNAL || ending->code != 0;
    if (counted.out_of_memory) {
        ending->end = ZG_END_MEMORY;
        ending->peak_rss_bytes = fmax(ending->peak_rss_bytes, counted.memory_bytes);
    } else if (s->job->limits.disk_mb > 0 &&
               ((ending->end == ZG_END_SIGNAL && ending->code == SIGXFSZ) || over_disk_limit(s))) {
        ending->end = ZG_END_DISK;
    } else if (failed && counted.refused_fork) {
        ending->end = ZG_END_PROCESSES;
    }
}

/* Milliseconds until something is due. */
static int next_look(const supervision *s)
{
    const zg_limits *limits = &s->job->limits;
    double now = zg_monotonic();
    bool watched = limits->cpu_seconds > 0 || limits->processes > 0 ||
                   (limits->memory_mb > 0 && !s->ending.grouped);
    double wait = watched ? TICK_LIMITED : TICK_FREE;
    if (limits->seconds > 0 && !s->warned) wait = fmin(wait, s->started + limits->seconds - now);
    if (s->warned) wait = fmin(wait, s->term_at + ZG_GRACE_SECONDS - now);
    return wait > 0 ? (int)(wait * 1000) + 1 : 0;
}

/* The caller is gone or wants to stop: everything is killed at once. */
static void take_all_down(supervision *s)
{
    double patience = zg_monotonic() + PATIENCE;
    do {
        signal_all(s, SIGKILL);
        if (!reap(s)) return;
        (void)poll(NULL, 0, 1);
    } while (zg_monotonic() < patience);
}

/* The caller removes these too, in case the supervisor is lost; if the caller itself is lost,
 * nobody else would. */
static void remove_traces(const supervision *s)
{
    zg_cgroup group = s->outside->group;
    if (s->outside->scratch.path[0]) zg_tree_remove(s->outside->scratch.path);
    group.lock = -1; /* the caller's */
    zg_cgroup_remove(&group);
}

static bool asked_to_stop(supervision *s)
{
    struct signalfd_siginfo info;
    bool stop = getppid() != s->caller;
    while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGTERM) stop = true;
        if (info.ssi_signo == SIGUSR1) s->overflow = true;
    }
    return stop;
}

static void watch_worker(supervision *s)
{
    while (!s->worker_done) {
        struct pollfd ready[] = {{s->signals, POLLIN, 0}, {s->output[0], POLLIN, 0}};
        (void)poll(ready, 2, next_look(s));
        drain_output(s);
        if (asked_to_stop(s)) {
            take_all_down(s);
            remove_traces(s);
            if (s->job->folder && getppid() != s->caller) zg_tree_remove(s->job->folder);
            _exit(0);
        }
        (void)reap(s);
        if (!s->worker_done) check_limits(s);
    }
    look_at_causes(s);
    take_all_down(s); /* what the worker left behind */
    drain_output(s);
    remove_traces(s);
}

static bool start_worker(supervision *s)
{
    char entered = 0;
    zg_child_plan plan = {.body = run_worker,
                          .context = s,
                          .channel = true,
                          .kept = s->events,
                          .output = s->output[1]};
    s->ending.grouped = zg_cgroup_limit(&s->outside->group, s->job->limits.memory_mb * MIB,
                                        s->job->limits.processes);
    s->started = zg_monotonic();
    if (zg_child_start(&plan, &s->worker, NULL) != ZG_OK) return false;
    (void)zg_child_read(&s->worker, &entered, 1, -1);
    s->ending.grouped = s->ending.grouped && entered;
    close(s->worker.channel);
    return true;
}

/* A zg_child_body: the supervisor's process. */
static int supervise(void *context, int channel)
{
    supervision *s = context;
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGUSR1);
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    (void)signal(SIGINT, SIG_IGN);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != s->caller) return 0;
    s->signals = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    if (s->signals < 0 || pipe2(s->output, O_CLOEXEC) != 0) return 1;
    (void)fcntl(s->output[0], F_SETFL, O_NONBLOCK);
    bool started = start_worker(s);
    close(s->output[1]);
    close(s->events);
    if (started)
        watch_worker(s);
    else
        s->ending.end = ZG_END_LOST;
    return zg_write_all(channel, &s->ending, sizeof s->ending) ? 0 : 1;
}

/* ---- the caller's side ----------------------------------------------------------------------- */

static void remove_places(zg_worker *worker)
{
    zg_scratch_remove(&worker->scratch);
    zg_cgroup_remove(&worker->group);
}

static zg_status make_places(const zg_job *job, zg_worker *worker, zg_error *error)
{
    if (!job->confine) return ZG_OK;
    zg_status status = zg_scratch_make(&worker->scratch, error);
    if (status == ZG_OK) zg_cgroup_make(&worker->group);
    return status;
}

static bool open_events(bool two_way, int ends[2])
{
    return (two_way ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)
                    : pipe2(ends, O_CLOEXEC)) == 0;
}

zg_status zg_worker_start(const zg_job *job, zg_worker *out, zg_error *error)
{
    int events[2];
    *out = (zg_worker){.supervisor = {.channel = -1}, .events = -1};
    if (!open_events(job->two_way, events))
        return zg_fail(error, ZG_IO, "cannot make a pipe: %s", strerror(errno));
    zg_status status = make_places(job, out, error);
    supervision s = {.job = job, .outside = out, .caller = getpid(), .events = events[1]};
    const zg_child_plan plan = {.body = supervise,
                                .context = &s,
                                .channel = true,
                                .kept = events[1],
                                .output = ZG_CHILD_SHARED};
    if (status == ZG_OK) status = zg_child_start(&plan, &out->supervisor, error);
    close(events[1]);
    if (status != ZG_OK) {
        close(events[0]);
        remove_places(out);
        return status;
    }
    out->events = events[0];
    (void)fcntl(events[0], F_SETFL, O_NONBLOCK);
    return ZG_OK;
}

void zg_worker_finish(zg_worker *worker, zg_ending *out)
{
    if (zg_child_read(&worker->supervisor, out, sizeof *out, -1) != ZG_OK)
        *out = (zg_ending){.end = ZG_END_LOST};
    out->output[ZG_OUTPUT_SIZE - 1] = '\0';
    (void)zg_child_wait(&worker->supervisor, -1);
    zg_child_clear(&worker->supervisor);
    remove_places(worker);
}

void zg_worker_overflow(const zg_worker *worker)
{
    (void)kill(worker->supervisor.pid, SIGUSR1);
}

void zg_worker_kill(zg_worker *worker)
{
    zg_ending ignored;
    (void)kill(worker->supervisor.pid, SIGTERM);
    zg_worker_finish(worker, &ignored);
}
