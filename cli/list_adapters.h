/* Printing the adapters of other solvers. */
#ifndef ZG_CLI_LIST_ADAPTERS_H
#define ZG_CLI_LIST_ADAPTERS_H

#include <stdbool.h>

/* The user's and those that come with the program, with what is wrong with a file. */
void zg_cli_list_adapters(bool json);

#endif
