/* The section expect: rows of demands, and the cases that each of them speaks of. */
#include "runner/suite_parts.h"

#include "core/loss.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
static const zg_key expect_keys[] = {
    {{"data", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "label of a data entry"}, false},
    {{"model", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "label of a model entry"}, false},
    {{"method", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "a method's name or label"}, false},
    {{"activation", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "as in model"}, false},
    {{"loss", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "as in model"}, false},
    {{"beta", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, DBL_MAX, "as in model"}, false},
    {{"architecture", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "as in model"}, false},
    {{"retrained", ZG_OPTION_FLAG, NULL, NULL, 0, 0, "whether the case is of a setting that was chosen"}, false},
    {{"objective", ZG_OPTION_NUMBER, NULL, NULL, -DBL_MAX, DBL_MAX, "the global optimum, or the value to be met"}, false},
    {{"gap", ZG_OPTION_NUMBER, NULL, NULL, 0, DBL_MAX, "largest certified gap"}, false},
    {{"accuracy", ZG_OPTION_NUMBER, NULL, NULL, 0, 1, "least accuracy"}, false},
    {{"rmse", ZG_OPTION_NUMBER, NULL, NULL, 0, DBL_MAX, "largest root mean squared error"}, false},
    {{"closed_form", ZG_OPTION_NUMBER, NULL, NULL, 0, 1, "largest distance from the optimum in closed form"}, false},
    {{"gain", ZG_OPTION_NUMBER, NULL, NULL, 0, DBL_MAX, "largest distance of the policy from Hewer's next"}, false},
    {{"riccati", ZG_OPTION_NUMBER, NULL, NULL, 0, DBL_MAX, "largest distance of the policy from the optimal one"}, false},
    {{"free_run_fit", ZG_OPTION_NUMBER, NULL, NULL, -DBL_MAX, 100, "least fit of the free run, per cent"}, false},
    {{"diverged", ZG_OPTION_FLAG, NULL, NULL, 0, 0, "whether the free run must diverge"}, false},
    {{"dimacs", ZG_OPTION_NUMBER, NULL, NULL, 0, 1, "largest DIMACS error of the solver's own answer"}, false},
    {{"infeasible", ZG_OPTION_FLAG, NULL, NULL, 0, 0, "the solver must say that there is no solution"}, false},
    {{"spread", ZG_OPTION_NUMBER, NULL, NULL, 0, 1, "largest difference between measurements"}, false},
    {{"time_ratio", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, DBL_MAX, "largest time over that of than"}, false},
    {{"than", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "label of a method"}, false},
    {{"rtol", ZG_OPTION_NUMBER, "1e-6", NULL, 0, 1, "relative tolerance on objective"}, false},
    {{"atol", ZG_OPTION_NUMBER, "0", NULL, 0, DBL_MAX, "absolute tolerance"}, false},
};
/* clang-format on */

/* One row with everything that it compares parsed. */
typedef struct selector {
    const char *data, *model, *method;
    bool has_activation, has_loss, has_architecture;
    zg_activation activation;
    zg_loss loss;
    zg_architecture architecture;
    double beta;           /* 0: any */
    const char *retrained; /* NULL: any */
} selector;

static zg_status parse_selector(const zg_settings *row, selector *out, zg_error *error)
{
    *out = (selector){.data = zg_settings_get(row, "data"),
                      .model = zg_settings_get(row, "model"),
                      .method = zg_settings_get(row, "method"),
                      .beta = zg_settings_number(row, "beta", 0),
                      .retrained = zg_settings_get(row, "retrained")};
    const zg_setting *setting = zg_settings_find(row, "activation");
    out->has_activation = setting != NULL;
    if (setting && zg_activation_parse(setting->text, &out->activation, error) != ZG_OK)
        return zg_yaml_position(setting->node, error);
    setting = zg_settings_find(row, "loss");
    out->has_loss = setting != NULL;
    if (setting && zg_loss_parse(setting->text, &out->loss, error) != ZG_OK)
        return zg_yaml_position(setting->node, error);
    setting = zg_settings_find(row, "architecture");
    out->has_architecture = setting != NULL;
    if (setting && zg_architecture_parse(setting->text, 0, &out->architecture, error) != ZG_OK)
        return zg_yaml_position(setting->node, error);
    return ZG_OK;
}

