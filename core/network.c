/* Networks: neurons, direct evaluation, the training objective. */
#include "core/network.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "core/network_levels.h"
#include "core/problem_rows.h"
#include "core/worst_case.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- life ------------------------------------------------------------------------------------ */

static void forget_training(zg_network *network)
{
    network->training.beta = network->training.objective = NAN;
    network->training.bound = network->training.gap = NAN;
}

zg_status zg_network_create(const zg_problem *problem, zg_network **out, zg_error *error)
{
    zg_network *network = calloc(1, sizeof *network);
    if (!network) return zg_no_memory(error);
    network->activation = problem->activation;
    network->architecture = problem->architecture;
    network->neuron_set = problem->neuron_set;
    network->inputs = problem->inputs;
    network->outputs = problem->outputs;
    forget_training(network);
    network->training.loss = problem->loss;
    network->training.penalty = problem->penalty;
    network->training.beta = problem->beta;
    network->training.robust = problem->robust;
    network->training.rows = problem->rows;
    zg_status status =
        zg_patches_create(&network->architecture, network->inputs, &network->patches, error);
    if (status == ZG_OK) status = zg_preprocess_copy(&problem->preprocess, &network->preprocess);
    if (status == ZG_OK) status = zg_encoding_copy(&problem->encoding, &network->encoding);
    if (status) {
        zg_network_free(network);
        return status == ZG_NO_MEMORY ? zg_no_memory(error) : status;
    }
    *out = network;
    return ZG_OK;
}

static void *copy_of(const void *from, size_t bytes)
{
    void *copy = malloc(bytes ? bytes : 1);
    if (copy && bytes) memcpy(copy, from, bytes);
    return copy;
}

zg_status zg_network_copy(const zg_network *network, zg_network **out, zg_error *error)
{
    zg_network *copy = copy_of(network, sizeof *network);
    if (!copy) return zg_no_memory(error);
    size_t count = network->count, width = network->patches.width;
    memset(&copy->patches, 0, sizeof copy->patches);
    memset(&copy->preprocess, 0, sizeof copy->preprocess);
    memset(&copy->encoding, 0, sizeof copy->encoding);
    copy->capacity = count;
    copy->group = copy_of(network->group, count * sizeof *network->group);
    copy->u = copy_of(network->u, count * width * sizeof *network->u);
    copy->alpha = copy_of(network->alpha, count * network->outputs * sizeof *network->alpha);
    size_t dual = network->outputs * network->training.samples;
    if (network->training.dual)
        copy->training.dual = copy_of(network->training.dual, dual * sizeof(double));
    copy->training.attacks = (zg_attacks){0};
    zg_status status =
        zg_patches_create(&network->architecture, network->inputs, &copy->patches, error);
    if (status == ZG_OK) status = zg_preprocess_copy(&network->preprocess, &copy->preprocess);
    if (status == ZG_OK) status = zg_encoding_copy(&network->encoding, &copy->encoding);
    if (status == ZG_OK)
        status = zg_attacks_copy(&network->training.attacks, &copy->training.attacks);
    if (status || !copy->group || !copy->u || !copy->alpha ||
        (network->training.dual && !copy->training.dual)) {
        zg_network_free(copy);
        return zg_no_memory(error);
    }
    *out = copy;
    return ZG_OK;
}

void zg_network_free(zg_network *network)
{
    if (!network) return;
    zg_patches_clear(&network->patches);
    zg_preprocess_clear(&network->preprocess);
    zg_encoding_clear(&network->encoding);
    free(network->group);
    free(network->u);
    free(network->alpha);
    free(network->training.dual);
    zg_attacks_clear(&network->training.attacks);
    free(network);
}

size_t zg_network_neurons(const zg_network *network)
{
    return network->count;
}

size_t zg_network_outputs(const zg_network *network)
{
    return network->outputs;
}

/* ---- neurons --------------------------------------------------------------------------------- */

/* Room for one neuron more in three arrays of one capacity: each grows from it by the same rule. */
static bool reserve(zg_network *network)
{
    size_t capacity[3] = {network->capacity, network->capacity, network->capacity};
    size_t needed = network->count + 1;
    size_t *group = zg_grow(network->group, &capacity[0], needed, sizeof *group);
    if (group) network->group = group;
    double *u = zg_grow(network->u, &capacity[1], needed, network->patches.width * sizeof *u);
    if (u) network->u = u;
    double *alpha = zg_grow(network->alpha, &capacity[2], needed, network->outputs * sizeof *alpha);
    if (alpha) network->alpha = alpha;
    if (!group || !u || !alpha) return false;
    network->capacity = capacity[0];
    return true;
}

