/* IDX: two zero bytes, a type, the number of dimensions, big-endian extents, the elements. */
#include "data/idx.h"

#include "base/size_limit.h"

#include "data/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t element_size(unsigned char type)
{
    switch (type) {
    case 8:
    case 9:
        return 1;
    case 11:
        return 2;
    case 12:
    case 13:
        return 4;
    case 14:
        return 8;
    default:
        return 0;
    }
}

bool zg_idx_detect(const unsigned char *data, size_t size)
{
    return size >= 8 && data[0] == 0 && data[1] == 0 && element_size(data[2]) > 0 && data[3] >= 1 &&
           data[3] <= 4;
}

zg_status zg_idx_open(const zg_bytes *bytes, const char *name, zg_idx *out, zg_error *error)
{
    const unsigned char *p = bytes->data;
    if (!zg_idx_detect(p, bytes->size))
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected an IDX file of 1 to 4 dimensions",
                       name);
    *out = (zg_idx){.type = p[2], .size = element_size(p[2]), .dimensions = p[3], .width = 1};
    size_t header = 4 + 4 * out->dimensions;
    size_t available = bytes->size > header ? (bytes->size - header) / out->size : 0;
    size_t total = 1;
    for (size_t k = 0; k < out->dimensions; k++) {
        size_t extent = bytes->size >= 8 + 4 * k ? zg_big_endian_32(p + 4 + 4 * k) : 0;
        out->extent[k] = extent;
        if (extent == 0 || total > available / extent)
            return zg_fail(error, ZG_BAD_INPUT,
                           "%.400s: expected extent %zu of the IDX file to be at least 1 and its "
                           "elements to be in the file, found extent %zu and %zu elements",
                           name, k + 1, extent, available);
        total *= extent;
        if (k > 0) out->width *= extent;
    }
    if (total != available || bytes->size != header + total * out->size)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected %zu bytes of IDX data, found %zu bytes", name,
                       header + total * out->size, bytes->size);
    out->data = p + header;
    return ZG_OK;
}

double zg_idx_element(const zg_idx *idx, size_t index)
{
    const unsigned char *p = idx->data + index * idx->size;
    switch (idx->type) {
    case 8:
        return p[0];
    case 9:
        return (double)(int8_t)p[0];
    case 11:
        return (double)(int16_t)(p[0] << 8 | p[1]);
    case 12:
        return (double)(int32_t)zg_big_endian_32(p);
    case 13: {
        uint32_t bits = zg_big_endian_32(p);
        float value;
        memcpy(&value, &bits, sizeof value);
        return (double)value;
    }
    default: {
        uint64_t bits = zg_big_endian_64(p);
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    }
}

static zg_status copy_rows(const zg_idx *images, const double *labels, size_t count,
                           const size_t *order, const char *name, zg_dataset **out, zg_error *error)
{
    zg_status status = zg_dataset_alloc(count, images->width, 1, out, error);
    if (status != ZG_OK) return status;
    (*out)->name = strdup(name);
    if (!(*out)->name) return zg_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        (*out)->t[i] = labels[order[i]];
        for (size_t j = 0; j < images->width; j++) {
            double value = zg_idx_element(images, order[i] * images->width + j);
            if (!isfinite(value))
                return zg_fail(
                    error, ZG_BAD_INPUT,
                    "%.400s: sample %zu, element %zu: expected a finite number, found %g", name,
                    order[i] + 1, j + 1, value);
            (*out)->x[i * images->width + j] = value;
        }
    }
    return ZG_OK;
}

static zg_status make_images(const zg_idx *images, const zg_idx *labels,
                             const zg_image_options *options, const char *name, zg_dataset **out,
                             zg_error *error)
{
    static const zg_image_options everything = {0};
    if (!options) options = &everything;
    size_t n = images->extent[0], count, *order = NULL;
    double *values = malloc(n * sizeof *values);
    if (!values) return zg_no_memory(error);
    for (size_t i = 0; i < n; i++)
        values[i] = zg_idx_element(labels, i);
    zg_status status = zg_image_rows(options, n, values, &order, &count, error);
    if (status == ZG_OK) status = copy_rows(images, values, count, order, name, out, error);
    if (status == ZG_OK) status = zg_image_transform(options, *out, error);
    free(order);
    free(values);
    return status;
}

