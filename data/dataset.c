/*
 * Data sets in memory: allocation, selection of rows, splits, standardisation.
 *
 * A data set owns everything it points to, but for borrowed inputs.  Sizes are checked against
 * overflow before any allocation, so that a hostile header cannot ask for less memory than is later
 * written.
 */
#include "data/dataset.h"

#include "base/memory.h"
#include "data/halfspaces.h"
#include "data/one_hot.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool product_fits(size_t a, size_t b)
{
    return b == 0 || a <= SIZE_MAX / sizeof(double) / b;
}

zg_status zg_dataset_alloc(size_t rows, size_t inputs, size_t targets, zg_dataset **out,
                           zg_error *error)
{
    *out = NULL;
    if (rows == 0 || inputs == 0)
        return zg_fail(error, ZG_BAD_INPUT, "a data set needs at least one row and one input");
    if (!product_fits(rows, inputs) || !product_fits(rows, targets)) return zg_no_memory(error);
    zg_dataset *dataset = calloc(1, sizeof *dataset);
    if (!dataset) return zg_no_memory(error);
    dataset->rows = rows;
    dataset->inputs = inputs;
    dataset->targets = targets;
    dataset->x = calloc(rows * inputs, sizeof(double));
    dataset->t = calloc(targets ? rows * targets : 1, sizeof(double));
    if (!dataset->x || !dataset->t) {
        zg_dataset_free(dataset);
        return zg_no_memory(error);
    }
    *out = dataset;
    return ZG_OK;
}

void zg_texts_free(char **texts, size_t count)
{
    if (!texts) return;
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

zg_status zg_texts_copy(char *const *from, size_t count, char ***out)
{
    *out = NULL;
    if (!from) return ZG_OK;
    char **texts = calloc(count ? count : 1, sizeof *texts);
    if (!texts) return ZG_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        texts[i] = strdup(from[i]);
        if (!texts[i]) {
            zg_texts_free(texts, count);
            return ZG_NO_MEMORY;
        }
    }
    *out = texts;
    return ZG_OK;
}

static int compare_places(const void *a, const void *b)
{
    const char *const *p = *(const char *const *const *)a, *const *q =
                                                               *(const char *const *const *)b;
    int order = strcmp(*p, *q);
    return order ? order : (p > q) - (p < q);
}

zg_status zg_texts_repeated(const char *const *texts, size_t count, size_t *out)
{
    size_t used = 0;
    *out = SIZE_MAX;
    const char *const **sorted = malloc((count ? count : 1) * sizeof *sorted);
    if (!sorted) return ZG_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        if (texts[i]) sorted[used++] = &texts[i];
    qsort(sorted, used, sizeof *sorted, compare_places);
    for (size_t k = 1; k < used; k++) {
        size_t index = (size_t)(sorted[k] - texts);
        if (strcmp(*sorted[k - 1], *sorted[k]) == 0 && index < *out) *out = index;
    }
    free(sorted);
    return ZG_OK;
}

void zg_dataset_free(zg_dataset *dataset)
{
    if (!dataset) return;
    free(dataset->name);
    if (!dataset->borrows_x) free(dataset->x);
    free(dataset->t);
    zg_texts_free(dataset->input_names, dataset->inputs);
    zg_texts_free(dataset->target_names, dataset->targets);
    free(dataset->target_columns);
    zg_texts_free(dataset->labels, dataset->label_count);
    zg_texts_free(dataset->notes, dataset->note_count);
    zg_one_hot_free(dataset->one_hot);
    zg_series_free(dataset->series);
    free(dataset);
}

void zg_dataset_note(zg_dataset *dataset, const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) return;
    char **notes =
        zg_grow(dataset->notes, &dataset->note_capacity, dataset->note_count + 1, sizeof(char *));
    if (!notes) {
        free(text);
        return;
    }
    dataset->notes = notes;
    dataset->notes[dataset->note_count++] = text;
}

size_t zg_dataset_rows(const zg_dataset *dataset)
{
    return dataset->rows;
}

zg_schema zg_dataset_schema(const zg_dataset *dataset)
{
    return (zg_schema){.inputs = dataset->inputs,
                       .targets = dataset->targets,
                       .input_names = dataset->input_names,
                       .target_names = dataset->target_names,
                       .target_columns = dataset->target_columns,
                       .one_hot = dataset->one_hot,
                       .series = dataset->series};
}

