/* Sizes of problems, and claims that hold the neurons of optima against their bounds. */
#include "reports/claim_parts.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- sizes of a problem --------------------------------------------------------------------- */

/* How many values a list of the log has, be it an array or a text with commas; NAN for neither. */
static double list_length(const json_t *value)
{
    if (json_is_array(value)) return (double)json_array_size(value);
    const char *text = json_string_value(value);
    if (!text || !*text) return NAN;
    double count = 1;
    for (; *text; text++)
        count += *text == ',';
    return count;
}

/* Pools of a convolution without pooling: the positions of its filter. */
static double patches_of(const zg_log_case *row)
{
    const char *text = zg_log_text(row->started, "model.architecture");
    unsigned long filter, stride;
    double inputs = zg_study_number(row, "data", "d");
    if (!text || sscanf(text, "conv1d:filter=%lu,stride=%lu", &filter, &stride) != 2) return NAN;
    if (stride == 0) return NAN;
    return floor((inputs - (double)filter) / (double)stride) + 1;
}

double zg_claim_size(const zg_log_case *row, const char *variable)
{
    double value = zg_study_number(row, "data", variable);
    if (!isnan(value)) return value;
    if (strcmp(variable, "patches") == 0) return patches_of(row);
    const json_t *data = json_object_get(row->started, "data");
    bool outputs = strcmp(variable, "outputs") == 0;
    return list_length(json_object_get(data, outputs ? "classes" : variable));
}

/* ---- neurons -------------------------------------------------------------------------------- */

/* Most neurons r + r' of an optimum with r(r+1)/2 + r'(r'+1)/2 <= n + 2: G. Pataki, Math. Oper.
 * Res. 23 (1998); both ranks alike is best, up to one. */
static double pataki(double n)
{
    double most = 0;
    for (double r = 0; r * (r + 1) / 2 <= n + 2; r++) {
        double rest = n + 2 - r * (r + 1) / 2;
        most = fmax(most, r + floor((sqrt(8 * rest + 1) - 1) / 2));
    }
    return most;
}

/* Whether a setting of the model is absent or has the value. */
static bool model_has(const zg_log_case *row, const char *key, const char *value)
{
    const json_t *given = json_object_get(json_object_get(row->started, "model"), key);
    const char *text = json_string_value(given);
    return !given || (text && strcmp(text, value) == 0);
}

/* NAN where neither bound is known: they are of the cones of dense networks with any neurons and
 * the penalty l1.  Networks with the same predictions on the rows differ around them: of a robust
 * problem the number of features counts in the place of n. */
static double neuron_bound(const zg_log_case *row, const char *which)
{
    double n = zg_claim_size(row, "n"), d = zg_claim_size(row, "d"),
           outputs = zg_claim_size(row, "outputs");
    if (!model_has(row, "architecture", "dense") || !model_has(row, "neuron_set", "sphere") ||
        !model_has(row, "penalty", "l1") || !model_has(row, "penalty.power", ""))
        return NAN;
    if (isnan(outputs)) outputs = 1;
    if (strcmp(which, "lifted") == 0) return outputs * 2 * (d + 1);
    const json_t *radius = json_object_get(json_object_get(row->started, "model"), "robust.radius");
    bool robust = radius && !(json_is_number(radius) && json_number_value(radius) == 0);
    return outputs * pataki(robust ? (d + 1) * (d + 2) / 2 : n);
}

static bool neuron_figure(const zg_claim_names *methods, const size_t *method, const double *bound,
                          const double *neurons, size_t count, zg_text *out)
{
    zg_series *series = calloc(methods->count + 1, sizeof *series);
    double *numbers = malloc((2 * methods->count * count + 1) * sizeof *numbers);
    double line[2] = {INFINITY, 0};
    bool done = series && numbers;
    for (size_t m = 0; done && m < methods->count; m++) {
        double *x = numbers + 2 * m * count, *y = x + count;
        size_t points = 0;
        for (size_t k = 0; k < count; k++) {
            line[0] = fmin(line[0], bound[k]);
            line[1] = fmax(line[1], bound[k]);
            if (method[k] != m) continue;
            x[points] = bound[k];
            y[points++] = neurons[k];
        }
        series[m] = (zg_series){methods->at[m], m, ZG_MARK_POINTS, points, x, y, NULL};
    }
    if (done) {
        series[methods->count] = (zg_series){"the bound", 7, ZG_MARK_RULE, 2, line, line, NULL};
        zg_chart chart = {"Neurons of the optimum against the bound",
                          NULL,
                          {"bound on the number of neurons", "", false},
                          {"neurons found", "", false},
                          NULL,
                          0,
                          series,
                          methods->count + 1};
        zg_chart_write(&chart, out);
    }
    free(series);
    free(numbers);
    return done;
}

typedef struct counts {
    double *bound, *neurons; /* of the certified cases of known size */
    size_t *method, count, unknown, above;
    double least; /* distance to the bound */
    zg_claim_names methods;
} counts;

static bool gather_neurons(const zg_study *study, const zg_claim_cases *cases, const char *which,
                           counts *out)
{
    *out = (counts){.bound = calloc(cases->count + 1, sizeof *out->bound),
                    .neurons = calloc(cases->count + 1, sizeof *out->neurons),
                    .method = calloc(cases->count + 1, sizeof *out->method),
                    .least = INFINITY};
    if (!out->bound || !out->neurons || !out->method) return false;
    for (size_t k = 0; k < cases->count; k++) {
        const zg_log_case *row = &study->log->cases[cases->at[k]];
        double bound = neuron_bound(row, which);
        size_t method = zg_claim_name(&out->methods, zg_claim_method(row));
        if (method == SIZE_MAX) return false;
        if (!(zg_claim_optimal(row) && bound > 0 && row->result.neurons >= 0)) {
            out->unknown++;
            continue;
        }
        out->bound[out->count] = bound;
        out->neurons[out->count] = row->result.neurons;
        out->method[out->count++] = method;
        out->above += row->result.neurons > bound;
        out->least = fmin(out->least, bound - row->result.neurons);
    }
    return true;
}

static void tell_neurons(const counts *in, zg_claim *claim)
{
    if (in->count)
        zg_text_format(&claim->evidence,
                       "%zu of %zu certified optima have no more neurons than the bound; the "
                       "least distance to it is %g.",
                       in->count - in->above, in->count, in->least);
    if (in->unknown)
        zg_text_format(&claim->evidence,
                       " %zu cases are left out: not certified, or their sizes are not in the log.",
                       in->unknown);
    if (in->count == 0)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "no case is certified and of known size");
    else if (in->above)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED, "%zu case%s more neurons than the bound",
                        in->above, in->above == 1 ? " has" : "s have");
    else if (in->unknown)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "%zu case%s not certified, or of unknown size",
                        in->unknown, in->unknown == 1 ? " is" : "s are");
    else
        claim->verdict = ZG_CLAIM_REPRODUCED;
}

bool zg_claim_neurons(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim)
{
    const zg_claim_cases *cases = &sides->own;
    counts in;
    bool done = gather_neurons(study, cases, zg_claim_text(claim, "bound", "pataki"), &in);
    if (done) tell_neurons(&in, claim);
    if (done && in.count)
        done =
            neuron_figure(&in.methods, in.method, in.bound, in.neurons, in.count, &claim->figure);
    free(in.bound);
    free(in.neurons);
    free(in.method);
    free(in.methods.at);
    return done;
}
