/*
 * The best output weights of given neurons, from sums over samples.
 *
 * A dual iterate of a program whose columns differ much in size may be near its optimum while the
 * primal blocks lost too many digits to predict what it says.  The neurons in these blocks are good
 * all the same: with them alone, a regression with an l1 penalty over a few columns remains.
 */
#ifndef ZG_SOLVERS_STREAM_WEIGHTS_H
#define ZG_SOLVERS_STREAM_WEIGHTS_H

#include "solvers/stream_judge.h"

/* Replaces the weights of the judge's output by those with the least objective over the network's
 * neurons, as far as rounding allows; loss is the squared one.  ZG_FAILED, and the network as it
 * was, where that is not possible. */
zg_status zg_sums_best_weights(zg_sums_judge *judge, zg_loss loss, zg_network *network);

#endif
