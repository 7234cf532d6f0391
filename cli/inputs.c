/* What train, certify and export share: options that name data and model, and their loading. */
#include "cli/inputs.h"

#include "base/linalg.h"
#include "core/model_settings.h"
#include "core/neuron_set.h"
#include "data/catalogue.h"
#include "data/one_hot.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- options --------------------------------------------------------------------------------- */

static const zg_cli_option file_rows[] = {
    {.name = "data",
     .letter = 'd',
     .argument = "DATA",
     .at = offsetof(zg_inputs, data),
     .help = "A data set's name (zerogap list data), a file (CSV, LIBSVM, ARFF, NPY, NPZ, IDX), "
             "or - for standard input."},
    {.name = "target",
     .letter = 't',
     .argument = "COLUMN",
     .at = offsetof(zg_inputs, target),
     .help = "Target column: a name, a 1-based index, or last (default); several, separated by "
             "commas, for several outputs."},
    {.name = "header",
     .at = offsetof(zg_inputs, header),
     .help = "The CSV file's first line is a header."},
    {.name = "no-header",
     .at = offsetof(zg_inputs, no_header),
     .help = "The CSV file has no header (default: detected)."},
};

static const zg_cli_option training_rows[] = {
    {.name = "weights",
     .argument = "COLUMN",
     .at = offsetof(zg_inputs, weights_column),
     .help = "Column of sample weights, > 0: each multiplies its row's loss (default: all 1)."},
    {.name = "task",
     .argument = "TASK",
     .at = offsetof(zg_inputs, task),
     .help = "regression, binary (two labels become -1 and +1 in sorted order), multiclass (one "
             "0/1 output per label) or auto (default: classes where the target holds words)."},
    {.name = "class-weights",
     .argument = "WEIGHTS",
     .at = offsetof(zg_inputs, class_weights),
     .help = "Weights of the classes' rows in training: balanced (every class counts alike), or "
             "LABEL=W,LABEL=W (1 for others); times --weights."},
    {.name = "series",
     .argument = "LAGS",
     .at = offsetof(zg_inputs, series),
     .help = "The table is a time series, its target the measured outputs: outputs=NA,inputs=NB,"
             "delay=NK makes inputs of the last NA outputs and of NB inputs, the latest NK samples "
             "old (default 1); experiment=COLUMN tells several apart. --split is then in time."},
    {.name = "split",
     .argument = "FRACTION",
     .at = offsetof(zg_inputs, split),
     .help = "Share of the rows to train on, above 0 and below 1; the rest are test rows "
             "(default: all rows train)."},
    {.name = "validation",
     .argument = "FRACTION",
     .at = offsetof(zg_inputs, validation_share),
     .help = "Share of the rows to choose settings by, from those that do not train; without "
             "--split all of those (default: none)."},
    {.name = "seed",
     .argument = "N",
     .at = offsetof(zg_inputs, seed),
     .help = "Seed of the split's permutation (default 0)."},
};

static char loss_help[160];

/* "squared (default), absolute, huber[:DELTA], ... or interpolate." */
static void describe_losses(void)
{
    const size_t size = sizeof loss_help;
    size_t used = 0;
    for (int k = 0; k < ZG_LOSS_COUNT && used < size; k++) {
        const char *name = zg_loss_name((zg_loss_kind)k);
        bool fallback = strcmp(name, ZG_DEFAULT_LOSS) == 0;
        bool threshold = zg_loss_has((zg_loss_kind)k, ZG_LOSS_THRESHOLD);
        const char *gap = k == ZG_LOSS_COUNT - 1 ? "." : k == ZG_LOSS_COUNT - 2 ? " or " : ", ";
        used += (size_t)snprintf(loss_help + used, size - used, "%s%s%s%s", name,
                                 fallback ? " (default)" : "", threshold ? "[:DELTA]" : "", gap);
    }
}

