/* HTML: paths of beta, with scores on rows that validate and the setting that was chosen. */
#include "reports/html_parts.h"

#include "base/memory.h"
#include "core/model_settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST_BETAS 3
#define MOST_FAMILIES 12

typedef enum quantity { SCORE, OBJECTIVE, PENALTY, NEURONS, QUANTITIES } quantity;

/* The cases of one method at one beta: mean over folds, splits and seeds. */
typedef struct point {
    double beta, sum[QUANTITIES], square; /* square: of scores */
    size_t count[QUANTITIES];
} point;

/* A method along the path of one family. */
typedef struct line {
    size_t family, method;
    point *points;
    size_t count, capacity;
    double chosen; /* beta of the final case; NAN: none, or several that differ */
    bool any_chosen;
} line;

/* Data and model, but for beta and for which rows validate. */
typedef struct family {
    char *identity, *label;
    bool lower; /* scores are errors */
} family;

typedef struct paths {
    const zg_study *study;
    family *families;
    size_t family_count, family_capacity;
    line *lines;
    size_t line_count, line_capacity;
} paths;

/* ---- collecting ----------------------------------------------------------------------------- */

/* The first part of a label, in front of what varies. */
static char *front_of(const char *label)
{
    return strndup(label ? label : "?", label ? strcspn(label, ",") : 1);
}

static char *identity_of(const zg_log_case *row)
{
    static const char *const data_keys[] = {"name", "fold", "retrained", "split.seed",
                                            "n",    "d",    "outputs",   "subsample.seed"};
    json_t *data = json_copy(zg_log_member(row->started, "data"));
    json_t *model = json_copy(zg_log_member(row->started, "model"));
    json_t *both =
        json_pack("{s:o?, s:o?, s:s?}", "data", data, "model", model, "suite", row->suite);
    for (size_t i = 0; data && i < sizeof data_keys / sizeof *data_keys; i++)
        json_object_del(data, data_keys[i]);
    if (model) json_object_del(model, "name");
    if (model) json_object_del(model, "beta");
    if (model) json_object_del(model, "beta_relative");
    char *text = both ? json_dumps(both, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    json_decref(both);
    return text;
}

/* The family of a case, new at the end when there is none; NULL without memory. */
static family *family_of(paths *p, const zg_log_case *row)
{
    char *identity = identity_of(row);
    for (size_t i = 0; identity && i < p->family_count; i++) {
        if (strcmp(p->families[i].identity, identity) != 0) continue;
        free(identity);
        return &p->families[i];
    }
    family *all = identity
                      ? zg_grow(p->families, &p->family_capacity, p->family_count + 1, sizeof *all)
                      : NULL;
    if (!all) {
        free(identity);
        return NULL;
    }
    p->families = all;
    const char *loss = zg_log_text(row->started, "model.loss");
    char *data = front_of(zg_log_text(row->started, "data.name"));
    family *fresh = &p->families[p->family_count++];
    *fresh = (family){.identity = identity, .lower = row->score && strcmp(row->score, "rmse") == 0};
    fresh->label = data ? zg_format("%s, %s", data, loss ? loss : ZG_DEFAULT_LOSS) : NULL;
    free(data);
    return fresh->label ? fresh : NULL;
}

static line *line_of(paths *p, size_t at, size_t method)
{
    for (size_t i = 0; i < p->line_count; i++)
        if (p->lines[i].family == at && p->lines[i].method == method) return &p->lines[i];
    line *all = zg_grow(p->lines, &p->line_capacity, p->line_count + 1, sizeof *all);
    if (!all) return NULL;
    p->lines = all;
    p->lines[p->line_count] = (line){.family = at, .method = method, .chosen = NAN};
    return &p->lines[p->line_count++];
}

static point *point_of(line *l, double beta)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->points[i].beta == beta) return &l->points[i];
    point *all = zg_grow(l->points, &l->capacity, l->count + 1, sizeof *all);
    if (!all) return NULL;
    l->points = all;
    l->points[l->count] = (point){.beta = beta};
    return &l->points[l->count++];
}

static void add(point *at, quantity which, double value)
{
    if (!isfinite(value)) return;
    at->sum[which] += value;
    at->count[which]++;
    if (which == SCORE) at->square += value * value;
}

static bool collect_case(paths *p, size_t i)
{
    const zg_log_case *row = &p->study->log->cases[i];
    double beta = zg_study_number(row, "model", "beta");
    if (!(beta > 0)) beta = zg_study_number(row, "model", "beta_relative");
    bool final = row->started && json_is_true(zg_log_member(row->started, "data.retrained"));
    if (!(beta > 0) || !row->started || (!final && isnan(row->validation_score))) return true;
    family *f = family_of(p, row);
    line *l = f ? line_of(p, (size_t)(f - p->families), p->study->method_of[i]) : NULL;
    if (!l) return false;
    if (final) {
        l->chosen = !l->any_chosen || l->chosen == beta ? beta : NAN;
        l->any_chosen = true;
        return true;
    }
    point *at = point_of(l, beta);
    if (!at) return false;
    add(at, SCORE, row->validation_score);
    add(at, OBJECTIVE, row->result.objective);
    add(at, PENALTY, row->result.objective - row->result.train.loss);
    add(at, NEURONS, row->result.neurons);
    return true;
}

static int by_beta(const void *a, const void *b)
{
    double x = ((const point *)a)->beta, y = ((const point *)b)->beta;
    return (x > y) - (x < y);
}

