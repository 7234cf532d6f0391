/* Predictions as lines, CSV or JSON, and how good they are. */
#ifndef ZG_CLI_PREDICTION_H
#define ZG_CLI_PREDICTION_H

#include "core/scores.h"

#include <stdio.h>

/* What is written per row, and how. */
typedef struct zg_prediction_style {
    bool scores;   /* the outputs of a classifier, and probabilities where they are log odds */
    bool log_odds; /* they are */
    bool names;    /* CSV: a first line with the columns' names */
    bool json;     /* a JSON object per row instead of CSV */
} zg_prediction_style;

/* One line per row, in their order, of the outputs f (outputs x n, output-major). */
zg_status zg_prediction_write(const zg_encoding *encoding, const zg_prediction_style *style,
                              size_t n, const double *f, FILE *out, zg_error *error);

/* The scores as text, or as one JSON document. */
void zg_prediction_summary(const zg_encoding *encoding, const zg_scores *scores, const char *model,
                           bool json, FILE *out);

#endif
