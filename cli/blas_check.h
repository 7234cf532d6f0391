/* Whether BLAS works at all under the limit of address space that this process has. */
#ifndef ZG_CLI_BLAS_CHECK_H
#define ZG_CLI_BLAS_CHECK_H

#include <stdbool.h>

/* Multiplies two small matrices, and ends the process with a sentence and status 5 when that does
 * not come to an end: OpenBLAS asks for its buffers again and again where `ulimit -v` leaves no
 * room for them, also when the process ends.  Does nothing without such a limit.  json: the
 * command was asked for a JSON document. */
void zg_cli_check_blas(const char *command, bool json);

#endif
