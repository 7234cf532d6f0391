/* The best of both sides of a low-rank search (see low_rank_search.h). */
#include "solvers/low_rank_search.h"

#include "base/linalg.h"
#include "core/decomposition.h"

#include <stdlib.h>
#include <string.h>

/* ---- lower bounds and directions --------------------------------------------------------------- */

void zg_search_forget_axes(zg_search *s)
{
    for (size_t g = 0; s->axes && g < s->program.lift->groups; g++) {
        zg_axes_free(s->axes[g]);
        s->axes[g] = NULL;
    }
}

/* The lowest eigenvectors of beta E + rho R -+ T: where the dual slack is flat or violated. */
static zg_status find_directions(zg_search *s, size_t g, const double *t, double scale)
{
    const zg_lift *lift = s->program.lift;
    double beta = s->program.beta;
    zg_status status = zg_axes_create(lift, t, &s->axes[g]);
    for (size_t k = 2 * g; status == ZG_OK && k < 2 * g + 2; k++)
        status = zg_axes_lowest(s->axes[g], k % 2 ? -scale : scale, beta,
                                lift->bordered ? s->rho[k] : beta, s->directions, s->lowest[k]);
    return status;
}

zg_status zg_search_certify(zg_search *s, bool directions)
{
    const zg_lift *lift = s->program.lift;
    size_t block = lift->order * lift->order;
    zg_bound bound;
    zg_slack_parts parts = {.rho = s->rho};
    if (directions && !(parts.t = zg_doubles(lift->groups * block))) return ZG_NO_MEMORY;
    zg_search_forget_axes(s);
    zg_status status = zg_program_bound(&s->program, s->v, &bound, &parts);
    if (status == ZG_OK) {
        s->lambda = bound.lambda;
        if (bound.value > s->bound) {
            s->bound = bound.value;
            memcpy(s->best_v, s->v, lift->samples * sizeof *s->v);
        }
        directions = directions && (s->round == 0 || zg_search_gap(s) > s->control->tolerance);
        for (size_t g = 0; directions && status == ZG_OK && g < lift->groups; g++)
            status = find_directions(s, g, parts.t + g * block, bound.scale);
    } else if (status != ZG_NO_MEMORY) {
        status = ZG_OK; /* v has no bound: the search goes on without */
    }
    free(parts.t);
    return status;
}

/* ---- upper bounds ------------------------------------------------------------------------------ */

static zg_status evaluate(const zg_search *s, const zg_network *network, double *objective)
{
    const zg_problem *p = s->problem;
    double *f = zg_doubles(p->outputs * p->samples);
    zg_status status = f ? zg_problem_predictions(p, network, f) : ZG_NO_MEMORY;
    if (status == ZG_OK) *objective = zg_network_output_objective(network, p, s->output, f);
    free(f);
    return status;
}

zg_status zg_search_take_network(zg_search *s, zg_network *network)
{
    double objective;
    zg_status status = evaluate(s, network, &objective);
    if (status == ZG_OK && objective < s->objective) {
        zg_network *worse = s->network;
        s->network = network;
        s->objective = objective;
        network = worse;
    }
    zg_network_free(network);
    return status;
}

/* The neurons of one cone of a bordered factor, decomposed in the span of its columns. */
static zg_status add_cone(const zg_search *s, const zg_factor *factor, size_t cone,
                          zg_subspace *span, zg_network *network)
{
    size_t w = s->program.lift->width, m = factor->columns[cone], k = span->dimension,
           order = k + 1, count = 0;
    const double *from = s->w + factor->offset[cone], *basis = span->basis[0];
    double *candidates = zg_doubles(w * m), *c = zg_doubles(order * m),
           *z = zg_doubles(order * order), *u = zg_doubles(order * k), *alpha = zg_doubles(order),
           *full = zg_doubles(w);
    bool complete = candidates && c && z && u && alpha && full;
    zg_status status = complete ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        memcpy(candidates, from, w * m * sizeof *candidates);
        status = zg_subspace_span(span, 0, candidates, m);
    }
    if (status == ZG_OK) {
        zg_gemm(true, false, k, m, w, 1.0, basis, w, from, w, 0.0, c, order);
        c[k] = zg_norm(w * m, from);
        zg_gemm(false, true, order, order, m, 1.0, c, order, c, order, 0.0, z, order);
        status = zg_decompose(order, z, ZG_RANK_CUTOFF, u, alpha, &count);
    }
    for (size_t j = 0; status == ZG_OK && j < count; j++) {
        zg_gemv(false, w, k, 1.0, basis, w, u + j * k, 0.0, full);
        double length = zg_norm(w, full);
        if (!(length > 0.0)) continue;
        for (size_t i = 0; i < w; i++)
            full[i] /= length;
        status =
            zg_network_add(network, cone / 2, full, s->output, cone % 2 ? -alpha[j] : alpha[j]);
    }
    free(candidates);
    free(c);
    free(z);
    free(u);
    free(alpha);
    free(full);
    return status;
}

/* The factor's network where a lift is bordered and has one group: without eigenvalue problems of
 * the lift's order. */
static zg_status keep_thin_factor(zg_search *s, const zg_factor *factor)
{
    zg_network *network = NULL;
    zg_status status = zg_network_create(s->problem, &network, NULL);
    for (size_t k = 0; status == ZG_OK && k < 2; k++) {
        zg_subspace *span = NULL;
        status = zg_subspace_create(s->program.lift, factor->columns[k], &span);
        if (status == ZG_OK) status = add_cone(s, factor, k, span, network);
        zg_subspace_free(span);
    }
    if (status == ZG_OK) return zg_search_take_network(s, network);
    zg_network_free(network);
    return status;
}

zg_status zg_search_take_factor(zg_search *s, const zg_factor *factor)
{
    if (s->program.lift->bordered && s->program.lift->groups == 1)
        return keep_thin_factor(s, factor);
    const zg_lift *lift = s->program.lift;
    size_t block = lift->order * lift->order;
    double *storage = zg_doubles(zg_search_cones(s) * block);
    double **z = calloc(zg_search_cones(s), sizeof *z), **zn = z ? z + lift->groups : NULL;
    zg_network *network = NULL;
    zg_status status = storage && z ? zg_network_create(s->problem, &network, NULL) : ZG_NO_MEMORY;
    for (size_t k = 0; status == ZG_OK && k < zg_search_cones(s); k++) {
        double *to = storage + k * block;
        (k % 2 ? zn : z)[k / 2] = to;
        zg_factor_block(factor, s->w, k, to);
    }
    if (status == ZG_OK)
        status = zg_network_add_blocks(network, lift, s->output, z, zn, ZG_RANK_CUTOFF);
    if (status == ZG_OK)
        status = zg_search_take_network(s, network);
    else
        zg_network_free(network);
    free(storage);
    free(z);
    return status;
}
