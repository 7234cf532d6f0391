/* Rows for a model that is there: matched by name, gaps filled as in training, no target needed. */
#ifndef ZG_CLI_MODEL_ROWS_H
#define ZG_CLI_MODEL_ROWS_H

#include "cli/inputs.h"
#include "core/network.h"

/* inputs->data into inputs->train, in its order, every row of it.  quiet: no notes. */
zg_status zg_model_rows_load(zg_inputs *inputs, const zg_network *network, bool quiet,
                             zg_error *error);

#endif
