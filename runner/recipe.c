/* Reading the data entries of suites: their keys, by kind, and what they mean. */
#include "runner/recipe.h"

#include "base/path.h"
#include "data/idx.h"
#include "data/settings.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEED_LIMIT 4294967295.0
#define SIZE_LIMIT 1e9
#define GENERATORS "generators/1" /* their version: new numbers need a new one */

/* clang-format off */
#define COMMON_KEYS \
    {{"name", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "label of the data in cases and tables"}, false}, \
    {{"task", ZG_OPTION_CHOICE, "auto", "auto,regression,binary,multiclass", 0, 0, "what the targets are"}, false}, \
    {{"standardize", ZG_OPTION_FLAG, "false", NULL, 0, 0, "by the training rows' means and deviations"}, false}, \
    {{"standardize_targets", ZG_OPTION_FLAG, "false", NULL, 0, 0, "of a regression, likewise"}, false}, \
    {{"bias", ZG_OPTION_FLAG, "false", NULL, 0, 0, "the input 1 stands behind the others"}, false}, \
    {{"halfspaces", ZG_OPTION_FLAG, "false", NULL, 0, 0, "inputs become 0/1: one for each way in which a hyperplane parts the rows"}, false}, \
    {{"class_weights", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "balanced, or LABEL=W,LABEL=W"}, false}, \
    {{"folds", ZG_OPTION_INTEGER, NULL, NULL, 2, 1000, "every fold of the training rows in turn validates, in a case of its own"}, false}, \
    {{"select", ZG_OPTION_CHOICE, NULL, "best,one-se", 0, 0, "choose settings by the rows that validate, and train on all with them"}, false}, \
    {{"split.train", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, SIZE_LIMIT, "share of the rows to train on; in time also a number of samples"}, false}, \
    {{"split.validation", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, SIZE_LIMIT, "share of the rows to choose settings by, likewise"}, false}, \
    {{"split.order", ZG_OPTION_CHOICE, NULL, "shuffled,time", 0, 0, "whether rows are drawn, or the first ones train"}, false}, \
    {{"split.scale", ZG_OPTION_CHOICE, NULL, "train,identification", 0, 0, "in time: whose means and deviations standardise, those of the rows that train or also of those that validate"}, false}, \
    {{"split.test", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, SIZE_LIMIT, "in time: the last samples, which test; without: all the rest"}, false}, \
    {{"split.seed", ZG_OPTION_INTEGER, "0", NULL, 0, SEED_LIMIT, "of the permutation before the split"}, false}, \
    {{"series.outputs", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "columns of the measured outputs"}, ZG_KEY_LIST_OR_SCALAR}, \
    {{"series.inputs", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "columns of the inputs"}, ZG_KEY_LIST_OR_SCALAR}, \
    {{"series.lags.outputs", ZG_OPTION_INTEGER, "0", NULL, 0, ZG_LAG_LIMIT, "how many past outputs a row has"}, false}, \
    {{"series.lags.inputs", ZG_OPTION_INTEGER, "0", NULL, 0, ZG_LAG_LIMIT, "how many inputs"}, false}, \
    {{"series.lags.delay", ZG_OPTION_INTEGER, "1", NULL, 0, ZG_LAG_LIMIT, "age of the latest input"}, false}, \
    {{"series.experiment", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "column whose changes begin another experiment"}, false}

#define STORED_KEYS \
    {{"target", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "column names or indices, comma-separated, or last"}, false}, \
    {{"weights", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "column of sample weights"}, false}, \
    {{"first", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "rows to keep from the top, before all else"}, false}, \
    {{"classes", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "labels to keep"}, true}, \
    {{"subsample.rows", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "training rows to keep, drawn at random"}, false}, \
    {{"subsample.seed", ZG_OPTION_INTEGER, "0", NULL, 0, SEED_LIMIT, "of that drawing"}, false}, \
    {{"pixel_scale", ZG_OPTION_NUMBER, "1", NULL, ZG_ABOVE_ZERO, DBL_MAX, "every feature is divided by it"}, false}, \
    {{"unit_norm", ZG_OPTION_FLAG, "false", NULL, 0, 0, "every row is scaled to Euclidean norm 1"}, false}, \
    {{"downscale.by", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "side of the squares of pixels that are averaged"}, false}, \
    {{"downscale.height", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "of the images before; without: they are squares"}, false}, \
    {{"downscale.width", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "of the images before"}, false}, \
    {{"test", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "separate test rows, named like the training rows"}, false}

