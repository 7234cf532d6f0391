/* Tilde and variables in paths. */
#include "base/path.h"

#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder that ~ or ~USER at path stands for; *rest is what follows. */
static zg_status put_home(FILE *out, const char *path, const char **rest, zg_error *error)
{
    char user[64], buffer[4096];
    size_t length = strcspn(path + 1, "/");
    *rest = path + 1 + length;
    const char *home = getenv("HOME");
    if (length > 0 || !home) {
        struct passwd entry, *found = NULL;
        snprintf(user, sizeof user, "%.*s", (int)(length < 63 ? length : 63), path + 1);
        if (length > 0)
            getpwnam_r(user, &entry, buffer, sizeof buffer, &found);
        else
            getpwuid_r(getuid(), &entry, buffer, sizeof buffer, &found);
        if (!found)
            return zg_fail(error, ZG_BAD_INPUT, "%.300s: there is no user \"%s\"", path, user);
        home = found->pw_dir;
    }
    fputs(home, out);
    return ZG_OK;
}

/* The value of $NAME or ${NAME} at p; a $ that begins neither is itself. */
static zg_status put_variable(FILE *out, const char *path, const char *p, const char **rest,
                              zg_error *error)
{
    char name[128];
    bool braces = p[1] == '{';
    const char *start = p + 1 + braces, *end = start;
    while (isalnum((unsigned char)*end) || *end == '_')
        end++;
    if (end == start || isdigit((unsigned char)*start) || (braces && *end != '}')) {
        fputc('$', out);
        *rest = p + 1;
        return ZG_OK;
    }
    snprintf(name, sizeof name, "%.*s", (int)(end - start), start);
    const char *value = getenv(name);
    if (!value)
        return zg_fail(error, ZG_BAD_INPUT, "%.300s: the variable %s is not set", path, name);
    fputs(value, out);
    *rest = end + braces;
    return ZG_OK;
}

zg_status zg_path_expand(const char *path, char **out, zg_error *error)
{
    size_t size;
    *out = NULL;
    FILE *stream = open_memstream(out, &size);
    if (!stream) return zg_no_memory(error);
    const char *p = path;
    zg_status status = *p == '~' ? put_home(stream, path, &p, error) : ZG_OK;
    while (status == ZG_OK && *p) {
        if (*p == '$')
            status = put_variable(stream, path, p, &p, error);
        else
            fputc(*p++, stream);
    }
    if (fclose(stream) != 0 && status == ZG_OK) status = zg_no_memory(error);
    if (status != ZG_OK) {
        free(*out);
        *out = NULL;
    }
    return status;
}
