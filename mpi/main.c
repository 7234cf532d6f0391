/* zerogap-mpi: training by the processes of an MPI job, and the parent that starts one. */
#include "cli/blas_restart.h"
#include "cli/options.h"
#include "mpi/launch.h"
#include "mpi/train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "zerogap-mpi: globally optimal networks from rows that several processes share\n\n"
    "  mpirun -n N zerogap-mpi train --data FILE... --beta B [OPTION]...\n"
    "  zerogap-mpi run -n N [OPTION]... -- train --data FILE... --beta B [OPTION]...\n\n"
    "zerogap-mpi COMMAND --help says more.\n";

/* Help needs no ranks, and may be wanted where no MPI job can start. */
static bool asks_for_help(int argc, char **argv)
{
    bool asks = false;
    for (int i = 2; i < argc; i++)
        asks = asks || strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0 ||
               strcmp(argv[i], "--man") == 0;
    return asks;
}

static int train(int argc, char **argv)
{
    static zg_ranks ranks;
    if (asks_for_help(argc, argv)) return zg_mpi_train(&ranks, argc - 1, argv + 1);
    zg_ranks_begin(&ranks, &argc, &argv);
    int exit_status = zg_mpi_train(&ranks, argc - 1, argv + 1);
    if (fflush(stdout) != 0 || ferror(stdout))
        zg_ranks_abort(&ranks, ZG_EXIT_USAGE, "cannot write to standard output");
    zg_ranks_end(&ranks);
    return exit_status;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "train") == 0) {
        zg_cli_fit_blas(argc, argv); /* it may start the program again: before MPI_Init */
        return train(argc, argv);
    }
    if (strcmp(name, "run") == 0) return zg_mpi_launch(argc - 1, argv + 1);
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        printf("zerogap-mpi %s\n", zg_version());
        return ZG_EXIT_FINE;
    }
    bool asked =
        strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0;
    fputs(usage, asked ? stdout : stderr);
    return asked ? ZG_EXIT_FINE : ZG_EXIT_USAGE;
}
