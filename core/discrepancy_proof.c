/* Certificates of discrepancies (docs/certificate.md, section 10). */
#include "base/formats.h"
#include "base/linalg.h"
#include "base/replace.h"
#include "core/discrepancy.h"
#include "core/proof_parts.h"
#include "core/proof_text.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The cones' constant, at least the discrepancy times n_1 n_2, and their multipliers. */
typedef struct cones {
    double beta;
    double *rho; /* groups x 2 */
} cones;

static zg_status write_file(const char *path, const zg_proof *proof, const zg_proof_source *source,
                            const zg_discrepancy *d, const cones *k,
                            const zg_discrepancy_claim *claim, zg_error *error)
{
    const zg_problem *problem = proof->problem;
    const zg_activation *s = &problem->activation;
    zg_replacement replacement;
    zg_status status = zg_replace_begin(&replacement, path, error);
    if (status != ZG_OK) return status;
    FILE *file = replacement.file;
    fputs("{\"format\": \"" ZG_DISCREPANCY_FORMAT "\"", file);
    zg_proof_put_data(file, proof, source);
    zg_put_reals(file, "activation", 3, (const double[]){s->a, s->b, s->c});
    zg_proof_put_architecture(file, &problem->architecture);
    zg_put_real(file, "lower", claim->lower);
    zg_put_real(file, "upper", claim->upper);
    zg_put_sizes(file, "groups", 1, &d->group);
    zg_put_reals(file, "neurons", problem->patches.width, d->u);
    zg_put_reals(file, "alpha", 1, (const double[]){1.0});
    zg_put_real(file, "beta", k->beta);
    if (problem->lift->bordered) zg_put_reals(file, "rho", 2 * problem->lift->groups, k->rho);
    fputs("}\n", file);
    return zg_replace_end(&replacement, ZG_OK, error);
}

/* v of discrepancy.h, and the cones around it. */
static zg_status find_cones(const zg_problem *problem, const zg_discrepancy *d, cones *out)
{
    size_t n = problem->samples, count = 2 * problem->lift->groups;
    double pairs = (double)d->first * (double)d->second, *v = zg_doubles(n);
    if (!v) return ZG_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        v[i] = problem->y[i] < 0 ? (double)d->second : -(double)d->first;
    /* Above 0, where both samples are all zeros. */
    out->beta = zg_up(d->bound * pairs) + 1e-250;
    memcpy(out->rho, d->rho, count * sizeof *d->rho);
    zg_status status = zg_proof_widen(problem->lift, v, &out->beta, out->rho);
    free(v);
    return status;
}

static zg_status write_claim(const char *path, const zg_proof *proof, const zg_discrepancy *d,
                             double most, zg_discrepancy_claim *out, zg_error *error)
{
    double pairs = (double)d->first * (double)d->second;
    cones k = {.rho = zg_doubles(2 * proof->problem->lift->groups)};
    if (!k.rho) return zg_no_memory(error);
    zg_proof_source source = {0};
    zg_status status = find_cones(proof->problem, d, &k);
    if (status != ZG_OK)
        zg_fail(error, status, "the discrepancy has no cones that are safe in double precision");
    out->lower = d->attained;
    out->upper = zg_up(k.beta / pairs);
    if (status == ZG_OK && !(out->upper <= most))
        status = zg_fail(error, ZG_BAD_INPUT,
                         "cones that are safe in double precision prove %.9g, not %.9g: a larger "
                         "EPS, or no certificate",
                         out->upper, most);
    if (status == ZG_OK) status = zg_proof_locate(path, proof, &source, out->data_file, error);
    if (status == ZG_OK) status = write_file(path, proof, &source, d, &k, out, error);
    zg_proof_source_clear(&source);
    free(k.rho);
    return status;
}

zg_status zg_discrepancy_write(const char *path, const zg_proof *proof,
                               const zg_discrepancy *discrepancy, double most,
                               zg_discrepancy_claim *out, zg_error *error)
{
    zg_dataset *plain;
    *out = (zg_discrepancy_claim){0};
    zg_status status = zg_proof_plain_rows(proof, &plain, error);
    if (status != ZG_OK) return status;
    zg_proof own = *proof;
    if (plain) { /* no file has these rows: they go beside the certificate */
        own.dataset = plain;
        own.data_path = NULL;
    }
    status = write_claim(path, &own, discrepancy, most, out, error);
    zg_dataset_free(plain);
    return status;
}
