/* Any BLAS by the reference's interface alone: which one, the system's alternatives decide when the
 * program starts. */
#include "base/blas.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void dgemm_(void); /* any of its functions */

void zg_blas_name(char *out, size_t size)
{
    char path[PATH_MAX];
    Dl_info info;
    void (*dgemm)(void) = dgemm_;
    const void *address;
    memcpy(&address, &dgemm, sizeof address); /* what ISO C has no cast for */
    if (dladdr(address, &info) && info.dli_fname && realpath(info.dli_fname, path))
        snprintf(out, size, "%s", path);
    else
        snprintf(out, size, "BLAS");
}

const char *zg_blas_core(void)
{
    return "reference";
}

void zg_blas_set_threads(int threads)
{
    (void)threads;
}

int zg_blas_threads(void)
{
    return 0;
}
