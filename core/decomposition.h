/* Neural Decomposition: from positive semidefinite matrices to neurons. */
#ifndef ZG_CORE_DECOMPOSITION_H
#define ZG_CORE_DECOMPOSITION_H

#include "core/network.h"

/* Decomposes z (order x order, symmetric, PSD up to rounding, <R, z> = 0 up to a relative 1e-2)
 * as sum_j alpha_j [u_j; 1][u_j; 1]' with unit u_j and alpha_j > 0.
 * u: room for order x (order - 1) row-major; alpha: order.  *count <= rank of z.
 * relative_cutoff: eigenvalues below cutoff * largest are dropped (1e-12 is a good value).
 * Polik and Terlaky, "A survey of the S-lemma", Lemma 2.4; Sturm and Zhang 2003. */
zg_status zg_decompose(size_t order, const double *z, double relative_cutoff, double *u,
                       double *alpha, size_t *count);

/* Adds the neurons of z and zn (groups pointers each; NULL zn is zero) as one output of the
 * network; unbordered lifts give eigenpairs. */
zg_status zg_network_add_blocks(zg_network *network, const zg_lift *lift, size_t output,
                                double *const *z, double *const *zn, double relative_cutoff);

#endif
