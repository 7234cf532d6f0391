/*
 * The discrepancy of two samples that a polynomial network sees: how far its mean on one can lie
 * from its mean on the other, for networks with sum |alpha| <= 1.
 *
 *   D = max over networks of |mean f(first) - mean f(second)| = max over unit neurons u of the
 * same,
 *
 * as the mean is linear in the network and the networks are the convex hull of neurons and their
 * negatives.  That is lambda(v) (certificate.h) at v = 1/n_1 on the first sample, -1/n_2 on the
 * second: one eigendecomposition, exact, with a neuron that attains it.  (The critic of a
 * Wasserstein GAN: A. Sahiner et al., "Hidden Convexity of Wasserstein GANs", ICLR 2022; the
 * polynomial activation is this project's.)  With sigma(t) = t^2 it is the spectral norm of the
 * difference of second moments.
 */
#ifndef ZG_CORE_DISCREPANCY_H
#define ZG_CORE_DISCREPANCY_H

#include "core/proof.h"

typedef struct zg_discrepancy {
    size_t first, second; /* rows of each: those with y < 0, and the others */
    double attained;      /* safe: at most what the witness sees */
    double bound;         /* safe: at least the discrepancy */
    size_t group;         /* of the witness */
    double *u;            /* width: the witness, of length 1 */
    int sign;             /* of mean(first) - mean(second) at the witness */
    double *rho; /* groups x 2: multipliers of the cones for n_1 n_2 times the discrepancy */
} zg_discrepancy;

/* Of a problem with two classes on the sphere; its loss and beta do not count. */
zg_status zg_discrepancy_find(const zg_problem *problem, zg_discrepancy *out, zg_error *error);
void zg_discrepancy_clear(zg_discrepancy *discrepancy);

/* How many of `count` permutations of the labels (numpy's RandomState(seed).permutation, one after
 * the other) have a discrepancy of at least `attained`: a bound below it does not count, so that
 * rounding makes p = (1 + exceeding) / (1 + count) larger, never smaller. */
zg_status zg_discrepancy_permute(const zg_problem *problem, double attained, size_t count,
                                 uint32_t seed, size_t *exceeding, zg_error *error);

/* The generator that is best against the quadratic critic, in closed form: among the symmetric
 * positive semidefinite C with |S - C|_2 <= eps, where S is the mean of x x', the one of least
 * trace is (S - eps I)_+, the soft threshold of the spectrum. */
typedef struct zg_moment_generator {
    size_t inputs, rank;
    double *map;  /* inputs x inputs, symmetric: x -> map x turns rows with S into such with C */
    double trace; /* of C */
    double least; /* safe: no admissible C has a smaller one */
} zg_moment_generator;

/* least is sum over the top eigenvectors p of p'S p - eps: for 0 <= P <= I and any admissible C,
 * tr C >= <P, C> >= <P, S> - eps tr P. */
zg_status zg_moment_generator_create(size_t n, size_t inputs, const double *x, double eps,
                                     zg_moment_generator *out, zg_error *error);
void zg_moment_generator_clear(zg_moment_generator *generator);

typedef struct zg_discrepancy_claim {
    double lower, upper; /* as claimed in the file */
    char data_file[ZG_PROOF_PATH_SIZE];
} zg_discrepancy_claim;

/* Writes the certificate (docs/certificate.md, section 10) to path; of the proof, only problem,
 * dataset, data_path and target are used.  Nothing is written, and the status is ZG_BAD_INPUT,
 * where it could only claim an upper end above `most` (INFINITY: any). */
zg_status zg_discrepancy_write(const char *path, const zg_proof *proof,
                               const zg_discrepancy *discrepancy, double most,
                               zg_discrepancy_claim *out, zg_error *error);

#endif
