/* Modules of the program (see module.h). */
#include "base/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of `object`, a file; false when it cannot be told. */
static bool folder_of(const char *object, char *folder)
{
    if (!realpath(object, folder)) return false;
    char *slash = strrchr(folder, '/');
    if (!slash) return false;
    *slash = '\0';
    return true;
}

static bool is_there(const char *folder, const char *place, const char *name, char *path,
                     size_t size)
{
    int written = snprintf(path, size, "%s/%s/%s.so", folder, place, name);
    return written > 0 && (size_t)written < size && access(path, R_OK) == 0;
}

/* The shared library knows itself; a program may be reached through any name, but the kernel knows
 * it.  Programs of the build lie in its folder, or up to two below. */
static bool search(const char *name, char *path, size_t size)
{
    static const char *const by_library[] = {"zerogap", "modules"};
    static const char *const by_program[] = {"../" ZG_LIBDIR "/zerogap", "modules", "../modules",
                                             "../../modules"};
    char folder[PATH_MAX];
    Dl_info self;
    if (dladdr((const void *)by_library, &self) && self.dli_fname &&
        strstr(self.dli_fname, "libzerogap.so") && folder_of(self.dli_fname, folder))
        for (size_t i = 0; i < sizeof by_library / sizeof *by_library; i++)
            if (is_there(folder, by_library[i], name, path, size)) return true;
    if (folder_of("/proc/self/exe", folder))
        for (size_t i = 0; i < sizeof by_program / sizeof *by_program; i++)
            if (is_there(folder, by_program[i], name, path, size)) return true;
    return false;
}

zg_status zg_module_find(const char *name, char *path, size_t size, zg_error *error)
{
    if (search(name, path, size)) return ZG_OK;
    if (size > 0) path[0] = '\0';
    return zg_fail(error, ZG_MISSING,
                   "the part of zerogap that calls %s is not installed: install the package "
                   "zerogap-%s of the same version",
                   name, name);
}

const void *zg_module_open(const char *path, const char *symbol, zg_error *error)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!object) {
        const char *reason = dlerror();
        zg_fail(error, ZG_FAILED, "%.300s cannot be loaded: %.300s", path,
                reason ? reason : "no reason is given");
        return NULL;
    }
    const zg_module *module = dlsym(object, symbol);
    if (!module || !module->version) {
        zg_fail(error, ZG_FAILED, "%.300s is no module of zerogap: it has no %s", path, symbol);
        module = NULL;
    } else if (strcmp(module->version, ZG_VERSION) != 0) {
        zg_fail(error, ZG_FAILED, "%.300s is of version %.40s, this program of version %s", path,
                module->version, ZG_VERSION);
        module = NULL;
    }
    dlclose(object); /* for the count's sake: it stays */
    return module;
}
