/* zerogap analyse: worst cases of a network. */
#include "cli/analyse.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef zg_analysis arguments;

#define MOST_ENTRIES 1e8 /* of a form: inputs squared */

static const zg_cli_command command = {
    .name = "analyse",
    .examples =
        {{"zerogap analyse --model model.json --data table.csv --radius 0.1",
          "Which rows keep their class wherever they move within 0.1, and how far the others' "
          "borders are."},
         {"zerogap analyse --model model.json --ball 2 --json",
          "The range and the steepness of the network within 2 of the mean row."}},
    .usage = "--model MODEL.json [--data D --radius R] [--ball R] [--lyapunov MAP] [OPTION]...",
    .summary = "worst cases of a network, exact and certified",
    .about =
        "A network is a quadratic form, so its worst case in a ball is one eigenvalue problem: "
        "exact, with a bound that no point of the ball can cross. With --data: per row the least "
        "margin within the radius and the distance to the nearest row of another class; in total "
        "the share of rows that keep their right class, also as a curve over radii. Regression: "
        "the interval of the values within the radius. With --ball: the range of each output, its "
        "Lipschitz constant there, and how much each input can move it. Radii are in the units "
        "that the network sees, standardised ones where it standardises, or with --raw in the "
        "data's own. Convolutions are analysed as functions of the whole image. With --lyapunov: "
        "whether V, a network x'Px, is positive and decreases along a linear or quadratic map, "
        "decided in exact arithmetic by zerogap-verify; status 5 where that is not proven.",
    .run = zg_cmd_analyse,
};

static const zg_cli_option option_rows[] = {
    ZG_MODEL_OPTION,
    {.name = "radius",
     .letter = 'r',
     .argument = "R",
     .at = offsetof(arguments, radius),
     .help = "How far rows of --data may move, at least 0 (default 0)."},
    {.name = "norm",
     .argument = "NORM",
     .at = offsetof(arguments, norm),
     .help = "How moves are measured: l2, their length (default), or linf, the largest move of an "
             "input; exact for at most 8 inputs, else a safe bound."},
    {.name = "attack",
     .argument = "N",
     .at = offsetof(arguments, attack),
     .help = "Also attack every row by projected gradient descent from N random starts: which rows "
             "lose their class is then known from both sides. At most 10000."},
    {.name = "ball",
     .argument = "R",
     .at = offsetof(arguments, ball),
     .help = "Range, Lipschitz constant and sensitivities within R of the centre."},
    {.name = "centre",
     .argument = "FILE",
     .at = offsetof(arguments, centre),
     .help = "A table whose first row is the centre for --ball (default: 0 in the network's units, "
             "which is the mean of the training rows where it standardises)."},
    {.name = "lyapunov",
     .argument = "MAP",
     .at = offsetof(arguments, lyapunov),
     .help = "A CSV file of numbers without a header, a row for each state of x+: its coefficients "
             "of x_1 .. x_d and, of a quadratic map, those of the products x_i x_j, i <= j."},
    {.name = "raw",
     .at = offsetof(arguments, raw),
     .help = "Radii in the data's own units instead of the network's."},
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .at = offsetof(arguments, output),
     .writes = "^row,class,margin,mu,|^row,output,low,high\n",
     .help = "Write a line per row as CSV: row, class, margin, multiplier, distance."},
    {.name = "html",
     .argument = "FILE",
     .at = offsetof(arguments, html),
     .writes = ZG_KIND_PAGE,
     .help = "Write a page with the curve of robust accuracy over radii."},
    {.name = "certificate",
     .letter = 'c',
     .argument = "FILE",
     .at = offsetof(arguments, certificate),
     .writes = ZG_KIND_MARGINS,
     .help = "Write the margins of all rows, or what --lyapunov asks, as a certificate that "
             "zerogap verify checks in exact arithmetic."},
    {.name = "json",
     .at = offsetof(arguments, json),
     .help = "Print the result as one JSON document, with every row's margin, distance and "
             "multiplier."},
    {.name = "quiet", .letter = 'q', .at = offsetof(arguments, quiet), .help = "No notes."},
    ZG_CHART_OPTION,
    ZG_FORCE_OPTION,
};

const char *zg_analysis_units(const zg_analysis *a)
{
    return a->network->preprocess.mean && !a->raw ? "standardised" : "raw";
}

void zg_analysis_output(const zg_network *network, size_t output, char name[128])
{
    const zg_encoding *e = &network->encoding;
    size_t label = e->task == ZG_BINARY ? 1 : output;
    if (e->task == ZG_REGRESSION && e->names)
        snprintf(name, 128, "%s", e->names[output]);
    else if (e->task == ZG_REGRESSION)
        snprintf(name, 128, "output %zu", output + 1);
    else if (e->texts)
        snprintf(name, 128, "%s", e->texts[label]);
    else
        snprintf(name, 128, "%.17g", e->values[label]);
}

