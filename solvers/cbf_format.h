/*
 * The Conic Benchmark Format, version 3: H. A. Friberg, "CBLIB 2014: a benchmark library for conic
 * mixed-integer and continuous optimization", Math. Program. Comput. 8 (2016); programs out and in,
 * solutions in.
 *
 * Program (D) of sdp.h as it stands: free scalar variables y (VAR, cone F), semidefinite blocks as
 * PSDCON (HCOORD: A_k, DCOORD: -C), vectors as CON with cone L+ or Q (ACOORD, BCOORD).  Symmetric
 * matrices are listed by their lower triangles, indices count from 0.
 */
#ifndef ZG_SOLVERS_CBF_FORMAT_H
#define ZG_SOLVERS_CBF_FORMAT_H

#include "solvers/sdp.h"

#include <stdio.h>

/* Writes the program with title (lines, none at the end) as comments in front; 17 digits. */
zg_status zg_cbf_write(const zg_sdp *sdp, const char *title, FILE *stream, zg_error *error);

/* Reads a program of that shape, versions 1 to 4: the blocks are those of PSDCON, then those of
 * CON.  Other cones, matrix and integer variables, and maximisation are ZG_UNSUPPORTED; a file that
 * is malformed is ZG_BAD_INPUT, with file:line:column. */
zg_status zg_cbf_read(const char *path, zg_sdp **out, zg_error *error);

#define ZG_CBF_CLAIM_SIZE 40

/* A solution in the layout of CBLIB's tools: blocks CLAIM (a word), PRIMVAR (y), DUALVAR (X of the
 * vectors, all CON rows), DUALPSDVAR (X of the matrices, lower triangles column by column), a value
 * a line, in any order; all may be absent.  The program's blocks are as zg_cbf_read leaves them.
 * *has_y, *has_x: which parts of point are there; claim: the word, or empty.  A malformed file is
 * ZG_FAILED. */
zg_status zg_cbf_read_solution(const char *path, const zg_sdp *sdp, zg_sdp_point *point,
                               bool *has_y, bool *has_x, char claim[ZG_CBF_CLAIM_SIZE],
                               size_t *digits, zg_error *error);

#endif
