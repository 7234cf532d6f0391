/* Facts about an instance (see instance_facts.h). */
#include "runner/instance_facts.h"

#include "base/linalg.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* The rank of the matrix that the neurons of one group and sign add up to: sum alpha (u; 1)(u; 1)'
 * (u u' unbordered), from the Gram matrix of its factors. */
static zg_status rank_of(const zg_problem *problem, const zg_network *network, size_t group,
                         int sign, size_t *rank)
{
    size_t count = network->count, width = problem->patches.width, used = 0;
    double border = problem->lift->bordered ? 1 : 0;
    double *gram = zg_doubles(count * count + count), *w = gram + count * count;
    size_t *index = malloc((count + 1) * sizeof *index);
    zg_status status = gram && index ? ZG_OK : ZG_NO_MEMORY;
    *rank = 0;
    for (size_t j = 0; j < count && status == ZG_OK; j++)
        if (network->group[j] == group && sign * network->alpha[j] > 0) index[used++] = j;
    for (size_t i = 0; i < used; i++)
        for (size_t j = 0; j < used; j++) {
            const double *u = network->u + index[i] * width, *t = network->u + index[j] * width;
            double size = sqrt(fabs(network->alpha[index[i]] * network->alpha[index[j]]));
            gram[i * used + j] = size * (zg_dot(width, u, t) + border);
        }
    if (status == ZG_OK && used) status = zg_eigenvalues(used, gram, w);
    for (size_t i = 0; i < used && status == ZG_OK; i++)
        *rank += w[i] > 1e-9 * w[used - 1];
    free(gram);
    free(index);
    return status;
}

/* How many of the bounds on v are met: there X's diagonal may be positive. */
static size_t bounds_met(const zg_problem *problem, const double *v)
{
    size_t met = 0;
    for (size_t i = 0; i < problem->samples; i++) {
        double low, high;
        zg_loss_domain(problem->loss, problem->y[i], 1, &low, &high);
        met += isfinite(low) && v[i] - low <= 1e-7;
        met += isfinite(high) && high - v[i] <= 1e-7;
    }
    return met;
}

/* Equations of (P) beyond the dimension of the faces' tangent space, r (2 order - r + 1) / 2 per
 * semidefinite block (Alizadeh, Haeberly and Overton, Math. Program. 77, 1997): dependent for sure
 * on that space. */
static zg_status count(const zg_problem *problem, const zg_network *network, const double *v,
                       const zg_sdp *sdp, zg_instance_facts *out)
{
    size_t tangent = bounds_met(problem, v), order = sdp->order;
    zg_status status = ZG_OK;
    out->rank = 0;
    for (size_t b = 0; b < 2 * sdp->groups && status == ZG_OK; b++) {
        size_t rank;
        status = rank_of(problem, network, b / 2, b % 2 ? -1 : 1, &rank);
        if (status == ZG_OK) out->rank += rank;
        if (status == ZG_OK) tangent += rank * (2 * order - rank + 1) / 2;
    }
    for (size_t b = 2 * sdp->groups; b < sdp->block_count; b++)
        if (!sdp->blocks[b].diagonal) tangent += 2; /* an epigraph, rank one */
    out->degeneracy = sdp->variables > tangent ? (long)(sdp->variables - tangent) : 0;
    return status;
}

/* Ratio of the extreme singular values of the matrix with a row of all groups' lifts per sample. */
static zg_status condition_of(const zg_lift *lift, double *condition)
{
    size_t n = lift->samples, size = zg_svec_size(lift->order), all = lift->groups * size;
    size_t small = n < all ? n : all;
    double *phi = zg_doubles(n * all), *gram = zg_doubles(small * small + small);
    zg_status status = phi && gram ? ZG_OK : ZG_NO_MEMORY;
    for (size_t g = 0; g < lift->groups && status == ZG_OK; g++)
        zg_lift_features(lift, g, phi + g * size * n, n);
    if (status == ZG_OK) {
        bool rows = n <= all;
        zg_gemm(!rows, rows, small, small, rows ? all : n, 1, phi, n, phi, n, 0, gram, small);
        status = zg_eigenvalues(small, gram, gram + small * small);
    }
    if (status == ZG_OK) {
        const double *w = gram + small * small;
        *condition = w[0] > 1e-14 * w[small - 1] ? sqrt(w[small - 1] / w[0]) : INFINITY;
    }
    free(phi);
    free(gram);
    return status;
}

zg_status zg_instance_facts_find(const zg_problem *problem, const zg_network *network,
                                 const double *v, const zg_sdp *sdp, zg_instance_facts *out)
{
    *out = (zg_instance_facts){.rank = SIZE_MAX, .degeneracy = -1};
    size_t equations = problem->samples + (sdp->bordered ? 2 * sdp->groups : 0);
    while ((out->pataki + 1) * (out->pataki + 2) / 2 <= equations)
        out->pataki++;
    zg_status status = condition_of(problem->lift, &out->condition);
    if (status == ZG_OK && network) status = count(problem, network, v, sdp, out);
    return status;
}
