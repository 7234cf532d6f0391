/* The sections data, model and methods: entries to labelled variants. */
#include "runner/suite_parts.h"

#include "base/number.h"
#include "base/plain.h"
#include "core/model_settings.h"
#include "core/neuron_set.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- variants and their labels ----------------------------------------------------------- */

zg_status zg_variants_add(zg_suite_reader *reader, zg_variants *variants, const zg_variant *added)
{
    if (variants->count >= ZG_CASE_LIMIT)
        return zg_yaml_fail(added->entry, reader->error, "this expands to more than %zu cases",
                            ZG_CASE_LIMIT);
    if (variants->count == variants->capacity) {
        size_t capacity = variants->capacity ? 2 * variants->capacity : 16;
        zg_variant *larger = zg_arena_array(reader->arena, capacity, sizeof *larger);
        if (!larger) return zg_no_memory(reader->error);
        if (variants->count) memcpy(larger, variants->items, variants->count * sizeof *larger);
        variants->items = larger;
        variants->capacity = capacity;
    }
    variants->items[variants->count++] = *added;
    return ZG_OK;
}

/* label,key=value,... with the settings that vary, or with all. */
static const char *extended_label(zg_suite_reader *reader, const zg_variant *variant,
                                  const char *principal, bool all)
{
    const char *label = variant->label;
    for (size_t i = 0; label && i < variant->settings->count; i++) {
        const zg_setting *setting = &variant->settings->items[i];
        bool shown = all || setting->varied;
        if (strcmp(setting->key, principal) == 0) shown = variant->named && setting->varied;
        if (shown && strcmp(setting->key, "name") != 0 && strcmp(setting->key, "only_data") != 0)
            label = zg_arena_printf(reader->arena, "%s,%s=%s", label, setting->key, setting->text);
    }
    return label;
}

static int by_label(const void *a, const void *b)
{
    const zg_variant *const *left = a, *const *right = b;
    int order = strcmp((*left)->label, (*right)->label);
    return order ? order : (*left > *right) - (*left < *right);
}

static zg_status extend(zg_suite_reader *reader, zg_variant *variant, const char *principal,
                        bool all, const char **out)
{
    *out = extended_label(reader, variant, principal, all);
    return *out ? ZG_OK : zg_no_memory(reader->error);
}

/* Whether no data entry is in both lists of names; NULL stands for all. */
static bool disjoint(const char *a, const char *b)
{
    if (!a || !b) return false;
    for (const char *at = a; *at;) {
        size_t length = strcspn(at, ",");
        for (const char *other = b; *other;) {
            size_t n = strcspn(other, ",");
            if (n == length && strncmp(at, other, n) == 0) return false;
            other += n;
            other += *other == ',';
        }
        at += length;
        at += *at == ',';
    }
    return true;
}

/* Two variants of one label would give two cases of one name, unless they never meet. */
static zg_status check_distinct(zg_variant *const *sorted, size_t count, const char *what,
                                zg_error *error)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j-- > 0 && strcmp(sorted[j]->label, sorted[i]->label) == 0;)
            if (!disjoint(sorted[i]->only_data, sorted[j]->only_data))
                return zg_yaml_fail(sorted[i]->entry, error,
                                    "two %s entries are both called \"%.200s\"; the other stands "
                                    "in line %zu",
                                    what, sorted[i]->label, sorted[j]->entry->line);
    return ZG_OK;
}

zg_status zg_label_variants(zg_suite_reader *reader, zg_variants *variants, const char *principal,
                            const char *what)
{
    size_t count = variants->count;
    zg_variant **sorted = zg_arena_array(reader->arena, count, sizeof *sorted);
    const char **full = zg_arena_array(reader->arena, count, sizeof *full);
    if (!sorted || !full) return zg_no_memory(reader->error);
    zg_status status = ZG_OK;
    for (size_t i = 0; i < count && status == ZG_OK; i++) {
        zg_variant *variant = &variants->items[i];
        sorted[i] = variant;
        status = extend(reader, variant, principal, !variant->named, &full[i]);
        if (status == ZG_OK) status = extend(reader, variant, principal, false, &variant->label);
    }
    if (status != ZG_OK) return status;
    qsort(sorted, count, sizeof(zg_variant *), by_label);
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && strcmp(sorted[i]->label, sorted[end]->label) == 0)
            end++;
        for (size_t k = i; end > i + 1 && k < end; k++)
            sorted[k]->label = full[sorted[k] - variants->items];
        i = end;
    }
    qsort(sorted, count, sizeof(zg_variant *), by_label);
    return check_distinct(sorted, count, what, reader->error);
}

