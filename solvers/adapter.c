/* What adapters mean when a solver runs: its program, and what its ending says (see adapter.h). */
#include "solvers/adapter.h"

#include "base/path.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what an ending says ---------------------------------------------------------------------- */

/* Whether the line matches, or a piece of it: a NUL byte ends one as a newline does, and hides
 * nothing. */
static bool matches(const regex_t *expression, const char *line, size_t length)
{
    for (size_t at = 0; at <= length; at += strlen(line + at) + 1)
        if (regexec(expression, line + at, 0, NULL, 0) == 0) return true;
    return false;
}

/* Whether a line of the file matches. */
static bool has_line(const char *path, const char *pattern)
{
    regex_t expression;
    char *line = NULL;
    size_t room = 0;
    bool found = false;
    FILE *file = fopen(path, "r");
    if (!file) return false;
    if (regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB) == 0) {
        ssize_t length;
        while (!found && (length = getline(&line, &room, file)) > 0) {
            while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
                line[--length] = '\0';
            found = matches(&expression, line, (size_t)length);
        }
        regfree(&expression);
    }
    free(line);
    (void)fclose(file);
    return found;
}

static bool holds(const zg_adapter_rule *rule, const char *directory, int status)
{
    char path[PATH_MAX];
    bool listed = rule->status_count == 0;
    for (size_t i = 0; i < rule->status_count; i++)
        listed = listed || rule->statuses[i] == status;
    if (!listed || !rule->pattern) return listed;
    int length = snprintf(path, sizeof path, "%s/%s", directory, rule->file);
    return length > 0 && (size_t)length < sizeof path && has_line(path, rule->pattern);
}

zg_saying zg_adapter_saying(const zg_adapter *adapter, const char *directory, int status)
{
    for (size_t i = 0; i < adapter->rule_count; i++)
        if (holds(&adapter->rules[i], directory, status)) return adapter->rules[i].answer;
    return ZG_SAYING_FAILED;
}

/* ---- the program ------------------------------------------------------------------------------ */

static bool can_run(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode) && access(path, X_OK) == 0;
}

/* The first in PATH that can be run. */
static bool search_path(const char *name, char *path, size_t size)
{
    const char *at = getenv("PATH");
    while (at && *at) {
        size_t length = strcspn(at, ":");
        int used = snprintf(path, size, "%.*s/%s", (int)length, at, name);
        if (used > 0 && (size_t)used < size && can_run(path)) return true;
        at += length;
        at += *at == ':';
    }
    return false;
}

static zg_status missing(const zg_adapter *adapter, const char *program, bool own, zg_error *error)
{
    bool package = own && adapter->package;
    return zg_fail(error, ZG_MISSING, "the program \"%.300s\" of the adapter %s is not %s%s%s",
                   program, adapter->name, strchr(program, '/') ? "there" : "installed",
                   package ? "; Debian has it in the package " : "",
                   package ? adapter->package : "");
}

zg_status zg_adapter_program(const zg_adapter *adapter, const char *given, char **out,
                             zg_error *error)
{
    char *expanded = NULL, path[PATH_MAX], full[PATH_MAX];
    bool own = !given || !*given;
    zg_status status = zg_path_expand(own ? adapter->program : given, &expanded, error);
    if (status != ZG_OK) return status;
    bool slash = strchr(expanded, '/') != NULL, found;
    if (slash) {
        bool from_folder = own && expanded[0] != '/';
        int length = snprintf(path, sizeof path, "%s%s%s", from_folder ? adapter->folder : "",
                              from_folder ? "/" : "", expanded);
        found = length > 0 && (size_t)length < sizeof path && can_run(path);
    } else {
        found = search_path(expanded, path, sizeof path);
    }
    /* The command runs in another directory; links stay, as programs may look at their name. */
    found = found && (path[0] == '/' || getcwd(full, sizeof full));
    if (!found) status = missing(adapter, expanded, own, error);
    free(expanded);
    if (status != ZG_OK) return status;
    if (path[0] == '/')
        *out = strdup(path);
    else if (asprintf(out, "%s/%s", full, path) < 0)
        *out = NULL;
    return *out ? ZG_OK : zg_no_memory(error);
}