static bool same_architecture(const zg_architecture *a, const zg_architecture *b)
{
    char left[256], right[256];
    zg_architecture_format(a, left, sizeof left);
    zg_architecture_format(b, right, sizeof right);
    return strcmp(left, right) == 0;
}

static bool names(const char *text, const char *label)
{
    return zg_names_label(text, strlen(text), label);
}

static bool speaks_of(const selector *s, const zg_case *item)
{
    const zg_activation *a = &s->activation, *b = &item->model.activation;
    if (s->data && !names(s->data, item->data_label)) return false;
    if (s->model && !names(s->model, item->model_label)) return false;
    if (s->method && !names(s->method, item->method_label) &&
        strcmp(s->method, item->method->name) != 0)
        return false;
    if (s->has_activation && (a->a != b->a || a->b != b->b || a->c != b->c)) return false;
    if (s->has_loss && !zg_loss_equal(s->loss, item->model.loss)) return false;
    if (s->has_architecture && !same_architecture(&s->architecture, &item->model.architecture))
        return false;
    if (s->retrained && item->recipe.retrained != (strcmp(s->retrained, "true") == 0)) return false;
    return s->beta == 0 || (s->beta == item->model.beta && item->beta_relative == 0);
}

static zg_status attach(zg_suite_reader *reader, const zg_expectation *row, zg_case *item)
{
    const zg_expectation **longer =
        zg_arena_array(reader->arena, item->expect_count + 1, sizeof *longer);
    if (!longer) return zg_no_memory(reader->error);
    for (size_t i = 0; i < item->expect_count; i++)
        longer[i] = item->expect[i];
    longer[item->expect_count++] = row;
    item->expect = longer;
    return ZG_OK;
}

static zg_status read_demands(const zg_settings *settings, const zg_yaml *row, zg_expectation *out,
                              zg_error *error)
{
    out->objective = zg_settings_number(settings, "objective", NAN);
    out->gap = zg_settings_number(settings, "gap", NAN);
    out->accuracy = zg_settings_number(settings, "accuracy", NAN);
    out->rmse = zg_settings_number(settings, "rmse", NAN);
    out->closed_form = zg_settings_number(settings, "closed_form", NAN);
    out->gain = zg_settings_number(settings, "gain", NAN);
    out->riccati = zg_settings_number(settings, "riccati", NAN);
    out->free_run_fit = zg_settings_number(settings, "free_run_fit", NAN);
    out->diverged = zg_settings_get(settings, "diverged");
    out->dimacs = zg_settings_number(settings, "dimacs", NAN);
    const char *infeasible = zg_settings_get(settings, "infeasible");
    out->infeasible = infeasible && strcmp(infeasible, "true") == 0;
    out->spread = zg_settings_number(settings, "spread", NAN);
    out->time_ratio = zg_settings_number(settings, "time_ratio", NAN);
    out->than = zg_settings_get(settings, "than");
    out->rtol = zg_settings_number(settings, "rtol", 1e-6);
    out->atol = zg_settings_number(settings, "atol", 0);
    out->line = row->line;
    if (isnan(out->time_ratio) != (out->than == NULL))
        return zg_yaml_fail(row, error, "time_ratio and than go together: %s is missing",
                            out->than ? "time_ratio" : "than");
    if (out->infeasible || out->than || out->diverged) return ZG_OK;
    if (!isnan(out->closed_form) || !isnan(out->gain) || !isnan(out->riccati) ||
        !isnan(out->free_run_fit))
        return ZG_OK;
    if (isnan(out->objective) && isnan(out->gap) && isnan(out->accuracy) && isnan(out->rmse) &&
        isnan(out->dimacs) && isnan(out->spread))
        return zg_yaml_fail(row, error,
                            "expected objective, closed_form, gain, riccati, gap, dimacs, "
                            "infeasible, spread, time_ratio, accuracy, rmse, free_run_fit or "
                            "diverged in this row, found none");
    return ZG_OK;
}

