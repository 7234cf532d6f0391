/* zerogap list: solvers, baselines, data sets and suites. */
#include "cli/commands.h"
#include "cli/list_adapters.h"
#include "cli/list_data.h"
#include "cli/list_suites.h"
#include "cli/options.h"
#include "train/registry.h"

#include <jansson.h>
#include <string.h>

typedef struct arguments {
    bool json;
} arguments;

static const zg_cli_command command = {
    .name = "list",
    .examples = {{"zerogap list data", "Data sets that every command takes by name."},
                 {"zerogap list solvers", "Methods and their options."}},
    .usage = "solvers|adapters|baselines|data|suites [--json]",
    .summary = "what is there: solvers, adapters, baselines, data, suites",
    .about =
        "Lists the methods with their options, the adapters of other solvers, the data sets of "
        "the catalogue, or the suites that come with the program.",
    .words = "solvers adapters baselines data suites",
    .run = zg_cmd_list,
};

static const char *type_name(zg_option_type type)
{
    static const char *const names[] = {"whole number", "number",       "true or false", "text",
                                        "choice",       "name or path", "path"};
    return names[type];
}

static json_t *method_json(const zg_method *method)
{
    json_t *object = json_pack("{s:s, s:s, s:b}", "name", method->name, "summary", method->summary,
                               "global", (int)method->convex);
    json_t *options = json_array();
    for (size_t i = 0; i < method->option_count; i++) {
        const zg_option *o = &method->options[i];
        json_t *row =
            json_pack("{s:s, s:s, s:s*, s:s*, s:s}", "name", o->name, "type", type_name(o->type),
                      "default", o->fallback, "choices", o->choices, "help", o->help);
        json_array_append_new(options, row);
    }
    json_object_set_new(object, "options", options);
    zg_error error = {0};
    if (zg_method_ready(method, &error) != ZG_OK)
        json_object_set_new(object, "trouble", json_string(error.message));
    return object;
}

static void print_method(const zg_method *method)
{
    zg_error error = {0};
    printf("%-18s %s\n", method->name, method->summary);
    if (zg_method_ready(method, &error) != ZG_OK) printf("    %s\n", error.message);
    for (size_t i = 0; i < method->option_count; i++) {
        const zg_option *o = &method->options[i];
        printf("    %-18s %s (%s%s%s)\n", o->name, o->help,
               o->choices ? o->choices : type_name(o->type),
               o->fallback ? "; default " : "; required", o->fallback ? o->fallback : "");
    }
}

/* global tells solvers from baselines. */
static void list_methods(bool global, bool json)
{
    size_t count;
    const zg_method *const *methods = zg_methods(&count);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        if (methods[i]->convex != global) continue;
        if (json)
            json_array_append_new(array, method_json(methods[i]));
        else
            print_method(methods[i]);
    }
    if (json) {
        json_dumpf(array, stdout, JSON_INDENT(1));
        putchar('\n');
    }
    json_decref(array);
}

static const zg_cli_option option_rows[] = {
    {.name = "json", .at = offsetof(arguments, json), .help = "Print one JSON document."}};

int zg_cmd_list(int argc, char **argv)
{
    static const char *const kinds[] = {"solvers", "adapters", "baselines", "data", "suites"};
    arguments a = {0};
    int exit_status;
    const char *kind = NULL;
    zg_cli_words words = {&kind, 1, 0};
    zg_error error = {0};
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, &words,
                      &exit_status))
        return exit_status;
    if (!words.count) {
        zg_fail(&error, ZG_BAD_INPUT, "expected solvers, adapters, baselines, data or suites");
        return zg_cli_fail("list", &error);
    }
    if (strcmp(kind, "solvers") == 0)
        list_methods(true, a.json);
    else if (strcmp(kind, "baselines") == 0)
        list_methods(false, a.json);
    else if (strcmp(kind, "adapters") == 0)
        zg_cli_list_adapters(a.json);
    else if (strcmp(kind, "data") == 0)
        zg_cli_list_data(a.json);
    else if (strcmp(kind, "suites") == 0)
        zg_cli_list_suites(a.json);
    else {
        zg_fail_unknown(&error, "list", kind, kinds, 5);
        return zg_cli_fail("list", &error);
    }
    return ZG_EXIT_FINE;
}
