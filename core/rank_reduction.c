/* Rank reduction along the face of all matrices with the same predictions: fewer neurons. */
#include "core/rank_reduction.h"

#include "base/linalg.h"
#include "core/certificate.h"
#include "core/decomposition.h"
#include "core/face.h"
#include "core/neuron_set.h"
#include "core/problem_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- bounds --------------------------------------------------------------------------------- */

size_t zg_pataki_rank(size_t equations)
{
    return zg_pataki_bound(equations, 0, equations, false);
}

/* Ranks are raised by turns: from k - 1 to k costs k equations, the lowest rank is cheapest. */
static size_t spread(size_t equations, size_t blocks, size_t order)
{
    size_t ranks = 0;
    for (size_t k = 1; k <= order && k <= equations; k++) {
        size_t raised = equations / k < blocks ? equations / k : blocks;
        ranks += raised;
        equations -= raised * k;
        if (raised < blocks) break;
    }
    return ranks;
}

size_t zg_pataki_bound(size_t samples, size_t groups, size_t order, bool bordered)
{
    if (groups == 0) return spread(samples, 1, order);
    size_t features = groups * zg_svec_size(order); /* no more predictions are independent */
    if (samples > features) samples = features;
    return spread(samples + (bordered ? 2 * groups : 0), 2 * groups, order);
}

/* Networks with the same predictions on the rows differ around them: of a robust problem only the
 * number of features bounds the ranks. */
size_t zg_problem_equations(const zg_problem *problem)
{
    const zg_lift *lift = problem->lift;
    size_t features = lift->groups * zg_svec_size(lift->order);
    size_t fixed =
        problem->robust > 0.0 || problem->samples > features ? features : problem->samples;
    return fixed + (lift->bordered ? 2 * lift->groups : 0);
}

/* What the cone's extreme rays span is no matter of finitely many neurons, nor of other penalties.
 */
size_t zg_problem_pataki_bound(const zg_problem *problem)
{
    const zg_lift *lift = problem->lift;
    size_t equations = problem->robust > 0.0 ? SIZE_MAX : problem->samples;
    if (zg_neuron_set_finite(problem->neuron_set) || problem->penalty.kind != ZG_PENALTY_L1)
        return 0;
    return problem->outputs * zg_pataki_bound(equations, lift->groups, lift->order, lift->bordered);
}

/* ---- between networks and faces ------------------------------------------------------------- */

/* Puts one output's neurons of one group and sign into a block: columns sqrt|alpha| (u; 1). */
static zg_status read_block(const zg_network *network, size_t output, size_t group, double sign,
                            const zg_lift *lift, zg_face_block *block)
{
    size_t order = lift->order, width = network->patches.width, count = 0;
    double *columns = zg_doubles(order * (network->count + 1));
    if (!columns) return ZG_NO_MEMORY;
    for (size_t j = 0; j < network->count; j++) {
        double alpha = network->alpha[j * network->outputs + output];
        if (network->group[j] != group || !(sign * alpha > 0.0)) continue;
        double *column = columns + count++ * order;
        zg_axpy(width, sqrt(fabs(alpha)), network->u + j * width, column);
        if (lift->bordered) column[width] = sqrt(fabs(alpha));
    }
    zg_status status = zg_face_block_set(block, order, count, columns);
    free(columns);
    return status;
}

static zg_status read_output(const zg_network *network, size_t output, zg_face *face)
{
    zg_status status = ZG_OK;
    for (size_t b = 0; status == ZG_OK && b < face->blocks; b++)
        status =
            read_block(network, output, b / 2, b % 2 ? -1.0 : 1.0, face->lift, face->block + b);
    return status;
}

/* Adds the neurons of one output's face point to a network. */
static zg_status write_output(const zg_face *face, size_t output, zg_network *network)
{
    size_t order = face->lift->order, groups = face->lift->groups;
    double *storage = zg_doubles(face->blocks * order * order);
    double **z = calloc(face->blocks, sizeof *z);
    zg_status status = storage && z ? ZG_OK : ZG_NO_MEMORY;
    for (size_t b = 0; status == ZG_OK && b < face->blocks; b++) {
        double *matrix = storage + b * order * order;
        status = zg_face_block_matrix(face->block + b, matrix);
        z[(b % 2) * groups + b / 2] = matrix;
    }
    if (status == ZG_OK)
        status = zg_network_add_blocks(network, face->lift, output, z, z + groups, 1e-15);
    free(storage);
    free(z);
    return status;
}

