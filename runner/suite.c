/* Loading suites: the top level of the file, and the product of data, models and methods. */
#include "runner/suite.h"

#include "base/plain.h"
#include "runner/suite_parts.h"

#include <float.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
static const zg_key top_keys[] = {
    {{"suite", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "name of the suite"}, false},
    {{"about", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "one sentence on what it shows"}, false},
    {{"limits.seconds", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, 1e9, "wall clock of one repetition"}, false},
    {{"limits.cpu_seconds", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, 1e9, "processor time of one repetition"}, false},
    {{"limits.memory_mb", ZG_OPTION_NUMBER, NULL, NULL, 16, 1e9, "memory of all processes, MiB"}, false},
    {{"limits.disk_mb", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, 1e9, "written to scratch files and output, MiB"}, false},
    {{"limits.processes", ZG_OPTION_INTEGER, NULL, NULL, 1, 1e6, "processes at a time"}, false},
    {{"tolerance", ZG_OPTION_NUMBER, "1e-6", NULL, ZG_ABOVE_ZERO, 1, "relative certified gap aimed at"}, false},
    {{"repeat", ZG_OPTION_INTEGER, "1", NULL, 1, 10000, "measurements of each case"}, false},
    {{"threads", ZG_OPTION_INTEGER, "1", NULL, 1, 1024, "BLAS threads of a case"}, false},
    {{"progress_seconds", ZG_OPTION_NUMBER, "0.1", NULL, 0, 3600, "least time between progress events of fast iterations"}, false},
    {{"verify", ZG_OPTION_CHOICE, "none", "none,exact", 0, 0, "whether the exact checker must confirm"}, false},
};
/* clang-format on */

static const char *const sections[] = {"data", "model", "methods", "expect", "claims", "plugins"};

static bool is_section(const char *key)
{
    for (size_t i = 0; i < COUNT(sections); i++)
        if (strcmp(sections[i], key) == 0) return true;
    return false;
}

/* An unknown key of the top level, with sections and plain keys as candidates. */
static zg_status unknown_top_key(const zg_yaml *key, zg_error *error)
{
    static const char *const names[] = {
        "suite",  "about", "limits", "tolerance", "repeat", "threads", "progress_seconds",
        "verify", "data",  "model",  "methods",   "expect", "claims",  "plugins"};
    zg_fail_unknown(error, "key", key->text, names, COUNT(names));
    return zg_yaml_position(key, error);
}

static zg_status check_limits(const zg_settings *top, zg_suite *suite, zg_error *error)
{
    suite->limits.seconds = zg_settings_number(top, "limits.seconds", 0);
    suite->limits.cpu_seconds = zg_settings_number(top, "limits.cpu_seconds", 0);
    suite->limits.memory_mb = zg_settings_number(top, "limits.memory_mb", 0);
    suite->limits.disk_mb = zg_settings_number(top, "limits.disk_mb", 0);
    suite->limits.processes = (size_t)zg_settings_number(top, "limits.processes", 0);
    const zg_setting *cpu = zg_settings_find(top, "limits.cpu_seconds");
    if (cpu && suite->limits.seconds > 0 &&
        suite->limits.cpu_seconds > suite->limits.seconds * (double)suite->threads)
        return zg_yaml_fail(cpu->node, error,
                            "contradictory limits: %g processor seconds cannot pass in %g seconds "
                            "on %zu thread%s",
                            suite->limits.cpu_seconds, suite->limits.seconds, suite->threads,
                            suite->threads == 1 ? "" : "s");
    return ZG_OK;
}

static zg_status check_top(const zg_settings *top, const zg_yaml *root, zg_suite *suite,
                           zg_error *error)
{
    suite->name = zg_settings_get(top, "suite");
    if (!suite->name)
        return zg_yaml_fail(root, error,
                            "expected the key suite with the suite's name, found none");
    if (!zg_is_plain(suite->name))
        return zg_yaml_fail(zg_settings_find(top, "suite")->node, error,
                            "expected a name without control characters, found \"%.80s\"",
                            suite->name);
    suite->about = zg_settings_get(top, "about");
    suite->tolerance = zg_settings_number(top, "tolerance", 1e-6);
    suite->repeat = (size_t)zg_settings_number(top, "repeat", 1);
    suite->threads = (size_t)zg_settings_number(top, "threads", 1);
    suite->progress_seconds = zg_settings_number(top, "progress_seconds", 0.1);
    const char *verify = zg_settings_get(top, "verify");
    suite->verify_exact = verify && strcmp(verify, "exact") == 0;
    return check_limits(top, suite, error);
}

