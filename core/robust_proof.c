/* Certificates of robust problems (docs/certificate.md, section 8): attacked copies below, a
 * network's margins above. */
#include "base/formats.h"
#include "base/linalg.h"
#include "base/replace.h"
#include "core/ball.h"
#include "core/certificate.h"
#include "core/proof_parts.h"
#include "core/proof_text.h"
#include "core/safe.h"
#include "core/worst_case.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the weights of copies are scaled by, so that their exact sums are in the loss's domain. */
#define INSIDE (1.0 - 1e-13)

typedef struct claimed {
    zg_attacks attacks;
    double *rho;
    double *margin, *mu; /* samples x sides */
    double lower, before, upper;
} claimed;

static void claimed_clear(claimed *c)
{
    zg_attacks_clear(&c->attacks);
    free(c->rho);
    free(c->margin);
}

/* ---- below ------------------------------------------------------------------------------------ */

/* The better of the copies kept with the network and those at its own worst points. */
static zg_status choose(const zg_proof *proof, zg_attacks *out, zg_attack_bound *bound)
{
    zg_attacks own = {0};
    *bound = (zg_attack_bound){0};
    if (!proof->network) return ZG_OK;
    zg_status status = zg_attacks_copy(&proof->network->training.attacks, out);
    if (status == ZG_OK && zg_attacks_bound(proof->problem, out, bound) != ZG_OK)
        zg_attacks_empty(out);
    if (status == ZG_OK) status = zg_worst_case_attacks(proof->network, proof->problem, &own);
    zg_attack_bound other;
    if (status == ZG_OK && zg_attacks_bound(proof->problem, &own, &other) == ZG_OK &&
        other.value > bound->value) {
        *bound = other;
        status = zg_attacks_copy(&own, out);
    }
    zg_attacks_clear(&own);
    return status;
}

/* Leaves out the copies that weigh nothing; a file needs one: the first row, of weight 0. */
static zg_status tidy(const zg_problem *problem, double scale, zg_attacks *a)
{
    size_t kept = 0, d = problem->inputs;
    for (size_t k = 0; k < a->count; k++) {
        double v = a->v[k] * scale * INSIDE;
        if (v == 0.0) continue;
        memmove(a->x + kept * d, a->x + k * d, d * sizeof *a->x);
        a->owner[kept] = a->owner[k];
        a->v[kept++] = v;
    }
    a->count = kept;
    if (kept > 0) return ZG_OK;
    double *still = zg_doubles(d);
    zg_status status = still ? zg_attacks_add(problem, a, 0, still, 1.0) : ZG_NO_MEMORY;
    free(still);
    if (status == ZG_OK) a->v[0] = 0.0;
    return status;
}

static zg_status claim_lower(const zg_proof *proof, claimed *c)
{
    const zg_problem *problem = proof->problem;
    size_t groups = problem->lift->groups;
    zg_attack_bound bound;
    zg_lift *lift = NULL;
    zg_status status = choose(proof, &c->attacks, &bound);
    c->before = bound.value;
    c->rho = zg_doubles(2 * groups);
    if (!c->rho) status = ZG_NO_MEMORY;
    if (status == ZG_OK) status = tidy(problem, bound.scale, &c->attacks);
    if (status == ZG_OK) status = zg_attacks_lift(problem, &c->attacks, &lift);
    double lambda;
    if (status == ZG_OK)
        status = zg_lift_lambda(lift, problem->neuron_set, c->attacks.v, &lambda,
                                &(zg_slack_parts){.rho = c->rho});
    for (size_t k = 0; k < 2 * groups && bound.scale == 0.0; k++)
        c->rho[k] = 0.5 * problem->beta;
    if (status == ZG_OK) status = zg_proof_shrink(lift, problem->beta, c->attacks.v, c->rho);
    if (status == ZG_OK) {
        double total = 0.0;
        for (size_t k = 0; k < c->attacks.count; k++)
            total += fabs(c->attacks.v[k]);
        c->lower = zg_attacks_dual_below(problem, &c->attacks, 1.0);
        c->lower -= 1e-14 * (fabs(c->lower) + total);
        if (!(c->lower > 0.0)) c->lower = 0.0;
    }
    zg_lift_free(lift);
    return status;
}

/* ---- above ------------------------------------------------------------------------------------ */

/* The claims that the multipliers prove, side by side for each sample. */
static void claim_margins(const zg_proof *proof, const zg_worst_cases *cases, claimed *c)
{
    for (size_t k = 0; k < cases->sides * cases->samples; k++) {
        size_t i = k % cases->samples, e = i * cases->sides + k / cases->samples;
        const zg_ball_minimum found = {
            .bound = cases->bound[k], .mu = cases->mu[k], .error = cases->error[k]};
        zg_ball_claim(
            &found, proof->problem->robust,
            zg_proof_margin_rounding(proof->network, proof->problem, i, proof->problem->robust),
            &c->margin[e], &c->mu[e]);
    }
}

