/* zerogap export: the semidefinite program as a file, for any other solver; few-bit networks as
 * packed bits. */
#include "cli/commands.h"
#include "cli/inputs.h"
#include "core/neuron_set.h"
#include "core/packed.h"
#include "solvers/external.h"

#include <stdint.h>
#include <string.h>

typedef struct arguments {
    zg_inputs inputs;
    const char *sdpa, *output, *model, *packed;
    bool force, compress, scale;
} arguments;

static const zg_cli_command command = {
    .name = "export",
    .examples = {{"zerogap export --data table.csv --beta 1 --sdpa problem.dat-s",
                  "The program for any SDP solver."},
                 {"zerogap export --model model.json --packed model.bits",
                  "A network of --neuron-set binary, a bit a weight."}},
    .usage = "--data D --beta B --sdpa FILE [OPTION]... | --model FILE --packed FILE",
    .summary = "write the semidefinite program for any other solver, or a few-bit network",
    .about =
        "Writes the dual of the training program in SDPA's sparse format, which CSDP, SDPA, DSDP, "
        "SCIP-SDP and others read. Comments at the top of the file say how the optimal value "
        "relates "
        "to the training objective. The whole solver can be used as a method as well: see external "
        "in zerogap list solvers.\n\n"
        "With --packed, a network whose neurons are of a finite set (--neuron-set) is written as "
        "packed bits instead, for programs of your own.",
    .run = zg_cmd_export,
};

static const zg_cli_option option_rows[] = {
    {.name = "sdpa",
     .argument = "FILE",
     .at = offsetof(arguments, sdpa),
     .writes = "^*&dual of a training problem|^\"&dual of a training problem",
     .help = "Where to write; - is standard output."},
    {.name = "model",
     .argument = "FILE",
     .at = offsetof(arguments, model),
     .help = "The network to write as packed bits."},
    {.name = "packed",
     .argument = "FILE",
     .at = offsetof(arguments, packed),
     .writes = "^{&\"zerogap-bits/1\"",
     .help = "Where to write it: one line of JSON, the weights, and the output weights in double "
             "precision (docs/model.md)."},
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

static zg_status run_packed(const arguments *a, zg_error *error)
{
    zg_network *network = NULL;
    if (!a->model || !a->packed || a->sdpa || a->inputs.data)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--packed and --model go together, without --sdpa and --data");
    zg_status status = zg_network_load(a->model, &network, error);
    if (status == ZG_OK) status = zg_packed_write(a->packed, network, error);
    zg_network_free(network);
    return status;
}

static zg_status run(arguments *a, zg_error *error)
{
    zg_problem *problem = NULL;
    size_t output = 1;
    if (a->packed || a->model) return run_packed(a, error);
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
    if (status == ZG_OK && problem->outputs > 1)
        fprintf(stderr, "note: output %zu of %zu: --output-index says which to write\n", output,
                problem->outputs);
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
