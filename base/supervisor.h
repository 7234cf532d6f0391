/*
 * Supervision: runs a function or a program in a process of its own, under limits that hold, with
 * everything that it starts.
 *
 *   caller ── supervisor ── worker ── whatever the worker starts
 *
 * The supervisor adopts every orphan below it, so that nothing the worker starts can outlive it or
 * hide from its limits, not even by a session of its own.  At a limit it sends SIGTERM, and
 * SIGKILL half a second later; when the caller itself dies, it kills everything and goes.
 *
 * A caller that must end soon asks all its workers to end by themselves, through memory that they
 * share; who has not after a while is treated as at a limit.
 *
 * A confined job runs in a control group of the kernel where one can be made (see cgroup.h): there
 * memory, number of processes and processor time are the kernel's count, which nothing escapes.
 * Otherwise the supervisor checks every 10 ms what the processes below it use.
 */
#ifndef ZG_BASE_SUPERVISOR_H
#define ZG_BASE_SUPERVISOR_H

#include "base/cgroup.h"
#include "base/child.h"
#include "base/scratch.h"

#include <stdatomic.h>

#define ZG_GRACE_SECONDS 0.5 /* between SIGTERM and SIGKILL */
#define ZG_ASKED_SECONDS 20  /* that a worker has to end by itself when it is asked to */
#define ZG_OUTPUT_SIZE 400

/* Of all processes of a job together; 0: none. */
typedef struct zg_limits {
    double seconds;     /* wall clock */
    double cpu_seconds; /* processor time */
    double memory_mb;   /* MiB */
    double disk_mb;     /* MiB in the scratch folder, in output and in any one file */
    size_t processes;   /* at a time */
} zg_limits;

typedef struct zg_job {
    /* Runs in the worker with the writing end of a pipe; what it returns is the exit status. */
    int (*work)(void *context, int pipe);
    void *context;
    zg_limits limits;
    const size_t *cores; /* to pin the worker to; none when core_count is 0 */
    size_t core_count;
    bool two_way;       /* the pipe is a socket: work hears what the caller writes to `events` */
    bool confine;       /* in a control group, with a scratch folder as its TMPDIR */
    const char *folder; /* the caller's scratch folder, removed should the caller die; or NULL */
    const atomic_int *asked; /* shared with the caller: the worker is to end when it is not 0; or
                                NULL */
} zg_job;

typedef enum zg_end {
    ZG_END_EXIT,      /* by itself, with a status */
    ZG_END_SIGNAL,    /* by a signal that was not ours */
    ZG_END_SECONDS,   /* over the limit of wall-clock time */
    ZG_END_CPU,       /* over the limit of processor time */
    ZG_END_MEMORY,    /* over the limit of memory */
    ZG_END_DISK,      /* over the limit of bytes written */
    ZG_END_PROCESSES, /* over the limit of processes */
    ZG_END_ASKED,     /* it was asked to end, and did not by itself */
    ZG_END_LOST       /* the supervisor itself failed or was killed */
} zg_end;

/* How a worker ended; what the supervisor sends back. */
typedef struct zg_ending {
    zg_end end;
    int code;              /* exit status or signal */
    double seconds;        /* wall clock */
    double cpu_seconds;    /* user and system, of all processes */
    double peak_rss_bytes; /* largest sum over the processes seen, at least the worker's own peak */
    double disk_bytes;     /* most that was seen in the scratch folder, and printed */
    bool deaf;             /* SIGTERM was not enough */
    bool grouped;          /* memory and processes were limited by a control group */
    char output[ZG_OUTPUT_SIZE]; /* the end of what it printed */
} zg_ending;

typedef struct zg_worker {
    zg_child supervisor; /* its channel: readable when the ending is there */
    int events;          /* reading end of the worker's pipe, not blocking */
    zg_scratch scratch;
    zg_cgroup group;
} zg_worker;

zg_status zg_worker_start(const zg_job *job, zg_worker *out, zg_error *error);
/* Call when the supervisor's channel is readable: collects the supervisor.  `events` stays open for
 * the rest. */
void zg_worker_finish(zg_worker *worker, zg_ending *out);
/* Ends the worker at the limit of bytes written, for the reader of its events. */
void zg_worker_overflow(const zg_worker *worker);
/* Kills all that belongs to the worker and waits for it. */
void zg_worker_kill(zg_worker *worker);

#endif
