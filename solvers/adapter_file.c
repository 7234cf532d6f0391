/* Adapters' files: where they lie, and what may stand in them (see adapter.h). */
#include "solvers/adapter.h"

#include "base/plain.h"
#include "base/shipped.h"
#include "base/yaml.h"
#include "solvers/placeholders.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SUFFIX ".yaml"
#define FOLDERS 2
#define FOLDER_SIZE (PATH_MAX + 32)

/* ---- where they lie --------------------------------------------------------------------------- */

/* The folders of adapters, the user's first; an empty text where there is none. */
static void find_folders(char folders[FOLDERS][FOLDER_SIZE])
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char suites[PATH_MAX];
    folders[0][0] = folders[1][0] = '\0';
    if (config && *config)
        snprintf(folders[0], FOLDER_SIZE, "%s/zerogap/solvers.d", config);
    else if (home && *home)
        snprintf(folders[0], FOLDER_SIZE, "%s/.config/zerogap/solvers.d", home);
    if (zg_shipped_suites(suites, sizeof suites))
        snprintf(folders[1], FOLDER_SIZE, "%s/solvers.d", suites);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool ends_in_suffix(const char *text)
{
    size_t length = strlen(text), suffix = strlen(SUFFIX);
    return length > suffix && strcmp(text + length - suffix, SUFFIX) == 0;
}

static bool hidden(const glob_t *found, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(base_name(found->gl_pathv[k]), base_name(found->gl_pathv[i])) == 0) return true;
    return false;
}

void zg_adapters_visit(void (*visit)(void *context, const char *path), void *context)
{
    char folders[FOLDERS][FOLDER_SIZE], pattern[FOLDER_SIZE + 16];
    glob_t found = {0};
    int flags = 0;
    find_folders(folders);
    for (size_t i = 0; i < FOLDERS; i++) {
        if (!folders[i][0]) continue;
        snprintf(pattern, sizeof pattern, "%.*s/*" SUFFIX, FOLDER_SIZE, folders[i]);
        if (glob(pattern, flags, NULL, &found) == 0) flags = GLOB_APPEND;
    }
    for (size_t i = 0; flags && i < found.gl_pathc; i++)
        if (!hidden(&found, i)) visit(context, found.gl_pathv[i]);
    globfree(&found);
}

typedef struct names {
    zg_arena arena;
    const char *items[64];
    size_t count;
} names;

static void add_name(void *context, const char *path)
{
    names *n = context;
    const char *base = base_name(path);
    if (n->count == COUNT(n->items)) return;
    n->items[n->count] = zg_arena_copy(&n->arena, base, strlen(base) - strlen(SUFFIX));
    if (n->items[n->count]) n->count++;
}

static zg_status unknown_adapter(const char *word, zg_error *error)
{
    names known = {0};
    zg_adapters_visit(add_name, &known);
    zg_status status = zg_fail_unknown(error, "adapter", word, known.items, known.count);
    if (known.count == 0)
        status =
            zg_fail(error, ZG_BAD_INPUT, "unknown adapter \"%.80s\"; there are none here", word);
    zg_arena_clear(&known.arena);
    return status;
}

zg_status zg_adapter_find(const char *word, char *path, size_t size, zg_error *error)
{
    char folders[FOLDERS][FOLDER_SIZE];
    if (strchr(word, '/') || ends_in_suffix(word)) {
        if (access(word, R_OK) != 0)
            return zg_fail(error, ZG_BAD_INPUT, "there is no adapter %.300s", word);
        snprintf(path, size, "%s", word);
        return ZG_OK;
    }
    find_folders(folders);
    for (size_t i = 0; i < FOLDERS; i++) {
        int length = snprintf(path, size, "%s/%s" SUFFIX, folders[i], word);
        bool fits = length > 0 && (size_t)length < size;
        if (folders[i][0] && fits && access(path, R_OK) == 0) return ZG_OK;
    }
    return unknown_adapter(word, error);
}