bool zg_names_label(const char *text, size_t length, const char *label)
{
    return strncmp(text, label, length) == 0 && (label[length] == '\0' || label[length] == ',');
}

/* ---- entries ------------------------------------------------------------------------------- */

typedef zg_status (*entry_reader)(zg_suite_reader *reader, const zg_yaml *entry, zg_variants *out);

static zg_status read_entries(zg_suite_reader *reader, const zg_yaml *list, const char *section,
                              entry_reader read, zg_variants *out)
{
    char found[96];
    if (list->kind != ZG_YAML_LIST || list->count == 0)
        return zg_yaml_fail(
            list, reader->error, "expected a list of entries for %s, found %s", section,
            list->kind == ZG_YAML_LIST ? "an empty one: nothing would be run"
                                       : zg_yaml_describe(list, found, sizeof found));
    for (size_t i = 0; i < list->count; i++) {
        zg_status status = read(reader, list->items[i], out);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}

static zg_status check_name(const zg_settings *settings, zg_error *error)
{
    const zg_setting *name = zg_settings_find(settings, "name");
    if (name && (name->text[strcspn(name->text, "/*?[\\")] != '\0' || !zg_is_plain(name->text)))
        return zg_yaml_fail(
            name->node, error,
            "expected a name without / * ? [ \\ and control characters, found \"%.80s\"",
            name->text);
    if (name && name->varied)
        return zg_yaml_fail(name->node, error, "expected one name for an entry, found a list");
    return ZG_OK;
}

/* Adds every variant of an expanded entry after read has filled it in. */
static zg_status add_variants(zg_suite_reader *reader, const zg_variant *pattern,
                              const zg_settings *settings, size_t count,
                              zg_status (*read)(zg_suite_reader *, zg_variant *), zg_variants *out)
{
    zg_status status = ZG_OK;
    for (size_t i = 0; i < count && status == ZG_OK; i++) {
        zg_variant variant = *pattern;
        variant.settings = &settings[i];
        status = check_name(variant.settings, reader->error);
        if (status == ZG_OK) status = read(reader, &variant);
        const char *name = zg_settings_get(variant.settings, "name");
        variant.named = name != NULL;
        variant.only_data = zg_settings_get(variant.settings, "only_data");
        if (name) variant.label = name;
        if (status == ZG_OK) status = zg_variants_add(reader, out, &variant);
    }
    return status;
}

static zg_status expect_mapping(const zg_yaml *entry, const char *what, zg_error *error)
{
    char found[96];
    if (entry->kind == ZG_YAML_MAPPING) return ZG_OK;
    return zg_yaml_fail(entry, error, "expected a mapping for a %s entry, found %s", what,
                        zg_yaml_describe(entry, found, sizeof found));
}

/* ---- data ------------------------------------------------------------------------------------ */

static zg_status fill_data(zg_suite_reader *reader, zg_variant *variant)
{
    zg_status status =
        zg_recipe_read(variant->settings, variant->entry, reader->folder, reader->world,
                       reader->arena, &variant->recipe, reader->error);
    variant->label = variant->recipe.label;
    if (status != ZG_OK) return status;
    return zg_recipe_content(&variant->recipe, reader->world, reader->error);
}

/* How many cases' data one variant of an entry stands for: its folds, or its one split; and with
 * select also all training rows together. */
static size_t copies_of(const zg_settings *settings)
{
    return (size_t)zg_settings_number(settings, "folds", 1) +
           (zg_settings_find(settings, "select") != NULL);
}

/* Copy number k (from 0) of a variant: a fold has the key fold, all rows have the key retrained. */
static zg_status copy_settings(zg_suite_reader *reader, const zg_settings *from, size_t k,
                               zg_settings *to)
{
    const zg_setting *folds = zg_settings_find(from, "folds");
    const zg_setting *select = zg_settings_find(from, "select");
    bool retrained = select && k + 1 == copies_of(from);
    to->items = zg_arena_array(reader->arena, from->count + 1, sizeof *to->items);
    if (!to->items) return zg_no_memory(reader->error);
    memcpy(to->items, from->items, from->count * sizeof *to->items);
    to->count = from->count;
    if (!folds && !retrained) return ZG_OK;
    zg_setting added = {.key = retrained ? "retrained" : "fold",
                        .varied = true,
                        .node = retrained ? select->node : folds->node};
    added.text = retrained ? "true" : zg_arena_printf(reader->arena, "%zu", k + 1);
    if (!added.text) return zg_no_memory(reader->error);
    to->items[to->count++] = added;
    return ZG_OK;
}

static zg_status spread_parts(zg_suite_reader *reader, zg_settings **settings, size_t *count)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < *count; i++)
        total += copies_of(&(*settings)[i]);
    if (total == *count) return ZG_OK;
    zg_settings *all = zg_arena_array(reader->arena, total, sizeof *all);
    if (!all) return zg_no_memory(reader->error);
    for (size_t i = 0; i < *count; i++)
        for (size_t k = 0; k < copies_of(&(*settings)[i]); k++) {
            zg_status status = copy_settings(reader, &(*settings)[i], k, &all[at++]);
            if (status != ZG_OK) return status;
        }
    *settings = all;
    *count = total;
    return ZG_OK;
}

