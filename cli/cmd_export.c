/* zerogap export: the semidefinite program as a file, for any other solver. */
#include "cli/commands.h"
#include "cli/inputs.h"
#include "core/neuron_set.h"
#include "solvers/external.h"

#include <stdint.h>
#include <string.h>

typedef struct arguments {
    zg_inputs inputs;
    const char *sdpa, *output;
    bool force, compress, scale;
} arguments;

static const zg_cli_command command = {
    .name = "export",
    .examples = {{"zerogap export --data table.csv --beta 1 --sdpa problem.dat-s",
                  "The program for any SDP solver."},
                 {"zerogap export --data table.csv --standardize --loss absolute --beta 1 --sdpa "
                  "problem.dat-s",
                  "Of another loss, with scaled inputs."}},
    .usage = "--data D --beta B --sdpa FILE [OPTION]...",
    .summary = "write the semidefinite program for any other solver",
    .about =
        "Writes the dual of the training program in SDPA's sparse format, which CSDP, SDPA, DSDP, "
        "SCIP-SDP and others read. Comments at the top of the file say how the optimal value "
        "relates "
        "to the training objective. The whole solver can be used as a method as well: see external "
        "in zerogap list solvers.",
    .run = zg_cmd_export,
};

static const zg_cli_option option_rows[] = {
    {.name = "sdpa",
     .argument = "FILE",
     .at = offsetof(arguments, sdpa),
     .writes = "^\"|^*",
     .help = "Where to write; - is standard output."},
    {.name = "output-index",
     .argument = "N",
     .at = offsetof(arguments, output),
     .help = "Which output's program, 1-based (default 1): vector outputs separate."},
    {.name = "compress",
     .at = offsetof(arguments, compress),
     .help = "Fewer rows for the same optimum where that applies (squared loss, more rows than "
             "lifted features)."},
    {.name = "scale",
     .at = offsetof(arguments, scale),
     .help = "Equilibrated, as for the built-in solvers."},
    ZG_FORCE_OPTION,
};

static zg_status run(arguments *a, zg_error *error)
{
    zg_problem *problem = NULL;
    size_t output = 1;
    if (!a->sdpa) return zg_fail(error, ZG_BAD_INPUT, "--sdpa is needed: the file to write");
    zg_status status = zg_inputs_load(&a->inputs, true, true, error);
    if (status == ZG_OK)
        status = zg_problem_from_dataset(a->inputs.train, &a->inputs.preprocess,
                                         &a->inputs.encoding, a->inputs.weights, &a->inputs.model,
                                         (zg_penalty){ZG_PENALTY_L1, 0.0}, &problem, error);
    if (status == ZG_OK && problem->robust > 0.0)
        status = zg_fail(error, ZG_UNSUPPORTED,
                         "export writes the program over the rows alone: no --robust");
    if (status == ZG_OK && zg_neuron_set_finite(a->inputs.model.neuron_set))
        status = zg_fail(error, ZG_UNSUPPORTED,
                         "SDPA files pose the problem over neurons of any weights: leave "
                         "--neuron-set out");
    if (status == ZG_OK)
        status = zg_cli_size("output-index", a->output, 1, problem->outputs, &output, error);
    if (status == ZG_OK)
        status = zg_export_sdpa(problem, output - 1, a->compress, a->scale, a->sdpa, error);
    zg_problem_free(problem);
    return status;
}

int zg_cmd_export(int argc, char **argv)
{
    arguments a = {0};
    int exit_status;
    const zg_cli_table tables[] = {
        zg_inputs_file_options(&a.inputs), zg_table_options_rows(&a.inputs.table),
        zg_inputs_training_options(&a.inputs), zg_inputs_model_options(&a.inputs),
        ZG_CLI_TABLE(option_rows, &a)};
    zg_error error = {0};
    if (!zg_cli_begin(&command, tables, sizeof tables / sizeof *tables, argc, argv, NULL,
                      &exit_status))
        return exit_status;
    zg_status status = run(&a, &error);
    zg_inputs_clear(&a.inputs);
    return status ? zg_cli_fail("export", &error) : ZG_EXIT_FINE;
}
