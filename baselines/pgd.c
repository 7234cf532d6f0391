/* Projected gradient descent on a network's outputs. */
#include "baselines/pgd.h"

#include "base/linalg.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct attack {
    const zg_network *network;
    const double *x;
    const zg_pgd_options *options;
    size_t moving;                   /* inputs that move */
    double *alpha;                   /* neurons: weights of the combination */
    double *point, *gradient, *step; /* inputs */
} attack;

/* The combination at the point, and its gradient. */
static double evaluate(const attack *a)
{
    const zg_network *network = a->network;
    const zg_patches *patches = &network->patches;
    zg_activation s = network->activation;
    size_t width = patches->width;
    double sum = 0.0;
    memset(a->gradient, 0, network->inputs * sizeof *a->gradient);
    for (size_t j = 0; j < network->count; j++) {
        const double *u = network->u + j * width;
        double share = a->alpha[j] / (double)patches->patches;
        for (size_t k = 0; k < patches->patches; k++) {
            const size_t *index =
                patches->identity
                    ? NULL
                    : patches->index + (network->group[j] * patches->patches + k) * width;
            double t = 0.0;
            for (size_t i = 0; i < width; i++)
                t += u[i] * a->point[index ? index[i] : i];
            sum += share * ((s.a * t + s.b) * t + s.c);
            double slope = share * (2 * s.a * t + s.b);
            for (size_t i = 0; i < width; i++)
                a->gradient[index ? index[i] : i] += slope * u[i];
        }
    }
    return sum;
}

/* The step from the row, into the ball or box; then the point. */
static void project(const attack *a)
{
    double radius = a->options->radius;
    if (a->options->box) {
        for (size_t k = 0; k < a->moving; k++)
            a->step[k] = fmin(fmax(a->step[k], -radius), radius);
    } else {
        double length = zg_norm(a->moving, a->step), most = radius * (1 - 1e-12);
        for (size_t k = 0; length > most && k < a->moving; k++)
            a->step[k] *= most / length;
    }
    for (size_t k = 0; k < a->moving; k++)
        a->point[k] = a->x[k] + a->step[k];
}

static void start(const attack *a, zg_random *random)
{
    double radius = a->options->radius, length = 0.0;
    for (size_t k = 0; k < a->moving; k++)
        a->step[k] = zg_random_normal(random);
    length = zg_norm(a->moving, a->step);
    double share = zg_random_uniform(random);
    for (size_t k = 0; k < a->moving; k++)
        a->step[k] = a->options->box ? radius * (2 * zg_random_uniform(random) - 1)
                                     : a->step[k] * radius * share / (length > 0 ? length : 1);
    project(a);
}

/* Steps of falling length along the gradient, or along its signs in a box. */
static void descend(const attack *a, double *point, double *best)
{
    double radius = a->options->radius;
    for (size_t step = 0; step <= a->options->steps; step++) {
        double value = evaluate(a);
        if (value < *best) {
            *best = value;
            memcpy(point, a->point, a->network->inputs * sizeof *point);
        }
        double length = zg_norm(a->moving, a->gradient);
        double rate = radius / (1.0 + 0.25 * (double)step);
        if (!(length > 0.0)) break;
        for (size_t k = 0; k < a->moving; k++)
            a->step[k] -= a->options->box ? rate * copysign(a->gradient[k] != 0.0, a->gradient[k])
                                          : rate * a->gradient[k] / length;
        project(a);
    }
}

zg_status zg_pgd_attack(const zg_network *network, const double *weight, const double *x,
                        const zg_pgd_options *options, double *point, double *value)
{
    size_t d = network->inputs;
    attack a = {.network = network,
                .x = x,
                .options = options,
                .moving = d - network->preprocess.bias,
                .alpha = zg_doubles(network->count + 3 * d)};
    zg_random random;
    if (!a.alpha) return ZG_NO_MEMORY;
    a.point = a.alpha + network->count;
    a.gradient = a.point + d;
    a.step = a.gradient + d;
    for (size_t j = 0; j < network->count; j++)
        a.alpha[j] = zg_dot(network->outputs, weight, network->alpha + j * network->outputs);
    memcpy(a.point, x, d * sizeof *a.point);
    memcpy(point, x, d * sizeof *point);
    *value = evaluate(&a);
    zg_random_seed(&random, options->seed);
    descend(&a, point, value); /* from the row itself */
    for (size_t k = 0; k < options->restarts; k++) {
        start(&a, &random);
        descend(&a, point, value);
    }
    free(a.alpha);
    return ZG_OK;
}