static const zg_cli_option model_rows[] = {
    {.name = "activation",
     .letter = 'a',
     .argument = "A",
     .at = offsetof(zg_inputs, activation),
     .help =
         ZG_DEFAULT_ACTIVATION " (0.09 t^2 + 0.5 t + 0.47; default), quadratic (t^2), or A,B,C."},
    {.name = "architecture",
     .argument = "ARCH",
     .at = offsetof(zg_inputs, architecture),
     .help = ZG_DEFAULT_ARCHITECTURE
     " (default), conv1d:filter=F,stride=S,pool=P or "
     "conv2d:height=H,width=W,filter=FxG,stride=SxT,pool=PxQ; pool is none, global or a "
     "size in patches; channels=K for several planes."},
    {.name = "loss",
     .letter = 'l',
     .argument = "LOSS",
     .at = offsetof(zg_inputs, loss),
     .help = loss_help},
    {.name = "beta",
     .letter = 'b',
     .argument = "BETA",
     .at = offsetof(zg_inputs, beta),
     .help = "Weight of the penalty, > 0; needed, but for interpolate (1)."},
    {.name = "neuron-set",
     .argument = "SET",
     .at = offsetof(zg_inputs, neuron_set),
     .help = "Which neurons there may be: " ZG_DEFAULT_NEURON_SET
             " (default: any), binary (weights -1 and 1, scaled to unit length), ternary, bits:K, "
             "or bilinear (pairs of binary ones)."},
    {.name = "standardize",
     .at = offsetof(zg_inputs, standardize),
     .help = "Scale inputs by the training rows' means and population standard deviations."},
    {.name = "standardize-target",
     .at = offsetof(zg_inputs, standardize_target),
     .help = "The same for the targets of a regression; objective and bound are then in these "
             "units, predictions and scores in those of the file."},
    {.name = "rows",
     .argument = "KIND",
     .at = offsetof(zg_inputs, rows),
     .help = "What the targets say of the network: values (default), slopes (the derivative along "
             "each input, a target column each, in their order), values+slopes, or contrast (one "
             "row: the mean where the target is above 0, less the mean elsewhere, is 1)."},
    {.name = "robust",
     .argument = "R",
     .at = offsetof(zg_inputs, robust),
     .help =
         "Charge each row for the worst point within R (l2) of it, in the units that the network "
         "sees (after --standardize); one output. Default 0: for the row itself."},
    {.name = "bias",
     .at = offsetof(zg_inputs, bias),
     .help = "The input 1 stands behind the others, so that there is a free constant; dense "
             "networks."},
    {.name = "halfspaces",
     .at = offsetof(zg_inputs, halfspaces),
     .help = "The network gets 0/1 inputs, one for each way in which a hyperplane parts the rows, "
             "through the origin or with --bias anywhere; up to 3 inputs, with --bias 2. Threshold "
             "units are --halfspaces --activation quadratic --architecture conv1d:filter=1."},
};

zg_cli_table zg_inputs_file_options(zg_inputs *in)
{
    return ZG_CLI_TABLE(file_rows, in);
}

zg_cli_table zg_inputs_training_options(zg_inputs *in)
{
    return ZG_CLI_TABLE(training_rows, in);
}

zg_cli_table zg_inputs_model_options(zg_inputs *in)
{
    describe_losses();
    return ZG_CLI_TABLE(model_rows, in);
}

/* ---- model ----------------------------------------------------------------------------------- */

static zg_status parse_word(const char *option, const char *text, const char *const *words,
                            size_t count, int *out, zg_error *error)
{
    *out = 0;
    if (!text) return ZG_OK;
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0) {
            *out = (int)i;
            return ZG_OK;
        }
    char what[64];
    snprintf(what, sizeof what, "value of --%s", option);
    return zg_fail_unknown(error, what, text, words, count);
}