/* The keys of the top level but the sections, none of which may vary. */
static zg_status read_top(zg_suite_reader *reader, const zg_yaml *root, zg_suite *suite)
{
    char found[96];
    if (root->kind != ZG_YAML_MAPPING)
        return zg_yaml_fail(root, reader->error,
                            "expected a mapping with suite, data, model and "
                            "methods, found %s",
                            zg_yaml_describe(root, found, sizeof found));
    zg_yaml *rest = zg_arena_alloc(reader->arena, sizeof *rest);
    if (!rest) return zg_no_memory(reader->error);
    *rest = *root;
    rest->count = 0;
    rest->keys = zg_arena_array(reader->arena, root->count, sizeof(zg_yaml *));
    rest->items = zg_arena_array(reader->arena, root->count, sizeof(zg_yaml *));
    if (!rest->keys || !rest->items) return zg_no_memory(reader->error);
    for (size_t i = 0; i < root->count; i++) {
        const char *key = root->keys[i]->text;
        if (is_section(key)) continue;
        bool known = strcmp(key, "limits") == 0;
        for (size_t k = 0; k < COUNT(top_keys) && !known; k++)
            known = strcmp(top_keys[k].option.name, key) == 0;
        if (!known || strchr(key, '.')) return unknown_top_key(root->keys[i], reader->error);
        if (root->items[i]->kind == ZG_YAML_LIST)
            return zg_yaml_fail(root->items[i], reader->error,
                                "expected one value for %s, found a list", key);
        rest->keys[rest->count] = root->keys[i];
        rest->items[rest->count++] = root->items[i];
    }
    zg_settings *variants;
    size_t count;
    zg_status status = zg_expand(rest, top_keys, COUNT(top_keys), "suite", reader->arena, &variants,
                                 &count, reader->error);
    if (status != ZG_OK) return status;
    for (size_t i = 0; i < variants->count; i++)
        if (variants->items[i].varied)
            return zg_yaml_fail(variants->items[i].node, reader->error,
                                "expected one value for %s, found a list", variants->items[i].key);
    return check_top(variants, root, suite, reader->error);
}

/* One case from one variant of each section. */
static zg_status set_case(zg_suite_reader *reader, const zg_suite *suite, const zg_variant *data,
                          const zg_variant *model, const zg_variant *method, zg_case *out)
{
    out->name =
        zg_arena_printf(reader->arena, "%s/%s/%s", data->label, model->label, method->label);
    if (!out->name) return zg_no_memory(reader->error);
    out->data_label = data->label;
    out->model_label = model->label;
    out->method_label = method->label;
    out->data_settings = data->settings;
    out->model_settings = model->settings;
    out->method_settings = method->settings;
    out->recipe = data->recipe;
    out->model = model->model;
    out->model.task = data->recipe.task;
    out->model.standardize = data->recipe.standardize;
    out->beta_relative = model->beta_relative;
    out->penalty = model->penalty;
    out->layers = model->layers;
    out->layer_features = model->layer_features;
    out->method = method->method;
    zg_status status = zg_values_create(method->method, &out->values, reader->error);
    for (size_t i = 0; status == ZG_OK && i < method->settings->count; i++) {
        const zg_setting *setting = &method->settings->items[i];
        if (strcmp(setting->key, "method") == 0 || strcmp(setting->key, "name") == 0 ||
            strcmp(setting->key, "only_data") == 0)
            continue;
        status =
            zg_values_set(method->method, out->values, setting->key, setting->text, reader->error);
        if (status != ZG_OK) zg_yaml_position(setting->node, reader->error);
    }
    if (status == ZG_OK) zg_case_key(out, suite, out->key);
    return status;
}

