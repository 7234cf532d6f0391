/* Options of paths, and running them. */
#include "cli/beta_path.h"

#include "cli/forecast.h"
#include "cli/progress.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_BETAS 1000
#define RATIO 1e-3 /* smallest beta of a grid, to its largest */

static const zg_cli_option rows[] = {
    {.name = "beta-path",
     .argument = "N[,RATIO]",
     .at = offsetof(zg_beta_path, count),
     .help = "Train for N values of beta from beta_max, where the zero network is optimal, down "
             "to RATIO times it (default 0.001), evenly in the logarithm."},
    {.name = "folds",
     .argument = "K",
     .at = offsetof(zg_beta_path, folds),
     .help = "Choose beta by K folds of the training rows (--seed permutes them), and train on "
             "all of them with it; --validation chooses by rows of its own."},
    {.name = "one-se",
     .at = offsetof(zg_beta_path, one_standard_error),
     .help = "Choose the largest beta whose score over the folds is within one standard error "
             "of the best."},
    {.name = "html",
     .argument = "FILE",
     .at = offsetof(zg_beta_path, html),
     .writes = ZG_KIND_PAGE,
     .help = "Write the path's plots: objective, penalty, neurons, scores with their spread."},
};

zg_cli_table zg_beta_path_options(zg_beta_path *path)
{
    return ZG_CLI_TABLE(rows, path);
}

bool zg_beta_path_wanted(zg_beta_path *path, zg_inputs *inputs)
{
    bool list = inputs->beta && strchr(inputs->beta, ',');
    if (!list && !path->count && !path->folds) return false;
    path->beta = inputs->beta;
    inputs->beta = NULL;
    return true;
}

const char *zg_beta_path_idle(const zg_beta_path *path)
{
    return path->html ? "--html" : path->one_standard_error ? "--one-se" : NULL;
}

/* ---- betas --------------------------------------------------------------------------------- */

static zg_status parse_list(const char *list, double **out, size_t *count, zg_error *error)
{
    char *copy = strdup(list), *rest = copy;
    *count = 0;
    *out = malloc((strlen(list) + 1) * sizeof **out);
    zg_status status = copy && *out ? ZG_OK : zg_no_memory(error);
    while (status == ZG_OK && rest) {
        char *text = rest;
        rest = strchr(rest, ',');
        if (rest) *rest++ = '\0';
        text += strspn(text, " ");
        status = zg_cli_number("beta", text, DBL_MIN, DBL_MAX, &(*out)[*count], error);
        for (size_t i = 0; status == ZG_OK && i < *count; i++)
            if ((*out)[i] == (*out)[*count])
                status = zg_fail(error, ZG_BAD_INPUT, "--beta: %s is given twice", text);
        ++*count;
    }
    free(copy);
    return status;
}

static zg_status parse_grid(const char *text, size_t *count, double *ratio, zg_error *error)
{
    char number[32];
    const char *comma = strchr(text, ',');
    *ratio = RATIO;
    snprintf(number, sizeof number, "%.*s", (int)strcspn(text, ","), text);
    zg_status status = zg_cli_size("beta-path", number, 2, MOST_BETAS, count, error);
    if (status == ZG_OK && comma)
        status = zg_cli_number("beta-path", comma + 1, DBL_MIN, 1.0 - DBL_EPSILON, ratio, error);
    return status;
}

static zg_status make_grid(const zg_inputs *in, const char *text, double **out, size_t *count,
                           zg_error *error)
{
    double ratio;
    zg_problem *problem = NULL;
    zg_model_options model = in->model;
    model.beta = 1;
    zg_status status = parse_grid(text, count, &ratio, error);
    if (status == ZG_OK)
        status = zg_problem_from_dataset(in->train, &in->preprocess, &in->encoding, in->weights,
                                         &model, (zg_penalty){ZG_PENALTY_L1, 0.0}, &problem, error);
    if (status == ZG_OK) status = zg_path_grid(problem, *count, ratio, out, error);
    zg_problem_free(problem);
    return status;
}

static zg_status find_betas(const zg_beta_path *path, const zg_inputs *in, double **out,
                            size_t *count, zg_error *error)
{
    *out = NULL;
    if (path->beta && path->count)
        return zg_fail(error, ZG_BAD_INPUT, "--beta and --beta-path contradict each other");
    if (path->count) return make_grid(in, path->count, out, count, error);
    if (path->beta) return parse_list(path->beta, out, count, error);
    return zg_fail(error, ZG_BAD_INPUT,
                   "--folds needs values to choose from: --beta 0.1,1,10 or --beta-path 20");
}

/* ---- running ------------------------------------------------------------------------------- */