size_t zg_dataset_inputs(const zg_dataset *dataset)
{
    return dataset->inputs;
}

/* Everything but the rows. */
static zg_status copy_names(const zg_dataset *from, zg_dataset *to, zg_error *error)
{
    if (from->name) {
        to->name = strdup(from->name);
        if (!to->name) return zg_no_memory(error);
    }
    to->label_count = from->label_count;
    to->sparse = from->sparse;
    to->gaps = from->gaps;
    for (size_t i = 0; i < from->note_count; i++)
        zg_dataset_note(to, "%s", from->notes[i]);
    if (zg_texts_copy(from->input_names, from->inputs, &to->input_names) != ZG_OK ||
        zg_texts_copy(from->target_names, from->targets, &to->target_names) != ZG_OK ||
        zg_target_columns_copy(from->target_columns, from->targets, &to->target_columns) != ZG_OK ||
        zg_texts_copy(from->labels, from->label_count, &to->labels) != ZG_OK ||
        zg_one_hot_copy(from->one_hot, &to->one_hot) != ZG_OK)
        return zg_no_memory(error);
    return ZG_OK;
}

zg_status zg_dataset_select(const zg_dataset *dataset, size_t count, const size_t *order,
                            zg_dataset **out, zg_error *error)
{
    *out = NULL;
    for (size_t i = 0; i < count; i++) {
        if (order[i] >= dataset->rows)
            return zg_fail(error, ZG_BAD_INPUT, "there is no row %zu in a data set of %zu rows",
                           order[i] + 1, dataset->rows);
    }
    zg_dataset *part;
    zg_status status = zg_dataset_alloc(count, dataset->inputs, dataset->targets, &part, error);
    if (status != ZG_OK) return status;
    status = copy_names(dataset, part, error);
    if (status == ZG_OK && zg_series_select(dataset->series, count, order, &part->series) != ZG_OK)
        status = zg_no_memory(error);
    if (status != ZG_OK) {
        zg_dataset_free(part);
        return status;
    }
    size_t d = dataset->inputs, k = dataset->targets;
    for (size_t i = 0; i < count; i++) {
        memcpy(part->x + i * d, dataset->x + order[i] * d, d * sizeof(double));
        if (k > 0) memcpy(part->t + i * k, dataset->t + order[i] * k, k * sizeof(double));
    }
    *out = part;
    return ZG_OK;
}

zg_status zg_dataset_copy(const zg_dataset *dataset, zg_dataset **out, zg_error *error)
{
    size_t *order = malloc(dataset->rows * sizeof *order);
    *out = NULL;
    if (!order) return zg_no_memory(error);
    for (size_t i = 0; i < dataset->rows; i++)
        order[i] = i;
    zg_status status = zg_dataset_select(dataset, dataset->rows, order, out, error);
    free(order);
    return status;
}

zg_status zg_dataset_split(const zg_dataset *dataset, double fraction, uint32_t seed,
                           zg_dataset **train, zg_dataset **test, zg_error *error)
{
    *train = *test = NULL;
    size_t n = dataset->rows;
    if (!(fraction > 0 && fraction < 1))
        return zg_fail(error, ZG_BAD_INPUT,
                       "the training share of a split must lie between 0 and 1, not be %g",
                       fraction);
    size_t count = (size_t)llround(fraction * (double)n);
    if (count == 0 || count >= n)
        return zg_fail(error, ZG_BAD_INPUT,
                       "a training share of %g leaves one part of %zu rows without any", fraction,
                       n);
    size_t *order = malloc(n * sizeof *order);
    if (!order) return zg_no_memory(error);
    zg_random random;
    zg_random_seed(&random, seed);
    zg_random_permutation(&random, n, order);
    zg_status status = zg_dataset_select(dataset, count, order, train, error);
    if (status == ZG_OK) status = zg_dataset_select(dataset, n - count, order + count, test, error);
    if (status != ZG_OK) {
        zg_dataset_free(*train);
        *train = NULL;
    }
    free(order);
    return status;
}

zg_status zg_dataset_cut(const zg_dataset *dataset, size_t count, zg_dataset **first,
                         zg_dataset **others, zg_error *error)
{
    size_t n = dataset->rows;
    *first = *others = NULL;
    if (count == 0 || count >= n)
        return zg_fail(error, ZG_BAD_INPUT, "%zu rows of %zu leave one part without any", count, n);
    size_t *order = malloc(n * sizeof *order);
    if (!order) return zg_no_memory(error);
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    zg_status status = zg_dataset_select(dataset, count, order, first, error);
    if (status == ZG_OK)
        status = zg_dataset_select(dataset, n - count, order + count, others, error);
    if (status != ZG_OK) {
        zg_dataset_free(*first);
        *first = NULL;
    }
    free(order);
    return status;
}

