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
#include "number.h"

#include <stdio.h>

/* Judges a certificate against its data: the whole run.  Both texts, of size and data_size bytes
 * and a NUL each, are overwritten; the claim points into them, and into the session, whose limits
 * and tier the caller sets.  The result is in the session, whose memory zv_release frees. */
void zv_judge(zv_session *s, zv_claim *c, char *certificate, size_t size, char *data,
              size_t data_size);
/* statement.c: prints the verdict in one line, or as one JSON object; where it is "proven", with
 * what exactly was proven, so that nobody has to trust the certificate's author about rows,
 * targets, preprocessing or weights. */
void zv_print(FILE *file, bool json, zv_session *s, const zv_claim *c);

/* Each of the functions below notes in the session what is not proven. */

/* loss.c: sum += D_i(v_i) of the samples of one output. */
void zv_add_dual_value(const zv_claim *c, size_t output, const double *v, zv_number *sum);
/* loss.c: w loss(f, y), y being element (output n + sample) of the targets. */
zv_number *zv_loss_of(const zv_claim *c, size_t element, const zv_number *f);
/* loss.c: beta |alpha|, or its power. */
zv_number *zv_penalty(const zv_claim *c, const zv_number *alpha);

/* network.c: the response of a neuron, normalised, to every sample. */
void zv_respond(const zv_claim *c, size_t neuron, zv_number *response);
/* network.c: objective, which is 0, becomes the network's. */
void zv_judge_network(const zv_claim *c, zv_number *objective);

/* cone.c, tree.c: bound, which is 0, becomes what is proven of p* from below, if all went well. */
void zv_judge_cones(const zv_claim *c, zv_number *bound);
void zv_judge_tree(const zv_claim *c, zv_number *bound);

#endif
