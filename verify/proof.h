/*
 * The proof: L <= p* <= U, or the margins of a network in balls round its rows (margin.c), or how
 * far apart two samples are for networks (discrepancy.c).
 *
 * Above, p* is at most the objective of any network, and the certificate has one (network.c).
 * Below, a convex problem has a dual vector (loss.c, cone.c), and a concave penalty a tree of boxes
 * (tree.c).  docs/certificate.md has the statements that are proven here, under the same letters.
 */
#ifndef ZV_PROOF_H
#define ZV_PROOF_H

#include "claim.h"
#include "number.h"

#include <stdio.h>

struct zv_json;

/* Judges a certificate against its data: the whole run.  Both texts, of size and data_size bytes
 * and a NUL each, are overwritten; the claim points into them, and into the session, whose limits
 * and tier the caller sets.  The result is in the session, whose memory zv_release frees. */
void zv_judge(zv_session *s, zv_claim *c, char *certificate, size_t size, char *data,
              size_t data_size);
/* statement.c: prints the verdict in one line, or as one JSON object; where it is "proven", with
 * what exactly was proven, so that nobody has to trust the certificate's author about rows,
 * targets, preprocessing or weights. */
void zv_print(FILE *file, bool json, zv_session *s, const zv_claim *c);

/* parts.c: what the certificate has besides the data of what the claim is about, and of what it
 * claims where that is more than the statement can print; at most ZV_PARTS of them. */
#define ZV_PARTS 8
typedef struct zv_part {
    const char *name;
    char digest[ZV_SHA256_SIZE];
    bool alone; /* the claim is about it, and no file was held against it */
} zv_part;
size_t zv_list_parts(const zv_claim *c, zv_part parts[ZV_PARTS]);

/* Each of the functions below notes in the session what is not proven. */

/* loss.c: sum += D_i(v_i) of the samples of one output. */
void zv_add_dual_value(const zv_claim *c, size_t output, const double *v, zv_number *sum);
/* loss.c: the same of a robust problem, whose v belong to copies. */
void zv_add_copies_value(const zv_claim *c, zv_number *sum);
/* loss.c: w loss(f, y), y being element (output n + sample) of the targets. */
zv_number *zv_loss_of(const zv_claim *c, size_t element, const zv_number *f);
/* loss.c: beta |alpha|, or its power. */
zv_number *zv_penalty(const zv_claim *c, const zv_number *alpha);

/* halfspaces.c: n x *count numbers: in column k, for each of the n rows x (n x d, d at most 3), 1
 * where x'u >= 0 and 0 elsewhere, for every pattern that some u, not 0, makes of them.  Patterns
 * are in ascending order, the first row's digit being the highest. */
double *zv_halfspaces(zv_session *s, size_t n, size_t d, const double *x, size_t *count);
/* network.c: 1 / |u|, u the first half of a pair.  Directions must have about unit length, or
 * "normalised" would hide what the network is. */
zv_number *zv_inverse_length(const zv_claim *c, size_t neuron);
/* network.c: the response of a neuron, normalised, to every sample. */
void zv_respond(const zv_claim *c, size_t neuron, zv_number *response);
/* network.c: objective, which is 0, becomes the network's. */
void zv_judge_network(const zv_claim *c, zv_number *objective);

/* semidefinite.c: `order` where the matrix is positive semidefinite, the index of a pivot that
 * shows that it is not, with its value in pivot (initialised), or ZV_UNDECIDED where it is too
 * close to singular for its size.  The matrix, of order squared, is kept; work, as large, is
 * overwritten. */
#define ZV_UNDECIDED SIZE_MAX
size_t zv_bad_pivot(zv_session *s, mpz_t *matrix, mpz_t *work, size_t order, mpq_t pivot);

/* Whether the matrix is positive definite, which is decided for singular ones, too. */
typedef enum zv_definiteness { ZV_DEFINITE, ZV_INDEFINITE, ZV_TOO_LARGE } zv_definiteness;
zv_definiteness zv_is_definite(zv_session *s, mpz_t *matrix, mpz_t *work, size_t order);

/* cone.c: gram = sum of v x x' over the samples and the group's patches, in units of 2^-(3 unit),
 * lower triangle; a border is one more coordinate that is always 1.  row has room for one x. */
void zv_form_gram(const zv_claim *c, const double *v, size_t group, size_t order, mpz_t *gram,
                  mpz_t *row);
/* counting.c: false in programs for 32 bits, whose numbers are too short for an enumeration. */
bool zv_can_count(void);
/* The highest level of a weight in a finite neuron set, and how many neurons it has. */
int64_t zv_highest_level(const zv_claim *c);
double zv_count_size(const zv_claim *c);

/* cone.c: that all cones are positive semidefinite. */
void zv_judge_definite(const zv_claim *c);
/* cone.c, counting.c, tree.c: bound, which is 0, becomes what is proven of p* from below, if all
 * went well. */
void zv_judge_cones(const zv_claim *c, zv_number *bound);
void zv_judge_count(const zv_claim *c, zv_number *bound);
void zv_judge_tree(const zv_claim *c, zv_number *bound);

/* robust.c: that each copy is within the radius of its sample. */
void zv_judge_copies(const zv_claim *c);
/* robust.c: objective, which is 0, becomes the network's at its proven margins, which are judged.
 */
void zv_judge_robust_network(const zv_claim *c, zv_number *objective);

/* rows.c: that rows which are functionals are made from the data as the session asks, and how. */
void zv_trace_rows(zv_claim *c);

/* functional.c: the same gram of rows that are functionals, in units of 2^-(4 unit); the responses
 * of a neuron to them; and objective, which is 0, becomes the network's. */
void zv_form_functional_gram(const zv_claim *c, const double *v, size_t order, mpz_t *gram,
                             mpz_t *row);
void zv_respond_functionals(const zv_claim *c, size_t neuron, zv_number *response);
void zv_judge_functional_network(const zv_claim *c, zv_number *objective);

/* sums.c: its fields behind the format, with the matrix; that this is one of sums of squares; the
 * gram of cone.c, in units of 2^-(2 unit); the dual value of one output, added to sum; and
 * objective, which is 0, becomes the network's. */
void zv_read_sums(zv_claim *c, struct zv_json *j, char *data, size_t size);
void zv_judge_sums(const zv_claim *c);
void zv_form_sums_gram(const zv_claim *c, size_t output, size_t order, mpz_t *gram);
void zv_add_sums_value(const zv_claim *c, size_t output, zv_number *sum);
void zv_judge_sums_network(const zv_claim *c, zv_number *objective);

/* discrepancy.c: both ends of a claim about the means on two samples. */
void zv_judge_discrepancy(const zv_claim *c);
/* margin.c: every margin of a claim about worst cases. */
void zv_judge_margins(const zv_claim *c);

/* vicinity.c: whether sqrt(2 (upper - lower)), of the session's bounds and from above, is how far
 * the predictions of optima can be; and the same for points that did not train. */
bool zv_has_vicinity(const zv_claim *c);
zv_number *zv_vicinity(zv_session *s);
size_t zv_feature_count(const zv_claim *c);
void zv_read_points(zv_claim *c, struct zv_json *j);
void zv_judge_points(const zv_claim *c);

/* lyapunov.c: that V is positive and decreases; and its fields behind the format, with the map. */
void zv_judge_lyapunov(const zv_claim *c);
void zv_read_lyapunov(zv_claim *c, struct zv_json *j, char *data, size_t size);

#endif
