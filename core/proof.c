/* Certificate files: a strictly feasible dual vector, a safe claim, and the text of both. */
#include "core/proof.h"

#include "base/formats.h"
#include "base/linalg.h"
#include "base/replace.h"
#include "core/certificate.h"
#include "core/cube_proof.h"
#include "core/network_levels.h"
#include "core/problem_rows.h"
#include "core/proof_parts.h"
#include "core/proof_text.h"
#include "core/safe.h"
#include "core/support.h"

#include <float.h>
#include <math.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

/* What the checker's rounding of one sample's term, to multiples of 2^-256, stays below. */
#define CHECKED_TO 0x1p-240
/* Of the tolerance, that a file may prove less than was printed by rounding alone. */
#define ROUNDING_SHARE 0.01

typedef struct certified {
    double *v;   /* outputs x samples, strictly feasible */
    double *rho; /* outputs x groups x 2 */
    double lower;
    double before; /* the bound before shrinking */
} certified;

/* ---- the lower end --------------------------------------------------------------------------- */

typedef struct cone_work {
    double *t, *s, *v, *rho, *work;
} cone_work;

static bool cone_work_create(const zg_lift *lift, cone_work *w)
{
    size_t m = lift->order;
    *w = (cone_work){zg_doubles(m * m), zg_doubles(m * m), zg_doubles(lift->samples),
                     zg_doubles(2 * lift->groups), zg_doubles(zg_lift_work(lift))};
    return w->t && w->s && w->v && w->rho && w->work;
}

static void cone_work_clear(cone_work *w)
{
    free(w->t);
    free(w->s);
    free(w->v);
    free(w->rho);
    free(w->work);
}

/* The factor (Higham, theorem 10.3) is off by about (m + 1) u trace S, S itself by u of its
 * entries. */
bool zg_proof_cone_is_safe(const zg_lift *lift, double beta, double rho, int sign, const double *t,
                           double error, double *s)
{
    size_t m = lift->order;
    double trace = 0.0;
    for (size_t a = 0; a < m; a++) {
        bool edge = lift->bordered && a == m - 1;
        for (size_t b = 0; b < m; b++)
            s[a * m + b] = -sign * t[a * m + b];
        if (lift->bordered) s[a * m + a] += edge ? beta - rho : rho;
        if (!lift->bordered) s[a * m + a] += beta;
        trace += fabs(s[a * m + a]) + fabs(rho) + beta;
    }
    double margin = 2.0 * error + 2.0 * ((double)m + 8.0) * DBL_EPSILON * trace;
    for (size_t a = 0; a < m; a++)
        s[a * m + a] -= margin;
    return zg_cholesky(m, s) == ZG_OK;
}

static bool cones_are_safe(const zg_lift *lift, double beta, const double *v, const double *rho,
                           cone_work *w)
{
    bool safe = true;
    for (size_t g = 0; g < lift->groups && safe; g++) {
        double error = zg_lift_adjoint_error(lift, g, v);
        zg_lift_adjoint(lift, g, v, w->t, w->work);
        for (size_t k = 0; k < 2 && safe; k++)
            safe = zg_proof_cone_is_safe(lift, beta, rho[2 * g + k], k ? -1 : 1, w->t, error, w->s);
    }
    return safe;
}

/* v and rho at share eta of the way to (0, beta / 2); safe: all cones are. */
static bool shrunk_is_safe(const zg_lift *lift, double beta, const double *v, const double *rho,
                           double eta, cone_work *w)
{
    for (size_t i = 0; i < lift->samples; i++)
        w->v[i] = (1.0 - eta) * v[i];
    for (size_t k = 0; k < 2 * lift->groups; k++)
        w->rho[k] = (1.0 - eta) * rho[k] + eta * beta / 2.0;
    return cones_are_safe(lift, beta, w->v, w->rho, w);
}

/* The least shrinking that is safe; eta = 1 always is. */
static void shrink(const zg_lift *lift, double beta, double *v, double *rho, cone_work *w)
{
    double eta = 1e-13;
    while (eta < 1.0 && !shrunk_is_safe(lift, beta, v, rho, eta, w))
        eta *= 4.0;
    if (eta >= 1.0) (void)shrunk_is_safe(lift, beta, v, rho, 1.0, w);
    memcpy(v, w->v, lift->samples * sizeof *v);
    memcpy(rho, w->rho, 2 * lift->groups * sizeof *rho);
}

zg_status zg_proof_shrink(const zg_lift *lift, double beta, double *v, double *rho)
{
    cone_work w;
    zg_status status = cone_work_create(lift, &w) ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) shrink(lift, beta, v, rho, &w);
    cone_work_clear(&w);
    return status;
}

