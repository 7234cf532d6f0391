/* Printing the suites that come with the program. */
#include "cli/list_suites.h"

#include "suites/yaml.h"

#include <glob.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Beside a build directory, or where `meson install` puts them: relative to the program. */
static bool find_suites(glob_t *found)
{
    static const char *const places[] = {"../suites", "../share/zerogap/suites"};
    char program[PATH_MAX], pattern[PATH_MAX + 64];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0) return false;
    program[length] = '\0';
    char *slash = strrchr(program, '/');
    if (!slash) return false;
    *slash = '\0';
    for (size_t i = 0; i < 2; i++) {
        snprintf(pattern, sizeof pattern, "%s/%s/*.yaml", program, places[i]);
        if (glob(pattern, 0, NULL, found) == 0) return true;
    }
    return false;
}

static void print_suite(const char *path, json_t *array)
{
    char real[PATH_MAX];
    const zg_yaml *root;
    zg_arena arena = {0};
    zg_error error = {0};
    if (!realpath(path, real)) return;
    const char *about = "", *name = "";
    if (zg_yaml_load(real, &arena, &root, &error) == ZG_OK) {
        const zg_yaml *text = zg_yaml_get(root, "about"), *title = zg_yaml_get(root, "suite");
        if (text && text->text) about = text->text;
        if (title && title->text) name = title->text;
    }
    if (array)
        json_array_append_new(
            array, json_pack("{s:s, s:s, s:s}", "name", name, "about", about, "file", real));
    else
        printf("%-12s %s\n             %s\n", name, about, real);
    zg_arena_clear(&arena);
}

void zg_cli_list_suites(bool json)
{
    glob_t found;
    json_t *array = json ? json_array() : NULL;
    if (find_suites(&found)) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            print_suite(found.gl_pathv[i], array);
        globfree(&found);
    }
    if (json) {
        json_dumpf(array, stdout, JSON_INDENT(1));
        putchar('\n');
        json_decref(array);
    }
}