zg_status zg_inputs_parse_model(zg_inputs *in, bool needs_beta, zg_error *error)
{
    static const char *const tasks[] = {"regression", "binary", "multiclass", "auto"};
    int task;
    zg_status status = parse_word("task", in->task ? in->task : "auto", tasks, 4, &task, error);
    in->model.task = (zg_task)task;
    in->model.standardize = in->standardize;
    in->model.halfspaces = in->halfspaces;
    const char *const texts[] = {
        [ZG_MODEL_ACTIVATION] = in->activation, [ZG_MODEL_LOSS] = in->loss};
    for (zg_model_setting k = ZG_MODEL_ACTIVATION; k <= ZG_MODEL_LOSS && status == ZG_OK; k++)
        status = zg_model_setting_apply(k, texts[k], 0, &in->model, NULL, error);
    if (status == ZG_OK)
        status =
            zg_model_setting_apply(ZG_MODEL_NEURON_SET, in->neuron_set, 0, &in->model, NULL, error);
    if (status == ZG_OK && in->rows) status = zg_row_kind_parse(in->rows, &in->model.rows, error);
    double beta = zg_model_default_beta(in->model.loss);
    if (!isnan(beta)) in->model.beta = beta;
    if (status == ZG_OK && needs_beta && !in->beta && isnan(beta))
        status =
            zg_fail(error, ZG_BAD_INPUT,
                    "--beta is needed: the weight of the penalty, > 0; --beta-path 20 --folds 5 "
                    "chooses it");
    if (status == ZG_OK)
        status = zg_cli_number("beta", in->beta, DBL_MIN, DBL_MAX, &in->model.beta, error);
    return status ? status
                  : zg_cli_number("robust", in->robust, 0.0, 1e100, &in->model.robust, error);
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* What does not train: validation rows in front, test rows behind them. */
static zg_status split_rest(zg_inputs *in, double share, size_t all, zg_dataset *rest,
                            zg_error *error)
{
    size_t count = (size_t)llround(share * (double)all);
    if (count == 0)
        return zg_fail(error, ZG_BAD_INPUT, "--validation %g leaves no validation rows of %zu",
                       share, all);
    if (count < rest->rows) return zg_dataset_cut(rest, count, &in->validation, &in->test, error);
    return zg_dataset_copy(rest, &in->validation, error);
}

/* The first samples of a series train, those after them validate, the last ones test. */
static zg_status split_in_time(zg_inputs *in, double train, double validation, zg_error *error)
{
    if (in->seed)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--seed shuffles, and a series is split in the order of time");
    if (!(train + validation < 1.0))
        return zg_fail(error, ZG_BAD_INPUT,
                       "a series is split in time: --split and --validation must leave samples for "
                       "the test, found a sum of %g",
                       train + validation);
    zg_dataset *all = in->train;
    in->train = NULL;
    zg_status status = zg_dataset_split_time(all, (zg_time_split){train, validation, 0}, &in->train,
                                             &in->validation, &in->test, error);
    zg_dataset_free(all);
    return status;
}

/* in->train to training, validation and test rows. */
static zg_status split(zg_inputs *in, zg_error *error)
{
    double train = 0, validation = 0;
    size_t seed = 0;
    zg_dataset *rest = NULL;
    zg_status status = zg_cli_number("split", in->split, 1e-9, 1.0 - 1e-9, &train, error);
    if (status == ZG_OK)
        status =
            zg_cli_number("validation", in->validation_share, 1e-9, 1.0 - 1e-9, &validation, error);
    if (status == ZG_OK) status = zg_cli_size("seed", in->seed, 0, UINT32_MAX, &seed, error);
    if (status != ZG_OK) return status;
    if (!in->split && !in->validation_share && in->seed && !in->folds)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--seed draws rows for --split, --validation or --folds: without them it "
                       "would be ignored");
    if (!in->split && !in->validation_share) return ZG_OK;
    if (in->train->series) {
        if (!in->split)
            return zg_fail(error, ZG_BAD_INPUT,
                           "--split is needed beside --validation: the share of the series' "
                           "samples that train");
        return split_in_time(in, train, validation, error);
    }
    if (!in->split) train = 1.0 - validation;
    if (train + validation > 1.0 + 1e-12)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--split and --validation are shares of the rows: their sum must not be "
                       "above 1, found %g",
                       train + validation);
    zg_dataset *all = in->train;
    in->train = NULL;
    status = zg_dataset_split(all, train, (uint32_t)seed, &in->train, &rest, error);
    if (status == ZG_OK && in->validation_share) {
        status = split_rest(in, validation, all->rows, rest, error);
        zg_dataset_free(rest);
    } else {
        in->test = rest;
    }
    zg_dataset_free(all);
    return status;
}

/* Test rows of their own: their columns are those of the training rows, by name where both have
 * names. */
static zg_status load_test(zg_inputs *in, const zg_data_options *options, zg_error *error)
{
    if (!in->test_data) return ZG_OK;
    if (in->split)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--test and --split contradict each other: either "
                       "brings test rows");
    zg_schema schema = zg_dataset_schema(in->train);
    zg_data_options own = *options;
    own.schema = &schema;
    if (schema.target_names) own.target = NULL; /* the same columns wherever they are */
    return zg_catalogue_load(in->test_data, &own, &in->test, error);
}

/* Weights are read as one target more, the last: this takes them out again. */
static zg_status take_weights(zg_inputs *in, zg_error *error)
{
    zg_dataset *const others[] = {in->validation, in->test};
    if (!in->weights_column) return ZG_OK;
    zg_status status = zg_dataset_take_weights(in->train, &in->weights, error);
    for (size_t i = 0; status == ZG_OK && i < 2; i++) {
        double *ignored = NULL; /* rows that only score count alike */
        if (others[i]) status = zg_dataset_take_weights(others[i], &ignored, error);
        free(ignored);
    }
    return status;
}