static void clear(paths *p)
{
    for (size_t i = 0; i < p->family_count; i++) {
        free(p->families[i].identity);
        free(p->families[i].label);
    }
    for (size_t i = 0; i < p->line_count; i++)
        free(p->lines[i].points);
    free(p->families);
    free(p->lines);
}

/* ---- drawing -------------------------------------------------------------------------------- */

static double mean_of(const point *at, quantity which)
{
    return at->count[which] ? at->sum[which] / (double)at->count[which] : NAN;
}

/* Standard error of the mean score; NAN for one score. */
static double error_of(const point *at)
{
    double n = (double)at->count[SCORE], mean = mean_of(at, SCORE);
    return n > 1 ? sqrt(fmax(0, at->square / n - mean * mean) / (n - 1)) : NAN;
}

/* The series of one line: the means, around scores one standard error on either side, and the beta
 * that was chosen.  numbers has room for 8 per point. */
static size_t add_series(const paths *p, const line *l, quantity which, double *numbers,
                         zg_series *out)
{
    size_t n = l->count, count = 0;
    double *x = numbers, *y = x + n, *low = y + n, *high = low + n;
    const char *label = p->study->methods[l->method].label;
    bool spread = false;
    for (size_t i = 0; i < n; i++) {
        x[i] = l->points[i].beta;
        y[i] = mean_of(&l->points[i], which);
        double error = which == SCORE ? error_of(&l->points[i]) : NAN;
        low[i] = y[i] - error;
        high[i] = y[i] + error;
        spread = spread || !isnan(error);
        if (x[i] != l->chosen) continue;
        out[count++] = (zg_series){"chosen", l->method, ZG_MARK_POINTS, 1, &x[i], &y[i], NULL};
    }
    out[count++] = (zg_series){label, l->method, ZG_MARK_LINE, n, x, y, NULL};
    if (!spread) return count;
    out[count++] = (zg_series){label, l->method, ZG_MARK_RULE, n, x, low, NULL};
    out[count++] = (zg_series){label, l->method, ZG_MARK_RULE, n, x, high, NULL};
    return count;
}

static bool draw(const paths *p, size_t at, quantity which, zg_text *out)
{
    static const char *const names[] = {NULL, "objective", "penalty", "neurons"};
    const family *f = &p->families[at];
    size_t points = 0, lines = 0, used = 0, count = 0;
    for (size_t i = 0; i < p->line_count; i++) {
        if (p->lines[i].family != at) continue;
        points += p->lines[i].count;
        lines++;
    }
    double *numbers = malloc((4 * points + 1) * sizeof *numbers);
    zg_series *series = malloc((4 * lines + 1) * sizeof *series);
    bool done = numbers && series;
    for (size_t i = 0; done && i < p->line_count; i++) {
        if (p->lines[i].family != at) continue;
        count += add_series(p, &p->lines[i], which, numbers + used, series + count);
        used += 4 * p->lines[i].count;
    }
    const char *name = which != SCORE ? names[which]
                       : f->lower     ? "RMSE on rows that validate"
                                      : "accuracy on rows that validate";
    zg_text title = {0};
    zg_text_format(&title, "%s: %s", f->label, name);
    if (done) {
        zg_chart chart = {zg_text_bytes(&title),
                          which == SCORE ? "Means, with one standard error on either side (dotted)."
                                         : "Means over folds, splits and seeds.",
                          {"beta", "", true},
                          {name, which == SCORE && !f->lower ? "share" : "", which == OBJECTIVE},
                          NULL,
                          0,
                          series,
                          count};
        zg_chart_write(&chart, out);
    }
    done = done && !title.failed;
    zg_text_clear(&title);
    free(numbers);
    free(series);
    return done;
}

static bool is_path(const paths *p, size_t at)
{
    for (size_t i = 0; i < p->line_count; i++)
        if (p->lines[i].family == at && p->lines[i].count >= FEWEST_BETAS) return true;
    return false;
}

static bool draw_all(paths *p, zg_text *out)
{
    size_t drawn = 0, left = 0;
    bool done = true;
    for (size_t i = 0; i < p->line_count; i++)
        if (p->lines[i].count)
            qsort(p->lines[i].points, p->lines[i].count, sizeof *p->lines[i].points, by_beta);
    for (size_t at = 0; done && at < p->family_count; at++) {
        if (!is_path(p, at)) continue;
        if (drawn == MOST_FAMILIES) {
            left++;
            continue;
        }
        if (drawn++ == 0)
            zg_html_heading(
                "paths", "Paths of \xce\xb2",
                "What grows and falls along \xce\xb2, where settings are chosen by rows "
                "that validate: scores with their spread, objective, penalty and "
                "neurons; the \xce\xb2 that was chosen is trained again on all rows.",
                out);
        zg_text_add(out, "<div class=\"charts\">\n");
        for (int which = 0; done && which < QUANTITIES; which++)
            done = draw(p, at, (quantity)which, out);
        zg_text_add(out, "</div>\n");
    }
    if (left) zg_text_format(out, "<p>%zu more data and models are not drawn.</p>\n", left);
    return done;
}

zg_status zg_html_paths(const zg_study *study, zg_text *out, zg_error *error)
{
    paths p = {.study = study};
    bool done = true;
    for (size_t i = 0; done && i < study->log->case_count; i++)
        done = collect_case(&p, i);
    if (done) done = draw_all(&p, out);
    clear(&p);
    return done ? ZG_OK : zg_no_memory(error);
}
