/* The speed of an epoch of backpropagation, on data of any shape: what benchmarks call. */
#include "base/clock.h"
#include "base/linalg.h"
#include "baselines/backprop.h"

#include <stdlib.h>

static zg_problem *gaussian_problem(size_t n, size_t d)
{
    zg_problem *problem = NULL;
    double *x = zg_doubles(n * d), *y = zg_doubles(n);
    zg_random random;
    zg_random_seed(&random, 0);
    for (size_t i = 0; x && i < n * d; i++)
        x[i] = zg_random_normal(&random);
    for (size_t i = 0; y && i < n; i++)
        y[i] = zg_random_normal(&random);
    if (x && y)
        zg_problem_from_arrays(n, d, x, 1, y, NULL, (zg_activation){0.09, 0.5, 0.47}, NULL,
                               (zg_loss){ZG_LOSS_SQUARED, 1.0}, (zg_penalty){ZG_PENALTY_L1, 1.0},
                               0.1, &problem, NULL);
    free(x);
    free(y);
    return problem;
}

/* Steps over one epoch in the order that backpropagation has. */
static void epoch(const zg_backprop_engine *engine, void *state, zg_random *random, size_t n,
                  size_t batch, size_t *order)
{
    if (batch < n) zg_random_permutation(random, n, order);
    for (size_t done = 0; done < n; done += batch)
        engine->step(state, batch < n ? order + done : NULL, 0, n - done < batch ? n - done : batch,
                     1e-5);
}

double zg_backprop_benchmark(zg_backprop_rule rule, zg_backprop_precision precision, size_t n,
                             size_t d, size_t neurons, size_t batch, long epochs)
{
    const zg_backprop_engine *engine = zg_backprop_engine_of(precision);
    zg_backprop_model model = {.problem = gaussian_problem(n, d),
                               .neurons = neurons,
                               .rule = rule,
                               .momentum = 0.9,
                               .beta1 = 0.9,
                               .beta2 = 0.999,
                               .epsilon = 1e-8,
                               .proximal = true};
    void *state = NULL;
    double *parameters = NULL, seconds = -1.0;
    size_t *order = malloc(n * sizeof *order);
    if (batch == 0 || batch > n) batch = n;
    if (!order || !model.problem) goto done;
    zg_backprop_choose_form(&model);
    parameters = zg_doubles(zg_backprop_parameters(&model));
    if (!parameters || zg_backprop_initialise(&model, 0, 0.1, parameters, NULL) ||
        engine->create(&model, batch, &state, NULL))
        goto done;
    engine->set(state, parameters);
    zg_random random;
    zg_random_seed(&random, 1);
    epoch(engine, state, &random, n, batch, order);
    double started = zg_processor_seconds();
    for (long k = 0; k < epochs; k++)
        epoch(engine, state, &random, n, batch, order);
    seconds = (zg_processor_seconds() - started) / (double)epochs;
done:
    if (state) engine->destroy(state);
    zg_problem_free((zg_problem *)model.problem);
    free(parameters);
    free(order);
    return seconds;
}