zg_status zg_proof_widen(const zg_lift *lift, const double *v, double *beta, double *rho)
{
    cone_work w;
    double size = *beta;
    zg_status status = cone_work_create(lift, &w) ? ZG_FAILED : ZG_NO_MEMORY;
    for (size_t g = 0; g < lift->groups; g++)
        size += zg_lift_adjoint_terms(lift, g, v);
    /* beta and rho by 2 h and h more add h to the whole diagonal (2 h without a border). */
    for (double h = DBL_EPSILON * size; h <= size && status == ZG_FAILED; h *= 4.0) {
        for (size_t k = 0; k < 2 * lift->groups; k++)
            w.rho[k] = rho[k] + h;
        if (!cones_are_safe(lift, *beta + 2.0 * h, v, w.rho, &w)) continue;
        *beta += 2.0 * h;
        memcpy(rho, w.rho, 2 * lift->groups * sizeof *rho);
        status = ZG_OK;
    }
    cone_work_clear(&w);
    return status;
}

/* Scales v into the cones (into out_v), finds its multipliers and shrinks both until they are safe;
 * eta = 1 always is. */
static zg_status certify_output(const zg_program *program, const double *v, double *out_v,
                                double *out_rho, double *lower, double *before)
{
    size_t n = program->lift->samples;
    cone_work w;
    zg_bound bound = {0};
    zg_status status = cone_work_create(program->lift, &w) ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK && v) memcpy(out_v, v, n * sizeof *v);
    if (status == ZG_OK) {
        if (v) zg_loss_project(program->loss, n, out_v, program->y, program->weights);
        status =
            zg_program_bound(program, v ? out_v : NULL, &bound, &(zg_slack_parts){.rho = out_rho});
    }
    if (status == ZG_OK) {
        for (size_t i = 0; i < n; i++)
            out_v[i] *= bound.scale;
        zg_loss_project(program->loss, n, out_v, program->y, program->weights);
        shrink(program->lift, program->beta, out_v, out_rho, &w);
        *before = bound.value;
        *lower = zg_loss_dual_below(program->loss, n, 1.0, out_v, program->y, program->weights);
    }
    cone_work_clear(&w);
    return status;
}

/* Whether all responses to v are at most beta, by a bound that holds. */
static bool meets_set(const zg_program *program, const double *v, const cone_work *w)
{
    const zg_lift *lift = program->lift;
    bool safe = true;
    for (size_t g = 0; g < lift->groups && safe; g++) {
        double value[2];
        zg_lift_adjoint(lift, g, v, w->t, w->work);
        const zg_set_form form = {lift->order, lift->bordered, w->t,
                                  zg_lift_adjoint_error(lift, g, v)};
        safe = zg_support(program->neuron_set, &form, value, NULL) == ZG_OK &&
               value[0] <= program->beta && value[1] <= program->beta;
    }
    return safe;
}

/* Scales v into what enumeration allows; the checker, which counts anew, has a finer grid. */
static zg_status certify_by_counting(const zg_program *program, double *out_v, double *lower,
                                     double *before)
{
    size_t n = program->lift->samples;
    cone_work w;
    zg_bound bound = {0};
    zg_status status = cone_work_create(program->lift, &w) ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        zg_loss_project(program->loss, n, out_v, program->y, program->weights);
        status = zg_program_bound(program, out_v, &bound, NULL);
    }
    for (size_t i = 0; i < n && status == ZG_OK; i++)
        out_v[i] *= bound.scale;
    double eta = 1e-15;
    for (; status == ZG_OK && eta < 1.0; eta *= 8.0) {
        for (size_t i = 0; i < n; i++)
            w.v[i] = (1.0 - eta) * out_v[i];
        zg_loss_project(program->loss, n, w.v, program->y, program->weights);
        if (meets_set(program, w.v, &w)) break;
    }
    if (status == ZG_OK) {
        if (eta >= 1.0) memset(w.v, 0, n * sizeof *w.v);
        memcpy(out_v, w.v, n * sizeof *out_v);
        *before = bound.value;
        *lower = zg_loss_dual_below(program->loss, n, 1.0, out_v, program->y, program->weights);
    }
    cone_work_clear(&w);
    return status;
}

static zg_support_proof proof_of(const zg_problem *problem)
{
    return zg_support_proof_of(problem->neuron_set, problem->patches.width);
}

static bool is_searched(zg_neuron_set set, const zg_lift *lift)
{
    return zg_set_searchable(set, lift->order - (lift->bordered ? 1 : 0));
}

/* Multipliers of one output. */
static size_t multipliers_of(const zg_problem *problem)
{
    zg_program program = zg_problem_program(problem, 0);
    return proof_of(problem) == ZG_PROOF_CUBE ? zg_cube_proof_size(&program)
                                              : 2 * problem->lift->groups;
}

/* The multipliers of one output as they are. */
static void take_output(const zg_program *program, const double *v, const double *rho,
                        double *out_v, double *out_rho, double *lower)
{
    size_t n = program->lift->samples;
    memcpy(out_v, v, n * sizeof *v);
    if (rho) memcpy(out_rho, rho, 2 * program->lift->groups * sizeof *rho);
    *lower = zg_loss_dual_below(program->loss, n, 1.0, v, program->y, program->weights);
}

