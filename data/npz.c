/* NPZ archives: inputs and targets by the names that people give them, or one matrix. */
#include "data/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const input_words[] = {"X",      "x",       "data",   "features",
                                          "inputs", "X_train", "x_train"};
static const char *const target_words[] = {"y",      "Y",     "target",  "targets",
                                           "labels", "label", "y_train", "Y_train"};

/* The array of one of the names, with or without ".npy". */
static const zg_member *find_array(const zg_members *members, const char *const *words,
                                   size_t count)
{
    for (size_t w = 0; w < count; w++)
        for (size_t i = 0; i < members->count; i++) {
            const char *name = members->items[i].name;
            size_t length = strlen(words[w]);
            if (name && strncmp(name, words[w], length) == 0 &&
                (name[length] == '\0' || strcmp(name + length, ".npy") == 0))
                return &members->items[i];
        }
    return NULL;
}

bool zg_npz_detect(const zg_members *members)
{
    for (size_t i = 0; i < members->count; i++)
        if (!zg_npy_detect(members->items[i].bytes.data, members->items[i].bytes.size))
            return false;
    return members->count > 0 && members->items[0].name;
}

static zg_status no_such_arrays(const zg_members *members, const char *name, zg_error *error)
{
    char list[256] = "";
    for (size_t i = 0; i < members->count; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%.40s", i ? ", " : "", members->items[i].name);
    }
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.400s: expected one array, or arrays X and y (data and target, features and "
                   "labels), found %s",
                   name, list);
}

/* Refuses an archive that has two members of one name: readers differ in which they take. */
static zg_status check_names(const zg_members *members, const char *name, zg_error *error)
{
    size_t twice = SIZE_MAX;
    const char **names = calloc(members->count, sizeof *names);
    for (size_t i = 0; names && i < members->count; i++)
        names[i] = members->items[i].name;
    zg_status status = names ? zg_texts_repeated(names, members->count, &twice) : ZG_NO_MEMORY;
    free(names);
    if (status != ZG_OK) return zg_no_memory(error);
    if (twice == SIZE_MAX) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.400s: expected distinct names of arrays, found %.80s twice", name,
                   members->items[twice].name);
}

/* Targets of one array behind the inputs of another. */
static zg_status join(const zg_dataset *x, const zg_dataset *y, const char *name, zg_dataset **out,
                      zg_error *error)
{
    if (x->rows != y->rows)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected as many targets as rows of inputs, found %zu and %zu",
                       name, y->rows, x->rows);
    zg_status status = zg_dataset_alloc(x->rows, x->inputs, y->inputs, out, error);
    if (status != ZG_OK) return status;
    memcpy((*out)->x, x->x, x->rows * x->inputs * sizeof(double));
    memcpy((*out)->t, y->x, y->rows * y->inputs * sizeof(double));
    (*out)->name = strdup(name);
    return (*out)->name ? ZG_OK : zg_no_memory(error);
}

zg_status zg_npz_read(const zg_members *members, const char *name, const zg_data_options *options,
                      zg_dataset **out, zg_error *error)
{
    *out = NULL;
    zg_status named = check_names(members, name, error);
    if (named != ZG_OK) return named;
    if (members->count == 1)
        return zg_npy_read(&members->items[0].bytes, name, options, out, error);
    const zg_member *inputs =
        find_array(members, input_words, sizeof input_words / sizeof *input_words);
    const zg_member *targets =
        find_array(members, target_words, sizeof target_words / sizeof *target_words);
    if (!inputs || !targets) return no_such_arrays(members, name, error);
    zg_dataset *x = NULL, *y = NULL;
    size_t limit = options ? options->size_limit : 0;
    zg_status status = zg_npy_read_inputs(&inputs->bytes, name, limit, &x, error);
    if (status == ZG_OK) status = zg_npy_read_inputs(&targets->bytes, name, limit, &y, error);
    if (status == ZG_OK) status = join(x, y, name, out, error);
    if (status == ZG_OK) status = zg_dataset_rechoose(*out, options, error);
    if (status == ZG_OK && members->count > 2)
        zg_dataset_note(*out, "%s: inputs are the array %s, targets %s; the others are not read",
                        name, inputs->name, targets->name);
    zg_dataset_free(x);
    zg_dataset_free(y);
    if (status != ZG_OK) {
        zg_dataset_free(*out);
        *out = NULL;
    }
    return status;
}