zg_status zg_idx_read_images(const char *images, const char *labels,
                             const zg_image_options *options, size_t limit, zg_dataset **out,
                             zg_error *error)
{
    zg_bytes image_bytes = {0}, label_bytes = {0};
    zg_idx image_array, label_array;
    *out = NULL;
    zg_status status = zg_bytes_read(images, limit, &image_bytes, error);
    if (status == ZG_OK) status = zg_bytes_read(labels, limit, &label_bytes, error);
    if (status == ZG_OK) status = zg_idx_open(&image_bytes, images, &image_array, error);
    if (status == ZG_OK) status = zg_idx_open(&label_bytes, labels, &label_array, error);
    if (status == ZG_OK &&
        (label_array.dimensions != 1 || label_array.extent[0] != image_array.extent[0]))
        status = zg_fail(error, ZG_BAD_INPUT, "%.400s: expected one label for each of %zu samples",
                         labels, image_array.extent[0]);
    if (status == ZG_OK)
        status = zg_size_check(images, image_array.extent[0], image_array.width + 1, limit, error);
    if (status == ZG_OK)
        status = make_images(&image_array, &label_array, options, images, out, error);
    if (status != ZG_OK) {
        zg_dataset_free(*out);
        *out = NULL;
    }
    zg_bytes_clear(&image_bytes);
    zg_bytes_clear(&label_bytes);
    return status;
}

/* ---- one file -------------------------------------------------------------------------------- */

char *zg_idx_labels_path(const char *path)
{
    char *copy = strdup(path);
    if (!copy) return NULL;
    char *base = strrchr(copy, '/');
    base = base ? base + 1 : copy;
    char *word = strstr(base, "images");
    char *kind = strstr(base, "idx3");
    if (!word) {
        free(copy);
        return NULL;
    }
    for (size_t i = 0; i < 6; i++)
        word[i] = "labels"[i];
    if (kind) kind[3] = '1';
    return copy;
}

static zg_status read_table(const zg_idx *idx, const char *path, const zg_columns *columns,
                            zg_dataset *dataset, zg_error *error)
{
    for (size_t i = 0; i < idx->extent[0]; i++) {
        for (size_t j = 0; j < idx->width; j++) {
            double value = zg_idx_element(idx, i * idx->width + j);
            if (!isfinite(value))
                return zg_fail(error, ZG_BAD_INPUT,
                               "%.400s:%zu:%zu: expected a finite number, found %g", path, i + 1,
                               j + 1, value);
            zg_columns_put(columns, i, j, value, dataset->x, dataset->t);
        }
    }
    return ZG_OK;
}

static zg_status load_table(const char *path, const zg_data_options *options, zg_dataset **out,
                            zg_error *error)
{
    zg_bytes bytes;
    zg_idx idx;
    zg_columns columns = {0};
    size_t limit = options ? options->size_limit : 0;
    zg_status status = zg_bytes_read(path, limit, &bytes, error);
    if (status == ZG_OK) status = zg_idx_open(&bytes, path, &idx, error);
    if (status == ZG_OK) status = zg_size_check(path, idx.extent[0], idx.width, limit, error);
    if (status == ZG_OK)
        status = zg_columns_choose(options, path, idx.width, NULL, NULL, &columns, error);
    if (status == ZG_OK)
        status = zg_dataset_alloc(idx.extent[0], columns.inputs, columns.targets, out, error);
    if (status == ZG_OK) status = read_table(&idx, path, &columns, *out, error);
    if (status == ZG_OK && !((*out)->name = strdup(path))) status = zg_no_memory(error);
    zg_columns_clear(&columns);
    zg_bytes_clear(&bytes);
    if (status != ZG_OK) {
        zg_dataset_free(*out);
        *out = NULL;
    }
    return status;
}

zg_status zg_idx_load(const char *path, const zg_data_options *options, zg_dataset **out,
                      zg_error *error)
{
    *out = NULL;
    char *labels = zg_idx_labels_path(path);
    if (!labels) return load_table(path, options, out, error);
    const char *target = options ? options->target : NULL;
    zg_status status;
    if (target && strcmp(target, "last") != 0)
        status = zg_fail(error, ZG_BAD_INPUT,
                         "%.400s: target \"%.80s\": the labels of IDX images are in a file of "
                         "their own; no other column can be chosen",
                         path, target);
    else
        status =
            zg_idx_read_images(path, labels, NULL, options ? options->size_limit : 0, out, error);
    free(labels);
    return status;
}
