/* Adapters in entries of methods: what a suite names, and what the command line puts there. */
#include "runner/suite_parts.h"

#include "solvers/adapter.h"

#include <limits.h>
#include <string.h>

static bool has_option(const zg_method *method, const char *name)
{
    for (size_t i = 0; i < method->option_count; i++)
        if (strcmp(method->options[i].name, name) == 0) return true;
    return false;
}

/* The adapter, read now so that mistakes in it are told before anything runs; it gives the entry
 * its name. */
static zg_status check_adapter(zg_suite_reader *reader, zg_variant *variant, zg_setting *setting)
{
    char path[PATH_MAX];
    zg_adapter *adapter;
    zg_error unknown = {0};
    if (zg_adapter_find(setting->text, path, sizeof path, &unknown) != ZG_OK)
        return zg_yaml_fail(setting->node, reader->error, "%s", unknown.message);
    zg_status status = zg_adapter_load(path, &adapter, reader->error); /* it says where */
    if (status != ZG_OK) return status;
    variant->label = zg_arena_copy(reader->arena, adapter->name, strlen(adapter->name));
    setting->varied = false; /* the label says it */
    zg_adapter_free(adapter);
    return variant->label ? ZG_OK : zg_no_memory(reader->error);
}

zg_status zg_adapters_resolve(zg_suite_reader *reader, zg_variant *variant)
{
    zg_status status = ZG_OK;
    if (has_option(variant->method, "adapter") && !zg_settings_find(variant->settings, "adapter") &&
        !zg_settings_find(variant->settings, "command"))
        return zg_yaml_fail(variant->entry, reader->error,
                            "expected the key command or adapter in this entry, found none");
    for (size_t i = 0; i < variant->method->option_count && status == ZG_OK; i++) {
        const zg_option *option = &variant->method->options[i];
        bool file = option->type == ZG_OPTION_FILE;
        if (!file && option->type != ZG_OPTION_PLACE) continue;
        zg_setting *setting = (zg_setting *)zg_settings_find(variant->settings, option->name);
        if (!setting) continue;
        bool instead = setting->text == reader->world->adapter ||
                       setting->text == reader->world->program; /* of the command line */
        if (!instead) status = zg_suite_path(reader, setting->node, &setting->text);
        if (status == ZG_OK && file) status = check_adapter(reader, variant, setting);
    }
    return status;
}

/* The node of a value that the command line gives. */
static zg_yaml *given_value(zg_suite_reader *reader, const zg_yaml *entry, const char *text)
{
    zg_yaml *node = zg_arena_alloc(reader->arena, sizeof *node);
    if (!node) return NULL;
    *node = *entry;
    node->kind = ZG_YAML_SCALAR;
    node->text = text;
    node->plain = false;
    node->count = 0;
    return node;
}

zg_status zg_adapters_override(zg_suite_reader *reader, const zg_yaml **entry)
{
    const zg_world *world = reader->world;
    const char *const keys[] = {"adapter", "program"}, *const texts[] = {world->adapter,
                                                                         world->program};
    const zg_yaml *old = *entry;
    if ((!texts[0] && !texts[1]) || old->kind != ZG_YAML_MAPPING || !zg_yaml_get(old, keys[0]))
        return ZG_OK;
    zg_yaml *copy = zg_arena_alloc(reader->arena, sizeof *copy);
    if (!copy) return zg_no_memory(reader->error);
    *copy = *old;
    copy->count = 0;
    copy->keys = zg_arena_array(reader->arena, old->count + 1, sizeof *copy->keys);
    copy->items = zg_arena_array(reader->arena, old->count + 1, sizeof *copy->items);
    if (!copy->keys || !copy->items) return zg_no_memory(reader->error);
    for (size_t i = 0; i < old->count; i++) {
        const char *key = old->keys[i]->text;
        if (texts[1] && strcmp(key, keys[1]) == 0) continue;
        copy->keys[copy->count] = old->keys[i];
        copy->items[copy->count++] = texts[0] && strcmp(key, keys[0]) == 0
                                         ? given_value(reader, old, texts[0])
                                         : old->items[i];
    }
    if (texts[1]) {
        copy->keys[copy->count] = given_value(reader, old, keys[1]);
        copy->items[copy->count++] = given_value(reader, old, texts[1]);
    }
    for (size_t i = 0; i < copy->count; i++)
        if (!copy->keys[i] || !copy->items[i]) return zg_no_memory(reader->error);
    *entry = copy;
    reader->overridden = true;
    return ZG_OK;
}
