/* Any command-line solver of semidefinite programs as a method, and the export of programs. */
#ifndef ZG_SOLVERS_EXTERNAL_H
#define ZG_SOLVERS_EXTERNAL_H

#include "core/problem.h"

/* Writes the dual of the training program of one output in SDPA sparse format; path "-" is standard
 * output.  compress: with fewer rows where that applies (compress.h).  scale: equilibrated as for
 * the built-in solvers instead of the program's own numbers; the comments at the top of the file
 * say how the optimal value relates to the training objective in any case. */
zg_status zg_export_sdpa(const zg_problem *problem, size_t output, bool compress, bool scale,
                         const char *path, zg_error *error);

#endif
