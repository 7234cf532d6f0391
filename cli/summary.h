/* The result of one training run, for people and as JSON. */
#ifndef ZG_CLI_SUMMARY_H
#define ZG_CLI_SUMMARY_H

#include "cli/inputs.h"
#include "core/proof.h"
#include "train/training.h"

#include <jansson.h>

typedef struct zg_summary {
    const zg_training *training;
    const zg_assessment *assessment; /* the verdict */
    const zg_problem *problem;
    const zg_inputs *inputs;
    const zg_method *method;
    double tolerance;
    const char *model;           /* where the network was written, or NULL */
    const char *certificate;     /* where it was written, or NULL */
    const zg_proof_claim *claim; /* what it claims; with certificate */
    const char *trouble;         /* why the method ended early, or NULL */
    json_t *path;                /* the path that beta was chosen on, or NULL; borrowed */
} zg_summary;

/* Prints and returns the exit status: 0 certified, 2 wrong, else 5. */
int zg_summary_print(const zg_summary *summary, bool json, FILE *out);

/* The lines of a gap, which may be none, and of a verdict that needs words; shared by commands. */
void zg_print_gap(const zg_certificate *certificate, const char *remark, FILE *out);
void zg_print_verdict(const zg_assessment *assessment, FILE *out);

/* The word of a verdict, as in logs, and its exit status. */
const char *zg_decision_name(zg_decision decision);
int zg_decision_exit(zg_decision decision);

const char *zg_bound_source_text(zg_bound_source source);

#endif
