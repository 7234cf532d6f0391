/*
 * The runner: cases of suites into a journal, each in a process of its own.
 *
 * The runner alone writes the journal.  Whatever a case does, it ends with a row, and the cases
 * after it run.
 */
#ifndef ZG_RUNNER_RUNNER_H
#define ZG_RUNNER_RUNNER_H

#include "log/row.h"
#include "runner/resume.h"

/* What watches a run from inside: the live table.  Any function may be NULL. */
typedef struct zg_spectator {
    /* Finished cases of the log that are about something else, of the same names. */
    void (*superseded)(void *context, const zg_superseded *what);
    /* What a reader of data decided by itself: a sentence. */
    void (*noted)(void *context, const char *note);
    void (*started)(void *context, const char *name, size_t number, size_t total);
    void (*progress)(void *context, const char *name, double seconds, double objective,
                     double bound);
    void (*finished)(void *context, const zg_row *row);
    void *context;
} zg_spectator;

/* Part index, from 1, of count; count 0: the run is whole.  What is the same for all parts: */
typedef struct zg_shard {
    size_t index, count;
    size_t cases;              /* that all parts together are to run */
    char keys[ZG_DIGEST_SIZE]; /* digest of the keys of all their cases */
} zg_shard;

typedef struct zg_run_options {
    const char *log;            /* path of the journal */
    bool resume;                /* continue what is there */
    const char *const *earlier; /* logs whose results count as done, which are only read */
    size_t earlier_count;
    const zg_shard *shard;      /* or NULL; its cases are marked (runner/shard.h) */
    bool no_final;              /* no case of a setting that is chosen: what is chosen may differ
                                   between what is compared */
    bool strict;                /* the run ends with 5 where a case was skipped */
    bool keep_failed;           /* failed, timed-out and out-of-memory rows count as done */
    const char *filter;         /* glob on names of cases, or NULL */
    const char *exact_case;     /* this name only, or NULL */
    size_t jobs;                /* cases at a time; 0 means 1 */
    bool shared;                /* the machine does other work meanwhile: times are marked so */
    size_t repeat;              /* instead of the suites' own; 0: theirs */
    const char *const *command; /* the command line, for the record */
    size_t command_count;
    zg_spectator spectator;
} zg_run_options;

typedef struct zg_run_result {
    zg_row *rows; /* one per case that ran now or before, in the order of the suites */
    size_t count;
    size_t expected; /* rows there shall be: of settings to choose from one is trained again */
    size_t counts[ZG_VERDICT_COUNT];
    size_t kept;       /* rows taken over from the part of the run before */
    size_t superseded; /* rows of that part that are about other data or settings, or of other
                          solvers */
    int exit_status;
    int interrupted; /* the signal that ended the run before its end, or 0 */
} zg_run_result;

/* Whether the options ask for the case. */
bool zg_case_selected(const zg_case *item, const zg_run_options *options);
/* Whether a run with these options would treat it: a final case needs all cases that its choice
 * rests on. */
bool zg_case_planned(const zg_suite *suite, const zg_case *item, const zg_run_options *options);

/* Runs the suites.  ZG_STOPPED after SIGINT, SIGTERM or SIGHUP: all processes are gone, the journal
 * says so and can be continued, and of *out only `interrupted` is set.  So after SIGUSR1, when the
 * cases under way have ended, each with a row of what it has reached. */
zg_status zg_run_suites(zg_suite *const *suites, size_t count, const zg_world *world,
                        const zg_run_options *options, zg_run_result *out, zg_error *error);
void zg_run_result_clear(zg_run_result *result);

#endif
