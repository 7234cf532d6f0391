/*
 * Proofs: certificate files (docs/certificate.md) that zerogap-verify checks in exact arithmetic.
 *
 * The dual vector that certifies a bound in floating point may violate the cones by a few rounding
 * errors.  Here it is moved the least way towards (v, rho) = (0, beta / 2), which is strictly
 * feasible, at which the cone matrices are safely positive definite; both ends of the claim are
 * then rounded outward by more than what their evaluation can be off.
 */
#ifndef ZG_CORE_PROOF_H
#define ZG_CORE_PROOF_H

#include "core/network.h"
#include "core/vicinity.h"

#include <sha2.h>

/* Where a problem's rows are in a CSV file. */
typedef struct zg_proof_source {
    bool header;
    size_t columns;
    size_t targets, *target; /* 0-based columns of the targets, in their order */
    size_t samples, *rows;   /* 0-based records without the header; NULL: all, in order */
} zg_proof_source;

/* Finds every row of the data set in the CSV file by its numbers (or label), so that splits,
 * dropped rows and permutations need no record of how they were made.  target is
 * zg_data_options.target, needed where the file has no header.  ZG_MISSING when the file is no CSV
 * with these rows. */
zg_status zg_proof_find_rows(const char *path, const zg_dataset *dataset, const char *target,
                             zg_proof_source *out, zg_error *error);
void zg_proof_source_clear(zg_proof_source *source);

#define ZG_PROOF_SALT_SIZE 32
typedef struct zg_proof {
    const zg_problem *problem; /* l1 penalty */
    const zg_dataset *dataset; /* the problem's rows as read, before preprocessing */
    const zg_network *network; /* the upper bound; NULL: claim a lower bound only */
    const double *dual;        /* outputs x samples, any vector; NULL: v = 0 */
    bool exact;                /* dual and rho meet the cones, and the network the targets where */
    const double *rho;         /* they must be met, without rounding: they are claimed as they are
                                * (rho: outputs x groups x 2; NULL: unbordered) */
    const zg_bands *bands;     /* claimed, too, where there is a network; NULL: none */
    bool sums;                 /* of sums over the rows alone: no row, and no bands */
    const char *data_path;     /* the data file, if any, and its target option */
    const char *target;
    const unsigned char *salt; /* ZG_PROOF_SALT_SIZE bytes in front of what is digested, or NULL */
} zg_proof;

#define ZG_PROOF_PATH_SIZE 1024
typedef struct zg_proof_claim {
    double lower, upper, gap; /* as claimed in the file; upper and gap are NAN without a network */
    double lost;              /* of the lower bound, by shrinking and rounding */
    bool relaxed; /* and as only the relaxation is proven, where neurons were searched */
    bool sums;    /* what is proven is proven of sums over the rows */
    char data_file[ZG_PROOF_PATH_SIZE]; /* the file to verify with */
} zg_proof_claim;

/* What a file's lower end may be below the printed one for zg_judge_written to let the result
 * stand: a hundredth of the tolerance, relative to objectives of at least 1, for rounding; all that
 * it lost where only a relaxation is proven, which is said; nothing where the sums are what it
 * proves, a problem of their own. */
double zg_proof_allowance(const zg_proof_claim *claim, double objective, double tolerance);

/* SHA-256, as 64 hexadecimal digits, of the doubles of x as read (samples x inputs, row-major),
 * then of y (outputs x samples), both little-endian: how a certificate names its data. */
#define ZG_PROOF_DIGEST_SIZE 65
/* A part of it: what one call after the other adds to a context of SHA256Init. */
void zg_proof_digest_add(SHA2_CTX *context, size_t count, const double *values);
void zg_proof_digest(size_t samples, size_t inputs, size_t outputs, const double *x,
                     const double *y, char hex[ZG_PROOF_DIGEST_SIZE]);

/* The largest order of a matrix of sums that a certificate is written for. */
#define ZG_SUMS_PROOF_ORDER 1400
/* Whether zg_proof.sums can certify such a problem: the squared loss of a dense network, not too
 * many inputs.  Otherwise ZG_UNSUPPORTED, and why; before anything is computed. */
zg_status zg_sums_proof_check(const zg_problem *problem, zg_error *error);

/* Writes the certificate to path.  Where data_path is no CSV file that holds the rows (other
 * formats, filled-in values, catalogue names), they are written to "PATH.csv", and that is the data
 * file. */
zg_status zg_proof_write(const char *path, const zg_proof *proof, zg_proof_claim *out,
                         zg_error *error);

#endif
