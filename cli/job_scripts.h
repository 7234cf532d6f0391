/*
 * Scripts that run a suite in parts (run --shard) where many machines are: plain to read, each part
 * with a log of its own, and a report of all logs that fails where one is not there.
 *
 * Paths may have any bytes; where the language of a script cannot carry them, they are refused.
 */
#ifndef ZG_CLI_JOB_SCRIPTS_H
#define ZG_CLI_JOB_SCRIPTS_H

#include "reports/text.h"

#include <stdbool.h>

typedef struct zg_job_plan {
    const char *name;    /* of the suite, for comments */
    const char *suite;   /* as `zerogap run` is to be given it */
    const char *program; /* path of this program */
    const char *folder;  /* absolute; where scripts, logs and reports are */
    const char *filter;  /* or NULL */
    size_t repeat;       /* or 0: the suite's own */
    bool offline;
    size_t parts, most;         /* how many, and cases of the largest one */
    size_t threads;             /* of a case */
    double seconds, memory_mb;  /* limits of a case; 0: none */
    double minutes;             /* that a part may take by them; 0 unknown */
    const char *const *options; /* of sbatch */
    size_t option_count;
} zg_job_plan;

/* What every script has in its head, so that it is known again. */
#define ZG_JOB_MARK "Written by `zerogap submit`"

typedef zg_status (*zg_job_writer)(const zg_job_plan *plan, zg_text *out, zg_error *error);

/* SLURM: the array of parts, the report that waits for it, and what submits both. */
zg_status zg_job_slurm_parts(const zg_job_plan *plan, zg_text *out, zg_error *error);
zg_status zg_job_slurm_report(const zg_job_plan *plan, zg_text *out, zg_error *error);
zg_status zg_job_slurm_submit(const zg_job_plan *plan, zg_text *out, zg_error *error);

/* GNU parallel; the matrices of GitHub Actions and GitLab, for a suite of their repository. */
zg_status zg_job_parallel(const zg_job_plan *plan, zg_text *out, zg_error *error);
zg_status zg_job_github(const zg_job_plan *plan, zg_text *out, zg_error *error);
zg_status zg_job_gitlab(const zg_job_plan *plan, zg_text *out, zg_error *error);

#endif
