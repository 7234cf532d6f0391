/*
 * Run logs: newline-delimited JSON events, read into one row per case.
 *
 * Every line ends in a member "crc" with the CRC-32 of the bytes before it.  A torn last line is
 * ignored, any other damaged line is left out and listed.  Logs of foreign writers, without
 * checksums, are read too.  Where a key finishes several times (resumed runs) the last finish
 * counts, with the progress of that attempt; finishes that bound the optimum by intervals which
 * have no number in common are wrong, cause "contradiction".
 */
#ifndef ZG_LOG_LOG_H
#define ZG_LOG_LOG_H

#include "base/status.h"
#include "log/member.h"
#include "log/row.h"

typedef struct zg_log_progress {
    double seconds;   /* of the method alone */
    double step;      /* number of the iteration, epoch or node; NAN when unknown */
    double objective; /* NAN when unknown */
    double bound;     /* certified; NAN when unknown */
} zg_log_progress;

typedef struct zg_log_points {
    zg_log_progress *at;
    size_t count, capacity;
} zg_log_points;

/* What all results of a case say of its optimum, with the logs (from 0) that say so. */
typedef struct zg_log_interval {
    double lower, upper; /* -+INFINITY: unknown; a lower end of +INFINITY: there is no network */
    size_t lower_log, upper_log;
} zg_log_interval;

typedef struct zg_log_run {
    size_t log;       /* which of the logs read, from 0 */
    json_t *started;  /* the run_started event */
    json_t *finished; /* the run_finished event, or NULL */
    size_t cases;     /* different cases that started in it */
} zg_log_run;

/* Numbers are NAN and texts NULL where the log does not say.  Texts belong to the events and are
 * whole, where those of a row may be cut.  The result has a sample at least where its seconds are
 * known. */
typedef struct zg_log_case {
    const char *name;         /* its "case" */
    char *owned_message;      /* where message is put together */
    const char *key;          /* digest of everything that determines the result, or NULL */
    size_t run;               /* index of the run that it was started in, SIZE_MAX before any */
    json_t *started;          /* case_started, or NULL */
    json_t *finished;         /* case_finished, or NULL */
    size_t finishes;          /* how often it finished; more than 1 in resumed runs */
    zg_log_interval interval; /* by all finishes in all logs, wrong ones apart */
    double ended, unsure; /* when it finished last, seconds since the epoch, or up to so much later;
                             NAN unknown */
    zg_row result;        /* of the last finish; unfinished: the last certified state */
    const char *score;    /* "accuracy", "rmse" or NULL: the one that is shown */
    double train_score, validation_score, test_score;
    bool superseded;        /* while reading: about other data or settings, to be left out */
    bool unchosen;          /* while reading: a later part of the run chose another setting */
    bool dropped;           /* while reading: one of these, and to be left out */
    bool shared;            /* timed while other cases ran: not to be compared */
    const char *suite;      /* of the case, else of its run */
    const char *message;    /* why it ended as it did: cause, then message, of the log */
    zg_log_points progress; /* ends with the result, where there is one */
    zg_log_points pending;  /* of an attempt that has not finished */
} zg_log_case;

/* Whether a method gave an answer for an optimum, and the gate did not believe it. */
bool zg_log_unproven(const zg_log_case *row);

typedef struct zg_log_damage {
    size_t log, line; /* log from 0, line from 1 */
    char reason[120];
} zg_log_damage;

typedef struct zg_log {
    size_t logs;
    size_t torn; /* logs whose last line was cut off */
    zg_log_run *runs;
    size_t run_count, run_capacity;
    zg_log_case *cases; /* in order of first appearance */
    size_t case_count, case_capacity;
    zg_log_damage *damage;
    size_t damage_count, damage_capacity;
    json_t *by_key, *by_name; /* case indices; keys are those of a suite, where it is named */
} zg_log;

/* Reads one log and adds it to *log (zero-initialised before the first); "-" is standard input.
 * An empty log is fine and holds nothing.  ZG_BAD_INPUT: no line of it is an event, or its format
 * is not ours. */
zg_status zg_log_read(zg_log *log, const char *path, zg_error *error);
void zg_log_clear(zg_log *log);

/* The tolerance of the case, which is that of its run, the smaller where a log states two; else the
 * usual one. */
double zg_log_tolerance(const zg_log *log, const zg_log_case *row);

/* What tells a case apart from all others of several suites, which may share it, each with its own
 * row: its key and its suite in room, the key alone where the suite is not known (NULL), NULL
 * without a key. */
#define ZG_LOG_CASE_KEY 1024
const char *zg_log_case_key(const char *key, const char *suite, char room[ZG_LOG_CASE_KEY]);

/* Seconds since the epoch at an event of the run that began with the event run (or NULL): that says
 * when it began, events how long after; a run that was continued began its clock earlier.  NAN
 * where one of them is not known.  *unsure (or NULL): by how much it may be later, which is 1 where
 * the log states the start in whole seconds only, as older logs do. */
double zg_log_clock(const json_t *run, const json_t *event, double *unsure);

/* What makes two parts of runs (events run_started with a shard) no parts of one run, in words, or
 * NULL.  How many parts there are may differ: what was killed may go on in others. */
const char *zg_log_part_difference(const json_t *a, const json_t *b);

/* How many cases ended with each verdict: counts has room for ZG_VERDICT_COUNT. */
void zg_log_count(const zg_log *log, size_t *counts);

#endif
