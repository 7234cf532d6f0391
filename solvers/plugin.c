/* Plug-ins as methods: the description is asked for in a child process (see plugin.h). */
#include "solvers/plugin.h"

#include "base/command.h"
#include "base/plain.h"
#include "solvers/plugin_parts.h"
#include "solvers/plugin_process.h"
#include "solvers/plugin_solve.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE 10.0 /* seconds that a plug-in may take to describe itself */

/* The host's options, before the plug-in's own. */
static const zg_option options[ZG_PLUGIN_OWN] = {
    {"plugin", ZG_OPTION_PLACE, "", NULL, 0, 0, "the shared object"},
    {"compress", ZG_OPTION_FLAG, "true", NULL, 0, 0,
     "QR reduction of the samples to at most as many rows as features (squared loss)"},
    {"scale", ZG_OPTION_FLAG, "true", NULL, 0, 0, "equilibrate the program"},
    ZG_DIMACS_LIMIT_OPTION,
};

static bool terminated(char *text, size_t size)
{
    text[size - 1] = '\0';
    return zg_is_plain(text);
}

static const char *keep(zg_plugin *plugin, const char *text)
{
    return zg_arena_copy(&plugin->arena, text, strlen(text));
}

static zg_status read_option(zg_plugin_process *process, zg_plugin *plugin, const char *path,
                             zg_option *out, zg_error *error)
{
    zg_plugin_option option;
    zg_status status = zg_plugin_read(process, &option, sizeof option, PATIENCE);
    if (status == ZG_OK && (!terminated(option.name, sizeof option.name) ||
                            !terminated(option.fallback, sizeof option.fallback) ||
                            !terminated(option.help, sizeof option.help)))
        status = ZG_FAILED;
    if (status != ZG_OK)
        return zg_fail(error, ZG_BAD_INPUT, "%.300s: its options cannot be read", path);
    for (size_t i = 0; i < plugin->method.option_count; i++)
        if (strcmp(plugin->method.options[i].name, option.name) == 0)
            return zg_fail(error, ZG_BAD_INPUT, "%.300s: the option %.60s is there twice%s", path,
                           option.name, i < ZG_PLUGIN_OWN ? ", every plug-in has it" : "");
    *out = (zg_option){.name = keep(plugin, option.name),
                       .type = ZG_OPTION_TEXT,
                       .fallback = keep(plugin, option.fallback),
                       .help = keep(plugin, option.help)};
    plugin->method.option_count++;
    return out->name && out->fallback && out->help ? ZG_OK : zg_no_memory(error);
}

static zg_status read_options(zg_plugin_process *process, zg_plugin *plugin, const char *path,
                              uint32_t count, zg_error *error)
{
    zg_option *all = zg_arena_array(&plugin->arena, ZG_PLUGIN_OWN + count, sizeof *all);
    if (!all) return zg_no_memory(error);
    memcpy(all, options, sizeof options);
    all[ZG_PLUGIN_FILE].fallback = path;
    plugin->method.options = all;
    plugin->method.option_count = ZG_PLUGIN_OWN;
    zg_status status = ZG_OK;
    for (uint32_t i = 0; i < count && status == ZG_OK; i++)
        status = read_option(process, plugin, path, &all[ZG_PLUGIN_OWN + i], error);
    return status;
}

static zg_status no_description(zg_plugin_process *process, const char *path, zg_status status,
                                zg_error *error)
{
    char how[96];
    if (status == ZG_TIMEOUT)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.300s: the plug-in did not describe itself within %g s", path, PATIENCE);
    zg_plugin_end(process, 1);
    zg_ending_describe(&process->ending, how, sizeof how);
    return zg_fail(error, ZG_BAD_INPUT, "%.300s: its process %s while it was loaded", path, how);
}

static zg_status read_description(zg_plugin_process *process, zg_plugin *plugin, const char *path,
                                  zg_error *error)
{
    zg_plugin_description about;
    zg_status status = zg_plugin_read(process, &about, sizeof about, PATIENCE);
    if (status != ZG_OK) return no_description(process, path, status, error);
    about.trouble[sizeof about.trouble - 1] = '\0';
    zg_make_plain(about.trouble);
    if (about.trouble[0]) return zg_fail(error, ZG_BAD_INPUT, "%.300s %s", path, about.trouble);
    if (about.magic != ZG_PLUGIN_MAGIC || about.count > ZG_PLUGIN_OPTIONS ||
        !terminated(about.name, sizeof about.name) || !terminated(about.about, sizeof about.about))
        return zg_fail(error, ZG_BAD_INPUT, "%.300s: its description cannot be read", path);
    plugin->method = (zg_method){.name = keep(plugin, about.name),
                                 .summary = keep(plugin, about.about),
                                 .convex = true,
                                 .check = zg_plugin_check,
                                 .solve = zg_plugin_solve,
                                 .asked_anyway = true,
                                 .identify = zg_plugin_identify};
    if (!plugin->method.name || !plugin->method.summary) return zg_no_memory(error);
    return read_options(process, plugin, path, about.count, error);
}

zg_status zg_plugin_load(const char *path, zg_plugin **out, zg_error *error)
{
    char full[PATH_MAX];
    zg_plugin_process process;
    *out = NULL;
    if (!realpath(path, full))
        return zg_fail(error, ZG_BAD_INPUT, "there is no plug-in %.300s", path);
    zg_plugin *plugin = calloc(1, sizeof *plugin);
    if (!plugin) return zg_no_memory(error);
    const char *kept = keep(plugin, full);
    zg_status status = kept ? zg_plugin_start(zg_plugin_describe_child, full, NULL, &process, error)
                            : zg_no_memory(error);
    if (status == ZG_OK) {
        status = read_description(&process, plugin, kept, error);
        zg_plugin_end(&process, 0);
    }
    if (status == ZG_OK)
        *out = plugin;
    else
        zg_plugin_free(plugin);
    return status;
}

void zg_plugin_free(zg_plugin *plugin)
{
    if (!plugin) return;
    zg_arena_clear(&plugin->arena);
    free(plugin);
}