zg_status zg_inputs_data_settings(const zg_inputs *in, zg_data_options *out, zg_error *error)
{
    if (!in->data) return zg_fail(error, ZG_BAD_INPUT, "--data is needed: a file or a name");
    if (in->series && in->weights_column)
        return zg_fail(error, ZG_BAD_INPUT, "--series takes no --weights");
    if (in->header && in->no_header)
        return zg_fail(error, ZG_BAD_INPUT, "--header and --no-header contradict each other");
    *out = (zg_data_options){.target = in->target,
                             .header = in->header      ? ZG_HEADER_YES
                                       : in->no_header ? ZG_HEADER_NO
                                                       : ZG_HEADER_DETECT};
    return zg_table_options_apply(&in->table, out, error);
}

/* The list of targets with the weights' column behind it: the caller's. */
static zg_status add_weights(const zg_inputs *in, char **out, zg_error *error)
{
    const zg_schema *schema = in->schema;
    size_t size = 0;
    if (!in->target && schema && !schema->target_names && schema->target_columns)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--target is needed beside --weights: the model's target was column %zu of "
                       "its table",
                       schema->target_columns[0]);
    FILE *list = open_memstream(out, &size);
    if (!list) return zg_no_memory(error);
    if (in->target || !schema || !schema->target_names)
        fputs(in->target ? in->target : "last", list);
    for (size_t k = 0; !in->target && schema && schema->target_names && k < schema->targets; k++)
        fprintf(list, "%s%s", k ? "," : "", schema->target_names[k]);
    fprintf(list, ",%s", in->weights_column);
    return fclose(list) == 0 ? ZG_OK : zg_no_memory(error);
}

static zg_status load_data(zg_inputs *in, bool fit, zg_error *error)
{
    zg_data_options options;
    zg_schema schema;
    char *both = NULL;
    zg_status status = zg_inputs_data_settings(in, &options, error);
    if (status) return status;
    options.schema = in->schema;
    if (in->series) {
        status = zg_lags_parse(in->series, &in->lags, error);
        if (status) return status;
        options.lags = &in->lags;
    }
    if (options.missing == ZG_MISSING_MEAN) options.missing = ZG_MISSING_TRAINING_MEAN;
    if (in->weights_column) {
        status = add_weights(in, &both, error);
        options.target = both;
        options.weighted = true;
        if (in->schema) {
            schema = *in->schema;
            schema.targets++;
            schema.target_names = NULL;
            options.schema = &schema;
        }
    }
    if (status == ZG_OK) status = zg_catalogue_load(in->data, &options, &in->train, error);
    if (status == ZG_OK) status = load_test(in, &options, error);
    free(both);
    if (status == ZG_OK) status = split(in, error);
    zg_dataset *const others[] = {in->validation, in->test};
    if (status == ZG_OK && fit) /* otherwise the words are those of a model */
        status = zg_one_hot_trim(in->train, others, 2, options.unknown_zero, error);
    return status ? status : take_weights(in, error);
}

/* Whether every training row that has input j has the same value: its mean then. */
static bool is_constant(const zg_inputs *in, size_t j)
{
    const zg_dataset *rows = in->train;
    for (size_t i = 0; i < rows->rows; i++) {
        double value = rows->x[i * rows->inputs + j];
        if (!isnan(value) && value != in->preprocess.mean[j]) return false;
    }
    return true;
}

/* What never changes is 0 when it is standardised, whatever it was. */
static void note_constants(const zg_inputs *in)
{
    const zg_dataset *rows = in->train;
    for (size_t j = 0; j < rows->inputs; j++) {
        if (!is_constant(in, j)) continue;
        char number[32];
        snprintf(number, sizeof number, "%zu", j + 1);
        fprintf(stderr,
                "note: input %s is constant over the training rows: standardised, it is 0 "
                "everywhere%s\n",
                rows->input_names ? rows->input_names[j] : number,
                in->bias ? "" : "; --bias gives a constant input that stays 1");
    }
}

/* Whether rows that only score have known labels. */
static zg_status check_rows(const zg_inputs *in, const zg_dataset *rows, const char *what,
                            zg_error *error)
{
    if (!rows) return ZG_OK;
    zg_error inner = {0};
    double *y = zg_doubles(rows->rows * in->encoding.outputs);
    if (!y) return zg_no_memory(error);
    zg_status status = zg_encoding_apply(&in->encoding, rows, y, &inner);
    free(y);
    return status ? zg_fail(error, status, "the %s rows: %.900s", what, inner.message) : ZG_OK;
}

#define FEW_VALUES 10 /* that may be classes */

