/* The state of a low-rank search between two rounds, as numbers (see low_rank_search.h). */
#include "solvers/low_rank_search.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What stands in front: which layout this is, the search's scalars and the two counts. */
enum {
    LAYOUT,
    ROUND,
    PASSES,
    STEPS,
    WIDTH,
    DIRECTIONS,
    LAMBDA,
    VARIABLES, /* of the factor */
    NEURONS,
    SCALARS
};
#define THIS_LAYOUT 1.0
/* No search has more of anything: numbers beyond it are no state. */
#define MOST 1e9

static size_t size_of_factor(const zg_search *s)
{
    size_t columns = 0;
    for (size_t k = 0; k < zg_search_cones(s); k++)
        columns += s->columns[k];
    return columns * s->program.lift->width;
}

/* Numbers of a state: scalars, columns of the cones, the factor, and of each neuron its group, its
 * weight and its u. */
static size_t count_of(const zg_search *s, size_t variables, size_t neurons)
{
    return SCALARS + zg_search_cones(s) + variables + neurons * (2 + s->program.lift->width);
}

zg_status zg_search_keep(const zg_search *s)
{
    const zg_keeper *keeper = s->control->keeper;
    if (!keeper) return ZG_OK;
    size_t cones = zg_search_cones(s), w = s->program.lift->width, size = size_of_factor(s);
    const zg_network *network = s->network;
    size_t count = count_of(s, size, network->count);
    double *numbers = zg_doubles(count), *to = numbers;
    if (!numbers) return ZG_NO_MEMORY;
    const double scalars[SCALARS] = {THIS_LAYOUT, (double)s->round, (double)s->passes,
                                     s->steps,    s->width,         (double)s->directions,
                                     s->lambda,   (double)size,     (double)network->count};
    memcpy(to, scalars, sizeof scalars);
    to += SCALARS;
    for (size_t k = 0; k < cones; k++)
        *to++ = (double)s->columns[k];
    memcpy(to, s->w, size * sizeof *to);
    to += size;
    for (size_t j = 0; j < network->count; j++, to += 2 + w) {
        to[0] = (double)network->group[j];
        to[1] = network->alpha[j * network->outputs + s->output];
        memcpy(to + 2, network->u + j * w, w * sizeof *to);
    }
    keeper->keep(keeper->context, s->output, count, numbers, s->best_v);
    free(numbers);
    return ZG_OK;
}

static bool is_count(double x, double least)
{
    return x >= least && x <= MOST && x == floor(x);
}

/* Whether the numbers are a state of this very search's shape. */
static bool fits(const zg_search *s, size_t count, const double *numbers)
{
    size_t cones = zg_search_cones(s), w = s->program.lift->width;
    if (count < SCALARS + cones || !zg_all_finite(count, numbers)) return false;
    const double *columns = numbers + SCALARS;
    double variables = 0.0;
    for (size_t k = 0; k < cones; k++) {
        if (!is_count(columns[k], 1.0)) return false;
        variables += columns[k] * (double)w;
    }
    bool sound = numbers[LAYOUT] == THIS_LAYOUT && is_count(numbers[ROUND], 1.0) &&
                 is_count(numbers[PASSES], 0.0) && numbers[STEPS] >= 1.0 &&
                 numbers[STEPS] <= MOST && numbers[WIDTH] > 0.0 &&
                 is_count(numbers[DIRECTIONS], 1.0) && numbers[LAMBDA] >= 0.0 &&
                 is_count(numbers[VARIABLES], 1.0) && numbers[VARIABLES] == variables &&
                 is_count(numbers[NEURONS], 0.0);
    return sound && count == count_of(s, (size_t)variables, (size_t)numbers[NEURONS]);
}

/* The neurons from a state; a group that is none is refused. */
static zg_status take_neurons(const zg_search *s, size_t count, const double *from,
                              zg_network *network)
{
    size_t w = s->program.lift->width;
    for (size_t j = 0; j < count; j++, from += 2 + w) {
        double length = zg_norm(w, from + 2);
        bool sound = from[0] >= 0.0 && from[0] < (double)s->program.lift->groups &&
                     from[0] == floor(from[0]) && fabs(length - 1.0) <= ZG_UNIT_TOLERANCE;
        if (!sound) return ZG_BAD_INPUT;
        zg_status status = zg_network_add(network, (size_t)from[0], from + 2, s->output, from[1]);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}

static zg_status take_state(zg_search *s, const double *numbers)
{
    const double *columns = numbers + SCALARS;
    for (size_t k = 0; k < zg_search_cones(s); k++)
        s->columns[k] = (size_t)columns[k];
    zg_status status = zg_search_resize(s);
    if (status != ZG_OK) return status;
    memcpy(s->w, columns + zg_search_cones(s), size_of_factor(s) * sizeof *s->w);
    s->round = (long)numbers[ROUND];
    s->passes = (long)numbers[PASSES];
    s->steps = numbers[STEPS];
    s->width = numbers[WIDTH];
    s->directions = (size_t)numbers[DIRECTIONS];
    s->lambda = numbers[LAMBDA];
    return ZG_OK;
}

zg_status zg_search_recall(zg_search *s, zg_network **network)
{
    const zg_keeper *keeper = s->control->keeper;
    size_t count;
    double *numbers = NULL;
    *network = NULL;
    if (!keeper || !keeper->recall(keeper->context, s->output, &count, &numbers, s->v))
        return ZG_OK;
    zg_status status =
        fits(s, count, numbers) ? zg_network_create(s->problem, network, NULL) : ZG_BAD_INPUT;
    if (status == ZG_OK)
        status = take_neurons(s, (size_t)numbers[NEURONS],
                              numbers + SCALARS + zg_search_cones(s) + (size_t)numbers[VARIABLES],
                              *network);
    if (status == ZG_OK) status = take_state(s, numbers);
    free(numbers);
    if (status == ZG_OK) return ZG_OK;
    zg_network_free(*network);
    *network = NULL;
    return status == ZG_BAD_INPUT ? ZG_OK : status; /* what is no state counts as none */
}