static const zg_key generator_keys[] = {
    {{"generator", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "name of the generator"}, false},
    COMMON_KEYS,
};

static const zg_key source_keys[] = {
    {{"source", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "name in the data catalogue"}, false},
    COMMON_KEYS,
    STORED_KEYS,
};

static const zg_key file_keys[] = {
    {{"file", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "path, relative to the suite's folder"}, false},
    {{"header", ZG_OPTION_CHOICE, "detect", "detect,present,absent", 0, 0, "whether the first line names the columns"}, false},
    COMMON_KEYS,
    STORED_KEYS,
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static zg_status find_generator(const zg_yaml *node, zg_generator_kind *out, zg_error *error)
{
    const char *name;
    size_t count;
    const char *const *known = zg_generator_names(&count);
    zg_status status = zg_yaml_text(node, &name, error);
    if (status != ZG_OK) return status;
    for (size_t i = 0; i < count; i++) {
        *out = (zg_generator_kind)i;
        if (strcmp(known[i], name) == 0) return ZG_OK;
    }
    zg_fail_unknown(error, "generator", name, known, count);
    return zg_yaml_position(node, error);
}

/* A setting of tables as a key. */
static zg_key setting_key(const zg_data_setting *setting)
{
    static const zg_option_type types[] = {ZG_OPTION_TEXT, ZG_OPTION_TEXT, ZG_OPTION_CHOICE,
                                           ZG_OPTION_FLAG, ZG_OPTION_NUMBER};
    bool number = setting->kind == ZG_SETTING_NUMBER;
    return (zg_key){.option = {.name = setting->key,
                               .type = types[setting->kind],
                               .choices = setting->choices,
                               .lowest = number ? ZG_ABOVE_ZERO : 0,
                               .highest = number ? SIZE_LIMIT : 0,
                               .help = setting->help},
                    .list =
                        setting->kind == ZG_SETTING_LIST ? ZG_KEY_LIST_OR_SCALAR : ZG_KEY_SCALAR};
}

/* The keys of stored data with the settings of tables behind them. */
static zg_status join_settings(const zg_key *own, size_t own_count, zg_arena *arena,
                               const zg_key **keys, size_t *count, zg_error *error)
{
    *count = own_count + ZG_DATA_SETTINGS;
    zg_key *all = zg_arena_array(arena, *count, sizeof *all);
    if (!all) return zg_no_memory(error);
    memcpy(all, own, own_count * sizeof *all);
    for (size_t i = 0; i < ZG_DATA_SETTINGS; i++)
        all[own_count + i] = setting_key(&zg_data_settings[i]);
    *keys = all;
    return ZG_OK;
}

/* The generator's own keys and those of all generated data. */
static zg_status join_keys(zg_generator_kind kind, zg_arena *arena, const zg_key **keys,
                           size_t *count, zg_error *error)
{
    const zg_key *own;
    size_t own_count;
    zg_generator_keys(kind, &own, &own_count);
    *count = own_count + COUNT(generator_keys);
    zg_key *all = zg_arena_array(arena, *count, sizeof *all);
    if (!all) return zg_no_memory(error);
    memcpy(all, own, own_count * sizeof *all);
    memcpy(all + own_count, generator_keys, sizeof generator_keys);
    *keys = all;
    return ZG_OK;
}

zg_status zg_recipe_keys(const zg_yaml *entry, zg_arena *arena, const zg_key **keys, size_t *count,
                         zg_error *error)
{
    const zg_yaml *generator = zg_yaml_get(entry, "generator");
    const zg_yaml *source = zg_yaml_get(entry, "source");
    const zg_yaml *file = zg_yaml_get(entry, "file");
    const zg_yaml *zip = zg_yaml_get(entry, "zip");
    if (zip && zip->kind == ZG_YAML_MAPPING && !source) source = zg_yaml_get(zip, "source");
    if (zip && zip->kind == ZG_YAML_MAPPING && !file) file = zg_yaml_get(zip, "file");
    int given = (generator != NULL) + (source != NULL) + (file != NULL);
    const zg_yaml *path = zg_yaml_get(entry, "path");
    if (!given && path && path->kind == ZG_YAML_SCALAR)
        return zg_yaml_fail(path, error,
                            "expected one of generator, source or file, found path; a file is "
                            "file: %.200s",
                            path->text);
    if (given != 1)
        return zg_yaml_fail(entry, error, "expected one of generator, source or file, found %s",
                            given ? "several of them" : "none");
    if (generator) {
        zg_generator_kind kind = ZG_GENERATOR_PLANTED;
        zg_status status = find_generator(generator, &kind, error);
        return status == ZG_OK ? join_keys(kind, arena, keys, count, error) : status;
    }
    return source ? join_settings(source_keys, COUNT(source_keys), arena, keys, count, error)
                  : join_settings(file_keys, COUNT(file_keys), arena, keys, count, error);
}

static zg_status read_generated(const zg_settings *settings, const zg_yaml *entry, zg_recipe *out,
                                zg_error *error)
{
    const zg_setting *name = zg_settings_find(settings, "generator");
    zg_generator_kind kind = ZG_GENERATOR_PLANTED;
    zg_status status = find_generator(name->node, &kind, error);
    out->origin = ZG_ORIGIN_GENERATOR;
    out->label = name->text;
    return status == ZG_OK ? zg_generator_read(kind, settings, entry, &out->generator, error)
                           : status;
}

/* Absolute paths as they are, others seen from the folder; ~ and variables as in a shell. */
static zg_status resolve(const char *folder, const zg_setting *path, zg_arena *arena,
                         const char **out, zg_error *error)
{
    char *text = NULL;
    *out = NULL;
    if (!path) return ZG_OK;
    if (zg_path_expand(path->text, &text, error) != ZG_OK)
        return zg_yaml_position(path->node, error);
    bool plain = text[0] == '/' || strcmp(folder, ".") == 0;
    *out = plain ? zg_arena_copy(arena, text, strlen(text))
                 : zg_arena_printf(arena, "%s/%s", folder, text);
    free(text);
    return *out ? ZG_OK : zg_no_memory(error);
}

static zg_status check_source(const zg_setting *setting, const zg_world *world, zg_error *error)
{
    for (size_t i = 0; i < world->source_count; i++)
        if (strcmp(world->sources[i], setting->text) == 0) return ZG_OK;
    if (strpbrk(setting->text, "./"))
        return zg_yaml_fail(setting->node, error,
                            "expected a name of the catalogue (zerogap list data), found "
                            "\"%.80s\"; a file is %s: %.80s",
                            setting->text,
                            strcmp(setting->key, "test") == 0 ? "file and test" : "file",
                            setting->text);
    zg_fail_unknown(error, "data source", setting->text, world->sources, world->source_count);
    return zg_yaml_position(setting->node, error);
}

static zg_status read_source(const zg_settings *settings, const zg_world *world, zg_recipe *out,
                             zg_error *error)
{
    const zg_setting *source = zg_settings_find(settings, "source");
    const zg_setting *test = zg_settings_find(settings, "test");
    out->origin = ZG_ORIGIN_SOURCE;
    out->source = out->label = source->text;
    const zg_setting *classes = zg_settings_find(settings, "classes");
    if (classes && classes->text[strspn(classes->text, "0123456789,")] != '\0')
        return zg_yaml_fail(classes->node, error,
                            "expected the classes of a catalogue source as numbers, found %.80s",
                            classes->text);
    zg_status status = check_source(source, world, error);
    if (status != ZG_OK || !test) return status;
    out->test_source = test->text;
    return check_source(test, world, error);
}

static zg_status read_file(const zg_settings *settings, const char *folder, zg_arena *arena,
                           zg_recipe *out, zg_error *error)
{
    const char *path = zg_settings_get(settings, "file");
    const char *slash = strrchr(path, '/');
    out->origin = ZG_ORIGIN_FILE;
    out->label = slash ? slash + 1 : path;
    zg_status status =
        resolve(folder, zg_settings_find(settings, "file"), arena, &out->file, error);
    if (status == ZG_OK)
        status = resolve(folder, zg_settings_find(settings, "test"), arena, &out->test_file, error);
    if (status != ZG_OK) return status;
    const char *header = zg_settings_get(settings, "header");
    if (header && strcmp(header, "present") == 0) out->options.header = ZG_HEADER_YES;
    if (header && strcmp(header, "absent") == 0) out->options.header = ZG_HEADER_NO;
    return ZG_OK;
}

static bool has_series(const zg_settings *settings)
{
    for (size_t i = 0; i < settings->count; i++)
        if (strncmp(settings->items[i].key, "series.", 7) == 0) return true;
    return false;
}

/* A nested mapping that is there at all needs its principal keys. */
static zg_status check_groups(const zg_settings *settings, zg_error *error)
{
    const char *const pairs[][2] = {
        {"split.seed", zg_settings_find(settings, "folds") ? "folds" : "split.train"},
        {"split.order", zg_settings_find(settings, "folds") ? "folds" : "split.train"},
        {"split.validation", "split.train"},
        {"split.test", "split.train"},
        {"subsample.seed", "subsample.rows"},
        {"downscale.height", "downscale.by"},
        {"downscale.height", "downscale.width"},
        {"downscale.width", "downscale.height"}};
    static const char *const whole[] = {"unit_norm", "downscale.by"};
    for (size_t i = 0; i < COUNT(pairs); i++) {
        const zg_setting *given = zg_settings_find(settings, pairs[i][0]);
        if (given && !zg_settings_find(settings, pairs[i][1]))
            return zg_yaml_fail(given->node, error, "expected the key %s beside %s, found none",
                                pairs[i][1], pairs[i][0]);
    }
    const zg_setting *share = zg_settings_find(settings, "split.validation");
    double sum = zg_settings_number(settings, "split.train", 0) +
                 zg_settings_number(settings, "split.validation", 0);
    const char *order = zg_settings_get(settings, "split.order");
    bool in_time = has_series(settings) || (order && strcmp(order, "time") == 0);
    if (share && sum >= 1 && !in_time)
        return zg_yaml_fail(share->node, error,
                            "expected shares for training and validation that leave rows to test, "
                            "found a sum of %g",
                            sum);
    if (share && zg_settings_find(settings, "folds"))
        return zg_yaml_fail(share->node, error,
                            "expected either folds or validation rows of their own, found both");
    const zg_setting *weights = zg_settings_find(settings, "weights");
    if (weights && zg_settings_find(settings, "classes"))
        return zg_yaml_fail(weights->node, error, "expected either classes or weights, found both");
    const zg_setting *select = zg_settings_find(settings, "select");
    bool folds = zg_settings_find(settings, "folds") != NULL;
    if (select && !folds && !share)
        return zg_yaml_fail(select->node, error,
                            "expected folds, or split with validation, beside select: rows to "
                            "choose by, found neither");
    if (select && !folds && strcmp(select->text, "one-se") == 0)
        return zg_yaml_fail(select->node, error,
                            "expected folds beside select: one-se, whose spread it is about, found "
                            "none");
    const char *missing = zg_settings_get(settings, "missing");
    for (size_t i = 0; i < COUNT(whole); i++) {
        const zg_setting *given = zg_settings_find(settings, whole[i]);
        if (given && strcmp(given->text, "false") != 0 && missing && strcmp(missing, "mean") == 0)
            return zg_yaml_fail(given->node, error,
                                "expected rows without gaps for %s, which mixes the inputs of a "
                                "row, found missing: mean, whose means are known later",
                                whole[i]);
    }
    const zg_setting *test = zg_settings_find(settings, "test");
    if (test && zg_settings_find(settings, "split.train"))
        return zg_yaml_fail(test->node, error, "expected either split or test, found both");
    return ZG_OK;
}

/* A split by order of time, and what does not go with it; shares are those of a shuffled one. */
static zg_status check_split(const zg_settings *settings, bool in_time, zg_error *error)
{
    static const char *const shares[] = {"split.train", "split.validation", "split.test"};
    static const char *const shuffling[] = {"split.seed", "folds", "subsample.rows"};
    double sum = 0;
    for (size_t i = 0; i < COUNT(shares); i++) {
        const zg_setting *share = zg_settings_find(settings, shares[i]);
        if (!share) continue;
        double value = zg_settings_number(settings, shares[i], 0);
        if (value >= 1 && (!in_time || value != floor(value)))
            return zg_yaml_fail(share->node, error, "expected a share below 1 for %s%s, found %s",
                                shares[i],
                                in_time ? ", or a whole number of samples"
                                        : " (order: time also takes numbers of samples)",
                                share->text);
        sum += value < 1 ? value : 0;
        if (i == 1 && sum >= 1 && !in_time) return ZG_OK; /* told by check_groups */
    }
    if (!in_time && zg_settings_find(settings, "split.test"))
        return zg_yaml_fail(zg_settings_find(settings, "split.test")->node, error,
                            "expected order: time beside split.test; in a shuffled split the rest "
                            "of the rows are the test");
    const zg_setting *scale = zg_settings_find(settings, "split.scale");
    if (scale && !(in_time && zg_settings_find(settings, "split.validation")))
        return zg_yaml_fail(scale->node, error,
                            "expected order: time (or series) and split.validation beside "
                            "split.scale: samples that identify but do not train");
    for (size_t i = 0; in_time && i < COUNT(shuffling); i++) {
        const zg_setting *given = zg_settings_find(settings, shuffling[i]);
        if (given)
            return zg_yaml_fail(given->node, error,
                                "expected rows in the order of time, which %s would shuffle: the "
                                "future would train",
                                shuffling[i]);
    }
    return ZG_OK;
}

/* Keys that take rows for samples of their own, or make up values. */
static zg_status check_series(const zg_settings *settings, zg_error *error)
{
    static const char *const foreign[] = {"weights",   "classes",       "class_weights",
                                          "unit_norm", "downscale.by",  "first",
                                          "one_hot",   "subsample.rows"};
    const zg_setting *order = zg_settings_find(settings, "split.order");
    if (order && strcmp(order->text, "time") != 0)
        return zg_yaml_fail(order->node, error,
                            "expected order: time for a series: shuffled rows of one test what "
                            "their neighbours have taught");
    for (size_t i = 0; i < COUNT(foreign); i++) {
        const zg_setting *given = zg_settings_find(settings, foreign[i]);
        if (given && strcmp(given->text, "false") != 0)
            return zg_yaml_fail(given->node, error, "%s does not go with a series", foreign[i]);
    }
    return ZG_OK;
}

/* The columns of a series stand for the target and the inputs to keep. */
static zg_status read_series_columns(const zg_settings *settings, zg_recipe *out, zg_error *error)
{
    const zg_setting *outputs = zg_settings_find(settings, "series.outputs");
    const zg_setting *inputs = zg_settings_find(settings, "series.inputs");
    const zg_setting *target = zg_settings_find(settings, "target");
    const zg_setting *columns = zg_settings_find(settings, "columns");
    if (outputs && target)
        return zg_yaml_fail(target->node, error, "expected either target or series.outputs");
    if (inputs && columns)
        return zg_yaml_fail(columns->node, error, "expected either columns or series.inputs");
    if (out->origin == ZG_ORIGIN_GENERATOR && (outputs || inputs))
        return zg_yaml_fail((outputs ? outputs : inputs)->node, error,
                            "a generated series has its own outputs and inputs");
    if (outputs) out->options.target = outputs->text;
    if (inputs) out->options.columns = inputs->text;
    return ZG_OK;
}

/* Inputs, and their delay, that no lag asks for would be ignored. */
static zg_status check_lagged(const zg_settings *settings, zg_error *error)
{
    static const char *const keys[] = {"series.inputs", "series.lags.delay"};
    for (size_t i = 0; i < COUNT(keys); i++) {
        const zg_setting *given = zg_settings_find(settings, keys[i]);
        if (given && !zg_settings_find(settings, "series.lags.inputs"))
            return zg_yaml_fail(given->node, error,
                                "expected the key series.lags.inputs beside %s, found none",
                                keys[i]);
    }
    return ZG_OK;
}

static zg_status read_series(const zg_settings *settings, const zg_yaml *entry, zg_arena *arena,
                             zg_recipe *out, zg_error *error)
{
    out->in_time = zg_settings_get(settings, "split.order") &&
                   strcmp(zg_settings_get(settings, "split.order"), "time") == 0;
    if (!has_series(settings)) return check_split(settings, out->in_time, error);
    out->in_time = true;
    zg_status status = check_series(settings, error);
    if (status == ZG_OK) status = check_split(settings, true, error);
    if (status == ZG_OK) status = read_series_columns(settings, out, error);
    if (status != ZG_OK) return status;
    out->lags = zg_arena_alloc(arena, sizeof *out->lags);
    if (!out->lags) return zg_no_memory(error);
    const char *experiment = zg_settings_get(settings, "series.experiment");
    *out->lags =
        (zg_lags){.outputs = (size_t)zg_settings_number(settings, "series.lags.outputs", 0),
                  .inputs = (size_t)zg_settings_number(settings, "series.lags.inputs", 0),
                  .delay = (size_t)zg_settings_number(settings, "series.lags.delay", 1)};
    if (experiment) snprintf(out->lags->experiment, sizeof out->lags->experiment, "%s", experiment);
    if (out->lags->outputs + out->lags->inputs == 0)
        return zg_yaml_fail(entry, error,
                            "expected series: {lags: {outputs: NA, inputs: NB}} with one of them "
                            "above 0, found none");
    status = check_lagged(settings, error);
    if (status != ZG_OK) return status;
    if (experiment && out->options.columns) { /* it is read as one input more */
        out->options.columns = zg_arena_printf(arena, "%s,%s", out->options.columns, experiment);
        if (!out->options.columns) return zg_no_memory(error);
    }
    if (out->origin != ZG_ORIGIN_GENERATOR) out->options.lags = out->lags;
    return ZG_OK;
}

/* Weights are read as one target more, the last. */
static zg_status read_target(const zg_settings *settings, zg_arena *arena, zg_recipe *out,
                             zg_error *error)
{
    const char *target = zg_settings_get(settings, "target");
    out->options.target = target;
    out->weights = zg_settings_get(settings, "weights");
    if (!out->weights) return ZG_OK;
    out->options.target = zg_arena_printf(arena, "%s,%s", target ? target : "last", out->weights);
    out->options.weighted = true;
    return out->options.target ? ZG_OK : zg_no_memory(error);
}

/* How the file is read. */
static zg_status read_settings(const zg_settings *settings, zg_recipe *out, zg_error *error)
{
    for (size_t i = 0; i < ZG_DATA_SETTINGS; i++) {
        const zg_setting *given = zg_settings_find(settings, zg_data_settings[i].key);
        if (!given) continue;
        zg_status status = zg_data_setting_apply(i, given->text, &out->options, error);
        if (status != ZG_OK) return zg_yaml_position(given->node, error);
    }
    if (out->options.missing == ZG_MISSING_MEAN) out->options.missing = ZG_MISSING_TRAINING_MEAN;
    return ZG_OK;
}

static bool is_true(const zg_settings *settings, const char *key)
{
    const char *text = zg_settings_get(settings, key);
    return text && strcmp(text, "true") == 0;
}

static void read_common(const zg_settings *settings, zg_recipe *out)
{
    const char *task = zg_settings_get(settings, "task");
    out->task = ZG_TASK_AUTO;
    if (task && strcmp(task, "regression") == 0) out->task = ZG_REGRESSION;
    if (task && strcmp(task, "binary") == 0) out->task = ZG_BINARY;
    if (task && strcmp(task, "multiclass") == 0) out->task = ZG_MULTICLASS;
    const char *standardize = zg_settings_get(settings, "standardize");
    out->standardize = standardize && strcmp(standardize, "true") == 0;
    out->standardize_targets = is_true(settings, "standardize_targets");
    out->bias = is_true(settings, "bias");
    out->halfspaces = is_true(settings, "halfspaces");
    out->class_weights = zg_settings_get(settings, "class_weights");
    out->train_share = zg_settings_number(settings, "split.train", 0);
    const char *select = zg_settings_get(settings, "select");
    if (select) out->select = strcmp(select, "one-se") == 0 ? ZG_SELECT_ONE_SE : ZG_SELECT_BEST;
    out->retrained = is_true(settings, "retrained");
    if (!out->retrained) out->folds = (size_t)zg_settings_number(settings, "folds", 0);
    out->fold = (size_t)zg_settings_number(settings, "fold", 0);
    out->validation_share = zg_settings_number(settings, "split.validation", 0);
    out->test_share = zg_settings_number(settings, "split.test", 0);
    const char *scale = zg_settings_get(settings, "split.scale");
    out->scale_by_all = scale && strcmp(scale, "identification") == 0;
    out->split_seed = (uint32_t)zg_settings_number(settings, "split.seed", 0);
    const char *unit = zg_settings_get(settings, "unit_norm");
    out->first = (size_t)zg_settings_number(settings, "first", 0);
    out->classes = zg_settings_get(settings, "classes");
    out->image =
        (zg_image_options){.rows = (size_t)zg_settings_number(settings, "subsample.rows", 0),
                           .seed = (uint32_t)zg_settings_number(settings, "subsample.seed", 0),
                           .divisor = zg_settings_number(settings, "pixel_scale", 0),
                           .unit = unit && strcmp(unit, "true") == 0,
                           .height = (size_t)zg_settings_number(settings, "downscale.height", 0),
                           .width = (size_t)zg_settings_number(settings, "downscale.width", 0),
                           .pool = (size_t)zg_settings_number(settings, "downscale.by", 0)};
}

zg_status zg_recipe_read(const zg_settings *settings, const zg_yaml *entry, const char *folder,
                         const zg_world *world, zg_arena *arena, zg_recipe *out, zg_error *error)
{
    *out = (zg_recipe){.settings = settings};
    zg_status status =
        zg_settings_find(settings, "generator") ? read_generated(settings, entry, out, error)
        : zg_settings_find(settings, "source")  ? read_source(settings, world, out, error)
                                                : read_file(settings, folder, arena, out, error);
    if (status == ZG_OK) status = check_groups(settings, error);
    if (status == ZG_OK) read_common(settings, out);
    if (status == ZG_OK) status = read_settings(settings, out, error);
    if (status == ZG_OK) status = read_target(settings, arena, out, error);
    return status == ZG_OK ? read_series(settings, entry, arena, out, error) : status;
}

bool zg_recipe_tests(const zg_recipe *recipe)
{
    return recipe->train_share > 0 || recipe->test_source || recipe->test_file;
}

static void one_digest(const char *path, char digest[ZG_DIGEST_SIZE])
{
    /* What cannot be read counts as missing for now; the case says why when its turn comes. */
    if (!SHA256File(path, digest)) memcpy(digest, "missing", sizeof "missing");
}

/* Of the bytes of a file and of those of its labels, where they are in a file of their own. */
static void file_digest(const char *path, char digest[ZG_DIGEST_SIZE])
{
    char parts[2][ZG_DIGEST_SIZE] = {"", ""};
    char *labels = zg_idx_labels_path(path);
    one_digest(path, parts[0]);
    memcpy(digest, parts[0], sizeof parts[0]);
    if (!labels || access(labels, F_OK) != 0) {
        free(labels);
        return;
    }
    one_digest(labels, parts[1]);
    free(labels);
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, (const unsigned char *)parts, sizeof parts);
    SHA256End(&context, digest);
}

static zg_status source_digest(const zg_world *world, const char *name, char digest[ZG_DIGEST_SIZE],
                               zg_error *error)
{
    zg_status status = world->digest(name, digest, error);
    if (status != ZG_MISSING) return status;
    memcpy(digest, "missing", sizeof "missing");
    return ZG_OK;
}

zg_status zg_recipe_content(zg_recipe *recipe, const zg_world *world, zg_error *error)
{
    char parts[2][ZG_DIGEST_SIZE] = {"", ""};
    zg_status status = ZG_OK;
    if (recipe->origin == ZG_ORIGIN_GENERATOR) {
        memcpy(parts[0], GENERATORS, sizeof GENERATORS);
    } else if (recipe->origin == ZG_ORIGIN_FILE) {
        file_digest(recipe->file, parts[0]);
        if (recipe->test_file) file_digest(recipe->test_file, parts[1]);
    } else {
        status = source_digest(world, recipe->source, parts[0], error);
        if (status == ZG_OK && recipe->test_source)
            status = source_digest(world, recipe->test_source, parts[1], error);
    }
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, (const unsigned char *)parts, sizeof parts);
    SHA256End(&context, recipe->content);
    return status;
}