/* What cannot go together, or is missing. */
static zg_status check(zg_analysis *a, zg_error *error)
{
    zg_status status = zg_cli_number("radius", a->radius, 0.0, 1e100, &a->r, error);
    if (status == ZG_OK)
        status = zg_cli_number("ball", a->ball, 0.0, 1e100, &a->ball_radius, error);
    if (status == ZG_OK) status = zg_cli_size("attack", a->attack, 1, 10000, &a->restarts, error);
    if (status != ZG_OK) return status;
    static const char *const norms[] = {"l2", "linf"};
    a->box = a->norm && strcmp(a->norm, "linf") == 0;
    if (a->norm && !a->box && strcmp(a->norm, "l2") != 0)
        return zg_fail_unknown(error, "norm", a->norm, norms, 2);
    if (!a->model) return zg_fail(error, ZG_BAD_INPUT, "--model is needed: a model file");
    if (!a->inputs.data && !a->ball && !a->lyapunov)
        return zg_fail(error, ZG_BAD_INPUT,
                       "nothing to analyse: --data D --radius R for the worst "
                       "cases of rows, --ball R for the range of outputs, --lyapunov MAP for "
                       "stability");
    if (a->inputs.data && a->lyapunov)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--lyapunov is about a map, and --data about rows: one at a time");
    if (a->centre && !a->ball) return zg_fail(error, ZG_BAD_INPUT, "--centre is that of --ball R");
    const char *rows_only = a->radius                        ? "radius"
                            : a->output                      ? "output"
                            : a->html                        ? "html"
                            : a->certificate && !a->lyapunov ? "certificate"
                            : a->attack                      ? "attack"
                                                             : NULL;
    if (rows_only && !a->inputs.data)
        return zg_fail(error, ZG_BAD_INPUT, "--%s is about rows: --data D gives them", rows_only);
    if (a->certificate && (a->raw || a->box))
        return zg_fail(error, ZG_BAD_INPUT,
                       "--certificate is about l2 radii in the units that the network sees: not "
                       "with --raw or --norm linf");
    if (a->attack && a->raw)
        return zg_fail(error, ZG_BAD_INPUT, "--attack moves what the network sees: not with --raw");
    status = zg_cli_writable("output", a->output, error);
    if (status == ZG_OK) status = zg_cli_writable("html", a->html, error);
    return status ? status : zg_cli_writable("certificate", a->certificate, error);
}

static zg_status check_size(const zg_network *network, zg_error *error)
{
    double inputs = (double)network->inputs;
    if (inputs * inputs <= MOST_ENTRIES) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "the quadratic form of %zu inputs has more than %g "
                   "coefficients",
                   network->inputs, MOST_ENTRIES);
}

static zg_status analyse(zg_analysis *a, json_t *root, zg_error *error)
{
    zg_status status = check_size(a->network, error);
    if (status == ZG_OK && a->inputs.data) status = zg_analyse_rows(a, root, error);
    if (status == ZG_OK && a->ball) status = zg_analyse_ball(a, root, error);
    if (status == ZG_OK && a->lyapunov) status = zg_analyse_lyapunov(a, root, error);
    return status;
}

static int run(void *context)
{
    arguments *a = context;
    zg_error error = {0};
    json_t *root = a->json ? json_object() : NULL;
    zg_status status = check(a, &error);
    if (status == ZG_OK) status = zg_network_load(a->model, &a->network, &error);
    if (status == ZG_OK && a->network->preprocess.halfspaces > 0)
        status = zg_fail(&error, ZG_UNSUPPORTED,
                         "%.400s sees its inputs through half-spaces: what it does between them is "
                         "not analysed",
                         a->model);
    if (status == ZG_OK && root) {
        json_object_set_new(root, "command", json_string("analyse"));
        zg_cli_json_text(root, "model", a->model);
        zg_cli_json_text(root, "units", zg_analysis_units(a));
        zg_cli_json_text(root, "norm", a->box ? "linf" : "l2");
    }
    if (status == ZG_OK) status = analyse(a, root, &error);
    if (status == ZG_OK && root)
        zg_cli_print_json(root, stdout);
    else
        json_decref(root);
    zg_network_free(a->network);
    if (status != ZG_OK) return zg_cli_fail("analyse", &error);
    return a->undecided ? ZG_EXIT_FAILED : ZG_EXIT_FINE;
}

int zg_cmd_analyse(int argc, char **argv)
{
    arguments a = {0};
    const zg_cli_table own = ZG_CLI_TABLE(option_rows, &a);
    return zg_inputs_command(&command, &own, &a.inputs, run, argc, argv);
}