zg_status zg_network_add(zg_network *network, size_t group, const double *u, size_t output,
                         double alpha)
{
    size_t width = network->patches.width, outputs = network->outputs, at = network->count;
    if (!reserve(network)) return ZG_NO_MEMORY;
    network->group[at] = group;
    memcpy(network->u + at * width, u, width * sizeof *u);
    memset(network->alpha + at * outputs, 0, outputs * sizeof alpha);
    network->alpha[at * outputs + output] = alpha;
    network->count++;
    return ZG_OK;
}

bool zg_is_unit_neuron(size_t width, const double *u)
{
    return fabs(zg_norm(width, u) - 1.0) <= ((double)width + 4.0) * DBL_EPSILON;
}

void zg_unit_neuron(size_t width, double *u)
{
    double length = zg_norm(width, u);
    if (zg_is_unit_neuron(width, u)) return;
    for (size_t k = 0; k < width; k++)
        u[k] /= length;
}

void zg_network_clear_neurons(zg_network *network)
{
    network->count = 0;
}

/* ---- evaluation ------------------------------------------------------------------------------ */

#define BLOCK 256 /* patch rows worked on at once */

typedef struct evaluation {
    double *patch;    /* block x width */
    double *response; /* neurons of one group x block */
    double *u;        /* neurons of one group x width */
    size_t *neuron;   /* which they are */
} evaluation;

/* f += the neurons neuron[0..count) on the samples first .. first + n of one group. */
static void evaluate_block(const zg_network *network, const evaluation *e, size_t count,
                           size_t first, size_t n, size_t total, double *f)
{
    size_t width = network->patches.width, patches = network->patches.patches;
    zg_activation s = network->activation;
    zg_gemm(true, false, count, n * patches, width, 1.0, e->u, width, e->patch, width, 0.0,
            e->response, count);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < count; k++) {
            double sum = 0.0;
            for (size_t p = 0; p < patches; p++) {
                double t = e->response[(i * patches + p) * count + k];
                sum += (s.a * t + s.b) * t + s.c;
            }
            sum /= (double)patches;
            const double *alpha = network->alpha + e->neuron[k] * network->outputs;
            for (size_t c = 0; c < network->outputs; c++)
                f[c * total + first + i] += alpha[c] * sum;
        }
}

/* f (outputs x total) += the group's neurons on the samples from begin to end. */
static void evaluate_group(const zg_network *network, const evaluation *e, size_t group,
                           size_t begin, size_t end, size_t total, const double *x, double *f)
{
    size_t width = network->patches.width, count = 0;
    for (size_t j = 0; j < network->count; j++) {
        if (network->group[j] != group) continue;
        memcpy(e->u + count * width, network->u + j * width, width * sizeof *e->u);
        e->neuron[count++] = j;
    }
    if (count == 0) return;
    size_t step = BLOCK / network->patches.patches;
    if (step == 0) step = 1;
    for (size_t first = begin; first < end; first += step) {
        size_t samples = end - first < step ? end - first : step;
        zg_patches_gather(&network->patches, group, samples, x + first * network->inputs, e->patch);
        evaluate_block(network, e, count, first, samples, total, f);
    }
}

/* With a team's samples block by block, so that their numbers do not depend on who holds them. */
static zg_status evaluate(const zg_network *network, const zg_team *team, size_t n, const double *x,
                          double *f)
{
    memset(f, 0, n * network->outputs * sizeof *f);
    size_t width = network->patches.width, patches = network->patches.patches;
    size_t rows = patches > BLOCK ? patches : BLOCK;
    evaluation e = {zg_doubles(rows * width), zg_doubles(rows * network->count),
                    zg_doubles(network->count * width),
                    malloc((network->count + 1) * sizeof(size_t))};
    zg_status status = e.patch && e.response && e.u && e.neuron ? ZG_OK : ZG_NO_MEMORY;
    size_t first, samples;
    for (size_t g = 0; status == ZG_OK && g < network->patches.groups; g++)
        for (size_t i = 0; zg_team_block(team, n, i, &first, &samples); i++)
            evaluate_group(network, &e, g, first, first + samples, n, x, f);
    free(e.patch);
    free(e.response);
    free(e.u);
    free(e.neuron);
    return status;
}

zg_status zg_network_evaluate(const zg_network *network, size_t n, const double *x, double *f)
{
    return evaluate(network, NULL, n, x, f);
}