/* The objective at the ends, rounded up. */
static double upper_of(const zg_proof *proof, const zg_worst_cases *cases, const claimed *c)
{
    const zg_problem *p = proof->problem;
    long double sum = 0;
    for (size_t i = 0; i < p->samples; i++) {
        double most = 0.0;
        for (size_t side = 0; side < cases->sides; side++) {
            double f = zg_worst_case_sign(p, side, i) * c->margin[i * cases->sides + side];
            most = zg_upper_max(
                most, zg_loss_value(p->loss, 1, &f, p->y + i, p->weights ? p->weights + i : NULL));
        }
        sum += most * (1.0L + 16.0L * DBL_EPSILON);
    }
    for (size_t j = 0; j < proof->network->count; j++)
        sum += p->beta * fabsl((long double)proof->network->alpha[j]);
    sum *= 1.0L + ((double)p->samples + (double)proof->network->count) * LDBL_EPSILON;
    if (zg_loss_has(p->loss.kind, ZG_LOSS_ENTROPY)) sum += (long double)p->samples * 0x1p-40L;
    return zg_up((double)sum * (1.0 + DBL_EPSILON));
}

static zg_status claim_upper(const zg_proof *proof, claimed *c, zg_error *error)
{
    zg_worst_cases cases;
    c->upper = NAN;
    if (!proof->network) return ZG_OK;
    zg_status status = zg_worst_cases_create(proof->network, proof->problem, false, &cases, error);
    if (status != ZG_OK) return status;
    size_t count = cases.sides * cases.samples;
    c->margin = zg_doubles(2 * count);
    c->mu = c->margin + count;
    if (c->margin) {
        claim_margins(proof, &cases, c);
        c->upper = upper_of(proof, &cases, c);
    } else {
        status = zg_no_memory(error);
    }
    if (status == ZG_OK && !(zg_all_finite(2 * count, c->margin) && isfinite(c->upper)))
        status = zg_fail(error, ZG_FAILED, "the worst cases are beyond double precision");
    zg_worst_cases_clear(&cases);
    return status;
}

/* ---- the file --------------------------------------------------------------------------------- */

static zg_status write_file(const char *path, const zg_proof *proof, const zg_proof_source *source,
                            const claimed *c, const zg_proof_claim *claim, zg_error *error)
{
    const zg_problem *problem = proof->problem;
    const zg_attacks *a = &c->attacks;
    size_t sides = zg_loss_has(problem->loss.kind, ZG_LOSS_LABELLED) ? 1 : 2;
    zg_replacement replacement;
    zg_status status = zg_replace_begin(&replacement, path, error);
    if (status != ZG_OK) return status;
    FILE *file = replacement.file;
    fputs("{\"format\": \"" ZG_ROBUST_FORMAT "\"", file);
    zg_proof_put_data(file, proof, source);
    zg_proof_put_problem(file, problem);
    zg_put_real(file, "radius", problem->robust);
    zg_put_real(file, "lower", claim->lower);
    if (!isnan(claim->upper)) {
        zg_put_real(file, "upper", claim->upper);
        zg_put_real(file, "gap", claim->gap);
        zg_proof_put_network(file, proof->network);
        zg_put_reals(file, "margins", sides * problem->samples, c->margin);
        zg_put_reals(file, "multipliers", sides * problem->samples, c->mu);
    }
    zg_put_sizes(file, "owners", a->count, a->owner);
    zg_put_reals(file, "copies", a->count * problem->inputs, a->x);
    zg_put_reals(file, "dual", a->count, a->v);
    if (problem->lift->bordered) zg_put_reals(file, "rho", 2 * problem->lift->groups, c->rho);
    fputs("}\n", file);
    return zg_replace_end(&replacement, ZG_OK, error);
}

zg_status zg_robust_proof_write(const char *path, const zg_proof *proof, zg_proof_claim *out,
                                zg_error *error)
{
    claimed c = {0};
    zg_proof_source source = {0};
    zg_status status = claim_lower(proof, &c);
    if (status != ZG_OK)
        zg_fail(error, status, "the claim could not be computed: %s", zg_status_message(status));
    if (status == ZG_OK) status = claim_upper(proof, &c, error);
    if (status == ZG_OK) {
        out->lower = c.lower;
        out->lost = c.before - c.lower;
        out->upper = c.upper;
        double gap = zg_gap(out->upper, out->lower);
        out->gap = zg_up(gap + 4.0 * DBL_EPSILON * fabs(gap) + DBL_EPSILON);
        status = zg_proof_locate(path, proof, &source, out->data_file, error);
    }
    if (status == ZG_OK) status = write_file(path, proof, &source, &c, out, error);
    zg_proof_source_clear(&source);
    claimed_clear(&c);
    return status;
}