static zg_status read_data_entry(zg_suite_reader *reader, const zg_yaml *entry, zg_variants *out)
{
    const zg_key *keys;
    zg_settings *settings;
    size_t key_count, count;
    zg_status status = expect_mapping(entry, "data", reader->error);
    if (status == ZG_OK)
        status = zg_recipe_keys(entry, reader->arena, &keys, &key_count, reader->error);
    if (status == ZG_OK)
        status = zg_expand(entry, keys, key_count, "data", reader->arena, &settings, &count,
                           reader->error);
    if (status == ZG_OK) status = spread_parts(reader, &settings, &count);
    if (status != ZG_OK) return status;
    zg_variant pattern = {.entry = entry};
    return add_variants(reader, &pattern, settings, count, fill_data, out);
}

zg_status zg_read_data(zg_suite_reader *reader, const zg_yaml *list, zg_variants *out)
{
    zg_status status = read_entries(reader, list, "data", read_data_entry, out);
    return status == ZG_OK ? zg_label_variants(reader, out, "source", "data") : status;
}

/* ---- models ---------------------------------------------------------------------------------- */

/* clang-format off */
static const zg_key model_keys[] = {
    {{"name", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "label of the model in cases and tables"}, false},
    {{"only_data", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "names of the data entries that it is for"}, true},
    {{"activation", ZG_OPTION_TEXT, ZG_DEFAULT_ACTIVATION, NULL, 0, 0, "relu2, quadratic or \"A,B,C\""}, false},
    {{"loss", ZG_OPTION_TEXT, ZG_DEFAULT_LOSS, NULL, 0, 0, "as --loss"}, false},
    {{"beta", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, DBL_MAX, "weight of the penalty"}, false},
    {{"beta_relative", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, 1, "beta as a share of beta_max"}, false},
    {{"architecture", ZG_OPTION_TEXT, ZG_DEFAULT_ARCHITECTURE, NULL, 0, 0, "as --architecture"}, false},
    {{"robust.norm", ZG_OPTION_CHOICE, "l2", "l2", 0, 0, "of the balls around the rows"}, false},
    {{"robust.radius", ZG_OPTION_NUMBER, NULL, NULL, 0, 1e100, "the worst point within it of each row counts, in the units that the network sees"}, false},
    {{"rows", ZG_OPTION_CHOICE, "values", "values,slopes,values+slopes,contrast", 0, 0, "what the targets say of the network"}, false},
    {{"neuron_set", ZG_OPTION_TEXT, ZG_DEFAULT_NEURON_SET, NULL, 0, 0, "as --neuron-set"}, false},
    {{"layers", ZG_OPTION_INTEGER, "1", NULL, 1, 100, "trained one on the other: each sees the inputs and the outputs of those before it"}, false},
    {{"layer_features", ZG_OPTION_CHOICE, "outputs", "outputs,neurons", 0, 0, "what a layer hands on: its outputs, or its neurons' responses, too"}, false},
    {{"penalty", ZG_OPTION_CHOICE, ZG_DEFAULT_PENALTY, ZG_PENALTY_NAMES, 0, 0, "on the output weights"}, false},
    {{"penalty.power", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, ZG_BELOW_ONE, "exponent of a concave penalty"}, false},
};
/* clang-format on */

