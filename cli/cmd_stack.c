/* zerogap stack: networks trained layer by layer, beside backpropagation through all layers. */
#include "base/linalg.h"
#include "base/number.h"
#include "baselines/deep.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/json.h"
#include "train/stack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LAYERS 100

typedef struct arguments {
    zg_inputs inputs;
    const char *layers, *features, *tolerance, *neurons, *epochs, *rate, *weights_seed;
    bool json;
} arguments;

static const zg_cli_command command = {
    .name = "stack",
    .examples =
        {{"zerogap stack --data table.csv --standardize --beta 1 --layers 4 --split 0.8",
          "Scores by depth, each layer certified."},
         {"zerogap stack --data table.csv --standardize --beta 1 --layers 3 --split 0.8 --epochs "
          "5000",
          "The same beside backpropagation through one, two and three layers at once."}},
    .usage = "--data D --beta B [--layers L] [--epochs N] [OPTION]...",
    .summary = "networks trained layer by layer, each layer certified",
    .about = "Trains a network on the rows, and each further layer on the inputs and on what the "
             "layers before it say of a row. Every layer is certified; of the layers together "
             "nothing is claimed. Prints the objective of each layer and the score on the training "
             "and the test rows; with --epochs also those of backpropagation through as many "
             "layers at once, of which nothing is proven. Ends with status 0 when all layers were "
             "certified.",
    .run = zg_cmd_stack,
};

static const zg_cli_option option_rows[] = {
    {.name = "layers",
     .argument = "L",
     .at = offsetof(arguments, layers),
     .help = "How many, 1 to 100 (default 3)."},
    {.name = "features",
     .argument = "WHAT",
     .at = offsetof(arguments, features),
     .help = "What a layer hands on: outputs (default), or neurons: their responses as well."},
    {.name = "tol",
     .argument = "E",
     .at = offsetof(arguments, tolerance),
     .help = "Relative gap that a layer is certified to (default 1e-6)."},
    {.name = "epochs",
     .argument = "N",
     .at = offsetof(arguments, epochs),
     .help = "Full batches of Adam for backpropagation through each depth (default 0: none)."},
    {.name = "neurons",
     .argument = "M",
     .at = offsetof(arguments, neurons),
     .help = "Of each of its layers (default 50)."},
    {.name = "learning-rate",
     .argument = "R",
     .at = offsetof(arguments, rate),
     .help = "Of Adam (default 0.003)."},
    {.name = "weights-seed",
     .argument = "N",
     .at = offsetof(arguments, weights_seed),
     .help = "Of its first weights (default 0)."},
    {.name = "json", .at = offsetof(arguments, json), .help = "The result as one JSON document."},
};

/* Scores of one depth; NAN where there are no test rows, or no backpropagation. */
typedef struct depth {
    size_t inputs, neurons;
    double objective, bound, gap, training, test;
    double deep_objective, deep_training, deep_test;
} depth;

typedef struct run {
    arguments *a;
    zg_stack_features features;
    zg_deep_options deep; /* epochs 0: none */
    size_t layers;
    double tolerance;
    zg_problem *first;   /* the first layer's, for backpropagation */
    zg_dataset *rows[2]; /* training, and test or NULL; the inputs' own */
    double *test_x;      /* the test rows as the first layer sees them */
    double *y[2];        /* encoded targets of both */
    depth *depths;
} run;

static const char *score_name(const run *r)
{
    return r->a->inputs.encoding.task == ZG_REGRESSION ? "rmse" : "accuracy";
}

/* Root mean squared error in the targets' own units, or the share of right classes; f is changed.
 */
static double score(const run *r, size_t k, double *f)
{
    const zg_encoding *e = &r->a->inputs.encoding;
    size_t n = r->rows[k]->rows, count = n * e->outputs;
    if (e->task != ZG_REGRESSION) return zg_accuracy(e, n, f, r->y[k]);
    double *y = zg_doubles(count), value = NAN;
    if (!y) return NAN;
    memcpy(y, r->y[k], count * sizeof *y);
    zg_encoding_decode(e, n, f);
    zg_encoding_decode(e, n, y);
    value = zg_rmse(count, f, y);
    free(y);
    return value;
}

/* ---- one layer ------------------------------------------------------------------------------- */

static zg_status refit(zg_inputs *in, zg_error *error)
{
    zg_preprocess_clear(&in->preprocess);
    zg_status status = zg_preprocess_fit(in->train, in->standardize, &in->preprocess, error);
    in->preprocess.bias = in->bias;
    return status;
}

