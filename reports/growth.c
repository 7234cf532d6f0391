/* How effort grows with size: families of problems, medians per size, straight-line fits. */
#include "reports/growth.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const variables[] = {"n", "d", "outputs", "patches", "numbers"};
#define VARIABLES (sizeof variables / sizeof *variables)
#define FEWEST_SIZES 3

/* The size of a case's problem in one variable: of lists the length. */
static double size_of(const zg_log_case *row, const char *variable)
{
    const json_t *data = json_object_get(row->started, "data");
    const json_t *value = json_object_get(data, variable);
    if (json_is_array(value)) return (double)json_array_size(value);
    return zg_study_number(row, "data", variable);
}

typedef struct family_text {
    zg_text *text;
    const char *variable; /* left out, as are names, seeds and digests */
    bool tree;            /* then every size is left out: they grow together */
} family_text;

static bool is_size(const char *name)
{
    for (size_t i = 0; i < VARIABLES; i++)
        if (strcmp(name, variables[i]) == 0) return true;
    return strcmp(name, "rows") == 0 || strcmp(name, "inputs") == 0;
}

static void family_leaf(void *context, const char *name, const char *value)
{
    family_text *in = context;
    size_t length = strlen(name);
    bool seed = length >= 4 && strcmp(name + length - 4, "seed") == 0;
    if (seed || strcmp(name, "name") == 0 || strcmp(name, "label") == 0) return;
    if (strcmp(name, "digest") == 0 || strcmp(name, in->variable) == 0) return;
    if (in->tree && is_size(name)) return;
    zg_text_format(in->text, "%s%s=%s", in->text->length ? ", " : "", name, value);
}

/* What the problems of a family have in common: data apart from the variable, and the model. */
static bool family_of(const zg_log_case *row, const char *variable, bool tree, zg_text *out)
{
    family_text in = {out, variable, tree};
    const json_t *data = json_object_get(row->started, "data");
    const json_t *model = json_object_get(row->started, "model");
    bool done = zg_study_leaves(data, family_leaf, &in);
    return done && (!model || zg_study_leaves(model, family_leaf, &in)) && !out->failed;
}

static bool is_tree(const zg_log_case *row)
{
    const char *method = zg_log_text(json_object_get(row->started, "method"), "method");
    if (!method) method = zg_log_text(row->started, "method");
    return (row->unit && strcmp(row->unit, "node") == 0) ||
           (method && strcmp(method, "branch-and-bound") == 0);
}

/* ---- one family ----------------------------------------------------------------------------- */

typedef struct point {
    double size, value;
} point;

static int by_size(const void *a, const void *b)
{
    const point *x = a, *y = b;
    if (x->size != y->size) return x->size > y->size ? 1 : -1;
    return (x->value > y->value) - (x->value < y->value);
}

/* Medians of the points of equal size; returns how many sizes there are. */
static size_t medians(size_t count, point *points)
{
    size_t sizes = 0;
    qsort(points, count, sizeof *points, by_size);
    for (size_t from = 0, to; from < count; from = to) {
        to = from;
        while (to < count && points[to].size == points[from].size)
            to++;
        points[sizes++] = points[from + (to - from - 1) / 2];
    }
    return sizes;
}

static bool fit(zg_growth *out)
{
    double *room = malloc((2 * out->count + 1) * sizeof *room);
    if (!room) return false;
    double *x = room, *y = room + out->count;
    for (size_t i = 0; i < out->count; i++) {
        x[i] = log(out->size[i]);
        y[i] = log(out->value[i]);
    }
    bool fits = zg_fit_line(out->count, x, y, &out->power);
    if (out->tree) fits = zg_fit_line(out->count, out->size, y, &out->exponential) && fits;
    free(room);
    return fits;
}

