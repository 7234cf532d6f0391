/* train with several values of beta: what was asked for, the path, and the choice. */
#ifndef ZG_CLI_BETA_PATH_H
#define ZG_CLI_BETA_PATH_H

#include "cli/inputs.h"
#include "train/path.h"

#include <jansson.h>

typedef struct zg_beta_path {
    const char *beta;  /* a list with commas, taken from the inputs, or NULL */
    const char *count; /* of --beta-path: N or N,RATIO */
    const char *folds, *html;
    bool one_standard_error;
} zg_beta_path;

/* The options that fill it. */
zg_cli_table zg_beta_path_options(zg_beta_path *path);

/* Whether a path is asked for; takes a list of betas out of inputs->beta then. */
bool zg_beta_path_wanted(zg_beta_path *path, zg_inputs *inputs);

/* An option given that is of no use without a path, or NULL. */
const char *zg_beta_path_idle(const zg_beta_path *path);

/* Trains along the path and prints it (not with json).  *chosen tells whether inputs->model.beta is
 * now the beta that was chosen; validation rows have then joined the training rows.  The result is
 * the caller's to clear. */
zg_status zg_beta_path_run(const zg_beta_path *path, zg_inputs *inputs, const zg_method *method,
                           const zg_value *values, const zg_control *control, bool json, bool quiet,
                           zg_path *out, bool *chosen, zg_error *error);

/* Prints the path as a table with a bar for each score, or gives it as JSON (the caller's). */
void zg_path_print(const zg_path *path, bool chosen, FILE *out);
json_t *zg_path_json(const zg_path *path, bool chosen);
/* A page of its own: objective, penalty, neurons and scores over beta. */
zg_status zg_path_html(const zg_path *path, bool chosen, const char *title, const char *file,
                       zg_error *error);

/* The exit status of all networks of the path together. */
int zg_path_exit(const zg_path *path);

#endif
