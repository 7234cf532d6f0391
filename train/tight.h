/* The best bound on a problem, for a network that came from anywhere. */
#ifndef ZG_TRAIN_TIGHT_H
#define ZG_TRAIN_TIGHT_H

#include "train/training.h"

#define ZG_TIGHT_TOLERANCE 1e-9 /* relative gap that the solve for the bound aims at */

/* Solves the problem for its dual vector, and certifies the network anew with it.  Where that bound
 * is better than *certificate's, which comes filled in, it takes its place and *dual (outputs x
 * samples) is the caller's; else *dual stays as it is.  A solve that ended early still gives a
 * bound.  In a robust problem the copies that prove it stay with the network, *dual as it is. */
zg_status zg_tighten(const zg_problem *problem, const zg_method *method, const zg_value *values,
                     const zg_control *control, zg_listener listener, void *context,
                     zg_network *network, zg_certificate *certificate, double **dual,
                     zg_error *error);

#endif
