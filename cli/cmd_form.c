/* zerogap form: the quadratic form that a network is. */
#include "base/linalg.h"
#include "base/replace.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/options.h"
#include "core/quadratic_form.h"
#include "reports/kernel_plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TERMS 1000
#define MOST_ENTRIES 1e8 /* of P, all outputs together: text of some gigabytes */

typedef struct arguments {
    const char *model, *terms, *svg;
    bool json, force;
} arguments;

static const zg_cli_command command = {
    .name = "form",
    .examples = {{"zerogap form --model model.json --terms 10",
                  "The ten largest terms, by the inputs' names."},
                 {"zerogap form --model model.json --json > form.json",
                  "P, q and r for other programs."}},
    .usage = "--model MODEL.json [--json] [--svg FILE]",
    .summary = "the quadratic form that a network is",
    .about =
        "A network with a polynomial activation of degree two is one quadratic form per output, "
        "f(x) = x'Px + q'x + r. Prints its largest terms by name and the eigenvalues of P, in the "
        "preprocessed inputs, which are of comparable size when the model standardises; with "
        "--json all numbers, in raw inputs and in preprocessed ones.",
    .run = zg_cmd_form,
};

/* The name of an input, in room bytes when it has none of its own. */
static const char *input_name(const zg_network *network, size_t i, char room[32])
{
    if (network->preprocess.names) return network->preprocess.names[i];
    snprintf(room, 32, "x%zu", i + 1);
    return room;
}

/* What an output stands for: a target, a class, or nothing known. */
static void output_name(const zg_network *network, size_t c, char *name, size_t size)
{
    const zg_encoding *e = &network->encoding;
    size_t label = e->task == ZG_BINARY ? 1 : c;
    if (e->task == ZG_REGRESSION && e->names)
        snprintf(name, size, "%s", e->names[c]);
    else if (e->task == ZG_REGRESSION)
        snprintf(name, size, "output %zu", c + 1);
    else if (e->texts)
        snprintf(name, size, "%s", e->texts[label]);
    else
        snprintf(name, size, "%.17g", e->values[label]);
}

/* A model file of some bytes can say that it has millions of inputs. */
static zg_status check_size(const zg_network *network, bool all, zg_error *error)
{
    double inputs = (double)network->inputs, outputs = all ? (double)network->outputs : 1;
    if (inputs * inputs * outputs <= MOST_ENTRIES && outputs <= MOST_ENTRIES) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "the quadratic forms of %zu inputs and %zu outputs have more than %g "
                   "coefficients",
                   network->inputs, network->outputs, MOST_ENTRIES);
}

static zg_status check_range(const zg_quadratic_form *form, zg_error *error)
{
    size_t d = form->inputs;
    if (zg_all_finite(d * d, form->p) && zg_all_finite(d, form->q) && isfinite(form->r))
        return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT, "the form is beyond the range of double precision");
}

/* In preprocessed inputs; cleared where it fails. */
static zg_status form_of(const zg_network *network, size_t c, zg_quadratic_form *out,
                         zg_error *error)
{
    zg_status status = zg_quadratic_form_create(network, c, out, error);
    if (status == ZG_OK && check_range(out, error) != ZG_OK) {
        zg_quadratic_form_clear(out);
        status = ZG_BAD_INPUT;
    }
    return status;
}

/* Eigenvalues of P, ascending; the caller's. */
static zg_status eigenvalues(const zg_quadratic_form *form, double **out, zg_error *error)
{
    size_t d = form->inputs;
    double *copy = zg_doubles(d * d);
    *out = zg_doubles(d);
    zg_status status = copy && *out ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        memcpy(copy, form->p, d * d * sizeof *copy);
        status = zg_eigenvalues(d, copy, *out);
    }
    free(copy);
    return status ? zg_fail(error, status, "the eigenvalues of P: %s", zg_status_message(status))
                  : ZG_OK;
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static json_t *numbers(size_t count, const double *values)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_real(values[i]));
    return array;
}

