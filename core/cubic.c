/* The cubic twin of a quadratic-activation network. */
#include "core/cubic.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>

bool zg_cubic_exists(const zg_network *network)
{
    return network->activation.b == 0.0 && network->activation.c == 0.0 && network->outputs == 1 &&
           network->preprocess.halfspaces == 0; /* whose neurons have no length */
}

/* f += a alpha mean over the patches of (patch . u)^2, for u of any length. */
static void add_neuron(const zg_network *network, const zg_problem *problem, size_t group,
                       const double *u, double alpha, double *rows, double *f)
{
    size_t width = network->patches.width, patches = network->patches.patches;
    for (size_t i = 0; i < problem->samples; i++) {
        zg_patches_gather(&network->patches, group, 1, problem->x + i * problem->inputs, rows);
        double sum = 0.0;
        for (size_t p = 0; p < patches; p++) {
            double t = zg_dot(width, rows + p * width, u);
            sum += network->activation.a * t * t;
        }
        f[i] += alpha * sum / (double)patches;
    }
}

zg_status zg_cubic_objective(const zg_network *network, const zg_problem *problem,
                             double *objective)
{
    if (!zg_cubic_exists(network) || problem->robust > 0.0 || problem->functionals)
        return ZG_UNSUPPORTED;
    size_t width = network->patches.width;
    double *f = zg_doubles(problem->samples), *u = zg_doubles(width);
    double *rows = zg_doubles(network->patches.patches * width), penalty = 0.0;
    zg_status status = f && u && rows ? ZG_OK : ZG_NO_MEMORY;
    for (size_t j = 0; status == ZG_OK && j < network->count; j++) {
        double weight = network->alpha[j];
        if (weight == 0.0) continue;
        double length = pow(2.0, 1.0 / 9.0) * cbrt(fabs(weight));
        double alpha = weight / (length * length);
        for (size_t k = 0; k < width; k++)
            u[k] = length * network->u[j * width + k];
        add_neuron(network, problem, network->group[j], u, alpha, rows, f);
        penalty += pow(fabs(alpha), 3.0) + pow(zg_norm(width, u), 3.0);
    }
    if (status == ZG_OK)
        *objective =
            zg_loss_value(problem->loss, problem->samples, f, problem->y, problem->weights) +
            problem->beta / ZG_KAPPA3 * penalty;
    free(f);
    free(u);
    free(rows);
    return status;
}
