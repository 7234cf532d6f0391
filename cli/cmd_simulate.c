/* zerogap simulate: a model of a time series on its own outputs. */
#include "base/linalg.h"
#include "base/number.h"
#include "base/replace.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/json.h"
#include "core/free_run.h"
#include "data/catalogue.h"
#include "data/csv.h"
#include "reports/simulation_plot.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    zg_inputs inputs;
    const char *model, *output, *plot, *from;
    bool force, json, quiet;
} arguments;

/* What a free run came to. */
typedef struct simulation {
    size_t n, outputs, diverged; /* rows; 0, or the row from 1 */
    double *y, *f;               /* outputs x n: measured, simulated */
    double rmse, fit;
} simulation;

static const zg_cli_command command = {
    .name = "simulate",
    .examples = {{"zerogap simulate --model model.json --data plant.csv -o run.csv --svg run.svg",
                  "The model's own outputs beside the measured ones, and a picture of both."},
                 {"zerogap simulate --model model.json --data plant.csv --from 501",
                  "From sample 501 on: what did not train."}},
    .usage = "--model MODEL.json --data SERIES [-o FILE] [OPTION]...",
    .summary = "run a model of a time series on its own outputs",
    .about = "Begins with the measured past of the first row and goes on with the model's own "
             "outputs and the measured inputs; where the table begins another experiment, anew. "
             "Prints a line per row: the sample's number, the measured outputs, the simulated "
             "ones. An output beyond 1e8 ends the run: it has diverged, and the status is 5. How "
             "well it fits goes to standard error, or to standard output when --output takes the "
             "lines.",
    .run = zg_cmd_simulate,
};

static const zg_cli_option option_rows[] = {
    ZG_MODEL_OPTION,
    {.name = "from",
     .argument = "SAMPLE",
     .at = offsetof(arguments, from),
     .help = "The first sample to simulate, from 1 (default: the first one with a past)."},
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .at = offsetof(arguments, output),
     .writes = "^sample,& simulated\n",
     .help = "Where to write the lines (default: standard output)."},
    {.name = "svg",
     .argument = "FILE",
     .at = offsetof(arguments, plot),
     .writes = "^<svg &<title>Free run of a model",
     .help = "A picture of the measured and the simulated outputs, one below the other."},
    {.name = "json", .at = offsetof(arguments, json), .help = "How well it fits as JSON."},
    {.name = "quiet",
     .letter = 'q',
     .at = offsetof(arguments, quiet),
     .help = "Nothing about how well it fits."},
    ZG_FORCE_OPTION,
};

/* Rows of samples before `from` go. */
static zg_status begin_at(const char *from, zg_dataset **rows, zg_error *error)
{
    size_t first = 1, count = 0;
    zg_status status = zg_cli_size("from", from, 1, SIZE_MAX, &first, error);
    if (status || !from) return status;
    const zg_dataset *all = *rows;
    size_t *order = malloc(all->rows * sizeof *order);
    if (!order) return zg_no_memory(error);
    for (size_t i = 0; i < all->rows; i++)
        if (all->series->sample[i] + 1 >= first) order[count++] = i;
    zg_dataset *kept = NULL;
    status = count ? zg_dataset_select(all, count, order, &kept, error)
                   : zg_fail(error, ZG_BAD_INPUT, "--from %zu: the series has %zu samples", first,
                             all->series->samples);
    free(order);
    if (status) return status;
    zg_dataset_free(*rows);
    *rows = kept;
    return ZG_OK;
}

static zg_status load(arguments *a, const zg_network *network, zg_error *error)
{
    zg_data_options options;
    if (!network->preprocess.series)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s is no model of a time series: train with --series, or use predict",
                       a->model);
    zg_schema schema = zg_model_schema(&network->preprocess, &network->encoding);
    schema.lenient = true;
    zg_status status = zg_inputs_data_settings(&a->inputs, &options, error);
    options.schema = &schema;
    if (status == ZG_OK)
        status = zg_catalogue_load(a->inputs.data, &options, &a->inputs.train, error);
    if (!a->quiet) zg_print_notes(a->inputs.train);
    return status ? status : begin_at(a->from, &a->inputs.train, error);
}

static zg_status simulate(const zg_network *network, const zg_dataset *rows, simulation *s,
                          zg_error *error)
{
    s->n = rows->rows;
    s->outputs = network->outputs;
    size_t count = s->n * s->outputs;
    s->y = zg_doubles(count);
    s->f = zg_doubles(count);
    s->rmse = s->fit = NAN;
    if (!s->y || !s->f) return zg_no_memory(error);
    zg_status status = zg_encoding_targets_of(&network->encoding, rows, s->y, error);
    if (status == ZG_OK) status = zg_free_run(network, rows, s->f, &s->diverged, error);
    if (status || s->diverged) return status;
    s->rmse = zg_rmse(count, s->f, s->y);
    s->fit = zg_fit_percent(s->outputs, s->n, s->y, s->f);
    return ZG_OK;
}

/* ---- lines ------------------------------------------------------------------------------------- */