static bool is_part(const char *key)
{
    return strcmp(key, "fold") == 0 || strcmp(key, "retrained") == 0;
}

/* Whether two variants of data differ in the rows that validate only. */
static bool same_but_part(const zg_variant *a, const zg_variant *b)
{
    size_t i = 0, j = 0;
    const zg_settings *p = a->settings, *q = b->settings;
    if (a->entry != b->entry) return false;
    for (;; i++, j++) {
        while (i < p->count && is_part(p->items[i].key))
            i++;
        while (j < q->count && is_part(q->items[j].key))
            j++;
        if (i == p->count || j == q->count) return i == p->count && j == q->count;
        if (strcmp(p->items[i].key, q->items[j].key) != 0 ||
            strcmp(p->items[i].text, q->items[j].text) != 0)
            return false;
    }
}

/* The first variant of data that this one differs from in the rows that validate only; of models
 * and methods, the first of the entry. */
static size_t first_of(const zg_variants *variants, size_t at, bool data)
{
    const zg_variant *own = &variants->items[at];
    for (size_t i = 0; i < at; i++) {
        const zg_variant *other = &variants->items[i];
        if (data ? same_but_part(other, own) : other->entry == own->entry) return i;
    }
    return at;
}

/* What varies within an entry of models or methods is what is chosen from. */
static size_t group_of(const zg_variants parts[3], size_t data, size_t model, size_t method)
{
    if (parts[0].items[data].recipe.select == ZG_SELECT_NONE) return 0;
    size_t group = first_of(&parts[0], data, true);
    group = group * parts[1].count + first_of(&parts[1], model, false);
    return group * parts[2].count + first_of(&parts[2], method, false) + 1;
}

/* Whether a model or method is for this data. */
static bool is_for(const zg_variant *variant, const zg_variant *data)
{
    if (!variant->only_data) return true;
    for (const char *at = variant->only_data; *at;) {
        size_t length = strcspn(at, ",");
        if (zg_names_label(at, length, data->label)) return true;
        at += length;
        at += *at == ',';
    }
    return false;
}

/* Every name in only_data must be that of an entry. */
static zg_status check_only_data(zg_suite_reader *reader, const zg_variants *data,
                                 const zg_variants *variants)
{
    for (size_t i = 0; i < variants->count; i++) {
        const zg_variant *variant = &variants->items[i];
        for (const char *at = variant->only_data; at && *at;) {
            size_t length = strcspn(at, ",");
            bool found = false;
            for (size_t k = 0; k < data->count && !found; k++)
                found = zg_names_label(at, length, data->items[k].label);
            if (!found)
                return zg_yaml_fail(zg_settings_find(variant->settings, "only_data")->node,
                                    reader->error, "no data entry is called \"%.*s\"", (int)length,
                                    at);
            at += length;
            at += *at == ',';
        }
    }
    return ZG_OK;
}

static zg_status build_cases(zg_suite_reader *reader, const zg_yaml *root,
                             const zg_variants parts[3], zg_suite *suite)
{
    size_t limit = ZG_CASE_LIMIT;
    if (parts[0].count > limit / parts[1].count ||
        parts[0].count * parts[1].count > limit / parts[2].count)
        return zg_yaml_fail(root, reader->error, "this expands to more than %zu cases", limit);
    size_t total = parts[0].count * parts[1].count * parts[2].count;
    suite->cases = zg_arena_array(reader->arena, total, sizeof *suite->cases);
    if (!suite->cases) return zg_no_memory(reader->error);
    for (size_t i = 0; i < parts[0].count; i++)
        for (size_t j = 0; j < parts[1].count; j++)
            for (size_t k = 0; k < parts[2].count; k++) {
                if (!is_for(&parts[1].items[j], &parts[0].items[i]) ||
                    !is_for(&parts[2].items[k], &parts[0].items[i]))
                    continue;
                zg_case *item = &suite->cases[suite->case_count++];
                item->group = group_of(parts, i, j, k);
                zg_status status = set_case(reader, suite, &parts[0].items[i], &parts[1].items[j],
                                            &parts[2].items[k], item);
                if (status != ZG_OK) return status;
            }
    if (suite->case_count == 0)
        return zg_yaml_fail(root, reader->error, "no data, model and method go together");
    return ZG_OK;
}

