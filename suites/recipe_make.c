/* Making the rows of a case: load or generate, select classes, scale, subsample, split. */
#include "suites/recipe.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Replaces *data by the chosen rows of it. */
static zg_status keep_rows(zg_dataset **data, size_t count, const size_t *order, zg_error *error)
{
    zg_dataset *kept = NULL;
    zg_status status = zg_dataset_select(*data, count, order, &kept, error);
    if (status != ZG_OK) return status;
    zg_dataset_free(*data);
    *data = kept;
    return ZG_OK;
}

/* The target value that stands for a class named by length bytes of text. */
static zg_status class_value(const zg_dataset *data, const char *text, size_t length, double *value,
                             zg_error *error)
{
    char name[256];
    if (length >= sizeof name)
        return zg_fail(error, ZG_BAD_INPUT, "the class name is longer than 255 bytes");
    memcpy(name, text, length);
    name[length] = '\0';
    for (size_t i = 0; i < data->label_count; i++) {
        if (strcmp(data->labels[i], name) != 0) continue;
        *value = (double)i;
        return ZG_OK;
    }
    if (data->labels)
        return zg_fail_unknown(error, "class", name, (const char *const *)data->labels,
                               data->label_count);
    if (zg_parse_double(name, value)) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT, "unknown class \"%s\": the labels of %s are numbers", name,
                   data->name ? data->name : "the data");
}

static zg_status select_classes(zg_dataset **data, const char *classes, zg_error *error)
{
    size_t rows = (*data)->rows, targets = (*data)->targets, count = 0;
    if (targets != 1)
        return zg_fail(error, ZG_BAD_INPUT, "classes need one target column, found %zu", targets);
    size_t *order = calloc(rows ? rows : 1, sizeof *order);
    bool *keep = calloc(rows ? rows : 1, sizeof *keep);
    zg_status status = order && keep ? ZG_OK : zg_no_memory(error);
    for (const char *at = classes; status == ZG_OK && *at;) {
        size_t length = strcspn(at, ","), found = 0;
        double value;
        status = class_value(*data, at, length, &value, error);
        for (size_t i = 0; status == ZG_OK && i < rows; i++)
            if ((*data)->t[i] == value) keep[i] = true, found++;
        if (status == ZG_OK && found == 0)
            status = zg_fail(error, ZG_BAD_INPUT, "no row of %s has the class \"%.*s\"",
                             (*data)->name ? (*data)->name : "the data", (int)length, at);
        at += length;
        at += *at == ',';
    }
    for (size_t i = 0; status == ZG_OK && i < rows; i++)
        if (keep[i]) order[count++] = i;
    if (status == ZG_OK) status = keep_rows(data, count, order, error);
    free(order);
    free(keep);
    return status;
}

static zg_status subsample(zg_dataset **data, size_t count, uint32_t seed, zg_error *error)
{
    size_t rows = (*data)->rows;
    if (count > rows)
        return zg_fail(error, ZG_BAD_INPUT, "cannot keep %zu rows of %zu", count, rows);
    size_t *order = calloc(rows, sizeof *order);
    zg_random *random = malloc(sizeof *random);
    zg_status status = order && random ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) {
        zg_random_seed(random, seed);
        zg_random_permutation(random, rows, order);
        status = keep_rows(data, count, order, error);
    }
    free(order);
    free(random);
    return status;
}

/* One image, every channel: the mean over squares of side by. */
static void average_squares(const double *in, size_t height, size_t width, size_t planes, size_t by,
                            double *out)
{
    size_t rows = height / by, columns = width / by;
    for (size_t p = 0; p < planes; p++)
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < columns; c++) {
                double sum = 0;
                for (size_t i = 0; i < by; i++)
                    for (size_t j = 0; j < by; j++)
                        sum += in[(p * height + r * by + i) * width + c * by + j];
                out[(p * rows + r) * columns + c] = sum / (double)(by * by);
            }
}

