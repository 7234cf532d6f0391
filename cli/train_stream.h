/* `zerogap train --stream`: training on rows that are read once, in bounded memory. */
#ifndef ZG_CLI_TRAIN_STREAM_H
#define ZG_CLI_TRAIN_STREAM_H

#include "cli/inputs.h"
#include "core/method.h"

/* Trains and prints; the network goes to the file model unless that is NULL.  The exit status. */
int zg_cli_train_stream(zg_inputs *inputs, const zg_control *control, const char *model, bool json);

#endif