/* Two values, or 0, 1, .. or 1, 2, .., many times over: as people write classes. */
static bool look_like_classes(const double *seen, size_t count, size_t rows)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t k = 0; k < count; k++) {
        low = fmin(low, seen[k]);
        high = fmax(high, seen[k]);
    }
    if (count == 2) return rows >= 10;
    return count > 2 && (low == 0 || low == 1) && high - low + 1 == (double)count &&
           rows >= 20 * count;
}

/* A target of a few whole numbers is a regression, and may have been meant as classes. */
static void note_few_values(const zg_dataset *rows)
{
    double seen[FEW_VALUES];
    size_t count = 0;
    for (size_t i = 0; i < rows->rows && rows->targets == 1; i++) {
        size_t k = 0;
        while (k < count && seen[k] != rows->t[i])
            k++;
        if (k < count) continue;
        if (count == FEW_VALUES || rows->t[i] != floor(rows->t[i])) return;
        seen[count++] = rows->t[i];
    }
    if (!look_like_classes(seen, count, rows->rows)) return;
    fprintf(stderr,
            "note: the target has %zu different values and is taken for a number: --task %s takes "
            "them for classes, --task regression is what was done\n",
            count, count == 2 ? "binary" : "multiclass");
}

/* Says what --task auto took the target for, where it could have been something else. */
static void tell_task(const zg_inputs *in)
{
    const zg_dataset *rows = in->train;
    if (in->model.task != ZG_TASK_AUTO) return;
    if (!rows->labels) {
        note_few_values(rows);
        return;
    }
    bool binary = zg_task_of(rows, ZG_TASK_AUTO) == ZG_BINARY;
    fprintf(stderr, "note: the target holds %zu different words: --task %s\n", rows->label_count,
            binary ? "binary" : "multiclass");
}

zg_status zg_inputs_fit(zg_inputs *in, zg_error *error)
{
    zg_status status = zg_encoding_fit(in->train, in->model.task, &in->encoding, error);
    if (status == ZG_OK)
        status = zg_preprocess_fit(in->train, in->standardize, &in->preprocess, error);
    in->preprocess.bias = in->bias;
    if (status == ZG_OK && in->halfspaces)
        status = zg_preprocess_fit_halfspaces(in->train, &in->preprocess, error);
    if (status == ZG_OK && in->standardize_target)
        status = zg_encoding_standardize(&in->encoding, in->train, error);
    if (status == ZG_OK && in->class_weights)
        status = zg_class_weights(&in->encoding, in->train, in->class_weights, &in->weights, error);
    return status;
}

zg_status zg_inputs_load(zg_inputs *in, bool needs_beta, bool fit, zg_error *error)
{
    zg_status status = zg_inputs_parse_model(in, needs_beta, error);
    if (status == ZG_OK) status = load_data(in, fit, error);
    zg_print_notes(in->train);
    if (in->test_data) zg_print_notes(in->test);
    if (status) return status;
    status = zg_model_setting_apply(ZG_MODEL_ARCHITECTURE, in->architecture, in->train->inputs,
                                    &in->model, NULL, error);
    in->preprocess.bias = in->bias;
    if (status == ZG_OK && fit) {
        tell_task(in);
        in->model.task = zg_task_of(in->train, in->model.task);
        status = zg_inputs_fit(in, error);
    }
    if (status == ZG_OK && fit && in->standardize) note_constants(in);
    if (status == ZG_OK && fit) status = check_rows(in, in->validation, "validation", error);
    if (status == ZG_OK && fit) status = check_rows(in, in->test, "test", error);
    return status;
}

void zg_inputs_clear(zg_inputs *in)
{
    zg_dataset_free(in->train);
    zg_dataset_free(in->validation);
    zg_dataset_free(in->test);
    free(in->weights);
    in->weights = NULL;
    zg_preprocess_clear(&in->preprocess);
    zg_encoding_clear(&in->encoding);
    in->train = in->validation = in->test = NULL;
}

int zg_inputs_command(const zg_cli_command *command, const zg_cli_table *own, zg_inputs *inputs,
                      int (*run)(void *arguments), int argc, char **argv)
{
    int exit_status;
    const zg_cli_table tables[] = {zg_inputs_file_options(inputs),
                                   zg_table_options_rows(&inputs->table), *own};
    if (!zg_cli_begin(command, tables, sizeof tables / sizeof *tables, argc, argv, NULL,
                      &exit_status))
        return exit_status;
    exit_status = run(own->into);
    zg_inputs_clear(inputs);
    return exit_status;
}