/* By multipliers; what a search knows beyond them is lost. */
static zg_status certify_by_multipliers(const zg_program *program, double *v, double *rho,
                                        double *lower, double *before)
{
    zg_bound bound = {0};
    zg_status status = ZG_OK;
    if (is_searched(program->neuron_set, program->lift))
        status = zg_program_bound(program, v, &bound, NULL);
    if (status == ZG_OK) status = zg_cube_proof(program, v, rho, lower, before);
    *before = zg_lower_better(*before, bound.value);
    return status;
}

static zg_status certify_problem(const zg_proof *proof, certified *out)
{
    const zg_problem *problem = proof->problem;
    const double *dual = proof->dual;
    size_t n = problem->samples, multipliers = multipliers_of(problem);
    zg_support_proof kind = proof_of(problem);
    out->v = zg_doubles(problem->outputs * n);
    out->rho = zg_doubles(problem->outputs * multipliers);
    zg_status status = out->v && out->rho ? ZG_OK : ZG_NO_MEMORY;
    for (size_t c = 0; c < problem->outputs && status == ZG_OK; c++) {
        zg_program program = zg_problem_program(problem, c);
        double lower = 0.0, before = 0.0;
        /* Cones prove what holds on the whole sphere. */
        if (kind == ZG_PROOF_SPHERE) program.neuron_set = (zg_neuron_set){ZG_SET_SPHERE, 0};
        double *v = out->v + c * n, *rho = out->rho + c * multipliers;
        if (dual && kind != ZG_PROOF_SPHERE && !proof->exact)
            memcpy(v, dual + c * n, n * sizeof *dual);
        if (proof->exact)
            take_output(&program, dual + c * n, proof->rho ? proof->rho + c * multipliers : NULL, v,
                        rho, &lower);
        else if (kind == ZG_PROOF_COUNTING)
            status = certify_by_counting(&program, v, &lower, &before);
        else if (kind == ZG_PROOF_CUBE)
            status = certify_by_multipliers(&program, v, rho, &lower, &before);
        else
            status = certify_output(&program, dual ? dual + c * n : NULL, v, rho, &lower, &before);
        if (proof->exact) before = lower;
        out->lower += lower;
        out->before += before;
    }
    out->lower -= 4.0 * (double)problem->outputs * DBL_EPSILON * fabs(out->lower);
    if (!proof->exact) out->lower -= (double)(problem->outputs * (n + 1)) * CHECKED_TO;
    return status;
}

/* ---- the upper end --------------------------------------------------------------------------- */

/* The network as the file has it: directions u that stand for u / |u|, which are whole numbers in a
 * finite neuron set (pairs: both halves).  Owned. */
typedef struct exact_network {
    size_t count, width;
    bool pairs;
    size_t *group;
    double *u, *alpha;
} exact_network;

static void exact_network_clear(exact_network *network)
{
    free(network->group);
    free(network->u);
    free(network->alpha);
}

static zg_status exact_network_create(const zg_problem *problem, const zg_network *network,
                                      exact_network *out, zg_error *error)
{
    zg_network_levels levels = {.count = network->count, .width = network->patches.width};
    bool finite = zg_neuron_set_finite(problem->neuron_set);
    zg_status status =
        finite ? zg_network_levels_find(network, problem->neuron_set, &levels, error) : ZG_OK;
    if (status != ZG_OK) return status;
    size_t weights = levels.count * levels.width, outputs = levels.count * network->outputs;
    *out = (exact_network){.count = levels.count,
                           .width = levels.width,
                           .pairs = problem->neuron_set.kind == ZG_SET_BILINEAR,
                           .group = calloc(levels.count + 1, sizeof *out->group),
                           .u = zg_doubles(weights),
                           .alpha = zg_doubles(outputs)};
    if (!out->group || !out->u || !out->alpha) status = zg_no_memory(error);
    for (size_t j = 0; j < levels.count && status == ZG_OK; j++)
        out->group[j] = finite ? levels.group[j] : network->group[j];
    for (size_t k = 0; k < weights && status == ZG_OK; k++)
        out->u[k] = finite ? levels.levels[k] : network->u[k];
    for (size_t k = 0; k < outputs && status == ZG_OK; k++)
        out->alpha[k] = finite ? levels.alpha[k] : network->alpha[k];
    if (finite) zg_network_levels_clear(&levels);
    if (status != ZG_OK) exact_network_clear(out);
    return status;
}

