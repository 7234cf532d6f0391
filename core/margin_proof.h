/*
 * Certificates of margins (docs/certificate.md, section 7): what zerogap-verify proves of worst
 * cases in exact arithmetic.
 */
#ifndef ZG_CORE_MARGIN_PROOF_H
#define ZG_CORE_MARGIN_PROOF_H

#include "core/margins.h"
#include "core/proof.h"

typedef struct zg_margin_claim {
    size_t margins, robust_rows;        /* rows whose claimed margins are positive; regression: 0 */
    double lowered;                     /* by how much at most they are below the bounds */
    char data_file[ZG_PROOF_PATH_SIZE]; /* the file to verify with */
} zg_margin_claim;

/* Claims the margins of proof->network on the problem's rows within the radius, each lowered by
 * some 1e-10 of itself, or by a few times the rounding in it where that is more, which makes its
 * matrix positive definite, not merely semidefinite, with a multiplier that is raised a little.
 * Regression: in the units of the targets as trained.  Of the proof, only problem, dataset,
 * network, data_path and target are used. */
zg_status zg_margin_proof_write(const char *path, const zg_proof *proof, double radius,
                                zg_margin_claim *out, zg_error *error);

#endif
