/* zerogap version: what this build is, and which versions of the file formats it speaks. */
#include "base/blas_core.h"
#include "base/formats.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/options.h"
#include "runner/provenance.h"
#include "train/registry.h"

#include <stddef.h>
#include <stdio.h>

typedef struct arguments {
    bool json;
} arguments;

static const zg_cli_command command = {
    .name = "version",
    .examples = {{"zerogap version", "the version"},
                 {"zerogap version --json", "what a bug report or a script wants to know"}},
    .usage = "[--json]",
    .summary = "version and build",
    .about = "Prints the version. With --json also the commit that the program was built from, the "
             "methods of this build, the kernels that OpenBLAS runs, and the versions of the file "
             "formats that it writes.",
    .run = zg_cmd_version,
};

static const char *const formats[] = {ZG_MODEL_FORMAT,
                                      ZG_CERTIFICATE_FORMAT,
                                      ZG_ROBUST_FORMAT,
                                      ZG_POINTS_FORMAT,
                                      ZG_FUNCTIONALS_FORMAT,
                                      ZG_SUMS_FORMAT,
                                      ZG_MARGINS_FORMAT,
                                      ZG_DISCREPANCY_FORMAT,
                                      ZG_LYAPUNOV_FORMAT,
                                      ZG_EVENTS_FORMAT,
                                      ZG_COMPARISON_FORMAT,
                                      ZG_HISTORY_FORMAT,
                                      ZG_INSTANCE_FORMAT,
                                      ZG_CASE_KEY_FORMAT,
                                      ZG_BITS_FORMAT,
                                      ZG_CHECKPOINT_FORMAT,
                                      ZG_STATE_FORMAT,
                                      ZG_RESULT_FORMAT,
                                      NULL};

static json_t *texts(const char *const *list)
{
    json_t *array = json_array();
    for (; *list; list++)
        json_array_append_new(array, json_string(*list));
    return array;
}

static void print_json(void)
{
    json_t *root = json_object(), *names = json_array();
    size_t count;
    const zg_method *const *methods = zg_methods(&count);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(names, json_string(methods[i]->name));
    zg_cli_json_text(root, "version", zg_version());
    zg_cli_json_text(root, "commit", zg_program_commit());
    zg_cli_json_text(root, "compiler", __VERSION__);
    zg_cli_json_text(root, "blas_core", zg_blas_core());
    json_object_set_new(root, "methods", names);
    json_object_set_new(root, "formats", texts(formats));
    zg_cli_print_json(root, stdout);
}

static const zg_cli_option option_rows[] = {
    {.name = "json", .at = offsetof(arguments, json), .help = "One JSON document."},
};

int zg_cmd_version(int argc, char **argv)
{
    arguments a = {0};
    int exit_status;
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, NULL, &exit_status))
        return exit_status;
    if (a.json)
        print_json();
    else
        printf("zerogap %s\n", zg_version());
    return ZG_EXIT_FINE;
}