zg_status zg_network_predict(const zg_network *network, size_t n, const double *x, double *f,
                             zg_error *error)
{
    bool plain = zg_preprocess_is_identity(&network->preprocess);
    double *scaled = plain ? NULL : zg_doubles(n * network->inputs);
    if (!plain && !scaled) return zg_no_memory(error);
    if (!plain) zg_preprocess_apply(&network->preprocess, n, x, scaled);
    zg_status status = zg_network_evaluate(network, n, plain ? x : scaled, f);
    free(scaled);
    if (status == ZG_OK) zg_encoding_decode(&network->encoding, n, f);
    return status ? zg_no_memory(error) : ZG_OK;
}

zg_status zg_problem_predictions(const zg_problem *problem, const zg_network *network, double *f)
{
    if (problem->robust > 0.0) return zg_worst_predictions(network, problem, f);
    if (problem->functionals) return zg_problem_responses(problem, network, f);
    return evaluate(network, problem->lift->team, problem->samples, problem->x, f);
}

static double penalty_of(const zg_network *network, zg_penalty penalty)
{
    double sum = 0.0;
    for (size_t k = 0; k < network->count * network->outputs; k++) {
        double size = fabs(network->alpha[k]);
        sum += penalty.kind == ZG_PENALTY_L1 ? size : pow(size, penalty.power);
    }
    return sum;
}

double zg_network_output_objective(const zg_network *network, const zg_problem *problem,
                                   size_t output, double *f)
{
    size_t n = problem->samples;
    double sum = 0.0;
    double factor = zg_loss_meet(n, f + output * n, problem->y + output * n, problem->weights);
    for (size_t j = 0; j < network->count; j++)
        sum += fabs(network->alpha[j * network->outputs + output]);
    return problem->beta * fabs(factor) * sum +
           zg_loss_team_value(problem->lift->team, problem->loss, n, f + output * n,
                              problem->y + output * n, problem->weights);
}

zg_status zg_network_objective(const zg_network *network, const zg_problem *problem,
                               double *objective, double *loss, double *penalty)
{
    size_t n = problem->samples;
    double *f = zg_doubles(n * problem->outputs);
    if (!f) return ZG_NO_MEMORY;
    zg_status status = zg_problem_predictions(problem, network, f);
    double value = 0.0, sum = problem->beta * penalty_of(network, problem->penalty);
    if (status == ZG_OK && problem->functionals)
        sum *= fabs(zg_loss_meet(n, f, problem->y, problem->weights));
    for (size_t c = 0; status == ZG_OK && c < problem->outputs; c++)
        value += zg_loss_team_value(problem->lift->team, problem->loss, n, f + c * n,
                                    problem->y + c * n, problem->weights);
    free(f);
    if (status) return status;
    if (objective) *objective = value + sum;
    if (loss) *loss = value;
    if (penalty) *penalty = sum;
    return ZG_OK;
}

/* ---- does it fit ----------------------------------------------------------------------------- */

zg_status zg_network_check(const zg_network *network, const zg_problem *problem, zg_error *error)
{
    if (network->inputs != problem->inputs)
        return zg_fail(error, ZG_BAD_INPUT, "the network has %zu inputs, the data have %zu",
                       network->inputs, problem->inputs);
    if (network->outputs != problem->outputs)
        return zg_fail(error, ZG_BAD_INPUT, "the network has %zu outputs, the problem has %zu",
                       network->outputs, problem->outputs);
    char ours[256], theirs[256];
    zg_architecture_format(&network->architecture, ours, sizeof ours);
    zg_architecture_format(&problem->architecture, theirs, sizeof theirs);
    if (strcmp(ours, theirs) != 0)
        return zg_fail(error, ZG_BAD_INPUT, "the network's architecture is %s, the problem's %s",
                       ours, theirs);
    zg_activation a = network->activation, b = problem->activation;
    if (a.a != b.a || a.b != b.b || a.c != b.c)
        return zg_fail(error, ZG_BAD_INPUT,
                       "the network's activation is %g,%g,%g, the problem's %g,%g,%g", a.a, a.b,
                       a.c, b.a, b.b, b.c);
    if (!zg_neuron_set_finite(problem->neuron_set)) return ZG_OK;
    zg_network_levels levels;
    zg_status status = zg_network_levels_find(network, problem->neuron_set, &levels, error);
    if (status == ZG_OK) zg_network_levels_clear(&levels);
    return status;
}
