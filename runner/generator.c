/* Data that are made, not read: generators by name, their keys in suites, their rows. */
#include "runner/generator.h"

#include "baselines/weight_decay/hard_instances.h"
#include "core/critic_generator.h"
#include "core/model_settings.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#define SEED_LIMIT 4294967295.0
#define SIZE_LIMIT 1e9
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const names[ZG_GENERATOR_COUNT] = {
    [ZG_GENERATOR_PLANTED] = "planted",     [ZG_GENERATOR_PLANTED_SPARSE] = "planted-sparse",
    [ZG_GENERATOR_PARTITION] = "partition", [ZG_GENERATOR_THREE_PARTITION] = "three-partition",
    [ZG_GENERATOR_NARX] = "narx",           [ZG_GENERATOR_TANKS] = "tanks",
    [ZG_GENERATOR_DUFFING] = "duffing",     [ZG_GENERATOR_VOLTERRA] = "volterra",
    [ZG_GENERATOR_DEFINITE] = "definite",   [ZG_GENERATOR_LQR] = "lqr",
    [ZG_GENERATOR_OBSERVER] = "observer",   [ZG_GENERATOR_PARTICLES] = "particles",
    [ZG_GENERATOR_SAMPLES] = "samples",
};

/* clang-format off */
static const zg_key planted_keys[] = {
    {{"n", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "samples"}, false},
    {{"d", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "inputs"}, false},
    {{"neurons", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "of the planted network"}, false},
    {{"noise", ZG_OPTION_NUMBER, "0.1", NULL, 0, DBL_MAX, "standard deviation added to the targets"}, false},
    {{"features", ZG_OPTION_CHOICE, "gaussian", "gaussian,gaussian4", 0, 0, "N(0,1), or its fourth power"}, false},
    {{"activation", ZG_OPTION_TEXT, ZG_DEFAULT_ACTIVATION, NULL, 0, 0, "of the planted network"}, false},
    {{"labels", ZG_OPTION_CHOICE, "none", "none,median", 0, 0, "targets, or two classes: 1 above the targets' median, else -1"}, false},
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

#define DYNAMICS_KEYS \
    {{"n", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "samples"}, false}, \
    {{"noise", ZG_OPTION_NUMBER, NULL, NULL, 0, DBL_MAX, "standard deviation added to the output"}, false}, \
    {{"seed", ZG_OPTION_INTEGER, "0", NULL, 0, SEED_LIMIT, "of numpy.random.RandomState"}, false}

static const zg_key dynamics_keys[] = {DYNAMICS_KEYS};

static const zg_key volterra_keys[] = {
    DYNAMICS_KEYS,
    {{"length", ZG_OPTION_INTEGER, "30", NULL, 1, 1000, "of the kernel: inputs of a row"}, false},
    {{"branches", ZG_OPTION_INTEGER, "2", NULL, 1, 2, "filters whose squares are added"}, false},
};

static const zg_key definite_keys[] = {
    DYNAMICS_KEYS,
    {{"d", ZG_OPTION_INTEGER, NULL, NULL, 1, 1000, "inputs"}, false},
};

#define CONTROL_KEYS \
    {{"n", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "rows; without: twice the coefficients"}, false}, \
    {{"seed", ZG_OPTION_INTEGER, "0", NULL, 0, SEED_LIMIT, "of numpy.random.RandomState"}, false}, \
    {{"discount", ZG_OPTION_NUMBER, "1", NULL, ZG_ABOVE_ZERO, 1, "of costs a step ahead, in the problem"}, false}, \
    {{"iteration", ZG_OPTION_INTEGER, "0", NULL, 0, 1000, "which policy of Hewer's sequence"}, false}, \
    {{"explore", ZG_OPTION_FLAG, "true", NULL, 0, 0, "whether the first input is drawn, not the policy's"}, false}, \
    {{"rollout.discount", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, 1, "in the measured costs; without: the problem's"}, false}, \
    {{"rollout.steps", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "measured; without: until nothing is left"}, false}

static const zg_key particles_keys[] = {
    {{"n", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "particles"}, false},
    {{"d", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "dimensions"}, false},
    {{"potential", ZG_OPTION_CHOICE, "gaussian", "gaussian,quartic", 0, 0, "V of the target exp(-V)"}, false},
    {{"seed", ZG_OPTION_INTEGER, "0", NULL, 0, SEED_LIMIT, "of numpy.random.RandomState"}, false},
};

static const zg_key samples_keys[] = {
    {{"n", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "rows of the first sample"}, false},
    {{"m", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "rows of the second, drawn; without `within`"}, false},
    {{"d", ZG_OPTION_INTEGER, NULL, NULL, 1, SIZE_LIMIT, "inputs"}, false},
    {{"seed", ZG_OPTION_INTEGER, "0", NULL, 0, SEED_LIMIT, "of numpy.random.RandomState"}, false},
    {{"within", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, DBL_MAX, "make the second sample: the least that no critic tells from the first by more"}, false},
    {{"activation", ZG_OPTION_TEXT, ZG_DEFAULT_ACTIVATION, NULL, 0, 0, "of these critics"}, false},
};

static const zg_key observer_keys[] = {CONTROL_KEYS};

static const zg_key lqr_keys[] = {
    CONTROL_KEYS,
    {{"system", ZG_OPTION_CHOICE, NULL, "double-integrator,random,quadrotor", 0, 0, "a system by name"}, false},
    {{"a", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "or x+ = A x + B u, as \"1, 0.1; 0, 1\""}, false},
    {{"b", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "likewise"}, false},
    {{"q", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "weights of the states"}, false},
    {{"r", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "weights of the inputs"}, false},
    {{"k", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "the first policy u = -K x; without: zero"}, false},
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
    case ZG_GENERATOR_NARX:
    case ZG_GENERATOR_TANKS:
    case ZG_GENERATOR_DUFFING:
        *keys = dynamics_keys;
        *count = COUNT(dynamics_keys);
        return;
    case ZG_GENERATOR_VOLTERRA:
        *keys = volterra_keys;
        *count = COUNT(volterra_keys);
        return;
    case ZG_GENERATOR_PARTICLES:
        *keys = particles_keys;
        *count = COUNT(particles_keys);
        return;
    case ZG_GENERATOR_SAMPLES:
        *keys = samples_keys;
        *count = COUNT(samples_keys);
        return;
    case ZG_GENERATOR_DEFINITE:
        *keys = definite_keys;
        *count = COUNT(definite_keys);
        return;
    case ZG_GENERATOR_LQR:
        *keys = lqr_keys;
        *count = COUNT(lqr_keys);
        return;
    case ZG_GENERATOR_OBSERVER:
        *keys = observer_keys;
        *count = COUNT(observer_keys);
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
    const char *labels = zg_settings_get(settings, "labels");
    out->median = labels && strcmp(labels, "median") == 0;
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

/* ---- dynamical systems ------------------------------------------------------------------------ */

static bool is_dynamics(zg_generator_kind kind)
{
    return kind >= ZG_GENERATOR_NARX && kind <= ZG_GENERATOR_DEFINITE;
}

static zg_status read_dynamics(zg_generator_kind kind, const zg_settings *settings,
                               const zg_yaml *entry, zg_dynamics *out, zg_error *error)
{
    static const double noise[] = {0.05, 0.01, 0.002, 0.1, 1};
    static const char *const required[] = {"n", "d"};
    zg_system system = (zg_system)(kind - ZG_GENERATOR_NARX);
    bool definite = system == ZG_SYSTEM_DEFINITE;
    *out =
        (zg_dynamics){.system = system,
                      .n = (size_t)zg_settings_number(settings, "n", 0),
                      .length = (size_t)zg_settings_number(settings, definite ? "d" : "length", 30),
                      .branches = (size_t)zg_settings_number(settings, "branches", 2),
                      .noise = zg_settings_number(settings, "noise", noise[system]),
                      .seed = (uint32_t)zg_settings_number(settings, "seed", 0)};
    return require(settings, entry, required, definite ? 2 : 1, error);
}

bool zg_generator_controls(const zg_generator *generator)
{
    return generator->kind == ZG_GENERATOR_LQR || generator->kind == ZG_GENERATOR_OBSERVER;
}

zg_status zg_control_system(const zg_control_source *source, zg_lq **out, zg_error *error)
{
    zg_status status = source->system ? zg_lq_create(source->system, source->discount, out, error)
                                      : zg_lq_parse(source->a, source->b, source->q, source->r,
                                                    source->k, source->discount, out, error);
    if (status == ZG_OK) status = zg_lq_improve(*out, source->iteration, error);
    return status;
}

/* Systems are small: what does not fit together is told before anything runs. */
static zg_status check_control(zg_control_source *source, const zg_yaml *entry, zg_error *error)
{
    zg_lq *lq = NULL;
    zg_status status = zg_control_system(source, &lq, error);
    if (status == ZG_OK && source->sampling.rows == 0) {
        size_t order = lq->window + lq->inputs;
        source->sampling.rows = order * (order + 1);
    }
    zg_lq_free(lq);
    return status == ZG_OK ? ZG_OK : zg_yaml_position(entry, error);
}

static zg_status read_control(zg_generator_kind kind, const zg_settings *settings,
                              const zg_yaml *entry, zg_control_source *out, zg_error *error)
{
    static const char *const matrices[] = {"a", "b", "q", "r"};
    const char *explore = zg_settings_get(settings, "explore");
    double discount = zg_settings_number(settings, "discount", 1);
    *out = (zg_control_source){
        .system = zg_settings_get(settings, "system"),
        .a = zg_settings_get(settings, "a"),
        .b = zg_settings_get(settings, "b"),
        .q = zg_settings_get(settings, "q"),
        .r = zg_settings_get(settings, "r"),
        .k = zg_settings_get(settings, "k"),
        .discount = discount,
        .iteration = (size_t)zg_settings_number(settings, "iteration", 0),
        .sampling = {.rows = (size_t)zg_settings_number(settings, "n", 0),
                     .seed = (uint32_t)zg_settings_number(settings, "seed", 0),
                     .discount = zg_settings_number(settings, "rollout.discount", discount),
                     .steps = (size_t)zg_settings_number(settings, "rollout.steps", 0),
                     .explore = !explore || strcmp(explore, "true") == 0}};
    if (kind == ZG_GENERATOR_OBSERVER) out->system = "observer";
    bool own = out->a || out->b || out->q || out->r || out->k;
    if (out->system && own)
        return zg_yaml_fail(entry, error, "expected either system or matrices, found both");
    zg_status status =
        out->system ? ZG_OK : require(settings, entry, matrices, COUNT(matrices), error);
    return status == ZG_OK ? check_control(out, entry, error) : status;
}

static zg_status create_control(const zg_control_source *source, zg_dataset **out, zg_error *error)
{
    zg_lq *lq = NULL;
    zg_status status = zg_control_system(source, &lq, error);
    if (status == ZG_OK) status = zg_lq_rows(lq, &source->sampling, out, error);
    zg_lq_free(lq);
    return status;
}

static zg_status read_particles(const zg_settings *settings, const zg_yaml *entry,
                                zg_particles *out, zg_error *error)
{
    static const char *const required[] = {"n", "d"};
    zg_status status = require(settings, entry, required, COUNT(required), error);
    if (status != ZG_OK) return status;
    const char *potential = zg_settings_get(settings, "potential");
    *out = (zg_particles){.n = (size_t)zg_settings_number(settings, "n", 0),
                          .d = (size_t)zg_settings_number(settings, "d", 0),
                          .seed = (uint32_t)zg_settings_number(settings, "seed", 0)};
    return potential ? zg_potential_parse(potential, &out->potential, error) : ZG_OK;
}

static zg_status read_samples(const zg_settings *settings, const zg_yaml *entry,
                              zg_sample_source *out, zg_error *error)
{
    static const char *const required[] = {"n", "d"};
    const zg_setting *m = zg_settings_find(settings, "m"),
                     *within = zg_settings_find(settings, "within");
    const char *activation = zg_settings_get(settings, "activation");
    zg_status status = require(settings, entry, required, COUNT(required), error);
    if (status == ZG_OK && !m == !within)
        status = zg_yaml_fail(entry, error, "expected either m or within in this entry, found %s",
                              m ? "both" : "none");
    if (status == ZG_OK && activation && m)
        status = zg_yaml_fail(entry, error,
                              "expected within beside activation, that of the critics it is about, "
                              "found m");
    if (status != ZG_OK) return status;
    *out = (zg_sample_source){.drawn = {.n = (size_t)zg_settings_number(settings, "n", 0),
                                        .m = (size_t)zg_settings_number(settings, "m", 0),
                                        .d = (size_t)zg_settings_number(settings, "d", 0),
                                        .seed = (uint32_t)zg_settings_number(settings, "seed", 0)},
                              .within = zg_settings_number(settings, "within", 0)};
    return zg_activation_parse(activation ? activation : ZG_DEFAULT_ACTIVATION, &out->activation,
                               error);
}

/* The second sample behind the first. */
static zg_status add_made(const zg_sample_source *source, const zg_dataset *real, zg_dataset **out,
                          zg_error *error)
{
    size_t n = real->rows, d = real->inputs;
    zg_critic_generator made;
    zg_status status =
        zg_critic_generator_create(n, d, real->x, source->activation, source->within, &made, error);
    if (status != ZG_OK) return status;
    status = zg_dataset_alloc(2 * n, d, 1, out, error);
    if (status == ZG_OK) {
        memcpy((*out)->x, real->x, n * d * sizeof *real->x);
        zg_critic_generator_apply(&made, n, real->x, (*out)->x + n * d);
        for (size_t i = 0; i < 2 * n; i++)
            (*out)->t[i] = i < n ? 1.0 : -1.0;
    }
    zg_critic_generator_clear(&made);
    return status;
}

static zg_status create_samples(const zg_sample_source *source, zg_dataset **out, zg_error *error)
{
    zg_dataset *drawn = NULL;
    zg_status status = zg_samples_create(&source->drawn, &drawn, error);
    if (status != ZG_OK || !(source->within > 0)) {
        *out = drawn;
        return status;
    }
    status = add_made(source, drawn, out, error);
    zg_dataset_free(drawn);
    return status;
}

zg_status zg_generator_read(zg_generator_kind kind, const zg_settings *settings,
                            const zg_yaml *node, zg_generator *out, zg_error *error)
{
    *out = (zg_generator){.kind = kind};
    if (kind == ZG_GENERATOR_PLANTED || kind == ZG_GENERATOR_PLANTED_SPARSE)
        return read_planted(settings, node, &out->planted, error);
    if (kind == ZG_GENERATOR_PARTICLES)
        return read_particles(settings, node, &out->particles, error);
    if (kind == ZG_GENERATOR_SAMPLES) return read_samples(settings, node, &out->samples, error);
    if (is_dynamics(kind)) return read_dynamics(kind, settings, node, &out->dynamics, error);
    if (zg_generator_controls(out)) return read_control(kind, settings, node, &out->control, error);
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
    if (is_dynamics(generator->kind)) return zg_dynamics_create(&generator->dynamics, out, error);
    if (zg_generator_controls(generator)) return create_control(&generator->control, out, error);
    switch (generator->kind) {
    case ZG_GENERATOR_PLANTED:
        return zg_planted_create(p, out, error);
    case ZG_GENERATOR_PARTICLES:
        return zg_particles_create(&generator->particles, out, error);
    case ZG_GENERATOR_SAMPLES:
        return create_samples(&generator->samples, out, error);
    case ZG_GENERATOR_PLANTED_SPARSE:
        return zg_planted_sparse_create(&sparse, out, error);
    default:
        return create_partition(generator, out, error);
    }
}
