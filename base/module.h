/*
 * Modules: parts of the program in shared objects of their own, since what they call has a licence
 * that must not meet another one in a binary (CSDP's and GLPK's).  They come with the program, from
 * one build, and are loaded by the process that needs them; what strangers write is a plug-in
 * (solvers/plugin.h), which is never loaded here.
 */
#ifndef ZG_BASE_MODULE_H
#define ZG_BASE_MODULE_H

#include "base/status.h"

#include <stddef.h>

/* What a module shows begins with this. */
typedef struct zg_module {
    const char *version; /* of the build: a host takes modules of its own version only */
} zg_module;

/* Writes the path of a module into path (size bytes): beside the library or the program, where
 * `meson install` puts it or where the build does.  ZG_MISSING, with the package to install, when
 * it is not there. */
zg_status zg_module_find(const char *name, char *path, size_t size, zg_error *error);

/* Loads the module and returns its description, the object `symbol`, which begins with a zg_module.
 * It stays loaded.  NULL, with the reason, where it cannot be loaded or is of another version. */
const void *zg_module_open(const char *path, const char *symbol, zg_error *error);

#endif
