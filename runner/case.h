/*
 * One case, in its worker process: data, problem, method, certificate; events through a pipe.
 *
 * The worker sends lines of JSON: "data" with the sizes of the problem, progress events as they
 * will stand in the journal (but for the checksum) and one "result" whose members are those of a
 * row.  Everything else that comes through the pipe is garbage, and the runner says so.
 */
#ifndef ZG_RUNNER_CASE_H
#define ZG_RUNNER_CASE_H

#include "log/row.h"
#include "runner/suite.h"

typedef struct zg_case_job {
    const zg_suite *suite;
    const zg_case *item;
    const zg_world *world;
    size_t repetition;       /* progress is sent for the first, 0, only */
    const char *checkpoint;  /* file for the method's state; for the first repetition */
    double begin;            /* monotonic clock at the run's t = 0 */
    const atomic_int *asked; /* as in zg_job: the method is stopped when it is not 0; or NULL */
} zg_case_job;

/* For zg_job.work: context is a zg_case_job.  Returns 0 once a result was sent. */
int zg_case_work(void *context, int pipe);

#endif
