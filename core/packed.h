/* Networks of a finite neuron set as packed bits (docs/model.md): what a small device needs of one.
 */
#ifndef ZG_CORE_PACKED_H
#define ZG_CORE_PACKED_H

#include "core/network.h"

/* Writes the network to path.  ZG_UNSUPPORTED where its neurons may have any weights, ZG_BAD_INPUT
 * where one is not of its set. */
zg_status zg_packed_write(const char *path, const zg_network *network, zg_error *error);

#endif