/* ---- time ----------------------------------------------------------------------------------- */

/* A share of the samples, or their number. */
static size_t sample_count(double part, size_t samples)
{
    return part < 1 ? (size_t)llround(part * (double)samples) : (size_t)part;
}

/* The rows of the samples from begin up to, not including, end. */
static zg_status take_samples(const zg_dataset *dataset, size_t begin, size_t end, const char *what,
                              zg_dataset **out, zg_error *error)
{
    size_t count = 0, *order = malloc(dataset->rows * sizeof *order);
    *out = NULL;
    if (!order) return zg_no_memory(error);
    for (size_t i = 0; i < dataset->rows; i++) {
        size_t sample = dataset->series ? dataset->series->sample[i] : i;
        if (sample >= begin && sample < end) order[count++] = i;
    }
    zg_status status = count ? zg_dataset_select(dataset, count, order, out, error)
                             : zg_fail(error, ZG_BAD_INPUT,
                                       "the split in time leaves no rows for %s: samples %zu to "
                                       "%zu of %zu give none",
                                       what, begin + 1, end,
                                       dataset->series ? dataset->series->samples : dataset->rows);
    free(order);
    return status;
}

zg_status zg_dataset_split_time(const zg_dataset *dataset, zg_time_split split, zg_dataset **train,
                                zg_dataset **validation, zg_dataset **test, zg_error *error)
{
    *train = *validation = *test = NULL;
    size_t samples = dataset->series ? dataset->series->samples : dataset->rows;
    const double wanted[] = {split.train, split.validation, split.test};
    for (size_t i = 0; i < 3; i++)
        if (!(wanted[i] >= 0) || (wanted[i] >= 1 && wanted[i] != floor(wanted[i])) ||
            wanted[i] > (double)samples)
            return zg_fail(error, ZG_BAD_INPUT,
                           "expected shares of the %zu samples, or whole numbers of them, found "
                           "%.17g",
                           samples, wanted[i]);
    size_t cut = sample_count(split.train, samples);
    size_t end = cut + sample_count(split.validation, samples);
    size_t last = split.test > 0 ? sample_count(split.test, samples) : samples - end;
    if (end >= samples || last > samples - end)
        return zg_fail(error, ZG_BAD_INPUT,
                       "the parts of a split in time have %zu samples, but there are %zu",
                       end + last, samples);
    zg_status status = take_samples(dataset, 0, cut, "training", train, error);
    if (status == ZG_OK && end > cut)
        status = take_samples(dataset, cut, end, "validation", validation, error);
    if (status == ZG_OK)
        status = take_samples(dataset, samples - last, samples, "the test", test, error);
    if (status == ZG_OK) return ZG_OK;
    zg_dataset_free(*train);
    zg_dataset_free(*validation);
    *train = *validation = NULL;
    return status;
}

/* ---- folds ---------------------------------------------------------------------------------- */

/* A row at its place in the permutation. */
typedef struct labelled {
    double label;
    size_t place;
} labelled;

static int by_label_then_place(const void *a, const void *b)
{
    const labelled *p = a, *q = b;
    if (p->label != q->label) return p->label < q->label ? -1 : 1;
    return (p->place > q->place) - (p->place < q->place);
}

/* held[i]: whether the row at place i of the permutation is in the fold. */
static zg_status mark_held(const zg_dataset *dataset, zg_fold fold, const size_t *permuted,
                           bool *held)
{
    size_t n = dataset->rows;
    size_t begin = fold.number * n / fold.folds, end = (fold.number + 1) * n / fold.folds;
    for (size_t i = 0; i < n; i++)
        held[i] = !fold.by_class && i >= begin && i < end;
    if (!fold.by_class) return ZG_OK;
    labelled *all = malloc(n * sizeof *all);
    if (!all) return ZG_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        all[i] = (labelled){dataset->t[permuted[i] * dataset->targets], i};
    qsort(all, n, sizeof *all, by_label_then_place);
    for (size_t i = fold.number; i < n; i += fold.folds)
        held[all[i].place] = true;
    free(all);
    return ZG_OK;
}

