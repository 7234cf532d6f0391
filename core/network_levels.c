/* Networks of a finite neuron set as whole numbers (see network_levels.h). */
#include "core/network_levels.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How far the output weights of a pair's two neurons may be from their ratio, relatively. */
#define RATIO_TOLERANCE 1e-9

void zg_network_levels_clear(zg_network_levels *levels)
{
    free(levels->group);
    free(levels->levels);
    free(levels->alpha);
    *levels = (zg_network_levels){0};
}

static size_t nonzeros(size_t width, const int *levels)
{
    size_t count = 0;
    for (size_t k = 0; k < width; k++)
        count += levels[k] != 0;
    return count;
}

/* Whether two ternary vectors share no place and fill all between them. */
static bool complementary(size_t width, const int *a, const int *b)
{
    for (size_t k = 0; k < width; k++)
        if ((a[k] != 0) == (b[k] != 0)) return false;
    return true;
}

/* alpha : beta = k : -(width - k)? */
static bool in_ratio(size_t outputs, const double *alpha, const double *beta, double share)
{
    for (size_t c = 0; c < outputs; c++) {
        double all = alpha[c] - beta[c];
        if (!(fabs(alpha[c] - share * all) <= RATIO_TOLERANCE * fabs(all))) return false;
    }
    return true;
}

/* The pair that begins at neuron *j, which moves behind it; false where there is none. */
static bool take_pair(const zg_network *network, size_t *j, int *first, int *second,
                      zg_network_levels *out)
{
    const zg_neuron_set ternary = {.kind = ZG_SET_TERNARY};
    size_t width = network->patches.width, outputs = network->outputs, at = *j;
    const double *alpha = network->alpha + at * outputs;
    if (!zg_neuron_set_find(ternary, width, network->u + at * width, first)) return false;
    size_t places = nonzeros(width, first);
    *j += 1;
    double *sum = out->alpha + out->count * outputs;
    memcpy(sum, alpha, outputs * sizeof *sum);
    memset(second, 0, width * sizeof *second);
    if (places < width) {
        const double *beta = alpha + outputs;
        if (at + 1 >= network->count || network->group[at + 1] != network->group[at] ||
            !zg_neuron_set_find(ternary, width, network->u + (at + 1) * width, second) ||
            !complementary(width, first, second) ||
            !in_ratio(outputs, alpha, beta, (double)places / (double)width))
            return false;
        *j += 1;
        for (size_t c = 0; c < outputs; c++)
            sum[c] = alpha[c] - beta[c];
    }
    int *levels = out->levels + out->count * out->width;
    for (size_t k = 0; k < width; k++) {
        levels[k] = first[k] + second[k];
        levels[width + k] = first[k] - second[k];
    }
    out->group[out->count++] = network->group[at];
    return true;
}

static bool take_neuron(const zg_network *network, zg_neuron_set set, size_t *j,
                        zg_network_levels *out)
{
    size_t at = *j, outputs = network->outputs, width = out->width;
    if (!zg_neuron_set_find(set, width, network->u + at * width, out->levels + out->count * width))
        return false;
    memcpy(out->alpha + out->count * outputs, network->alpha + at * outputs,
           outputs * sizeof *out->alpha);
    out->group[out->count++] = network->group[at];
    *j += 1;
    return true;
}

zg_status zg_network_levels_find(const zg_network *network, zg_neuron_set set,
                                 zg_network_levels *out, zg_error *error)
{
    size_t width = network->patches.width, most = network->count + 1;
    bool pairs = set.kind == ZG_SET_BILINEAR;
    *out = (zg_network_levels){.width = zg_neuron_set_width(set, width)};
    out->group = calloc(most, sizeof *out->group);
    out->levels = calloc(most * out->width, sizeof *out->levels);
    out->alpha = zg_doubles(most * network->outputs);
    int *halves = calloc(2 * width, sizeof *halves);
    bool memory = out->group && out->levels && out->alpha && halves, member = true;
    size_t j = 0, at = 0;
    while (memory && member && j < network->count) {
        at = j;
        member = pairs ? take_pair(network, &j, halves, halves + width, out)
                       : take_neuron(network, set, &j, out);
    }
    free(halves);
    if (memory && member) return ZG_OK;
    zg_network_levels_clear(out);
    if (!memory) return zg_no_memory(error);
    char name[ZG_NEURON_SET_SIZE];
    zg_neuron_set_format(set, name);
    return zg_fail(error, ZG_BAD_INPUT, "neuron %zu of the network is not of the neuron set %s",
                   at + 1, name);
}

zg_status zg_network_add_levels(zg_network *network, zg_neuron_set set, size_t group,
                                const int *levels, size_t output, double alpha)
{
    size_t width = network->patches.width;
    double *u = zg_doubles(width);
    int *half = calloc(width, sizeof *half);
    zg_status status = u && half ? ZG_OK : ZG_NO_MEMORY;
    bool pairs = set.kind == ZG_SET_BILINEAR;
    for (int side = 0; side < (pairs ? 2 : 1) && status == ZG_OK; side++) {
        double share = 1.0;
        memcpy(half, levels, width * sizeof *half);
        for (size_t k = 0; pairs && k < width; k++) /* (u +- v) / 2 */
            half[k] = (levels[k] + (side ? -1 : 1) * levels[width + k]) / 2;
        if (pairs) share = (double)nonzeros(width, half) / (double)width;
        if (share == 0.0) continue;
        zg_neuron_set_place(width, half, u);
        status = zg_network_add(network, group, u, output, (side ? -share : share) * alpha);
    }
    free(u);
    free(half);
    return status;
}
