/*
 * What there is besides the standard interface of a BLAS: its name, its kernels, its threads.  One
 * file for each that this can be built with (-Dblas): OpenBLAS, BLIS, or any by the reference's
 * interface alone.
 */
#ifndef ZG_BASE_BLAS_H
#define ZG_BASE_BLAS_H

#include <stddef.h>

/* The library, for the record of a run, into out (size bytes). */
void zg_blas_name(char *out, size_t size);
/* Name of the kernels in use, its own; never NULL. */
const char *zg_blas_core(void);
/* Sets and reads the number of BLAS threads of this process; the reference's interface has no word
 * for them: nothing is set, and 0, unknown, is read. */
void zg_blas_set_threads(int threads);
int zg_blas_threads(void);

#endif
