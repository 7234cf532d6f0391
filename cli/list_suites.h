/* `zerogap list suites`: the suites that come with the program, as text or JSON. */
#ifndef ZG_CLI_LIST_SUITES_H
#define ZG_CLI_LIST_SUITES_H

#include <stdbool.h>

/* Prints one line (or one JSON object in an array) per suite to stdout. */
void zg_cli_list_suites(bool json);

#endif
