/*
 * Keys of cases: SHA-256 over a canonical text of everything that determines the result.
 *
 * Defaults are written out, so that a changed default changes the key; spellings that mean the same
 * (relu2 and 0.09,0.5,0.47) give the same key.  Labels, limits and repetitions are not in it.
 */
#include "runner/suite_parts.h"

#include "base/formats.h"
#include "base/number.h"
#include "core/loss.h"
#include "core/neuron_set.h"
#include "core/problem_rows.h"
#include "data/settings.h"

#include <sha2.h>
#include <stdio.h>
#include <string.h>

static void add_text(SHA2_CTX *context, const char *key, const char *text)
{
    SHA256Update(context, (const unsigned char *)key, strlen(key));
    SHA256Update(context, (const unsigned char *)"=", 1);
    SHA256Update(context, (const unsigned char *)text, strlen(text));
    SHA256Update(context, (const unsigned char *)"\n", 1);
}

static void add_number(SHA2_CTX *context, const char *key, double value)
{
    char text[ZG_NUMBER_SIZE];
    zg_number_format(value, text);
    add_text(context, key, text);
}

static void add_activation(SHA2_CTX *context, const char *key, zg_activation activation)
{
    char name[64];
    const char *const parts = "abc";
    const double values[] = {activation.a, activation.b, activation.c};
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s.%c", key, parts[i]);
        add_number(context, name, values[i]);
    }
}

static void add_image(SHA2_CTX *context, const zg_image_options *image)
{
    add_number(context, "data.rows", (double)image->rows);
    if (image->rows > 0) add_number(context, "data.rows_seed", image->seed);
    add_number(context, "data.divisor", image->divisor == 0 ? 1 : image->divisor);
    add_number(context, "data.unit", image->unit);
    add_number(context, "data.pool", image->pool == 0 ? 1 : (double)image->pool);
    if (image->pool <= 1) return;
    add_number(context, "data.height", (double)image->height);
    add_number(context, "data.width", (double)image->width);
}

static void add_control(SHA2_CTX *context, const zg_control_source *source)
{
    const char *const texts[] = {source->system, source->a, source->b,
                                 source->q,      source->r, source->k};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_text(context, "data.system", texts[i] ? texts[i] : "");
    add_number(context, "data.discount", source->discount);
    add_number(context, "data.iteration", (double)source->iteration);
    add_number(context, "data.n", (double)source->sampling.rows);
    add_number(context, "data.seed", source->sampling.seed);
    add_number(context, "data.rollout.discount", source->sampling.discount);
    add_number(context, "data.rollout.steps", (double)source->sampling.steps);
    add_number(context, "data.explore", source->sampling.explore);
}

static void add_generator(SHA2_CTX *context, const zg_generator *generator)
{
    const zg_planted *planted = &generator->planted;
    size_t count;
    add_text(context, "data.generator", zg_generator_names(&count)[generator->kind]);
    if (generator->kind == ZG_GENERATOR_PLANTED) {
        add_number(context, "data.features", planted->features);
        if (planted->median) add_text(context, "data.labels", "median");
        add_activation(context, "data.activation", planted->activation);
    }
    if (generator->kind == ZG_GENERATOR_PLANTED || generator->kind == ZG_GENERATOR_PLANTED_SPARSE) {
        add_number(context, "data.n", (double)planted->n);
        add_number(context, "data.d", (double)planted->d);
        add_number(context, "data.neurons", (double)planted->neurons);
        add_number(context, "data.noise", planted->noise);
        add_number(context, "data.seed", planted->seed);
    } else if (zg_generator_controls(generator)) {
        add_control(context, &generator->control);
    } else if (generator->kind == ZG_GENERATOR_PARTICLES) {
        add_number(context, "data.n", (double)generator->particles.n);
        add_number(context, "data.d", (double)generator->particles.d);
        add_number(context, "data.seed", (double)generator->particles.seed);
        add_text(context, "data.potential",
                 generator->particles.potential == ZG_POTENTIAL_GAUSSIAN ? "gaussian" : "quartic");
    } else if (generator->kind == ZG_GENERATOR_SAMPLES) {
        const zg_sample_source *source = &generator->samples;
        add_number(context, "data.n", (double)source->drawn.n);
        add_number(context, "data.m", (double)source->drawn.m);
        add_number(context, "data.d", (double)source->drawn.d);
        add_number(context, "data.seed", (double)source->drawn.seed);
        add_number(context, "data.within", source->within);
        if (source->within > 0) add_activation(context, "data.activation", source->activation);
    } else if (generator->kind >= ZG_GENERATOR_NARX) {
        const zg_dynamics *dynamics = &generator->dynamics;
        add_number(context, "data.n", (double)dynamics->n);
        add_number(context, "data.length", (double)dynamics->length);
        add_number(context, "data.branches", (double)dynamics->branches);
        add_number(context, "data.noise", dynamics->noise);
        add_number(context, "data.seed", dynamics->seed);
    } else if (generator->numbers) {
        add_text(context, "data.numbers", generator->numbers);
    } else {
        add_number(context, "data.count", (double)generator->count);
        add_number(context, "data.highest", (double)generator->highest);
        add_number(context, "data.answer", generator->answer);
        add_number(context, "data.seed", generator->seed);
    }
}

/* How tables are read, as far as the entry says it; missing has its own place above. */
static void add_settings(SHA2_CTX *context, const zg_settings *settings)
{
    char name[64];
    for (size_t i = 0; i < ZG_DATA_SETTINGS; i++) {
        const char *key = zg_data_settings[i].key, *text = zg_settings_get(settings, key);
        if (!text || strcmp(key, "missing") == 0) continue;
        snprintf(name, sizeof name, "data.%s", key);
        add_text(context, name, text);
    }
}

