/*
 * The proof tree of a branch and bound as a certificate file (docs/certificate.md, "Trees") that
 * zerogap-verify checks in exact arithmetic.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_CERTIFICATE_H
#define ZG_BASELINES_WEIGHT_DECAY_CERTIFICATE_H

#include "baselines/weight_decay/dictionary.h"
#include "baselines/weight_decay/tree.h"

typedef struct zg_decay_proof {
    const zg_problem *training;      /* dense, one output, power penalty */
    const zg_dictionary *dictionary; /* column k of decay is its neuron k */
    const zg_decay_problem *decay;   /* the program that was solved */
    const size_t *origin;            /* decay->rows: the sample behind each row; NULL: row i is i */
    const zg_decay_record *record;
    const zg_decay_result *result; /* complete */
} zg_decay_proof;

/* Writes the certificate to path, and the numbers of the training problem (preprocessed inputs,
 * encoded targets) to "PATH.csv": that is the data file to verify with.  An upper bound is claimed
 * where it holds exactly: always with a loss, under equality constraints for weights that are whole
 * numbers.  ZG_FAILED when the tree is not complete, ZG_UNSUPPORTED for powers that are no fraction
 * r/s with s <= 64. */
zg_status zg_decay_certificate_write(const char *path, const zg_decay_proof *proof,
                                     zg_error *error);

#endif
