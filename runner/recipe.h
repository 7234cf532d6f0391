/*
 * How the data of a case come to be: from a generator, the catalogue or a file, through class
 * selection, down-scaling and subsampling, to training and test rows.
 */
#ifndef ZG_RUNNER_RECIPE_H
#define ZG_RUNNER_RECIPE_H

#include "runner/generator.h"
#include "runner/world.h"

typedef enum zg_origin { ZG_ORIGIN_GENERATOR, ZG_ORIGIN_SOURCE, ZG_ORIGIN_FILE } zg_origin;

/* Whether settings are chosen by the rows that validate, and trained again on all training rows. */
typedef enum zg_select { ZG_SELECT_NONE, ZG_SELECT_BEST, ZG_SELECT_ONE_SE } zg_select;

typedef struct zg_recipe {
    zg_origin origin;
    const zg_settings *settings; /* what it was read from */
    const char *label;           /* generator, source or file name without its folder */
    zg_generator generator;
    const char *source;      /* catalogue name */
    const char *file;        /* path, resolved against the suite's folder */
    const char *test_source; /* separate test rows: catalogue name, or NULL */
    const char *test_file;   /* or a path, or NULL */
    zg_data_options options; /* its target has the weights' column behind the targets */
    const char *weights;     /* column of sample weights, or NULL */
    zg_task task;
    bool standardize, standardize_targets, bias, halfspaces;
    const char *class_weights; /* as zg_class_weights reads them, or NULL */
    double train_share;        /* of the rows; 0: all of them, no test rows */
    bool in_time;              /* the first rows train: shares are also numbers of samples */
    bool scale_by_all;         /* standardised by the rows that validate, too */
    double test_share;         /* in time: of the last samples; 0: all the rest */
    zg_lags *lags;             /* of a time series, in the arena, or NULL */
    size_t folds, fold; /* the training rows but fold (from 1) of folds, which validates; 0: all */
    zg_select select;
    bool retrained; /* rows that validated train, too: the case of a setting that was chosen */
    double validation_share; /* of the rows, taken from those that do not train; 0: none */
    uint32_t split_seed;
    size_t first;           /* training rows to keep from the top; 0: all */
    const char *classes;    /* labels to keep, comma-separated, or NULL: all */
    zg_image_options image; /* subsampling and scaling; its classes are set when rows are made */
    char content[ZG_DIGEST_SIZE]; /* what zg_recipe_content gave */
} zg_recipe;

/* The keys that a data entry may have, which depend on its kind; they live in the arena.  Complains
 * about the kind itself (no or several of generator, source, file; unknown generator). */
zg_status zg_recipe_keys(const zg_yaml *entry, zg_arena *arena, const zg_key **keys, size_t *count,
                         zg_error *error);

/* Reads one variant of an entry; folder is the suite's.  Names of sources are checked. */
zg_status zg_recipe_read(const zg_settings *settings, const zg_yaml *entry, const char *folder,
                         const zg_world *world, zg_arena *arena, zg_recipe *out, zg_error *error);

/* Whether the recipe has test rows. */
bool zg_recipe_tests(const zg_recipe *recipe);

/* Sets recipe->content, the digest of what the recipe starts from: a file's bytes, a source's
 * numbers, a generator's version.  What is not there now has a digest of its own. */
zg_status zg_recipe_content(zg_recipe *recipe, const zg_world *world, zg_error *error);

/* The rows of a case; validation and test are NULL where there are none.  Validation rows are for
 * choosing among settings, test rows for the final word. */
typedef struct zg_rows {
    zg_dataset *train, *validation, *test;
} zg_rows;

/* Makes the rows; free them with zg_rows_clear. */
zg_status zg_recipe_make(const zg_recipe *recipe, const zg_world *world, zg_rows *out,
                         zg_error *error);
void zg_rows_clear(zg_rows *rows);

#endif
