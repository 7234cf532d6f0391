/* Certificates of the public interface: what zg_certify says, in a file. */
#include "base/sized.h"
#include "core/certificate.h"
#include "core/proof.h"
#include "core/verdict.h"

#include <stdio.h>
#include <stdlib.h>

static void give(const zg_proof_claim *claim, zg_claim_ends *out)
{
    zg_claim_ends ends = {
        .lower = claim->lower, .upper = claim->upper, .gap = claim->gap, .lost = claim->lost};
    snprintf(ends.data_file, sizeof ends.data_file, "%s", claim->data_file);
    zg_sized_write(&ends, sizeof ends, out);
}

/* The file may claim less than the certificate says, and its ends tell, but nothing else. */
static zg_status check_written(const zg_certificate *certificate, const zg_proof_claim *claim,
                               zg_error *error)
{
    zg_assessment written = {.decision = ZG_DECISION_UNCERTIFIED};
    if (zg_judge_written(certificate, claim->lower, claim->upper, claim->lost, 0.0, &written) ==
        ZG_DECISION_UNCERTIFIED)
        return ZG_OK;
    return zg_fail(error, ZG_FAILED, "%s", written.message);
}

zg_status zg_certificate_save(const char *path, const zg_problem *problem,
                              const zg_dataset *dataset, const zg_network *network,
                              const char *data_path, const char *target, zg_claim_ends *out,
                              zg_error *error)
{
    zg_certificate certificate;
    zg_assessment found;
    zg_proof_claim claim = {0};
    double *own = NULL;
    zg_proof proof = {.problem = problem,
                      .dataset = dataset,
                      .network = network,
                      .data_path = data_path,
                      .target = target};
    zg_status status = zg_certify(problem, network, &certificate, error);
    if (status == ZG_OK && zg_certificate_judge(&certificate, 0.0, &found) == ZG_DECISION_WRONG)
        status = zg_fail(error, ZG_FAILED, "%s", found.message);
    if (status == ZG_OK)
        status =
            zg_certificate_dual(problem, network, certificate.source, &proof.dual, &own, error);
    if (status == ZG_OK) status = zg_proof_write(path, &proof, &claim, error);
    if (status == ZG_OK) status = check_written(&certificate, &claim, error);
    if (status == ZG_OK) give(&claim, out);
    free(own);
    return status;
}
