/* `zerogap list data`: the catalogue as text or JSON. */
#ifndef ZG_CLI_LIST_DATA_H
#define ZG_CLI_LIST_DATA_H

#include <stdbool.h>

/* Prints one line (or one JSON object in an array) per data set to stdout. */
void zg_cli_list_data(bool json);

#endif