zg_status zg_fold_rows(const zg_dataset *dataset, zg_fold fold, size_t *order, size_t *count,
                       zg_error *error)
{
    size_t n = dataset->rows, at = 0;
    if (fold.folds < 2 || fold.folds > n || fold.number >= fold.folds)
        return zg_fail(error, ZG_BAD_INPUT,
                       "expected at least 2 folds and at most one per row, found %zu of %zu rows",
                       fold.folds, n);
    size_t *permuted = malloc(n * sizeof *permuted);
    bool *held = malloc(n * sizeof *held);
    zg_random random;
    zg_random_seed(&random, fold.seed);
    if (permuted) zg_random_permutation(&random, n, permuted);
    bool full = permuted && held && mark_held(dataset, fold, permuted, held) == ZG_OK;
    for (int part = 0; full && part < 2; part++) {
        for (size_t i = 0; i < n; i++)
            if (held[i] == (part == 1)) order[at++] = permuted[i];
        if (part == 0) *count = n - at;
    }
    free(permuted);
    free(held);
    return full ? ZG_OK : zg_no_memory(error);
}

zg_status zg_dataset_fold(const zg_dataset *dataset, zg_fold fold, zg_dataset **train,
                          zg_dataset **held, zg_error *error)
{
    size_t n = dataset->rows, count = 0;
    *train = *held = NULL;
    size_t *order = malloc(n * sizeof *order);
    if (!order) return zg_no_memory(error);
    zg_status status = zg_fold_rows(dataset, fold, order, &count, error);
    if (status == ZG_OK) status = zg_dataset_select(dataset, n - count, order, train, error);
    if (status == ZG_OK) status = zg_dataset_select(dataset, count, order + n - count, held, error);
    if (status != ZG_OK) {
        zg_dataset_free(*train);
        *train = NULL;
    }
    free(order);
    return status;
}

/* The samples of both, of one table. */
static zg_status join_series(const zg_dataset *first, const zg_dataset *others, zg_dataset *out)
{
    zg_status status = zg_series_copy(first->series, &out->series);
    if (status != ZG_OK || !first->series->sample || !others->series) return status;
    out->series->samples = first->series->samples;
    out->series->sample = malloc(out->rows * sizeof *out->series->sample);
    if (!out->series->sample) return ZG_NO_MEMORY;
    memcpy(out->series->sample, first->series->sample, first->rows * sizeof *out->series->sample);
    memcpy(out->series->sample + first->rows, others->series->sample,
           others->rows * sizeof *out->series->sample);
    return ZG_OK;
}

zg_status zg_dataset_append(const zg_dataset *first, const zg_dataset *others, zg_dataset **out,
                            zg_error *error)
{
    size_t d = first->inputs, k = first->targets, n = first->rows;
    *out = NULL;
    if (others->inputs != d || others->targets != k || others->label_count != first->label_count)
        return zg_fail(error, ZG_BAD_INPUT, "expected rows of the same columns");
    zg_status status = zg_dataset_alloc(n + others->rows, d, k, out, error);
    if (status == ZG_OK) status = copy_names(first, *out, error);
    if (status != ZG_OK) {
        zg_dataset_free(*out);
        *out = NULL;
        return status;
    }
    if (first->series && join_series(first, others, *out) != ZG_OK) {
        zg_dataset_free(*out);
        *out = NULL;
        return zg_no_memory(error);
    }
    memcpy((*out)->x, first->x, n * d * sizeof(double));
    memcpy((*out)->x + n * d, others->x, others->rows * d * sizeof(double));
    memcpy((*out)->t, first->t, n * k * sizeof(double));
    memcpy((*out)->t + n * k, others->t, others->rows * k * sizeof(double));
    return ZG_OK;
}

/* ---- preprocessing ------------------------------------------------------------------------- */

/* Mean and population standard deviation of one column, in two passes.  A column that never changes
 * is recognised by its extremes: rounding can make its computed deviation tiny but not zero. */
void zg_column_moments(size_t rows, size_t stride, const double *x, double *mean, double *scale)
{
    double lowest = x[0], highest = x[0];
    long double sum = 0, squares = 0;
    for (size_t i = 0; i < rows; i++) {
        double value = x[i * stride];
        if (value < lowest) lowest = value;
        if (value > highest) highest = value;
        sum += value;
    }
    if (lowest == highest) {
        *mean = lowest;
        *scale = 1;
        return;
    }
    long double centre = sum / (long double)rows;
    for (size_t i = 0; i < rows; i++) {
        long double r = x[i * stride] - centre;
        squares += r * r;
    }
    *mean = (double)centre;
    *scale = (double)sqrtl(squares / (long double)rows);
    if (!(*scale > 0)) *scale = 1; /* differences below the smallest double */
}