/* ---- texts ------------------------------------------------------------------------------------ */

typedef struct reading {
    zg_adapter *adapter;
    const zg_yaml *root;
    zg_error *error;
} reading;

/* Refuses the keys of a mapping that are not in the list. */
static zg_status check_keys(const zg_yaml *mapping, const char *what, const char *const *known,
                            size_t count, zg_error *error)
{
    char found[96];
    if (mapping->kind != ZG_YAML_MAPPING)
        return zg_yaml_fail(mapping, error, "expected a mapping for %s, found %s", what,
                            zg_yaml_describe(mapping, found, sizeof found));
    for (size_t i = 0; i < mapping->count; i++) {
        bool good = false;
        for (size_t k = 0; k < count; k++)
            good = good || strcmp(mapping->keys[i]->text, known[k]) == 0;
        if (good) continue;
        char key[64];
        snprintf(key, sizeof key, "%s key", what);
        zg_fail_unknown(error, key, mapping->keys[i]->text, known, count);
        return zg_yaml_position(mapping->keys[i], error);
    }
    return ZG_OK;
}

static zg_status read_text(reading *r, const zg_yaml *mapping, const char *key, bool required,
                           const char **out)
{
    const zg_yaml *value = zg_yaml_get(mapping, key);
    if (!value && required)
        return zg_yaml_fail(mapping, r->error, "expected the key %s here, found none", key);
    if (!value) return ZG_OK;
    zg_status status = zg_yaml_text(value, out, r->error);
    if (status == ZG_OK && !zg_is_plain(*out))
        status =
            zg_yaml_fail(value, r->error, "expected a text without control characters for %s", key);
    return status;
}

static zg_status read_choice(reading *r, const zg_yaml *mapping, const char *key,
                             const char *const *choices, size_t count, size_t *out)
{
    const char *text = NULL;
    zg_status status = read_text(r, mapping, key, true, &text);
    if (status != ZG_OK) return status;
    for (size_t i = 0; i < count; i++)
        if (strcmp(choices[i], text) == 0) {
            *out = i;
            return ZG_OK;
        }
    zg_fail_unknown(r->error, key, text, choices, count);
    return zg_yaml_position(zg_yaml_get(mapping, key), r->error);
}

/* ---- rules ------------------------------------------------------------------------------------ */

static zg_status read_status(reading *r, const zg_yaml *node, int *out)
{
    double value;
    zg_status status = zg_yaml_number(node, &value, r->error);
    if (status != ZG_OK) return status;
    if (!(value >= 0 && value <= 255) || value != (int)value)
        return zg_yaml_fail(node, r->error, "expected an exit status from 0 to 255, found %.40s",
                            node->text);
    *out = (int)value;
    return ZG_OK;
}

static zg_status read_statuses(reading *r, const zg_yaml *node, zg_adapter_rule *rule)
{
    bool list = node->kind == ZG_YAML_LIST;
    size_t count = list ? node->count : 1;
    int *statuses = zg_arena_array(&r->adapter->arena, count ? count : 1, sizeof *statuses);
    if (!statuses) return zg_no_memory(r->error);
    zg_status status = ZG_OK;
    if (count == 0)
        return zg_yaml_fail(node, r->error, "expected exit statuses, found an empty list");
    for (size_t i = 0; i < count && status == ZG_OK; i++)
        status = read_status(r, list ? node->items[i] : node, &statuses[i]);
    rule->statuses = statuses;
    rule->status_count = count;
    return status;
}

static zg_status read_pattern(reading *r, const zg_yaml *mapping, zg_adapter_rule *rule)
{
    regex_t expression;
    char reason[128];
    int code = regcomp(&expression, rule->pattern, REG_EXTENDED | REG_NOSUB);
    if (code == 0) {
        regfree(&expression);
        return ZG_OK;
    }
    (void)regerror(code, &expression, reason, sizeof reason);
    return zg_yaml_fail(zg_yaml_get(mapping, "line"), r->error,
                        "expected an extended regular expression: %s", reason);
}