/* Order of time, and the lags of a series; columns are in the options. */
static void add_series(SHA2_CTX *context, const zg_recipe *recipe)
{
    if (recipe->in_time) add_text(context, "data.order", "time");
    if (recipe->scale_by_all) add_text(context, "data.scale", "identification");
    if (recipe->test_share > 0) add_number(context, "data.test_share", recipe->test_share);
    if (!recipe->lags) return;
    add_number(context, "data.lags.outputs", (double)recipe->lags->outputs);
    add_number(context, "data.lags.inputs", (double)recipe->lags->inputs);
    add_number(context, "data.lags.delay", (double)recipe->lags->delay);
    add_text(context, "data.experiment", recipe->lags->experiment);
    if (recipe->options.columns) add_text(context, "data.channels", recipe->options.columns);
}

static void add_data(SHA2_CTX *context, const zg_recipe *recipe)
{
    add_text(context, "data.content", recipe->content);
    if (recipe->origin == ZG_ORIGIN_GENERATOR) add_generator(context, &recipe->generator);
    if (recipe->origin != ZG_ORIGIN_GENERATOR) {
        add_text(context, "data.target", recipe->options.target ? recipe->options.target : "last");
        if (recipe->weights) add_text(context, "data.weights", recipe->weights);
        add_number(context, "data.header", recipe->options.header);
        add_number(context, "data.missing", recipe->options.missing);
        add_settings(context, recipe->settings);
        add_number(context, "data.first", (double)recipe->first);
        add_text(context, "data.classes", recipe->classes ? recipe->classes : "");
        add_image(context, &recipe->image);
    }
    /* auto on numbers is regression; on words, which were refused as such, it is new */
    add_number(context, "data.task", recipe->task == ZG_TASK_AUTO ? ZG_REGRESSION : recipe->task);
    add_number(context, "data.standardize", recipe->standardize);
    if (recipe->standardize_targets) add_text(context, "data.standardize_targets", "true");
    if (recipe->bias) add_text(context, "data.bias", "true");
    if (recipe->halfspaces) add_text(context, "data.halfspaces", "true");
    if (recipe->class_weights) add_text(context, "data.class_weights", recipe->class_weights);
    add_number(context, "data.train_share", recipe->train_share);
    if (recipe->train_share > 0 && !recipe->in_time)
        add_number(context, "data.split_seed", recipe->split_seed);
    add_series(context, recipe);
    /* Results do not depend on it, but cases of one suite that differ in it are two. */
    if (recipe->select != ZG_SELECT_NONE) add_number(context, "data.select", recipe->select);
    if (recipe->retrained) {
        add_text(context, "data.retrained", "true");
        if (recipe->validation_share > 0)
            add_number(context, "data.validation_share", recipe->validation_share);
    }
    if (recipe->folds > 0) {
        add_number(context, "data.folds", (double)recipe->folds);
        add_number(context, "data.fold", (double)recipe->fold);
        add_number(context, "data.split_seed", recipe->split_seed);
    }
    if (recipe->validation_share > 0)
        add_number(context, "data.validation_share", recipe->validation_share);
}

static void add_model(SHA2_CTX *context, const zg_case *item)
{
    char text[256];
    add_activation(context, "model.activation", item->model.activation);
    zg_loss_format(item->model.loss, text, sizeof text);
    add_text(context, "model.loss", text);
    zg_architecture_format(&item->model.architecture, text, sizeof text);
    add_text(context, "model.architecture", text);
    add_number(context, item->beta_relative > 0 ? "model.beta_relative" : "model.beta",
               item->model.beta);
    zg_penalty_format(item->penalty, text, sizeof text);
    add_text(context, "model.penalty", text);
    if (item->model.robust > 0) add_number(context, "model.robust", item->model.robust);
    if (item->layers > 1) add_number(context, "model.layers", (double)item->layers);
    if (item->layers > 1) add_number(context, "model.layer_features", item->layer_features);
    if (item->model.rows != ZG_ROWS_VALUES)
        add_text(context, "model.rows", zg_row_kind_name(item->model.rows));
    if (!zg_neuron_set_finite(item->model.neuron_set)) return;
    zg_neuron_set_format(item->model.neuron_set, text);
    add_text(context, "model.neuron_set", text);
}

/* A file by its name alone, so that it may lie anywhere; nothing where it is not given. */
static void add_name(SHA2_CTX *context, const char *key, const char *path)
{
    char name[128];
    if (!path || !*path) return;
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *end = strrchr(base, '.');
    snprintf(name, sizeof name, "%.*s", (int)(end ? end - base : (long)strlen(base)), base);
    add_text(context, key, name);
}

static void add_method(SHA2_CTX *context, const zg_case *item)
{
    add_text(context, "method", item->method->name);
    for (size_t i = 0; i < item->method->option_count; i++) {
        const zg_option *option = &item->method->options[i];
        const zg_value *value = &item->values[i];
        if (option->type == ZG_OPTION_PLACE) continue;
        if (option->type == ZG_OPTION_FILE)
            add_name(context, option->name, value->text);
        else if (option->type == ZG_OPTION_TEXT || option->type == ZG_OPTION_CHOICE)
            add_text(context, option->name, value->text ? value->text : "");
        else
            add_number(context, option->name, value->number);
    }
}

void zg_case_key(const zg_case *item, const zg_suite *suite, char key[ZG_DIGEST_SIZE])
{
    SHA2_CTX context;
    SHA256Init(&context);
    add_text(&context, "format", ZG_CASE_KEY_FORMAT);
    add_data(&context, &item->recipe);
    add_model(&context, item);
    add_method(&context, item);
    add_number(&context, "tolerance", suite->tolerance);
    if (suite->verify_exact) add_text(&context, "verify", "exact");
    SHA256End(&context, key);
}
