/*
 * zerogap-mpi run: a parent that starts a job and demands a complete result.
 *
 * What mpirun says in the end is not enough: MPICH's says 0 for a rank that left without a result,
 * and a rank that is stopped or cut off hangs for ever.  So the parent gives the job a token, waits
 * no longer than it is allowed to, and believes only a whole result file that repeats the token.
 */
#ifndef ZG_MPI_LAUNCH_H
#define ZG_MPI_LAUNCH_H

/* argv[0] is "run"; returns the exit status. */
int zg_mpi_launch(int argc, char **argv);

#endif
