/* Readers of the catalogue for data in several files or in R's format. */
#include "data/arff.h"

#include "base/memory.h"
#include "data/cache.h"
#include "data/catalogue_read.h"
#include "data/fann.h"
#include "data/rdata.h"

#include <stdlib.h>
#include <string.h>

/* ---- several files of one shape -------------------------------------------------------------- */

typedef zg_status (*part_reader)(const zg_bytes *bytes, const char *path, zg_dataset **out,
                                 zg_error *error);

static zg_status read_part(part_reader read, const char *directory, const char *file,
                           zg_dataset **out, zg_error *error)
{
    zg_bytes bytes = {0};
    *out = NULL;
    char *path = zg_format("%s/%s", directory, file);
    zg_status status = path ? zg_bytes_read(path, 0, &bytes, error) : zg_no_memory(error);
    if (status == ZG_OK) status = read(&bytes, path, out, error);
    zg_bytes_clear(&bytes);
    free(path);
    return status;
}

/* Puts the rows of part behind those of whole, whose arrays have room for so many numbers. */
static zg_status append(zg_dataset *whole, size_t *room_x, size_t *room_t, const zg_dataset *part,
                        zg_error *error)
{
    size_t d = whole->inputs, k = whole->targets, rows = whole->rows + part->rows;
    if (part->inputs != d || part->targets != k)
        return zg_fail(error, ZG_BAD_INPUT, "the files of a data set differ in their columns");
    double *x = zg_grow(whole->x, room_x, rows * d, sizeof *x);
    if (x) whole->x = x;
    double *t = zg_grow(whole->t, room_t, rows * k, sizeof *t);
    if (t) whole->t = t;
    if (!x || !t) return zg_no_memory(error);
    memcpy(x + whole->rows * d, part->x, part->rows * d * sizeof *x);
    memcpy(t + whole->rows * k, part->t, part->rows * k * sizeof *t);
    whole->rows = rows;
    return ZG_OK;
}

static zg_status read_parts(const zg_catalogue_entry *entry, part_reader read,
                            const char *directory, zg_dataset **out, zg_error *error)
{
    zg_status status = read_part(read, directory, entry->files[0], out, error);
    size_t room_x = status == ZG_OK ? (*out)->rows * (*out)->inputs : 0;
    size_t room_t = status == ZG_OK ? (*out)->rows * (*out)->targets : 0;
    for (size_t i = 1; i < ZG_CATALOGUE_FILES && entry->files[i] && status == ZG_OK; i++) {
        zg_dataset *part;
        status = read_part(read, directory, entry->files[i], &part, error);
        if (status == ZG_OK) status = append(*out, &room_x, &room_t, part, error);
        zg_dataset_free(part);
    }
    return status;
}

/* ---- ARFF ------------------------------------------------------------------------------------ */

static zg_status arff_to_dataset(const zg_arff *arff, zg_dataset **out, zg_error *error)
{
    size_t d = arff->columns - 1;
    zg_status status = zg_dataset_alloc(arff->rows, d, 1, out, error);
    if (status != ZG_OK) return status;
    (*out)->input_names = calloc(d, sizeof *(*out)->input_names);
    if (!(*out)->input_names) return zg_no_memory(error);
    for (size_t j = 0; j < d; j++) {
        (*out)->input_names[j] = strdup(arff->column[j].name);
        if (!(*out)->input_names[j]) return zg_no_memory(error);
    }
    for (size_t i = 0; i < arff->rows; i++) {
        const double *row = arff->values + i * arff->columns;
        memcpy((*out)->x + i * d, row, d * sizeof *row);
        (*out)->t[i] = row[d];
    }
    return ZG_OK;
}

static zg_status read_arff_part(const zg_bytes *bytes, const char *path, zg_dataset **out,
                                zg_error *error)
{
    zg_arena arena = {0};
    zg_arff arff;
    zg_status status = zg_arff_read(bytes, path, 0, &arena, &arff, error);
    if (status == ZG_OK) status = arff_to_dataset(&arff, out, error);
    zg_arff_clear(&arff);
    zg_arena_clear(&arena);
    return status;
}

zg_status zg_read_arff(const zg_catalogue_entry *entry, const char *directory,
                       const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    (void)image;
    return read_parts(entry, read_arff_part, directory, out, error);
}

/* ---- FANN ------------------------------------------------------------------------------------ */

/* One-hot outputs to class numbers. */
static void join_outputs(zg_dataset *dataset)
{
    size_t k = dataset->targets;
    for (size_t i = 0; i < dataset->rows; i++) {
        size_t best = 0;
        for (size_t c = 1; c < k; c++) {
            if (dataset->t[i * k + c] > dataset->t[i * k + best]) best = c;
        }
        dataset->t[i] = (double)best; /* row i was read before it is overwritten */
    }
    dataset->targets = 1;
}

zg_status zg_read_fann(const zg_catalogue_entry *entry, const char *directory,
                       const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    (void)image;
    zg_status status = read_parts(entry, zg_fann_read, directory, out, error);
    if (status == ZG_OK && entry->class_count > 0) join_outputs(*out);
    return status;
}

/* ---- R --------------------------------------------------------------------------------------- */

