/*
 * The checkpoint of a job: what a method keeps between rounds (zg_keeper), in one file.
 *
 * Rank 0 gathers the vectors and replaces the file whole, so that a rank that is killed at any
 * moment leaves that of the last round.  The file names the data (by their digest) and the model:
 * it is taken up for these only, by any number of ranks.  Its SHA-256 stands in its last line.
 */
#ifndef ZG_MPI_KEEP_H
#define ZG_MPI_KEEP_H

#include "core/method.h"
#include "mpi/ranks.h"

typedef struct zg_keep_state {
    size_t count;
    double *numbers, *v; /* count; the rank's samples */
} zg_keep_state;

typedef struct zg_keep {
    zg_ranks *ranks;
    const char *path;
    char *identity; /* a line: model and data */
    size_t outputs, samples;
    zg_keep_state *state; /* outputs */
    zg_keeper keeper;     /* for the control */
    size_t written;       /* times */
    double seconds;       /* spent on it */
} zg_keep;

/* identity (one line, the keep's from now on) says what the state belongs to. */
zg_status zg_keep_create(zg_ranks *ranks, const char *path, char *identity, size_t outputs,
                         size_t samples, zg_keep **out);
void zg_keep_free(zg_keep *keep);

/* Takes the file up; on every rank.  An error ends the job: a file that is damaged or belongs to
 * another problem is refused.  False: there is none. */
bool zg_keep_resume(zg_keep *keep);

#endif
