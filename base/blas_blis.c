/* BLIS. */
#include "base/blas.h"

#include <stdio.h>

/* Of blis.h, which is not for strict compilers: its integers (gint_t, dim_t) are as wide as a
 * pointer, arch_t is an enumeration. */
extern const char *bli_info_get_version_str(void);
extern int bli_arch_query_id(void);
extern const char *bli_arch_string(int id);
extern void bli_thread_set_num_threads(long threads);
extern long bli_thread_get_num_threads(void);

void zg_blas_name(char *out, size_t size)
{
    const char *version = bli_info_get_version_str();
    snprintf(out, size, "BLIS %s", version ? version : "");
}

const char *zg_blas_core(void)
{
    const char *core = bli_arch_string(bli_arch_query_id());
    return core ? core : "unknown";
}

void zg_blas_set_threads(int threads)
{
    if (threads > 0) bli_thread_set_num_threads(threads);
}

int zg_blas_threads(void)
{
    long threads = bli_thread_get_num_threads();
    return threads > 0 ? (int)threads : 1; /* it has -1 for unset */
}
