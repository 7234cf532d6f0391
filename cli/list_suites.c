/* Printing the suites that come with the program. */
#include "cli/list_suites.h"

#include "base/yaml.h"
#include "cli/suite_files.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_suite(const char *path, json_t *array)
{
    char real[PATH_MAX];
    const zg_yaml *root;
    zg_arena arena = {0};
    zg_error error = {0};
    if (strstr(path, "/solvers.d/") || !realpath(path, real)) return; /* adapters are no suites */
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
    if (zg_cli_suite_files(&found)) {
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