/* t = patch . u / |u| of one patch, and *square = |patch|^2. */
static long double direction_response(const zg_problem *problem, const size_t *index,
                                      const double *x, const double *u, long double *square)
{
    size_t width = problem->patches.width;
    long double t = 0, norm = 0;
    *square = 0;
    for (size_t k = 0; k < width; k++) {
        long double input = x[index ? index[k] : k];
        t += input * u[k];
        norm += (long double)u[k] * u[k];
        *square += input * input;
    }
    return t / sqrtl(norm);
}

/* Adds neuron j's part to the predictions f of sample i and its size to most. */
static void add_neuron(const zg_problem *problem, const exact_network *network, size_t j, size_t i,
                       long double *f, long double *most)
{
    const zg_patches *p = &problem->patches;
    const zg_activation *act = &problem->activation;
    const double *x = problem->x + i * problem->inputs, *u = network->u + j * network->width;
    long double response = 0, size = 0, square;
    for (size_t q = 0; q < p->patches; q++) {
        const size_t *index =
            p->identity ? NULL : p->index + (network->group[j] * p->patches + q) * p->width;
        long double t = direction_response(problem, index, x, u, &square);
        if (network->pairs)
            response += act->a * t * direction_response(problem, index, x, u + p->width, &square);
        else
            response += (act->a * t + act->b) * t + act->c;
        size += fabsl(act->a) * square + fabsl(act->b) * sqrtl(square) + fabsl(act->c);
    }
    for (size_t c = 0; c < problem->outputs; c++) {
        double alpha = network->alpha[j * problem->outputs + c];
        f[c] += alpha * response / (long double)p->patches;
        most[c] += fabsl((long double)alpha) * size / (long double)p->patches;
    }
}

/* Predictions and their sizes, element by element of y, where rows are values at points. */
static void value_predictions(const zg_problem *problem, const exact_network *network,
                              long double *f, long double *most)
{
    size_t n = problem->samples, outputs = problem->outputs;
    long double *at = f, *size = most;
    for (size_t i = 0; i < n; i++, at += outputs, size += outputs)
        for (size_t j = 0; j < network->count; j++)
            add_neuron(problem, network, j, i, at, size);
}

/* The same where rows are functionals, of one output. */
static zg_status functional_predictions(const zg_problem *problem, const exact_network *network,
                                        long double *f, long double *most)
{
    size_t n = problem->samples, width = network->width;
    long double *u = calloc(width + problem->points + n, sizeof *u), total = 0;
    double *sizes = zg_doubles(n);
    zg_status status = u && sizes ? ZG_OK : ZG_NO_MEMORY;
    for (size_t j = 0; j < network->count && status == ZG_OK; j++) {
        const double *own = network->u + j * width;
        long double norm = 0, *t = u + width, *one = t + problem->points;
        for (size_t k = 0; k < width; k++)
            norm += (long double)own[k] * own[k];
        for (size_t k = 0; k < width; k++)
            u[k] = own[k] / sqrtl(norm);
        zg_functional_long_responses(problem->functionals, problem->activation, problem->x, u, t,
                                     one);
        for (size_t i = 0; i < n; i++)
            f[i] += network->alpha[j] * one[i];
        total += fabsl((long double)network->alpha[j]);
    }
    if (status == ZG_OK)
        zg_functional_sizes(problem->functionals, problem->activation, problem->x, 1.0 + 1e-8,
                            sizes);
    for (size_t i = 0; i < n && status == ZG_OK; i++)
        most[i] = 2 * total * sizes[i];
    free(u);
    free(sizes);
    return status;
}

/* The network times y / f of the row that is to be met exactly meets it: f becomes that network's,
 * and what is returned is the factor; 1 where there is no such row. */
static long double normalise(const zg_problem *problem, long double unit, long double *f,
                             long double *most)
{
    size_t exact = zg_problem_exact_row(problem);
    if (exact == SIZE_MAX) return 1;
    long double factor = problem->y[exact] / f[exact];
    long double doubt = unit * most[exact] / fabsl(f[exact]); /* relative, of f there */
    if (!(doubt < 1e-3L)) return (long double)NAN;
    for (size_t i = 0; i < problem->samples; i++) {
        most[i] = 2 * fabsl(factor) * (most[i] + fabsl(f[i]) * (1 + doubt / unit));
        f[i] *= factor;
    }
    return factor * (1 + 2 * doubt);
}

/* The loss of one prediction, rounded up: it is off by at most `error`, and a convex loss is
 * largest at an end of that interval. */
static long double loss_above(const zg_problem *problem, size_t output, size_t i, long double f,
                              long double error)
{
    double weight = problem->weights ? problem->weights[i] : 1.0;
    double ends[2], y = problem->y[output * problem->samples + i];
    if (isinf(weight)) return 0; /* normalised */
    for (int side = 0; side < 2; side++) {
        double end = (double)(side ? f + error : f - error);
        end = nextafter(end, side ? INFINITY : -INFINITY);
        ends[side] = zg_loss_above(problem->loss, end, y, weight);
    }
    return zg_upper_max(ends[0], ends[1]);
}

