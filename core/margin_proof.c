/* Certificates of margins. */
#include "core/margin_proof.h"

#include "base/formats.h"
#include "base/linalg.h"
#include "base/replace.h"
#include "core/proof_parts.h"
#include "core/proof_text.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of a margin, at least, so that its matrix is definite by more than the checker has to look for.
 */
#define LOWERED 1e-10

/* Twice, for a difference of outputs: X = 1 + |x| + R; a neuron's part is off by
 * (3 |a| X^2 + 2 |b| X) 2^-256, and the entries of P, q and r by 2^-256 each over the square of the
 * largest input or radius, where that exceeds 1. */
double zg_proof_margin_rounding(const zg_network *network, const zg_problem *problem, size_t i,
                                double radius)
{
    zg_activation s = network->activation;
    double norm = zg_norm(problem->inputs, problem->x + i * problem->inputs), weight = 0.0;
    double reach = 2.0 + norm + radius, width = network->count ? (double)problem->inputs : 0.0;
    double longest = 2.0 + sqrt(width); /* in units of the largest input, or radius, or 1 */
    for (size_t k = 0; k < network->count * network->outputs; k++)
        weight += fabs(network->alpha[k]);
    double neurons = weight * (3.0 * fabs(s.a) * reach + 2.0 * fabs(s.b)) * reach;
    return 0x1p-254 * (neurons + 3.0 * width * longest * longest);
}

/* Margins as they are claimed, and their multipliers. */
static void claim_margins(const zg_proof *proof, double radius, const zg_margin *margins,
                          double *value, double *mu, zg_margin_claim *out)
{
    const zg_encoding *encoding = &proof->problem->encoding;
    size_t statements = zg_margin_statements(encoding), n = proof->problem->samples;
    for (size_t i = 0; i < n; i++) {
        bool robust = encoding->task != ZG_REGRESSION;
        double rounding = zg_proof_margin_rounding(proof->network, proof->problem, i, radius);
        for (size_t k = 0; k < statements; k++) {
            size_t e = i * statements + k;
            zg_ball_minimum found = {
                .bound = margins[e].bound, .mu = margins[e].mu, .error = margins[e].error};
            found.error = fmax(found.error, LOWERED / 16 * fabs(found.bound));
            zg_ball_claim(&found, radius, rounding, &value[e], &mu[e]);
            out->lowered = fmax(out->lowered, margins[e].bound - value[e]);
            robust = robust && value[e] > 0;
        }
        out->robust_rows += robust;
    }
}

static zg_status write_file(const char *path, const zg_proof *proof, const zg_proof_source *source,
                            double radius, const double *value, const double *mu, zg_error *error)
{
    const zg_problem *problem = proof->problem;
    const zg_activation *s = &problem->activation;
    size_t count = problem->samples * zg_margin_statements(&problem->encoding);
    zg_replacement replacement;
    zg_status status = zg_replace_begin(&replacement, path, error);
    if (status != ZG_OK) return status;
    FILE *file = replacement.file;
    fputs("{\"format\": \"" ZG_MARGINS_FORMAT "\"", file);
    zg_proof_put_data(file, proof, source);
    zg_put_reals(file, "activation", 3, (const double[]){s->a, s->b, s->c});
    zg_proof_put_architecture(file, &problem->architecture);
    zg_proof_put_network(file, proof->network);
    zg_put_real(file, "radius", radius);
    if (problem->preprocess.bias)
        zg_put_sizes(file, "fixed", 1, (const size_t[]){problem->inputs - 1});
    zg_put_reals(file, "margins", count, value);
    zg_put_reals(file, "multipliers", count, mu);
    fputs("}\n", file);
    return zg_replace_end(&replacement, ZG_OK, error);
}

/* The problem's rows without a constant input, as zg_margins takes them. */
static double *moving_inputs(const zg_problem *problem)
{
    size_t wide = problem->inputs, d = wide - problem->preprocess.bias;
    double *x = zg_doubles(problem->samples * d);
    for (size_t i = 0; x && i < problem->samples; i++)
        memcpy(x + i * d, problem->x + i * wide, d * sizeof *x);
    return x;
}

static zg_status make_claim(const zg_proof *proof, double radius, double *value, double *mu,
                            zg_margin_claim *out, zg_error *error)
{
    const zg_problem *problem = proof->problem;
    size_t count = problem->samples * zg_margin_statements(&problem->encoding);
    zg_network own = *proof->network; /* in the units that it was trained in */
    own.encoding.mean = own.encoding.scale = NULL;
    double *x = moving_inputs(problem);
    zg_margin *margins = calloc(count, sizeof *margins);
    zg_status status = x && margins ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK)
        status = zg_margins(&own, problem->samples, x, problem->y,
                            &(zg_margin_options){.radius = radius}, margins, error);
    for (size_t e = 0; status == ZG_OK && e < count; e++)
        if (!isfinite(margins[e].bound))
            status = zg_fail(error, ZG_FAILED,
                             "row %zu has no margin in double precision: no certificate",
                             e / zg_margin_statements(&problem->encoding) + 1);
    if (status == ZG_OK) claim_margins(proof, radius, margins, value, mu, out);
    out->margins = count;
    free(x);
    free(margins);
    return status;
}

static zg_status write_claim(const char *path, const zg_proof *proof, double radius,
                             zg_margin_claim *out, zg_error *error)
{
    size_t count = proof->problem->samples * zg_margin_statements(&proof->problem->encoding);
    double *value = zg_doubles(2 * count), *mu = value + count;
    zg_proof_source source = {0};
    if (!value) return zg_no_memory(error);
    zg_status status = make_claim(proof, radius, value, mu, out, error);
    if (status == ZG_OK) status = zg_proof_locate(path, proof, &source, out->data_file, error);
    if (status == ZG_OK) status = write_file(path, proof, &source, radius, value, mu, error);
    zg_proof_source_clear(&source);
    free(value);
    return status;
}

zg_status zg_margin_proof_write(const char *path, const zg_proof *proof, double radius,
                                zg_margin_claim *out, zg_error *error)
{
    zg_dataset *plain;
    *out = (zg_margin_claim){0};
    zg_status status = zg_network_check(proof->network, proof->problem, error);
    if (status == ZG_OK) status = zg_proof_plain_rows(proof, &plain, error);
    if (status != ZG_OK) return status;
    zg_proof own = *proof;
    if (plain) { /* no file has these rows: they go beside the certificate */
        own.dataset = plain;
        own.data_path = NULL;
    }
    status = write_claim(path, &own, radius, out, error);
    zg_dataset_free(plain);
    return status;
}