/* Mean of the values of column j that are there; NAN where there are none. */
static double mean_of_present(const zg_dataset *dataset, size_t j)
{
    long double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < dataset->rows; i++) {
        double value = dataset->x[i * dataset->inputs + j];
        if (isnan(value)) continue;
        sum += value;
        count++;
    }
    return count ? (double)(sum / (long double)count) : NAN;
}

zg_status zg_preprocess_fit_fill(const zg_dataset *dataset, zg_preprocess *preprocess,
                                 zg_error *error)
{
    free(preprocess->fill);
    preprocess->fill = malloc(dataset->inputs * sizeof(double));
    if (!preprocess->fill) return zg_no_memory(error);
    for (size_t j = 0; j < dataset->inputs; j++) {
        preprocess->fill[j] = mean_of_present(dataset, j);
        if (!isnan(preprocess->fill[j])) continue;
        const char *name = dataset->input_names ? dataset->input_names[j] : NULL;
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: input %zu%s%.80s%s has no value at all in %zu rows to train on, so "
                       "there is no mean to stand in",
                       dataset->name ? dataset->name : "data set", j + 1, name ? " (" : "",
                       name ? name : "", name ? ")" : "", dataset->rows);
    }
    return ZG_OK;
}

/* Column j, gaps filled. */
static void take_column(const zg_dataset *dataset, const zg_preprocess *p, size_t j, double *out)
{
    for (size_t i = 0; i < dataset->rows; i++) {
        double value = dataset->x[i * dataset->inputs + j];
        out[i] = p->fill && isnan(value) ? p->fill[j] : value;
    }
}

static zg_status standardize_by(const zg_dataset *dataset, zg_preprocess *out, zg_error *error)
{
    double *column = malloc(dataset->rows * sizeof *column);
    out->mean = malloc(dataset->inputs * sizeof(double));
    out->scale = malloc(dataset->inputs * sizeof(double));
    zg_status status = column && out->mean && out->scale ? ZG_OK : zg_no_memory(error);
    for (size_t j = 0; status == ZG_OK && j < dataset->inputs; j++) {
        take_column(dataset, out, j, column);
        zg_column_moments(dataset->rows, 1, column, &out->mean[j], &out->scale[j]);
        if (isfinite(out->mean[j]) && isfinite(out->scale[j])) continue;
        status = zg_fail(error, ZG_BAD_INPUT,
                         "input %zu is too large to standardise: its standard deviation is not a "
                         "finite number",
                         j + 1);
    }
    free(column);
    return status;
}

zg_status zg_preprocess_fit(const zg_dataset *dataset, bool standardize, zg_preprocess *out,
                            zg_error *error)
{
    *out = (zg_preprocess){.inputs = dataset->inputs};
    zg_status status = ZG_OK;
    if (zg_texts_copy(dataset->input_names, dataset->inputs, &out->names) != ZG_OK ||
        zg_one_hot_copy(dataset->one_hot, &out->one_hot) != ZG_OK ||
        zg_series_copy(dataset->series, &out->series) != ZG_OK)
        status = zg_no_memory(error);
    if (status == ZG_OK && dataset->gaps) status = zg_preprocess_fit_fill(dataset, out, error);
    if (status == ZG_OK && standardize) status = standardize_by(dataset, out, error);
    if (status != ZG_OK) zg_preprocess_clear(out);
    return status;
}

/* A copy of inputs numbers; NULL gives NULL. */
static zg_status copy_numbers(const double *from, size_t inputs, double **out)
{
    *out = NULL;
    if (!from) return ZG_OK;
    *out = malloc(inputs * sizeof **out);
    if (!*out) return ZG_NO_MEMORY;
    memcpy(*out, from, inputs * sizeof **out);
    return ZG_OK;
}

