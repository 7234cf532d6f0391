/*
 * Supervision: runs a function in a process of its own, under limits that hold.
 *
 *   runner ── supervisor ── worker ── whatever the worker starts
 *
 * The supervisor adopts every orphan below it, so that nothing the worker starts can outlive the
 * case or hide from its limits, not even by a session of its own.  At a limit it sends SIGTERM, and
 * SIGKILL half a second later; when the runner itself dies, it kills everything and goes.
 */
#ifndef ZG_RUNNER_SUPERVISOR_H
#define ZG_RUNNER_SUPERVISOR_H

#include "runner/suite.h"

#include <sys/types.h>

#define ZG_GRACE_SECONDS 0.5 /* between SIGTERM and SIGKILL */
#define ZG_OUTPUT_SIZE 400

typedef struct zg_job {
    /* Runs in the worker with the writing end of a pipe; what it returns is the exit status. */
    int (*work)(void *context, int pipe);
    void *context;
    zg_limits limits;
    const size_t *cores; /* to pin the worker to; none when core_count is 0 */
    size_t core_count;
} zg_job;

typedef enum zg_end {
    ZG_END_EXIT,    /* by itself, with a status */
    ZG_END_SIGNAL,  /* by a signal that was not ours */
    ZG_END_SECONDS, /* over the limit of wall-clock time */
    ZG_END_CPU,     /* over the limit of processor time */
    ZG_END_MEMORY,  /* over the limit of memory */
    ZG_END_LOST     /* the supervisor itself came to harm */
} zg_end;

/* How a worker ended; what the supervisor sends back. */
typedef struct zg_ending {
    zg_end end;
    int code;              /* exit status or signal */
    double seconds;        /* wall clock */
    double cpu_seconds;    /* user and system, of all processes */
    double peak_rss_bytes; /* largest sum over the processes seen, at least the worker's own peak */
    bool deaf;             /* SIGTERM was not enough */
    char output[ZG_OUTPUT_SIZE]; /* the end of what it printed */
} zg_ending;

typedef struct zg_worker {
    pid_t supervisor;
    int events; /* reading end of the worker's pipe, not blocking */
    int ending; /* reading end of the supervisor's pipe */
} zg_worker;

zg_status zg_worker_start(const zg_job *job, zg_worker *out, zg_error *error);
/* Call when `ending` is readable: collects the supervisor.  `events` stays open for the rest. */
void zg_worker_finish(zg_worker *worker, zg_ending *out);
/* Kills all that belongs to the worker and waits for it. */
void zg_worker_kill(zg_worker *worker);

#endif
