/* What all certificate files have in common: which rows of which file, and the network. */
#ifndef ZG_CORE_PROOF_PARTS_H
#define ZG_CORE_PROOF_PARTS_H

#include "core/proof.h"

#include <stdio.h>

/* The rows as the checker is to read them: with a constant input as a column, with the targets that
 * were trained on, and with means in place of missing values.  NULL where the data set has them as
 * they are. */
zg_status zg_proof_plain_rows(const zg_proof *proof, zg_dataset **out, zg_error *error);
/* Where the rows are in the proof's data file; where they are in none, they are written to
 * "PATH.csv".  data_file becomes the file to verify with; zg_proof_source_clear frees the source.
 */
zg_status zg_proof_locate(const char *path, const zg_proof *proof, zg_proof_source *source,
                          char data_file[ZG_PROOF_PATH_SIZE], zg_error *error);

/* Moves v and rho the least way towards (0, beta / 2) at which the cones of the lift are positive
 * definite beyond rounding. */
zg_status zg_proof_shrink(const zg_lift *lift, double beta, double *v, double *rho);
/* Raises beta (> 0) and rho the least way at which the cones of v as it is are so. */
zg_status zg_proof_widen(const zg_lift *lift, const double *v, double *beta, double *rho);
/* What zerogap-verify's own rounding, to multiples of 2^-256, may take from a margin of row i
 * within the radius (verify/margin.c), of the difference of two outputs at most. */
double zg_proof_margin_rounding(const zg_network *network, const zg_problem *problem, size_t i,
                                double radius);

/* Whether the cone matrix of t and rho (sign 1: S+, -1: S-; of the order that the lift has), less
 * all that it and its Cholesky factorisation can be off, a multiple of the identity, still has a
 * factor: the exact matrix is then positive definite.  error bounds the norm of t's own error; s
 * (order x order) is overwritten. */
bool zg_proof_cone_is_safe(const zg_lift *lift, double beta, double rho, int sign, const double *t,
                           double error, double *s);
/* sums_proof.c: a claim about sums over the rows, from a dual vector v (outputs x samples) and its
 * multipliers rho (outputs x 2) that are feasible for the rows and bound p* by before. */
zg_status zg_sums_proof_write(const char *path, const zg_proof *proof, const double *v,
                              const double *rho, double before, zg_proof_claim *out,
                              zg_error *error);
/* robust_proof.c: zg_proof_write for a robust problem, with rows as the checker reads them. */
zg_status zg_robust_proof_write(const char *path, const zg_proof *proof, zg_proof_claim *out,
                                zg_error *error);

/* The members of docs/certificate.md, section 2, in their order. */
void zg_proof_put_data(FILE *file, const zg_proof *proof, const zg_proof_source *source);
void zg_proof_put_architecture(FILE *file, const zg_architecture *architecture);
void zg_proof_put_problem(FILE *file, const zg_problem *problem);
void zg_proof_put_network(FILE *file, const zg_network *network);

#endif
