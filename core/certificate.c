/* Certificates: lower bounds on p* from any vector, and upper bounds from any network. */
#include "core/certificate.h"

#include "base/linalg.h"
#include "core/safe.h"
#include "core/support.h"
#include "core/verdict.h"
#include "core/worst_case.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- lambda(v) ------------------------------------------------------------------------------- */

zg_status zg_lift_lambda(const zg_lift *lift, zg_neuron_set set, const double *v, double *lambda,
                         const zg_slack_parts *parts)
{
    size_t block = lift->order * lift->order;
    double *rho = parts ? parts->rho : NULL, *kept = parts ? parts->t : NULL;
    double *own = zg_doubles(block), *work = zg_doubles(zg_lift_work(lift));
    zg_status status = own && work ? ZG_OK : ZG_NO_MEMORY;
    *lambda = 0.0;
    for (size_t g = 0; status == ZG_OK && g < lift->groups; g++) {
        double value[2] = {0, 0}, multiplier[2] = {0, 0};
        double *t = kept ? kept + g * block : own;
        zg_lift_adjoint(lift, g, v, t, work);
        const zg_set_form form = {lift->order, lift->bordered, t,
                                  zg_lift_adjoint_error(lift, g, v)};
        status = zg_support(set, &form, value, multiplier);
        for (int sign = 0; sign < 2 && status == ZG_OK; sign++) {
            *lambda = zg_upper_max(*lambda, value[sign]);
            if (rho) rho[2 * g + (size_t)sign] = multiplier[sign];
        }
    }
    free(own);
    free(work);
    if (status == ZG_OK && !isfinite(*lambda)) return ZG_FAILED;
    return status;
}

/* ---- the bound ------------------------------------------------------------------------------- */

/* Scales v into the cones and adds the value up; the multipliers follow the scale.  The certified
 * vector is the real s v: s lambda(v) <= beta holds without rounding. */
static void scaled_bound(const zg_program *program, size_t n, const double *v, double lambda,
                         zg_bound *out, double *rho)
{
    double limit = zg_quotient_below(program->beta, lambda);
    zg_team *team = program->lift->team;
    double s = zg_loss_team_scale(team, program->loss, n, v, program->y, program->weights, limit);
    double value = zg_loss_team_below(team, program->loss, n, s, v, program->y, program->weights);
    if (!(value > 0.0)) s = value = 0.0; /* v = 0 does better */
    out->value = value > 0.0 ? zg_down(program->constant + value) : program->constant;
    out->lambda = lambda;
    out->scale = s;
    size_t groups = program->lift->groups;
    for (size_t g = 0; rho && g < groups; g++) {
        double plus = rho[2 * g], minus = rho[2 * g + 1];
        /* A negative s exchanges the two cones; at s = 0 rho = beta / 2 is strictly inside. */
        rho[2 * g] = s == 0.0 ? 0.5 * program->beta : fabs(s) * (s > 0 ? plus : minus);
        rho[2 * g + 1] = s == 0.0 ? 0.5 * program->beta : fabs(s) * (s > 0 ? minus : plus);
    }
}

zg_status zg_program_bound(const zg_program *program, const double *v, zg_bound *out,
                           const zg_slack_parts *parts)
{
    size_t n = program->lift->samples, groups = program->lift->groups;
    double *rho = parts ? parts->rho : NULL;
    *out = (zg_bound){.value = program->constant};
    if (parts && parts->t)
        memset(parts->t, 0, groups * program->lift->order * program->lift->order * sizeof(double));
    for (size_t k = 0; rho && k < 2 * groups; k++)
        rho[k] = 0.5 * program->beta;
    if (!v) return ZG_OK;
    double *copy = zg_doubles(n);
    if (!copy) return ZG_NO_MEMORY;
    memcpy(copy, v, n * sizeof *v);
    zg_loss_project(program->loss, n, copy, program->y, program->weights);
    double lambda;
    zg_status status = zg_lift_lambda(program->lift, program->neuron_set, copy, &lambda, parts);
    if (status == ZG_OK) scaled_bound(program, n, copy, lambda, out, rho);
    free(copy);
    return status;
}

