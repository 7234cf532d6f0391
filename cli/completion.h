/* Completion of command lines by shells: written from the tables of options. */
#ifndef ZG_CLI_COMPLETION_H
#define ZG_CLI_COMPLETION_H

#include "cli/options.h"

/* The part of a shell's script (bash, zsh or fish) that is about one command.  What comes before
 * and after all parts: with the names of the commands, each followed by its summary. */
void zg_cli_print_completion(const zg_cli_command *command, const zg_cli_option *options,
                             size_t count, const char *shell, FILE *out);
void zg_cli_completion_begin(const char *shell, const char *const (*commands)[2], size_t count,
                             FILE *out);
void zg_cli_completion_end(const char *shell, FILE *out);

#endif
