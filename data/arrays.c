/* Data sets from a caller's arrays: borrowed inputs, names and labels. */
#include "data/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static zg_status check_finite(const char *what, size_t rows, size_t columns, const double *values,
                              zg_error *error)
{
    for (size_t i = 0; i < rows * columns; i++) {
        if (isfinite(values[i])) continue;
        return zg_fail(error, ZG_BAD_INPUT, "%s %zu of sample %zu is not a finite number", what,
                       i % columns + 1, i / columns + 1);
    }
    return ZG_OK;
}

static zg_status check_arrays(size_t n, size_t d, const double *x, size_t k, const double *t,
                              zg_error *error)
{
    zg_status status = check_finite("input", n, d, x, error);
    return status ? status : check_finite("target", n, k, t, error);
}

zg_status zg_dataset_create(size_t n, size_t d, const double *x, size_t k, const double *t,
                            zg_dataset **out, zg_error *error)
{
    *out = NULL;
    zg_status status = check_arrays(n, d, x, k, t, error);
    if (status == ZG_OK) status = zg_dataset_alloc(n, d, k, out, error);
    if (status != ZG_OK) return status;
    memcpy((*out)->x, x, n * d * sizeof(double));
    if (k > 0) memcpy((*out)->t, t, n * k * sizeof(double));
    return ZG_OK;
}

zg_status zg_dataset_borrow(size_t n, size_t d, const double *x, size_t k, const double *t,
                            zg_dataset **out, zg_error *error)
{
    *out = NULL;
    if (n == 0 || d == 0)
        return zg_fail(error, ZG_BAD_INPUT, "a data set needs at least one row and one input");
    zg_status status = check_arrays(n, d, x, k, t, error);
    if (status != ZG_OK) return status;
    zg_dataset *dataset = calloc(1, sizeof *dataset);
    if (!dataset) return zg_no_memory(error);
    *dataset = (zg_dataset){
        .rows = n, .inputs = d, .targets = k, .x = (double *)(uintptr_t)x, .borrows_x = true};
    dataset->t = calloc(k ? n * k : 1, sizeof(double));
    if (!dataset->t) {
        zg_dataset_free(dataset);
        return zg_no_memory(error);
    }
    if (k > 0) memcpy(dataset->t, t, n * k * sizeof(double));
    *out = dataset;
    return ZG_OK;
}

/* Refuses an empty name, and one that stands for two columns. */
static zg_status check_names(size_t count, const char *const *names, zg_error *error)
{
    size_t twice;
    for (size_t i = 0; i < count; i++)
        if (!names[i] || !names[i][0])
            return zg_fail(error, ZG_BAD_INPUT, "column %zu has an empty name", i + 1);
    if (zg_texts_repeated(names, count, &twice) != ZG_OK) return zg_no_memory(error);
    if (twice == SIZE_MAX) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT, "two columns are called \"%.80s\"", names[twice]);
}

static zg_status replace(size_t count, const char *const *from, char ***to, zg_error *error)
{
    char **copy;
    if (!from) return ZG_OK;
    if (zg_texts_copy((char *const *)(uintptr_t)from, count, &copy) != ZG_OK)
        return zg_no_memory(error);
    zg_texts_free(*to, count);
    *to = copy;
    return ZG_OK;
}

zg_status zg_dataset_set_names(zg_dataset *dataset, const char *const *inputs,
                               const char *const *targets, zg_error *error)
{
    zg_status status = inputs ? check_names(dataset->inputs, inputs, error) : ZG_OK;
    if (status == ZG_OK && targets) status = check_names(dataset->targets, targets, error);
    if (status == ZG_OK) status = replace(dataset->inputs, inputs, &dataset->input_names, error);
    if (status == ZG_OK) status = replace(dataset->targets, targets, &dataset->target_names, error);
    return status;
}

zg_status zg_dataset_set_labels(zg_dataset *dataset, size_t count, const char *const *labels,
                                zg_error *error)
{
    if (dataset->targets != 1)
        return zg_fail(error, ZG_BAD_INPUT, "labels need one target, the data have %zu",
                       dataset->targets);
    for (size_t i = 1; i < count; i++)
        if (strcmp(labels[i - 1], labels[i]) >= 0)
            return zg_fail(error, ZG_BAD_INPUT, "the labels are not sorted and distinct");
    for (size_t i = 0; i < dataset->rows; i++) {
        double t = dataset->t[i];
        if (!(t >= 0 && t < (double)count && t == floor(t)))
            return zg_fail(error, ZG_BAD_INPUT,
                           "the target of sample %zu is %g, expected the number of a label, 0 to "
                           "%zu",
                           i + 1, t, count ? count - 1 : 0);
    }
    char **copy;
    if (zg_texts_copy((char *const *)(uintptr_t)labels, count, &copy) != ZG_OK)
        return zg_no_memory(error);
    zg_texts_free(dataset->labels, dataset->label_count);
    dataset->labels = copy;
    dataset->label_count = count;
    return ZG_OK;
}
