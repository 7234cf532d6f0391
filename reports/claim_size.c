/* Claims about sizes: neurons against their bounds, and how time or nodes grow. */
#include "reports/claim_parts.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST_SIZES 4

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

/* n, d, outputs, patches or any other key of the data; NAN when the log does not say. */
static double size_of(const zg_log_case *row, const char *variable)
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

static double neuron_bound(const zg_log_case *row, const char *which)
{
    double n = size_of(row, "n"), d = size_of(row, "d"), outputs = size_of(row, "outputs");
    if (isnan(outputs)) outputs = 1;
    if (strcmp(which, "lifted") == 0) return outputs * 2 * (d + 1);
    return outputs * pataki(n);
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
        if (!(zg_log_certified(row) && bound > 0 && row->neurons >= 0)) {
            out->unknown++;
            continue;
        }
        out->bound[out->count] = bound;
        out->neurons[out->count] = row->neurons;
        out->method[out->count++] = method;
        out->above += row->neurons > bound;
        out->least = fmin(out->least, bound - row->neurons);
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
    else
        claim->verdict = ZG_CLAIM_REPRODUCED;
}

bool zg_claim_neurons(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim)
{
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

/* ---- growth --------------------------------------------------------------------------------- */

typedef struct point {
    double size, effort;
} point;

/* One method on one model: the cases differ in the size alone. */
typedef struct family {
    const char *method, *model;
    point *points; /* after gathering: medians by ascending size */
    size_t count, sizes;
    zg_line power, exponential; /* of log effort in log size, and in size */
} family;

typedef struct families {
    family *at;
    size_t count, shared;
} families;

static family *find_family(families *all, const char *method, const char *model, size_t room)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->at[i].method, method) == 0 && strcmp(all->at[i].model, model) == 0)
            return &all->at[i];
    family *longer = realloc(all->at, (all->count + 1) * sizeof *longer);
    if (!longer) return NULL;
    all->at = longer;
    all->at[all->count] = (family){.method = method, .model = model};
    all->at[all->count].points = calloc(room + 1, sizeof(point));
    return all->at[all->count++].points ? &all->at[all->count - 1] : NULL;
}

static void families_clear(families *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->at[i].points);
    free(all->at);
    *all = (families){0};
}

static int by_size(const void *a, const void *b)
{
    const point *x = a, *y = b;
    if (x->size != y->size) return x->size > y->size ? 1 : -1;
    return (x->effort > y->effort) - (x->effort < y->effort);
}

/* The middle of an odd number, the later middle of an even one: times are not to look better. */
static bool fit(family *in)
{
    double *room = malloc((3 * in->count + 1) * sizeof *room);
    if (!room) return false;
    double *x = room, *lx = room + in->count, *y = room + 2 * in->count;
    qsort(in->points, in->count, sizeof *in->points, by_size);
    for (size_t from = 0, to; from < in->count; from = to) {
        for (to = from; to < in->count && in->points[to].size == in->points[from].size;)
            to++;
        in->points[in->sizes++] = in->points[from + (to - from) / 2];
    }
    for (size_t i = 0; i < in->sizes; i++) {
        x[i] = in->points[i].size;
        lx[i] = log(x[i]);
        y[i] = log(in->points[i].effort);
    }
    if (in->sizes > 1) {
        zg_fit_line(in->sizes, lx, y, &in->power);
        zg_fit_line(in->sizes, x, y, &in->exponential);
    }
    free(room);
    return true;
}

/* Median seconds of a case's measurements, or its nodes. */
static bool effort_of(const zg_log_case *row, bool nodes, double *out)
{
    *out = nodes ? row->iterations : row->seconds;
    return nodes || row->sample_count < 2 || zg_median(row->sample_count, row->samples, out);
}

static bool gather(const zg_study *study, const zg_claim_cases *cases, const char *variable,
                   bool nodes, families *out)
{
    bool done = true;
    for (size_t k = 0; done && k < cases->count; k++) {
        const zg_log_case *row = &study->log->cases[cases->at[k]];
        const char *model = zg_log_text(row->started, "model.name");
        double size = size_of(row, variable), effort;
        done = effort_of(row, nodes, &effort);
        if (!(size > 0) || !(effort > 0)) continue;
        family *in = find_family(out, zg_claim_method(row), model ? model : "", cases->count);
        done = done && in;
        if (in) in->points[in->count++] = (point){size, effort};
        out->shared += !nodes && row->shared;
    }
    for (size_t i = 0; done && i < out->count; i++)
        done = fit(&out->at[i]);
    return done;
}

