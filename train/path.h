/*
 * Choosing beta: networks along a path of betas, each certified, and their scores on rows that did
 * not train, by folds or on validation rows.
 */
#ifndef ZG_TRAIN_PATH_H
#define ZG_TRAIN_PATH_H

#include "data/dataset.h"
#include "train/training.h"

typedef struct zg_path {
    size_t count, folds;   /* folds: 0 without */
    zg_path_point *points; /* by falling beta */
    size_t best, chosen;   /* least score; chosen differs under the one-standard-error rule */
    bool classes;          /* scores are shares of wrong labels */
    double seconds;        /* wall clock of all trainings */
} zg_path;

typedef struct zg_path_order {
    const zg_dataset *train;
    const double *weights;         /* of its rows, or NULL */
    const zg_dataset *validation;  /* rows to score on; or NULL */
    size_t folds;                  /* or at least 2 */
    uint32_t seed;                 /* of the folds' permutation */
    bool one_standard_error;       /* the largest beta within it of the best, instead of that */
    const zg_model_options *model; /* beta does not count */
    bool bias;                     /* the input 1 stands behind the others */
    bool standardize_target;       /* of a regression, by the rows that train */
    const char *class_weights;     /* as zg_class_weights reads them, or NULL; then no weights */
    const zg_encoding *encoding;   /* of all training rows, which have every label */
    const zg_method *method;
    const zg_value *values;
    const zg_control *control; /* jobs: parts (all rows, folds) at a time, in processes */
    /* Called before each path (of all rows: 0, then of the folds); or NULL. */
    void (*progress)(void *context, size_t done, size_t total);
    void *context;
} zg_path_order;

/* count betas from the largest output's beta_max down to ratio times it, evenly in the logarithm;
 * the caller's (malloc). */
zg_status zg_path_grid(const zg_problem *problem, size_t count, double ratio, double **out,
                       zg_error *error);

/* betas: count, in any order, > 0.  chosen is meaningful with validation rows or folds. */
zg_status zg_path_run(const zg_path_order *order, size_t count, const double *betas, zg_path *out,
                      zg_error *error);
void zg_path_clear(zg_path *path);

#endif
