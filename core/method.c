/* Methods: option values, the stopwatch, reporting, and vector outputs as scalar programs. */
#include "core/method.h"

#include "base/linalg.h"
#include "base/module.h"
#include "core/neuron_set.h"
#include "core/output_jobs.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- options --------------------------------------------------------------------------------- */

/* Index of text in the comma-separated choices, or -1. */
static int choice_index(const char *choices, const char *text)
{
    size_t length = strlen(text);
    for (int index = 0; *choices; index++) {
        size_t part = strcspn(choices, ",");
        if (part == length && strncmp(choices, text, part) == 0) return index;
        choices += part + (choices[part] == ',');
    }
    return -1;
}

static bool parse_value(const zg_option *option, const char *text, double *number)
{
    switch (option->type) {
    case ZG_OPTION_TEXT:
    case ZG_OPTION_FILE:
    case ZG_OPTION_PLACE:
        *number = 0.0;
        return true;
    case ZG_OPTION_FLAG:
        *number = strcmp(text, "true") == 0;
        return *number != 0.0 || strcmp(text, "false") == 0;
    case ZG_OPTION_CHOICE:
        *number = choice_index(option->choices, text);
        return *number >= 0;
    case ZG_OPTION_INTEGER:
    case ZG_OPTION_NUMBER:
        break;
    }
    return zg_parse_double(text, number) && *number >= option->lowest &&
           *number <= option->highest &&
           (option->type == ZG_OPTION_NUMBER || *number == floor(*number));
}

static zg_status refuse_value(const zg_option *option, const char *text, zg_error *error)
{
    switch (option->type) {
    case ZG_OPTION_FLAG:
        return zg_fail(error, ZG_BAD_INPUT, "option %s: expected true or false, found \"%.80s\"",
                       option->name, text);
    case ZG_OPTION_CHOICE:
        return zg_fail(error, ZG_BAD_INPUT, "option %s: expected one of %s, found \"%.80s\"",
                       option->name, option->choices, text);
    default:
        break;
    }
    return zg_fail(error, ZG_BAD_INPUT,
                   "option %s: expected a %snumber from %g to %g, found \"%.80s\"", option->name,
                   option->type == ZG_OPTION_INTEGER ? "whole " : "", option->lowest,
                   option->highest, text);
}

static zg_status set_value(const zg_option *option, const char *text, zg_value *value,
                           zg_error *error)
{
    double number;
    if (!parse_value(option, text, &number)) return refuse_value(option, text, error);
    char *copy = strdup(text);
    if (!copy) return zg_no_memory(error);
    free((char *)value->text);
    *value = (zg_value){number, copy};
    return ZG_OK;
}

zg_status zg_values_create(const zg_method *method, zg_value **out, zg_error *error)
{
    zg_value *values = calloc(method->option_count + 1, sizeof *values);
    if (!values) return zg_no_memory(error);
    for (size_t i = 0; i < method->option_count; i++) {
        const zg_option *option = &method->options[i];
        if (!option->fallback) continue;
        zg_status status = set_value(option, option->fallback, &values[i], error);
        if (status) {
            zg_values_free(method, values);
            return status;
        }
    }
    *out = values;
    return ZG_OK;
}

void zg_values_free(const zg_method *method, zg_value *values)
{
    for (size_t i = 0; values && i < method->option_count; i++)
        free((char *)values[i].text);
    free(values);
}

zg_status zg_values_set(const zg_method *method, zg_value *values, const char *name,
                        const char *text, zg_error *error)
{
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < method->option_count && count < 64; i++) {
        names[count++] = method->options[i].name;
        if (strcmp(method->options[i].name, name) == 0)
            return set_value(&method->options[i], text, &values[i], error);
    }
    char what[96];
    snprintf(what, sizeof what, "option of %s", method->name);
    if (count == 0)
        return zg_fail(error, ZG_BAD_INPUT, "unknown %s \"%.80s\"; it has no options", what, name);
    return zg_fail_unknown(error, what, name, names, count);
}

