/* The lower end of a claim about binary neurons, or pairs of them, that are too many to be counted:
 * a multiplier a weight (docs/certificate.md, section 10). */
#ifndef ZG_CORE_CUBE_PROOF_H
#define ZG_CORE_CUBE_PROOF_H

#include "core/problem.h"

/* Multipliers of one output. */
size_t zg_cube_proof_size(const zg_program *program);

/* v (samples) is clipped, scaled into what the relaxation allows, and moved with its multipliers
 * (zg_cube_proof_size) the least way inside at which all matrices are positive definite beyond
 * rounding.  lower: what they prove; before: what v did before it was moved. */
zg_status zg_cube_proof(const zg_program *program, double *v, double *rho, double *lower,
                        double *before);

#endif
