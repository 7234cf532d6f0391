/* Where the suites that come with the program lie. */
#ifndef ZG_CLI_SUITE_FILES_H
#define ZG_CLI_SUITE_FILES_H

#include <glob.h>
#include <stdbool.h>
#include <stddef.h>

/* All of them, in found, which is the caller's to globfree; false when there are none. */
bool zg_cli_suite_files(glob_t *found);

/* The suite that a word of the command line means: a file of that path (no folder), else an
 * installed suite by its path in the suites' folder, with or without .yaml ("quick", "quick.yaml",
 * "paper/losses"). Writes the path of the file to path (size bytes); a word that means nothing is
 * copied. */
void zg_cli_suite_path(const char *word, char *path, size_t size);

#endif
