/* The ranks of an MPI job as a team (see ranks.h). */
#include "mpi/ranks.h"

#include "cli/options.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TAG 7
#define MEET_TAG 8
/* Bytes of one MPI call, whose counts are ints. */
#define CHUNK ((size_t)1 << 30)

/* ---- the transport ----------------------------------------------------------------------------- */

/* Errors of MPI itself end the job by MPI's own handler: calls do not return them. */

typedef struct moment {
    double wall, processor;
} moment;

static moment now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (moment){MPI_Wtime(), (double)t.tv_sec + 1e-9 * (double)t.tv_nsec};
}

/* Adds what has passed since a moment. */
static void charge(zg_ranks_time *account, moment since)
{
    moment until = now();
    account->seconds += until.wall - since.wall;
    account->processor += until.processor - since.processor;
}

static int chunk_of(size_t bytes)
{
    return (int)(bytes < CHUNK ? bytes : CHUNK);
}

/* Both ranks of a message exchange a byte first: then both are here, and what follows is the
 * message alone. */
static void meet(zg_ranks *ranks, size_t other)
{
    char here = 0, there;
    moment before = now();
    if (!ranks->measured) return;
    MPI_Sendrecv(&here, 1, MPI_BYTE, (int)other, MEET_TAG, &there, 1, MPI_BYTE, (int)other,
                 MEET_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    charge(&ranks->waiting, before);
}

static void send_bytes(void *context, size_t to, const void *data, size_t bytes)
{
    zg_ranks *ranks = context;
    const char *p = data;
    meet(ranks, to);
    moment before = now();
    /* A message that fills its last chunk is followed by an empty one. */
    for (size_t at = 0; at <= bytes; at += CHUNK)
        MPI_Send(p + at, chunk_of(bytes - at), MPI_BYTE, (int)to, TAG, MPI_COMM_WORLD);
    charge(&ranks->transfer, before);
}

static size_t receive_bytes(void *context, size_t from, void *data, size_t bytes)
{
    zg_ranks *ranks = context;
    char *p = data;
    size_t all = 0;
    meet(ranks, from);
    moment before = now();
    int got;
    do {
        MPI_Status status;
        MPI_Recv(p + all, chunk_of(bytes - all), MPI_BYTE, (int)from, TAG, MPI_COMM_WORLD, &status);
        MPI_Get_count(&status, MPI_BYTE, &got);
        all += (size_t)got;
    } while ((size_t)got == CHUNK);
    charge(&ranks->transfer, before);
    return all;
}

static void broadcast_bytes(void *context, void *data, size_t bytes)
{
    zg_ranks *ranks = context;
    char *p = data;
    moment before = now();
    if (ranks->measured) MPI_Barrier(MPI_COMM_WORLD);
    charge(&ranks->waiting, before);
    moment between = now();
    for (size_t at = 0; at < bytes; at += CHUNK)
        MPI_Bcast(p + at, chunk_of(bytes - at), MPI_BYTE, 0, MPI_COMM_WORLD);
    charge(&ranks->transfer, between);
}

static void __attribute__((noreturn)) fail_job(void *context, const char *why)
{
    zg_ranks_abort(context, ZG_EXIT_FAILED, why);
}

/* ---- life ---------------------------------------------------------------------------------------- */

void zg_ranks_begin(zg_ranks *ranks, int *argc, char ***argv)
{
    int rank, size;
    MPI_Init(argc, argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    static const size_t nothing[1] = {0};
    size_t blocks = ZG_LEAST_BLOCKS;
    while (blocks < (size_t)size)
        blocks *= 2;
    *ranks = (zg_ranks){.team = {.rank = (size_t)rank,
                                 .ranks = (size_t)size,
                                 .all_blocks = blocks,
                                 .start = nothing,
                                 .transport = {.send = send_bytes,
                                               .receive = receive_bytes,
                                               .broadcast = broadcast_bytes,
                                               .fail = fail_job,
                                               .context = ranks}}};
}

void zg_ranks_measure(zg_ranks *ranks)
{
    ranks->measured = true;
}

void zg_ranks_end(zg_ranks *ranks)
{
    double here = 0.0;
    zg_team_max(&ranks->team, 1, &here); /* who ended early by mistake would be missed in it */
    MPI_Finalize();
}

void zg_ranks_abort(zg_ranks *ranks, int exit_status, const char *why)
{
    fprintf(stderr, "zerogap-mpi: rank %zu of %zu: %s\n", ranks->team.rank, ranks->team.ranks, why);
    fflush(NULL);
    MPI_Abort(MPI_COMM_WORLD, exit_status);
    _exit(exit_status); /* where MPI_Abort should return */
}

void zg_ranks_settle(zg_ranks *ranks, zg_status status, const zg_error *error)
{
    zg_team *team = &ranks->team;
    /* The first rank with an error, as the largest of negated numbers. */
    double first = status == ZG_OK ? -1e9 : -(double)team->rank;
    zg_team_max(team, 1, &first);
    if (first == -1e9) return;
    if (first == -(double)team->rank)
        zg_ranks_abort(ranks, zg_cli_exit_status(status), error->message);
    for (;;) /* MPI_Abort of the other rank ends this one */
        sleep(1);
}

double zg_ranks_largest(zg_ranks *ranks, double x)
{
    zg_team_max(&ranks->team, 1, &x);
    return x;
}

double zg_ranks_clock(void)
{
    return MPI_Wtime();
}

const char *zg_ranks_library(void)
{
    static char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length;
    MPI_Get_library_version(text, &length);
    text[strcspn(text, "\n,")] = '\0';
    return text;
}
