/* What a job says in the end: text, JSON, and the result file that proves that it is complete. */
#ifndef ZG_MPI_REPORT_H
#define ZG_MPI_REPORT_H

#include "base/formats.h"
#include "mpi/ranks.h"
#include "train/training.h"

#include <jansson.h>
#include <stdio.h>

/* How result files are recognised (zg_cli_option.writes). */
#define ZG_KIND_RESULT "zerogap-mpi-result/"

typedef struct zg_mpi_report {
    const zg_training *training;
    const zg_assessment *assessment;
    const zg_problem *problem; /* NULL, and no digest: the rows were read once */
    const char *method, *digest, *how, *token, *model, *certificate, *trouble; /* some NULL */
    double tolerance, attainable; /* attainable: gap that sums can show; 0: not from sums */
    size_t checkpoints;
    double checkpoint_seconds, load_seconds, seconds;
    bool resumed;
    /* Set by zg_mpi_report_measure: of the rank that has most of it, and of all. */
    size_t ranks, rows, fewest_rows, most_rows;
    double collectives, messages, bytes;                     /* messages and bytes: sent by all */
    double transfer_seconds, waiting_seconds;                /* of the rank that has most */
    double transfer_processor, waiting_processor, processor; /* of all */
    bool measured;
} zg_mpi_report;

/* Collects what the ranks counted; every rank must call it. */
void zg_mpi_report_measure(zg_ranks *ranks, zg_mpi_report *report);
void zg_mpi_report_print(const zg_mpi_report *report, bool json, int exit_status, FILE *out);
/* Replaces the file whole. */
zg_status zg_mpi_report_write(const zg_mpi_report *report, const char *path, int exit_status,
                              zg_error *error);

#endif
