/* Data that are made, not read: generators by name, their keys in suites, their rows. */
#include "runner/generator.h"

#include "baselines/weight_decay/hard_instances.h"
#include "core/model_settings.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#define SEED_LIMIT 4294967295.0
#define SIZE_LIMIT 1e9
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const names[ZG_GENERATOR_COUNT] = {
    [ZG_GENERATOR_PLANTED] = "planted",
    [ZG_GENERATOR_PLANTED_SPARSE] = "planted-sparse",
    [ZG_GENERATOR_PARTITION] = "partition",
    [ZG_GENERATOR_THREE_PARTITION] = "three-partition",
};

/* clang-format off */
static const zg_key planted_keys[] = {
    {{"n", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "samples"}, false},
    {{"d", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "inputs"}, false},
    {{"neurons", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "of the planted network"}, false},
    {{"noise", ZG_OPTION_NUMBER, "0.1", NULL, 0, DBL_MAX, "standard deviation added to the targets"}, false},
    {{"features", ZG_OPTION_CHOICE, "gaussian", "gaussian,gaussian4", 0, 0, "N(0,1), or its fourth power"}, false},
    {{"activation", ZG_OPTION_TEXT, ZG_DEFAULT_ACTIVATION, NULL, 0, 0, "of the planted network"}, false},
    {{"seed", ZG_OPTION_INTEGER, "0", NULL, 0, SEED_LIMIT, "of numpy.random.RandomState"}, false},
};

static const zg_key sparse_keys[] = {
    {{"n", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "samples"}, false},
    {{"d", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "inputs"}, false},
    {{"neurons", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "axis neurons with a weight"}, false},
    {{"noise", ZG_OPTION_NUMBER, "0.1", NULL, 0, DBL_MAX, "standard deviation added to the targets"}, false},
    {{"seed", ZG_OPTION_INTEGER, "0", NULL, 0, SEED_LIMIT, "of numpy.random.RandomState"}, false},
};

static const zg_key partition_keys[] = {
    {{"numbers", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "the instance itself"}, true},
    {{"count", ZG_OPTION_INTEGER, NULL, NULL, 2, 1000, "numbers to draw instead"}, false},
    {{"highest", ZG_OPTION_INTEGER, NULL, NULL, 1, ZG_HARD_NUMBER_LIMIT, "largest number drawn"}, false},
    {{"answer", ZG_OPTION_FLAG, "true", NULL, 0, 0, "whether the drawn instance can be partitioned"}, false},
    {{"seed", ZG_OPTION_INTEGER, "0", NULL, 0, SEED_LIMIT, "of the drawing"}, false},
};
/* clang-format on */

const char *const *zg_generator_names(size_t *count)
{
    *count = ZG_GENERATOR_COUNT;
    return names;
}

void zg_generator_keys(zg_generator_kind kind, const zg_key **keys, size_t *count)
{
    switch (kind) {
    case ZG_GENERATOR_PLANTED:
        *keys = planted_keys;
        *count = COUNT(planted_keys);
        return;
    case ZG_GENERATOR_PLANTED_SPARSE:
        *keys = sparse_keys;
        *count = COUNT(sparse_keys);
        return;
    default:
        *keys = partition_keys;
        *count = COUNT(partition_keys);
        return;
    }
}

static zg_status require(const zg_settings *settings, const zg_yaml *entry, const char *const *keys,
                         size_t count, zg_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!zg_settings_find(settings, keys[i]))
            return zg_yaml_fail(entry, error, "expected the key %s in this entry, found none",
                                keys[i]);
    return ZG_OK;
}

static zg_status read_planted(const zg_settings *settings, const zg_yaml *entry, zg_planted *out,
                              zg_error *error)
{
    static const char *const required[] = {"n", "d", "neurons"};
    zg_status status = require(settings, entry, required, COUNT(required), error);
    if (status != ZG_OK) return status;
    out->n = (size_t)zg_settings_number(settings, "n", 0);
    out->d = (size_t)zg_settings_number(settings, "d", 0);
    out->neurons = (size_t)zg_settings_number(settings, "neurons", 0);
    out->noise = zg_settings_number(settings, "noise", 0.1);
    out->seed = (uint32_t)zg_settings_number(settings, "seed", 0);
    const char *features = zg_settings_get(settings, "features");
    bool fourth = features && strcmp(features, "gaussian4") == 0;
    out->features = fourth ? ZG_FEATURES_GAUSSIAN4 : ZG_FEATURES_GAUSSIAN;
    const zg_setting *activation = zg_settings_find(settings, "activation");
    status = zg_activation_parse(activation ? activation->text : ZG_DEFAULT_ACTIVATION,
                                 &out->activation, error);
    return status == ZG_OK ? ZG_OK : zg_yaml_position(activation ? activation->node : entry, error);
}

