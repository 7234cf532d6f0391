/*
 * How good predictions are, each score by its textbook definition.
 *
 * Of n rows with outputs f and encoded targets y (both outputs x n, output-major):
 *  rmse      sqrt(mean over rows and outputs of (f - y)^2)
 *  r2        1 - sum (y - f)^2 / sum (y - mean y)^2, the mean over the outputs of several
 *  accuracy  share of rows whose class is predicted right
 *  balanced  mean over the classes that occur of the share of their rows predicted right
 *  auc       probability that a row of the second class has a larger output than one of the first,
 *            equal ones half; of several classes the mean over one class against the rest
 *  log loss  mean of -ln p(the row's own class),  p = 1 / (1 + exp(-f)) for the second class
 *  brier     mean of (p - [second class])^2
 */
#ifndef ZG_CORE_SCORES_H
#define ZG_CORE_SCORES_H

#include "data/dataset.h"

/* Numbers are NAN where they have no meaning, or no value (the R2 of constant targets, the AUC of
 * one class). */
typedef struct zg_scores {
    zg_task task;
    size_t rows, outputs, classes; /* classes: 0 for regression */
    double rmse, r2;
    double *output_rmse, *output_r2; /* outputs each; regression */
    double accuracy, balanced_accuracy, auc;
    double log_loss, brier; /* where outputs are log odds */
    size_t *confusion;      /* classes x classes: row the class, column the prediction */
} zg_scores;

/* log_odds: the outputs of a binary task are log odds (trained with logistic loss). */
zg_status zg_scores_compute(const zg_encoding *encoding, bool log_odds, size_t n, const double *f,
                            const double *y, zg_scores *out, zg_error *error);
void zg_scores_clear(zg_scores *scores);

/* 1 / (1 + exp(-f)), to full relative precision on either side. */
double zg_probability(double f);

#endif
