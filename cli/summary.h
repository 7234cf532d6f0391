/* The result of one training run, for people and as JSON. */
#ifndef ZG_CLI_SUMMARY_H
#define ZG_CLI_SUMMARY_H

#include "cli/inputs.h"
#include "core/proof.h"
#include "train/training.h"

typedef struct zg_summary {
    const zg_training *training;
    const zg_problem *problem;
    const zg_inputs *inputs;
    const zg_method *method;
    double tolerance;
    const char *model;           /* where the network was written, or NULL */
    const char *certificate;     /* where it was written, or NULL */
    const zg_proof_claim *claim; /* what it claims; with certificate */
    const char *trouble;         /* why the method ended early, or NULL */
} zg_summary;

/* Prints and returns the exit status: 0 when the certified gap is within the tolerance, else 5. */
int zg_summary_print(const zg_summary *summary, bool json, FILE *out);

const char *zg_bound_source_text(zg_bound_source source);

#endif
