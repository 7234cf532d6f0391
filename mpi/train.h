/* zerogap-mpi train: one problem, trained by all ranks. */
#ifndef ZG_MPI_TRAIN_H
#define ZG_MPI_TRAIN_H

#include "mpi/ranks.h"

/* argv[0] is "train"; returns the exit status, the same on every rank. */
int zg_mpi_train(zg_ranks *ranks, int argc, char **argv);

#endif