zg_status zg_problem_bound(const zg_problem *problem, const double *dual, double *value,
                           zg_error *error)
{
    *value = 0.0;
    for (size_t c = 0; c < problem->outputs; c++) {
        zg_program program = zg_problem_program(problem, c);
        zg_bound bound;
        zg_status status =
            zg_program_bound(&program, dual ? dual + c * problem->samples : NULL, &bound, NULL);
        if (status)
            return zg_fail(error, status, "the bound of output %zu could not be computed: %s", c,
                           zg_status_message(status));
        *value += bound.value;
    }
    *value = zg_lower_final(*value - (double)problem->outputs * DBL_EPSILON * fabs(*value));
    return ZG_OK;
}

zg_status zg_program_beta_max(const zg_program *program, double *beta_max)
{
    size_t n = program->lift->samples;
    if (zg_loss_exact_row(n, program->weights) !=
        SIZE_MAX) { /* the zero network does not meet it */
        *beta_max = INFINITY;
        return ZG_OK;
    }
    double *f = zg_doubles(n), *v = zg_doubles(n);
    zg_status status = f && v ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        zg_loss_gradient(program->loss, n, f, program->y, program->weights, v);
        for (size_t i = 0; i < n; i++)
            v[i] = -v[i];
        status = zg_lift_lambda(program->lift, program->neuron_set, v, beta_max, NULL);
    }
    free(f);
    free(v);
    return status;
}

/* ---- certifying a network -------------------------------------------------------------------- */

static double penalty_of(const zg_problem *problem, const zg_network *network)
{
    double sum = 0.0;
    for (size_t k = 0; k < network->count * network->outputs; k++)
        sum += fabs(network->alpha[k]);
    return problem->beta * sum;
}

zg_status zg_residual_dual(const zg_problem *problem, const zg_network *network, double *v)
{
    size_t n = problem->samples;
    zg_status status = problem->robust > 0.0 ? zg_network_evaluate(network, n, problem->x, v)
                                             : zg_problem_predictions(problem, network, v);
    for (size_t c = 0; status == ZG_OK && c < problem->outputs; c++) {
        double *own = v + c * n, *y = problem->y + c * n, along = 0.0;
        size_t exact = zg_loss_exact_row(n, problem->weights);
        double factor = exact == SIZE_MAX ? 1.0 : zg_loss_meet(n, own, y, problem->weights);
        for (size_t i = 0; i < n; i++) {
            double f = own[i], slope;
            zg_loss_gradient(problem->loss, 1, &f, y + i,
                             problem->weights ? problem->weights + i : NULL, &slope);
            own[i] = -slope;
            along += slope * f;
        }
        if (exact != SIZE_MAX) /* at an optimum v'f is the penalty */
            own[exact] = (along + fabs(factor) * penalty_of(problem, network)) / y[exact];
    }
    return status;
}

static zg_status take_better(const zg_problem *problem, const double *dual, zg_bound_source source,
                             zg_certificate *out, zg_error *error)
{
    double value;
    zg_status status = zg_problem_bound(problem, dual, &value, error);
    if (status == ZG_OK && value > out->bound) {
        out->bound = value;
        out->source = source;
    }
    /* A vector that cannot be certified says nothing; the others still count. */
    return status == ZG_NO_MEMORY ? status : ZG_OK;
}

/* The vector behind the bound, scaled into the cones as certified; NULL: v = 0, or no memory. */
static double *certified_dual(const zg_problem *problem, const double *v)
{
    size_t n = problem->samples;
    double *scaled = v ? zg_doubles(problem->outputs * n) : NULL;
    for (size_t c = 0; scaled && c < problem->outputs; c++) {
        zg_program program = zg_problem_program(problem, c);
        zg_bound bound;
        if (zg_program_bound(&program, v + c * n, &bound, NULL) != ZG_OK) continue;
        for (size_t i = 0; i < n; i++)
            scaled[c * n + i] = bound.scale * v[c * n + i];
    }
    return scaled;
}

/* What the objective can be off by, and the gap that is left. */
static zg_status weigh(const zg_problem *problem, const zg_network *network, const double *residual,
                       zg_certificate *out)
{
    const double *v = problem->robust > 0.0              ? NULL
                      : out->source == ZG_BOUND_RESIDUAL ? residual
                      : out->source == ZG_BOUND_DUAL     ? network->training.dual
                                                         : NULL;
    bool exact = zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT); /* no other loss asks for it */
    double *dual = exact ? certified_dual(problem, v) : NULL;
    if (exact && v && !dual) return ZG_NO_MEMORY;
    zg_status status = zg_network_objective_error(network, problem, dual, &out->rounding);
    free(dual);
    zg_assessment assessment;
    (void)zg_certificate_judge(out, 0.0, &assessment);
    out->gap = assessment.gap;
    return status;
}