/* Of the training rows and of those that test, in what the network's own outputs are. */
static zg_status score_layer(const run *r, const zg_network *network, depth *out, zg_error *error)
{
    zg_network units = *network; /* outputs as they were trained */
    units.encoding.mean = units.encoding.scale = NULL;
    double *const into[] = {&out->training, &out->test};
    zg_status status = ZG_OK;
    for (size_t k = 0; k < 2 && status == ZG_OK; k++) {
        if (!r->rows[k]) continue;
        double *f = zg_doubles(r->rows[k]->rows * network->outputs);
        if (!f) return zg_no_memory(error);
        status = zg_network_predict(&units, r->rows[k]->rows, r->rows[k]->x, f, error);
        if (status == ZG_OK) *into[k] = score(r, k, f);
        free(f);
    }
    return status;
}

static zg_status train_layer(run *r, size_t layer, zg_error *error)
{
    zg_inputs *in = &r->a->inputs;
    depth *out = &r->depths[layer];
    zg_problem *problem = NULL;
    zg_network *network = NULL;
    zg_error inner = {0};
    zg_status status =
        zg_problem_from_dataset(in->train, &in->preprocess, &in->encoding, in->weights, &in->model,
                                (zg_penalty){ZG_PENALTY_L1, 0.0}, &problem, &inner);
    if (status == ZG_OK) status = zg_stack_train(problem, r->tolerance, &network, &inner);
    if (status == ZG_OK) {
        out->inputs = in->train->inputs;
        out->neurons = zg_network_neurons(network);
        out->objective = network->training.objective;
        out->bound = network->training.bound;
        out->gap = network->training.gap;
        status = score_layer(r, network, out, &inner);
    }
    if (status == ZG_OK && layer + 1 < r->layers)
        status = zg_stack_append(network, r->features, layer + 1, 2, r->rows, &inner);
    if (status == ZG_OK && layer + 1 < r->layers) status = refit(in, &inner);
    zg_network_free(network);
    if (layer == 0 && status == ZG_OK)
        r->first = problem;
    else
        zg_problem_free(problem);
    return status ? zg_fail(error, status, "layer %zu: %.900s", layer + 1, inner.message) : ZG_OK;
}

/* ---- backpropagation ------------------------------------------------------------------------- */

static zg_status train_deep(run *r, size_t layer, zg_error *error)
{
    depth *out = &r->depths[layer];
    size_t outputs = r->first->outputs, sets = r->rows[1] ? 2 : 1;
    zg_deep_rows rows[2] = {{r->first->samples, r->first->x, NULL},
                            {r->rows[1] ? r->rows[1]->rows : 0, r->test_x, NULL}};
    zg_status status = ZG_OK;
    for (size_t k = 0; k < sets; k++) {
        rows[k].f = zg_doubles(rows[k].n * outputs);
        if (!rows[k].f) status = zg_no_memory(error);
    }
    r->deep.layers = layer + 1;
    if (status == ZG_OK)
        status = zg_deep_train(r->first, &r->deep, sets, rows, &out->deep_objective, error);
    if (status == ZG_OK) out->deep_training = score(r, 0, rows[0].f);
    if (status == ZG_OK && sets == 2) out->deep_test = score(r, 1, rows[1].f);
    free(rows[0].f);
    free(rows[1].f);
    return status == ZG_FAILED ? ZG_OK : status; /* then there is nothing to compare with */
}

/* ---- all together ---------------------------------------------------------------------------- */

static zg_status parse(run *r, zg_error *error)
{
    const arguments *a = r->a;
    size_t neurons = 50, epochs = 0, seed = 0;
    zg_row_kind kind = ZG_ROWS_VALUES;
    if (a->inputs.rows && zg_row_kind_parse(a->inputs.rows, &kind, error)) return ZG_BAD_INPUT;
    if (kind != ZG_ROWS_VALUES)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "stack trains every layer on values at the rows: no --rows %.40s",
                       a->inputs.rows);
    if (a->inputs.halfspaces)
        return zg_fail(error, ZG_UNSUPPORTED, "stack is for inputs as they are: no --halfspaces");
    r->layers = 3;
    r->tolerance = 1e-6;
    r->deep = (zg_deep_options){.learning_rate = 0.003};
    bool known = !a->features || strcmp(a->features, "outputs") == 0;
    if (!known && strcmp(a->features, "neurons") != 0)
        return zg_fail(error, ZG_BAD_INPUT, "--features: expected outputs or neurons, found %.80s",
                       a->features);
    r->features = known ? ZG_STACK_OUTPUTS : ZG_STACK_NEURONS;
    zg_status status = zg_cli_size("layers", a->layers, 1, MOST_LAYERS, &r->layers, error);
    if (status == ZG_OK)
        status = zg_cli_number("tol", a->tolerance, 1e-12, 1, &r->tolerance, error);
    if (status == ZG_OK) status = zg_cli_size("epochs", a->epochs, 0, 1000000000, &epochs, error);
    if (status == ZG_OK) status = zg_cli_size("neurons", a->neurons, 1, 100000, &neurons, error);
    if (status == ZG_OK)
        status = zg_cli_size("weights-seed", a->weights_seed, 0, UINT32_MAX, &seed, error);
    if (status == ZG_OK)
        status = zg_cli_number("learning-rate", a->rate, 1e-12, 1e3, &r->deep.learning_rate, error);
    r->deep.neurons = neurons;
    r->deep.epochs = (long)epochs;
    r->deep.seed = (uint32_t)seed;
    return status;
}

