/* Which kernels OpenBLAS runs (see blas_core.h). */
#include "base/blas_core.h"

#include <stdlib.h>
#include <strings.h>

bool zg_blas_core_is_old(const char *core)
{
    static const char *const old[] = {
        "Katmai",      "Coppermine", "Northwood",  "Prescott",     "Banias",
        "Atom",        "Core2",      "Penryn",     "Dunnington",   "Nehalem",
        "Sandybridge", "Athlon",     "Opteron",    "Opteron_SSE3", "Barcelona",
        "Bobcat",      "Bulldozer",  "Piledriver", "Steamroller",  "Nano",
    };
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        if (strcasecmp(core, old[i]) == 0) return true;
    return false;
}

bool zg_processor_has_avx2(void)
{
#if defined __x86_64__ || defined __i386__
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return false;
#endif
}

const char *zg_blas_core_remark(void)
{
    return zg_blas_core_is_fallback()
               ? "OpenBLAS does not know this processor and runs kernels several times slower than "
                 "it could: set " ZG_BLAS_CORE_VARIABLE "=" ZG_BLAS_AVX2_CORE
                 " before the program starts"
               : NULL;
}

bool zg_blas_core_is_fallback(void)
{
    return !getenv(ZG_BLAS_CORE_VARIABLE) && zg_blas_core_is_old(zg_blas_core()) &&
           zg_processor_has_avx2();
}
