/* FANN's training files: "rows inputs outputs", then for each row a line of inputs and one of
 * outputs. */
#ifndef ZG_DATA_FANN_H
#define ZG_DATA_FANN_H

#include "base/bytes.h"
#include "data/dataset.h"

/* Any white space separates numbers; their count must be what the first three say. */
zg_status zg_fann_read(const zg_bytes *bytes, const char *name, zg_dataset **out, zg_error *error);

#endif
