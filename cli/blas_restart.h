/* Starting the program again with kernels that fit the processor. */
#ifndef ZG_CLI_BLAS_RESTART_H
#define ZG_CLI_BLAS_RESTART_H

/* Where OpenBLAS fell back to old kernels (see base/blas_core.h): says so on standard error and
 * starts the program again with the same arguments and OPENBLAS_CORETYPE set, which OpenBLAS reads
 * only while it is loaded.  Returns where there is nothing to do, where an argument before "--" is
 * --keep-blas, and where the program cannot be started again. */
void zg_cli_fit_blas(int argc, char **argv);

#endif
