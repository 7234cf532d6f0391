/*
 * What is proven about an instance, from the files beside it.
 *
 * NAME.certificate.json and NAME.csv prove an interval of the optimum; NAME.json may hold a ray
 * that proves that there is none.  Neither names, digests nor the table are believed:
 * zerogap-verify checks the certificate again, and the semidefinite program of the very problem
 * that it is about is posed again and must equal the instance entry by entry; a ray is checked
 * against the instance.
 */
#ifndef ZG_RUNNER_INSTANCE_PROOF_H
#define ZG_RUNNER_INSTANCE_PROOF_H

#include "solvers/judge.h"

typedef struct zg_instance_proof {
    zg_known known;
    char certificate[1024]; /* the file behind the interval, or empty */
    char note[400];         /* why nothing is known, or empty */
} zg_instance_proof;

/* sdp: the instance NAME.dat-s or NAME.cbf at path, as read.  Where there is no proof, or something
 * in it does not fit, nothing is known and note says why.  Errors: memory, and a temporary folder
 * that cannot be made. */
zg_status zg_instance_proof_find(const char *path, const zg_sdp *sdp, zg_instance_proof *out,
                                 zg_error *error);

#endif
