/* Writing a certificate from what a command has at hand, and reporting it. */
#include "cli/certificate_file.h"

#include "cli/json.h"
#include "cli/salt.h"
#include "data/catalogue.h"

#include <math.h>
#include <string.h>

zg_status zg_certificate_write(const char *path, const zg_inputs *inputs, const zg_problem *problem,
                               const zg_network *network, const double *dual, const zg_bands *bands,
                               zg_proof_claim *claim, zg_error *error)
{
    /* Standard input is gone and a catalogue set is no file: their rows go beside the
     * certificate. */
    bool is_file = strcmp(inputs->data, "-") != 0 && !zg_catalogue_find(inputs->data);
    zg_proof proof = {.problem = problem,
                      .dataset = inputs->train,
                      .network = network,
                      .dual = dual,
                      .bands = bands,
                      .sums = inputs->sums,
                      .data_path = is_file ? inputs->data : NULL,
                      .target = inputs->target};
    unsigned char salt[ZG_PROOF_SALT_SIZE];
    if (!inputs->salt) return zg_proof_write(path, &proof, claim, error);
    zg_status status = zg_salt_load(inputs->salt, salt, error);
    proof.salt = salt;
    return status == ZG_OK ? zg_proof_write(path, &proof, claim, error) : status;
}

void zg_certificate_hold(const zg_certificate *printed, const zg_proof_claim *claim,
                         double tolerance, zg_assessment *found)
{
    double lost = zg_proof_allowance(claim, printed->objective, tolerance);
    (void)zg_judge_written(printed, claim->lower, claim->upper, lost, tolerance, found);
}

void zg_certificate_print(const char *path, const zg_proof_claim *claim, FILE *out)
{
    const char *cost =
        claim->relaxed ? "the relaxation proves less than the search, by" : "rounding cost";
    if (isfinite(claim->gap))
        fprintf(out, "%-12s %s  claims a gap of %.2e%s (%s %.1e of the bound)\n", "certificate",
                path, claim->gap, claim->sums ? ", of the sums over the rows alone" : "", cost,
                claim->lost);
    else
        fprintf(out, "%-12s %s  claims the bound only (%s %.1e of it)\n", "certificate", path, cost,
                claim->lost);
    fprintf(out, "%-12s zerogap verify %s --data %s\n", "check with", path, claim->data_file);
}

void zg_certificate_json(const char *path, const zg_proof_claim *claim, json_t *root)
{
    json_t *object = json_object();
    zg_cli_json_text(object, "file", path);
    zg_cli_json_text(object, "data", claim->data_file);
    if (claim->sums) zg_cli_json_text(object, "proven_of", "sums");
    zg_cli_json_number(object, "lower", claim->lower);
    zg_cli_json_number(object, "lost", claim->lost);
    zg_cli_json_number(object, "upper", claim->upper);
    zg_cli_json_number(object, "gap", claim->gap);
    json_object_set_new(root, "certificate", object);
}