static zg_status downscale(zg_dataset **data, const zg_recipe *recipe, zg_error *error)
{
    const zg_dataset *from = *data;
    size_t height = recipe->image_height, width = recipe->image_width, by = recipe->downscale;
    size_t area = height * width;
    if (area == 0 || from->inputs % area != 0 || height % by != 0 || width % by != 0)
        return zg_fail(error, ZG_BAD_INPUT,
                       "cannot average %zux%zu squares of %zux%zu images in rows of %zu features",
                       by, by, height, width, from->inputs);
    size_t planes = from->inputs / area, inputs = from->inputs / (by * by);
    zg_dataset *smaller = NULL;
    zg_status status = zg_dataset_alloc(from->rows, inputs, from->targets, &smaller, error);
    if (status != ZG_OK) return status;
    for (size_t i = 0; i < from->rows; i++)
        average_squares(from->x + i * from->inputs, height, width, planes, by,
                        smaller->x + i * inputs);
    memcpy(smaller->t, from->t, from->rows * from->targets * sizeof(double));
    /* Names move over; the old set keeps only what is freed with it. */
    smaller->name = (*data)->name;
    smaller->target_names = (*data)->target_names;
    smaller->labels = (*data)->labels;
    smaller->label_count = (*data)->label_count;
    (*data)->name = NULL;
    (*data)->target_names = NULL;
    (*data)->labels = NULL;
    (*data)->label_count = 0;
    zg_dataset_free(*data);
    *data = smaller;
    return ZG_OK;
}

/* Class selection and scaling, the same for training and test rows. */
static zg_status prepare(zg_dataset **data, const zg_recipe *recipe, zg_error *error)
{
    zg_status status = ZG_OK;
    if (recipe->classes) status = select_classes(data, recipe->classes, error);
    if (status == ZG_OK && recipe->downscale > 1) status = downscale(data, recipe, error);
    if (status != ZG_OK || recipe->pixel_scale == 1) return status;
    for (size_t i = 0; i < (*data)->rows * (*data)->inputs; i++)
        (*data)->x[i] /= recipe->pixel_scale;
    return ZG_OK;
}

static zg_status load_file(const char *path, const zg_data_options *options, zg_dataset **out,
                           zg_error *error)
{
    if (access(path, R_OK) != 0 && errno == ENOENT)
        return zg_fail(error, ZG_MISSING, "there is no data file %.300s", path);
    return zg_dataset_load(path, options, out, error);
}

static zg_status load(const zg_recipe *recipe, const zg_world *world, bool test, zg_dataset **out,
                      zg_error *error)
{
    switch (recipe->origin) {
    case ZG_ORIGIN_PLANTED:
        return zg_planted_create(&recipe->planted, out, error);
    case ZG_ORIGIN_SOURCE:
        return world->load(test ? recipe->test_source : recipe->source, out, error);
    case ZG_ORIGIN_FILE:
        break;
    }
    return load_file(test ? recipe->test_file : recipe->file, &recipe->options, out, error);
}

zg_status zg_recipe_make(const zg_recipe *recipe, const zg_world *world, zg_dataset **train,
                         zg_dataset **test, zg_error *error)
{
    zg_dataset *data = NULL, *apart = NULL;
    *train = *test = NULL;
    zg_status status = load(recipe, world, false, &data, error);
    if (status == ZG_OK) status = prepare(&data, recipe, error);
    if (status == ZG_OK && recipe->subsample)
        status = subsample(&data, recipe->subsample, recipe->subsample_seed, error);
    if (status == ZG_OK && (recipe->test_source || recipe->test_file)) {
        status = load(recipe, world, true, &apart, error);
        if (status == ZG_OK) status = prepare(&apart, recipe, error);
    }
    if (status == ZG_OK && recipe->train_share > 0) {
        status =
            zg_dataset_split(data, recipe->train_share, recipe->split_seed, train, test, error);
    } else if (status == ZG_OK) {
        *train = data;
        *test = apart;
        data = apart = NULL;
    }
    zg_dataset_free(data);
    zg_dataset_free(apart);
    return status;
}