static zg_status put_form(const zg_quadratic_form *form, json_t *object, zg_error *error)
{
    double *values;
    json_t *p = json_array();
    for (size_t i = 0; i < form->inputs; i++)
        json_array_append_new(p, numbers(form->inputs, form->p + i * form->inputs));
    json_object_set_new(object, "P", p);
    json_object_set_new(object, "q", numbers(form->inputs, form->q));
    json_object_set_new(object, "r", json_real(form->r));
    json_t *rounding = json_object();
    zg_cli_json_number(rounding, "P", form->p_error);
    zg_cli_json_number(rounding, "q", form->q_error);
    zg_cli_json_number(rounding, "r", form->r_error);
    json_object_set_new(object, "rounding", rounding);
    zg_status status = eigenvalues(form, &values, error);
    if (status == ZG_OK) json_object_set_new(object, "eigenvalues", numbers(form->inputs, values));
    free(values);
    return status;
}

static zg_status output_json(const zg_network *network, size_t c, json_t *object, zg_error *error)
{
    char name[128];
    zg_quadratic_form form, raw = {0};
    output_name(network, c, name, sizeof name);
    zg_cli_json_text(object, "name", name);
    zg_status status = form_of(network, c, &form, error);
    if (status) return status;
    status = zg_quadratic_form_raw(&form, &network->preprocess, &raw, error);
    if (status == ZG_OK) status = check_range(&raw, error);
    if (status == ZG_OK) status = put_form(&raw, object, error);
    if (status == ZG_OK) {
        json_t *inner = json_object();
        status = put_form(&form, inner, error);
        json_object_set_new(object, "preprocessed", inner);
    }
    zg_quadratic_form_clear(&form);
    zg_quadratic_form_clear(&raw);
    return status;
}

static zg_status print_json(const arguments *a, const zg_network *network, zg_error *error)
{
    char room[32];
    json_t *root = json_object(), *inputs = json_array(), *outputs = json_array();
    zg_status status = ZG_OK;
    json_object_set_new(root, "command", json_string("form"));
    zg_cli_json_text(root, "model", a->model);
    for (size_t i = 0; i < network->preprocess.inputs; i++)
        json_array_append_new(inputs, json_string(input_name(network, i, room)));
    for (size_t c = 0; status == ZG_OK && c < network->outputs; c++) {
        json_t *output = json_object();
        status = output_json(network, c, output, error);
        json_array_append_new(outputs, output);
    }
    json_object_set_new(root, "inputs", inputs);
    if (network->preprocess.fill)
        json_object_set_new(root, "fill",
                            numbers(network->preprocess.inputs, network->preprocess.fill));
    if (network->preprocess.mean) {
        json_object_set_new(root, "mean",
                            numbers(network->preprocess.inputs, network->preprocess.mean));
        json_object_set_new(root, "scale",
                            numbers(network->preprocess.inputs, network->preprocess.scale));
    }
    json_object_set_new(root, "outputs", outputs);
    if (status == ZG_OK)
        zg_cli_print_json(root, stdout);
    else
        json_decref(root);
    return status;
}

/* ---- text ---------------------------------------------------------------------------------- */

static void print_term(const zg_network *network, const zg_term *term)
{
    char rooms[2][32];
    const char *first = input_name(network, term->i, rooms[0]);
    if (term->j == ZG_LINEAR_TERM)
        printf("  %+-14.6g %s\n", term->coefficient, first);
    else if (term->j == term->i)
        printf("  %+-14.6g %s^2\n", term->coefficient, first);
    else
        printf("  %+-14.6g %s * %s\n", term->coefficient, first,
               input_name(network, term->j, rooms[1]));
}

/* The largest and smallest eigenvalues say where the form curves up and down most. */
static zg_status print_eigenvalues(const zg_quadratic_form *form, size_t most, zg_error *error)
{
    double *values;
    size_t d = form->inputs, shown = 0;
    zg_status status = eigenvalues(form, &values, error);
    if (status == ZG_OK) fputs("eigenvalues of P:", stdout);
    for (size_t low = 0, high = d; status == ZG_OK && low < high && shown < most; shown++)
        printf(" %.6g",
               fabs(values[low]) > fabs(values[high - 1]) ? values[low++] : values[--high]);
    if (status == ZG_OK) puts(shown < d ? " ..." : "");
    free(values);
    return status;
}

