/* Whether what a command is told to write would destroy something (see output_check.h). */
#include "cli/output_check.h"

#include "base/replace.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HEAD_SIZE 16384 /* of a file, in which its kind shows */
#define ROOM 4352       /* for a path with an ending */

static bool same_file(const char *path, const struct stat *facts)
{
    struct stat other;
    return path && stat(path, &other) == 0 && other.st_dev == facts->st_dev &&
           other.st_ino == facts->st_ino;
}

/* Whether all of the marks stand in the text, separated by &; they are `length` bytes. */
static bool has_marks(const char *head, const char *marks, size_t length)
{
    for (const char *end = marks + length; marks < end;) {
        char mark[96];
        size_t own = strcspn(marks, "&|");
        bool first = *marks == '^';
        snprintf(mark, sizeof mark, "%.*s", (int)(own - first), marks + first);
        const char *found = strstr(head, mark);
        if (!found || (first && found != head)) return false;
        marks += own + 1;
    }
    return true;
}

static bool is_of_kind(const char *head, const char *kind)
{
    while (*kind) {
        size_t length = strcspn(kind, "|");
        if (has_marks(head, kind, length)) return true;
        kind += length + (kind[length] == '|');
    }
    return false;
}

/* The beginning of a file as a text; 0 for what is empty or cannot be read. */
static size_t read_head(const char *path, char *head, size_t size)
{
    FILE *file = fopen(path, "re");
    size_t length = file ? fread(head, 1, size - 1, file) : 0;
    if (file) (void)fclose(file);
    head[length] = '\0';
    return length;
}

/* An empty file is of every kind; of one that cannot be read writing will tell why. */
static bool may_replace(const char *path, const char *kind)
{
    char head[HEAD_SIZE];
    return read_head(path, head, sizeof head) == 0 || is_of_kind(head, kind);
}

static bool is_input(const zg_cli_option *options, size_t count, const char *const *rest,
                     size_t rest_count, const struct stat *facts)
{
    for (size_t i = 0; i < rest_count; i++)
        if (same_file(rest[i], facts)) return true;
    for (size_t i = 0; i < count; i++)
        if (options[i].argument && !options[i].writes && strcmp(options[i].argument, "URL") != 0 &&
            same_file(*zg_cli_text(&options[i]), facts))
            return true;
    return false;
}

/* The facts of the folder in front of a path's last slash. */
static bool folder_of(const char *path, const char *slash, struct stat *out)
{
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    bool found = folder && stat(folder, out) == 0;
    free(folder);
    return found;
}

/* Whether two paths lead to one place, which need not exist; through links. */
static bool same_place(const char *a, const char *b)
{
    struct stat facts, other;
    if (stat(a, &facts) == 0) return S_ISREG(facts.st_mode) && same_file(b, &facts);
    if (stat(b, &other) == 0) return false;
    char *x = zg_replace_place(a), *y = zg_replace_place(b);
    const char *last = x ? strrchr(x, '/') : NULL, *end = y ? strrchr(y, '/') : NULL;
    const char *name = last ? last + 1 : x, *named = end ? end + 1 : y;
    bool same = x && y && strcmp(name, named) == 0 && folder_of(x, last, &facts) &&
                folder_of(y, end, &other) && facts.st_dev == other.st_dev &&
                facts.st_ino == other.st_ino;
    free(x);
    free(y);
    return same;
}

/* The rows that a certificate may have beside it, as core/proof.c names them; false for what is no
 * certificate. */
static bool rows_beside(const zg_cli_option *option, char rows[ROOM])
{
    const char *path = option->writes ? *zg_cli_text(option) : NULL;
    if (!path || strcmp(path, "-") == 0 ||
        (strcmp(option->writes, ZG_KIND_CERTIFICATE) != 0 &&
         strcmp(option->writes, ZG_KIND_MARGINS) != 0 &&
         strcmp(option->writes, ZG_KIND_DISCREPANCY) != 0))
        return false;
    return snprintf(rows, ROOM, "%s.csv", path) < ROOM;
}

/* The option among the first `count` other than `own` that writes the same file, itself or beside
 * it; NULL: none. */
static const zg_cli_option *other_writer(const zg_cli_option *options, size_t count,
                                         const zg_cli_option *own, const char *path)
{
    char rows[ROOM];
    for (size_t i = 0; i < count; i++) {
        const char *other = options[i].writes ? *zg_cli_text(&options[i]) : NULL;
        if (!other || &options[i] == own) continue;
        if (same_place(other, path)) return &options[i];
        if (rows_beside(&options[i], rows) && same_place(rows, path)) return &options[i];
    }
    return NULL;
}

/* Rows replace those of the certificate that is replaced, and no other file. */
static zg_status check_rows(const zg_cli_option *options, size_t count, size_t index,
                            const char *const *rest, size_t rest_count, bool force, zg_error *error)
{
    const zg_cli_option *option = &options[index];
    struct stat facts;
    char rows[ROOM], head[2];
    if (!rows_beside(option, rows)) return ZG_OK;
    const zg_cli_option *other = other_writer(options, count, option, rows);
    if (other)
        return zg_fail(error, ZG_BAD_INPUT, "--%s: the rows would go to %.300s, which --%s writes",
                       option->name, rows, other->name);
    if (stat(rows, &facts) != 0) return ZG_OK;
    if (is_input(options, count, rest, rest_count, &facts))
        return zg_fail(error, ZG_BAD_INPUT,
                       "--%s: the rows would go to %.300s, which this command reads", option->name,
                       rows);
    const char *path = *zg_cli_text(option);
    bool own = read_head(path, head, sizeof head) > 0 && may_replace(path, option->writes);
    if (force || !S_ISREG(facts.st_mode) || facts.st_size == 0 || own) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "--%s: the rows may go to %.300s, which is there already and beside no such "
                   "certificate; --force replaces it all the same",
                   option->name, rows);
}

static zg_status check_output(const zg_cli_option *options, size_t count, size_t index,
                              const char *const *rest, size_t rest_count, bool force,
                              zg_error *error)
{
    const zg_cli_option *option = &options[index];
    const char *path = *zg_cli_text(option);
    struct stat facts;
    const zg_cli_option *other = other_writer(options, index, option, path);
    if (other)
        return zg_fail(error, ZG_BAD_INPUT, "--%s and --%s both write %.300s", other->name,
                       option->name, path);
    if (stat(path, &facts) != 0) return ZG_OK;
    if (S_ISDIR(facts.st_mode))
        return zg_fail(error, ZG_IO, "--%s: cannot write %.300s: it is a directory", option->name,
                       path);
    if (!S_ISREG(facts.st_mode)) return ZG_OK; /* a device or a pipe */
    if (is_input(options, count, rest, rest_count, &facts))
        return zg_fail(error, ZG_BAD_INPUT, "--%s: %.300s is what this command reads", option->name,
                       path);
    if (force || strcmp(option->writes, ZG_KIND_JOURNAL) == 0) return ZG_OK;
    if (strcmp(option->writes, ZG_KIND_UNMARKED) == 0 && facts.st_size > 0)
        return zg_fail(
            error, ZG_BAD_INPUT,
            "--%s: %.300s is there already, and nothing in it tells whether this command "
            "wrote it; --force replaces it",
            option->name, path);
    if (may_replace(path, option->writes)) return ZG_OK;
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
        if (status == ZG_OK) status = check_rows(options, count, i, rest, rest_count, force, error);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}