zg_status zg_values_read(const zg_method *method, zg_value *values, const char *const *settings,
                         size_t count, zg_error *error)
{
    char key[80];
    for (size_t i = 0; i < count; i++) {
        const char *equals = strchr(settings[i], '=');
        size_t length = equals ? (size_t)(equals - settings[i]) : sizeof key;
        if (length >= sizeof key)
            return zg_fail(error, ZG_BAD_INPUT, "expected a setting KEY=VALUE, found \"%.80s\"",
                           settings[i]);
        snprintf(key, sizeof key, "%.*s", (int)length, settings[i]);
        zg_status status = zg_values_set(method, values, key, equals + 1, error);
        if (status != ZG_OK) return status;
        for (size_t k = 0; k < i; k++)
            if (strncmp(settings[k], settings[i], length + 1) == 0)
                return zg_fail(error, ZG_BAD_INPUT, "the setting %s is given twice", key);
    }
    return ZG_OK;
}

zg_status zg_method_accepts(const zg_method *method, const zg_problem *problem,
                            const zg_value *values, zg_error *error)
{
    char name[ZG_NEURON_SET_SIZE];
    if (zg_neuron_set_finite(problem->neuron_set) && !method->keeps_set) {
        zg_neuron_set_format(problem->neuron_set, name);
        return zg_fail(error, ZG_UNSUPPORTED,
                       "%s trains neurons of any weights, not of the set %s; use columns",
                       method->name, name);
    }
    if (problem->functionals && !method->functionals)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "%s trains on values at points, not on slopes or other functionals; use ipm",
                       method->name);
    return method->check ? method->check(problem, values, error) : ZG_OK;
}

/* ---- time and reports ------------------------------------------------------------------------ */

bool zg_report(const zg_control *control, zg_stopwatch *watch, const zg_iterate *iterate)
{
    if (!control->observer) return true;
    zg_stopwatch_pause(watch);
    bool go_on = control->observer->notify(control->observer->context, iterate, watch->elapsed);
    zg_stopwatch_start(watch);
    return go_on;
}

void zg_solution_charge(zg_solution *solution, const zg_stopwatch *watch)
{
    solution->seconds = watch->elapsed;
    solution->processor_seconds = watch->processor;
}

void zg_solution_clear(zg_solution *solution)
{
    zg_network_free(solution->network);
    free(solution->dual);
    zg_attacks_clear(&solution->attacks);
    free(solution->claimed);
    free(solution->claims);
    memset(solution, 0, sizeof *solution);
}

/* ---- vector outputs -------------------------------------------------------------------------- */

/* Appends the neurons of part, which speaks for one output, to whole. */
static zg_status merge_network(zg_network *whole, const zg_network *part, size_t output)
{
    for (size_t j = 0; j < part->count; j++) {
        zg_status status = zg_network_add(whole, part->group[j], part->u + j * part->patches.width,
                                          output, part->alpha[j * part->outputs + output]);
        if (status) return status;
    }
    return ZG_OK;
}

/* The worse of two errors, without their signs; NAN when either is: fmax would drop it. */
static double worse(double a, double b)
{
    a = fabs(a), b = fabs(b);
    return isnan(a) || a > b ? a : b;
}

zg_status zg_solution_claim(zg_solution *solution, size_t outputs, size_t output,
                            const zg_claim *claim)
{
    if (!solution->claims) {
        solution->claims = calloc(outputs, sizeof *solution->claims);
        solution->claimed = calloc(outputs, sizeof *solution->claimed);
    }
    if (!solution->claims || !solution->claimed) return ZG_NO_MEMORY;
    solution->claims[output] = *claim;
    solution->claimed[output] = true;
    return ZG_OK;
}

bool zg_solution_total_claim(const zg_solution *solution, size_t outputs, zg_claim *total)
{
    *total = (zg_claim){0};
    for (size_t c = 0; c < outputs; c++) {
        if (!solution->claimed || !solution->claimed[c]) return false;
        const zg_claim *one = &solution->claims[c];
        if (one->says > total->says) total->says = one->says;
        total->primal += one->primal;
        total->dual += one->dual;
        total->stated_primal += one->stated_primal;
        total->stated_dual += one->stated_dual;
    }
    return true;
}