static zg_status print_output(const zg_network *network, size_t c, size_t most, zg_error *error)
{
    char name[128];
    zg_quadratic_form form;
    zg_term *terms = calloc(most, sizeof *terms);
    size_t count = most, d = network->preprocess.inputs;
    if (!terms) return zg_no_memory(error);
    zg_status status = form_of(network, c, &form, error);
    if (status == ZG_OK) {
        zg_quadratic_form_terms(&form, terms, &count);
        output_name(network, c, name, sizeof name);
        printf("%s, the constant and ", name);
        if (count > 0)
            printf("the %zu largest of %zu other terms", count, d * (d + 3) / 2);
        else
            fputs("no other term", stdout);
        printf(" in %s inputs:\n", network->preprocess.mean ? "standardised" : "raw");
        printf("  %+-14.6g (constant)\n", form.r);
        for (size_t k = 0; k < count; k++)
            print_term(network, &terms[k]);
        status = print_eigenvalues(&form, most, error);
        zg_quadratic_form_clear(&form);
    }
    free(terms);
    return status;
}

/* Of every output, in preprocessed inputs. */
static zg_status form_kernels(const zg_network *network, double *p, const char **names,
                              char (*rooms)[128], zg_error *error)
{
    size_t d = network->inputs - network->preprocess.bias;
    for (size_t c = 0; c < network->outputs; c++) {
        zg_quadratic_form form;
        zg_status status = form_of(network, c, &form, error);
        if (status != ZG_OK) return status;
        memcpy(p + c * d * d, form.p, d * d * sizeof *p);
        zg_quadratic_form_clear(&form);
        output_name(network, c, rooms[c], sizeof rooms[c]);
        names[c] = rooms[c];
    }
    return ZG_OK;
}

static zg_status draw_kernels(const arguments *a, const zg_network *network, zg_error *error)
{
    size_t outputs = network->outputs, d = network->inputs - network->preprocess.bias;
    if (d > ZG_KERNEL_INPUTS || outputs > 20)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--svg draws at most %d inputs and 20 outputs, found %zu and %zu",
                       ZG_KERNEL_INPUTS, d, outputs);
    double *p = zg_doubles(outputs * d * d);
    char(*rooms)[128] = calloc(outputs, sizeof *rooms);
    const char **names = calloc(outputs, sizeof *names);
    zg_replacement replacement;
    zg_status status = p && rooms && names ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) status = form_kernels(network, p, names, rooms, error);
    if (status == ZG_OK) status = zg_replace_begin(&replacement, a->svg, error);
    if (status == ZG_OK) {
        zg_kernel_plot(outputs, d, p, names, replacement.file);
        status = zg_replace_end(&replacement, ZG_OK, error);
    }
    free(p);
    free(rooms);
    free((void *)names);
    return status;
}

static int run(const arguments *a)
{
    zg_error error = {0};
    zg_network *network = NULL;
    size_t most = 10;
    zg_status status = zg_cli_size("terms", a->terms, 1, MOST_TERMS, &most, &error);
    if (status == ZG_OK && !a->model)
        status = zg_fail(&error, ZG_BAD_INPUT, "--model is needed: a model file");
    if (status == ZG_OK) status = zg_network_load(a->model, &network, &error);
    if (status == ZG_OK) status = check_size(network, a->json, &error);
    if (status == ZG_OK && a->svg) status = draw_kernels(a, network, &error);
    if (status == ZG_OK && a->json)
        status = print_json(a, network, &error);
    else
        for (size_t c = 0; status == ZG_OK && c < network->outputs; c++)
            status = print_output(network, c, most, &error);
    zg_network_free(network);
    return status ? zg_cli_fail("form", &error) : ZG_EXIT_FINE;
}

static const zg_cli_option option_rows[] = {
    ZG_MODEL_OPTION,
    {.name = "terms",
     .argument = "N",
     .at = offsetof(arguments, terms),
     .help = "How many of the largest terms to print, at most 1000 (default 10)."},
    {.name = "svg",
     .argument = "FILE",
     .at = offsetof(arguments, svg),
     .writes = "^<svg &<title>Quadratic kernel of a network",
     .help = "Draw P of each output, in preprocessed inputs: of a model of lags, its second-order "
             "kernel. At most 200 inputs."},
    {.name = "json",
     .at = offsetof(arguments, json),
     .help = "One JSON document: inputs, and per output P, q, r, eigenvalues and what "
             "rounding can have done to each (P and q: as norms), in raw inputs and under "
             "preprocessed."},
    ZG_FORCE_OPTION,
};

int zg_cmd_form(int argc, char **argv)
{
    arguments a = {0};
    int exit_status;
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, NULL, &exit_status))
        return exit_status;
    return run(&a);
}
