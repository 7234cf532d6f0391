/* Making the rows of a case: load or generate, select classes, scale, subsample, split. */
#include "runner/recipe.h"

#include "data/one_hot.h"

#include <errno.h>
#include <math.h>
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

/* The first rows of all that there are, then the choice of classes and the scaling. */
static zg_status choose(const zg_recipe *recipe, bool test, const zg_dataset *data,
                        zg_dataset **out, zg_error *error)
{
    zg_image_options image = recipe->image;
    zg_dataset *top = NULL;
    double *classes = NULL;
    size_t *order = NULL;
    zg_status status = ZG_OK;
    if (test) image.rows = 0;
    if (!test && recipe->first > data->rows)
        return zg_fail(error, ZG_BAD_INPUT, "cannot keep the first %zu rows of %zu", recipe->first,
                       data->rows);
    if (!test && recipe->first > 0) {
        order = calloc(recipe->first, sizeof *order);
        if (!order) return zg_no_memory(error);
        for (size_t i = 0; i < recipe->first; i++)
            order[i] = i;
        status = zg_dataset_select(data, recipe->first, order, &top, error);
    }
    if (status == ZG_OK && recipe->classes && data->targets != 1)
        status = zg_fail(error, ZG_BAD_INPUT, "classes need one target column, found %zu",
                         data->targets);
    if (status == ZG_OK) status = class_values(recipe, data, &classes, &image.class_count, error);
    image.classes = classes;
    if (status == ZG_OK) status = zg_image_apply(&image, top ? top : data, out, error);
    free(classes);
    free(order);
    zg_dataset_free(top);
    return status;
}

/* A file's rows as they are, with the columns of a schema when there is one. */
static zg_status load_file(const char *path, const zg_recipe *recipe, const zg_schema *schema,
                           zg_dataset **out, zg_error *error)
{
    zg_data_options options = recipe->options;
    options.schema = schema;
    if (schema && schema->target_names) options.target = NULL; /* wherever they are */
    if (access(path, R_OK) != 0 && errno == ENOENT)
        return zg_fail(error, ZG_IO, "there is no data file %.300s", path);
    return zg_dataset_load(path, &options, out, error);
}

/* Training rows of a file, and the test rows of another one with the same columns. */
static zg_status load_files(const zg_recipe *recipe, zg_rows *out, zg_error *error)
{
    zg_dataset *train = NULL, *test = NULL;
    zg_status status = load_file(recipe->file, recipe, NULL, &train, error);
    if (status == ZG_OK && recipe->test_file) {
        zg_schema schema = zg_dataset_schema(train);
        status = load_file(recipe->test_file, recipe, &schema, &test, error);
    }
    if (status == ZG_OK) status = choose(recipe, false, train, &out->train, error);
    if (status == ZG_OK && test) status = choose(recipe, true, test, &out->test, error);
    zg_dataset_free(train);
    zg_dataset_free(test);
    return status;
}

/* The catalogue chooses rows while it reads, so that of large sets only what is wanted is held;
 * the first rows of a set can only be told from all of it. */
static zg_status load_source(const char *source, const zg_recipe *recipe, const zg_world *world,
                             bool test, zg_dataset **out, zg_error *error)
{
    zg_image_options image = recipe->image, none = {0};
    zg_dataset *data = NULL;
    double *classes = NULL;
    zg_status status;
    if (!test && recipe->first > 0) {
        status = world->load(source, &recipe->options, &none, &data, error);
        if (status == ZG_OK) status = choose(recipe, test, data, out, error);
        zg_dataset_free(data);
        return status;
    }
    if (test) image.rows = 0;
    status = class_values(recipe, NULL, &classes, &image.class_count, error);
    image.classes = classes;
    if (status == ZG_OK) status = world->load(source, &recipe->options, &image, out, error);
    free(classes);
    return status;
}

/* Rows of the catalogue are read as chosen: those of the test are brought to the columns of the
 * training rows afterwards. */
static zg_status load_sources(const zg_recipe *recipe, const zg_world *world, zg_rows *out,
                              zg_error *error)
{
    zg_status status = load_source(recipe->source, recipe, world, false, &out->train, error);
    if (status != ZG_OK || !recipe->test_source) return status;
    status = load_source(recipe->test_source, recipe, world, true, &out->test, error);
    if (status != ZG_OK) return status;
    zg_schema schema = zg_dataset_schema(out->train);
    return zg_dataset_retarget(out->test, NULL, &schema, error);
}

