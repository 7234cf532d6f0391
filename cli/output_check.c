/* Whether what a command is told to write would destroy something (see output_check.h). */
#include "cli/output_check.h"

#include <string.h>
#include <sys/stat.h>

#define HEAD_SIZE 4096 /* of a file, in which its kind shows */

static bool same_file(const char *path, const struct stat *facts)
{
    struct stat other;
    return path && stat(path, &other) == 0 && other.st_dev == facts->st_dev &&
           other.st_ino == facts->st_ino;
}

/* Alternatives are separated by |; one that begins with ^ must stand at the beginning. */
static bool is_of_kind(const char *head, const char *kind)
{
    while (*kind) {
        char mark[64];
        size_t length = strcspn(kind, "|");
        bool first = *kind == '^';
        snprintf(mark, sizeof mark, "%.*s", (int)(length - first), kind + first);
        const char *found = strstr(head, mark);
        if (found && (!first || found == head)) return true;
        kind += length + (kind[length] == '|');
    }
    return false;
}

/* An empty file is of every kind. */
static bool may_replace(const char *path, const char *kind)
{
    char head[HEAD_SIZE] = "";
    FILE *file = fopen(path, "re");
    if (!file) return true; /* writing will tell why not */
    size_t length = fread(head, 1, sizeof head - 1, file);
    (void)fclose(file);
    head[length] = '\0';
    return length == 0 || is_of_kind(head, kind);
}

static bool is_input(const zg_cli_option *options, size_t count, const char *const *rest,
                     size_t rest_count, const struct stat *facts)
{
    for (size_t i = 0; i < rest_count; i++)
        if (same_file(rest[i], facts)) return true;
    for (size_t i = 0; i < count; i++)
        if (options[i].argument && !options[i].writes &&
            same_file(*zg_cli_text(&options[i]), facts))
            return true;
    return false;
}

static zg_status check_output(const zg_cli_option *options, size_t count, size_t index,
                              const char *const *rest, size_t rest_count, bool force,
                              zg_error *error)
{
    const zg_cli_option *option = &options[index];
    const char *path = *zg_cli_text(option);
    struct stat facts;
    char rows[4096]; /* that a certificate may have beside it */
    snprintf(rows, sizeof rows, "%s.csv", path);
    if (strcmp(option->writes, ZG_KIND_CERTIFICATE) == 0 && stat(rows, &facts) == 0 &&
        is_input(options, count, rest, rest_count, &facts))
        return zg_fail(error, ZG_BAD_INPUT,
                       "--%s: the rows would go to %.300s, which this command reads", option->name,
                       rows);
    if (stat(path, &facts) != 0) return ZG_OK;
    if (S_ISDIR(facts.st_mode))
        return zg_fail(error, ZG_IO, "--%s: cannot write %.300s: it is a directory", option->name,
                       path);
    if (!S_ISREG(facts.st_mode)) return ZG_OK; /* a device or a pipe */
    if (is_input(options, count, rest, rest_count, &facts))
        return zg_fail(error, ZG_BAD_INPUT, "--%s: %.300s is what this command reads", option->name,
                       path);
    for (size_t i = 0; i < index; i++)
        if (options[i].writes && same_file(*zg_cli_text(&options[i]), &facts))
            return zg_fail(error, ZG_BAD_INPUT, "--%s and --%s both write %.300s", options[i].name,
                           option->name, path);
    if (force || !option->writes[0] || may_replace(path, option->writes)) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "--%s: %.300s holds something else than this command writes; --force replaces "
                   "it all the same",
                   option->name, path);
}

zg_status zg_cli_check_outputs(const zg_cli_option *options, size_t count, const char *const *rest,
                               size_t rest_count, zg_error *error)
{
    bool force = false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(options[i].name, "force") == 0) force = *zg_cli_flag(&options[i]);
    for (size_t i = 0; i < count; i++) {
        const zg_cli_option *option = &options[i];
        const char *path = option->writes ? *zg_cli_text(option) : NULL;
        if (!path || strcmp(path, "-") == 0) continue;
        zg_status status = check_output(options, count, i, rest, rest_count, force, error);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}