zg_status zg_read_rdata(const zg_catalogue_entry *entry, const char *directory,
                        const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    (void)image;
    zg_arena arena = {0};
    zg_r_value *value = NULL;
    const zg_r_value *frame = NULL;
    const char *dot = strrchr(entry->files[0], '.');
    bool database = dot && strcmp(dot, ".rdx") == 0;
    int length = database ? (int)(dot - entry->files[0]) : (int)strlen(entry->files[0]);
    char *path = zg_format("%s/%.*s", directory, length, entry->files[0]);
    zg_status status = path ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK && database) {
        status = zg_rdb_read(path, entry->object, &arena, &value, error);
        frame = value;
    } else if (status == ZG_OK) {
        status = zg_rda_read(path, &arena, &value, error);
        if (status == ZG_OK) frame = zg_r_find(value, entry->object);
    }
    if (status == ZG_OK)
        status = zg_r_dataset(frame, entry->target, entry->unused, path, out, error);
    free(path);
    zg_arena_clear(&arena);
    return status;
}

/* Puts the vector of that name into a column, `step` apart. */
static zg_status put_vector(const zg_r_value *values, const char *name, size_t length, size_t rows,
                            size_t step, double *out, const char *path, zg_error *error)
{
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)length, name);
    const zg_r_value *vector = zg_r_find(values, text);
    if (!vector || vector->type != ZG_R_NUMBERS || vector->length != rows)
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected a vector \"%s\" of %zu numbers", path,
                       text, rows);
    for (size_t i = 0; i < rows; i++)
        out[i * step] = vector->numbers[i];
    return ZG_OK;
}

static zg_status put_vectors(const zg_r_value *values, const char *names, size_t count, size_t rows,
                             double *out, const char *path, zg_error *error)
{
    zg_status status = ZG_OK;
    for (size_t c = 0; c < count && status == ZG_OK; c++) {
        size_t length = strcspn(names, ",");
        status = put_vector(values, names, length, rows, count, out + c, path, error);
        names += length + (names[length] == ',');
    }
    return status;
}

zg_status zg_read_rvectors(const zg_catalogue_entry *entry, const char *directory,
                           const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    (void)image;
    zg_arena arena = {0};
    zg_r_value *values = NULL;
    char *path = zg_format("%s/%s", directory, entry->files[0]);
    zg_status status = path ? zg_rda_read(path, &arena, &values, error) : zg_no_memory(error);
    if (status == ZG_OK)
        status = zg_dataset_alloc(entry->rows, entry->inputs, entry->targets, out, error);
    if (status == ZG_OK)
        status = put_vectors(values, entry->input_names, entry->inputs, entry->rows, (*out)->x,
                             path, error);
    if (status == ZG_OK)
        status =
            put_vectors(values, entry->object, entry->targets, entry->rows, (*out)->t, path, error);
    free(path);
    zg_arena_clear(&arena);
    return status;
}

/* ---- CIFAR-10 -------------------------------------------------------------------------------- */

#define CIFAR_INPUTS 3072
#define CIFAR_RECORD (1 + CIFAR_INPUTS) /* the label in front */

typedef struct batches {
    zg_bytes file[ZG_CATALOGUE_FILES];
    size_t rows; /* of all files */
} batches;

static void batches_clear(batches *b)
{
    for (size_t k = 0; k < ZG_CATALOGUE_FILES; k++)
        zg_bytes_clear(&b->file[k]);
}

static zg_status batches_read(const zg_catalogue_entry *entry, const char *directory, batches *b,
                              zg_error *error)
{
    zg_status status = ZG_OK;
    for (size_t k = 0; k < ZG_CATALOGUE_FILES && entry->files[k] && status == ZG_OK; k++) {
        char *path = zg_format("%s/%s", directory, entry->files[k]);
        status = path ? zg_bytes_read(path, 0, &b->file[k], error) : zg_no_memory(error);
        size_t size = b->file[k].size;
        if (status == ZG_OK && (size == 0 || size % CIFAR_RECORD != 0))
            status = zg_fail(error, ZG_BAD_INPUT,
                             "%.400s: expected records of %d bytes (CIFAR-10's binary version), "
                             "found %zu bytes",
                             path, CIFAR_RECORD, size);
        b->rows += size / CIFAR_RECORD;
        free(path);
    }
    return status;
}

static const unsigned char *record_of(const batches *b, size_t row)
{
    size_t k = 0;
    for (; row >= b->file[k].size / CIFAR_RECORD; k++)
        row -= b->file[k].size / CIFAR_RECORD;
    return b->file[k].data + row * CIFAR_RECORD;
}

/* Only rows that are wanted become numbers: all of them take 1.2 GB. */
static zg_status choose_records(const batches *b, const zg_image_options *image, zg_dataset **out,
                                zg_error *error)
{
    size_t *order = NULL, count = 0;
    double *labels = malloc((b->rows + 1) * sizeof *labels);
    if (!labels) return zg_no_memory(error);
    for (size_t i = 0; i < b->rows; i++)
        labels[i] = record_of(b, i)[0];
    zg_status status = zg_image_rows(image, b->rows, labels, &order, &count, error);
    if (status == ZG_OK) status = zg_dataset_alloc(count, CIFAR_INPUTS, 1, out, error);
    for (size_t i = 0; status == ZG_OK && i < count; i++) {
        const unsigned char *p = record_of(b, order[i]);
        (*out)->t[i] = p[0];
        for (size_t j = 0; j < CIFAR_INPUTS; j++)
            (*out)->x[i * CIFAR_INPUTS + j] = p[1 + j];
    }
    free(order);
    free(labels);
    return status == ZG_OK ? zg_image_transform(image, *out, error) : status;
}

zg_status zg_read_cifar(const zg_catalogue_entry *entry, const char *directory,
                        const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    static const zg_image_options everything = {0};
    batches b = {0};
    *out = NULL;
    zg_status status = batches_read(entry, directory, &b, error);
    if (status == ZG_OK) status = choose_records(&b, image ? image : &everything, out, error);
    batches_clear(&b);
    if (status == ZG_OK) return ZG_OK;
    zg_dataset_free(*out);
    *out = NULL;
    return status;
}