static const char *const files[] = {"output", "solution"};

static zg_status read_rule(reading *r, const zg_yaml *mapping, zg_adapter_rule *rule)
{
    static const char *const keys[] = {"answer", "status", "file", "line"};
    static const char *const answers[] = {"optimal",    "unsure", "unbounded",
                                          "infeasible", "failed", "missing"};
    size_t answer = 0, file = 0;
    zg_status status = check_keys(mapping, "answers", keys, COUNT(keys), r->error);
    if (status == ZG_OK)
        status = read_choice(r, mapping, "answer", answers, COUNT(answers), &answer);
    const zg_yaml *statuses = status == ZG_OK ? zg_yaml_get(mapping, "status") : NULL;
    if (statuses) status = read_statuses(r, statuses, rule);
    if (status == ZG_OK) status = read_text(r, mapping, "line", false, &rule->pattern);
    bool has_file = status == ZG_OK && zg_yaml_get(mapping, "file");
    if (has_file) status = read_choice(r, mapping, "file", files, COUNT(files), &file);
    if (status == ZG_OK && has_file && !rule->pattern)
        status = zg_yaml_fail(mapping, r->error, "expected the key line beside file, found none");
    if (status == ZG_OK && rule->pattern) status = read_pattern(r, mapping, rule);
    rule->answer = (zg_saying)answer;
    rule->file = files[file];
    return status;
}

static const int success = 0;
static const zg_adapter_rule by_status = {ZG_SAYING_OPTIMAL, 1, &success, NULL, NULL};

static zg_status read_rules(reading *r)
{
    const zg_yaml *list = zg_yaml_get(r->root, "answers");
    char found[96];
    r->adapter->rules = &by_status;
    r->adapter->rule_count = 1;
    if (!list) return ZG_OK;
    if (list->kind != ZG_YAML_LIST || list->count == 0)
        return zg_yaml_fail(list, r->error, "expected a list of rules for answers, found %s",
                            list->kind == ZG_YAML_LIST
                                ? "an empty one"
                                : zg_yaml_describe(list, found, sizeof found));
    zg_adapter_rule *rules = zg_arena_array(&r->adapter->arena, list->count, sizeof *rules);
    if (!rules) return zg_no_memory(r->error);
    zg_status status = ZG_OK;
    for (size_t i = 0; i < list->count && status == ZG_OK; i++)
        status = read_rule(r, list->items[i], &rules[i]);
    r->adapter->rules = rules;
    r->adapter->rule_count = list->count;
    return status;
}

/* ---- the rest --------------------------------------------------------------------------------- */

/* Where the solver prints its objectives. */
static zg_status read_stated(reading *r)
{
    static const char *const keys[] = {"file", "matrix", "vector"};
    const zg_yaml *mapping = zg_yaml_get(r->root, "objectives");
    size_t file = 0;
    if (!mapping) return ZG_OK;
    zg_status status = check_keys(mapping, "objectives", keys, COUNT(keys), r->error);
    if (status == ZG_OK) status = read_choice(r, mapping, "file", files, COUNT(files), &file);
    if (status == ZG_OK)
        status = read_text(r, mapping, "matrix", false, &r->adapter->stated_matrix);
    if (status == ZG_OK) status = read_text(r, mapping, "vector", false, &r->adapter->stated_y);
    r->adapter->stated_file = files[file];
    return status;
}

static zg_status check_commands(reading *r)
{
    const zg_placeholder whole[] = {{"program", "", true},
                                    {"problem", "", true},
                                    {"solution", "", true},
                                    {"parameters", "", false},
                                    {"folder", "", false}};
    const zg_placeholder version[] = {{"program", "", true}, {"folder", "", false}};
    zg_status status =
        zg_placeholders_fill(r->adapter->command, whole, COUNT(whole), NULL, r->error);
    if (status != ZG_OK) return zg_yaml_position(zg_yaml_get(r->root, "command"), r->error);
    if (!r->adapter->version) return ZG_OK;
    status = zg_placeholders_fill(r->adapter->version, version, COUNT(version), NULL, r->error);
    return status ? zg_yaml_position(zg_yaml_get(r->root, "version"), r->error) : ZG_OK;
}

