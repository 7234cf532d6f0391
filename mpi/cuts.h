/* Files cut into the team's blocks: which rank holds what of them. */
#ifndef ZG_MPI_CUTS_H
#define ZG_MPI_CUTS_H

#include "data/part.h"
#include "mpi/ranks.h"

typedef struct zg_cuts {
    const zg_data_options *options;
    size_t files, cuts; /* every file is cut into so many blocks */
    zg_part_file *file;
    double *lines, *quotes; /* of every block of every file: line ends and quotation marks */
} zg_cuts;

/* Opens the files and deals their blocks out to the ranks' team (which has no samples yet).  Every
 * rank must call it; an error of one ends all. */
void zg_cuts_open(zg_ranks *ranks, size_t files, const char *const *paths,
                  const zg_data_options *options, zg_cuts *out);
void zg_cuts_close(zg_cuts *cuts);

/* The blocks of file k that this rank holds: *from up to, but without, *to. */
void zg_cuts_own(const zg_cuts *cuts, const zg_team *team, size_t k, size_t *from, size_t *to);
/* Number i of the boundaries of n things, the last one being number cuts. */
size_t zg_cuts_bound(const zg_cuts *cuts, size_t n, size_t i);
/* Where block i of a file of lines begins, and the number of its first line. */
zg_status zg_cuts_line(const zg_cuts *cuts, size_t k, size_t i, size_t *at, size_t *line,
                       zg_error *error);
/* How its rows are read: "by bytes", "by offsets" or "whole". */
const char *zg_cuts_how(const zg_part_file *file);

#endif
