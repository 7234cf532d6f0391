/* Starting the program again with kernels that fit the processor (see blas_restart.h). */
#include "cli/blas_restart.h"

#include "base/blas_core.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool keeps(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--keep-blas") == 0) return true;
    return false;
}

void zg_cli_fit_blas(int argc, char **argv)
{
    if (!zg_blas_core_is_fallback() || keeps(argc, argv)) return;
    if (setenv(ZG_BLAS_FALLBACK_VARIABLE, zg_blas_core(), 1) != 0 ||
        setenv(ZG_BLAS_CORE_VARIABLE, ZG_BLAS_AVX2_CORE, 1) != 0)
        return;
    fprintf(stderr,
            "note: OpenBLAS does not know this processor and took its %s kernels; going on with "
            "those for %s (--keep-blas keeps them)\n",
            zg_blas_core(), ZG_BLAS_AVX2_CORE);
    (void)execv("/proc/self/exe", argv);
    (void)unsetenv(ZG_BLAS_FALLBACK_VARIABLE);
    (void)unsetenv(ZG_BLAS_CORE_VARIABLE);
    fputs("note: the program could not be started again; the slower kernels stay\n", stderr);
}