/* Takes the text over.  *kept says whether there were enough sizes. */
static bool make_growth(const point *points, size_t count, zg_text *family, zg_growth *out,
                        bool *kept)
{
    *kept = false;
    if (count < FEWEST_SIZES) {
        zg_text_clear(family);
        return true;
    }
    out->size = malloc(count * sizeof *out->size);
    out->value = malloc(count * sizeof *out->value);
    out->family = family->bytes;
    out->count = count;
    if (!out->size || !out->value) return false;
    for (size_t i = 0; i < count; i++) {
        out->size[i] = points[i].size;
        out->value[i] = points[i].value;
    }
    *kept = fit(out);
    return true;
}

static void clear_growth(zg_growth *growth)
{
    free(growth->family);
    free(growth->size);
    free(growth->value);
    memset(growth, 0, sizeof *growth);
}

typedef struct search {
    const zg_study *study;
    point *points;
    zg_growths *out;
} search;

/* Seconds, or nodes of a tree search; NAN when the case does not count. */
static double effort_of(const zg_log_case *row, bool tree)
{
    if (!zg_log_ran(row->verdict)) return NAN;
    double value = tree && row->iterations > 0 ? row->iterations : row->seconds;
    return value > 0 ? value : NAN;
}

/* Whether an earlier case already stands for the same family, variable and method. */
static bool seen_before(const search *in, size_t method, const char *variable, const char *family)
{
    for (size_t i = 0; i < in->out->count; i++) {
        const zg_growth *growth = &in->out->items[i];
        if (growth->method == method && strcmp(growth->variable, variable) == 0 &&
            strcmp(growth->family, family) == 0)
            return true;
    }
    return false;
}

/* The family that case `first` belongs to, in one variable. */
static bool search_family(search *in, size_t first, const char *variable)
{
    const zg_log *log = in->study->log;
    size_t method = in->study->method_of[first], count = 0, failed = 0;
    bool tree = is_tree(&log->cases[first]), kept = false, done = true;
    zg_text family = {0};
    if (!family_of(&log->cases[first], variable, tree, &family)) return false;
    if (seen_before(in, method, variable, zg_text_bytes(&family))) {
        zg_text_clear(&family);
        return true;
    }
    for (size_t i = first; done && i < log->case_count; i++) {
        const zg_log_case *row = &log->cases[i];
        double size = size_of(row, variable), value = effort_of(row, tree);
        if (in->study->method_of[i] != method || !(size > 0)) continue;
        zg_text other = {0};
        done = family_of(row, variable, tree, &other);
        bool same = done && strcmp(zg_text_bytes(&other), zg_text_bytes(&family)) == 0;
        zg_text_clear(&other);
        if (same && isnan(value)) failed++;
        if (same && !isnan(value)) in->points[count++] = (point){size, value};
    }
    zg_growth growth = {.method = method,
                        .variable = variable,
                        .effort = tree ? "nodes" : "seconds",
                        .failed = failed,
                        .tree = tree};
    if (done)
        done = make_growth(in->points, medians(count, in->points), &family, &growth, &kept);
    else
        zg_text_clear(&family);
    if (kept)
        in->out->items[in->out->count++] = growth;
    else
        clear_growth(&growth);
    return done;
}

zg_status zg_growths_create(const zg_study *study, zg_growths *out, zg_error *error)
{
    const zg_log *log = study->log;
    *out = (zg_growths){0};
    out->items = calloc(log->case_count * VARIABLES + 1, sizeof *out->items);
    search in = {study, malloc((log->case_count + 1) * sizeof(point)), out};
    bool done = out->items && in.points;
    for (size_t i = 0; done && i < log->case_count; i++) {
        const zg_log_case *row = &log->cases[i];
        bool tree = is_tree(row);
        for (size_t v = 0; done && v < VARIABLES; v++) {
            /* A tree search's sizes grow together: the first that is known stands for them. */
            if (!(size_of(row, variables[v]) > 0)) continue;
            done = search_family(&in, i, variables[v]);
            if (tree) break;
        }
    }
    free(in.points);
    if (done) return ZG_OK;
    zg_growths_clear(out);
    return zg_no_memory(error);
}

void zg_growths_clear(zg_growths *growths)
{
    for (size_t i = 0; growths->items && i < growths->count; i++)
        clear_growth(&growths->items[i]);
    free(growths->items);
    memset(growths, 0, sizeof *growths);
}
