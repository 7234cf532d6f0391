/* What train, certify and export share: options that name data and model, and their loading. */
#ifndef ZG_CLI_INPUTS_H
#define ZG_CLI_INPUTS_H

#include "cli/options.h"
#include "cli/table_options.h"
#include "core/problem.h"

typedef struct zg_inputs {
    /* As given on the command line. */
    const char *data, *target, *weights_column, *task, *split, *validation_share, *seed;
    const char *test_data; /* separate test rows, or NULL */
    const char *activation, *architecture, *loss, *beta, *robust, *neuron_set, *rows;
    const char *class_weights;
    const char *salt;   /* of the certificate's digest: a file, or NULL */
    bool sums;          /* the certificate is about sums over the rows */
    const char *series; /* lags as zg_lags_parse reads them, or NULL */
    bool header, no_header, standardize, standardize_target, bias, halfspaces;
    zg_table_options table;
    const zg_schema *schema; /* the columns of a model, for its commands, or NULL */
    zg_lags lags;            /* what series says */
    bool folds;              /* others than this part draw rows by the seed */
    /* As loaded. */
    zg_dataset *train, *validation, *test; /* the last two are NULL where there are none */
    double *weights;                       /* of the training rows, or NULL */
    zg_model_options model;
    zg_preprocess preprocess;
    zg_encoding encoding;
} zg_inputs;

/* The options that fill it: which file; which of its rows train, and how; the model.  How a file
 * is read: zg_table_options_rows(&inputs->table). */
zg_cli_table zg_inputs_file_options(zg_inputs *inputs);
zg_cli_table zg_inputs_training_options(zg_inputs *inputs);
zg_cli_table zg_inputs_model_options(zg_inputs *inputs);

/* Loads --data and test rows, splits it, and parses the model options; --beta must be there when
 * needed is set.  The preprocessing and the encoding are fitted to the training rows when fit is
 * set, and validation and test rows are checked: a label that no training row has is reported
 * before hours of training. */
zg_status zg_inputs_load(zg_inputs *inputs, bool needs_beta, bool fit, zg_error *error);
/* Fits encoding, preprocessing and class weights to the training rows. */
zg_status zg_inputs_fit(zg_inputs *inputs, zg_error *error);
/* The parts of it that need no data: model options, and how files are read. */
zg_status zg_inputs_parse_model(zg_inputs *inputs, bool needs_beta, zg_error *error);
zg_status zg_inputs_data_settings(const zg_inputs *inputs, zg_data_options *out, zg_error *error);
void zg_inputs_clear(zg_inputs *inputs);

/* A command that asks a model about the rows of a table: parses the options of the file and the
 * command's own, calls run with what the own ones fill, and clears inputs, which are part of that.
 * Returns the exit status. */
int zg_inputs_command(const zg_cli_command *command, const zg_cli_table *own, zg_inputs *inputs,
                      int (*run)(void *arguments), int argc, char **argv);

#endif
