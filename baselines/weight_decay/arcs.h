/*
 * Weight decay with two inputs, over all networks: certified bounds by branching on arcs.
 *
 * With sigma(t) = a t^2 a network is f(x) = a x'Zx, Z symmetric 2 x 2, and the best network of a
 * given Z has Z's eigenvectors as neurons (the power sum is concave, docs/weight-decay.md).  So any
 * number of neurons comes down to an angle and two weights: Z = w_1 u u' + w_2 u^ u^', u at the
 * angle theta in [0, pi/2], u^ at right angles to it.  Boxes are an arc of theta times two
 * intervals.  For any multipliers v = y - F z the Lagrangian bound is y'y/2 - z'Gz/2 + sum_j min
 * over the arc and the interval of lambda |w_j|^p - w_j s_j(theta), s_j = v'response, whose range
 * over an arc has a closed form: the response enlarged by its variation.  Arcs are halved until
 * what is left is proven worse than the incumbent.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_ARCS_H
#define ZG_BASELINES_WEIGHT_DECAY_ARCS_H

#include "baselines/weight_decay/tree.h"
#include "core/network.h"

/* Samples that the error analysis covers. */
#define ZG_ARCS_SAMPLE_LIMIT 500000

typedef struct zg_arcs_result {
    zg_network *network; /* at most two neurons; the caller's */
    double objective;    /* of it, as this search evaluates it */
    double bound;        /* safe lower bound over all networks, never negative */
    double outside;      /* safe lower bound of the networks with a weight outside the root box */
    long nodes, pivots;  /* pivots: always 0 */
    double seconds;
    bool complete;
} zg_arcs_result;

/* Of the options tolerance, seconds, clock, seed, notify (with w NULL) and context count.  The
 * problem: two inputs, one output, dense, sigma(t) = a t^2 with a > 0 or a < 0, squared loss,
 * power penalty, no sample weights; else ZG_UNSUPPORTED.  ZG_BAD_INPUT where squares of the targets
 * overflow.  ZG_TIMEOUT and ZG_STOPPED come with a valid result. */
zg_status zg_arcs_solve(const zg_problem *problem, const zg_decay_options *options,
                        zg_arcs_result *result, zg_error *error);

#endif