/* Targets, and the test rows as the first layer sees them. */
static zg_status prepare(run *r, zg_error *error)
{
    zg_inputs *in = &r->a->inputs;
    r->rows[0] = in->train;
    r->rows[1] = in->test;
    r->depths = calloc(r->layers, sizeof *r->depths);
    if (!r->depths) return zg_no_memory(error);
    for (size_t k = 0; k < r->layers; k++) {
        depth *d = &r->depths[k];
        d->training = d->test = d->deep_objective = d->deep_training = d->deep_test = NAN;
    }
    zg_status status = ZG_OK;
    for (size_t k = 0; k < 2 && status == ZG_OK; k++) {
        if (!r->rows[k]) continue;
        r->y[k] = zg_doubles(r->rows[k]->rows * in->encoding.outputs);
        if (!r->y[k]) return zg_no_memory(error);
        status = zg_encoding_apply(&in->encoding, r->rows[k], r->y[k], error);
    }
    if (status != ZG_OK || !in->test) return status;
    r->test_x = zg_doubles(in->test->rows * zg_preprocess_width(&in->preprocess));
    if (!r->test_x) return zg_no_memory(error);
    zg_preprocess_apply(&in->preprocess, in->test->rows, in->test->x, r->test_x);
    return ZG_OK;
}

static void print_json(const run *r)
{
    json_t *layers = json_array();
    for (size_t k = 0; k < r->layers; k++) {
        const depth *d = &r->depths[k];
        json_t *row = json_pack("{s:I, s:I, s:I}", "layers", (json_int_t)k + 1, "inputs",
                                (json_int_t)d->inputs, "neurons", (json_int_t)d->neurons);
        zg_cli_json_number(row, "objective", d->objective);
        zg_cli_json_number(row, "bound", d->bound);
        zg_cli_json_number(row, "gap", d->gap);
        zg_cli_json_number(row, "training", d->training);
        zg_cli_json_number(row, "test", d->test);
        zg_cli_json_number(row, "backprop_objective", d->deep_objective);
        zg_cli_json_number(row, "backprop_training", d->deep_training);
        zg_cli_json_number(row, "backprop_test", d->deep_test);
        json_array_append_new(layers, row);
    }
    zg_cli_print_json(
        json_pack("{s:s, s:s, s:o}", "command", "stack", "score", score_name(r), "depths", layers),
        stdout);
}

static void print_score(double value)
{
    if (isfinite(value))
        printf(" %11.5g", value);
    else
        printf(" %11s", "-");
}

static void print_text(const run *r)
{
    bool deep = r->deep.epochs > 0;
    printf("%s of training and test rows%s\n", score_name(r),
           deep ? "; then those of backpropagation through all layers" : "");
    for (size_t k = 0; k < r->layers; k++) {
        const depth *d = &r->depths[k];
        char bound[ZG_NUMBER_SIZE];
        zg_number_bound(d->bound, 10, -1, bound);
        printf("layer %-3zu objective %-13.10g bound %-13s gap %.1e", k + 1, d->objective, bound,
               d->gap);
        print_score(d->training);
        print_score(d->test);
        if (deep) print_score(d->deep_training);
        if (deep) print_score(d->deep_test);
        putchar('\n');
    }
}

static void run_clear(run *r)
{
    zg_problem_free(r->first);
    free(r->test_x);
    free(r->y[0]);
    free(r->y[1]);
    free(r->depths);
}

int zg_cmd_stack(int argc, char **argv)
{
    arguments a = {0};
    run r = {.a = &a};
    int exit_status;
    const zg_cli_table tables[] = {
        zg_inputs_file_options(&a.inputs), zg_table_options_rows(&a.inputs.table),
        zg_inputs_training_options(&a.inputs), zg_inputs_model_options(&a.inputs),
        ZG_CLI_TABLE(option_rows, &a)};
    zg_error error = {0};
    if (!zg_cli_begin(&command, tables, sizeof tables / sizeof *tables, argc, argv, NULL,
                      &exit_status))
        return exit_status;
    zg_status status = parse(&r, &error);
    if (status == ZG_OK) status = zg_inputs_load(&a.inputs, true, true, &error);
    if (status == ZG_OK) status = prepare(&r, &error);
    for (size_t k = 0; k < r.layers && status == ZG_OK; k++)
        status = train_layer(&r, k, &error);
    for (size_t k = 0; k < r.layers && status == ZG_OK && r.deep.epochs > 0; k++)
        status = train_deep(&r, k, &error);
    if (status == ZG_OK) (a.json ? print_json : print_text)(&r);
    run_clear(&r);
    zg_inputs_clear(&a.inputs);
    return status ? zg_cli_fail("stack", &error) : ZG_EXIT_FINE;
}
