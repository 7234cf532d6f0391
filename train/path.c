/* Paths of beta, folds, and the choice between them. */
#include "train/path.h"

#include "base/child.h"
#include "base/clock.h"
#include "base/linalg.h"
#include "core/certificate.h"
#include "core/problem_rows.h"
#include "data/one_hot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

zg_status zg_path_grid(const zg_problem *problem, size_t count, double ratio, double **out,
                       zg_error *error)
{
    double highest;
    *out = NULL;
    zg_status status = zg_problem_beta_max(problem, &highest, error);
    if (status != ZG_OK) return status;
    if (!(highest > 0 && isfinite(highest)))
        return zg_fail(error, ZG_BAD_INPUT,
                       "the zero network is optimal for every beta, so there is no path to take");
    *out = malloc(count * sizeof **out);
    if (!*out) return zg_no_memory(error);
    for (size_t i = 0; i < count; i++)
        (*out)[i] = highest * pow(ratio, count > 1 ? (double)i / (double)(count - 1) : 0.0);
    return ZG_OK;
}

void zg_path_clear(zg_path *path)
{
    free(path->points);
    *path = (zg_path){0};
}

/* ---- one path ------------------------------------------------------------------------------ */

typedef struct work {
    const zg_path_order *order;
    zg_path *path;
    double *betas;  /* falling */
    double *scores; /* parts x count */
    zg_training *trainings;
} work;

/* What failed or is wrong has no score, as in suites. */
static bool stands(const zg_training *training)
{
    zg_decision decision = training->assessment.decision;
    return training->solution.network &&
           (decision == ZG_DECISION_CERTIFIED || decision == ZG_DECISION_UNCERTIFIED);
}

/* The worse of two gaps; NAN is worse than any. */
static double worse_gap(double a, double b)
{
    return isnan(a) || a > b ? a : b;
}

/* On rows as read, in the targets' own units. */
static double score_of(const zg_network *network, const zg_dataset *held, const double *y,
                       double *f)
{
    const zg_encoding *encoding = &network->encoding;
    size_t n = held->rows;
    zg_error ignored;
    if (zg_network_predict(network, n, held->x, f, &ignored) != ZG_OK) return NAN;
    return encoding->task == ZG_REGRESSION ? zg_rmse(n * encoding->outputs, f, y)
                                           : 1.0 - zg_accuracy(encoding, n, f, y);
}

static zg_status score_all(const work *w, const zg_dataset *held, double *scores, zg_error *error)
{
    size_t count = held->rows * w->order->encoding->outputs;
    double *f = zg_doubles(count), *y = zg_doubles(count);
    zg_status status = f && y ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) status = zg_encoding_targets_of(w->order->encoding, held, y, error);
    for (size_t i = 0; status == ZG_OK && i < w->path->count; i++) {
        const zg_network *network = w->trainings[i].solution.network;
        scores[i] = stands(&w->trainings[i]) ? score_of(network, held, y, f) : NAN;
    }
    free(f);
    free(y);
    return status;
}

static void note_results(const work *w, bool all_rows)
{
    for (size_t i = 0; i < w->path->count; i++) {
        const zg_training *t = &w->trainings[i];
        zg_path_point *p = &w->path->points[i];
        const zg_certificate *c = &t->certificate;
        p->uncertified += t->assessment.decision != ZG_DECISION_CERTIFIED;
        p->wrong += t->assessment.decision == ZG_DECISION_WRONG;
        p->worst_gap = worse_gap(c->gap, p->worst_gap);
        if (!all_rows) continue;
        p->objective = c->objective;
        p->bound = c->bound;
        p->gap = c->gap;
        p->loss = t->loss;
        p->penalty = t->penalty;
        p->neurons = t->solution.network ? zg_network_neurons(t->solution.network) : 0;
    }
}

