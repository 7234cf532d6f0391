/* Rows and values of image data. */
#include "data/image.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool wanted(const zg_image_options *options, double label)
{
    if (!options->classes) return true;
    for (size_t k = 0; k < options->class_count; k++) {
        if (options->classes[k] == label) return true;
    }
    return false;
}

static zg_status check_classes(const zg_image_options *options, size_t n, const double *labels,
                               zg_error *error)
{
    for (size_t k = 0; options->classes && k < options->class_count; k++) {
        size_t i = 0;
        while (i < n && labels[i] != options->classes[k])
            i++;
        if (i == n)
            return zg_fail(error, ZG_BAD_INPUT, "there is no sample of class %g",
                           options->classes[k]);
    }
    return ZG_OK;
}

/* Replaces the kept rows by the first `rows` of a permutation of them. */
static zg_status subsample(const zg_image_options *options, size_t *kept, size_t *count,
                           zg_error *error)
{
    if (options->rows == 0) return ZG_OK;
    if (options->rows > *count)
        return zg_fail(error, ZG_BAD_INPUT, "there are %zu samples to choose from, not %zu", *count,
                       options->rows);
    size_t *permutation = malloc(2 * *count * sizeof *permutation);
    if (!permutation) return zg_no_memory(error);
    size_t *copy = permutation + *count;
    memcpy(copy, kept, *count * sizeof *copy);
    zg_random random;
    zg_random_seed(&random, options->seed);
    zg_random_permutation(&random, *count, permutation);
    for (size_t i = 0; i < options->rows; i++)
        kept[i] = copy[permutation[i]];
    *count = options->rows;
    free(permutation);
    return ZG_OK;
}

zg_status zg_image_rows(const zg_image_options *options, size_t n, const double *labels,
                        size_t **order, size_t *count, zg_error *error)
{
    *order = NULL;
    *count = 0;
    zg_status status = check_classes(options, n, labels, error);
    if (status != ZG_OK) return status;
    size_t *kept = malloc((n ? n : 1) * sizeof *kept);
    if (!kept) return zg_no_memory(error);
    for (size_t i = 0; i < n; i++) {
        if (wanted(options, labels ? labels[i] : 0)) kept[(*count)++] = i;
    }
    status = subsample(options, kept, count, error);
    if (status == ZG_OK)
        *order = kept;
    else
        free(kept);
    return status;
}

static void scale(const zg_image_options *options, zg_dataset *dataset)
{
    size_t d = dataset->inputs;
    for (size_t i = 0; i < dataset->rows; i++) {
        double *x = dataset->x + i * d, square = 0;
        for (size_t j = 0; j < d; j++) {
            if (options->divisor != 0) x[j] /= options->divisor;
            square += x[j] * x[j];
        }
        double norm = sqrt(square);
        for (size_t j = 0; j < d && options->unit && norm > 0; j++)
            x[j] /= norm;
    }
}

/* One channel: out (height/pool x width/pool) from in. */
static void pool_channel(size_t height, size_t width, size_t pool, const double *in, double *out)
{
    size_t columns = width / pool;
    for (size_t r = 0; r < height / pool; r++) {
        for (size_t c = 0; c < columns; c++) {
            double sum = 0;
            for (size_t i = r * pool; i < (r + 1) * pool; i++) {
                for (size_t j = c * pool; j < (c + 1) * pool; j++)
                    sum += in[i * width + j];
            }
            out[r * columns + c] = sum / (double)(pool * pool);
        }
    }
}

static zg_status image_extents(const zg_image_options *options, size_t inputs, size_t *height,
                               size_t *width, zg_error *error)
{
    *height = options->height;
    *width = options->width;
    if (*height == 0 || *width == 0) {
        *height = *width = (size_t)llround(sqrt((double)inputs));
        if (inputs == 0 || *height * *width != inputs)
            return zg_fail(error, ZG_BAD_INPUT,
                           "pooling needs the height and width of the images: %zu inputs are not a "
                           "square",
                           inputs);
    }
    if (inputs % (*height * *width) != 0)
        return zg_fail(error, ZG_BAD_INPUT, "%zu inputs are not whole images of %zu x %zu", inputs,
                       *height, *width);
    if (*height % options->pool != 0 || *width % options->pool != 0)
        return zg_fail(error, ZG_BAD_INPUT, "images of %zu x %zu cannot be pooled in %zu x %zu",
                       *height, *width, options->pool, options->pool);
    return ZG_OK;
}

static zg_status pool_images(const zg_image_options *options, zg_dataset *dataset, zg_error *error)
{
    size_t height, width, pool = options->pool, d = dataset->inputs;
    zg_status status = image_extents(options, d, &height, &width, error);
    if (status != ZG_OK) return status;
    size_t channels = d / (height * width), small = (height / pool) * (width / pool);
    assert(channels > 0 && small > 0 && dataset->rows > 0);
    double *pooled = malloc(dataset->rows * channels * small * sizeof *pooled);
    if (!pooled) return zg_no_memory(error);
    for (size_t k = 0; k < dataset->rows * channels; k++)
        pool_channel(height, width, pool, dataset->x + k * height * width, pooled + k * small);
    free(dataset->x);
    dataset->x = pooled;
    zg_texts_free(dataset->input_names, d);
    dataset->input_names = NULL;
    dataset->inputs = channels * small;
    return ZG_OK;
}

zg_status zg_image_transform(const zg_image_options *options, zg_dataset *dataset, zg_error *error)
{
    if (options->divisor != 0 || options->unit) scale(options, dataset);
    return options->pool > 1 ? pool_images(options, dataset, error) : ZG_OK;
}

zg_status zg_image_apply(const zg_image_options *options, const zg_dataset *dataset,
                         zg_dataset **out, zg_error *error)
{
    size_t *order, count;
    *out = NULL;
    if (options->classes && dataset->targets != 1)
        return zg_fail(error, ZG_BAD_INPUT, "choosing classes needs exactly one target column");
    zg_status status = zg_image_rows(options, dataset->rows, dataset->t, &order, &count, error);
    if (status != ZG_OK) return status;
    status = zg_dataset_select(dataset, count, order, out, error);
    free(order);
    if (status != ZG_OK) return status;
    status = zg_image_transform(options, *out, error);
    if (status != ZG_OK) {
        zg_dataset_free(*out);
        *out = NULL;
    }
    return status;
}
