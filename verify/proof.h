/*
 * The proof: L <= p* <= U.
 *
 * Above, p* is at most the objective of any network, and the certificate has one (network.c).
 * Below, a convex problem has a dual vector (loss.c, cone.c), and a concave penalty a tree of boxes
 * (tree.c).  docs/certificate.md has the statements that are proven here, under the same letters.
 */
#ifndef ZV_PROOF_H
#define ZV_PROOF_H

#include "claim.h"

/* Judges a certificate against its data: the whole run.  Both texts, of size and data_size bytes
 * and a NUL each, are overwritten; the claim points into them, and into the session, whose limits
 * and tier the caller sets.  The result is in the session, whose memory zv_release frees. */
void zv_judge(zv_session *s, zv_claim *c, char *certificate, size_t size, char *data,
              size_t data_size);

/* Each of the following notes in the session what is not proven. */

/* loss.c: out = a lower bound of the sum of D_i(v_i) over the samples of one output, exact unless
 * the samples are weighted or the loss is logistic; notes where v leaves the domain of D. */
void zv_dual_value(const zv_claim *c, size_t output, const double *v, mpq_t out);
/* loss.c: adds to lower and upper the two ends of w loss(f', y), y being element (output n +
 * sample) of the targets, for every f' that is within error of f.  (Logistic: lower is none.) */
void zv_add_loss(const zv_claim *c, size_t element, const mpq_t f, const mpq_t error, mpq_t lower,
                 mpq_t upper);
/* loss.c: out = beta |alpha|, or its power, on that side. */
void zv_penalty(const zv_claim *c, const mpq_t alpha, int side, mpq_t out);

/* network.c: the response of a neuron, normalised, to every sample, and how far each may be off. */
void zv_respond(const zv_claim *c, size_t neuron, mpq_t *response, mpq_t *error);
/* network.c: upper = the objective of the network, from above. */
void zv_judge_network(const zv_claim *c, mpq_t upper);

/* cone.c, tree.c: lower = what is proven of p* from below, if all went well. */
void zv_judge_cones(const zv_claim *c, mpq_t lower);
void zv_judge_tree(const zv_claim *c, mpq_t lower);

#endif