static void show(void *context, size_t done, size_t total)
{
    const double *begun = context;
    char rest[48] = "";
    fputs("\r\033[K", stderr);
    if (done == total) return;
    double seconds = zg_monotonic() - *begun;
    if (done > 0)
        zg_progress_time(", about ", seconds / (double)done * (double)(total - done), " left", rest,
                         sizeof rest);
    fprintf(stderr, "path %zu of %zu, %.0f %%%s", done + 1, total,
            100.0 * (double)done / (double)total, rest);
}

/* From now on all rows train, validation rows too. */
static zg_status join_rows(zg_inputs *in, zg_error *error)
{
    zg_dataset *all = NULL;
    if (!in->validation) return ZG_OK;
    zg_status status = zg_dataset_append(in->train, in->validation, &all, error);
    if (status != ZG_OK) return status;
    zg_dataset_free(in->train);
    zg_dataset_free(in->validation);
    in->train = all;
    in->validation = NULL;
    zg_preprocess_clear(&in->preprocess);
    zg_encoding_clear(&in->encoding);
    free(in->weights);
    in->weights = NULL;
    return zg_inputs_fit(in, error);
}

static zg_status forecast(const zg_inputs *in, const zg_method *method, size_t solves,
                          size_t at_once, zg_error *error)
{
    zg_problem *problem = NULL;
    zg_model_options model = in->model;
    model.beta = 1;
    zg_status status =
        zg_problem_from_dataset(in->train, &in->preprocess, &in->encoding, in->weights, &model,
                                (zg_penalty){ZG_PENALTY_L1, 0.0}, &problem, error);
    if (status == ZG_OK) zg_forecast(problem, method, solves * problem->outputs, at_once);
    zg_problem_free(problem);
    return status;
}

static zg_status check_asked(const zg_beta_path *path, const zg_inputs *in, zg_error *error)
{
    if (path->folds && in->validation)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--folds and --validation contradict each other: either scores");
    if (path->one_standard_error && !path->folds)
        return zg_fail(error, ZG_BAD_INPUT, "--one-se needs --folds, whose spread it is about");
    if (in->class_weights && in->weights_column)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--weights and --class-weights do not go together with several betas");
    if (in->validation && in->weights_column)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--weights and --validation do not go together here; use --folds");
    if (in->model.loss.kind == ZG_LOSS_INTERPOLATE)
        return zg_fail(error, ZG_BAD_INPUT,
                       "under interpolation beta only scales: there is none to choose");
    return zg_cli_writable("html", path->html, error);
}

zg_status zg_beta_path_run(const zg_beta_path *path, zg_inputs *in, const zg_method *method,
                           const zg_value *values, const zg_control *control, bool json, bool quiet,
                           zg_path *out, bool *chosen, zg_error *error)
{
    size_t count = 0, folds = 0, seed = 0;
    double *betas = NULL;
    bool shown = !quiet && !json && isatty(STDERR_FILENO);
    double begun = zg_monotonic();
    *out = (zg_path){0};
    *chosen = false;
    zg_status status = check_asked(path, in, error);
    if (status == ZG_OK) status = zg_cli_size("folds", path->folds, 2, 1000, &folds, error);
    if (status == ZG_OK) status = zg_cli_size("seed", in->seed, 0, UINT32_MAX, &seed, error);
    if (status == ZG_OK) status = find_betas(path, in, &betas, &count, error);
    const zg_path_order order = {.train = in->train,
                                 .weights = in->class_weights ? NULL : in->weights,
                                 .bias = in->bias,
                                 .standardize_target = in->standardize_target,
                                 .class_weights = in->class_weights,
                                 .validation = in->validation,
                                 .folds = folds,
                                 .seed = (uint32_t)seed,
                                 .one_standard_error = path->one_standard_error,
                                 .model = &in->model,
                                 .encoding = &in->encoding,
                                 .method = method,
                                 .values = values,
                                 .control = control,
                                 .progress = shown ? show : NULL,
                                 .context = &begun};
    size_t parts = folds + 1, at_once = control->jobs < 2 ? 1 : control->jobs;
    if (status == ZG_OK && !quiet)
        status = forecast(in, method, count * parts, at_once < parts ? at_once : parts, error);
    if (status == ZG_OK) status = zg_path_run(&order, count, betas, out, error);
    free(betas);
    if (status != ZG_OK) return status;
    *chosen = folds > 0 || in->validation;
    if (*chosen) in->model.beta = out->points[out->chosen].beta;
    if (!json) zg_path_print(out, *chosen, stdout);
    if (path->html) status = zg_path_html(out, *chosen, in->data, path->html, error);
    return status == ZG_OK && *chosen ? join_rows(in, error) : status;
}

int zg_path_exit(const zg_path *path)
{
    int worst = ZG_EXIT_FINE;
    for (size_t i = 0; i < path->count; i++) {
        if (path->points[i].wrong > 0) return ZG_EXIT_WRONG;
        if (path->points[i].uncertified > 0) worst = ZG_EXIT_FAILED;
    }
    return worst;
}
