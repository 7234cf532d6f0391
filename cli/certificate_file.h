/* Writing a certificate from what a command has at hand, and reporting it. */
#ifndef ZG_CLI_CERTIFICATE_FILE_H
#define ZG_CLI_CERTIFICATE_FILE_H

#include "cli/inputs.h"
#include "core/proof.h"
#include "core/verdict.h"

#include <jansson.h>

/* dual (outputs x samples) may be NULL: v = 0; and bands: none are claimed. */
zg_status zg_certificate_write(const char *path, const zg_inputs *inputs, const zg_problem *problem,
                               const zg_network *network, const double *dual, const zg_bands *bands,
                               zg_proof_claim *claim, zg_error *error);

/* zg_judge_written of what was printed and what was written.  Sums are another problem than the
 * rows, if only by rounding: what they lose is no rounding of the same bound. */
void zg_certificate_hold(const zg_certificate *printed, const zg_proof_claim *claim,
                         double tolerance, zg_assessment *found);

/* One line with the claim and the command that checks it; the same as a member of root. */
void zg_certificate_print(const char *path, const zg_proof_claim *claim, FILE *out);
void zg_certificate_json(const char *path, const zg_proof_claim *claim, json_t *root);

#endif