/* What a suite without methods means: `methods: [auto]`.  NULL: no memory, or auto is no method of
 * this world. */
static const zg_yaml *automatic_methods(zg_suite_reader *reader, const zg_yaml *root)
{
    bool known = false;
    for (size_t i = 0; i < reader->world->method_count; i++)
        known = known || strcmp(reader->world->methods[i]->name, "auto") == 0;
    zg_yaml *word = zg_arena_alloc(reader->arena, sizeof *word);
    zg_yaml *list = zg_arena_alloc(reader->arena, sizeof *list);
    zg_yaml **items = zg_arena_alloc(reader->arena, sizeof *items);
    if (!known || !word || !list || !items) return NULL;
    *word = (zg_yaml){.kind = ZG_YAML_SCALAR,
                      .path = root->path,
                      .line = root->line,
                      .column = root->column,
                      .text = "auto",
                      .plain = true};
    items[0] = word;
    *list = *word;
    list->kind = ZG_YAML_LIST;
    list->count = 1;
    list->items = items;
    return list;
}

static zg_status read_suite(zg_suite_reader *reader, const zg_yaml *root, zg_suite *suite)
{
    zg_status status = read_top(reader, root, suite);
    if (status != ZG_OK) return status;
    const zg_yaml *lists[3];
    for (size_t i = 0; i < 3; i++) {
        lists[i] = zg_yaml_get(root, sections[i]);
        if (!lists[i] && i == 2) lists[i] = automatic_methods(reader, root);
        if (!lists[i])
            return zg_yaml_fail(root, reader->error, "expected the section %s, found none",
                                sections[i]);
    }
    zg_variants parts[3] = {{0}};
    status = zg_read_plugins(reader, zg_yaml_get(root, sections[5]), suite);
    if (status == ZG_OK) status = zg_read_data(reader, lists[0], &parts[0]);
    if (status == ZG_OK) status = zg_read_models(reader, lists[1], &parts[1]);
    if (status == ZG_OK) status = zg_read_methods(reader, lists[2], &parts[2]);
    for (size_t i = 1; i < 3 && status == ZG_OK; i++)
        status = check_only_data(reader, &parts[0], &parts[i]);
    if (status == ZG_OK) status = build_cases(reader, root, parts, suite);
    const zg_yaml *expect = zg_yaml_get(root, sections[3]);
    if (status == ZG_OK && expect) status = zg_read_expectations(reader, expect, suite);
    const zg_yaml *claims = zg_yaml_get(root, sections[4]);
    if (status == ZG_OK && claims) status = zg_read_claims(reader, claims, suite);
    return status;
}

zg_status zg_suite_load(const char *path, const zg_world *world, zg_suite **out, zg_error *error)
{
    *out = NULL;
    zg_suite *suite = calloc(1, sizeof *suite);
    if (!suite) return zg_no_memory(error);
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 1;
    zg_suite_reader reader = {.world = world, .arena = &suite->arena, .error = error};
    reader.folder = zg_arena_copy(&suite->arena, slash ? path : ".", length ? length : 1);
    suite->path = zg_arena_copy(&suite->arena, path, strlen(path));
    const zg_yaml *root;
    zg_status status = reader.folder && suite->path ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) status = zg_yaml_load(path, &suite->arena, &root, error);
    if (status == ZG_OK && !SHA256File(path, suite->digest))
        status = zg_fail(error, ZG_IO, "cannot read %.300s again", path);
    if (status == ZG_OK) status = read_suite(&reader, root, suite);
    if (status == ZG_OK)
        *out = suite;
    else
        zg_suite_free(suite);
    return status;
}

void zg_suite_free(zg_suite *suite)
{
    if (!suite) return;
    for (size_t i = 0; i < suite->case_count; i++)
        if (suite->cases[i].values) zg_values_free(suite->cases[i].method, suite->cases[i].values);
    for (size_t i = 0; i < suite->plugin_count; i++)
        zg_plugin_free(suite->plugins[i]);
    zg_arena_clear(&suite->arena);
    free(suite);
}