zg_status zg_preprocess_copy(const zg_preprocess *from, zg_preprocess *out)
{
    *out =
        (zg_preprocess){.inputs = from->inputs, .bias = from->bias, .halfspaces = from->halfspaces};
    size_t directions = from->halfspaces * 2 * (from->inputs + from->bias);
    if (zg_texts_copy(from->names, from->inputs, &out->names) == ZG_OK &&
        zg_one_hot_copy(from->one_hot, &out->one_hot) == ZG_OK &&
        zg_series_copy(from->series, &out->series) == ZG_OK &&
        copy_numbers(from->fill, from->inputs, &out->fill) == ZG_OK &&
        copy_numbers(from->mean, from->inputs, &out->mean) == ZG_OK &&
        copy_numbers(from->scale, from->inputs, &out->scale) == ZG_OK &&
        copy_numbers(from->directions, directions, &out->directions) == ZG_OK)
        return ZG_OK;
    zg_preprocess_clear(out);
    return ZG_NO_MEMORY;
}

void zg_preprocess_clear(zg_preprocess *preprocess)
{
    zg_texts_free(preprocess->names, preprocess->inputs);
    zg_one_hot_free(preprocess->one_hot);
    zg_series_free(preprocess->series);
    free(preprocess->fill);
    free(preprocess->mean);
    free(preprocess->scale);
    free(preprocess->directions);
    *preprocess = (zg_preprocess){0};
}

size_t zg_preprocess_width(const zg_preprocess *preprocess)
{
    if (preprocess->halfspaces > 0) return preprocess->halfspaces;
    return preprocess->inputs + preprocess->bias;
}

bool zg_preprocess_is_identity(const zg_preprocess *preprocess)
{
    return !preprocess->mean && !preprocess->bias && !preprocess->fill &&
           preprocess->halfspaces == 0;
}

/* Filled, scaled, and with the constant input. */
static void apply_row(const zg_preprocess *p, const double *x, double *out)
{
    for (size_t j = 0; j < p->inputs; j++) {
        double value = x[j];
        if (p->fill && isnan(value)) value = p->fill[j];
        out[j] = p->mean ? (value - p->mean[j]) / p->scale[j] : value;
    }
    if (p->bias) out[p->inputs] = 1;
}

void zg_preprocess_apply(const zg_preprocess *preprocess, size_t n, const double *x, double *out)
{
    size_t d = preprocess->inputs, width = zg_preprocess_width(preprocess), inner = d;
    inner += preprocess->bias;
    for (size_t i = 0; i < n; i++) {
        double row[ZG_HALFSPACE_DIMENSIONS];
        apply_row(preprocess, x + i * d, preprocess->halfspaces > 0 ? row : out + i * width);
        for (size_t k = 0; k < preprocess->halfspaces; k++)
            out[i * width + k] =
                zg_halfspace_of(inner, preprocess->directions + k * 2 * inner, row);
    }
}

/* The rows as half-spaces see them: n x (inputs + bias), the caller's. */
static double *prepared_rows(const zg_dataset *dataset, const zg_preprocess *preprocess)
{
    zg_preprocess plain = *preprocess;
    plain.halfspaces = 0;
    double *x = malloc((dataset->rows * zg_preprocess_width(&plain) + 1) * sizeof *x);
    if (x) zg_preprocess_apply(&plain, dataset->rows, dataset->x, x);
    return x;
}

zg_status zg_preprocess_fit_halfspaces(const zg_dataset *dataset, zg_preprocess *preprocess,
                                       zg_error *error)
{
    double *x = prepared_rows(dataset, preprocess);
    if (!x) return zg_no_memory(error);
    zg_status status =
        zg_halfspaces_create(dataset->rows, preprocess->inputs + preprocess->bias, x,
                             &preprocess->halfspaces, &preprocess->directions, error);
    free(x);
    return status;
}

zg_status zg_preprocess_check_halfspaces(const zg_dataset *dataset, const zg_preprocess *preprocess,
                                         zg_error *error)
{
    bool same;
    if (preprocess->halfspaces == 0) return ZG_OK;
    double *x = prepared_rows(dataset, preprocess);
    if (!x) return zg_no_memory(error);
    zg_status status =
        zg_halfspaces_match(dataset->rows, preprocess->inputs + preprocess->bias, x,
                            preprocess->halfspaces, preprocess->directions, &same, error);
    free(x);
    if (status != ZG_OK || same) return status;
    return zg_fail(
        error, ZG_BAD_INPUT,
        "the model sees its inputs through the half-spaces that part the rows it was "
        "trained on, and these rows are parted in other ways: nothing can be said of the "
        "optimum over them");
}
