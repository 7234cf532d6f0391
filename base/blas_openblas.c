/* OpenBLAS. */
#include "base/blas.h"

#include <stdio.h>

/* Declared here since Debian's cblas.h differs by alternative. */
extern char *openblas_get_config(void);
extern char *openblas_get_corename(void);
extern void openblas_set_num_threads(int threads);
extern int openblas_get_num_threads(void);

void zg_blas_name(char *out, size_t size)
{
    const char *name = openblas_get_config();
    snprintf(out, size, "%s", name ? name : "OpenBLAS");
}

const char *zg_blas_core(void)
{
    const char *core = openblas_get_corename();
    return core ? core : "unknown";
}

void zg_blas_set_threads(int threads)
{
    if (threads > 0) openblas_set_num_threads(threads);
}

int zg_blas_threads(void)
{
    return openblas_get_num_threads();
}