/* What a key says, or its default. */
static const char *text_of(const zg_variant *variant, zg_model_setting setting)
{
    const char *text = zg_settings_get(variant->settings, zg_model_setting_name(setting));
    return text ? text : zg_model_setting_default(setting);
}

void zg_penalty_format(zg_penalty penalty, char *text, size_t size)
{
    char number[ZG_NUMBER_SIZE];
    zg_number_format(penalty.power, number);
    if (penalty.kind == ZG_PENALTY_L1)
        snprintf(text, size, ZG_DEFAULT_PENALTY);
    else if (penalty.kind == ZG_PENALTY_WEIGHT_DECAY)
        snprintf(text, size, ZG_WEIGHT_DECAY_NAME);
    else
        snprintf(text, size, "power=%s", number);
}

static const char *model_label(zg_suite_reader *reader, const zg_variant *variant)
{
    char loss[64], beta[ZG_NUMBER_SIZE], penalty[64], neurons[ZG_NEURON_SET_SIZE];
    zg_loss_format(variant->model.loss, loss, sizeof loss);
    bool relative = variant->beta_relative > 0;
    zg_number_format(relative ? variant->beta_relative : variant->model.beta, beta);
    zg_penalty_format(variant->penalty, penalty, sizeof penalty);
    const char *activation = text_of(variant, ZG_MODEL_ACTIVATION);
    const char *architecture = text_of(variant, ZG_MODEL_ARCHITECTURE);
    bool dense = variant->model.architecture.kind == ZG_DENSE;
    bool l1 = variant->penalty.kind == ZG_PENALTY_L1;
    char radius[ZG_NUMBER_SIZE];
    bool robust = variant->model.robust > 0.0;
    bool finite = zg_neuron_set_finite(variant->model.neuron_set);
    const char *rows = zg_settings_get(variant->settings, "rows");
    if (variant->model.rows == ZG_ROWS_VALUES) rows = NULL;
    char layers[64] = "";
    if (variant->layers > 1)
        snprintf(layers, sizeof layers, ",layers=%zu%s", variant->layers,
                 variant->layer_features == ZG_STACK_NEURONS ? ",neurons" : "");
    zg_number_format(variant->model.robust, radius);
    zg_neuron_set_format(variant->model.neuron_set, neurons);
    return zg_arena_printf(reader->arena, "%s,%s,beta%s=%s%s%s%s%s%s%s%s%s%s%s%s", activation, loss,
                           relative ? "_relative" : "", beta, dense ? "" : ",",
                           dense ? "" : architecture, l1 ? "" : ",", l1 ? "" : penalty,
                           robust ? ",robust=" : "", robust ? radius : "", finite ? "," : "",
                           finite ? neurons : "", layers, rows ? ",rows=" : "", rows ? rows : "");
}

/* beta, or beta_relative for what is known when the data are. */
static zg_status fill_beta(zg_suite_reader *reader, zg_variant *variant)
{
    const zg_setting *relative = zg_settings_find(variant->settings, "beta_relative");
    variant->model.beta =
        zg_settings_number(variant->settings, "beta", zg_model_default_beta(variant->model.loss));
    if (!relative && isnan(variant->model.beta))
        return zg_yaml_fail(variant->entry, reader->error,
                            "expected the key beta in this entry, found none");
    if (!relative) return ZG_OK;
    if (zg_settings_find(variant->settings, "beta"))
        return zg_yaml_fail(relative->node, reader->error,
                            "expected beta or beta_relative in this entry, found both");
    if (variant->penalty.kind != ZG_PENALTY_L1 ||
        zg_loss_has(variant->model.loss.kind, ZG_LOSS_EXACT))
        return zg_yaml_fail(relative->node, reader->error,
                            "expected beta in this entry, found beta_relative: beta_max is of the "
                            "penalty " ZG_DEFAULT_PENALTY " and of losses that are finite");
    variant->beta_relative = zg_settings_number(variant->settings, "beta_relative", 0);
    variant->model.beta = variant->beta_relative; /* until the rows are read; it orders settings */
    return ZG_OK;
}