/* The problem of these rows: everything that is fitted to rows is fitted to them. */
static zg_status make_problem(const work *w, const zg_dataset *rows, const double *weights,
                              zg_problem **out, zg_error *error)
{
    const zg_path_order *o = w->order;
    zg_preprocess preprocess = {0};
    zg_encoding encoding = {0};
    double *own = NULL;
    zg_model_options model = *o->model;
    model.beta = w->betas[0];
    zg_status status = zg_preprocess_fit(rows, model.standardize, &preprocess, error);
    preprocess.bias = o->bias;
    if (status == ZG_OK && model.halfspaces)
        status = zg_preprocess_fit_halfspaces(rows, &preprocess, error);
    if (status == ZG_OK && zg_encoding_copy(o->encoding, &encoding) != ZG_OK)
        status = zg_no_memory(error);
    if (status == ZG_OK && o->standardize_target) {
        free(encoding.mean); /* of all rows */
        free(encoding.scale);
        encoding.mean = encoding.scale = NULL;
        status = zg_encoding_standardize(&encoding, rows, error);
    }
    if (status == ZG_OK && o->class_weights)
        status = zg_class_weights(&encoding, rows, o->class_weights, &own, error);
    if (status == ZG_OK)
        status = zg_problem_from_dataset(rows, &preprocess, &encoding, own ? own : weights, &model,
                                         (zg_penalty){ZG_PENALTY_L1, 0.0}, out, error);
    zg_preprocess_clear(&preprocess);
    zg_encoding_clear(&encoding);
    free(own);
    return status;
}

/* Trains on rows for every beta, notes what came of it, and scores it on held rows, if any. */
static zg_status run_part(work *w, const zg_dataset *rows, const double *weights,
                          const zg_dataset *held, bool all_rows, double *scores, zg_error *error)
{
    const zg_path_order *o = w->order;
    zg_problem *problem = NULL;
    zg_status status = make_problem(w, rows, weights, &problem, error);
    if (status == ZG_OK)
        status = zg_training_path(problem, o->method, o->values, o->control, w->path->count,
                                  w->betas, w->trainings, error);
    if (status == ZG_OK) note_results(w, all_rows);
    if (status == ZG_OK && held) status = score_all(w, held, scores, error);
    for (size_t i = 0; i < w->path->count; i++)
        zg_training_clear(&w->trainings[i]);
    zg_problem_free(problem);
    return status;
}

static zg_status run_fold(work *w, size_t fold, zg_error *error)
{
    const zg_path_order *o = w->order;
    const zg_fold which = {.folds = o->folds,
                           .number = fold,
                           .seed = o->seed,
                           .by_class = o->encoding->task != ZG_REGRESSION};
    size_t n = o->train->rows, held_count = 0;
    zg_dataset *train = NULL, *held = NULL;
    size_t *order = malloc(n * sizeof *order);
    double *weights = o->weights ? zg_doubles(n) : NULL;
    zg_status status = order && (weights || !o->weights) ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) status = zg_fold_rows(o->train, which, order, &held_count, error);
    for (size_t i = 0; status == ZG_OK && weights && i < n - held_count; i++)
        weights[i] = o->weights[order[i]];
    if (status == ZG_OK) status = zg_dataset_fold(o->train, which, &train, &held, error);
    /* Words that only the held rows have are unknown to the fold's network. */
    if (status == ZG_OK && o->model->architecture.kind == ZG_DENSE)
        status = zg_one_hot_trim(train, &held, 1, true, error);
    if (status == ZG_OK)
        status = run_part(w, train, weights, held, false, w->scores + fold * w->path->count, error);
    zg_dataset_free(train);
    zg_dataset_free(held);
    free(order);
    free(weights);
    return status;
}

/* Part 0 is all rows, part k fold k - 1. */
static zg_status run_numbered(work *w, size_t part, zg_error *error)
{
    const zg_path_order *o = w->order;
    if (part > 0) return run_fold(w, part - 1, error);
    return run_part(w, o->train, o->weights, o->folds ? NULL : o->validation, true, w->scores,
                    error);
}

/* ---- parts in processes of their own ------------------------------------------------------- */

typedef struct errand {
    work *work;
    size_t part;
    zg_child child; /* channel -1: none */
} errand;

