/* Readers of the catalogue, on top of the format readers. */
#include "data/catalogue_read.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/cache.h"
#include "data/csv.h"
#include "data/idx.h"
#include "data/libsvm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- CSV ------------------------------------------------------------------------------------- */

static const char *skip_lines(const char *text, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return text;
}

zg_status zg_read_plain_csv(const zg_catalogue_entry *entry, const char *directory,
                            const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    (void)image;
    zg_bytes bytes = {0};
    char *path = zg_format("%s/%s", directory, entry->files[0]);
    zg_status status = path ? zg_bytes_read(path, 0, &bytes, error) : zg_no_memory(error);
    if (status == ZG_OK) {
        const char *text = skip_lines((const char *)bytes.data, entry->skip);
        size_t size = bytes.size - (size_t)(text - (const char *)bytes.data);
        FILE *stream = fmemopen((void *)text, size, "r");
        const zg_data_options options = {.header = ZG_HEADER_NO};
        status = stream ? zg_csv_read(stream, path, &options, out, error) : zg_no_memory(error);
        if (stream) fclose(stream);
    }
    zg_bytes_clear(&bytes);
    free(path);
    return status;
}

zg_status zg_read_own_csv(const zg_catalogue_entry *entry, const char *directory,
                          const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    (void)image;
    char *path = zg_format("%s/%s", directory, entry->files[0]);
    zg_status status = path ? zg_dataset_load(path, NULL, out, error) : zg_no_memory(error);
    free(path);
    return status;
}

/* ---- numbers separated by blanks ------------------------------------------------------------- */

/* Reads rows x columns numbers, and nothing more, from text. */
static zg_status read_block(const char *text, const char *path, size_t rows, size_t columns,
                            double *values, zg_error *error)
{
    static const char *const blanks = " \t\r\n";
    const char *p = text + strspn(text, blanks);
    for (size_t i = 0; i < rows * columns; i++) {
        const char *end = zg_number_scan(p, &values[i]);
        if (!end || !isfinite(values[i]) || (*end && !strchr(blanks, *end)))
            return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected %zu numbers, found %zu", path,
                           rows * columns, i);
        p = end + strspn(end, blanks);
    }
    if (*p != '\0')
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected %zu numbers, found more", path,
                       rows * columns);
    return ZG_OK;
}

static zg_status read_block_file(const char *directory, const char *file, size_t rows,
                                 size_t columns, double *values, zg_error *error)
{
    zg_bytes bytes = {0};
    char *path = zg_format("%s/%s", directory, file);
    zg_status status = path ? zg_bytes_read(path, 0, &bytes, error) : zg_no_memory(error);
    if (status == ZG_OK)
        status = read_block((const char *)bytes.data, path, rows, columns, values, error);
    zg_bytes_clear(&bytes);
    free(path);
    return status;
}

zg_status zg_read_blank_separated(const zg_catalogue_entry *entry, const char *directory,
                                  const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    (void)image;
    zg_status status = zg_dataset_alloc(entry->rows, entry->inputs, entry->targets, out, error);
    if (status == ZG_OK)
        status = read_block_file(directory, entry->files[0], entry->rows, entry->inputs, (*out)->x,
                                 error);
    if (status == ZG_OK)
        status = read_block_file(directory, entry->files[1], entry->rows, entry->targets, (*out)->t,
                                 error);
    return status;
}

/* ---- LIBSVM and IDX -------------------------------------------------------------------------- */

zg_status zg_read_libsvm(const zg_catalogue_entry *entry, const char *directory,
                         const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    (void)image;
    char *path = zg_format("%s/%s", directory, entry->files[0]);
    zg_status status = path ? zg_dataset_load(path, NULL, out, error) : zg_no_memory(error);
    free(path);
    for (size_t i = 0; status == ZG_OK && i < (*out)->rows; i++)
        (*out)->t[i] = (*out)->t[i] > 0 ? 1 : 0;
    return status;
}

zg_status zg_read_images(const zg_catalogue_entry *entry, const char *directory,
                         const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    char *images = zg_format("%s/%s", directory, entry->files[0]);
    char *labels = zg_format("%s/%s", directory, entry->files[1]);
    zg_status status = images && labels ? zg_idx_read_images(images, labels, image, 0, out, error)
                                        : zg_no_memory(error);
    free(images);
    free(labels);
    return status;
}