static zg_status generate(const zg_recipe *recipe, zg_dataset **out, zg_error *error)
{
    zg_status status = zg_generator_create(&recipe->generator, out, error);
    return status == ZG_OK && recipe->lags ? zg_series_apply(recipe->lags, out, error) : status;
}

static zg_status load(const zg_recipe *recipe, const zg_world *world, zg_rows *out, zg_error *error)
{
    switch (recipe->origin) {
    case ZG_ORIGIN_GENERATOR:
        return generate(recipe, &out->train, error);
    case ZG_ORIGIN_SOURCE:
        return load_sources(recipe, world, out, error);
    case ZG_ORIGIN_FILE:
        break;
    }
    return load_files(recipe, out, error);
}

void zg_rows_clear(zg_rows *rows)
{
    zg_dataset_free(rows->train);
    zg_dataset_free(rows->validation);
    zg_dataset_free(rows->test);
    *rows = (zg_rows){0};
}

/* The first rows of what does not train are for validation, the others for the test. */
static zg_status split(const zg_recipe *recipe, zg_rows *out, zg_error *error)
{
    zg_dataset *all = out->train, *rest = NULL;
    size_t count = (size_t)llround(recipe->validation_share * (double)all->rows);
    out->train = NULL;
    zg_status status =
        zg_dataset_split(all, recipe->train_share, recipe->split_seed, &out->train, &rest, error);
    zg_dataset_free(all);
    if (status != ZG_OK || recipe->validation_share == 0) {
        out->test = rest;
        return status;
    }
    if (count == 0 || count >= rest->rows)
        status = zg_fail(error, ZG_BAD_INPUT,
                         "the validation share leaves validation or test of %zu rows without any",
                         rest->rows);
    else
        status = zg_dataset_cut(rest, count, &out->validation, &out->test, error);
    zg_dataset_free(rest);
    return status;
}

/* In the order of time nothing is drawn. */
static zg_status split_in_time(const zg_recipe *recipe, zg_rows *out, zg_error *error)
{
    zg_dataset *all = out->train;
    const zg_time_split parts = {recipe->train_share, recipe->validation_share, recipe->test_share};
    out->train = NULL;
    zg_status status =
        zg_dataset_split_time(all, parts, &out->train, &out->validation, &out->test, error);
    zg_dataset_free(all);
    return status;
}

/* One fold of the training rows validates. */
static zg_status hold_fold(const zg_recipe *recipe, zg_rows *out, zg_error *error)
{
    zg_dataset *all = out->train;
    out->train = NULL;
    const zg_fold fold = {.folds = recipe->folds,
                          .number = recipe->fold - 1,
                          .seed = recipe->split_seed,
                          .by_class = zg_task_of(all, recipe->task) != ZG_REGRESSION};
    zg_status status = zg_dataset_fold(all, fold, &out->train, &out->validation, error);
    zg_dataset_free(all);
    return status;
}

static zg_status join_validation(zg_rows *rows, zg_error *error)
{
    zg_dataset *all;
    zg_status status = zg_dataset_append(rows->train, rows->validation, &all, error);
    if (status != ZG_OK) return status;
    zg_dataset_free(rows->train);
    zg_dataset_free(rows->validation);
    rows->train = all;
    rows->validation = NULL;
    return ZG_OK;
}

static zg_status trim_words(zg_rows *rows, bool zero, zg_error *error)
{
    zg_dataset *const others[] = {rows->validation, rows->test};
    return zg_one_hot_trim(rows->train, others, 2, zero, error);
}

zg_status zg_recipe_make(const zg_recipe *recipe, const zg_world *world, zg_rows *out,
                         zg_error *error)
{
    *out = (zg_rows){0};
    zg_status status = load(recipe, world, out, error);
    if (status == ZG_OK && recipe->train_share > 0)
        status = (recipe->in_time ? split_in_time : split)(recipe, out, error);
    if (status == ZG_OK && recipe->retrained && out->validation)
        status = join_validation(out, error);
    if (status == ZG_OK) status = trim_words(out, recipe->options.unknown_zero, error);
    if (status == ZG_OK && recipe->folds > 0) status = hold_fold(recipe, out, error);
    /* Other folds know the words of this one: they are no mistake. */
    if (status == ZG_OK && recipe->folds > 0) status = trim_words(out, true, error);
    if (status != ZG_OK) zg_rows_clear(out);
    return status;
}
