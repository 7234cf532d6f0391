/*
 * The ranks of an MPI job as a team (base/team.h).
 *
 * One rank alone can never end well or badly: an error ends all of them through MPI_Abort with an
 * exit status of the contract (cli/options.h), after one sentence on standard error that says which
 * rank it was and why.
 */
#ifndef ZG_MPI_RANKS_H
#define ZG_MPI_RANKS_H

#include "base/status.h"
#include "base/team.h"

/* Least number of blocks that the samples are cut into: up to so many ranks give the same bits. */
#define ZG_LEAST_BLOCKS 64

typedef struct zg_ranks_time {
    double seconds, processor;
} zg_ranks_time;

typedef struct zg_ranks {
    zg_team team;
    /* Seconds of this rank inside of MPI by its clock, and processor time: moving messages, and
     * waiting for others to arrive (known apart only with zg_ranks_measure). */
    zg_ranks_time transfer, waiting;
    bool measured;
} zg_ranks;

/* MPI_Init, and a team without samples yet. */
void zg_ranks_begin(zg_ranks *ranks, int *argc, char ***argv);
/* From now on the ranks meet before every message, so that waiting for the other rank is told apart
 * from moving the bytes: on processors that ranks share, the first is most of it. */
void zg_ranks_measure(zg_ranks *ranks);
/* MPI_Finalize, once every rank is here. */
void zg_ranks_end(zg_ranks *ranks);

/* Ends all ranks where one has an error: what it says is printed once, by the first that has one.
 */
void zg_ranks_settle(zg_ranks *ranks, zg_status status, const zg_error *error);
/* Ends the job at once, with the exit status. */
void zg_ranks_abort(zg_ranks *ranks, int exit_status, const char *why) __attribute__((noreturn));

/* The largest of all ranks' numbers. */
double zg_ranks_largest(zg_ranks *ranks, double x);

/* Seconds by the MPI's clock. */
double zg_ranks_clock(void);

/* "Open MPI v4.1.4, ..." of the library that runs. */
const char *zg_ranks_library(void);

#endif
