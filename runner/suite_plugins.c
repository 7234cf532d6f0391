/* Plug-ins of suites: methods beside those of the program. */
#include "runner/suite_parts.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

zg_status zg_suite_path(zg_suite_reader *reader, const zg_yaml *node, const char **path)
{
    char *expanded = NULL;
    if (!strchr(*path, '/') && !strchr(*path, '$')) return ZG_OK;
    zg_status status = zg_path_expand(*path, &expanded, reader->error);
    if (status != ZG_OK) return zg_yaml_position(node, reader->error);
    bool relative = strchr(expanded, '/') && expanded[0] != '/' && strcmp(reader->folder, ".") != 0;
    *path = relative ? zg_arena_printf(reader->arena, "%s/%s", reader->folder, expanded)
                     : zg_arena_copy(reader->arena, expanded, strlen(expanded));
    free(expanded);
    return *path ? ZG_OK : zg_no_memory(reader->error);
}

/* Loads one more; its method must have a name of its own. */
static zg_status add(zg_suite_reader *reader, const char *path, zg_suite *suite)
{
    zg_world *world = (zg_world *)reader->world; /* our own copy */
    const zg_method **methods = (const zg_method **)world->methods;
    zg_plugin *plugin;
    zg_status status = zg_plugin_load(path, &plugin, reader->error);
    if (status != ZG_OK) return status;
    suite->plugins[suite->plugin_count++] = plugin;
    for (size_t i = 0; i < world->method_count; i++)
        if (strcmp(methods[i]->name, plugin->method.name) == 0)
            return zg_fail(reader->error, ZG_BAD_INPUT,
                           "%.300s: there is a method %.60s already, a plug-in needs another name",
                           path, plugin->method.name);
    methods[world->method_count++] = &plugin->method;
    return ZG_OK;
}

static zg_status add_listed(zg_suite_reader *reader, const zg_yaml *node, zg_suite *suite)
{
    const char *path;
    zg_status status = zg_yaml_text(node, &path, reader->error);
    if (status == ZG_OK) status = zg_suite_path(reader, node, &path);
    if (status != ZG_OK) return status;
    status = add(reader, path, suite);
    return status == ZG_OK ? ZG_OK : zg_yaml_position(node, reader->error);
}

zg_status zg_read_plugins(zg_suite_reader *reader, const zg_yaml *list, zg_suite *suite)
{
    const zg_world *old = reader->world;
    char found[96];
    if (list && list->kind != ZG_YAML_LIST)
        return zg_yaml_fail(list, reader->error, "expected a list of files for plugins, found %s",
                            zg_yaml_describe(list, found, sizeof found));
    size_t most = old->plugin_count + (list ? list->count : 0);
    if (most == 0) return ZG_OK;
    zg_world *world = zg_arena_alloc(reader->arena, sizeof *world);
    const zg_method **methods =
        zg_arena_array(reader->arena, old->method_count + most, sizeof *methods);
    suite->plugins = zg_arena_array(reader->arena, most, sizeof *suite->plugins);
    if (!world || !methods || !suite->plugins) return zg_no_memory(reader->error);
    memcpy(methods, old->methods, old->method_count * sizeof *methods);
    *world = *old;
    world->methods = methods;
    reader->world = world;
    zg_status status = ZG_OK;
    for (size_t i = 0; i < old->plugin_count && status == ZG_OK; i++)
        status = add(reader, old->plugins[i], suite);
    for (size_t i = 0; list && i < list->count && status == ZG_OK; i++)
        status = add_listed(reader, list->items[i], suite);
    return status;
}