static zg_status fill_layers(zg_suite_reader *reader, zg_variant *variant)
{
    const zg_setting *features = zg_settings_find(variant->settings, "layer_features");
    variant->layers = (size_t)zg_settings_number(variant->settings, "layers", 1);
    bool neurons = features && strcmp(features->text, "neurons") == 0;
    variant->layer_features = neurons ? ZG_STACK_NEURONS : ZG_STACK_OUTPUTS;
    if (!features || zg_settings_find(variant->settings, "layers")) return ZG_OK;
    return zg_yaml_fail(features->node, reader->error,
                        "expected the key layers beside layer_features, found none");
}

static zg_status fill_model(zg_suite_reader *reader, zg_variant *variant)
{
    for (zg_model_setting k = 0; k < ZG_MODEL_SETTINGS; k++) {
        const zg_setting *given = zg_settings_find(variant->settings, zg_model_setting_name(k));
        zg_status status = zg_model_setting_apply(k, given ? given->text : NULL, 0, &variant->model,
                                                  &variant->penalty, reader->error);
        if (status != ZG_OK)
            return zg_yaml_position(given ? given->node : variant->entry, reader->error);
    }
    double power = zg_settings_number(variant->settings, "penalty.power", 0);
    if (power > 0 && variant->penalty.kind == ZG_PENALTY_L1)
        variant->penalty = (zg_penalty){ZG_PENALTY_POWER, power};
    zg_status status = fill_beta(reader, variant);
    if (status != ZG_OK) return status;
    const zg_setting *norm = zg_settings_find(variant->settings, "robust.norm");
    if (norm && !zg_settings_find(variant->settings, "robust.radius"))
        return zg_yaml_fail(norm->node, reader->error,
                            "expected the key robust.radius beside robust.norm, found none");
    variant->model.robust = zg_settings_number(variant->settings, "robust.radius", 0);
    status = fill_layers(reader, variant);
    const zg_setting *rows = zg_settings_find(variant->settings, "rows");
    if (status == ZG_OK && rows)
        status = zg_row_kind_parse(rows->text, &variant->model.rows, reader->error);
    if (status == ZG_OK && variant->model.rows != ZG_ROWS_VALUES && variant->layers > 1)
        status = zg_yaml_fail(rows->node, reader->error,
                              "expected one layer beside rows that are not values, found %zu",
                              variant->layers);
    if (status != ZG_OK) return status;
    variant->label = model_label(reader, variant);
    return variant->label ? ZG_OK : zg_no_memory(reader->error);
}

static zg_status read_model_entry(zg_suite_reader *reader, const zg_yaml *entry, zg_variants *out)
{
    zg_settings *settings;
    size_t count;
    zg_status status = expect_mapping(entry, "model", reader->error);
    if (status == ZG_OK)
        status = zg_expand(entry, model_keys, COUNT(model_keys), "model", reader->arena, &settings,
                           &count, reader->error);
    if (status != ZG_OK) return status;
    zg_variant pattern = {.entry = entry};
    return add_variants(reader, &pattern, settings, count, fill_model, out);
}

zg_status zg_read_models(zg_suite_reader *reader, const zg_yaml *list, zg_variants *out)
{
    zg_status status = read_entries(reader, list, "model", read_model_entry, out);
    if (status != ZG_OK) return status;
    /* Unnamed labels say all there is; settings that vary would stand there twice. */
    for (size_t i = 0; i < out->count; i++) {
        if (out->items[i].named) continue;
        for (size_t k = 0; k < out->items[i].settings->count; k++)
            out->items[i].settings->items[k].varied = false;
        out->items[i].named = true;
    }
    return zg_label_variants(reader, out, "name", "model");
}

/* ---- methods --------------------------------------------------------------------------------- */

/* Methods that a build may lack. */
static const char *const optional_methods[] = {"csdp", "branch-and-bound"};

