/* Making the rows of a case: load or generate, select classes, scale, subsample, split. */
#include "suites/recipe.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The target value that stands for a class named by length bytes of text. */
static zg_status class_value(const zg_dataset *data, const char *text, size_t length, double *value,
                             zg_error *error)
{
    char name[256];
    if (length >= sizeof name)
        return zg_fail(error, ZG_BAD_INPUT, "the class name is longer than 255 bytes");
    memcpy(name, text, length);
    name[length] = '\0';
    for (size_t i = 0; data && i < data->label_count; i++) {
        if (strcmp(data->labels[i], name) != 0) continue;
        *value = (double)i;
        return ZG_OK;
    }
    if (data && data->labels)
        return zg_fail_unknown(error, "class", name, (const char *const *)data->labels,
                               data->label_count);
    if (zg_parse_double(name, value)) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT, "unknown class \"%s\": the labels are numbers", name);
}

/* The classes of a recipe as target values; data may be NULL when the labels are numbers.  The
 * array is the caller's. */
static zg_status class_values(const zg_recipe *recipe, const zg_dataset *data, double **out,
                              size_t *count, zg_error *error)
{
    *out = NULL;
    *count = 0;
    if (!recipe->classes) return ZG_OK;
    *out = calloc(strlen(recipe->classes) + 1, sizeof **out);
    zg_status status = *out ? ZG_OK : zg_no_memory(error);
    for (const char *at = recipe->classes; status == ZG_OK && *at;) {
        size_t length = strcspn(at, ",");
        status = class_value(data, at, length, &(*out)[(*count)++], error);
        at += length;
        at += *at == ',';
    }
    return status;
}

static zg_status load_file(const char *path, const zg_recipe *recipe, zg_image_options *image,
                           zg_dataset **out, zg_error *error)
{
    zg_dataset *data = NULL;
    double *classes = NULL;
    if (access(path, R_OK) != 0 && errno == ENOENT)
        return zg_fail(error, ZG_MISSING, "there is no data file %.300s", path);
    zg_status status = zg_dataset_load(path, &recipe->options, &data, error);
    if (status == ZG_OK && recipe->classes && data->targets != 1)
        status = zg_fail(error, ZG_BAD_INPUT, "classes need one target column, found %zu",
                         data->targets);
    if (status == ZG_OK)
        status = class_values(recipe, data, &classes, &image->class_count, error);
    image->classes = classes;
    if (status == ZG_OK) status = zg_image_apply(image, data, out, error);
    free(classes);
    zg_dataset_free(data);
    return status;
}

static zg_status load_source(const char *source, const zg_recipe *recipe, const zg_world *world,
                             zg_image_options *image, zg_dataset **out, zg_error *error)
{
    double *classes = NULL;
    zg_status status = class_values(recipe, NULL, &classes, &image->class_count, error);
    image->classes = classes;
    if (status == ZG_OK) status = world->load(source, &recipe->options, image, out, error);
    free(classes);
    return status;
}

static zg_status load(const zg_recipe *recipe, const zg_world *world, bool test, zg_dataset **out,
                      zg_error *error)
{
    zg_image_options image = recipe->image;
    if (test) image.rows = 0;
    switch (recipe->origin) {
    case ZG_ORIGIN_PLANTED:
        return zg_planted_create(&recipe->planted, out, error);
    case ZG_ORIGIN_SOURCE:
        return load_source(test ? recipe->test_source : recipe->source, recipe, world, &image, out,
                           error);
    case ZG_ORIGIN_FILE:
        break;
    }
    return load_file(test ? recipe->test_file : recipe->file, recipe, &image, out, error);
}

zg_status zg_recipe_make(const zg_recipe *recipe, const zg_world *world, zg_dataset **train,
                         zg_dataset **test, zg_error *error)
{
    zg_dataset *data = NULL;
    *train = *test = NULL;
    zg_status status = load(recipe, world, false, &data, error);
    if (status == ZG_OK && recipe->train_share > 0) {
        status =
            zg_dataset_split(data, recipe->train_share, recipe->split_seed, train, test, error);
        zg_dataset_free(data);
        return status;
    }
    if (status == ZG_OK && (recipe->test_source || recipe->test_file))
        status = load(recipe, world, true, test, error);
    if (status == ZG_OK)
        *train = data;
    else
        zg_dataset_free(data);
    return status;
}
