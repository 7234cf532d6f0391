/* What rounding can have done to the objective of a network (see network.h). */
#include "base/linalg.h"
#include "core/network.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A product that underflows, as a multiple of the unit that sizes are multiplied by. */
#define UNDERFLOW (DBL_MIN / DBL_EPSILON)

/* Longest u of the network, and sum_j |alpha_jc| by group and output (groups x outputs). */
static double sum_weights(const zg_network *network, double *sums)
{
    size_t width = network->patches.width, outputs = network->outputs;
    double longest = 0.0;
    for (size_t j = 0; j < network->count; j++) {
        double length = zg_norm(width, network->u + j * width);
        if (!(length <= longest)) longest = length; /* a NaN stays */
        for (size_t c = 0; c < outputs; c++)
            sums[network->group[j] * outputs + c] += fabs(network->alpha[j * outputs + c]);
    }
    return longest;
}

/* size (outputs x samples): sum over groups of the weights times the largest response that a
 * neuron can have there, |a| q^2 + |b| q + |c| with q = |patch| |u|. */
static void response_sizes(const zg_network *network, const zg_problem *problem, const double *sums,
                           double longest, double *patch, double *size)
{
    const zg_patches *p = &network->patches;
    zg_activation s = network->activation;
    size_t n = problem->samples, outputs = network->outputs;
    if (problem->functionals) {
        zg_functional_sizes(problem->functionals, s, problem->x, longest, size);
        for (size_t i = 0; i < n; i++)
            size[i] = sums[0] * (size[i] + UNDERFLOW) + UNDERFLOW;
        return;
    }
    for (size_t g = 0; g < p->groups; g++)
        for (size_t i = 0; i < n; i++) {
            double mean = 0.0, lost = 1.0;
            zg_patches_gather(p, g, 1, problem->x + i * network->inputs, patch);
            for (size_t k = 0; k < p->patches; k++) {
                double q = zg_norm(p->width, patch + k * p->width) * longest;
                mean += (fabs(s.a) * q + fabs(s.b)) * q + fabs(s.c);
                lost += 1.0 + q + (double)p->width * (2.0 * fabs(s.a) * q + fabs(s.b));
            }
            mean /= (double)p->patches;
            /* Products that underflow are off by DBL_MIN times the factors still to come. */
            for (size_t c = 0; c < outputs; c++)
                size[c * n + i] += sums[g * outputs + c] * (mean + UNDERFLOW * lost) + UNDERFLOW;
        }
}

/* How far the loss of one prediction moves when f is off by e: a convex function moves most at an
 * end of the interval. */
static double loss_error(const zg_problem *problem, size_t i, const double *y, double f, double e)
{
    const double *weight = problem->weights ? problem->weights + i : NULL;
    double low = f - e, high = f + e;
    if (weight && isinf(*weight)) return 0.0; /* met */
    double value = zg_loss_value(problem->loss, 1, &f, y, weight);
    double below = fabs(zg_loss_value(problem->loss, 1, &low, y, weight) - value);
    double above = fabs(zg_loss_value(problem->loss, 1, &high, y, weight) - value);
    size_t samples = zg_team_total(problem->lift->team, problem->samples);
    double terms = (double)(samples * problem->outputs) + 8.0;
    return (below > above ? below : above) * (1.0 + 8.0 * DBL_EPSILON) +
           terms * DBL_EPSILON * fabs(value) + 4.0 * DBL_MIN * (1.0 + (weight ? *weight : 1.0));
}

/* What errors of unit * size of the predictions f add up to. */
static double sum_errors(const zg_problem *problem, double unit, const double *size,
                         const double *f, const double *dual)
{
    size_t n = problem->samples, first, rows;
    double total;
    bool exact = zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT);
    zg_sum sum = zg_sum_begin(problem->lift->team, n, 1, &total);
    while (zg_sum_next(&sum, &first, &rows))
        for (size_t c = 0; c < problem->outputs; c++)
            for (size_t k = c * n + first; k < c * n + first + rows; k++) {
                double e = unit * size[k];
                if (!exact)
                    *sum.part += loss_error(problem, k % n, problem->y + k, f[k], e);
                else if (dual)
                    *sum.part += fabs(dual[k]) * (fabs(f[k] - problem->y[k]) + e);
            }
    zg_sum_end(&sum);
    return total;
}

/* With a row that is to be met exactly: f and size become those of the multiple of the network that
 * meets it, by a factor that is off as far as f is there.  Returns by how much, relatively;
 * *factor: what the penalty is to be multiplied by. */
static double normalise(const zg_problem *problem, double unit, double *f, double *size,
                        double *factor)
{
    size_t n = problem->samples, exact = zg_loss_exact_row(n, problem->weights);
    *factor = 1.0;
    if (exact == SIZE_MAX) return 0.0;
    double relative = size[exact] / fabs(f[exact]), doubt = unit * relative;
    *factor = fabs(zg_loss_meet(n, f, problem->y, problem->weights));
    if (!(doubt < 1e-3)) return INFINITY;
    for (size_t i = 0; i < n; i++)
        size[i] = 2.0 * (*factor * size[i] + fabs(f[i]) * (1.0 + relative));
    return 2.0 * doubt;
}

static double penalty_size(const zg_network *network, const zg_problem *problem)
{
    double sum = 0.0;
    for (size_t k = 0; k < network->count * network->outputs; k++) {
        double size = fabs(network->alpha[k]);
        sum += problem->penalty.kind == ZG_PENALTY_L1 ? size : pow(size, problem->penalty.power);
    }
    return problem->beta * sum;
}

zg_status zg_network_objective_error(const zg_network *network, const zg_problem *problem,
                                     const double *dual, double *error)
{
    const zg_patches *p = &network->patches;
    size_t n = problem->samples, outputs = problem->outputs, all = n * outputs;
    double *storage = zg_doubles(2 * all + p->groups * outputs + p->patches * p->width);
    if (!storage) return ZG_NO_MEMORY;
    double *f = storage, *size = f + all, *sums = size + all, *patch = sums + p->groups * outputs;
    double longest = sum_weights(network, sums), total;
    response_sizes(network, problem, sums, longest, patch, size);
    zg_status status = zg_problem_predictions(problem, network, f);
    /* Roundings that a term passes on its way into a prediction, each of half an epsilon. */
    double roundings = 2.0 * (double)p->width + (double)(p->patches + network->count) + 16.0;
    if (problem->functionals) roundings += (double)problem->functionals->longest;
    double unit = roundings * DBL_EPSILON, factor;
    double doubt = normalise(problem, unit, f, size, &factor);
    total = sum_errors(problem, unit, size, f, dual);
    double share = ((double)(network->count * outputs) + 8.0) * DBL_EPSILON + doubt;
    *error = zg_upper(total + share * factor * penalty_size(network, problem) + DBL_MIN);
    free(storage);
    return status;
}
