/* How effort grows with size: families of problems, medians per size, two fits. */
#include "reports/growth.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const char *const zg_sizes[ZG_SIZE_COUNT] = {"n", "d", "outputs", "patches", "numbers", "count"};

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
    bool contrast;        /* then every size is left out: they grow together */
} family_text;

static bool is_size(const char *name)
{
    for (size_t i = 0; i < ZG_SIZE_COUNT; i++)
        if (strcmp(name, zg_sizes[i]) == 0) return true;
    return strcmp(name, "rows") == 0 || strcmp(name, "inputs") == 0;
}

static void family_leaf(void *context, const char *name, const char *value)
{
    family_text *in = context;
    size_t length = strlen(name);
    bool seed = length >= 4 && strcmp(name + length - 4, "seed") == 0;
    if (seed || strcmp(name, "name") == 0 || strcmp(name, "label") == 0) return;
    if (strcmp(name, "digest") == 0) return;
    if (in->variable && strcmp(name, in->variable) == 0) return;
    if (in->contrast && is_size(name)) return;
    zg_text_format(in->text, "%s%s=%s", in->text->length ? ", " : "", name, value);
}

/* What the problems of a family have in common: data apart from the variable, and the model. */
static bool family_of(const zg_log_case *row, const char *variable, bool contrast, zg_text *out)
{
    family_text in = {out, variable, contrast};
    const json_t *data = json_object_get(row->started, "data");
    const json_t *model = json_object_get(row->started, "model");
    bool done = zg_study_leaves(data, family_leaf, &in);
    return done && (!model || zg_study_leaves(model, family_leaf, &in)) && !out->failed;
}

static bool is_tree(const zg_log_case *row)
{
    if (row->result.verdict == ZG_SKIPPED) return false;
    const char *method = zg_log_text(json_object_get(row->started, "method"), "method");
    if (!method) method = zg_log_text(row->started, "method");
    return strcmp(row->result.unit, "node") == 0 ||
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
    fits = zg_fit_line(out->count, out->size, y, &out->exponential) && fits;
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
    bool *contrast; /* per case: its data are a contrast */
    char **family;  /* per case: what it shares with its family; NULL: has no such size */
    bool *placed;   /* per case: its family has been looked at */
    point *points;
    zg_growths *out;
} search;

/* The data apart from names, for telling whether two cases are about the same. */
static char *data_of(const zg_log_case *row)
{
    zg_text text = {0};
    family_text in = {&text, NULL, false};
    bool done = zg_study_leaves(json_object_get(row->started, "data"), family_leaf, &in);
    char *copy = done && !text.failed ? strdup(zg_text_bytes(&text)) : NULL;
    zg_text_clear(&text);
    return copy;
}

/* A case is a contrast when a tree search ran on its data; in->family serves as scratch. */
static bool find_contrasts(search *in)
{
    const zg_log *log = in->study->log;
    for (size_t i = 0; i < log->case_count; i++)
        if (!(in->family[i] = data_of(&log->cases[i]))) return false;
    for (size_t i = 0; i < log->case_count; i++) {
        if (!is_tree(&log->cases[i]) || in->contrast[i]) continue;
        for (size_t k = 0; k < log->case_count; k++)
            if (strcmp(in->family[i], in->family[k]) == 0) in->contrast[k] = true;
    }
    return true;
}

/* A contrast's sizes grow together: the first that is known stands for all. */
static bool stands_for_size(const search *in, size_t i)
{
    const zg_log_case *row = &in->study->log->cases[i];
    if (!in->contrast[i]) return size_of(row, in->variable) > 0;
    for (size_t v = 0; v < ZG_SIZE_COUNT; v++)
        if (size_of(row, zg_sizes[v]) > 0) return strcmp(zg_sizes[v], in->variable) == 0;
    return false;
}

static bool find_families(search *in)
{
    const zg_log *log = in->study->log;
    for (size_t i = 0; i < log->case_count; i++) {
        zg_text family = {0};
        free(in->family[i]);
        in->family[i] = NULL;
        in->placed[i] = !stands_for_size(in, i);
        if (in->placed[i]) continue;
        bool done = family_of(&log->cases[i], in->variable, in->contrast[i], &family);
        in->family[i] = strdup(zg_text_bytes(&family));
        zg_text_clear(&family);
        if (!done || !in->family[i]) return false;
    }
    return true;
}

/* What a row's effort is counted in besides seconds; NULL where a user chose the number. */
static const char *steps_of(const zg_log_case *row)
{
    if (is_tree(row)) return "nodes";
    return strcmp(row->result.unit, "iteration") == 0 ? "iterations" : NULL;
}

/* NAN when the case does not count. */
static double effort_of(const zg_log_case *row, bool steps)
{
    if (!zg_verdict_ran(row->result.verdict)) return NAN;
    double value = steps ? row->result.iterations : row->result.seconds;
    return value > 0 ? value : NAN;
}

/* Takes points over into a growth of its own. */
static bool add_growth(search *in, size_t first, const char *effort, size_t count, size_t failed)
{
    bool kept = false;
    zg_growth growth = {.method = in->study->method_of[first],
                        .variable = in->variable,
                        .effort = effort,
                        .failed = failed,
                        .contrast = in->contrast[first]};
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

static bool same_family(const search *in, size_t first, size_t i)
{
    const size_t *method = in->study->method_of;
    return in->family[i] && in->contrast[i] == in->contrast[first] && method[i] == method[first] &&
           strcmp(in->family[i], in->family[first]) == 0;
}

/* The family of case `first`, whose members are all marked as placed. */
static bool search_family(search *in, size_t first)
{
    const zg_log *log = in->study->log;
    const char *steps = NULL;
    for (int counted = 0; counted < 2; counted++) {
        size_t count = 0, failed = 0;
        for (size_t i = first; i < log->case_count; i++) {
            if (!same_family(in, first, i)) continue;
            in->placed[i] = true;
            if (log->cases[i].result.verdict == ZG_SKIPPED) continue;
            if (!steps) steps = steps_of(&log->cases[i]);
            if (!counted && in->study->elsewhere[i]) continue;
            double value = effort_of(&log->cases[i], counted);
            if (isnan(value))
                failed++;
            else
                in->points[count++] = (point){size_of(&log->cases[i], in->variable), value};
        }
        if (counted && !steps) return true;
        if (!add_growth(in, first, counted ? steps : "seconds", count, failed)) return false;
    }
    return true;
}

static bool search_all(search *in)
{
    size_t count = in->study->log->case_count;
    if (!find_contrasts(in)) return false;
    for (size_t v = 0; v < ZG_SIZE_COUNT; v++) {
        in->variable = zg_sizes[v];
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
    out->items = calloc(2 * count * ZG_SIZE_COUNT + 1, sizeof *out->items);
    search in = {study,
                 NULL,
                 calloc(count + 1, sizeof(bool)),
                 calloc(count + 1, sizeof(char *)),
                 calloc(count + 1, sizeof(bool)),
                 malloc((count + 1) * sizeof(point)),
                 out};
    bool room = out->items && in.contrast && in.family && in.placed && in.points;
    bool done = room && search_all(&in);
    for (size_t i = 0; in.family && i < count; i++)
        free(in.family[i]);
    free(in.family);
    free(in.contrast);
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

double zg_growth_evidence(const zg_growth *growth)
{
    double power = growth->power.residual, exponential = growth->exponential.residual;
    if (power == exponential) return 0.0;
    return (double)growth->count * log(power / exponential);
}
