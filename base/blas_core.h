/* Which kernels OpenBLAS runs, and whether the processor could do better.
 *
 * A processor that OpenBLAS does not know gets kernels for one of 2004 ("Prescott"), several times
 * slower than those for AVX2 and FMA that it could run.  The choice is made when the library is
 * loaded; the environment variable OPENBLAS_CORETYPE makes it by hand. */
#ifndef ZG_BASE_BLAS_CORE_H
#define ZG_BASE_BLAS_CORE_H

#include "base/blas.h"

#include <stdbool.h>

/* The variable, and the kernels that any processor with AVX2 and FMA runs well. */
#define ZG_BLAS_CORE_VARIABLE "OPENBLAS_CORETYPE"
#define ZG_BLAS_AVX2_CORE "Haswell"
/* Set for a program that was started again with those: the kernels that OpenBLAS had chosen by
 * itself, for the record of a run. */
#define ZG_BLAS_FALLBACK_VARIABLE "ZEROGAP_BLAS_FALLBACK"

/* Whether OpenBLAS's kernels of that name (in any case) were written for processors without AVX2
 * and FMA.  An unknown name is taken for a newer one. */
bool zg_blas_core_is_old(const char *core);

/* Whether the processor, and the system on it, has AVX2 and FMA. */
bool zg_processor_has_avx2(void);

/* Whether old kernels run on a processor that has AVX2 and FMA although nobody asked for them. */
bool zg_blas_core_is_fallback(void);

/* One sentence, where they do, or NULL: what a library may say that never starts itself again. */
const char *zg_blas_core_remark(void);

#endif