static zg_status take_attacks(const zg_problem *problem, zg_attacks *attacks,
                              zg_bound_source source, zg_certificate *out)
{
    zg_attack_bound bound;
    zg_status status = zg_attacks_bound(problem, attacks, &bound);
    if (status == ZG_OK && bound.value > out->bound) {
        out->bound = bound.value;
        out->source = source;
    }
    return status == ZG_NO_MEMORY ? status : ZG_OK;
}

/* The better bound of copies that a solver left with the network and of those at its own worst
 * points. */
static zg_status bound_robust(const zg_problem *problem, const zg_network *network,
                              zg_certificate *out)
{
    zg_attacks own = {0}, kept = {0};
    zg_status status = zg_worst_case_attacks(network, problem, &own);
    if (status == ZG_OK) status = take_attacks(problem, &own, ZG_BOUND_RESIDUAL, out);
    if (status == ZG_OK) status = zg_attacks_copy(&network->training.attacks, &kept);
    if (status == ZG_OK) status = take_attacks(problem, &kept, ZG_BOUND_DUAL, out);
    zg_attacks_clear(&own);
    zg_attacks_clear(&kept);
    return status;
}

zg_status zg_certify(const zg_problem *problem, const zg_network *network, zg_certificate *out,
                     zg_error *error)
{
    *out = (zg_certificate){NAN, NAN, NAN, ZG_BOUND_ZERO, NAN};
    zg_status status = zg_network_check(network, problem, error);
    if (status) return status;
    double objective;
    status = zg_network_objective(network, problem, &objective, NULL, NULL);
    if (status) return zg_fail(error, status, "the network could not be evaluated");
    double *v = zg_doubles(problem->outputs * problem->samples);
    if (!v) return zg_no_memory(error);
    *out = (zg_certificate){.objective = objective, .source = ZG_BOUND_ZERO};
    bool convex = problem->penalty.kind == ZG_PENALTY_L1;
    if (convex && problem->robust > 0.0) {
        status = bound_robust(problem, network, out);
    } else if (convex) {
        status = zg_residual_dual(problem, network, v);
        if (status == ZG_OK) status = take_better(problem, v, ZG_BOUND_RESIDUAL, out, error);
        if (status == ZG_OK && network->training.dual &&
            network->training.samples == problem->samples)
            status = take_better(problem, network->training.dual, ZG_BOUND_DUAL, out, error);
    }
    if (status == ZG_OK) status = weigh(problem, network, v, out);
    free(v);
    if (status == ZG_OK) return ZG_OK;
    *out = (zg_certificate){NAN, NAN, NAN, ZG_BOUND_ZERO, NAN};
    return zg_fail(error, status, "%s", zg_status_message(status));
}

zg_status zg_certificate_dual(const zg_problem *problem, const zg_network *network,
                              zg_bound_source source, const double **v, double **own,
                              zg_error *error)
{
    *own = NULL;
    *v = source == ZG_BOUND_DUAL ? network->training.dual : NULL;
    if (source != ZG_BOUND_RESIDUAL) return ZG_OK;
    *own = zg_doubles(problem->outputs * problem->samples);
    zg_status status = *own ? zg_residual_dual(problem, network, *own) : ZG_NO_MEMORY;
    *v = *own;
    return status == ZG_OK ? ZG_OK : zg_fail(error, status, "%s", zg_status_message(status));
}

double zg_vicinity(const zg_problem *problem, const zg_certificate *c)
{
    bool fits = problem->loss.kind == ZG_LOSS_SQUARED && problem->penalty.kind == ZG_PENALTY_L1 &&
                !problem->functionals && problem->robust == 0.0 && !problem->weights;
    /* Every step is rounded up. */
    double upper = nextafter(c->objective + c->rounding, INFINITY);
    double distance = nextafter(upper - c->bound, INFINITY);
    if (!fits || !isfinite(distance) || !(distance >= 0.0)) return NAN;
    return nextafter(sqrt(2.0 * distance), INFINITY);
}