/* The objective, rounded up: every prediction is off by at most K u of its size, K the roundings a
 * term passes. */
static zg_status upper_bound(const zg_problem *problem, const exact_network *network, double *out)
{
    const zg_patches *p = &problem->patches;
    size_t n = problem->samples, outputs = problem->outputs;
    long double *f = calloc(2 * outputs * n, sizeof *f), *most = f + outputs * n, sum = 0;
    if (!f) return ZG_NO_MEMORY;
    double roundings = 3.0 * (double)p->width + (double)p->patches + (double)network->count + 32.0;
    zg_status status = ZG_OK;
    if (problem->functionals) {
        roundings += (double)problem->functionals->longest;
        status = functional_predictions(problem, network, f, most);
    } else {
        value_predictions(problem, network, f, most);
    }
    long double unit = LDBL_EPSILON * (long double)roundings;
    long double factor = normalise(problem, unit, f, most);
    for (size_t e = 0; e < n * outputs && status == ZG_OK; e++)
        sum += loss_above(problem, e % outputs, e / outputs, f[e], unit * most[e] + DBL_MIN);
    for (size_t k = 0; k < network->count * outputs; k++)
        sum += problem->beta * fabsl(factor * (long double)network->alpha[k]);
    free(f);
    sum *= 1.0L + ((double)n + (double)network->count + 8.0) * (double)outputs * LDBL_EPSILON;
    if (zg_loss_has(problem->loss.kind, ZG_LOSS_ENTROPY)) sum += (long double)n * 0x1p-40L;
    *out = nextafter((double)sum * (1.0 + DBL_EPSILON), INFINITY);
    return status != ZG_OK || isfinite(*out) ? status : ZG_FAILED;
}

/* ---- the file -------------------------------------------------------------------------------- */

void zg_proof_digest_add(SHA2_CTX *context, size_t count, const double *values)
{
    for (size_t k = 0; k < count; k++) {
        uint64_t bits;
        unsigned char bytes[8];
        memcpy(&bits, &values[k], sizeof bits);
        for (int b = 0; b < 8; b++)
            bytes[b] = (unsigned char)(bits >> 8 * b);
        SHA256Update(context, bytes, sizeof bytes);
    }
}

void zg_proof_digest(size_t samples, size_t inputs, size_t outputs, const double *x,
                     const double *y, char hex[ZG_PROOF_DIGEST_SIZE])
{
    SHA2_CTX context;
    SHA256Init(&context);
    zg_proof_digest_add(&context, samples * inputs, x);
    zg_proof_digest_add(&context, samples * outputs, y);
    SHA256End(&context, hex);
}

static void put_digest(FILE *file, const zg_proof *proof)
{
    char hex[ZG_PROOF_DIGEST_SIZE];
    const zg_problem *problem = proof->problem;
    const double *y = problem->functionals ? problem->targets : problem->y;
    size_t targets = problem->functionals ? proof->dataset->targets : problem->outputs;
    SHA2_CTX context;
    SHA256Init(&context);
    if (proof->salt) SHA256Update(&context, proof->salt, ZG_PROOF_SALT_SIZE);
    zg_proof_digest_add(&context, problem->points * proof->dataset->inputs, proof->dataset->x);
    zg_proof_digest_add(&context, problem->points * targets, y);
    SHA256End(&context, hex);
    zg_put_word(file, "digest", hex);
}

static void put_scaling(FILE *file, const char *key, const zg_preprocess *preprocess,
                        const double *values, const double *constant)
{
    size_t d = preprocess->inputs;
    double *all = zg_doubles(d + 1);
    if (!all) return; /* the file lacks the member, and no checker accepts it */
    memcpy(all, values, d * sizeof *all);
    all[d] = *constant;
    zg_put_reals(file, key, d + preprocess->bias, all);
    free(all);
}

void zg_proof_put_data(FILE *file, const zg_proof *proof, const zg_proof_source *source)
{
    const zg_encoding *encoding = &proof->problem->encoding;
    zg_put_flag(file, "header", source->header);
    zg_put_size(file, "columns", source->columns);
    zg_put_sizes(file, "targets", source->targets, source->target);
    zg_put_size(file, "samples", source->samples);
    if (source->rows) zg_put_sizes(file, "rows", source->samples, source->rows);
    put_digest(file, proof);
    zg_put_word(file, "task",
                encoding->task == ZG_BINARY       ? "binary"
                : encoding->task == ZG_MULTICLASS ? "multiclass"
                                                  : "regression");
    if (encoding->task != ZG_REGRESSION && encoding->texts)
        zg_put_texts(file, "labels", encoding->label_count, encoding->texts);
    if (encoding->task != ZG_REGRESSION && !encoding->texts)
        zg_put_reals(file, "values", encoding->label_count, encoding->values);
    const zg_preprocess *preprocess = &proof->problem->preprocess;
    /* A constant input is a column like others to the checker, and stays as it is. */
    const double zero = 0, one = 1;
    if (preprocess->mean) put_scaling(file, "mean", preprocess, preprocess->mean, &zero);
    if (preprocess->mean) put_scaling(file, "scale", preprocess, preprocess->scale, &one);
    if (preprocess->halfspaces > 0) zg_put_flag(file, "halfspaces", true);
}

