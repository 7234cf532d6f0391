/* Whether what a command is told to write would destroy something. */
#ifndef ZG_CLI_OUTPUT_CHECK_H
#define ZG_CLI_OUTPUT_CHECK_H

#include "cli/options.h"

/* Refuses outputs (options with `writes`, and the rows that certificates may have beside them) that
 * are an input of the command, a folder, another output (there or not, through links), or, without
 * an option `force` that was given, a file that the command would not have written. */
zg_status zg_cli_check_outputs(const zg_cli_option *options, size_t count, const char *const *rest,
                               size_t rest_count, zg_error *error);

#endif
