/*
 * Files of other solvers: programs in SDPA's sparse format, solutions in CSDP's and SDPA's formats.
 *
 * The format is that of SDPLIB: B. Borchers, "SDPLIB 1.2, a library of semidefinite programming
 * test problems" (1999); SDPA's results are described in the SDPA manual, CSDP's in its user's
 * guide.
 */
#ifndef ZG_SOLVERS_SDPA_FORMAT_H
#define ZG_SOLVERS_SDPA_FORMAT_H

#include "solvers/sdp.h"

#include <stdio.h>

/* Writes the program, with `title` (one line or more, without newline at the end) and the meaning
 * of the optimal value as comments in front.  Numbers have 17 significant digits.  ZG_IO when the
 * stream does not take them, ZG_UNSUPPORTED for second-order cones, which the format lacks. */
zg_status zg_sdpa_write(const zg_sdp *sdp, const char *title, FILE *stream, zg_error *error);

/* Reads a program: comments (lines that begin with " or *), the number of variables, of blocks,
 * their orders (negative: diagonal), the costs, and lines "matrix block row column value"; what
 * follows the first two numbers on their lines is a comment, too, and {}(), count as blanks.
 * ZG_BAD_INPUT with file:line:column. */
zg_status zg_sdpa_read(const char *path, zg_sdp **out, zg_error *error);

typedef enum zg_solution_format { ZG_FORMAT_SDPA, ZG_FORMAT_CSDP } zg_solution_format;

/* Reads a solution of that program into a point (created).  *digits: the largest number of
 * significant digits found in y.  A file that is no such solution, or not all of one, is ZG_FAILED
 * with "file:line:column: expected X, found Y". */
zg_status zg_solution_read(zg_solution_format format, const char *path, const zg_sdp *sdp,
                           zg_sdp_point *point, size_t *digits, zg_error *error);

/* An objective as a solver printed it. */
typedef struct zg_stated {
    bool printed; /* the text in front of it stands in the file */
    double value; /* behind the last such text; NAN where that is no finite number */
} zg_stated;

/* The objectives of the problem in matrices and of that in y that a solver printed into a file,
 * behind the two texts (or NULL). */
void zg_solution_stated(const char *path, const char *matrix_text, const char *vector_text,
                        zg_stated *matrix, zg_stated *vector);

#endif