/* Measured points, and the fitted line dashed through them. */
static bool growth_figure(const families *all, const char *variable, bool nodes, zg_text *out)
{
    size_t most = 0;
    for (size_t i = 0; i < all->count; i++)
        most = all->at[i].sizes > most ? all->at[i].sizes : most;
    zg_series *series = calloc(2 * all->count + 1, sizeof *series);
    double *numbers = malloc((3 * all->count * most + 1) * sizeof *numbers);
    zg_text *labels = calloc(all->count + 1, sizeof *labels);
    bool done = series && numbers && labels;
    for (size_t i = 0; done && i < all->count; i++) {
        const family *in = &all->at[i];
        const zg_line *line = nodes ? &in->exponential : &in->power;
        double *x = numbers + 3 * i * most, *y = x + most, *fitted = y + most;
        for (size_t k = 0; k < in->sizes; k++) {
            x[k] = in->points[k].size;
            y[k] = in->points[k].effort;
            fitted[k] = exp(line->intercept + line->slope * (nodes ? x[k] : log(x[k])));
        }
        zg_text_format(&labels[i], "%s%s%s", in->method, all->count > 1 ? ", " : "",
                       all->count > 1 ? in->model : "");
        const char *label = zg_text_bytes(&labels[i]);
        series[2 * i] = (zg_series){label, i, ZG_MARK_POINTS, in->sizes, x, y, NULL};
        series[2 * i + 1] =
            (zg_series){label, i, ZG_MARK_RULE, in->sizes > 1 ? in->sizes : 0, x, fitted, NULL};
    }
    if (done) {
        zg_chart chart = {nodes ? "Nodes against size" : "Time against size",
                          nodes ? "Dashed: the fitted exponential." : "Dashed: the fitted power.",
                          {variable, "", !nodes},
                          {nodes ? "nodes" : "seconds of the method", nodes ? "" : "s", true},
                          NULL,
                          0,
                          series,
                          2 * all->count};
        zg_chart_write(&chart, out);
    }
    for (size_t i = 0; labels && i < all->count; i++) {
        if (labels[i].failed) out->failed = true;
        zg_text_clear(&labels[i]);
    }
    free(labels);
    free(series);
    free(numbers);
    return done;
}

/* Reproduced when every interval ends within the bound, refuted when one begins above it. */
static void decide_exponent(const families *all, double at_most, zg_claim *claim)
{
    bool refuted = false, open = false;
    for (size_t i = 0; i < all->count; i++) {
        const family *in = &all->at[i];
        if (in->sizes < FEWEST_SIZES) {
            zg_text_format(&claim->evidence, "%s%s: %zu sizes.", i ? " " : "", in->method,
                           in->sizes);
            open = true;
            continue;
        }
        zg_text_format(&claim->evidence,
                       "%s%s (%s), %zu sizes from %g to %g: exponent %.2f, 95 %% interval [%.2f, "
                       "%.2f].",
                       i ? " " : "", in->method, in->model, in->sizes, in->points[0].size,
                       in->points[in->sizes - 1].size, in->power.slope, in->power.slope_low,
                       in->power.slope_high);
        refuted = refuted || in->power.slope_low > at_most;
        open = open || in->power.slope_high > at_most;
    }
    if (refuted)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED, "an exponent is above %g", at_most);
    else if (all->shared)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "the times were taken beside other cases");
    else if (all->count == 0 || open)
        zg_claim_decide(claim, ZG_CLAIM_OPEN,
                        "fewer than %d sizes, or an interval that reaches beyond %g", FEWEST_SIZES,
                        at_most);
    else
        claim->verdict = ZG_CLAIM_REPRODUCED;
}

bool zg_claim_exponent(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim)
{
    families all = {0};
    const char *variable = zg_claim_text(claim, "variable", "n");
    bool done = gather(study, cases, variable, false, &all);
    if (done) {
        decide_exponent(&all, zg_claim_number(claim, "at_most", NAN), claim);
        done = growth_figure(&all, variable, false, &claim->figure);
    }
    families_clear(&all);
    return done;
}

static void decide_exponential(const families *all, zg_claim *claim)
{
    bool refuted = false, open = false;
    for (size_t i = 0; i < all->count; i++) {
        const family *in = &all->at[i];
        open = open || in->sizes < FEWEST_SIZES || in->exponential.slope_low <= 0;
        if (in->sizes < FEWEST_SIZES) continue;
        bool better = in->exponential.residual < in->power.residual;
        zg_text_format(&claim->evidence,
                       "%s%s (%s), %zu sizes from %g to %g: nodes grow by a factor of %.2f with "
                       "each unit of size, 95 %% interval [%.2f, %.2f]; the exponential fits %s a "
                       "power of %.1f (R\xc2\xb2 %.3f and %.3f).",
                       i ? " " : "", in->method, in->model, in->sizes, in->points[0].size,
                       in->points[in->sizes - 1].size, exp(in->exponential.slope),
                       exp(in->exponential.slope_low), exp(in->exponential.slope_high),
                       better ? "better than" : "worse than", in->power.slope, in->exponential.r2,
                       in->power.r2);
        refuted = refuted || !better;
    }
    if (refuted)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED, "a power of the size fits better");
    else if (all->count == 0 || open)
        zg_claim_decide(claim, ZG_CLAIM_OPEN,
                        "fewer than %d sizes, or no growth that is told from none", FEWEST_SIZES);
    else
        claim->verdict = ZG_CLAIM_REPRODUCED;
}

bool zg_claim_exponential(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim)
{
    families all = {0};
    const char *variable = zg_claim_text(claim, "variable", "count");
    bool done = gather(study, cases, variable, true, &all);
    if (done) {
        decide_exponential(&all, claim);
        done = growth_figure(&all, variable, true, &claim->figure);
    }
    families_clear(&all);
    return done;
}
