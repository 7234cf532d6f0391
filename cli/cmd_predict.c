/* zerogap predict: a trained network on new rows. */
#include "base/linalg.h"
#include "base/replace.h"
#include "cli/commands.h"
#include "cli/model_rows.h"
#include "cli/prediction.h"
#include "core/problem_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    zg_inputs inputs;
    const char *model, *output;
    bool scores, names, force, json, quiet;
} arguments;

static const zg_cli_command command = {
    .name = "predict",
    .examples = {{"zerogap predict --model model.json --data new.csv -o predictions.csv",
                  "A line per row of new.csv, in its order; the target column need not be there."},
                 {"zerogap predict --model model.json --data new.csv --scores --names",
                  "With the outputs behind each class, and a first line with names."}},
    .usage = "--model MODEL.json --data NEW [-o FILE] [OPTION]...",
    .summary = "predict new rows with a trained network",
    .about =
        "Prints a line per row, in their order: the value, the values of several outputs separated "
        "by commas, or the class. Columns are matched by name where model and data have names; "
        "further columns are left out, and the target need not be there. Where it is, how good the "
        "predictions are goes to standard error, or to standard output when --output takes the "
        "lines.",
    .run = zg_cmd_predict,
};

static const zg_cli_option option_rows[] = {
    ZG_MODEL_OPTION,
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .at = offsetof(arguments, output),
     .writes = "^{\"prediction\":",
     .help = "Where to write the lines (default: standard output)."},
    {.name = "scores",
     .at = offsetof(arguments, scores),
     .help = "Classes: the network's outputs behind each class, and the probabilities of the "
             "classes where it was trained with logistic loss."},
    {.name = "names",
     .at = offsetof(arguments, names),
     .help = "A first line with the columns' names."},
    {.name = "json",
     .at = offsetof(arguments, json),
     .help = "JSON lines instead of CSV: an object per row, each a line of its own; with "
             "--output, how good they are as one JSON document."},
    {.name = "quiet",
     .letter = 'q',
     .at = offsetof(arguments, quiet),
     .help = "Nothing about how good they are."},
    ZG_FORCE_OPTION,
};

static zg_status evaluate(const zg_network *network, const zg_dataset *rows, double **out,
                          zg_error *error)
{
    size_t n = rows->rows;
    *out = zg_doubles(n * network->outputs);
    if (!*out) return zg_no_memory(error);
    zg_status status = zg_network_predict(network, n, rows->x, *out, error);
    for (size_t k = 0; status == ZG_OK && k < n * network->outputs; k++)
        if (!isfinite((*out)[k]))
            status = zg_fail(error, ZG_FAILED, "the network's output for row %zu is too large",
                             k % n + 1);
    return status;
}

/* Whether standard output is free for the scores. */
static bool to_file(const arguments *a)
{
    return a->output && strcmp(a->output, "-") != 0;
}

static zg_status write(const arguments *a, const zg_network *network, size_t n, const double *f,
                       zg_error *error)
{
    zg_replacement replacement;
    const zg_prediction_style style = {
        .scores = a->scores,
        .names = a->names,
        .json = a->json,
        .log_odds = zg_loss_has(network->training.loss.kind, ZG_LOSS_ENTROPY) &&
                    network->encoding.task == ZG_BINARY};
    if (!to_file(a)) return zg_prediction_write(&network->encoding, &style, n, f, stdout, error);
    zg_status status = zg_replace_begin(&replacement, a->output, error);
    if (status) return status;
    status = zg_prediction_write(&network->encoding, &style, n, f, replacement.file, error);
    return zg_replace_end(&replacement, status, error);
}

/* The rows whose targets are all there, and the network's outputs for them; NULL: there are none.
 */
static zg_status labelled(const zg_dataset *rows, size_t outputs, const double *f, zg_dataset **out,
                          double **f_out, zg_error *error)
{
    size_t n = rows->rows, count = 0, *order = malloc(n * sizeof *order);
    *out = NULL;
    *f_out = NULL;
    if (!order) return zg_no_memory(error);
    for (size_t i = 0; i < n; i++) {
        bool whole = true;
        for (size_t k = 0; k < rows->targets; k++)
            whole = whole && !isnan(rows->t[i * rows->targets + k]);
        if (whole) order[count++] = i;
    }
    zg_status status = ZG_OK;
    if (count > 0) {
        status = zg_dataset_select(rows, count, order, out, error);
        *f_out = zg_doubles(count * outputs);
        if (status == ZG_OK && !*f_out) status = zg_no_memory(error);
        for (size_t k = 0; status == ZG_OK && k < count * outputs; k++)
            (*f_out)[k] = f[k / count * n + order[k % count]];
    }
    free(order);
    return status;
}

static zg_status score(const arguments *a, const zg_network *network, const zg_dataset *rows,
                       const double *f, zg_error *error)
{
    bool apart = to_file(a);
    zg_scores scores;
    zg_error inner = {0};
    double *y = zg_doubles(rows->rows * network->outputs);
    if (!y) return zg_no_memory(error);
    /* Targets that the model does not know are no reason not to predict. */
    zg_status status = zg_encoding_targets_of(&network->encoding, rows, y, &inner);
    if (status != ZG_OK) {
        fprintf(stderr, "zerogap predict: note: the targets are left alone: %s\n", inner.message);
        free(y);
        return ZG_OK;
    }
    status = zg_scores_compute(&network->encoding,
                               zg_loss_has(network->training.loss.kind, ZG_LOSS_ENTROPY),
                               rows->rows, f, y, &scores, error);
    free(y);
    if (status) return status;
    zg_prediction_summary(&network->encoding, &scores, a->model, apart && a->json,
                          apart ? stdout : stderr);
    zg_scores_clear(&scores);
    return ZG_OK;
}

static zg_status summarise(const arguments *a, const zg_network *network, const double *f,
                           zg_error *error)
{
    zg_dataset *rows = NULL;
    double *own = NULL;
    if (a->inputs.train->targets == 0 || a->quiet) return ZG_OK;
    if (!zg_row_kind_has_values(network->training.rows)) return ZG_OK; /* no targets of f */
    zg_status status = labelled(a->inputs.train, network->outputs, f, &rows, &own, error);
    if (status == ZG_OK && rows) status = score(a, network, rows, own, error);
    zg_dataset_free(rows);
    free(own);
    return status;
}

static int run(void *context)
{
    arguments *a = context;
    zg_error error = {0};
    zg_network *network = NULL;
    double *f = NULL;
    zg_status status = ZG_OK;
    if (!a->model) status = zg_fail(&error, ZG_BAD_INPUT, "--model is needed: a model file");
    if (status == ZG_OK && to_file(a)) status = zg_cli_writable("output", a->output, &error);
    if (status == ZG_OK) status = zg_network_load(a->model, &network, &error);
    if (status == ZG_OK) status = zg_model_rows_load(&a->inputs, network, a->quiet, &error);
    if (status == ZG_OK) status = evaluate(network, a->inputs.train, &f, &error);
    if (status == ZG_OK) status = write(a, network, a->inputs.train->rows, f, &error);
    if (status == ZG_OK) status = summarise(a, network, f, &error);
    free(f);
    zg_network_free(network);
    return status ? zg_cli_fail("predict", &error) : ZG_EXIT_FINE;
}

int zg_cmd_predict(int argc, char **argv)
{
    arguments a = {0};
    const zg_cli_table own = ZG_CLI_TABLE(option_rows, &a);
    return zg_inputs_command(&command, &own, &a.inputs, run, argc, argv);
}