/* A zg_child_body: sends what the part adds to the points, and its scores.  The child has a copy of
 * everything. */
static int part_main(void *context, int channel)
{
    const errand *e = context;
    work own = *e->work;
    zg_path_order order = *own.order;
    zg_control control = *order.control;
    zg_error error = {0};
    size_t count = own.path->count;
    control.jobs = 0;
    order.control = &control;
    own.order = &order;
    for (size_t i = 0; i < count; i++) {
        zg_path_point *p = &own.path->points[i];
        p->uncertified = p->wrong = 0;
        p->worst_gap = 0;
    }
    zg_status status = run_numbered(&own, e->part, &error);
    const double *scores = own.scores + (e->part ? e->part - 1 : 0) * count;
    bool sent = zg_write_all(channel, &status, sizeof status) &&
                zg_write_all(channel, &error, sizeof error) &&
                zg_write_all(channel, own.path->points, count * sizeof *own.path->points) &&
                zg_write_all(channel, scores, count * sizeof *scores);
    return sent ? 0 : 1;
}

static void merge(work *w, size_t part, const zg_path_point *points)
{
    for (size_t i = 0; i < w->path->count; i++) {
        zg_path_point *p = &w->path->points[i], old = *p;
        if (part == 0) *p = points[i];
        p->uncertified = old.uncertified + points[i].uncertified;
        p->wrong = old.wrong + points[i].wrong;
        p->worst_gap = worse_gap(points[i].worst_gap, old.worst_gap);
    }
}

/* Waits for the part's message.  Channels are read in the order of the parts: a child that is
 * through waits with what it has. */
static zg_status take_part(errand *e, zg_error *error)
{
    work *w = e->work;
    size_t count = w->path->count;
    zg_status status = ZG_FAILED;
    zg_error reason = {0};
    zg_path_point *points = calloc(count, sizeof *points);
    double *scores = w->scores + (e->part ? e->part - 1 : 0) * count;
    bool came = points && zg_child_read(&e->child, &status, sizeof status, -1) == ZG_OK &&
                zg_child_read(&e->child, &reason, sizeof reason, -1) == ZG_OK &&
                zg_child_read(&e->child, points, count * sizeof *points, -1) == ZG_OK;
    /* All rows have no scores of their own beside folds. */
    for (size_t i = 0; came && i < count; i++) {
        double score;
        came = zg_child_read(&e->child, &score, sizeof score, -1) == ZG_OK;
        if (came && e->part > 0) scores[i] = score;
    }
    (void)zg_child_wait(&e->child, -1);
    if (!came) {
        char how[96];
        zg_child_describe(e->child.wait_status, how, sizeof how);
        status =
            zg_fail(error, ZG_FAILED, "the process of part %zu of the path %s, without a result",
                    e->part + 1, how);
    } else if (status != ZG_OK) {
        *error = reason;
    } else {
        merge(w, e->part, points);
    }
    free(points);
    zg_child_clear(&e->child);
    return status;
}

static zg_status run_at_once(work *w, size_t parts, zg_error *error)
{
    const zg_path_order *o = w->order;
    size_t jobs = o->control->jobs < parts ? o->control->jobs : parts, started = 0;
    zg_status status = ZG_OK;
    errand *errands = calloc(parts, sizeof *errands);
    if (!errands) return zg_no_memory(error);
    for (size_t taken = 0; taken < parts && status == ZG_OK; taken++) {
        if (o->progress) o->progress(o->context, taken, parts);
        for (; started < parts && started < taken + jobs && status == ZG_OK; started++) {
            errand *e = &errands[started];
            *e = (errand){.work = w, .part = started};
            const zg_child_plan plan = {.body = part_main, .context = e, .channel = true};
            status = zg_child_start(&plan, &e->child, error);
            if (status != ZG_OK) break;
        }
        if (status == ZG_OK) status = take_part(&errands[taken], error);
    }
    for (size_t k = 0; k < started; k++)
        if (errands[k].child.pid > 0) zg_child_clear(&errands[k].child);
    free(errands);
    return status;
}