static zg_status check_name(reading *r)
{
    const char *base = base_name(r->adapter->path), *name = r->adapter->name;
    size_t length = strlen(base) - (ends_in_suffix(base) ? strlen(SUFFIX) : 0);
    if (strlen(name) == length && strncmp(name, base, length) == 0) return ZG_OK;
    return zg_yaml_fail(zg_yaml_get(r->root, "adapter"), r->error,
                        "expected the name of the file, %.*s, found \"%.80s\": cases are matched "
                        "by it",
                        (int)length, base, name);
}

static zg_status read_adapter(reading *r)
{
    static const char *const keys[] = {"adapter",  "about",   "licence",   "package",
                                       "program",  "command", "version",   "problem",
                                       "solution", "answers", "objectives"};
    static const char *const problems[] = {"sdpa"}, *const solutions[] = {"sdpa", "csdp"};
    zg_adapter *a = r->adapter;
    size_t format = 0, unused = 0;
    zg_status status = check_keys(r->root, "adapter", keys, COUNT(keys), r->error);
    if (status == ZG_OK) status = read_text(r, r->root, "adapter", true, &a->name);
    if (status == ZG_OK) status = check_name(r);
    if (status == ZG_OK) status = read_text(r, r->root, "about", false, &a->about);
    if (status == ZG_OK) status = read_text(r, r->root, "licence", false, &a->licence);
    if (status == ZG_OK) status = read_text(r, r->root, "package", false, &a->package);
    if (status == ZG_OK) status = read_text(r, r->root, "program", true, &a->program);
    if (status == ZG_OK) status = read_text(r, r->root, "command", true, &a->command);
    if (status == ZG_OK) status = read_text(r, r->root, "version", false, &a->version);
    if (status == ZG_OK && zg_yaml_get(r->root, "problem"))
        status = read_choice(r, r->root, "problem", problems, COUNT(problems), &unused);
    if (status == ZG_OK)
        status = read_choice(r, r->root, "solution", solutions, COUNT(solutions), &format);
    if (status == ZG_OK) status = read_rules(r);
    if (status == ZG_OK) status = read_stated(r);
    if (status == ZG_OK) status = check_commands(r);
    a->format = (zg_solution_format)format;
    return status;
}

zg_status zg_adapter_load(const char *word, zg_adapter **out, zg_error *error)
{
    char path[PATH_MAX], full[PATH_MAX];
    *out = NULL;
    zg_status status = zg_adapter_find(word, path, sizeof path, error);
    if (status != ZG_OK) return status;
    zg_adapter *adapter = calloc(1, sizeof *adapter);
    if (!adapter) return zg_no_memory(error);
    adapter->path = zg_arena_copy(&adapter->arena, path, strlen(path));
    if (!realpath(path, full)) memcpy(full, "/", 2);
    *strrchr(full, '/') = '\0';
    adapter->folder = zg_arena_copy(&adapter->arena, full, strlen(full));
    reading r = {.adapter = adapter, .error = error};
    if (!adapter->path || !adapter->folder) status = zg_no_memory(error);
    if (status == ZG_OK) status = zg_yaml_load(path, &adapter->arena, &r.root, error);
    if (status == ZG_OK) status = read_adapter(&r);
    if (status == ZG_OK)
        *out = adapter;
    else
        zg_adapter_free(adapter);
    return status;
}

void zg_adapter_free(zg_adapter *adapter)
{
    if (!adapter) return;
    zg_arena_clear(&adapter->arena);
    free(adapter);
}