void zg_proof_put_architecture(FILE *file, const zg_architecture *a)
{
    zg_put_word(file, "architecture", a->kind == ZG_DENSE ? "dense" : "convolution");
    if (a->kind == ZG_DENSE) return;
    zg_put_size(file, "height", a->height);
    zg_put_size(file, "width", a->width);
    zg_put_size(file, "channels", a->channels);
    zg_put_sizes(file, "filter", 2, a->filter);
    zg_put_sizes(file, "stride", 2, a->stride);
    if (a->pool == ZG_POOL_SIZE)
        zg_put_sizes(file, "pool", 2, a->pool_size);
    else
        zg_put_word(file, "pool", a->pool == ZG_POOL_NONE ? "none" : "global");
}

static void put_neuron_set(FILE *file, const zg_problem *problem)
{
    zg_neuron_set set = problem->neuron_set;
    char name[ZG_NEURON_SET_SIZE];
    if (!zg_neuron_set_finite(set)) return;
    zg_neuron_set_format(set, name);
    name[strcspn(name, ":")] = '\0';
    zg_put_word(file, "neuron_set", name);
    if (set.kind == ZG_SET_BITS) zg_put_size(file, "bits", set.bits);
    zg_support_proof kind = proof_of(problem);
    zg_put_word(file, "proof",
                kind == ZG_PROOF_COUNTING ? "enumeration"
                : kind == ZG_PROOF_CUBE   ? "multipliers"
                                          : "cones");
}

static void put_terms(FILE *file, const zg_functionals *rows, size_t *whole, double *real)
{
    for (size_t i = 0; i < rows->count; i++)
        whole[i] = rows->start[i + 1] - rows->start[i];
    zg_put_sizes(file, "row_terms", rows->count, whole);
    for (size_t k = 0; k < rows->terms; k++)
        whole[k] = rows->term[k].point;
    zg_put_sizes(file, "term_points", rows->terms, whole);
    for (size_t k = 0; k < rows->terms; k++)
        whole[k] = rows->term[k].kind;
    zg_put_sizes(file, "term_kinds", rows->terms, whole);
    for (size_t k = 0; k < rows->terms; k++)
        real[k] = rows->term[k].coefficient;
    zg_put_reals(file, "coefficients", rows->terms, real);
}

/* Without memory the file lacks members, and no checker accepts it. */
static void put_functionals(FILE *file, const zg_problem *problem)
{
    const zg_functionals *rows = problem->functionals;
    size_t room = rows->terms + rows->count, exact = zg_problem_exact_row(problem);
    size_t *whole = calloc(room, sizeof *whole);
    double *real = zg_doubles(room);
    if (whole && real) {
        put_terms(file, rows, whole, real);
        zg_put_reals(file, "row_targets", rows->count, problem->y);
        for (size_t i = 0; i < rows->count; i++)
            real[i] = !problem->weights || i == exact ? 1.0 : problem->weights[i];
        zg_put_reals(file, "row_weights", rows->count, real);
        if (exact != SIZE_MAX) zg_put_size(file, "exact_row", exact);
    }
    free(whole);
    free(real);
}

void zg_proof_put_problem(FILE *file, const zg_problem *problem)
{
    const zg_activation *act = &problem->activation;
    zg_put_reals(file, "activation", 3, (const double[]){act->a, act->b, act->c});
    zg_proof_put_architecture(file, &problem->architecture);
    zg_put_word(file, "loss", zg_loss_name(zg_loss_of_rows(problem->loss.kind)));
    if (zg_loss_has(problem->loss.kind, ZG_LOSS_THRESHOLD))
        zg_put_real(file, "delta", problem->loss.delta);
    zg_put_real(file, "beta", problem->beta);
    if (problem->functionals)
        put_functionals(file, problem);
    else if (problem->weights)
        zg_put_reals(file, "weights", problem->samples, problem->weights);
    put_neuron_set(file, problem);
}

void zg_proof_put_network(FILE *file, const zg_network *network)
{
    zg_put_sizes(file, "groups", network->count, network->group);
    zg_put_reals(file, "neurons", network->count * network->patches.width, network->u);
    zg_put_reals(file, "alpha", network->count * network->outputs, network->alpha);
}

static void put_network(FILE *file, const exact_network *network, size_t outputs)
{
    zg_put_sizes(file, "groups", network->count, network->group);
    zg_put_reals(file, "neurons", network->count * network->width, network->u);
    zg_put_reals(file, "alpha", network->count * outputs, network->alpha);
}