static zg_status reduce_output(const zg_problem *problem, const zg_network *network, size_t output,
                               zg_network *reduced)
{
    zg_face *face = NULL;
    zg_status status = zg_face_create(problem->lift, &face);
    if (status == ZG_OK) status = read_output(network, output, face);
    if (status == ZG_OK) status = zg_face_descend(face);
    if (status == ZG_OK) status = write_output(face, output, reduced);
    zg_face_free(face);
    return status;
}

/* ---- the whole network ---------------------------------------------------------------------- */

static zg_status compare(const zg_problem *problem, const zg_network *before,
                         const zg_network *after, zg_rank_report *report)
{
    size_t total = problem->samples * problem->outputs;
    double *f = zg_doubles(total), *g = zg_doubles(total);
    zg_status status = f && g ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) status = zg_problem_responses(problem, before, f);
    if (status == ZG_OK) status = zg_problem_responses(problem, after, g);
    if (status == ZG_OK)
        status = zg_network_objective(before, problem, &report->objective_before, NULL, NULL);
    if (status == ZG_OK)
        status = zg_network_objective(after, problem, &report->objective_after, NULL, NULL);
    report->neurons_before = before->count;
    report->neurons_after = after->count;
    report->bound = zg_problem_pataki_bound(problem);
    report->drift = 0.0;
    for (size_t i = 0; status == ZG_OK && i < total; i++)
        report->drift = fmax(report->drift, fabs(f[i] - g[i]));
    free(f);
    free(g);
    return status;
}

static bool accept(const zg_rank_report *report, double slack)
{
    return report->neurons_after < report->neurons_before &&
           report->objective_after <=
               report->objective_before + slack * fabs(report->objective_before);
}

/* A copy of network with the neurons of reduced. */
static zg_status carry_over(const zg_network *network, const zg_network *reduced,
                            const zg_problem *problem, double objective, zg_network **out,
                            zg_error *error)
{
    zg_status status = zg_network_copy(network, out, error);
    if (status) return status;
    zg_network_clear_neurons(*out);
    size_t width = reduced->patches.width, outputs = reduced->outputs;
    for (size_t j = 0; status == ZG_OK && j < reduced->count; j++) {
        status = zg_network_add(*out, reduced->group[j], reduced->u + j * width, 0, 0.0);
        if (status == ZG_OK)
            memcpy((*out)->alpha + j * outputs, reduced->alpha + j * outputs,
                   outputs * sizeof *reduced->alpha);
    }
    if (status) {
        zg_network_free(*out);
        *out = NULL;
        return zg_no_memory(error);
    }
    (*out)->training.objective = objective;
    if (problem->beta == (*out)->training.beta)
        (*out)->training.gap = zg_gap(objective, (*out)->training.bound);
    return ZG_OK;
}

static zg_status fail(zg_error *error, zg_status status)
{
    if (status == ZG_NO_MEMORY) return zg_no_memory(error);
    return zg_fail(error, status, "the factorisations of rank reduction did not converge");
}

zg_status zg_network_reduce(const zg_network *network, const zg_problem *problem, double slack,
                            zg_network **out, zg_rank_report *report, zg_error *error)
{
    if (problem->penalty.kind != ZG_PENALTY_L1)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "rank reduction keeps the l1 penalty only, the problem has a power penalty");
    zg_status status = zg_network_check(network, problem, error);
    if (status) return status;
    zg_network *reduced = NULL;
    status = zg_network_create(problem, &reduced, error);
    if (status) return status;
    for (size_t c = 0; status == ZG_OK && c < problem->outputs; c++)
        status = reduce_output(problem, network, c, reduced);
    zg_rank_report own;
    if (status == ZG_OK) status = compare(problem, network, reduced, &own);
    if (status) {
        zg_network_free(reduced);
        return fail(error, status);
    }
    if (accept(&own, slack)) {
        status = carry_over(network, reduced, problem, own.objective_after, out, error);
    } else {
        own.neurons_after = own.neurons_before;
        own.objective_after = own.objective_before;
        own.drift = 0.0;
        status = zg_network_copy(network, out, error);
    }
    zg_network_free(reduced);
    if (report) *report = own;
    return status;
}
