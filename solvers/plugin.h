/*
 * Plug-ins: methods in shared objects, by the interface of zerogap-plugin.h.
 *
 * A plug-in is loaded in child processes only: one that asks for its description, and one for every
 * solve, which streams the iterates.  So it can crash, exit, hang, print and write over its memory;
 * this process sees a channel that says something or nothing, and judges the points by itself.
 */
#ifndef ZG_SOLVERS_PLUGIN_H
#define ZG_SOLVERS_PLUGIN_H

#include "base/arena.h"
#include "core/method.h"

typedef struct zg_plugin {
    zg_method method; /* its own name; options: the file, the host's, the plug-in's */
    zg_arena arena;
} zg_plugin;

/* Describes the plug-in of a file; a path without a slash counts from the current directory.
 * ZG_BAD_INPUT says what is wrong with it: no shared object, no zgp_plugin_get, another version, a
 * description with mistakes, a crash while it is loaded. */
zg_status zg_plugin_load(const char *path, zg_plugin **out, zg_error *error);
void zg_plugin_free(zg_plugin *plugin);

#endif
