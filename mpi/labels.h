/* The classes of all ranks' rows: a rank by itself may not have met all of them. */
#ifndef ZG_MPI_LABELS_H
#define ZG_MPI_LABELS_H

#include "data/dataset.h"
#include "mpi/ranks.h"

/* What zg_encoding_fit would find in the rows of all ranks; an error ends the job. */
void zg_labels_fit(zg_ranks *ranks, const zg_dataset *dataset, zg_task task, zg_encoding *out);

#endif