/* Comma-separated positive whole numbers into room for as many as there are; false if they are
 * anything else. */
static bool parse_numbers(const char *text, long *numbers, size_t *count)
{
    *count = 0;
    while (*text) {
        char *end;
        long value = strtol(text, &end, 10);
        if (end == text || (*end && *end != ',')) return false;
        if (value < 1 || value > ZG_HARD_NUMBER_LIMIT) return false;
        numbers[(*count)++] = value;
        text = end + (*end == ',');
    }
    return true;
}

static zg_status read_partition(const zg_settings *settings, const zg_yaml *entry,
                                zg_generator *out, zg_error *error)
{
    static const char *const drawn[] = {"count", "highest"};
    const zg_setting *numbers = zg_settings_find(settings, "numbers");
    const char *answer = zg_settings_get(settings, "answer");
    out->numbers = numbers ? numbers->text : NULL;
    out->count = (size_t)zg_settings_number(settings, "count", 0);
    out->highest = (long)zg_settings_number(settings, "highest", 0);
    out->answer = !answer || strcmp(answer, "true") == 0;
    out->seed = (uint32_t)zg_settings_number(settings, "seed", 0);
    if (!numbers) return require(settings, entry, drawn, COUNT(drawn), error);
    for (size_t i = 0; i < COUNT(drawn); i++)
        if (zg_settings_find(settings, drawn[i]))
            return zg_yaml_fail(zg_settings_find(settings, drawn[i])->node, error,
                                "expected either numbers or count and highest, found both");
    size_t count;
    long *parsed = calloc(strlen(numbers->text) + 1, sizeof *parsed);
    if (!parsed) return zg_no_memory(error);
    bool good = parse_numbers(numbers->text, parsed, &count);
    free(parsed);
    if (good) return ZG_OK;
    return zg_yaml_fail(numbers->node, error,
                        "expected whole numbers from 1 to %d, found \"%.80s\"",
                        ZG_HARD_NUMBER_LIMIT, numbers->text);
}

zg_status zg_generator_read(zg_generator_kind kind, const zg_settings *settings,
                            const zg_yaml *node, zg_generator *out, zg_error *error)
{
    *out = (zg_generator){.kind = kind};
    if (kind == ZG_GENERATOR_PLANTED || kind == ZG_GENERATOR_PLANTED_SPARSE)
        return read_planted(settings, node, &out->planted, error);
    return read_partition(settings, node, out, error);
}

static zg_status create_partition(const zg_generator *generator, zg_dataset **out, zg_error *error)
{
    bool three = generator->kind == ZG_GENERATOR_THREE_PARTITION;
    size_t count = generator->count;
    size_t room = generator->numbers ? strlen(generator->numbers) + 1 : count;
    long *numbers = calloc(room ? room : 1, sizeof *numbers);
    if (!numbers) return zg_no_memory(error);
    zg_status status = ZG_OK;
    if (generator->numbers)
        (void)parse_numbers(generator->numbers, numbers, &count);
    else
        status = (three ? zg_three_partition_draw : zg_partition_draw)(
            count, generator->highest, generator->answer, generator->seed, numbers, error);
    if (status == ZG_OK)
        status =
            (three ? zg_three_partition_create : zg_partition_create)(count, numbers, out, error);
    free(numbers);
    return status;
}

zg_status zg_generator_create(const zg_generator *generator, zg_dataset **out, zg_error *error)
{
    const zg_planted *p = &generator->planted;
    zg_planted_sparse sparse = {p->n, p->d, p->neurons, p->noise, p->seed};
    switch (generator->kind) {
    case ZG_GENERATOR_PLANTED:
        return zg_planted_create(p, out, error);
    case ZG_GENERATOR_PLANTED_SPARSE:
        return zg_planted_sparse_create(&sparse, out, error);
    default:
        return create_partition(generator, out, error);
    }
}
