/* Data sets in memory: samples, raw targets, preprocessing, target encoding, splits. */
#ifndef ZG_DATA_DATASET_H
#define ZG_DATA_DATASET_H

#include "base/random.h"
#include "base/status.h"
#include "data/columns.h"

struct zg_dataset {
    char *name; /* path or catalogue name, for messages */
    size_t rows, inputs, targets;
    double *x;              /* rows x inputs, row-major */
    bool borrows_x;         /* x is a caller's, and not to be changed */
    double *t;              /* rows x targets, row-major; for text labels the index into labels */
    char **input_names;     /* inputs, or NULL */
    char **target_names;    /* targets, or NULL */
    size_t *target_columns; /* see zg_columns_targets; NULL: the last ones, or unknown */
    char **labels;          /* sorted distinct texts of a text target column, or NULL */
    size_t label_count;
    bool sparse;            /* inputs that a file does not name are 0: LIBSVM text */
    bool gaps;              /* a NAN input is a missing value: see zg_preprocess.fill */
    zg_one_hot *one_hot;    /* which inputs stand for words, or NULL */
    zg_time_series *series; /* that the rows are made of, or NULL */
    char **notes; /* what the reader decided by itself and people should know: sentences */
    size_t note_count, note_capacity;
};

/* Adds a note; where there is no memory for it, it is lost. */
void zg_dataset_note(zg_dataset *dataset, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Allocates rows x inputs and rows x targets zeros. */
zg_status zg_dataset_alloc(size_t rows, size_t inputs, size_t targets, zg_dataset **out,
                           zg_error *error);
/* The rows order[0..count) of a data set, in that order. */
zg_status zg_dataset_select(const zg_dataset *dataset, size_t count, const size_t *order,
                            zg_dataset **out, zg_error *error);
zg_status zg_dataset_copy(const zg_dataset *dataset, zg_dataset **out, zg_error *error);
/* Splits by numpy.random.RandomState(seed).permutation(rows): the first round(fraction * rows) of
 * it train, the rest test; each part keeps the permuted order.  Both parts must have rows. */
zg_status zg_dataset_split(const zg_dataset *dataset, double fraction, uint32_t seed,
                           zg_dataset **train, zg_dataset **test, zg_error *error);

/* A cut in time: shares of the samples, or numbers of them from 1 on, in the order of the rows.
 * What lies between the validation's end and the last test samples is left out. */
typedef struct zg_time_split {
    double train, validation, test; /* validation 0: none; test 0: all the rest */
} zg_time_split;

/* The rows that each part's samples have (rows of a series lose the first ones of an experiment);
 * validation is NULL where there is none.  Training and test must have rows. */
zg_status zg_dataset_split_time(const zg_dataset *dataset, zg_time_split split, zg_dataset **train,
                                zg_dataset **validation, zg_dataset **test, zg_error *error);

/* The first count rows and the others; each part must have rows. */
zg_status zg_dataset_cut(const zg_dataset *dataset, size_t count, zg_dataset **first,
                         zg_dataset **others, zg_error *error);

/* One fold of several. */
typedef struct zg_fold {
    size_t folds, number; /* how many, and which one, from 0 */
    uint32_t seed;
    bool by_class; /* the first target holds classes: each is spread evenly over the folds */
} zg_fold;

/* Of the rows in the order of numpy's RandomState(seed).permutation(rows), fold k holds numbers
 * k * rows / folds up to the next fold's.  By class: sorted by class, in that order within each,
 * the row at place i is held by fold i mod folds.  held gets the fold's rows and train the others,
 * both in the order of the permutation.  Every fold must have rows. */
zg_status zg_dataset_fold(const zg_dataset *dataset, zg_fold fold, zg_dataset **train,
                          zg_dataset **held, zg_error *error);
/* The same as row numbers: order (rows) gets the training rows, then the held ones, of which there
 * are *count. */
zg_status zg_fold_rows(const zg_dataset *dataset, zg_fold fold, size_t *order, size_t *count,
                       zg_error *error);
/* The rows of both, which must have the same columns and labels. */
zg_status zg_dataset_append(const zg_dataset *first, const zg_dataset *others, zg_dataset **out,
                            zg_error *error);

/* Resolves NAN inputs, which stand for missing values, and NAN targets.  ZG_MISSING_ERROR refuses
 * them, ZG_MISSING_KEEP leaves them, ZG_MISSING_DROP leaves their rows out, ZG_MISSING_MEAN puts
 * the mean of the column's other values in place of inputs and refuses missing targets,
 * ZG_MISSING_TRAINING_MEAN refuses missing targets and leaves the inputs to zg_preprocess_fit. */
zg_status zg_dataset_resolve_missing(zg_dataset *dataset, zg_missing missing, zg_error *error);

/* Chooses target columns anew (zg_data_options.target; NULL changes nothing) among all columns:
 * inputs first, then the targets there were.  With a schema the columns become those of the schema
 * (zg_columns_place), and sparse rows that are narrower are filled up with zeros. */
zg_status zg_dataset_retarget(zg_dataset *dataset, const char *target, const zg_schema *schema,
                              zg_error *error);

/* The same by the options' target, schema, columns and drop (NULL: nothing changes). */
zg_status zg_dataset_rechoose(zg_dataset *dataset, const zg_data_options *options, zg_error *error);

/* The columns of a data set as a schema for others; borrowed. */
zg_schema zg_dataset_schema(const zg_dataset *dataset);

/* A copy with one input more, 1 in every row, behind the others; its name is no other's. */
zg_status zg_dataset_with_constant(const zg_dataset *dataset, zg_dataset **out, zg_error *error);

/* Takes the last of several target columns out of the data set as weights: rows, the caller's. */
zg_status zg_dataset_take_weights(zg_dataset *dataset, double **weights, zg_error *error);

/* Arrays of strings as used above: a deep copy (NULL gives NULL), and freeing one. */
zg_status zg_texts_copy(char *const *from, size_t count, char ***out);
/* The first of count texts that equals one before it; NULL counts as none.  *out is its index,
 * SIZE_MAX when all differ. */
zg_status zg_texts_repeated(const char *const *texts, size_t count, size_t *out);
void zg_texts_free(char **texts, size_t count);

/* ---- preprocessing: x <- (x - mean) / scale, and half-spaces ------------------------------- */

/* What a model knows of its inputs. */
typedef struct zg_preprocess {
    size_t inputs;
    char **names;         /* inputs, or NULL: unknown */
    zg_one_hot *one_hot;  /* which inputs stand for words, or NULL */
    double *fill;         /* inputs: stand in for missing values, before scaling; or NULL */
    double *mean, *scale; /* inputs each, or both NULL: identity */
    bool bias;            /* the input 1 stands behind the others, after scaling */
    size_t halfspaces;    /* 0, or the network gets 1{x'u >= 0} of so many u, x scaled and with */
    double *directions;   /* the bias: halfspaces x 2 (inputs + bias), see halfspaces.h, or NULL */
    zg_time_series *series; /* the inputs are its lags, or NULL */
} zg_preprocess;

/* The names of the data set's inputs; where it may have gaps, the means of the values that are
 * there; with standardize, means and population standard deviations of the rows, gaps filled;
 * constant columns get scale 1.  Whoever fits by rows that are not only training rows leaks. */
zg_status zg_preprocess_fit(const zg_dataset *dataset, bool standardize, zg_preprocess *out,
                            zg_error *error);
/* Only the means for gaps, whether or not the data set may have some. */
zg_status zg_preprocess_fit_fill(const zg_dataset *dataset, zg_preprocess *preprocess,
                                 zg_error *error);
/* Lets the network see the rows through all half-spaces that part them (halfspaces.h). */
zg_status zg_preprocess_fit_halfspaces(const zg_dataset *dataset, zg_preprocess *preprocess,
                                       zg_error *error);
/* Whether the half-spaces, if any, are all those of these rows: what is optimal over others is not
 * over all threshold units. */
zg_status zg_preprocess_check_halfspaces(const zg_dataset *dataset, const zg_preprocess *preprocess,
                                         zg_error *error);
/* Mean and population standard deviation of x[0], x[stride], .. x[(rows - 1) stride]; 1 for what
 * never changes. */
void zg_column_moments(size_t rows, size_t stride, const double *x, double *mean, double *scale);
zg_status zg_preprocess_copy(const zg_preprocess *from, zg_preprocess *out);
void zg_preprocess_clear(zg_preprocess *preprocess);
/* How many inputs a network gets: inputs, and the constant one where there is a bias; or as many as
 * there are half-spaces. */
size_t zg_preprocess_width(const zg_preprocess *preprocess);
/* Whether the network gets the inputs as they are. */
bool zg_preprocess_is_identity(const zg_preprocess *preprocess);
/* out (n x width) from x (n x inputs); with neither bias nor half-spaces out may be x.  A NAN is
 * filled, where there is something to fill it with, and stays NAN elsewhere. */
void zg_preprocess_apply(const zg_preprocess *preprocess, size_t n, const double *x, double *out);

/* ---- target encoding ---------------------------------------------------------------------- */

typedef struct zg_encoding {
    zg_task task;
    size_t outputs;
    size_t label_count;   /* 2 for binary, outputs for multiclass, 0 for regression */
    double *values;       /* label_count sorted numeric labels, or NULL when labels are texts */
    char **texts;         /* label_count sorted text labels, or NULL */
    char **names;         /* of the target columns (zg_encoding_targets), or NULL: unknown */
    size_t *columns;      /* see zg_columns_targets; NULL: the last ones, or unknown */
    double *mean, *scale; /* regression: outputs each, y = (t - mean) / scale; or both NULL */
} zg_encoding;

/* The number of target columns: one per output, or the one with the labels. */
size_t zg_encoding_targets(const zg_encoding *encoding);
/* What ZG_TASK_AUTO is for a data set; other tasks are themselves. */
zg_task zg_task_of(const zg_dataset *dataset, zg_task task);
/* Finds the sorted labels in the data (binary: exactly two); the task is zg_task_of's. */
zg_status zg_encoding_fit(const zg_dataset *dataset, zg_task task, zg_encoding *out,
                          zg_error *error);
/* Has the targets of a regression standardised by the rows' means and population standard
 * deviations; those that never change get scale 1. */
zg_status zg_encoding_standardize(zg_encoding *encoding, const zg_dataset *dataset,
                                  zg_error *error);
zg_status zg_encoding_copy(const zg_encoding *from, zg_encoding *out);
void zg_encoding_clear(zg_encoding *encoding);
/* y (outputs x rows, output-major); an unseen label is an error that names it.  Labels trained as
 * texts and given as numbers, or the other way round, are the same when they read as the same
 * number. */
zg_status zg_encoding_apply(const zg_encoding *encoding, const zg_dataset *dataset, double *y,
                            zg_error *error);

/* The same in the targets' own units: scores are told in these. */
zg_status zg_encoding_targets_of(const zg_encoding *encoding, const zg_dataset *dataset, double *y,
                                 zg_error *error);
/* Brings outputs f (outputs x n) into the targets' own units. */
void zg_encoding_decode(const zg_encoding *encoding, size_t n, double *f);

/* Weights of classes, times those of the rows: *weights (rows, the caller's) is made when it is
 * NULL.  text is "balanced", n / (classes * rows of the class), or "LABEL=W,LABEL=W", 1 for others.
 */
zg_status zg_class_weights(const zg_encoding *encoding, const zg_dataset *dataset, const char *text,
                           double **weights, zg_error *error);

/* The columns that a model needs; borrowed. */
zg_schema zg_model_schema(const zg_preprocess *preprocess, const zg_encoding *encoding);

/* ---- how good predictions are --------------------------------------------------------------- */

/* The class that the outputs f (outputs x n, output-major) of sample i stand for, an index into the
 * labels: by the sign for binary (0 counts as +1), by the largest output (the first of equal ones)
 * for multiclass. */
size_t zg_predicted_class(const zg_encoding *encoding, size_t n, const double *f, size_t i);
/* Share of rows whose label is predicted right; f and y as above.  NAN for regression, for n = 0,
 * and where an output is not finite: its sign says nothing. */
double zg_accuracy(const zg_encoding *encoding, size_t n, const double *f, const double *y);
/* Root mean squared error over all outputs, whatever their size; NAN for n = 0, and where an output
 * is not finite. */
double zg_rmse(size_t count, const double *f, const double *y);

#endif