static zg_status run_one_by_one(work *w, size_t parts, zg_error *error)
{
    const zg_path_order *o = w->order;
    zg_status status = ZG_OK;
    for (size_t k = 0; k < parts && status == ZG_OK; k++) {
        if (o->progress) o->progress(o->context, k, parts);
        status = run_numbered(w, k, error);
    }
    return status;
}

/* ---- choosing ------------------------------------------------------------------------------ */

/* Mean over the parts and its standard error, s / sqrt(parts) with s the sample deviation. */
static void summarise(const work *w, size_t parts)
{
    for (size_t i = 0; i < w->path->count; i++) {
        double sum = 0, squares = 0;
        for (size_t k = 0; k < parts; k++)
            sum += w->scores[k * w->path->count + i];
        double mean = sum / (double)parts;
        for (size_t k = 0; k < parts; k++) {
            double r = w->scores[k * w->path->count + i] - mean;
            squares += r * r;
        }
        w->path->points[i].score = mean;
        w->path->points[i].error =
            parts > 1 ? sqrt(squares / (double)(parts - 1) / (double)parts) : NAN;
    }
}

/* The least score, the largest beta among equal ones; NAN is no score. */
static void choose(zg_path *path, bool one_standard_error)
{
    path->best = 0;
    for (size_t i = 1; i < path->count; i++)
        if (path->points[i].score < path->points[path->best].score ||
            isnan(path->points[path->best].score))
            path->best = i;
    path->chosen = path->best;
    const zg_path_point *best = &path->points[path->best];
    for (size_t i = 0; one_standard_error && i < path->best; i++) {
        if (!(path->points[i].score <= best->score + best->error)) continue;
        path->chosen = i;
        return;
    }
}

/* ---- the whole ----------------------------------------------------------------------------- */

static int by_falling_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static zg_status run_all(work *w, zg_error *error)
{
    const zg_path_order *o = w->order;
    size_t parts = o->folds ? o->folds : o->validation ? 1 : 0;
    bool at_once = o->folds > 0 && o->control->jobs > 1;
    zg_status status = (at_once ? run_at_once : run_one_by_one)(w, o->folds + 1, error);
    if (o->progress) o->progress(o->context, o->folds + 1, o->folds + 1);
    if (status != ZG_OK || parts == 0) return status;
    summarise(w, parts);
    choose(w->path, o->one_standard_error && o->folds);
    if (!isnan(w->path->points[w->path->chosen].score)) return ZG_OK;
    return zg_fail(error, ZG_FAILED, "no beta gave a network that could be scored");
}

zg_status zg_path_run(const zg_path_order *order, size_t count, const double *betas, zg_path *out,
                      zg_error *error)
{
    size_t parts = order->folds ? order->folds : 1;
    double start = zg_monotonic();
    if (order->folds && order->train->series)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--folds shuffle, and would train a series on its future: --split and "
                       "--validation cut it in time");
    if (order->folds && !zg_row_kind_has_values(order->model->rows))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "--folds score values, which rows that are %s do not have",
                       zg_row_kind_name(order->model->rows));
    *out = (zg_path){.count = count,
                     .folds = order->folds,
                     .classes = order->encoding->task != ZG_REGRESSION,
                     .points = calloc(count, sizeof *out->points)};
    work w = {.order = order,
              .path = out,
              .betas = zg_doubles(count),
              .scores = zg_doubles(parts * count),
              .trainings = calloc(count, sizeof *w.trainings)};
    bool full = out->points && w.betas && w.scores && w.trainings;
    zg_status status = full ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) {
        memcpy(w.betas, betas, count * sizeof *betas);
        qsort(w.betas, count, sizeof *w.betas, by_falling_value);
        for (size_t i = 0; i < count; i++)
            out->points[i] = (zg_path_point){.beta = w.betas[i], .score = NAN, .error = NAN};
        status = run_all(&w, error);
    }
    out->seconds = zg_monotonic() - start;
    free(w.betas);
    free(w.scores);
    free(w.trainings);
    if (status != ZG_OK) zg_path_clear(out);
    return status;
}
