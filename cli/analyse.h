/* What the parts of `zerogap analyse` share. */
#ifndef ZG_CLI_ANALYSE_H
#define ZG_CLI_ANALYSE_H

#include "cli/inputs.h"
#include "core/network.h"

#include <jansson.h>

typedef struct zg_analysis {
    /* As given. */
    zg_inputs inputs;
    const char *model, *radius, *norm, *ball, *centre, *output, *html, *chart_js, *certificate,
        *attack, *lyapunov;
    bool raw, json, quiet, force;
    /* As read. */
    zg_network *network;
    double r, ball_radius;
    size_t restarts; /* of attacks; 0: none */
    bool box;        /* --norm linf */
    /* As found. */
    bool undecided; /* the Lyapunov function was not proven to be one */
} zg_analysis;

/* Worst cases round the rows of --data.  Text goes to standard output, or members into root. */
zg_status zg_analyse_rows(zg_analysis *a, json_t *root, zg_error *error);
/* Whether the network is a Lyapunov function of the map of --lyapunov. */
zg_status zg_analyse_lyapunov(zg_analysis *a, json_t *root, zg_error *error);
/* Range, steepness and sensitivities of every output in one ball. */
zg_status zg_analyse_ball(zg_analysis *a, json_t *root, zg_error *error);

/* "standardised", "raw": which units radii are in. */
const char *zg_analysis_units(const zg_analysis *a);
/* What an output is called: a target, a class, or its number; name has room for 128 bytes. */
void zg_analysis_output(const zg_network *network, size_t output, char name[128]);

#endif
