/* zerogap-mpi train --stream: rows that are read once, by all ranks, and only their sums kept. */
#ifndef ZG_MPI_STREAM_H
#define ZG_MPI_STREAM_H

#include "core/method.h"
#include "mpi/ranks.h"
#include "solvers/stream_train.h"

typedef struct zg_stream_job {
    size_t files;
    const char *const *paths;
    const zg_data_options *options;
    const zg_model_options *model; /* its architecture is dense */
    const zg_control *control;
} zg_stream_job;

/* Every rank must call it; an error of one ends all.  The solve is rank 0's alone: out->network is
 * NULL elsewhere, the numbers are the same everywhere.  *how is how rows were read. */
void zg_mpi_stream(zg_ranks *ranks, const zg_stream_job *job, zg_sums_result *out,
                   const char **how);

#endif