/* The method of `than` must be one of the suite's. */
static zg_status check_than(zg_suite_reader *reader, const zg_settings *settings,
                            const zg_suite *suite)
{
    const zg_setting *than = zg_settings_find(settings, "than");
    const char **names = zg_arena_array(reader->arena, suite->case_count + 1, sizeof *names);
    size_t count = 0;
    if (!names) return zg_no_memory(reader->error);
    for (size_t i = 0; than && i < suite->case_count; i++) {
        if (strcmp(suite->cases[i].method_label, than->text) == 0) return ZG_OK;
        bool known = count > 0 && strcmp(names[count - 1], suite->cases[i].method_label) == 0;
        if (!known) names[count++] = suite->cases[i].method_label;
    }
    if (!than) return ZG_OK;
    zg_fail_unknown(reader->error, "method", than->text, names, count);
    return zg_yaml_position(than->node, reader->error);
}

/* A method's time over its own is 1, whatever it does: nothing would be asked. */
static zg_status check_rival(const zg_expectation *demands, const zg_yaml *row, const zg_case *item,
                             zg_error *error)
{
    if (!demands->than || strcmp(demands->than, item->method_label) != 0) return ZG_OK;
    return zg_yaml_fail(row, error,
                        "this row compares the time of %.100s with its own: say with method: which "
                        "other methods it speaks of",
                        item->method_label);
}

/* Only rows of a series that did not train are simulated. */
static zg_status check_free_run(const zg_expectation *demands, const zg_yaml *row,
                                const zg_case *item, zg_error *error)
{
    bool wanted = demands->diverged || !isnan(demands->free_run_fit);
    bool made = item->recipe.lags && zg_recipe_tests(&item->recipe);
    if (!wanted || made) return ZG_OK;
    return zg_yaml_fail(
        row, error, "this row speaks of a free run, and %.100s has none: %s", item->data_label,
        item->recipe.lags ? "no rows of it test (split.train)" : "it is no series (series.lags)");
}

static zg_status read_row(zg_suite_reader *reader, const zg_yaml *row, zg_suite *suite)
{
    zg_settings *variants;
    size_t count, matched = 0;
    char found[96];
    if (row->kind != ZG_YAML_MAPPING)
        return zg_yaml_fail(row, reader->error, "expected a mapping for a row of expect, found %s",
                            zg_yaml_describe(row, found, sizeof found));
    zg_status status = zg_expand(row, expect_keys, COUNT(expect_keys), "expect", reader->arena,
                                 &variants, &count, reader->error);
    for (size_t i = 0; status == ZG_OK && i < count; i++) {
        selector s;
        zg_expectation *demands = zg_arena_alloc(reader->arena, sizeof *demands);
        if (!demands) return zg_no_memory(reader->error);
        status = read_demands(&variants[i], row, demands, reader->error);
        if (status == ZG_OK) status = check_than(reader, &variants[i], suite);
        if (status == ZG_OK) status = parse_selector(&variants[i], &s, reader->error);
        for (size_t k = 0; status == ZG_OK && k < suite->case_count; k++) {
            if (!speaks_of(&s, &suite->cases[k])) continue;
            status = check_rival(demands, row, &suite->cases[k], reader->error);
            if (status == ZG_OK)
                status = check_free_run(demands, row, &suite->cases[k], reader->error);
            if (status != ZG_OK) return status;
            status = attach(reader, demands, &suite->cases[k]);
            matched++;
        }
    }
    if (status == ZG_OK && matched == 0)
        status = zg_yaml_fail(row, reader->error, "this row of expect speaks of no case");
    return status;
}

zg_status zg_read_expectations(zg_suite_reader *reader, const zg_yaml *list, zg_suite *suite)
{
    char found[96];
    if (list->kind != ZG_YAML_LIST)
        return zg_yaml_fail(list, reader->error, "expected a list of rows for expect, found %s",
                            zg_yaml_describe(list, found, sizeof found));
    for (size_t i = 0; i < list->count; i++) {
        zg_status status = read_row(reader, list->items[i], suite);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}