static zg_status merge(const zg_problem *problem, size_t output, const zg_solution *part,
                       zg_solution *whole)
{
    size_t n = problem->samples;
    whole->iterations += part->iterations;
    whole->pivots += part->pivots;
    whole->unit = part->unit;
    whole->bound += part->bound;
    for (int k = 0; part->has_dimacs && k < 6; k++)
        whole->dimacs[k] = worse(part->dimacs[k], whole->dimacs[k]);
    whole->has_dimacs |= part->has_dimacs;
    if (part->claimed && part->claimed[output] &&
        zg_solution_claim(whole, problem->outputs, output, &part->claims[output]) != ZG_OK)
        return ZG_NO_MEMORY;
    if (part->solver.path[0]) whole->solver = part->solver;
    if (part->message[0]) memcpy(whole->message, part->message, sizeof whole->message);
    if (part->dual && whole->dual)
        memcpy(whole->dual + output * n, part->dual + output * n, n * sizeof *part->dual);
    return part->network ? merge_network(whole->network, part->network, output) : ZG_OK;
}

typedef struct collection {
    const zg_problem *problem;
    const zg_control *control;
    zg_stopwatch *watch;
    zg_solution *solution;
} collection;

/* An output solved elsewhere: into the solution, and reported as one iterate. */
static zg_status collect(void *context, size_t output, zg_status status, const zg_solution *part)
{
    collection *c = context;
    if (merge(c->problem, output, part, c->solution)) return ZG_NO_MEMORY;
    zg_iterate iterate = {.unit = part->unit ? part->unit : "iteration",
                          .number = c->solution->iterations,
                          .output = output,
                          .objective = NAN,
                          .dual = part->dual ? part->dual + output * c->problem->samples : NULL,
                          .bound = -INFINITY,
                          .network = part->network};
    zg_report(c->control, c->watch, &iterate);
    return status;
}

static zg_status solve_one_by_one(const zg_problem *problem, const zg_value *values,
                                  const zg_control *control, zg_solve_output solve_output,
                                  zg_stopwatch *watch, zg_solution *solution, zg_error *error)
{
    zg_status worst = ZG_OK;
    for (size_t c = 0; c < problem->outputs; c++) {
        zg_solution part = {.bound = -INFINITY};
        zg_status status = solve_output(problem, c, values, control, watch, &part, error);
        zg_status merged = merge(problem, c, &part, solution);
        zg_solution_clear(&part);
        if (merged) return zg_no_memory(error);
        if (status) worst = status;
        if (status == ZG_STOPPED || status == ZG_TIMEOUT || status == ZG_NO_MEMORY) break;
    }
    return worst;
}

zg_status zg_solve_outputs(const zg_problem *problem, const zg_value *values,
                           const zg_control *control, zg_solve_output solve_output,
                           zg_solution *solution, zg_error *error)
{
    zg_stopwatch watch = {.started = -1.0};
    zg_status status = zg_network_create(problem, &solution->network, error);
    if (status) return status;
    solution->dual = zg_doubles(problem->outputs * problem->samples);
    if (!solution->dual) return zg_no_memory(error);
    solution->bound = 0.0; /* the parts' bounds are added to it */
    zg_stopwatch_start(&watch);
    if (control->jobs > 1 && problem->outputs > 1) {
        collection c = {problem, control, &watch, solution};
        status = zg_solve_output_jobs(problem, values, control, solve_output, collect, &c, error);
    } else {
        status = solve_one_by_one(problem, values, control, solve_output, &watch, solution, error);
    }
    zg_stopwatch_pause(&watch);
    zg_solution_charge(solution, &watch);
    return status;
}

/* ---- modules --------------------------------------------------------------------------------- */

zg_status zg_method_ready(const zg_method *method, zg_error *error)
{
    char path[PATH_MAX];
    return method->module ? zg_module_find(method->module, path, sizeof path, error) : ZG_OK;
}
