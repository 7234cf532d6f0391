/* Problems from data sets with the options of the public interface. */
#include "base/linalg.h"
#include "base/sized.h"
#include "core/certificate.h"
#include "core/neuron_set.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static zg_status check_word(const char *what, unsigned value, unsigned count, zg_error *error)
{
    if (value < count) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT, "the %s is number %d, expected one from 0 to %u", what,
                   (int)value, count - 1);
}

/* A caller of the library may hand over any number where a word is meant; texts are checked where
 * they are parsed. */
static zg_status check_words(const zg_model_options *options, zg_error *error)
{
    const zg_architecture *a = &options->architecture;
    zg_status status = check_word("loss", (unsigned)options->loss.kind, ZG_LOSS_COUNT, error);
    if (status == ZG_OK)
        status = check_word("task", (unsigned)options->task, ZG_TASK_AUTO + 1, error);
    if (status == ZG_OK)
        status = check_word("architecture", (unsigned)a->kind, ZG_CONV2D + 1, error);
    if (status == ZG_OK) status = check_word("pool", (unsigned)a->pool, ZG_POOL_SIZE + 1, error);
    if (status == ZG_OK)
        status = check_word("kind of rows", (unsigned)options->rows, ZG_ROWS_CONTRAST + 1, error);
    zg_neuron_set set = options->neuron_set;
    if (status == ZG_OK)
        status = check_word("neuron set", (unsigned)set.kind, ZG_SET_BILINEAR + 1, error);
    if (status == ZG_OK && set.kind == ZG_SET_BITS && (set.bits < 2 || set.bits > ZG_LARGEST_BITS))
        status = zg_fail(error, ZG_BAD_INPUT, "the neuron set has %u bits, expected 2 to %d",
                         set.bits, ZG_LARGEST_BITS);
    return status;
}

/* The rows' weights times those of their classes, the caller's; NULL where all are 1. */
static zg_status make_weights(const zg_dataset *dataset, const zg_encoding *encoding,
                              const zg_problem_options *options, double **out, zg_error *error)
{
    *out = NULL;
    if (options->weights) {
        *out = zg_doubles(dataset->rows);
        if (!*out) return zg_no_memory(error);
        memcpy(*out, options->weights, dataset->rows * sizeof **out);
    }
    if (!options->class_weights) return ZG_OK;
    return zg_class_weights(encoding, dataset, options->class_weights, out, error);
}

static zg_status fit(const zg_dataset *dataset, const zg_model_options *model,
                     const zg_problem_options *options, zg_preprocess *preprocess,
                     zg_encoding *encoding, zg_error *error)
{
    zg_status status = check_words(model, error);
    if (status == ZG_OK) status = zg_encoding_fit(dataset, model->task, encoding, error);
    if (status == ZG_OK) status = zg_preprocess_fit(dataset, model->standardize, preprocess, error);
    preprocess->bias = model->bias;
    if (status == ZG_OK && model->halfspaces)
        status = zg_preprocess_fit_halfspaces(dataset, preprocess, error);
    if (status == ZG_OK && options->standardize_target)
        status = zg_encoding_standardize(encoding, dataset, error);
    return status;
}

static zg_status create(const zg_dataset *dataset, const zg_model_options *model,
                        const zg_problem_options *given, bool borrow, zg_problem **out,
                        zg_error *error)
{
    zg_problem_options options;
    zg_preprocess preprocess = {0};
    zg_encoding encoding = {0};
    double *weights = NULL;
    *out = NULL;
    zg_status status = zg_sized_read("zg_problem_options", given, &options, sizeof options, error);
    if (status == ZG_OK) status = fit(dataset, model, &options, &preprocess, &encoding, error);
    if (status == ZG_OK) status = make_weights(dataset, &encoding, &options, &weights, error);
    if (status == ZG_OK)
        status = (borrow ? zg_problem_over_dataset
                         : zg_problem_from_dataset)(dataset, &preprocess, &encoding, weights, model,
                                                    (zg_penalty){ZG_PENALTY_L1, 0.0}, out, error);
    free(weights);
    zg_preprocess_clear(&preprocess);
    zg_encoding_clear(&encoding);
    return status;
}

zg_status zg_problem_create(const zg_dataset *dataset, const zg_model_options *options,
                            zg_problem **out, zg_error *error)
{
    return create(dataset, options, NULL, false, out, error);
}

zg_status zg_problem_create_with(const zg_dataset *dataset, const zg_model_options *model,
                                 const zg_problem_options *options, zg_problem **out,
                                 zg_error *error)
{
    return create(dataset, model, options, true, out, error);
}

/* Loss and beta that are given, or those of the network's training. */
static zg_status resolve_training(const zg_network *network, const char *loss, double beta,
                                  zg_model_options *out, zg_error *error)
{
    *out = (zg_model_options){.activation = network->activation,
                              .architecture = network->architecture,
                              .task = network->encoding.task,
                              .neuron_set = network->neuron_set,
                              .loss = network->training.loss,
                              .beta = beta != 0.0 ? beta : network->training.beta,
                              .robust = network->training.robust,
                              .rows = network->training.rows};
    zg_status status = loss ? zg_loss_parse(loss, &out->loss, error) : ZG_OK;
    if (status == ZG_OK && isnan(out->beta))
        status = zg_fail(error, ZG_BAD_INPUT,
                         "the network has no training record of beta: beta (and the loss) must be "
                         "given");
    return status;
}

zg_status zg_problem_for_network(const zg_dataset *dataset, const zg_network *network,
                                 const char *loss, double beta, const zg_problem_options *given,
                                 zg_problem **out, zg_error *error)
{
    zg_problem_options options;
    zg_model_options model;
    double *weights = NULL;
    *out = NULL;
    zg_status status = zg_sized_read("zg_problem_options", given, &options, sizeof options, error);
    if (status == ZG_OK && options.standardize_target)
        status = zg_fail(error, ZG_BAD_INPUT,
                         "the network says itself how its targets are standardised");
    if (status == ZG_OK && network->preprocess.inputs != dataset->inputs)
        status = zg_fail(error, ZG_BAD_INPUT, "the network has %zu inputs, the data have %zu",
                         network->preprocess.inputs, dataset->inputs);
    if (status == ZG_OK) status = resolve_training(network, loss, beta, &model, error);
    if (status == ZG_OK)
        status = make_weights(dataset, &network->encoding, &options, &weights, error);
    if (status == ZG_OK)
        status = zg_problem_over_dataset(dataset, &network->preprocess, &network->encoding, weights,
                                         &model, network->training.penalty, out, error);
    free(weights);
    return status;
}

size_t zg_problem_outputs(const zg_problem *problem)
{
    return problem->outputs;
}

zg_status zg_problem_beta_max(const zg_problem *problem, double *out, zg_error *error)
{
    double highest = 0;
    for (size_t c = 0; c < problem->outputs; c++) {
        zg_program program = zg_problem_program(problem, c);
        double value;
        zg_status status = zg_program_beta_max(&program, &value);
        if (status != ZG_OK) return zg_fail(error, status, "%s", zg_status_message(status));
        if (isinf(value) && zg_loss_exact_row(problem->samples, problem->weights) != SIZE_MAX)
            return zg_fail(error, ZG_UNSUPPORTED,
                           "there is no beta_max: a row is to be met exactly, and the zero network "
                           "never does; give beta itself");
        if (value > highest) highest = value;
    }
    *out = highest;
    return ZG_OK;
}