static zg_status find_method(zg_suite_reader *reader, const zg_yaml *node, const zg_method **out)
{
    const zg_world *world = reader->world;
    const char *name;
    zg_status status = zg_yaml_text(node, &name, reader->error);
    if (status != ZG_OK) return status;
    const char **names = zg_arena_array(reader->arena, world->method_count, sizeof *names);
    if (!names) return zg_no_memory(reader->error);
    for (size_t i = 0; i < world->method_count; i++) {
        names[i] = world->methods[i]->name;
        *out = world->methods[i];
        if (strcmp(names[i], name) == 0) return ZG_OK;
    }
    for (size_t i = 0; i < COUNT(optional_methods); i++)
        if (strcmp(optional_methods[i], name) == 0)
            return zg_yaml_fail(node, reader->error,
                                "the method %s is not part of this build of zerogap", name);
    zg_fail_unknown(reader->error, "method", name, names, world->method_count);
    return zg_yaml_position(node, reader->error);
}

#define OWN_KEYS 3

/* The method's options, and the keys that every method entry may have. */
static zg_key *method_keys(zg_suite_reader *reader, const zg_method *method)
{
    zg_key *keys = zg_arena_array(reader->arena, method->option_count + OWN_KEYS, sizeof *keys);
    if (!keys) return NULL;
    keys[0].option = (zg_option){.name = "method", .type = ZG_OPTION_TEXT};
    keys[1].option = (zg_option){.name = "name", .type = ZG_OPTION_TEXT};
    keys[2] = (zg_key){{.name = "only_data", .type = ZG_OPTION_TEXT}, true};
    for (size_t i = 0; i < method->option_count; i++)
        keys[i + OWN_KEYS].option = method->options[i];
    return keys;
}

static zg_status fill_method(zg_suite_reader *reader, zg_variant *variant)
{
    const zg_method *method = variant->method;
    for (size_t i = 0; i < method->option_count; i++)
        if (!method->options[i].fallback &&
            !zg_settings_find(variant->settings, method->options[i].name))
            return zg_yaml_fail(variant->entry, reader->error,
                                "expected the key %s in this entry, found none",
                                method->options[i].name);
    variant->label = method->name;
    return zg_adapters_resolve(reader, variant);
}

static zg_status read_method_entry(zg_suite_reader *reader, const zg_yaml *entry, zg_variants *out)
{
    zg_status replaced = zg_adapters_override(reader, &entry);
    if (replaced != ZG_OK) return replaced;
    zg_variant pattern = {.entry = entry};
    const zg_yaml *name = entry;
    if (entry->kind != ZG_YAML_SCALAR) {
        zg_status status = expect_mapping(entry, "method", reader->error);
        if (status != ZG_OK) return status;
        name = zg_yaml_get(entry, "method");
        if (!name)
            return zg_yaml_fail(entry, reader->error,
                                "expected the key method in this entry, found none");
    }
    zg_status status = find_method(reader, name, &pattern.method);
    if (status != ZG_OK || !pattern.method) return status;
    zg_settings *settings = zg_arena_alloc(reader->arena, sizeof *settings);
    size_t count = 1;
    if (!settings) return zg_no_memory(reader->error);
    if (entry->kind == ZG_YAML_MAPPING) {
        zg_key *keys = method_keys(reader, pattern.method);
        char what[96];
        snprintf(what, sizeof what, "%s", pattern.method->name);
        if (!keys) return zg_no_memory(reader->error);
        status = zg_expand(entry, keys, pattern.method->option_count + OWN_KEYS, what,
                           reader->arena, &settings, &count, reader->error);
        if (status != ZG_OK) return status;
    }
    return add_variants(reader, &pattern, settings, count, fill_method, out);
}

zg_status zg_read_methods(zg_suite_reader *reader, const zg_yaml *list, zg_variants *out)
{
    zg_status status = read_entries(reader, list, "methods", read_method_entry, out);
    bool asked = reader->world->adapter || reader->world->program;
    if (status == ZG_OK && asked && !reader->overridden)
        status = zg_yaml_fail(list, reader->error,
                              "no method of this suite has the key adapter, which --adapter and "
                              "--program are for");
    return status == ZG_OK ? zg_label_variants(reader, out, "method", "method") : status;
}
