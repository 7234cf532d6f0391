/* CSV files (RFC 4180) to data sets, over libcsv: header detection, missing values, positions. */
#ifndef ZG_CORE_CSV_H
#define ZG_CORE_CSV_H

#include "core/dataset.h"

#include <stdio.h>

/* Reads all of stream; name is for messages. */
zg_status zg_csv_read(FILE *stream, const char *name, const zg_data_options *options,
                      zg_dataset **out, zg_error *error);

/* Writes features then targets, a header first, every number in the shortest form that reads back
 * equal. */
zg_status zg_csv_write(FILE *stream, const zg_dataset *dataset, zg_error *error);

#endif