/* Points as read, with a constant input as a column, and what is claimed of them. */
static bool put_bands(FILE *file, const zg_problem *problem, const zg_bands *bands,
                      const zg_proof_claim *claim)
{
    size_t wide = problem->inputs, d = wide - problem->preprocess.bias, count = bands->points;
    double *points = zg_doubles(count * wide), *band = zg_doubles(count);
    bool good = points && band;
    for (size_t k = 0; k < count && good; k++) {
        memcpy(points + k * wide, bands->raw + k * d, d * sizeof *points);
        if (wide > d) points[k * wide + d] = 1;
        band[k] = zg_band(bands, k, claim->upper, claim->lower);
    }
    if (good) {
        zg_put_flag(file, "constant", problem->preprocess.bias);
        zg_put_reals(file, "points", count * wide, points);
        zg_put_real(file, "modulus", bands->modulus);
        zg_put_reals(file, "solutions", count * bands->features, bands->solution);
        zg_put_reals(file, "bands", count, band);
    }
    free(points);
    free(band);
    return good;
}

static zg_status write_file(const char *path, const zg_proof *proof, const zg_proof_source *source,
                            const certified *dual, const exact_network *network,
                            const zg_proof_claim *claim, zg_error *error)
{
    const zg_problem *problem = proof->problem;
    zg_replacement replacement;
    zg_status status = zg_replace_begin(&replacement, path, error);
    if (status != ZG_OK) return status;
    FILE *file = replacement.file;
    bool points = proof->bands && !isnan(claim->upper);
    const char *format = problem->functionals ? ZG_FUNCTIONALS_FORMAT
                         : points             ? ZG_POINTS_FORMAT
                                              : ZG_CERTIFICATE_FORMAT;
    fprintf(file, "{\"format\": \"%s\"", format);
    zg_proof_put_data(file, proof, source);
    zg_proof_put_problem(file, problem);
    zg_put_real(file, "lower", claim->lower);
    if (!isnan(claim->upper)) {
        zg_put_real(file, "upper", claim->upper);
        zg_put_real(file, "gap", claim->gap);
        put_network(file, network, problem->outputs);
    }
    zg_put_reals(file, "dual", problem->outputs * problem->samples, dual->v);
    zg_support_proof kind = proof_of(problem);
    if (kind == ZG_PROOF_CUBE || (kind == ZG_PROOF_SPHERE && problem->lift->bordered))
        zg_put_reals(file, "rho", problem->outputs * multipliers_of(problem), dual->rho);
    if (points && !put_bands(file, problem, proof->bands, claim)) status = zg_no_memory(error);
    fputs("}\n", file);
    return zg_replace_end(&replacement, status, error);
}

/* The data set itself as a CSV file beside the certificate. */
static zg_status export_data(const char *path, const zg_dataset *dataset, zg_proof_source *source,
                             char data_file[ZG_PROOF_PATH_SIZE], zg_error *error)
{
    *source = (zg_proof_source){.header = true,
                                .columns = dataset->inputs + dataset->targets,
                                .targets = dataset->targets,
                                .samples = dataset->rows};
    source->target = malloc((dataset->targets + 1) * sizeof *source->target);
    if (!source->target) return zg_no_memory(error);
    for (size_t k = 0; k < dataset->targets; k++)
        source->target[k] = dataset->inputs + k;
    if (snprintf(data_file, ZG_PROOF_PATH_SIZE, "%s.csv", path) >= ZG_PROOF_PATH_SIZE)
        return zg_fail(error, ZG_BAD_INPUT, "the certificate's path is too long");
    return zg_proof_write_data(data_file, dataset, error);
}

zg_status zg_proof_locate(const char *path, const zg_proof *proof, zg_proof_source *source,
                          char data_file[ZG_PROOF_PATH_SIZE], zg_error *error)
{
    zg_status found = ZG_MISSING;
    if (proof->data_path && strlen(proof->data_path) < ZG_PROOF_PATH_SIZE)
        found = zg_proof_find_rows(proof->data_path, proof->dataset, proof->target, source, error);
    if (found == ZG_OK) snprintf(data_file, ZG_PROOF_PATH_SIZE, "%s", proof->data_path);
    if (found == ZG_MISSING) found = export_data(path, proof->dataset, source, data_file, error);
    return found;
}

static zg_status check_proof(const zg_proof *proof, zg_error *error)
{
    const zg_problem *problem = proof->problem;
    if (problem->penalty.kind != ZG_PENALTY_L1)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "a dual vector certifies problems with the l1 penalty only");
    if (proof->dataset->rows != problem->points ||
        proof->dataset->inputs != problem->preprocess.inputs)
        return zg_fail(error, ZG_BAD_INPUT, "the data set is not that of the problem");
    return proof->network ? zg_network_check(proof->network, problem, error) : ZG_OK;
}