static void write_names(const zg_encoding *encoding, size_t outputs, FILE *out)
{
    fputs("sample", out);
    for (size_t k = 0; k < 2 * outputs; k++) {
        char *name = NULL;
        size_t c = k % outputs;
        const char *kind = k < outputs ? "" : " simulated";
        int length = encoding->names ? asprintf(&name, "%s%s", encoding->names[c], kind)
                                     : asprintf(&name, "y%zu%s", c + 1, kind);
        fputc(',', out);
        if (length >= 0) zg_csv_write_text(out, name);
        free(length >= 0 ? name : NULL);
    }
    fputc('\n', out);
}

/* Simulated outputs end where the run diverged. */
static zg_status write_lines(const zg_network *network, const zg_dataset *rows, const simulation *s,
                             FILE *out, zg_error *error)
{
    char text[ZG_NUMBER_SIZE];
    write_names(&network->encoding, s->outputs, out);
    for (size_t i = 0; i < s->n && (!s->diverged || i + 1 < s->diverged); i++) {
        fprintf(out, "%zu", rows->series->sample[i] + 1);
        for (size_t k = 0; k < 2 * s->outputs; k++) {
            const double *from = k < s->outputs ? s->y : s->f;
            fputc(',', out);
            fwrite(text, 1, zg_number_format(from[k % s->outputs * s->n + i], text), out);
        }
        fputc('\n', out);
    }
    if (fflush(out) != 0 || ferror(out))
        return zg_fail(error, ZG_IO, "cannot write the simulation: %s", strerror(errno));
    return ZG_OK;
}

static bool to_file(const arguments *a)
{
    return a->output && strcmp(a->output, "-") != 0;
}

static zg_status write(const arguments *a, const zg_network *network, const simulation *s,
                       zg_error *error)
{
    zg_replacement replacement;
    const zg_dataset *rows = a->inputs.train;
    if (!to_file(a)) return write_lines(network, rows, s, stdout, error);
    zg_status status = zg_replace_begin(&replacement, a->output, error);
    if (status) return status;
    status = write_lines(network, rows, s, replacement.file, error);
    return zg_replace_end(&replacement, status, error);
}

static zg_status draw(const arguments *a, const zg_network *network, const simulation *s,
                      zg_error *error)
{
    zg_replacement replacement;
    if (!a->plot) return ZG_OK;
    zg_status status = zg_replace_begin(&replacement, a->plot, error);
    if (status) return status;
    zg_simulation_plot(s->outputs, s->n, s->y, s->f, network->encoding.names, 900,
                       replacement.file);
    return zg_replace_end(&replacement, status, error);
}

static void summarise(const arguments *a, const simulation *s, FILE *out)
{
    if (a->json) {
        json_t *root = json_pack("{s:s, s:I, s:b}", "command", "simulate", "rows", (json_int_t)s->n,
                                 "diverged", s->diverged > 0);
        if (s->diverged) json_object_set_new(root, "row", json_integer((json_int_t)s->diverged));
        zg_cli_json_number(root, "free_run_rmse", s->rmse);
        zg_cli_json_number(root, "free_run_fit", s->fit);
        zg_cli_print_json(root, out);
        return;
    }
    fprintf(out, "%-26s %zu\n", "rows", s->n);
    if (s->diverged) {
        fprintf(out, "%-26s in row %zu: an output is beyond %g\n", "diverged", s->diverged,
                ZG_DIVERGED);
        return;
    }
    fprintf(out, "%-26s %.6g\n", "root mean squared error", s->rmse);
    if (isfinite(s->fit))
        fprintf(out, "%-26s %.4g %%\n", "fit", s->fit);
    else
        fprintf(out, "%-26s -  (undefined: the measured outputs do not vary)\n", "fit");
}

static int run(void *context)
{
    arguments *a = context;
    zg_error error = {0};
    zg_network *network = NULL;
    simulation s = {0};
    zg_status status = ZG_OK;
    if (!a->model) status = zg_fail(&error, ZG_BAD_INPUT, "--model is needed: a model file");
    if (status == ZG_OK && to_file(a)) status = zg_cli_writable("output", a->output, &error);
    if (status == ZG_OK) status = zg_network_load(a->model, &network, &error);
    if (status == ZG_OK) status = load(a, network, &error);
    if (status == ZG_OK) status = simulate(network, a->inputs.train, &s, &error);
    if (status == ZG_OK) status = write(a, network, &s, &error);
    if (status == ZG_OK) status = draw(a, network, &s, &error);
    if (status == ZG_OK && !a->quiet) summarise(a, &s, to_file(a) ? stdout : stderr);
    bool diverged = s.diverged > 0;
    free(s.y);
    free(s.f);
    zg_network_free(network);
    if (status) return zg_cli_fail("simulate", &error);
    return diverged ? ZG_EXIT_FAILED : ZG_EXIT_FINE;
}

int zg_cmd_simulate(int argc, char **argv)
{
    arguments a = {0};
    const zg_cli_table own = ZG_CLI_TABLE(option_rows, &a);
    return zg_inputs_command(&command, &own, &a.inputs, run, argc, argv);
}
