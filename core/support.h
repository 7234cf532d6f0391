/*
 * The support function of the set of admissible neurons: all that lift, loss, certificate and
 * reports know of the set.
 *
 * The response of a neuron u to a dual vector, sum_i v_i sigma(x_i, u), is a quadratic in u; a
 * certificate asks how large it and its negative can get over the set.  On the sphere that is an
 * eigenvalue problem (sphere.h), on a small finite set an enumeration (set_enumeration.h), and
 * beyond a relaxation: whatever the way, the answer is a bound that holds.
 */
#ifndef ZG_CORE_SUPPORT_H
#define ZG_CORE_SUPPORT_H

#include "core/set_search.h"

/* How a bound can be proven to somebody who does not believe it. */
typedef enum zg_support_proof {
    ZG_PROOF_SPHERE,  /* by the multiplier rho of the sphere's cone, which holds for all sets */
    ZG_PROOF_CUBE,    /* by a multiplier a weight, of binary neurons and pairs */
    ZG_PROOF_COUNTING /* by enumeration */
} zg_support_proof;
/* What is used for neurons of this width. */
zg_support_proof zg_support_proof_of(zg_neuron_set set, size_t width);

/* Safe upper bounds on the maximum over the set of the response (value[0]) and of its negative
 * (value[1]); rho[0], rho[1] (or NULL) are the multipliers of the sphere's cones, 0 where they are
 * not what proves the bound.  form->t is kept.  ZG_FAILED where an entry is not finite; a value
 * that overflows is +infinity. */
zg_status zg_support(zg_neuron_set set, const zg_set_form *form, double value[2], double rho[2]);

/* Safe upper bounds by the relaxation with a multiplier a weight, for binary neurons and pairs of
 * any width: how far any dual vector is certified without counting.  rho (2 x width, or NULL)
 * becomes the multipliers of both signs in the scale of t: with u_j^2 = 1 / width,
 *   Diag(rho, value - sum rho / width) -+ t >= 0, bordered;
 *   Diag(rho) -+ t >= 0, sum rho <= width value, otherwise (pairs: the same rho for both signs)
 * up to rounding.  ZG_UNSUPPORTED for other sets. */
zg_status zg_support_relaxed(zg_neuron_set set, const zg_set_form *form, double value[2],
                             double *rho);

/* The same value, with the neurons of a finite set that respond most (best).  Where neurons are too
 * many to be counted, values need only tell whether responses are beyond beta, and are bounds of
 * the relaxation while neurons are found that are.  ZG_UNSUPPORTED where there is no way to find
 * any (zg_support_finds). */
bool zg_support_finds(zg_neuron_set set, size_t width);
zg_status zg_support_best(zg_neuron_set set, const zg_set_form *form, double beta, double value[2],
                          zg_candidates *best);

#endif