double zg_proof_allowance(const zg_proof_claim *claim, double objective, double tolerance)
{
    if (claim->sums) return 0.0;
    if (claim->relaxed) return claim->lost;
    return fmin(claim->lost, ROUNDING_SHARE * tolerance * fmax(1.0, fabs(objective)));
}

static zg_status make_claim(const zg_proof *proof, const certified *dual,
                            const exact_network *network, zg_proof_claim *out)
{
    zg_status status = ZG_OK;
    out->lower = dual->lower;
    out->lost = dual->before - dual->lower;
    out->relaxed = proof_of(proof->problem) == ZG_PROOF_CUBE &&
                   is_searched(proof->problem->neuron_set, proof->problem->lift);
    out->upper = out->gap = NAN;
    bool met = proof->exact || !zg_loss_has(proof->problem->loss.kind, ZG_LOSS_EXACT);
    if (proof->network && met) {
        status = upper_bound(proof->problem, network, &out->upper);
        out->gap = zg_gap(out->upper, out->lower);
        out->gap = nextafter(out->gap + 4.0 * DBL_EPSILON * fabs(out->gap) + DBL_EPSILON, INFINITY);
    }
    return status;
}

static zg_status write_with_rows(const char *path, const zg_proof *proof, const certified *dual,
                                 const exact_network *network, zg_proof_claim *out, zg_error *error)
{
    zg_proof_source source = {0};
    zg_status status = zg_proof_locate(path, proof, &source, out->data_file, error);
    if (status == ZG_OK) status = write_file(path, proof, &source, dual, network, out, error);
    zg_proof_source_clear(&source);
    return status;
}

static zg_status write_proof(const char *path, const zg_proof *proof, zg_proof_claim *out,
                             zg_error *error)
{
    if (proof->problem->robust > 0.0) return zg_robust_proof_write(path, proof, out, error);
    certified dual = {0};
    exact_network network = {0};
    zg_status status = ZG_OK;
    if (proof->network) {
        status = exact_network_create(proof->problem, proof->network, &network, error);
        if (status) return status;
    }
    status = certify_problem(proof, &dual);
    if (status == ZG_OK) status = make_claim(proof, &dual, &network, out);
    if (status)
        zg_fail(error, status, "the claim could not be computed: %s", zg_status_message(status));
    if (status == ZG_OK && proof->sums)
        status = zg_sums_proof_write(path, proof, dual.v, dual.rho, dual.before, out, error);
    else if (status == ZG_OK)
        status = write_with_rows(path, proof, &dual, &network, out, error);
    exact_network_clear(&network);
    free(dual.v);
    free(dual.rho);
    return status;
}

static bool has_gaps(const zg_dataset *rows)
{
    for (size_t k = 0; k < rows->rows * rows->inputs; k++)
        if (isnan(rows->x[k])) return true;
    return false;
}

/* A constant input behind the others is never missing. */
static void fill_gaps(const zg_preprocess *preprocess, zg_dataset *rows)
{
    for (size_t i = 0; i < rows->rows; i++)
        for (size_t j = 0; preprocess->fill && j < preprocess->inputs; j++) {
            double *value = &rows->x[i * rows->inputs + j];
            if (isnan(*value)) *value = preprocess->fill[j];
        }
}

zg_status zg_proof_plain_rows(const zg_proof *proof, zg_dataset **out, zg_error *error)
{
    const zg_problem *problem = proof->problem;
    const zg_dataset *rows = proof->dataset;
    *out = NULL;
    bool gaps = has_gaps(rows);
    if (!problem->preprocess.bias && !problem->encoding.mean && !gaps) return ZG_OK;
    zg_status status = problem->preprocess.bias ? zg_dataset_with_constant(rows, out, error)
                                                : zg_dataset_copy(rows, out, error);
    for (size_t i = 0; status == ZG_OK && problem->encoding.mean && i < rows->rows; i++)
        for (size_t c = 0; c < problem->outputs; c++)
            (*out)->t[i * problem->outputs + c] = problem->y[c * rows->rows + i];
    if (status == ZG_OK && gaps) fill_gaps(&problem->preprocess, *out);
    return status;
}

zg_status zg_proof_write(const char *path, const zg_proof *proof, zg_proof_claim *out,
                         zg_error *error)
{
    zg_dataset *plain;
    *out = (zg_proof_claim){0};
    zg_status status = check_proof(proof, error);
    if (status == ZG_OK && proof->sums) status = zg_sums_proof_check(proof->problem, error);
    if (status == ZG_OK) status = zg_proof_plain_rows(proof, &plain, error);
    if (status) return status;
    if (!plain) return write_proof(path, proof, out, error);
    zg_proof own = *proof; /* no file has these rows: they go beside the certificate */
    own.dataset = plain;
    own.data_path = NULL;
    status = write_proof(path, &own, out, error);
    zg_dataset_free(plain);
    return status;
}
