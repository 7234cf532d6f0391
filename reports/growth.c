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

/* The search in one variable. */
typedef struct search {
    const zg_study *study;
    const char *variable;
    char **family; /* per case: what it shares with its family; NULL: has no such size */
    bool *placed;  /* per case: its family has been looked at */
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

/* A tree search's sizes grow together: the first that is known stands for all. */
static bool stands_for_size(const zg_log_case *row, const char *variable)
{
    if (!is_tree(row)) return size_of(row, variable) > 0;
    for (size_t v = 0; v < VARIABLES; v++)
        if (size_of(row, variables[v]) > 0) return strcmp(variables[v], variable) == 0;
    return false;
}

static bool find_families(search *in)
{
    const zg_log *log = in->study->log;
    for (size_t i = 0; i < log->case_count; i++) {
        const zg_log_case *row = &log->cases[i];
        zg_text family = {0};
        free(in->family[i]);
        in->family[i] = NULL;
        in->placed[i] = !stands_for_size(row, in->variable);
        if (in->placed[i]) continue;
        bool done = family_of(row, in->variable, is_tree(row), &family);
        in->family[i] = strdup(zg_text_bytes(&family));
        zg_text_clear(&family);
        if (!done || !in->family[i]) return false;
    }
    return true;
}

/* The family of case `first`, whose members are all marked as placed. */
static bool search_family(search *in, size_t first)
{
    const zg_study *study = in->study;
    size_t count = 0, failed = 0;
    bool tree = is_tree(&study->log->cases[first]), kept = false;
    for (size_t i = first; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        if (in->placed[i] || study->method_of[i] != study->method_of[first]) continue;
        if (strcmp(in->family[i], in->family[first]) != 0) continue;
        in->placed[i] = true;
        double value = effort_of(row, tree);
        if (isnan(value))
            failed++;
        else
            in->points[count++] = (point){size_of(row, in->variable), value};
    }
    zg_growth growth = {.method = study->method_of[first],
                        .variable = in->variable,
                        .effort = tree ? "nodes" : "seconds",
                        .failed = failed,
                        .tree = tree};
    zg_text family = {0};
    zg_text_add(&family, in->family[first]);
    bool done = !family.failed;
    if (done) done = make_growth(in->points, medians(count, in->points), &family, &growth, &kept);
    if (kept)
        in->out->items[in->out->count++] = growth;
    else
        clear_growth(&growth);
    return done;
}

static bool search_all(search *in)
{
    size_t count = in->study->log->case_count;
    for (size_t v = 0; v < VARIABLES; v++) {
        in->variable = variables[v];
        if (!find_families(in)) return false;
        for (size_t i = 0; i < count; i++)
            if (!in->placed[i] && !search_family(in, i)) return false;
    }
    return true;
}

zg_status zg_growths_create(const zg_study *study, zg_growths *out, zg_error *error)
{
    size_t count = study->log->case_count;
    *out = (zg_growths){0};
    out->items = calloc(count * VARIABLES + 1, sizeof *out->items);
    search in = {study,
                 NULL,
                 calloc(count + 1, sizeof(char *)),
                 calloc(count + 1, sizeof(bool)),
                 malloc((count + 1) * sizeof(point)),
                 out};
    bool done = out->items && in.family && in.placed && in.points && search_all(&in);
    for (size_t i = 0; in.family && i < count; i++)
        free(in.family[i]);
    free(in.family);
    free(in.placed);
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
